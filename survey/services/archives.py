"""Archives: the reports of many firms, asked for at once and handed out as one file.

An archive is a list of reports; they are made like all others, once each. What a person may not
see any more is not in it any more, and what could not be made is named with its reason.
"""

import csv
import io
import json
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.errors import Facts, NotFound, SurveyError
from survey.core.text import Languages, cut_to_bytes
from survey.exchange.zip_file import Entry
from survey.services import report_rows, reports
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor
from survey.services.report_jobs import Reopened
from survey.store import files
from survey.store.models import (
    Archive,
    ArchiveItem,
    Assessment,
    BankVersion,
    ConsultantFirm,
    Firm,
    Report,
)

MAKING, READY = "making", "ready"
NOTHING_SUBMITTED = "archive-nothing-submitted"
FILE_MISSING = "report-file-missing"
CANCELLED = "report-cancelled"

NO_ASSESSMENT = 0

LONGEST_NAME = 150
"""Bytes of a firm's name in the name of a file: with the rest, any disk takes it."""

_UNSAFE = re.compile(r'[/\\:*?"<>|]')
_HEADINGS = (
    "文件 File", "企业 Firm", "语言 Language", "篇幅 Extent", "题库 Bank", "版本 Version",
    "报告编号 Report", "状态 State", "SHA-256", "字节 Bytes", "原因 Reason",
)  # fmt: skip

Say = Callable[[str, Facts], str]
"""Gives the sentence of a code and its facts, in the language of whoever reads the list."""


class NothingChosen(SurveyError):
    """An archive of no firm at all."""

    code = "archive-empty"


class NotReady(SurveyError):
    """Some of its reports are not done yet."""

    code = "archive-not-ready"


@dataclass(frozen=True, slots=True)
class Item:
    """One report of an archive as it stands now; without a report there is a reason."""

    firm_id: int
    firm: str
    language: Languages
    bank_key: str
    version: int | None
    report_id: str | None
    state: str
    sha256: str | None
    size: int | None
    reason: tuple[str, Facts] | None

    @property
    def is_open(self) -> bool:
        return self.state in report_rows.OPEN

    @property
    def is_lost(self) -> bool:
        """Whether there is a report, but not its file, and nobody is making it."""
        return self.report_id is not None and self.sha256 is None and not self.is_open


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """An archive as it stands now, with what the reader may still see of it."""

    archive_id: str
    copy: Copy
    requested_at: datetime
    items: tuple[Item, ...]

    @property
    def state(self) -> str:
        return MAKING if any(item.is_open for item in self.items) else READY

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def done(self) -> int:
        return sum(item.state == report_rows.READY for item in self.items)

    @property
    def failed(self) -> int:
        return sum(not item.is_open and item.state != report_rows.READY for item in self.items)

    @property
    def can_be_asked_again(self) -> bool:
        """Whether there are reports that could not be made or are not there any more."""
        return any(item.is_lost for item in self.items)

    @property
    def to_deliver(self) -> tuple[str, ...]:
        """The reports that wait for a worker."""
        return tuple(
            item.report_id
            for item in self.items
            if item.report_id is not None and item.state == report_rows.QUEUED
        )


# ------------------------------------------------------------------------ acts


def ask(
    session: Session, actor: Actor, firm_ids: Sequence[int], copy: Copy, *, now: datetime
) -> Archive:
    """Ask for this copy of the newest report of each of these firms by each bank.

    A firm that has submitted nothing is named with that reason; it does not stop the others.
    Raises NothingChosen, NotFound if one of the firms is not in the actor's care.
    """
    wanted, copy = list(dict.fromkeys(firm_ids)), plainest(copy)
    visible = set(session.scalars(select(Firm.id).where(_in_care_of(actor))))
    if not visible.issuperset(wanted):
        raise NotFound
    if not wanted:
        raise NothingChosen
    outcomes = _asked(session, actor, wanted, copy, now)
    archive = Archive(
        id=uuid.uuid4().hex,
        requested_by=actor.user_id,
        requested_at=now,
        languages=copy.languages,
        extent=copy.extent,
        format=copy.format,
    )
    session.add(archive)
    session.flush()
    for number, (firm_id, report_id) in enumerate(outcomes, start=1):
        session.add(
            ArchiveItem(
                archive_id=archive.id,
                number=number,
                firm_id=firm_id,
                report_id=report_id,
                reason_code=None if report_id else NOTHING_SUBMITTED,
            )
        )
    session.flush()
    return archive


