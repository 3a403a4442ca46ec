"""LimeSurvey's tab-separated structure becomes a draft, whatever encoding a spreadsheet gave it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.exchange import limesurvey_txt
from survey.exchange.foreign import NotReadable
from tests.foreign_files import a_txt, codes, draft, lost, questions

Row = dict[str, str]

BASE: list[Row] = [
    {"class": "S", "name": "sid", "text": "77"},
    {"class": "S", "name": "language", "text": "en"},
    {"class": "SL", "name": "surveyls_title", "text": "My survey", "language": "en"},
    {"class": "SL", "name": "surveyls_title", "text": "我的问卷", "language": "zh-Hans"},
]


def a_group(text: str, language: str = "en", **more: str) -> Row:
    return {
        "class": "G",
        "type/scale": "G0",
        "name": text,
        "relevance": "1",
        "language": language,
    } | more


def a_question(kind: str, name: str, text: str = "Q", language: str = "en", **more: str) -> Row:
    shared = {"class": "Q", "type/scale": kind, "name": name, "text": text, "language": language}
    return shared | {"relevance": "1"} | more


def an_answer(code: str, text: str, language: str = "en", score: str = "0") -> Row:
    return {"class": "A", "type/scale": "0", "name": code, "relevance": score, "text": text,
            "language": language}  # fmt: skip


def a_line(code: str, text: str, language: str = "en", **more: str) -> Row:
    return {"class": "SQ", "name": code, "text": text, "language": language} | more


ENGLISH = [
    a_group("Plant"),
    a_question("L", "erp", "ERP?", mandatory="Y", help="Any system"),
    an_answer("a1", "No"),
    an_answer("a2", "Yes", score="3"),
    a_question("M", "boxes", "Which?", relevance='erp.NAOK == "a2"'),
    a_line("s1", "One"),
    a_line("s2", "Two"),
]
CHINESE = [
    a_group("工厂", "zh-Hans"),
    a_question("L", "erp", "有ERP吗？", "zh-Hans"),
    an_answer("a1", "没有", "zh-Hans"),
    an_answer("a2", "有", "zh-Hans", "3"),
    a_question("M", "boxes", "哪些？", "zh-Hans"),
    a_line("s1", "一", "zh-Hans"),
    a_line("s2", "二", "zh-Hans"),
]


def test_one_language_after_the_other_makes_one_draft() -> None:
    made = draft(limesurvey_txt.read(a_txt(*BASE, *ENGLISH, *CHINESE)))

    (section,) = made["sections"]
    assert (made["key"], made["title"]) == ("limesurvey-77", {"zh": "我的问卷", "en": "My survey"})
    assert section["title"] == {"zh": "工厂", "en": "Plant"}
    assert questions(made)["erp"] == {
        "key": "erp",
        "kind": "ladder",
        "prompt": {"zh": "有ERP吗？", "en": "ERP?"},
        "help": {"en": "Any system"},
        "required": True,
        "options": [
            {"key": "a1", "label": {"zh": "没有", "en": "No"}, "points": 0},
            {"key": "a2", "label": {"zh": "有", "en": "Yes"}, "points": 3},
        ],
    }
    assert questions(made)["boxes"]["when"] == {"question": "erp", "in": ["a2"]}
    assert [o["label"]["zh"] for o in questions(made)["boxes"]["options"]] == ["一", "二"]


def test_languages_line_by_line_make_the_same_draft() -> None:
    mixed = [row for pair in zip(ENGLISH, CHINESE, strict=True) for row in pair]
    unnumbered = [row | ({"type/scale": ""} if row["class"] == "G" else {}) for row in mixed]

    expected = draft(limesurvey_txt.read(a_txt(*BASE, *ENGLISH, *CHINESE)))

    assert draft(limesurvey_txt.read(a_txt(*BASE, *mixed))) == expected
    made = draft(limesurvey_txt.read(a_txt(*BASE, *unnumbered)))
    assert questions(made) == questions(expected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_spreadsheets_write_are_read(encoding: str) -> None:
    content = a_txt(*BASE, *ENGLISH, *CHINESE, encoding=encoding)

    assert draft(limesurvey_txt.read(content))["title"]["zh"] == "我的问卷"


def test_a_text_of_several_lines_in_quotes_is_one_text() -> None:
    content = a_txt(a_group("G"), a_question("S", "q", '"How\nmany ""lines""?"'))

    assert questions(draft(limesurvey_txt.read(content)))["q"]["prompt"] == {
        "en": 'How\nmany "lines"?'
    }


@pytest.mark.parametrize(
    ("rows", "loss"),
    [
        ([a_question("*", "sum")], "loss-unseen"),
        ([a_question("?", "odd")], "loss-kind-unknown"),
        ([a_question("S", "q", hidden="1")], "loss-feature"),
        ([a_question("S", "q", "<script>x()</script>Q")], "loss-markup"),
        ([a_question("S", "q"), a_question("S", "q")], "loss-code-twice"),
        ([{"class": "QTA", "name": "Q0", "text": "3"}], "loss-quotas"),
        ([{"class": "AS", "name": "A0", "text": "3"}], "loss-row"),
        ([{"class": "SL", "name": "surveyls_endtext", "text": "Bye"}], "loss-setting"),
        ([a_question("F", "q"), an_answer("a", "A"), a_line("s", "S", relevance="a == 1")],
         "loss-condition"),
    ],
)  # fmt: skip
def test_what_there_is_no_place_for_is_a_loss(rows: list[Row], loss: str) -> None:
    survey = limesurvey_txt.read(a_txt(*ENGLISH, *rows))

    assert loss in lost(survey)


def test_an_answer_of_no_question_is_a_loss_at_its_line() -> None:
    survey = limesurvey_txt.read(a_txt(a_group("G"), an_answer("a", "A"), a_question("S", "q")))

    assert [(each.code, each.place) for each in survey.losses.all()] == [("loss-orphan", "3")]


def test_questions_before_any_group_get_one() -> None:
    made = draft(limesurvey_txt.read(a_txt(a_question("S", "q"))))

    assert list(questions(made)) == ["q"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "foreign-not-limesurvey"),
        (b"a\tb\nc\td\n", "foreign-not-limesurvey"),
        (a_txt(*BASE), "foreign-not-limesurvey"),
        (a_txt(*ENGLISH, encoding="utf-8") + b"\xff\xfe", "foreign-not-utf8"),
        (b"\xff\xfea", "foreign-not-utf8"),
        (b"x" * (9 * 1024 * 1024), "foreign-too-large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(NotReadable) as refused:
        limesurvey_txt.read(content)

    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_a_sound_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(a_txt(*BASE, *ENGLISH, *CHINESE))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        end = at + data.draw(st.integers(0, 60))
        signs = [b"", b"\t", b"\n", b'"', b"\x00", b"\xff", b"Q", b"SQ\t", b"\r"]
        content[at:end] = data.draw(st.sampled_from(signs))

    try:
        survey = limesurvey_txt.read(bytes(content))
    except NotReadable:
        return

    keys = list(questions(draft(survey)))
    assert len(keys) == len(set(keys))


def test_codes_and_languages_are_those_of_a_plain_reading_of_the_lines() -> None:
    rows = [*ENGLISH, *CHINESE]

    mine = {
        item.code: (item.labels, {each.code: each.labels for each in item.choices})
        for item in limesurvey_txt.read(a_txt(*BASE, *rows)).items()
    }

    reference: dict[str, Any] = {}
    above = ""
    for row in rows:
        tag = row["language"].lower()
        if row["class"] == "Q":
            above = row["name"]
            reference.setdefault(above, ({}, {}))[0][tag] = row["text"]
        elif row["class"] in {"A", "SQ"}:
            reference[above][1].setdefault(row["name"], {})[tag] = row["text"]
    assert mine == reference
    assert codes(limesurvey_txt.read(a_txt(*BASE, *rows)).losses.all()) == []


def test_a_relevance_that_says_always_is_no_loss_of_a_setting() -> None:
    rows = [{**row, "relevance": "1"} for row in BASE]

    survey = limesurvey_txt.read(a_txt(*rows, *ENGLISH))

    assert codes(survey.losses.all()) == []
