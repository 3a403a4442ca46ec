"""What workers do with reports: take charge, give signs of life, hand in, find what was lost."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import Session, aliased

from survey.core import scoring
from survey.core.errors import NotFound, SurveyError
from survey.services.job_rows import CHECKING, GAVE_UP, MOST_ATTEMPTS, JobRows
from survey.services.report_inputs import Inputs
from survey.services.report_rows import NOT_AGAIN, change, copy_of, take_back
from survey.services.report_sources import Given, assessment_of, given_of, inputs_of
from survey.store.models import IssuedFile, Report

__all__ = [
    "GAVE_UP",
    "MOST_ATTEMPTS",
    "NotAgain",
    "Outdated",
    "claim",
    "fail",
    "finish",
    "give_back",
    "heartbeat",
    "inputs",
    "put_back",
    "sweep",
    "sweep_long_queue",
    "take_lost_back",
]


class Outdated(SurveyError):
    """Another report is made from what is stored now."""

    code = "report-outdated"


class Reopened(SurveyError):
    """The submission was taken back before anybody made the report."""

    code = "report-reopened"


class NotAgain(SurveyError):
    """A report that was handed out cannot be made again: it would be another one."""

    code = NOT_AGAIN


_ROWS = JobRows(Report, checking=CHECKING)
claim = _ROWS.claim
heartbeat = _ROWS.heartbeat
fail = _ROWS.fail
give_back = _ROWS.give_back
put_back = _ROWS.put_back
sweep = _ROWS.sweep
sweep_long_queue = _ROWS.sweep_long_queue


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
    handed_in = _ROWS.finish(
        session,
        report_id,
        token=token,
        now=now,
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
    return take_back(session, report, _ROWS.held_by(token), folder)


def inputs(session: Session, report_id: str, *, logos_folder: Path) -> Inputs:
    """Read what the report is made from: what is stored now, also if it was asked for before.

    Raises NotFound, Reopened, Outdated if another report is made from that, NotAgain if this one
    was handed out already, LogoMissing.
    """
    report = session.get(Report, report_id, populate_existing=True)
    if report is None:
        raise NotFound
    assessment = assessment_of(session, report.assessment_id)
    if assessment.submitted_at is None:
        raise Reopened
    given = given_of(session, assessment)
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
