"""Answers told in words: figures with their units, changes, base values, lines of a table."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core import said as answers_said
from survey.core.answers import read
from survey.core.parts import Said, SaidRow, Typed
from survey.core.text import Text
from survey.core.wording import with_unit
from tests.builders import (
    Data,
    a_bank,
    benchmark,
    domain,
    ladder,
    ratio,
    requirements,
    section,
    two_years,
)

SOURCE = {"key": "standard", "title": {"zh": "一项标准", "en": "A standard"}, "edition": "2025"}


def said(data: Data, plain: dict[str, Any]) -> Said:
    one = section("s", "A", domain("d", data, ladder("other")))
    question = a_bank(one, sources=[SOURCE]).questions[data["key"]]
    return answers_said.said(question, read(question, plain))


def test_two_units_are_said_as_so_many_per_hundred() -> None:
    people = {"zh": "人", "en": "people"}
    told = said(ratio(denominator_unit=people), {"numerator": "5", "denominator": "20"})

    assert told.text == Text(
        zh="每100人25台（联网设备数：5台；设备总数：20人）",
        en="25 machines per 100 people (Networked machines: 5 machines; All machines: 20 people)",
    )


def test_a_unit_that_is_named_twice_is_one_unit() -> None:
    told = said(ratio(denominator_unit=ratio()["unit"]), {"numerator": "5", "denominator": "20"})

    assert told.text is not None
    assert told.text.en.startswith("25.0% (")


@pytest.mark.parametrize(
    ("last", "before", "zh", "en"),
    [
        ("54", "48", "上升12.5%", "up 12.5%"),
        ("36", "48", "下降25.0%", "down 25.0%"),
        ("48", "48", "持平", "unchanged"),
        ("48.02", "48", "上升不到0.1%", "up by less than 0.1%"),
        ("47.98", "48", "下降不到0.1%", "down by less than 0.1%"),
        ("47.976", "48", "下降0.1%", "down 0.1%"),
        ("0", "48", "下降100.0%", "down 100.0%"),
    ],
)
def test_two_years_are_told_as_a_change(last: str, before: str, zh: str, en: str) -> None:
    told = said(two_years(), {"numerator": last, "denominator": before}).text

    assert told is not None
    assert told.zh == f"{zh}（上年：{last}万元/人；前年：{before}万元/人）"
    assert told.en.startswith(f"{en} (Last year: {last} CNY 10,000 per person; ")


@pytest.mark.parametrize("part", ["may_exceed", "better"])
def test_a_ratio_with_half_the_marks_of_two_years_is_a_share(part: str) -> None:
    without = {"may_exceed": False} if part == "may_exceed" else {"better": None}

    told = said(two_years(**without), {"numerator": "24", "denominator": "48"}).text

    assert told is not None
    assert told.en.startswith("50.0% (Last year: 24")


def test_a_measured_figure_stands_beside_base_and_lead_with_their_source() -> None:
    given = {"value": "12", "base": "20", "lead": "8", "source": "行业公报"}

    assert said(benchmark(), given) == Said(
        Text(
            zh="12千克标准煤（基准值：20千克标准煤；引领值：8千克标准煤）",
            en="12 kgce (base value: 20 kgce; leading value: 8 kgce)",
        ),
        Typed("行业公报"),
    )


def test_a_source_that_the_bank_cites_is_not_told_as_the_firms_words() -> None:
    cited = {"base": 20, "lead": 8, "source": "standard"}

    assert said(benchmark(scale=cited), {"value": "12"}).typed is None


def test_requirements_are_told_line_by_line() -> None:
    told = said(requirements(), {"rows": {"model": "met", "list": "partly"}})

    assert told.rows == (
        SaidRow(Text(zh="要求list", en="Requirement list"), Text(zh="部分做到", en="Partly met")),
        SaidRow(Text(zh="要求plan", en="Requirement plan"), Text(zh="未回答", en="Not answered")),
        SaidRow(Text(zh="要求model", en="Requirement model"), Text(zh="做到", en="Met")),
    )


@pytest.mark.parametrize(
    ("short", "beside", "name"),
    [
        ({"zh": "简称", "en": "Short"}, False, "Short"),
        ({"zh": "简称", "en": "Short"}, True, "Short"),
        (None, False, "Domain d"),
        (None, True, "What about q?"),
    ],
)
def test_a_question_is_named_in_short_by_its_domain_or_by_its_words(
    *, short: Data | None, beside: bool, name: str
) -> None:
    questions = [ladder("q", short=short), ladder("r")][: 1 + beside]
    [part] = a_bank(section("s", "A", domain("d", *questions))).sections

    assert answers_said.name_of(part.questions[0], part.domains[0]).en == name


def test_percentages_of_two_years_are_compared_in_percentage_points() -> None:
    percent = {"zh": "%", "en": "%"}
    asked = said(two_years("rate", unit=percent), {"numerator": "92", "denominator": "88"})

    assert asked.text is not None
    assert asked.text.zh.startswith("上升4个百分点（")
    assert asked.text.en.startswith("up 4 percentage points (")


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("years", "1 year"),
        ("people", "1 person"),
        ("tonnes of standard coal (tce)", "1 tonne of standard coal (tce)"),
        ("pieces or lots", "1 pieces or lots"),
        ("gas", "1 gas"),
        ("%", "1%"),
    ],
)
def test_a_single_one_is_called_so_in_english(unit: str, one: str) -> None:
    counted = Text(zh="个", en=unit)

    assert with_unit(Decimal(1), counted) == Text(zh="1个", en=one)
    assert with_unit(Decimal("1.5"), counted).en.endswith(unit)
