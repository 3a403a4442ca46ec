"""Reports: asked for by people, and found again by everybody who may.

They are made from what `report_sources` reads, by workers who do what `report_jobs` says.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, undefer

from survey.core import scoring
from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.errors import NotFound
from survey.core.text import Languages, Text
from survey.services.people import Actor, must_see_firm
from survey.services.report_inputs import Inputs
from survey.services.report_rows import (
    CANCELLED,
    FAILED,
    NOT_AGAIN,
    OPEN,
    PATIENCE,
    QUEUED,
    READY,
    WITHOUT_FILE,
    change,
    copy_of,
    take_back,
)
from survey.services.report_sources import Given, assessment_of, day_of, given_of, inputs_of
from survey.store.db import insert_if_absent
from survey.store.models import Assessment, BankVersion, Firm, IssuedFile, Report

USUAL = Copy(Languages.BOTH)
"""The copy that is made beforehand, as most people ask for it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody who holds a report is told about it.

    `sha256`, total and level are those of the newest file that was handed out, if there is
    one; `made_at` is known while that file is kept.
    """

    report_id: str
    state: str
    firm_id: int
    firm_name: str
    issued_on: date
    bank_key: str
    bank_version: int
    bank_digest: str
    engine: str
    languages: Languages
    extent: Extent
    format: Format
    total: Decimal | None
    level: Text | None
    sha256: str | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How the work goes: what waits, for how long, and what failed within a day."""

    waiting: int
    oldest: timedelta | None
    failed: int


# ------------------------------------------------------------------- by people


def ask(session: Session, actor: Actor, assessment_id: int, copy: Copy, *, now: datetime) -> Report:
    """Ask for a copy. The same input is the same report; one without a file is tried again.

    Raises NotFound, NotSubmitted.
    """
    assessment = assessment_of(session, assessment_id)
    must_see_firm(session, actor, assessment.firm_id)
    return _asked(session, given_of(session, assessment), copy, by=actor.user_id, now=now)


def ask_beforehand(session: Session, assessment_id: int, *, by: int, now: datetime) -> Report:
    """Ask for the usual copy before anybody does. Asks nobody for permission.

    Raises NotFound, NotSubmitted.
    """
    given = given_of(session, assessment_of(session, assessment_id))
    return _asked(session, given, USUAL, by=by, now=now)


def ask_all(
    session: Session, assessment_ids: Sequence[int], copy: Copy, *, by: int, now: datetime
) -> tuple[Report, ...]:
    """Ask for the same copy of many assessments. Asks nobody for permission.

    All of them are read before the first row is written: others who write wait less.
    Raises NotFound, NotSubmitted.
    """
    given = [given_of(session, assessment_of(session, each)) for each in assessment_ids]
    return tuple(_asked(session, each, copy, by=by, now=now) for each in given)


def retry(session: Session, actor: Actor, report_id: str, *, now: datetime) -> Report:
    """Try again what failed or was cancelled, with today's input; anything else stays as it is.

    Raises NotFound.
    """
    report = get(session, actor, report_id)
    if report.state not in WITHOUT_FILE:
        return report
    return ask(session, actor, report.assessment_id, copy_of(report), now=now)


def make_again(
    session: Session, actor: Actor, report_id: str, *, folder: Path, now: datetime
) -> Report:
    """Make a report again whose file was lost; one that never had a file is tried again.

    Its number stays, and what is known of the file until the new one is there. A file that is
    back is taken as it is. If the report would not be the same any more, it says so.
    Raises NotFound.
    """
    report = get(session, actor, report_id)
    if report.state in OPEN or take_back(session, report, Report.state == report.state, folder):
        session.refresh(report)
        return report
    if report.state in WITHOUT_FILE:
        return retry(session, actor, report_id, now=now)
    assessment = assessment_of(session, report.assessment_id)
    if given_of(session, assessment).digest == report.input_digest:
        values = _queued(now)
    else:
        values = {"state": FAILED, "finished_at": now, "reason_code": NOT_AGAIN}
    change(session, report_id, Report.state == READY, **values)
    session.refresh(report)
    return report


def cancel(session: Session, actor: Actor, report_id: str, *, now: datetime) -> Report:
    """Call off what nobody needs any more; what is made already stays. Raises NotFound."""
    report = get(session, actor, report_id)
    change(
        session,
        report_id,
        Report.state.in_(OPEN),
        state=CANCELLED,
        claim=None,
        lease_until=None,
        finished_at=now,
    )
    session.refresh(report)
    return report


