"""Real workers are started, killed at the worst moment, and nothing is lost or made twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey import jobs
from survey.config import Settings
from survey.core.copies import Copy
from survey.core.text import Languages
from survey.pdf import signing
from survey.services import report_jobs, report_rows, reports
from survey.services.making import Printing, make
from survey.store import files
from survey.store.models import Report
from tests.stored import a_firm, a_submitted_assessment, an_administrator

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
LEASE, SWEEP = 3, 1
SETTLED = LEASE + 1.5 * SWEEP
"""After this long a second rendering would have begun, if there were to be one."""


@dataclass
class Installation:
    """A database with one submitted assessment, a queue, and workers to start and kill."""

    engine: Engine
    environment: dict[str, str]
    log: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    def ask(self, *, now: datetime | None = None) -> str:
        """Ask for a report, as the site does; return its number."""
        with Session(self.engine) as session:
            _, owner = a_firm(session)
            assessment = a_submitted_assessment(session, owner)
            report = reports.ask(
                session, owner, assessment.id, Copy(Languages.ZH), now=now or datetime.now(UTC)
            )
            session.commit()
            return report.id

    def deliver(self, report_id: str) -> None:
        jobs.deliverer(self.settings)(report_id)

    def start(self, seconds: float, fault: str = "") -> subprocess.Popen[bytes]:
        """Start a worker whose renderer takes this long."""
        return self.run("tests.slow_worker", str(self.log), str(seconds), fault)

    def run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a process with a group of its own: killing the group is a machine's death."""
        worker = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        self.workers.append(worker)
        return worker

    def noted(self, what: str) -> list[int]:
        """The processes that noted it, in order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [int(line.split()[2]) for line in lines if line.startswith(f"{what} ")]

    def report(self, report_id: str) -> Report:
        with Session(self.engine) as session:
            return session.get_one(Report, report_id)

    def wait_for(self, report_id: str, state: str) -> Report:
        wait(lambda: self.report(report_id).state == state, f"the report to be {state}")
        return self.report(report_id)


def wait(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.05)


def kill(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def parent_of(process: int) -> int:
    status = Path(f"/proc/{process}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])


def is_running(process: int) -> bool:
    """Whether it runs; a zombie that nobody has collected yet does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def installation(database: str, engine: Engine, tmp_path: Path) -> Iterator[Installation]:
    secret = "for tests only, and long enough to be taken"
    place = Installation(
        engine,
        {
            "DATABASE_URL": database,
            "SECRET_KEY": secret,
            "PASSWORD_SALT": secret,
            "SURVEY_FOLDER": str(tmp_path),
            "SURVEY_FONTS": os.environ.get("SURVEY_FONTS", str(ROOT / "var" / "fonts")),
            "SURVEY_LEASE_SECONDS": str(LEASE),
            "SURVEY_SWEEP_SECONDS": str(SWEEP),
        },
        tmp_path / "log",
    )
    yield place
    for worker in place.workers:
        if worker.poll() is None:
            kill(worker)


def made_once(installation: Installation, report_id: str) -> Report:
    """Wait until it is ready and settled; whatever happened, it was finished exactly once."""
    installation.wait_for(report_id, report_rows.READY)
    time.sleep(SETTLED)
    assert len(installation.noted("end")) == 1
    report = installation.report(report_id)
    assert report.state == report_rows.READY
    assert report.file_sha256 is not None
    stored = files.path(installation.settings.reports_folder, report.file_sha256)
    assert stored.stat().st_size == report.file_size
    return report


def test_a_report_whose_machine_died_is_made_by_another(installation: Installation) -> None:
    report_id = installation.ask()
    doomed = installation.start(seconds=60)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the first rendering to begin")

    kill(doomed)
    installation.start(seconds=0.2)
    report = made_once(installation, report_id)

    assert len(installation.noted("begin")) == 2
    assert report.attempts == 2


