"""What a report says where parts have points and no levels, and how percentages move."""

from datetime import date
from decimal import Decimal

import pytest

from survey.core import advice, wording
from survey.core.parts import Report
from survey.core.report import build
from survey.core.scoring import score
from tests.builders import Data, a_bank, answers, domain, ladder, level, levels, multiple, section


def a_points_report(plain: dict[str, Data]) -> Report:
    bank = a_bank(
        section(
            "s", "A", domain("d", multiple("m", weight="60"), ladder("q", weight="40"), weight=100)
        ),
        scoring={"method": "points"},
        levels=levels(completeness=0),
    )
    given = answers(bank, plain)
    result = score(bank, given)
    return build(
        bank=bank,
        answers=given,
        result=result,
        plan=advice.plan(bank, given, result),
        firm_name="",
        report_id="0" * 32,
        issued_on=date(2026, 1, 1),
        bank_digest="",
    )


def test_a_step_of_boxes_climbs_in_points_and_one_of_a_ladder_in_its_own_steps() -> None:
    report = a_points_report({"m": {"options": ["a"]}, "q": level(2)})

    climbs = {step.key: step.climbs.en for step in report.roadmap.first}

    assert climbs == {"m": "25.0 → 50.0 points", "q": "Level 2 → 3"}


def test_what_must_be_raised_is_told_without_a_level() -> None:
    report = a_points_report({"m": {"options": ["a"]}, "q": level(0)})

    [block] = report.blocks.items
    notes = {change.key: (change.note.zh, change.note.en) for change in block.changes}

    assert notes == {"m": ("提高到50.0分", "raise to 50.0 points")}


def test_what_is_unknown_earns_nothing_yet_and_the_report_says_so() -> None:
    report = a_points_report({"m": {"unknown": True}, "q": level(5)})

    assert report.unknowns.opening.zh == (
        "与得分和等级有关的题中，有1道没有已知的答案。查实之前不得分，也不算达到要求，"
        "完整度随之降低。"
    )


@pytest.mark.parametrize(
    ("by", "zh", "en"),
    [
        ("0", "持平", "unchanged"),
        ("4.5", "上升4.5个百分点", "up 4.5 percentage points"),
        ("-2", "下降2个百分点", "down 2 percentage points"),
    ],
)
def test_a_percentage_moves_by_percentage_points(by: str, zh: str, en: str) -> None:
    said = wording.moved_by(Decimal(by))

    assert (said.zh, said.en) == (zh, en)
