"""Which level is reached, and what stands in the way of the next one.

The cases V-1 to V-10 are those of standard-bank 11.11, with the gates of 11.10.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from survey.core import document
from survey.core.bank import Bank
from survey.core.levels import domain_threshold
from survey.core.result import BlockerKind, Result
from survey.core.scoring import score
from tests.builders import (
    Data,
    a_bank,
    all_at,
    answers,
    bank_data,
    benchmark,
    domain,
    ladder,
    level,
    levels,
    multiple,
    number,
    points_bank_data,
    section,
    words,
)

NA: Data = {"not_applicable": "没有这个环节"}
UNKNOWN: Data = {"unknown": True}
STANDARD: Data = {
    "breadth": 60,
    "breadth_below": 75,
    "completeness": 80,
    "evidence": {"from_level": 4, "grade": 2},
}
DOCUMENT: Data = {"evidence": {"grade": "document", "note": "生产系统截图"}}
THIRD_PARTY: Data = {"evidence": {"grade": "third-party", "note": "体系认证证书"}}


def a_ladder_bank(*weights: str, **gates: object) -> Bank:
    """One section; one domain for each weight, with the ladder question ``q0``, ``q1``, …."""
    domains = [
        domain(f"d{n}", ladder(f"q{n}", not_applicable="with-reason"), weight=weight)
        for n, weight in enumerate(weights)
    ]
    return a_bank(section("s", "A", *domains), levels=levels(**(STANDARD | gates)))


def scored(bank: Bank, plain: Mapping[str, Any]) -> Result:
    return score(bank, answers(bank, plain))


def proven(n: int, evidence: Data = DOCUMENT, *, half: bool = False) -> Data:
    return level(n, half=half) | evidence


def kinds(result: Result) -> list[BlockerKind]:
    return [blocker.kind for blocker in result.blockers]


def seen(*values: object) -> tuple[object, ...]:
    """Values to compare at once, numbers of different types among them."""
    return values


# ----------------------------------------------------------------------- V-1 to V-10


def test_v_1_all_ladders_at_three_and_figures_at_60_per_cent_are_level_three() -> None:
    """V-1: all ladder items 3 (60), numeric equal to base + 60 %: total 60.0, level 3."""
    bank = a_bank(
        section("a", "A", domain("d0", ladder("q0")), domain("d1", ladder("q1")), weight=70),
        section("b", "B", domain("d2", benchmark("b", better="higher")), weight=30),
        levels=levels(**STANDARD, core=["q0", "b"]),
    )
    figure = {"value": "160", "base": "100", "lead": "200", "source": "行业公报"}

    result = scored(bank, all_at(3, ["q0", "q1"]) | {"b": figure})

    assert seen(result.total, result.level) == (60, 3)
    assert kinds(result) == [
        BlockerKind.THRESHOLD,
        BlockerKind.BREADTH,
        BlockerKind.EVIDENCE,
    ]


def test_v_2_a_total_of_62_with_55_per_cent_of_the_domains_is_level_two() -> None:
    """V-2: total 62, 55 % of the ladder domains at level 3 or above: level 2, blocker breadth."""
    bank = a_ladder_bank(*["5"] * 20)
    high, low = [f"q{n}" for n in range(11)], [f"q{n}" for n in range(11, 20)]
    given = all_at(4, high) | all_at(2, low)
    given["q0"] = level(3)

    result = scored(bank, given | {"q1": level(4, half=True), "q2": level(4, half=True)})

    assert seen(result.total, result.level) == (62, 2)
    assert kinds(result) == [BlockerKind.BREADTH]
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (55, 60)
    assert result.blockers[0].keys == tuple(f"d{n}" for n in range(11, 20))


def test_v_3_a_core_question_at_two_holds_a_total_of_85_at_level_three() -> None:
    """V-3: total 85, core question at 2: not level 4 (floor 3); level 3 needs 2, so level 3."""
    bank = a_ladder_bank("10", "30", "30", "30", core=["q0"])
    strong = dict.fromkeys(("q1", "q2", "q3"), proven(4, half=True))

    result = scored(bank, strong | {"q0": proven(2)})

    assert seen(result.total, result.level) == (85, 3)
    assert kinds(result) == [BlockerKind.CORE]
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (2, 3)


@pytest.mark.parametrize(("half", "completeness", "reached"), [("39.5", 79, None), ("40", 80, 3)])
def test_v_4_below_80_per_cent_completeness_there_is_a_score_and_no_level(
    half: str, completeness: int, reached: int | None
) -> None:
    """V-4: total 85, completeness 79 %: score shown, level null; at 80 % there is one."""
    bank = a_ladder_bank(half, half, f"{100 - 2 * Decimal(half)}", breadth_below=60)

    result = scored(bank, {"q0": level(4), "q1": level(4, half=True), "q2": UNKNOWN})

    assert seen(result.total, result.completeness) == (85, completeness)
    assert result.level == reached
    assert result.provisional is (reached is None)
    assert kinds(result)[0] is (
        BlockerKind.COMPLETENESS if reached is None else BlockerKind.EVIDENCE
    )


def test_v_5_without_evidence_a_total_of_82_is_an_unverified_level_three() -> None:
    """V-5: total 82 with statements only: level 3, unverified, blocker evidence."""
    bank = a_ladder_bank(*["20"] * 5)
    given = all_at(4, ["q0", "q1", "q2", "q3"]) | {"q4": level(4, half=True)}

    result = scored(bank, given)

    assert seen(result.total, result.level) == (82, 3)
    assert result.unverified
    assert kinds(result) == [BlockerKind.EVIDENCE]
    assert seen(result.blockers[0].level, result.blockers[0].actual, result.blockers[0].needed) == (
        4,
        0,
        2,
    )
    assert result.blockers[0].keys == ("q0", "q1", "q2", "q3", "q4")
    assert (result.sections[0].level, result.sections[0].unverified) == (3, True)


def test_v_6_a_section_that_does_not_apply_is_null_and_the_others_are_based_anew() -> None:
    """V-6: section D all N/A: D null, the weights re-based on 88."""
    bank = a_bank(
        section("a", "A", domain("d0", ladder("q0")), weight=44),
        section("b", "B", domain("d1", ladder("q1")), weight=44),
        section("d", "D", domain("d2", ladder("q2", not_applicable="with-reason")), weight=12),
        levels=levels(**STANDARD),
    )

    result = scored(bank, {"q0": level(3), "q1": level(4), "q2": NA})

    assert (result.sections[2].score, result.sections[2].level) == (None, None)
    assert [part.share for part in result.sections] == [Decimal("0.5"), Decimal("0.5"), None]
    assert seen(result.total, result.level, result.completeness) == (70, 3, 100)


def test_v_7_a_total_that_rounds_to_60_passes_60() -> None:
    """V-7: 59.9999996 rounds to 60.000000 at 6 places and passes the threshold of level 3."""
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d0", ladder("q0"), weight="99.9999"),
            domain(
                "d1",
                ladder("q1", weight="99.3333"),
                multiple("m", weight="0.6667"),
                weight="0.0001",
            ),
        ),
        levels=levels(),
    )

    result = scored(bank, all_at(3, ["q0", "q1"]) | {"m": {"options": ["none"]}})

    exact = sum((item.contribution or Decimal(0) for item in result.items.values()), Decimal(0))
    assert Decimal("59.9999995") < exact < Decimal("59.9999997")
    assert seen(result.total, result.level) == (60, 3)


def test_v_8_everything_at_the_top_with_third_party_evidence_is_level_five() -> None:
    """V-8: score 100 everywhere, EV3: level 5."""
    bank = a_ladder_bank("50", "50", core=["q0", "q1"])

    result = scored(bank, dict.fromkeys(("q0", "q1"), proven(5, THIRD_PARTY)))

    assert seen(result.total, result.level, result.blockers) == (100, 5, ())
    assert not result.unverified
    assert [domain.evidence for domain in result.domains.values()] == [3, 3]


def test_v_9_everything_unknown_has_no_total() -> None:
    """V-9: all unknown: total null, never 0; and no level."""
    bank = a_ladder_bank("50", "50", core=["q0"])

    result = scored(bank, {"q0": UNKNOWN, "q1": UNKNOWN})

    assert seen(result.total, result.level, result.completeness) == (None, None, 0)
    assert kinds(result) == [BlockerKind.COMPLETENESS]
    assert result.blockers[0].keys == ("q0", "q1")


def test_without_a_total_there_is_no_level_also_where_no_completeness_is_asked_for() -> None:
    result = scored(a_ladder_bank("50", "50", completeness=0), {"q0": UNKNOWN, "q1": UNKNOWN})

    assert seen(result.total, result.level, result.blockers) == (None, None, ())


def exchanged(node: Any) -> Any:
    """The document with its two languages in each other's place."""
    if isinstance(node, dict):
        parts = {key: exchanged(part) for key, part in node.items()}
        return parts | {"zh": parts["en"], "en": parts["zh"]} if "zh" in parts else parts
    return [exchanged(part) for part in node] if isinstance(node, list) else node


