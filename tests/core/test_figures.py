"""Numbers, dates and lists in words."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core import figures
from survey.core.text import Text, same


@pytest.mark.parametrize(
    ("value", "said"), [("61.25", "61.3"), ("61.24", "61.2"), ("0.05", "0.1"), ("100", "100.0")]
)
def test_scores_have_one_decimal_half_up(value: str, said: str) -> None:
    assert figures.one_decimal(Decimal(value)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2004", "2004"),
        ("21600", "21,600"),
        ("1296.50", "1296.5"),
        ("0", "0"),
        ("12000.00", "12,000"),
    ],
)
def test_amounts_separate_thousands_but_leave_a_year_alone(value: str, said: str) -> None:
    assert figures.amount(Decimal(value)) == said


def test_a_day_is_written_out_in_each_language() -> None:
    assert figures.whole_day(date(2026, 11, 3)) == Text(zh="2026年11月3日", en="3 November 2026")


@pytest.mark.parametrize(
    ("names", "zh", "en"),
    [("a", "“a”", "a"), ("ab", "“a”“b”", "a and b"), ("abc", "“a”“b”“c”", "a, b and c")],
)
def test_several_things_are_listed(names: str, zh: str, en: str) -> None:
    assert figures.listed([same(name) for name in names]) == Text(zh=zh, en=en)


@given(
    st.lists(
        st.decimals(min_value=0, max_value=100, allow_nan=False, places=6), min_size=1, max_size=30
    )
)
def test_apportioned_values_add_up_and_are_never_off_by_a_unit(values: list[Decimal]) -> None:
    total = sum(values, Decimal(0)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    rounded = figures.apportioned(values, total)

    assert sum(rounded) == total
    assert all(abs(a - b) < Decimal("0.01") for a, b in zip(rounded, values, strict=True))


@pytest.mark.parametrize(
    ("value", "needed", "shown"),
    [
        ("79.98866", "80", "79.9"),
        ("79.94", "80", "79.94"),
        ("80", "80", "80"),
        ("80.03", "80", "80.03"),
        ("66.66", "66.7", "66.6"),
    ],
)
def test_what_misses_a_limit_never_looks_as_if_it_reached_it(
    value: str, needed: str, shown: str
) -> None:
    assert figures.short_of(Decimal(value), Decimal(needed)) == Decimal(shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("20.04", "20.1"), ("20.06", "20.06"), ("20", "20"), ("19.97", "19.97")],
)
def test_what_is_above_a_limit_never_looks_as_if_it_kept_it(value: str, shown: str) -> None:
    assert figures.beyond(Decimal(value), Decimal(20)) == Decimal(shown)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("75.75", "39.74", "36.1"),  # 75.8 and 39.7 are printed; the exact difference is 36.01
        ("30.16", "33.64", "-3.4"),
        ("50.04", "49.96", "0.0"),
        ("46.3", "46.3", "0.0"),
    ],
)
def test_a_difference_is_that_of_the_figures_that_are_printed(
    one: str, other: str, expected: str
) -> None:
    assert figures.apart(Decimal(one), Decimal(other)) == Decimal(expected)
