"""A bank's workbook with faults: every one with its sheet, row and column, all at once."""

import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from survey.exchange import bank_formats, bank_xlsx_read, bank_xlsx_write, xlsx, yaml_bank
from survey.exchange.bank_parts import Read
from tests.builders import (
    bank_data,
    choice,
    domain,
    ladder,
    matrix,
    number,
    ratio,
    section,
    words,
    yes_no,
)

LARGE = Path(__file__).parents[2] / "questionnaires" / "manufacturing-transformation" / "4.yaml"
Change = Callable[[Workbook], None]


def a_book(**changes: Any) -> Workbook:
    return a_book_of(bank_data(**changes))


def a_book_of(data: dict[str, Any]) -> Workbook:
    return load_workbook(BytesIO(bank_xlsx_write.write(data).content))


def saved(book: Workbook) -> bytes:
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def read(book: Workbook) -> Read:
    return bank_xlsx_read.taken(xlsx.looked_into(saved(book)), "bank.xlsx")


def found(book: Workbook) -> list[tuple[str, str]]:
    """Place and code of every problem."""
    return [(problem.place, problem.code) for problem in read(book).problems]


def row_of(sheet: Worksheet, name: str, column: str = "B") -> int:
    return next(number for number, cell in enumerate(sheet[column], 1) if cell.value == name)


def letter_of(sheet: Worksheet, header: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == header)


def put(sheet: Worksheet, header: str, row: int, value: Any) -> str:
    """Write a cell; its place as a problem names it."""
    cell = f"{letter_of(sheet, header)}{row}"
    sheet[cell] = value
    return f"{sheet.title}!{cell} ({header})"


def test_five_planted_faults_are_told_at_once_each_where_it_is() -> None:
    book = a_book()
    survey, advice = book["survey"], book["advice"]
    years, planning = row_of(survey, "years"), row_of(survey, "planning")
    places = [
        (put(survey, "type", years, "barcode"), "workbook-unknown-type"),
        (put(survey, "weight", planning, "heavy"), "workbook-cell-number"),
        (put(survey, "label::English (en)", planning, None), "bank-missing-language"),
        (put(advice, "question", 2, "nothing"), "workbook-of-no-question"),
        (put(advice, "to", 3, "=1+1"), "workbook-formula"),
    ]

    told = read(book)

    assert told.document is None
    assert set(places) <= {(problem.place, problem.code) for problem in told.problems}
    first = next(p for p in told.problems if p.code == "workbook-cell-number")
    assert first.facts["sheet"] == "survey"
    assert first.facts["row"] == planning
    assert first.facts["column"] == letter_of(survey, "weight")
    assert first.facts["header"] == "weight"


@pytest.mark.parametrize("title", ["survey", "choices", "settings", "bank", "advice", "levels"])
def test_a_missing_sheet_is_named(title: str) -> None:
    book = a_book()
    del book[title]

    assert found(book) == [(title, "workbook-no-sheet")]


def test_a_missing_sheet_comes_first_and_what_is_wrong_by_itself_is_told_as_well() -> None:
    book = a_book()
    survey = book["survey"]
    del book["advice"]
    places = [
        put(survey, "label::English (en)", row_of(survey, "planning"), None),
        put(survey, "weight", row_of(survey, "planning"), "heavy"),
    ]

    told = found(book)

    assert told[0] == ("advice", "workbook-no-sheet")
    assert {place for place, _ in told[1:]} == set(places)


def test_no_sheet_of_a_large_bank_takes_others_with_it() -> None:
    data, _ = yaml_bank.read(LARGE.read_bytes())
    content = bank_xlsx_write.write(data).content
    for title in ("survey", "choices", "bands", "levels", "roles", "glossary", "sources"):
        book = load_workbook(BytesIO(content))
        del book[title]

        assert found(book) == [(title, "workbook-no-sheet")]


