"""A form that anybody may have sent, as XLSX or in the format of before 2007, looked into apart.

Both libraries that read workbooks work in a process of its own, within limits. The only importer
of xlrd. `python -m survey.exchange.form_strangers` is that process.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from io import StringIO

import xlrd

from survey import apart
from survey.exchange import xlsx, xlsx_strangers
from survey.exchange.xlsx import (
    BadWorkbook,
    Holds,
    LargeWorkbook,
    LockedWorkbook,
    NoWorkbook,
    OldWorkbook,
    RawCell,
    RawSheet,
)

LIMITS = apart.Limits(cpu_seconds=40, wall_seconds=90, memory_mb=1024)
MOST_CELLS = 400_000
"""The external choices of a form are whole lists of villages."""


def looked_into(content: bytes) -> tuple[RawSheet, ...]:
    """Every cell of the workbook. Raises BadWorkbook, in one of its kinds, and Busy."""
    with suppress(OldWorkbook):  # which is read here
        xlsx.must_be_sound(content)
    return xlsx_strangers.heard("survey.exchange.form_strangers", content, LIMITS)


def answer(content: bytes) -> bytes:
    if content.startswith(xlsx.OLE):
        return xlsx_strangers.said(lambda: _old_sheets(content))
    return xlsx_strangers.said(lambda: xlsx.looked_into(content, most_cells=MOST_CELLS))


def _old_sheets(content: bytes) -> Iterator[RawSheet]:
    """A workbook of before 2007; no formula is worked out, its stored result is taken."""
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=StringIO())
    except MemoryError:
        raise
    except xlrd.XLRDError as error:
        raise _of_old(error) from error
    except Exception as error:  # xlrd breaks down over odd files in a hundred ways
        raise BadWorkbook from error
    left = MOST_CELLS
    for page in book.sheets():
        rows: dict[int, dict[int, RawCell]] = {}
        for number in range(page.nrows):
            for column in range(page.row_len(number)):
                cell = _old_cell(page.cell(number, column), book.datemode)
                if cell is None:
                    continue
                left -= 1
                if left < 0:
                    raise LargeWorkbook(megabytes=xlsx.LARGEST // 1024**2)
                rows.setdefault(number + 1, {})[column + 1] = cell
        yield RawSheet(page.name, rows)


def _of_old(error: xlrd.XLRDError) -> BadWorkbook:
    said = str(error).lower()
    if "encrypt" in said or "password" in said:
        return LockedWorkbook()
    return NoWorkbook() if "can't find workbook" in said else BadWorkbook()


def _old_cell(cell: xlrd.sheet.Cell, datemode: int) -> RawCell | None:
    match cell.ctype:
        case xlrd.XL_CELL_NUMBER:
            return RawCell(Holds.NUMBER, xlsx.digits(cell.value))
        case xlrd.XL_CELL_BOOLEAN:
            return RawCell(Holds.TEXT, "yes" if cell.value else "no", is_truth=True)
        case xlrd.XL_CELL_DATE:
            return RawCell(Holds.DATE, _old_date(cell.value, datemode))
        case xlrd.XL_CELL_ERROR:
            return RawCell(Holds.FAULT, str(cell.value))
        case _:
            text = str(cell.value)
            return RawCell(Holds.TEXT, text) if text.strip() else None


def _old_date(value: float, datemode: int) -> str:
    try:
        found: datetime = xlrd.xldate.xldate_as_datetime(value, datemode)
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return str(value)
    return found.isoformat()[:10] if value >= 1 else found.isoformat()[11:]


if __name__ == "__main__":
    apart.be_a_fresh_one(answer, sys.argv[1:])
