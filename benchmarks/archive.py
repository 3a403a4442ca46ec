"""One archive of the reports of 200 firms: memory while it is streamed, and pages meanwhile.

From the real server, with one process that serves, to a reader who takes his time.
"""

import os
import statistics
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.servers import Reader, free_port, memory_of, running
from benchmarks.site import REPORT_SIZE, apart, seeded
from survey.application import create_app
from survey.config import Settings
from survey.core.copies import Copy
from survey.core.text import Languages
from survey.services import archives, report_jobs, report_rows
from survey.services.people import actor_of
from survey.store import files
from survey.store.db import open_engine
from survey.store.models import Assessment, Firm, Report, User

FIRMS = 200
SPEED = 20
"""MB per second that the reader takes: a fast line, and still five seconds."""

OWNER = "owner.weizhou@example.com"
SECTION = "smart-manufacturing"
ADMINISTRATOR = "administrator@example.com"


@dataclass(frozen=True, slots=True)
class Streamed:
    """Megabytes streamed and megabytes that memory grew by.

    95 % of the pages took less than `alone` milliseconds before, and `page` meanwhile.
    """

    size: float
    grew: float
    alone: float
    page: float


def streamed(settings: Settings, folder: Path) -> Streamed:
    """Stream the archive once while pages are asked for."""
    settings = replace(apart(settings, folder), port=free_port(), workers=1)
    url = f"/assessments/{seeded(create_app(settings), settings)}/pages/{SECTION}"
    address = f"/archives/{_an_archive(settings)}/file"
    with running(settings, settings.port) as site, ThreadPoolExecutor() as readers:
        reader, keeper = Reader(settings.port, OWNER), Reader(settings.port, ADMINISTRATOR)
        alone = [_page(reader, url) for _ in range(60)][20:]
        before = memory_of(site)
        stream = readers.submit(keeper.slowly, address, megabytes_per_second=SPEED)
        times, memory = [], [before]
        while not stream.done():
            times.append(_page(reader, url))
            memory.append(memory_of(site))
        size = stream.result()
    return Streamed(
        size=size / 1024 / 1024,
        grew=max(memory) - before,
        alone=statistics.quantiles(alone, n=20)[-1],
        page=statistics.quantiles(times, n=20)[-1],
    )


def _page(reader: Reader, url: str) -> float:
    """Milliseconds of one page."""
    started = time.perf_counter()
    assert reader.get(url)[0] == 200
    return (time.perf_counter() - started) * 1000


# ------------------------------------------------------------------------ rows


def _an_archive(settings: Settings) -> str:
    """The number of an archive all of whose reports are ready."""
    engine = open_engine(settings.database_url)
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        user = session.scalars(select(User).filter_by(email=ADMINISTRATOR)).one()
        actor = actor_of(session, user.id)
        firms = list(_firms(session, now))
        archive = archives.ask(session, actor, firms, Copy(Languages.BOTH), now=now)
        _finish(session, settings.reports_folder, now)
        number = archive.id
    engine.dispose()
    return number


def _firms(session: Session, now: datetime) -> Iterator[int]:
    """Firms that handed in what one demo firm handed in, without its answers."""
    pattern = session.scalars(
        select(Assessment).where(Assessment.submitted_at.is_not(None))
    ).first()
    assert pattern is not None
    columns = [c.key for c in Assessment.__table__.columns if c.key not in ("id", "firm_id")]
    for number in range(FIRMS):
        firm = Firm(name=f"第{number}号企业", created_at=now)
        session.add(firm)
        session.flush()
        values = {name: getattr(pattern, name) for name in columns}
        session.add(Assessment(firm_id=firm.id, **values))
        yield firm.id
    session.flush()


def _finish(session: Session, folder: Path, now: datetime) -> None:
    """Hand in a file for every report that waits."""
    for number in session.scalars(
        select(Report.id).where(Report.state == report_rows.QUEUED)
    ).all():
        claim = uuid.uuid4().hex
        content = os.urandom(REPORT_SIZE)
        report_jobs.claim(session, number, token=claim, now=now, lease=timedelta(minutes=1))
        report_jobs.finish(
            session, number, token=claim, sha256=files.put(folder, content), size=len(content),
            pages=22, content={}, now=now,
        )  # fmt: skip
