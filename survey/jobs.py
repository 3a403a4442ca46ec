"""What runs in the background, and on which queue. The only importer of Huey.

A report's row is the truth about its job; Huey only delivers its number, at least once. A
worker that dies lets its lease run out, and the sweep delivers the report again. Whoever gets
it must first take charge of the row, so that a second delivery finds nothing to do.
"""

import logging
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import BaseProcess, Consumer, Worker
from huey.serializer import SignedSerializer
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.errors import SurveyError
from survey.services import reports
from survey.services.reports import Made
from survey.store import files
from survey.store.db import open_engine

QUEUE_ERRORS = (sqlite3.Error, psycopg.Error, OSError)
"""What an unreachable queue raises, whichever kind it is."""

BROKEN = "report-broken"
"""The reason of a report that met a fault of ours; the log has the rest."""

RECYCLED_AFTER = 100
"""Reports that a process makes before a fresh one takes its place: memory stays bounded."""

STOPPING_SECONDS = 8
"""How long a stopping worker may finish what it is at; then it gives the report back."""

Renderer = Callable[[reports.Inputs, Callable[[int], None]], Made]

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


def deliverer(settings: Settings) -> Callable[[str], None]:
    """Give the site a way to hand a report to the workers, after its row was committed.

    If the queue is out of reach, the sweep of any worker delivers the report later.
    """

    def deliver(report_id: str) -> None:
        try:
            with _opened(settings) as queue:
                _task(queue, _work_elsewhere)(report_id)
        except QUEUE_ERRORS:
            _log.warning("report %s was not delivered; the sweep will do it", report_id)

    return deliver


def waiting(settings: Settings) -> int:
    """How many reports wait in the queue. Raises one of QUEUE_ERRORS."""
    with _opened(settings) as queue:
        count: int = queue.pending_count()
        return count


def _task(queue: Huey, work: Callable[[str], None]) -> Callable[[str], object]:
    """Register the one task under one name, for those who deliver and those who work."""

    @queue.task(name="make_report")  # type: ignore[untyped-decorator]  # Huey has no types
    def make_report(report_id: str) -> None:
        work(report_id)

    delivers: Callable[[str], object] = make_report
    return delivers


def _work_elsewhere(report_id: str) -> None:
    raise RuntimeError(f"report {report_id} is made by a worker, not here")


# ---------------------------------------------------------------------- worker


def run_worker(
    settings: Settings, renderer: Renderer, *, warm_up: Callable[[], None] | None = None
) -> None:
    """Make reports until SIGTERM, in `report_workers` processes.

    `renderer` makes a document of its inputs; `warm_up` runs once in each process.
    Raises one of QUEUE_ERRORS.
    """
    engine = open_engine(settings.database_url)
    queue = queue_for(settings)
    deliver = _task(queue, partial(_work, settings, engine, renderer))
    if warm_up is not None:
        queue.on_startup(name="warm_up")(warm_up)
    _Consumer(
        queue, workers=settings.report_workers, sweep=partial(sweep, engine, queue, deliver),
        sweep_seconds=settings.sweep_seconds,
    ).run()  # fmt: skip


def sweep(engine: Engine, queue: Huey, deliver: Callable[[str], object]) -> None:
    """Deliver again what nobody has charge of."""
    empty = queue.pending_count() == 0
    with Session(engine) as session, session.begin():
        lost = reports.sweep(session, now=datetime.now(UTC), queue_is_empty=empty)
    for report_id in lost:
        _log.warning("report %s is delivered again", report_id)
        deliver(report_id)


def _work(settings: Settings, engine: Engine, renderer: Renderer, report_id: str) -> None:
    """Make one report, unless somebody else has charge of it or it is made already."""
    token = uuid.uuid4().hex
    lease = timedelta(seconds=settings.lease_seconds)
    with Session(engine) as session, session.begin():
        claimed = reports.claim(session, report_id, token=token, now=datetime.now(UTC), lease=lease)
    if not claimed:
        return
    try:
        with Session(engine) as session:
            inputs = reports.inputs(session, report_id)
        with _Heart(engine, report_id, token, lease) as heart:
            made = renderer(inputs, heart.tell)
        sha256 = files.put(settings.reports_folder, made.content)
        ended = partial(
            reports.finish, sha256=sha256, size=len(made.content), pages=made.pages,
            content=made.said,
        )  # fmt: skip
    except _TakenOver:
        _log.warning("report %s was taken over by another worker", report_id)
        return
    except SurveyError as error:
        ended = partial(reports.fail, code=error.code, facts=error.facts)
    except Exception:  # noqa: BLE001  # whatever it was, the reader must hear of it
        _log.exception("report %s met a fault of the program, reference %s", report_id, token[:8])
        ended = partial(reports.fail, code=BROKEN, facts={"reference": token[:8]})
    except BaseException:  # this process is being stopped
        _end(engine, report_id, token, reports.give_back)
        raise
    if not _end(engine, report_id, token, ended):
        _log.warning("report %s was taken over by another worker", report_id)


def _end(engine: Engine, report_id: str, token: str, change: Callable[..., bool]) -> bool:
    with Session(engine) as session, session.begin():
        return change(session, report_id, token=token, now=datetime.now(UTC))


class _TakenOver(Exception):
    """Another worker has charge of the report now."""


class _Heart:
    """Beats while a report is made: keeps the lease and writes the progress down.

    A thread of its own, because a renderer may be silent for longer than the lease.
    """

    def __init__(self, engine: Engine, report_id: str, token: str, lease: timedelta) -> None:
        self._engine = engine
        self._report_id = report_id
        self._token = token
        self._lease = lease
        self._progress = 0
        self._taken_over = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def tell(self, progress: int) -> None:
        """Hear from the renderer. Raises _TakenOver if it works for nothing."""
        if self._taken_over:
            raise _TakenOver
        self._progress = max(0, min(progress, 99))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        seconds = min(1.0, self._lease.total_seconds() / 4)
        while not self._stopped.wait(seconds) and not self._taken_over:
            try:
                self._beat()
            except SQLAlchemyError:
                _log.warning("report %s: a sign of life could not be given", self._report_id)

    def _beat(self) -> None:
        with Session(self._engine) as session, session.begin():
            self._taken_over = not reports.heartbeat(
                session,
                self._report_id,
                token=self._token,
                progress=self._progress,
                now=datetime.now(UTC),
                lease=self._lease,
            )


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
