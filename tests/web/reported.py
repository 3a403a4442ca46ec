"""Reports in any state, as the worker would leave them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from survey.core.copies import Copy
from survey.core.text import Languages
from survey.services import report_jobs, reports
from survey.services.people import Actor
from survey.store import files
from survey.store.models import Report
from tests.stored import a_submitted_assessment

PDF = b"%PDF-1.7 as far as this test is concerned"
LEASE = timedelta(seconds=60)
BOTH = Copy(Languages.BOTH)


def asked(session: Session, actor: Actor, copy: Copy = BOTH) -> Report:
    """A report of a new assessment, waiting for its turn."""
    assessment = a_submitted_assessment(session, actor)
    return reports.ask(session, actor, assessment.id, copy, now=datetime.now(UTC))


def claimed(session: Session, report: Report, *, progress: int = 0) -> None:
    """A worker has begun, and got so far."""
    now = datetime.now(UTC)
    assert report_jobs.claim(session, report.id, token="t", now=now, lease=LEASE)
    assert report_jobs.heartbeat(
        session, report.id, token="t", progress=progress, now=now, lease=LEASE
    )
    session.commit()


def made(app: Flask, session: Session, report: Report, content: bytes = PDF) -> Path:
    """A worker has finished; returns where the file lies."""
    claimed(session, report)
    folder = app.extensions["settings"].reports_folder
    sha256 = files.put(folder, content)
    said: dict[str, Any] = {
        "firm": {"typed": "江海阀门有限公司"},
        "verdict": {
            "total": "61.5",
            "level_number": 3,
            "level": {"zh": "集成级", "en": "Integrated"},
        },
    }
    assert report_jobs.finish(
        session,
        report.id,
        token="t",
        sha256=sha256,
        size=len(content),
        pages=12 if report.format == "pdf" else None,
        content=said,
        now=datetime.now(UTC),
    )
    session.commit()
    return files.path(folder, sha256)


def failed(
    session: Session, report: Report, code: str = "report-gave-up", **facts: str | int
) -> None:
    claimed(session, report)
    assert report_jobs.fail(
        session,
        report.id,
        token="t",
        code=code,
        facts=facts or {"attempts": 5},
        now=datetime.now(UTC),
    )
    session.commit()
