"""What an answer can be: every form, every refusal, and what is left open."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey.core import answers
from survey.core.answers import (
    LONGEST_NOTE,
    LONGEST_REASON,
    Answer,
    BadAnswers,
    Boxes,
    DontKnow,
    Evidence,
    Excluded,
    Figure,
    Grid,
    Measured,
    Picked,
    Quotient,
    Words,
    grade_of,
    is_whole,
    read,
    read_all,
    to_plain,
)
from survey.core.bank import EvidenceGrade, Question
from survey.core.errors import BadAnswer
from survey.core.text import Locale
from survey.messages import for_error, for_problem
from tests.builders import (
    FULL_ANSWERS,
    Data,
    a_bank,
    a_profile,
    benchmark,
    choice,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    words,
    yes_no,
)

NA = "with-reason"
CITED = {"base": 20, "lead": 8, "source": "standard"}
A_SOURCE = {
    "key": "standard",
    "title": {"zh": "一项标准", "en": "A standard"},
    "edition": "2025",
}
MEASURED = {"value": "12", "base": "20", "lead": "8", "source": "行业公报"}
DOCUMENT = {"grade": "document", "note": "设备台账"}
PROOF = {"grade": "third-party", "note": "检测报告"}


def a_question(data: Data) -> Question:
    """A question as a bank holds it; a choice stands in the profile."""
    if data["kind"] == "choice":
        bank = a_bank(profile=a_profile(data), size_by=None)
    else:
        bank = a_bank(section("s", "A", domain("d", data)), sources=[A_SOURCE])
    return bank.questions[data["key"]]


def refused(data: Data, plain: Any) -> BadAnswer:
    with pytest.raises(BadAnswer) as caught:
        read(a_question(data), plain)
    return caught.value


# ------------------------------------------------------------------- what is taken

TAKEN: list[tuple[Data, Data, Answer]] = [
    (choice("q", "a", "b"), {"option": "b"}, Picked("b")),
    (ladder("q"), {"option": "level-2"}, Picked("level-2")),
    (ladder("q"), {"option": "level-4", "half": True}, Picked("level-4", half=True)),
    (multiple("q"), {"options": ["none"]}, Boxes(("none",))),
    (multiple("q"), {"options": ["c", "a"]}, Boxes(("a", "c"))),
    (number("q"), {"number": "0"}, Figure(Decimal(0))),
    (number("q", decimals=2), {"number": "12.50"}, Figure(Decimal("12.5"))),
    (ratio("q"), {"numerator": "0", "denominator": "1"}, Quotient(Decimal(0), Decimal(1))),
    (ratio("q"), {"numerator": "7", "denominator": "7"}, Quotient(Decimal(7), Decimal(7))),
    (
        ratio("q", may_exceed=True),
        {"numerator": "1.5", "denominator": "0.5"},
        Quotient(Decimal("1.5"), Decimal("0.5")),
    ),
    (
        matrix("q"),
        {"rows": {"mes": "none", "erp": "linked"}},
        Grid({"erp": "linked", "mes": "none"}),
    ),
    (matrix("q"), {"rows": {"mes": "alone"}}, Grid({"mes": "alone"})),
    (
        yes_no("q"),
        {"statements": {"registered": "not-applicable", "permit": "unknown"}},
        Grid({"registered": "not-applicable", "permit": "unknown"}),
    ),
    (
        requirements("q"),
        {"rows": {"model": "met", "list": "partly"}},
        Grid({"list": "partly", "model": "met"}),
    ),
    (benchmark("q"), MEASURED, Measured(Decimal(12), Decimal(20), Decimal(8), "行业公报")),
    (
        benchmark("q", better="higher"),
        MEASURED | {"base": "8.5", "lead": "２０"},
        Measured(Decimal(12), Decimal("8.5"), Decimal(20), "行业公报"),
    ),
    (
        benchmark("q", scale=CITED),
        {"value": "12"},
        Measured(Decimal(12), Decimal(20), Decimal(8), ""),
    ),
    (
        ladder("q"),
        {"option": "level-4", "evidence": DOCUMENT},
        Picked("level-4", evidence=Evidence(EvidenceGrade.DOCUMENT, "设备台账")),
    ),
    (
        number("q"),
        {"number": "5", "evidence": PROOF | {"note": " 检测报告\u200b "}},
        Figure(Decimal(5), evidence=Evidence(EvidenceGrade.THIRD_PARTY, "检测报告")),
    ),
    (words("q"), {"text": "阀门 valves"}, Words("阀门 valves")),
    (words("q", pattern="[0-9]{4}"), {"text": "2026"}, Words("2026")),
    (ladder("q"), {"unknown": True}, DontKnow()),
    (words("q"), {"unknown": True}, DontKnow()),
    (ladder("q", not_applicable=NA), {"not_applicable": "没有这个环节"}, Excluded("没有这个环节")),
]


@pytest.mark.parametrize(("question", "plain", "expected"), TAKEN)
def test_an_answer_is_read_and_its_plain_form_reads_back_as_the_same(
    question: Data, plain: Data, expected: Answer
) -> None:
    asked = a_question(question)

    answer = read(asked, plain)

    assert answer == expected
    assert read(asked, to_plain(asked, answer)) == answer


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("12", "12"),
        (" 12\n", "12"),
        ("+12", "12"),
        ("007", "7"),
        ("1,234,567", "1234567"),
        ("１２．５", "12.5"),
        ("１，２３４", "1234"),
        ("1 234 567.5", "1234567.5"),
        ("12\u00a0345", "12345"),
        ("1\u202f234", "1234"),
        ("－3", "-3"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        (15, "15"),
        (Decimal("12.5"), "12.5"),
        ("999999999999999", "999999999999999"),
    ],
)
def test_a_number_is_understood_as_people_type_it(typed: Any, understood: str) -> None:
    question = a_question(
        number("q", decimals=2, minimum="-10", maximum="999999999999999", bands=[])
    )

    answer = read(question, {"number": typed})

    assert to_plain(question, answer) == {"number": understood}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  两头空格  ", "两头空格"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("a\x00b\x1bc", "abc"),
        ("倒\u202e着\u2066写", "倒着写"),
        ("零\u200b宽\ufeff", "零宽"),
        ("半个\ud800字", "半个字"),
        ("表情👨‍👩‍👧", "表情👨‍👩‍👧"),
    ],
)
def test_text_loses_only_what_cannot_be_printed(typed: str, kept: str) -> None:
    assert read(a_question(words("q")), {"text": typed}) == Words(kept)


# ------------------------------------------------------------------- what is refused

REFUSED: list[tuple[str, Data, Any]] = [
    # no form at all, or the form of another kind
    ("answer-wrong-form", ladder("q"), None),
    ("answer-wrong-form", ladder("q"), "level-2"),
    ("answer-wrong-form", ladder("q"), ["option", "level-2"]),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "note": "x"}),
    ("answer-wrong-form", ladder("q"), {"number": "3"}),
    ("answer-wrong-form", number("q"), {"option": "level-2"}),
    ("answer-wrong-form", matrix("q"), {"statements": {}}),
    ("answer-wrong-form", ladder("q"), {"unknown": True, "option": "level-2"}),
    ("answer-wrong-form", ladder("q"), {"unknown": False}),
    ("answer-wrong-form", ladder("q"), {"unknown": 1}),
    ("answer-wrong-form", ladder("q", not_applicable=NA), {"not_applicable": True}),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "half": "yes"}),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "half": 1}),
    ("answer-wrong-form", words("q"), {"text": 5}),
    ("answer-wrong-form", words("q"), {}),
    ("answer-wrong-form", ladder("q"), {1: 2}),
    # not applicable
    ("answer-never-not-applicable", ladder("q"), {"not_applicable": "没有"}),
    ("answer-reason-missing", ladder("q", not_applicable=NA), {"not_applicable": " \u200b"}),
    (
        "answer-too-long",
        ladder("q", not_applicable=NA),
        {"not_applicable": "长" * (LONGEST_REASON + 1)},
    ),
    # evidence
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "evidence": "设备台账"}),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "evidence": {"grade": "document"}}),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "evidence": DOCUMENT | {"x": 1}}),
    ("answer-wrong-form", ladder("q"), {"option": "level-2", "evidence": DOCUMENT | {"note": 1}}),
    ("answer-wrong-form", ladder("q"), {"unknown": True, "evidence": DOCUMENT}),
    (
        "answer-unknown-grade",
        ladder("q"),
        {"option": "level-2", "evidence": DOCUMENT | {"grade": "hearsay"}},
    ),
    (
        "answer-note-missing",
        ladder("q"),
        {"option": "level-2", "evidence": DOCUMENT | {"note": " \u200b"}},
    ),
    (
        "answer-too-long",
        ladder("q"),
        {"option": "level-2", "evidence": DOCUMENT | {"note": "长" * (LONGEST_NOTE + 1)}},
    ),
    ("answer-unknown-option", ladder("q"), {"option": "level-9", "evidence": {}}),
    # options
    ("answer-unknown-option", ladder("q"), {"option": "level-6"}),
    ("answer-unknown-option", ladder("q"), {"option": None}),
    ("answer-unknown-option", ladder("q"), {"option": 3}),
    ("answer-unknown-option", ladder("q"), {"option": ["level-2"]}),
    ("answer-unknown-option", ladder("q"), {}),
    ("answer-unknown-option", ladder("q"), {"option": "\ud800"}),
    ("answer-unknown-option", choice("q", "a", "b"), {"option": "A"}),
    ("answer-unknown-option", multiple("q"), {"options": ["a", "z"]}),
    ("answer-unknown-option", multiple("q"), {"options": [["a"]]}),
    ("answer-unknown-option", matrix("q"), {"rows": {"erp": "half"}}),
    ("answer-unknown-option", matrix("q"), {"rows": {"erp": ["none"]}}),
    ("answer-unknown-option", yes_no("q"), {"statements": {"permit": "maybe"}}),
    ("answer-unknown-option", yes_no("q"), {"statements": {"permit": True}}),
    ("answer-no-half-step", ladder("q"), {"option": "level-5", "half": True}),
    ("answer-no-half-step", ladder("q", half_steps=False), {"option": "level-2", "half": True}),
    ("answer-no-half-step", choice("q", "a", "b"), {"option": "a", "half": True}),
    ("answer-half-alone", ladder("q"), {"half": True}),
    # boxes and rows
    ("answer-no-box", multiple("q"), {"options": []}),
    ("answer-no-box", multiple("q"), {"options": "a"}),
    ("answer-no-box", multiple("q"), {"options": {"a": True}}),
    ("answer-no-box", multiple("q"), {}),
    ("answer-none-and-others", multiple("q"), {"options": ["a", "none"]}),
    ("answer-no-row", matrix("q"), {"rows": {}}),
    ("answer-no-row", matrix("q"), {"rows": ["erp"]}),
    ("answer-no-row", yes_no("q"), {}),
    ("answer-unknown-row", matrix("q"), {"rows": {"crm": "none"}}),
    ("answer-unknown-row", matrix("q"), {"rows": {1: "none"}}),
    ("answer-unknown-option", requirements("q"), {"rows": {"list": "linked"}}),
    ("answer-unknown-row", requirements("q"), {"rows": {"erp": "met"}}),
    ("answer-no-row", requirements("q"), {"rows": {}}),
    ("answer-wrong-form", requirements("q"), {"statements": {"list": "met"}}),
    # numbers
    ("answer-out-of-range", number("q"), {"number": "-1"}),
    ("answer-out-of-range", number("q"), {"number": "101"}),
    ("answer-out-of-range", number("q", decimals=2), {"number": "100.01"}),
    ("answer-not-whole", number("q"), {"number": "1.5"}),
    ("answer-too-many-decimals", number("q", decimals=2), {"number": "1.555"}),
    # ratios
    ("answer-ratio-not-positive", ratio("q"), {"numerator": "1", "denominator": "0"}),
    ("answer-ratio-not-positive", ratio("q"), {"numerator": "1", "denominator": "-0"}),
    ("answer-ratio-not-positive", ratio("q"), {"numerator": "-1", "denominator": "2"}),
    ("answer-ratio-not-positive", ratio("q"), {"numerator": "-2", "denominator": "-2"}),
    ("answer-figure-missing", ratio("q"), {"numerator": "1"}),
    ("answer-figure-missing", ratio("q"), {"numerator": " ", "denominator": "2"}),
    ("answer-not-a-number", ratio("q"), {"numerator": "1", "denominator": "two"}),
    ("answer-numerator-too-large", ratio("q"), {"numerator": "3", "denominator": "2"}),
    # base and leading value
    ("answer-figure-missing", benchmark("q"), {"value": "12"}),
    ("answer-not-a-number", benchmark("q"), MEASURED | {"lead": "best"}),
    ("answer-out-of-range", benchmark("q"), MEASURED | {"value": "1001"}),
    ("answer-out-of-range", benchmark("q"), MEASURED | {"base": "-1"}),
    ("answer-out-of-range", benchmark("q", scale=CITED), {"value": "-0.5"}),
    ("answer-wrong-form", benchmark("q", scale=CITED), MEASURED),
    ("answer-lead-not-lower", benchmark("q"), MEASURED | {"lead": "21"}),
    ("answer-lead-not-lower", benchmark("q"), MEASURED | {"lead": "20"}),
    ("answer-lead-not-higher", benchmark("q", better="higher"), MEASURED),
    ("answer-lead-not-higher", benchmark("q", better="higher"), MEASURED | {"lead": "20"}),
    ("answer-source-missing", benchmark("q"), MEASURED | {"source": " "}),
    ("answer-too-long", benchmark("q"), MEASURED | {"source": "长" * (LONGEST_NOTE + 1)}),
    ("answer-wrong-form", benchmark("q"), MEASURED | {"source": None}),
    # text
    ("answer-text-missing", words("q"), {"text": ""}),
    ("answer-text-missing", words("q"), {"text": " \n\t "}),
    ("answer-text-missing", words("q"), {"text": "\x00\ufeff"}),
    ("answer-too-long", words("q"), {"text": "长" * 21}),
    ("answer-text-pattern", words("q", pattern="[0-9]{4}"), {"text": "12345"}),
    ("answer-text-pattern", words("q", pattern="[0-9]{4}"), {"text": "x1234"}),
    ("answer-text-pattern", words("q", pattern="a|b"), {"text": "ac"}),
]


@pytest.mark.parametrize(("code", "question", "plain"), REFUSED)
def test_a_wrong_answer_is_refused_with_a_sentence_that_names_the_question(
    code: str, question: Data, plain: Any
) -> None:
    error = refused(question, plain)

    assert error.code == code
    assert "“q”" in for_error(error, Locale.EN)
    assert for_error(error, Locale.EN).endswith(".")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "twelve",
        "NaN",
        "Infinity",
        "-inf",
        "1e5",
        "0x10",
        "1_000",
        "1.",
        ".5",
        "1,23",
        "12,34,567",
        "1 00",
        "1  000",
        "1 000,000",
        "٣",
        "५",
        "½",
        "二",
        "--1",
        "1.5.2",
        "1234567890123456",
        "0.1234567891",
        1.5,
        True,
        None,
        ["1"],
        {"n": 1},
    ],
)
def test_what_is_not_plainly_a_number_is_refused(typed: Any) -> None:
    data = number("q", maximum="999999999999999999", decimals=6)

    assert refused(data, {"number": typed}).code == "answer-not-a-number"


def test_a_refusal_says_what_would_be_right() -> None:
    assert refused(number("q"), {"number": "101"}).facts == {
        "question": "q",
        "minimum": "0",
        "maximum": "100",
    }


@pytest.mark.parametrize(
    ("question", "plain", "chinese", "english"),
    [
        (
            ratio("q"), {"numerator": "120", "denominator": ""},
            "“q”：请同时填写“设备总数”。", "“q”: enter “All machines” as well.",
        ),
        (
            ratio("q"), {"denominator": "120"},
            "“q”：请同时填写“联网设备数”。", "“q”: enter “Networked machines” as well.",
        ),
        (
            benchmark("q"), MEASURED | {"lead": ""},
            "“q”：请同时填写“引领值（得100分）”。",
            "“q”: enter “Leading value (scores 100)” as well.",
        ),
        (number("q"), {"number": "1.5"}, "“q”：请填写整数。", "“q”: enter a whole number."),
        (
            multiple("q"), {"options": ["a", "none"]},
            "“q”：“措施none”与其他选项不能同时勾选。请保留其中一种。",
            "“q”: “Measure none” excludes the other options. Keep either that one or the others.",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_what_is_meant_in_the_reader_s_language(
    question: Data, plain: Any, chinese: str, english: str
) -> None:
    error = refused(question, plain)

    assert for_error(error, Locale.ZH) == chinese
    assert for_error(error, Locale.EN) == english


def test_what_was_sent_is_quoted_short_and_printable() -> None:
    error = refused(ladder("q"), {"option": "\ud800" + "x" * 200})

    assert error.facts["option"] == "\ufffd" + "x" * 38 + "…"


@pytest.mark.parametrize(
    ("pattern", "typed", "understood"),
    [
        ("[0-9A-Z]{4}", "91MA", "91MA"),
        ("[0-9A-Z]{4}", "91ma", "91MA"),
        ("[0-9A-Z]{4}", "９１ＭＡ", "91MA"),
        ("[0-9A-Z]{4}", "９１ｍａ", "91MA"),
        ("[0-9A-Za-z]{4}", "91ma", "91ma"),
        ("[０-９]{4}", "１２３４", "１２３４"),
    ],
)
def test_a_code_is_understood_however_it_is_typed(
    pattern: str, typed: str, understood: str
) -> None:
    question = a_question(words("q", pattern=pattern))

    assert read(question, {"text": typed}) == Words(understood)
    assert read(question, {"text": understood}) == Words(understood)


@pytest.mark.parametrize("typed", ["㎞㎞", "10²", "①②", "ﬂ"])
def test_no_sign_is_taken_for_several_others(typed: str) -> None:
    question = words("q", pattern="[0-9A-Za-z]*")

    assert refused(question, {"text": typed}).code == "answer-text-pattern"


def test_a_pattern_that_would_keep_python_busy_for_ever_answers_at_once() -> None:
    question = words("q", pattern="(a+)+b", maximum_length=2000)

    assert refused(question, {"text": "a" * 2000}).code == "answer-text-pattern"


# ------------------------------------------------------------------- a whole file


def test_a_whole_set_of_answers_is_read_by_question() -> None:
    found = read_all(a_bank(), FULL_ANSWERS)

    assert list(found) == list(FULL_ANSWERS)
    assert found["planning"] == Picked("level-3")


def test_every_refusal_of_a_file_is_named_and_nothing_is_taken() -> None:
    given: dict[str, Any] = {
        "planning": {"option": "level-9"},
        "unheard-of": {"option": "a"},
        "security": None,
        "years": {"number": "3"},
        "share": {"numerator": "9", "denominator": "3"},
    }

    with pytest.raises(BadAnswers) as caught:
        read_all(a_bank(), given)

    assert [(problem.code, problem.place) for problem in caught.value.problems] == [
        ("answer-unknown-option", "planning"),
        ("answer-unknown-question", "unheard-of"),
        ("answer-wrong-form", "security"),
        ("answer-numerator-too-large", "share"),
    ]
    assert all(for_problem(problem, Locale.EN) for problem in caught.value.problems)
    assert for_error(caught.value, Locale.EN).startswith("4 answers")


# -------------------------------------------------------------------------- the same

CITED_AS_WHOLE = {"value": "12", "base": "20", "lead": "8", "source": "8.0"}
CITED_TO_A_HUNDREDTH = {"value": "12.00", "base": "20.0", "lead": "8.00", "source": "8.0"}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"number": "5"}, {"number": "5.00"}, True),
        ({"number": "5"}, {"number": "5.01"}, False),
        ({"number": "0.0"}, {"number": "0"}, True),
        ({"number": "0"}, None, False),
        (None, None, True),
        (
            {"numerator": "30", "denominator": "100"},
            {"numerator": "30.0", "denominator": "100.00"},
            True,
        ),
        (
            {"numerator": "30", "denominator": "100"},
            {"numerator": "100", "denominator": "30"},
            False,
        ),
        (CITED_AS_WHOLE, CITED_TO_A_HUNDREDTH, True),
        (CITED_AS_WHOLE, CITED_AS_WHOLE | {"source": "8"}, False),
        # the same figure, but not supported by the same
        ({"number": "5"}, {"number": "5.0", "evidence": DOCUMENT}, False),
        ({"number": "5", "evidence": DOCUMENT}, {"number": "5.0", "evidence": DOCUMENT}, True),
        ({"number": "0"}, {"unknown": True}, False),
        # words are words, and what was typed is no figure yet
        ({"text": "5"}, {"text": "5.0"}, False),
        ({"typed": {"": ["5"]}}, {"typed": {"": ["5.0"]}}, False),
        ({"typed": {"": ["5"]}}, {"number": "5"}, False),
    ],
)
def test_two_answers_are_the_same_by_value_however_their_numbers_are_written(
    *, one: Data | None, other: Data | None, is_same: bool
) -> None:
    assert answers.same(one, other) is is_same
    assert answers.same(other, one) is is_same


# ------------------------------------------------------------------- what supports it


@pytest.mark.parametrize(
    ("question", "plain", "grade"),
    [
        (ladder("q"), {"option": "level-5"}, EvidenceGrade.STATEMENT),
        (multiple("q"), {"options": ["a"]}, EvidenceGrade.STATEMENT),
        (number("q"), {"number": "5"}, EvidenceGrade.FIGURE),
        (ratio("q"), {"numerator": "1", "denominator": "2"}, EvidenceGrade.FIGURE),
        (benchmark("q"), MEASURED, EvidenceGrade.FIGURE),
        (number("q"), {"number": "5", "evidence": DOCUMENT}, EvidenceGrade.DOCUMENT),
        (ladder("q"), {"option": "level-0", "evidence": PROOF}, EvidenceGrade.THIRD_PARTY),
        (ladder("q"), {"unknown": True}, EvidenceGrade.STATEMENT),
    ],
)
def test_an_answer_is_graded_by_what_is_named_for_it_else_by_being_a_figure(
    question: Data, plain: Data, grade: EvidenceGrade
) -> None:
    assert grade_of(read(a_question(question), plain)) is grade


# ------------------------------------------------------------------- what is open


@pytest.mark.parametrize(
    ("question", "plain", "whole"),
    [
        (ladder("q"), {"option": "level-0"}, True),
        (ladder("q"), {"unknown": True}, True),
        (matrix("q"), {"rows": {"erp": "none"}}, False),
        (matrix("q"), {"rows": {"erp": "none", "mes": "none"}}, True),
        (matrix("q"), {"unknown": True}, True),
        (requirements("q"), {"rows": {"list": "met", "plan": "met"}}, False),
        (requirements("q"), {"rows": dict.fromkeys(("list", "plan", "model"), "met")}, True),
        (yes_no("q"), {"statements": {"permit": "yes"}}, False),
        (yes_no("q"), {"statements": {"permit": "unknown", "registered": "yes"}}, True),
    ],
)
def test_an_answer_is_whole_if_no_row_is_left_open(
    *, question: Data, plain: Data, whole: bool
) -> None:
    asked = a_question(question)

    assert is_whole(asked, read(asked, plain)) is whole


def test_without_an_answer_nothing_is_whole() -> None:
    assert not is_whole(a_question(ladder("q")), None)


# -------------------------------------------------------------------------- drafts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"": ["12 o'clock"]}, {"": ["12 o'clock"]}),
        ({"": [" 1 "], "state": ["_unknown"]}, {"": [" 1 "], "state": ["_unknown"]}),
        ({"": ["a", "none"]}, {"": ["a", "none"]}),
        ({"": ("a", "b")}, {"": ["a", "b"]}),
        # parts without anything are no parts
        ({"": ["x"], "note": [""], "reason": []}, {"": ["x"]}),
        # nothing that a database or a page could stumble over
        ({"": ["1\x002"]}, {"": ["12"]}),
        ({"": ["\u202e21"]}, {"": ["21"]}),
        ({"": ["\ud800x\udfff"]}, {"": ["x"]}),
        ({"": ["a\r\nb\rc\td"]}, {"": ["a\nb\nc\td"]}),
        ({"row.\x00a": ["x"]}, {"row.a": ["x"]}),
        # emoji and rare characters are kept; only the report may lack their shapes
        ({"": ["👩‍🏭 𠮷野 龘"]}, {"": ["👩‍🏭 𠮷野 龘"]}),
    ],
)
def test_a_draft_is_kept_as_it_was_typed(*, typed: answers.Typed, kept: Data) -> None:
    stored = answers.draft("q", typed)

    assert stored == {"typed": kept}
    assert answers.typed_of(stored) == kept


@pytest.mark.parametrize("typed", [{}, {"": [""]}, {"": ["\x00", "\u200b"]}, {"note": []}])
def test_a_draft_with_nothing_in_it_is_none(typed: answers.Typed) -> None:
    assert answers.draft("q", typed) is None


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ({"": ["x" * 20_000]}, True),
        ({"": ["x" * 20_001]}, False),
        ({"a": ["x" * 9_999], "b": ["x" * 9_999]}, True),
        ({"a": ["x" * 9_999], "b": ["x" * 9_999, "x"]}, False),
        ({"": ["字" * 20_000]}, True),
        ({"": ["\x00" * 30_000 + "x"]}, True),
    ],
)
def test_a_draft_has_a_length_at_most(*, typed: answers.Typed, fits: bool) -> None:
    if fits:
        assert answers.draft("q", typed) is not None
        return

    with pytest.raises(BadAnswer) as refused:
        answers.draft("q", typed)
    assert (refused.value.code, refused.value.facts) == (
        "answer-far-too-long",
        {"question": "q", "longest": 20_000},
    )


@pytest.mark.parametrize(
    "question",
    [
        ladder("q"), multiple("q"), number("q"), ratio("q"), matrix("q"), requirements("q"),
        yes_no("q"), words("q"), benchmark("q", source="standard"),
    ],
)  # fmt: skip
def test_no_question_takes_a_draft_for_an_answer(question: Data) -> None:
    draft = answers.draft("q", {"": ["x"]})
    assert draft is not None

    with pytest.raises(BadAnswer):
        read(a_question(question), draft)


def test_an_answer_is_no_draft() -> None:
    assert answers.typed_of({"number": "5"}) is None
    assert answers.typed_of(None) is None


# ------------------------------------------------------------- the table is complete


def test_the_tables_above_have_every_code_that_an_answer_can_be_refused_with() -> None:
    source = Path(answers.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'"(answer-[a-z-]+)"', source))

    tried = {code for code, *_ in REFUSED} | {
        "answer-not-a-number",
        "answer-unknown-question",
        "answer-far-too-long",
    }
    assert tried == codes
