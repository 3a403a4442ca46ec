"""The sheets of a form as tables with a head, whether they come as XLSX, XLS or CSV."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from survey.exchange import form_strangers, xlsx
from survey.exchange.foreign import NotReadable, decoded, is_wide
from survey.exchange.xlsx import Holds, RawCell, RawSheet, letter


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number, and the words of its cells by column."""

    number: int
    cells: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose first row names its columns. `odd` are cells that were not read as they are.

    They are formulas nobody worked out, and faults such as #REF!.
    """

    title: str
    heads: Mapping[int, str]
    lines: Sequence[Line]
    odd: Sequence[str] = ()

    def place(self, number: int, column: int | None = None) -> str:
        return f"{self.title}!{letter(column) if column else ''}{number}"


def tables(content: bytes) -> tuple[Table, ...]:
    """Every sheet. Raises NotReadable, or BadWorkbook in one of its kinds."""
    if content.startswith((b"PK", xlsx.OLE)):
        return tuple(_of_a_sheet(sheet) for sheet in form_strangers.looked_into(content))
    return tuple(_of_csv(content))


def of_rows(title: str, rows: Iterable[Sequence[str | None]]) -> Table:
    """A table of plain rows, the first of which names the columns."""
    lines = [
        Line(number, {at: cell for at, cell in enumerate(row, start=1) if cell})
        for number, row in enumerate(rows, start=1)
    ]
    return _with_heads(title, lines)


def _of_a_sheet(sheet: RawSheet) -> Table:
    odd: list[str] = []
    lines = []
    for number in sorted(sheet.rows):
        cells = {}
        for column, cell in sheet.rows[number].items():
            if cell.holds in {Holds.FORMULA, Holds.FAULT}:
                odd.append(f"{sheet.title}!{letter(column)}{number}")
            else:
                cells[column] = _words(cell)
        lines.append(Line(number, cells))
    return _with_heads(sheet.title, lines, odd)


def _words(cell: RawCell) -> str:
    if cell.is_truth:
        return "TRUE" if cell.value == "yes" else "FALSE"
    return cell.value.replace("\xa0", " ").strip()


def _with_heads(title: str, lines: Sequence[Line], odd: Sequence[str] = ()) -> Table:
    filled = [line for line in lines if any(cell.strip() for cell in line.cells.values())]
    if not filled:
        return Table(title, {}, (), odd)
    heads = {at: " ".join(cell.split()) for at, cell in filled[0].cells.items() if cell.strip()}
    return Table(title, heads, filled[1:], odd)


def _of_csv(content: bytes) -> Iterator[Table]:
    """Sheets one below the other: a name in the first column, then rows from the second on.

    A file whose first row names columns is the sheet of questions alone.
    """
    text = decoded(content)
    if "\0" in text or (is_wide(content) and "," not in text):
        raise NotReadable("foreign-not-a-form")
    title, lines = "", list[Line]()
    try:
        first = next(csv.reader(StringIO(text, newline="")), [])
        if {"type", "name"} <= {cell.strip().lower() for cell in first}:
            yield of_rows("survey", csv.reader(StringIO(text, newline="")))
            return
        for row in csv.reader(StringIO(text, newline="")):
            number = len(lines) + 1
            if row and row[0].strip():
                if lines:
                    yield _with_heads(title, lines)
                title, lines = row[0].strip(), []
                number = 1
            cells = {at: cell.strip() for at, cell in enumerate(row, start=1) if at > 1}
            if any(cells.values()):
                lines.append(Line(number, {at: cell for at, cell in cells.items() if cell}))
    except csv.Error as error:
        raise NotReadable("foreign-not-a-form") from error
    yield _with_heads(title, lines)
