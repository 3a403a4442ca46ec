"""A bank's texts as a workbook, for translators, and what comes back in one.

Only the translation, its state and the note are to be filled in. A hidden sheet says of which
bank and revision the file is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey.core.errors import Facts, SurveyError
from survey.core.text import Text
from survey.core.texts import State
from survey.core.translation_rows import (
    LONGEST,
    ExportedText,
    FileFault,
    TranslationFile,
    TranslationRow,
    only_once,
    plain,
)
from survey.exchange import own_markup, xlsx
from survey.exchange.soundness import no_text
from survey.exchange.xlsx import Cell, Holds, Look, RawCell, RawSheet, Sheet

_ABOUT = "_qizhen"
_TITLE = "翻译 Translations"
_NAMES: Mapping[str, Text] = {
    "place": Text(zh="位置", en="Place"),
    "section": Text(zh="部分", en="Section"),
    "kind": Text(zh="类型", en="Kind"),
    "zh": Text(zh="中文", en="Chinese"),
    "en": Text(zh="英文", en="English"),
    "state": Text(zh="状态", en="State"),
    "note": Text(zh="备注", en="Note"),
}
_WIDTHS = (26, 18, 14, 50, 60, 18, 40)
_NEEDED = ("place", "zh", "en")
_STATES: Mapping[State, Text] = {
    State.REVIEWED: Text(zh="已审核", en="reviewed"),
    State.DRAFT: Text(zh="未审核", en="not reviewed"),
    State.STALE: Text(zh="已过时", en="stale"),
    State.MISSING: Text(zh="缺译文", en="missing"),
}
_PICK = xlsx.Advice(
    "企诊 Qizhen", "请从列表中选择一项，或清空这一格。 Choose from the list, or clear the cell."
)
_FIRST_CELLS = 20
"""Rows among which the heads are looked for."""


class NoTexts(SurveyError):
    """No sheet of the workbook has the columns of place, source and translation."""

    code = "translations-no-sheet"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A text with the words that the workbook says beside it."""

    exported: ExportedText
    section: str
    kind: str
    note: str


# ----------------------------------------------------------------------- writing


def written(
    rows: Iterable[SheetRow], *, bank: str, version: int, revision: int, day: date
) -> bytes:
    """The workbook. The same texts, revision and day give the same bytes."""
    heads = [Cell(_both(_NAMES[name]), Look.HEAD) for name in _NAMES]
    filled = [heads, *(_cells(row) for row in rows)]
    column = xlsx.letter(1 + list(_NAMES).index("state"))
    texts = Sheet(
        _TITLE,
        _WIDTHS,
        filled,
        frozen="B2",
        is_protected=True,
        lists={f"{column}2:{column}{max(2, len(filled))}": _CHOICES},
    )
    facts = (("bank", bank), ("version", str(version)), ("revision", str(revision)))
    about = Sheet(
        _ABOUT, (14, 40), [[Cell(name), Cell(value)] for name, value in facts], hidden=True
    )
    properties = xlsx.Properties(
        creator="企诊 Qizhen",
        title=f"{bank} {version}",
        identifier=f"{bank} {version}.{revision}",
        language="zh-CN",
        day=day,
    )
    return xlsx.written([texts, about], properties, advice=_PICK)


def _cells(row: SheetRow) -> Sequence[Cell]:
    text = row.exported.text
    return (
        Cell(text.place, Look.QUIET),
        Cell(row.section, Look.QUIET),
        Cell(row.kind, Look.QUIET),
        Cell(text.zh),
        Cell(text.en or None, Look.TO_FILL_IN),
        Cell(_both(_STATES[row.exported.state]), Look.TO_FILL_IN),
        Cell(row.note or None, Look.TO_FILL_IN),
    )


def _both(text: Text) -> str:
    return f"{text.zh} {text.en}"


_CHOICES = f'"{",".join(_both(_STATES[state]) for state in _STATES)}"'

# ----------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet with its columns by name and the row below its heads."""

    sheet: RawSheet
    columns: Mapping[str, int]
    first: int


