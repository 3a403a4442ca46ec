"""Texts of a bank as a workbook, and back; wrong cells are named."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.texts import State, TextAt, TextKind
from survey.core.translation_rows import (
    ExportedText,
    FileFault,
    TranslationFile,
    TranslationRow,
    exported,
)
from survey.exchange import translation_xlsx, xlsx
from survey.exchange.translation_xlsx import NoTexts, SheetRow
from survey.exchange.xlsx import Holds, RawCell, RawSheet
from tests.builders import bank_data

DAY = date(2026, 3, 2)
HEADS = ("place", "section", "kind", "zh", "en", "state", "note")
some = settings(max_examples=10, deadline=None, derandomize=True, database=None)
SIGNS = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@ \n'\""), max_size=30
).map(str.strip)


def written(rows: list[SheetRow]) -> bytes:
    return translation_xlsx.written(rows, bank="test-bank", version=3, revision=7, day=DAY)


def a_row(place: str = "title", zh: str = "题库", en: str = "Bank", **facts: str) -> SheetRow:
    text = TextAt(place, TextKind.TITLE, zh, en, "")
    state = State(facts.pop("state", "reviewed"))
    return SheetRow(ExportedText(text, state, ""), "", "", facts.get("note", ""))


def read(content: bytes) -> TranslationFile:
    return translation_xlsx.read(xlsx.looked_into(content))


def raw(*rows: tuple[object, ...], title: str = "Texts", first: int = 1) -> RawSheet:
    """A sheet of texts; None leaves a cell out."""
    cells = {
        number: {
            at: cell if isinstance(cell, RawCell) else RawCell(Holds.TEXT, str(cell))
            for at, cell in enumerate(row, start=1)
            if cell is not None
        }
        for number, row in enumerate(rows, start=first)
    }
    return RawSheet(title, cells)


def test_a_workbook_says_of_which_bank_version_and_revision_it_is() -> None:
    file = read(written([a_row(), a_row("summary", "说明", "", state="missing", note="Look here")]))

    assert file == TranslationFile(
        "test-bank",
        3,
        7,
        (
            TranslationRow("title", "题库", "Bank", reviewed=True),
            TranslationRow("summary", "说明", "", reviewed=False),
        ),
    )


def test_every_text_of_a_bank_comes_back() -> None:
    rows = [SheetRow(row, "s", "k", "") for row in exported(bank_data(), {})]

    content = written(rows)

    assert content == written(rows)
    assert [(row.place, row.zh, row.en, row.reviewed) for row in read(content).rows] == [
        (row.exported.text.place, row.exported.text.zh, row.exported.text.en, True) for row in rows
    ]


@given(st.lists(st.tuples(SIGNS.filter(bool), SIGNS), min_size=1, max_size=5))
@some
def test_texts_of_any_signs_come_back_as_texts(pairs: list[tuple[str, str]]) -> None:
    rows = [a_row(f"place/{n}", zh, en) for n, (zh, en) in enumerate(pairs)]

    file = read(written(rows))

    assert [(row.zh, row.en) for row in file.rows] == pairs
    assert not file.faults


def test_a_bank_without_texts_gives_a_workbook_without_rows() -> None:
    assert read(written([])).rows == ()


def test_columns_are_found_by_their_names_wherever_they_stand() -> None:
    sheet = raw(
        ("Something of the translator's",),
        ("Chinese", "ENGLISH", "位置"),
        ("题库", "Bank", "title"),
        ("没有位置", "No place"),
        title="Mine",
    )

    file = translation_xlsx.read([raw(("a", "b"), title="Other"), sheet])

    assert file == TranslationFile(
        "", 0, 0, (TranslationRow("title", "题库", "Bank", reviewed=False),)
    )


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (RawCell(Holds.FORMULA, ""), "translations-formula"),
        (RawCell(Holds.FAULT, "#REF!"), "translations-cell-fault"),
        (RawCell(Holds.DATE, "2026-03-02"), "translations-no-text"),
        (RawCell(Holds.PERCENT, "0.5"), "translations-no-text"),
        (RawCell(Holds.TEXT, "x" * 4001), "translations-too-long"),
    ],
)
def test_a_wrong_cell_is_named_by_sheet_row_and_column(cell: RawCell, code: str) -> None:
    sheet = raw(HEADS, ("title", "", "", "题库", cell, "reviewed"), ("notice", "", "", "说", "N"))

    file = translation_xlsx.read([sheet])

    (fault,) = file.faults
    assert fault.code == code
    assert (fault.facts["sheet"], fault.facts["row"], fault.facts["column"]) == ("Texts", 2, "E")
    assert [row.place for row in file.rows] == ["notice"]


def test_what_runs_in_a_translation_is_taken_out_and_told_with_its_cell() -> None:
    runs = "Hi <iframe src=//x></iframe>there"
    sheet = raw(
        HEADS,
        ("title", "", "", "题库", runs, "reviewed"),
        ("notice", "", "", "说", "5 < 6 <b>", "reviewed"),
    )

    file = translation_xlsx.read([sheet])

    assert [(row.en, row.reviewed) for row in file.rows] == [
        ("Hi there", False),
        ("5 < 6 <b>", True),
    ]
    (fault,) = file.faults
    assert fault.code == "translations-markup"
    assert (fault.facts["sheet"], fault.facts["row"], fault.facts["column"]) == ("Texts", 2, "E")
    assert fault.facts["what"] == "<iframe>, src=//x"


def test_a_formula_is_told_whatever_its_result() -> None:
    sheet = raw(HEADS, ("title", "", "", "题库", "a result"))

    file = translation_xlsx.read([RawSheet(sheet.title, sheet.rows, formulas=((2, 5),))])

    assert [fault.code for fault in file.faults] == ["translations-formula"]


def test_a_state_that_is_none_and_merged_cells_are_told() -> None:
    sheet = raw(HEADS, ("title", "", "", "题库", "Bank", "finished"))

    file = translation_xlsx.read([RawSheet(sheet.title, sheet.rows, merged=("A2:B2",))])

    assert [fault.code for fault in file.faults] == ["translations-state", "translations-merged"]


@pytest.mark.parametrize("state", ["reviewed", "已审核", "已审核 reviewed", " REVIEWED "])
def test_a_state_may_be_said_in_either_language(state: str) -> None:
    sheet = raw(HEADS, ("title", "", "", "题库", "Bank", state))

    assert translation_xlsx.read([sheet]).rows[0].reviewed


def test_a_number_is_read_as_it_is_written() -> None:
    sheet = raw(HEADS, ("title", "", "", "题库", RawCell(Holds.NUMBER, "42")))

    assert translation_xlsx.read([sheet]).rows[0].en == "42"


@pytest.mark.parametrize("sheets", [[], [raw(("a",))], [raw(("place", "zh"))]])
def test_a_workbook_without_the_columns_is_refused(sheets: list[RawSheet]) -> None:
    with pytest.raises(NoTexts):
        translation_xlsx.read(sheets)


def test_a_text_that_is_there_twice_is_a_fault_with_both_cells_and_not_taken() -> None:
    sheet = raw(HEADS, ("title", "", "", "题", "First"), ("notice", "", "", "注", "Note"),
                ("title", "", "", "题", "Second"))  # fmt: skip

    file = translation_xlsx.read([sheet])

    assert [row.place for row in file.rows] == ["notice"]
    facts = {"part": "title", "first": "Texts!A2", "second": "Texts!A4"}
    assert file.faults == (FileFault("translations-twice", facts),)


def test_a_control_in_a_cell_is_a_fault() -> None:
    file = translation_xlsx.read([raw(HEADS, ("title", "", "", "题", "a\x0bb"))])

    assert file.rows == ()
    assert [(fault.code, fault.facts["character"]) for fault in file.faults] == [
        ("translations-unprintable", "U+000B")
    ]
