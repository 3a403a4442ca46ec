"""Translations on their way to another program and back: nothing is changed before it was shown."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from survey import messages
from survey.core.errors import SurveyError
from survey.core.text_checks import findings
from survey.core.translation_rows import TranslationFile, TranslationRow, exported
from survey.core.word_diff import Span, spans
from survey.exchange import other_files, translation_po, translation_xlsx, xlsx_strangers
from survey.exchange.translation_po import BadPo, LargePo
from survey.exchange.translation_xlsx import NoTexts, SheetRow
from survey.exchange.xlsx import BadWorkbook, LargeWorkbook
from survey.exchange.xlsx_strangers import Busy
from survey.i18n import _, current_locale
from survey.services import banks, drafts, translation_import, translations
from survey.services.translation_import import CONFLICTS, Fate, Line
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.limits import SENDING_WORKBOOKS, limiter
from survey.web.workshop import clashes, edits, translation_words
from survey.web.workshop.versions_shown import Shown, shown

bp = Blueprint("translation_files", __name__, url_prefix="/admin/banks")

MOST_SHOWN = 100
"""Texts of one fate on the page; how many there are more is said."""

MOST_CARRIED = 16 * 1024 * 1024
_PO = "text/x-gettext-translation"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PACKED = b"PK\x03\x04"
_TAB = "translations.index"


class NoFile(SurveyError):
    """The form was sent without a file."""

    code = "translations-no-file"


class OtherKind(SurveyError):
    """By name and content neither a PO file nor a workbook."""

    code = "translations-other-kind"


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One text of the file as the page shows it."""

    line: Line
    number: int
    where: str
    source: tuple[Span, ...]
    translation: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The lines with one fate; `more` of them are not shown."""

    fate: Fate
    count: int
    lines: Sequence[ShownLine]

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


# --------------------------------------------------------------------- downloads


@bp.get("/<int:version_id>/translations/po")
@allow(Role.ADMINISTRATOR)
def po(version_id: int) -> ResponseReturnValue:
    version, now = _version(version_id)
    content = translation_po.written(
        exported(now.document, now.ledger),
        bank=version.bank_key,
        version=version.number,
        revision=version.revision,
        day=version.changed_at.date(),
    )
    return _file(content, _PO, f"{version.bank_key}-{version.number}-en.po")


@bp.get("/<int:version_id>/translations/xlsx")
@allow(Role.ADMINISTRATOR)
def xlsx(version_id: int) -> ResponseReturnValue:
    version, now = _version(version_id)
    content = translation_xlsx.written(
        _sheet_rows(now),
        bank=version.bank_key,
        version=version.number,
        revision=version.revision,
        day=version.changed_at.date(),
    )
    return _file(content, _XLSX, f"{version.bank_key}-{version.number}-translations.xlsx")


def _version(version_id: int) -> tuple[Any, translations.Translated]:
    session = db.session()
    return banks.get_version(session, version_id), translations.translated(session, version_id)


def _sheet_rows(now: translations.Translated) -> Iterator[SheetRow]:
    """The texts with the words beside them; the note says what strikes, and the older source."""
    locale, terms = current_locale(), now.terms
    names: dict[str, str] = {}
    for row in exported(now.document, now.ledger):
        section = row.text.section
        if section not in names:
            names[section] = translation_words.section_name(now.document, section)
        notes = [] if row.text.zh else [_("The Chinese is missing. Write it in the editor.")]
        notes += [_("Translated from: %(source)s", source=row.was)] if row.was else []
        strikes = findings(row.text, terms)
        notes += [messages.sentence(each.code, each.facts, locale) for each in strikes]
        kind = str(translation_words.KINDS[row.text.kind])
        yield SheetRow(row, section=names[section], kind=kind, note="\n".join(notes))


def _file(content: bytes, media_type: str, name: str) -> ResponseReturnValue:
    sent = send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    sent.headers["Cache-Control"] = "no-store"
    return sent


# ------------------------------------------------------------------ what came back


@bp.post("/<int:version_id>/translations/load")
@allow(Role.ADMINISTRATOR)
@limiter.limit(SENDING_WORKBOOKS)
def load(version_id: int) -> ResponseReturnValue:
    """Show what a file would change. Nothing is changed here."""
    drafts.opened(db.session(), version_id)
    try:
        file = _read()
    except (BadPo, BadWorkbook, Busy, NoFile, NoTexts, OtherKind) as error:
        too_large = isinstance(error, LargePo | LargeWorkbook)
        return _refused(version_id, error), 413 if too_large else 422
    lines = translation_import.report(db.session(), version_id, file)
    return _report(shown(version_id), file, lines)


@bp.post("/<int:version_id>/translations/apply")
@allow(Role.ADMINISTRATOR)
def apply(version_id: int) -> ResponseReturnValue:
    """Take what was shown, and of the conflicts what was chosen, in one edit."""
    session = db.session()
    now, lines = shown(version_id), _carried()
    edited = translation_import.apply(
        session,
        version_id,
        seen=edits.seen(),
        lines=lines,
        taken=_taken(lines),
        by=actor().user_id,
        now=datetime.now(UTC),
        choices=clashes.choices(now.revision),
    )
    return edits.settled(
        now,
        edited,
        done=_("The translations were taken from the file."),
        there=url_for(_TAB, version_id=version_id),
        tab=_TAB,
    )


def _read() -> TranslationFile:
    """What was sent. Raises BadPo, BadWorkbook, Busy, NoFile, NoTexts, OtherKind."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NoFile
    with sent.stream as stream:
        content = stream.read()
    if other_files.code_of(content):
        raise OtherKind
    name = sent.filename.lower()
    if content.startswith(_PACKED) or name.endswith((".xlsx", ".xls")):
        return translation_xlsx.read(xlsx_strangers.looked_into(content))
    if name.endswith((".po", ".pot")):
        return translation_po.read(content)
    raise OtherKind


