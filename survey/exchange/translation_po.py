"""A bank's texts as a PO file, for translators and their programs, and what comes back in one.

A text is named by its place (``msgctxt``); its Chinese is the ``msgid``. What nobody has reviewed
is marked as fuzzy, what is older than its source has that source as the previous ``msgid``. The
header says of which bank and revision the file is, and names the texts that lack their Chinese:
without a ``msgid`` no text can stand in such a file.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, unescape, write_po

from survey.core.errors import SurveyError
from survey.core.text import Locale
from survey.core.texts import State
from survey.core.translation_rows import (
    LONGEST,
    ExportedText,
    FileFault,
    TranslationFile,
    TranslationRow,
)
from survey.exchange import own_markup
from survey.exchange.soundness import no_text

LARGEST = 4 * 1024 * 1024
"""Bytes of a file that is taken; the longest bank has a quarter of it."""

_MARK = re.compile(r"([0-9]{1,6})\.([0-9]{1,9})")
_STRING = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[[0-9]\])?)[ \t]+)?{_STRING}[ \t]*|[ \t]*|#.*"
)
_FIRST_TEXT = re.compile(r"^msgctxt ", re.MULTILINE)
_OF_NO_USE = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Language|Plural-Forms|Content-Type):.*$',
    re.MULTILINE,
)
"""Lines of the header over which Babel breaks down if they are not what it expects."""


class BadPo(SurveyError):
    """Nothing can be taken from this file."""

    code = "po-unreadable"


class BrokenPo(BadPo):
    """One line is not what a PO file can have there."""

    code = "po-broken-line"


class LargePo(BadPo):
    code = "po-too-large"


class PoOfOtherSigns(BadPo):
    """Not in UTF-8: another file altogether, or saved in another way."""

    code = "po-other-signs"


def written(
    rows: Iterable[ExportedText], *, bank: str, version: int, revision: int, day: date
) -> bytes:
    """The file. The same texts, revision and day give the same bytes."""
    every = list(rows)
    moment = datetime.combine(day, time(), UTC)
    catalog = Catalog(
        locale=Locale.EN.folder,
        project=bank,
        version=f"{version}.{revision}",
        creation_date=moment,
        revision_date=moment,
        fuzzy=False,
        header_comment=_named([row.text.place for row in every if not row.text.zh]),
    )
    for row in every:
        if not row.text.zh:
            continue
        doubtful = bool(row.text.en) and row.state is not State.REVIEWED
        message = catalog.add(
            row.text.zh,
            row.text.en,
            context=row.text.place,
            previous_id=[row.was] if row.was else [],
        )
        message.flags = {"fuzzy"} if doubtful else set()  # no format is guessed from a per cent
    made = BytesIO()
    write_po(made, catalog, width=0, include_previous=True)
    return made.getvalue()


def _named(sourceless: Sequence[str]) -> str:
    """The comment at the beginning of the file."""
    if not sourceless:
        return "#"
    count = len(sourceless)
    lines = (
        f"缺中文、不在此文件中的文本：{count}条。请先写好中文，再重新下载。",
        f"Texts without Chinese, not in this file: {count}. Write it, and download the file again.",
        *(" ".join(place.split()) for place in sourceless),
    )
    return "\n".join(f"# {line}" for line in lines)


def read(content: bytes) -> TranslationFile:
    """Every text of the file that has a place. Raises BadPo, in one of its kinds."""
    text = _text(content)
    catalog = _catalog(text)
    mark = _MARK.fullmatch(catalog.version or "")
    version, revision = (int(mark.group(1)), int(mark.group(2))) if mark else (0, 0)
    messages = [message for message in catalog if message.id and message.context]
    if not messages:
        raise BadPo
    lines = _lines_of(text)
    twice = {place: found for place, found in lines.items() if len(found) > 1}
    rows: list[TranslationRow] = []
    faults = [
        FileFault("translations-twice-in-lines", {"part": place, "first": a, "second": b})
        for place, (a, b, *_) in twice.items()
    ]
    for row in map(_row, messages):
        if row.place in twice:
            continue  # the catalog has kept one of them
        line = lines.get(row.place, [0])[0]
        fault = _fault(row, line)
        if fault is not None:
            faults.append(fault)
            continue
        english, what = own_markup.parted(row.en)
        if what:
            faults.append(FileFault("translations-markup-line", {"line": line, "what": what}))
        reviewed = row.reviewed and not what
        rows.append(replace(row, en=english, reviewed=reviewed, spot={"line": line}))
    return TranslationFile(catalog.project or "", version, revision, tuple(rows), tuple(faults))


def _lines_of(text: str) -> dict[str, list[int]]:
    """The lines that each text of the file begins at, by its place."""
    found: dict[str, list[int]] = {}
    began, pieces = 0, list[str]()
    for number, line in enumerate((*text.split("\n"), ""), start=1):
        if began and line.startswith('"'):
            pieces.append(line.strip())
            continue
        if began:
            found.setdefault("".join(map(unescape, pieces)), []).append(began)
            began = 0
        if line.startswith("msgctxt"):
            began, pieces = number, [line.removeprefix("msgctxt").strip()]
    return found


def _fault(row: TranslationRow, line: int) -> FileFault | None:
    """What forbids to take a text; its signs first, which no page could show."""
    signs = filter(None, map(no_text, (row.place, row.zh, row.en)))
    if sign := next(signs, ""):
        return FileFault("translations-unprintable-line", {"line": line, "character": sign})
    if len(row.en) > LONGEST:
        return FileFault("translations-too-long-line", {"line": line, "most": LONGEST})
    return None


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise LargePo(megabytes=LARGEST // 1024**2)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise PoOfOtherSigns from None
    for number, line in enumerate(text.split("\n"), start=1):
        if _LINE.fullmatch(line) is None:
            raise BrokenPo(line=number)
    first = _FIRST_TEXT.search(text)
    end = first.start() if first else len(text)
    return _OF_NO_USE.sub('""', text[:end]) + text[end:]


def _catalog(text: str) -> Catalog:
    try:
        return read_po(StringIO(text), abort_invalid=True, ignore_obsolete=True)
    except PoFileError as error:
        raise BrokenPo(line=error.lineno + 1) from None
    except Exception as error:  # Babel takes for granted that an entry is in order
        raise BadPo from error


def _row(message: Message) -> TranslationRow:
    """Of a text with plural forms, which ours never have, the first."""
    source, translation = _one(message.id), _one(message.string)
    reviewed = bool(translation) and not message.fuzzy
    return TranslationRow(str(message.context), source, translation, reviewed)


def _one(value: object) -> str:
    said = value[0] if isinstance(value, list | tuple) and value else value
    return said.strip() if isinstance(said, str) else ""
