"""Which figures are asked about once more, in which words; no score ever depends on it."""

from typing import Any

import pytest

from survey.core import likely, scoring
from survey.core.answers import read, read_all
from survey.core.text import Text
from tests.builders import (
    Data,
    a_bank,
    benchmark,
    domain,
    ladder,
    number,
    ratio,
    section,
    two_years,
)

MONEY = {"zh": "万元", "en": "10k yuan"}
PEOPLE = {"zh": "人", "en": "people"}
PER_CENT = {"zh": "%", "en": "%"}


def within(low: object, high: object) -> Data:
    return {"low": low, "high": high}


def asked(data: Data, plain: dict[str, Any]) -> Text | None:
    """What is asked about an answer to this question."""
    question = a_bank(section("s", "A", domain("d", data, ladder("other")))).questions[data["key"]]
    return likely.unlikely(question, read(question, plain))


@pytest.mark.parametrize("figure", ["2", "2.0", "30", "１５"])
def test_a_figure_within_its_range_limits_included_is_not_asked_about(figure: str) -> None:
    assert asked(number(likely=within(2, 30)), {"number": figure}) is None


def test_a_figure_above_its_range_is_asked_about_with_its_unit() -> None:
    revenue = number(maximum=100_000_000, unit=MONEY, likely=within(10, 5_000_000))

    assert asked(revenue, {"number": "32,000,000"}) == Text(
        zh="填的是32,000,000万元，偏高：通常不超过5,000,000万元。数值和单位都对吗？",
        en="You entered 320 billion yuan, which is unusually high: 50 billion yuan at most is "
        "usual. Are the figure and its unit right?",
    )


def test_a_figure_below_its_range_is_asked_about_with_its_unit() -> None:
    assert asked(number(likely=within(5, 30)), {"number": "3"}) == Text(
        zh="填的是3年，偏低：通常不低于5年。数值和单位都对吗？",
        en="You entered 3 years, which is unusually low: 5 years at least is usual. "
        "Are the figure and its unit right?",
    )


@pytest.mark.parametrize(("value", "way"), [("1.9", "low"), ("2", None), ("501", "high")])
def test_of_a_measured_figure_its_value_counts(value: str, way: str | None) -> None:
    given = {"value": value, "base": "900", "lead": "1", "source": "行业公报"}

    sentence = asked(benchmark(likely=within(2, 500)), given)

    assert (sentence and sentence.en.partition("unusually ")[2].partition(":")[0]) == way


@pytest.mark.parametrize(
    ("numerator", "sentence"),
    [
        ("4", None),
        (
            "5",
            Text(
                zh="两数相除得50.0%，偏高：通常不超过40%。两个数都对吗？",
                en="The two figures come to 50.0%, which is unusually high: 40% at most is "
                "usual. Are both right?",
            ),
        ),
        (
            "0",
            Text(
                zh="两数相除得0.0%，偏低：通常不低于5%。两个数都对吗？",
                en="The two figures come to 0.0%, which is unusually low: 5% at least is "
                "usual. Are both right?",
            ),
        ),
    ],
)
def test_of_a_share_its_per_cent_counts(numerator: str, sentence: Text | None) -> None:
    share = ratio(likely=within(5, 40))

    assert asked(share, {"numerator": numerator, "denominator": "10"}) == sentence


def test_a_share_that_reads_as_the_limit_is_not_asked_about() -> None:
    share = ratio(likely=within(0, 40))

    assert asked(share, {"numerator": "40.04", "denominator": "100"}) is None
    assert asked(share, {"numerator": "40.05", "denominator": "100"}) is not None


@pytest.mark.parametrize(
    ("numerator", "sentence"),
    [
        (
            "48",
            Text(
                zh="两数相除得每100人96台，偏高：通常不超过每100人60台。两个数都对吗？",
                en="The two figures come to 96 machines per 100 people, which is unusually high: "
                "60 machines per 100 people at most is usual. Are both right?",
            ),
        ),
        (
            "1",
            Text(
                zh="两数相除得每100人2台，偏低：通常不低于每100人5台。两个数都对吗？",
                en="The two figures come to 2 machines per 100 people, which is unusually low: "
                "5 machines per 100 people at least is usual. Are both right?",
            ),
        ),
        ("25", None),
    ],
)
def test_what_has_two_units_is_asked_about_per_hundred(
    numerator: str, sentence: Text | None
) -> None:
    robots = ratio(denominator_unit=PEOPLE, may_exceed=True, likely=within(5, 60))

    assert asked(robots, {"numerator": numerator, "denominator": "50"}) == sentence


