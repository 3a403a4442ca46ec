"""A question bank's document as a workbook that is a valid XLSForm and holds the whole document.

Whatever a document has and the columns cannot show (a draft may have any fault) stands on the
sheet `rest`, place by place: the rows are read back as they were written, and what differs is
written there. The same document at the same revision gives the same bytes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from survey.core import document, patches
from survey.core.answers import UNPRINTABLE
from survey.core.bank import Kind
from survey.core.patches import ABSENT
from survey.core.text import Text
from survey.exchange import bank_xlsx_cells as cells
from survey.exchange import bank_xlsx_read as reading
from survey.exchange import bank_xlsx_sheets as sheets
from survey.exchange import bank_xlsx_terms as terms
from survey.exchange import xlsx, yaml_file
from survey.exchange.bank_parts import Origin, Written
from survey.exchange.bank_xlsx_notes import LIST_TITLES, lists_sheet, notes_sheet
from survey.exchange.bank_xlsx_sheets import (
    CHOICES,
    FACTS,
    GENERAL,
    LANGUAGES,
    METHOD,
    REST,
    SETTINGS,
    SURVEY,
    Column,
    Fields,
    Fill,
    Parts,
)
from survey.exchange.xlsx import Cell, Holds, Look, RawCell, RawSheet, Sheet, Value

EXAMPLE = Path(__file__).with_name("bank-example.yaml")

_DAY = date(2026, 1, 1)
"""The date of every part of the archive: it never tells when the workbook was made."""

_SPARE = 2000
"""Rows below the header that have lists to choose from."""

_PIECE = cells.LONGEST // 2
"""Signs of the rest in one cell, which may have to be written as twice as many."""

_LONGEST_TITLE = 100
"""Signs of the name of a list: a key has 60, that of a faulty draft may have any number."""

_PICK = xlsx.Advice(
    "企诊 Qizhen", "请从列表中选择一项，或清空这一格。 Choose from the list, or clear the cell."
)

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet before it is set: its headers with their columns, and its rows by header."""

    title: str
    layout: Sequence[tuple[str, Column]]
    rows: Sequence[Row]


def write(data: Mapping[str, Any], made_from: Origin | None = None) -> Written:
    """The workbook of a document, with whatever faults; a draft's says what it was made from."""
    tables = _tables(data)
    found = reading.understood(_as_read(tables)).document
    rest = _rest(found, data)
    key, number = data.get("key"), data.get("version")
    name = f"{key}-{number}" if isinstance(key, str) else ""
    properties = xlsx.Properties(
        creator="企诊 Qizhen",
        title=name,
        identifier="qizhen:bank",
        language="zh-CN",
        day=_DAY,
    )
    every = [
        notes_sheet(),
        *(_sheet(table) for table in tables),
        *([_rest_sheet(rest)] if rest else []),
        lists_sheet(),
        *([_about_sheet(made_from)] if made_from else []),
    ]
    return Written(xlsx.written(every, properties, advice=_PICK))


def template() -> bytes:
    """The workbook to fill in, with a small bank that shows how."""
    return write(yaml_file.load(EXAMPLE.read_bytes()).data).content


def _tables(data: Mapping[str, Any]) -> list[Table]:
    survey = _Survey(data)
    return [
        survey.table(),
        Table(CHOICES, _layout(sheets.CHOICE_COLUMNS), survey.choices),
        Table(SETTINGS, _layout(sheets.SETTING_COLUMNS), [_settings(data)]),
        _facts(data),
        *(
            Table(parts.title, _layout(parts.layout), list(_rows_of(parts, data, survey)))
            for parts in sheets.ORDER
        ),
    ]


def _layout(columns: Sequence[Column]) -> list[tuple[str, Column]]:
    return list(sheets.headers(columns))


# -------------------------------------------------------------------- one part