def test_v_10_the_language_never_matters() -> None:
    """V-10: swap zh and en: identical numbers."""
    data = bank_data(
        section("a", "A", domain("d0", ladder("q0")), weight=70),
        section("b", "B", domain("d1", ladder("q1"), number("n")), weight=30),
        levels=levels(**STANDARD),
    )
    assert document.problems(data) == ()
    ours, other = Bank.model_validate(data), Bank.model_validate(exchanged(data))
    plain: Data = {"q0": level(3, half=True), "q1": level(2), "n": {"number": "7"}}

    assert other.title.zh == ours.title.en
    assert repr(scored(other, plain)) == repr(scored(ours, plain))


# ------------------------------------------------------------------------- the gates


REASON: Data = {"zh": "题目太少。", "en": "Too few questions."}
OPEN_GATES: Data = {"breadth": 0, "breadth_below": 0, "evidence": None}


@pytest.mark.parametrize(
    ("gates", "plain", "expected"),
    [
        ({}, {"q0": level(3), "q1": level(3)}, (BlockerKind.THRESHOLD, 4, 60, 80)),
        ({}, {"q0": level(5), "q1": UNKNOWN}, (BlockerKind.COMPLETENESS, 0, 70, 80)),
        ({}, {"q0": level(5), "q1": NA}, (BlockerKind.NOT_APPLICABLE_CAP, 0, 30, 20)),
        (
            {"breadth": 60},
            {"q0": level(5), "q1": level(1)},
            (BlockerKind.BREADTH, 2, 50, 60),
        ),
        (
            {"breadth_below": 60},
            {"q0": level(5), "q1": level(1)},
            (BlockerKind.BREADTH_BELOW, 3, 50, 60),
        ),
        (
            {"ceiling": 3, "ceiling_reason": REASON},
            {"q0": level(5), "q1": level(5)},
            (BlockerKind.CEILING, 4, None, 3),
        ),
    ],
)
def test_a_blocker_says_which_level_it_blocks_what_is_there_and_what_is_needed(
    gates: Data, plain: Data, expected: tuple[object, ...]
) -> None:
    [blocker] = scored(a_ladder_bank("70", "30", **OPEN_GATES | gates), plain).blockers

    assert (blocker.kind, blocker.level, blocker.actual, blocker.needed) == expected


