"""New parts of a bank as they begin: their texts empty, everything else something that works.

What they are called follows the list they stand in; a question also has its kind.
"""

from collections.abc import Callable, Mapping
from typing import Any

from survey.core.bank import Kind
from survey.core.places import Place

Plain = dict[str, Any]

_STEPS = 6
"""A new ladder goes from 0 to 5, as the levels of a question do."""


def text() -> Plain:
    return {"zh": "", "en": ""}


def _labelled(key: str, **more: Any) -> Plain:
    return {"key": key, **more, "label": text()}


def share() -> Plain:
    return {"label": text(), "percent": 0}


def rule_condition() -> Plain:
    return {"key": "condition", "label": text(), "where": text()}


def edition() -> Plain:
    named = {"key": "edition", "title": text(), "summary": text()}
    return {**named, "minutes": 10, "questions": []}


def programme() -> Plain:
    named = {"key": "programme", "title": text(), "source": ""}
    return {**named, "conditions": [rule_condition()]}


def distribution() -> Plain:
    named = {"key": "distribution", "title": text(), "year": 2025, "base": text()}
    return {**named, "shares": [share()], "source": "", "caution": text()}


def hint() -> Plain:
    return {"key": "hint", "text": text()}


def term() -> Plain:
    return {"key": "term", "term": text(), "meaning": text()}


def source() -> Plain:
    return {"key": "source", "title": text(), "edition": ""}


def domain() -> Plain:
    ladder = question(Kind.LADDER) | {"weight": 100}
    return {"key": "domain", "title": text(), "weight": 0, "questions": [ladder]}


def section() -> Plain:
    named = {"key": "section", "code": "A", "title": text(), "short": text(), "summary": text()}
    return {**named, "theme": "digital", "weight": 0, "domains": [domain() | {"weight": 100}]}


def page() -> Plain:
    """The profile, or the key figures."""
    return {"title": text(), "summary": text(), "questions": [question(Kind.NUMBER)]}


# ------------------------------------------------------------------- questions


def question(kind: Kind) -> Plain:
    """A question that counts nothing yet: its weight is 0, so that no sum is broken."""
    return {"key": "question", "kind": kind.value, "prompt": text(), **_OF_KIND[kind]()}


def _options(*points: int | None) -> list[Plain]:
    return [
        {"key": f"option-{at}", **({} if earned is None else {"points": earned}), "label": text()}
        for at, earned in enumerate(points, 1)
    ]


def _steps() -> list[Plain]:
    return [
        {"key": f"level-{number}", "points": number, "label": text()} for number in range(_STEPS)
    ]


def _states() -> list[Plain]:
    names = ("none", "part", "all")
    return [{"key": key, "points": at, "label": text()} for at, key in enumerate(names)]


def _choice() -> Plain:
    return {"options": _options(None, None)}


def _ladder() -> Plain:
    return {"weight": 0, "options": _steps()}


def _multiple() -> Plain:
    none = {"key": "none", "label": text()}
    return {"weight": 0, "none": "none", "options": [*_options(None, None), none]}


def _number() -> Plain:
    return {"weight": 0, "unit": text(), "minimum": 0, "maximum": 100}


def _ratio() -> Plain:
    return {"weight": 0, "numerator": text(), "denominator": text(), "unit": text()}


def _matrix() -> Plain:
    return {"weight": 0, "rows": [_labelled("row")], "states": _states()}


def _yes_no() -> Plain:
    return {"weight": 0, "statements": [_labelled("statement")]}


def _text() -> Plain:
    return {"weight": 0}


def _benchmark() -> Plain:
    return {"weight": 0, "unit": text(), "better": "higher", "minimum": 0, "maximum": 100}


def _requirements() -> Plain:
    return {
        "weight": 0,
        "rule": "staged",
        "rows": [_labelled("requirement", level=1)],
        "states": _states(),
    }


_OF_KIND: Mapping[Kind, Callable[[], Plain]] = {
    Kind.CHOICE: _choice,
    Kind.LADDER: _ladder,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.RATIO: _ratio,
    Kind.MATRIX: _matrix,
    Kind.YES_NO: _yes_no,
    Kind.TEXT: _text,
    Kind.BENCHMARK: _benchmark,
    Kind.REQUIREMENTS: _requirements,
}


# ----------------------------------------------------------------- by their list

_BY_LIST: Mapping[str, Callable[[], Plain]] = {
    "sections": section,
    "domains": domain,
    "editions": edition,
    "eligibility": programme,
    "conditions": rule_condition,
    "distributions": distribution,
    "hints": hint,
    "glossary": term,
    "sources": source,
}
"""A new part by the name of its list; of questions it depends on the kind."""


def blank(list_place: Place, kind: Kind = Kind.LADDER) -> Plain:
    """A new part for the list at this place.

    Raises KeyError if the list is none of a bank, or if its parts begin in the form around them.
    """
    name = list_place[-1] if list_place else ""
    if name == "questions" and list_place[0] != "editions":
        return question(kind)
    return _BY_LIST[name]()
