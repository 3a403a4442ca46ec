"""The SME digital level bank: the cases of the 2024 rule for manufacturing, through the whole bank.

Points come from assessment-models.md 2.2, the gate of scenes from 2.4, the cases from vectors.md,
"Points plus gate".
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey.core.answers import read
from survey.core.bank import Ladder, Method, Multiple, Ratio
from survey.core.earned import question_score
from survey.core.levels import Scored, climb
from survey.core.result import BlockerKind, Result
from survey.core.scoring import score
from survey.exchange import yaml_bank
from tests.builders import Data, answers, level

FILE = Path(__file__).parents[3] / "questionnaires" / "sme-digital-level" / "1.yaml"
_, BANK = yaml_bank.read(FILE.read_bytes(), file=FILE.name)

Plain = dict[str, Data]
PUBLISHED_POINTS = {
    "foundation": {
        "plant-network": "8",
        "digital-equipment-share": "6",
        "networked-equipment-share": "6",
        "automatic-data-collection": "10",
        "system-coverage": "10",
        "network-security": "5",
        "data-security": "5",
    },
    "management": {
        "digital-planning": "7.5",
        "digital-rules": "7.5",
        "digital-talent": "7.5",
        "digital-spend": "7.5",
    },
    "results": {
        "energy-per-revenue": "7",
        "pass-rate": "7",
        "revenue-per-head": "3",
        "cost-per-revenue": "3",
    },
}
BANDED = ("digital-equipment-share", "networked-equipment-share", "digital-spend")
GATE = BANK.levels.gates.scenes
assert GATE is not None
MANDATORY = GATE.mandatory
OTHERS = tuple(key for key in GATE.scenes if key not in GATE.mandatory)
NONE = {"options": ["none"]}


def d(value: str) -> Decimal:
    return Decimal(value)


def boxes(key: str, number: int) -> Data:
    """The first `number` boxes of a question."""
    question = BANK.questions[key]
    assert isinstance(question, Multiple)
    return {"options": [option.key for option in question.options][:number]}


def share(value: str) -> Data:
    return {"numerator": value, "denominator": "100"}


def scenes(*reached: tuple[int, int]) -> Plain:
    """For L1, L2 and so on: how many scenes are there or above, and how many mandatory ones."""
    rising = [(MANDATORY, [must for _, must in reached])]
    rising.append((OTHERS, [some - must for some, must in reached]))
    return {
        key: level(sum(1 for count in counts if count > at))
        for keys, counts in rising
        for at, key in enumerate(keys)
    }


ALL_AT_L4 = scenes(*[(16, 10)] * 4)
LOWEST: Plain = {
    "plant-network": NONE,
    "digital-equipment-share": share("10"),
    "networked-equipment-share": share("0"),
    "automatic-data-collection": NONE,
    "system-coverage": level(0),
    "network-security": NONE,
    "data-security": NONE,
    "digital-planning": level(0),
    "digital-rules": NONE,
    "digital-talent": NONE,
    "digital-spend": share("10"),
    "energy-per-revenue": share("101"),
    "pass-rate": share("99"),
    "revenue-per-head": share("99"),
    "cost-per-revenue": share("101"),
}
HIGHEST: Plain = {
    "plant-network": boxes("plant-network", 4),
    "digital-equipment-share": share("100"),
    "networked-equipment-share": share("60.01"),
    "automatic-data-collection": boxes("automatic-data-collection", 14),
    "system-coverage": level(4),
    "network-security": boxes("network-security", 4),
    "data-security": boxes("data-security", 4),
    "digital-planning": level(5),
    "digital-rules": boxes("digital-rules", 4),
    "digital-talent": boxes("digital-talent", 5),
    "digital-spend": share("60.01"),
    "energy-per-revenue": share("99"),
    "pass-rate": share("101"),
    "revenue-per-head": share("101"),
    "cost-per-revenue": share("99"),
}
CASE_B: Plain = {
    "plant-network": boxes("plant-network", 2),
    "digital-equipment-share": share("40"),
    "networked-equipment-share": share("15"),
    "automatic-data-collection": boxes("automatic-data-collection", 7),
    "system-coverage": level(2),
    "network-security": boxes("network-security", 2),
    "data-security": boxes("data-security", 1),
    "digital-planning": level(3),
    "digital-rules": boxes("digital-rules", 2),
    "digital-talent": boxes("digital-talent", 2),
    "digital-spend": share("2"),
    "energy-per-revenue": share("95"),
    "pass-rate": share("100"),
    "revenue-per-head": share("105"),
    "cost-per-revenue": share("100"),
}
B_POINTS = {
    "plant-network": "4",
    "digital-equipment-share": "3",
    "networked-equipment-share": "1.5",
    "automatic-data-collection": "4.9",
    "system-coverage": "5",
    "network-security": "2.5",
    "data-security": "1.25",
    "digital-planning": "4.5",
    "digital-rules": "3.75",
    "digital-talent": "3",
    "digital-spend": "0",
    "energy-per-revenue": "7",
    "pass-rate": "3.5",
    "revenue-per-head": "3",
    "cost-per-revenue": "1.5",
}
JUST_BELOW_SIXTY = CASE_B | {
    "plant-network": boxes("plant-network", 4),
    "automatic-data-collection": boxes("automatic-data-collection", 8),
    "system-coverage": level(4),
    "digital-rules": boxes("digital-rules", 3),
}
EIGHT_LINKS = boxes("automatic-data-collection", 8)["options"]
SIXTY = CASE_B | {
    "automatic-data-collection": {"options": [*EIGHT_LINKS, "human-resources"]},
    "system-coverage": level(4),
    "digital-planning": level(4),
    "pass-rate": share("101"),
}


def scores(*plain: Plain) -> Result:
    merged: dict[str, Any] = {}
    for each in plain:
        merged |= each
    return score(BANK, answers(BANK, merged))


def points(result: Result) -> dict[str, Decimal]:
    """What each scored question has earned, on the published scale."""
    return {
        key: round((result.items[key].contribution or d("0")), 6)
        for part in PUBLISHED_POINTS.values()
        for key in part
    }


def parts(result: Result) -> list[Decimal]:
    """What each of the three scored parts has earned."""
    earned = points(result)
    return [sum((earned[key] for key in part), d("0")) for part in PUBLISHED_POINTS.values()]


def share_of(key: str, plain: Data) -> Decimal:
    """The part of its full score that an answer earns, in per cent."""
    question = BANK.questions[key]
    return question_score(question, read(question, plain))


def blocked(result: Result) -> list[tuple[BlockerKind, int]]:
    return [(blocker.kind, blocker.level) for blocker in result.blockers]


# -------------------------------------------------------------- what is published


def test_every_question_is_worth_its_published_points() -> None:
    """assessment-models.md 2.2: 50 + 30 + 20 = 100, and the scenes earn nothing."""
    weights = {
        section.key: {question.key: question.weight for question in section.questions}
        for section in BANK.sections
    }

    assert BANK.scoring.method is Method.POINTS
    assert [section.weight for section in BANK.sections] == [50, 30, 20, 0]
    assert set(weights.pop("scenes").values()) == {d("0")}
    assert weights == {
        section: {key: d(value) for key, value in part.items()}
        for section, part in PUBLISHED_POINTS.items()
    }


@pytest.mark.parametrize(
    ("key", "worth"),
    [
        ("plant-network", ["2"] * 4),
        ("automatic-data-collection", [*["0.7"] * 13, "0.9"]),
        ("network-security", ["1.25"] * 4),
        ("data-security", ["1.25"] * 4),
        ("digital-rules", ["1.875"] * 4),
        ("digital-talent", ["1.5"] * 5),
    ],
)
def test_every_box_is_worth_its_published_points(key: str, worth: list[str]) -> None:
    """assessment-models.md 2.2; the box for nothing excludes all others and earns nothing."""
    question = BANK.questions[key]
    assert isinstance(question, Multiple)
    *ticked, last = question.options

    assert [option.points for option in ticked] == [d(value) for value in worth]
    assert sum((d(value) for value in worth), d("0")) == question.weight
    assert (last.key, last.points) == (question.none, None)


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        ("system-coverage", ["0", "2.5", "5", "7.5", "10"]),
        ("digital-planning", ["0", "1.5", "3", "4.5", "6", "7.5"]),
    ],
)
def test_every_step_has_its_published_points(key: str, steps: list[str]) -> None:
    """assessment-models.md 2.2, F5 and M8; there is nothing between two steps."""
    question = BANK.questions[key]
    assert isinstance(question, Ladder)

    assert [option.points for option in question.options] == [d(value) for value in steps]
    assert not question.half_steps


def test_the_scenes_are_sixteen_of_which_ten_are_mandatory() -> None:
    """assessment-models.md 2.3 and 2.4, with 8 and 5 at level 3."""
    assert GATE is not None
    section = BANK.section("scenes")

    assert GATE.scenes == tuple(question.key for question in section.questions)
    assert (len(GATE.scenes), len(GATE.mandatory)) == (16, 10)
    assert [(step.level, step.scenes, step.mandatory) for step in GATE.steps] == [
        (1, 6, 3),
        (2, 6, 3),
        (3, 8, 5),
        (4, 10, 6),
    ]
    for question in section.questions:
        assert isinstance(question, Ladder)
        assert [option.points for option in question.options] == [0, 1, 2, 3, 4]
        assert not question.half_steps


# ------------------------------------------------------------------- the points


def test_all_lowest_answers_give_zero_and_no_level() -> None:
    """vectors.md, points plus gate: all lowest gives 0 and no level."""
    result = scores(LOWEST, scenes())

    assert result.total == 0
    assert result.level is None
    assert result.completeness == 100
    assert blocked(result) == [
        (BlockerKind.THRESHOLD, 1),
        (BlockerKind.SCENES, 1),
        (BlockerKind.MANDATORY_SCENES, 1),
    ]


def test_all_highest_answers_give_a_hundred_and_the_highest_level() -> None:
    """vectors.md, points plus gate: 50 + 30 + 20 = 100."""
    result = scores(HIGHEST, ALL_AT_L4)

    assert parts(result) == [50, 30, 20]
    assert result.total == 100
    assert result.level == 4
    assert result.blockers == ()


def test_case_b_gives_48_40_in_three_parts() -> None:
    """vectors.md, points plus gate, case B: 22.15 + 11.25 + 15.0 = 48.40."""
    result = scores(CASE_B)

    assert points(result) == {key: d(value) for key, value in B_POINTS.items()}
    assert parts(result) == [d("22.15"), d("11.25"), d("15")]
    assert result.total == d("48.40")


@pytest.mark.parametrize("key", BANDED)
@pytest.mark.parametrize(
    ("percent", "earned"),
    [
        ("0", 0),
        ("10", 0),
        ("10.0000004", 0),
        ("10.0000005", 25),
        ("10.01", 25),
        ("20", 25),
        ("20.01", 50),
        ("40", 50),
        ("40.01", 75),
        ("60", 75),
        ("60.01", 100),
        ("100", 100),
    ],
)
def test_a_value_on_the_edge_of_a_band_belongs_to_the_lower_one(
    key: str, percent: str, earned: int
) -> None:
    """assessment-models.md 2.2, F2, F3 and M11: [0–10], (10–20], (20–40], (40–60], (60–100]."""
    assert share_of(key, share(percent)) == earned


@pytest.mark.parametrize(
    ("key", "better", "worse"),
    [
        ("energy-per-revenue", "99.99", "100.01"),
        ("pass-rate", "100.01", "99.99"),
        ("revenue-per-head", "100.01", "99.99"),
        ("cost-per-revenue", "99.99", "100.01"),
    ],
)
def test_a_result_earns_everything_if_better_half_if_equal_and_else_nothing(
    key: str, better: str, worse: str
) -> None:
    """assessment-models.md 2.2, R12 to R15: down, flat, up, worked out from figures."""
    question = BANK.questions[key]
    assert isinstance(question, Ratio)

    assert question.compares_years
    assert [share_of(key, share(at)) for at in (worse, "100", better)] == [0, 50, 100]


def test_an_open_question_earns_nothing_and_lowers_the_completeness() -> None:
    """The bank's method: the points of a question that is open are lost, not shared out."""
    unknown = CASE_B | {"automatic-data-collection": {"unknown": True}}
    missing = {key: plain for key, plain in CASE_B.items() if key != "automatic-data-collection"}

    for plain in (unknown, missing):
        result = scores(plain, ALL_AT_L4)

        assert result.total == d("43.5")
        assert result.completeness == 90


