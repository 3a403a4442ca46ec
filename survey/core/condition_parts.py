"""A condition as rows of menus: what may be chosen at a place, what was chosen, and back again.

The menus show tests, and groups of tests: two levels, each row also in the negative. What lies
deeper, or is no condition at all, is kept as it is. Documents here are drafts with any fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from survey.core import places
from survey.core.bank import Condition, Kind
from survey.core.condition_words import INCOMPLETE, Named, clause
from survey.core.numerals import tidy
from survey.core.places import Place
from survey.core.text import Text, same, text_of

PICKABLE = frozenset({Kind.CHOICE, Kind.LADDER, Kind.MULTIPLE})
COMPARABLE = frozenset({Kind.NUMBER, Kind.RATIO, Kind.LADDER})

_DEEPEST = 2
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class Way(StrEnum):
    """How an answer is tested."""

    IN = "in"
    NOT_IN = "not-in"
    AT_LEAST = "at-least"
    BELOW = "below"

    @property
    def picks(self) -> bool:
        return self in {Way.IN, Way.NOT_IN}

    @property
    def denied(self) -> bool:
        return self in {Way.NOT_IN, Way.BELOW}


class Joined(StrEnum):
    """How rows make one condition."""

    ALL = "all"
    ANY = "any"
    NOT_ALL = "not-all"
    NONE = "none"


_JOINED = {
    ("all", False): Joined.ALL,
    ("any", False): Joined.ANY,
    ("all", True): Joined.NOT_ALL,
    ("any", True): Joined.NONE,
}
_SPELT = {joined: spelt for spelt, joined in _JOINED.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: a question and what its answer must be. `number` stands as it was typed."""

    question: str = ""
    way: Way = Way.IN
    options: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of a condition that the menus cannot show."""

    condition: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are joined. The outer one may have groups, these have none."""

    joined: Joined = Joined.ALL
    parts: "tuple[Asked | Group | Kept, ...]" = ()


# ------------------------------------------------------------ to rows, and back


def rows_of(plain: Any) -> Group:
    """The rows that show a condition; none for None."""
    if plain is None:
        return Group()
    row = _row(plain, _DEEPEST)
    return row if isinstance(row, Group) else Group(parts=(row,))


def _row(plain: Any, groups: int) -> Asked | Group | Kept:
    """One part, with so many levels of groups at most."""
    denied = isinstance(plain, dict) and set(plain) == {"not"}
    inner = plain["not"] if denied else plain
    if (test := _test(inner)) is not None:
        way = {Way.IN: Way.NOT_IN, Way.AT_LEAST: Way.BELOW}[test.way] if denied else test.way
        return replace(test, way=way)
    if groups and isinstance(inner, dict) and len(inner) == 1:
        ((name, parts),) = inner.items()
        if (name, denied) in _JOINED and isinstance(parts, list) and parts:
            return Group(_JOINED[name, denied], tuple(_row(part, groups - 1) for part in parts))
    return Kept(plain)


def _test(plain: Any) -> Asked | None:
    match plain:
        case {"question": str(key), "in": [_, *_] as options, **rest} if not rest:
            known = all(isinstance(option, str) for option in options)
            return Asked(key, Way.IN, tuple(options)) if known else None
        case {"question": str(key), "at_least": str() | int() as number, **rest} if not rest:
            counts = not isinstance(number, bool)
            return Asked(key, Way.AT_LEAST, number=str(number)) if counts else None
        case _:
            return None


def condition_of(group: Group) -> Any:
    """What the rows say, as plain data; None without rows. Rows that say nothing are left out."""
    parts = [plain for part in group.parts for plain in _plain(part)]
    if not parts:
        return None
    name, denied = _SPELT[group.joined]
    whole = parts[0] if len(parts) == 1 else {name: parts}
    return _denied(whole) if denied else whole


def _plain(part: Asked | Group | Kept) -> list[Any]:
    """A row as plain data, or nothing where nothing is said."""
    if isinstance(part, Kept):
        return [part.condition]
    if isinstance(part, Group):
        whole = condition_of(part)
        return [] if whole is None else [whole]
    if part == Asked():
        return []
    test = {"in": list(part.options)} if part.way.picks else {"at_least": _amount(part.number)}
    asked = {"question": part.question, **test}
    return [_denied(asked) if part.way.denied else asked]


def _denied(plain: Any) -> Any:
    twice = isinstance(plain, dict) and set(plain) == {"not"}
    return plain["not"] if twice else {"not": plain}


