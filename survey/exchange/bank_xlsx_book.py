"""A question bank's workbook as its reader sees it: named columns, rows, and what is wrong where.

Every fault is kept with sheet, row and column, and reading goes on. Which cell a part of the
document came from is remembered, so that its own faults can be said there as well.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from survey.core.errors import Facts, Problem, SurveyError, quoted
from survey.exchange import bank_xlsx_cells as cells
from survey.exchange import bank_xlsx_sheets as sheets
from survey.exchange import bank_xlsx_terms as terms
from survey.exchange import xlsx
from survey.exchange.bank_xlsx_sheets import LANGUAGES, Column, Fields, Fill
from survey.exchange.loss import Loss
from survey.exchange.xlsx import RawCell, RawSheet

MOST_FAULTS = 1000
_SHEET_OF: Mapping[str, str] = {
    **dict.fromkeys(("profile", "sections", "outcomes"), sheets.SURVEY),
    **{way[0]: sheets.SETTINGS for way in sheets.SETTING_FIELDS.values()},
    **{parts.place[0]: parts.title for parts in reversed(sheets.IN_THE_BANK)},
}
"""Where the parts of the bank stand that the workbook has not got."""

_NO_SHEET = "workbook-no-sheet"
_OF_OTHER_SHEETS = frozenset(
    {
        "workbook-no-list",
        "workbook-list-unused",
        "workbook-of-no-question",
        "workbook-of-no-statement",
        "workbook-of-nothing",
    }
)
"""What may be wrong with a row only because another sheet is missing."""

_OF_ITSELF = frozenset(
    {
        "bank-missing-language",
        "bank-not-both-languages",
        "bank-empty-text",
        "bank-text-too-long",
        "bank-option-too-long-zh",
        "bank-option-too-long-en",
        "bank-glyph-missing",
        "bank-unprintable",
        "bank-half-width",
        "bank-full-width",
        "bank-bad-key",
        "bank-bad-code",
        "bank-duplicate-key",
        "bank-reserved-key",
        "bank-unknown-kind",
        "bank-not-one-of",
        "bank-not-a-number",
        "bank-not-a-whole-number",
        "bank-not-true-or-false",
        "bank-too-many-decimals",
        "bank-too-low",
        "bank-too-high",
        "bank-wrong-value",
        "bank-bad-pattern",
        "bank-range-empty",
    }
)
"""What is wrong in a document whatever stands on the other sheets."""

_WEIGHT_OF = re.compile(r"weight \[([^\[\]]{1,60})\]")


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A cell, or a whole row (column 0), or a whole sheet (row 0)."""

    sheet: str
    row: int = 0
    column: int = 0
    header: str = ""

    @property
    def written(self) -> str:
        letter = xlsx.letter(self.column) if self.column else ""
        cell = f"!{letter}{self.row}" if self.row else ""
        return f"{self.sheet}{cell}" + (f" ({self.header})" if self.header else "")

    @property
    def facts(self) -> Facts:
        letter = xlsx.letter(self.column) if self.column else ""
        header = quoted(self.header)
        return {"sheet": self.sheet, "row": self.row, "column": letter, "header": header}


@dataclass(slots=True)
class Book:
    """What has been found so far: faults by their spot, and the spot of every place."""

    order: Sequence[str] = ()
    faults: list[tuple[Spot, str, Facts]] = field(default_factory=list)
    spots: dict[str, Spot] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def lost(self, spot: Spot, code: str, value: str = "") -> None:
        """Something that is there, means nothing for the bank, and is not read."""
        if len(self.losses) < MOST_FAULTS:
            self.losses.append(Loss(code, spot.written, {"value": quoted(value)}))

    def fault(self, spot: Spot, code: str, facts: Facts | None = None) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((spot, code, facts or {}))

    def problems(self, file: str, found: Iterable[Problem]) -> tuple[Problem, ...]:
        """The faults of the workbook and those of its document, from the first cell to the last.

        A cell that could not be read is not told off again for what the document lacks there.
        Missing sheets come first, and what may follow from them is not told.
        """
        told = {spot for spot, _, _ in self.faults if spot.column}
        every = list(self.faults)
        for problem in found:
            spot = self._spot(problem.place)
            if spot not in told:
                every.append((spot, problem.code, problem.facts))
        if any(code == _NO_SHEET for _, code, _ in self.faults):
            every = [each for each in every if _holds_alone(each[1])]
        place = {title: number for number, title in enumerate(self.order)}
        every.sort(
            key=lambda each: (
                each[1] != _NO_SHEET,
                place.get(each[0].sheet, len(place)),
                each[0].row,
                each[0].column,
            )
        )
        return tuple(
            Problem(code, spot.written, {**facts, **spot.facts}, file=file)
            for spot, code, facts in every
        )

    def _spot(self, place: str) -> Spot:
        """Where a place of the document stands, or the nearest part around it."""
        around = place
        while around:
            if around in self.spots:
                return self.spots[around]
            around = around.rpartition(".")[0]
        return Spot(_SHEET_OF.get(place.partition(".")[0], sheets.GENERAL))