def _row(part: object, columns: Iterable[Column], fields: Fields, survey: "_Survey") -> Row:
    """What a part shows in the columns that its fields have."""
    row: Row = {}
    for column in columns:
        if column.name not in fields:
            continue
        value = cells.at(part, fields[column.name])
        if column.fill is Fill.TEXT:
            for locale, language in LANGUAGES.items():
                shown = cells.value_of(cells.at(value, (locale,)), Fill.TEXT)
                row[f"{column.name}::{language}"] = shown
        elif column.fill is Fill.CONDITION:
            row[column.name] = terms.condition_text(value, survey.called)
        else:
            row[column.name] = cells.value_of(value, column.fill)
    return row


def _texts(name: str, text: Text) -> Row:
    return {f"{name}::{LANGUAGES['zh']}": text.zh, f"{name}::{LANGUAGES['en']}": text.en}


def _word(part: Mapping[str, Any], name: str) -> str:
    """A word of a part; nothing if it is something else."""
    found = part.get(name)
    return found if isinstance(found, str) else ""


def _parts(node: object, *path: str) -> list[Any]:
    """The parts of a list that are objects; what else a faulty one has is in the rest."""
    found = cells.at(node, path)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


# ------------------------------------------------------------------- the survey


@dataclass(slots=True)
class _Survey:
    """The rows of survey and choices, made in one walk through the bank."""

    data: Mapping[str, Any]
    rows: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    kinds: dict[str, object] = field(default_factory=dict)
    compared: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for question in self.questions():
            if isinstance(question.get("key"), str):
                self.kinds.setdefault(question["key"], question.get("kind"))
        for question in self.questions():
            self.compared |= _compared(question.get("when"))
            self.compared |= _compared(question.get("optional_when"))
        self._walk()

    def questions(self) -> Iterator[dict[str, Any]]:
        yield from _parts(self.data, "profile", "questions")
        for section in _parts(self.data, "sections"):
            for domain in _parts(section, "domains"):
                yield from _parts(domain, "questions")
        yield from _parts(self.data, "outcomes", "questions")

    def called(self, key: str) -> str:
        """The name of the row that has a question's number: an option has none of its own."""
        match self.kinds.get(key):
            case Kind.LADDER:
                return f"points_{key}"
            case Kind.RATIO:
                return f"percent_{key}"
            case _:
                return terms.name_of(key)

    def weights(self) -> list[str]:
        """The answers that weights depend on: those of the question, then any others."""
        by = self.data.get("weigh_by")
        asked = next((q for q in self.questions() if q.get("key") == by and by), {})
        found = [option.get("key") for option in _parts(asked, "options")]
        for section in _parts(self.data, "sections"):
            found += sorted(_weights(section))
        keys = dict.fromkeys(key for key in found if isinstance(key, str) and key.strip() == key)
        return [key for key in keys if key and len(key) <= 60]

    def table(self) -> Table:
        layout: list[tuple[str, Column]] = []
        for column in sheets.SURVEY_COLUMNS:
            layout += [(header, column) for header in column.headers]
            if column.name == "weight":
                layout += [(sheets.WEIGHT_OF.format(key), column) for key in self.weights()]
        return Table(SURVEY, layout, self.rows)

    # ------------------------------------------------------------ the walk

    def _walk(self) -> None:
        self._page("profile", sheets.PROFILE_NAME)
        for section in _parts(self.data, "sections"):
            self._begin("section", section, sheets.SECTION)
            for domain in _parts(section, "domains"):
                self._begin("domain", domain, sheets.DOMAIN)
                self._questions(domain)
                self._end()
            self._end()
        self._page("outcomes", sheets.OUTCOMES_NAME)
        if any("statements" in question for question in self.questions()):
            for key, label in sheets.YES_NO_OPTIONS:
                row: Row = {"list_name": sheets.YES_NO_LIST, "name": key}
                self.choices.append(row | _texts("label", label))

    def _page(self, field_name: str, name: str) -> None:
        page = self.data.get(field_name)
        if isinstance(page, dict):
            row: Row = {"type": "begin group", "name": name}
            self.rows.append(row | _row(page, sheets.SURVEY_COLUMNS, sheets.PAGE, self))
            self._questions(page)
            self._end()

    def _begin(self, sort: str, part: dict[str, Any], fields: Fields) -> None:
        key = part.get("key")
        row: Row = {
            "type": "begin group",
            "name": f"{sort}_{key}" if cells.value_of(key, Fill.KEY) else None,
        }
        row |= _row(part, sheets.SURVEY_COLUMNS, fields, self)
        self.rows.append(row | _weight_cells(part))

    def _end(self) -> None:
        self.rows.append({"type": "end group"})

    def _questions(self, page: dict[str, Any]) -> None:
        for question in _parts(page, "questions"):
            row = self._question_row(question)
            if _word(question, "kind") in sheets.OF_SEVERAL_ROWS:
                self._group(question, row)
            else:
                row["type"] = self._type(question)
                self.rows.append(row)
            if _word(question, "key") in self.compared:
                self._number_of(question)

    def _question_row(self, question: dict[str, Any]) -> Row:
        key = question.get("key")
        shown = cells.value_of(key, Fill.KEY)
        name = terms.name_of(shown) if isinstance(shown, str) else None
        row: Row = {"type": None, "name": name}
        row |= _row(question, sheets.SURVEY_COLUMNS, sheets.QUESTION, self)
        row["constraint"] = terms.limits_text(question)
        return row | _weight_cells(question)

    def _type(self, question: dict[str, Any]) -> str:
        match question.get("kind"):
            case Kind.CHOICE | Kind.LADDER:
                return f"select_one {self._list(question, 'options')}".strip()
            case Kind.MULTIPLE:
                return f"select_multiple {self._list(question, 'options')}".strip()
            case Kind.NUMBER:
                return "decimal" if question.get("decimals") else "integer"
            case _:
                return "text"

    def _list(self, question: dict[str, Any], name: str) -> str:
        """Write the options of a question as a list of its own, and say what it is called."""
        if not _parts(question, name):
            return ""
        title = base = str(question.get("key") or "list").strip().replace(" ", "-")[:_LONGEST_TITLE]
        number = 1
        while title in self.lists:
            number += 1
            title = f"{base}.{number}"
        self.lists.add(title)
        for option in _parts(question, name):
            row: Row = {"list_name": title}
            self.choices.append(row | _row(option, sheets.CHOICE_COLUMNS, sheets.OPTION, self))
        return title

    def _group(self, question: dict[str, Any], row: Row) -> None:
        kind = question["kind"]
        row["type"] = "begin group"
        inner = list(self._inner(question, kind))
        row["appearance"] = "field-list"
        self.rows += [row, *inner]
        self._end()

    def _inner(self, question: dict[str, Any], kind: str) -> Iterator[Row]:
        if kind in sheets.FIGURES:
            for name, label in sheets.FIGURES[kind].items():
                if label is not None and name != "figure" and question.get("scale") is not None:
                    continue
                row: Row = {"type": "decimal", "name": f"{name}_{question.get('key')}"}
                if label is None:
                    own = {"label": (name,)}
                    yield row | _row(question, sheets.SURVEY_COLUMNS, own, self)
                else:
                    yield row | _texts("label", label)
            return
        name = sheets.OF_SEVERAL_ROWS[kind]
        rows = _parts(question, name)
        listed = sheets.YES_NO_LIST
        if name == "rows" and rows:
            listed = self._list(question, "states")
        fields = sheets.ROW if name == "rows" else sheets.STATEMENT
        for part in rows:
            key = part.get("key")
            inner: Row = {
                "type": f"select_one {listed}".strip(),
                "name": f"row_{key}" if cells.value_of(key, Fill.KEY) else None,
            }
            yield inner | _row(part, sheets.SURVEY_COLUMNS, fields, self)

    def _number_of(self, question: dict[str, Any]) -> None:
        """A row that works out the number which a condition compares."""
        said = terms.calculation_text(question)
        if said is not None:
            called = self.called(question["key"])
            self.rows.append({"type": "calculate", "name": called, "calculation": said})


