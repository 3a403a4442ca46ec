"""Which scores another answer could earn."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.bank import Question
from survey.core.rounding import rounded
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


def boxes(*points: object, **changes: object) -> Data:
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


def a_matrix(rows: int, *points: object) -> Data:
    """So many rows, each in a state with one of these points."""
    row, state = matrix()["rows"][0], matrix()["states"][0]
    return matrix(
        rows=[row | {"key": f"row-{n}"} for n in range(rows)],
        states=[state | {"key": f"state-{n}", "points": each} for n, each in enumerate(points)],
    )


WIDE = boxes("0.0001", "99.9999", "99.9998", credit="points")


@pytest.mark.parametrize("data", [benchmark(), requirements(rule="staged"), doubling(13), WIDE])
def test_where_any_score_can_be_earned_there_are_no_steps(data: Data) -> None:
    assert scores(a_question(data)) is None


def test_a_table_of_sums_is_given_up_to_its_limit() -> None:
    assert len(scores(a_question(doubling(12))) or ()) == 4096


@pytest.mark.parametrize(
    ("data", "count", "below"),
    [
        (boxes(*[None] * 100, credit="equal"), 101, 4),
        (boxes(*[None] * 100, full_at=90), 91, 4),
        (boxes(*["0.5"] * 100, credit="points"), 101, 4),
        (boxes(*range(1, 90), credit="points"), 4006, 4),
        (a_matrix(100, *range(41)), 4001, 4),
        (a_matrix(40, *range(100)), 3961, 4),
        (a_matrix(100, *range(100)), None, 4),
        (a_matrix(9, 0, "0.0001", *range(1, 99)), None, 4),
        (a_matrix(1, 0, "19.5", 100), 3, 0),
    ],
)
def test_a_table_of_a_hundred_rows_or_states_is_added_up_exactly(
    data: Data, count: int | None, below: int
) -> None:
    question = a_question(data)
    reachable = scores(question)

    assert (None if reachable is None else len(reachable)) == count
    assert highest_below_full(question) == below
    if reachable is not None:
        assert reachable[0] == 0
        assert reachable[-1] == 100
        assert list(reachable) == sorted(set(reachable))


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(1, 4),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_what_a_matrix_can_earn_is_what_some_answer_earns(
    points: list[int], rows: int, full_at: int
) -> None:
    data = a_matrix(rows, 0, *points) | {"full_at": min(full_at, rows)}
    earned = {
        min(Decimal(sum(each)) / points[-1] / data["full_at"], Decimal(1)) * 100
        for each in product([0, *points], repeat=rows)
    }

    found = scores(a_question(data))

    assert found == tuple(sorted({rounded(score) for score in earned}))


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
