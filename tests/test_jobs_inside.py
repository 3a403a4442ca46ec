"""One job at a time, inside this process: every way in which making a report can end."""

import errno
import gc
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey import jobs, messages
from survey.config import Settings
from survey.core.errors import SurveyError
from survey.core.text import Locale
from survey.services import discarding, evidence, report_jobs, reports
from survey.services.making import Printing, make
from survey.services.report_inputs import Inputs, Made
from survey.store import files, pieces
from survey.store.db import open_engine
from survey.store.models import Assessment, Firm, Pack, Report, Upload
from tests.stored import (
    NOW,
    a_file,
    a_firm,
    a_submitted_assessment,
    an_administrator,
    an_assessment,
)

MADE = Made(b"a document", 7, {"firm": "x"})
Progress = Callable[[int], None]


class Complaint(SurveyError):
    code = "page-complaint"


@pytest.fixture
def report_id(engine: Engine) -> str:
    return ask(engine, now=datetime.now(UTC))


def ask(engine: Engine, *, now: datetime) -> str:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        report = reports.ask(session, owner, assessment.id, reports.USUAL, now=now)
        session.commit()
        return report.id


def work(settings: Settings, engine: Engine, report_id: str, renderer: jobs.Renderer) -> Report:
    """Do the job and return what is stored then."""
    jobs._work(settings, engine, jobs.Reports(settings, renderer), report_id)
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
    first = work(settings, engine, report_id, lambda *_: MADE)
    second = work(settings, engine, report_id, lambda *_: Made(b"another", 1, {}))
    jobs._work(settings, engine, jobs.Reports(settings, lambda *_: MADE), "0" * 32)

    assert second.file_sha256 == first.file_sha256
    assert second.attempts == 1


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


def test_a_job_of_an_interrupted_worker_is_given_back_and_delivered_again(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(heart: jobs._Heart) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs._Heart, "beat", interrupted)

    before = jobs.waiting(settings)
    with pytest.raises(KeyboardInterrupt):
        work(settings, engine, report_id, slow)

    assert (before, jobs.waiting(settings)) == (0, 1)
    with Session(engine) as session:
        report = session.get_one(Report, report_id)
    assert (report.state, report.attempts) == ("queued", 0)


def slow(inputs: Inputs, progress: Progress) -> Made:
    for percent in range(100):
        progress(percent)
        time.sleep(0.1)
    return MADE


def test_a_job_that_was_taken_over_stops_at_its_next_sign_of_life(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, jobs._Heart, "beat", lambda: take_over(engine, report_id))

    report = work(settings, engine, report_id, slow)

    assert (report.state, report.claim) == ("rendering", "another")


def test_a_job_that_was_taken_over_at_the_last_moment_changes_nothing(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, files, "put", lambda: take_over(engine, report_id))

    report = work(settings, engine, report_id, lambda *_: MADE)

    assert (report.state, report.claim) == ("rendering", "another")


