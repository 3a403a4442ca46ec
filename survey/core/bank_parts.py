"""What a bank is made of, part by part: each with its key, its place and what it stands in.

The document may be a draft with any fault: what has not the shape of a part is none.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from survey.core.bank import OUTCOMES, PROFILE
from survey.core.places import NUMBER, Place, steps_of, written


class Part(StrEnum):
    """What a bank is made of."""

    BANK = "bank"
    ROLE = "role"
    PAGE = "page"
    SECTION = "section"
    DOMAIN = "domain"
    QUESTION = "question"
    LEVELS = "levels"
    LEVEL = "level"
    GATES = "gates"
    EDITION = "edition"
    ELIGIBILITY = "eligibility"
    DISTRIBUTION = "distribution"
    HINT = "hint"
    TERM = "term"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Found:
    """A part; `own` is what it says without the parts in it.

    `home` tells what it stands in, `around` where that is. `again` counts the parts before it that
    have the same key.
    """

    part: Part
    key: str
    place: Place
    own: Mapping[str, Any]
    home: str = ""
    around: Place = ()
    again: int = 0

    @property
    def identity(self) -> "Identity":
        """A key tells a part everywhere; without one it is told by its place."""
        return self.part, self.key or written(self.place), self.again


Identity = tuple[Part, str, int]

LISTS: Mapping[str, Part] = {
    "roles": Part.ROLE,
    "editions": Part.EDITION,
    "eligibility": Part.ELIGIBILITY,
    "distributions": Part.DISTRIBUTION,
    "hints": Part.HINT,
    "glossary": Part.TERM,
    "sources": Part.SOURCE,
}
_NAMED_BY: Mapping[Part, str] = {
    Part.ROLE: "label",
    Part.QUESTION: "prompt",
    Part.TERM: "term",
    Part.HINT: "text",
}
_BESIDE = frozenset({"format", "version"})
"""What differs between any two versions, or never."""


def parts_of(data: object) -> dict[Identity, Found]:
    """Every part by its identity; parts with one key are told by their order."""
    found: dict[Identity, Found] = {}
    often: Counter[Identity] = Counter()
    for each in _every_part(data if isinstance(data, dict) else {}):
        one = replace(each, again=often[each.identity])
        often[each.identity] += 1
        found[one.identity] = one
    return found


def _every_part(data: Mapping[str, Any]) -> Iterator[Found]:
    yield Found(
        Part.BANK,
        "",
        (),
        _without(data, *LISTS, PROFILE, "sections", OUTCOMES, "levels", *_BESIDE),
    )
    yield from _plain_list(data, "roles")
    yield from _page(data, PROFILE)
    yield from _sections(data)
    yield from _page(data, OUTCOMES)
    yield from _levels(data.get("levels"))
    for name in LISTS:
        if name != "roles":
            yield from _plain_list(data, name)


def _plain_list(data: Mapping[str, Any], name: str) -> Iterator[Found]:
    for step, part in _objects(data, name):
        yield Found(LISTS[name], _key(part), (name, step), part)


def _page(data: Mapping[str, Any], name: str) -> Iterator[Found]:
    page = data.get(name)
    if isinstance(page, dict):
        yield Found(Part.PAGE, name, (name,), _without(page, "questions"))
        yield from _questions(page, name, (name,))


def _sections(data: Mapping[str, Any]) -> Iterator[Found]:
    for step, section in _objects(data, "sections"):
        place: Place = ("sections", step)
        yield Found(Part.SECTION, _key(section), place, _without(section, "domains"))
        for inner, domain in _objects(section, "domains"):
            inside = (*place, "domains", inner)
            own = _without(domain, "questions")
            home = _key(section) or written(place)
            yield Found(Part.DOMAIN, _key(domain), inside, own, home, place)
            yield from _questions(domain, _key(domain) or written(inside), inside)


def _questions(node: Mapping[str, Any], home: str, place: Place) -> Iterator[Found]:
    for step, question in _objects(node, "questions"):
        inside = (*place, "questions", step)
        yield Found(Part.QUESTION, _key(question), inside, question, home, place)


def _levels(levels: object) -> Iterator[Found]:
    if not isinstance(levels, dict):
        return
    yield Found(Part.LEVELS, "", ("levels",), _without(levels, "steps", "gates"))
    for step, level in _objects(levels, "steps"):
        number = level.get("number")
        key = str(number) if type(number) is int else ""
        yield Found(Part.LEVEL, key, ("levels", "steps", step), level)
    if isinstance(levels.get("gates"), dict):
        yield Found(Part.GATES, "", ("levels", "gates"), levels["gates"])


def _objects(node: Mapping[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts of a list that are objects, each with its step."""
    listed = node.get(name)
    if isinstance(listed, list):
        for step, part in zip(steps_of(listed), listed, strict=True):
            if isinstance(part, dict):
                yield step, part


def _key(part: Mapping[str, Any]) -> str:
    """The key that a part says it has, also if another one beside it has the same."""
    key = part.get("key")
    return key if isinstance(key, str) and not key.startswith(NUMBER) else ""


def _without(node: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in node.items() if name not in names}


def name_of(found: Found) -> Any:
    """The text that a part is known by, perhaps in one language only, or whatever stands there."""
    return found.own.get(_NAMED_BY.get(found.part, "title"))
