"""The rows of a form's sheets by field; what no reader has taken of them is a loss by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from survey.core.errors import quoted
from survey.exchange import xlsform_columns
from survey.exchange.foreign import Kept, Labels, Losses
from survey.exchange.form_tables import Line, Table
from survey.exchange.xlsform_columns import Column


@dataclass(slots=True)
class Row:
    """One row: what stands in its cells, and which of them have been taken."""

    table: Table
    line: Line
    columns: Mapping[int, Column]
    taken: set[int] = field(default_factory=set)

    def cells(self, name: str) -> Iterator[tuple[int, str]]:
        """The filled cells of a field, in any language."""
        for at, words in self.line.cells.items():
            if at in self.columns and self.columns[at].field == name:
                yield at, words

    def get(self, name: str) -> str:
        """What the first filled cell of a field says; it is taken with that."""
        for at, words in self.cells(name):
            self.taken.add(at)
            return words
        return ""

    def labels(self, name: str) -> Labels:
        """A field in every language; all its cells are taken with that."""
        found: Labels = {}
        for at, words in self.cells(name):
            self.taken.add(at)
            found.setdefault(self.columns[at].language, words)
        return found

    def rest(self) -> Kept:
        """Everything that has not been taken, by the names of the columns, taken with that."""
        left = tuple(
            (self.table.heads[at], words)
            for at, words in self.line.cells.items()
            if at in self.columns and at not in self.taken
        )
        self.taken.update(self.line.cells)
        return left

    def place(self, name: str = "") -> str:
        at = next((at for at, _words in self.cells(name)), None) if name else None
        return self.table.place(self.line.number, at)


@dataclass(slots=True)
class Sheet:
    """A sheet whose rows are handed out one by one."""

    table: Table
    losses: Losses
    columns: dict[int, Column] = field(default_factory=dict)
    handed: list[Row] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        self.name_columns()
        for line in self.table.lines:
            for at, words in line.cells.items():
                if at not in self.table.heads:
                    place = self.table.place(line.number, at)
                    self.losses.add("loss-no-head", place, ((place, words),))
            row = Row(self.table, line, self.columns)
            if any(at in self.columns for at in line.cells):
                self.handed.append(row)
                yield row

    def name_columns(self) -> None:
        """What each column is about; a second one of the same kind is left out."""
        known: set[Column] = set()
        for at, head in self.table.heads.items():
            column = xlsform_columns.column(head)
            if column in known:
                texts = tuple(
                    (self.table.place(line.number, at), line.cells[at])
                    for line in self.table.lines
                    if at in line.cells
                )
                place = self.table.place(1, at)
                self.losses.add("loss-column-twice", place, texts, column=quoted(head))
                continue
            known.add(column)
            self.columns[at] = column

    def tell(self) -> None:
        """What nobody has taken, column by column."""
        left: dict[int, list[tuple[str, str]]] = {}
        for row in self.handed:
            for at, words in row.line.cells.items():
                if at in self.columns and at not in row.taken:
                    place = self.table.place(row.line.number, at)
                    left.setdefault(at, []).append((place, words))
        for at in sorted(left):
            place, head = self.table.place(1, at), quoted(self.table.heads[at])
            count, texts = len(left[at]), tuple(left[at])
            self.losses.add("loss-column", place, texts, column=head, count=count)


def every_cell(table: Table) -> Kept:
    """All of a sheet that is not read."""
    return tuple(
        (table.place(line.number, at), words)
        for line in table.lines
        for at, words in line.cells.items()
    )
