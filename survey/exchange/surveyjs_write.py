"""A bank document as a SurveyJS definition: pages, panels, questions and conditions.

Scores stand beside the choices as `score`, which SurveyJS keeps and ignores; what else a bank has
and a questionnaire has not is among the losses.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from survey.exchange.bank_parts import Written
from survey.exchange.bank_questions import Block, Data, Page, dicts, left_out, pages, words
from survey.exchange.loss import Loss

Made = dict[str, Any]

_NAME = "SurveyJS"
_STATES = (
    ("yes", "是", "Yes"),
    ("no", "否", "No"),
    ("unknown", "不清楚", "Don't know"),
    ("not-applicable", "不适用", "Not applicable"),
)
_DEEPEST = 40


def write(data: dict[str, Any]) -> Written:
    """The same document gives the same bytes."""
    losses = left_out(data, _NAME, frozenset({"points"}))
    made: Made = {"title": _text(data.get("title")), "description": _text(data.get("summary"))}
    made["pages"] = [_page(page, losses) for page in pages(data)]
    content = json.dumps(_filled(made), ensure_ascii=False, indent=2) + "\n"
    return Written(content.encode(), tuple(losses))


def _text(value: object) -> Made:
    """English is what SurveyJS falls back to; Chinese stands under its own tag."""
    found = words(value)
    return {tag: found[name] for tag, name in (("default", "en"), ("zh-cn", "zh")) if name in found}


def _filled(made: Made) -> Made:
    return {name: value for name, value in made.items() if value not in ({}, "", None)}


def _page(page: Page, losses: list[Loss]) -> Made:
    is_plain = len(page.blocks) == 1 and not page.blocks[0].title
    elements = (
        [_element(question, losses) for question in page.blocks[0].questions]
        if is_plain
        else [_panel(block, losses) for block in page.blocks]
    )
    return _filled(
        {
            "name": page.key,
            "title": _text(page.title),
            "description": _text(page.summary),
            "elements": elements,
        }
    )


def _panel(block: Block, losses: list[Loss]) -> Made:
    elements = [_element(question, losses) for question in block.questions]
    made = {"type": "panel", "name": block.key, "title": _text(block.title)}
    return _filled({**made, "elements": elements})


def _element(question: Data, losses: list[Loss]) -> Made:
    kind = str(question.get("kind", ""))
    key = str(question.get("key", ""))
    made: Made = {"type": "text", "name": key, "title": _text(question.get("prompt"))}
    made["description"] = _text(question.get("help"))
    if question.get("required") is True:
        made["isRequired"] = True
    when = question.get("when")
    if isinstance(when, dict):
        made["visibleIf"] = _condition(when, 0)
    shape = _KINDS.get(kind, _plain)(question)
    if kind in _CHANGED:
        facts = {"format": _NAME, "kind": kind, "question": key, "became": str(shape["type"])}
        losses.append(Loss("loss-kind-written", f"questions/{key}", facts))
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
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _plain(_question: Data) -> Made:
    return {"type": "comment"}


def _one(question: Data) -> Made:
    return {"type": "radiogroup", "choices": _choices(question.get("options"))}


def _many(question: Data) -> Made:
    made: Made = {"type": "checkbox", "choices": _choices(question.get("options"))}
    none = question.get("none")
    excluding = [choice for choice in made["choices"] if none and choice.get("value") == none]
    if excluding:
        made["validators"] = [
            {
                "type": "expression",
                "expression": f"{{{question.get('key')}}} notcontains '{none}' "
                f"or {{{question.get('key')}.length}} = 1",
            }
        ]
    return made


def _figure(question: Data) -> Made:
    decimals = question.get("decimals", 0)
    exponent = decimals if isinstance(decimals, int) and 0 <= decimals <= 6 else 0
    return {
        "type": "text",
        "inputType": "number",
        "min": _number(question.get("minimum")),
        "max": _number(question.get("maximum")),
        "step": _number(f"{Decimal(1).scaleb(-exponent):f}"),
        "minErrorText": None,
        "placeholder": _text(question.get("unit")),
    }


def _quotient(question: Data) -> Made:
    items = []
    for name in ("numerator", "denominator"):
        number = {"inputType": "number", "min": 0}
        items.append({"name": name, "title": _text(question.get(name)), **number})
    return {"type": "multipletext", "items": items}


def _table(question: Data) -> Made:
    rows = [
        {"value": row.get("key"), "text": _text(row.get("label"))}
        for row in dicts(question.get("rows"))
    ]
    return {"type": "matrix", "columns": _choices(question.get("states")), "rows": rows}


def _statements(question: Data) -> Made:
    columns = [{"value": key, "text": {"default": en, "zh-cn": zh}} for key, zh, en in _STATES]
    rows = [
        {"value": row.get("key"), "text": _text(row.get("label"))}
        for row in dicts(question.get("statements"))
    ]
    return {"type": "matrix", "columns": columns, "rows": rows}


def _open(question: Data) -> Made:
    made: Made = {"type": "text", "maxLength": question.get("maximum_length", 200)}
    pattern = question.get("pattern")
    if isinstance(pattern, str):
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


def _condition(when: Mapping[str, Any], depth: int) -> str:
    """A condition as SurveyJS writes one; nothing for what is none, which a draft may have."""
    if depth > _DEEPEST:
        return ""
    for name, word in (("all", " and "), ("any", " or ")):
        if name in when:
            parts = [_condition(part, depth + 1) for part in dicts(when[name])]
            return word.join(f"({part})" for part in parts if part)
    inner = when.get("not")
    if isinstance(inner, dict):
        said = _condition(inner, depth + 1)
        return f"!({said})" if said else ""
    name = f"{{{when.get('question', '')}}}"
    if "at_least" in when:
        return f"{name} >= {_number(when['at_least'])}"
    options = when.get("in")
    keys = [str(key).replace("'", "") for key in options] if isinstance(options, list) else []
    if not keys:
        return ""
    if len(keys) == 1:
        return f"{name} contains '{keys[0]}'"
    return f"{name} anyof [{', '.join(f'{chr(39)}{key}{chr(39)}' for key in keys)}]"
