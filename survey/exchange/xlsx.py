"""Workbooks as plain values: written, and looked into. The only importer of openpyxl.

What people typed is text, never a formula; what a stranger sent is looked at as a package before
openpyxl sees it. `survey.exchange.xlsx_strangers` has it looked into within limits.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from lzma import LZMAError
from math import ceil
from struct import error as StructError  # noqa: N812  # it is an exception
from typing import cast
from unicodedata import east_asian_width
from zlib import error as ZlibError  # noqa: N812  # it is an exception

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import MergedCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from survey.core.answers import UNPRINTABLE
from survey.core.errors import SurveyError
from survey.core.packed import repacked

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""A sign as cells may have it written; ``_x005F_`` is the low line of what only looks like one."""

_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would work out what begins with one of these."""

Value = str | Decimal | int | None

_NAME = "Microsoft YaHei"
_TALLEST = 409.0
"""Points of a row, which no program lets be higher."""

_SMALLER = 0.86
"""How wide quiet words are, beside the others."""

_LINE = Border(bottom=Side("thin", color="C9D3D6"))
_EDGE = Side("thin", color="7F9AA1")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_HEAD = PatternFill("solid", fgColor="0E4A57")
_PALE = PatternFill("solid", fgColor="E7EEF0")
_FREE = PatternFill("solid", fgColor="FFF9E5")
_WRONG = PatternFill("solid", fgColor="FBDDD3")


class Look(StrEnum):
    """How a cell is set."""

    HEAD = "head"
    BODY = "body"
    ENTRY = "entry"
    """Beside others of its kind; a number is shown with every digit."""
    STRONG = "strong"
    QUIET = "quiet"
    BAND = "band"
    TO_FILL_IN = "to-fill-in"
    TO_MEND = "to-mend"


_FONTS: Mapping[Look, Font] = {
    Look.HEAD: Font(name=_NAME, size=10, bold=True, color="FFFFFF"),
    Look.BODY: Font(name=_NAME, size=10),
    Look.ENTRY: Font(name=_NAME, size=10),
    Look.STRONG: Font(name=_NAME, size=10, bold=True),
    Look.QUIET: Font(name=_NAME, size=9, color="4B555A"),
    Look.BAND: Font(name=_NAME, size=10, bold=True, color="0E4A57"),
    Look.TO_FILL_IN: Font(name=_NAME, size=10),
    Look.TO_MEND: Font(name=_NAME, size=10, color="8A2A10"),
}
_FILLS: Mapping[Look, PatternFill] = {
    Look.HEAD: _HEAD,
    Look.BAND: _PALE,
    Look.TO_FILL_IN: _FREE,
    Look.TO_MEND: _WRONG,
}
_OPEN = (Look.TO_FILL_IN, Look.TO_MEND)

_Styles = dict[tuple[Look, bool, bool], StyleArray]
"""Styles of one workbook, which knows them by numbers: to copy one is quicker than to make one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. One to fill in stays open on a protected sheet; `choices` names its list."""

    value: Value = None
    look: Look = Look.BODY
    choices: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `frozen` is the first cell that scrolls; `heads` rows are printed on each page."""

    title: str
    widths: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    frozen: str = "A2"
    heads: int = 1
    hidden: bool = False
    hidden_columns: int = 0
    hidden_rows: int = 0
    is_protected: bool = False
    is_tall: bool = False
    """Whether rows get the height of their words; else the reader's program decides."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """Ranges (``D2:D900``) and what is offered in them, whether they have cells yet or not."""
    suggested: Mapping[str, str] = field(default_factory=dict)
    """The same, where something else may be typed."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file says of itself; `day` stands for all its dates."""

    creator: str
    title: str
    identifier: str
    language: str
    day: date


@dataclass(frozen=True, slots=True)
class Advice:
    """What a spreadsheet says if something else is typed into a cell that has a list."""

    title: str
    text: str


# --------------------------------------------------------------------- writing


