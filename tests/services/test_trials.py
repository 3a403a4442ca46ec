"""Trial reports: known by what they are made from, nobody's result, and nothing is heaped up."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.services import banks, drafts, pack_jobs, packs, trials
from survey.services.drafts import DiscardedDraft, NotADraft
from survey.services.pack_jobs import TRIAL
from survey.services.trials import TrialOfFaults, TrialOutdated
from survey.store import files
from survey.store.models import BankVersion, IssuedFile, Pack, Report
from tests.stored import NOW, a_firm, a_version, retitled

LEASE = timedelta(minutes=1)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def draft(session: Session) -> BankVersion:
    return drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)


def asked(
    session: Session, version: BankVersion, folder: Path, languages: Languages = Languages.BOTH
) -> Pack:
    return trials.ask(session, version.id, languages=languages, folder=folder, now=NOW)


def printed(session: Session, trial: Pack, folder: Path, content: bytes = b"a trial") -> str:
    """Do what a worker does; the SHA-256 of its file."""
    assert trials.ROWS.claim(session, trial.id, token="t", now=NOW, lease=LEASE)
    sha256 = files.put(folder, content)
    assert trials.ROWS.finish(
        session, trial.id, token="t", now=NOW, file_sha256=sha256, file_size=7, pages=3
    )
    session.refresh(trial)
    return sha256


def test_the_same_words_have_one_trial_and_others_none(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    first = asked(session, draft, tmp_path)
    printed(session, first, tmp_path)

    again = asked(session, draft, tmp_path)
    before = trials.of_version(session, draft)
    retitled(session, draft, "Another title")
    edited = trials.of_version(session, draft)
    drafts.undo(
        session,
        draft.id,
        edit_id=drafts.edits(session, draft.id, most=1)[0].id,
        by=None,
        now=NOW,
    )
    session.refresh(draft)

    assert (again.id, again.state) == (first.id, "ready")
    assert before == {Languages.BOTH: first}
    assert edited == {}
    assert trials.of_version(session, draft) == {Languages.BOTH: first}


def test_each_language_has_its_own(session: Session, draft: BankVersion, tmp_path: Path) -> None:
    for languages in Languages:
        asked(session, draft, tmp_path, languages)

    assert set(trials.of_version(session, draft)) == set(Languages)


def test_what_cannot_have_a_report_is_refused(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    published = session.get_one(BankVersion, draft.based_on_id)
    retitled(session, draft, "")

    with pytest.raises(TrialOfFaults):
        asked(session, draft, tmp_path)
    with pytest.raises(NotADraft):
        asked(session, published, tmp_path)
    drafts.discard(session, draft.id, by=None, now=NOW)
    with pytest.raises(DiscardedDraft):
        asked(session, draft, tmp_path)
    assert not session.query(Pack).count()


def test_a_draft_edited_before_its_turn_is_not_printed_as_another(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    trial = asked(session, draft, tmp_path)
    inputs = trials.inputs(session, trial.id)
    retitled(session, draft, "Another title")

    assert (inputs.bank_digest, inputs.languages) != (draft.digest, Languages.BOTH)
    with pytest.raises(TrialOutdated):
        trials.inputs(session, trial.id)
    with pytest.raises(NotFound):
        trials.inputs(session, "0" * 64)


def test_trials_of_earlier_words_are_cleared_and_the_others_stay(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    other = drafts.begin(session, source_id=draft.id, by=None, now=NOW)
    kept = [asked(session, other, tmp_path)]
    old = printed(session, asked(session, draft, tmp_path), tmp_path)
    asked(session, draft, tmp_path, Languages.ZH)
    retitled(session, draft, "Another title")
    kept += [asked(session, draft, tmp_path, each) for each in Languages]

    gone = trials.clear_old(session, draft.id)

    assert gone == (old,)
    assert {pack.id for pack in session.query(Pack)} == {pack.id for pack in kept}


def test_a_failed_one_and_one_without_its_file_are_tried_again(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    trial = asked(session, draft, tmp_path)
    assert trials.ROWS.claim(session, trial.id, token="t", now=NOW, lease=LEASE)
    assert trials.ROWS.fail(
        session, trial.id, token="t", code="renderer-complaint", facts={}, now=NOW
    )

    after_failing = asked(session, draft, tmp_path).state
    files.forget(tmp_path, printed(session, trial, tmp_path))
    after_losing = asked(session, draft, tmp_path).state

    assert (after_failing, after_losing) == ("queued", "queued")


def test_a_trial_is_no_report_no_issued_file_and_no_pack(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    _, owner = a_firm(session)
    trial = asked(session, draft, tmp_path)
    assert not pack_jobs.claim(session, trial.id, token="p", now=NOW, lease=LEASE)
    assert pack_jobs.sweep(session, now=LATER, queue_is_empty=True) == ()
    printed(session, trial, tmp_path)
    banks.publish(session, draft.id, by=None, now=NOW)

    with pytest.raises(NotFound):
        packs.get(session, owner, trial.id)
    assert not session.query(Report).count()
    assert not session.query(IssuedFile).count()


def test_the_sweep_of_trials_finds_trials_alone(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    _, owner = a_firm(session)
    version = session.get_one(BankVersion, draft.based_on_id)
    packs.ask(
        session, owner, version.id, edition="", languages=Languages.BOTH, accent="#000000",
        folder=tmp_path, now=NOW,
    )  # fmt: skip
    trial = asked(session, draft, tmp_path)

    assert trials.ROWS.sweep(session, now=LATER, queue_is_empty=True) == (trial.id,)
    assert trials.get(session, draft.id, trial.id).edition == TRIAL
    with pytest.raises(NotFound):
        trials.get(session, version.id, trial.id)