def test_below_four_fifths_of_the_points_answered_there_is_no_level() -> None:
    """The bank's method: completeness is our demand, measured by points and not by scenes."""
    foundation = PUBLISHED_POINTS["foundation"]
    plain = {key: HIGHEST[key] for key in HIGHEST if key not in tuple(foundation)[3:6]}

    result = scores(plain, ALL_AT_L4)

    assert result.completeness == 75
    assert result.total == 75
    assert result.provisional
    assert (result.level, blocked(result)) == (None, [(BlockerKind.COMPLETENESS, 1)])


# ------------------------------------------------------------------- the levels

L1_BLOCKED = [(BlockerKind.SCENES, 2)]
L2_BY_SCORE = [(BlockerKind.THRESHOLD, 3)]


@pytest.mark.parametrize(
    ("counts", "reached", "blockers"),
    [
        (
            [(12, 7), (6, 3), (1, 0), (0, 0)],
            2,
            [*L2_BY_SCORE, (BlockerKind.SCENES, 3), (BlockerKind.MANDATORY_SCENES, 3)],
        ),
        ([(12, 7), (5, 3), (1, 0), (0, 0)], 1, L1_BLOCKED),
        ([(12, 7), (6, 2), (1, 0), (0, 0)], 1, [(BlockerKind.MANDATORY_SCENES, 2)]),
        ([(5, 3)], None, [(BlockerKind.SCENES, 1)]),
        ([(16, 10)] * 4, 2, L2_BY_SCORE),
    ],
)
def test_case_b_reaches_the_level_that_its_scenes_allow(
    counts: list[tuple[int, int]],
    reached: int | None,
    blockers: list[tuple[BlockerKind, int]],
) -> None:
    """vectors.md, points plus gate: 48.40 is L2 with 6 (3) scenes at L2 and L1 with 5 (3)."""
    result = scores(CASE_B, scenes(*counts))

    assert result.total == d("48.40")
    assert result.level == reached
    assert blocked(result) == blockers


