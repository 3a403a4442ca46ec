"""What runs in the background, and on which queue. The only importer of Huey.

A report's row is the truth about its job; Huey only delivers its number, at least once. A
worker that dies lets its lease run out, and the sweep delivers the report again. Whoever gets
it must first take charge of the row, so that a second delivery finds nothing to do.

Each report is made in a process of its own with limits; its worker gives the signs of life.
"""

import gc
import logging
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import BaseProcess, Consumer, Worker
from huey.serializer import SignedSerializer
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey import apart
from survey.config import Settings
from survey.core.errors import SurveyError
from survey.services import report_inputs, report_jobs
from survey.services.report_inputs import Made
from survey.store import files
from survey.store.db import open_engine

QUEUE_ERRORS = (sqlite3.Error, psycopg.Error, OSError)
"""What an unreachable queue raises, whichever kind it is."""

BROKEN = "report-broken"
"""The reason of a report that met a fault of ours; the log has the rest."""

RECYCLED_AFTER = 50
"""Reports that a process makes before a fresh one takes its place: memory stays bounded."""

WAITED_FOR, BEFOREHAND = 10, 1
"""Priorities: what somebody waits for goes before what is made on the chance."""

STOPPING_SECONDS = 8
"""How long a stopping worker may finish what it is at; then it gives the report back."""

Renderer = Callable[[report_inputs.Inputs, Callable[[int], None]], Made]

_log = logging.getLogger(__name__)


# ----------------------------------------------------------------------- queue


def queue_for(settings: Settings) -> Huey:
    """The queue of this installation, with its tables. Raises one of QUEUE_ERRORS."""
    url = make_url(settings.queue_url)
    # Messages are pickled: only what was signed with our key is ever read.
    options: dict[str, Any] = {
        "results": False,
        "serializer": SignedSerializer(secret=settings.secret_key),
    }
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("reports", filename=str(path), **options)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return PostgresHuey("reports", dsn=dsn, **options)
    except psycopg.errors.UniqueViolation:  # somebody made the tables at the same moment
        return PostgresHuey("reports", dsn=dsn, **options)


@contextmanager
def _opened(settings: Settings) -> Iterator[Huey]:
    """The queue for one act: what is open for a moment only cannot grow stale."""
    queue = queue_for(settings)
    try:
        yield queue
    finally:
        queue.storage.close()


def deliverer(settings: Settings, *, priority: int = WAITED_FOR) -> Callable[..., None]:
    """Give the site a way to hand reports to the workers, after their rows were committed.

    If the queue is out of reach, the sweep of any worker delivers them later.
    """

    def deliver(*report_ids: str) -> None:
        try:
            with _opened(settings) as queue:
                hand_over = _task(queue, _work_elsewhere)
                for report_id in report_ids:
                    hand_over(report_id, priority=priority)
        except QUEUE_ERRORS:
            _log.warning("some of these were not delivered; the sweep will do it: %s", report_ids)

    return deliver


def waiting(settings: Settings) -> int:
    """How many reports wait in the queue. Raises one of QUEUE_ERRORS."""
    with _opened(settings) as queue:
        count: int = queue.pending_count()
        return count


def _task(queue: Huey, work: Callable[[str], None]) -> Callable[..., object]:
    """Register the one task under one name, for those who deliver and those who work."""

    @queue.task(name="make_report")  # type: ignore[untyped-decorator]  # Huey has no types
    def make_report(report_id: str) -> None:
        work(report_id)

    delivers: Callable[..., object] = make_report
    return delivers


def _work_elsewhere(report_id: str) -> None:
    raise RuntimeError(f"report {report_id} is made by a worker, not here")


# ---------------------------------------------------------------------- worker


