"""A bank document as a plain XLSForm, which any system of that family takes: no columns of ours.

A ladder and a choice are `select_one`, a table is one question for each of its lines, a ratio two
numbers. What else a bank has is among the losses.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from survey.core.errors import Facts
from survey.exchange import xlsx
from survey.exchange.bank_parts import Written
from survey.exchange.bank_questions import Data, dicts, left_out, pages, words
from survey.exchange.loss import Loss
from survey.exchange.xlsx import Cell, Look, Properties, Sheet

_NAME = "XLSForm"
_LANGUAGES = (("zh", "中文 (zh)"), ("en", "English (en)"))
_SURVEY = (
    "type", "name", *(f"label::{name}" for _, name in _LANGUAGES),
    *(f"hint::{name}" for _, name in _LANGUAGES), "required", "relevant", "constraint",
)  # fmt: skip
_CHOICES = ("list_name", "name", *(f"label::{name}" for _, name in _LANGUAGES))
_SETTINGS = ("form_title", "form_id", "version", "default_language")
_STATES = (
    ("yes", "是", "Yes"),
    ("no", "否", "No"),
    ("unknown", "不清楚", "Don't know"),
    ("not-applicable", "不适用", "Not applicable"),
)
_NO_LABEL = "-"
_DAY = date(2020, 1, 1)
"""Of all files, so that the same document gives the same bytes."""

Row = dict[str, str]


def write(data: dict[str, Any]) -> Written:
    """The same document gives the same bytes."""
    writer = _Writer()
    rows = [row for page in pages(data) for row in writer.page(page)]
    settings = {
        "form_title": _first(words(data.get("title"))),
        "form_id": str(data.get("key") or "bank"),
        "version": str(data.get("version") or "1"),
        "default_language": _LANGUAGES[0][1],
    }
    sheets = (
        _sheet("survey", _SURVEY, rows),
        _sheet("choices", _CHOICES, writer.choices),
        _sheet("settings", _SETTINGS, [settings]),
    )
    properties = Properties("Qizhen", settings["form_title"], settings["form_id"], "zh-CN", _DAY)
    losses = (*left_out(data, _NAME), *writer.losses)
    return Written(xlsx.written(sheets, properties), losses)


def _sheet(title: str, heads: tuple[str, ...], rows: list[Row]) -> Sheet:
    lines = [[Cell(head, Look.HEAD) for head in heads]]
    lines += [[Cell(row.get(head) or None) for head in heads] for row in rows]
    return Sheet(title, [24] * len(heads), lines)


def _first(texts: Mapping[str, str]) -> str:
    return next(iter(texts.values()), _NO_LABEL)


def _labels(texts: Mapping[str, str], field: str = "label") -> Row:
    """A text in each language; where one is missing, the other, which a form cannot do without."""
    return {
        f"{field}::{name}": texts.get(locale) or (_first(texts) if field == "label" else "")
        for locale, name in _LANGUAGES
    }


class _Writer:
    """Writes questions, and gathers their choices and what was lost."""

    def __init__(self) -> None:
        self.choices: list[Row] = []
        self.losses: list[Loss] = []
        self.kinds: dict[str, str] = {}

    def page(self, page: Any) -> Iterator[Row]:
        yield {"type": "begin_group", "name": f"page_{_name(page.key)}", **_labels(page.title)}
        if page.summary:
            name = f"summary_{_name(page.key)}"
            yield {"type": "note", "name": name, **_labels(page.summary)}
        for block in page.blocks:
            if block.title:
                name = f"part_{_name(block.key)}"
                yield {"type": "begin_group", "name": name, **_labels(block.title)}
            for question in block.questions:
                yield from self.question(question)
            if block.title:
                yield {"type": "end_group"}
        yield {"type": "end_group"}

    def question(self, question: Data) -> Iterator[Row]:
        kind, key = str(question.get("kind", "")), str(question.get("key", ""))
        row: Row = {"name": _name(key)}
        row |= _labels(words(question.get("prompt")))
        row |= _labels(words(question.get("help")), "hint")
        row["required"] = "yes" if question.get("required") is True else ""
        when = question.get("when")
        row["relevant"] = self.condition(when, 0) if isinstance(when, dict) else ""
        self.kinds[key] = kind
        match kind:
            case "choice" | "ladder" | "multiple":
                self.list_of(row["name"], question.get("options"))
                word = "select_multiple" if kind == "multiple" else "select_one"
                row["constraint"] = _excluding(question) if kind == "multiple" else ""
                yield {**row, "type": f"{word} {row['name']}"}
            case "number" | "benchmark":
                whole = kind == "number" and not question.get("decimals")
                unit = _labels(words(question.get("unit")), "hint")
                hints = {name: row.get(name) or unit[name] for name in unit}
                shape = {"type": "integer" if whole else "decimal", "constraint": _range(question)}
                yield {**row, **hints, **shape}
            case "ratio":
                yield from self.two_numbers(row, question)
            case "matrix" | "requirements":
                self.list_of(row["name"], question.get("states"))
                yield from self.lines(row, question.get("rows"))
            case "yes-no":
                labels = [_labels({"zh": zh, "en": en}) for _, zh, en in _STATES]
                for (name, _, _), label in zip(_STATES, labels, strict=True):
                    self.choices.append({"list_name": row["name"], "name": name, **label})
                yield from self.lines(row, question.get("statements"))
            case _:
                yield {**row, "type": "text", "constraint": _length(question)}
        if kind in {"benchmark", "ratio", "matrix", "requirements", "yes-no"}:
            became = {"benchmark": "decimal", "ratio": "decimal"}.get(kind, "select_one")
            facts = {"format": _NAME, "kind": kind, "question": key, "became": became}
            self.losses.append(Loss("loss-kind-written", f"questions/{key}", facts))

    def list_of(self, name: str, parts: object) -> None:
        for part in dicts(parts):
            row = {"list_name": name, "name": str(part.get("key", ""))}
            self.choices.append({**row, **_labels(words(part.get("label")))})

    def lines(self, row: Row, parts: object) -> Iterator[Row]:
        """One question for each line of a table, in a group that has its words."""
        group = {name: text for name, text in row.items() if not name.startswith("required")}
        yield {**group, "type": "begin_group", "name": f"table_{row['name']}"}
        for part in dicts(parts):
            name = f"{row['name']}_{_name(str(part.get('key', '')))}"
            line = {"type": f"select_one {row['name']}", "name": name, "required": row["required"]}
            yield {**line, **_labels(words(part.get("label")))}
        yield {"type": "end_group"}

    def two_numbers(self, row: Row, question: Data) -> Iterator[Row]:
        group = {name: text for name, text in row.items() if not name.startswith("required")}
        yield {**group, "type": "begin_group", "name": f"ratio_{row['name']}"}
        for name in ("numerator", "denominator"):
            line = {"type": "decimal", "name": f"{row['name']}_{name}", "constraint": ". >= 0"}
            labels = _labels(words(question.get(name)))
            yield {**line, **labels, "required": row["required"]}
        yield {"type": "end_group"}

    # ------------------------------------------------------------- conditions

    def condition(self, when: Mapping[str, Any], depth: int) -> str:
        """A condition in XPath; nothing for what is none, which a draft may have."""
        if depth > 40:
            return ""
        for name, word in (("all", " and "), ("any", " or ")):
            if name in when:
                parts = [self.condition(part, depth + 1) for part in dicts(when[name])]
                return word.join(f"({part})" for part in parts if part)
        inner = when.get("not")
        if isinstance(inner, dict):
            said = self.condition(inner, depth + 1)
            return f"not({said})" if said else ""
        key = str(when.get("question", ""))
        if key not in self.kinds:
            return ""
        asked = f"${{{_name(key)}}}"
        if "at_least" in when:
            return self.at_least(key, asked, when["at_least"])
        options = when.get("in")
        keys = [str(each) for each in options] if isinstance(options, list) else []
        return " or ".join(f"selected({asked}, '{each}')" for each in keys)

    def at_least(self, key: str, asked: str, number: object) -> str:
        if self.kinds[key] in {"number", "benchmark"}:
            return f"{asked} >= {number}"
        if self.kinds[key] == "ratio":
            name = _name(key)
            return f"100 * ${{{name}_numerator}} div ${{{name}_denominator}} >= {number}"
        facts: Facts = {"format": _NAME, "field": "when/at_least", "count": 1}
        self.losses.append(Loss("loss-no-place", f"questions/{key}", facts))
        return ""


def _name(key: str) -> str:
    """A key as a name in a form, where one begins with a letter."""
    return key if key[:1].isalpha() else f"q_{key}"


def _excluding(question: Data) -> str:
    none = question.get("none")
    return f"not(selected(., '{none}')) or count-selected(.) = 1" if none else ""


def _range(question: Data) -> str:
    limits = []
    for name, sign in (("minimum", ">="), ("maximum", "<=")):
        number = question.get(name)
        if isinstance(number, int | str | Decimal) and not isinstance(number, bool):
            limits.append(f". {sign} {number}")
    return " and ".join(limits)


def _length(question: Data) -> str:
    longest = question.get("maximum_length")
    return f"string-length(.) <= {longest}" if isinstance(longest, int) else ""
