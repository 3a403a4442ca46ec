"""A LimeSurvey structure in XML becomes a draft, whatever version wrote it and however it broke."""

import tracemalloc
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.exchange import limesurvey_lss, limesurvey_rows
from survey.exchange.foreign import NotReadable, Questionnaire
from tests.foreign_files import GROUPS, a_question, an_lss, codes, draft, lost, questions

Data = dict[str, Any]


def words(table: str, key: str, number: int, **texts: str) -> list[Data]:
    """Rows of words in several languages: `en` and `zh` stand for en and zh-Hans."""
    tags = {"en": "en", "zh": "zh-Hans", "fr": "fr"}
    return [{key: number, table: text, "language": tags[tag]} for tag, text in texts.items()]


def a_survey(*rows: Data, **tables: list[Data]) -> bytes:
    """Of version 6: the words stand in tables of their own."""
    given: dict[str, list[Data]] = {
        "surveys": [{"sid": 5, "language": "en"}],
        "surveys_languagesettings": [
            {"surveyls_language": "en", "surveyls_title": "Survey"},
            {"surveyls_language": "zh-Hans", "surveyls_title": "问卷"},
        ],
        "groups": [{"gid": 1, "sid": 5, "group_order": 0}],
        "group_l10ns": words("group_name", "gid", 1, en="Plant", zh="工厂"),
        "questions": list(rows),
        "question_l10ns": [
            line
            for row in rows
            for line in words(
                "question", "qid", row["qid"], en=f"Q{row['qid']}", zh=f"问{row['qid']}"
            )
        ],
    }
    return an_lss(given | tables)


def an_answer(aid: int, qid: int, code: str, **more: object) -> Data:
    return {"aid": aid, "qid": qid, "code": code, "sortorder": aid, "scale_id": 0} | more


YES_NO = [an_answer(1, 1, "A1"), an_answer(2, 1, "A2")]
YES_NO_WORDS = [
    *words("answer", "aid", 1, en="No", zh="没有"),
    *words("answer", "aid", 2, en="Yes", zh="有"),
]
BOXES = [
    {"qid": 21, "parent_qid": 2, "title": "SQ001", "question_order": 1},
    {"qid": 22, "parent_qid": 2, "title": "SQ002", "question_order": 2},
]


def read(content: bytes) -> Questionnaire:
    return limesurvey_lss.read(content)


def test_a_survey_of_version_6_is_carried_over_in_both_languages() -> None:
    content = a_survey(
        a_question(1, "L", "erp", mandatory="Y"), answers=YES_NO, answer_l10ns=YES_NO_WORDS
    )

    made = draft(read(content))

    (section,) = made["sections"]
    assert (made["key"], made["title"]) == ("limesurvey-5", {"zh": "问卷", "en": "Survey"})
    assert section["title"] == {"zh": "工厂", "en": "Plant"}
    assert questions(made)["erp"] == {
        "key": "erp",
        "kind": "choice",
        "prompt": {"zh": "问1", "en": "Q1"},
        "required": True,
        "options": [
            {"key": "a1", "label": {"zh": "没有", "en": "No"}},
            {"key": "a2", "label": {"zh": "有", "en": "Yes"}},
        ],
    }


def test_a_survey_of_version_3_says_the_language_in_each_row() -> None:
    both = [
        a_question(1, "L", "erp", question=text, language=tag)
        for tag, text in (("en", "ERP?"), ("zh-Hans", "有ERP吗？"))
    ]
    answers = [
        {"qid": 1, "code": code, "answer": text, "language": tag, "sortorder": at, "scale_id": 0}
        for at, (code, tag, text) in enumerate(
            [("A1", "en", "No"), ("A1", "zh-Hans", "没有"), ("A2", "en", "Yes")]
        )
    ]

    made = questions(draft(read(an_lss({"groups": GROUPS, "questions": both, "answers": answers}))))

    assert made["erp"]["prompt"] == {"zh": "有ERP吗？", "en": "ERP?"}
    assert [option["label"] for option in made["erp"]["options"]] == [
        {"zh": "没有", "en": "No"},
        {"en": "Yes"},
    ]


