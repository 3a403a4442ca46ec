"""What there is to fill in for every kind of question, and the way back to an answer."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core import blanks
from survey.core.bank import Bank, Kind
from survey.core.blanks import (
    GRADE,
    HALF,
    NOTE,
    REASON,
    STATE,
    YES,
    Fill,
    filled,
    fingerprint,
    plain_of,
    problems,
    states,
)
from survey.core.errors import BadAnswer
from tests.builders import (
    FULL_ANSWERS,
    a_bank,
    benchmark,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    two_years,
    words,
    yes_no,
)

SCALE = {"base": 40, "lead": 20, "source": "norm"}


def every_kind() -> Bank:
    questions = (
        ladder(not_applicable="with-reason"), multiple(), number(), ratio(), matrix(), yes_no(),
        words(), benchmark(), requirements(), ladder("whole", half_steps=False),
    )  # fmt: skip
    return a_bank(section("everything", "A", domain("first", *questions)))


ANSWERS: dict[str, Any] = {
    **FULL_ANSWERS,
    "energy": {"value": "31.5", "base": "40", "lead": "20", "source": "行业报告"},
    "scheduling": {"rows": {"list": "met", "plan": "partly", "model": "unmet"}},
}


def test_every_kind_of_question_has_blanks() -> None:
    assert set(blanks._BLANKS) == set(blanks._FILLED) == set(blanks._GIVEN) == set(Kind)


@pytest.mark.parametrize("key", ANSWERS)
def test_an_answer_fills_the_blanks_and_comes_back_from_them(key: str) -> None:
    question = every_kind().questions[key]

    parts = filled(question, ANSWERS[key])

    assert parts.keys() <= {blank.part for blank in blanks.blanks(question)}
    assert plain_of(question, parts) == ANSWERS[key]


@pytest.mark.parametrize(
    "plain",
    [
        {"unknown": True},
        {"not_applicable": "没有生产计划。"},
        {"option": "level-2", "half": True},
        {"option": "level-3", "evidence": {"grade": "document", "note": "计划书"}},
    ],
)
def test_what_stands_beside_an_answer_comes_back_too(plain: dict[str, Any]) -> None:
    question = every_kind().questions["planning"]

    assert plain_of(question, filled(question, plain)) == plain


def test_nothing_filled_in_is_no_answer() -> None:
    bank = every_kind()

    assert all(plain_of(question, {}) is None for question in bank.questions.values())
    assert fingerprint({}) == ""


def test_numbers_are_the_same_however_they_are_written() -> None:
    years = every_kind().questions["years"]

    assert filled(years, {"number": "12.50"}) == filled(years, {"number": "12.5"}) == {"": "12.5"}
    assert filled(years, {"number": "100"}) == {"": "100"}
    assert fingerprint({"": "12.5"}) != fingerprint({"": "12"})


def test_what_can_be_said_instead_depends_on_the_question() -> None:
    bank = every_kind()

    def said(key: str) -> list[str]:
        return [name for name, _ in states(bank.questions[key])]

    assert said("planning") == ["unknown", "not-applicable"]
    assert said("security") == ["unknown"]
    assert said("product") == []


def test_units_labels_and_options_are_those_of_the_question() -> None:
    bank = a_bank(
        section("everything", "A", domain("first", ratio(), ladder("whole", half_steps=False))),
        outcomes={
            "title": {"zh": "成效指标", "en": "Key figures"},
            "summary": {"zh": "不计分。", "en": "Not scored."},
            "questions": [two_years(denominator_unit={"zh": "元", "en": "CNY"})],
        },
    )
    upper, lower = blanks.blanks(bank.questions["share"])
    (step,) = blanks.blanks(bank.questions["whole"])
    _, before = blanks.blanks(bank.questions["productivity"])

    assert (upper.part, upper.fill) == ("numerator", Fill.NUMBER)
    assert upper.label is not None
    assert upper.unit == lower.unit
    assert [key for key, _ in step.options] == [f"level-{n}" for n in range(6)]
    assert before.unit is not None
    assert before.unit.en == "CNY"


def test_a_benchmark_of_the_bank_asks_for_one_figure() -> None:
    sources = [{"key": "norm", "title": {"zh": "标准", "en": "Norm"}, "edition": "2024"}]
    bank = a_bank(
        section("everything", "A", domain("first", benchmark(scale=SCALE))), sources=sources
    )
    question = bank.questions["energy"]

    assert [blank.part for blank in blanks.blanks(question)] == ["value"]
    assert plain_of(question, {"value": "31.5"}) == {"value": "31.5"}
    assert [each.place for each in problems(question, {"value": "-1"})] == ["value"]
    assert problems(question, {"value": "31.5"}) == ()


@pytest.mark.parametrize(
    ("key", "parts", "code", "where"),
    [
        ("planning", {"half": "yes"}, "answer-half-alone", "half"),
        ("planning", {"": "level-9"}, "answer-unknown-option", ""),
        ("planning", {"": "level-1", "state": "unknown"}, "answer-both", "state"),
        ("planning", {"state": "unknown", "note": "记录"}, "answer-evidence-alone", "note"),
        ("planning", {"state": "not-applicable"}, "answer-reason-missing", "reason"),
        (
            "planning", {"state": "not-applicable", "reason": "很" * 501},
            "answer-too-long", "reason",
        ),
        ("planning", {"": "level-1", "reason": "无"}, "answer-reason-alone", "reason"),
        ("planning", {"note": "记录"}, "answer-evidence-alone", "note"),
        ("planning", {"": "level-1", "note": "记录"}, "answer-grade-missing", "grade"),
        ("planning", {"": "level-1", "grade": "document"}, "answer-note-missing", "note"),
        ("security", {"box.a": "no"}, "answer-no-box", "box.a"),
        ("years", {"": "many"}, "answer-not-a-number", ""),
        ("years", {"": "101"}, "answer-out-of-range", ""),
        ("share", {"numerator": "1"}, "answer-figure-missing", "denominator"),
        ("share", {"note": "记录"}, "answer-evidence-alone", "note"),
        ("product", {"": "很" * 21}, "answer-too-long", ""),
        (
            "energy", {"value": "1", "base": "2000", "lead": "1", "source": "报告"},
            "answer-out-of-range", "base",
        ),
        ("energy", {"value": "1", "base": "2", "lead": "1"}, "answer-source-missing", "source"),
        ("systems", {"row.plm": "none"}, "answer-unknown-row", "row.plm"),
        (
            "share", {"numerator": "-1", "denominator": "5"},
            "answer-ratio-not-positive", "numerator",
        ),
        (
            "share", {"numerator": "6", "denominator": "5"},
            "answer-numerator-too-large", "numerator",
        ),
        (
            "energy", {"value": "1", "base": "2", "lead": "3", "source": "报告"},
            "answer-lead-not-lower", "lead",
        ),
        (
            "energy", {"value": "1", "base": "2", "lead": "1", "source": "很" * 201},
            "answer-too-long", "source",
        ),
        (
            "planning", {"": "level-1", "grade": "document", "note": "很" * 201},
            "answer-too-long", "note",
        ),
        ("planning", {"state": "unknown", "reason": "无"}, "answer-reason-alone", "reason"),
        ("planning", {"state": "unknown", "grade": "document"}, "answer-evidence-alone", "grade"),
        (
            "planning", {"state": "not-applicable", "reason": "\u200b"},
            "answer-reason-missing", "reason",
        ),
        (
            "planning", {"": "level-1", "grade": "rumour", "note": "x"},
            "answer-unknown-grade", "grade",
        ),
        ("whole", {"half": "yes"}, "answer-half-alone", "half"),
        (
            "security", {"state": "not-applicable", "reason": "无"},
            "answer-never-not-applicable", "state",
        ),
    ],
)  # fmt: skip
def test_a_refusal_is_put_down_to_the_blank_to_mend(
    key: str, parts: dict[str, str], code: str, where: str
) -> None:
    question = every_kind().questions[key]

    with pytest.raises(BadAnswer) as refused:
        plain_of(question, parts)

    assert refused.value.code == code
    (problem,) = problems(question, parts)
    assert (problem.place, problem.code, problem.facts) == (where, code, refused.value.facts)


@pytest.mark.parametrize(
    ("key", "parts", "wrong"),
    [
        (
            "years", {"": "99999", "note": "很" * 201},
            {"": "answer-out-of-range", "grade": "answer-grade-missing", "note": "answer-too-long"},
        ),
        (
            "share", {"numerator": "-5", "denominator": "-7"},
            {"numerator": "answer-ratio-not-positive", "denominator": "answer-ratio-not-positive"},
        ),
        (
            "energy", {"value": "-1", "base": "2000", "lead": "x"},
            {
                "value": "answer-out-of-range", "base": "answer-out-of-range",
                "lead": "answer-not-a-number", "source": "answer-source-missing",
            },
        ),
        (
            "energy", {"value": "-1", "base": "2", "lead": "3", "source": "报告"},
            {"value": "answer-out-of-range", "lead": "answer-lead-not-lower"},
        ),
        (
            "systems", {"row.erp": "good", "row.mes": "bad"},
            {"row.erp": "answer-unknown-option", "row.mes": "answer-unknown-option"},
        ),
        (
            "planning", {"": "level-5", "half": "yes", "reason": "无", "note": "记录"},
            {
                "half": "answer-no-half-step", "reason": "answer-reason-alone",
                "grade": "answer-grade-missing",
            },
        ),
        (
            "years", {"": "101", "state": "not-applicable", "note": "记录"},
            {
                "": "answer-out-of-range", "state": "answer-both",
                "reason": "answer-reason-missing", "note": "answer-evidence-alone",
            },
        ),
        (
            "years", {"": "99999", "grade": "rumour"},
            {
                "": "answer-out-of-range", "grade": "answer-unknown-grade",
                "note": "answer-note-missing",
            },
        ),
        ("share", {"numerator": "5", "state": "unknown"}, {"state": "answer-both"}),
        ("planning", {"half": "yes", "state": "unknown"}, {"state": "answer-both"}),
    ],
)  # fmt: skip
def test_everything_wrong_is_found_at_once(
    key: str, parts: dict[str, str], wrong: dict[str, str]
) -> None:
    question = every_kind().questions[key]

    assert {each.place: each.code for each in problems(question, parts)} == wrong


@pytest.mark.parametrize(
    ("key", "parts", "unread", "wrong"),
    [
        ("years", {"": "101", "note": "记录"}, {GRADE}, {"": "answer-out-of-range"}),
        ("years", {}, {"", GRADE}, {NOTE: "answer-note-missing"}),
        (
            "share", {"denominator": "-7"}, {"numerator"},
            {"denominator": "answer-ratio-not-positive"},
        ),
        ("share", {}, {"numerator"}, {"denominator": "answer-figure-missing"}),
        ("share", {"numerator": "5"}, {STATE}, {}),
        ("share", {}, {"head"}, {}),
        ("energy", {"base": "2", "source": "报告"}, {"value", "lead"}, {}),
        ("planning", {"half": "yes"}, {""}, {}),
        ("planning", {"note": "记录"}, {STATE}, {}),
        ("planning", {STATE: "unknown"}, {""}, {STATE: "answer-both"}),
        ("planning", {"": "level-1"}, {HALF}, {}),
        ("security", {"box.a": "no"}, {"box.b"}, {}),
        (
            "security", {"box.a": "yes", "box.none": "yes"}, {"box.b"},
            {"box.a": "answer-none-and-others"},
        ),
    ],
)  # fmt: skip
def test_beside_what_cannot_be_read_only_what_is_sure_is_called_wrong(
    key: str, parts: dict[str, str], unread: set[str], wrong: dict[str, str]
) -> None:
    question = every_kind().questions[key]

    assert {each.place: each.code for each in problems(question, parts, unread)} == wrong


@pytest.mark.parametrize("key", ANSWERS)
def test_nothing_is_wrong_with_an_answer_that_is_taken(key: str) -> None:
    question = every_kind().questions[key]

    assert problems(question, filled(question, ANSWERS[key])) == ()
    assert problems(question, {}) == ()


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_a_benchmark_is_judged_from_its_better_side(better: str) -> None:
    bank = a_bank(section("everything", "A", domain("first", benchmark(better=better))))
    question = bank.questions["energy"]
    low_to_high = {"value": "0", "base": "0", "lead": "1000", "source": "报告"}

    found = {each.place: each.code for each in problems(question, low_to_high)}

    assert found == ({} if better == "higher" else {"lead": "answer-lead-not-lower"})


@pytest.mark.parametrize(
    ("key", "typed", "parts"),
    [
        ("years", {"": ["about six"]}, {"": "about six"}),
        ("years", {"": ["12.50"], "note": ["记录"]}, {"": "12.5", NOTE: "记录"}),
        ("planning", {"half": ["1"], "": [" "]}, {HALF: YES}),
        (
            "planning",
            {"": ["_unknown"], "evidence": ["document"]},
            {STATE: "unknown", GRADE: "document"},
        ),
        (
            "security",
            {"": ["a"], "state": ["_unknown", "_not-applicable"], "reason": ["无"]},
            {"box.a": YES, STATE: blanks.BOTH, REASON: "无"},
        ),
        ("share", {"numerator": ["1,20"], "elsewhere": ["x"]}, {"numerator": "1,20"}),
        (
            "systems",
            {"row.erp": ["linked"], "state": ["_unknown"]},
            {"row.erp": "linked", STATE: "unknown"},
        ),
        ("energy", {"value": ["9"], "source": ["报告"]}, {"value": "9", "source": "报告"}),
    ],
)
def test_a_draft_fills_the_blanks_as_it_was_typed(
    key: str, typed: dict[str, list[str]], parts: dict[str, str]
) -> None:
    question = every_kind().questions[key]

    assert blanks.filled(question, {"typed": typed}) == parts


def test_half_said_no_and_boxes_left_empty_are_no_answers() -> None:
    bank = every_kind()

    assert plain_of(bank.questions["planning"], {"half": "no"}) is None
    assert plain_of(bank.questions["planning"], {"": "level-1", "half": "no"}) == {
        "option": "level-1"
    }


def test_a_choice_has_its_options_and_nothing_beside_them() -> None:
    question = every_kind().questions["production-type"]

    assert [len(blank.options) for blank in blanks.blanks(question)] == [3]
    assert states(question) == ()


QUESTIONS = tuple(every_kind().questions.values())
VALUES = (
    "", "0", "1", "2", "3", "12.5", "-4", "many", "level-2", "unknown", "not-applicable",
    "document", "proof", "yes", "no", "met", "norm", "x" * 501,
)  # fmt: skip


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_nothing_is_wrong_exactly_where_the_blanks_make_an_answer(data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(QUESTIONS))
    asked = [blank.part for blank in blanks.blanks(question)]
    chosen = {blank.part: [key for key, _ in blank.options] for blank in blanks.blanks(question)}
    parts = {
        part: data.draw(st.sampled_from([*chosen.get(part, ()), *VALUES]))
        for part in data.draw(st.sets(st.sampled_from([*asked, STATE, REASON, GRADE, NOTE])))
    }
    try:
        plain_of(question, parts)
        is_right = True
    except BadAnswer:
        is_right = False

    assert (problems(question, parts) == ()) == is_right