def test_a_job_that_was_cancelled_stops_and_leaves_nothing(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before(monkeypatch, jobs._Heart, "beat", lambda: cancel(engine, report_id))

    report = work(settings, engine, report_id, slow)

    assert (report.state, report.claim, report.file_sha256) == ("cancelled", None, None)
    assert not settings.reports_folder.exists()


def before(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, act: Callable[[], None]
) -> None:
    """Let something happen, once, just before a function of the worker is called."""
    original, acts = getattr(place, name), [act]

    def replaced(*given: object, **facts: object) -> object:
        while acts:
            acts.pop()()
        return original(*given, **facts)

    monkeypatch.setattr(place, name, replaced)


def take_over(engine: Engine, report_id: str) -> None:
    """What another worker does after this one was silent for too long."""
    lease_of(engine, report_id, datetime.now(UTC) - timedelta(seconds=1))
    with Session(engine) as session, session.begin():
        assert report_jobs.claim(
            session,
            report_id,
            token="another",
            now=datetime.now(UTC),
            lease=timedelta(minutes=1),
        )


def cancel(engine: Engine, report_id: str) -> None:
    with Session(engine) as session, session.begin():
        reader = an_administrator(session)
        reports.cancel(session, reader, report_id, now=datetime.now(UTC))


def test_a_heart_beats_on_when_the_database_does_not_answer_for_a_moment(
    settings: Settings,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def gone() -> None:
        raise OperationalError("UPDATE", {}, Exception("gone"))

    heart = jobs._Heart(engine, "0" * 32, "token", timedelta(seconds=60))
    before(monkeypatch, report_jobs, "heartbeat", gone)

    heart.beat()

    assert "sign of life" in caplog.text
    with pytest.raises(jobs._Stopped):
        heart.beat()


def until_seen(engine: Engine, kind: type[Report] | type[Pack], number: str, percent: int) -> None:
    """Wait, in the copy that does the work, until its caller has written how far it is."""
    own = open_engine(engine.url.render_as_string(hide_password=False))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with Session(own) as session:
            if session.scalars(select(kind.progress).filter_by(id=number)).one() >= percent:
                break
        time.sleep(0.05)
    own.dispose()


def test_the_progress_only_rises_and_the_checks_are_a_state_of_their_own(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    beat = jobs._Heart.beat

    def watched(heart: jobs._Heart) -> None:
        beat(heart)
        with Session(engine) as session:
            report = session.get_one(Report, report_id)
            seen.append((report.state, report.progress))

    def renderer(inputs: Inputs, progress: Progress) -> Made:
        for percent in (40, 10, 90, 97, 20):
            progress(percent)
            until_seen(engine, Report, report_id, percent)
        return MADE

    monkeypatch.setattr(jobs._Heart, "beat", watched)
    report = work(settings, engine, report_id, renderer)

    assert [progress for _, progress in seen] == sorted(progress for _, progress in seen)
    assert all((state == "checking") == (progress >= 96) for state, progress in seen)
    assert {"rendering", "checking"} == {state for state, _ in seen}
    assert (report.state, report.progress) == ("ready", 100)


def test_a_full_disk_fails_the_report_and_leaves_nothing_half(
    settings: Settings, engine: Engine, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    report = work(settings, engine, report_id, lambda *_: MADE)

    assert (report.state, report.reason_code) == ("failed", "disk-full")
    assert [path for path in settings.reports_folder.rglob("*") if path.is_file()] == []


def test_a_report_that_failed_is_made_when_it_is_tried_again(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    def complain(inputs: Inputs, progress: Progress) -> Made:
        raise Complaint

    work(settings, engine, report_id, complain)
    with Session(engine) as session, session.begin():
        reader = an_administrator(session)
        again = reports.retry(session, reader, report_id, now=datetime.now(UTC)).id

    assert again == report_id
    assert work(settings, engine, report_id, lambda *_: MADE).state == "ready"


def test_a_job_whose_process_is_killed_again_and_again_is_given_up(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    def killed(inputs: Inputs, progress: Progress) -> Made:
        os.kill(os.getpid(), signal.SIGKILL)
        return MADE

    report = work(settings, engine, report_id, killed)

    assert (report.state, report.reason_code) == ("failed", report_jobs.GAVE_UP)
    assert report.attempts == report_jobs.MOST_ATTEMPTS


def test_a_report_whose_firm_was_renamed_meanwhile_is_made_under_the_new_name(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    with Session(engine) as session, session.begin():
        session.execute(update(Firm).values(name="另一个名称"))

    def renderer(inputs: Inputs, progress: Progress) -> Made:
        assert inputs.firm_name == "另一个名称"
        return MADE

    report = work(settings, engine, report_id, renderer)

    assert (report.state, report.reason_code) == ("ready", None)


def test_a_report_whose_lost_file_is_back_is_not_made_again(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    before = work(settings, engine, report_id, lambda *_: MADE)
    made_at = before.finished_at
    with Session(engine) as session, session.begin():
        session.execute(update(Report).values(state="queued", lease_until=datetime.now(UTC)))

    report = work(settings, engine, report_id, unexpected)

    assert (report.state, report.finished_at) == ("ready", made_at)


def unexpected(inputs: Inputs, progress: Progress) -> Made:
    raise AssertionError


@pytest.mark.parametrize(
    ("limit", "renderer", "code", "facts"),
    [
        ("report_cpu_seconds", "runs", "report-out-of-time", {"seconds": 1}),
        ("report_wall_seconds", "sleeps", "report-out-of-time", {"seconds": 1}),
        ("report_memory_mb", "fills", "report-out-of-memory", {"megabytes": 64}),
    ],
)
def test_a_runaway_report_ends_at_its_limit_with_a_sentence_that_names_it(
    settings: Settings,
    engine: Engine,
    report_id: str,
    limit: str,
    renderer: str,
    code: str,
    facts: dict[str, int],
) -> None:
    limited = replace(settings, **{limit: next(iter(facts.values()))})  # type: ignore[arg-type]

    report = work(limited, engine, report_id, RUNAWAYS[renderer])

    assert (report.state, report.reason_code) == ("failed", code)
    assert report.reason_facts == facts | {"setting": f"SURVEY_{limit.upper()}"}
    assert not settings.reports_folder.exists()
    for locale in Locale:
        said = messages.sentence(code, report.reason_facts, locale)
        assert str(next(iter(facts.values()))) in said


def runs(inputs: Inputs, progress: Progress) -> Made:
    while True:
        pass


def sleeps(inputs: Inputs, progress: Progress) -> Made:
    time.sleep(60)
    return MADE


def fills(inputs: Inputs, progress: Progress) -> Made:
    return Made(bytes(200_000_000), 1, {})


RUNAWAYS: dict[str, jobs.Renderer] = {"runs": runs, "sleeps": sleeps, "fills": fills}


def test_the_sweep_delivers_what_was_lost(settings: Settings, engine: Engine) -> None:
    lost = ask(engine, now=datetime.now(UTC) - timedelta(hours=1))
    delivered: list[tuple[str, int]] = []
    queue = jobs.queue_for(settings)

    def deliver(report_id: str, *, priority: int) -> None:
        delivered.append((report_id, priority))

    jobs.sweep(engine, queue, deliver)
    jobs.sweep(engine, queue, deliver)
    jobs.deliverer(settings)("0" * 32)
    lease_of(engine, lost, datetime.now(UTC) - timedelta(minutes=14))
    jobs.sweep(engine, queue, deliver)
    lease_of(engine, lost, datetime.now(UTC) - timedelta(minutes=16))
    jobs.sweep(engine, queue, deliver)

    queue.storage.close()
    assert delivered == [(lost, jobs.WAITED_FOR), (lost, jobs.BEFOREHAND)]


def test_a_delivered_report_waits_in_the_queue(settings: Settings) -> None:
    before = jobs.waiting(settings)

    jobs.deliverer(settings)("0" * 32)

    assert (before, jobs.waiting(settings)) == (0, 1)


def test_what_was_loaded_before_is_shared_by_the_processes_that_follow() -> None:
    warmed: list[int] = []

    jobs.warmed_up(lambda: warmed.append(1))
    frozen = gc.get_freeze_count()
    gc.unfreeze()

    assert warmed == [1]
    assert frozen > 0


def test_what_is_made_beforehand_waits_behind_what_somebody_waits_for(settings: Settings) -> None:
    jobs.deliverer(settings, priority=jobs.BEFOREHAND)("a" * 32, "b" * 32)
    jobs.deliverer(settings)("c" * 32)

    queue = jobs.queue_for(settings)
    jobs._task(queue, jobs.Reports.name, jobs._work_elsewhere)
    order = [queue.dequeue().args[0][0] for _ in range(3)]

    queue.storage.close()
    assert order == ["c", "a", "b"]


def test_uploads_that_nobody_goes_on_with_are_removed(settings: Settings, engine: Engine) -> None:
    folder = settings.evidence_folder
    limits = evidence.Limits(folder, 1_000_000)
    with Session(engine) as session, session.begin():
        _, owner = a_firm(session)
        assessment_id = an_assessment(session, owner).id
        upload_id = evidence.begin(
            session, owner, assessment_id, "years", name="a", size=9, limits=limits, now=NOW
        ).id
    with pieces.alone(folder, upload_id):
        pieces.write(folder, upload_id, 0, b"%PDF")

    jobs.clear_evidence(settings, engine)

    assert not pieces.path(folder, upload_id).exists()
    with Session(engine) as session:
        assert session.get(Upload, upload_id) is None


def test_a_draft_that_was_discarded_long_ago_is_erased_with_its_files(
    settings: Settings, engine: Engine
) -> None:
    folder = settings.evidence_folder
    with Session(engine) as session, session.begin():
        _, owner = a_firm(session)
        assessment_id = an_assessment(session, owner).id
        file_id = a_file(session, owner, assessment_id).id
        discarding.discard(session, owner, assessment_id, now=NOW)
    with pieces.alone(folder, file_id):
        pieces.write(folder, file_id, 0, b"%PDF")

    jobs.erase_discarded(settings, engine)

    assert not pieces.path(folder, file_id).exists()
    with Session(engine) as session:
        assert session.get(Assessment, assessment_id) is None


def test_a_queue_out_of_reach_leaves_the_delivery_to_the_sweep(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = replace(settings, queue_url="sqlite:////proc/nowhere/queue.db")

    jobs.deliverer(nowhere)("a" * 32)

    assert "the sweep will do it" in caplog.text


def test_only_workers_make_reports() -> None:
    with pytest.raises(RuntimeError, match="made by a worker"):
        jobs._work_elsewhere("0" * 32)


def test_a_sweep_that_failed_is_tried_again_and_keeps_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits: list[int] = []
    swept: list[bool] = []

    def fails() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    def goes_well() -> None:
        swept.append(True)

    stop_flag = SimpleNamespace(wait=waits.append)
    sweeper = jobs._Sweeper(None, stop_flag, (fails, goes_well), 60)
    sweeper.initialize()
    sweeper.loop()

    assert waits == [60]
    assert swept == [True]
    assert "will be tried again" in caplog.text


def test_a_process_without_its_parent_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = jobs._Sweeper(None, None, (), 60)
    sweeper.initialize()
    monkeypatch.setattr("os.getppid", lambda: 1)

    with pytest.raises(KeyboardInterrupt):
        sweeper.loop()


def test_the_same_answers_give_the_same_bytes(
    settings: Settings, engine: Engine, report_id: str
) -> None:
    with Session(engine) as session:
        inputs = report_jobs.inputs(session, report_id, logos_folder=settings.logos_folder)
    heard: list[int] = []
    printing = Printing(settings.fonts_folder, settings.accent, settings.base_url)

    first = make(printing, inputs, heard.append)
    second = make(printing, inputs, heard.append)

    assert first.content == second.content
    assert first.content.startswith(b"%PDF")
    assert first.pages is not None
    assert first.pages > 1
    assert first.said
    assert heard
