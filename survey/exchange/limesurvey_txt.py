"""A survey's structure as LimeSurvey exports it for spreadsheets: tab-separated text.

One row for each setting (S, SL), group (G), question (Q), subquestion (SQ) and answer (A), in each
language; what stands below belongs to what stands above.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from survey.core.errors import quoted
from survey.exchange import limesurvey
from survey.exchange.foreign import (
    LARGEST,
    MOST_ITEMS,
    Group,
    Item,
    Kept,
    Labels,
    NotReadable,
    Questionnaire,
    decoded,
    kept,
)
from survey.exchange.limesurvey import Asked, Part

_COLUMNS = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language",
    "validation", "mandatory", "encrypted", "other", "default", "same_default", "same_script",
)  # fmt: skip
_SHARED = {"id", "related_id", "class", "name", "text", "language"}
_READ: Mapping[str, set[str]] = {
    "S": _SHARED,
    "SL": _SHARED,
    "G": _SHARED | {"type/scale", "relevance"},
    "Q": {""},
    "SQ": _SHARED | {"type/scale", "relevance", "same_default", "same_script", "encrypted"},
    "A": _SHARED | {"type/scale", "relevance"},
}
"""What the rows of a class are read for. Of a question every column is an attribute."""

_EMPTY = {"", "0", "N"}
_MOST_ROWS = 100_000


def read(content: bytes) -> Questionnaire:
    """The questionnaire of a file. Raises NotReadable."""
    made = Questionnaire("LimeSurvey")
    _Reader(made).read(decoded(content))
    return made


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row by the names of its columns, with its line."""
    csv.field_size_limit(LARGEST)
    reader = csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter="\t")
    heads: list[str] = []
    try:
        for count, cells in enumerate(reader):
            if count > _MOST_ROWS:
                raise NotReadable("foreign-too-large", megabytes=LARGEST // 1024**2)
            if not heads:
                heads = _heads(cells)
                if not {"class", "name", "text"} <= set(heads):
                    raise NotReadable("foreign-not-limesurvey")
                continue
            row = dict(zip(_wide_enough(heads, cells), cells, strict=False))
            if any(cell.strip() for cell in cells):
                yield reader.line_num, row
    except csv.Error as error:
        raise NotReadable("foreign-not-limesurvey") from error
    if not heads:
        raise NotReadable("foreign-not-limesurvey")


def _heads(cells: Sequence[str]) -> list[str]:
    """The names of the columns; one without a name, or with that of another, has its number."""
    heads: list[str] = []
    for at, cell in enumerate(cells, start=1):
        name = cell.strip().lower()
        heads.append(name if name and name not in heads else f"{name}#{at}")
    return heads


def _wide_enough(heads: Sequence[str], cells: Sequence[str]) -> Sequence[str]:
    """The heads, with a number for each cell beyond them."""
    return [*heads, *(f"#{at}" for at in range(len(heads) + 1, len(cells) + 1))]


@dataclass(slots=True)
class _Reader:
    made: Questionnaire
    groups: dict[str, Group] = field(default_factory=dict)
    questions: dict[str, Asked] = field(default_factory=dict)
    of_group: dict[str, list[Asked]] = field(default_factory=dict)
    group: str = ""
    asked: Asked | None = None
    turns: dict[str, int] = field(default_factory=dict)
    parts: dict[tuple[int, str, str], Part] = field(default_factory=dict)
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    settings: list[tuple[str, str]] = field(default_factory=list)
    quotas: list[tuple[str, str]] = field(default_factory=list)

    def read(self, text: str) -> None:
        for number, row in _rows(text):
            self.row(number, row)
            if row.get("class", "").strip().upper() in _READ:
                self.left(number, row)
        if not self.questions:
            raise NotReadable("foreign-not-limesurvey")
        for key, group in self.groups.items():
            for asked in self.of_group.get(key, ()):
                group.parts += self.items(asked)
            self.made.parts.append(group)
        self.made.resolve = limesurvey.names_of(list(self.questions.values()))
        losses = self.made.losses
        if self.settings:
            count = len(self.settings)
            losses.add("loss-table", "S", tuple(self.settings), table="S", count=count)
        if self.quotas:
            losses.add("loss-quotas", "QTA", tuple(self.quotas), count=len(self.quotas))

    def left(self, number: int, row: Mapping[str, str]) -> None:
        """Whatever a row has that rows of its class are not read for."""
        read = _READ[row["class"].strip().upper()]
        for name, value in row.items():
            is_empty = value.strip() in _EMPTY or (name == "relevance" and value.strip() == "1")
            if name not in read and not is_empty and "" not in read:
                self.made.losses.feature(str(number), row.get("name", "-"), name, value)

    def row(self, number: int, row: Mapping[str, str]) -> None:
        kind = row.get("class", "").strip().upper()
        place = str(number)
        match kind:
            case "S":
                self.setting(row, place)
            case "SL":
                self.words_of_survey(row, place)
            case "G":
                self.begin_group(row, place)
            case "Q":
                self.question(row, place)
            case "SQ":
                self.part(row, place, is_answer=False)
            case "A":
                self.part(row, place, is_answer=True)
            case "QTA" | "QTAM" | "QTALS":
                self.quotas.append((place, _said(row)))
            case _:
                texts = tuple((name, cell) for name, cell in row.items() if cell.strip())
                self.made.losses.add("loss-row", place, texts, text=quoted(_said(row), longest=300))

    def setting(self, row: Mapping[str, str], place: str) -> None:
        name, value = row.get("name", "").strip(), row.get("text", "").strip()
        if name == "language":
            self.made.language = value.lower()
        elif name == "sid" and value:
            self.made.code = f"limesurvey-{value}"
        elif value:
            self.settings.append((place, f"{name} = {value}"))

    def words_of_survey(self, row: Mapping[str, str], place: str) -> None:
        name, tag = row.get("name", "").strip(), self.tag(row)
        words = {tag: row.get("text", "")}
        match name:
            case "surveyls_title":
                self.made.labels |= self.made.losses.words(words, place)
            case "surveyls_description":
                self.made.hints |= self.made.losses.words(words, place)
            case "surveyls_language" | "surveyls_dateformat" | "surveyls_numberformat":
                pass
            case _ if words[tag].strip():
                self.made.losses.setting(place, name, words[tag])

    def tag(self, row: Mapping[str, str]) -> str:
        return row.get("language", "").strip().lower()

    def words(self, row: Mapping[str, str], name: str, place: str) -> Labels:
        return self.made.losses.words({self.tag(row): row.get(name, "")}, place)

    def begin_group(self, row: Mapping[str, str], place: str) -> None:
        """A group, or its words in one more language, which its number or its turn tells."""
        turn = self.turns[self.tag(row)] = self.turns.get(self.tag(row), 0) + 1
        number = row.get("type/scale", "").strip() or row.get("id", "").strip()
        number = number.removeprefix("G")
        self.group = f"G{number}" if number else str(turn)
        self.asked = None
        labels, hints = self.words(row, "name", place), self.words(row, "text", place)
        known = self.groups.get(self.group)
        if known is None:
            relevance = row.get("relevance", "")
            code = f"group-{number or turn}"
            self.groups[self.group] = limesurvey.group_of(code, place, labels, hints, relevance)
            return
        for words, more in ((known.labels, labels), (known.hints, hints)):
            for tag, text in more.items():
                words.setdefault(tag, text)

    def question(self, row: Mapping[str, str], place: str) -> None:
        code = row.get("name", "").strip() or f"row-{place}"
        labels, helps = self.words(row, "text", place), self.words(row, "help", place)
        known = self.questions.get(code)
        tag = self.tag(row)
        if known is not None and ("Q", code, tag) not in self.seen:
            known.labels = labels | known.labels
            known.helps = helps | known.helps
            self.asked = known
            self.seen.add(("Q", code, tag))
            self.once_more(known, row, place)
            return
        if len(self.questions) >= MOST_ITEMS:
            texts = kept("text", labels) + kept("help", helps)
            self.made.losses.add("loss-rows-cut", place, texts, most=MOST_ITEMS)
            self.asked = None
            return
        self.seen.add(("Q", code, tag))
        asked = Asked(
            code,
            row.get("type/scale", "").strip(),
            place,
            labels,
            helps,
            row.get("relevance", ""),
            row.get("mandatory", ""),
            row.get("other", ""),
            row.get("validation", ""),
            _default(row, place),
        )
        self.attributes(asked, row)
        self.asked = asked
        self.questions[code if known is None else f"{code}\0{place}"] = asked
        if not self.groups:
            self.groups[self.group] = limesurvey.group_of("group", place, {}, {}, "")
        self.of_group.setdefault(self.group, []).append(asked)

    def attributes(self, asked: Asked, row: Mapping[str, str]) -> None:
        for name, value in row.items():
            if name not in _COLUMNS and value.strip():
                asked.attributes.setdefault(name, {}).setdefault(self.tag(row), value)

    def once_more(self, asked: Asked, row: Mapping[str, str], place: str) -> None:
        """The row of one more language: its attributes, and where it differs from the first."""
        self.attributes(asked, row)
        asked.defaults += tuple(
            each for each in _default(row, place) if each[1] not in dict(asked.defaults).values()
        )
        for name, first in (
            ("type/scale", asked.kind),
            ("relevance", asked.relevance),
            ("mandatory", asked.mandatory),
            ("other", asked.other),
            ("validation", asked.pattern),
        ):
            value = row.get(name, "").strip()
            if value not in _EMPTY | {"1", first.strip()}:
                self.made.losses.feature(place, asked.code, name, value)

    def part(self, row: Mapping[str, str], place: str, *, is_answer: bool) -> None:
        labels = self.words(row, "text", place)
        if self.asked is None:
            said = quoted(next(iter(labels.values()), "-"), longest=300)
            self.made.losses.add("loss-orphan", place, text=said)
            return
        code = row.get("name", "").strip()
        scale = 1 if row.get("type/scale", "").strip() == "1" else 0
        parts = self.asked.answers if is_answer else self.asked.subquestions
        name = ("A" if is_answer else "SQ", f"{self.asked.code} {scale} {code}", self.tag(row))
        known = self.parts.get((id(self.asked), *name[:2]))
        if known is not None and name not in self.seen:
            known.labels = labels | known.labels
        else:
            relevance = row.get("relevance", "")
            score, condition = (relevance, "") if is_answer else ("", relevance)
            part = Part(code, labels, scale, score, place, condition)
            self.parts.setdefault((id(self.asked), *name[:2]), part)
            parts.append(part)
        self.seen.add(name)

    def items(self, asked: Asked) -> Iterator[Item]:
        if not limesurvey.unseen(asked, self.made.losses):
            yield from limesurvey.item_parts(asked, self.made.losses)


def _said(row: Mapping[str, str]) -> str:
    return " · ".join(cell for cell in row.values() if cell.strip())


def _default(row: Mapping[str, str], place: str) -> Kept:
    value = row.get("default", "")
    return ((place, value),) if value.strip() else ()