def test_the_lowest_of_the_core_questions_that_are_behind_is_named() -> None:
    """Levels of this bank begin at 3, which needs 2 of every core question."""
    scheme = levels(core=["q0", "q1", "q2"])
    questions = [ladder(f"q{n}") for n in range(3)]
    bank = a_bank(
        section("s", "A", domain("d", *questions, ladder("rest"))),
        levels=scheme | {"steps": [step | {"threshold": 0} for step in scheme["steps"][3:4]]},
    )

    result = scored(bank, {"q0": level(1), "q1": level(0), "q2": level(2), "rest": level(5)})

    [blocker] = result.blockers
    assert blocker.kind is BlockerKind.CORE
    assert seen(blocker.actual, blocker.needed, blocker.keys) == (0, 2, ("q0", "q1"))


def test_a_domain_counts_for_the_breadth_though_some_of_it_is_never_scored() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d0", ladder("q0"), weight="90"),
            domain("d1", ladder("q1"), words("w"), weight="10"),
        ),
        levels=levels(breadth=60),
    )

    [blocker] = scored(bank, {"q0": level(5), "q1": level(0)}).blockers

    assert (blocker.kind, blocker.keys) == (BlockerKind.BREADTH, ("d1",))


# -------------------------------------------------------------------------- evidence