def _compared(condition: object) -> set[str]:
    """The questions whose number a condition compares."""
    if isinstance(condition, list):
        return set().union(*map(_compared, condition))
    if not isinstance(condition, dict):
        return set()
    inner = set().union(*(_compared(condition.get(name)) for name in ("all", "any", "not")))
    key = condition.get("question")
    return inner | ({key} if "at_least" in condition and isinstance(key, str) else set())


def _weights(section: dict[str, Any]) -> set[str]:
    """Every answer that a weight of this section is given for."""
    found: set[str] = set()
    for part in (
        section,
        *_parts(section, "domains"),
        *(q for domain in _parts(section, "domains") for q in _parts(domain, "questions")),
    ):
        if isinstance(part.get("weight"), dict):
            found |= {key for key in part["weight"] if isinstance(key, str)}
    return found


def _weight_cells(part: dict[str, Any]) -> Row:
    weight = part.get("weight")
    if not isinstance(weight, dict):
        return {}
    return {
        sheets.WEIGHT_OF.format(key): cells.value_of(value, Fill.NUMBER)
        for key, value in weight.items()
    }


# -------------------------------------------------------------- the other sheets


def _settings(data: Mapping[str, Any]) -> Row:
    row: Row = {
        column.name: cells.value_of(cells.at(data, sheets.SETTING_FIELDS[column.name]), column.fill)
        for column in sheets.SETTING_COLUMNS
        if column.name in sheets.SETTING_FIELDS
    }
    return row | {"default_language": LANGUAGES["zh"]}