def run_worker(
    settings: Settings, renderer: Renderer, *, warm_up: Callable[[], None] | None = None
) -> None:
    """Make reports until SIGTERM, in `report_workers` processes.

    `renderer` makes a document of its inputs; `warm_up` runs once in each process, and what it
    leaves behind is shared by all the processes that make reports.
    Raises one of QUEUE_ERRORS.
    """
    engine = open_engine(settings.database_url)
    queue = queue_for(settings)
    deliver = _task(queue, partial(_work, settings, engine, renderer))
    if warm_up is not None:
        queue.on_startup(name="warm_up")(partial(warmed_up, warm_up))
    _Consumer(
        queue, workers=settings.report_workers, sweep=partial(sweep, engine, queue, deliver),
        sweep_seconds=settings.sweep_seconds,
    ).run()  # fmt: skip


def warmed_up(warm_up: Callable[[], None]) -> None:
    """Leave what the processes that make reports can share, and nothing else.

    Looking for garbage would touch, and so copy, all of it; what is free goes back to the system.
    """
    warm_up()
    gc.collect()
    gc.freeze()
    apart.give_back_memory()


def sweep(engine: Engine, queue: Huey, deliver: Callable[..., object]) -> None:
    """Deliver again what nobody has charge of: first what is lost for certain."""
    empty, now = queue.pending_count() == 0, datetime.now(UTC)
    with Session(engine) as session, session.begin():
        lost = report_jobs.sweep(session, now=now, queue_is_empty=empty)
        waiting_long = () if empty else report_jobs.sweep_long_queue(session, now=now)
    for priority, report_ids in ((WAITED_FOR, lost), (BEFOREHAND, waiting_long)):
        for report_id in report_ids:
            _log.warning("report %s is delivered again", report_id)
            deliver(report_id, priority=priority)


def _work(settings: Settings, engine: Engine, renderer: Renderer, report_id: str) -> None:
    """Make one report, unless somebody else has charge of it or it is made already."""
    while _attempt(settings, engine, renderer, report_id):
        _log.warning("report %s is tried again: its process was ended from outside", report_id)


def _attempt(settings: Settings, engine: Engine, renderer: Renderer, report_id: str) -> bool:
    """Take charge and make the report. True: it is to be tried again."""
    token = uuid.uuid4().hex
    lease = timedelta(seconds=settings.lease_seconds)
    with Session(engine) as session, session.begin():
        claimed = report_jobs.claim(
            session, report_id, token=token, now=datetime.now(UTC), lease=lease
        )
        back = claimed and report_jobs.take_lost_back(
            session, report_id, token=token, folder=settings.reports_folder
        )
    if back or not claimed:
        return False
    try:
        made = _made(settings, engine, renderer, report_id, _Heart(engine, report_id, token, lease))
        sha256 = files.put(settings.reports_folder, made.content)
        ended = partial(
            report_jobs.finish, sha256=sha256, size=len(made.content), pages=made.pages,
            content=made.said,
        )  # fmt: skip
    except _Stopped:
        _log.info("report %s is not made here any more", report_id)
        return False
    except apart.Lost:
        return _end(engine, report_id, token, report_jobs.put_back)
    except SurveyError as error:
        ended = partial(report_jobs.fail, code=error.code, facts=error.facts)
    except Exception:  # noqa: BLE001  # whatever it was, the reader must hear of it
        _log.exception("report %s met a fault of the program, reference %s", report_id, token[:8])
        ended = partial(report_jobs.fail, code=BROKEN, facts={"reference": token[:8]})
    except BaseException:  # this process is being stopped
        if _end(engine, report_id, token, report_jobs.give_back):
            deliverer(settings)(report_id)  # its message is spent, and somebody may wait for it
        raise
    if not _end(engine, report_id, token, ended):
        _log.info("report %s was cancelled or taken over at the last moment", report_id)
    return False


def _made(
    settings: Settings, engine: Engine, renderer: Renderer, report_id: str, heart: "_Heart"
) -> Made:
    with Session(engine) as session, session.begin():
        inputs = report_jobs.inputs(session, report_id, logos_folder=settings.logos_folder)
    limits = apart.Limits(
        settings.report_cpu_seconds, settings.report_wall_seconds, settings.report_memory_mb
    )
    return apart.call(
        partial(renderer, inputs), limits, hear=heart.hear, beat=heart.beat, every=heart.every
    )


