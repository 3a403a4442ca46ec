"""Submitted answers scored by the next version of their bank: what would change, and why.

Nothing of it counts for anybody: it shows before a draft is published what it does to real
answers. Of a firm whose level changes it finds the edit that does so alone, or the fewest of the
weightiest ones that do so together. The work for that is bounded.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from survey.core import answers, scoring
from survey.core.answers import Answer, typed_of
from survey.core.bank import Bank, Question
from survey.core.conditions import visible
from survey.core.errors import BadAnswer
from survey.core.memory import Remembered
from survey.core.mixed import mixed
from survey.core.result import Result, Treatment
from survey.core.rounding import rounded
from survey.core.scored_edits import Edit, EditKind, between

ZERO = Decimal(0)

ALONE = 6
"""Edits that are tried alone for one firm, the weightiest first."""

MOST_TRIALS = 1_000
"""Scores that one `Rerun` calculates to find causes."""

_MOST_MIXED = 400
_MOST_READ = 20_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Total and level of one firm, and what each scored question adds to the total."""

    total: Decimal | None
    level: int | None
    points: Mapping[str, Decimal]


class Why(StrEnum):
    """What is known about the cause of another level."""

    SAME = "same"
    ALONE = "alone"
    TOGETHER = "together"
    UNKNOWN = "unknown"


class Loss(StrEnum):
    """Why an answer does not count any more."""

    REMOVED = "removed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Shift:
    """What would change for one firm.

    `points` has what questions would add to the total more or less than before, where that
    differs. `lost` are given answers that the draft cannot take, `opened` its new questions that
    this firm was never asked. `causes` are places in `Rerun.edits`.
    """

    before: tuple[Decimal | None, int | None]
    after: tuple[Decimal | None, int | None]
    points: Mapping[str, Decimal]
    lost: Mapping[str, Loss]
    opened: tuple[str, ...]
    why: Why
    causes: tuple[int, ...]


def standing(result: Result) -> Standing:
    """What is compared of a result. Nothing adds to a total that is not given."""
    points = {
        key: rounded(item.contribution)
        for key, item in result.items.items()
        if item.contribution is not None and result.total is not None
    }
    return Standing(result.total, result.level, points)


def stored_standing(plain: Mapping[str, Any]) -> Standing | None:
    """The same of a stored result; None if it was made by other rules than today's."""
    if plain["engine"] != scoring.ENGINE:
        return None
    total = plain["total"]
    points = {
        item["key"]: rounded(Decimal(item["contribution"]))
        for section in plain["sections"]
        for domain in section["domains"]
        for item in domain["items"]
        if item["contribution"] is not None and total is not None
    }
    return Standing(None if total is None else Decimal(total), plain["level"], points)


