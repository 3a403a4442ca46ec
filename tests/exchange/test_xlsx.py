"""What strangers send as a workbook: each bad file is told apart, and none does any harm."""

import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from survey import apart
from survey.exchange import xlsx, xlsx_strangers
from survey.exchange.xlsx import (
    BadWorkbook,
    Cell,
    Holds,
    LargeWorkbook,
    LockedWorkbook,
    Look,
    NoWorkbook,
    OldWorkbook,
    Properties,
    RawCell,
    Sheet,
)

PROPERTIES = Properties("Qizhen", "A title", "1", "zh-CN", date(2026, 3, 2))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def a_book(*values: Any) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row, value in enumerate(values, start=1):
        book.active.cell(row, 1).value = value
    return stored(book)


def stored(book: Workbook) -> bytes:
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def packed(parts: dict[str, bytes], *, level: int = 9) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def repacked(content: bytes, **changes: Callable[[bytes], bytes]) -> bytes:
    """The same package with some parts changed, named by the end of their path."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for end, change in changes.items():
        parts |= {n: change(part) for n, part in parts.items() if n.endswith(f"{end}.xml")}
    return packed(parts)


def encrypted() -> bytes:
    """A package whose parts are marked as locked with a password."""
    content = bytearray(a_book("a"))
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 8] |= 1
        at += 4
    at = 0
    while (at := content.find(b"PK\x03\x04", at)) >= 0:
        content[at + 6] |= 1
        at += 4
    return bytes(content)


def lying() -> bytes:
    """A package that says of a part that it is small; it is not."""
    content = bytearray(packed({"xl/workbook.xml": b" " * 400_000}))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    at = content.find(b"PK\x03\x04")
    content[at + 22 : at + 26] = struct.pack("<I", 100)
    return bytes(content)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    b'<!ENTITY lol2 "&lol;&lol;&lol;&lol;">]><workbook>&lol2;</workbook>'
)

BAD: dict[str, tuple[bytes, type[BadWorkbook]]] = {
    "nothing": (b"", NoWorkbook),
    "a text": (b"key,answer\n", NoWorkbook),
    "a page": (b"<html><script>alert(1)</script></html>", NoWorkbook),
    "a package of something else": (packed({"word/document.xml": b"<a/>"}), NoWorkbook),
    "truncated": (a_book("a")[:-200], BadWorkbook),
    "cut in half": (a_book(*["a"] * 500)[:3000], BadWorkbook),
    "an old workbook": (OLE + b"Workbook" * 100, OldWorkbook),
    "locked by its program": (OLE + "EncryptedPackage".encode("utf-16-le"), LockedWorkbook),
    "locked as a package": (encrypted(), LockedWorkbook),
    "50 MB": (b"PK" + bytes(50 * 1024 * 1024), LargeWorkbook),
    "a bomb": (packed({"xl/workbook.xml": bytes(20 * 1024 * 1024)}), LargeWorkbook),
    "many bombs": (
        packed({f"xl/{n}.xml": bytes(100_000) for n in range(300)}, level=1),
        LargeWorkbook,
    ),
    "many parts": (packed({f"xl/{n}.xml": b"a" for n in range(500)}), LargeWorkbook),
    "a part that lies about its size": (lying(), BadWorkbook),
    "entities": (packed({"xl/workbook.xml": LAUGHS}), BadWorkbook),
    "entities in UTF-16": (
        packed({"xl/workbook.xml": LAUGHS.decode().encode("utf-16")}),
        BadWorkbook,
    ),
    "entities in the relations": (
        packed({"xl/workbook.xml": b"<a/>", "xl/_rels/workbook.xml.rels": LAUGHS}),
        BadWorkbook,
    ),
    "no sheet in it": (packed({"xl/workbook.xml": b"<workbook/>"}), BadWorkbook),
    "broken words in it": (
        repacked(a_book("a"), sheet1=lambda part: part.replace(b"<sheetData>", b"<sheetData")),
        BadWorkbook,
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_as_what_it_is(what: str) -> None:
    content, kind = BAD[what]

    with pytest.raises(BadWorkbook) as refused:
        xlsx.looked_into(content)

    assert type(refused.value) is kind


@pytest.mark.parametrize("what", ["truncated", "entities", "no sheet in it", "a bomb"])
def test_the_process_beside_refuses_it_alike(what: str) -> None:
    content, kind = BAD[what]

    with pytest.raises(BadWorkbook) as refused:
        xlsx_strangers.looked_into(content)

    assert type(refused.value) is kind


def test_a_million_rows_are_too_many_however_small_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>1</v></c></row>'
    rows = "".join(row.format(n) for n in range(1, 1_000_001))
    content = repacked(
        a_book("a"),
        sheet1=lambda part: part.replace(b"<sheetData>", b"<sheetData>" + rows.encode()),
    )

    with pytest.raises(LargeWorkbook):
        xlsx_strangers.looked_into(content)


def test_more_cells_than_any_pack_has_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 3)

    assert xlsx.looked_into(a_book(1, 2, 3))
    with pytest.raises(LargeWorkbook):
        xlsx.looked_into(a_book(1, 2, 3, 4))


def test_one_that_takes_too_much_time_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_strangers, "LIMITS", apart.Limits(1, 30, 512))

    with pytest.raises(LargeWorkbook):
        xlsx_strangers.looked_into(a_book(*["words"] * 40_000))


def test_only_so_many_are_looked_into_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with xlsx_strangers.places, xlsx_strangers.places, pytest.raises(xlsx_strangers.Busy):
        xlsx_strangers.looked_into(a_book("a"))

    monkeypatch.setattr(xlsx_strangers, "LIMITS", apart.Limits(1, 0, 512))
    with pytest.raises(xlsx_strangers.Busy):
        xlsx_strangers.looked_into(a_book("a"))


def test_the_answer_of_the_process_is_that_of_the_call() -> None:
    content = a_book("文字", 12.5, date(2026, 3, 2))

    assert xlsx_strangers.looked_into(content) == xlsx.looked_into(content)
    assert b"workbook-other-format" in xlsx_strangers.answer(b"")


def only_cells(content: bytes) -> dict[int, RawCell]:
    (sheet,) = xlsx.looked_into(content)
    return {row: cells[1] for row, cells in sheet.rows.items()}


@pytest.mark.parametrize(
    ("value", "holds", "text"),
    [
        ("中文", Holds.TEXT, "中文"),
        (True, Holds.TEXT, "yes"),
        (False, Holds.TEXT, "no"),
        (12, Holds.NUMBER, "12"),
        (0.1 + 0.2, Holds.NUMBER, "0.3"),
        (1200000000000.0, Holds.NUMBER, "1200000000000"),
        (1e300, Holds.NUMBER, "1E+300"),
        (datetime.fromisoformat("2026-03-02T08:30"), Holds.DATE, "2026-03-02"),
        (date(2026, 3, 2), Holds.DATE, "2026-03-02"),
        (time(8, 30), Holds.DATE, "08:30:00"),
        (timedelta(hours=30), Holds.DATE, "1 day, 6:00:00"),
        ("#REF!", Holds.FAULT, "#REF!"),
        ("=1+1", Holds.FORMULA, ""),
    ],
)
def test_what_a_cell_holds_is_told(value: Any, holds: Holds, text: str) -> None:
    assert only_cells(a_book(value)) == {1: RawCell(holds, text)}


def test_a_formula_is_never_worked_out_and_its_stored_result_is_taken() -> None:
    content = repacked(
        a_book("=1+1", "=1/0"),
        sheet1=lambda part: re.sub(rb"1\+1</f><v ?/?>(</v>)?", b"1+1</f><v>7</v>", part),
    )

    assert only_cells(content) == {1: RawCell(Holds.NUMBER, "7"), 2: RawCell(Holds.FORMULA, "")}


def test_a_share_in_per_cent_is_told_by_its_format() -> None:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = 0.35
    book.active["A1"].number_format = "0.00%"
    book.active["A2"] = "  "
    book.active.merge_cells("B1:C2")

    (sheet,) = xlsx.looked_into(stored(book))

    assert sheet.rows == {1: {1: RawCell(Holds.PERCENT, "0.35")}}
    assert sheet.merged == ("B1:C2",)


@pytest.mark.parametrize("sign", xlsx.RUNS)
def test_what_is_written_is_text_and_never_a_formula(sign: str) -> None:
    rows = [[Cell(f"{sign}1+1"), Cell(f"{sign}2", Look.TO_FILL_IN)]]
    content = xlsx.written([Sheet("S", [9, 9], rows)], PROPERTIES)

    with zipfile.ZipFile(BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")

    assert b"<f>" not in sheet
    (read,) = xlsx.looked_into(content)
    assert {cell.holds for cell in read.rows[1].values()} == {Holds.TEXT}


def test_tall_rows_have_the_height_of_their_words_up_to_the_highest() -> None:
    rows = [[Cell("字" * 100)], [Cell("a")], [Cell("字" * 9999)], []]
    content = xlsx.written([Sheet("S", [21], rows, is_tall=True)], PROPERTIES)

    with zipfile.ZipFile(BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()

    heights = [part.split('"')[0] for part in sheet.split(' ht="')[1:]]
    assert heights == ["144", "18", "409", "18"]