def read(sheets: Sequence[RawSheet]) -> TranslationFile:
    """Every text of the workbook, and every cell that cannot be read. Raises NoTexts."""
    tables = [table for sheet in sheets if (table := _table(sheet)) is not None]
    if not tables:
        raise NoTexts
    rows: list[tuple[TranslationRow, str]] = []
    faults: list[FileFault] = []
    for table in tables:
        for number in sorted(table.sheet.rows):
            if number >= table.first:
                _read_row(table, number, rows, faults)
        if table.sheet.merged:
            facts = {"sheet": table.sheet.title, "range": table.sheet.merged[0]}
            faults.append(FileFault("translations-merged", facts))
    taken, twice = only_once(rows)
    about = _about(sheets)
    return TranslationFile(
        about.get("bank", ""),
        _whole(about.get("version", "")),
        _whole(about.get("revision", "")),
        taken,
        (*faults, *twice),
    )


def _about(sheets: Sequence[RawSheet]) -> dict[str, str]:
    found = next((sheet for sheet in sheets if sheet.title == _ABOUT), None)
    rows = found.rows.values() if found is not None else ()
    return {row[1].value: row[2].value for row in rows if 1 in row and 2 in row}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _table(sheet: RawSheet) -> _Table | None:
    for number in sorted(sheet.rows)[:_FIRST_CELLS]:
        columns = {
            name: column
            for column, cell in sorted(sheet.rows[number].items(), reverse=True)
            for name in _NAMES
            if _is_named(cell.value, _NAMES[name], name)
        }
        if all(name in columns for name in _NEEDED):
            return _Table(sheet, columns, number + 1)
    return None


def _is_named(value: str, text: Text, code: str) -> bool:
    said = " ".join(value.split()).casefold()
    return said in {each.casefold() for each in (text.zh, text.en, _both(text), code)}


def _read_row(
    table: _Table, number: int, rows: list[tuple[TranslationRow, str]], faults: list[FileFault]
) -> None:
    row = table.sheet.rows[number]
    wrong = [
        fault
        for name in ("place", "zh", "en", "state")
        if (fault := _fault(table, number, name)) is not None
    ]
    faults += wrong
    place = _value(row.get(table.columns["place"]))
    if not place or wrong:
        return
    state = _state(_value(row.get(table.columns.get("state", 0))))
    source, said = (_value(row.get(table.columns[name])) for name in ("zh", "en"))
    translation, what = own_markup.parted(said)
    if what:
        letter = xlsx.letter(table.columns["en"])
        facts: Facts = {"sheet": table.sheet.title, "row": number, "column": letter, "what": what}
        faults.append(FileFault("translations-markup", facts))
    reviewed = bool(translation) and state is State.REVIEWED and not what
    spot = f"{table.sheet.title}!{xlsx.letter(table.columns['place'])}{number}"
    column = xlsx.letter(table.columns["zh"])
    at: Facts = {"sheet": table.sheet.title, "row": number, "column": column}
    rows.append((TranslationRow(place, source, translation, reviewed, at), spot))


def _fault(table: _Table, number: int, name: str) -> FileFault | None:
    """What is wrong with a cell, named by its sheet, row and column."""
    column = table.columns.get(name, 0)
    cell = table.sheet.rows[number].get(column)
    if cell is None:
        return None
    code, more = _wrong(table, (number, column), cell, name)
    if not code:
        return None
    letter = xlsx.letter(column)
    return FileFault(code, {"sheet": table.sheet.title, "row": number, "column": letter, **more})


def _wrong(
    table: _Table, at: tuple[int, int], cell: RawCell, name: str
) -> tuple[str, Mapping[str, str | int]]:
    if at in table.sheet.formulas or cell.holds is Holds.FORMULA:
        return "translations-formula", {}
    if cell.holds is Holds.FAULT:
        return "translations-cell-fault", {"value": cell.value}
    if cell.holds in (Holds.DATE, Holds.PERCENT):
        return "translations-no-text", {"value": cell.value}
    if len(cell.value) > LONGEST:
        return "translations-too-long", {"most": LONGEST}
    if sign := no_text(cell.value):
        return "translations-unprintable", {"character": sign}
    if name == "state" and _state(cell.value) is None:
        return "translations-state", {"value": cell.value[:40]}
    return "", {}


def _state(value: str) -> State | None:
    for state, text in _STATES.items():
        if _is_named(value, text, state.value):
            return state
    return None


def _value(cell: RawCell | None) -> str:
    return "" if cell is None else plain(cell.value)
