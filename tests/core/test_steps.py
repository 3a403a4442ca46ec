"""Which scores another answer could earn."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from survey.core.bank import Question
from survey.core.steps import at_least, highest_below_full, scores
from tests.builders import (
    Data,
    a_bank,
    benchmark,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
)

THIRD, TWO_THIRDS = "33.333333", "66.666667"


def a_question(data: Data) -> Question:
    bank = a_bank(section("s", "A", domain("d", data)))
    return bank.questions[data["key"]]


def boxes(*points: str | None, **changes: object) -> Data:
    """Boxes ``a``, ``b``, … with these points."""
    options = [
        {"key": f"box-{n}", "points": each, "label": {"zh": f"第{n}项", "en": f"Box {n}"}}
        for n, each in enumerate(points)
    ]
    return multiple(options=options, none=None, full_at=None) | changes


def doubling(count: int) -> Data:
    """Boxes of which every set earns another sum."""
    return boxes(*(f"{Decimal(2**n) / 10000:f}" for n in range(count)), credit="points")


LESS_IS_BETTER = [
    {"from": 0, "score": 100},
    {"from": 3, "score": 80},
    {"from": 9, "score": 5},
]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ladder(), ("0", "20", "40", "60", "80", "100")),
        (ladder(options=ladder()["options"][:3]), ("0", "50", "100")),
        (multiple(full_at=3), ("0", THIRD, TWO_THIRDS, "100")),
        (multiple(full_at=1), ("0", "100")),
        (boxes(None, None, None, credit="equal"), ("0", THIRD, TWO_THIRDS, "100")),
        (boxes("1", "1", "3", credit="points"), ("0", "20", "40", "60", "80", "100")),
        (number(), ("0", "50", "100")),
        (number(bands=LESS_IS_BETTER), ("5", "80", "100")),
        (ratio(), ("0", "20", "60", "100")),
        (matrix(), ("0", "25", "50", "75", "100")),
        (matrix(full_at=1), ("0", "50", "100")),
        (requirements(rule="bands"), ("0", "50", "100")),
    ],
)
def test_the_scores_that_can_be_earned_rise_up_to_everything(
    data: Data, expected: Sequence[str]
) -> None:
    assert scores(a_question(data)) == tuple(Decimal(score) for score in expected)


@pytest.mark.parametrize("data", [benchmark(), requirements(rule="staged"), doubling(13)])
def test_where_any_score_can_be_earned_there_are_no_steps(data: Data) -> None:
    assert scores(a_question(data)) is None


def test_a_table_of_sums_is_given_up_to_its_limit() -> None:
    assert len(scores(a_question(doubling(12))) or ()) == 4096


@pytest.mark.parametrize(
    ("data", "needed", "expected"),
    [
        (ladder(), "40", "40"),
        (ladder(), "40.000001", "60"),
        (ladder(), "0", "0"),
        (multiple(full_at=3), "40", TWO_THIRDS),
        (multiple(full_at=3), "99", "100"),
        (number(), "1", "50"),
        (benchmark(), "63.5", "63.5"),
        (benchmark(), "120", "100"),
        (ladder(), "120", "100"),
    ],
)
def test_the_lowest_score_that_is_enough(data: Data, needed: str, expected: str) -> None:
    assert at_least(a_question(data), Decimal(needed)) == Decimal(expected)


@pytest.mark.parametrize(
    ("data", "level"),
    [
        (ladder(), 4),
        (ladder(half_steps=False), 4),
        (ladder(options=ladder()["options"][:3]), 3),
        (ladder(options=ladder()["options"][:3], half_steps=False), 2),
        (multiple(), 3),
        (multiple(full_at=3), 3),
        (multiple(full_at=1), 0),
        (boxes(None, None, None, credit="equal"), 3),
        (number(), 2),
        (ratio(), 3),
        (matrix(), 3),
        (benchmark(), 4),
        (requirements(rule="staged"), 4),
        (requirements(rule="bands"), 2),
    ],
)
def test_the_highest_level_that_leaves_something_to_earn(data: Data, level: int) -> None:
    """A half step of a ladder counts: it can still improve."""
    assert highest_below_full(a_question(data)) == level