def test_columns_that_are_missing_unknown_or_there_twice_are_named() -> None:
    book = a_book()
    survey = book["survey"]
    survey[f"{letter_of(survey, 'source')}1"] = "sorce"
    survey[f"{letter_of(survey, 'code')}1"] = "kind"
    last = survey.max_column + 1
    survey.cell(1, last).value = "zzzzzzzzzzzzzzzzzzzzz"
    survey.cell(2, last + 1).value = "lost"

    codes = {code for _, code in found(book)}

    assert {
        "workbook-no-column",
        "workbook-unknown-column",
        "workbook-two-columns",
        "workbook-column-unlike-any",
        "workbook-no-header",
    } <= codes


def test_merged_cells_and_formulas_are_refused() -> None:
    book = a_book()
    book["survey"].merge_cells("E3:F3")
    place = put(book["survey"], "hint::English (en)", 2, '="a"&"b"')

    told = found(book)

    assert ("survey!E3", "workbook-merged") in told
    assert (place, "workbook-formula") in told


def test_two_questions_with_one_key_are_told_at_the_second() -> None:
    book = a_book()
    survey = book["survey"]
    row = row_of(survey, "years")
    place = put(survey, "name", row, "planning")

    told = read(book)

    assert any(problem.place == place for problem in told.problems)


def test_a_circular_condition_is_told_where_it_stands() -> None:
    first = ladder("first", when={"question": "second", "in": ["level-1"]})
    second = ladder("second", when={"question": "first", "in": ["level-1"]})
    book = load_workbook(
        BytesIO(
            bank_xlsx_write.write(bank_data(section("a", "A", domain("b", first, second)))).content
        )
    )
    survey = book["survey"]

    told = read(book)

    relevant = f"survey!{letter_of(survey, 'relevant')}{row_of(survey, 'first')} (relevant)"
    assert told.document is not None
    assert relevant in {problem.place for problem in told.problems}


def test_a_language_without_any_label_is_told_for_each_and_may_be_a_draft() -> None:
    book = a_book()
    survey = book["survey"]
    letter = letter_of(survey, "label::English (en)")
    for cell in survey[letter][1:]:
        cell.value = None

    told = read(book)

    assert told.document is not None
    places = [p.place for p in told.problems if p.code == "bank-missing-language"]
    assert len(places) > 5
    assert all(f"!{letter}" in place for place in places)


STRUCTURE: list[tuple[str, Change, str]] = []


def _structure(code: str) -> Callable[[Change], Change]:
    def listed(change: Change) -> Change:
        STRUCTURE.append((change.__name__, change, code))
        return change

    return listed


@_structure("workbook-group-open")
def a_group_without_an_end(book: Workbook) -> None:
    survey = book["survey"]
    survey.delete_rows(survey.max_row)


@_structure("workbook-group-not-open")
def an_end_without_a_group(book: Workbook) -> None:
    book["survey"].append(["end group"])


@_structure("workbook-question-here")
def a_question_outside_of_all_groups(book: Workbook) -> None:
    book["survey"].append(["text", "lost", "text"])


@_structure("workbook-no-list")
def a_list_that_is_not_there(book: Workbook) -> None:
    survey = book["survey"]
    survey[f"A{row_of(survey, 'planning')}"] = "select_one nowhere"


@_structure("workbook-list-unused")
def a_list_that_nobody_uses(book: Workbook) -> None:
    book["choices"].append(["nobody", "a", "甲", "A"])


@_structure("workbook-no-list-name")
def an_option_without_a_list(book: Workbook) -> None:
    book["choices"].append([None, "a", "甲", "A"])


@_structure("workbook-type-of-kind")
def a_type_that_is_not_of_the_kind(book: Workbook) -> None:
    survey = book["survey"]
    survey[f"A{row_of(survey, 'years')}"] = "text"


@_structure("workbook-group-kind")
def a_group_without_a_kind(book: Workbook) -> None:
    survey = book["survey"]
    put(survey, "kind", row_of(survey, "share"), None)


@_structure("workbook-group-here")
def a_group_inside_a_question(book: Workbook) -> None:
    survey = book["survey"]
    survey[f"A{row_of(survey, 'row_erp')}"] = "begin group"


