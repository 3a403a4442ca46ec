"""One edit of a bank as somebody reads it: texts in both languages, parts moved, added, removed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from survey.core.patches import (
    ABSENT,
    MOST_ALIGNED,
    ORDER,
    Patch,
    aligned,
    between,
    same,
)
from survey.core.places import Place, find, get, parse, steps_of

LANGUAGES = frozenset({"zh", "en"})


class How(StrEnum):
    """What happened at a place."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    SORTED = "sorted"


@dataclass(frozen=True, slots=True)
class Change:
    """One place before and after; ABSENT where there is nothing.

    `place` is where it is now, of what was removed where it was; `origin` where a moved part
    was before. A text is told as a whole, in both languages, also if one of them changed.
    """

    how: How
    place: Place
    before: Any
    after: Any
    origin: Place = ()


def changes(
    patches: Sequence[Patch], before: Any, after: Any, at: Place = ()
) -> tuple[Change, ...]:
    """What an edit with these patches did, which made `after` out of `before`.

    `at` is the part that it was made on. A part that got another key is told by what changed in
    it, and its key did.
    """
    renames, moves = dict(renamed(patches, at)), dict(_moves(patches))
    origins = {*moves.values(), *renames.values()}
    told: dict[Place, Change] = {}
    for patch in patches:
        place = parse(patch.place)
        if place in origins or place in told or _text_around(place) in told:
            continue
        if place in renames:
            told |= _by_place(_inside(place, get(before, renames[place]), patch.after))
        elif place in moves:
            told[place] = Change(How.MOVED, place, ABSENT, patch.after, moves[place])
        elif place[-1:] == (ORDER,):
            if _sorted(patch):
                told[place] = Change(How.SORTED, place[:-1], patch.before, patch.after)
        elif _is_list_of_parts(patch.before) and _is_list_of_parts(patch.after):
            told |= _by_place(_by_part(place, patch.before, patch.after))
        else:
            spot = _pair(place, before, after)
            told[spot] = _change(spot, find(before, spot, ABSENT), find(after, spot, ABSENT))
    return tuple(told.values())


def _by_part(place: Place, old: list[Any], new: list[Any]) -> Iterator[Change]:
    """A list that was written as a whole, because one key stood in it twice, part by part."""
    before, after = steps_of(old), steps_of(new)
    for at, one, other in aligned(old, new):
        here = (*place, (before if other is ABSENT else after)[at])
        if one is ABSENT or other is ABSENT:
            yield _change(here, one, other)
        else:
            yield from _inside(here, one, other)


def _inside(here: Place, one: Any, other: Any) -> Iterator[Change]:
    """What differs in one part, whose place is `here` by now."""
    for inner in changes(between(one, other), one, other):
        how = How.CHANGED if inner.how is How.SORTED else inner.how  # told by its keys
        origin = (*here, *inner.origin) if inner.origin else ()
        yield replace(inner, how=how, place=(*here, *inner.place), origin=origin)


def _by_place(found: Iterable[Change]) -> dict[Place, Change]:
    return {each.place: each for each in found}


def _is_list_of_parts(value: object) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST_ALIGNED
        and all(isinstance(part, dict) and "key" in part for part in value)
    )


def renamed(patches: Sequence[Patch], at: Place = ()) -> Iterator[tuple[Place, Place]]:
    """The parts that got another key: where they are now and where they were.

    Only the key of such a part differs, or the edit was made `at` it (or took such an edit back)
    and put one part in its place.
    """
    gone = [patch for patch in patches if patch.after is ABSENT and _is_part(patch.before)]
    come = [patch for patch in patches if patch.before is ABSENT and _is_part(patch.after)]
    for left in gone:
        old = parse(left.place)
        beside = [each for each in come if parse(each.place)[:-1] == old[:-1]]
        alike = [each for each in beside if same(_keyless(each.after), _keyless(left.before))]
        is_known = len(beside) == 1 and at in (old, parse(beside[0].place))
        for one in alike[:1] or (beside if is_known else ()):
            come.remove(one)
            yield parse(one.place), old


def _is_part(value: object) -> bool:
    """Whether it has a key and says something beside it."""
    return isinstance(value, dict) and "key" in value and len(value) > 1


def _keyless(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "key"}


def _moves(patches: Sequence[Patch]) -> Iterator[tuple[Place, Place]]:
    """The parts that left one list for another: where they are now and where they were."""
    gone = [patch for patch in patches if patch.after is ABSENT and isinstance(patch.before, dict)]
    for patch in patches:
        if patch.before is not ABSENT:
            continue
        for left in gone:
            if parse(left.place)[-1] == parse(patch.place)[-1] and same(left.before, patch.after):
                yield parse(patch.place), parse(left.place)
                gone.remove(left)
                break


def _sorted(patch: Patch) -> bool:
    """Whether parts changed their order, and not only came or went."""
    stayed = [key for key in patch.before if key in patch.after]
    return stayed != [key for key in patch.after if key in patch.before]


def _pair(place: Place, before: Any, after: Any) -> Place:
    """The place of the whole text, for a place in one language of it."""
    around = _text_around(place)
    if around is not None and any(
        isinstance(each, dict) and set(each) <= LANGUAGES
        for each in (find(data, around) for data in (after, before))
    ):
        return around
    return place


def _text_around(place: Place) -> Place | None:
    """Where the text would stand of which this is one language."""
    return place[:-1] if place[-1:] in {("zh",), ("en",)} else None


def _change(place: Place, before: Any, after: Any) -> Change:
    if before is ABSENT:
        return Change(How.ADDED, place, before, after)
    return Change(How.REMOVED if after is ABSENT else How.CHANGED, place, before, after)