class Rerun:
    """The answers of many firms to `old`, scored by `new`; both narrowed to the same edition.

    Answers come as they are stored: by question, each as JSON.
    """

    def __init__(self, old: Bank, new: Bank, *, most_trials: int = MOST_TRIALS) -> None:
        self.old, self.new = old, new
        self._trials = most_trials
        self._mixed = Remembered[frozenset[Edit], Bank](_MOST_MIXED)
        self._read = Remembered[tuple[int, str, str], Answer | None](_MOST_READ)

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        return between(self.old, self.new)

    def shift(self, given: Mapping[str, str], stored: Mapping[str, Any] | None = None) -> Shift:
        """What would change for one firm; `stored` is its result as it was submitted."""
        old, new = self._all_read(self.old, given), self._all_read(self.new, given)
        before = None if stored is None else stored_standing(stored)
        if before is None:
            before = standing(scoring.score(self.old, old))
        result = scoring.score(self.new, new)
        after = standing(result)
        points = dict(_moved(before, after))
        why, causes = self._cause(old, new, before, after, points)
        return Shift(
            before=(before.total, before.level),
            after=(after.total, after.level),
            points=points,
            lost=self._lost(old, new),
            opened=tuple(
                key
                for key, item in result.items.items()
                if item.treatment is Treatment.UNANSWERED and key not in self.old.questions
            ),
            why=why,
            causes=causes,
        )

    # ------------------------------------------------------------------ answers

    def _all_read(self, bank: Bank, given: Mapping[str, str]) -> dict[str, Answer]:
        """The answers that the bank can take, in its order."""
        read = (
            (key, self._one_read(question, given[key]))
            for key, question in bank.questions.items()
            if key in given
        )
        return {key: answer for key, answer in read if answer is not None}

    def _one_read(self, question: Question, stored: str) -> Answer | None:
        """Firms give the same answers over and over: each is read once."""
        place = (id(question), question.key, stored)
        if place not in self._read:
            self._read[place] = _answer(question, stored)
        return self._read[place]

    def _lost(self, old: Mapping[str, Answer], new: Mapping[str, Answer]) -> dict[str, Loss]:
        """Answers that counted, as far as the firm was asked, and cannot be taken any more."""
        missing = [key for key in old if key not in new]
        shown = visible(self.old, old) if missing else frozenset()
        return {
            key: Loss.UNREADABLE if key in self.new.questions else Loss.REMOVED
            for key in missing
            if key in shown
        }

    # ------------------------------------------------------------------- causes

    def _cause(
        self,
        old: Mapping[str, Answer],
        new: Mapping[str, Answer],
        before: Standing,
        after: Standing,
        points: Mapping[str, Decimal],
    ) -> tuple[Why, tuple[int, ...]]:
        if before.level == after.level:
            return Why.SAME, ()
        if len(self.edits) < 2:
            return (Why.ALONE, (0,)) if self.edits else (Why.UNKNOWN, ())
        order = self._weightiest(points)
        try:
            return _fewest(order, lambda few: self._level_by(few, old, new) == after.level)
        except _Spent:
            return Why.UNKNOWN, ()

    def _weightiest(self, points: Mapping[str, Decimal]) -> list[int]:
        """The edits by what their questions move, those of the whole bank before all others."""

        def weight(at: int) -> Decimal:
            edit = self.edits[at]
            return sum((abs(points.get(key, ZERO)) for key in edit.questions), ZERO)

        whole = [at for at, edit in enumerate(self.edits) if edit.kind in _WHOLE]
        others = [at for at in range(len(self.edits)) if at not in whole]
        return [*whole, *sorted(others, key=weight, reverse=True)]

    def _level_by(
        self, chosen: Sequence[int], old: Mapping[str, Answer], new: Mapping[str, Answer]
    ) -> int | None:
        """The level with some of the edits: an answer is read by the question as it is then.

        Raises _Spent.
        """
        if not self._trials:
            raise _Spent
        self._trials -= 1
        edits = frozenset(self.edits[at] for at in chosen)
        if edits not in self._mixed:
            self._mixed[edits] = mixed(self.old, self.new, edits)
        bank = self._mixed[edits]
        rescored = {k for edit in edits if edit.kind is EditKind.POINTS for k in edit.questions}
        known = {key: new if key in rescored else old for key in bank.questions}
        given = {key: source[key] for key, source in known.items() if key in source}
        return scoring.score(bank, given).level


_WHOLE = (EditKind.SCORING, EditKind.LEVELS, EditKind.GATES, EditKind.LIMITS, EditKind.ORDER)


class _Spent(Exception):
    """There were as many trials as there may be."""


def _fewest(
    order: Sequence[int], makes_it: Callable[[Sequence[int]], bool]
) -> tuple[Why, tuple[int, ...]]:
    """One that makes it alone; else as few of them in this order as make it together."""
    for at in order[:ALONE]:
        if makes_it((at,)):
            return Why.ALONE, (at,)
    least, most = 2, 2
    while most < len(order) and not makes_it(order[:most]):
        least, most = most + 1, most * 2
    counts = range(least, min(most, len(order)))  # behind the last one, which certainly makes it
    enough = least + bisect_left(counts, True, key=lambda count: makes_it(order[:count]))
    return Why.TOGETHER, tuple(sorted(order[:enough]))


def _answer(question: Question, stored: str) -> Answer | None:
    """None for what the question cannot take, and for a draft of an answer."""
    plain = json.loads(stored)
    if plain is None or typed_of(plain) is not None:
        return None
    try:
        return answers.read(question, plain)
    except BadAnswer:
        return None


def _moved(before: Standing, after: Standing) -> Iterator[tuple[str, Decimal]]:
    for key in {**before.points, **after.points}:
        by = after.points.get(key, ZERO) - before.points.get(key, ZERO)
        if by:
            yield key, by
