"""Parts that one of two people moved to another list while the other one changed them.

Between lists a move is a removal and an addition, which clashes with any change of the part. So
before two changes are brought together the part is moved in the other documents as well; then it
stands at one place in all of them, and only what both changed differently is left to clash.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from survey.core import places
from survey.core.patches import MINE, THEIRS, PatchClash
from survey.core.places import Place, children, keys_of, removed, written


class Three(NamedTuple):
    """What two people saw, and what each of them made of it."""

    base: Any
    theirs: Any
    mine: Any


class Followed(NamedTuple):
    """The three with every part at one place, and the parts that both moved elsewhere."""

    three: Three
    clashes: tuple[PatchClash, ...]


class _Move(NamedTuple):
    """A part that stands in another list: which one, and whose of the three puts it there."""

    key: str
    to: Place
    by: int


def followed(three: Three, choices: Mapping[str, str] = MappingProxyType({})) -> Followed:
    """The same three, with every domain and every question where whoever moved it put it.

    What both moved to different lists is a clash of the two homes, unless `choices` says ``mine``
    or ``theirs`` for its place. A list that the others have not is left to clash by itself.
    """
    clashes: list[PatchClash] = []
    for name in ("domains", "questions"):
        homes = Three(*(_homes(each, name) for each in three))
        for key, list_place, by in _moves(homes, choices, clashes):
            after = _predecessors(three[by], list_place, key)
            if all(_has(each, list_place) for each in three):
                each_from = zip(three, homes, strict=True)
                three = Three(
                    *(
                        _moved(each, (*home[key], key), list_place, after)
                        for each, home in each_from
                    )
                )
    return Followed(three, tuple(clashes))


def doubled(theirs: Any, mine: Any, document: Any) -> str:
    """A key of a question or domain that stands twice in the document of both, not in one of them.

    Nothing if there is none. Two people may have given it to parts of different lists.
    """
    for name in ("domains", "questions"):
        here, there, often = (Counter(_named(each, name)) for each in (theirs, mine, document))
        for key, times in often.items():
            if times > max(1, here[key], there[key]):
                return key
    return ""


def _named(data: Any, name: str) -> Iterator[str]:
    """The keys of all domains, or of all questions."""
    for place in _lists(data, name):
        for _, part in children(places.find(data, place)):
            if isinstance(part, dict) and isinstance(key := part.get("key"), str):
                yield key


def _moves(homes: Three, choices: Mapping[str, str], clashes: list[PatchClash]) -> list[_Move]:
    """The parts that stand in another list than they did."""
    base, theirs, mine = homes
    found = []
    for key, home in base.items():
        there, here = theirs.get(key), mine.get(key)
        if there is None or here is None or there == here == home:
            continue
        if here in (home, there):
            found.append(_Move(key, there, 1))
        elif there == home:
            found.append(_Move(key, here, 2))
        else:
            place = written((*there, key))
            choice = choices.get(place)
            if choice not in (MINE, THEIRS):
                lists = (written(each[:-1]) for each in (home, there, here))
                clashes.append(PatchClash(place, *lists))
            found.append(_Move(key, here, 2) if choice == MINE else _Move(key, there, 1))
    return found


def _homes(data: Any, name: str) -> dict[str, Place]:
    """The list that each part with a key of its own stands in."""
    listed = [(key, place) for place in _lists(data, name) for key in _keys(data, place)]
    often = Counter(key for key, _place in listed)
    return {key: place for key, place in listed if often[key] == 1}


def _lists(data: Any, name: str) -> Iterator[Place]:
    """The places of all lists of domains, or of questions."""
    if name == "questions":
        yield from (("profile", name), ("outcomes", name))
    for section in _steps(data, ("sections",)):
        domains: Place = ("sections", section, "domains")
        if name == "domains":
            yield domains
        else:
            yield from ((*domains, step, name) for step in _steps(data, domains))


def _steps(data: Any, place: Place) -> list[str]:
    part = places.find(data, place)
    return [step for step, _ in children(part)] if isinstance(part, list) else []


def _keys(data: Any, place: Place) -> list[str]:
    part = places.find(data, place)
    return (keys_of(part) or []) if isinstance(part, list) else []


def _has(data: Any, place: Place) -> bool:
    """Whether there is such a list, and one that gets a part by its key."""
    part = places.find(data, place)
    return isinstance(part, list) and keys_of(part) is not None


def _predecessors(data: Any, place: Place, key: str) -> list[str]:
    """What stands before the part, the nearest first."""
    keys = _keys(data, place)
    return keys[: keys.index(key)][::-1]


def _moved(data: Any, place: Place, list_place: Place, after: list[str]) -> Any:
    """The document with the part in that list, behind what it stands behind where it was moved."""
    if place[:-1] == list_place:
        return data
    part, without = places.get(data, place), removed(data, place)
    keys = _keys(without, list_place)
    at = next((keys.index(each) + 1 for each in after if each in keys), 0)
    listed = places.get(without, list_place)
    return places.put(without, list_place, [*listed[:at], part, *listed[at:]])
