"""Sections: their story, their findings, and the next step of each weak domain."""

from typing import Any

import pytest

from survey.core.parts import SectionPart
from tests import builders as b
from tests.builders import a_report, at, ladders

UNKNOWN = {"unknown": True}
NOT_APPLICABLE = {"not_applicable": "没有这类业务"}


def two_domains(**changes: Any) -> Any:
    """One section with the ladders `q0` and `q1` in domains of their own, and another section."""
    optional = {"not_applicable": "with-reason"}
    return b.a_bank(
        b.section(
            "one",
            "A",
            b.domain("d0", b.ladder("q0", **optional)),
            b.domain("d1", b.ladder("q1", **optional)),
            weight=50,
        ),
        b.section("two", "B", b.domain("d2", b.ladder("q2")), weight=50),
        **changes,
    )


def first(bank: Any, plain: dict[str, Any]) -> SectionPart:
    return a_report(bank, plain).sections[0]


@pytest.mark.parametrize(
    ("plain", "story"),
    [
        (at(3, 1, 4), ["40.0 points, 20.0 below the total.", "“Domain d0” (60.0), its lowest"]),
        (at(4, 4, 2), ["80.0 points, 20.0 above the total."]),
        (at(3, 3, 3), ["60.0 points, level with the total."]),
        (at(3, 1) | {"q2": UNKNOWN}, ["level with the total", "Its highest domain"]),
        (
            {"q0": b.level(3), "q1": UNKNOWN, "q2": b.level(3)},
            ["level with the total", "Answers still to be found: 1"],
        ),
        (
            {"q0": UNKNOWN, "q1": UNKNOWN, "q2": b.level(3)},
            ["No score for this section yet; answers still to be found: 2"],
        ),
        (
            {"q0": NOT_APPLICABLE, "q1": NOT_APPLICABLE, "q2": b.level(3)},
            ["Too little of this section applies"],
        ),
    ],
)
def test_the_story_of_a_section_follows_from_its_scores(
    plain: dict[str, Any], story: list[str]
) -> None:
    told = first(two_domains(levels=b.levels() | {"not_applicable_cap": 60}), plain).story

    assert len(told) == len(story)
    assert all(words in text.en for words, text in zip(story, told, strict=True))


def test_without_a_total_a_section_is_not_measured_by_it() -> None:
    plain = {"q0": NOT_APPLICABLE, "q1": b.level(3), "q2": b.level(3)}

    told = first(two_domains(), plain).story

    assert [text.en for text in told] == []


def test_of_domains_with_equal_scores_the_first_is_named() -> None:
    questions = [b.domain(f"d{n}", b.ladder(f"q{n}")) for n in (3, 1, 0, 2)]
    bank = b.a_bank(b.section("s", "A", *questions))

    told = first(bank, {"q3": b.level(4), "q1": b.level(4), "q0": b.level(1), "q2": b.level(1)})

    assert "highest domain is “Domain d3” (80.0), its lowest “Domain d0”" in told.story[1].en


def test_nothing_is_lacking_in_a_section_of_which_nothing_applies() -> None:
    plain = {"q0": NOT_APPLICABLE, "q1": NOT_APPLICABLE, "q2": b.level(3)}

    section = first(two_domains(), plain)

    assert section.completeness == 100
    assert section.score is None


def test_a_section_names_its_best_and_its_dearest_questions() -> None:
    ladder = [b.ladder(f"q{n}") for n in range(6)]
    section = first(b.a_bank(b.section("s", "A", b.domain("d", *ladder))), at(5, 4, 3, 2, 1, 0))

    assert [finding.key for finding in section.strengths] == ["q0", "q1"]
    assert [finding.key for finding in section.gaps] == ["q5", "q4"]


