"""Parts that one of two people moved to another list, or renamed, while the other changed them.

Both are a removal and an addition, which clashes with any change of the part. So before two
changes are brought together the part is moved and renamed in the other documents as well; then it
stands at one place in all of them, and only what both changed differently is left to clash.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from survey.core import places
from survey.core.bank_parts import LISTS
from survey.core.patches import ABSENT, MINE, THEIRS, Leaves, PatchClash, leaves, shared
from survey.core.places import Place, children, keys_of, removed, written
from survey.core.renaming import renamed


class Three(NamedTuple):
    """What two people saw, and what each of them made of it."""

    base: Any
    theirs: Any
    mine: Any


class Followed(NamedTuple):
    """The three with every part at one place, and what both moved or renamed differently."""

    three: Three
    clashes: tuple[PatchClash, ...]


class _Move(NamedTuple):
    """A part that stands in another list: which one, and whose of the three puts it there."""

    key: str
    to: Place
    by: int


def followed(three: Three, choices: Mapping[str, str] = MappingProxyType({})) -> Followed:
    """The same three, with every part as whoever renamed it calls it, and where it was moved to.

    Domains and questions are moved. What both moved to different lists, or gave different keys, is
    a clash of the two, unless `choices` says ``mine`` or ``theirs`` for its place; so is what one
    renamed and the other one took out. A list that the others have not is left to clash by itself.
    """
    following = _Following(choices, [])
    three = following.renames(three, [("sections",)])
    for name in ("domains", "questions"):
        three = following.renames(three, _lists(three.base, name), name)
        three = following.moves(three, name)
    three = following.renames(three, _further_lists(three.base))
    return Followed(three, tuple(following.clashes))


@dataclass(frozen=True, slots=True)
class _Following:
    choices: Mapping[str, str]
    clashes: list[PatchClash]

    def moves(self, three: Three, name: str) -> Three:
        homes = Three(*(_homes(each, name) for each in three))
        for key, list_place, by in _moves(homes, self.choices, self.clashes):
            after = _predecessors(three[by], list_place, key)
            if all(_has(each, list_place) for each in three):
                each_from = zip(three, homes, strict=True)
                three = Three(
                    *(
                        _moved(each, (*home[key], key), list_place, after)
                        for each, home in each_from
                    )
                )
        return three

    def renames(self, three: Three, lists: Iterable[Place], name: str = "") -> Three:
        """The three with each part of these lists under one key."""
        for place in list(lists):
            there, here = (_renames(three.base, side, place, name) for side in three[1:])
            for key in dict.fromkeys((*there, *here)):
                one = _Rename(place, name, key, there.get(key, key), here.get(key, key))
                three = self.renamed(three, one)
        return three

    def renamed(self, three: Three, one: "_Rename") -> Three:
        now = self.key(one)
        olds = list(zip(three, (one.key, one.there, one.here), strict=True))
        homes = [_home(each, one, old) for each, old in olds]
        found = [home for home in homes if home is not None]
        if len(found) < len(three):
            return self.taken_out(three, one)
        if any(old != now and _home(each, one, now) for each, old in olds):
            return three
        each_from = zip(three, found, strict=True)
        return Three(
            *(each if home[-1] == now else renamed(each, home, now) for each, home in each_from)
        )

    def key(self, one: "_Rename") -> str:
        """The key that the part gets."""
        if one.here in (one.key, one.there):
            return one.there
        if one.there == one.key:
            return one.here
        place = written((*one.list, one.key, "key"))
        choice = self.choices.get(place)
        if choice not in (MINE, THEIRS):
            self.clashes.append(PatchClash(place, one.key, one.there, one.here))
        return one.here if choice == MINE else one.there

    def taken_out(self, three: Three, one: "_Rename") -> Three:
        """What one of them renamed and the other one took out, if that one has the list at all."""
        by, other, renamer = (1, 2, THEIRS) if one.there != one.key else (2, 1, MINE)
        place = (*one.list, one.there if by == 1 else one.here)
        choice = self.choices.get(written(place))
        if choice == renamer or not _has(three[other], one.list):
            return three
        if choice is None:
            sides = (places.find(each, place, ABSENT) for each in three[1:])
            was = places.get(three.base, (*one.list, one.key))
            self.clashes.append(PatchClash(written(place), was, *sides))
        return three._replace(**{three._fields[by]: removed(three[by], place)})


class _Rename(NamedTuple):
    """A part that has another key: its list and key as both saw it, and what it is called now.

    `name` is the sort of list that the part may have been moved to.
    """

    list: Place
    name: str
    key: str
    there: str
    here: str


def _renames(base: Any, side: Any, place: Place, name: str) -> dict[str, str]:
    """The new keys of the parts of a list: of those that came the one that is most like it.

    It has to say at least half of what the part said.
    """
    before, after = _keys(base, place), _keys(side, place)
    gone = _without(before, {*after, *_named(side, name)})
    come = _without(after, {*before, *_named(base, name)})
    said = {key: _said(side, (*place, key)) for key in come if gone}
    found = {}
    for key in gone:
        own = _said(base, (*place, key))
        alike = {each: shared(own, other) for each, other in said.items()}
        best = max(alike, key=lambda each: alike[each], default="")
        if best and 2 * alike[best] >= shared(own, own) > 0:
            found[key] = best
            del said[best]
    return found


def _without(keys: list[str], others: Container[str]) -> list[str]:
    return [key for key in keys if key not in others]


def _said(data: Any, place: Place) -> Leaves:
    """What a part says beside its key."""
    part = places.get(data, place)
    return leaves({name: value for name, value in part.items() if name != "key"})


def _home(data: Any, one: _Rename, key: str) -> Place | None:
    """Where the part with this key stands, in its list or in another one."""
    if key in _keys(data, one.list):
        return (*one.list, key)
    home = _homes(data, one.name).get(key)
    return None if home is None else (*home, key)


_IN_QUESTIONS = ("options", "rows", "states", "statements")


def _further_lists(data: Any) -> Iterator[Place]:
    """The places of all lists of parts with keys beside those of sections, domains, questions."""
    yield from ((name,) for name in LISTS)
    for programme in _steps(data, ("eligibility",)):
        yield ("eligibility", programme, "conditions")
    for place, _question in places.questions(data):
        yield from ((*place, name) for name in _IN_QUESTIONS)


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
    """The places of all lists of domains, or of questions; none for any other name."""
    if not name:
        return
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
