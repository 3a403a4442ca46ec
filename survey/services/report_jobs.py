"""What workers do with reports: take charge, give signs of life, hand in, find what was lost."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import Session, aliased

from survey.core import scoring
from survey.core.errors import Facts, NotFound, SurveyError
from survey.services.report_inputs import CHECKED_FROM, Inputs
from survey.services.report_rows import (
    AT_WORK,
    CHECKING,
    FAILED,
    NOT_AGAIN,
    OPEN,
    PATIENCE,
    QUEUED,
    READY,
    RENDERING,
    change,
    copy_of,
    take_back,
)
from survey.services.report_sources import Given, assessment_of, given_of, inputs_of
from survey.store.models import IssuedFile, Report

MOST_ATTEMPTS = 5
"""A report that ended its worker this often is given up."""

GAVE_UP = "report-gave-up"

LONG_PATIENCE = timedelta(minutes=15)
"""How long one may wait in a queue that is not empty before it is delivered again."""


class Outdated(SurveyError):
    """Another report is made from what is stored now."""

    code = "report-outdated"


class NotAgain(SurveyError):
    """A report that was handed out cannot be made again: it would be another one."""

    code = NOT_AGAIN


def claim(session: Session, report_id: str, *, token: str, now: datetime, lease: timedelta) -> bool:
    """Take charge of a report that is queued, or whose worker gave no sign of life in time."""
    return change(
        session,
        report_id,
        (Report.state == QUEUED) | (Report.state.in_(AT_WORK) & (Report.lease_until <= now)),
        state=RENDERING,
        progress=0,
        claim=token,
        lease_until=now + lease,
        attempts=Report.attempts + 1,
    )


def heartbeat(
    session: Session,
    report_id: str,
    *,
    token: str,
    progress: int,
    now: datetime,
    lease: timedelta,
) -> bool:
    """Say that the work goes on. False: stop, for it was cancelled or somebody took it over."""
    return change(
        session,
        report_id,
        _held_by(token),
        state=CHECKING if progress >= CHECKED_FROM else RENDERING,
        progress=case((Report.progress < progress, progress), else_=Report.progress),
        lease_until=now + lease,
    )


def finish(
    session: Session,
    report_id: str,
    *,
    token: str,
    sha256: str,
    size: int,
    pages: int | None,
    content: dict[str, Any],
    now: datetime,
) -> bool:
    """Hand in the document. False: nothing was changed, for it was cancelled or taken over.

    From now on the file is known as one that was handed out, whatever comes of the report.
    """
    handed_in = change(
        session,
        report_id,
        _held_by(token),
        state=READY,
        progress=100,
        claim=None,
        lease_until=None,
        finished_at=now,
        file_sha256=sha256,
        file_size=size,
        pages=pages,
        content=content,
    )
    if handed_in and session.get(IssuedFile, (sha256, report_id)) is None:
        session.add(IssuedFile(sha256=sha256, report_id=report_id, size=size, at=now))
        session.flush()
    return handed_in


def take_lost_back(session: Session, report_id: str, *, token: str, folder: Path) -> bool:
    """End the work at once if the file that was thought lost is whole on the disk."""
    report = session.get_one(Report, report_id, populate_existing=True)
    return take_back(session, report, _held_by(token), folder)


def fail(
    session: Session, report_id: str, *, token: str, code: str, facts: Facts, now: datetime
) -> bool:
    """Give the reason why there is no document. False: it was cancelled or taken over."""
    return change(
        session,
        report_id,
        _held_by(token),
        state=FAILED,
        claim=None,
        lease_until=None,
        finished_at=now,
        reason_code=code,
        reason_facts=dict(facts),
    )


def give_back(session: Session, report_id: str, *, token: str, now: datetime) -> bool:
    """Put a report back that a stopping worker could not finish: no fault of the report.

    True: it is to be delivered again.
    """
    return change(
        session,
        report_id,
        _held_by(token),
        **_released(now),
        attempts=Report.attempts - 1,
    )


def put_back(session: Session, report_id: str, *, token: str, now: datetime) -> bool:
    """Put a report back whose making was ended from outside; too often, and it is given up.

    True: it is to be tried again.
    """
    _give_up(session, _held_by(token), now)
    return change(
        session,
        report_id,
        _held_by(token),
        **_released(now),
    )


def sweep(session: Session, *, now: datetime, queue_is_empty: bool) -> tuple[str, ...]:
    """Find reports that nobody has charge of and return those to deliver again.

    A report that waits in a long queue need not be lost: only when the queue is empty is a
    queued one lost for certain. One that ended its worker too often becomes failed.
    """
    late = Report.lease_until <= now
    _give_up(session, late, now)
    return _to_deliver(session, Report.state.in_(OPEN if queue_is_empty else AT_WORK) & late, now)


def sweep_long_queue(session: Session, *, now: datetime) -> tuple[str, ...]:
    """Find reports that may be lost although the queue is not empty, and return them.

    Each of them so rarely that deliveries do not pile up: a second one finds nothing to do.
    """
    waits_long = Report.lease_until <= now - LONG_PATIENCE
    return _to_deliver(session, (Report.state == QUEUED) & waits_long, now)


def _to_deliver(session: Session, lost: ColumnElement[bool], now: datetime) -> tuple[str, ...]:
    return tuple(
        report_id
        for report_id in session.scalars(select(Report.id).where(lost)).all()
        if change(
            session,
            report_id,
            lost,
            **_released(now),
        )
    )


def inputs(session: Session, report_id: str, *, logos_folder: Path) -> Inputs:
    """Read what the report is made from: what is stored now, also if it was asked for before.

    Raises NotFound, Outdated if another report is made from that, NotAgain if this one was
    handed out already, LogoMissing.
    """
    report = session.get(Report, report_id, populate_existing=True)
    if report is None:
        raise NotFound
    given = given_of(session, assessment_of(session, report.assessment_id))
    if given.digest != report.input_digest:
        _renew(session, report, given)
    return inputs_of(session, given, report.id, copy_of(report), logos_folder)


def _renew(session: Session, report: Report, given: Given) -> None:
    if report.file_sha256 is not None:
        raise NotAgain
    other = aliased(Report)
    taken = exists().where(
        other.assessment_id == report.assessment_id,
        other.languages == report.languages,
        other.extent == report.extent,
        other.format == report.format,
        other.input_digest == given.digest,
    )
    if not change(
        session,
        report.id,
        ~taken,
        input_digest=given.digest,
        bank_digest=given.assessment.bank_version.digest,
        engine=scoring.ENGINE,
    ):
        raise Outdated


def _released(now: datetime) -> dict[str, Any]:
    """Nobody has charge of it, and the queue has it for a while."""
    return {"state": QUEUED, "progress": 0, "claim": None, "lease_until": now + PATIENCE}


def _give_up(session: Session, ended: ColumnElement[bool], now: datetime) -> None:
    hopeless = Report.state.in_(AT_WORK) & ended & (Report.attempts >= MOST_ATTEMPTS)
    for report_id in session.scalars(select(Report.id).where(hopeless)).all():
        change(
            session,
            report_id,
            hopeless,
            state=FAILED,
            claim=None,
            lease_until=None,
            finished_at=now,
            reason_code=GAVE_UP,
            reason_facts={"attempts": MOST_ATTEMPTS},
        )


def _held_by(token: str) -> ColumnElement[bool]:
    return Report.state.in_(AT_WORK) & (Report.claim == token)
