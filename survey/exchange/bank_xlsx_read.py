"""A question bank's workbook read into its document, with every fault by sheet, row and column.

The workbook is a stranger's: it is looked into within limits, no formula in it is worked out, and
nothing in it is left out silently. If any cell is not understood there is no document.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core import document, patches, places
from survey.core.errors import Problem, quoted
from survey.core.patches import ABSENT, Patch
from survey.exchange import bank_xlsx_sheets as sheets
from survey.exchange import bank_xlsx_survey, soundness, xlsx_strangers
from survey.exchange import bank_xlsx_terms as terms
from survey.exchange.bank_parts import Origin, Read
from survey.exchange.bank_xlsx_book import Book, Row, Spot, Table, table
from survey.exchange.bank_xlsx_notes import lists_sheet, notes_sheet
from survey.exchange.bank_xlsx_sheets import (
    CHOICES,
    FACTS,
    GENERAL,
    LISTS,
    METHOD,
    NOTES,
    REST,
    SETTINGS,
    SURVEY,
    Column,
    Fill,
    Parts,
)
from survey.exchange.bank_xlsx_survey import type_of
from survey.exchange.loss import Loss
from survey.exchange.xlsx import BadWorkbook, RawCell, RawSheet

_BY_EXPORT = ("calculation", "appearance")
OURS = frozenset({GENERAL, *(parts.title for parts in sheets.ORDER)})
"""Sheets that no other XLSForm has."""

ABOUT = "_qizhen"
"""The hidden sheet that says what the workbook was made from; it is no part of the bank."""

_WHOLE = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Understood:
    """What the sheets say, and where."""

    document: dict[str, Any]
    book: Book
    losses: tuple[Loss, ...]


def read(content: bytes, file: str) -> Read:
    """Raises `xlsx_strangers.Busy` if too many workbooks are being read."""
    try:
        found = xlsx_strangers.looked_into(content)
    except BadWorkbook as error:
        return Read(None, (Problem(error.code, "", error.facts, file=file),))
    return taken(found, file)


def taken(found: Sequence[RawSheet], file: str) -> Read:
    """The document in the sheets of a workbook."""
    said = understood(found)
    if unsound := soundness.unsound(said.document, file):
        return Read(None, said.book.problems(file, unsound))
    refused = bool(said.book.faults)
    problems = said.book.problems(file, document.problems(said.document))
    origin = _origin(found)
    return Read(None if refused else said.document, problems, said.losses, origin)


def about(origin: Origin) -> tuple[tuple[str, str], ...]:
    """What the hidden sheet says, row by row."""
    numbers = (("version", str(origin.number)), ("revision", str(origin.revision)))
    return (("bank", origin.bank), *numbers, ("digest", origin.digest))


def _origin(found: Sequence[RawSheet]) -> Origin | None:
    """What the workbook was made from; None if it does not say so any more."""
    rows = next((sheet.rows for sheet in found if _titled(sheet) == ABOUT), {})
    said = {_at(row, 1).strip(): _at(row, 2).strip() for row in rows.values()}
    number, revision = (said.get(name, "") for name in ("version", "revision"))
    if not _WHOLE.fullmatch(number) or not _WHOLE.fullmatch(revision):
        return None
    return Origin(said.get("bank", ""), int(number), int(revision), said.get("digest", ""))


def understood(found: Sequence[RawSheet]) -> Understood:
    """What the sheets say, as far as they can be understood."""
    by_title: dict[str, RawSheet] = {}
    for sheet in found:
        by_title.setdefault(_titled(sheet), sheet)
    titles = (SURVEY, CHOICES, SETTINGS, GENERAL, *(parts.title for parts in sheets.ORDER))
    book = Book(order=(*titles, REST))
    layouts: Mapping[str, Sequence[Column]] = {
        SURVEY: sheets.SURVEY_COLUMNS,
        CHOICES: sheets.CHOICE_COLUMNS,
        SETTINGS: sheets.SETTING_COLUMNS,
        GENERAL: _FACT_COLUMNS,
        **{parts.title: parts.layout for parts in sheets.ORDER},
    }
    tables = {
        title: table(book, by_title.get(title), title, layout, optional=_BY_EXPORT)
        for title, layout in layouts.items()
    }
    data = _settings(tables[SETTINGS])
    _facts(tables[GENERAL], data)
    data |= bank_xlsx_survey.read(book, tables[SURVEY], tables[CHOICES])
    for parts in sheets.ORDER:
        _parts(tables[parts.title], parts, data)
    rest = _rest(book, by_title[REST]) if REST in by_title else []
    data, dropped = with_rest(data, rest)
    _nothing_changed(tables[SURVEY], data)
    for sheet in found:
        if _titled(sheet) in {NOTES, LISTS}:
            _nothing_added(book, sheet)
    losses = (
        *(
            Loss("workbook-sheet-not-read", sheet.title)
            for sheet in found
            if _titled(sheet) not in {*titles, NOTES, LISTS, REST, ABOUT} and sheet.rows
        ),
        *book.losses,
        *map(_dropped, dropped),
    )
    return Understood(data, book, losses)


def _nothing_changed(survey: Table, data: Mapping[str, Any]) -> None:
    """What the export has worked out is not read; what says something else there is told."""
    worked_out: dict[object, set[str | None]] = {}
    for _, question in places.questions(data):
        if isinstance(key := question.get("key"), str):
            worked_out.setdefault(key, set()).add(terms.calculation_text(question))
    for row in survey.rows:
        kind, said = type_of(row.word("type")), row.word("calculation")
        key = terms.key_of(row.word("name")) if kind and kind.name == "calculate" else None
        if said and said not in worked_out.get(key, ()):
            row.lost("calculation", "workbook-calculation")
        if row.word("appearance") not in {"", "field-list"}:
            row.lost("appearance", "workbook-for-programs")


def _nothing_added(book: Book, found: RawSheet) -> None:
    """What somebody has written where we have no words of our own is not read."""
    own = notes_sheet() if _titled(found) == NOTES else lists_sheet()
    words = {
        (number, column)
        for number, row in enumerate(own.rows, start=1)
        for column, cell in enumerate(row, start=1)
        if cell.value is not None
    }
    for number, found_row in sorted(found.rows.items()):
        for column, cell in sorted(found_row.items()):
            if (number, column) not in words:
                book.lost(Spot(found.title, number, column), "workbook-not-read", cell.value)
    for at in found.comments:
        book.lost(Spot(found.title, *at), "workbook-comment-not-read")


def _titled(sheet: RawSheet) -> str:
    return sheet.title.strip().casefold()


# ------------------------------------------------------------ settings and facts

_FACT_COLUMNS = tuple(
    Column(header, Fill.FORM, FACTS[0].about) for header in sheets.FACT_HEADERS
)  # fmt: skip


def _settings(found: Table) -> dict[str, Any]:
    for row in found.rows[1:]:
        row.fault("form_id", "workbook-one-row")
    data: dict[str, Any] = {}
    for row in found.rows[:1]:
        if row.word("default_language") not in {"", sheets.LANGUAGES["zh"]}:
            row.lost("default_language", "workbook-for-programs")
        data = row.part(sheets.SETTING_COLUMNS, sheets.SETTING_FIELDS, "")
        row.book.spots["title"] = row.spot("form_title")
    return data


def _facts(found: Table, data: dict[str, Any]) -> None:
    known = {fact.name: fact for fact in FACTS}
    seen: set[str] = set()
    for row in found.rows:
        name = row.word("field")
        fact = known.get(name)
        if fact is None:
            row.fault("field", "workbook-unknown-fact", name=quoted(name))
        elif name in seen and name != METHOD:
            row.fault("field", "workbook-fact-twice", name=name)
        else:
            seen.add(name)
            _fact(row, fact, data)
            row.must_be_used()


def _fact(row: Row, fact: Column, data: dict[str, Any]) -> None:
    place = fact.name
    if fact.name == METHOD:
        place = f"{METHOD}.{len(data.get(METHOD, ()))}"
    spots = row.book.spots
    if fact.fill is not Fill.TEXT:
        spots[place] = row.spot("value")
        value = row.value("value", fact.fill)
    else:
        said = {}
        spots[place] = row.spot(sheets.FACT_HEADERS[2])
        for locale, language in sheets.LANGUAGES.items():
            spots[f"{place}.{locale}"] = row.spot(language)
            said[locale] = row.value(language, Fill.TEXT)
        value = {locale: text for locale, text in said.items() if text is not None} or None
    if value is None:
        return
    if fact.name == METHOD:
        data.setdefault(METHOD, []).append(value)
        return
    *above, last = fact.path
    for step in above:
        data = data.setdefault(step, {})
    data[last] = value


# ------------------------------------------------------------------ other lists


def _parts(found: Table, parts: Parts, data: dict[str, Any]) -> None:
    """Put the parts of a sheet into the list that they belong to."""
    fields = {column.name: column.path for column in parts.columns}
    questions: dict[Any, tuple[str, dict[str, Any]]] = {}
    for way, question in _questions(data):
        questions.setdefault(question.get("key"), (way, question))
    for row in found.rows:
        for column in parts.owners:
            row.used.add(column.name)
        place, around = _owner(row, parts, data, questions)
        if around is None:
            continue
        if parts is sheets.ADVICE and row.has("statement"):
            own = f"{place}.remedy"
            around["remedy"] = row.part(parts.columns, fields, own)
        else:
            for step in parts.place[:-1]:
                around = around.setdefault(step, {})
            listed = around.setdefault(parts.place[-1], [])
            own = ".".join(filter(None, (place, *parts.place, str(len(listed)))))
            listed.append(row.part(parts.columns, fields, own))
        row.must_be_used()


def _owner(
    row: Row,
    parts: Parts,
    data: dict[str, Any],
    questions: Mapping[Any, tuple[str, dict[str, Any]]],
) -> tuple[str, dict[str, Any] | None]:
    """The part that the row belongs to, with its place; what it names must be there."""
    if not parts.owners:
        return "", data
    first = parts.owners[0].name
    key = row.word(first)
    if first != "question":
        for name in sheets.INSIDE:
            if sheets.INSIDE[name] is parts:
                for number, around in enumerate(data.get(name, ())):
                    if around.get("key") == key:
                        return f"{name}.{number}", around
        row.fault(first, "workbook-of-nothing", value=quoted(key), sheet_name=parts.title)
        return "", None
    place, question = questions.get(key, ("", None))
    if question is None:
        row.fault(first, "workbook-of-no-question", value=quoted(key))
        return "", None
    line = row.word("statement")
    if parts is not sheets.ADVICE or not line:
        return place, question
    for number, statement in enumerate(question.get("statements", ())):
        if statement.get("key") == line:
            return f"{place}.statements.{number}", statement
    row.fault("statement", "workbook-of-no-statement", value=quoted(line))
    return "", None


def _questions(data: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for page in ("profile", "outcomes"):
        for number, question in enumerate(data.get(page, {}).get("questions", ())):
            yield f"{page}.questions.{number}", question
    for at, section in enumerate(data.get("sections", ())):
        for inside, domain in enumerate(section.get("domains", ())):
            for number, question in enumerate(domain.get("questions", ())):
                yield f"sections.{at}.domains.{inside}.questions.{number}", question


# --------------------------------------------------------------------- the rest


@dataclass(frozen=True, slots=True)
class Rest:
    """One place that no column shows: the digest of what the columns give, and what it is."""

    place: str
    before: str
    after: Any
    row: int = 0


def rest_of(differences: Iterable[Patch]) -> tuple[Rest, ...]:
    return tuple(Rest(each.place, _digest(each.before), each.after) for each in differences)


def _digest(value: Any) -> str:
    return "" if value is ABSENT else document.digest(value)


def with_rest(data: dict[str, Any], rest: Iterable[Rest]) -> tuple[dict[str, Any], list[Rest]]:
    """The document with the places that no column shows, and those that fit it no more.

    Where the columns say something else than when they were written, they are right. Where the
    part around a place has been renamed, moved or taken out, nobody knows where it belongs.
    """
    patched: Any = data
    dropped: list[Rest] = []
    for each in sorted(rest, key=_is_order):
        try:
            is_same = _digest(_now(patched, each.place)) == each.before
            if is_same:
                patched = patches.applied(patched, (Patch(each.place, ABSENT, each.after),))
            else:
                dropped.append(each)
        except KeyError:
            dropped.append(each)
    return (patched if isinstance(patched, dict) else data), dropped


def _dropped(rest: Rest) -> Loss:
    """What no column shows and no part has: all of it is kept in the report."""
    is_gone = rest.after is ABSENT
    said = "" if is_gone else json.dumps(rest.after, ensure_ascii=False)
    facts = {"part": rest.place, "value": quoted(rest.after) if said else "–"}
    texts = ((rest.place, said),) if said else ()
    return Loss("workbook-rest-dropped", f"{REST}!{rest.row}", facts, texts)


def _is_order(rest: Rest) -> bool:
    return rest.place.rpartition("/")[2] == patches.ORDER


def _now(data: Any, place: str) -> Any:
    way = places.parse(place)
    if way and way[-1] == patches.ORDER:
        listed = places.get(data, way[:-1])
        return places.keys_of(listed) if isinstance(listed, list) else ABSENT
    return places.find(data, way, ABSENT)


def _rest(book: Book, found: RawSheet) -> list[Rest]:
    rest = []
    for number, row in sorted(found.rows.items()):
        if number == 1:
            continue
        pieces = [row[at].value for at in sorted(row) if at > 2]
        try:
            place = json.loads(_at(row, 1))
            after = json.loads("".join(pieces)) if pieces else ABSENT
        except (ValueError, RecursionError):
            book.fault(Spot(REST, number), "workbook-rest")
            continue
        if not isinstance(place, str):
            book.fault(Spot(REST, number), "workbook-rest")
            continue
        rest.append(Rest(place, _at(row, 2), after, number))
    return rest


def _at(row: Mapping[int, RawCell], column: int) -> str:
    return row[column].value if column in row else ""