def _amount(typed: str) -> int | str:
    """A number as documents write it: whole ones as such, fractions as text."""
    text = tidy(typed)
    return int(text) if text.lstrip("-").isdecimal() else text


# ----------------------------------------------------------- what may be chosen


@dataclass(frozen=True, slots=True)
class Step:
    """An answer that can be chosen, with its points if it is a step of a ladder."""

    key: str
    label: Text
    points: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A question that a condition may look at, with the title of its page."""

    key: str
    kind: str
    name: Text
    page: Text
    options: tuple[Step, ...]
    code: str = ""

    @property
    def ways(self) -> tuple[Way, ...]:
        picked = (Way.IN, Way.NOT_IN) if self.kind in PICKABLE else ()
        compared = (Way.AT_LEAST, Way.BELOW) if self.kind in COMPARABLE else ()
        return (*picked, *compared)

    @property
    def named(self) -> Named:
        return Named(
            self.name,
            {option.key: option.label for option in self.options},
            [(Decimal(option.points), option.label) for option in self.options if option.points],
        )


def subjects(data: Any, place: Place) -> tuple[Subject, ...]:
    """The questions that a condition at this place may look at, in reading order.

    A question's own condition looks back; that of a rule or a hint sees every question.
    """
    found = []
    for at, question in places.questions(data):
        if place[: len(at)] == at:
            break
        kind = question.get("kind")
        if isinstance(question.get("key"), str) and kind in PICKABLE | COMPARABLE:
            found.append(_subject(question, _page_title(data, at)))
    return tuple(found)


def _subject(question: Mapping[str, Any], page: Text) -> Subject:
    key, kind = question["key"], question["kind"]
    name = text_of(question.get("short")) or text_of(question.get("prompt")) or same(key)
    code = question.get("code")
    steps = tuple(_steps(question))
    return Subject(key, kind, name, page, steps, code if isinstance(code, str) else "")


def _steps(question: Mapping[str, Any]) -> Iterator[Step]:
    options = question.get("options")
    if question["kind"] not in PICKABLE or not isinstance(options, list):
        return
    for option in options:
        if isinstance(option, dict) and isinstance(option.get("key"), str):
            label = text_of(option.get("label")) or same(option["key"])
            points = str(option.get("points", 0)) if question["kind"] == Kind.LADDER else ""
            yield Step(option["key"], label, points if _NUMBER.fullmatch(points) else "")


def _page_title(data: Any, place: Place) -> Text:
    page = places.get(data, place[:2] if place[0] == "sections" else place[:1])
    return text_of(page.get("title")) or same(place[1] if place[0] == "sections" else place[0])


def spoken(data: Any, plain: Any) -> Text:
    """The condition as a part of a sentence, as far as the draft has words for it."""
    known = {subject.key: subject.named for subject in subjects(data, ())}
    try:
        condition = Condition.model_validate(plain)
    except ValidationError:
        return INCOMPLETE
    return clause(condition, lambda key: known.get(key, Named(same(key), {})))


# ----------------------------------------------------------------- what is wrong


def faults(
    group: Group, known: Mapping[str, Subject], before: Group, *, at: str = ""
) -> Iterator[tuple[str, str]]:
    """What keeps the rows from being a condition: the row (``0``, ``1.2``) and a code.

    Rows that stood in the condition `before` are let be: what is wrong with those is among the
    problems of the draft.
    """
    old = set(_tests(before))
    for number, part in enumerate(group.parts):
        row = f"{at}{number}"
        if isinstance(part, Group):
            yield from faults(part, known, before, at=f"{row}.")
        elif isinstance(part, Asked) and part not in old and part != Asked():
            code = _fault(part, known)
            if code:
                yield row, code


def _tests(group: Group) -> Iterator[Asked]:
    for part in group.parts:
        if isinstance(part, Asked):
            yield part
        elif isinstance(part, Group):
            yield from _tests(part)


def _fault(test: Asked, known: Mapping[str, Subject]) -> str:
    subject = known.get(test.question)
    if subject is None:
        return "condition-unknown-question" if test.question else "condition-no-question"
    if test.way not in subject.ways:
        return "condition-other-way"
    if not test.way.picks:
        number = tidy(test.number)
        return "" if _NUMBER.fullmatch(number) else "condition-no-number"
    if not test.options:
        return "condition-no-option"
    options = {option.key for option in subject.options}
    return "" if options.issuperset(test.options) else "condition-unknown-option"
