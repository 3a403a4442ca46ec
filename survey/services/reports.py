"""Reports: asked for by people, made by a worker, found again by everybody who may.

A report's row is the truth about its job. Every step of a worker is a compare-and-set on
that row, so that a job delivered twice, or by a worker that was thought dead, is made once.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, contains_eager

from survey.core import advice, document, scoring
from survey.core.answers import Answer
from survey.core.bank import Bank
from survey.core.errors import Facts, NotFound
from survey.core.result import Result
from survey.core.text import Languages
from survey.services import assessments
from survey.services.people import Actor, must_see_firm
from survey.store.db import insert_if_absent, rows_changed
from survey.store.models import Assessment, Report

QUEUED, RENDERING, READY, FAILED = "queued", "rendering", "ready", "failed"

PATIENCE = timedelta(seconds=60)
"""How long the queue may take to deliver before the sweep delivers again."""

MOST_ATTEMPTS = 5
"""A report that ended its worker this often is given up."""

GAVE_UP = "report-gave-up"

CHINA = timezone(timedelta(hours=8))
"""Reports carry the date of submission as it was in China."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a report is made from. The same inputs give the same bytes."""

    report_id: str
    languages: Languages
    firm_name: str
    issued_on: date
    bank: Bank
    bank_digest: str
    answers: Mapping[str, Answer]
    result: Result
    plan: advice.Plan


@dataclass(frozen=True, slots=True)
class Made:
    """The finished document: its bytes, its pages, and what it says as JSON."""

    content: bytes
    pages: int
    said: dict[str, Any]


# ------------------------------------------------------------------- by people


def ask(
    session: Session, actor: Actor, assessment_id: int, languages: Languages, *, now: datetime
) -> Report:
    """Ask for a report. The same input is the same report; one that failed is tried again.

    Raises NotFound, NotSubmitted.
    """
    outcome = assessments.outcome(session, actor, assessment_id)
    key = {
        "assessment_id": assessment_id,
        "languages": languages.value,
        "input_digest": _input_digest(outcome),
    }
    insert_if_absent(
        session,
        Report,
        id=uuid.uuid4().hex,
        **key,
        bank_digest=outcome.bank_digest,
        engine=scoring.ENGINE,
        state=QUEUED,
        progress=0,
        attempts=0,
        lease_until=now + PATIENCE,
        requested_by=actor.user_id,
        requested_at=now,
    )
    report = session.scalars(select(Report).filter_by(**key)).one()
    if report.state == FAILED:
        _change(
            session,
            report.id,
            Report.state == FAILED,
            state=QUEUED,
            progress=0,
            attempts=0,
            reason_code=None,
            reason_facts=None,
            finished_at=None,
            lease_until=now + PATIENCE,
        )
        session.refresh(report)
    return report


def get(session: Session, actor: Actor, report_id: str) -> Report:
    """A report, for everybody who may see its firm. Raises NotFound."""
    row = session.execute(
        select(Report, Assessment.firm_id)
        .join(Assessment, Assessment.id == Report.assessment_id)
        .where(Report.id == report_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    report, firm_id = row
    must_see_firm(session, actor, firm_id)
    return report


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
    ).all()


def _input_digest(outcome: assessments.Outcome) -> str:
    return document.digest(
        {
            "bank": outcome.bank_digest,
            "answers": outcome.plain,
            "firm": outcome.firm.name,
            "submitted": str(outcome.assessment.submitted_at),
            "targets": dict(outcome.targets),
            "engine": scoring.ENGINE,
        }
    )


# ------------------------------------------------------------------ by workers


def claim(session: Session, report_id: str, *, token: str, now: datetime, lease: timedelta) -> bool:
    """Take charge of a report that is queued, or whose worker gave no sign of life in time."""
    return _change(
        session,
        report_id,
        (Report.state == QUEUED) | ((Report.state == RENDERING) & (Report.lease_until <= now)),
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
    """Say that the work goes on. False: somebody else has taken over, so stop."""
    return _change(session, report_id, _held_by(token), progress=progress, lease_until=now + lease)


def finish(
    session: Session,
    report_id: str,
    *,
    token: str,
    sha256: str,
    size: int,
    pages: int,
    content: dict[str, Any],
    now: datetime,
) -> bool:
    """Hand in the document. False: somebody else has taken over, nothing was changed."""
    return _change(
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


def fail(
    session: Session, report_id: str, *, token: str, code: str, facts: Facts, now: datetime
) -> bool:
    """Give the reason why there is no document. False: somebody else has taken over."""
    return _change(
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
    """Put a report back that a stopping worker could not finish: no fault of the report."""
    return _change(
        session,
        report_id,
        _held_by(token),
        state=QUEUED,
        progress=0,
        claim=None,
        lease_until=now + PATIENCE,
        attempts=Report.attempts - 1,
    )


def sweep(session: Session, *, now: datetime, queue_is_empty: bool) -> tuple[str, ...]:
    """Find reports that nobody has charge of and return those to deliver again.

    A report that waits in a long queue is not lost: only when the queue is empty is a
    queued one delivered again. One that ended its worker too often becomes failed.
    """
    late = Report.lease_until <= now
    _give_up(session, late, now)
    open_states = (RENDERING, QUEUED) if queue_is_empty else (RENDERING,)
    lost = Report.state.in_(open_states) & late
    return tuple(
        report_id
        for report_id in session.scalars(select(Report.id).where(lost)).all()
        if _change(
            session,
            report_id,
            lost,
            state=QUEUED,
            progress=0,
            claim=None,
            lease_until=now + PATIENCE,
        )
    )


def inputs(session: Session, report_id: str) -> Inputs:
    """Read what the report is made from. Raises NotFound."""
    row = session.execute(
        select(Report, Assessment)
        .join(Assessment, Assessment.id == Report.assessment_id)
        .join(Assessment.firm)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.firm), contains_eager(Assessment.bank_version))
        .where(Report.id == report_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    report, assessment = row
    outcome = assessments.outcome_of(session, assessment)
    assert assessment.submitted_at is not None  # outcome_of has looked
    return Inputs(
        report_id=report.id,
        languages=Languages(report.languages),
        firm_name=outcome.firm.name,
        issued_on=assessment.submitted_at.astimezone(CHINA).date(),
        bank=outcome.bank,
        bank_digest=outcome.bank_digest,
        answers=outcome.answers,
        result=outcome.result,
        plan=outcome.plan,
    )


def _give_up(session: Session, late: ColumnElement[bool], now: datetime) -> None:
    hopeless = (Report.state == RENDERING) & late & (Report.attempts >= MOST_ATTEMPTS)
    for report_id in session.scalars(select(Report.id).where(hopeless)).all():
        _change(
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
    return (Report.state == RENDERING) & (Report.claim == token)


def _change(
    session: Session, report_id: str, condition: ColumnElement[bool], **values: Any
) -> bool:
    """Change the row if the condition still holds, and say whether it did."""
    statement = update(Report).where(Report.id == report_id, condition).values(**values)
    return rows_changed(session, statement) == 1
