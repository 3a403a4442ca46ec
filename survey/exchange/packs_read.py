"""What comes back in a workbook that pack_xlsx.py has made: answers, and every wrong cell."""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from survey.core import blanks, wording
from survey.core.bank import Bank, NotApplicable, Question
from survey.core.blanks import GRADE, NOTE, REASON, STATE, Blank, Fill, Options, Parts
from survey.core.errors import BadAnswer, Facts, quoted
from survey.exchange import xlsx
from survey.exchange.pack_xlsx import (
    ABOUT,
    DIGITS,
    FORMAT,
    HEAD,
    LISTS,
    LONGEST_LABEL,
    MARK,
    Stamp,
)
from survey.exchange.xlsx import BadWorkbook, Holds, RawCell, RawSheet


class ForeignWorkbook(BadWorkbook):
    """A workbook, but none that was fetched here."""

    code = "workbook-not-ours"


class OtherFormat(BadWorkbook):
    """Fetched from another release of the site."""

    code = "workbook-other-release"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell as its reader finds it."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell; `part` is the blank of the question that stands there."""

    key: str
    part: str
    place: Place
    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """One question as it was filled in; `was_filled` when the workbook was fetched."""

    key: str
    revision: int
    is_changed: bool
    was_filled: bool
    plain: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Legible:
    """What can be read of one question, blank by blank, and where it stands."""

    parts: Parts
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a workbook that came back. `unknown` are questions that the bank has not.

    `legible` has the questions that are not as they were fetched, also those with faults.
    """

    stamp: Stamp
    taken: tuple[Taken, ...]
    faults: tuple[Fault, ...]
    legible: Mapping[str, Legible]
    unknown: tuple[str, ...]
    missing_sheets: tuple[str, ...]


def stamp_of(sheets: Sequence[RawSheet]) -> Stamp:
    """What the workbook was made for. Raises ForeignWorkbook, OtherFormat."""
    facts = {name: value for name, value, _ in _about_facts(sheets) if name != "sheet"}
    if not facts:
        raise ForeignWorkbook
    if facts.get("format") != str(FORMAT):
        raise OtherFormat
    try:
        return Stamp(
            bank_key=facts["bank"],
            bank_version=int(facts["version"]),
            bank_digest=facts["digest"],
            edition=facts.get("edition", ""),
            assessment_id=int(facts["assessment"]) if "assessment" in facts else None,
            firm_id=int(facts["firm"]) if "firm" in facts else None,
        )
    except (KeyError, ValueError) as error:
        raise ForeignWorkbook from error


def contents(sheets: Sequence[RawSheet], bank: Bank, digest: str) -> Contents:
    """Everything that can be taken for this bank, and every fault, sheet by sheet.

    In a workbook of the same bank, by its digest, no row of an answer may be missing.
    Raises ForeignWorkbook, OtherFormat.
    """
    stamp = stamp_of(sheets)
    reader = _Reader(bank, _labels(sheets), is_same=stamp.bank_digest == digest)
    for sheet in sheets:
        if sheet.title not in (ABOUT, LISTS):
            reader.read(sheet)
    pages = reader.pages()
    return Contents(
        stamp=stamp,
        taken=tuple(reader.taken()),
        faults=tuple(reader.faults),
        legible=reader.legible,
        unknown=tuple(reader.unknown),
        missing_sheets=tuple(
            title
            for name, title, page in _about_facts(sheets)
            if name == "sheet" and title not in reader.titles and page not in pages
        ),
    )


def _about_facts(sheets: Sequence[RawSheet]) -> Iterator[tuple[str, str, str]]:
    """A name and its value; of a sheet its title and, since it can be renamed, its page."""
    for sheet in sheets:
        if sheet.title == ABOUT:
            for _, cells in sorted(sheet.rows.items()):
                if 1 in cells and 2 in cells:
                    page = cells[3].value if 3 in cells else ""
                    yield cells[1].value, cells[2].value, page


def _labels(sheets: Sequence[RawSheet]) -> dict[str, dict[str, str]]:
    """The keys of labels by the number of their list, as the workbook itself has them."""
    lists: dict[str, dict[str, str]] = {}
    for sheet in sheets:
        if sheet.title == LISTS:
            heads = sheet.rows.get(1, {})
            for row, cells in sheet.rows.items():
                for column, cell in cells.items():
                    if row > 1 and column % 2 and column + 1 in cells and column in heads:
                        known = lists.setdefault(heads[column].value, {})
                        known[_folded(cell.value)] = cells[column + 1].value
    return lists


@dataclass(slots=True)
class _Found:
    """What was found of one question, blank by blank."""

    revision: int
    fingerprint: str
    first: Place
    cells: dict[str, tuple[RawCell | None, Place, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, part: str) -> Place:
        """Where a blank stands; one whose row is not there, where the question begins."""
        return self.cells[part][1] if part in self.cells else self.first

    def is_as_fetched(self, read: Parts, chosen: Container[str]) -> bool:
        """Whether every cell holds what it held when it was fetched, as in an untouched draft."""
        there = {
            part: read[part] if part in chosen and part in read else cell.value
            for part, (cell, _, _) in self.cells.items()
            if cell is not None
        }
        return bool(there) and blanks.fingerprint(there) == self.fingerprint


class _Reader:
    """Reads sheet by sheet; a question may stand on several, but then it must say the same."""

    def __init__(
        self, bank: Bank, labels: Mapping[str, Mapping[str, str]], *, is_same: bool
    ) -> None:
        self._bank = bank
        self._labels = labels
        self._is_same = is_same
        self._found: dict[str, _Found] = {}
        self.faults: list[Fault] = []
        self.legible: dict[str, Legible] = {}
        self.unknown: list[str] = []
        self.titles: set[str] = set()

    def read(self, sheet: RawSheet) -> None:
        columns = {
            cell.value.removeprefix(MARK): column
            for column, cell in sheet.rows.get(1, {}).items()
            if cell.value.startswith(MARK)
        }
        if not {"key", "answer"} <= columns.keys():
            return
        merged = [_rows_of(each) for each in sheet.merged]
        for number, cells in sorted(sheet.rows.items()):
            if number > 1 and columns["key"] in cells:
                row = _Row(sheet.title, number, cells, columns)
                self._take(row, is_merged=any(first <= number <= last for first, last in merged))

    def _take(self, row: "_Row", *, is_merged: bool) -> None:
        key = row.text("key")
        if key == "key":
            return
        self.titles.add(row.sheet)
        question = self._bank.questions.get(key)
        if question is None:
            if key not in self.unknown:
                self.unknown.append(key)
            return
        found = self._found.setdefault(
            key, _Found(row.number_in("revision"), row.text("fingerprint"), row.place("answer"))
        )
        part = row.text("part")
        part = "" if part == "answer" else part
        if is_merged:
            _add_fault(question, found, part, row.place("answer"), "cell-merged")
        if row.text("fingerprint") or row.text("revision"):
            for beside in (STATE, REASON, GRADE, NOTE):
                self._put(question, found, beside, row, beside)
        if part != HEAD:
            self._put(question, found, part, row, "answer")

    def _put(self, question: Question, found: _Found, part: str, row: "_Row", column: str) -> None:
        cell = row.cell(column)
        before = found.cells.get(part)
        if before is not None and before[0] != cell:
            _add_fault(question, found, part, row.place(column), "cell-twice")
        found.cells[part] = (cell, row.place(column), row.text("list"))

    def pages(self) -> set[str]:
        """The pages of which questions were found."""
        return {self._bank.place_of[key] for key in self._found}

    def taken(self) -> Iterator[Taken]:
        for key, question in self._bank.questions.items():
            found = self._found.get(key)
            if found is None:
                continue
            taken = self._taken(question, found)
            self.faults += sorted(found.faults, key=_as_they_stand)
            if taken is not None:
                yield taken

    def _taken(self, question: Question, found: _Found) -> Taken | None:
        asked = {blank.part: blank for blank in blanks.blanks(question)}
        parts: dict[str, str] = {}
        unfit: dict[str, _Unfit] = {}
        for part, (cell, _, listed) in found.cells.items():
            if cell is None:
                continue
            try:
                parts[part] = self._value(question, part, asked.get(part), cell, listed)
            except _Unfit as error:
                unfit[part] = error
        chosen = {STATE, GRADE} | {p for p, blank in asked.items() if blank.options}
        is_same = found.is_as_fetched(parts, chosen)
        unread = {fault.part for fault in found.faults} | unfit.keys()
        missing = asked.keys() - found.cells.keys() if self._is_same else set()
        if missing:
            _add_fault(question, found, "", found.first, "cell-rows-missing")
        if not is_same:
            legible = {part: value for part, value in parts.items() if part not in unread}
            self.legible[question.key] = Legible(legible, {p: found.place(p) for p in legible})
            for part, why in unfit.items():
                _add_fault(question, found, part, found.place(part), why.code, why.facts)
            for wrong in blanks.problems(question, legible, unread | missing):
                place = found.place(wrong.place)
                _add_fault(question, found, wrong.place, place, wrong.code, wrong.facts)
        if found.faults:
            return None
        try:
            plain = None if unfit else blanks.plain_of(question, parts)
        except BadAnswer:  # a draft, just as it was fetched
            plain = None
        kept = {} if plain is None else blanks.filled(question, plain)
        is_changed = not is_same and blanks.fingerprint(kept) != found.fingerprint
        return Taken(question.key, found.revision, is_changed, bool(found.fingerprint), plain)

    def _value(
        self, question: Question, part: str, blank: Blank | None, cell: RawCell, listed: str
    ) -> str:
        """What a cell says. Raises _Unfit."""
        if cell.holds is Holds.FORMULA:
            raise _Unfit("cell-formula")
        if cell.holds is Holds.FAULT:
            raise _Unfit("cell-fault", value=quoted(cell.value))
        if part == STATE:
            if _INSTEAD.get(_folded(cell.value)) == blanks.NOT_APPLICABLE and (
                question.not_applicable is NotApplicable.NEVER
            ):
                raise _Unfit("answer-never-not-applicable")
            return _option(cell, blanks.states(question), _INSTEAD)
        if part == GRADE:
            return _option(cell, (*blanks.GRADES, *blanks.FORMER_GRADES), {})
        if part in (REASON, NOTE):
            return _text(cell)
        if blank is None:
            raise _Unfit("cell-not-asked")
        if _is_instead(question, blank, cell):
            raise _Unfit("cell-other-column", value=quoted(cell.value))
        if blank.fill is Fill.OPTION:
            return _option(cell, blank.options, self._labels.get(listed, {}))
        return _number(cell, blank) if blank.fill is Fill.NUMBER else _text(cell)


def _add_fault(
    question: Question,
    found: _Found,
    part: str,
    place: Place,
    code: str,
    facts: Facts | None = None,
) -> None:
    found.faults.append(Fault(question.key, part, place, code, facts or {}))


def _as_they_stand(fault: Fault) -> tuple[int, int, str]:
    """Row by row, and within one from the left: A before AA."""
    return fault.place.row, len(fault.place.column), fault.place.column


@dataclass(frozen=True, slots=True)
class _Row:
    sheet: str
    number: int
    cells: Mapping[int, RawCell]
    columns: Mapping[str, int]

    def cell(self, name: str) -> RawCell | None:
        return self.cells.get(self.columns.get(name, 0))

    def text(self, name: str) -> str:
        cell = self.cell(name)
        return "" if cell is None else cell.value

    def number_in(self, name: str) -> int:
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def place(self, name: str) -> Place:
        return Place(self.sheet, self.number, xlsx.letter(self.columns.get(name, 1)))


class _Unfit(Exception):
    """A cell that cannot be read as what belongs there."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Facts = facts


