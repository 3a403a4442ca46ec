"""What differs between two versions of a bank, as its authors would say it: part by part.

A part is a question, a section, a level, a term …; it is the same part if it has the same key,
wherever it stands. Both documents may be drafts with any fault.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from survey.core import bank, edit_changes
from survey.core.bank import Frozen, Kind
from survey.core.bank_parts import LISTS, Found, Identity, Part, name_of, parts_of
from survey.core.kind_change import MODELS
from survey.core.patches import ABSENT, MOST_ALIGNED, Patch, aligned, same
from survey.core.places import NUMBER, Place, keys_of, written
from survey.core.text import is_text


class Sort(StrEnum):
    """What a difference means.

    `RESCORED`: the same answer may score differently. `ANSWERING`: other answers are possible.
    `ANNOTATED`: no answer, score, level or advice depends on it.
    """

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    REWORDED = "reworded"
    RESCORED = "rescored"
    REWEIGHTED = "reweighted"
    CONDITION = "condition"
    ANSWERING = "answering"
    ADVICE = "advice"
    ANNOTATED = "annotated"


Named = tuple[Part, str]
"""A part by its key."""


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. `field` leads to it inside the part; it is empty for the part itself.

    `before` and `after` are plain data, None for nothing. Of a part that moved they are the
    places around it at the field ``home``, or its places in the row at ``order``.
    """

    sort: Sort
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that differs in one part.

    `place` is in the newer version, of what is gone in the older one; `name` is the text that the
    part is known by, perhaps in one language only.
    """

    part: Part
    key: str
    place: str
    name: Any
    lines: tuple[Line, ...]
    perhaps: str = ""
    """The key of a part that came as this one went, or went as it came, and is the same but for it:
    nobody has written down whether it is that one."""

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The sorts of its differences, each once, in the order of their list."""
        return tuple(sort for sort in Sort if any(line.sort is sort for line in self.lines))


def between(
    old: object, new: object, renamed: Mapping[Named, str] = MappingProxyType({})
) -> tuple[Change, ...]:
    """Every part that differs, in reading order of the newer version.

    What is gone stands behind what it stood behind. `renamed` has the older key of each part of
    which it is known that it got another one.
    """
    before, after = parts_of(old), parts_of(new)
    before = _as_called_now(before, after, renamed)
    moves = _moves(before, after)
    changes = []
    for identity in _in_order(list(before), list(after)):
        one, other = before.get(identity), after.get(identity)
        lines = tuple(_all_lines(one, other, moves.get(identity)))
        if lines:
            known = after[identity] if other else before[identity]
            place = written(known.place)
            changes.append(Change(known.part, known.key, place, name_of(known), lines))
    return tuple(_perhaps_renamed(changes))


def renames(edits: Iterable[tuple[Sequence[Patch], Place]]) -> dict[Named, str]:
    """The key that each part had before these edits, oldest first, if it has another one now.

    Each edit has its changes and the part that it was made on. A part that was added under a key
    that another one had before is a new one, whatever it is called now.
    """
    found: dict[Named, str | None] = {}
    left: set[Named] = set()
    for patches, at in edits:
        for place, origin in edit_changes.renamed(patches, at):
            part = _PART_OF.get(place[-2])
            if part is not None:
                before = (part, origin[-1])
                found[part, place[-1]] = found.pop(before, None if before in left else before[1])
                left.add(before)
    return {now: was for now, was in found.items() if was is not None and was != now[1]}


_PART_OF: Mapping[str, Part] = {
    **LISTS,
    "sections": Part.SECTION,
    "domains": Part.DOMAIN,
    "questions": Part.QUESTION,
}
_AROUND: Mapping[Part, Part] = {Part.QUESTION: Part.DOMAIN, Part.DOMAIN: Part.SECTION}


def _as_called_now(
    before: Mapping[Identity, Found], after: Mapping[Identity, Found], renamed: Mapping[Named, str]
) -> dict[Identity, Found]:
    """The parts of the older version under the keys that they have in the newer one."""
    now = {
        (part, was): key
        for (part, key), was in renamed.items()
        if (part, key, 0) in after and (part, key, 0) not in before and (part, was, 0) not in after
    }
    parts = {}
    for found in before.values():
        key = now.get((found.part, found.key), found.key)
        home = now.get((_AROUND.get(found.part, found.part), found.home), found.home)
        one = replace(found, key=key, home=home)
        parts[one.identity] = one
    return parts


