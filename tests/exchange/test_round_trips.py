"""A bank with whatever texts people write goes through all of our formats and comes back."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from survey.core import patches
from survey.core.translation_rows import ExportedText, TranslationFile, exported, plain
from survey.exchange import (
    bank_json,
    bank_xlsx_read,
    bank_xlsx_write,
    translation_po,
    translation_xlsx,
    xlsform_write,
    xlsx,
    yaml_bank,
    yaml_file,
)
from survey.exchange.translation_xlsx import SheetRow
from tests.builders import (
    bank_data,
    benchmark,
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

Data = dict[str, Any]

ODD = [
    "=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "_x0041_", "_x000D_", "𠮷野家", "عربي", "e\u0301",
    "🙂", "a\u2028b", "TRUE", "No", "null", "~", "1.10", "007", "1e5", "2024-01-01", "12:30", "50%",
    "'quoted", '"', "#REF!", "=", "\\", "%(x)s", "{x}", "<b>x</b>", "&lt;b&gt;", "- item", "# no",
    "key: value", "[1]", "|", "!tag", "*a", "&a", "%TAG", "---", "x\u00a0y", "1,5", "１２", "NaN",
    " led", "trailed ", "two\nlines", "字" * 60,
]  # fmt: skip
"""What spreadsheets, YAML, PO files or their programs take for something else."""

TEXTS = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30
)
BOTH = st.builds(lambda zh, en: {"zh": zh, "en": en}, TEXTS, TEXTS)


@st.composite
def banks(draw: st.DrawFn) -> Data:
    """One question of each kind, with a text for each of its fields."""
    asked = (
        ladder("q", help=draw(BOTH), source=draw(TEXTS)),
        number("n", when={"question": "q", "at_least": 2}, unit=draw(BOTH)),
        multiple("m", example=draw(BOTH)),
        ratio("r", numerator=draw(BOTH)),
        matrix("x", evidence=draw(BOTH)),
        requirements("e"),
        benchmark("b"),
        yes_no("y", prompt=draw(BOTH)),
        words("w", prompt=draw(BOTH)),
    )
    asked[0]["options"][1]["label"] = draw(BOTH)
    asked[0]["advice"][0]["what"] = draw(BOTH)
    return bank_data(section("s", "A", domain("d", *asked)), summary=draw(BOTH))


@settings(max_examples=15, deadline=None)
@given(banks())
def test_a_bank_is_the_same_after_every_format_of_ours(data: Data) -> None:
    as_yaml = yaml_file.load(yaml_bank.write(data).encode()).data
    as_json = bank_json.read(bank_json.write(as_yaml).content, "bank.json").document
    assert as_json is not None
    sheets = xlsx.looked_into(bank_xlsx_write.write(as_json).content)
    as_workbook = bank_xlsx_read.taken(sheets, "bank.xlsx")

    assert as_workbook.document is not None
    assert patches.between(data, as_workbook.document) == ()
    assert as_workbook.losses == ()


@settings(max_examples=15, deadline=None)
@given(banks())
def test_texts_come_back_from_translators_as_they_went(data: Data) -> None:
    rows = list(exported(data, {}))
    facts: Data = {"bank": "b", "version": 1, "revision": 1, "day": date(2026, 1, 1)}

    file = translation_po.read(translation_po.written(rows, **facts))
    beside = [SheetRow(row, section="s", kind="k", note="n") for row in rows]
    sheets = translation_xlsx.read(xlsx.looked_into(translation_xlsx.written(beside, **facts)))

    assert said(file) == said(sheets) == sent(rows)
    assert file.faults == sheets.faults == ()


def sent(rows: list[ExportedText]) -> Data:
    return {row.text.place: (plain(row.text.zh), plain(row.text.en)) for row in rows}


def said(file: TranslationFile) -> Data:
    return {row.place: (plain(row.zh), plain(row.en)) for row in file.rows}


@settings(max_examples=15, deadline=None)
@given(banks())
def test_no_cell_of_any_workbook_of_a_bank_is_run_by_a_spreadsheet(data: Data) -> None:
    for written in (bank_xlsx_write.write(data), xlsform_write.write(data)):
        for sheet in load_workbook(BytesIO(written.content)).worksheets:
            assert not list(running(sheet))


def running(sheet: Worksheet) -> Iterator[str]:
    for row in sheet.iter_rows():
        for cell in row:
            text = cell.value if isinstance(cell.value, str) else ""
            if cell.data_type == "f" or (text[:1] in {*"=+-@\t"} and not cell.quotePrefix):
                yield f"{cell.coordinate} {text!r}"