def _holds_alone(code: str) -> bool:
    """Whether a fault is one however the missing sheets look."""
    if code.startswith("workbook-"):
        return code not in _OF_OTHER_SHEETS
    return code in _OF_ITSELF or not code.startswith("bank-")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it: its cells by header."""

    book: Book
    table: "Table"
    number: int
    cells: Mapping[str, RawCell]
    used: set[str]

    def spot(self, header: str = "") -> Spot:
        return Spot(self.table.title, self.number, self.table.column_of.get(header, 0), header)

    def fault(self, header: str, code: str, **facts: str | int) -> None:
        self.book.fault(self.spot(header), code, facts)

    def lost(self, header: str, code: str) -> None:
        self.book.lost(self.spot(header), code, self.word(header))

    def has(self, header: str) -> bool:
        return header in self.cells

    def word(self, header: str) -> str:
        """What the cell says, without spaces around it; nothing if it is empty."""
        self.used.add(header)
        return self.cells[header].value.strip() if header in self.cells else ""

    def value(self, header: str, fill: Fill) -> Any:
        """What the cell holds; None if it is empty or wrong, which is noted."""
        self.used.add(header)
        cell = self.cells.get(header)
        if cell is None:
            return None
        try:
            if fill is Fill.CONDITION:
                return terms.condition(cell.value)
            if fill is Fill.LIMITS:
                return terms.limits(cell.value)
            return cells.read(cell, fill)
        except SurveyError as error:
            code = "workbook-expression-limits" if fill is Fill.LIMITS else error.code
            self.book.fault(self.spot(header), code, error.facts)
            return None

    def text(self, name: str) -> dict[str, str] | None:
        """The text in a column for each language."""
        found = {
            locale: self.value(f"{name}::{language}", Fill.TEXT)
            for locale, language in LANGUAGES.items()
        }
        return {locale: said for locale, said in found.items() if said is not None} or None

    def part(self, columns: Sequence[Column], fields: Fields, place: str) -> dict[str, Any]:
        """The part that stands in the columns that its fields have."""
        self.placed(columns, fields, place)
        part: dict[str, Any] = {}
        for column in columns:
            if column.name in fields:
                is_text = column.fill is Fill.TEXT
                value = self.text(column.name) if is_text else self.value(column.name, column.fill)
                if value is not None:
                    _put(part, fields[column.name], value)
        return part

    def placed(self, columns: Iterable[Column], fields: Fields, place: str) -> None:
        """Remember that a part of the document stands in this row."""
        spots = self.book.spots
        spots[place] = self.spot(self.table.first)
        for column in columns:
            if column.name not in fields:
                continue
            inside = ".".join((*((place,) if place else ()), *fields[column.name]))
            spots[inside] = self.spot(column.headers[0])
            if column.fill is Fill.TEXT:
                for locale, language in LANGUAGES.items():
                    spots[f"{inside}.{locale}"] = self.spot(f"{column.name}::{language}")

    def weight(self, part: dict[str, Any], place: str) -> None:
        """One weight for each case, in columns of their own."""
        each: dict[str, Any] = {}
        for header in self.table.column_of:
            found = _WEIGHT_OF.fullmatch(header)
            if found is None or not self.has(header):
                continue
            self.book.spots[f"{place}.weight.{found[1]}"] = self.spot(header)
            value = self.value(header, Fill.NUMBER)
            if value is not None:
                each[found[1]] = value
        if each and "weight" in part:
            self.fault("weight", "workbook-two-weights")
        elif each:
            part["weight"] = each

    def must_be_used(self) -> None:
        """Whatever stands in a column that such a row has no use for is a mistake of somebody."""
        for header in self.cells:
            if header not in self.used:
                self.fault(header, "workbook-not-in-this-row", value=quoted(self.word(header)))


def _put(part: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *above, last = path
    for step in above:
        part = part.setdefault(step, {})
    part[last] = value


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose first row names its columns."""

    title: str
    column_of: Mapping[str, int]
    rows: Sequence[Row]

    @property
    def first(self) -> str:
        """The column that a fault of a whole row is said at."""
        return "name" if "name" in self.column_of else next(iter(self.column_of), "")


