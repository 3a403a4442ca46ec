"""What the plan would do to score and level: computed phase by phase, and said truthfully."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core.figures import one_decimal
from survey.core.parts import Effect
from tests import builders as b
from tests.builders import a_report, at, ladders

UNKNOWN = {"unknown": True}


def effect(bank: Any, plain: dict[str, Any]) -> Effect:
    found = a_report(bank, plain).roadmap.effect
    assert found is not None
    return found


def by_phase() -> Any:
    """Three ladders whose next steps take 30, 90 and 365 days."""
    questions = [
        b.ladder(f"q{n}", advice=b.advice(horizon=days)) for n, days in enumerate((30, 90, 365))
    ]
    return b.a_bank(b.section("s", "A", b.domain("d", *questions)))


def test_the_score_is_computed_anew_after_each_phase() -> None:
    found = effect(by_phase(), at(2, 2, 2))

    assert [(stage.title.en, stage.level_number) for stage in found.stages] == [
        ("Today", 2),
        ("After phase 1", 2),
        ("After phase 2", 2),
        ("After phase 3", 3),
    ]
    assert [one_decimal(stage.total or Decimal(0)) for stage in found.stages] == [
        "40.0",
        "46.7",
        "53.3",
        "60.0",
    ]
    assert [(each.before, each.after) for each in found.sections] == [(Decimal(40), Decimal(60))]


def test_a_phase_without_steps_is_no_stage() -> None:
    assert [stage.title.zh for stage in effect(ladders(), at(2, 2, 2, 2, 2)).stages] == [
        "目前",
        "第二阶段后",
    ]


@pytest.mark.parametrize(
    ("scheme", "plain", "words"),
    [
        ({}, at(2, 2, 2, 2, 2), "由40.0分升到60.0分，可达到第3级“等级3”"),
        ({"core": ["q4"]}, at(2, 2, 2, 2, 2), "由40.0分升到60.0分，可达到第3级"),
        ({"breadth": 100}, at(4, 4, 4, 4, 0), "由64.0分升到84.0分，可达到第1级"),
        ({}, at(3) | {"q1": UNKNOWN}, "待查实的数据补齐后才能评级"),
    ],
)
def test_the_effect_names_the_level_if_it_changes(
    scheme: dict[str, Any], plain: dict[str, Any], words: str
) -> None:
    assert words in effect(ladders(levels=b.levels(**scheme)), plain).opening.zh


def test_a_level_is_named_if_it_changes_and_said_to_stay_if_it_does_not() -> None:
    found = effect(ladders(), at(0, 0, 2, 2, 2))

    assert found.opening.zh.endswith("总分预计由24.0分升到44.0分，可达到第2级“等级2”。")
    assert "等级不变" in effect(ladders(), at(5, 5, 5, 5, 1)).opening.zh


def test_below_the_lowest_level_nothing_is_promised() -> None:
    scheme = b.levels()
    scheme["steps"] = scheme["steps"][2:]

    found = effect(ladders(levels=scheme), at(0, 0, 0, 0, 0))

    assert "仍未满足最低一级的条件" in found.opening.zh
    assert {stage.level.en for stage in found.stages} == {"No level yet"}


def test_a_plan_of_remedies_alone_is_not_said_to_raise_the_total() -> None:
    remedy = {key: value for key, value in b.advice(horizon=30)[0].items() if key != "to"}
    block = b.yes_no()
    block["statements"][1]["remedy"] = remedy
    bank = b.a_bank(b.section("s", "A", b.domain("law", block), b.domain("d", b.ladder("q0"))))

    found = effect(bank, at(5) | {"conditions": {"statements": {"permit": "no"}}})

    assert "基本不变" in found.opening.zh
    assert [stage.total for stage in found.stages] == [100, 100]


@pytest.mark.parametrize("plain", [{}, at(5, 5, 5, 5, 5)])
def test_without_a_total_or_steps_there_is_no_effect(plain: dict[str, Any]) -> None:
    assert a_report(ladders(), plain).roadmap.effect is None


def test_a_step_worth_little_is_not_said_to_add_nothing() -> None:
    questions = [b.ladder("q0", weight="99.9"), b.ladder("q1", weight="0.1")]
    bank = b.a_bank(b.section("s", "A", b.domain("d", *questions)))

    steps = {step.key: step for step in a_report(bank, at(3, 3)).roadmap.first}

    assert steps["q0"].because.en.startswith("Done, it adds about 20.0 points for a medium amount")
    assert steps["q1"].because.zh.startswith("完成后总分可提高不到0.1分")
