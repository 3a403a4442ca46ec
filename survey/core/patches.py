"""What differs between two documents, place by place; and two people's changes brought together.

A list whose parts have keys is compared part by part, and its order by itself, at
``<list>/~order``. Lists without keys, or with one key twice, are compared number by number if they
are equally long, any other as a whole. ``true``, ``1`` and ``1.0`` are three different values.

Changes that make a list without keys longer or shorter are brought together part by part all the
same: the parts of each side are told by the numbers of those that they were made of. Where what
they say does not tell that for sure, the change of one clashes with that of the other.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Any, Final, Literal

from survey.core.places import NUMBER, Place, children, keys_of, parse, written


class Nothing(Enum):
    """The mark for "there is nothing", which null is not."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Nothing.ABSENT
ORDER = "~order"
MOST_ALIGNED = 200
"""Longer lists without keys are compared as a whole: pairing their parts takes too long."""

MINE, THEIRS = "mine", "theirs"

CONDITIONS = frozenset({"when", "optional_when", "holds"})
"""Fields that say one thing: half of one condition and half of another would be a third one."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One place before and after. An order is a list of keys."""

    place: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PatchClash:
    """One place that two people changed differently; `base` is what both had seen."""

    place: str
    base: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one document. Where they clash and nobody chose, it has theirs."""

    document: Any
    clashes: tuple[PatchClash, ...]


def to_plain(patches: Sequence[Patch]) -> list[dict[str, Any]]:
    """As JSON types; nothing is written for ABSENT."""
    return [
        {"place": patch.place}
        | ({} if patch.before is ABSENT else {"before": patch.before})
        | ({} if patch.after is ABSENT else {"after": patch.after})
        for patch in patches
    ]


def from_plain(plain: Sequence[Mapping[str, Any]]) -> tuple[Patch, ...]:
    return tuple(
        Patch(each["place"], each.get("before", ABSENT), each.get("after", ABSENT))
        for each in plain
    )


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; the order of an object's fields does not matter."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


# ------------------------------------------------------------------- difference


def between(old: Any, new: Any) -> tuple[Patch, ...]:
    """What was changed, in reading order of the old document, then of what is new."""
    return tuple(_between(old, new, ()))


def _between(old: Any, new: Any, place: Place) -> Iterator[Patch]:
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in (*old, *(name for name in new if name not in old)):
            inside = (*place, str(name))
            yield from _between(old.get(name, ABSENT), new.get(name, ABSENT), inside)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _between_lists(old, new, place)
    elif not same(old, new):
        yield Patch(written(place), old, new)


def _between_lists(old: list[Any], new: list[Any], place: Place) -> Iterator[Patch]:
    before, after = keys_of(old), keys_of(new)
    if before is not None and after is not None:
        yield from _between(_by_key(before, old), _by_key(after, new), place)
        if _appended(before, after) != after or _appended(after, before) != before:
            yield Patch(order_of(place), before, after)
    elif _numbered(old, new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _between(one, other, (*place, f"{NUMBER}{number}"))
    else:
        yield Patch(written(place), old, new)


def _numbered(*lists: list[Any]) -> bool:
    """Whether the parts of each of these lists are told by their numbers, and are equally many."""
    return len(set(map(len, lists))) == 1 and all(keys_of(parts) is None for parts in lists)


def order_of(place: Place) -> str:
    """Where the order of the list at this place is written down."""
    return f"{written(place)}/{ORDER}" if place else ORDER


def _by_key(keys: list[str], parts: list[Any]) -> dict[str, Any]:
    return dict(zip(keys, parts, strict=True))


def _appended(old: list[str], new: list[str]) -> list[str]:
    """The order if what is gone is taken out and what is new is put at the end."""
    return _only(old, new) + _without(new, old)


def aligned(old: list[Any], new: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """The parts of two lists without keys in pairs, the equal ones with each other.

    Where some were changed and others came or went, those that have most in common are a pair. The
    number is that in the new list, of a part that is gone that in the old one.
    """
    before, after = (list(map(_canonical, parts)) for parts in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _op, start, end, new_start, new_end in matcher.get_opcodes():
        for one, other in _paired(old[start:end], new[new_start:new_end]):
            was = ABSENT if one is None else old[start + one]
            now = ABSENT if other is None else new[new_start + other]
            yield start + (one or 0) if other is None else new_start + other, was, now


def _canonical(part: object) -> str:
    return json.dumps(part, sort_keys=True)


_Pair = tuple[int | None, int | None]


def _paired(old: list[Any], new: list[Any]) -> list[_Pair]:
    """Each part of the shorter list with one of the longer; the numbers of both rise."""
    if len(old) == len(new):
        return [(at, at) for at in range(len(old))]
    if len(old) > len(new):
        return [(one, other) for other, one in _paired(new, old)]
    few, many = (list(map(leaves, parts)) for parts in (old, new))
    best = [[0] * (len(many) + 1)]
    for at, part in enumerate(few):
        row = [-1] * (len(many) + 1)
        for other in range(at, len(many)):
            row[other + 1] = max(row[other], best[at][other] + shared(part, many[other]))
        best.append(row)
    pairs: list[_Pair] = []
    at = len(few)
    for other in range(len(many), 0, -1):
        if at == 0 or best[at][other - 1] == best[at][other]:
            pairs.append((None, other - 1))
        else:
            at -= 1
            pairs.append((at, other - 1))
    return pairs[::-1]


Leaves = Counter[tuple[Place, str]]
"""What a part says: each value with the names of the fields that lead to it."""


def leaves(part: object, way: Place = ()) -> Leaves:
    found: Leaves = Counter()
    if isinstance(part, dict):
        for name, value in part.items():
            found.update(leaves(value, (*way, str(name))))
    elif isinstance(part, list):
        for value in part:
            found.update(leaves(value, way))
    else:
        found[way, _canonical(part)] = 1
    return found


def shared(one: Leaves, other: Leaves) -> int:
    """How much two parts have in common, in letters."""
    return sum(len(leaf) * often for (_way, leaf), often in (one & other).items())


def applied(data: Any, patches: Sequence[Patch]) -> Any:
    """The document with these changes. Raises KeyError if one of them does not fit."""
    changes = [(parse(patch.place), patch) for patch in patches]
    document = _applied(data, [(_around(place, patch), patch) for place, patch in changes])
    if document is ABSENT:
        raise KeyError(())
    return document


_Changes = list[tuple[Place, Patch]]
"""Patches with the way that is left to their places."""


def _around(place: Place, patch: Patch) -> Place:
    """What a patch changes: an order is that of the list around it."""
    return place[:-1] if is_order(patch) else place


def _applied(node: Any, changes: _Changes) -> Any:
    """What stands there then: first what is changed as a whole, then the parts, then the order."""
    inside: dict[str, _Changes] = defaultdict(list)
    orders: list[Patch] = []
    for place, patch in changes:
        if place:
            inside[place[0]].append((place[1:], patch))
        elif is_order(patch):
            orders.append(patch)
        elif node is ABSENT and patch.after is ABSENT:
            raise KeyError(patch.place)
        else:
            node = patch.after
    if inside:
        node = _with_parts(node, inside)
    for patch in orders:
        node = _sorted(node, patch.after)
    return node


def _with_parts(node: Any, inside: Mapping[str, _Changes]) -> Any:
    """Each part changed in one pass; what is new goes to the end."""
    if not isinstance(node, dict | list):
        raise KeyError(next(iter(inside)))
    parts = dict(children(node))
    told = isinstance(node, dict) or keys_of(node) is not None
    for step, changes in inside.items():
        if step not in parts and isinstance(node, list) and not _is_next(step, parts, told=told):
            raise KeyError(step)
        parts[step] = _applied(parts.get(step, ABSENT), changes)
    left = {step: part for step, part in parts.items() if part is not ABSENT}
    return left if isinstance(node, dict) else list(left.values())


def _is_next(step: str, parts: Mapping[str, Any], *, told: bool) -> bool:
    """Whether a list can get a part with this step: by its key or by the next number."""
    if step.startswith(NUMBER):
        return step == f"{NUMBER}{len(parts)}" and not (told and parts)
    return told


def is_order(patch: Patch) -> bool:
    return patch.place.rpartition("/")[2] == ORDER


def _sorted(parts: Any, keys: list[str]) -> list[Any]:
    """Raises KeyError if the parts are not exactly those with these keys."""
    found = keys_of(parts) if isinstance(parts, list) else None
    if found is None or sorted(found) != sorted(keys):
        raise KeyError(ORDER)
    by_key = _by_key(found, parts)
    return [by_key[key] for key in keys]


def inverse(patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """What takes these changes back."""
    return tuple(Patch(patch.place, patch.after, patch.before) for patch in patches)


# ---------------------------------------------------------------------- merging


def merged(base: Any, theirs: Any, mine: Any, choices: Mapping[str, str] | None = None) -> Merged:
    """Bring two changes of `base` together. Different places merge, whatever the order.

    The same place changed differently is a clash unless `choices` says ``mine`` or ``theirs``
    for it. A condition is one place. The number of a part without a key is that in `base`; if one
    has put it elsewhere, and the other one changed the list as well, the list is one place.
    """
    merging = _Merging(choices or {}, [])
    document = merging.value(base, theirs, mine, ())
    return Merged(document, tuple(merging.clashes))


@dataclass(frozen=True, slots=True)
class _Merging:
    choices: Mapping[str, str]
    clashes: list[PatchClash]

    def value(
        self, base: Any, theirs: Any, mine: Any, place: Place, *, is_one: bool = False
    ) -> Any:
        """What `is_one` is never made of parts of both."""
        if same(theirs, mine) or same(base, mine):
            return theirs
        if same(base, theirs):
            return mine
        if is_one:
            return self.clash(written(place), base, theirs, mine)
        if isinstance(base, dict) and isinstance(theirs, dict) and isinstance(mine, dict):
            return self.parts(base, theirs, mine, place, whole=CONDITIONS)
        if isinstance(base, list) and isinstance(theirs, list) and isinstance(mine, list):
            return self.lists(base, theirs, mine, place)
        return self.clash(written(place), base, theirs, mine)

    def parts(
        self,
        base: dict[str, Any],
        theirs: dict[str, Any],
        mine: dict[str, Any],
        place: Place,
        *,
        whole: Container[str] = (),
    ) -> dict[str, Any]:
        """The fields of an object, or the parts of a list by their steps."""
        names = dict.fromkeys((*base, *theirs, *mine))
        every = {
            name: self.value(
                base.get(name, ABSENT),
                theirs.get(name, ABSENT),
                mine.get(name, ABSENT),
                (*place, str(name)),
                is_one=name in whole,
            )
            for name in names
        }
        return {name: part for name, part in every.items() if part is not ABSENT}

    def lists(self, base: list[Any], theirs: list[Any], mine: list[Any], place: Place) -> list[Any]:
        before, ours, own = keys_of(base), keys_of(theirs), keys_of(mine)
        if before is not None and ours is not None and own is not None:
            parts = self.parts(
                _by_key(before, base), _by_key(ours, theirs), _by_key(own, mine), place
            )
            return [parts[key] for key in self.order(before, ours, own, place) if key in parts]
        if _numbered(base, theirs, mine):
            if not _shifted(base, theirs) and not _shifted(base, mine):
                each = enumerate(zip(base, theirs, mine, strict=True))
                return [self.value(*three, (*place, f"{NUMBER}{at}")) for at, three in each]
        elif _can_be_aligned(base, theirs, mine):
            before = [f"{NUMBER}{number}" for number in range(len(base))]
            there, here = _told(base, theirs), _told(base, mine)
            ours, own = there.steps, here.steps
            if not _are_unclear(before, there, here) and not _sorted_apart(before, ours, own):
                whole = there.replaced | here.replaced
                parts = self.parts(
                    _by_key(before, base),
                    _by_key(ours, theirs),
                    _by_key(own, mine),
                    place,
                    whole=whole,
                )
                return [parts[step] for step in _in_row(before, ours, own) if step in parts]
        chosen: list[Any] = self.clash(written(place), base, theirs, mine)
        return chosen

    def order(self, base: list[str], theirs: list[str], mine: list[str], place: Place) -> list[str]:
        """The common parts as whoever moved them wants it, the others where they were put."""
        if _sorted_apart(base, theirs, mine):
            there, here = _only(theirs, mine), _only(mine, theirs)
            return _woven(self.clash(order_of(place), base, there, here), theirs, mine)
        return _in_row(base, theirs, mine)

    def clash(self, place: str, base: Any, theirs: Any, mine: Any) -> Any:
        choice = self.choices.get(place)
        if choice not in {MINE, THEIRS}:
            self.clashes.append(PatchClash(place, base, theirs, mine))
        return mine if choice == MINE else theirs


def _can_be_aligned(*lists: list[Any]) -> bool:
    """Whether their parts have no keys by nature, and are not too many to be paired."""
    parts = [part for each in lists for part in each]
    unkeyed = not any(isinstance(part, dict) and "key" in part for part in parts)
    return unkeyed and max(map(len, lists)) <= MOST_ALIGNED


def _shifted(base: list[Any], parts: list[Any]) -> bool:
    """Whether a part of a list stands at another number than what it was made of, or may do so.

    The lists are equally long. Then two people mean two parts by one number.
    """
    pairs = enumerate(zip(base, parts, strict=True))
    left = [at for at, (was, now) in pairs if not same(was, now)]
    if len(left) > MOST_ALIGNED:
        return True
    old, new = ({at: leaves(each[at]) for at in left} for each in (base, parts))
    return any(
        _is_made_of(new[at], old[other]) and shared(new[at], old[other]) > shared(new[at], old[at])
        for at in left
        for other in left
    )


def _is_made_of(one: Leaves, other: Leaves) -> bool:
    """Whether two parts have two thirds of their letters in common.

    Not of their fields: those that hold a number or a key are alike in most parts of a list.
    """
    return 3 * shared(one, other) >= 2 * max(shared(one, one), shared(other, other)) > 0


@dataclass(frozen=True, slots=True)
class _Told:
    """A step for each part of one side of a list without keys.

    What stands where one part was, and says something else, is told by its step as well: it is
    `replaced`. `is_certain` if no part was changed, or may have been.
    """

    steps: list[str]
    replaced: frozenset[str]
    is_certain: bool


def _told(base: list[Any], parts: list[Any]) -> _Told:
    """The step of each part of a list that was made of `base` is the number that it has there.

    What was moved keeps its number, and what says most of the same if it is the only one. What is
    new is told by what it says: if two people add the same, it is one part.
    """
    said, now = (list(map(_canonical, each)) for each in (base, parts))
    made_of: dict[int, int] = {}
    instead: dict[int, int] = {}
    matcher = SequenceMatcher(None, said, now, autojunk=False)
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            made_of |= zip(range(new_start, new_end), range(start, end), strict=True)
        elif end - start == new_end - new_start == 1:
            instead[new_start] = start
    gone = [number for number in range(len(base)) if number not in made_of.values()]
    come = [at for at in range(len(parts)) if at not in made_of]
    for at in come:
        number = next((each for each in gone if said[each] == now[at]), None)
        if number is not None:
            made_of[at] = number
            gone.remove(number)
    come = [at for at in come if at not in made_of]
    made_of |= _alike(base, parts, gone, come)
    replaced = {
        at: number
        for at, number in instead.items()
        if at not in made_of and number not in made_of.values()
    }
    made_of |= replaced
    often: Counter[str] = Counter()
    steps = []
    for at, own in enumerate(now):
        often[own] += at not in made_of
        steps.append(f"{NUMBER}{made_of[at]}" if at in made_of else f"{own} {often[own]}")
    by_step = frozenset(f"{NUMBER}{number}" for number in replaced.values())
    return _Told(steps, by_step, not (gone and come))


def _are_unclear(base: list[str], one: _Told, other: _Told) -> bool:
    """Whether it is not certain which parts of two lists were made of the same.

    Both let a part go, and what one of them added may be what became of it; or one of them moved
    parts and the other one changed some.
    """
    there, here = ({*base} - {*each.steps} for each in (one, other))
    if there & here and {*one.steps} - {*base} != {*other.steps} - {*base}:
        return True
    moved = (_moved(base, one.steps), _moved(base, other.steps))
    return (moved[0] and not other.is_certain) or (moved[1] and not one.is_certain)


def _alike(base: list[Any], parts: list[Any], gone: list[int], come: list[int]) -> dict[int, int]:
    """What each of these parts was made of, as far as there is only one that it may be."""
    old = {each: leaves(base[each]) for each in gone}
    new = {each: leaves(parts[each]) for each in come}
    found = [(at, each) for at in come for each in gone if _is_made_of(new[at], old[each])]
    here, there = Counter(at for at, _each in found), Counter(each for _at, each in found)
    return {at: each for at, each in found if here[at] == there[each] == 1}


def _sorted_apart(base: list[str], theirs: list[str], mine: list[str]) -> bool:
    """Whether both moved their common parts, and differently."""
    there, here = _only(theirs, mine), _only(mine, theirs)
    differently = _only(there, base) != _only(here, base)
    return differently and _moved(base, there) and _moved(base, here)


def _in_row(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """All of both as whoever moved the common ones wants it."""
    there, here = _only(theirs, mine), _only(mine, theirs)
    if _moved(base, there) == _moved(base, here):
        return _woven(min(there, here), theirs, mine)
    return _woven(there if _moved(base, there) else here, theirs, mine)


def _moved(base: list[str], keys: list[str]) -> bool:
    return _only(keys, base) != _only(base, keys)


def _only(keys: list[str], others: list[str]) -> list[str]:
    there = set(others)
    return [key for key in keys if key in there]


def _without(keys: list[str], others: list[str]) -> list[str]:
    there = set(others)
    return [key for key in keys if key not in there]


def _woven(spine: list[str], *orders: list[str]) -> list[str]:
    """All keys: each list's own ones follow the key of the spine that they follow there."""
    following: dict[str | None, list[list[str]]] = {}
    common = set(spine)
    for order in orders:
        last: str | None = None
        run: list[str] = []
        for key in [*order, None]:
            if key is not None and key not in common:
                run.append(key)
                continue
            if run:
                following.setdefault(last, []).append(run)
            last, run = key, []
    woven: list[str] = []
    for key in (None, *spine):
        woven += [] if key is None else [key]
        for run in sorted(following.get(key, [])):
            woven += run
    return woven
