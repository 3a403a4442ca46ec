"""One job at a time, inside this process: every way in which making a report can end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey import jobs
from survey.config import Settings
from survey.core.errors import SurveyError
from survey.core.text import Languages
from survey.services import reports
from survey.services.making import make
from survey.services.reports import Inputs, Made
from survey.store import files
from survey.store.models import Report
from tests.stored import a_firm, a_submitted_assessment

MADE = Made(b"a document", 7, {"firm": "x"})
Progress = Callable[[int], None]


class Complaint(SurveyError):
    code = "page-complaint"


@pytest.fixture
def report_id(engine: Engine) -> str:
    return ask(engine, now=datetime.now(UTC))


def ask(engine: Engine, *, now: datetime, languages: Languages = Languages.BOTH) -> str:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        report = reports.ask(session, owner, assessment.id, languages, now=now)
        session.commit()
        return report.id


def work(settings: Settings, engine: Engine, report_id: str, renderer: jobs.Renderer) -> Report:
    """Do the job and return what is stored then."""
    jobs._work(settings, engine, renderer, report_id)
    with Session(engine) as session:
        return session.get_one(Report, report_id)


def lease_of(engine: Engine, report_id: str, until: datetime) -> None:
    with Session(engine) as session:
        session.get_one(Report, report_id).lease_until = until
        session.commit()


def test_the_document_is_stored_under_its_hash(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        progress(50)
        assert inputs.report_id == report_id
        return MADE

    report = work(settings, engine, report_id, renderer)

    assert (report.state, report.pages, report.file_size) == ("ready", 7, 10)
    stored = files.path(settings.reports_folder, report.file_sha256 or "")
    assert stored.read_bytes() == b"a document"


def test_a_report_that_is_made_already_is_not_made_again(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    made: list[str] = []

    def renderer(inputs: Inputs, progress: Progress) -> Made:
        made.append(inputs.report_id)
        return MADE

    work(settings, engine, report_id, renderer)
    work(settings, engine, report_id, renderer)
    jobs._work(settings, engine, renderer, "0" * 32)

    assert made == [report_id]


def test_a_refusal_of_the_renderer_is_the_reason(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        raise Complaint(place="cover")

    report = work(settings, engine, report_id, renderer)

    assert (report.state, report.reason_code) == ("failed", "page-complaint")
    assert report.reason_facts == {"place": "cover"}


def test_a_fault_of_the_program_is_logged_under_the_reference_that_the_reader_sees(
    settings: Settings, engine: Engine, report_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        raise ZeroDivisionError

    report = work(settings, engine, report_id, renderer)

    assert report.reason_code == jobs.BROKEN
    assert (report.reason_facts or {})["reference"] in caplog.text


def test_an_interrupted_job_is_given_back(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(settings, engine, report_id, renderer)

    with Session(engine) as session:
        report = session.get_one(Report, report_id)
    assert (report.state, report.attempts) == ("queued", 0)


def test_a_job_that_was_taken_over_stops_at_its_next_step(
    settings: Settings, engine: Engine, report_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        take_over(engine, report_id)
        heart = progress.__self__  # type: ignore[attr-defined]  # the heart of this job
        heart._beat()
        progress(50)
        raise AssertionError("must have stopped")

    report = work(settings, engine, report_id, renderer)

    assert (report.state, report.claim) == ("rendering", "another")
    assert "taken over" in caplog.text


def test_a_job_that_was_taken_over_at_the_last_moment_changes_nothing(
    settings: Settings, engine: Engine, report_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    def renderer(inputs: Inputs, progress: Progress) -> Made:
        take_over(engine, report_id)
        return MADE

    report = work(settings, engine, report_id, renderer)

    assert (report.state, report.claim) == ("rendering", "another")
    assert "taken over" in caplog.text


def take_over(engine: Engine, report_id: str) -> None:
    """What another worker does after this one was silent for too long."""
    lease_of(engine, report_id, datetime.now(UTC) - timedelta(seconds=1))
    with Session(engine) as session, session.begin():
        assert reports.claim(
            session,
            report_id,
            token="another",
            now=datetime.now(UTC),
            lease=timedelta(minutes=1),
        )


def test_a_heart_beats_on_when_the_database_does_not_answer_for_a_moment(
    settings: Settings,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    beats: list[int] = []

    def beat(*_: object, **__: object) -> bool:
        beats.append(1)
        if len(beats) == 1:
            raise OperationalError("UPDATE", {}, Exception("gone"))
        return False

    monkeypatch.setattr(reports, "heartbeat", beat)

    with jobs._Heart(engine, "0" * 32, "token", timedelta(seconds=0.1)) as heart:
        heart._thread.join(timeout=10)

        with pytest.raises(jobs._TakenOver):
            heart.tell(50)
    assert len(beats) == 2
    assert "sign of life" in caplog.text


def test_the_sweep_delivers_what_was_lost(settings: Settings, engine: Engine) -> None:
    lost = ask(engine, now=datetime.now(UTC) - timedelta(hours=1))
    delivered: list[str] = []
    queue = jobs.queue_for(settings)

    jobs.sweep(engine, queue, delivered.append)
    jobs.sweep(engine, queue, delivered.append)

    queue.storage.close()
    assert delivered == [lost]


def test_a_delivered_report_waits_in_the_queue(settings: Settings) -> None:
    before = jobs.waiting(settings)

    jobs.deliverer(settings)("0" * 32)

    assert (before, jobs.waiting(settings)) == (0, 1)


def test_only_workers_make_reports() -> None:
    with pytest.raises(RuntimeError, match="made by a worker"):
        jobs._work_elsewhere("0" * 32)


def test_a_sweep_that_failed_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    waits: list[int] = []

    def sweep() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    sweeper = jobs._Sweeper(None, SimpleNamespace(wait=waits.append), sweep, 60)
    sweeper.initialize()
    sweeper.loop()

    assert waits == [60]
    assert "will be tried again" in caplog.text


def test_a_process_without_its_parent_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = jobs._Sweeper(None, None, lambda: None, 60)
    sweeper.initialize()
    monkeypatch.setattr("os.getppid", lambda: 1)

    with pytest.raises(KeyboardInterrupt):
        sweeper.loop()


def test_the_same_answers_give_the_same_bytes(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    with Session(engine) as session:
        inputs = reports.inputs(session, report_id)
    heard: list[int] = []

    first = make(settings.fonts_folder, inputs, heard.append)
    second = make(settings.fonts_folder, inputs, heard.append)

    assert first.content == second.content
    assert first.content.startswith(b"%PDF")
    assert first.pages > 1
    assert first.said
    assert heard
