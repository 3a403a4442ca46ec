"""Which scores the answers to a question can earn: what a firm could reach with another answer."""

from decimal import Decimal
from itertools import pairwise

from survey.core.bank import (
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
from survey.core.earned import HUNDRED, ZERO, box_points, level_of, stages
from survey.core.rounding import rounded

MOST_SCORES = 4096
"""A table whose states have odd points could reach more; then every step of 0.1 counts."""


def scores(question: Question) -> tuple[Decimal, ...] | None:
    """The scores of 0–100 that answers can earn, rising; None if any score can be reached.

    A ladder's half steps are left out: nobody is advised to go half way.
    """
    match question:
        case Ladder():
            top = question.options[-1].points or ZERO
            return tuple(_earns(option, top) for option in question.options)
        case Multiple():
            return _sums([(ZERO, each) for each in box_points(question).values()])
        case Number(bands=bands) | Ratio(bands=bands) if bands:
            return tuple(sorted({band.score for band in bands} | {HUNDRED}))
        case Matrix():
            best = max(state.points or ZERO for state in question.states)
            rows = question.full_at or len(question.rows)
            states = tuple((s.points or ZERO) / best / rows * HUNDRED for s in question.states)
            return _sums([states] * len(question.rows))
        case Requirements(rule=RequirementRule.BANDS):
            levels = len(stages(question))
            return tuple(Decimal(at) / levels * HUNDRED for at in range(levels + 1))
        case _:
            return None


def _sums(parts: list[tuple[Decimal, ...]]) -> tuple[Decimal, ...] | None:
    """Every sum of one choice from each part, at most 100; three thirds are a whole."""
    found = {ZERO}
    for choices in parts:
        found = {min(at + choice, HUNDRED) for at in found for choice in choices}
        if len(found) > MOST_SCORES:
            return None
    return tuple(sorted({rounded(score) for score in found}))


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


def _earns(option: Option, top: Decimal) -> Decimal:
    return (option.points or ZERO) / top * HUNDRED


def highest_below_full(question: Question) -> int | None:
    """The highest level of an answer that does not earn everything; None if there is no such."""
    reachable = scores(question)
    if reachable is None:
        return 4
    below = [score for score in reachable if score < HUNDRED]
    if isinstance(question, Ladder) and question.half_steps:
        below += [(low + high) / 2 for low, high in pairwise(reachable)]
    return max((level_of(score) for score in below), default=None)
