"""Parts that one of two people moved to another list, or renamed, while the other changed them.

Both are a removal and an addition, which clashes with any change of the part. So before two
changes are brought together the part is moved and renamed in the other documents as well; then it
stands at one place in all of them, and only what both changed differently is left to clash.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from survey.core import places
from survey.core.bank_parts import LISTS
from survey.core.patches import ABSENT, MINE, THEIRS, PatchClash
from survey.core.places import Place, children, keys_of, removed, written
from survey.core.renaming import all_renamed


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
    three = following.renames(three, [(name,) for name in LISTS])
    three = following.renames(three, _inner_lists(three.base))
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
        known = Three(*(_Known(each, name) for each in three))
        keys: list[dict[Place, str]] = [{} for _each in three]
        out: list[tuple[int, Place]] = []
        for place in lists:
            there, here = (_renames(known.base, side, place) for side in known[1:])
            for key in dict.fromkeys((*there, *here)):
                one = _Rename(place, key, there.get(key, key), here.get(key, key))
                olds = list(zip(known, (one.key, one.there, one.here), strict=True))
                homes = [each.home(place, old) for each, old in olds]
                found = [home for home in homes if home is not None]
                if len(found) < len(three):
                    out += self.taken_out(three, one)
                    continue
                now = self.key(one)
                if any(old != now and each.has(place, now) for each, old in olds):
                    continue
                for news, home in zip(keys, found, strict=True):
                    if home[-1] != now:
                        news[home] = now
        after = [all_renamed(each, news) for each, news in zip(three, keys, strict=True)]
        for by, place in out:
            after[by] = removed(after[by], place)
        return Three(*after)

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

    def taken_out(self, three: Three, one: "_Rename") -> Iterator[tuple[int, Place]]:
        """What is to go: what one of them renamed and the other one took out.

        Nothing if the other one has no such list, or something else under the new key.
        """
        by, other, renamer = (1, 2, THEIRS) if one.there != one.key else (2, 1, MINE)
        place = (*one.list, one.there if by == 1 else one.here)
        choice = self.choices.get(written(place))
        left = not _has(three[other], one.list) or place[-1] in _keys(three[other], one.list)
        if choice == renamer or left:
            return
        if choice is None:
            sides = (places.find(each, place, ABSENT) for each in three[1:])
            was = places.get(three.base, (*one.list, one.key))
            self.clashes.append(PatchClash(written(place), was, *sides))
        yield by, place


class _Rename(NamedTuple):
    """A part that has another key: its list and key as both saw it, and what it is called now."""

    list: Place
    key: str
    there: str
    here: str


class _Known:
    """The keys of a document; `name` is the sort of list that parts may be moved between."""

    def __init__(self, data: Any, name: str) -> None:
        self.data = data
        self.often = Counter(_named(data, name))
        self.homes = _homes(data, name)
        self.lists: dict[Place, dict[str, Any]] = {}

    def parts(self, place: Place) -> dict[str, Any]:
        """The parts of a list by their keys; none if these cannot tell them apart."""
        if place not in self.lists:
            listed = places.find(self.data, place)
            told = isinstance(listed, list) and keys_of(listed) is not None
            self.lists[place] = dict(children(listed)) if told else {}
        return self.lists[place]

    def home(self, place: Place, key: str) -> Place | None:
        """Where the part with this key stands, in this list or in another one."""
        if key in self.parts(place):
            return (*place, key)
        home = self.homes.get(key)
        return None if home is None else (*home, key)

    def has(self, place: Place, key: str) -> bool:
        return key in self.parts(place) or key in self.often


def _renames(base: _Known, side: _Known, place: Place) -> dict[str, str]:
    """The new keys of the parts of a list: each went and came under one name, which is only its.

    Where two parts are called alike, or one is called otherwise by now, nothing tells which is
    which: then one is gone and the other one is new.
    """
    before, after = base.parts(place), side.parts(place)
    gone = {key for key in before if key not in after and key not in side.often}
    come = {key for key in after if key not in before and key not in base.often}
    if not gone or not come:
        return {}
    olds, news = _by_own_name(before), _by_own_name(after)
    pairs = {key: news.get(name, "") for name, key in olds.items() if key in gone}
    return {key: new for key, new in pairs.items() if new in come and side.often[new] < 2}


def _by_own_name(parts: Mapping[str, Any]) -> dict[str, str]:
    """The keys of the parts that have a name to themselves."""
    names = {key: _own_name(part) for key, part in parts.items()}
    often = Counter(names.values())
    return {name: key for key, name in names.items() if name and often[name] == 1}


_NAMES = ("prompt", "title", "label", "term", "text")


def _own_name(part: Mapping[str, Any]) -> str:
    """What a part is called, in both languages, and of which kind it is; nothing if not at all."""
    texts = [(field, part[field]) for field in _NAMES if isinstance(part.get(field), dict)]
    said = [(field, text.get("zh"), text.get("en")) for field, text in texts]
    words = [each for _field, *both in said for each in both if isinstance(each, str)]
    return repr((said, part.get("kind"))) if any(map(str.strip, words)) else ""


_IN_QUESTIONS = ("options", "rows", "states", "statements")


def _inner_lists(data: Any) -> Iterator[Place]:
    """The places of the lists of parts with keys inside programmes and questions."""
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
