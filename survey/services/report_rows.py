"""What stands in a report's row: its state, which copy it is, and the one way to change it.

The row is the truth about the report's job. Every step is a compare-and-set, so that a job
delivered twice, or by a worker that was thought dead, is made once.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Extent, Format
from survey.core.text import Languages
from survey.services.job_rows import CHECKING, FAILED, PATIENCE, QUEUED, READY, RENDERING
from survey.store import files
from survey.store.db import rows_changed
from survey.store.models import IssuedFile, Report

__all__ = [
    "AT_WORK",
    "CANCELLED",
    "CHECKING",
    "FAILED",
    "NOT_AGAIN",
    "OPEN",
    "PATIENCE",
    "QUEUED",
    "READY",
    "RENDERING",
    "WITHOUT_FILE",
    "change",
    "copy_of",
    "take_back",
]

CANCELLED = "cancelled"
AT_WORK = (RENDERING, CHECKING)
OPEN = (QUEUED, *AT_WORK)
WITHOUT_FILE = (FAILED, CANCELLED)

NOT_AGAIN = "report-not-again"
"""The reason of a report whose file was lost and whose input is not the same any more."""


def copy_of(report: Report) -> Copy:
    """Which copy this report is."""
    return Copy(Languages(report.languages), Extent(report.extent), Format(report.format))


def change(session: Session, report_id: str, condition: ColumnElement[bool], **values: Any) -> bool:
    """Change the row if the condition still holds, and say whether it did."""
    statement = update(Report).where(Report.id == report_id, condition).values(**values)
    return rows_changed(session, statement) == 1


def take_back(
    session: Session, report: Report, condition: ColumnElement[bool], folder: Path
) -> bool:
    """Have the file that was handed out before, if it is whole on the disk; say whether it is."""
    if report.file_sha256 is None or not files.is_whole(folder, report.file_sha256):
        return False
    issued = session.get_one(IssuedFile, (report.file_sha256, report.id))
    return change(
        session,
        report.id,
        condition,
        state=READY,
        progress=100,
        claim=None,
        lease_until=None,
        finished_at=issued.at,
        reason_code=None,
        reason_facts=None,
    )
