"""Trial reports are printed by the workers that print reports, and say so on every page."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey import jobs
from survey.core.text import Languages
from survey.pdf import proof
from survey.pdf.proof import NotAReport
from survey.services import drafts, trial_making, trials
from survey.store import files
from survey.store.models import Pack
from tests.stored import NOW, a_version
from tests.test_jobs import Installation, installation, wait

__all__ = ["installation"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def ask(engine: Engine, folder: Path, languages: Languages) -> str:
    """Ask for a trial, as the site does; its number."""
    with Session(engine) as session:
        draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
        trial = trials.ask(
            session,
            draft.id,
            languages=languages,
            folder=folder,
            now=datetime.now(UTC),
        )
        session.commit()
        return trial.id


def pages_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded() for page in document]


def test_a_real_worker_prints_a_trial_that_says_so_on_every_page(
    installation: Installation,
) -> None:
    settings, languages = installation.settings, Languages.BOTH
    trial_id = ask(installation.engine, settings.reports_folder, languages)
    installation.run("survey", "worker")
    jobs.deliverer(settings, task=jobs.Trials.name)(trial_id)

    def trial() -> Pack:
        with Session(installation.engine) as session:
            return session.get_one(Pack, trial_id)

    wait(lambda: trial().state == "ready", "the trial to be printed")
    content = files.read(settings.reports_folder, trial().file_sha256 or "")

    for locale in languages.locales:
        assert all(trial_making.NOT_A_FIRM.in_(locale) in page for page in pages_of(content))
    with pytest.raises(NotAReport):
        proof.inspect(content)