def _perhaps_renamed(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes, with each part that is gone beside one that came and says just the same."""
    come = {id(each): each for each in changes if each.sorts == (Sort.ADDED,)}
    pairs: dict[int, str] = {}
    for gone in changes:
        if gone.sorts != (Sort.REMOVED,):
            continue
        for number, one in come.items():
            if one.part is gone.part and _same_but_for_key(
                one.lines[0].after, gone.lines[0].before
            ):
                pairs |= {number: gone.key, id(gone): one.key}
                del come[number]
                break
    for each in changes:
        yield replace(each, perhaps=pairs.get(id(each), ""))


def _same_but_for_key(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return len(one) > 1 and same({**one, "key": None}, {**other, "key": None})


def of_questions(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Line, ...]:
    """What differs between two plain questions, wherever they stand."""
    comparing = _Comparing(Part.QUESTION, scored=_scores(old) or _scores(new))
    return tuple(comparing.lines(old, new, ()))


_Identity = TypeVar("_Identity", bound=Hashable)


def _in_order(before: Sequence[_Identity], after: Sequence[_Identity]) -> list[_Identity]:
    """All of both, in the order of `after`; what is only in `before` behind what it followed."""
    known, last = set(after), None
    following: dict[_Identity | None, list[_Identity]] = defaultdict(list)
    for identity in before:
        if identity in known:
            last = identity
        else:
            following[last].append(identity)
    return following[None] + [each for one in after for each in (one, *following[one])]


# ----------------------------------------------------------------------- moves


def _moves(
    before: Mapping[Identity, Found], after: Mapping[Identity, Found]
) -> dict[Identity, Line]:
    """What stands in something else now, or before what it stood behind, as few as possible."""
    moves: dict[Identity, Line] = {}
    rows: dict[tuple[Part, str], list[Identity]] = defaultdict(list)
    for identity, found in after.items():
        if identity not in before:
            continue
        was = before[identity]
        if was.home == found.home:
            rows[found.part, found.home].append(identity)
        else:
            around = written(was.around), written(found.around)
            moves[identity] = Line(Sort.MOVED, "home", *around)
    positions = {identity: at for at, identity in enumerate(before)}
    for row in rows.values():
        numbers = [positions[identity] for identity in row]
        were = {number: at for at, number in enumerate(sorted(numbers), start=1)}
        stayed = _longest_rising(numbers)
        for at, (identity, number) in enumerate(zip(row, numbers, strict=True), start=1):
            if number not in stayed:
                moves[identity] = Line(Sort.MOVED, "order", were[number], at)
    return moves


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """As many of these different numbers as possible that rise in this order.

    `ends` are the least numbers in which a row of one, two … can end; each number remembers
    what stood before it in its row.
    """
    ends: list[int] = []
    behind: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        behind[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    rising: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        rising.add(last)
        last = behind[last]
    return rising


# ----------------------------------------------------------------------- lines


def _all_lines(one: Found | None, other: Found | None, move: Line | None) -> Iterator[Line]:
    if one is None or other is None:
        was, now = (None if each is None else each.own for each in (one, other))
        yield Line(Sort.ADDED if one is None else Sort.REMOVED, "", was, now)
        return
    if move is not None:
        yield move
    if not same(one.own, other.own):
        scored = other.part is Part.QUESTION and (_scores(one.own) or _scores(other.own))
        was, now = _as_read(one, other)
        yield from _Comparing(other.part, scored).lines(was, now, ())


_MODELS: Mapping[Part, type[Frozen]] = {
    Part.BANK: bank.Bank,
    Part.ROLE: bank.Role,
    Part.PAGE: bank.Profile,
    Part.SECTION: bank.Section,
    Part.DOMAIN: bank.Domain,
    Part.LEVELS: bank.LevelScheme,
    Part.LEVEL: bank.Level,
    Part.GATES: bank.Gates,
    Part.EDITION: bank.Edition,
    Part.ELIGIBILITY: bank.Eligibility,
    Part.DISTRIBUTION: bank.PublishedDistribution,
    Part.HINT: bank.Hint,
    Part.TERM: bank.Term,
    Part.SOURCE: bank.Source,
}


def _as_read(one: Found, other: Found) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both forms of a part with each field as it is understood, where it can be read in both.

    Whether a default is written down, or 1 as a number or as a text, makes no difference.
    """
    was, now = dict(one.own), dict(other.own)
    before, after = _model(one), _model(other)
    for name in {**was, **now}:
        read = name in _fields(before) and name in _fields(after)
        if not read or is_text(was.get(name)) or is_text(now.get(name)):
            continue
        try:
            old, new = _read(before, name, was.get(name)), _read(after, name, now.get(name))
        except ValidationError:
            continue
        was[name], now[name] = (old, old) if old == new else (_plain(old), _plain(new))
    return was, now


def _model(found: Found) -> type[Frozen]:
    if found.part is not Part.QUESTION:
        return _MODELS[found.part]
    kind = found.own.get("kind")
    return MODELS[Kind(kind)] if kind in list(Kind) else bank.QuestionBase


def _read(model: type[Frozen], name: str, value: Any) -> Any:
    """The value of a field, its default for nothing. Raises ValidationError."""
    field = _fields(model)[name]
    if value is None:
        return None if field.is_required() else field.get_default()
    return _adapter(model, name).validate_python(value)


@cache
def _fields(model: type[Frozen]) -> Mapping[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


@cache
def _adapter(model: type[Frozen], name: str) -> TypeAdapter[Any]:
    field = _fields(model)[name]
    return TypeAdapter(Annotated[field.annotation, field])  # type: ignore[arg-type]  # read as a type


_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)


def _plain(value: Any) -> Any:
    return _PLAIN.dump_python(value, mode="json", by_alias=True)


def _scores(question: Mapping[str, Any]) -> bool:
    """Whether what is chosen in it earns something."""
    kind = question.get("kind")
    if kind == Kind.MULTIPLE:
        return question.get("credit") is not None or question.get("full_at") is not None
    return kind in (Kind.LADDER, Kind.MATRIX, Kind.REQUIREMENTS)


_CONDITIONS = frozenset({"when", "optional_when", "holds"})

_OF_QUESTIONS: Mapping[str, Sort] = {
    "weight": Sort.REWEIGHTED,
    "advice": Sort.ADVICE,
    "urgent_below": Sort.ADVICE,
    "remedy": Sort.ADVICE,
    "code": Sort.ANNOTATED,
    "source": Sort.ANNOTATED,
    "leans_on": Sort.ANNOTATED,
    "policy": Sort.ANNOTATED,
    "terms": Sort.ANNOTATED,
    "likely": Sort.ANNOTATED,
    "likely_each": Sort.ANNOTATED,
    "required": Sort.ANSWERING,
    "not_applicable": Sort.ANSWERING,
    "none": Sort.ANSWERING,
    "minimum": Sort.ANSWERING,
    "maximum": Sort.ANSWERING,
    "decimals": Sort.ANSWERING,
    "maximum_length": Sort.ANSWERING,
    "pattern": Sort.ANSWERING,
    "statements": Sort.ANSWERING,
}
_OF_BANKS: Mapping[str, Sort] = {
    "scoring": Sort.RESCORED,
    "weigh_by": Sort.RESCORED,
    "weigh_default": Sort.RESCORED,
    "size_by": Sort.ADVICE,
    "sector_by": Sort.ADVICE,
    "small_sizes": Sort.ADVICE,
}
_CHOSEN = frozenset({"options", "rows", "states"})


@dataclass(frozen=True, slots=True)
class _Comparing:
    """Two forms of one part; `scored` tells of a question that its choices earn something."""

    part: Part
    scored: bool

    def lines(self, old: Any, new: Any, field: Place) -> Iterator[Line]:
        if same(old, new):
            return
        if is_text(old) or is_text(new):
            yield Line(Sort.REWORDED, written(field), old, new)
        elif field and (field[-1] in _CONDITIONS or field[-1] == "weight"):
            yield self.line(old, new, field)
        elif isinstance(old, dict) and isinstance(new, dict):
            for name in (*new, *(name for name in old if name not in new)):
                yield from self.lines(old.get(name), new.get(name), (*field, name))
        elif isinstance(old, list) and isinstance(new, list) and not _flat(old + new):
            yield from self.lists(old, new, field)
        else:
            yield self.line(old, new, field)

    def lists(self, old: list[Any], new: list[Any], field: Place) -> Iterator[Line]:
        before, after = keys_of(old), keys_of(new)
        if (before is None or after is None) and max(len(old), len(new)) > MOST_ALIGNED:
            yield self.line(old, new, field)
            return
        if before is None or after is None:
            for at, one, other in aligned(old, new):
                was, now = (None if part is ABSENT else part for part in (one, other))
                yield from self.lines(was, now, (*field, f"{NUMBER}{at}"))
            return
        was, now = dict(zip(before, old, strict=True)), dict(zip(after, new, strict=True))
        for key in _in_order(before, after):
            yield from self.lines(was.get(key), now.get(key), (*field, key))
        if [key for key in before if key in now] != [key for key in after if key in was]:
            yield Line(Sort.MOVED, written(field), before, after)

    def line(self, old: Any, new: Any, field: Place) -> Line:
        return Line(self.sort(field), written(field), old, new)

    def sort(self, field: Place) -> Sort:
        if field == ("key",):
            return Sort.RENAMED
        if field[-1] in _CONDITIONS:
            return Sort.CONDITION
        if self.part is Part.QUESTION:
            if field[0] in _CHOSEN and not self.scored:
                return Sort.ANSWERING
            return _OF_QUESTIONS.get(_telling(field), Sort.RESCORED)
        if field[-1] == "weight":
            return Sort.REWEIGHTED
        if self.part in (Part.LEVELS, Part.LEVEL, Part.GATES) or field[-1] == "ceiling":
            return Sort.RESCORED
        if self.part is Part.EDITION and field[0] == "questions":
            return Sort.ANSWERING
        return _OF_BANKS.get(field[0], Sort.ANNOTATED)


def _telling(field: Place) -> str:
    """The step that tells what a field of a question is for."""
    return "remedy" if field[0] == "statements" and "remedy" in field[2:] else field[0]


def _flat(parts: Sequence[object]) -> bool:
    return not any(isinstance(part, dict | list) for part in parts)
