"""What runs in the background, and on which queue. The only importer of Huey.

Reports, preparation packs and trial reports are documents that workers make. A document's row is
the truth about its job; Huey only delivers its number, at least once. A worker that dies lets its
lease run out, and the sweep delivers the document again. Whoever gets it must first take charge of
the row, so that a second delivery finds nothing to do.

Each document is made in a process of its own with limits; its worker gives the signs of life.
"""

import gc
import logging
import os
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import BaseProcess, Consumer, Worker
from huey.serializer import SignedSerializer
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey import apart, mail
from survey.config import Settings
from survey.core.errors import Facts, SurveyError
from survey.digest_letter import letter
from survey.services import (
    digests,
    discarding,
    evidence,
    pack_jobs,
    report_inputs,
    report_jobs,
    trials,
)
from survey.services.pack_inputs import PackInputs
from survey.services.report_inputs import Made
from survey.services.trials import TrialInputs
from survey.store import files, pieces
from survey.store.db import open_engine

QUEUE_ERRORS = (sqlite3.Error, psycopg.Error, OSError)
"""What an unreachable queue raises, whichever kind it is."""

BROKEN = "report-broken"
"""The reason of a document that met a fault of ours; the log has the rest."""

RECYCLED_AFTER = 50
"""Documents that a process makes before a fresh one takes its place: memory stays bounded."""

WAITED_FOR, BEFOREHAND = 10, 1
"""Priorities: what somebody waits for goes before what is made on the chance."""

STOPPING_SECONDS = 8
"""How long a stopping worker may finish what it is at; then it gives the document back."""

Sweep = Callable[[], None]
Progress = Callable[[int], None]
Renderer = Callable[[report_inputs.Inputs, Progress], Made]
PackRenderer = Callable[[PackInputs, Progress], Made]
TrialRenderer = Callable[[TrialInputs, Progress], Made]

_log = logging.getLogger(__name__)


# ------------------------------------------------------------------- documents


class Rows(Protocol):
    """What workers do with the rows of one kind of document."""

    def claim(
        self, session: Session, document_id: str, /, *, token: str, now: datetime, lease: timedelta
    ) -> bool: ...

    def heartbeat(
        self,
        session: Session,
        document_id: str,
        /,
        *,
        token: str,
        progress: int,
        now: datetime,
        lease: timedelta,
    ) -> bool: ...

    def fail(
        self,
        session: Session,
        document_id: str,
        /,
        *,
        token: str,
        code: str,
        facts: Facts,
        now: datetime,
    ) -> bool: ...

    def give_back(
        self, session: Session, document_id: str, /, *, token: str, now: datetime
    ) -> bool: ...

    def put_back(
        self, session: Session, document_id: str, /, *, token: str, now: datetime
    ) -> bool: ...

    def sweep(
        self, session: Session, *, now: datetime, queue_is_empty: bool
    ) -> tuple[str, ...]: ...

    def sweep_long_queue(self, session: Session, *, now: datetime) -> tuple[str, ...]: ...