def test_just_below_sixty_the_score_blocks_whatever_the_scenes_say() -> None:
    """vectors.md, points plus gate: 59.99; answers come no nearer than 59.975, shown as 60.0."""
    result = scores(JUST_BELOW_SIXTY, ALL_AT_L4)

    assert result.total == d("59.975")
    assert result.level == 2
    assert blocked(result) == L2_BY_SCORE


@pytest.mark.parametrize(
    ("counts", "reached", "blockers"),
    [
        ([(8, 5)] * 3, 3, None),
        ([(7, 5)] * 3, 2, [(BlockerKind.SCENES, 3)]),
        ([(8, 4)] * 3, 2, [(BlockerKind.MANDATORY_SCENES, 3)]),
        ([(6, 3)] * 3, 2, [(BlockerKind.SCENES, 3), (BlockerKind.MANDATORY_SCENES, 3)]),
    ],
)
def test_sixty_points_need_eight_scenes_and_five_mandatory_ones_for_level_3(
    counts: list[tuple[int, int]],
    reached: int,
    blockers: list[tuple[BlockerKind, int]] | None,
) -> None:
    """assessment-models.md 2.4: 60 points, 8 and 5; the other tool's 6 and 3 is not enough."""
    result = scores(SIXTY, scenes(*counts))

    assert result.total == 60
    assert result.level == reached
    assert blockers is None or blocked(result) == blockers


