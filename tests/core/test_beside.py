"""The firm beside its last round, its own targets and published figures."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core.parts import Comparison, TargetLine
from survey.core.text import Text
from tests import builders as b
from tests.builders import a_report, at, ladders, last_round

UNKNOWN = {"unknown": True}


def compared(before: dict[str, Any], now: dict[str, Any]) -> Comparison:
    found = a_report(ladders(), now, previous=last_round(ladders(), before)).comparison
    assert found is not None
    return found


# ----------------------------------------------------------------- last round


def test_two_rounds_stand_side_by_side_with_their_totals_and_levels() -> None:
    found = compared(at(1, 1, 1, 1, 1), at(2, 2, 2, 2, 2))

    assert found.before_on.year == 2025
    assert (found.before.title.en, found.before.total, found.before.level_number) == (
        "Last round",
        Decimal(20),
        1,
    )
    assert (found.now.title.zh, found.now.total, found.now.level_number) == ("本轮", Decimal(40), 2)
    assert [(each.key, each.before, each.after) for each in found.sections[:2]] == [
        ("s0", Decimal(20), Decimal(40)),
        ("s1", Decimal(20), Decimal(40)),
    ]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (at(1, 1, 1, 1, 1), at(2, 2, 2, 2, 2), "总分由20.0分升到40.0分，提高20.0分"),
        (at(3, 3, 3, 3, 3), at(2, 3, 3, 3, 3), "总分由60.0分降到56.0分，下降4.0分"),
        (at(3, 3, 3, 3, 3), at(3, 3, 3, 3, 3), "总分没有变化（60.0分）"),
    ],
)
def test_the_opening_says_which_way_the_total_went(
    before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    assert words in compared(before, now).opening.zh


def test_the_sections_that_moved_furthest_are_named_and_small_moves_are_not() -> None:
    found = compared(at(1, 3, 2, 2, 2), at(4, 1, 3, 3, 2))

    assert [text.en for text in found.moved] == [
        "Section A: up 60.0",
        "Section B: down 40.0",
        "Section C: up 20.0",
    ]


def test_questions_that_rose_and_fell_are_listed_the_greatest_effect_first() -> None:
    found = compared(at(1, 3, 2, 2, 2), at(2, 1, 4, 2, 2))

    assert [(each.key, each.before, each.after) for each in found.risen] == [
        ("q2", Decimal(40), Decimal(80)),
        ("q0", Decimal(20), Decimal(40)),
    ]
    assert [(each.code, each.title.en, each.after) for each in found.fallen] == [
        ("B", "Domain d1", Decimal(20))
    ]


def test_a_section_that_was_not_rated_before_has_no_score_there() -> None:
    found = compared(at(3, 3, 3, 3) | {"q4": UNKNOWN}, at(3, 3, 3, 3, 3))

    assert [(each.before, each.after) for each in found.sections][-1] == (None, Decimal(60))
    assert found.moved == ()


def test_rounds_by_the_same_rules_may_be_compared_whatever_the_version_is_called() -> None:
    previous = last_round(ladders(version=1), at(1, 1, 1, 1, 1))

    found = a_report(ladders(version=2), at(2, 2, 2, 2, 2), previous=previous).comparison

    assert found is not None
    assert found.note.en.startswith("Both rounds had the same questions, weights and levels")


AROUND = {
    "code": "A9",
    "help": {"zh": "按台账填写。", "en": "As the ledger says."},
    "evidence": {"zh": "见台账。", "en": "See the ledger."},
}


@pytest.mark.parametrize(
    ("changes", "same"),
    [(AROUND, True), ({"prompt": {"zh": "换个问题？", "en": "Something else?"}}, False)],
)
def test_what_stands_around_a_question_makes_no_other_question(
    changes: b.Data,
    *,
    same: bool,
) -> None:
    before, now = (
        b.a_bank(b.section("s", "A", b.domain("d", b.ladder("p"), question)))
        for question in (b.ladder("q"), b.ladder("q") | changes)
    )
    answers = {key: {"option": "level-2"} for key in ("p", "q")}

    found = a_report(now, answers, previous=last_round(before, answers)).comparison

    assert found is not None
    assert found.note.en.startswith("Both rounds had the same questions") == same


def test_of_rounds_with_other_questions_only_the_common_part_is_compared() -> None:
    previous = last_round(ladders(4), at(1, 1, 1, 1))

    found = a_report(ladders(5), at(2, 2, 2, 2, 5), previous=previous).comparison

    assert found is not None
    assert "本轮计分的5道题中，有4道上一轮也计了分" in found.note.zh
    assert "the mean was 20.0 and is 40.0" in found.note.en


def test_common_questions_without_weight_are_compared_alike() -> None:
    def bank(first: str) -> Any:
        questions = [b.ladder(first, weight="100"), b.ladder("idle", weight="0")]
        return b.a_bank(b.section("s", "A", b.domain("d", *questions)))

    previous = last_round(bank("old"), {"old": b.level(3), "idle": b.level(1)})

    found = a_report(
        bank("new"), {"new": b.level(3), "idle": b.level(2)}, previous=previous
    ).comparison

    assert found is not None
    assert "the mean was 20.0 and is 40.0" in found.note.en


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (at(3) | {"q1": UNKNOWN}, at(3, 3, 3, 3, 3)),
        (at(3, 3, 3, 3, 3), at(3) | {"q1": UNKNOWN}),
    ],
)
def test_a_provisional_total_is_not_compared_without_saying_so(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    assert "暂定" in compared(before, now).note.zh


@pytest.mark.parametrize(
    ("before", "now"),
    [({}, at(3, 3, 3, 3, 3)), (at(3, 3, 3, 3, 3), {}), (at(3), {"q1": b.level(3)})],
)
def test_rounds_that_have_nothing_in_common_are_not_compared(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    made = a_report(ladders(), now, previous=last_round(ladders(), before))

    assert made.comparison is None


def test_a_round_of_another_bank_is_not_compared() -> None:
    previous = last_round(ladders(key="other-bank"), at(1, 1, 1, 1, 1))

    assert a_report(ladders(), at(2, 2, 2, 2, 2), previous=previous).comparison is None


def test_a_first_round_has_nothing_to_be_compared_with() -> None:
    assert a_report(ladders(), at(3, 3, 3, 3, 3)).comparison is None


# -------------------------------------------------------------------- targets


def lines(plain: dict[str, Any], wanted: dict[str, int]) -> tuple[TargetLine, ...]:
    found = a_report(ladders(), plain, targets=wanted).targets
    assert found is not None
    return found.lines


@pytest.mark.parametrize(
    ("plain", "level", "state"),
    [
        (at(3), 3, Text(zh="已达到", en="Reached")),
        (at(2), 2, Text(zh="还差20.0分", en="20.0 points short")),
        ({"q0": UNKNOWN, "q1": b.level(3)}, None, Text(zh="未评分", en="Not rated")),
    ],
)
def test_a_target_is_reached_or_so_many_points_away(
    plain: dict[str, Any], level: int | None, state: Text
) -> None:
    [line] = lines(plain, {"d0": 3})

    assert (line.code, line.title.en, line.level, line.target, line.state) == (
        "A",
        "Domain d0",
        level,
        3,
        state,
    )


def test_targets_are_counted_and_those_of_no_domain_are_left_out() -> None:
    found = a_report(ladders(), at(3, 1), targets={"d1": 2, "d0": 3, "gone": 4}).targets

    assert found is not None
    assert [line.key for line in found.lines] == ["d0", "d1"]
    assert found.opening.zh == "企业为2个领域定了目标等级，其中1个已达到。"


@pytest.mark.parametrize("wanted", [{}, {"gone": 4}])
def test_a_firm_without_targets_has_no_such_part(wanted: dict[str, int]) -> None:
    assert a_report(ladders(), at(3), targets=wanted).targets is None


# ---------------------------------------------------------- published figures


def published(plain: dict[str, Any], **changes: Any) -> list[bool]:
    words = {"zh": "某统计", "en": "Some figures"}
    shares = [b.published_share(75, levels=[0, 1]), b.published_share(14, levels=[2])]
    bank = ladders(
        sources=[{"key": "norm", "title": words, "edition": "2022"}],
        distributions=[b.distribution(*shares)],
        **changes,
    )
    [found] = a_report(bank, plain).distributions
    assert (found.year, found.source.en, found.caution.en) == (
        2022,
        "Some figures",
        "For orientation.",
    )
    return [share.here for share in found.shares]


@pytest.mark.parametrize(
    ("plain", "here"),
    [
        (at(1, 1, 1, 1, 1), [True, False]),
        (at(2, 2, 2, 2, 2), [False, True]),
        (at(3, 3, 3, 3, 3), [False, False]),
        (at(2), [False, False]),  # provisional
        ({}, [False, False]),
    ],
)
def test_the_firms_own_part_is_marked_where_the_levels_correspond(
    plain: dict[str, Any], here: list[bool]
) -> None:
    assert published(plain) == here


def test_a_firm_below_the_lowest_level_belongs_to_the_lowest_part() -> None:
    scheme = b.levels()
    scheme["steps"] = scheme["steps"][1:]

    assert published(at(0, 0, 0, 0, 1), levels=scheme) == [True, False]