@_structure("workbook-unknown-figure")
def a_row_that_a_ratio_has_not(book: Workbook) -> None:
    survey = book["survey"]
    survey[f"B{row_of(survey, 'numerator_share')}"] = "third_share"


@_structure("workbook-two-lists")
def rows_with_two_lists(book: Workbook) -> None:
    survey = book["survey"]
    survey[f"A{row_of(survey, 'row_mes')}"] = "select_one planning"


@_structure("workbook-calculate")
def a_calculation_of_ones_own(book: Workbook) -> None:
    book["survey"].append(["calculate", "sum"])


@_structure("workbook-page-twice")
def the_profile_twice(book: Workbook) -> None:
    book["survey"].append(["begin group", "page_profile"])
    book["survey"].append(["end group"])


@_structure("workbook-not-in-this-row")
def a_unit_of_a_section(book: Workbook) -> None:
    survey = book["survey"]
    put(survey, "better", row_of(survey, "section_everything"), "higher")


@_structure("workbook-one-row")
def settings_in_two_rows(book: Workbook) -> None:
    book["settings"].append(["Another"])


@_structure("workbook-unknown-fact")
def a_field_that_there_is_not(book: Workbook) -> None:
    book["bank"].append(["colour", "blue"])


@_structure("workbook-fact-twice")
def a_field_twice(book: Workbook) -> None:
    book["bank"].append(["minutes", 5])


@_structure("workbook-of-nothing")
def a_share_of_no_distribution(book: Workbook) -> None:
    book["distribution_shares"].append(["nothing", "甲", "A", 5])


@_structure("workbook-of-no-statement")
def a_remedy_of_no_statement(book: Workbook) -> None:
    book["advice"].append(["conditions", "nothing"])


@_structure("workbook-expression")
def a_condition_that_nobody_understands(book: Workbook) -> None:
    survey = book["survey"]
    put(survey, "relevant", row_of(survey, "years"), "${planning} is good")


@_structure("workbook-expression-limits")
def limits_that_nobody_understands(book: Workbook) -> None:
    survey = book["survey"]
    put(survey, "constraint", row_of(survey, "years"), "between 1 and 2")


@_structure("workbook-cell-whole")
def half_minutes(book: Workbook) -> None:
    sheet = book["bank"]
    sheet[f"B{row_of(sheet, 'minutes', 'A')}"] = "2,5"


@_structure("workbook-cell-yes-no")
def perhaps(book: Workbook) -> None:
    survey = book["survey"]
    put(survey, "required", row_of(survey, "years"), "perhaps")


@_structure("workbook-cell-percent")
def a_percentage(book: Workbook) -> None:
    survey = book["survey"]
    place = put(survey, "weight", row_of(survey, "years"), 0.5)
    survey[place.partition("!")[2].partition(" ")[0]].number_format = "0%"


@_structure("workbook-cell-broken")
def an_error_value(book: Workbook) -> None:
    survey = book["survey"]
    place = put(survey, "weight", row_of(survey, "years"), "#N/A")
    survey[place.partition("!")[2].partition(" ")[0]].data_type = "e"


@_structure("workbook-rest")
def a_rest_that_nobody_understands(book: Workbook) -> None:
    sheet = book.create_sheet("rest")
    sheet.append(["place", "before", "after"])
    sheet.append(["{", "", ""])


@pytest.mark.parametrize(
    ("change", "code"), [(change, code) for _, change, code in STRUCTURE],
    ids=[name for name, _, _ in STRUCTURE],
)  # fmt: skip
def test_each_fault_is_told_and_nothing_is_taken(change: Change, code: str) -> None:
    book = a_book()
    change(book)

    told = read(book)

    assert code in {problem.code for problem in told.problems}
    assert told.document is None


def test_weights_for_all_and_for_each_case_contradict_each_other() -> None:
    weights = {"discrete": 1, "process": 2, "mixed": 3}
    data = bank_data(
        section("a", "A", domain("b", ladder("x"), weight=weights)), weigh_by="production-type"
    )
    book = load_workbook(BytesIO(bank_xlsx_write.write(data).content))
    survey = book["survey"]
    put(survey, "weight", row_of(survey, "domain_b"), 5)

    assert "workbook-two-weights" in {code for _, code in found(book)}


