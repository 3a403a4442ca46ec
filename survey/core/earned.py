"""What one answer earns: a score of 0 to 100, by the question's own rule.

A new kind of question, a new credit for boxes or a new rule for requirements is one function
and one line in its table.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from survey.core.answers import (
    Answer,
    Boxes,
    Figure,
    Grid,
    Measured,
    Picked,
    Quotient,
)
from survey.core.bank import (
    Band,
    Benchmark,
    Credit,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Question,
    Ratio,
    Requirement,
    RequirementRule,
    Requirements,
    Scale,
)
from survey.core.rounding import rounded

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def is_scored(question: Question) -> bool:
    """Whether an answer to this question can earn points."""
    match question:
        case Ladder() | Benchmark() | Requirements():
            return True
        case Multiple():
            return question.earns is not None
        case Number() | Ratio():
            return bool(question.bands) or question.scale is not None
        case Matrix():
            return any(state.points for state in question.states)
        case _:
            return False


def question_score(question: Question, answer: Answer) -> Decimal:
    """The score of 0–100 that a usable answer earns.

    Raises KeyError for a question that is not scored.
    """
    return _SCORERS[question.kind](question, answer)


def level_of(value: Decimal) -> int:
    """The level of an item or a domain: one per full 20 points (source: standard-bank 11.10)."""
    return level_of_rounded(rounded(value))


def level_of_rounded(score: Decimal) -> int:
    """The same for a score that has its six places already."""
    return int(score // 20)


# --------------------------------------------------------------------- by kind


def _ladder(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Ladder)
    assert isinstance(answer, Picked)
    points = [option.points or ZERO for option in question.options]
    at = next(i for i, option in enumerate(question.options) if option.key == answer.option)
    earned = (points[at] + points[at + 1]) / 2 if answer.half else points[at]
    return earned / points[-1] * HUNDRED


def _multiple(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Multiple)
    assert isinstance(answer, Boxes)
    assert question.earns is not None
    return _CREDITS[question.earns](question, answer)


def _number(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Number)
    assert isinstance(answer, Figure)
    return _figure(question.bands, question.scale, answer.number)


def _ratio(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Ratio)
    assert isinstance(answer, Quotient)
    return _figure(question.bands, question.scale, answer.percent)


def _figure(bands: Sequence[Band], scale: Scale | None, value: Decimal) -> Decimal:
    if scale is None:
        return band_score(bands, value)
    return scale_score(value, base=scale.base, lead=scale.lead)


def _matrix(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Matrix)
    assert isinstance(answer, Grid)
    points = {state.key: state.points or ZERO for state in question.states}
    best = max(points.values())
    earned = sum((points[state] for state in answer.rows.values()), ZERO) / best
    return min(earned / Decimal(question.full_at or len(question.rows)), ONE) * HUNDRED


def _benchmark(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Benchmark)
    assert isinstance(answer, Measured)
    return scale_score(answer.value, base=answer.base, lead=answer.lead)


def _requirements(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Requirements)
    return _RULES[question.rule](stage_shares(question, answer), question.met_at) * HUNDRED


_SCORERS: Mapping[Kind, Callable[[Question, Answer], Decimal]] = {
    Kind.LADDER: _ladder,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.RATIO: _ratio,
    Kind.MATRIX: _matrix,
    Kind.BENCHMARK: _benchmark,
    Kind.REQUIREMENTS: _requirements,
}


# --------------------------------------------------------------------- figures


def band_score(bands: Sequence[Band], value: Decimal) -> Decimal:
    """The score of the last band that the value has reached, compared at 6 places; 0 below all."""
    value = rounded(value)
    reached = [
        band for band in bands if value > band.from_ or (value == band.from_ and not band.above)
    ]
    return reached[-1].score if reached else ZERO


def scale_score(value: Decimal, *, base: Decimal, lead: Decimal) -> Decimal:
    """0 up to the base value, 100 from the leading value on, straight in between.

    Works both ways: with ``lead`` below ``base`` less is better. `base` and `lead` must differ.
    Source: GB/T 36132-2025, scoring of quantitative indicators.
    """
    return min(max((value - base) / (lead - base), ZERO), ONE) * HUNDRED


# ----------------------------------------------------------------------- boxes


def _capped(question: Multiple, answer: Boxes) -> Decimal:
    return min(Decimal(_ticked(question, answer)) / Decimal(question.full_at or 1), ONE) * HUNDRED


def _equal(question: Multiple, answer: Boxes) -> Decimal:
    boxes = len(question.options) - (question.none is not None)
    return Decimal(_ticked(question, answer)) / Decimal(boxes) * HUNDRED


def _by_points(question: Multiple, answer: Boxes) -> Decimal:
    boxes = [option for option in question.options if option.key != question.none]
    worth = {option.key: option.points or ZERO for option in boxes}
    earned = sum((worth.get(key, ZERO) for key in answer.options), ZERO)
    return earned / sum(worth.values(), ZERO) * HUNDRED


def _ticked(question: Multiple, answer: Boxes) -> int:
    return sum(1 for key in answer.options if key != question.none)


_CREDITS: Mapping[Credit, Callable[[Multiple, Boxes], Decimal]] = {
    Credit.CAPPED: _capped,
    Credit.EQUAL: _equal,
    Credit.POINTS: _by_points,
}


# ---------------------------------------------------------------- requirements


def stage_shares(question: Requirements, answer: Answer) -> tuple[Decimal, ...]:
    """For each level from the first: the mean of its requirements' points over the best (0–1)."""
    assert isinstance(answer, Grid)
    points = {state.key: state.points or ZERO for state in question.states}
    best = max(points.values())
    return tuple(
        sum((points[answer.rows[row.key]] for row in rows), ZERO) / best / len(rows)
        for rows in stages(question)
    )


def stages(question: Requirements) -> tuple[tuple[Requirement, ...], ...]:
    """The requirements by level, lowest first."""
    levels = sorted({row.level for row in question.rows})
    return tuple(tuple(row for row in question.rows if row.level == at) for at in levels)


def is_met(share: Decimal, met_at: Decimal) -> bool:
    """Whether a level's share of 0–1 reaches `met_at` per cent."""
    return rounded(share * HUNDRED) >= met_at


def staged_sum(shares: Sequence[Decimal], met_at: Decimal) -> Decimal:
    """One for each level in a row that is met, plus what the first unmet one has earned.

    Nothing above the first unmet level counts. Source: GB/T 39117-2020, totalling of levels.
    """
    total = ZERO
    for share in shares:
        if not is_met(share, met_at):
            return total + share
        total += ONE
    return total


def _staged(shares: Sequence[Decimal], met_at: Decimal) -> Decimal:
    return staged_sum(shares, met_at) / len(shares)


def _banded(shares: Sequence[Decimal], met_at: Decimal) -> Decimal:
    """Band n needs band n-1 and enough of its own attributes."""
    met = 0
    for share in shares:
        if not is_met(share, met_at):
            break
        met += 1
    return Decimal(met) / len(shares)


_RULES: Mapping[RequirementRule, Callable[[Sequence[Decimal], Decimal], Decimal]] = {
    RequirementRule.STAGED: _staged,
    RequirementRule.BANDS: _banded,
}