def test_of_two_years_the_change_counts() -> None:
    figure = two_years(likely=within(-50, 50))

    is_asked = {
        now: asked(figure, {"numerator": now, "denominator": "48"}) is not None
        for now in ("23.9", "24", "72", "72.1")
    }

    assert is_asked == {"23.9": True, "24": False, "72": False, "72.1": True}


def test_a_change_is_asked_about_in_the_words_of_the_report() -> None:
    figure = two_years(likely=within(-50, 50))

    assert asked(figure, {"numerator": "480", "denominator": "48"}) == Text(
        zh="前后相比上升900.0%，变化较大：通常在下降50.0%到上升50.0%之间。两个数都对吗？",
        en="One figure against the other: up 900.0%, which is unusual. Most changes lie between "
        "down 50.0% and up 50.0%. Are both figures right?",
    )


def test_percentages_change_by_points() -> None:
    figure = two_years(unit=PER_CENT, likely=within(-20, 20))

    assert asked(figure, {"numerator": "90", "denominator": "70"}) is None
    assert asked(figure, {"numerator": "95", "denominator": "70"}) == Text(
        zh="前后相比上升25个百分点，变化较大：通常在下降20个百分点到上升20个百分点之间。"
        "两个数都对吗？",
        en="One figure against the other: up 25 percentage points, which is unusual. Most changes "
        "lie between down 20 percentage points and up 20 percentage points. Are both figures "
        "right?",
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "sentence"),
    [
        ("60", "54", None),
        (
            "600000",
            "54",
            Text(
                zh="“上年”填的是600,000万元，偏高：通常不超过1000万元。数值和单位都对吗？",
                en="“Last year” is entered as 6 billion yuan, which is unusually high: 10 million "
                "yuan at most is usual. Are the figure and its unit right?",
            ),
        ),
        (
            "60",
            "0.5",
            Text(
                zh="“前年”填的是0.5万元，偏低：通常不低于5万元。数值和单位都对吗？",
                en="“Year before” is entered as 5000 yuan, which is unusually low: 50,000 yuan at "
                "least is usual. Are the figure and its unit right?",
            ),
        ),
    ],
)
def test_each_of_two_figures_is_looked_at_before_their_change(
    numerator: str, denominator: str, sentence: Text | None
) -> None:
    figure = two_years(unit=MONEY, likely=within(-90, 900), likely_each=within(5, 1000))

    assert asked(figure, {"numerator": numerator, "denominator": denominator}) == sentence


def test_a_denominator_in_another_unit_has_no_range_of_its_own() -> None:
    share = ratio(denominator_unit=PEOPLE, likely_each=within(5, 1000))

    assert asked(share, {"numerator": "5", "denominator": "9000"}) is None


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        (number(), {"number": "100"}),
        (benchmark(), {"value": "0", "base": "9", "lead": "1", "source": "行业公报"}),
        (ratio(), {"numerator": "0", "denominator": "1000000"}),
        (number(likely=within(2, 30)), {"unknown": True}),
        (number(likely=within(2, 30), not_applicable="with-reason"), {"not_applicable": "没有。"}),
        (ladder("q"), {"option": "level-5"}),
    ],
)
def test_what_has_no_range_or_no_figure_is_not_asked_about(
    question: Data, plain: dict[str, Any]
) -> None:
    assert asked(question, plain) is None


def test_nothing_is_asked_where_nothing_is_answered() -> None:
    question = a_bank(section("s", "A", domain("d", number(likely=within(2, 30)))))

    assert likely.unlikely(question.questions["years"], None) is None


def test_a_range_changes_neither_what_is_taken_nor_the_score() -> None:
    plain, ranged = (
        a_bank(section("s", "A", domain("d", question)))
        for question in (number(), number(likely=within(2, 3)))
    )
    given = {"years": {"number": "100"}}

    before, now = (scoring.score(bank, read_all(bank, given)) for bank in (plain, ranged))

    assert before == now
