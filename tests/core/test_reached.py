"""The answers once a step is done: the least change of each kind that reaches the step's score."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.core import advice, reached, scoring
from survey.core.answers import Evidence, Supported, to_plain
from survey.core.bank import Bank, EvidenceGrade
from survey.core.earned import question_score
from tests import builders as b

NEXT = [step for step in b.advice() if step["to"] in (2, 4)]


def bank_of(question: dict[str, Any]) -> Bank:
    return b.a_bank(b.section("s", "A", b.domain("d", question)))


def done(bank: Bank, plain: dict[str, Any]) -> dict[str, Any]:
    """The plain answers once every step of the plan is done."""
    given_ = b.answers(bank, plain)
    plan = advice.plan(bank, given_, scoring.score(bank, given_))
    after = reached.after(bank, given_, plan.short)
    return {key: to_plain(bank.questions[key], answer) for key, answer in after.items()}


def without_evidence(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key != "evidence"}


@pytest.mark.parametrize(
    ("question", "answer", "after"),
    [
        (b.ladder("q"), b.level(2), b.level(3)),
        (b.ladder("q"), b.level(2, half=True), b.level(3)),
        (
            b.multiple("q", advice=NEXT),
            {"options": ["c"]},
            {"options": ["a", "c"]},
        ),
        (b.multiple("q", advice=NEXT), {"options": ["none"]}, {"options": ["a", "b"]}),
        (
            b.matrix("q", advice=NEXT),
            {"rows": {"erp": "none", "mes": "none"}},
            {"rows": {"erp": "linked", "mes": "none"}},
        ),
        (b.number("q", advice=NEXT), {"number": "1"}, {"number": "3"}),
        (
            b.number("q", bands=[{"from": 0, "score": 0}, {"from": 3, "above": True, "score": 100}],
                     advice=NEXT),
            {"number": "1"},
            {"number": "4"},
        ),
        (
            b.number("q", bands=[], better="higher", advice=b.advice(),
                     scale={"base": 10, "lead": 60, "source": "norm"}),
            {"number": "15"},
            {"number": "20"},
        ),
        (
            b.ratio("q", advice=NEXT),
            {"numerator": "10", "denominator": "200"},
            {"numerator": "40", "denominator": "200"},
        ),
        (
            b.benchmark("q"),
            {"value": "90", "base": "100", "lead": "50", "source": "行业标准"},
            {"value": "80", "base": "100", "lead": "50", "source": "行业标准"},
        ),
    ],
)  # fmt: skip
def test_a_step_changes_its_answer_as_little_as_it_can(
    question: dict[str, Any], answer: dict[str, Any], after: dict[str, Any]
) -> None:
    sources = [{"key": "norm", "title": {"zh": "标准", "en": "Norm"}, "edition": "2025"}]
    bank = b.a_bank(b.section("s", "A", b.domain("d", question)), sources=sources)

    found = done(bank, {"q": answer})

    assert without_evidence(found["q"]) == without_evidence(
        to_plain(bank.questions["q"], b.answers(bank, {"q": after})["q"])
    )


def test_a_step_of_requirements_meets_every_one_up_to_its_level() -> None:
    row = b.requirements()["rows"][0]
    rows = [row | {"key": f"r{level}", "level": level} for level in range(1, 6)]
    states = {"r1": "met", "r2": "partly", "r3": "unmet", "r4": "partly", "r5": "unmet"}

    found = done(bank_of(b.requirements("q", rows=rows)), {"q": {"rows": states}})

    assert found["q"]["rows"] == states | {"r2": "met"}


def test_a_remedy_makes_its_statement_true_and_leaves_the_others() -> None:
    remedy = {key: value for key, value in b.advice()[0].items() if key != "to"}
    block = b.yes_no()
    block["statements"][1]["remedy"] = remedy
    bank = b.a_bank(b.section("s", "A", b.domain("law", block), b.domain("d", b.ladder("q"))))

    found = done(bank, {"conditions": {"statements": {"registered": "no", "permit": "no"}}})

    assert found["conditions"]["statements"] == {"registered": "no", "permit": "yes"}


def evidence_after(evidence: dict[str, Any] | None) -> Evidence | None:
    bank = bank_of(b.ladder("q"))
    answer = b.level(2) | ({} if evidence is None else {"evidence": evidence})
    given_ = b.answers(bank, {"q": answer})
    plan = advice.plan(bank, given_, scoring.score(bank, given_))
    after = reached.after(bank, given_, plan.short)["q"]
    assert isinstance(after, Supported)
    return after.evidence


@pytest.mark.parametrize(
    ("before", "grade", "note"),
    [
        (None, EvidenceGrade.DOCUMENT, "有第3步的记录。"),
        ({"grade": "document", "note": "规划文件"}, EvidenceGrade.DOCUMENT, "规划文件"),
        ({"grade": "third-party", "note": "认证证书"}, EvidenceGrade.THIRD_PARTY, "认证证书"),
    ],
)
def test_the_proof_of_a_step_counts_as_a_document_and_better_proof_stays(
    before: dict[str, Any] | None, grade: EvidenceGrade, note: str
) -> None:
    after = evidence_after(before)

    assert after == Evidence(grade, note)


@pytest.mark.parametrize(
    ("question", "answer", "to"),
    [
        (b.ladder("q"), b.level(3), 1),
        (b.ladder("q"), b.level(3), 6),
        (b.multiple("q", advice=NEXT), {"options": ["a"]}, 6),
        (b.matrix("q", advice=NEXT), {"rows": {"erp": "none", "mes": "none"}}, 6),
    ],
)
def test_a_step_below_or_beyond_the_question_changes_nothing(
    question: dict[str, Any], answer: dict[str, Any], to: int
) -> None:
    bank = bank_of(question)
    before = b.answers(bank, {"q": answer})
    [step] = advice.plan(bank, before, scoring.score(bank, before)).short

    assert reached.after(bank, before, [replace(step, to=to)]) == before


def test_an_answer_that_is_not_known_stays_unknown() -> None:
    bank = bank_of(b.ladder("q"))
    known = b.answers(bank, {"q": b.level(3)})
    [step] = advice.plan(bank, known, scoring.score(bank, known)).short
    before = b.answers(bank, {"q": {"unknown": True}})

    assert reached.after(bank, before, [step]) == before


# ------------------------------------------------------------------- properties

_QUESTIONS = {
    "q0": (b.ladder("q0"), st.builds(b.level, st.integers(0, 5))),
    "q1": (
        b.multiple("q1", advice=b.advice()),
        st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=4, unique=True).map(
            lambda chosen: {"options": sorted(chosen) or ["none"]}
        ),
    ),
    "q2": (
        b.matrix("q2", advice=b.advice()),
        st.fixed_dictionaries(
            {key: st.sampled_from(["none", "alone", "linked"]) for key in ("erp", "mes")}
        ).map(lambda rows: {"rows": rows}),
    ),
    "q3": (
        b.number("q3", advice=b.advice()),
        st.integers(0, 100).map(lambda number: {"number": str(number)}),
    ),
    "q4": (
        b.ratio("q4", advice=b.advice()),
        st.integers(0, 100).map(lambda part: {"numerator": str(part), "denominator": "100"}),
    ),
    "q5": (
        b.benchmark("q5", advice=b.advice()),
        st.integers(0, 1000).map(
            lambda value: {"value": str(value), "base": "700", "lead": "300", "source": "自定"}
        ),
    ),
}
_BANK = b.a_bank(
    *(
        b.section(
            f"s{n}",
            "ABCDEF"[n],
            b.domain(f"d{n}", question),
            weight=(20, 20, 15, 15, 15, 15)[n],
        )
        for n, (question, _) in enumerate(_QUESTIONS.values())
    ),
    levels=b.levels(breadth=60, breadth_below=75, core=["q0"], completeness=50),
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.fixed_dictionaries({}, optional={key: each for key, (_, each) in _QUESTIONS.items()}))
def test_doing_a_plan_never_lowers_total_sections_or_level(plain: dict[str, Any]) -> None:
    before = b.answers(_BANK, plain)
    today = scoring.score(_BANK, before)
    plan = advice.plan(_BANK, before, today)

    after = reached.after(_BANK, before, (*plan.short, *plan.rest))
    then = scoring.score(_BANK, after)

    assert (then.total or Decimal(0)) >= (today.total or Decimal(0))
    assert (then.level or 0) >= (today.level or 0)
    for old, new in zip(today.sections, then.sections, strict=True):
        assert (new.score or Decimal(0)) >= (old.score or Decimal(0))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.fixed_dictionaries({}, optional={key: each for key, (_, each) in _QUESTIONS.items()}))
def test_each_step_reaches_the_score_that_it_aims_at(plain: dict[str, Any]) -> None:
    before = b.answers(_BANK, plain)
    plan = advice.plan(_BANK, before, scoring.score(_BANK, before))

    for step in (*plan.short, *plan.rest):
        question = _BANK.questions[step.question]
        after = reached.after(_BANK, before, [step])
        assert question_score(question, after[step.question]) >= 20 * (step.to or 0)
