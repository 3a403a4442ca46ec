"""The figures of the report are those that Babel writes in each language.

`survey.core` may not know Babel; here its explicit formats are held against it, with the patterns
of `survey.i18n`. Halves are rounded up, where Babel would round to even.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core import figures, wording
from survey.core.text import Text, same

CHINESE, ENGLISH = "zh_Hans_CN", "en"

many = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def by_babel(value: Decimal, pattern: str, locale: str) -> str:
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        return str(format_decimal(value, pattern, locale=locale))


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, places=places)


@many
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_is_the_long_date_of_each_language(day: date) -> None:
    said = figures.whole_day(day)

    assert said.zh == format_date(day, format="long", locale=CHINESE)
    assert said.en == format_date(day, format="long", locale="en_GB")


def test_every_day_of_a_leap_year_has_its_month_in_english() -> None:
    for offset in range(366):
        day = date(2028, 1, 1) + timedelta(days=offset)
        assert figures.whole_day(day).en == format_date(day, "d MMMM y", locale=ENGLISH)


@many
@given(decimals("-1000000", "1000000", 6))
@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
def test_a_score_has_one_decimal_in_both_languages(locale: str, value: Decimal) -> None:
    said = by_babel(value, "#,##0.0", locale)

    assert figures.one_decimal(value) == ("0.0" if said == "-0.0" else said)


@many
@given(decimals("-1000000000000", "1000000000000", 6))
@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
def test_an_amount_separates_thousands_from_five_digits_on(locale: str, value: Decimal) -> None:
    pattern = "#,##0.######" if abs(value) >= 10_000 else "0.######"

    assert figures.amount(value) == by_babel(value, pattern, locale)


@many
@given(decimals("0", "100000", 3))
@pytest.mark.parametrize("locale", [CHINESE, ENGLISH])
def test_a_share_is_a_percentage_in_both_languages(locale: str, value: Decimal) -> None:
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        said = format_percent(value / 100, "#,##0.0%", locale=locale)

    assert wording.per_cent(value) == same(said)


MONEY = Text(zh="万元", en="10k yuan")


@many
@given(decimals("0", "9999999999", 2))
def test_money_is_counted_by_the_ten_thousand_in_chinese_and_by_the_million_in_english(
    value: Decimal,
) -> None:
    said = wording.with_unit(value, MONEY)

    whole = value * 10_000
    pattern = "#,##0.######" if abs(value) >= 10_000 else "0.######"
    assert said.zh == by_babel(value, pattern, CHINESE) + "万元"
    if whole >= 1_000_000:
        english = format_compact_decimal(
            whole, format_type="long", locale=ENGLISH, fraction_digits=12
        )
        assert said.en == f"{english} yuan"
    else:
        pattern = "#,##0.######" if whole >= 10_000 else "0.######"
        assert said.en == by_babel(whole, pattern, ENGLISH) + " yuan"


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_several_names_are_listed_as_english_lists_them(count: int) -> None:
    names = [f"Section {n}" for n in range(count)]

    said = figures.listed([same(name) for name in names])

    assert said.en == format_list(names, locale="en_GB")
