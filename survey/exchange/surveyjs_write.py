"""A bank document as a SurveyJS definition: pages, panels, questions and conditions.

Scores stand beside the choices as `score`, which SurveyJS keeps and ignores; what else a bank has
and a questionnaire has not is among the losses.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from survey.exchange.bank_parts import Written
from survey.exchange.bank_questions import (
    Block,
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
    number,
    pages,
    units,
    whole_pattern,
    with_unit,
    words,
)
from survey.exchange.loss import Loss

Made = dict[str, Any]

_NAME = "SurveyJS"
_TAKEN = Taken(bank=frozenset({"summary"}), chosen=frozenset({"points"}))
_STATES = (
    ("yes", "是", "Yes"),
    ("no", "否", "No"),
    ("unknown", "不清楚", "Don't know"),
    ("not-applicable", "不适用", "Not applicable"),
)


def write(data: dict[str, Any]) -> Written:
    """The same document gives the same bytes."""
    losses = left_out(data, _NAME, _TAKEN)
    writer = _Writer(losses)
    made: Made = {"title": _text(data.get("title")), "description": _text(data.get("summary"))}
    made["clearInvisibleValues"] = "onHidden"
    made["pages"] = [writer.page(page) for page in pages(data)]
    content = json.dumps(_filled(made), ensure_ascii=False, indent=2) + "\n"
    return Written(content.encode(), tuple(losses))


def _text(value: object) -> Made:
    """English is what SurveyJS falls back to; Chinese stands under its own tag."""
    found = words(value)
    return {tag: found[name] for tag, name in (("default", "en"), ("zh-cn", "zh")) if name in found}


def _filled(made: Made) -> Made:
    return {name: value for name, value in made.items() if value not in ({}, "", None)}


class _Writer:
    """Writes pages and their elements, and gathers what was lost."""

    def __init__(self, losses: list[Loss]) -> None:
        self.losses = losses
        self.conditions = Conditions(_SPEECH, losses)

    def page(self, page: Page) -> Made:
        is_plain = len(page.blocks) == 1 and not page.blocks[0].title
        elements = (
            [self.element(question) for question in page.blocks[0].questions]
            if is_plain
            else [self.panel(block) for block in page.blocks]
        )
        return _filled(
            {
                "name": page.key,
                "title": _text(page.title),
                "description": _text(page.summary),
                "elements": elements,
            }
        )

    def panel(self, block: Block) -> Made:
        elements = [self.element(question) for question in block.questions]
        made = {"type": "panel", "name": block.key, "title": _text(block.title)}
        return _filled({**made, "elements": elements})

    def element(self, question: Data) -> Made:
        kind = str(question.get("kind", ""))
        key = str(question.get("key", ""))
        made: Made = {"type": "text", "name": key, "title": _text(question.get("prompt"))}
        made["description"] = _text(question.get("help"))
        if question.get("required") is True:
            made["isRequired"] = True
        made["visibleIf"] = self.conditions.of(question)
        shape = _KINDS.get(kind, _plain)(question)
        if kind in _CHANGED:
            facts = {"format": _NAME, "kind": kind, "question": key, "became": str(shape["type"])}
            self.losses.append(Loss("loss-kind-written", f"questions/{key}", facts))
        return _filled({**made, **shape})


# ------------------------------------------------------------------- the kinds


def _choices(parts: object) -> list[Made]:
    return [
        _filled(
            {
                "value": part.get("key"),
                "text": _text(part.get("label")),
                "score": _number(part.get("points")),
            }
        )
        for part in dicts(parts)
    ]


def _number(value: object) -> int | float | None:
    """A number of a document as JSON has it; SurveyJS knows no exact fractions."""
    given = number(value)
    return None if given is None else _as_json(given)


def _as_json(given: Decimal) -> int | float:
    return int(given) if given == given.to_integral_value() else float(given)


def _plain(_question: Data) -> Made:
    return {"type": "comment"}


def _one(question: Data) -> Made:
    return {"type": "radiogroup", "choices": _choices(question.get("options"))}


def _many(question: Data) -> Made:
    made: Made = {"type": "checkbox", "choices": _choices(question.get("options"))}
    none = excluding(question)
    if none is not None:
        key = question.get("key")
        made["validators"] = [_must(f"{{{key}}} notcontains '{none}' or {{{key}.length}} = 1")]
    return made


def _figure(question: Data) -> Made:
    low, high = limits(question)
    return {
        "type": "text",
        "inputType": "number",
        "description": _text(help_and_unit(question)),
        "min": None if low is None else _as_json(low),
        "max": None if high is None else _as_json(high),
        "step": _as_json(Decimal(1).scaleb(-decimals(question))),
    }


def _quotient(question: Data) -> Made:
    names = ("numerator", "denominator")
    above, below = (f"{{{question.get('key')}.{name}}}" for name in names)
    items: list[Made] = []
    for name, unit in zip(names, units(question), strict=True):
        title = _text(with_unit(words(question.get(name)), unit))
        items.append({"name": name, "title": title, "inputType": "number", "min": 0})
        if question.get("required") is True:
            items[-1]["isRequired"] = True
    items[1]["validators"] = [_must(f"{below} > 0")]
    made: Made = {"type": "multipletext", "items": items}
    if question.get("may_exceed") is not True:
        made["validators"] = [_must(f"{above} empty or {below} empty or {above} <= {below}")]
    return made


def _must(expression: str) -> Made:
    return {"type": "expression", "expression": expression}


def _table(question: Data) -> Made:
    return _lines(question, _choices(question.get("states")), question.get("rows"))


def _statements(question: Data) -> Made:
    columns = [{"value": key, "text": {"default": en, "zh-cn": zh}} for key, zh, en in _STATES]
    return _lines(question, columns, question.get("statements"))


def _lines(question: Data, columns: list[Made], parts: object) -> Made:
    """A table; one that has to be answered has to be in every line."""
    rows = [{"value": row.get("key"), "text": _text(row.get("label"))} for row in dicts(parts)]
    made: Made = {"type": "matrix", "columns": columns, "rows": rows}
    return {**made, "isAllRowRequired": True} if question.get("required") is True else made


def _open(question: Data) -> Made:
    made: Made = {"type": "text", "maxLength": longest(question)}
    pattern = whole_pattern(question)
    if pattern:
        made["validators"] = [{"type": "regex", "regex": pattern}]
    return made


_KINDS: Mapping[str, Callable[[Data], Made]] = {
    "choice": _one,
    "ladder": _one,
    "multiple": _many,
    "number": _figure,
    "ratio": _quotient,
    "matrix": _table,
    "yes-no": _statements,
    "text": _open,
    "benchmark": _figure,
    "requirements": _table,
}
_CHANGED = {"ratio", "benchmark", "requirements", "yes-no"}


# ------------------------------------------------------------------ conditions


def _one_of(question: Data, keys: Sequence[str]) -> str:
    """`contains` would find a key inside of another where one answer is chosen."""
    name = f"{{{question.get('key')}}}"
    if len(keys) == 1 and question.get("kind") != "multiple":
        return f"{name} = '{keys[0]}'"
    return f"{name} anyof [{', '.join(f'{chr(39)}{key}{chr(39)}' for key in keys)}]"


def _reaches(question: Data, least: str) -> str:
    """What SurveyJS multiplies it rounds; an open number is nothing there, which is below 1."""
    key = question.get("key")
    if question.get("kind") == "number":
        return f"{{{key}}} >= {least}"
    above, below = f"{{{key}.numerator}}", f"{{{key}.denominator}}"
    return f"{above} notempty and {below} > 0 and {above} * 100 >= {below} * {least}"


_SPEECH = Speech(_one_of, _reaches, denied="!({})", never="false")