@pytest.mark.parametrize(
    ("counts", "reached"),
    [([(10, 6)] * 4, 4), ([(9, 6)] * 4, 3), ([(10, 5)] * 4, 3), ([(16, 10)] * 3, 3)],
)
def test_full_points_need_ten_scenes_and_six_mandatory_ones_for_level_4(
    counts: list[tuple[int, int]], reached: int
) -> None:
    """assessment-models.md 2.4: 80 points, 10 scenes at L4, 6 of them mandatory."""
    assert scores(HIGHEST, scenes(*counts)).level == reached


@pytest.mark.parametrize(
    ("total", "reached"),
    [
        ("19.99", None),
        ("20", 1),
        ("39.99", 1),
        ("40", 2),
        ("48.40", 2),
        ("59.99", 2),
        ("60", 3),
        ("79.99", 3),
        ("80", 4),
        ("100", 4),
    ],
)
def test_with_every_scene_at_the_top_the_score_alone_decides(
    total: str, reached: int | None
) -> None:
    """vectors.md, points plus gate: 59.99 with 16 (10) at all is L2, blocked by score."""
    result = scores(HIGHEST, ALL_AT_L4)
    scored = Scored(
        bank=BANK,
        sections=result.sections,
        applying=frozenset(section.key for section in result.sections),
        total=d(total),
        completeness=d("100"),
        not_applicable=d("0"),
    )

    found, blockers = climb(scored)

    assert found == reached
    assert {blocker.kind for blocker in blockers} <= {BlockerKind.THRESHOLD}
    assert bool(blockers) == (reached != 4)


def test_a_scene_left_open_counts_as_not_reached_and_leaves_the_completeness_alone() -> None:
    """The bank's method: scenes earn no points, so they cannot be missing from them."""
    result = scores(CASE_B)

    assert result.completeness == 100
    assert result.level is None
    assert blocked(result) == [(BlockerKind.SCENES, 1), (BlockerKind.MANDATORY_SCENES, 1)]