def table(
    book: Book, found: RawSheet | None, title: str, layout: Sequence[Column],
    *, optional: Iterable[str] = (),
) -> Table:  # fmt: skip
    """The rows of a sheet by the names of their columns; what is wrong with it is noted."""
    wanted = [header for header, _ in sheets.headers(layout)]
    if found is None:
        book.fault(Spot(title), _NO_SHEET, {"name": title})
        return Table(title, {}, ())
    for area in found.merged:
        row, column = _corner(area)
        book.fault(Spot(title, row, column), "workbook-merged", {"area": area})
    for at in found.comments:
        book.lost(Spot(title, *at), "workbook-comment-not-read")
    formulas = set(found.formulas)
    for row, column in sorted(formulas):
        head = found.rows.get(1, {}).get(column)
        spot = Spot(title, row, column, head.value if head and row > 1 else "")
        book.fault(spot, "workbook-formula")
    columns = _columns(book, found, title, wanted)
    for header in wanted:
        if header not in columns and header not in set(optional):
            book.fault(Spot(title, 1), "workbook-no-column", {"name": header})
    made = Table(title, columns, rows := [])
    named = {column: header for header, column in columns.items()}
    for number in sorted(found.rows):
        if number == 1:
            continue
        given = {
            named[column]: cell
            for column, cell in found.rows[number].items()
            if column in named and (number, column) not in formulas
        }
        if given:
            rows.append(Row(book, made, number, given, set()))
    _nothing_unnamed(book, found, named)
    return made


def _columns(book: Book, found: RawSheet, title: str, wanted: Sequence[str]) -> dict[str, int]:
    """The columns by the headers that they are known by."""
    known = {_bare(header): header for header in wanted}
    columns: dict[str, int] = {}
    for column, cell in sorted(found.rows.get(1, {}).items()):
        header = known.get(_bare(cell.value), "")
        if not header and title == sheets.SURVEY and _WEIGHT_OF.fullmatch(cell.value.strip()):
            header = cell.value.strip()
        spot = Spot(title, 1, column, cell.value.strip()[:60])
        if not header:
            near = get_close_matches(_bare(cell.value)[:60], known, n=1, cutoff=0.5)
            code = "workbook-unknown-column" if near else "workbook-column-unlike-any"
            name = quoted(cell.value.strip())
            book.fault(spot, code, {"name": name, "near": known[near[0]] if near else ""})
            columns[f"\0{column}"] = column
        elif header in columns:
            book.fault(spot, "workbook-two-columns", {"name": header})
            columns[f"\0{column}"] = column
        else:
            columns[header] = column
    for unknown in [header for header in columns if header.startswith("\0")]:
        del columns[unknown]
    return columns


def _nothing_unnamed(book: Book, found: RawSheet, named: Mapping[int, str]) -> None:
    """A cell below no header would be lost."""
    headed = set(found.rows.get(1, {})) | set(named)
    told: set[int] = set()
    for number in sorted(found.rows):
        for column in found.rows[number]:
            if column not in headed and column not in told:
                told.add(column)
                book.fault(Spot(found.title, number, column), "workbook-no-header")


def _bare(header: str) -> str:
    """A header without what people and programs change in it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).casefold()


def _corner(area: str) -> tuple[int, int]:
    """Row and column of the first cell of a range such as ``B3:C4``."""
    found = re.match(r"([A-Z]{1,3})([0-9]{1,7})", area)
    if found is None:
        return 0, 0
    column = 0
    for sign in found[1]:
        column = column * 26 + ord(sign) - 64
    return int(found[2]), column