@pytest.mark.parametrize(
    ("relevance", "when"),
    [
        ('erp.NAOK == "A2"', {"question": "erp", "in": ["a2"]}),
        ('((erp.NAOK == "A2"))', {"question": "erp", "in": ["a2"]}),
        ("erp == 'A2' and n.NAOK >= 5", {"all": [{"question": "erp", "in": ["a2"]},
                                                {"question": "n", "at_least": 5}]}),
        ('boxes_SQ001.NAOK == "Y"', {"question": "boxes", "in": ["sq001"]}),
        ('boxes_SQ001.NAOK != "Y"', {"not": {"question": "boxes", "in": ["sq001"]}}),
        ("!is_empty(erp.NAOK)", {"question": "erp", "in": ["a1", "a2"]}),
        ("is_empty(n)", {"not": {"question": "n", "at_least": 0}}),
        ('5X1X1 == "A1"', {"question": "erp", "in": ["a1"]}),
        ('5X1X2SQ002 == "Y"', {"question": "boxes", "in": ["sq002"]}),
        ('erp.NAOK eq "A1" || n.NAOK gt 3', {"any": [{"question": "erp", "in": ["a1"]},
                                                    {"question": "n", "at_least": "3.01"}]}),
        ("1", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_relevance_equation_of_the_usual_forms_keeps_its_meaning(
    relevance: str, when: Data | None
) -> None:
    content = a_survey(
        a_question(1, "L", "erp"),
        a_question(2, "M", "boxes"),
        a_question(3, "N", "n"),
        a_question(4, "S", "last", relevance=relevance),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
        subquestions=BOXES,
    )
    survey = read(content)

    assert questions(draft(survey))["last"].get("when") == when
    assert "loss-condition" not in codes(survey.losses.all())


def test_a_condition_of_before_equations_is_carried_over() -> None:
    condition = {"qid": 3, "cqid": 1, "cfieldname": "5X1X1", "method": "==", "scenario": 1}
    content = a_survey(
        a_question(1, "L", "erp"),
        a_question(3, "S", "last"),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
        conditions=[condition | {"value": "A1"}, condition | {"value": "A2"}],
    )

    assert questions(draft(read(content)))["last"]["when"] == {
        "any": [{"question": "erp", "in": ["a1"]}, {"question": "erp", "in": ["a2"]}]
    }


def test_a_group_that_is_not_always_asked_gives_its_condition_to_its_questions() -> None:
    content = a_survey(
        a_question(1, "L", "erp"),
        a_question(2, "S", "next", gid=2),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
        groups=[
            {"gid": 1, "group_order": 0},
            {"gid": 2, "group_order": 1, "grelevance": 'erp == "A2"'},
        ],
    )

    assert questions(draft(read(content)))["next"]["when"] == {"question": "erp", "in": ["a2"]}


def test_assessment_values_that_rise_from_0_make_a_ladder() -> None:
    scored = [an_answer(1, 1, "A1", assessment_value=0), an_answer(2, 1, "A2", assessment_value=5)]
    content = a_survey(a_question(1, "L", "erp"), answers=scored, answer_l10ns=YES_NO_WORDS)

    made = questions(draft(read(content)))["erp"]

    assert made["kind"] == "ladder"
    assert [option["points"] for option in made["options"]] == [0, 5]


@pytest.mark.parametrize(
    ("kind", "became"),
    [
        ("L", "choice"), ("!", "choice"), ("O", "choice"), ("5", "choice"), ("Y", "choice"),
        ("G", "choice"), ("M", "multiple"), ("P", "multiple"), ("N", "number"), ("S", "text"),
        ("T", "text"), ("U", "text"), ("D", "text"), ("|", "text"), ("F", "matrix"),
        ("H", "matrix"), ("1", "matrix"), ("A", "matrix"), ("B", "matrix"), ("C", "matrix"),
        ("E", "matrix"), ("R", "multiple"), (":", "text"), (";", "text"), ("I", "text"),
        ("?", "text"),
    ],
)  # fmt: skip
def test_every_kind_of_question_becomes_the_nearest_there_is(kind: str, became: str) -> None:
    content = a_survey(
        a_question(2, kind, "q"),
        answers=[an_answer(1, 2, "A1"), an_answer(2, 2, "A2")],
        answer_l10ns=YES_NO_WORDS,
        subquestions=BOXES,
    )

    assert questions(draft(read(content)))["q"]["kind"] == became


@pytest.mark.parametrize(("kind", "became"), [("K", "number"), ("Q", "text")])
def test_lines_to_fill_in_become_questions_of_their_own(kind: str, became: str) -> None:
    content = a_survey(
        a_question(2, kind, "q"),
        subquestions=BOXES,
        question_l10ns=[
            *words("question", "qid", 2, en="How many", zh="多少"),
            *words("question", "qid", 21, en="lines", zh="产线"),
        ],
    )
    survey = read(content)
    made = questions(draft(survey))

    assert [(key, each["kind"]) for key, each in made.items()] == [
        ("q-sq001", became),
        ("q-sq002", became),
    ]
    assert made["q-sq001"]["prompt"] == {"zh": "多少 产线", "en": "How many lines"}
    assert "loss-lines-split" in codes(survey.losses.all())


def test_other_is_a_choice_with_a_text_of_its_own() -> None:
    content = a_survey(
        a_question(1, "L", "erp", other="Y"),
        a_question(4, "S", "last", relevance='erp.NAOK == "-oth-"'),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
    )

    made = questions(draft(read(content)))

    assert [option["key"] for option in made["erp"]["options"]] == ["a1", "a2", "oth"]
    assert made["erp-other"]["when"] == made["last"]["when"] == {"question": "erp", "in": ["oth"]}


def test_limits_units_and_excluding_boxes_are_carried_over() -> None:
    attributes = [
        {"qid": 3, "attribute": "min_num_value_n", "value": "5"},
        {"qid": 3, "attribute": "max_num_value_n", "value": "50"},
        {"qid": 3, "attribute": "num_value_int_only", "value": "1"},
        {"qid": 3, "attribute": "suffix", "value": "kWh"},
        {"qid": 2, "attribute": "exclude_all_others", "value": "SQ002"},
        {"qid": 4, "attribute": "maximum_chars", "value": "30"},
    ]
    content = a_survey(
        a_question(2, "M", "boxes"),
        a_question(3, "N", "n"),
        a_question(4, "S", "t", preg="/^[a-z]+$/"),
        subquestions=BOXES,
        question_attributes=attributes,
    )

    made = questions(draft(read(content)))

    assert (made["n"]["minimum"], made["n"]["maximum"], made["n"]["unit"]) == (5, 50, {"en": "kWh"})
    assert made["boxes"]["none"] == "sq002"
    assert (made["t"]["maximum_length"], made["t"]["pattern"]) == (30, "^[a-z]+$")


@pytest.mark.parametrize(
    ("rows", "tables", "loss"),
    [
        ([a_question(1, "*", "sum")], {}, "loss-unseen"),
        ([a_question(1, "S", "q")], {"quota": [{"id": 1}]}, "loss-quotas"),
        ([a_question(1, "S", "q")], {"assessments": [{"id": 1}]}, "loss-table"),
        (
            [a_question(1, "S", "q")],
            {"subquestions": [{"qid": 9, "parent_qid": 99}]},
            "loss-orphan",
        ),
        ([a_question(1, "S", "q")], {"answers": [an_answer(1, 99, "A1")]}, "loss-orphan"),
        ([a_question(1, "S", "q", gid=7)], {}, "loss-group-missing"),
        ([a_question(1, "S", "q", relevance="count(a, b) > 1")], {}, "loss-condition"),
        ([a_question(1, "S", "q", mandatory="S")], {}, "loss-feature"),
        (
            [a_question(1, "S", "q")],
            {"question_attributes": [{"qid": 1, "attribute": "hidden", "value": "1"}]},
            "loss-feature",
        ),
        (
            [a_question(1, "S", "q")],
            {"defaultvalues": [{"qid": 1, "defaultvalue": "x"}]},
            "loss-feature",
        ),
        (
            [a_question(1, "S", "q")],
            {"question_l10ns": [{"qid": 1, "question": "Q", "script": "go()", "language": "en"}]},
            "loss-markup",
        ),
        (
            [a_question(1, "S", "q")],
            {"question_l10ns": [{"qid": 1, "question": "Hi {TOKEN:NAME}", "language": "en"}]},
            "loss-piping",
        ),
        (
            [a_question(1, "S", "q")],
            {"surveys_languagesettings": [{"surveyls_language": "en", "surveyls_endtext": "Bye"}]},
            "loss-setting",
        ),
        ([a_question(1, "S", "q"), a_question(2, "S", "q")], {}, "loss-code-twice"),
    ],
)
def test_what_there_is_no_place_for_is_a_loss(
    rows: list[Data], tables: dict[str, list[Data]], loss: str
) -> None:
    assert loss in lost(read(a_survey(*rows, **tables)))


def test_scripts_in_labels_are_dropped_and_reported() -> None:
    label = "<p>Have you <script>alert(1)</script><b onclick='go()'>any</b>?</p>"
    content = a_survey(
        a_question(1, "S", "q"),
        question_l10ns=[{"qid": 1, "question": label, "language": "en"}],
    )
    survey = read(content)

    assert questions(draft(survey))["q"]["prompt"] == {"en": "Have you any?"}
    (loss,) = [each for each in survey.losses.all() if each.code == "loss-markup"]
    assert (loss.place, loss.facts["what"]) == ("questions/1 q", "<script>, onclick")


# ---------------------------------------------------------------- broken files

SOUND = a_survey(a_question(1, "L", "erp"), answers=YES_NO, answer_l10ns=YES_NO_WORDS)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<document><questions>&b;</questions></document>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b"<document>&x;</document>"
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "foreign-xml"),
        (b"not XML at all", "foreign-xml"),
        (SOUND[: len(SOUND) // 2], "foreign-xml"),
        (SOUND.replace(b"UTF-8", b"no-such-code"), "foreign-xml"),
        (SOUND.replace(b"Survey", b"\xff\xfe\xfa"), "foreign-xml"),
        (LAUGHS, "foreign-xml-declares"),
        (OUTSIDE, "foreign-xml-declares"),
        (b"<document/>", "foreign-not-limesurvey"),
        (b"<svg><questions>1</questions></svg>", "foreign-not-limesurvey"),
        (b" " * (9 * 1024 * 1024), "foreign-too-large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read(content)

    assert refused.value.code == code


def test_signs_that_xml_does_not_have_are_taken_out_and_told() -> None:
    survey = read(SOUND.replace(b"Survey<", b"Sur\x08vey<"))

    assert survey.labels["en"] == "Survey"
    assert "loss-signs" in lost(survey)


@pytest.mark.parametrize("name", [b"a", b"row", b"rows"])
def test_a_file_that_is_nested_too_deep_is_refused(name: bytes) -> None:
    nested = b"<%b>" % name * 50_000 + b"x" + b"</%b>" % name * 50_000

    with pytest.raises(NotReadable) as refused:
        read(b"<document><groups>" + nested + b"</groups></document>")

    assert (refused.value.code, refused.value.facts) == ("bank-too-deep", {"most": 30})


ROWS = b"<row><a>x</a></row>" * 25_000
NAME = b"n" * 250_000


@pytest.mark.parametrize(
    "more",
    [
        b"<t>" + b"<row>" * 25 + b"x" * 500_000 + b"</row>" * 25 + b"</t>",
        b"<%b><rows>%b</rows></%b>" % (NAME, ROWS, NAME),
        b"<t><%b>%b</%b></t>" % (NAME, ROWS, NAME),
    ],
    ids=["rows inside rows", "the name of a table", "the name of a part"],
)
def test_what_a_file_is_read_to_does_not_grow_beyond_it(more: bytes) -> None:
    content = a_survey(a_question(1, "T", "q1")).replace(b"</document>", more + b"</document>")
    tracemalloc.start()
    read(content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 64 * len(content)


def test_rows_of_a_table_are_read_once_wherever_they_stand() -> None:
    content = a_survey(a_question(1, "T", "q1"))
    bare = b"<permissions><row><uid>7</uid></row></permissions></document>"

    (loss,) = read(content.replace(b"</document>", bare)).losses.all()

    assert loss.texts == (("permissions/1/uid", "7"),)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_a_sound_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        end = at + data.draw(st.integers(0, 40))
        content[at:end] = data.draw(
            st.sampled_from(
                [b"", b"<row>", b"</row>", b"<qid>1</qid>", b"&lt;", b"\x00", b"\xff", b"1"]
            )
        )

    try:
        survey = read(bytes(content))
    except NotReadable:
        return

    keys = list(questions(draft(survey)))
    assert len(keys) == len(set(keys))


# ------------------------------------------------------ beside another's reading


def test_codes_languages_and_choices_are_those_of_a_plain_reading_of_the_xml() -> None:
    content = a_survey(
        a_question(1, "L", "erp"),
        a_question(2, "M", "boxes"),
        a_question(3, "S", "Name_1"),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
        subquestions=BOXES,
        question_l10ns=[
            *words("question", "qid", 1, en="ERP?", zh="有ERP吗？", fr="ERP ?"),
            *words("question", "qid", 2, en="Which?", zh="哪些？"),
            *words("question", "qid", 3, en="Name"),
            *words("question", "qid", 21, en="One", zh="一"),
            *words("question", "qid", 22, en="Two"),
        ],
    )

    mine = {
        item.code: (item.labels, [(choice.code, choice.labels) for choice in item.choices])
        for item in read(content).items()
    }

    assert mine == _plain_reading(content)


def _plain_reading(content: bytes) -> dict[str, Any]:
    root = ET.fromstring(content)

    def rows(name: str) -> list[dict[str, str]]:
        return [
            {each.tag: each.text or "" for each in row} for row in root.iterfind(f"{name}//row")
        ]

    def labels(table: str, key: str, number: str, field: str) -> dict[str, str]:
        return {r["language"].lower(): r[field] for r in rows(table) if r[key] == number}

    found = {}
    for row in rows("questions"):
        answers = [
            (each["code"], labels("answer_l10ns", "aid", each["aid"], "answer"))
            for each in rows("answers")
            if each["qid"] == row["qid"]
        ] + [
            (each["title"], labels("question_l10ns", "qid", each["qid"], "question"))
            for each in rows("subquestions")
            if each["parent_qid"] == row["qid"]
        ]
        found[row["title"]] = (labels("question_l10ns", "qid", row["qid"], "question"), answers)
    return found


def test_the_look_of_a_survey_is_a_table_that_is_told_with_all_it_says() -> None:
    look = "<themes><theme><name>forest</name><config><a>on</a><a>off</a></config></theme></themes>"
    content = a_survey(a_question(1, "T", "q1")).replace(
        b"</document>", f"{look}</document>".encode()
    )

    (loss,) = [each for each in read(content).losses.all() if each.place == "themes"]

    assert loss.code == "loss-table"
    assert loss.texts == (
        ("themes/1/theme/name", "forest"),
        ("themes/1/theme/config/a", "on"),
        ("themes/1/theme/config/a#2", "off"),
    )


def test_words_around_an_element_inside_a_text_stay() -> None:
    content = a_survey(a_question(1, "T", "q1")).replace(b">Q1<", b">Which <b>one</b> of them?<")

    (item,) = read(content).items()

    assert item.labels["en"] == "Which one of them?"


def test_what_the_words_of_a_group_repeat_of_it_is_no_loss_but_what_differs_is() -> None:
    groups = [{"gid": 1, "sid": 5, "group_order": 3, "grelevance": "1"}]
    named = words("group_name", "gid", 1, en="Plant")
    again = {"group_order": 3, "grelevance": "1"}

    same = a_survey(
        a_question(1, "T", "q1"), groups=groups, group_l10ns=[row | again for row in named]
    )
    other = a_survey(
        a_question(1, "T", "q1"),
        groups=groups,
        group_l10ns=[row | again | {"grelevance": "x > 1"} for row in named],
    )

    assert lost(read(same)) == []
    (loss, *_) = read(other).losses.all()
    assert (loss.code, loss.texts) == ("loss-column", (("group_l10ns/1/grelevance", "x > 1"),))


def a_condition(qid: int, value: str) -> Data:
    return {
        "cid": 1, "qid": qid, "cqid": 1, "cfieldname": "5X1X1", "method": "==", "value": value,
        "scenario": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("qid", "value", "found"),
    [(2, "A2", []), (2, "A1", ["loss-condition"]), (9, "A1", ["loss-orphan"])],
)
def test_a_condition_that_no_equation_says_is_told(qid: int, value: str, found: list[str]) -> None:
    content = a_survey(
        a_question(1, "L", "erp"),
        a_question(2, "T", "which", relevance='((erp.NAOK == "A2"))'),
        answers=YES_NO,
        answer_l10ns=YES_NO_WORDS,
        conditions=[a_condition(qid, value)],
    )

    survey = read(content)

    told = [loss for loss in survey.losses.all() if loss.place == f"conditions/{qid}"]
    assert [loss.code for loss in told] == found
    assert questions(draft(survey))["which"]["when"] == {"question": "erp", "in": ["a2"]}


@pytest.mark.parametrize(
    ("relevance", "column", "value", "found"),
    [
        ('Q10.NAOK == "11"', "5X1X1", "1", [False]),
        ('Q1.NAOK == "11"', "5X1X1", "1", [False]),
        ('Q10.NAOK == "1"', "5X1X1", "1", [False]),
        ('Q1.NAOK == "1"', "5X1X1", "1", [True]),
        ("5X1X1.NAOK == '1'", "5X1X1", "1", [True]),
        ("Q1 >= 2.5", "5X1X1", "2.5", [True]),
        ("Q1 >= 2.5", "5X1X1", "2", [False]),
        ('Q1_SQ1.NAOK == "Y"', "+5X1X1SQ1", "Y", [True]),
        ('Q1_SQ11.NAOK == "Y"', "+5X1X1SQ1", "Y", [False]),
        ('Q1_SQ1_0.NAOK == "A1"', "5X1X1SQ1#0", "A1", [True]),
        ('Q1_SQ1.NAOK == "Y"', "5X1X1", "SQ1", [True]),
        ("is_empty(Q1.NAOK)", "5X1X1", "", [True]),
        ('"1" == Q2', "{TOKEN:AGE}", "1", [False]),
    ],
)
def test_an_equation_says_a_condition_only_by_whole_names_and_values(
    relevance: str, column: str, value: str, found: list[bool]
) -> None:
    row = {"cqid": "1", "cfieldname": column, "value": value}

    assert [limesurvey_rows.is_said([row], relevance, {"1": "Q1"})] == found