def a_mixed_bank(**gates: object) -> Bank:
    """Ladders p and q with the number n in section a, ladder r in section b."""
    return a_bank(
        section(
            "a",
            "A",
            domain("d0", ladder("p", not_applicable="with-reason"), ladder("q"), number("n")),
            weight=60,
        ),
        section("b", "B", domain("d1", ladder("r", not_applicable="with-reason")), weight=40),
        levels=levels(**(STANDARD | gates)) | {"not_applicable_cap": 100},
    )


FULL: Data = {"n": {"number": "10"}} | dict.fromkeys("pqr", proven(5))


def test_with_a_document_for_each_ladder_every_level_can_be_reached() -> None:
    """A figure needs no document: the gate looks at ladders."""
    result = scored(a_mixed_bank(), FULL)

    assert seen(result.total, result.level) == (100, 5)
    assert [part.unverified for part in result.sections] == [False, False]
    assert [domain.evidence for domain in result.domains.values()] == [1, 2]


def test_the_ladders_without_a_document_are_named() -> None:
    result = scored(a_mixed_bank(), FULL | {"q": level(5)})

    assert seen(result.total, result.level) == (100, 3)
    assert kinds(result) == [BlockerKind.EVIDENCE]
    assert result.blockers[0].keys == ("q",)


@pytest.mark.parametrize(("grade", "reached"), [(0, 5), (1, 3), (2, 3)])
def test_a_statement_is_evidence_of_the_lowest_grade(grade: int, reached: int) -> None:
    bank = a_mixed_bank(evidence={"from_level": 4, "grade": grade})

    assert scored(bank, FULL | {"q": level(5)}).level == reached


def test_the_weakest_evidence_is_named() -> None:
    """Question q has a statement only, r a document; third-party proof is asked for."""
    gate = {"from_level": 4, "grade": 3}
    given = FULL | {"p": proven(5, THIRD_PARTY), "q": level(5)}

    [blocker] = scored(a_mixed_bank(evidence=gate), given).blockers

    assert seen(blocker.actual, blocker.needed, blocker.keys) == (0, 3, ("q", "r"))


def test_a_section_without_a_score_claims_no_level_whatever_its_evidence() -> None:
    """Its only question weighs nothing, and only a statement supports it."""
    bank = a_bank(
        section("a", "A", domain("d0", ladder("q")), weight=100),
        section("b", "B", domain("d1", ladder("z", weight="0"), weight="0"), weight=0),
        levels=levels(**STANDARD),
    )

    result = scored(bank, {"q": proven(5), "z": level(5)})

    assert [(part.score, part.level) for part in result.sections] == [(100, 5), (None, None)]
    assert [part.unverified for part in result.sections] == [False, False]


def test_a_section_may_claim_no_level_that_its_own_evidence_does_not_carry() -> None:
    result = scored(a_mixed_bank(), FULL | {"q": level(5)})

    assert [(part.level, part.unverified) for part in result.sections] == [(3, True), (5, False)]
    assert [part.score for part in result.sections] == [100, 100]


def test_a_section_may_claim_no_level_above_the_ceiling_and_less_without_evidence() -> None:
    bank = a_mixed_bank(ceiling=4, ceiling_reason=REASON)

    proved, said = scored(bank, FULL), scored(bank, FULL | {"q": level(5)})

    assert [(part.level, part.unverified) for part in proved.sections] == [(4, False), (4, False)]
    assert [(part.level, part.unverified) for part in said.sections] == [(3, True), (4, False)]


