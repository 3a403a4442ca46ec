"""A bank document as a plain XLSForm, which any system of that family takes: no columns of ours.

A ladder and a choice are `select_one`, a table is one question for each of its lines, a ratio two
numbers. What else a bank has is among the losses.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from survey.core.errors import Facts
from survey.exchange import xlsx
from survey.exchange.bank_parts import Written
from survey.exchange.bank_questions import (
    Conditions,
    Data,
    Page,
    Speech,
    Taken,
    decimals,
    dicts,
    excluding,
    help_and_unit,
    left_out,
    limits,
    longest,
    pages,
    units,
    whole_pattern,
    with_unit,
    words,
)
from survey.exchange.loss import Loss
from survey.exchange.xlsx import Cell, Look, Properties, Sheet

_NAME = "XLSForm"
_TAKEN = Taken(bank=frozenset({"key", "version"}))
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
_GROUPED = {"ratio", "matrix", "requirements", "yes-no"}
_NO_LABEL = "-"
_DAY = date(2020, 1, 1)
"""Of all files, so that the same document gives the same bytes."""

Row = dict[str, str]


def write(data: dict[str, Any]) -> Written:
    """The same document gives the same bytes."""
    writer = _Writer()
    rows = [row for page in pages(data) for row in writer.page(page)]
    title = words(data.get("title"))
    for locale in [*title][1:]:
        facts: Facts = {"format": _NAME, "field": f"title/{locale}", "count": 1}
        writer.losses.append(Loss("loss-no-place", "bank", facts))
    settings = {
        "form_title": _first(title),
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
    losses = (*left_out(data, _NAME, _TAKEN), *writer.losses)
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
        self.conditions = Conditions(_SPEECH, self.losses)

    def page(self, page: Page) -> Iterator[Row]:
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
        row |= {} if kind in _GROUPED else _labels(words(question.get("help")), "hint")
        row["required"] = "yes" if question.get("required") is True else ""
        row["relevant"] = self.conditions.of(question)
        match kind:
            case "choice" | "ladder" | "multiple":
                self.list_of(row["name"], question.get("options"))
                word = "select_multiple" if kind == "multiple" else "select_one"
                row["constraint"] = _excluding(question) if kind == "multiple" else ""
                yield {**row, "type": f"{word} {row['name']}"}
            case "number" | "benchmark":
                shape = {"type": "decimal" if decimals(question) else "integer"}
                hints = _labels(help_and_unit(question), "hint")
                yield {**row, **hints, **shape, "constraint": _range(question)}
            case "ratio":
                yield from self.grouped("ratio", row, question, self.two_numbers(row, question))
            case "matrix" | "requirements":
                self.list_of(row["name"], question.get("states"))
                lines = self.lines(row, question.get("rows"))
                yield from self.grouped("table", row, question, lines)
            case "yes-no":
                labels = [_labels({"zh": zh, "en": en}) for _, zh, en in _STATES]
                for (name, _, _), label in zip(_STATES, labels, strict=True):
                    self.choices.append({"list_name": row["name"], "name": name, **label})
                lines = self.lines(row, question.get("statements"))
                yield from self.grouped("table", row, question, lines)
            case _:
                yield {**row, "type": "text", "constraint": _typed(question)}
        if kind in {"benchmark", "ratio", "matrix", "requirements", "yes-no"}:
            became = {"benchmark": "decimal", "ratio": "decimal"}.get(kind, "select_one")
            facts = {"format": _NAME, "kind": kind, "question": key, "became": became}
            self.losses.append(Loss("loss-kind-written", f"questions/{key}", facts))

    def list_of(self, name: str, parts: object) -> None:
        for part in dicts(parts):
            row = {"list_name": name, "name": str(part.get("key", ""))}
            self.choices.append({**row, **_labels(words(part.get("label")))})

    def grouped(self, word: str, row: Row, question: Data, lines: Iterator[Row]) -> Iterator[Row]:
        """Several questions for one, with its words; a group has no hint, so its help is a note."""
        name = row["name"]
        labels = _labels(words(question.get("prompt")))
        begin = {"type": "begin_group", "name": f"{word}_{name}", "relevant": row["relevant"]}
        yield {**begin, **labels}
        if words(question.get("help")):
            helps = _labels(words(question.get("help")))
            yield {"type": "note", "name": f"help_{name}", **helps}
        yield from lines
        yield {"type": "end_group"}

    def lines(self, row: Row, parts: object) -> Iterator[Row]:
        """One question for each line of a table."""
        for part in dicts(parts):
            name = f"{row['name']}_{_name(str(part.get('key', '')))}"
            line = {"type": f"select_one {row['name']}", "name": name, "required": row["required"]}
            yield {**line, **_labels(words(part.get("label")))}

    def two_numbers(self, row: Row, question: Data) -> Iterator[Row]:
        above = f"${{{row['name']}_numerator}}"
        positive = ". > 0" if question.get("may_exceed") is True else f". > 0 and not({above} > .)"
        limited = (("numerator", ". >= 0"), ("denominator", positive))
        for (name, constraint), unit in zip(limited, units(question), strict=True):
            line = {"type": "decimal", "name": f"{row['name']}_{name}", "constraint": constraint}
            labels = _labels(with_unit(words(question.get(name)), unit))
            yield {**line, **labels, "required": row["required"]}


# ----------------------------------------------------------------- conditions


def _one_of(question: Data, keys: Sequence[str]) -> str:
    asked = f"${{{_name(str(question.get('key')))}}}"
    return " or ".join(f"selected({asked}, '{key}')" for key in keys)


def _reaches(question: Data, number: str) -> str:
    """An open number is not above anything, and what is no number is never rounded."""
    name = _name(str(question.get("key")))
    if question.get("kind") == "number":
        return f"${{{name}}} >= {number}"
    above, below = f"${{{name}_numerator}}", f"${{{name}_denominator}}"
    quotient = f"round(100 * {above} div {below}, 6)"
    return f"{above} >= 0 and {below} > 0 and {quotient} >= {number}"


_SPEECH = Speech(_one_of, _reaches, denied="not({})", never="false()")


def _name(key: str) -> str:
    """A key as a name in a form, where one begins with a letter."""
    return key if key[:1].isalpha() else f"q_{key}"


def _excluding(question: Data) -> str:
    none = excluding(question)
    return "" if none is None else f"not(selected(., '{none}')) or count-selected(.) = 1"


def _typed(question: Data) -> str:
    """What limits a text."""
    length = f"string-length(.) <= {longest(question)}"
    pattern = whole_pattern(question)
    quote = '"' if "'" in (pattern or "") else "'"
    return length if pattern is None else f"{length} and regex(., {quote}{pattern}{quote})"


def _range(question: Data) -> str:
    """The limits of a figure; a whole number says itself that it has no decimals."""
    signed = zip((">=", "<="), limits(question), strict=True)
    found = [f". {sign} {number:f}" for sign, number in signed if number is not None]
    places = decimals(question)
    return " and ".join([*found, *([f". = round(., {places})"] if places else [])])