def written(
    sheets: Sequence[Sheet], properties: Properties, *, advice: Advice | None = None
) -> bytes:
    """The workbook. The same sheets and properties give the same bytes."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    styles: _Styles = {}
    for sheet in sheets:
        _write(book, sheet, advice, styles)
    made = BytesIO()
    book.save(made)
    day = properties.day
    core = DocumentProperties(
        creator=properties.creator,
        title=UNPRINTABLE.sub("", properties.title),
        identifier=properties.identifier,
        language=properties.language,
        created=_midnight(day),
        modified=_midnight(day),
    )
    changed = {"docProps/core.xml": cast(bytes, tostring(core.to_tree()))}
    return repacked(made.getvalue(), day, changed)


def letter(column: int) -> str:
    """The name of a column: A for 1."""
    return get_column_letter(column)


def _write(book: Workbook, sheet: Sheet, advice: Advice | None, styles: _Styles) -> None:
    page: Worksheet = book.create_sheet(sheet.title)
    for at, width in enumerate(sheet.widths, start=1):
        column = page.column_dimensions[letter(at)]
        column.width = width
        column.hidden = at <= sheet.hidden_columns
    for number in range(1, sheet.hidden_rows + 1):
        page.row_dimensions[number].hidden = True
    lists: dict[str, DataValidation] = {}
    for number, cells in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(cells, start=1):
            if cell.value is None and cell.look is Look.ENTRY:
                continue  # most cells of a wide sheet are empty
            place = page.cell(number, at)
            assert isinstance(place, SheetCell)
            _fill(place, cell, styles)
            if cell.choices:
                _list(lists, cell.choices, advice).add(place.coordinate)
        if sheet.is_tall and number > sheet.hidden_rows:
            page.row_dimensions[number].height = _height(sheet, cells)
    for cells_of, choices in sheet.lists.items():
        _list(lists, choices, advice).add(cells_of)
    for cells_of, choices in sheet.suggested.items():
        validation = DataValidation(type="list", formula1=choices, allow_blank=True)
        validation.add(cells_of)
        page.add_data_validation(validation)
    for validation in lists.values():
        page.add_data_validation(validation)
    page.freeze_panes = sheet.frozen
    page.print_title_rows = f"1:{sheet.heads}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.hidden:
        page.sheet_state = "hidden"
    if sheet.is_protected:
        page.protection.sheet = True
        page.protection.formatColumns = False  # which allows it
        page.protection.formatRows = False
        page.protection.formatCells = False


def _list(lists: dict[str, DataValidation], choices: str, advice: Advice | None) -> DataValidation:
    if choices not in lists:
        lists[choices] = DataValidation(
            type="list",
            formula1=choices,
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=advice.title if advice else None,
            error=advice.text if advice else None,
        )
    return lists[choices]


def _fill(place: SheetCell, cell: Cell, styles: _Styles) -> None:
    is_text = isinstance(cell.value, str)
    runs = isinstance(cell.value, str) and cell.value.startswith(RUNS)
    sort = (cell.look, is_text or cell.value is None, runs)
    if sort in styles:
        place._style = copy(styles[sort])  # type: ignore[attr-defined]  # noqa: SLF001  # not in the types
    else:
        _style(place, cell, runs=runs)
        styles[sort] = copy(place._style)  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    if isinstance(cell.value, str):
        place.value = _LIKE_ESCAPED.sub("_x005F_", UNPRINTABLE.sub("", cell.value))
        place.data_type = "s"
    elif cell.value is not None:
        place.value = cell.value


def _style(place: SheetCell, cell: Cell, *, runs: bool) -> None:
    place.font, place.alignment = _FONTS[cell.look], _WRAPPED
    if cell.look in _FILLS:
        place.fill = _FILLS[cell.look]
    if cell.look in _OPEN:
        place.border, place.protection = _BOX, Protection(locked=False)
    elif cell.look is not Look.HEAD:
        place.border = _LINE
    if runs:
        place.quotePrefix = True
    if cell.value is not None and not isinstance(cell.value, str):
        place.number_format = "General" if cell.look in (*_OPEN, Look.ENTRY) else "0.0#"


def _height(sheet: Sheet, cells: Sequence[Cell]) -> float:
    """Points that the words of a row need; not every program works it out by itself."""
    shown = list(zip(sheet.widths, cells, strict=False))[sheet.hidden_columns :]
    lines = [
        _lines(str(cell.value or ""), width / (_SMALLER if cell.look is Look.QUIET else 1))
        for width, cell in shown
    ]
    return min(_TALLEST, 14.0 * max(lines, default=1) + 4)


def _lines(words: str, width: float) -> int:
    """Lines of a column this wide; a Chinese character is as wide as two letters."""
    return sum(
        max(
            1,
            ceil(sum(2 if east_asian_width(sign) in "WF" else 1.05 for sign in line) / (width - 1)),
        )
        for line in words.split("\n")
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # openpyxl writes it as UTC


# ----------------------------------------------------- what a stranger has sent

LARGEST = 4 * 1024 * 1024
"""Bytes of a workbook that is taken; the longest bank has a twentieth of it."""

LARGEST_UNPACKED = 24 * 1024 * 1024
MOST_PARTS = 400
MOST_TIMES = 120
"""How many times as large a part may be when it is unpacked; ours is ten times as large."""

MOST_CELLS = 60_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LONGEST_LIST = 1024 * 1024
_SHEET_NAME = re.compile(r"""<(?:\w+:)?sheet\s[^<>]*?\bname=["']([^"'<>]*)["']""")
_BROKEN = (
    zipfile.BadZipFile,
    ZlibError,
    EOFError,
    OSError,
    NotImplementedError,
    LZMAError,
    StructError,
    ValueError,
)
"""What a damaged package raises, wherever it is damaged."""

MOST_MERGED = 20_000
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^<>]*?\bref\s*=\s*["']([A-Za-z0-9:$]{1,40})["']""")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class BadWorkbook(SurveyError):
    """Nothing can be taken from this file."""

    code = "workbook-unreadable"


