"""Preparation packs are made by the same workers as reports, and nothing is lost or made twice."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey import jobs
from survey.config import Settings
from survey.core.colour import ACCENT
from survey.core.errors import SurveyError
from survey.core.text import Languages
from survey.pdf.proof import is_pdf
from survey.services import pack_jobs, packs
from survey.services.job_rows import GAVE_UP, MOST_ATTEMPTS
from survey.services.pack_inputs import PackInputs
from survey.services.report_inputs import Made
from survey.store import files
from survey.store.models import Pack
from tests.stored import a_firm, a_version
from tests.test_jobs import Installation, installation, kill, wait
from tests.test_jobs_inside import until_seen

__all__ = ["installation"]

MADE = Made(b"a pack", 3, {})


class Complaint(SurveyError):
    code = "renderer-complaint"


def ask(engine: Engine, folder: Path, *, now: datetime | None = None) -> str:
    """Ask for a pack, as the site does; return its number."""
    with Session(engine) as session:
        _, owner = a_firm(session)
        version = a_version(session)
        pack = packs.ask(
            session,
            owner,
            version.id,
            edition="",
            languages=Languages.BOTH,
            accent=ACCENT,
            folder=folder,
            now=now or datetime.now(UTC),
        )
        session.commit()
        return pack.id


def pack_of(engine: Engine, pack_id: str) -> Pack:
    with Session(engine) as session:
        return session.get_one(Pack, pack_id)


def work(settings: Settings, engine: Engine, pack_id: str, renderer: jobs.PackRenderer) -> Pack:
    jobs._work(settings, engine, jobs.Packs(renderer), pack_id)
    return pack_of(engine, pack_id)


# ------------------------------------------------------------- in this process


def test_a_pack_is_made_once_and_kept_under_its_hash(settings: Settings, engine: Engine) -> None:
    pack_id = ask(engine, settings.reports_folder)

    first = work(settings, engine, pack_id, lambda *_: MADE)
    second = work(settings, engine, pack_id, lambda *_: Made(b"another", 1, {}))

    assert (first.state, first.pages, first.file_size, first.progress) == ("ready", 3, 6, 100)
    assert first.file_sha256 is not None
    assert files.read(settings.reports_folder, first.file_sha256) == b"a pack"
    assert (second.file_sha256, second.attempts) == (first.file_sha256, 1)


def test_the_renderer_is_told_what_to_print_and_its_progress_is_seen(
    settings: Settings, engine: Engine
) -> None:
    pack_id = ask(engine, settings.reports_folder)

    def renderer(inputs: PackInputs, progress: jobs.Progress) -> Made:
        assert inputs.languages is Languages.BOTH
        for percent in (40, 10):
            progress(percent)
            until_seen(engine, Pack, pack_id, percent)
        with Session(engine) as session:
            pack = session.get_one(Pack, pack_id)
            return Made(f"{pack.state} {pack.progress}".encode(), 1, {})

    pack = work(settings, engine, pack_id, renderer)

    content = files.read(settings.reports_folder, pack.file_sha256 or "")
    assert content == b"rendering 40"


def test_a_complaint_and_a_fault_are_reasons(settings: Settings, engine: Engine) -> None:
    pack_id = ask(engine, settings.reports_folder)

    def complaining(inputs: PackInputs, progress: jobs.Progress) -> Made:
        raise Complaint(complaint="a hole")

    def broken(inputs: PackInputs, progress: jobs.Progress) -> Made:
        raise ZeroDivisionError

    refused = work(settings, engine, pack_id, complaining)
    with Session(engine) as session:
        _, owner = a_firm(session)
        packs.retry(session, owner, pack_id, folder=settings.reports_folder, now=datetime.now(UTC))
        session.commit()
    failed = work(settings, engine, pack_id, broken)

    assert (refused.state, refused.reason_code) == ("failed", "renderer-complaint")
    assert (failed.state, failed.reason_code) == ("failed", jobs.BROKEN)


def test_a_pack_whose_process_is_killed_again_and_again_is_given_up(
    settings: Settings, engine: Engine
) -> None:
    pack_id = ask(engine, settings.reports_folder)

    def killed(inputs: PackInputs, progress: jobs.Progress) -> Made:
        os.kill(os.getpid(), signal.SIGKILL)
        return MADE

    pack = work(settings, engine, pack_id, killed)

    assert (pack.state, pack.reason_code, pack.attempts) == ("failed", GAVE_UP, MOST_ATTEMPTS)


def test_the_sweep_finds_packs_that_nobody_has_charge_of(
    settings: Settings, engine: Engine
) -> None:
    ago = datetime.now(UTC) - timedelta(hours=1)
    pack_id = ask(engine, settings.reports_folder, now=ago)
    delivered: list[tuple[str, int]] = []
    queue = jobs.queue_for(settings)

    def deliver(number: str, *, priority: int) -> None:
        delivered.append((number, priority))

    jobs.sweep(engine, queue, deliver, pack_jobs)
    jobs.sweep(engine, queue, deliver, pack_jobs)

    queue.storage.close()
    assert delivered == [(pack_id, jobs.WAITED_FOR)]


def test_a_pack_of_an_interrupted_worker_is_given_back_and_delivered_again(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_id = ask(engine, settings.reports_folder)

    def interrupted(heart: jobs._Heart) -> None:
        raise KeyboardInterrupt

    def slow(inputs: PackInputs, progress: jobs.Progress) -> Made:
        time.sleep(60)
        return MADE

    monkeypatch.setattr(jobs._Heart, "beat", interrupted)
    with pytest.raises(KeyboardInterrupt):
        work(settings, engine, pack_id, slow)

    pack = pack_of(engine, pack_id)
    assert (pack.state, pack.attempts) == ("queued", 0)
    assert jobs.waiting(settings) == 1


# --------------------------------------------------------------- real workers


def deliver(installation: Installation, pack_id: str) -> None:
    jobs.deliverer(installation.settings, task=jobs.Packs.name)(pack_id)


def wait_for(installation: Installation, pack_id: str, state: str) -> Pack:
    def pack() -> Pack:
        return pack_of(installation.engine, pack_id)

    wait(lambda: pack().state == state, f"the pack to be {state}")
    return pack()


def test_the_real_worker_killed_while_printing_leaves_its_pack_to_the_next(
    installation: Installation,
) -> None:
    folder = installation.settings.reports_folder
    pack_id = ask(installation.engine, folder)
    doomed = installation.run("survey", "worker")
    deliver(installation, pack_id)
    wait_for(installation, pack_id, "rendering")

    kill(doomed)
    installation.run("survey", "worker")
    pack = wait_for(installation, pack_id, "ready")

    assert pack.attempts == 2
    assert is_pdf(files.read(folder, pack.file_sha256 or ""))


def test_a_pack_that_was_never_delivered_is_found_by_a_real_worker(
    installation: Installation,
) -> None:
    ago = datetime.now(UTC) - timedelta(minutes=10)
    pack_id = ask(installation.engine, installation.settings.reports_folder, now=ago)

    installation.run("survey", "worker")
    pack = wait_for(installation, pack_id, "ready")

    assert pack.pages is not None
