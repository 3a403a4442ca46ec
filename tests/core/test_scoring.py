"""The score: cases of the reference table (C: constructed for our rule) and more."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from survey.core import methods
from survey.core.answers import Answers
from survey.core.bank import Band, Bank, Method, NaPolicy
from survey.core.earned import band_score
from survey.core.methods import Part
from survey.core.result import BlockerKind, Result, Stage, Treatment
from survey.core.rounding import rounded
from survey.core.scoring import ENGINE, score
from tests.builders import (
    FULL_ANSWERS,
    a_bank,
    a_profile,
    all_at,
    answers,
    choice,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}


def d(value: str) -> Decimal:
    return Decimal(value)


def scores(bank: Bank, plain: Mapping[str, Any]) -> Result:
    return score(bank, answers(bank, plain))


def seen(*values: object) -> tuple[object, ...]:
    """Values to compare at once, numbers of different types among them."""
    return values


def a_ladder_bank(*weights: str, **gates: object) -> Bank:
    """One section; one domain for each weight, with the ladder question ``q0``, ``q1``, …."""
    domains = [
        domain(f"d{n}", ladder(f"q{n}", not_applicable="with-reason"), weight=weight)
        for n, weight in enumerate(weights)
    ]
    return a_bank(section("s", "A", *domains), levels=levels(**gates))


# ------------------------------------------------------------- weighted mean (C)


def mean(parts: list[tuple[Decimal, Decimal | None]], policy: NaPolicy) -> Decimal | None:
    """The weighted mean of (weight, score) pairs; None is not applicable."""
    given = [Part(weight, score, excluded=score is None) for weight, score in parts]
    return methods.mean(given, methods.shares(given, Method.WEIGHTED, policy))


def test_a_missing_part_of_a_mean_is_left_out_and_its_weight_redistributed() -> None:
    parts = [(d("30"), d("80")), (d("20"), d("50")), (d("50"), None)]

    assert mean(parts, NaPolicy.EXCLUDE) == d("68.0")


def test_with_the_policy_count_as_zero_a_missing_part_pulls_the_mean_down() -> None:
    parts = [(d("30"), d("80")), (d("20"), d("50")), (d("50"), None)]

    assert mean(parts, NaPolicy.ZERO) == d("34.0")


@pytest.mark.parametrize("policy", NaPolicy)
def test_a_mean_of_nothing_is_none_and_neither_zero_nor_hundred(policy: NaPolicy) -> None:
    assert mean([(d("30"), None), (d("70"), None)], policy) is None


def test_weights_of_zero_leave_nothing_to_average() -> None:
    assert mean([(d("0"), d("80"))], NaPolicy.EXCLUDE) is None


def test_the_reference_weights_give_the_reference_score_through_a_whole_bank() -> None:
    """vectors.md, weighted mean: 30/20/50 with scores 80/50/N-A gives 68.0."""
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=30),
        section("b", "B", domain("db", ladder("qb")), weight=20),
        section("c", "C", domain("dc", ladder("qc", not_applicable="with-reason")), weight=50),
        levels=levels() | {"not_applicable_cap": 60},
    )

    result = scores(bank, {"qa": level(4), "qb": level(2, half=True), "qc": NA})

    assert result.total == d("68.0")
    assert result.completeness == 100
    assert result.not_applicable == 50


def test_every_question_not_applicable_gives_no_total() -> None:
    """vectors.md: every item N/A gives null, neither 0 nor 100; the cap is exceeded as well."""
    bank = a_ladder_bank("1", "1")

    result = scores(bank, {"q0": NA, "q1": NA})

    assert result.total is None
    assert result.level is None
    assert [blocker.kind for blocker in result.blockers] == [
        BlockerKind.COMPLETENESS,
        BlockerKind.NOT_APPLICABLE_CAP,
    ]


def test_every_question_unknown_gives_no_total_and_no_completeness() -> None:
    """vectors.md and V-9: total null, never 0."""
    bank = a_ladder_bank("1", "1")

    result = scores(bank, {"q0": UNKNOWN, "q1": UNKNOWN})

    assert result.total is None
    assert result.completeness == 0
    assert not result.provisional


@pytest.mark.parametrize(
    ("value", "compared"),
    [
        ("59.9999996", "60"),
        ("59.9999995", "60"),
        ("59.9999994", "59.999999"),
        ("60", "60"),
        ("0.0000005", "0.000001"),
        ("0.0000004", "0"),
    ],
)
def test_a_number_is_compared_after_rounding_to_six_places(value: str, compared: str) -> None:
    """vectors.md and V-7: 59.9999996 passes a threshold of 60."""
    assert rounded(d(value)) == d(compared)


@pytest.mark.parametrize(
    ("weight", "total", "reached"), [("0.6667", "60", 3), ("1", "59.999999", 2)]
)
def test_a_total_a_hair_below_a_threshold_passes_and_a_little_more_does_not(
    weight: str, total: str, reached: int
) -> None:
    """V-7 and vectors.md: without rounding the totals are 59.9999996 and 59.9999994."""
    rest = f"{100 - Decimal(weight)}"
    bank = a_bank(
        section(
            "s",
            "A",
            domain("a", ladder("first"), weight="99.9999"),
            domain("b", ladder("p", weight=rest), ladder("q", weight=weight), weight="0.0001"),
        )
    )

    result = scores(bank, {"first": level(3), "p": level(3), "q": level(0)})

    assert (result.total, result.level) == (d(total), reached)


def test_a_bank_of_which_nothing_is_asked_gives_no_total() -> None:
    when = {"question": "production-type", "in": ["process"]}
    bank = a_bank(section("s", "A", domain("d", ladder("q", when=when))))

    result = scores(bank, {"q": level(5)})

    assert seen(result.total, result.level) == (None, None)
    assert seen(result.completeness, result.not_applicable) == (0, 0)


def test_parts_of_weight_zero_alone_are_no_whole() -> None:
    """Sections b and c weigh nothing, nor does the domain of c; what has a weight is hidden."""
    when = {"question": "production-type", "in": ["process"]}
    bank = a_bank(
        section("a", "A", domain("d0", ladder("p", when=when)), weight=100),
        section("b", "B", domain("d1", ladder("q")), weight=0),
        section("c", "C", domain("d2", ladder("r"), weight="0"), weight=0),
    )

    result = scores(bank, all_at(5, ["q", "r"]))

    assert seen(result.total, result.completeness, result.level) == (None, 0, None)
    assert [part.score for part in result.sections] == [None, 100, None]


def test_the_order_of_answers_never_matters() -> None:
    """vectors.md and V-10: nothing but the answers decides."""
    bank = a_bank()

    forwards = scores(bank, dict(FULL_ANSWERS))
    backwards = scores(bank, dict(reversed(list(FULL_ANSWERS.items()))))

    assert forwards == backwards


# ------------------------------------------------------------------- one question


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (ladder("q"), level(0), "0"),
        (ladder("q"), level(3), "60"),
        (ladder("q"), level(3, half=True), "70"),
        (ladder("q"), level(5), "100"),
        (multiple("q"), {"options": ["none"]}, "0"),
        (multiple("q"), {"options": ["a"]}, "25"),
        (multiple("q", full_at=2), {"options": ["a", "b", "c"]}, "100"),
        (number("q"), {"number": "2"}, "0"),
        (number("q"), {"number": "3"}, "50"),
        (number("q"), {"number": "10"}, "100"),
        (ratio("q"), {"numerator": "0", "denominator": "7"}, "0"),
        (ratio("q"), {"numerator": "1", "denominator": "700"}, "20"),
        (ratio("q"), {"numerator": "20", "denominator": "100"}, "60"),
        (matrix("q"), {"rows": {"erp": "none", "mes": "none"}}, "0"),
        (matrix("q"), {"rows": {"erp": "linked", "mes": "alone"}}, "75"),
        (matrix("q", full_at=1), {"rows": {"erp": "linked", "mes": "linked"}}, "100"),
    ],
)
def test_an_answer_earns_its_share(
    question: dict[str, object], answer: dict[str, object], expected: str
) -> None:
    bank = a_bank(section("s", "A", domain("d", question)))

    assert scores(bank, {"q": answer}).items["q"].score == d(expected)


def test_falling_bands_reward_small_values() -> None:
    bands = [
        Band.model_validate({"from": 0, "score": 100}),
        Band.model_validate({"from": 90, "above": True, "score": 60}),
        Band.model_validate({"from": 100, "above": True, "score": 0}),
    ]

    found = [band_score(bands, d(value)) for value in ("50", "90", "90.1", "100", "100.1", "-1")]

    assert found == [100, 100, 60, 60, 0, 0]


def test_a_matrix_with_an_open_row_counts_as_unanswered() -> None:
    bank = a_bank(section("s", "A", domain("d", matrix("q"), ladder("p"))))

    result = scores(bank, {"q": {"rows": {"erp": "linked"}}, "p": level(2)})

    assert result.items["q"].treatment is Treatment.UNANSWERED
    assert result.completeness == 50
    assert result.total == 40


# -------------------------------------------------------------- four kinds of none


def test_unanswered_unknown_not_applicable_and_zero_are_four_things() -> None:
    bank = a_ladder_bank("1", "1", "1", "1", "1", "1")
    rest = all_at(4, ("q1", "q2", "q3", "q4", "q5"))

    unanswered = scores(bank, dict(rest))
    unknown = scores(bank, rest | {"q0": UNKNOWN})
    excluded = scores(bank, rest | {"q0": NA})
    zero = scores(bank, rest | {"q0": level(0)})

    assert [r.items["q0"].treatment for r in (unanswered, unknown, excluded, zero)] == [
        Treatment.UNANSWERED,
        Treatment.UNKNOWN,
        Treatment.NOT_APPLICABLE,
        Treatment.SCORED,
    ]
    assert [r.total for r in (unanswered, unknown, excluded)] == [80, 80, 80]
    assert zero.total == d("66.666667")
    assert unanswered.completeness == unknown.completeness == d("83.333333")
    assert excluded.completeness == zero.completeness == 100
    assert excluded.not_applicable == d("16.666667")


def test_a_hidden_question_counts_nowhere_though_its_answer_is_kept() -> None:
    when = {"question": "production-type", "in": ["process"]}
    bank = a_bank(section("s", "A", domain("d", ladder("shown"), ladder("extra", when=when))))
    given = {"shown": level(2), "extra": level(5)}

    discrete = scores(bank, given | {"production-type": {"option": "discrete"}})
    process = scores(bank, given | {"production-type": {"option": "process"}})

    assert discrete.items["extra"].treatment is Treatment.HIDDEN
    assert seen(discrete.total, discrete.completeness, discrete.not_applicable) == (40, 100, 0)
    assert process.total == 70


@pytest.mark.parametrize("said", [{}, {"q": UNKNOWN}])
def test_an_optional_question_that_is_left_open_counts_nowhere(said: dict[str, object]) -> None:
    when = {"question": "size-class", "in": ["small"]}
    bank = a_bank(section("s", "A", domain("d", ladder("p"), ladder("q", optional_when=when))))
    given = {"p": level(2), "size-class": {"option": "small"}}

    small = scores(bank, given | said)
    large = scores(bank, given | said | {"size-class": {"option": "large"}})

    assert small.items["q"].treatment is Treatment.OPTIONAL
    assert seen(small.total, small.completeness, small.items["q"].cover) == (40, 100, 0)
    assert seen(large.total, large.completeness, large.items["q"].cover) == (40, 50, d("0.5"))


def test_an_optional_question_that_is_answered_counts() -> None:
    when = {"question": "size-class", "in": ["small"]}
    bank = a_bank(section("s", "A", domain("d", ladder("p"), ladder("q", optional_when=when))))

    result = scores(bank, all_at(2, ["p"]) | {"q": level(0), "size-class": {"option": "small"}})

    assert result.items["q"].treatment is Treatment.SCORED
    assert seen(result.total, result.completeness) == (20, 100)


def test_more_than_the_cap_of_not_applicable_gives_no_total() -> None:
    """standard-bank 11.8 (3): above 20 % of the weight the report shows no total."""
    bank = a_ladder_bank("79", "21")

    result = scores(bank, {"q0": level(4), "q1": NA})

    assert result.total is None
    assert result.blockers[0].kind is BlockerKind.NOT_APPLICABLE_CAP
    assert result.blockers[0].keys == ("q1",)


def test_exactly_the_cap_of_not_applicable_is_allowed() -> None:
    result = scores(a_ladder_bank("80", "20"), {"q0": level(4), "q1": NA})

    assert seen(result.total, result.level) == (80, 4)
    assert kinds(result) == [BlockerKind.THRESHOLD]


def test_a_section_of_which_less_than_half_applies_is_not_rated() -> None:
    """standard-bank 11.8 (2), and V-6: the other weights are based anew."""
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=88),
        section(
            "b",
            "B",
            domain("db", ladder("qb", not_applicable="with-reason"), weight="60"),
            domain("dc", ladder("qc"), weight="40"),
            weight=12,
        ),
    )

    result = scores(bank, {"qa": level(3), "qb": NA, "qc": level(5)})

    assert not result.sections[1].rated
    assert result.sections[0].share == 1
    assert result.total == 60
    assert result.items["qc"].contribution is None


def test_the_weight_of_a_section_follows_the_production_type() -> None:
    bank = a_bank(
        section(
            "a",
            "A",
            domain("da", ladder("qa")),
            weight={"discrete": 80, "process": 50, "mixed": 60},
        ),
        section(
            "b",
            "B",
            domain("db", ladder("qb")),
            weight={"discrete": 20, "process": 50, "mixed": 40},
        ),
        weigh_by="production-type",
        weigh_default="mixed",
    )
    given = {"qa": level(5), "qb": level(0)}

    totals = [
        scores(bank, given | {"production-type": {"option": kind}}).total
        for kind in ("discrete", "process", "mixed")
    ]

    assert totals == [80, 50, 60]
    assert scores(bank, dict(given)).total == 60


# --------------------------------------------------------------------------- trace


def test_the_contributions_add_up_to_the_total() -> None:
    result = scores(a_bank(), dict(FULL_ANSWERS))

    parts = [item.contribution for item in result.items.values() if item.contribution is not None]
    shares = [item.share for item in result.items.values() if item.share is not None]

    assert rounded(sum(parts, Decimal(0))) == result.total
    assert rounded(sum(shares, Decimal(0))) == 1


def test_the_covers_are_the_parts_of_the_whole_whatever_is_known() -> None:
    """Half of 30, half of 30, and 70 per cent, though nothing of the 70 is known."""
    bank = a_bank(
        section("a", "A", domain("da", ladder("p"), ladder("q")), weight=30),
        section("b", "B", domain("db", ladder("r")), weight=70),
    )

    result = scores(bank, {"p": level(3), "q": level(1), "r": UNKNOWN})

    assert [item.cover for item in result.items.values()] == [d("0.15"), d("0.15"), d("0.7")]
    assert seen(result.completeness, result.items["r"].share) == (30, None)


def test_what_is_not_asked_covers_nothing() -> None:
    """Neither the hidden question beside p nor the section in which all is hidden."""
    when = {"question": "production-type", "in": ["process"]}
    bank = a_bank(
        section("a", "A", domain("da", ladder("p"), ladder("q", when=when)), weight=30),
        section("b", "B", domain("db", ladder("r", when=when)), weight=70),
    )

    result = scores(bank, {"p": level(3)})

    assert [item.cover for item in result.items.values()] == [1, 0, 0]


def test_every_part_says_what_it_weighs_has_earned_and_hands_down() -> None:
    """Section a: p has .75 × .5 × .8, q .25 × .5 × .8; the other half of it is unknown."""
    bank = a_bank(
        section(
            "a",
            "A",
            domain("d0", ladder("p", weight="75"), ladder("q", weight="25"), weight="50"),
            domain("d1", ladder("r"), weight="50"),
            weight=80,
        ),
        section("b", "B", domain("d2", ladder("t")), weight=20),
    )

    result = scores(bank, {"p": level(4), "q": level(0), "r": UNKNOWN, "t": level(5)})

    assert (result.engine, result.bank_key, result.bank_version) == (ENGINE, "test-bank", 1)
    assert [
        seen(part.weight, part.score, part.completeness, part.share) for part in result.sections
    ] == [(80, 60, 50, d("0.8")), (20, 100, 100, d("0.2"))]
    assert [seen(part.weight, part.score, part.share) for part in result.domains.values()] == [
        (50, 60, d("0.8")),
        (50, None, None),
        (1, 100, d("0.2")),
    ]
    assert [seen(item.weight, item.share) for item in result.items.values()] == [
        (75, d("0.6")),
        (25, d("0.2")),
        (1, None),
        (1, d("0.2")),
    ]
    assert [part.rated for part in result.sections] == [True, True]
    assert seen(result.total, result.completeness) == (68, 60)


def test_a_section_of_which_nothing_is_known_is_not_rated() -> None:
    bank = a_bank(
        section("a", "A", domain("d0", ladder("p")), weight=80),
        section("b", "B", domain("d1", ladder("q")), weight=20),
    )

    result = scores(bank, {"p": level(3), "q": UNKNOWN})

    assert [part.rated for part in result.sections] == [True, False]


def test_unscored_questions_have_a_treatment_of_their_own() -> None:
    result = scores(a_bank(), dict(FULL_ANSWERS))

    assert result.items["conditions"].treatment is Treatment.UNSCORED
    assert result.items["product"].treatment is Treatment.UNSCORED


# -------------------------------------------------------------------------- stages


def two_levels() -> dict[str, Any]:
    """With the thresholds at which .8 of level 1, or all of it and .8 of level 2, is met."""
    scheme = levels()
    steps = [
        step | {"threshold": threshold}
        for step, threshold in zip(scheme["steps"], (0, 40, 90), strict=False)
    ]
    return scheme | {"steps": steps}


def a_staged_bank(policy: NaPolicy = NaPolicy.EXCLUDE) -> Bank:
    """Two levels; question p has 30 %, q 70 %; z, alone in its domain, weighs nothing."""
    p, q, z = (
        requirements(key, weight=weight, not_applicable="with-reason")
        for key, weight in (("p", "30"), ("q", "70"), ("z", "0"))
    )
    return a_bank(
        section("s", "A", domain("d", p, q, weight="100"), domain("e", z, weight="0")),
        scoring={"method": "staged", "not_applicable": policy},
        levels=two_levels() | {"not_applicable_cap": 100},
    )


def graded(first: str, second: str, higher: str) -> dict[str, object]:
    """States of the two requirements on level 1 and of the one on level 2."""
    return {"rows": {"list": first, "plan": second, "model": higher}}


MET = graded("met", "met", "met")


def test_a_staged_bank_adds_up_its_levels_to_the_first_that_is_not_met() -> None:
    """Level 1: .3 × .75 + .7 = .925 is met and counts 1; level 2: .3 is not and counts .3."""
    given = {"p": graded("met", "partly", "met"), "q": graded("met", "met", "unmet"), "z": MET}

    result = scores(a_staged_bank(), given)

    assert result.stages == (
        Stage(level=1, score=d("0.925"), met=True, counted=d("1")),
        Stage(level=2, score=d("0.3"), met=False, counted=d("0.3")),
    )
    assert result.total == 65
    assert [item.contribution for item in result.items.values()] == [d("26.25"), 35, None]


def test_a_stage_above_one_that_is_not_met_counts_nothing() -> None:
    given = {"p": graded("unmet", "unmet", "met"), "q": MET, "z": MET}

    result = scores(a_staged_bank(), given)

    assert [(each.score, each.met, each.counted) for each in result.stages] == [
        (d("0.7"), False, d("0.7")),
        (d("1"), False, d("0")),
    ]
    assert result.total == 35
    assert [item.contribution for item in result.items.values()] == [0, 35, None]


def test_a_stage_is_measured_by_the_questions_that_are_known() -> None:
    """Question q is unknown, so p stands for the whole of the domain, and lacks a quarter."""
    result = scores(a_staged_bank(), {"p": graded("met", "partly", "unmet"), "q": UNKNOWN})

    assert [each.score for each in result.stages] == [d("0.75"), 0]
    assert result.total == d("37.5")
    assert seen(result.items["p"].share, result.items["p"].contribution) == (1, d("37.5"))


def test_a_staged_bank_of_which_nothing_is_known_has_neither_stages_nor_total() -> None:
    result = scores(a_staged_bank(), {"p": UNKNOWN, "q": UNKNOWN})

    assert seen(result.total, result.stages) == (None, ())


def test_a_stage_is_stored_rounded() -> None:
    """A third of level 1 is met: .333333, and that is what counts."""
    questions = [requirements(key) for key in ("p", "q", "r")]
    bank = a_bank(
        section("s", "A", domain("d", *questions)),
        scoring={"method": "staged"},
        levels=two_levels(),
    )
    unmet = graded("unmet", "unmet", "unmet")

    result = scores(bank, {"p": graded("met", "met", "unmet"), "q": unmet, "r": unmet})

    assert (result.stages[0].score, result.stages[0].counted) == (d("0.333333"), d("0.333333"))


def test_what_is_excluded_and_counts_as_zero_lowers_every_stage() -> None:
    result = scores(a_staged_bank(NaPolicy.ZERO), {"p": MET, "q": NA, "z": MET})

    assert [each.score for each in result.stages] == [d("0.3"), d("0.3")]
    assert result.total == 15
    assert seen(result.items["q"].share, result.items["q"].contribution) == (d("0.7"), 0)


# ------------------------------------------------------------------ levels and gates


def kinds(result: Result) -> list[BlockerKind]:
    return [blocker.kind for blocker in result.blockers]


def test_all_ladders_at_three_are_level_three() -> None:
    """V-1: total 60.0, level 3 if the gates pass; the next level lacks points."""
    bank = a_ladder_bank("1", "1", breadth=60, breadth_below=75, core=["q0"])

    result = scores(bank, {"q0": level(3), "q1": level(3)})

    assert seen(result.total, result.level) == (60, 3)
    assert BlockerKind.THRESHOLD in kinds(result)


def test_too_few_domains_at_the_level_block_it() -> None:
    """V-2: total 62, too few domains at 3 or above gives level 2 and the blocker breadth."""
    bank = a_ladder_bank("1", "1", "1", "1", breadth=60, breadth_below=75)
    given = {"q0": level(4), "q1": level(4), "q2": level(2), "q3": level(2, half=True)}

    result = scores(bank, given)

    assert result.total == d("62.5")
    assert result.level == 2
    assert kinds(result) == [BlockerKind.BREADTH]
    assert result.blockers[0].keys == ("d2", "d3")
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (50, 60)


def test_a_weak_core_question_holds_the_level_back() -> None:
    """V-3: total 85 with a core question at 2 cannot be level 4; level 3 needs 2, so level 3."""
    bank = a_ladder_bank("10", "90", core=["q0"])

    result = scores(bank, {"q0": level(2), "q1": level(4, half=True)})

    assert result.total == 85
    assert result.level == 3
    assert kinds(result) == [BlockerKind.CORE]
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (2, 3)


def test_an_unknown_core_question_blocks_every_level_that_asks_for_it() -> None:
    bank = a_ladder_bank("10", "90", core=["q0"])

    result = scores(bank, {"q0": UNKNOWN, "q1": level(4)})

    assert seen(result.total, result.level) == (80, 0)
    assert kinds(result) == [BlockerKind.CORE]
    assert (result.blockers[0].level, result.blockers[0].keys) == (1, ("q0",))
    assert seen(result.blockers[0].actual, result.blockers[0].needed) == (0, 0)


def test_an_incomplete_assessment_gets_a_provisional_score_and_no_level() -> None:
    """V-4: total 85 with completeness 79 %: score shown, level null."""
    bank = a_ladder_bank("79", "21")

    result = scores(bank, {"q0": level(4, half=True), "q1": UNKNOWN})

    assert seen(result.total, result.completeness) == (90, 79)
    assert result.provisional
    assert result.level is None
    assert kinds(result) == [BlockerKind.COMPLETENESS]
    assert result.blockers[0].keys == ("q1",)


def test_everything_at_the_top_is_the_top_level_and_nothing_blocks() -> None:
    """V-8: score 100 everywhere gives level 5."""
    bank = a_ladder_bank("1", "1", breadth=60, breadth_below=75, core=["q0"])

    result = scores(bank, {"q0": level(5), "q1": level(5)})

    assert seen(result.total, result.level, result.blockers) == (100, 5, ())


def test_no_level_above_the_ceiling_is_given() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    bank = a_ladder_bank("1", ceiling=3, ceiling_reason=reason)

    result = scores(bank, {"q0": level(5)})

    assert seen(result.total, result.level) == (100, 3)
    assert kinds(result) == [BlockerKind.CEILING]


def test_nothing_done_yet_is_level_zero() -> None:
    result = scores(a_ladder_bank("1"), {"q0": level(0)})

    assert seen(result.total, result.level) == (0, 0)


def test_an_empty_assessment_has_neither_total_nor_level() -> None:
    empty: Answers = {}

    result = score(a_bank(), empty)

    assert seen(result.total, result.level, result.completeness) == (None, None, 0)
    assert result.not_applicable == 0


def test_a_domain_of_which_nothing_is_known_counts_as_behind() -> None:
    """standard-bank 11.10 (3) asks for a share of the applicable domains: unknown ones apply."""
    bank = a_ladder_bank("40", "40", "10", "10", breadth=60, breadth_below=75)
    given = {"q0": level(4), "q1": level(4), "q2": UNKNOWN, "q3": UNKNOWN}

    result = scores(bank, given)

    assert seen(result.total, result.completeness, result.level) == (80, 80, 0)
    assert kinds(result) == [BlockerKind.BREADTH]
    assert seen(result.blockers[0].actual, result.blockers[0].keys) == (50, ("d2", "d3"))


def test_domains_that_do_not_apply_are_left_out_of_the_breadth() -> None:
    bank = a_ladder_bank("45", "45", "10", breadth=100, breadth_below=100)

    result = scores(bank, {"q0": level(3), "q1": level(3), "q2": NA})

    assert result.level == 3


def test_domains_of_a_section_that_is_not_rated_are_left_out_of_the_breadth() -> None:
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=88),
        section(
            "b",
            "B",
            domain("db", ladder("qb", not_applicable="with-reason"), weight="60"),
            domain("dc", ladder("qc"), weight="40"),
            weight=12,
        ),
        levels=levels(breadth=100, breadth_below=100),
    )

    result = scores(bank, {"qa": level(3), "qb": NA, "qc": level(0)})

    assert seen(result.total, result.level) == (60, 3)


def test_domains_without_a_ladder_are_left_out_of_the_breadth() -> None:
    bank = a_bank(
        section("s", "A", domain("a", ladder("q")), domain("b", multiple("m"))),
        levels=levels(breadth=100, breadth_below=100),
    )

    result = scores(bank, {"q": level(5), "m": {"options": ["a"]}})

    assert (result.total, result.level) == (d("62.5"), 3)
    assert kinds(result) == [BlockerKind.THRESHOLD]


def test_a_bank_without_ladders_has_no_breadth_to_show() -> None:
    bank = a_bank(
        section("s", "A", domain("b", multiple("m"))),
        levels=levels(breadth=100, breadth_below=100),
    )

    assert scores(bank, {"m": {"options": ["a", "b", "c", "d"]}}).level == 5


def test_too_few_domains_just_below_the_level_block_it_as_well() -> None:
    bank = a_ladder_bank("1", "1", "1", breadth=60, breadth_below=75)

    result = scores(bank, {"q0": level(4), "q1": level(4), "q2": level(1)})

    assert seen(result.total, result.level) == (60, 2)
    assert kinds(result) == [BlockerKind.BREADTH_BELOW]
    assert (result.blockers[0].actual, result.blockers[0].keys) == (d("66.666667"), ("d2",))


@pytest.mark.parametrize(("behind", "reached"), [(2, 3), (3, 2)])
def test_the_breadth_is_met_at_exactly_its_share(behind: int, reached: int) -> None:
    """60 % of five domains are three."""
    bank = a_ladder_bank(*["1"] * 5, breadth=60, breadth_below=0)
    given = all_at(5, [f"q{n}" for n in range(5 - behind)]) | all_at(
        2, [f"q{n}" for n in range(5 - behind, 5)]
    )

    assert scores(bank, given).level == reached


def test_a_core_question_that_does_not_apply_blocks_nothing() -> None:
    bank = a_ladder_bank("10", "90", core=["q0"])

    assert scores(bank, {"q0": NA, "q1": level(4)}).level == 4


def test_exactly_the_completeness_that_a_level_needs_is_enough() -> None:
    result = scores(a_ladder_bank("80", "20"), {"q0": level(4), "q1": UNKNOWN})

    assert seen(result.completeness, result.provisional, result.level) == (80, False, 4)


def test_a_total_below_the_first_level_has_no_level() -> None:
    steps = levels()["steps"][1:]
    bank = a_bank(section("s", "A", domain("d", ladder("q"))), levels=levels() | {"steps": steps})

    result = scores(bank, {"q": level(0, half=True)})

    assert seen(result.total, result.level) == (10, None)
    assert [(b.kind, b.level) for b in result.blockers] == [(BlockerKind.THRESHOLD, 1)]


# ------------------------------------------------------------------------- edges


def test_a_section_of_which_nothing_applies_has_no_completeness() -> None:
    """V-6: a section that is wholly not applicable is null, and the others are based anew."""
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=88),
        section("d", "D", domain("dd", ladder("qd", not_applicable="with-reason")), weight=12),
    )

    result = scores(bank, {"qa": level(3), "qd": NA})

    assert (result.sections[1].score, result.sections[1].completeness) == (None, None)
    assert seen(result.sections[0].share, result.total) == (1, 60)


def test_exactly_half_of_a_section_applying_is_enough_to_rate_it() -> None:
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=88),
        section(
            "b",
            "B",
            domain("db", ladder("qb", not_applicable="with-reason")),
            domain("dc", ladder("qc")),
            weight=12,
        ),
    )

    assert scores(bank, {"qa": level(3), "qb": NA, "qc": level(5)}).total == d("64.8")


def test_the_weight_of_what_does_not_apply_goes_to_its_own_domain_first() -> None:
    """Within domain d0 the other question takes it over; the shares of the domains stay."""
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d0", ladder("p", not_applicable="with-reason"), ladder("q")),
            domain("d1", ladder("r")),
        ),
        levels=levels() | {"not_applicable_cap": 30},
    )

    result = scores(bank, {"p": NA, "q": level(5), "r": level(0)})

    assert result.total == 50
    assert (result.items["q"].share, result.items["r"].share) == (d("0.5"), d("0.5"))
    assert result.not_applicable == 25


def test_a_section_of_weight_zero_counts_for_nothing() -> None:
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=100),
        section("b", "B", domain("db", ladder("qb")), weight=0),
    )

    result = scores(bank, {"qa": level(3), "qb": level(5)})
    only_zero = scores(bank, {"qb": level(5)})

    assert result.total == 60
    assert result.items["qb"].contribution == 0
    assert only_zero.total is None
    assert only_zero.items["qb"].share is None


def test_a_question_of_weight_zero_is_shown_and_counts_for_nothing() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("p", weight="100"), ladder("q", weight="0")))
    )

    result = scores(bank, {"p": level(2), "q": level(5)})

    assert result.total == 40
    assert seen(result.items["q"].score, result.items["q"].contribution) == (100, 0)


def test_the_largest_ratio_that_can_be_typed_is_scored() -> None:
    """It has more digits than decimal arithmetic carries by default."""
    bank = a_bank(section("s", "A", domain("d", ratio("q", may_exceed=True))))
    most, least = "999999999999999.999999999", "0.000000001"

    assert scores(bank, {"q": {"numerator": most, "denominator": least}}).total == 100


def test_a_hidden_question_does_not_choose_the_weights() -> None:
    when = {"question": "size-class", "in": ["large"]}
    weights = {"discrete": 80, "process": 20}
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=weights),
        section("b", "B", domain("db", ladder("qb")), weight={"discrete": 20, "process": 80}),
        profile=a_profile(
            choice("size-class", "large", "small"),
            choice("production-type", "discrete", "process", when=when),
        ),
        weigh_by="production-type",
        weigh_default="discrete",
    )
    given = {"production-type": {"option": "process"}, "qa": level(5), "qb": level(0)}

    assert scores(bank, given | {"size-class": {"option": "small"}}).total == 80
    assert scores(bank, given | {"size-class": {"option": "large"}}).total == 20


@pytest.mark.parametrize("said", [UNKNOWN, {"option": "mixed"}])
def test_without_a_known_production_type_the_default_weights_hold(said: dict[str, object]) -> None:
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight={"discrete": 1, "mixed": 60}),
        section("b", "B", domain("db", ladder("qb")), weight={"discrete": 99, "mixed": 40}),
        profile=a_profile(choice("production-type", "discrete", "mixed")),
        size_by=None,
        weigh_by="production-type",
        weigh_default="mixed",
    )

    assert scores(bank, {"production-type": said, "qa": level(5), "qb": level(0)}).total == 60


def test_questions_of_weight_zero_alone_leave_their_domain_without_a_score() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d", ladder("p"), weight="100"),
            domain("zero", ladder("q", weight="0"), weight="0"),
        )
    )

    result = scores(bank, {"p": level(2), "q": level(5)})

    assert seen(result.total, result.completeness) == (40, 100)
    assert result.sections[0].domains[1].score is None
    assert result.items["q"].share is None


def test_boxes_numbers_and_matrices_without_a_rule_for_points_are_not_scored() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d", ladder("p"), multiple("m", full_at=None), number("n", bands=[]), ratio("r")
            ),
        )
    )

    result = scores(bank, {"p": level(2), "m": {"options": ["a"]}, "n": {"number": "9"}})

    assert [result.items[key].treatment for key in ("m", "n")] == [Treatment.UNSCORED] * 2
    assert seen(result.total, result.completeness) == (40, 50)
