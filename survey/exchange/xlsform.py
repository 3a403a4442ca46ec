"""Any XLSForm as a questionnaire: read as it stands, whether or not a converter would accept it.

What pyxform refuses (a name twice, a group without end, a list that is not there) is a loss here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from survey.core.errors import quoted
from survey.exchange import xlsform_columns, xlsform_limits
from survey.exchange.foreign import (
    MOST_ITEMS,
    OTHER,
    SPECIFY_OTHER,
    Ask,
    Choice,
    Group,
    Item,
    Labels,
    Named,
    NotReadable,
    Questionnaire,
    kept_choices,
)
from survey.exchange.foreign_keys import key_of
from survey.exchange.foreign_questions import stacked
from survey.exchange.foreign_texts import one_line
from survey.exchange.form_tables import Table, tables
from survey.exchange.language_names import tag_of
from survey.exchange.xlsform_columns import MEDIA, Way, truth
from survey.exchange.xlsform_rows import Row, Sheet, every_cell

DEEPEST = 30
"""Groups inside each other."""

_NUMBERS = {"integer": 0, "int": 0, "decimal": 2, "percentage": 2, "range": 0}
_TEXTS = {"text", "string"}
_NEAR_TEXTS = {
    "date", "time", "datetime", "date time", "barcode", "email", "geopoint", "geotrace", "geoshape",
    "location", "gps", "image", "photo", "audio", "video", "file", "osm", "signature", "draw",
    "annotate", "phonenumber", "phone number",
}  # fmt: skip
_UNSEEN = {
    "calculate", "hidden", "start", "end", "today", "deviceid", "device id", "imei", "username",
    "subscriberid", "subscriber id", "simserial", "sim id", "audit", "start-geopoint",
    "background-audio", "background-geopoint", "xml-external", "csv-external", "start time",
    "end time", "get start time", "get end time", "get today", "instanceid", "instance id", "uri",
}  # fmt: skip
_ACKNOWLEDGED = {"acknowledge", "acknowledgement", "trigger"}
_CHOICES, _EXTERNAL = "choices", "external_choices"
_KNOWN_SHEETS = {"survey", "settings", _CHOICES, _EXTERNAL}


def read(content: bytes) -> Questionnaire:
    """The questionnaire of a workbook or CSV file. Raises NotReadable or BadWorkbook."""
    return of_tables(tables(content))


def of_tables(found: Sequence[Table]) -> Questionnaire:
    """The questionnaire of these sheets. Raises NotReadable if there is no sheet of questions."""
    named = {table.title.strip().lower().replace(" ", "_"): table for table in found}
    survey = named.get("survey") or (found[0] if len(found) == 1 else None)
    if survey is None or not any(
        column in {"type", "name", "label"}
        for column in (xlsform_columns.column(head).field for head in survey.heads.values())
    ):
        raise NotReadable("foreign-no-survey", sheets=quoted(", ".join(t.title for t in found)))
    reader = _Reader(Questionnaire("XLSForm", resolve=_resolve))
    reader.note_other_sheets(found, survey)
    reader.settings(named.get("settings"))
    for name in (_CHOICES, _EXTERNAL):
        reader.choices(named.get(name), name)
    reader.survey(survey)
    reader.unused_lists()
    return reader.made


def _resolve(name: str) -> Named | None:
    """``${q}``, or a path that ends in it."""
    last = name.rpartition("/")[2]
    return Named(last) if last and not last.startswith(".") and "#" not in last else None


@dataclass(slots=True)
class _Reader:
    made: Questionnaire
    lists: dict[tuple[str, str], list[Choice]] = field(default_factory=dict)
    """Choices by the sheet and the name of their list."""
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    # ----------------------------------------------------------------- sheets

    def note_other_sheets(self, found: Sequence[Table], survey: Table) -> None:
        for table in found:
            name = table.title.strip().lower().replace(" ", "_")
            if table is not survey and name not in _KNOWN_SHEETS and table.lines:
                texts, title = every_cell(table), quoted(table.title)
                self.made.losses.add("loss-sheet", table.title, texts, sheet=title)
            if table is survey or name in _KNOWN_SHEETS:
                for place in table.odd:
                    self.made.losses.add("loss-cell", place)

    def settings(self, table: Table | None) -> None:
        if table is None:
            return
        made, sheet = self.made, Sheet(table, self.made.losses)
        for row in sheet.rows():
            for name in ("form_title", "title", "set_form_title"):
                if not made.labels:
                    made.labels = self.words({"": row.get(name)}, row.place(name))
            for name in ("form_id", "set_form_id", "id_string"):
                if not made.code:
                    made.code = row.get(name)
                    self.form_code(row, name)
            if not made.language:
                language = row.get("default_language")
                made.language = tag_of(language) if language not in {"", "default"} else ""
        sheet.tell()

    def form_code(self, row: Row, name: str) -> None:
        """The code of a form that cannot stay the key of a bank."""
        code = self.made.code
        if code and key_of(code, otherwise="") != code:
            self.made.losses.setting(row.place(name), name, code)

    def choices(self, table: Table | None, sheet_name: str) -> None:
        if table is None:
            return
        sheet, list_name = Sheet(table, self.made.losses), ""
        for row in sheet.rows():
            list_name = row.get("list_name") or list_name
            code, raw = row.get("name"), row.labels("label")
            if not code and not raw:
                continue
            if not code:
                code = next(iter(raw.values()))
                self.made.losses.add("loss-no-code", row.place(), code=quoted(code))
            labels = self.words(raw, row.place("label"))
            where = (sheet_name, list_name)
            self.places.setdefault(where, row.place("list_name"))
            self.lists.setdefault(where, []).append(Choice(code, labels))
            self.media(row, code)
        sheet.tell()

    def unused_lists(self) -> None:
        """Lists that no question offers: the report keeps their choices."""
        for where, choices in self.lists.items():
            if where in self.used:
                continue
            texts = kept_choices(choices)
            facts = {"list": quoted(where[1])}
            place, count = self.places[where], len(choices)
            self.made.losses.add("loss-list-unused", place, texts, **facts, count=count)

    def words(self, raw: Labels, place: str) -> Labels:
        made = self.made.losses.words(raw, place)
        for tag, words in made.items():
            if "${" in words:
                self.made.losses.add("loss-piping", place, language=tag or "-")
        return made

    def media(self, row: Row, code: str) -> None:
        for name in MEDIA:
            for tag, file in row.labels(name).items():
                facts = {"question": code, "kind": name, "file": quoted(file)}
                self.made.losses.add("loss-media", row.place(name), language=tag or "-", **facts)

    # ----------------------------------------------------------------- survey

    def survey(self, table: Table) -> None:
        inside: list[Group] = [Group("", "", parts=self.made.parts)]
        sheet = Sheet(table, self.made.losses)
        rows = sheet.rows()
        for count, row in enumerate(rows):
            if count == MOST_ITEMS:
                texts = tuple(text for each in (row, *rows) for text in each.rest())
                self.made.losses.add("loss-rows-cut", row.place(), texts, most=MOST_ITEMS)
                break
            kind = " ".join(row.get("type").split())
            group = xlsform_columns.group(kind)
            if group is None:
                inside[-1].parts += self.items(row, kind)
            elif group[0]:
                inside.append(self.begun(row, inside, repeats=group[1]))
            elif len(inside) > 1:
                row.get("name")
                inside.pop()
            else:
                self.made.losses.add("loss-group-end", row.place("type"))
        for group_left in inside[1:]:
            self.made.losses.add("loss-group-open", group_left.place, group=group_left.code)
        sheet.tell()

    def begun(self, row: Row, inside: Sequence[Group], *, repeats: bool) -> Group:
        """The group that begins here; too deep inside others, one beside them on its conditions."""
        group, outer = self.group(row, repeats=repeats), inside[-1]
        if len(inside) > DEEPEST + 1:
            group.around = tuple(dict.fromkeys((*outer.around, outer.relevant)))
            outer = inside[DEEPEST]
        outer.parts.append(group)
        return group

    def group(self, row: Row, *, repeats: bool) -> Group:
        code = row.get("name") or f"group-{row.line.number}"
        if repeats:
            self.made.losses.add("loss-repeat", row.place("type"), group=quoted(code))
        self.features(row, code, ("appearance", "repeat_count"))
        self.media(row, code)
        return Group(
            code,
            row.place(),
            self.words(row.labels("label"), row.place("label")),
            self.hints(row),
            relevant=row.get("relevant"),
        )

    def items(self, row: Row, kind: str) -> Iterator[Item]:
        code = row.get("name")
        losses = self.made.losses
        if truth(row.get("disabled")):
            losses.add("loss-disabled", row.place(), row.rest(), question=quoted(code))
            return
        if not kind:
            texts = ((("name", code),) if code else ()) + row.rest()
            said = quoted(" · ".join(text for _head, text in texts), longest=300)
            losses.add("loss-row", row.place(), texts, text=said)
            return
        if not code:
            code = f"row-{row.line.number}"
            if kind.lower() != "note":
                losses.add("loss-no-code", row.place(), code=code)
        if self.is_unseen(row, kind, code):
            return
        item = Item(code, Ask.TEXT, row.place("name"), relevant=row.get("relevant"))
        item.labels = self.words(row.labels("label"), row.place("label"))
        item.hints = self.hints(row)
        self.kind(item, row, kind)
        self.required(item, row)
        self.constraint(item, row)
        self.features(row, code, ("appearance", "default", "choice_filter", "calculation"))
        for name in ("constraint_message", "required_message"):
            for words in row.labels(name).values():
                losses.feature(row.place(name), code, name, words)
        self.media(row, code)
        yield item
        select = xlsform_columns.select(kind)
        if select is not None and select.has_other:
            yield self.specified(item)

    def is_unseen(self, row: Row, kind: str, code: str) -> bool:
        """Whether a row asks nobody anything, which is a loss."""
        name = kind.lower()
        named = name.startswith(("uri:", "get ")) or name.split(" ")[0] == "calculate"
        if name not in _UNSEEN and not named:
            return False
        said = quoted(row.get("calculation") or row.get("default") or "-", longest=300)
        facts = {"question": quoted(code), "kind": quoted(kind)}
        self.made.losses.add("loss-unseen", row.place("type"), row.rest(), **facts, value=said)
        return True

    def hints(self, row: Row) -> Labels:
        names = ("hint", "guidance_hint")
        return stacked([self.words(row.labels(name), row.place(name)) for name in names])

    def features(self, row: Row, code: str, names: Sequence[str]) -> None:
        for name in names:
            if row.get(name):
                self.made.losses.feature(row.place(name), code, name, row.get(name))

    def kind(self, item: Item, row: Row, kind: str) -> None:
        name = kind.lower()
        select = xlsform_columns.select(kind)
        if select is not None:
            self.select(item, row, select)
        elif name in _NUMBERS:
            item.ask, item.decimals = Ask.NUMBER, _NUMBERS[name]
            if name == "range":
                place = row.place("parameters") or row.place()
                xlsform_limits.span(item, row.get("parameters"), self.made.losses, place)
        elif name == "note":
            item.ask = Ask.NOTE
        elif name in _ACKNOWLEDGED:
            item.ask = Ask.ONE
            item.choices = [Choice("OK", {"en": "OK", "zh": "知道了"})]
            self.changed(item, row, kind)
        elif name not in _TEXTS:
            self.changed(item, row, kind)
        said = row.get("parameters")
        if said and name != "range":
            self.made.losses.feature(row.place("parameters"), item.code, "parameters", said)

    def changed(self, item: Item, row: Row, kind: str) -> None:
        is_known = kind.lower() in _NEAR_TEXTS | _ACKNOWLEDGED or kind.lower() == "rank"
        loss = "loss-kind" if is_known else "loss-kind-unknown"
        facts = {"question": item.code, "kind": quoted(kind), "became": item.ask.value}
        self.made.losses.add(loss, row.place("type"), **facts)

    def select(self, item: Item, row: Row, select: xlsform_columns.Select) -> None:
        item.ask = Ask.ONE if select.way is Way.ONE else Ask.MANY
        where = (_EXTERNAL if select.is_external else _CHOICES, select.list_name)
        found = self.lists.get(where, [])
        self.used.add(where)
        item.choices = found
        place = row.place("type")
        if select.has_other:
            codes = {choice.code for choice in item.choices}
            if "other" not in codes:
                item.choices = [*found, Choice("other", dict(OTHER))]
        if select.way is Way.RANK:
            self.changed(item, row, "rank")
        if select.is_file or not found:
            facts = {"question": item.code, "list": quoted(select.list_name)}
            self.made.losses.add("loss-list-missing", place, **facts)

    def specified(self, item: Item) -> Item:
        """The text that an "or other" asks for, as a converter adds it."""
        return Item(
            f"{item.code}_other",
            Ask.TEXT,
            item.place,
            dict(SPECIFY_OTHER),
            relevant=f"selected(${{{item.code}}}, 'other')",
        )

    def required(self, item: Item, row: Row) -> None:
        said = row.get("required")
        known = truth(said)
        item.required = known is True
        if said and known is None:
            self.made.losses.feature(row.place("required"), item.code, "required", said)

    def constraint(self, item: Item, row: Row) -> None:
        said = row.get("constraint")
        if said and not xlsform_limits.constrain(item, said):
            place, said = row.place("constraint"), quoted(one_line(said), longest=1000)
            self.made.losses.add("loss-constraint", place, question=item.code, constraint=said)