def get(session: Session, actor: Actor, report_id: str) -> Report:
    """A report, for everybody who may see its firm. Raises NotFound."""
    row = session.execute(
        select(Report, Assessment.firm_id)
        .join(Assessment, Assessment.id == Report.assessment_id)
        .where(Report.id == report_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    report, firm_id = row
    must_see_firm(session, actor, firm_id)
    return report


def cover_of(session: Session, report: Report) -> tuple[str, date]:
    """Firm and date of a report, for the name of its file. Asks nobody for permission."""
    assessment = assessment_of(session, report.assessment_id)
    said = select(Report.content["issued_on"].as_string()).where(Report.id == report.id)
    return assessment.firm.name, day_of(session, assessment, session.scalar(said))


def list_for_assessment(session: Session, actor: Actor, assessment_id: int) -> Sequence[Report]:
    """The reports of one assessment, newest first. Raises NotFound."""
    firm_id = session.scalar(select(Assessment.firm_id).where(Assessment.id == assessment_id))
    if firm_id is None:
        raise NotFound
    must_see_firm(session, actor, firm_id)
    return session.scalars(
        select(Report)
        .where(Report.assessment_id == assessment_id)
        .order_by(Report.requested_at.desc(), Report.id)
        .execution_options(populate_existing=True)
    ).all()


def digest_now(session: Session, actor: Actor, assessment_id: int) -> str:
    """The digest of what a copy would be made from now: one of another digest is outdated.

    Raises NotFound, NotSubmitted.
    """
    assessment = assessment_of(session, assessment_id)
    must_see_firm(session, actor, assessment.firm_id)
    return given_of(session, assessment).digest


def inputs_for(
    session: Session, actor: Actor, assessment_id: int, copy: Copy, *, logos_folder: Path
) -> Inputs:
    """What a copy would be made from now, for a look at it that is kept nowhere.

    It carries the number of a finished report of the same input, or none.
    Raises NotFound, NotSubmitted, LogoMissing.
    """
    assessment = assessment_of(session, assessment_id)
    must_see_firm(session, actor, assessment.firm_id)
    given = given_of(session, assessment)
    same = select(Report.id).where(
        Report.assessment_id == assessment_id,
        Report.input_digest == given.digest,
        Report.state == READY,
    )
    report_id = session.scalar(same.order_by(Report.requested_at, Report.id).limit(1))
    return inputs_of(session, given, report_id or "", copy, logos_folder)


def _asked(session: Session, given: Given, copy: Copy, *, by: int, now: datetime) -> Report:
    assessment, copy = given.assessment, plainest(copy)
    key = {
        "assessment_id": assessment.id,
        "languages": copy.languages.value,
        "extent": copy.extent.value,
        "format": copy.format.value,
        "input_digest": given.digest,
    }
    same = select(Report).filter_by(**key).execution_options(populate_existing=True)
    report = session.scalar(same)
    if report is None:
        insert_if_absent(
            session,
            Report,
            id=uuid.uuid4().hex,
            **key,
            bank_digest=assessment.bank_version.digest,
            engine=scoring.ENGINE,
            state=QUEUED,
            progress=0,
            attempts=0,
            lease_until=now + PATIENCE,
            requested_by=by,
            requested_at=now,
        )
        report = session.scalars(same).one()
    if report.state in WITHOUT_FILE:
        _queue_again(session, report, now)
    return report


def _queue_again(session: Session, report: Report, now: datetime) -> None:
    change(
        session,
        report.id,
        Report.state.in_(WITHOUT_FILE),
        **_queued(now),
        requested_at=now,
    )
    session.refresh(report)


def _queued(now: datetime) -> dict[str, Any]:
    return {
        "state": QUEUED,
        "progress": 0,
        "attempts": 0,
        "reason_code": None,
        "reason_facts": None,
        "finished_at": None,
        "lease_until": now + PATIENCE,
    }


# ----------------------------------------------------------------- by everybody


def found_by_id(session: Session, report_id: str) -> Found | None:
    """What there is under this number.

    Asks nobody for permission: show the firm only to those who may see it.
    """
    return _found(session, Report.id == report_id)


def found_by_hash(session: Session, sha256: str) -> Found | None:
    """The report as which this very file was handed out, whenever that was.

    Asks nobody for permission, like `found_by_id`.
    """
    issued = select(IssuedFile.report_id).where(IssuedFile.sha256 == sha256.lower())
    return _found(session, Report.id.in_(issued))


def backlog(session: Session, *, now: datetime) -> Backlog:
    """What waits to be made, and what failed within the last day."""
    queued, lately = Report.state == QUEUED, Report.finished_at > now - timedelta(days=1)
    oldest = session.scalar(select(func.min(Report.requested_at)).where(queued))
    return Backlog(
        waiting=_count(session, queued),
        oldest=None if oldest is None else now - oldest,
        failed=_count(session, (Report.state == FAILED) & lately),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Report).where(condition)) or 0


def _found(session: Session, condition: ColumnElement[bool]) -> Found | None:
    row = session.execute(
        select(Report, Assessment, Firm.name, BankVersion.bank_key, BankVersion.number)
        .join(Assessment, Assessment.id == Report.assessment_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .join(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .options(undefer(Report.content))
        .where(condition)
        .order_by(Report.requested_at, Report.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    report, assessment, firm_name, bank_key, number = row
    said = report.content or {"firm": {"typed": firm_name}, "verdict": {}}
    verdict = said["verdict"]
    copy = copy_of(report)
    return Found(
        report_id=report.id,
        state=report.state,
        firm_id=assessment.firm_id,
        firm_name=said["firm"]["typed"],
        issued_on=day_of(session, assessment, said.get("issued_on")),
        bank_key=bank_key,
        bank_version=number,
        bank_digest=report.bank_digest,
        engine=report.engine,
        languages=copy.languages,
        extent=copy.extent,
        format=copy.format,
        total=None if verdict.get("total") is None else Decimal(verdict["total"]),
        level=None if verdict.get("level_number") is None else Text(**verdict["level"]),
        sha256=report.file_sha256,
        made_at=report.finished_at if report.state == READY else None,
    )
