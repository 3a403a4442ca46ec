"""A SurveyJS definition becomes a draft and a bank a definition, with what each has alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.exchange import surveyjs, surveyjs_write
from survey.exchange.foreign import NotReadable, Questionnaire
from tests.builders import (
    bank_data,
    benchmark,
    choice,
    domain,
    ladder,
    multiple,
    number,
    ratio,
    requirements,
    section,
    two_years,
)
from tests.foreign_files import a_definition, codes, draft, faults, lost, questions

Data = dict[str, Any]

BOTH = {"default": "Question", "zh-cn": "问题"}
ABOVE, BELOW = "{r.numerator}", "{r.denominator}"


def element(kind: str, name: str = "q", **more: Any) -> Data:
    return {"type": kind, "name": name, "title": BOTH} | more


def read(*elements: object, **root: object) -> Questionnaire:
    return surveyjs.read(a_definition(*elements, **root))


def test_pages_panels_questions_and_languages_are_carried_over() -> None:
    text = {"default": "Yes", "zh-cn": "是"}
    survey = read(
        element("panel", "plant", elements=[
            element("radiogroup", "erp", isRequired=True,
                    choices=[{"value": "yes", "text": text}, "no"])
        ]),
        title={"default": "Survey", "zh-cn": "问卷"},
    )  # fmt: skip

    made = draft(survey)

    (section_,) = made["sections"]
    assert made["title"] == {"zh": "问卷", "en": "Survey"}
    assert [each["key"] for each in section_["domains"]] == ["plant"]
    assert questions(made)["erp"] == {
        "key": "erp",
        "kind": "choice",
        "prompt": {"zh": "问题", "en": "Question"},
        "required": True,
        "options": [
            {"key": "yes", "label": {"zh": "是", "en": "Yes"}},
            {"key": "no", "label": {"en": "no"}},
        ],
    }


@pytest.mark.parametrize(
    ("given", "kind", "keys"),
    [
        (element("dropdown", choices=["a", "b"]), "choice", ["a", "b"]),
        (element("radiogroup", choices=[1, 2.5, True]), "choice", ["1", "2-5", "true"]),
        (element("checkbox", choices=["a"], showNoneItem=True), "multiple", ["a", "none"]),
        (element("checkbox", choices=["a"], hasOther=True), "multiple", ["a", "other"]),
        (element("tagbox", choices=["a", "b"]), "multiple", ["a", "b"]),
        (element("ranking", choices=["a", "b"]), "multiple", ["a", "b"]),
        (element("imagepicker", choices=[{"value": "a", "imageLink": "x"}]), "choice", ["a"]),
        (element("imagepicker", multiSelect=True, choices=["a", "b"]), "multiple", ["a", "b"]),
        (element("boolean"), "choice", ["true", "false"]),
        (element("boolean", valueTrue="Y", valueFalse="N"), "choice", ["y", "n"]),
        (element("rating"), "choice", ["1", "2", "3", "4", "5"]),
        (element("rating", rateMin=0, rateMax=3), "choice", ["0", "1", "2", "3"]),
        (element("rating", rateValues=["low", "high"]), "choice", ["low", "high"]),
        (element("dropdown", choicesMin=1, choicesMax=3), "choice", ["1", "2", "3"]),
        (element("buttongroup", choices=["a", "b"]), "choice", ["a", "b"]),
        (element("text"), "text", []),
        (element("comment"), "text", []),
        (element("text", inputType="number"), "number", []),
        (element("text", validators=[{"type": "numeric", "minValue": 1}]), "number", []),
        (element("text", inputType="date"), "text", []),
        (element("file"), "text", []),
        (element("signaturepad"), "text", []),
        (element("matrix", columns=["a", "b"], rows=["r"]), "matrix", []),
        (element("hologram"), "text", []),
        (element("radiogroup"), "text", []),
    ],
)
def test_every_kind_of_question_becomes_the_nearest_there_is(
    given: Data, kind: str, keys: list[str]
) -> None:
    made = questions(draft(read(given)))["q"]

    assert made["kind"] == kind
    assert [option["key"] for option in made.get("options", [])] == keys


@pytest.mark.parametrize(
    ("visible", "when"),
    [
        ("{erp} = 'yes'", {"question": "erp", "in": ["yes"]}),
        ("{erp} <> 'yes'", {"not": {"question": "erp", "in": ["yes"]}}),
        ("{erp} anyof ['yes', 'no']", {"question": "erp", "in": ["yes", "no"]}),
        ("{erp} notempty", {"question": "erp", "in": ["yes", "no"]}),
        ("{many} contains 'a' and {n} >= 3", {"all": [{"question": "many", "in": ["a"]},
                                                      {"question": "n", "at_least": 3}]}),
        ("{many} allof ['a', 'b']", {"all": [{"question": "many", "in": ["a"]},
                                             {"question": "many", "in": ["b"]}]}),
        ("!({flag} = true)", {"not": {"question": "flag", "in": ["true"]}}),
        ("{flag}", {"question": "flag", "in": ["true"]}),
        ("{n} empty", {"not": {"question": "n", "at_least": 0}}),
        ("{n} = 1 or {n} greater 8", {"any": [
            {"all": [{"question": "n", "at_least": 1}, {"not": {"question": "n", "at_least": 2}}]},
            {"question": "n", "at_least": 9}]}),
    ],
)  # fmt: skip
def test_a_condition_of_the_usual_forms_keeps_its_meaning(visible: str, when: Data) -> None:
    survey = read(
        element("radiogroup", "erp", choices=["yes", "no"]),
        element("checkbox", "many", choices=["a", "b"]),
        element("text", "n", inputType="number", step=1),
        element("boolean", "flag"),
        element("text", "last", visibleIf=visible),
    )

    assert questions(draft(survey))["last"]["when"] == when
    assert "loss-condition" not in codes(survey.losses.all())


def test_a_table_with_a_question_in_each_column_becomes_a_table_for_each() -> None:
    columns = [{"name": "now", "title": "Now"}, {"name": "then", "choices": [3, 4]}]

    made = questions(
        draft(read(element("matrixdropdown", columns=columns, choices=[1, 2], rows=["a", "b"])))
    )

    assert list(made) == ["q-now", "q-then"]
    assert [row["key"] for row in made["q-now"]["rows"]] == ["a", "b"]
    assert [state["key"] for state in made["q-then"]["states"]] == ["3", "4"]


def test_lines_to_fill_in_become_questions_of_their_own() -> None:
    items = [{"name": "one", "title": "One"}, {"name": "two", "inputType": "number"}]

    made = questions(draft(read(element("multipletext", items=items, visibleIf=""))))

    assert [(key, each["kind"]) for key, each in made.items()] == [
        ("q-one", "text"),
        ("q-two", "number"),
    ]
    assert made["q-one"]["prompt"]["en"] == "Question · One"


def test_scores_that_rise_from_0_make_a_ladder() -> None:
    choices = [{"value": f"s{n}", "score": n} for n in range(3)]

    made = questions(draft(read(element("radiogroup", choices=choices))))["q"]

    assert (made["kind"], [each["points"] for each in made["options"]]) == ("ladder", [0, 1, 2])


@pytest.mark.parametrize(
    ("given", "loss"),
    [
        (element("html", html="<p>Read this</p>"), "loss-note"),
        (element("expression", expression="{a} + 1"), "loss-unseen"),
        (element("image", imageLink="x.png"), "loss-unseen"),
        (element("paneldynamic", templateElements=[element("text")]), "loss-repeat"),
        (element("matrixdynamic", columns=[{"name": "a"}]), "loss-repeat"),
        (element("text", enableIf="{a} = 1"), "loss-feature"),
        (element("text", defaultValue="x"), "loss-feature"),
        (element("text", inputType="email"), "loss-feature"),
        (element("text", min="today()", inputType="number"), "loss-feature"),
        (element("text", maxLength=9000), "loss-feature"),
        (element("text", visibleIf=5), "loss-feature"),
        (element("text", isRequired="often"), "loss-feature"),
        (element("text", visibleIf="age({a}) > 3"), "loss-condition"),
        (element("text", validators=[{"type": "email"}]), "loss-constraint"),
        (element("checkbox", choices=[1], validators=[{"type": "answercount"}]), "loss-constraint"),
        (
            element("dropdown", choicesByUrl={"url": "http://elsewhere.example"}),
            "loss-list-missing",
        ),
        (element("dropdown", choicesFromQuestion="a"), "loss-list-copied"),
        (element("dropdown", choices=[{"value": 1, "visibleIf": "{a} = 1"}]), "loss-feature"),
        (element("imagepicker", choices=[{"value": 1, "imageLink": "x"}]), "loss-media"),
        (element("matrix", columns=["a", "b"]), "loss-no-choices"),
        (element("text", title="<img src=x onerror=go()>Q"), "loss-markup"),
        (element("text", title="Dear {a}"), "loss-piping"),
        ({"type": "text"}, "loss-no-code"),
        ("words", "loss-row"),
        (element("multipletext", items=["x"]), "loss-row"),
    ],
)
def test_what_there_is_no_place_for_is_a_loss(given: object, loss: str) -> None:
    assert loss in lost(read(element("text", "a"), given))


def test_settings_of_the_survey_are_losses_too() -> None:
    survey = read(element("text"), triggers=[{"type": "complete"}], calculatedValues=[1])

    assert lost(survey)[:2] == ["loss-setting", "loss-setting"]


def test_the_same_name_twice_in_one_object_is_told() -> None:
    survey = surveyjs.read(b'{"elements": [{"type": "text", "name": "a", "name": "b"}]}')

    assert [item.code for item in survey.items()] == ["b"]
    assert "loss-json-twice" in codes(survey.losses.all())


def test_elements_may_stand_without_a_page_and_pages_may_be_odd() -> None:
    definition = {
        "pages": [5, {"elements": [element("text", "a")]}],
        "questions": [element("text", "b")],
    }

    survey = surveyjs.read(json.dumps(definition).encode("utf-8-sig"))

    assert [item.code for item in survey.items()] == ["a", "b"]
    assert "loss-row" in codes(survey.losses.all())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "foreign-json"),
        (b"{", "foreign-json"),
        (b"[" * 100_000, "foreign-json"),
        (b'{"pages": [' + b"9" * 5000 + b"]}", "foreign-json"),
        (b"[]", "foreign-not-surveyjs"),
        (b'{"title": "x"}', "foreign-not-surveyjs"),
        (b'{"pages": 5}', "foreign-not-surveyjs"),
        (b'{"pages": "\xff"}', "foreign-not-utf8"),
        (b" " * (9 * 1024 * 1024), "foreign-too-large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(NotReadable) as refused:
        surveyjs.read(content)

    assert refused.value.code == code


def test_panels_too_deep_inside_each_other_are_a_loss() -> None:
    inside: Data = element("text", "deep")
    for at in range(40):
        inside = {"type": "panel", "name": f"p{at}", "elements": [inside]}

    assert "loss-too-deep" in lost(read(inside))


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=6),
              st.sampled_from(["text", "radiogroup", "matrix", "{q} = 1", "panel", "boolean"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "name", "title", "choices", "rows", "columns", "elements",
                             "items", "visibleIf", "validators", "rateMin", "rateMax", "rateStep",
                             "rateCount", "choicesMin", "choicesMax", "default", "en", "value",
                             "text", "html", "inputType", "step", "min", "maxLength"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)  # fmt: skip
_KIND = st.sampled_from([*sorted(surveyjs._KINDS), "panel", "paneldynamic", "odd"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_KIND, _JSON), max_size=6))
def test_any_elements_at_all_give_a_draft_with_losses(elements: list[tuple[str, Any]]) -> None:
    listed = [
        {**(given if isinstance(given, dict) else {"title": given}), "type": kind}
        for kind, given in elements
    ]

    made = draft(read(*listed))

    keys = list(questions(made))
    assert len(keys) == len(set(keys))
    assert not faults(made) & {"bank-bad-key", "bank-duplicate-key", "bank-unknown-key"}


def test_names_languages_and_choices_are_those_of_a_plain_walk_through_the_json() -> None:
    text = {"default": "One", "zh-cn": "一", "fr": "Un"}
    definition = a_definition(
        element("radiogroup", "a", choices=[{"value": 1, "text": text}, {"value": 2, "text": "2"}]),
        element(
            "panel",
            "p",
            elements=[element("checkbox", "b", choices=[{"value": "x", "text": text}])],
        ),
        element("comment", "c"),
    )

    mine = {
        item.code: (item.labels, [(each.code, each.labels) for each in item.choices])
        for item in surveyjs.read(definition).items()
    }

    assert mine == dict(_plain_walk(json.loads(definition)["pages"]))


def _plain_walk(parts: list[Data]) -> Iterator[tuple[str, Any]]:
    def labels(value: Any) -> Data:
        given = value if isinstance(value, dict) else {"default": value}
        return {"" if tag == "default" else tag: words for tag, words in given.items()}

    for part in parts:
        if "elements" in part:
            yield from _plain_walk(part["elements"])
            continue
        choices = [(str(each["value"]), labels(each["text"])) for each in part.get("choices", [])]
        yield part["name"], (labels(part["title"]), choices)


# --------------------------------------------------------------------- writing


def a_full_bank() -> Data:
    more = section("more", "B", domain("third", benchmark(), requirements()), weight=40)
    first = bank_data()["sections"][0] | {"weight": 60}
    outcomes = {
        "title": {"zh": "指标", "en": "Figures"},
        "summary": {"zh": "几项指标。", "en": "Figures."},
    }
    return bank_data(first, more, outcomes=outcomes | {"questions": [two_years()]})


def test_a_bank_becomes_a_definition_with_its_keys_words_and_choices() -> None:
    written = surveyjs_write.write(a_full_bank())

    definition = json.loads(written.content)
    pages = {page["name"]: page for page in definition["pages"]}
    assert list(pages) == ["profile", "everything", "more", "outcomes"]
    first, second = pages["everything"]["elements"]
    assert [each["type"] for each in first["elements"]] == ["radiogroup", "checkbox", "text"]
    assert [each["type"] for each in second["elements"]] == [
        "multipletext", "matrix", "matrix", "text"
    ]  # fmt: skip
    ladder = first["elements"][0]
    assert ladder["choices"][1] == {
        "value": "level-1",
        "text": {"default": "Step 1", "zh-cn": "第1步"},
        "score": 1,
    }


def test_what_a_definition_has_no_place_for_is_named_with_its_number() -> None:
    losses = surveyjs_write.write(a_full_bank()).losses

    counted = {(loss.place, loss.facts.get("field")): loss.facts.get("count") for loss in losses}
    assert counted["sections", "weight"] == 2
    assert counted["bank", "levels"] == 1
    assert ("questions", "advice") in counted
    assert ("questions/options", "points") not in counted


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"question": "a", "in": ["x"]}, "{a} = 'x'"),
        ({"question": "a", "in": ["x", "y"]}, "{a} anyof ['x', 'y']"),
        ({"question": "m", "in": ["none"]}, "{m} anyof ['none']"),
        ({"question": "n", "at_least": "1.5"}, "{n} >= 1.5"),
        ({"not": {"question": "a", "in": ["x"]}}, "!({a} = 'x')"),
        ({"all": [{"question": "a", "in": ["x"]}, {"any": [{"question": "n", "at_least": 1}]}]},
         "({a} = 'x') and (({n} >= 1))"),
        ({"question": "l", "at_least": 3}, "{l} anyof ['level-3', 'level-4', 'level-5']"),
        ({"question": "l", "at_least": 5}, "{l} = 'level-5'"),
        ({"question": "l", "at_least": 6}, "false"),
        ({"question": "r", "at_least": 5},
         f"{ABOVE} notempty and {BELOW} > 0 and {ABOVE} * 100 >= {BELOW} * 5"),
        ({"question": "a"}, None),
        ({"not": {"question": "a"}}, None),
    ],
)  # fmt: skip
def test_a_condition_is_written_as_surveyjs_says_it(when: Data, said: str | None) -> None:
    before = [choice("a", "x", "y"), number("n"), ratio("r"), ladder("l"), multiple("m")]
    data = bank_data() | {"profile": {"questions": [*before, choice("b", "x", "y", when=when)]}}

    *_, question = json.loads(surveyjs_write.write(data).content)["pages"][0]["elements"]

    assert question.get("visibleIf") == said


def test_what_was_written_is_read_back_with_its_keys_choices_and_conditions() -> None:
    data = bank_data()
    data["sections"][0]["domains"][0]["questions"][1]["when"] = {
        "question": "planning", "in": ["level-2", "level-3"]
    }  # fmt: skip

    made = questions(draft(surveyjs.read(surveyjs_write.write(data).content)))

    assert made["security"]["when"] == {"question": "planning", "in": ["level-2", "level-3"]}
    assert [o["key"] for o in made["planning"]["options"]] == [f"level-{n}" for n in range(6)]
    assert made["planning"]["kind"] == "ladder"
    assert made["production-type"]["prompt"] == data["profile"]["questions"][0]["prompt"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"profile": 5, "sections": "x", "outcomes": []},
        {"sections": [{"domains": [{"questions": [{"kind": 5, "options": "x"}, "y"]}]}]},
        {"sections": [{"domains": [{"questions": [
            {"kind": "choice", "options": [{"points": "NaN", "label": {"zh": 5}}, {"points": "x"}]},
            {"kind": "number", "decimals": "x", "minimum": True, "when": {"all": 5}},
            {"kind": "multiple", "none": "n", "options": [{"key": "n"}], "when": {"in": []}},
        ]}]}]},
    ],
)  # fmt: skip
def test_a_draft_with_faults_is_written_as_far_as_it_goes(data: Data) -> None:
    assert json.loads(surveyjs_write.write(data).content)["pages"] is not None


TYPED = {"name": "price", "cellType": "text"}


@pytest.mark.parametrize(
    ("columns", "more", "found"),
    [
        ([TYPED, {"name": "grade"}], {}, {"price": [], "grade": ["1", "2"]}),
        ([{"name": "grade", "cellType": "default"}], {"cellType": "text"}, {"grade": []}),
        ([{"name": "grade", "cellType": "rating", "rateMax": 3}], {}, {"grade": ["1", "2", "3"]}),
        ([{"name": "sort", "cellType": "tagbox", "choices": ["a"]}], {}, {"sort": ["a"]}),
    ],
)
def test_a_column_offers_what_its_cells_offer(
    columns: list[Data], more: Data, found: dict[str, list[str]]
) -> None:
    survey = read(element("matrixdynamic", columns=columns, choices=[1, 2], **more))

    mine = {item.code: [choice.code for choice in item.choices] for item in survey.items()}

    assert mine == {f"q.{name}": choices for name, choices in found.items()}


def test_choices_of_a_table_that_no_column_offers_are_told() -> None:
    choices = [{"value": 1, "text": BOTH}, "b"]
    survey = read(element("matrixdropdown", columns=[TYPED], rows=["r"], choices=choices))

    (loss,) = [each for each in survey.losses.all() if each.facts.get("feature") == "choices"]

    assert loss.facts["value"] == "1, b"
    assert loss.texts == (("1", "Question"), ("1 · zh-cn", "问题"), ("b", "b"))


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, (0, 100, None)),
        ({"min": 5, "max": 20, "step": 0.1}, (5, 20, 1)),
    ],
)
def test_a_slider_is_a_number_between_its_ends(
    given: Data, limits: tuple[int, int, int | None]
) -> None:
    survey = read(element("slider", **given))

    made = questions(draft(survey))["q"]

    assert made["kind"] == "number"
    assert (made["minimum"], made["maximum"], made.get("decimals")) == limits
    assert codes(survey.losses.all())[0] == "loss-kind"


def test_a_slider_with_two_handles_is_a_text() -> None:
    survey = read(element("slider", sliderType="range", max=9))

    assert questions(draft(survey))["q"]["kind"] == "text"
    assert codes(survey.losses.all())[:3] == ["loss-kind", "loss-feature", "loss-feature"]


@pytest.mark.parametrize(("more", "kind"), [({}, "multiple"), ({"multiSelect": False}, "choice")])
def test_the_areas_of_a_picture_are_choices(more: Data, kind: str) -> None:
    areas = [{"value": "hall", "text": BOTH, "coords": "1,2"}, {"value": "yard"}]
    survey = read(element("imagemap", areas=areas, **more))

    made = questions(draft(survey))["q"]

    assert (made["kind"], [each["key"] for each in made["options"]]) == (kind, ["hall", "yard"])
    assert codes(survey.losses.all())[:2] == ["loss-feature", "loss-kind"]


def test_the_language_of_a_definition_is_that_of_its_texts_without_one() -> None:
    survey = read({"type": "text", "name": "q", "title": "Nom"}, locale="fr", title="Bonjour")

    draft(survey)

    told = [loss.facts for loss in survey.losses.all() if loss.code == "loss-language-standing"]
    assert [facts["language"] for facts in told] == ["fr"]
    assert "loss-language-guessed" not in lost(survey)


def test_a_language_that_some_texts_are_tagged_with_is_not_that_of_the_others() -> None:
    survey = read(element("text"), locale="zh-cn")

    assert questions(draft(survey))["q"]["prompt"] == {"zh": "问题", "en": "Question"}
    assert [loss.place for loss in survey.losses.all() if loss.code == "loss-setting"] == ["locale"]


@pytest.mark.parametrize("locale", [5, {"default": "fr"}, ["fr"]])
def test_what_is_no_language_is_told(locale: object) -> None:
    survey = read(element("text"), locale=locale)

    assert [loss.place for loss in survey.losses.all()] == ["locale"]
    assert survey.language == ""


def test_choices_of_another_question_take_the_place_of_the_own_wherever_that_stands() -> None:
    own = [{"value": "item1", "text": BOTH}]
    survey = read(
        element("dropdown", "before", choices=own, choicesFromQuestion="a", showNoneItem=True),
        element("checkbox", "a", choices=["x", "y"], showOtherItem=True),
        element("dropdown", "after", choicesFromQuestion="before"),
        element("dropdown", "nowhere", choices=["kept"], choicesFromQuestion="z"),
        element("dropdown", "itself", choices=["kept"], choicesFromQuestion="itself"),
    )

    mine = {item.code: [choice.code for choice in item.choices] for item in survey.items()}

    assert mine["before"] == ["x", "y", "none"]
    assert mine["after"] == ["x", "y"]
    assert mine["nowhere"] == mine["itself"] == ["kept"]
    (loss,) = [each for each in survey.losses.all() if each.facts.get("feature") == "choices"]
    assert loss.texts == (("item1", "Question"), ("item1 · zh-cn", "问题"))


@pytest.mark.parametrize("kind", ["matrixdropdown", "matrixdynamic", "multipletext"])
def test_a_table_without_columns_or_lines_stays_as_a_text(kind: str) -> None:
    survey = read(element(kind, rows=[{"value": "r", "text": BOTH}]))

    made = questions(draft(survey))["q"]

    assert (made["kind"], made["prompt"]) == ("text", {"zh": "问题", "en": "Question"})
    assert "Question" in [text for loss in survey.losses.all() for _place, text in loss.texts]
