"""Weights from pairwise comparison."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.pairwise import ACCEPTABLE, BadComparison, most_contrary, weigh
from survey.core.text import Locale
from survey.messages import for_error

DRINKS = """
1    9  5    2    1    1    1/2
1/9  1  1/3  1/9  1/9  1/9  1/9
1/5  3  1    1/3  1/4  1/3  1/9
1/2  9  3    1    1/2  1    1/3
1    9  4    2    1    2    1/2
1    9  3    1    1/2  1    1/3
2    9  9    3    2    3    1
"""


def matrix(written: str) -> list[list[Fraction]]:
    return [[Fraction(value) for value in line.split()] for line in written.strip().splitlines()]


def test_weights_and_consistency_of_a_published_matrix() -> None:
    """Coffee, wine, tea, beer, soda, milk, water.

    Source: T. L. Saaty, Decision making with the analytic hierarchy process (2008), relative
    consumption of drinks: .177 .019 .042 .116 .190 .129 .327, consistency ratio .022.
    """
    found = weigh(matrix(DRINKS))

    published = (".177", ".019", ".042", ".116", ".190", ".129", ".327")
    for weight, expected in zip(found.weights, published, strict=True):
        assert abs(weight - Decimal(expected)) <= Decimal("0.001")
    assert abs(found.consistency_ratio - Decimal("0.022")) <= Decimal("0.001")
    assert sum(found.weights) == 1
    assert found.consistent


def test_it_is_the_eigenvector_and_not_the_mean_of_rows_or_columns() -> None:
    """Worked by hand: A·w = λ·w for the matrix below has λ = 1 + 2^(1/3) + 2^(-1/3) ≈ 3.053622."""
    found = weigh(matrix("1 2 2\n1/2 1 2\n1/2 1/2 1"))

    root = 2 ** (1 / 3)
    parts = [root**2, 1.0, 1 / root**2]  # the geometric means of the rows, exact for three things
    for weight, part in zip(found.weights, parts, strict=True):
        assert abs(float(weight) - part / sum(parts)) < 1e-6
    largest = 1 + root + 1 / root
    expected = (largest - 3) / 2 / 0.58
    assert abs(float(found.consistency_ratio) - expected) < 1e-6


def test_comparisons_that_contradict_each_other_are_not_consistent() -> None:
    found = weigh(matrix("1 9 1/9\n1/9 1 9\n9 1/9 1"))

    assert found.consistency_ratio > ACCEPTABLE
    assert not found.consistent
    assert sum(found.weights) == 1


@pytest.mark.parametrize(
    ("written", "weights"),
    [
        ("1", ["1.000000"]),
        ("1 3\n1/3 1", ["0.750000", "0.250000"]),
        ("1 1 1\n1 1 1\n1 1 1", ["0.333334", "0.333333", "0.333333"]),
        ("1 2 4\n1/2 1 2\n1/4 1/2 1", ["0.571429", "0.285714", "0.142857"]),
    ],
)
def test_comparisons_without_contradiction_give_their_ratios(
    written: str, weights: list[str]
) -> None:
    found = weigh(matrix(written))

    assert [f"{weight:f}" for weight in found.weights] == weights
    assert found.consistency_ratio == 0
    assert found.consistent


SIXTEEN = "\n".join([" ".join(["1"] * 16)] * 16)


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("", "comparison-size", "There are 0 things. Compare 1 to 15."),
        (SIXTEEN, "comparison-size", "There are 16 things. Compare 1 to 15."),
        ("1 1\n1", "comparison-not-square", "Row 2 has 1 values instead of 2."),
        ("1 1 1\n1 1 1", "comparison-not-square", "Row 1 has 3 values instead of 2."),
        ("1 10\n1/10 1", "comparison-off-scale", "Row 1, column 2: 10 is outside the scale."),
        ("1 1/10\n10 1", "comparison-off-scale", "Row 1, column 2: 1/10 is outside the scale."),
        ("1 -2\n-1/2 1", "comparison-off-scale", "Row 1, column 2: -2 is outside the scale."),
        ("1 2\n1/3 1", "comparison-not-reciprocal", "Row 1, column 2 is not the reciprocal"),
        ("1 1\n1 2", "comparison-not-reciprocal", "Row 2, column 2 is not the reciprocal"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_refused_with_its_place(
    written: str, code: str, said: str
) -> None:
    with pytest.raises(BadComparison) as refused:
        weigh(matrix(written))

    assert refused.value.code == code
    assert for_error(refused.value, Locale.EN).startswith(said)
    assert for_error(refused.value, Locale.ZH)


@pytest.mark.parametrize("written", ["1 9\n1/9 1", "1 1/9\n9 1"])
def test_the_ends_of_the_scale_are_on_it(written: str) -> None:
    assert sorted(weigh(matrix(written)).weights) == [Decimal("0.1"), Decimal("0.9")]


@st.composite
def matrices(draw: st.DrawFn) -> list[list[Fraction]]:
    size = draw(st.integers(1, 15))
    scale = [Fraction(n) for n in range(1, 10)] + [Fraction(1, n) for n in range(2, 10)]
    found = [[Fraction(1)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            found[i][j] = draw(st.sampled_from(scale))
            found[j][i] = 1 / found[i][j]
    return found


@given(matrices())
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_weights_add_up_to_one_and_follow_the_order_of_the_things(
    compared: list[list[Fraction]],
) -> None:
    found = weigh(compared)
    turned = weigh([row[::-1] for row in compared[::-1]])

    assert sum(found.weights) == 1
    assert all(0 < weight <= 1 for weight in found.weights)
    assert found.consistency_ratio >= 0
    for one, other in zip(found.weights, turned.weights[::-1], strict=True):
        assert abs(one - other) <= Decimal("0.00002")  # the largest takes up what rounding leaves


def test_fifteen_things_may_be_compared() -> None:
    fifteen = [[Fraction(1)] * 15 for _ in range(15)]

    assert len(weigh(fifteen).weights) == 15


def test_the_comparisons_that_fit_least_are_named_worst_first() -> None:
    one_off = matrix("1 2 4 1/9 \n 1/2 1 2 4 \n 1/4 1/2 1 2 \n 9 1/4 1/2 1")

    weighing = weigh(one_off)

    assert not weighing.consistent
    assert most_contrary(one_off, weighing.weights)[0] == (0, 3)


def test_consistent_comparisons_contradict_nothing() -> None:
    sound = matrix("1 2 4 \n 1/2 1 2 \n 1/4 1/2 1")

    assert most_contrary(sound, weigh(sound).weights) == ()
