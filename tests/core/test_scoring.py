"""Is the score right? Cases of the reference table, with their source: C constructed for our rule."""

from decimal import Decimal

import pytest

from survey.core.answers import Answers
from survey.core.bank import Band, Bank
from survey.core.scoring import (
    BlockerKind,
    NaPolicy,
    Result,
    Treatment,
    band_score,
    rounded,
    score,
    weighted_mean,
)
from tests.builders import (
    FULL_ANSWERS,
    a_bank,
    all_at,
    answers,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    number,
    ratio,
    section,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}


def d(value: str) -> Decimal:
    return Decimal(value)


def scores(bank: Bank, plain: dict[str, object]) -> Result:
    return score(bank, answers(bank, plain))  # type: ignore[arg-type]  # plain answers are dicts


def a_ladder_bank(*weights: str, **gates: object) -> Bank:
    """One section; one domain for each weight, with the ladder question ``q0``, ``q1``, …."""
    domains = [
        domain(f"d{n}", ladder(f"q{n}", not_applicable="with-reason"), weight=weight)
        for n, weight in enumerate(weights)
    ]
    return a_bank(section("s", "A", *domains), levels=levels(**gates))


# ------------------------------------------------------------- weighted mean (C)


def test_a_missing_part_of_a_mean_is_left_out_and_its_weight_redistributed() -> None:
    parts = [(d("30"), d("80")), (d("20"), d("50")), (d("50"), None)]

    assert weighted_mean(parts) == d("68.0")


def test_with_the_policy_count_as_zero_a_missing_part_pulls_the_mean_down() -> None:
    parts = [(d("30"), d("80")), (d("20"), d("50")), (d("50"), None)]

    assert weighted_mean(parts, NaPolicy.ZERO) == d("34.0")


@pytest.mark.parametrize("policy", NaPolicy)
def test_a_mean_of_nothing_is_none_and_neither_zero_nor_hundred(policy: NaPolicy) -> None:
    assert weighted_mean([(d("30"), None), (d("70"), None)], policy) is None


def test_weights_of_zero_leave_nothing_to_average() -> None:
    assert weighted_mean([(d("0"), d("80"))]) is None


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
    ("value", "passes"),
    [("59.9999996", True), ("59.9999994", False), ("60", True), ("59.9999995", True)],
)
def test_a_number_is_compared_after_rounding_to_six_places(value: str, passes: bool) -> None:
    """vectors.md and V-7: 59.9999996 passes a threshold of 60."""
    assert (rounded(d(value)) >= 60) is passes


def test_the_order_of_answers_never_matters() -> None:
    """vectors.md and V-10: nothing but the answers decides."""
    bank = a_bank()

    forwards = scores(bank, dict(FULL_ANSWERS))
    backwards = scores(bank, dict(reversed(FULL_ANSWERS.items())))

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
    assert (discrete.total, discrete.completeness, discrete.not_applicable) == (40, 100, 0)
    assert process.total == 70


def test_more_than_the_cap_of_not_applicable_gives_no_total() -> None:
    """standard-bank 11.8 (3): above 20 % of the weight the report shows no total."""
    bank = a_ladder_bank("79", "21")

    result = scores(bank, {"q0": level(4), "q1": NA})

    assert result.total is None
    assert result.blockers[0].kind is BlockerKind.NOT_APPLICABLE_CAP
    assert result.blockers[0].keys == ("q1",)


def test_exactly_the_cap_of_not_applicable_is_allowed() -> None:
    result = scores(a_ladder_bank("80", "20"), {"q0": level(4), "q1": NA})

    assert result.total == 80


def test_a_section_of_which_less_than_half_applies_is_not_rated() -> None:
    """standard-bank 11.8 (2), and V-6: the other weights are based anew."""
    bank = a_bank(
        section("a", "A", domain("da", ladder("qa")), weight=88),
        section(
            "b",
            "B",
            domain("db", ladder("qb", not_applicable="with-reason"), weight="6"),
            domain("dc", ladder("qc"), weight="4"),
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
        section("a", "A", domain("da", ladder("qa")), weight={"discrete": 80, "process": 50, "mixed": 60}),
        section("b", "B", domain("db", ladder("qb")), weight={"discrete": 20, "process": 50, "mixed": 40}),
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


def test_unscored_questions_have_a_treatment_of_their_own() -> None:
    result = scores(a_bank(), dict(FULL_ANSWERS))

    assert result.items["conditions"].treatment is Treatment.UNSCORED
    assert result.items["product"].treatment is Treatment.UNSCORED


# ------------------------------------------------------------------ levels and gates


def kinds(result: Result) -> list[BlockerKind]:
    return [blocker.kind for blocker in result.blockers]


def test_all_ladders_at_three_are_level_three() -> None:
    """V-1: total 60.0, level 3 if the gates pass; the next level lacks points."""
    bank = a_ladder_bank("1", "1", breadth=60, breadth_below=75, core=["q0"])

    result = scores(bank, {"q0": level(3), "q1": level(3)})

    assert (result.total, result.level) == (60, 3)
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
    assert (result.blockers[0].actual, result.blockers[0].needed) == (50, 60)


def test_a_weak_core_question_holds_the_level_back() -> None:
    """V-3: total 85 with a core question at 2 cannot be level 4; level 3 needs 2, so level 3."""
    bank = a_ladder_bank("1", "9", core=["q0"])

    result = scores(bank, {"q0": level(2), "q1": level(4, half=True)})

    assert result.total == 85
    assert result.level == 3
    assert kinds(result) == [BlockerKind.CORE]
    assert (result.blockers[0].actual, result.blockers[0].needed) == (2, 3)


def test_an_unknown_core_question_blocks_every_level_that_asks_for_it() -> None:
    bank = a_ladder_bank("1", "9", core=["q0"])

    result = scores(bank, {"q0": UNKNOWN, "q1": level(4)})

    assert result.level == 0 or result.level == 1
    assert BlockerKind.CORE in kinds(result)


def test_an_incomplete_assessment_gets_a_provisional_score_and_no_level() -> None:
    """V-4: total 85 with completeness 79 %: score shown, level null."""
    bank = a_ladder_bank("79", "21")

    result = scores(bank, {"q0": level(4, half=True), "q1": UNKNOWN})

    assert (result.total, result.completeness) == (90, 79)
    assert result.provisional
    assert result.level is None
    assert kinds(result) == [BlockerKind.COMPLETENESS]
    assert result.blockers[0].keys == ("q1",)


def test_everything_at_the_top_is_the_top_level_and_nothing_blocks() -> None:
    """V-8: score 100 everywhere gives level 5."""
    bank = a_ladder_bank("1", "1", breadth=60, breadth_below=75, core=["q0"])

    result = scores(bank, {"q0": level(5), "q1": level(5)})

    assert (result.total, result.level, result.blockers) == (100, 5, ())


def test_no_level_above_the_ceiling_is_given() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    bank = a_ladder_bank("1", ceiling=3, ceiling_reason=reason)

    result = scores(bank, {"q0": level(5)})

    assert (result.total, result.level) == (100, 3)
    assert kinds(result) == [BlockerKind.CEILING]


def test_nothing_done_yet_is_level_zero() -> None:
    result = scores(a_ladder_bank("1"), {"q0": level(0)})

    assert (result.total, result.level) == (0, 0)


def test_an_empty_assessment_has_neither_total_nor_level() -> None:
    empty: Answers = {}

    result = score(a_bank(), empty)

    assert (result.total, result.level, result.completeness) == (None, None, 0)
    assert result.not_applicable == 0
