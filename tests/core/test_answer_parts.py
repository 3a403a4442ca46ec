"""The firm's own words and figures: key figures over two years, and what to find out first."""

from typing import Any

import pytest

from survey.core.parts import KeyFigure
from survey.core.text import Text
from tests import builders as b
from tests.builders import a_report, at, ladders

UNKNOWN = {"unknown": True}


def figure(question: dict[str, Any], answer: dict[str, Any]) -> KeyFigure:
    page = b.a_profile(question)
    [found] = a_report(ladders(outcomes=page), at(3) | {question["key"]: answer}).outcomes
    return found


PER_CENT = {"zh": "%", "en": "%"}
MONEY = {"zh": "万元", "en": "10k yuan"}


@pytest.mark.parametrize(
    ("question", "answer", "latest", "before", "change"),
    [
        (
            b.two_years("k", unit=MONEY),
            {"numerator": "778", "denominator": "720"},
            ("778万元", "7.78 million yuan"),
            ("720万元", "7.2 million yuan"),
            ("上升8.1%", "up 8.1%"),
        ),
        (
            b.two_years("k", unit=PER_CENT),
            {"numerator": "88.6", "denominator": "90"},
            ("88.6%", "88.6%"),
            ("90%", "90%"),
            ("下降1.4个百分点", "down 1.4 percentage points"),
        ),
        (
            b.two_years("k"),
            {"numerator": "48", "denominator": "48"},
            ("48万元/人", "48 CNY 10,000 per person"),
            ("48万元/人", "48 CNY 10,000 per person"),
            ("持平", "unchanged"),
        ),
        (
            b.plain_question(
                "k", "ratio", numerator=MONEY, denominator=MONEY, unit=MONEY
            ),
            {"numerator": "30", "denominator": "400"},
            ("7.5%", "7.5%"),
            None,
            None,
        ),
        (
            b.plain_question(
                "k", "ratio", numerator=MONEY, denominator=MONEY, unit=MONEY,
                denominator_unit={"zh": "人", "en": "people"},
            ),
            {"numerator": "30", "denominator": "400"},
            ("每100人7.5万元", "75,000 yuan per 100 people"),
            None,
            None,
        ),
        (
            b.plain_question("k", "number", unit=MONEY, minimum=0, maximum=10**7),
            {"number": "32"},
            ("32万元", "320,000 yuan"),
            None,
            None,
        ),
    ],
)  # fmt: skip
def test_a_key_figure_has_last_year_the_year_before_and_the_change(
    question: dict[str, Any],
    answer: dict[str, Any],
    latest: tuple[str, str],
    before: tuple[str, str] | None,
    change: tuple[str, str] | None,
) -> None:
    found = figure(question, answer)

    assert (found.latest.zh, found.latest.en) == latest
    assert (found.before and (found.before.zh, found.before.en)) == before
    assert (found.change and (found.change.zh, found.change.en)) == change


def test_a_key_figure_goes_by_its_short_name() -> None:
    short = {"zh": "人均产值", "en": "Output per head"}
    answer = {"numerator": "54", "denominator": "48"}

    assert figure(b.two_years(short=short), answer).label == Text(**short)
    assert figure(b.two_years(), answer).label.zh == "关于productivity的问题？"


def test_core_questions_and_heavy_ones_are_to_be_found_out_first() -> None:
    questions = [b.ladder(f"q{n}", weight=str(weight)) for n, weight in enumerate((5, 30, 25, 40))]
    bank = b.a_bank(b.section("s", "A", b.domain("d", *questions)), levels=b.levels(core=["q0"]))

    found = a_report(bank, {"q3": b.level(3), "q2": UNKNOWN}).unknowns

    assert [item.key for item in found.items] == ["q0", "q1", "q2"]
    assert [item.key for item in found.first] == ["q0", "q1", "q2"]
    assert [item.state.en for item in found.first] == ["Not answered", "Not answered", "Not known"]


def test_at_most_five_are_to_be_found_out_first() -> None:
    found = a_report(ladders(8), {}).unknowns

    assert (len(found.items), len(found.first)) == (8, 5)


def test_where_everything_is_known_nothing_is_to_be_found_out() -> None:
    found = a_report(ladders(), at(3, 3, 3, 3, 3)).unknowns

    assert (found.items, found.first) == ((), ())


def test_a_year_stands_alone_in_english() -> None:
    year = b.number("founded", unit={"zh": "年", "en": "year"}, minimum=1900, maximum=2100,
                    bands=[], weight="1", advice=[])  # fmt: skip
    bank = ladders(profile=b.a_profile(b.choice("size-class", "large", "small"), year))

    [fact] = a_report(bank, {"founded": {"number": "2004"}}).profile

    assert fact.said.text == Text(zh="2004年", en="2004")