def _refused(version_id: int, error: SurveyError) -> str:
    now = shown(version_id)
    return render_template(
        "workshop/translation_report.html",
        version=now.version,
        tab=_TAB,
        faults=[("", messages.for_error(error, current_locale()))],
        groups=(),
        told=(),
    )


def _report(now: Shown, file: TranslationFile, lines: Sequence[Line]) -> ResponseReturnValue:
    locale = current_locale()
    counted = {fate: [line for line in lines if line.fate is fate] for fate in Fate}
    return render_template(
        "workshop/translation_report.html",
        version=now.version,
        tab=_TAB,
        faults=(),
        told=[
            *(messages.sentence(each.code, each.facts, locale) for each in file.faults),
            *_edited_sources(now, lines),
        ],
        groups=[_group(now, fate, found) for fate, found in counted.items() if found],
        words=translation_words,
        carried=_written(lines),
        seen=now.revision,
        ready=sum(len(counted[fate]) for fate in (Fate.CHANGED, Fate.REVIEWED)),
        asks=any(counted[fate] for fate in CONFLICTS),
        conflicts=CONFLICTS,
        Fate=Fate,
    )


def _edited_sources(now: Shown, lines: Sequence[Line]) -> Iterator[str]:
    """What becomes of the Chinese that somebody has written over in the file."""
    locale = current_locale()
    edited = [line.row for line in lines if line.source_edited]
    for row in edited[:MOST_SHOWN]:
        code = "translations-source-line" if "line" in row.spot else "translations-source-cell"
        facts = {**row.spot, "part": translation_words.where(now.document, row.place)}
        yield messages.sentence(code, facts, locale)


def _group(now: Shown, fate: Fate, lines: Sequence[Line]) -> Group:
    quiet = fate is Fate.SAME
    few = () if quiet else lines[:MOST_SHOWN]
    drawn = [
        ShownLine(
            line,
            number,
            line.row.place
            if fate is Fate.UNKNOWN
            else translation_words.where(now.document, line.row.place),
            spans(line.row.zh, line.zh) if fate is Fate.SOURCE_CHANGED else (),
            spans(line.en, line.row.en),
        )
        for number, line in enumerate(few)
    ]
    return Group(fate, len(lines), drawn)


# ----------------------------------------------------------------- the form between


def _written(lines: Sequence[Line]) -> str:
    """What may be taken, carried by the form itself: nothing to keep, or to forget.

    It is no secret and needs no signature: whoever sends others could as well type them.
    """
    plain = [
        [line.row.place, line.row.zh, line.row.en, line.row.reviewed, line.fate.value]
        for line in lines
        if line.fate in (Fate.CHANGED, Fate.REVIEWED, *CONFLICTS)
    ]
    return b64encode(zlib.compress(json.dumps(plain, ensure_ascii=False).encode())).decode()


def _carried() -> list[Line]:
    """The lines that come back. What is not in the form of ours is refused as a whole."""
    try:
        unpacking = zlib.decompressobj()
        packed = b64decode(request.form.get("lines", ""), validate=True)
        plain = unpacking.decompress(packed, MOST_CARRIED)
        sent = json.loads(plain.decode())
    except (ValueError, RecursionError, zlib.error) as error:
        raise BadRequest from error
    if unpacking.unconsumed_tail or not isinstance(sent, list):
        raise BadRequest
    return [_line(each) for each in sent]


def _line(sent: object) -> Line:
    match sent:
        case [str(place), str(zh), str(en), bool(reviewed), str(fate)] if fate in list(Fate):
            return Line(TranslationRow(place, zh, en, reviewed), Fate(fate))
        case _:
            raise BadRequest


def _taken(lines: Sequence[Line]) -> frozenset[str]:
    """The conflicts for which the file is to hold: ticked one by one, or all of a sort."""
    ticked = set(request.form.getlist("take"))
    whole = {fate for fate in CONFLICTS if request.form.get(f"all.{fate.value}")}
    return frozenset(
        line.row.place for line in lines if line.row.place in ticked or line.fate in whole
    )
