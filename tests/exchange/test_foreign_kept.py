"""Whatever a draft has no place for is kept in the report: every text, in every language."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from survey.exchange import bank_formats, limesurvey_lss, limesurvey_txt, surveyjs
from survey.exchange.foreign import MOST_TEXTS, Losses, Questionnaire, within
from survey.exchange.loss import Loss
from tests.foreign_files import (
    GROUPS,
    a_definition,
    a_form,
    a_question,
    a_txt,
    an_lss,
    codes,
    draft,
    lost,
    questions,
)

Data = dict[str, Any]
HEADS = (
    "type", "name", "label::English", "label::中文", "label::Français", "hint::English",
    "hint::Français", "guidance_hint::English", "relevant", "parameters",
)  # fmt: skip
NOTE = ("note", "n", "Welcome", "欢迎", "Bienvenue", "hint", "indice", "guide")


def told(survey: Questionnaire, code: str) -> list[Loss]:
    draft(survey)
    return [loss for loss in survey.losses.all() if loss.code == code]


def words(survey: Questionnaire, code: str) -> set[str]:
    return {text for loss in told(survey, code) for _place, text in loss.texts}


# --------------------------------------------------------------------- XLSForm


def test_lists_of_one_name_in_two_sheets_stay_apart() -> None:
    listed = ("list_name", "name", "label::English")
    form = a_form(
        ("select_one c", "q1", "A"),
        ("select_one_external c", "q2", "B"),
        choices=[listed, ("c", "near", "Near")],
        external_choices=[listed, ("c", "far", "Far")],
    )

    made = questions(draft(form))

    assert [option["key"] for option in made["q1"]["options"]] == ["near"]
    assert [option["key"] for option in made["q2"]["options"]] == ["far"]


def test_a_list_that_no_question_offers_is_named_with_its_choices() -> None:
    listed = [("list_name", "name", "label::English"), ("spare", "s1", "One"), ("spare", "s2", "")]
    form = a_form(("text", "q", "Q"), choices=listed)

    (loss,) = told(form, "loss-list-unused")

    assert (loss.place, loss.facts) == ("choices!A2", {"list": "spare", "count": 2})
    assert loss.texts == (("s1 · en", "One"), ("s2", "s2"))


@pytest.mark.parametrize(
    ("parameters", "limits"),
    [
        ("start=1 end=10 step=1", (1, 10, 0)),
        ("start=1;end=5;step=0.5", (1, 5, 1)),
        ("start=-5, end=5, step=1", (-5, 5, 0)),
        ("start = 2 end = 8", (2, 8, 0)),
        ("", (1, 10, 0)),
    ],
)
def test_a_range_is_read_however_its_parameters_are_parted(
    parameters: str, limits: tuple[int, int, int]
) -> None:
    row = ("range", "r", "R", "", "", "", "", "", "", parameters)

    made = questions(draft(a_form(row, heads=HEADS)))["r"]

    assert (made["minimum"], made["maximum"], made.get("decimals", 0)) == limits


@pytest.mark.parametrize(
    "parameters", ["start=low end=8", "1 to 8", "end=8 step=2", "end=8 tick=1", "end=8 step=0"]
)
def test_parameters_that_nothing_can_be_made_of_are_named(parameters: str) -> None:
    row = ("range", "r", "R", "", "", "", "", "", "", parameters)

    assert "loss-feature" in lost(a_form(row, heads=HEADS))


def test_cells_that_no_reader_takes_are_kept_by_column() -> None:
    heads = ("type", "name", "label::English", "parameters", "read_only")
    form = a_form(
        ("begin group", "g", "G", "odd", "yes"), ("text", "t", "T"), ("end group",), heads=heads
    )

    found = [(loss.place, loss.facts["count"], loss.texts) for loss in told(form, "loss-column")]

    assert found == [
        ("survey!D1", 1, (("survey!D2", "odd"),)),
        ("survey!E1", 1, (("survey!E2", "yes"),)),
    ]


def test_a_row_that_is_not_asked_keeps_its_words() -> None:
    heads = (*HEADS, "calculation", "disabled")
    calculated = ("calculate", "c", "Sum", "合计", "Somme", "", "", "", "${q}='x'", "", "1+1", "")
    off = ("text", "d", "Off", "关", "", "", "", "", "", "", "", "yes")
    form = a_form(calculated, off, ("text", "q", "Q"), heads=heads)

    assert words(form, "loss-unseen") == {"Sum", "合计", "Somme", "${q}='x'"}
    assert words(form, "loss-disabled") == {"Off", "关"}


def test_further_rows_of_settings_and_a_second_title_are_named() -> None:
    settings = [("form_title", "title", "form_id"), ("One", "Two", "f"), ("Three", "", "g")]
    form = a_form(("text", "q", "Q"), settings=settings)

    assert words(form, "loss-column") == {"Two", "Three", "g"}


def test_a_sheet_and_a_second_column_are_kept_with_their_cells() -> None:
    heads = ("type", "name", "label::en", "label::English")
    form = a_form(("text", "q", "Q", "Again"), heads=heads, notes=[("a",), ("b",)])

    assert words(form, "loss-sheet") == {"b"}
    assert words(form, "loss-column-twice") == {"Again"}


# ------------------------------------------------------------- groups and notes


def test_a_note_in_front_of_all_groups_comes_into_the_first_one_in_every_language() -> None:
    form = a_form(NOTE, ("begin group", "g", "G"), ("text", "q", "Q"), ("end group",), heads=HEADS)

    made = questions(draft(form))["q"]

    assert made["help"] == {"zh": "欢迎", "en": "Welcome\nhint\nguide"}
    assert words(form, "loss-language") == {"Bienvenue\nindice"}


def test_a_note_that_no_question_follows_is_kept_whole() -> None:
    note = (*NOTE, "${q}='x'")
    form = a_form(("text", "q", "Q"), note, heads=HEADS)

    assert words(form, "loss-note") == {
        "Welcome", "欢迎", "Bienvenue", "hint\nguide", "indice", "${q}='x'"
    }  # fmt: skip


def test_a_group_that_asks_nothing_is_kept_with_its_words_and_its_condition() -> None:
    inner = ("begin group", "in", "Inner", "内", "Dedans")
    group = ("begin group", "g", "Only notes", "仅注释", "Notes", "h", "i", "", "${q}='x'")
    form = a_form(
        ("text", "q", "Q"), group, NOTE, inner, ("end group",), ("end group",), heads=HEADS
    )

    made = draft(form)

    assert made["sections"] == []
    assert words(form, "loss-group-empty") == {
        "Only notes", "仅注释", "Notes", "h", "i", "${q}='x'", "g", "Inner", "内", "Dedans", "in"
    }  # fmt: skip
    assert "Bienvenue" in words(form, "loss-note")


def test_an_inner_group_without_questions_is_kept_beside_one_with_questions() -> None:
    form = a_form(
        ("begin group", "g", "G"),
        ("begin group", "empty", "Empty", "空"),
        ("end group",),
        ("text", "q", "Q"),
        ("end group",),
        heads=HEADS,
    )

    assert words(form, "loss-group-empty") == {"Empty", "空", "empty"}


def test_the_names_of_inner_groups_are_kept_in_every_language() -> None:
    deep = ("begin group", "deep_1", "Deep", "深", "Profond", "dh", "di", "dg")
    form = a_form(
        ("begin group", "g", "G"),
        ("begin group", "In_1", "In", "内", "", "ih", "ii"),
        deep,
        ("text", "q", "Q"),
        *[("end group",)] * 3,
        heads=HEADS,
    )

    assert words(form, "loss-group-flattened") == {
        "deep_1",
        "Deep",
        "深",
        "Profond",
        "dh\ndg",
        "di",
    }
    assert words(form, "loss-feature") == {"ih", "ii"}
    assert {loss.facts["key"] for loss in told(form, "loss-group-code")} == {"in-1"}


def test_of_two_conditions_the_one_that_can_be_said_holds() -> None:
    form = a_form(
        ("select_one yn", "erp", "A"),
        ("begin group", "g", "G"),
        ("begin group", "h", "H"),
        ("begin group", "i", "I", "", "", "", "", "", "${erp} = 'yes'"),
        ("text", "q", "Q", "", "", "", "", "", "regex(${erp}, 'x')"),
        *[("end group",)] * 3,
        heads=HEADS,
    )

    assert questions(draft(form))["q"]["when"] == {"question": "erp", "in": ["yes"]}
    assert [loss.facts["condition"] for loss in told(form, "loss-condition")] == [
        "regex(${erp}, 'x')"
    ]


def test_the_conditions_of_groups_deep_inside_others_hold() -> None:
    listed = [("list_name", "name", "label::English"), ("l", "1", "One"), ("l", "2", "Two")]
    deep = [
        ("begin group", f"g{at}", f"G{at}", "", "", "", "", "", f"${{z{at // 20}}} = '1'")
        for at in range(40)
    ]
    form = a_form(
        ("select_one l", "z0", "Z"),
        ("select one l", "z1", "Z"),
        *deep,
        ("text", "a", "A"),
        *[("end group",)] * 40,
        heads=HEADS,
        choices=listed,
    )

    assert questions(draft(form))["a"]["when"] == {
        "all": [{"question": "z0", "in": ["1"]}, {"question": "z1", "in": ["1"]}]
    }
    assert {f"G{at}" for at in range(2, 40)} <= words(form, "loss-group-flattened")


def test_more_questions_than_a_list_can_have_stand_in_several_parts() -> None:
    elements = [{"type": "text", "name": f"q{at}"} for at in range(1001)]

    (section,) = draft(surveyjs.read(a_definition(*elements)))["sections"]

    assert [len(domain["questions"]) for domain in section["domains"]] == [1000, 1]


def test_more_groups_than_a_list_can_have_are_kept_in_the_report() -> None:
    pages = [
        {"title": f"P{at}", "elements": [{"type": "text", "name": f"q{at}"}]} for at in range(1001)
    ]
    survey = surveyjs.read(json.dumps({"pages": pages}).encode())

    assert len(draft(survey)["sections"]) == 1000
    (loss,) = told(survey, "loss-groups-cut")
    assert (loss.facts["count"], loss.texts) == (1, (("page1001", "P1000"), ("q1000", "q1000")))


# -------------------------------------------------------------------- SurveyJS

CHOICES = ["Yes", "No"]


def test_the_condition_of_a_column_and_of_a_line_holds_beside_that_of_the_whole() -> None:
    columns = [
        {"name": "using", "cellType": "radiogroup", "choices": CHOICES},
        {"name": "long", "choices": [1, 2], "visibleIf": "{row.using} = 'Yes'"},
    ]
    survey = surveyjs.read(
        a_definition(
            {"type": "text", "name": "n", "inputType": "number"},
            {"type": "matrixdynamic", "name": "m", "columns": columns, "visibleIf": "{n} > 1"},
            {"type": "multipletext", "name": "t", "description": "All", "visibleIf": "{n} > 1",
             "items": [{"name": "i", "visibleIf": "{n} > 2"}]},
        )
    )  # fmt: skip

    made = questions(draft(survey))

    above = {"question": "n", "at_least": "1.01"}
    assert made["m-long"]["when"] == {"all": [above, {"question": "m-using", "in": ["yes"]}]}
    assert made["t-i"]["when"] == {"all": [above, {"question": "n", "at_least": "2.01"}]}
    assert made["t-i"]["help"] == {"en": "All"}


def test_the_condition_of_a_column_with_rows_is_a_loss_and_that_of_the_whole_holds() -> None:
    columns = [
        {"name": "using", "choices": CHOICES},
        {"name": "long", "choices": [1, 2], "visibleIf": "{row.using} = 'Yes'"},
    ]
    survey = surveyjs.read(
        a_definition({"type": "matrixdropdown", "name": "m", "columns": columns, "rows": ["r"]})
    )

    assert [loss.facts["condition"] for loss in told(survey, "loss-condition")] == [
        "{row.using} = 'Yes'"
    ]


def test_a_repeated_panel_calls_its_neighbours_as_everybody_does() -> None:
    inner = [
        {"type": "radiogroup", "name": "using", "choices": CHOICES},
        {"type": "panel", "name": "p", "elements": [
            {"type": "text", "name": "why", "visibleIf": "{panel.using} = 'Yes'"}]},
    ]  # fmt: skip
    survey = surveyjs.read(
        a_definition({"type": "paneldynamic", "name": "d", "templateElements": inner})
    )

    assert questions(draft(survey))["why"]["when"] == {"question": "using", "in": ["yes"]}


def test_what_an_unknown_kind_contains_is_asked_or_kept() -> None:
    survey = surveyjs.read(
        a_definition(
            {"type": "fancy", "name": "f", "choices": ["a", "b"], "rows": ["r1"]},
            {"type": "composite", "name": "c", "elements": [{"type": "text", "name": "inner"}],
             "items": [{"name": "i", "title": "Item"}]},
        )
    )  # fmt: skip

    made = questions(draft(survey))

    assert [option["key"] for option in made["f"]["options"]] == ["a", "b"]
    assert made["inner"]["kind"] == "text"
    assert words(survey, "loss-feature") == {"r1", "i", "Item"}
    assert {loss.facts["became"] for loss in told(survey, "loss-kind-unknown")} == {
        "choice", "panel"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "text", "inputType": "date", "min": "2020-01-01"}, "2020-01-01"),
        ({"type": "text", "step": 7}, "7"),
        ({"type": "text", "inputType": "number", "step": 5}, "5"),
        ({"type": "text", "maxLength": 90000}, "90000"),
        ({"type": "text", "visibleIf": 5}, "5"),
        ({"type": "text", "isRequired": "maybe"}, "maybe"),
        ({"type": "text", "rows": 4}, "4"),
        ({"type": "checkbox", "choices": ["a"], "noneText": "Nothing"}, "Nothing"),
        ({"type": "text", "validators": [{"type": "regex", "regex": "^a", "text": "Only a"}]},
         "Only a"),
        ({"type": "matrixdropdown", "rows": ["r"], "columns": [{"name": "c", "rateMax": 9}]}, "9"),
    ],
)  # fmt: skip
def test_what_its_kind_does_not_take_of_an_element_is_named(element: Data, value: str) -> None:
    survey = surveyjs.read(a_definition({"name": "q"} | element))

    assert value in {loss.facts["value"] for loss in told(survey, "loss-feature")}


def test_an_element_that_asks_nothing_keeps_its_words_and_its_condition() -> None:
    title = {"default": "Total", "fr": "Somme"}
    element = {"type": "expression", "name": "e", "title": title, "visibleIf": "{a} = 1"}

    assert words(surveyjs.read(a_definition(element)), "loss-unseen") == {
        "Total", "Somme", "{a} = 1"
    }  # fmt: skip


def test_a_picture_of_each_language_is_named() -> None:
    link = {"default": "a.png", "fr": "b.png"}
    choices = [{"value": "x", "imageLink": link}]
    survey = surveyjs.read(a_definition({"type": "imagepicker", "name": "q", "choices": choices}))

    assert words(survey, "loss-media") == {"a.png", "b.png"}


@pytest.mark.parametrize(
    ("element", "feature"),
    [
        ({"type": "text", "validators": [{"type": "regex", "regex": "(?<=a)b"}]}, "pattern"),
        ({"type": "matrix", "rows": [{"value": "r", "score": 2}], "columns": ["a"]}, "score"),
        ({"type": "radiogroup", "choices": [{"value": "a", "score": -1}]}, "score"),
    ],
)
def test_what_no_question_of_a_bank_can_have_is_named(element: Data, feature: str) -> None:
    survey = surveyjs.read(a_definition({"name": "q"} | element))

    assert feature in {loss.facts["feature"] for loss in told(survey, "loss-feature")}


def test_limits_that_leave_no_answer_are_named() -> None:
    element = {"type": "text", "name": "q", "inputType": "number", "min": 9, "max": 1}

    assert "loss-range" in lost(surveyjs.read(a_definition(element)))


def test_a_table_with_rows_alone_keeps_them_in_the_report() -> None:
    survey = surveyjs.read(a_definition({"type": "matrix", "name": "q", "rows": ["r1", "r2"]}))

    assert words(survey, "loss-no-choices") == {"r1", "r2"}


def test_points_that_do_not_rise_are_kept_in_the_report() -> None:
    columns = [{"value": "a", "score": 3}, {"value": "b", "score": 1}]
    element = {"type": "matrix", "name": "q", "rows": ["r"], "columns": columns}

    assert words(surveyjs.read(a_definition(element)), "loss-points-by-order") == {"3", "1"}


def test_odd_values_are_kept() -> None:
    survey = surveyjs.read(
        a_definition(
            {"type": "text", "name": "q", "title": {"en": "Q", "zh": 5}, "validators": [7]},
            {"type": "dropdown", "name": "d", "choicesMin": "x", "choicesMax": 3},
        )
    )

    assert words(survey, "loss-row") == {"5", "7"}
    assert {loss.facts["feature"] for loss in told(survey, "loss-feature")} == {
        "choicesMin", "choicesMax"
    }  # fmt: skip


# ------------------------------------------------------------------ LimeSurvey

LANGUAGES = {"zh": "zh-Hans", "en": "en", "fr": "fr"}


def a_survey(*rows: Data, **tables: list[Data]) -> Questionnaire:
    first: dict[str, list[Data]] = {
        "surveys": [{"sid": 5, "language": "zh-Hans"}], "groups": GROUPS, "questions": list(rows)
    }  # fmt: skip
    return limesurvey_lss.read(an_lss(first | tables, language="zh-Hans"))


def attribute(qid: int, name: str, **values: str) -> list[Data]:
    return [
        {"qid": qid, "attribute": name, "value": value, "language": LANGUAGES.get(tag, "")}
        for tag, value in values.items()
    ]


def test_translated_attributes_are_carried_over_in_both_languages() -> None:
    attributes = [
        *attribute(1, "suffix", zh="岁", en="years", fr="ans"),
        *attribute(2, "other_replace_text", en="Else", zh="其它"),
    ]
    survey = a_survey(
        a_question(1, "N", "n"),
        a_question(2, "L", "l", other="Y"),
        question_attributes=attributes,
        answers=[{"qid": 2, "code": "a", "answer": "A", "language": "en"}],
    )

    made = questions(draft(survey))

    assert made["n"]["unit"] == {"zh": "岁", "en": "years"}
    assert made["l"]["options"][-1]["label"] == {"zh": "其它", "en": "Else"}
    assert "ans" in words(survey, "loss-language")


def test_a_limit_of_0_holds_and_a_limit_of_the_sum_is_none_of_a_line() -> None:
    attributes = [
        *attribute(1, "min_num_value_n", base="-10"),
        *attribute(1, "max_num_value_n", base="0"),
        *attribute(2, "max_num_value", base="100"),
    ]
    survey = a_survey(
        a_question(1, "N", "n"),
        a_question(2, "K", "k"),
        question_attributes=attributes,
        subquestions=[{"qid": 21, "parent_qid": 2, "title": "a"}],
    )

    made = questions(draft(survey))

    assert (made["n"]["minimum"], made["n"]["maximum"]) == (-10, 0)
    assert made["k-a"]["maximum"] == 999_999_999
    assert [loss.facts["feature"] for loss in told(survey, "loss-feature")] == ["max_num_value"]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (a_question(1, "T", "q"), "suffix"),
        (a_question(1, "T", "q"), "other_replace_text"),
        (a_question(1, "N", "q"), "maximum_chars"),
        (a_question(1, "L", "q"), "exclude_all_others"),
        (a_question(1, "N", "q", preg="/x/"), "validation"),
        (a_question(1, "T", "q", other="Y"), "other"),
        (a_question(1, "T", "q"), "maximum_chars"),
    ],
)
def test_what_its_kind_does_not_take_of_a_question_is_named(question: Data, name: str) -> None:
    survey = a_survey(question, question_attributes=attribute(1, name, base="many", en="words"))

    assert name in {loss.facts["feature"] for loss in told(survey, "loss-feature")}


def test_an_excluding_box_that_is_not_there_is_named() -> None:
    given = attribute(1, "exclude_all_others", base="nowhere")
    box = {"qid": 11, "parent_qid": 1, "title": "a", "question": "A", "language": "en"}
    survey = a_survey(a_question(1, "M", "q"), question_attributes=given, subquestions=[box])

    assert [loss.facts["value"] for loss in told(survey, "loss-feature")] == ["nowhere"]


def test_a_prefix_beside_a_suffix_is_named() -> None:
    given = [*attribute(1, "suffix", en="kg"), *attribute(1, "prefix", en="about")]
    survey = a_survey(a_question(1, "N", "q"), question_attributes=given)

    assert [loss.facts["value"] for loss in told(survey, "loss-feature")] == ["about"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("1", "loss-second-scale"), (":", "loss-feature"), ("T", "loss-feature")],
)
def test_answers_and_lines_that_have_no_place_are_kept_in_every_language(
    kind: str, code: str
) -> None:
    answers = [
        {"qid": 1, "code": "b", "answer": words, "language": tag, "scale_id": 1}
        for tag, words in (("zh-Hans", "乙"), ("en", "Beta"), ("fr", "Bêta"))
    ]
    survey = a_survey(
        a_question(1, kind, "q"),
        answers=[*answers, {"qid": 1, "code": "a", "answer": "A", "language": "en", "scale_id": 0}],
        subquestions=[
            {"qid": 11, "parent_qid": 1, "title": "r", "question": "R", "language": "en"}
        ],
    )

    assert {"乙", "Beta", "Bêta"} <= words(survey, code)


def test_an_equation_is_kept_in_every_language_with_its_condition() -> None:
    both = [
        a_question(1, "*", "sum", question=text, language=tag, relevance="a == 1")
        for tag, text in (("zh-Hans", "{a}"), ("en", "{b}"))
    ]

    assert words(a_survey(*both), "loss-unseen") == {"{a}", "{b}", "a == 1"}


def test_an_answer_whose_code_is_there_twice_becomes_two_choices() -> None:
    answers = [
        {"qid": 1, "code": "c", "answer": words, "language": "en", "sortorder": at}
        for at, words in enumerate(("One", "Two"))
    ]
    survey = a_survey(a_question(1, "L", "q"), answers=answers)

    options = questions(draft(survey))["q"]["options"]

    assert [option["label"] for option in options] == [{"en": "One"}, {"en": "Two"}]
    assert "loss-choice-twice" in codes(survey.losses.all())


def test_a_second_text_in_one_language_and_a_row_that_differs_are_named() -> None:
    both = [
        a_question(1, "S", "q", question=text, language="en", mandatory=mandatory)
        for text, mandatory in (("One", "N"), ("Two", "Y"))
    ]
    survey = a_survey(*both)

    assert words(survey, "loss-twice") == {"Two"}
    assert [loss.facts["feature"] for loss in told(survey, "loss-feature")] == ["mandatory"]


def test_columns_and_tables_that_are_not_read_are_kept() -> None:
    survey = a_survey(
        a_question(1, "S", "q", encrypted="Y"),
        surveys=[{"sid": 5, "language": "en", "admin": "Li"}],
        quota=[{"id": 1, "name": "Men"}],
        assessments=[{"id": 1, "message": "Well done"}],
        question_attributes=attribute(99, "hidden", base="1") + attribute(99, "x", base="0"),
        defaultvalues=[{"qid": 1, "sqid": 3, "defaultvalue": "x"},
                       {"qid": 99, "defaultvalue": "y"}, {"qid": 99}],
    )  # fmt: skip

    assert words(survey, "loss-column") == {"Y"}
    assert {"Li", "Well done"} <= words(survey, "loss-table")
    assert "Men" in words(survey, "loss-quotas")
    assert words(survey, "loss-orphan") == {"1", "y"}
    assert words(survey, "loss-feature") == {"x"}


def test_rows_of_a_txt_keep_what_they_are_not_read_for() -> None:
    def row(**cells: str) -> Data:
        return {"class": "Q", "type/scale": "N", "name": "q", "language": "en"} | cells

    survey = limesurvey_txt.read(
        a_txt(
            {"class": "S", "name": "anonymized", "text": "Y"},
            {"class": "G", "name": "Group", "language": "en", "help": "odd"},
            row(text="Number", suffix="years", default="5", validation="/1/"),
            row(text="数", suffix="岁", language="zh-Hans", default="6", relevance="x == 1"),
            {"class": "SQ", "name": "s", "text": "Sub", "language": "en", "default": "d"},
            {"class": "QTA", "name": "Quota"},
        )
    )

    assert questions(draft(survey))["q"]["unit"] == {"zh": "岁", "en": "years"}
    assert words(survey, "loss-table") == {"anonymized = Y"}
    assert words(survey, "loss-quotas") == {"QTA · Quota"}
    found = {(loss.facts["feature"], loss.facts["value"]) for loss in told(survey, "loss-feature")}
    assert found == {
        ("help", "odd"), ("default", "d"), ("default", "5"), ("validation", "/1/"),
        ("relevance", "x == 1"), ("s", "Sub"),
    }  # fmt: skip
    assert words(survey, "loss-feature") == {"5", "6", "Sub"}


def test_cells_beyond_the_named_columns_of_a_txt_are_named() -> None:
    content = a_txt({"class": "Q", "type/scale": "S", "name": "q", "text": "Q"}).rstrip(b"\n")
    survey = limesurvey_txt.read(content + b"\tstray\n")

    assert [loss.facts["value"] for loss in told(survey, "loss-feature")] == ["stray"]


# --------------------------------------------------------------------- reports


def test_a_loss_keeps_a_limited_number_of_texts_and_counts_the_rest() -> None:
    losses = Losses()
    losses.add("loss-sheet", "x", tuple((str(at), "w") for at in range(MOST_TEXTS + 3)), sheet="x")

    (loss,) = losses.all()

    assert len(loss.texts) == MOST_TEXTS + 1
    assert loss.texts[-1] == ("…", "+ 3")


def test_the_whole_of_a_long_value_stands_behind_its_sentence() -> None:
    losses = Losses()
    losses.feature("x", "q", "note", "long " * 100)
    losses.setting("x", "s", {"a": ["b", None, {"c": 1}]})
    losses.feature("x", "q", "style", "two\nlines")
    losses.feature("x", "q", "width", "one line")

    feature, setting, lines, line = losses.all()
    assert feature.texts == (("note", "long " * 100),)
    assert lines.texts == (("style", "two\nlines"),)
    assert line.texts == ()
    assert setting.texts == (("s.a[0]", "b"), ("s.a[2].c", "1"))
    assert within("x", None) == ()


# ----------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "file", "code"),
    [
        (b"", "a.lss", "foreign-xml"),
        (b"", "a.json", "foreign-json"),
        (b"", "a.xlsx", "workbook-other-format"),
        ('"survey",\n,"type"\n,"中"\n'.encode("gbk"), "a.csv", "foreign-not-utf8"),
    ],
)
def test_a_file_of_which_nothing_is_read_is_refused_in_the_words_of_its_kind(
    content: bytes, file: str, code: str
) -> None:
    (problem,) = bank_formats.read(content, file).problems

    assert problem.code == code


def test_an_archive_of_a_survey_with_its_answers_is_refused_with_what_to_send() -> None:
    archive = BytesIO()
    with ZipFile(archive, "w") as packed:
        packed.writestr("survey_5.lss", "<document/>")

    (problem,) = bank_formats.read(archive.getvalue(), "a.lsa").problems

    assert problem.code == "foreign-archive"


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (a_definition({"type": "text", "name": "a"}).decode().encode("utf-16"), "a.json"),
        (a_txt({"class": "Q", "type/scale": "S", "name": "a", "text": "Q"}), "a.lss"),
        ('"survey",,\n,"type","name"\n,"text","a"\n'.encode("utf-16"), "a.csv"),
        (b"type,name,label\ntext,a,A\n", "a.csv"),
    ],
)
def test_a_file_is_told_by_what_is_in_it(content: bytes, file: str) -> None:
    read = bank_formats.read(content, file)

    assert read.document is not None
    assert list(questions(read.document)) == ["a"]