def _facts(data: Mapping[str, Any]) -> Table:
    layout = [
        (header, Column(header, Fill.FORM, Text(zh="值", en="Value"), width=width))
        for header, width in zip(sheets.FACT_HEADERS, (32, 28, 60, 60), strict=True)
    ]
    rows: list[Row] = []
    for fact in FACTS:
        if fact.name == METHOD:
            told = _parts(data, METHOD) or [None]
            rows += [_fact_row(fact, text) for text in told]
        else:
            rows.append(_fact_row(fact, cells.at(data, fact.path)))
    return Table(GENERAL, layout, rows)


def _fact_row(fact: Column, value: object) -> Row:
    row: Row = {"field": fact.name}
    if fact.fill is not Fill.TEXT:
        return row | {"value": cells.value_of(value, fact.fill)}
    return row | {
        language: cells.value_of(cells.at(value, (locale,)), Fill.TEXT)
        for locale, language in LANGUAGES.items()
    }


def _rows_of(parts: Parts, data: Mapping[str, Any], survey: _Survey) -> Iterator[Row]:
    for owners, part in _parts_of(parts, data, survey):
        fields = {column.name: column.path for column in parts.columns}
        yield {**owners} | _row(part, parts.columns, fields, survey)


def _parts_of(
    parts: Parts, data: Mapping[str, Any], survey: _Survey
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Every part that the sheet has a row for, with the cells that say whose it is."""
    if parts in sheets.IN_THE_BANK:
        for part in _parts(data, *parts.place):
            yield {}, part
        return
    inside = [name for name, sheet in sheets.INSIDE.items() if sheet is parts]
    if inside:
        for around in _parts(data, inside[0]):
            owner = cells.value_of(around.get("key"), Fill.KEY)
            for part in _parts(around, *parts.place) if owner else ():
                yield {parts.owners[0].name: owner}, part
        return
    for question in survey.questions():
        key = cells.value_of(question.get("key"), Fill.KEY)
        if key is None:
            continue
        for part in _parts(question, *parts.place):
            yield {"question": key}, part
        for statement in _parts(question, "statements") if parts is sheets.ADVICE else ():
            remedy, row = statement.get("remedy"), cells.value_of(statement.get("key"), Fill.KEY)
            if isinstance(remedy, dict) and row is not None:
                yield {"question": key, "statement": row}, remedy


# --------------------------------------------------------------------- the rest


def _rest(found: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[patches.Patch, ...]:
    """What the sheets do not say; the whole document, if it cannot be said place by place.

    In an order of its own, so that equal documents give equal files.
    """
    differences = sorted(patches.between(found, data), key=lambda patch: patch.place)
    try:
        whole, dropped = reading.with_rest(dict(found), reading.rest_of(differences))
        is_short = all(len(each.place) <= cells.LONGEST // 4 for each in differences)
        if is_short and not dropped and patches.same(whole, dict(data)):
            return tuple(differences)
    except KeyError:
        pass
    return (patches.Patch("", found, dict(data)),)


def _rest_sheet(rest: Sequence[patches.Patch]) -> Sheet:
    rows = [[Cell(header, Look.HEAD) for header in sheets.REST_HEADERS]]
    for patch in rest:
        before = "" if patch.before is ABSENT else document.digest(patch.before)
        after = "" if patch.after is ABSENT else json.dumps(patch.after, sort_keys=True)
        after = after.replace("  ", "\\u0020 ")  # no cell holds spaces alone
        pieces = [after[at : at + _PIECE] for at in range(0, len(after), _PIECE)]
        shown = [json.dumps(patch.place), before, *pieces]
        rows.append([Cell(each or None, Look.ENTRY) for each in shown])
    return Sheet(REST, (50, 40, 60), rows, hidden=True)


def _about_sheet(made_from: Origin) -> Sheet:
    rows = [[Cell(name), Cell(value)] for name, value in reading.about(made_from)]
    return Sheet(reading.ABOUT, (14, 70), rows, hidden=True)


# ------------------------------------------------------------------- the sheets


def _as_read(tables: Sequence[Table]) -> tuple[RawSheet, ...]:
    """The sheets as a reader finds them, without the file in between."""
    found = []
    for table in tables:
        rows = {1: {at: _raw(header) for at, (header, _) in enumerate(table.layout, start=1)}}
        for number, row in enumerate(table.rows, start=2):
            cells_of = {
                at: _raw(row.get(header)) for at, (header, _) in enumerate(table.layout, start=1)
            }
            rows[number] = {at: raw for at, raw in cells_of.items() if raw is not None}
        found.append(RawSheet(table.title, rows))  # type: ignore[arg-type]  # no header is empty
    return tuple(found)


def _raw(value: Value) -> RawCell | None:
    if value is None:
        return None
    if isinstance(value, str):
        text = UNPRINTABLE.sub("", value)
        return RawCell(Holds.TEXT, text) if text.strip() else None
    return RawCell(Holds.NUMBER, f"{value:f}" if isinstance(value, Decimal) else str(value))


def _sheet(table: Table) -> Sheet:
    heads = [Cell(header, Look.HEAD) for header, _ in table.layout]
    rows = [heads, *([Cell(row.get(h), Look.ENTRY) for h, _ in table.layout] for row in table.rows)]
    last = len(rows) + _SPARE
    lists: dict[str, str] = {}
    suggested: dict[str, str] = {}
    each = [
        (f"{xlsx.letter(at)}2:{xlsx.letter(at)}{last}", column)
        for at, (_, column) in enumerate(table.layout, start=1)
    ]
    if table.title == GENERAL:  # where each row is of its own kind
        by_name = {fact.name: fact for fact in FACTS}
        letter = xlsx.letter(1 + sheets.FACT_HEADERS.index("value"))
        each = [
            (f"{letter}{number}", by_name[str(row["field"])])
            for number, row in enumerate(table.rows, start=2)
        ]
    for cells_of, column in each:
        if column.offered in sheets.OFFERED_ABOVE:
            title, listed = sheets.OFFERED_ABOVE[column.offered]
            letter = xlsx.letter(listed)
            suggested[cells_of] = f"{title}!${letter}$2:${letter}${_SPARE}"
        elif column.offered:
            chosen = suggested if column.offered == "types" else lists
            chosen[cells_of] = LIST_TITLES[column.offered]
    return Sheet(
        table.title,
        [column.width for _, column in table.layout],
        rows,
        frozen={SURVEY: "D2", CHOICES: "C2"}.get(table.title, "B2"),
        lists=lists,
        suggested=suggested,
    )
