"""Workbooks filled in as people fill them in: by question and blank, with openpyxl."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from survey.core.answers import PlainAnswer
from survey.core.bank import Bank
from survey.core.text import Languages
from survey.exchange import pack_xlsx
from survey.exchange.pack_xlsx import Stamp

DAY = date(2026, 3, 2)
DIGEST = "d1" * 32
FIRST_ROW = 3


def a_workbook(
    bank: Bank,
    plain: dict[str, PlainAnswer] | None = None,
    *,
    languages: Languages = Languages.ZH,
    revisions: dict[str, int] | None = None,
    page_key: str | None = None,
    **facts: Any,
) -> bytes:
    """A workbook as it is fetched for an assessment; its answers were seen at revision 1."""
    stamp = Stamp(
        bank_key=facts.pop("bank_key", bank.key),
        bank_version=facts.pop("bank_version", bank.version),
        bank_digest=facts.pop("bank_digest", DIGEST),
        edition="",
        assessment_id=facts.pop("assessment_id", 1),
        firm_id=facts.pop("firm_id", 1),
    )
    given = plain or {}
    return pack_xlsx.workbook(
        bank,
        stamp,
        languages,
        plain=given,
        revisions=dict.fromkeys(given, 1) if revisions is None else revisions,
        page_key=page_key,
        day=DAY,
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def cell_of(book: Workbook, key: str, part: str = "", column: str = "answer") -> Cell:
    """The cell of a blank, found as its reader finds it: by the hidden row and columns."""
    for sheet in book.worksheets:
        heads = enumerate(sheet[1], start=1)
        columns = {str(cell.value).removeprefix("qizhen:"): at for at, cell in heads}
        if "answer" not in columns:
            continue
        for row in range(FIRST_ROW, sheet.max_row + 1):
            found = sheet.cell(row, columns["part"]).value
            is_part = found == (part or "answer") or (column != "answer" and not part)
            if sheet.cell(row, columns["key"]).value == key and is_part:
                cell = sheet.cell(row, columns[column])
                assert isinstance(cell, Cell)
                return cell
    raise AssertionError(f"no cell for {key} {part} {column}")


def filled_in(content: bytes, **cells: Any) -> bytes:
    """The workbook with other values in some cells, named `key`, `key__part` or `key__column`.

    Dashes and dots are written as `_` in keys, and a part's dot as `__`.
    """
    book = opened(content)
    for name, value in cells.items():
        key, _, rest = name.partition("__")
        part, column = ("", rest) if rest in ("state", "reason", "grade", "note") else (rest, "")
        dotted = part.replace("__", ".").replace("_", "-")
        cell_of(book, key.replace("_", "-"), dotted, column or "answer").value = value
    return saved(book)


def changed(content: bytes, act: Callable[[Workbook], object]) -> bytes:
    """The workbook after anything at all was done to it."""
    book = opened(content)
    act(book)
    return saved(book)