def list_own(session: Session, actor: Actor) -> Sequence[Archive]:
    """The archives that this person has asked for, newest first. Raises NotFound."""
    _in_care_of(actor)
    return session.scalars(
        select(Archive)
        .where(Archive.requested_by == actor.user_id)
        .order_by(Archive.requested_at.desc(), Archive.id)
    ).all()


def get(session: Session, actor: Actor, archive_id: str) -> ArchiveView:
    """How an archive stands, for the person who asked for it and for administrators.

    Raises NotFound.
    """
    archive = session.get(Archive, archive_id)
    care = _in_care_of(actor)
    if archive is None or not (actor.is_administrator or archive.requested_by == actor.user_id):
        raise NotFound
    copy = Copy(Languages(archive.languages), Extent(archive.extent), Format(archive.format))
    rows = session.execute(
        select(ArchiveItem, Firm.name, Report, BankVersion.bank_key, BankVersion.number)
        .join(Firm, Firm.id == ArchiveItem.firm_id)
        .outerjoin(Report, Report.id == ArchiveItem.report_id)
        .outerjoin(Assessment, Assessment.id == Report.assessment_id)
        .outerjoin(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .where(ArchiveItem.archive_id == archive_id, care)
        .order_by(ArchiveItem.number)
        .execution_options(populate_existing=True)
    )
    items = tuple(_item(copy, *row) for row in rows)
    return ArchiveView(archive.id, copy, archive.requested_at, items)


def looked_at(view: ArchiveView, folder: Path) -> ArchiveView:
    """The same, with the reports named whose files are gone from the disk."""
    return replace(view, items=tuple(_looked_at(item, folder) for item in view.items))


def again(
    session: Session, actor: Actor, archive_id: str, *, folder: Path, now: datetime
) -> ArchiveView:
    """Ask again for the reports that could not be made or are not there any more.

    One that is made from something else today is another report; it takes the place. Of a
    submission that was taken back there is none, but the reason.
    Raises NotFound.
    """
    view = looked_at(get(session, actor, archive_id), folder)
    lost = [item.report_id for item in view.items if item.is_lost]
    rows = session.scalars(
        select(ArchiveItem).where(
            ArchiveItem.archive_id == archive_id, ArchiveItem.report_id.in_(lost)
        )
    )
    for row in rows.all():
        try:
            row.report_id = _made_again(session, actor, str(row.report_id), folder, now).id
        except NotSubmitted:
            row.report_id, row.reason_code = None, Reopened.code
    session.flush()
    return get(session, actor, archive_id)


def entries(
    session: Session, actor: Actor, archive_id: str, *, folder: Path, say: Say
) -> tuple[Entry, ...]:
    """What the archive holds: a manifest to read, the same for programs, and the reports.

    Raises NotFound, NotReady.
    """
    view = looked_at(get(session, actor, archive_id), folder)
    if view.state != READY:
        raise NotReady
    items = view.items
    names = list(_names(items, view.copy))
    return (
        Entry("manifest.csv", _table(items, names, view.copy, say)),
        Entry("manifest.json", _document(view, items, names, say)),
        *(
            Entry(name, files.path(folder, item.sha256))
            for name, item in zip(names, items, strict=True)
            if item.sha256 is not None
        ),
    )


# ----------------------------------------------------------------------- asking


def _in_care_of(actor: Actor) -> ColumnElement[bool]:
    """The firms whose reports this person may have at once. Raises NotFound for firms' people."""
    if actor.is_administrator:
        return true()
    if not actor.is_consultant:
        raise NotFound
    return Firm.id.in_(
        select(ConsultantFirm.firm_id).where(ConsultantFirm.consultant_id == actor.user_id)
    )


def _newest(session: Session, firm_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """By firm, the newest submitted assessment of each bank."""
    rows = session.execute(
        select(Assessment.id, Assessment.firm_id, BankVersion.bank_key)
        .join(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .where(Assessment.firm_id.in_(firm_ids), Assessment.submitted_at.is_not(None))
        .order_by(BankVersion.bank_key, Assessment.submitted_at, Assessment.id)
    )
    newest: dict[int, dict[str, int]] = {}
    for assessment_id, firm_id, bank_key in rows:
        newest.setdefault(firm_id, {})[bank_key] = assessment_id
    return {firm_id: tuple(found.values()) for firm_id, found in newest.items()}


def _asked(
    session: Session, actor: Actor, firm_ids: Sequence[int], copy: Copy, now: datetime
) -> list[tuple[int, str | None]]:
    """Each firm with each of its reports; a firm that has none stands there alone."""
    newest = _newest(session, firm_ids)
    wanted = [each for firm_id in firm_ids for each in newest.get(firm_id, ())]
    asked = reports.ask_all(session, wanted, copy, by=actor.user_id, now=now)
    made = dict(zip(wanted, (report.id for report in asked), strict=True))
    return [
        (firm_id, made.get(each))
        for firm_id in firm_ids
        for each in newest.get(firm_id, (NO_ASSESSMENT,))
    ]


def _made_again(
    session: Session, actor: Actor, report_id: str, folder: Path, now: datetime
) -> Report:
    report = reports.make_again(session, actor, report_id, folder=folder, now=now)
    if report.state not in report_rows.WITHOUT_FILE:
        return report
    return reports.retry(session, actor, report_id, now=now)


def _item(
    copy: Copy,
    row: ArchiveItem,
    firm: str,
    report: Report | None,
    bank_key: str | None,
    version: int | None,
) -> Item:
    return Item(
        firm_id=row.firm_id,
        firm=firm,
        language=copy.languages,
        bank_key=bank_key or "",
        version=version,
        report_id=row.report_id,
        state=report_rows.FAILED if report is None else report.state,
        sha256=report.file_sha256 if report and report.state == report_rows.READY else None,
        size=report.file_size if report and report.state == report_rows.READY else None,
        reason=_reason(row, report),
    )


def _reason(row: ArchiveItem, report: Report | None) -> tuple[str, Facts] | None:
    if report is None:
        return row.reason_code or "error", {}
    if report.state == report_rows.CANCELLED:
        return CANCELLED, {}
    return None if report.reason_code is None else (report.reason_code, report.reason_facts or {})


# ------------------------------------------------------------------ handing out


def _looked_at(item: Item, folder: Path) -> Item:
    """A report whose file is gone from the disk is named instead of handed out."""
    if item.sha256 is None:
        return item
    path = files.path(folder, item.sha256)
    if path.is_file() and path.stat().st_size == item.size:
        return item
    return replace(
        item, state=report_rows.FAILED, sha256=None, size=None, reason=(FILE_MISSING, {})
    )


def _names(items: Sequence[Item], copy: Copy) -> Iterator[str]:
    """A name for each file: safe on every system, and no two alike whatever their case."""
    taken: set[str] = {"manifest.csv", "manifest.json"}
    for item in items:
        if item.sha256 is None:
            yield ""
            continue
        parts = [_safe(item.firm), item.bank_key, str(item.version)]
        if copy.format is not Format.JSON:
            parts.append(item.language.value)
        if copy.extent is not Extent.FULL:
            parts.append(copy.extent.value)
        stem, name, count = "-".join(parts), "", 1
        while not name or name.casefold() in taken:
            name = f"{stem}{'' if count == 1 else f'-{count}'}.{copy.format.value}"
            count += 1
        taken.add(name.casefold())
        yield name


def _safe(firm: str) -> str:
    """A firm's name as a file can be called: no path, nothing invisible, not too long."""
    whole = unicodedata.normalize("NFC", firm)
    seen = "".join(sign for sign in whole if not unicodedata.category(sign).startswith("C"))
    return cut_to_bytes(_UNSAFE.sub("_", seen), LONGEST_NAME).strip(". ") or "firm"


def _table(items: Sequence[Item], names: Sequence[str], copy: Copy, say: Say) -> bytes:
    """With a mark at its beginning, without which spreadsheets misread the Chinese."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_HEADINGS)
    for item, name in zip(items, names, strict=True):
        cells = (
            name, item.firm, item.language.value, copy.extent.value, item.bank_key, item.version,
            item.report_id, item.state, item.sha256, item.size, _said(item, say),
        )  # fmt: skip
        writer.writerow(_harmless(cell) for cell in cells)
    return stream.getvalue().encode("utf-8-sig")


def _harmless(cell: str | int | None) -> str:
    """What a spreadsheet would take for a formula becomes text."""
    plain = "" if cell is None else str(cell)
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@", "\t", "\r")) else plain


def _document(view: ArchiveView, items: Sequence[Item], names: Sequence[str], say: Say) -> bytes:
    plain = {
        "archive": view.archive_id,
        "requested_at": view.requested_at.isoformat(),
        "extent": view.copy.extent.value,
        "format": view.copy.format.value,
        "items": [
            {
                "file": name or None,
                "firm": item.firm,
                "language": item.language.value,
                "bank": item.bank_key or None,
                "version": item.version,
                "report": item.report_id,
                "state": item.state,
                "sha256": item.sha256,
                "size": item.size,
                "reason": None if item.reason is None else item.reason[0],
                "sentence": _said(item, say) or None,
            }
            for item, name in zip(items, names, strict=True)
        ],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2).encode() + b"\n"


def _said(item: Item, say: Say) -> str:
    return "" if item.reason is None else say(*item.reason)