def test_a_level_below_the_gate_needs_no_evidence() -> None:
    result = scored(a_mixed_bank(), {"n": {"number": "3"}} | all_at(3, list("pqr")))

    assert [(part.level, part.unverified) for part in result.sections] == [(2, False), (3, False)]
    assert kinds(result) == [BlockerKind.THRESHOLD, BlockerKind.BREADTH]


def test_evidence_of_a_lower_grade_is_not_enough() -> None:
    gate = {"from_level": 5, "grade": 3}

    result = scored(a_mixed_bank(evidence=gate), FULL | {"p": proven(5, THIRD_PARTY)})

    assert result.level == 4
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (2, 3)
    assert result.blockers[0].keys == ("q", "r")


def test_what_does_not_apply_needs_no_evidence() -> None:
    bank = a_mixed_bank(completeness=0)

    assert scored(bank, FULL | {"p": NA}).level == 5


def test_what_is_unknown_lacks_evidence_or_not_knowing_would_pay() -> None:
    bank = a_mixed_bank(completeness=0)

    result = scored(bank, FULL | {"p": UNKNOWN})

    assert result.level == 3
    assert [(each.kind, each.keys) for each in result.blockers] == [(BlockerKind.EVIDENCE, ("p",))]


def test_a_section_that_is_left_out_needs_no_evidence() -> None:
    """Two thirds of section b do not apply, so its last ladder counts nowhere."""
    bank = a_bank(
        section("a", "A", domain("d0", ladder("q")), weight=88),
        section(
            "b",
            "B",
            domain(
                "d1",
                ladder("p", weight="67", not_applicable="with-reason"),
                ladder("s", weight="33"),
            ),
            weight=12,
        ),
        levels=levels(**STANDARD),
    )

    result = scored(bank, {"q": proven(5), "p": NA, "s": level(5)})

    assert seen(result.sections[1].rated, result.level) == (False, 5)


def test_without_a_gate_nobody_asks_for_evidence() -> None:
    result = scored(a_mixed_bank(evidence=None), FULL | dict.fromkeys("pqr", level(5)))

    assert seen(result.level, result.sections[0].level) == (5, 5)
    assert not any(part.unverified for part in result.sections)


def test_evidence_is_asked_for_at_the_first_level_of_a_bank_that_begins_higher() -> None:
    """The gate opens at level 2, the levels of this bank at 3: a statement is not enough."""
    scheme = levels(evidence={"from_level": 2, "grade": 2})
    bank = a_bank(
        section("s", "A", domain("d", ladder("q"))), levels=scheme | {"steps": scheme["steps"][3:]}
    )

    said, shown = scored(bank, {"q": level(4)}), scored(bank, {"q": proven(4)})

    assert (said.level, shown.level) == (None, 4)
    assert [(each.kind, each.level) for each in said.blockers] == [(BlockerKind.EVIDENCE, 3)]


# ---------------------------------------------------------------------------- scenes


STEPS = {1: (2, 1), 2: (3, 1), 3: (3, 2), 5: (4, 2)}
"""For a level: how many scenes it takes, and how many of them mandatory; nothing for level 4."""


def a_scene_bank(**last: Any) -> Bank:
    """Four scenes q0 to q3, of which q0 and q1 are mandatory."""
    gate: Data = {
        "scenes": ["q0", "q1", "q2", "q3"],
        "mandatory": ["q0", "q1"],
        "steps": [
            {"level": at, "scenes": all_, "mandatory": of} for at, (all_, of) in STEPS.items()
        ],
    }
    first = [ladder(f"q{n}", half_steps=False) for n in range(3)]
    questions = [*first, ladder("q3", half_steps=False, **last)]
    return a_bank(
        section("s", "A", domain("d", *questions)), levels=levels(scenes=gate, completeness=0)
    )


SCENES, MANDATORY = BlockerKind.SCENES, BlockerKind.MANDATORY_SCENES


