"""The sheets survey and choices of a question bank's workbook, read into pages and questions."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from survey.core.bank import Kind
from survey.core.errors import quoted
from survey.exchange import bank_xlsx_sheets as sheets
from survey.exchange.bank_xlsx_book import Book, Row, Table
from survey.exchange.bank_xlsx_sheets import Fill

_BEGIN, _END, _ONE, _SEVERAL = "begin group", "end group", "select_one", "select_multiple"
_TYPES: Mapping[str, str] = {
    "begin group": _BEGIN, "begin_group": _BEGIN, "end group": _END, "end_group": _END,
    "select_one": _ONE, "select one": _ONE, "select_multiple": _SEVERAL,
    "select multiple": _SEVERAL, "decimal": "decimal", "integer": "integer", "int": "integer",
    "text": "text", "string": "text", "calculate": "calculate",
}  # fmt: skip
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    Kind.CHOICE: (_ONE,),
    Kind.LADDER: (_ONE,),
    Kind.MULTIPLE: (_SEVERAL,),
    Kind.NUMBER: ("decimal", "integer"),
    Kind.TEXT: ("text",),
    **dict.fromkeys(sheets.OF_SEVERAL_ROWS, (_BEGIN,)),
}
_OFFERED = "begin group, end group, select_one, select_multiple, decimal, integer, text"


@dataclass(frozen=True, slots=True)
class Type:
    """What the column `type` says: the type and, of a choice, its list."""

    name: str
    listed: str = ""


def type_of(text: str) -> Type | None:
    """None if there is no such type."""
    words = " ".join(text.split())
    lower = words.lower()
    for spelling, name in _TYPES.items():
        if lower == spelling:
            return Type(name)
        if name in {_ONE, _SEVERAL} and lower.startswith(f"{spelling} "):
            return Type(name, words[len(spelling) + 1 :])
    return None


@dataclass(slots=True)
class _Group:
    """A group that has begun. What stands in a lost one is not read any further."""

    sort: str
    row: Row
    part: dict[str, Any]
    place: str
    listed: str = ""
    """The list that its rows choose from."""


_LOST = "lost"
_YES_NO = [
    {"key": key, "label": {"zh": text.zh, "en": text.en}} for key, text in sheets.YES_NO_OPTIONS
]
Options = list[tuple[Row, dict[str, Any]]]


def read(book: Book, survey: Table, choices: Table) -> dict[str, Any]:
    """Profile, sections and outcomes, as far as they are there."""
    reader = _Reader(book, _lists(choices), has_lists=bool(choices.column_of))
    for row in survey.rows:
        reader.take(row)
    reader.finish()
    return reader.data


def _lists(choices: Table) -> dict[str, Options]:
    lists: dict[str, Options] = {}
    for row in choices.rows:
        name = row.word("list_name")
        part = row.part(sheets.CHOICE_COLUMNS, sheets.OPTION, "")
        row.must_be_used()
        if name:
            lists.setdefault(name, []).append((row, part))
        else:
            row.fault("list_name", "workbook-no-list-name")
    return lists


@dataclass(slots=True)
class _Reader:
    book: Book
    lists: dict[str, Options]
    has_lists: bool = True
    data: dict[str, Any] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def take(self, row: Row) -> None:
        said = row.word("type")
        kind = type_of(said)
        row.used.update(("calculation", "appearance"))
        if said and kind is None:  # what else the row says is read all the same
            row.fault("type", "workbook-unknown-type", value=quoted(said), expected=_OFFERED)
            self.used.add(said.split()[-1])
        name = kind.name if kind else ""
        if not name and row.word("kind") in sheets.OF_SEVERAL_ROWS:
            name = _BEGIN
        if name == _END:
            self._end(row)
        elif name == "calculate":
            if row.word("name").startswith(("points_", "percent_")):
                row.must_be_used()
            else:
                row.fault("type", "workbook-calculate")
        elif self.groups and self.groups[-1].sort == _LOST:
            if name == _BEGIN:
                self.groups.append(_Group(_LOST, row, {}, ""))
        elif name == _BEGIN:
            self._begin(row)
        else:
            self._ask(row, kind)

    def finish(self) -> None:
        for group in self.groups:
            group.row.fault("type", "workbook-group-open")
        for name, options in self.lists.items():
            if name not in self.used and name != sheets.YES_NO_LIST:
                options[0][0].fault("list_name", "workbook-list-unused", name=quoted(name))
        for row, part in self.lists.get(sheets.YES_NO_LIST, ()):
            if part not in _YES_NO:
                row.lost("name", "workbook-yes-no")

    # ------------------------------------------------------------------ groups

    def _begin(self, row: Row) -> None:
        top = self.groups[-1].sort if self.groups else ""
        match top:
            case "":
                self._page(row)
            case "section":
                self._domain(row)
            case "page" | "domain":
                kind = row.word("kind")
                if not kind:
                    offered = ", ".join(sheets.OF_SEVERAL_ROWS)
                    row.fault("kind", "workbook-group-kind", expected=offered)
                question, place = self._question(row, kind, _BEGIN)
                self.groups.append(_Group("question", row, question, place))
            case _:
                row.fault("type", "workbook-group-here")
                self.groups.append(_Group(_LOST, row, {}, ""))

    def _page(self, row: Row) -> None:
        name = row.word("name")
        for own, page in ((sheets.PROFILE_NAME, "profile"), (sheets.OUTCOMES_NAME, "outcomes")):
            if name not in {own, page}:
                continue
            if page in self.data:
                row.fault("name", "workbook-page-twice", name=name)
                self.groups.append(_Group(_LOST, row, {}, ""))
                return
            part = row.part(sheets.SURVEY_COLUMNS, sheets.PAGE, page)
            row.must_be_used()
            self.data[page] = part
            self.groups.append(_Group("page", row, part, page))
            return
        sections = self.data.setdefault("sections", [])
        place = f"sections.{len(sections)}"
        part = self._keyed(row, "section_", sheets.SECTION, place)
        row.weight(part, place)
        row.must_be_used()
        sections.append(part)
        self.groups.append(_Group("section", row, part, place))

    def _domain(self, row: Row) -> None:
        around = self.groups[-1]
        domains = around.part.setdefault("domains", [])
        place = f"{around.place}.domains.{len(domains)}"
        part = self._keyed(row, "domain_", sheets.DOMAIN, place)
        row.weight(part, place)
        row.must_be_used()
        domains.append(part)
        self.groups.append(_Group("domain", row, part, place))

    def _keyed(self, row: Row, prefix: str, fields: sheets.Fields, place: str) -> dict[str, Any]:
        name = row.word("name").removeprefix(prefix)
        part = row.part(sheets.SURVEY_COLUMNS, fields, place)
        row.book.spots[f"{place}.key"] = row.spot("name")
        return ({"key": name} if name else {}) | part

    def _end(self, row: Row) -> None:
        if not self.groups:
            row.fault("type", "workbook-group-not-open")
            return
        row.used.add("name")  # which some programs repeat
        row.must_be_used()
        self.groups.pop()

    # --------------------------------------------------------------- questions

    def _ask(self, row: Row, kind: Type | None) -> None:
        top = self.groups[-1] if self.groups else None
        if top is not None and top.sort == "question":
            self._inner(row, kind, top)
        elif top is None or top.sort == "section":
            row.fault("type", "workbook-question-here")
        else:
            said = row.word("kind") or self._kind(kind, top)
            question, place = self._question(row, said, kind.name if kind else "")
            if kind is not None and kind.name in {_ONE, _SEVERAL} and "options" not in question:
                self._options(row, question, "options", kind.listed, place)

    def _kind(self, kind: Type | None, top: _Group) -> str:
        """The kind that a type means where none is named."""
        match kind:
            case Type("select_one", listed):
                scored = any(row.has("points") for row, _ in self.lists.get(listed, ()))
                return Kind.LADDER if scored and top.sort == "domain" else Kind.CHOICE
            case Type("select_multiple", _):
                return Kind.MULTIPLE
            case Type("decimal" | "integer", _):
                return Kind.NUMBER
            case Type("text", _):
                return Kind.TEXT
            case _:
                return ""

    def _question(self, row: Row, kind: str, said: str) -> tuple[dict[str, Any], str]:
        around = self.groups[-1]
        questions = around.part.setdefault("questions", [])
        place = f"{around.place}.questions.{len(questions)}"
        name = row.word("name")
        if name[:1] == "_" and name[1:2].isdigit():
            name = name[1:]
        part = row.part(sheets.SURVEY_COLUMNS, sheets.QUESTION, place)
        self.book.spots[f"{place}.key"] = row.spot("name")
        for limit in ("minimum", "maximum", "maximum_length", "pattern"):
            self.book.spots[f"{place}.{limit}"] = row.spot("constraint")
        for listed in ("options", "rows", "states", "statements"):
            self.book.spots[f"{place}.{listed}"] = row.spot("type")
        part |= row.value("constraint", Fill.LIMITS) or {}
        row.weight(part, place)
        row.must_be_used()
        allowed = _OF_KIND.get(kind)
        if said and allowed is not None and said not in allowed:
            row.fault("type", "workbook-type-of-kind", kind=kind, expected=", ".join(allowed))
        part = {"key": name} | part if name else part
        if kind:
            part["kind"] = kind
        questions.append(part)
        if not said and allowed in {(_ONE,), (_SEVERAL,)}:
            self._options(row, part, "options", "", place)
        return part, place

    def _options(
        self, row: Row, question: dict[str, Any], name: str, listed: str, place: str
    ) -> None:
        title = listed or str(question.get("key", ""))
        if title not in self.lists:
            if listed and self.has_lists:  # else that is said once, of the sheet
                row.fault("type", "workbook-no-list", name=quoted(listed))
            return
        self.used.add(title)
        for number, (choice, _) in enumerate(self.lists[title]):
            choice.placed(sheets.CHOICE_COLUMNS, sheets.OPTION, f"{place}.{name}.{number}")
        question[name] = deepcopy([part for _, part in self.lists[title]])

    def _inner(self, row: Row, kind: Type | None, group: _Group) -> None:
        """A row of a question that has several."""
        question, place = group.part, group.place
        said = str(question.get("kind", ""))
        if said in sheets.FIGURES:
            self._figure(row, question, said, place)
            return
        name = sheets.OF_SEVERAL_ROWS.get(said)
        if not name:
            return
        rows = question.setdefault(name, [])
        inside = f"{place}.{name}.{len(rows)}"
        fields = sheets.ROW if name == "rows" else sheets.STATEMENT
        rows.append(self._keyed(row, "row_", fields, inside))
        row.must_be_used()
        if name == "rows":
            self._states(row, kind, group)

    def _states(self, row: Row, kind: Type | None, group: _Group) -> None:
        listed = kind.listed if kind else ""
        if not group.part.get("states"):
            group.listed = listed
            self._options(row, group.part, "states", listed, group.place)
        elif listed and listed != group.listed:
            row.fault("type", "workbook-two-lists", name=quoted(group.listed))

    def _figure(self, row: Row, question: dict[str, Any], kind: str, place: str) -> None:
        name = row.word("name").partition("_")[0]
        known = sheets.FIGURES[kind]
        if name not in known:
            key = question.get("key", "")
            offered = ", ".join(f"{each}_{key}" for each in known)
            row.fault("name", "workbook-unknown-figure", expected=offered)
            return
        own = {"label": (name,)}
        row.placed(sheets.SURVEY_COLUMNS, own if known[name] is None else {}, f"{place}")
        text = row.text("label")
        row.must_be_used()
        if known[name] is None and text is not None:
            question[name] = text