def _end(engine: Engine, report_id: str, token: str, change: Callable[..., bool]) -> bool:
    with Session(engine) as session, session.begin():
        return change(session, report_id, token=token, now=datetime.now(UTC))


class _Stopped(Exception):
    """The report was cancelled, or another worker has charge of it now."""


class _Heart:
    """Keeps the lease of a report while it is made, and writes its progress down."""

    def __init__(self, engine: Engine, report_id: str, token: str, lease: timedelta) -> None:
        self.every = min(0.5, lease.total_seconds() / 4)
        self._engine = engine
        self._report_id = report_id
        self._token = token
        self._lease = lease
        self._progress = 0

    def hear(self, progress: int) -> None:
        """Take down what the renderer says; that it has come to the checks is known at once."""
        before, self._progress = self._progress, max(self._progress, min(progress, 99))
        if before < report_inputs.CHECKED_FROM <= self._progress:
            self.beat()

    def beat(self) -> None:
        """Give a sign of life. Raises _Stopped if nobody waits for it any more."""
        try:
            with Session(self._engine) as session, session.begin():
                alive = report_jobs.heartbeat(
                    session,
                    self._report_id,
                    token=self._token,
                    progress=self._progress,
                    now=datetime.now(UTC),
                    lease=self._lease,
                )
        except SQLAlchemyError:
            _log.warning("report %s: a sign of life could not be given", self._report_id)
            return
        if not alive:
            raise _Stopped


# -------------------------------------------------------- Huey, as we make use of it


class _Consumer(Consumer):  # type: ignore[misc]  # Huey has no types
    """Huey's consumer with processes, our sweep instead of a schedule, and no orphans.

    Nothing is opened before the processes fork: connections must not be shared.
    """

    def __init__(
        self, queue: Huey, *, workers: int, sweep: Callable[[], None], sweep_seconds: int
    ) -> None:
        self._sweep = sweep
        self._sweep_seconds = sweep_seconds
        super().__init__(
            queue,
            workers=workers,
            worker_type="process",
            max_delay=1.0,
            health_check_interval=2,
            max_tasks=RECYCLED_AFTER,
            shutdown_timeout=STOPPING_SECONDS,
            graceful_signal="TERM",
        )

    def _create_worker(self) -> "_Worker":
        return _Worker(
            self.huey,
            self.stop_flag,
            self.default_delay,
            self.max_delay,
            self.backoff,
            self.max_tasks,
        )

    def _create_scheduler(self) -> "_Sweeper":
        return _Sweeper(self.huey, self.stop_flag, self._sweep, self._sweep_seconds)


class _Worker(Worker):  # type: ignore[misc]  # Huey has no types
    """Takes reports from the queue for as long as the process that started it is alive."""

    def initialize(self) -> None:
        self._parent = os.getppid()
        super().initialize()

    def loop(self, now: datetime | None = None) -> None:
        _end_with(self._parent)
        super().loop(now)


class _Sweeper(BaseProcess):  # type: ignore[misc]  # Huey has no types
    """Sweeps at its start and then regularly; stands where Huey has its scheduler."""

    process_name = "Sweeper"

    def __init__(
        self, queue: Huey, stop_flag: Any, sweep: Callable[[], None], seconds: int
    ) -> None:
        self._sweep = sweep
        self._seconds = seconds
        super().__init__(queue, stop_flag)

    def initialize(self) -> None:
        self._parent = os.getppid()

    def loop(self, now: datetime | None = None) -> None:  # noqa: ARG002  # as Huey calls it
        _end_with(self._parent)
        try:
            self._sweep()
        except (SQLAlchemyError, *QUEUE_ERRORS):
            _log.exception("the sweep failed and will be tried again")
        self.stop_flag.wait(self._seconds)


def _end_with(parent: int) -> None:
    """Leave if the parent was killed: an orphan would work beside its successor for ever."""
    if os.getppid() != parent:
        raise KeyboardInterrupt  # Huey's processes take this as the quiet way out