@pytest.mark.parametrize(
    ("at", "reached", "blockers"),
    [
        ((4, 4, 0, 0), 1, [(SCENES, 2, 3, ("q2", "q3"))]),
        ((0, 5, 5, 0), 1, [(SCENES, 2, 3, ("q0", "q3"))]),
        ((1, 1, 5, 5), 1, [(SCENES, 2, 3, ("q0", "q1")), (MANDATORY, 0, 1, ("q0", "q1"))]),
        ((2, 4, 5, 5), 2, [(MANDATORY, 1, 2, ("q0",))]),
        ((4, 5, 5, 5), 4, [(SCENES, 3, 4, ("q0",)), (MANDATORY, 1, 2, ("q0",))]),
        ((5, 5, 5, 5), 5, []),
    ],
)
def test_a_level_needs_enough_scenes_and_enough_mandatory_ones(
    at: Sequence[int], reached: int, blockers: Sequence[tuple[object, ...]]
) -> None:
    """No leapfrog: the points of a higher level do not help past a lower one."""
    result = scored(a_scene_bank(), {f"q{n}": level(each) for n, each in enumerate(at)})

    found = [
        (each.kind, each.actual, each.needed, each.keys)
        for each in result.blockers
        if each.kind is not BlockerKind.THRESHOLD
    ]
    assert result.level == reached
    assert found == list(blockers)


def test_a_level_without_a_step_asks_for_no_scenes() -> None:
    """Level 4 has none: four scenes at level 3, and the points of two more, are enough."""
    given = {"q0": level(3), "q1": level(3), "q2": level(5), "q3": level(5)}

    assert scored(a_scene_bank(), given).level == 4


def test_a_scene_of_which_nothing_is_known_is_not_reached() -> None:
    result = scored(a_scene_bank(), all_at(5, ["q1", "q2", "q3"]) | {"q0": UNKNOWN})

    assert seen(result.total, result.level) == (100, 2)
    assert [(each.kind, each.keys) for each in result.blockers] == [(MANDATORY, ("q0",))]


def test_a_scene_that_does_not_apply_is_missing_and_not_named() -> None:
    """There is nothing that the firm could raise."""
    gate: Data = {
        "scenes": ["q0", "q1"],
        "mandatory": [],
        "steps": [{"level": 5, "scenes": 2, "mandatory": 0}],
    }
    questions = [
        ladder("q0", weight="90", half_steps=False),
        ladder("q1", weight="10", half_steps=False, not_applicable="with-reason"),
    ]
    bank = a_bank(section("s", "A", domain("d", *questions)), levels=levels(scenes=gate))

    [blocker] = scored(bank, {"q0": level(5), "q1": NA}).blockers

    assert seen(blocker.kind, blocker.level, blocker.actual, blocker.needed) == (SCENES, 5, 1, 2)
    assert blocker.keys == ()


def test_every_scene_is_at_level_zero() -> None:
    """Also those of which nothing is known: level 0 is where everybody begins."""
    gate: Data = {
        "scenes": ["q0", "q1"],
        "mandatory": [],
        "steps": [{"level": 0, "scenes": 2, "mandatory": 0}],
    }
    questions = (
        ladder("q0", weight="90", half_steps=False),
        ladder("q1", weight="10", half_steps=False),
    )
    bank = a_bank(section("s", "A", domain("d", *questions)), levels=levels(scenes=gate))

    assert scored(bank, {"q0": level(0), "q1": UNKNOWN}).level == 0


# --------------------------------------------------------------------- domains


@pytest.mark.parametrize("method", ["weighted", "mean"])
def test_a_domain_climbs_a_level_with_each_20_points(method: str) -> None:
    bank = a_bank(scoring={"method": method})

    assert bank.parts_have_levels
    assert [domain_threshold(bank, n) for n in range(6)] == [0, 20, 40, 60, 80, 100]


def test_published_rules_set_a_domain_beside_their_own_steps() -> None:
    bank = document.read(points_bank_data())

    assert not bank.parts_have_levels
    assert [domain_threshold(bank, n) for n in range(5)] == [0, 40, 60, 80, 80]