def test_what_is_worth_little_is_never_said_to_be_worth_nothing() -> None:
    questions = [b.ladder("q0", weight="99.99"), b.ladder("q1", weight="0.01")]
    bank = b.a_bank(b.section("s", "A", b.domain("d", *questions)))

    gaps = first(bank, at(0, 0)).gaps
    idle = first(bank, at(0, 4)).strengths

    assert gaps[1].comment.zh == "做到最好，总分还可提高不到0.1分。"
    assert idle[0].comment.en == "It contributes less than 0.1 points to the total."


def test_the_lowest_evidence_stands_for_the_whole_section() -> None:
    proof = {"evidence": {"grade": "document", "note": "导出的工单"}}

    section = first(two_domains(), {"q0": b.level(3) | proof, "q1": b.level(3), "q2": b.level(3)})
    nothing = first(two_domains(), {"q2": b.level(3)})

    assert section.evidence is not None
    assert section.evidence.en == "Statement only"
    assert nothing.evidence is None


def test_a_section_level_that_evidence_does_not_carry_is_marked() -> None:
    gates = b.levels(evidence={"from_level": 4, "grade": 2})

    section = first(ladders(levels=gates), at(4, 4, 4, 4, 4))

    assert section.level is not None
    assert section.level.en == "Level 3, unverified"


def test_a_section_level_that_the_ceiling_cuts_is_marked_and_the_reason_given() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    bank = ladders(2, levels=b.levels(ceiling=3, ceiling_reason=reason))

    cut, whole = a_report(bank, at(5, 3)), a_report(bank, at(3, 3))

    assert [section.level and section.level.en for section in cut.sections] == [
        "Level 3, capped",
        "Level 3",
    ]
    assert cut.picture[-1].en == (
        "Ceiling: this questionnaire gives no level above 3. Too few questions."
    )
    assert "Ceiling" not in whole.picture[-1].en


@pytest.mark.parametrize("method", ["points", "staged"])
def test_sections_of_banks_without_levels_of_parts_have_none(method: str) -> None:
    question = b.requirements("q0") if method == "staged" else b.ladder("q0", weight="100")
    bank = b.a_bank(
        b.section("s", "A", b.domain("d", question, weight=100)),
        scoring={"method": method},
        levels=b.staged_levels() if method == "staged" else b.levels(),
    )
    rows = {"rows": {"list": "met", "plan": "met", "model": "unmet"}}

    section = first(bank, {"q0": rows if method == "staged" else b.level(3)})

    assert section.level is None


# ------------------------------------------------------------------- next steps


def test_a_weak_domain_names_its_next_step_with_owner_and_horizon() -> None:
    weak, strong = first(two_domains(), at(1, 3, 3)).domains

    assert weak.next_step is not None
    assert (weak.next_step.key, weak.next_step.what.en) == ("q0", "Reach step 2 first.")
    assert (weak.next_step.owner.en, weak.next_step.horizon.zh) == ("Manager", "90天内")
    assert strong.next_step is None


def test_a_weak_domain_without_a_known_answer_has_no_next_step() -> None:
    open_ = first(two_domains(), {"q0": UNKNOWN, "q1": b.level(3)}).domains[0]

    assert (open_.column, open_.next_step) == (None, None)


def test_a_step_that_waits_is_still_the_next_one_of_its_domain() -> None:
    plain = at(*(1 for _ in range(8))) | {"size-class": {"option": "small"}}

    made = a_report(ladders(8), plain)

    assert len(made.roadmap.first) == 7
    assert [step.key for step in made.roadmap.later] == ["q7"]
    last = made.sections[-1].domains[0].next_step
    assert last is not None
    assert last.key == "q7"


def test_in_a_staged_bank_the_scores_of_parts_are_said_to_stand_alone() -> None:
    bank = b.a_bank(
        b.section("s", "A", b.domain("d", b.requirements("q0"))),
        scoring={"method": "staged"},
        levels=b.staged_levels(),
    )

    made = a_report(bank, {"q0": {"rows": {"list": "met", "plan": "met", "model": "unmet"}}})

    assert made.picture[-1].en.startswith("The scores of the parts stand by themselves")