_YES = frozenset({"yes", "y", "true", "1", "x", "v", "√", "✓", "✔", "☑", "对", "有"})
_NO = frozenset({"no", "n", "false", "0", "×", "☐", "无"})


def _is_instead(question: Question, blank: Blank, cell: RawCell) -> bool:
    """Whether don't know or not applicable stands where the answer belongs."""
    said = _folded(cell.value)
    is_offered = said in {_folded(word) for _, text in blank.options for word in (text.zh, text.en)}
    has_column = _INSTEAD.get(said) in {key for key, _ in blanks.states(question)}
    return has_column and not is_offered and blank.fill is not Fill.TEXT


def _option(cell: RawCell, options: Options, labels: Mapping[str, str]) -> str:
    """The key of what was chosen: by the workbook's own labels, or by those of the bank."""
    typed = _folded(cell.value)
    keys = {key for key, _ in options}
    if labels.get(typed) in keys:
        return labels[typed]
    known: dict[str, str] = {}
    for key, text in options:
        for said in (key, text.zh, text.en, f"{text.zh} / {text.en}"):
            known.setdefault(_folded(said[:LONGEST_LABEL]), key)
    if typed in known:
        return known[typed]
    if keys == {blanks.YES, blanks.NO} and typed in _YES | _NO:
        return blanks.YES if typed in _YES else blanks.NO
    raise _Unfit("cell-no-option", value=quoted(cell.value))