class NoWorkbook(BadWorkbook):
    """Not a workbook at all, or one in another format."""

    code = "workbook-other-format"


class OldWorkbook(BadWorkbook):
    """In the binary format of before 2007."""

    code = "workbook-old-format"


class LockedWorkbook(BadWorkbook):
    """A password is needed to open it."""

    code = "workbook-password"


class LargeWorkbook(BadWorkbook):
    """Too large, as it is or unpacked, or with too many cells."""

    code = "workbook-too-large"


class MergedWorkbook(BadWorkbook):
    """A merged range of very many cells, each of which a reader would make."""

    code = "workbook-merged"


class Holds(StrEnum):
    """What a cell holds, as far as it matters to whoever reads it."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    FORMULA = "formula"
    """One whose result no program has worked out."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class RawCell:
    """What a cell holds; TRUE and FALSE are the texts "yes" and "no"."""

    holds: Holds
    value: str
    is_truth: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet of somebody's workbook: its cells by row and column, and the first merged range."""

    title: str
    rows: Mapping[int, Mapping[int, RawCell]]
    merged: tuple[str, ...] = ()
    formulas: tuple[tuple[int, int], ...] = ()
    """Row and column of each cell that holds a formula, whatever is stored as its result."""
    comments: tuple[tuple[int, int], ...] = ()
    """Row and column of each cell that somebody has put a comment on."""