def test_a_sheet_of_somebody_s_own_is_left_and_said() -> None:
    book = a_book()
    book.create_sheet("my own").append(["text"])

    told = read(book)

    assert [(loss.code, loss.place) for loss in told.losses] == [
        ("workbook-sheet-not-read", "my own")
    ]
    assert told.document is not None


def test_what_a_person_has_changed_holds_against_the_rest() -> None:
    data = bank_data()
    data["title"] = {"zh": "标题", "en": ""}
    book = load_workbook(BytesIO(bank_xlsx_write.write(data).content))
    book["settings"]["B2"] = "Title"

    told = read(book)

    assert told.document is not None
    assert told.document["title"] == {"zh": "标题", "en": "Title"}


def test_a_plain_form_needs_only_types_where_kinds_are_left_out() -> None:
    extra = domain(
        "more", ladder("planning"), number(), ratio(), matrix(), yes_no(), choice("size", "a", "b")
    )
    data = bank_data(section("everything", "A", extra))
    book = load_workbook(BytesIO(bank_xlsx_write.write(data).content))
    survey = book["survey"]
    for name in ("planning", "years", "size"):
        put(survey, "kind", row_of(survey, name), None)

    told = read(book)

    assert told.document == data


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "workbook-other-format"),
        (b"PK\x03\x04 broken", "workbook-unreadable"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "workbook-password",
        ),
        (b"PK" + b"x" * (5 * 1024 * 1024), "workbook-too-large"),
        (b"\0" * 100, "workbook-other-format"),
    ],
)
def test_what_is_no_workbook_is_refused_with_its_reason(content: bytes, code: str) -> None:
    told = bank_formats.read(content, "bank.xlsx")

    assert told.document is None
    assert [problem.code for problem in told.problems] == [code]


