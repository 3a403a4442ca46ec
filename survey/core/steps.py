"""Which scores the answers to a question can earn: what a firm could reach with another answer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import gcd

from survey.core.bank import (
    Bank,
    Credit,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Option,
    Question,
    Ratio,
    RequirementRule,
    Requirements,
)
from survey.core.earned import HUNDRED, ZERO, level_of, stages
from survey.core.rounding import rounded

MOST_SCORES = 4096
"""A table whose states have odd points could reach more; then every step of 0.1 counts."""

_MOST_UNITS = 1 << 20
_UNITS = 10_000  # points have four decimals at most


def scores(question: Question) -> tuple[Decimal, ...] | None:
    """The scores of 0–100 that answers can earn, rising; None if any score can be reached.

    A ladder's half steps are left out: nobody is advised to go half way.
    """
    match question:
        case Ladder():
            top = question.options[-1].points or ZERO
            return tuple(_earns(option, top) for option in question.options)
        case Multiple() | Matrix():
            sums = _sums(question)
            return None if sums is None else sums.scores
        case Number(bands=bands) | Ratio(bands=bands) if bands:
            return tuple(sorted({band.score for band in bands}))
        case Requirements(rule=RequirementRule.BANDS):
            levels = len(stages(question))
            return tuple(Decimal(at) / levels * HUNDRED for at in range(levels + 1))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Sums:
    """What boxes or rows add up to, in whole units, each a bit of `bits`; `whole` earns 100.

    As bits, because adding one more row to all sums is then one shift.
    """

    bits: int
    whole: int

    def plus(self, choices: Iterable[int]) -> "_Sums":
        """Every sum with one of the choices added to it, at most the whole."""
        bits = 0
        for choice in choices:
            bits |= self.bits << choice
        full = 1 << self.whole
        return _Sums(bits & (full - 1) | (full if bits >= full else 0), self.whole)

    @property
    def scores(self) -> tuple[Decimal, ...]:
        places = (found.start() for found in re.finditer("1", bin(self.bits)[:1:-1]))
        return tuple(rounded(Decimal(at) / self.whole * HUNDRED) for at in places)

    @property
    def highest_below_full(self) -> Decimal:
        below = self.bits & ((1 << self.whole) - 1)
        return Decimal(below.bit_length() - 1) / self.whole * HUNDRED


def _sums(question: Multiple | Matrix) -> _Sums | None:
    """None if there are too many sums to tell them apart."""
    if isinstance(question, Matrix):
        states = [int((state.points or ZERO) * _UNITS) for state in question.states]
        rows = question.full_at or len(question.rows)
        return _added([states] * len(question.rows), max(states) * rows)
    if question.earns is Credit.POINTS:
        boxes = [option for option in question.options if option.key != question.none]
        worth = [int((option.points or ZERO) * _UNITS) for option in boxes]
        return _added([[0, each] for each in worth], sum(worth))
    each = len(question.options) - (question.none is not None)
    enough = question.full_at or each
    return _Sums((1 << (enough + 1)) - 1, enough)


def _added(parts: Sequence[Sequence[int]], whole: int) -> _Sums | None:
    """Every sum of one choice from each part, in the largest unit that fits all of them."""
    unit = gcd(whole, *(choice for choices in parts for choice in choices))
    if whole // unit > _MOST_UNITS:
        return None
    sums = _Sums(1, whole // unit)
    for choices in parts:
        sums = sums.plus(choice // unit for choice in choices)
        if sums.bits.bit_count() > MOST_SCORES:
            return None
    return sums


def at_least(question: Question, needed: Decimal) -> Decimal:
    """The lowest score of at least `needed` that an answer can earn; 100 is always in reach."""
    reachable = scores(question)
    if reachable is None:
        return min(needed, HUNDRED)
    return min((score for score in reachable if score >= needed), default=HUNDRED)


def level_at(question: Question, score: Decimal) -> int:
    """The level to name for a score: on a ladder its own step, else one per full 20 points."""
    if not isinstance(question, Ladder):
        return level_of(score)
    top = question.options[-1].points or ZERO
    reached = [option for option in question.options if _earns(option, top) <= score]
    return len(reached) - 1


def names_level(bank: Bank, question: Question) -> bool:
    """Whether a score of this question can be called a level.

    A ladder has steps of its own.
    """
    return isinstance(question, Ladder) or bank.parts_have_levels


def _earns(option: Option, top: Decimal) -> Decimal:
    return (option.points or ZERO) / top * HUNDRED


def highest_below_full(question: Question) -> int | None:
    """The highest level of an answer that does not earn everything; None if there is no such."""
    if isinstance(question, Multiple | Matrix):
        sums = _sums(question)
        return 4 if sums is None else level_of(sums.highest_below_full)
    reachable = scores(question)
    if reachable is None:
        return 4
    below = [score for score in reachable if score < HUNDRED]
    if isinstance(question, Ladder) and question.half_steps:
        below += [(low + high) / 2 for low, high in pairwise(reachable)]
    return max((level_of(score) for score in below), default=None)