def _text(cell: RawCell) -> str:
    if cell.holds is Holds.PERCENT:
        return f"{_plain(Decimal(cell.value) * 100)}%"
    return cell.value


_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def _number(cell: RawCell, blank: Blank) -> str:
    """A number: typed as text, in full-width digits, with its unit, or in per cent."""
    counts_percent = blank.unit is not None and blank.unit.en.startswith("%")
    match cell.holds:
        case Holds.DATE:
            raise _Unfit("cell-date", value=cell.value)
        case Holds.PERCENT:
            if not counts_percent:
                raise _Unfit("cell-percent", value=f"{_plain(Decimal(cell.value) * 100)}%")
            return _plain(Decimal(cell.value) * 100)
        case Holds.NUMBER:
            return _plain(Decimal(cell.value))
        case _:
            text = "".join(unicodedata.normalize("NFKC", cell.value).split())
    for unit in ("%",) if counts_percent else _units(blank):
        text = text.removesuffix(unit)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not DIGITS.fullmatch(text):
        raise _Unfit("cell-no-number", value=quoted(cell.value))
    return _plain(Decimal(text))


def _units(blank: Blank) -> tuple[str, ...]:
    unit = blank.unit
    return () if unit is None else ("".join(unit.zh.split()), "".join(unit.en.split()))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


_INSTEAD: Mapping[str, str] = {
    _folded(word): key
    for key, text in (
        (blanks.UNKNOWN, blanks.DONT_KNOW),
        (blanks.UNKNOWN, wording.STATES["unknown"]),
        (blanks.NOT_APPLICABLE, blanks.NOT_OURS),
        (blanks.NOT_APPLICABLE, wording.STATES["not-applicable"]),
    )
    for word in (text.zh, text.en)
}
"""The keys of what people write instead of an answer."""


def _rows_of(merged: str) -> tuple[int, int]:
    """The first and the last row of a range like K5:K7."""
    rows = [int(number) for number in re.findall(r"[0-9]+", merged)]
    return rows[0], rows[-1]