def test_a_truncated_workbook_is_refused() -> None:
    content = saved(a_book())

    told = bank_formats.read(content[: len(content) // 2], "bank.xlsx")

    assert [problem.code for problem in told.problems] == ["workbook-unreadable"]


def test_a_million_rows_are_refused() -> None:
    book = Workbook(write_only=True)
    for title in ("survey", "bank", "advice"):
        sheet = book.create_sheet(title)
        for number_ in range(40_000):
            sheet.append([number_, "x"])

    told = bank_formats.read(saved(book), "bank.xlsx")

    assert [problem.code for problem in told.problems] == ["workbook-too-large"]


# ------------------------------------------------------------ what is not read


def with_quotes() -> Workbook:
    """A bank without faults of which one value fits no column."""
    data = bank_data(
        section("everything", "A", domain("first", ladder(), words(pattern="[^'\"]{1,9}")))
    )
    assert (
        bank_xlsx_read.taken(
            xlsx.looked_into(bank_xlsx_write.write(data).content), "bank.xlsx"
        ).losses
        == ()
    )
    return load_workbook(BytesIO(bank_xlsx_write.write(data).content))


def test_what_no_column_shows_of_a_renamed_question_is_a_loss_that_keeps_it() -> None:
    book = with_quotes()
    survey = book["survey"]
    put(survey, "name", row_of(survey, "product"), "products")

    losses = read(book).losses

    assert [(each.code, each.place) for each in losses] == [("workbook-rest-dropped", "rest!2")]
    assert losses[0].facts["value"] == "[^'\"]{1,9}"
    assert "questions/product/pattern" in str(losses[0].facts["part"])
    assert losses[0].texts[0][1] == '"[^\'\\"]{1,9}"'


def test_what_a_cell_says_now_is_right_and_what_stood_there_is_told() -> None:
    book = load_workbook(BytesIO(bank_xlsx_write.write(bank_data(minutes="soon")).content))
    put(book["bank"], "value", row_of(book["bank"], "minutes", "A"), 12)

    told = read(book)

    assert told.document is not None
    assert told.document["minutes"] == 12
    assert [each.facts["value"] for each in told.losses] == ["soon"]


@pytest.mark.parametrize("value", ["1.5", "12"])
def test_a_text_in_place_of_a_whole_number_comes_back_as_it_was(value: str) -> None:
    told = read(load_workbook(BytesIO(bank_xlsx_write.write(bank_data(minutes=value)).content)))

    assert told.document is not None
    assert told.document["minutes"] == value


def test_comments_notes_and_new_words_for_yes_and_no_are_losses() -> None:
    book = load_workbook(
        BytesIO(bank_xlsx_write.write(bank_data(section("a", "A", domain("b", yes_no())))).content)
    )
    book["survey"]["A2"].comment = Comment("Why?", "me")
    book["notes"]["A2"].comment = Comment("How?", "me")
    book["notes"]["F9"] = "my own"
    choices = book["choices"]
    put(choices, "label::English (en)", row_of(choices, "yes_no", "A"), "Sure")

    told = read(book)

    assert told.document is not None
    assert {(each.code, each.place) for each in told.losses} == {
        ("workbook-comment-not-read", "survey!A2"),
        ("workbook-comment-not-read", "notes!A2"),
        ("workbook-not-read", "notes!F9"),
        ("workbook-yes-no", f"choices!B{row_of(choices, 'yes_no', 'A')} (name)"),
    }


def test_words_in_a_calculated_row_are_told() -> None:
    book = a_book()
    survey = book["survey"]
    row = survey.max_row + 1
    put(survey, "type", row, "calculate")
    put(survey, "name", row, "points_x")
    put(survey, "calculation", row, "1")
    place = put(survey, "label::English (en)", row, "lost words")

    assert found(book) == [(place, "workbook-not-in-this-row")]


def a_compared_book() -> Workbook:
    """One that works out points and a per cent, because a condition compares them."""
    late = [{"question": "first", "at_least": 2}, {"question": "second", "at_least": 50}]
    asked = domain("d", ladder("first"), ratio("second"), number("third", when={"all": late}))
    return a_book_of(bank_data(section("s", "A", asked)))


def test_a_calculation_that_somebody_has_changed_is_told_with_its_cell() -> None:
    book = a_compared_book()
    survey = book["survey"]
    row = row_of(survey, "points_first")
    before = survey[f"{letter_of(survey, 'calculation')}{row}"].value
    assert read(book).losses == ()

    place = put(survey, "calculation", row, before.replace(", 2, ", ", 9, "))
    told = read(book)

    assert told.document is not None
    assert [(each.code, each.place) for each in told.losses] == [("workbook-calculation", place)]
    assert told.losses[0].facts["value"] == "if(selected(${first}, 'level-0'), 0, if…"


def test_points_changed_without_their_calculation_are_taken_and_the_difference_told() -> None:
    book = a_compared_book()
    choices = book["choices"]
    last = max(n for n, cell in enumerate(choices["A"], 1) if cell.value == "first")
    put(choices, "points", last, 9)

    told = read(book)

    assert told.document is not None
    question = told.document["sections"][0]["domains"][0]["questions"][0]
    assert question["options"][-1]["points"] == 9
    assert [each.code for each in told.losses] == ["workbook-calculation"]


def test_what_is_written_for_other_programs_only_is_told() -> None:
    book = a_compared_book()
    survey = book["survey"]
    row = row_of(survey, "third")
    places = {
        (put(survey, "calculation", row, "1 + 1"), "workbook-calculation"),
        (put(survey, "appearance", row, "minimal"), "workbook-for-programs"),
        (put(book["settings"], "default_language", 2, "Deutsch (de)"), "workbook-for-programs"),
    }

    told = read(book)

    assert told.document is not None
    assert {(each.place, each.code) for each in told.losses} == places


def test_a_missing_sheet_of_choices_is_one_fault_and_not_one_for_each_question() -> None:
    book = a_book()
    del book["choices"]

    codes = [code for _, code in found(book)]

    assert "workbook-no-list" not in codes
    assert codes.count("workbook-no-sheet") == 1


def test_what_is_missing_is_told_at_the_sheet_that_it_belongs_on() -> None:
    book = a_book_of({"format": 1})

    missing = {str(each.facts["field"]): each.place for each in read(book).problems
               if each.code == "bank-missing"}  # fmt: skip

    assert missing["roles"] == "roles"
    assert missing["profile"] == missing["sections"] == "survey"


def test_a_carriage_return_as_cells_have_it_is_the_end_of_a_line() -> None:
    book = a_book()
    survey = book["survey"]
    put(survey, "hint::English (en)", row_of(survey, "planning"), "One_x000D_\nTwo_x005F_x0041_")

    told = read(book)

    assert told.document is not None
    question = told.document["sections"][0]["domains"][0]["questions"][0]
    assert question["help"]["en"] == "One\nTwo_x0041_"


@pytest.mark.parametrize("text", ["code _x000D_ is", "_x0041_", "a_x005F_x0042_", "_xD800_"])
def test_a_text_that_looks_like_a_sign_of_a_cell_comes_back_as_it_was(text: str) -> None:
    data = bank_data(banner={"zh": text, "en": text})

    book = load_workbook(BytesIO(bank_xlsx_write.write(data).content))

    assert read(book).document == data
    assert "rest" not in book.sheetnames


def test_a_control_as_cells_have_it_is_refused_at_its_cell() -> None:
    book = a_book()
    survey = book["survey"]
    place = put(survey, "hint::English (en)", row_of(survey, "planning"), "a_x0001_b")

    told = read(book)

    assert told.document is None
    assert [(each.place, each.code) for each in told.problems] == [(place, "bank-unprintable")]


def test_a_column_merged_as_a_whole_is_told_as_that_and_quickly() -> None:
    book = a_book()
    with zipfile.ZipFile(BytesIO(saved(book))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = "xl/worksheets/sheet2.xml"
    merged = b'<mergeCells count="1"><mergeCell ref="AX30:AX900000"/></mergeCells><pageMargins'
    parts[sheet] = parts[sheet].replace(b"<pageMargins", merged, 1)
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)

    told = bank_formats.read(made.getvalue(), "bank.xlsx")

    assert [(each.code, each.facts) for each in told.problems] == [
        ("workbook-merged", {"area": "AX30:AX900000"})
    ]


@pytest.mark.parametrize("wide", [False, True])
def test_our_own_workbook_in_the_old_format_is_refused_with_what_to_do(wide: bool) -> None:  # noqa: FBT001
    names = ["survey", "levels", "glossary"]
    coding = "utf-16-le" if wide else "latin-1"
    listed = b"".join(bytes([len(name), wide]) + name.encode(coding) for name in names)
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + listed

    told = bank_formats.read(content, "bank.xls")

    assert [each.code for each in told.problems] == ["workbook-old-format"]


def test_lists_are_offered_for_facts_levels_and_owners_of_rows() -> None:
    book = load_workbook(BytesIO(bank_xlsx_write.template()))

    offered = {
        title: " ".join(str(each.sqref) for each in book[title].data_validations.dataValidation)
        for title in ("bank", "levels", "scene_steps", "eligibility_rules", "distribution_shares")
    }

    method = row_of(book["bank"], "scoring.method", "A")
    grade = row_of(book["bank"], "levels.gates.evidence.grade", "A")
    assert {f"B{method}", f"B{grade}"} <= set(offered["bank"].split())
    assert all("A2:" in offered[title] for title in offered if title != "bank")


def endless(between: str) -> str:
    """Longer than a cell, and not to be packed so small that it looks like an attack."""
    return between.join(sha256(str(number).encode()).hexdigest() for number in range(1000))


@pytest.mark.parametrize("between", ["", "_x0041_", " " * 40])
def test_a_key_or_text_beyond_any_cell_comes_back_as_it_was(between: str) -> None:
    text = endless(between)
    data = bank_data(section("a", "A", domain("b", ladder(text, help={"zh": text, "en": text}))))

    told = read(load_workbook(BytesIO(bank_xlsx_write.write(data).content)))

    assert told.document == data
