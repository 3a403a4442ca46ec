"""Which parts of a bank name which others: what somebody is told before a part is deleted.

The document may be a draft with any fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from survey.core.places import Place, children, find, questions


class Target(StrEnum):
    """What can be named by its key."""

    QUESTION = "question"
    OPTION = "option"
    TERM = "term"
    SOURCE = "source"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Reference:
    """The field at `place` names the part with this key; an option's belongs to `question`."""

    place: Place
    target: Target
    key: str
    question: str = ""


_QUESTIONS = frozenset(
    {"question", "weigh_by", "size_by", "sector_by", "core", "scenes", "mandatory", "questions"}
)
_OPTIONS_OF = {
    "weight": "weigh_by",
    "weigh_default": "weigh_by",
    "types": "weigh_by",
    "sizes": "size_by",
    "small_sizes": "size_by",
    "sectors": "sector_by",
}
_OTHERS = {"terms": Target.TERM, "leans_on": Target.SOURCE, "owner": Target.ROLE}
_WITH_SOURCE = frozenset({"eligibility", "distributions"})
_LISTS = {"glossary": Target.TERM, "sources": Target.SOURCE, "roles": Target.ROLE}


def references(data: object) -> Iterator[Reference]:
    """Every naming of a part, in reading order."""
    choosing = data if isinstance(data, dict) else {}
    return _references(data, (), choosing)


def uses(data: object, key: str) -> tuple[Place, ...]:
    """The places that name a question, an option, a term, a source or a role with this key."""
    return _places(each for each in references(data) if each.key == key)


def uses_of(data: object, place: Place) -> tuple[Place, ...]:
    """The places that name what stands at this place, or anything inside it, from outside."""
    wanted = set(_targets(data, place))
    return _places(
        each
        for each in references(data)
        if (each.target, each.key, each.question) in wanted and each.place[: len(place)] != place
    )


def _places(found: Iterator[Reference]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(each.place for each in found))


def _references(node: Any, place: Place, bank: dict[str, Any]) -> Iterator[Reference]:
    if isinstance(node, dict):
        for name, value in node.items():
            for target, key, question in _named(str(name), value, node, place, bank):
                yield Reference((*place, str(name)), target, key, question)
    for step, part in children(node):
        yield from _references(part, (*place, step), bank)


def _named(
    name: str, value: Any, around: dict[str, Any], place: Place, bank: dict[str, Any]
) -> Iterator[tuple[Target, str, str]]:
    """What this field names; nothing if it names nothing, or is not what it should be."""
    keys = _keys(value)
    if name in _QUESTIONS:
        yield from ((Target.QUESTION, key, "") for key in keys)
    elif name in _OPTIONS_OF:
        chosen = list(value) if name == "weight" and isinstance(value, dict) else keys
        question = bank.get(_OPTIONS_OF[name])
        if isinstance(question, str):
            yield from ((Target.OPTION, key, question) for key in chosen)
    elif name in {"in", "none"}:
        question = around.get("question" if name == "in" else "key")
        if isinstance(question, str):
            yield from ((Target.OPTION, key, question) for key in keys)
    elif name in _OTHERS:
        yield from ((_OTHERS[name], key, "") for key in keys)
    elif name == "source" and _cites(place):
        yield from ((Target.SOURCE, key, "") for key in keys)


def _keys(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [key for key in found if isinstance(key, str)]


def _cites(place: Place) -> bool:
    """A question's own `source` is a sentence; elsewhere it is the key of one."""
    return place[-1:] == ("scale",) or (len(place) == 2 and place[0] in _WITH_SOURCE)


def _targets(data: object, place: Place) -> Iterator[tuple[Target, str, str]]:
    """What can be named at this place or inside it."""
    if len(place) == 2 and place[0] in _LISTS:
        yield _LISTS[place[0]], _key_at(data, place), ""
    for at, question in questions(data):
        key = str(question.get("key", ""))
        if at[: len(place)] == place:
            yield Target.QUESTION, key, ""
        elif place[: len(at)] == at and len(place) == len(at) + 2 and place[-2] == "options":
            yield Target.OPTION, _key_at(data, place), key


def _key_at(data: object, place: Place) -> str:
    part = find(data, place)
    return str(part.get("key", "")) if isinstance(part, dict) else ""
