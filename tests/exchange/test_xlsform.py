"""Any XLSForm becomes a draft: codes, languages, choices and conditions, and what was lost."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform

from survey.exchange import form_tables, xlsform
from survey.exchange.foreign import Item, NotReadable
from survey.exchange.xlsx import BadWorkbook, LockedWorkbook
from tests.foreign_files import (
    HEADS,
    YES_NO,
    a_form,
    a_workbook_form,
    codes,
    draft,
    faults,
    lost,
    questions,
)


def test_groups_questions_choices_and_both_languages_are_carried_over() -> None:
    made = draft(
        a_form(
            ("begin_group", "plant", "Plant", "工厂"),
            ("select_one yn", "erp", "Is there an ERP?", "有ERP吗？"),
            ("integer", "machines", "Machines", "设备数"),
            ("end_group",),
        )
    )

    (section,) = made["sections"]
    assert section["title"] == {"zh": "工厂", "en": "Plant"}
    assert questions(made)["erp"]["options"] == [
        {"key": "yes", "label": {"zh": "是", "en": "Yes"}},
        {"key": "no", "label": {"zh": "否", "en": "No"}},
    ]
    assert questions(made)["machines"]["prompt"] == {"zh": "设备数", "en": "Machines"}


@pytest.mark.parametrize(
    "heads",
    [
        ("type", "name", "label::English (en)", "label::中文 (zh)"),
        ("type", "name", "label::English", "label::中文"),
        ("type", "name", "label:English", "label:Chinese"),
        ("type", "name", "label::en", "label::zh-CN"),
        ("Type", "Name", "Label::English", "Label::Chinese (zh)"),
        ("command", "tag", "caption::English", "caption::简体中文"),
        ("type", "name", "label", "label::zh"),
    ],
)
def test_columns_of_every_style_are_read(heads: tuple[str, ...]) -> None:
    made = draft(a_form(("text", "firm", "Name", "名称"), heads=heads))

    assert questions(made)["firm"]["prompt"] == {"zh": "名称", "en": "Name"}


def test_a_text_without_a_language_is_told_by_its_script() -> None:
    form = a_form(("text", "a", "名称"), ("text", "b", "Name"), heads=("type", "name", "label"))

    made = draft(form)

    assert questions(made)["a"]["prompt"] == {"zh": "名称"}
    assert questions(made)["b"]["prompt"] == {"en": "Name"}
    assert codes(form.losses.all()) == ["loss-language-guessed"]


def test_other_languages_are_counted_and_kept_in_the_report() -> None:
    heads = (*HEADS[:4], "label::Français (fr)", "label::Español (es)")
    form = a_form(
        ("text", "a", "One", "一", "Un"), ("text", "b", "Two", "二", "Deux", "Dos"), heads=heads
    )

    draft(form)

    lost_words = {dict(loss.facts)["language"]: loss.texts for loss in form.losses.all()[:2]}
    assert lost_words == {
        "fr": (("survey!B2", "Un"), ("survey!B3", "Deux")),
        "es": (("survey!B3", "Dos"),),
    }


def test_a_form_in_neither_of_our_languages_keeps_its_words_in_the_draft() -> None:
    form = a_form(
        ("text", "a", "Nom"), heads=("type", "name", "label::French"), choices=[("list_name",)]
    )

    made = draft(form)

    assert questions(made)["a"]["prompt"] == {"en": "Nom"}
    assert "loss-language-standing" in codes(form.losses.all())


@pytest.mark.parametrize(
    ("relevant", "when"),
    [
        ("${erp} = 'yes'", {"question": "erp", "in": ["yes"]}),
        ("${erp}='yes' or ${erp}='no'", {"any": [{"question": "erp", "in": ["yes"]},
                                                 {"question": "erp", "in": ["no"]}]}),
        ("${erp} != 'yes'", {"not": {"question": "erp", "in": ["yes"]}}),
        ("selected(${many}, 'no')", {"question": "many", "in": ["no"]}),
        ("not(selected(${many}, 'no'))", {"not": {"question": "many", "in": ["no"]}}),
        ("${n} >= 5", {"question": "n", "at_least": 5}),
        ("${n} > 5", {"question": "n", "at_least": 6}),
        ("5 < ${n}", {"question": "n", "at_least": 6}),
        ("${d} > 0.5", {"question": "d", "at_least": "0.51"}),
        ("${n} < 5", {"all": [{"question": "n", "at_least": 0},
                              {"not": {"question": "n", "at_least": 5}}]}),
        ("${n} = 5", {"all": [{"question": "n", "at_least": 5},
                              {"not": {"question": "n", "at_least": 6}}]}),
        ("${n} != ''", {"question": "n", "at_least": 0}),
        ("${erp} != ''", {"question": "erp", "in": ["yes", "no"]}),
        ("count-selected(${many}) > 0", {"question": "many", "in": ["yes", "no"]}),
        ("${level} >= 2", {"question": "level", "in": ["2", "3"]}),
        ("${erp} = 'yes' and (${n} >= 5 and true())", {"all": [{"question": "erp", "in": ["yes"]},
                                                      {"question": "n", "at_least": 5}]}),
        ("number(${n}) >= 5", {"question": "n", "at_least": 5}),
        ("selected(${many}, 'no') = 'true'", {"question": "many", "in": ["no"]}),
    ],
)  # fmt: skip
def test_a_condition_of_the_usual_forms_keeps_its_meaning(
    relevant: str, when: dict[str, Any]
) -> None:
    levels = [("list_name", "name", "label"), ("l", "1", "A"), ("l", "2", "B"), ("l", "3", "C")]
    listed = [*YES_NO, *(("l", name, label, "") for _, name, label in levels[1:])]
    form = a_form(
        ("select_one yn", "erp", "A", "甲"),
        ("select_multiple yn", "many", "B", "乙"),
        ("integer", "n", "C", "丙"),
        ("decimal", "d", "D", "丁"),
        ("select_one l", "level", "E", "戊"),
        ("text", "last", "F", "己", relevant),
        choices=listed,
    )

    made = draft(form)

    assert questions(made)["last"]["when"] == when
    assert "loss-condition" not in codes(form.losses.all())


@pytest.mark.parametrize(
    ("relevant", "loss"),
    [
        ("${n} + 1 > 4", "loss-condition"),
        ("regex(${t}, '^a')", "loss-condition"),
        ("${t} = 'x'", "loss-condition"),
        ("${nobody} = 'x'", "loss-condition"),
        ("${erp} = 'maybe'", "loss-condition"),
        ("((((", "loss-condition"),
        ("${later} = 'yes'", "loss-condition-ahead"),
        ("${last} = 'yes'", "loss-condition-ahead"),
        ("false()", "loss-condition-never"),
        ("(" * 200 + "${n} > 1" + ")" * 200, "loss-condition"),
    ],
)
def test_a_condition_that_cannot_be_said_is_a_loss_with_its_words(relevant: str, loss: str) -> None:
    form = a_form(
        ("select_one yn", "erp", "A", "甲"),
        ("integer", "n", "B", "乙"),
        ("text", "t", "C", "丙"),
        ("select_one yn", "last", "D", "丁", relevant),
        ("select_one yn", "later", "E", "戊"),
    )

    made = draft(form)

    assert "when" not in questions(made)["last"]
    (found,) = [each for each in form.losses.all() if each.code.startswith("loss-condition")]
    assert (found.code, found.place) == (loss, "survey!B5")
    assert str(found.facts["condition"])[:4] == relevant[:4]


def test_a_circle_of_conditions_leaves_both_questions_asked() -> None:
    form = a_form(
        ("select_one yn", "a", "A", "甲", "${b} = 'yes'"),
        ("select_one yn", "b", "B", "乙", "${a} = 'yes'"),
    )

    made = draft(form)

    assert "when" not in questions(made)["a"]
    assert questions(made)["b"]["when"] == {"question": "a", "in": ["yes"]}
    assert codes(form.losses.all()) == ["loss-condition-ahead"]


def test_the_condition_of_a_group_holds_for_each_of_its_questions() -> None:
    made = draft(
        a_form(
            ("select_one yn", "erp", "A", "甲"),
            ("begin group", "g", "G", "组", "${erp} = 'yes'"),
            ("integer", "n", "B", "乙"),
            ("text", "t", "C", "丙", "${n} > 1"),
            ("end group",),
        )
    )

    held = {"question": "erp", "in": ["yes"]}
    assert questions(made)["n"]["when"] == held
    assert questions(made)["t"]["when"] == {"all": [held, {"question": "n", "at_least": 2}]}


@pytest.mark.parametrize(
    ("constraint", "limits"),
    [
        (". >= 0 and . <= 100", (0, 100)),
        (". > 0 and . < 100", (1, 99)),
        ("0 <= . and 100 >= .", (0, 100)),
        (".>=5", (5, 999_999_999)),
    ],
)
def test_a_constraint_becomes_the_limits_of_a_number(
    constraint: str, limits: tuple[int, int]
) -> None:
    heads = ("type", "name", "label::English", "label::中文", "constraint")
    form = a_form(("integer", "n", "N", "数", constraint), heads=heads)

    made = questions(draft(form))["n"]

    assert (made["minimum"], made["maximum"]) == limits
    assert lost(form) == []


@pytest.mark.parametrize(
    "constraint", [". mod 2 = 0", ". >= 1 or . = 0", ". <= ${n}", "((", ". = 3"]
)
def test_any_other_constraint_is_a_loss(constraint: str) -> None:
    heads = ("type", "name", "label::English", "label::中文", "constraint")

    assert "loss-constraint" in lost(a_form(("integer", "n", "N", "数", constraint), heads=heads))


def test_length_and_pattern_of_a_text_are_carried_over() -> None:
    heads = ("type", "name", "label::English", "label::中文", "constraint")
    said = "string-length(.) <= 50 and regex(., '^[a-z]+$')"

    made = questions(draft(a_form(("text", "t", "T", "文", said), heads=heads)))["t"]

    assert (made["maximum_length"], made["pattern"]) == (50, "^[a-z]+$")


@pytest.mark.parametrize(
    ("required", "expected"),
    [
        ("yes", True),
        ("true()", True),
        ("TRUE", True),
        ("no", False),
        ("", False),
        ("false()", False),
    ],
)
def test_required_is_carried_over(required: str, expected: object) -> None:
    heads = ("type", "name", "label::English", "label::中文", "required")
    form = a_form(("text", "t", "T", "文", required), heads=heads)

    assert questions(draft(form))["t"].get("required", False) is expected
    assert lost(form) == []


@pytest.mark.parametrize(
    ("row", "loss"),
    [
        (("geopoint", "q", "Q", "问"), "loss-kind"),
        (("image", "q", "Q", "问"), "loss-kind"),
        (("date", "q", "Q", "问"), "loss-kind"),
        (("rank yn", "q", "Q", "问"), "loss-kind"),
        (("acknowledge", "q", "Q", "问"), "loss-kind"),
        (("holograph", "q", "Q", "问"), "loss-kind-unknown"),
        (("select_one nowhere", "q", "Q", "问"), "loss-list-missing"),
        (("select_one_from_file towns.csv", "q", "Q", "问"), "loss-list-missing"),
        (("calculate", "q"), "loss-unseen"),
        (("start", "q"), "loss-unseen"),
        (("text", "", "Q", "问"), "loss-no-code"),
        (("", "q", "Q", "问"), "loss-row"),
        (("end group",), "loss-group-end"),
        (("begin group", "g", "G", "组"), "loss-group-open"),
        (("begin repeat", "r", "R", "重复"), "loss-repeat"),
        (("text", "q", "Hello ${name}", "你好"), "loss-piping"),
        (("text", "q", "<script>x()</script>Q", "问"), "loss-markup"),
        (("text", "q_1", "Q", "问"), "loss-code"),
        (("text", "first", "Q", "问"), "loss-code-twice"),
        (("note", "n", "Read this", "请阅读"), "loss-note"),
    ],
)
def test_what_there_is_no_place_for_is_a_loss(row: tuple[str, ...], loss: str) -> None:
    form = a_form(("text", "first", "F", "首"), row)

    assert loss in lost(form)


def test_every_column_and_sheet_that_is_not_carried_over_is_named() -> None:
    heads = (*HEADS[:4], "media::image::en", "appearance", "default", "comment")
    form = a_form(
        ("text", "t", "T", "文", "a.png", "multiline", "x", "by hand"),
        heads=heads,
        choices=[(*YES_NO[0], "region"), ("yn", "yes", "Yes", "是", "north")],
        settings=[("form_title", "form_id", "style"), ("My form", "my_form", "pages")],
        entities=[("dataset",), ("trees",)],
    )

    found = [(loss.code, loss.place) for loss in form.losses.all()]

    assert found == [
        ("loss-sheet", "entities"),
        ("loss-setting", "settings!B2"),
        ("loss-column", "settings!C1"),
        ("loss-column", "choices!E1"),
        ("loss-feature", "survey!F2"),
        ("loss-feature", "survey!G2"),
        ("loss-media", "survey!E2"),
        ("loss-column", "survey!H1"),
        ("loss-list-unused", "choices!A2"),
    ]


def test_or_other_adds_the_choice_and_the_text_as_a_converter_does() -> None:
    made = questions(draft(a_form(("select_multiple yn or_other", "q", "Q", "问"))))

    assert [option["key"] for option in made["q"]["options"]] == ["yes", "no", "other"]
    assert made["q-other"]["when"] == {"question": "q", "in": ["other"]}


def test_codes_that_are_no_keys_get_one_and_stay_in_the_source() -> None:
    form = a_form(
        ("text", "Energy_Use", "A", "甲"),
        ("text", "energy-use", "B", "乙"),
        ("text", "能耗", "C", "丙"),
        ("text", "x" * 90, "D", "丁"),
    )

    made = questions(draft(form))

    keys = list(made)
    assert keys[:2] == ["energy-use", "energy-use-2"]
    assert keys[2].startswith("q-")
    assert keys[3] == "x" * 60
    assert made["energy-use"]["source"] == "XLSForm: Energy_Use"
    assert faults(draft(form)) == {"bank-too-few"}


def test_only_a_hundred_choices_are_taken_and_the_others_named() -> None:
    many = [("list_name", "name", "label::English", "label::中文")]
    many += [("l", f"c{n}", f"C {n}", f"选项{n}") for n in range(10_000)]
    form = a_form(("select_one l", "q", "Q", "问"), choices=many)

    made = questions(draft(form))["q"]

    assert len(made["options"]) == 100
    (cut,) = [loss for loss in form.losses.all() if loss.code == "loss-choices-cut"]
    assert (cut.facts["count"], str(cut.facts["codes"])[:8]) == (9_900, "c100, c1")


def test_groups_without_end_inside_each_other_are_survived() -> None:
    deep = [("begin group", f"g{n}", f"G{n}", f"组{n}") for n in range(2000)]

    form = a_form(*deep, ("text", "t", "T", "文"))

    assert list(questions(draft(form))) == ["t"]
    assert "loss-group-flattened" in codes(form.losses.all())


def test_many_questions_may_share_one_long_list() -> None:
    many = [("list_name", "name", "label::English", "label::中文")]
    many += [("l", f"c{n}", f"C {n}", f"选项{n}") for n in range(2_000)]
    form = a_form(*(("select_one l", f"q{n}", "Q", "问") for n in range(100)), choices=many)

    assert len(questions(draft(form))) == 100


def test_questions_before_the_first_group_are_the_profile() -> None:
    made = draft(
        a_form(
            ("select_one yn", "erp", "A", "甲"),
            ("begin_group", "g", "G", "组"),
            ("text", "t", "B", "乙"),
            ("end_group",),
        )
    )

    assert [each["key"] for each in made["profile"]["questions"]] == ["erp"]
    assert faults(made) == set()


def test_a_form_gives_the_same_draft_twice() -> None:
    form = a_form(
        ("select_one yn", "erp", "A", "甲"),
        ("begin_group", "page", "Page", "页"),
        ("note", "intro", "About", "说明"),
        ("begin_group", "one", "One", "一"),
        ("begin_group", "deep", "Deep", "深", "${erp} = 'yes'"),
        ("text", "b", "B", "乙", "${erp} != 'no'"),
    )

    assert draft(form) == draft(form)


def test_groups_inside_groups_become_domains_and_deeper_ones_are_told() -> None:
    form = a_form(
        ("begin_group", "page", "Page", "页"),
        ("note", "intro", "About this page", "本页说明"),
        ("begin_group", "one", "One", "一"),
        ("text", "a", "A", "甲"),
        ("begin_group", "deep", "Deep", "深"),
        ("text", "b", "B", "乙"),
        ("end_group",),
        ("end_group",),
        ("begin_group", "two", "Two", "二"),
        ("text", "c", "C", "丙"),
        ("end_group",),
        ("end_group",),
    )

    (section,) = draft(form)["sections"]

    found = [(d["key"], [q["key"] for q in d["questions"]]) for d in section["domains"]]
    assert found == [("one", ["a", "b"]), ("two", ["c"])]
    assert section["summary"] == {"zh": "本页说明", "en": "About this page"}
    assert codes(form.losses.all()) == ["loss-note-summary", "loss-group-flattened"]


# ------------------------------------------------------------- the file itself


def test_a_workbook_is_read_with_numbers_truths_and_formulas_as_they_stand() -> None:
    content = a_workbook_form(
        ("select_one l", "q", "Q", "问"),
        ("integer", "n", "=1+1", "数", True),
        heads=(*HEADS[:4], "required"),
        choices=[YES_NO[0], ("l", 1, "One", "一"), ("l", 2.5, "More", "更多"), ("l", True, 3, 4)],
    )

    form = xlsform.read(content)
    made = questions(draft(form))

    assert [choice.code for choice in next(form.items()).choices] == ["1", "2.5", "TRUE"]
    assert made["n"]["required"] is True
    assert ("loss-cell", "survey!C3") in [(each.code, each.place) for each in form.losses.all()]


def test_a_form_as_csv_is_read() -> None:
    lines = (
        "survey,,,\n,type,name,label::English (en)\n,text,firm,Name\n,select_one yn,q,Q\n"
        "choices,,,\n,list_name,name,label::English (en)\n,yn,yes,Yes\n,yn,no,No\n"
    )

    form = xlsform.read(lines.encode())

    assert [(item.code, len(item.choices)) for item in form.items()] == [("firm", 0), ("q", 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 cut off", "workbook-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook-unreadable"),
        (b"\xff\xfe\x00\x01", "foreign-not-a-form"),
        (b"nothing of a form", "foreign-no-survey"),
        (b"", "foreign-no-survey"),
        (b"a\x00b", "foreign-not-a-form"),
        (b"x" * (9 * 1024 * 1024), "foreign-too-large"),
    ],
)
def test_a_file_that_is_no_form_is_refused(content: bytes, code: str) -> None:
    with pytest.raises((NotReadable, BadWorkbook)) as refused:
        xlsform.read(content)

    assert refused.value.code == code


def test_a_locked_workbook_is_refused() -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")

    with pytest.raises(LockedWorkbook):
        xlsform.read(content)


def test_a_workbook_without_a_sheet_of_questions_is_refused() -> None:
    with pytest.raises(NotReadable) as refused:
        xlsform.of_tables([form_tables.of_rows("Sheet1", [("a", "b"), ("c", "d")])])

    assert refused.value.code == "foreign-no-survey"


# ------------------------------------------------------ beside another's reading


def test_codes_languages_and_choices_are_those_that_pyxform_reads() -> None:
    heads = (*HEADS[:4], "label::Français (fr)", "relevant", "hint::English (en)")
    content = a_workbook_form(
        ("begin_group", "plant", "Plant", "工厂", "Usine"),
        ("select_one yn", "has_erp", "ERP?", "有ERP吗？", "ERP ?", None, "Any system"),
        ("begin_repeat", "line", "Line", "产线", "Ligne"),
        ("select_multiple kinds", "kinds_of", "Kinds", "种类", "Types", "${has_erp} = 'yes'"),
        ("decimal", "share", "Share", "占比", "Part"),
        ("end_repeat",),
        ("note", "thanks", "Thank you", "谢谢", "Merci"),
        ("end_group",),
        ("dateTime", "When_1", "When", "何时", "Quand"),
        heads=heads,
        choices=[
            (
                "list_name",
                "name",
                "label::English (en)",
                "label::中文 (zh)",
                "label::Français (fr)",
            ),
            ("yn", "yes", "Yes", "是", "Oui"),
            ("yn", "no", "No", "否", "Non"),
            ("kinds", 1, "One", "一", "Un"),
            ("kinds", 2, "Two", "二", "Deux"),
        ],
    )

    workbook = get_xlsform(BytesIO(content))
    reference = dict(_read_by_pyxform(workbook_to_json(workbook, form_name="form")))
    mine = {item.code: _told(item) for item in xlsform.read(content).items()}

    assert mine == reference


_TAGS = {"en": "English (en)", "zh": "中文 (zh)", "fr": "Français (fr)"}


def _told(item: Item) -> dict[str, Any]:
    """An item in the words of pyxform."""
    label = {_TAGS[tag]: words for tag, words in item.labels.items()}
    choices = [
        (choice.code, {_TAGS[tag]: words for tag, words in choice.labels.items()})
        for choice in item.choices
    ]
    return {"label": label, "choices": choices}


def _read_by_pyxform(part: dict[str, Any], lists: Any = None) -> Any:
    lists = lists if lists is not None else part.get("choices", {})
    for child in part.get("children", ()):
        if child["type"] in {"group", "repeat"}:
            yield from _read_by_pyxform(child, lists)
            continue
        if child["name"] == "instanceID":
            continue
        listed = lists.get(child.get("itemset", child.get("list_name", "")), ())
        choices = [(choice["name"], choice["label"]) for choice in listed]
        yield child["name"], {"label": child["label"], "choices": choices}


# ----------------------------------------------------------------- whatever comes

_CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "text",
            "select_one yn",
            "select_multiple yn or_other",
            "begin group",
            "end group",
            "note",
            "begin repeat",
            "integer",
            "rank yn",
            "${a} = 'yes'",
            "${b} > 3 and not(${a} = 'no')",
            "a",
            "b",
            "a",
            "yes",
            "<b>x</b>",
            "<script>",
            "名称",
            ". > 3",
            "true()",
            "",
            " ",
            "calculate",
            "range",
            "start=1 end=x step=0",
            "\x00",
            "x" * 5000,
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_CELLS, max_size=9), max_size=25), st.lists(_CELLS, max_size=6))
def test_any_cells_at_all_give_a_draft_with_losses(
    rows: list[list[str | None]], more: list[str | None]
) -> None:
    heads = ["type", "name", "label", "label::zh", "relevant", "constraint", "required",
             "parameters", "media::image"]  # fmt: skip
    form = a_form(*rows, heads=heads, settings=[["form_title", "form_id"], more])

    made = draft(form)

    keys = list(questions(made))
    assert len(keys) == len(set(keys))
    assert not faults(made) & {"bank-bad-key", "bank-duplicate-key", "bank-unknown-key"}


def test_a_condition_on_several_lines_is_told_on_one() -> None:
    heads = (*HEADS, "constraint")
    form = a_form(
        ("text", "q", "Name", "名称", "today() >\n  date('2020-01-01')", "once(.)\n= 1"),
        heads=heads,
    )

    draft(form)

    said = {loss.code: loss.facts for loss in form.losses.all()}
    assert said["loss-condition"]["condition"] == "today() > date('2020-01-01')"
    assert said["loss-constraint"]["constraint"] == "once(.) = 1"


@pytest.mark.parametrize(
    ("code", "found"), [("plant-check", []), ("Plant_Check 2", ["Plant_Check 2"])]
)
def test_the_code_of_a_form_that_is_no_key_is_told(code: str, found: list[str]) -> None:
    form = a_form(("text", "q", "Name", "名称"), settings=[("form_id",), (code,)])

    told = [loss.facts["value"] for loss in form.losses.all() if loss.code == "loss-setting"]

    assert told == found