class Document(Protocol):
    """One kind of document: its rows, how one is read, made and handed in.

    `name` is that of its task in the queue. `take_back` has what was made before, if it is there.
    """

    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> Rows: ...

    def take_back(self, session: Session, document_id: str, token: str) -> bool: ...

    def work(self, session: Session, document_id: str) -> Callable[[Progress], Made]: ...

    def hand_in(self, made: Made, sha256: str) -> Callable[..., bool]: ...


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of firms."""

    settings: Settings
    renderer: Renderer
    name: ClassVar[str] = "make_report"
    rows: ClassVar[Rows] = report_jobs

    def take_back(self, session: Session, document_id: str, token: str) -> bool:
        folder = self.settings.reports_folder
        return report_jobs.take_lost_back(session, document_id, token=token, folder=folder)

    def work(self, session: Session, document_id: str) -> Callable[[Progress], Made]:
        folder = self.settings.logos_folder
        return partial(self.renderer, report_jobs.inputs(session, document_id, logos_folder=folder))

    def hand_in(self, made: Made, sha256: str) -> Callable[..., bool]:
        return partial(
            report_jobs.finish, sha256=sha256, size=len(made.content), pages=made.pages,
            content=made.said,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packs:
    """Preparation packs."""

    renderer: PackRenderer
    name: ClassVar[str] = "make_pack"
    rows: ClassVar[Rows] = pack_jobs

    def take_back(self, session: Session, document_id: str, token: str) -> bool:
        del session, document_id, token
        return False  # a pack that lost its file knows nothing of it any more

    def work(self, session: Session, document_id: str) -> Callable[[Progress], Made]:
        return partial(self.renderer, pack_jobs.inputs(session, document_id))

    def hand_in(self, made: Made, sha256: str) -> Callable[..., bool]:
        return partial(pack_jobs.finish, sha256=sha256, size=len(made.content), pages=made.pages)


@dataclass(frozen=True, slots=True)
class Trials:
    """Trial reports of drafts."""

    renderer: TrialRenderer
    name: ClassVar[str] = "make_trial"
    rows: ClassVar[Rows] = trials.ROWS

    def take_back(self, session: Session, document_id: str, token: str) -> bool:
        del session, document_id, token
        return False  # as with packs

    def work(self, session: Session, document_id: str) -> Callable[[Progress], Made]:
        return partial(self.renderer, trials.inputs(session, document_id))

    def hand_in(self, made: Made, sha256: str) -> Callable[..., bool]:
        return partial(
            trials.ROWS.finish, file_sha256=sha256, file_size=len(made.content), pages=made.pages
        )


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


def deliverer(
    settings: Settings, *, task: str = Reports.name, priority: int = WAITED_FOR
) -> Callable[..., None]:
    """Give the site a way to hand documents to the workers, after their rows were committed.

    If the queue is out of reach, the sweep of any worker delivers them later.
    """

    def deliver(*document_ids: str) -> None:
        try:
            with _opened(settings) as queue:
                hand_over = _task(queue, task, _work_elsewhere)
                for document_id in document_ids:
                    hand_over(document_id, priority=priority)
        except QUEUE_ERRORS:
            _log.warning("some of these were not delivered; the sweep will do it: %s", document_ids)

    return deliver


def waiting(settings: Settings) -> int:
    """How many documents wait in the queue. Raises one of QUEUE_ERRORS."""
    with _opened(settings) as queue:
        count: int = queue.pending_count()
        return count


def _task(queue: Huey, name: str, work: Callable[[str], None]) -> Callable[..., object]:
    """Register a task under its one name, for those who deliver and those who work."""

    @queue.task(name=name)  # type: ignore[untyped-decorator]  # Huey has no types
    def make(document_id: str) -> None:
        work(document_id)

    delivers: Callable[..., object] = make
    return delivers


def _work_elsewhere(document_id: str) -> None:
    raise RuntimeError(f"document {document_id} is made by a worker, not here")


# ---------------------------------------------------------------------- worker


def run_worker(
    settings: Settings, *documents: Document, warm_up: Callable[[], None] | None = None
) -> None:
    """Make documents of these kinds until SIGTERM, in `report_workers` processes.

    `warm_up` runs once in each process, and what it leaves behind is shared by all the processes
    that make documents.
    Raises one of QUEUE_ERRORS.
    """
    engine = open_engine(settings.database_url)
    queue = queue_for(settings)
    tasks = [
        (_task(queue, each.name, partial(_work, settings, engine, each)), each.rows)
        for each in documents
    ]
    if warm_up is not None:
        queue.on_startup(name="warm_up")(partial(warmed_up, warm_up))
    _Consumer(
        queue,
        workers=settings.report_workers,
        sweeps=(
            *(partial(sweep, engine, queue, *each) for each in tasks),
            partial(clear_evidence, settings, engine),
            partial(erase_discarded, settings, engine),
            partial(write_to_owners, settings, engine),
        ),
        sweep_seconds=settings.sweep_seconds,
    ).run()


def warmed_up(warm_up: Callable[[], None]) -> None:
    """Leave what the processes that make reports can share, and nothing else.

    Looking for garbage would touch, and so copy, all of it; what is free goes back to the system.
    """
    warm_up()
    gc.collect()
    gc.freeze()
    apart.give_back_memory()


def clear_evidence(settings: Settings, engine: Engine) -> None:
    """Remove what is left of uploads that were given up, once that is committed."""
    folder, share = settings.evidence_folder, secrets.randbelow(pieces.SHARES)
    with Session(engine) as session, session.begin():
        left = evidence.sweep(session, folder, now=datetime.now(UTC), share=share)
    for file_id in left:
        evidence.forget(folder, file_id)


def erase_discarded(settings: Settings, engine: Engine) -> None:
    """Erase drafts that were discarded long enough ago, and their files once that is committed."""
    with Session(engine) as session, session.begin():
        left = discarding.sweep(session, now=datetime.now(UTC))
    for file_id in left:
        evidence.forget(settings.evidence_folder, file_id)


def write_to_owners(settings: Settings, engine: Engine) -> None:
    """Send every letter about colleagues' work that is due; one that cannot be sent stays due.

    Sent outside of any transaction: a slow mail server must not hold the database.
    """
    every = timedelta(hours=settings.digest_hours)
    with Session(engine) as session:
        waiting = digests.due(session, now=datetime.now(UTC), every=every)
    for assessment_id in waiting:
        try:
            _write_to_owner(settings, engine, assessment_id, every)
        except mail.MailNotSent:
            _log.warning("the mail server takes no letters; they will be sent later")
            return
        except Exception:  # noqa: BLE001  # one letter must not keep the others
            _log.exception("the letter about assessment %s met a fault", assessment_id)


def _write_to_owner(
    settings: Settings, engine: Engine, assessment_id: int, every: timedelta
) -> None:
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        claimed = digests.claim(session, assessment_id, now=now, every=every)
        news = digests.news(session, assessment_id) if claimed else None
    if news is None:
        return
    mail.send(settings, letter(news, base_url=settings.base_url, hours=settings.digest_hours))
    with Session(engine) as session, session.begin():
        digests.sent(session, assessment_id, claimed_at=now)


def sweep(
    engine: Engine, queue: Huey, deliver: Callable[..., object], rows: Rows = report_jobs
) -> None:
    """Deliver again what nobody has charge of: first what is lost for certain."""
    empty, now = queue.pending_count() == 0, datetime.now(UTC)
    with Session(engine) as session, session.begin():
        lost = rows.sweep(session, now=now, queue_is_empty=empty)
        waiting_long = () if empty else rows.sweep_long_queue(session, now=now)
    for priority, document_ids in ((WAITED_FOR, lost), (BEFOREHAND, waiting_long)):
        for document_id in document_ids:
            _log.warning("document %s is delivered again", document_id)
            deliver(document_id, priority=priority)


def _work(settings: Settings, engine: Engine, document: Document, document_id: str) -> None:
    """Make one document, unless somebody else has charge of it or it is made already."""
    while _attempt(settings, engine, document, document_id):
        _log.warning("%s is tried again: its process was ended from outside", document_id)


def _attempt(settings: Settings, engine: Engine, document: Document, document_id: str) -> bool:
    """Take charge and make the document. True: it is to be tried again."""
    rows, token = document.rows, uuid.uuid4().hex
    lease = timedelta(seconds=settings.lease_seconds)
    with Session(engine) as session, session.begin():
        claimed = rows.claim(session, document_id, token=token, now=datetime.now(UTC), lease=lease)
        back = claimed and document.take_back(session, document_id, token)
    if back or not claimed:
        return False
    heart = _Heart(engine, document_id, token, lease, rows)
    try:
        made = _made(settings, engine, document, document_id, heart)
        sha256 = files.put(settings.reports_folder, made.content)
        ended = document.hand_in(made, sha256)
    except _Stopped:
        _log.info("document %s is not made here any more", document_id)
        return False
    except apart.Lost:
        return _end(engine, document_id, token, rows.put_back)
    except SurveyError as error:
        ended = partial(rows.fail, code=error.code, facts=error.facts)
    except Exception:  # noqa: BLE001  # whatever it was, the reader must hear of it
        _log.exception("%s met a fault of the program, reference %s", document_id, token[:8])
        ended = partial(rows.fail, code=BROKEN, facts={"reference": token[:8]})
    except BaseException:  # this process is being stopped
        if _end(engine, document_id, token, rows.give_back):
            # Its message is spent, and somebody may wait for it.
            deliverer(settings, task=document.name)(document_id)
        raise
    if not _end(engine, document_id, token, ended):
        _log.info("%s was cancelled or taken over at the last moment", document_id)
    return False


def _made(
    settings: Settings, engine: Engine, document: Document, document_id: str, heart: "_Heart"
) -> Made:
    with Session(engine) as session, session.begin():
        work = document.work(session, document_id)
    limits = apart.Limits(
        settings.report_cpu_seconds, settings.report_wall_seconds, settings.report_memory_mb
    )
    return apart.call(work, limits, hear=heart.hear, beat=heart.beat, every=heart.every)


def _end(engine: Engine, document_id: str, token: str, change: Callable[..., bool]) -> bool:
    with Session(engine) as session, session.begin():
        return change(session, document_id, token=token, now=datetime.now(UTC))


class _Stopped(Exception):
    """The document was cancelled, or another worker has charge of it now."""


class _Heart:
    """Keeps the lease of a document while it is made, and writes its progress down."""

    def __init__(
        self,
        engine: Engine,
        document_id: str,
        token: str,
        lease: timedelta,
        rows: Rows = report_jobs,
    ) -> None:
        self.every = min(0.5, lease.total_seconds() / 4)
        self._engine = engine
        self._document_id = document_id
        self._rows = rows
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
                alive = self._rows.heartbeat(
                    session,
                    self._document_id,
                    token=self._token,
                    progress=self._progress,
                    now=datetime.now(UTC),
                    lease=self._lease,
                )
        except SQLAlchemyError:
            _log.warning("%s: a sign of life could not be given", self._document_id)
            return
        if not alive:
            raise _Stopped


# -------------------------------------------------------- Huey, as we make use of it


class _Consumer(Consumer):  # type: ignore[misc]  # Huey has no types
    """Huey's consumer with processes, our sweeps instead of a schedule, and no orphans.

    Nothing is opened before the processes fork: connections must not be shared.
    """

    def __init__(
        self, queue: Huey, *, workers: int, sweeps: Sequence[Sweep], sweep_seconds: int
    ) -> None:
        self._sweeps = sweeps
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
        return _Sweeper(self.huey, self.stop_flag, self._sweeps, self._sweep_seconds)


class _Worker(Worker):  # type: ignore[misc]  # Huey has no types
    """Takes documents from the queue for as long as the process that started it is alive."""

    def initialize(self) -> None:
        self._parent = os.getppid()
        super().initialize()

    def loop(self, now: datetime | None = None) -> None:
        _end_with(self._parent)
        super().loop(now)


class _Sweeper(BaseProcess):  # type: ignore[misc]  # Huey has no types
    """Sweeps at its start and then regularly; stands where Huey has its scheduler.

    A sweep that fails keeps none of the others.
    """

    process_name = "Sweeper"

    def __init__(self, queue: Huey, stop_flag: Any, sweeps: Sequence[Sweep], seconds: int) -> None:
        self._sweeps = sweeps
        self._seconds = seconds
        super().__init__(queue, stop_flag)

    def initialize(self) -> None:
        self._parent = os.getppid()

    def loop(self, now: datetime | None = None) -> None:  # noqa: ARG002  # as Huey calls it
        _end_with(self._parent)
        for sweep in self._sweeps:
            try:
                sweep()
            except (SQLAlchemyError, *QUEUE_ERRORS):
                _log.exception("a sweep failed and will be tried again")
        self.stop_flag.wait(self._seconds)


def _end_with(parent: int) -> None:
    """Leave if the parent was killed: an orphan would work beside its successor for ever."""
    if os.getppid() != parent:
        raise KeyboardInterrupt  # Huey's processes take this as the quiet way out