def must_be_sound(content: bytes) -> None:
    """Look at the package, without unpacking more of it than may be.

    Raises BadWorkbook, in one of its kinds.
    """
    if len(content) > LARGEST:
        raise LargeWorkbook(megabytes=LARGEST // 1024**2)
    if content.startswith(OLE):
        raise LockedWorkbook if _ENCRYPTED in content else OldWorkbook
    if not content.startswith(b"PK"):
        raise NoWorkbook
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            _must_be_bounded(package)
            _must_be_plain(package)
    except _BROKEN as error:
        raise BadWorkbook from error
    except RuntimeError as error:  # a part needs a password
        raise LockedWorkbook from error


def _must_be_bounded(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise LargeWorkbook(megabytes=LARGEST // 1024**2)
    for part in parts:
        if part.file_size > MOST_TIMES * max(part.compress_size, 1024):
            raise LargeWorkbook(megabytes=LARGEST // 1024**2)
    if "xl/workbook.xml" not in package.namelist():
        raise NoWorkbook


def _must_be_plain(package: zipfile.ZipFile) -> None:
    """XML of a workbook declares nothing: what does is out for harm."""
    for name in package.namelist():
        text = package.read(name).replace(b"\0", b"")  # which finds it in UTF-16 as well
        if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
            raise BadWorkbook
        if name.startswith("xl/worksheets/"):
            _must_not_be_merged(text)


def _must_not_be_merged(sheet: bytes) -> None:
    """Raises MergedWorkbook, with the range that goes beyond what may be."""
    cells = 0
    for found in _MERGED.finditer(sheet):
        area = found[1].decode()
        try:
            left, top, right, bottom = (each or 0 for each in range_boundaries(area))
        except ValueError as error:
            raise BadWorkbook from error
        cells += (right - left + 1) * (bottom - top + 1)
        if cells > MOST_MERGED:
            raise MergedWorkbook(area=area)


def titles(content: bytes) -> tuple[str, ...] | None:
    """What the sheets of a workbook are called; None if it is no sound one.

    Only the list of sheets is read, and no more of it than a list can have.
    """
    try:
        must_be_sound(content)
    except BadWorkbook:
        return None
    with zipfile.ZipFile(BytesIO(content)) as package, package.open("xl/workbook.xml") as part:
        listed = part.read(_LONGEST_LIST).decode(errors="replace")
    return tuple(name.strip().casefold() for name in _SHEET_NAME.findall(listed))


def looked_into(content: bytes, *, most_cells: int | None = None) -> tuple[RawSheet, ...]:
    """Every cell of a sound workbook. No formula is worked out; its stored result is taken.

    Raises BadWorkbook, in one of its kinds.
    """
    must_be_sound(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = load_workbook(BytesIO(content), data_only=True, keep_links=False)
            formulas = _with_formulas(content)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl breaks down over odd files in a hundred ways
        raise BadWorkbook from error
    return tuple(_raw_sheets(results, formulas, most_cells or MOST_CELLS))


def _with_formulas(content: bytes) -> Workbook | None:
    """The same workbook with its formulas, if it has any."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        sheets = [n for n in package.namelist() if n.startswith("xl/worksheets/")]
        if not any(b"<f>" in package.read(n) or b"<f " in package.read(n) for n in sheets):
            return None
    return load_workbook(BytesIO(content), keep_links=False)


def _raw_sheets(
    results: Workbook, formulas: Workbook | None, most_cells: int
) -> Iterator[RawSheet]:
    left = most_cells
    for page in results.worksheets:
        beside = formulas[page.title] if formulas is not None else None
        rows: dict[int, dict[int, RawCell]] = {}
        worked_out: list[tuple[int, int]] = []
        comments: list[tuple[int, int]] = []
        for (number, column), cell in sorted(page._cells.items()):  # noqa: SLF001  # not all of a wide range
            if cell.comment is not None:
                comments.append((number, column))
            formula = beside.cell(number, column) if beside is not None else None
            if formula is not None and formula.data_type == "f":
                worked_out.append((number, column))
            raw = _raw(cell, formula)
            if raw is None:
                continue
            left -= 1
            if left < 0:
                raise LargeWorkbook(megabytes=LARGEST // 1024**2)
            rows.setdefault(number, {})[column] = raw
        merged = tuple(str(each) for each in page.merged_cells.ranges)
        yield RawSheet(page.title, rows, merged, tuple(worked_out), tuple(comments))


def _raw(cell: SheetCell | MergedCell, formula: SheetCell | MergedCell | None) -> RawCell | None:
    value = cell.value
    if value is None:
        if formula is not None and formula.data_type == "f":
            return RawCell(Holds.FORMULA, "")
        return None
    if cell.data_type == "e":
        return RawCell(Holds.FAULT, str(value))
    match value:
        case bool():
            return RawCell(Holds.TEXT, "yes" if value else "no", is_truth=True)
        case int() | float() | Decimal():
            holds = Holds.PERCENT if "%" in (cell.number_format or "") else Holds.NUMBER
            return RawCell(holds, digits(value))
        case datetime() | date():
            return RawCell(Holds.DATE, value.isoformat()[:10])
        case time() | timedelta():
            return RawCell(Holds.DATE, str(value))
        case _:
            text = _ESCAPED.sub(_sign, str(value)).replace("\r\n", "\n").replace("\r", "\n")
            return RawCell(Holds.TEXT, text) if text.strip() else None


def _sign(escaped: re.Match[str]) -> str:
    """The sign that is meant; half of one stays as it is written."""
    number = int(escaped[1], 16)
    return escaped[0] if 0xD800 <= number <= 0xDFFF else chr(number)


def digits(value: float | Decimal) -> str:
    """A number as people mean it: spreadsheets keep fifteen digits of it."""
    exact = Decimal(format(value, ".15g"))
    return f"{exact:f}" if abs(exact) < Decimal(10) ** 30 else str(exact)