def test_the_real_worker_killed_while_printing_leaves_the_same_bytes_to_its_successor(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    doomed = installation.run("survey", "worker")
    installation.deliver(report_id)
    wait(lambda: installation.report(report_id).state == report_rows.RENDERING, "printing to begin")

    kill(doomed)
    installation.run("survey", "worker")
    report = installation.wait_for(report_id, report_rows.READY)

    settings = installation.settings
    with Session(installation.engine) as session:
        inputs = report_jobs.inputs(session, report_id, logos_folder=settings.logos_folder)
    signer = signing.load(settings.certificate, settings.certificate_password)
    printing = Printing(settings.fonts_folder, settings.accent, settings.base_url, signer)
    undisturbed = make(printing, inputs, lambda percent: None)
    assert report.attempts == 2
    assert report.file_sha256 is not None
    stored = files.path(settings.reports_folder, report.file_sha256)
    assert unsigned(stored.read_bytes()) == unsigned(undisturbed.content)


def unsigned(content: bytes) -> bytes:
    """What was signed; the signature follows it, and tells the time."""
    return content[: content.index(b"%%EOF")]


def test_a_report_whose_process_was_killed_is_made_by_the_next_process(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    installation.start(seconds=3)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the first rendering to begin")

    os.kill(installation.noted("begin")[0], signal.SIGKILL)
    report = made_once(installation, report_id)

    assert report.attempts == 2
    assert len(set(installation.noted("begin"))) == 2


def test_a_report_whose_worker_was_killed_in_mid_render_is_made_by_another(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    installation.start(seconds=3)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the first rendering to begin")
    (rendering,) = installation.noted("begin")

    os.kill(parent_of(rendering), signal.SIGKILL)
    wait(lambda: not is_running(rendering), "the process without its worker to end")
    report = made_once(installation, report_id)

    assert report.attempts == 2
    assert len(set(installation.noted("begin"))) == 2


def test_a_worker_whose_parent_died_finishes_its_report_and_leaves(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    worker = installation.start(seconds=2)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the rendering to begin")
    orphan = parent_of(installation.noted("begin")[0])

    worker.kill()
    worker.wait()
    installation.wait_for(report_id, report_rows.READY)

    wait(lambda: not is_running(orphan), "the orphan to leave")


def test_a_report_cancelled_in_mid_render_is_not_made(installation: Installation) -> None:
    report_id = installation.ask()
    installation.start(seconds=60)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the rendering to begin")
    (rendering,) = installation.noted("begin")

    with Session(installation.engine) as session, session.begin():
        reader = an_administrator(session)
        reports.cancel(session, reader, report_id, now=datetime.now(UTC))
    wait(lambda: not is_running(rendering), "the process to end")
    time.sleep(SETTLED)

    assert installation.report(report_id).state == report_rows.CANCELLED
    assert installation.noted("end") == []


def test_what_somebody_waits_for_goes_before_what_is_made_beforehand(
    installation: Installation,
) -> None:
    beforehand = [installation.ask() for _ in range(3)]
    jobs.deliverer(installation.settings, priority=jobs.BEFOREHAND)(*beforehand)
    waited_for = installation.ask()
    installation.deliver(waited_for)

    installation.start(seconds=0.1)
    for report_id in (*beforehand, waited_for):
        installation.wait_for(report_id, report_rows.READY)

    first = installation.log.read_text().split()[1]
    assert first == waited_for


@pytest.mark.parametrize("what", ["paragraph", "rows"])
def test_a_runaway_report_of_the_real_printer_ends_at_its_limit(
    installation: Installation, what: str
) -> None:
    installation.environment["SURVEY_REPORT_CPU_SECONDS"] = "2"
    report_id = installation.ask()
    installation.start(seconds=0, fault=what)
    installation.deliver(report_id)

    report = installation.wait_for(report_id, report_rows.FAILED)

    assert report.reason_code == "report-out-of-time"
    assert report.reason_facts == {"seconds": 2, "setting": "SURVEY_REPORT_CPU_SECONDS"}
    assert report.attempts == 1


def test_a_report_delivered_many_times_is_made_once(installation: Installation) -> None:
    report_id = installation.ask()
    for _ in range(5):
        installation.deliver(report_id)

    installation.start(seconds=1)
    installation.start(seconds=1)
    report = made_once(installation, report_id)

    assert len(installation.noted("begin")) == 1
    assert report.attempts == 1


def test_a_live_report_is_not_taken_over_however_long_and_silent(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    installation.start(seconds=2.5 * LEASE, fault="silent")
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the rendering to begin")

    installation.start(seconds=0.1)
    installation.deliver(report_id)
    report = made_once(installation, report_id)

    assert len(installation.noted("begin")) == 1
    assert report.attempts == 1


def test_a_worker_that_slept_through_its_lease_changes_nothing(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    sleeper = installation.start(seconds=1, fault="silent")
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the first rendering to begin")

    os.killpg(sleeper.pid, signal.SIGSTOP)
    installation.start(seconds=0.1)
    first = installation.wait_for(report_id, report_rows.READY)
    os.killpg(sleeper.pid, signal.SIGCONT)
    (asleep, _) = installation.noted("begin")
    wait(lambda: not is_running(asleep), "the sleeper to come to its end")
    time.sleep(SETTLED)

    report = installation.report(report_id)
    assert (report.state, report.finished_at) == (report_rows.READY, first.finished_at)


def test_a_report_that_was_never_delivered_is_found_by_the_sweep(
    installation: Installation,
) -> None:
    report_id = installation.ask(now=datetime.now(UTC) - timedelta(minutes=10))

    installation.start(seconds=0.1)

    assert made_once(installation, report_id).attempts == 1


def test_progress_can_be_seen_while_a_report_is_made(installation: Installation) -> None:
    report_id = installation.ask()
    installation.start(seconds=4)
    installation.deliver(report_id)

    def rendering() -> bool:
        report = installation.report(report_id)
        return 0 < report.progress < 100 and report.state == report_rows.RENDERING

    wait(rendering, "some progress")


def test_a_complaint_of_the_renderer_fails_the_report_with_its_reason(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    installation.start(seconds=0.1, fault="complaint")
    installation.deliver(report_id)

    report = installation.wait_for(report_id, report_rows.FAILED)

    assert (report.reason_code, report.reason_facts) == ("page-complaint", {"character": "𠮷"})


def test_a_fault_of_the_program_fails_the_report_with_a_reference(
    installation: Installation,
) -> None:
    report_id = installation.ask()
    installation.start(seconds=0.1, fault="bug")
    installation.deliver(report_id)

    report = installation.wait_for(report_id, report_rows.FAILED)

    assert report.reason_code == jobs.BROKEN
    assert report.reason_facts is not None
    assert len(report.reason_facts["reference"]) == 8


def test_a_worker_told_to_stop_finishes_what_it_is_at(installation: Installation) -> None:
    report_id = installation.ask()
    worker = installation.start(seconds=2)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the rendering to begin")

    worker.send_signal(signal.SIGTERM)
    status = worker.wait(PATIENCE)

    assert status == 0
    assert installation.report(report_id).state == report_rows.READY


def test_a_worker_interrupted_gives_its_report_back(installation: Installation) -> None:
    report_id = installation.ask()
    worker = installation.start(seconds=60)
    installation.deliver(report_id)
    wait(lambda: len(installation.noted("begin")) == 1, "the rendering to begin")

    worker.send_signal(signal.SIGINT)
    worker.wait(PATIENCE)

    report = installation.report(report_id)
    assert (report.state, report.attempts) == (report_rows.QUEUED, 0)


def test_a_message_that_we_did_not_sign_is_never_read(installation: Installation) -> None:
    forger = Settings.from_environment(
        installation.environment | {"SECRET_KEY": "somebody else's key, also long enough"}
    )
    report_id = installation.ask()
    jobs.deliverer(forger)(report_id)

    installation.start(seconds=0.1)
    other = installation.ask()
    installation.deliver(other)
    installation.wait_for(other, report_rows.READY)

    assert installation.report(report_id).state == report_rows.QUEUED


def test_asking_works_while_the_queue_is_out_of_reach(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "not-a-folder").write_text("")
    environment = installation.environment | {
        "QUEUE_URL": f"sqlite:///{tmp_path}/not-a-folder/queue.db"
    }

    jobs.deliverer(Settings.from_environment(environment))("0" * 32)

    with pytest.raises(jobs.QUEUE_ERRORS):
        jobs.waiting(Settings.from_environment(environment))
