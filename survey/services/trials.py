"""Trial reports: a draft printed with made-up answers, to see before publishing that it prints.

A trial is nobody's result: it has no number, is not signed and stands in no list of reports. It
is known by what it is made from, so that a draft that comes back to the same words has its trial
already. Its rows are packs with a mark where those have their edition.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.core import parts, scoring
from survey.core.bank import Bank
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Languages
from survey.services import banks, drafts, pack_jobs
from survey.services.job_rows import RENDERING, JobRows
from survey.services.pack_jobs import TRIAL
from survey.services.report_inputs import CHINA
from survey.store.models import BankVersion, Pack

FORMAT = 1
"""Raised when trials are printed in another way, so that those of before say nothing any more."""

ROWS = JobRows(Pack, checking=RENDERING, only=Pack.edition == TRIAL)


class TrialOfFaults(SurveyError):
    """A draft with faults has no report: what it asks and how it scores is not settled."""

    code = "trial-faults"


class TrialOutdated(SurveyError):
    """The draft was edited before the trial had its turn."""

    code = "trial-outdated"


@dataclass(frozen=True, slots=True)
class TrialInputs:
    """What a trial report is made from. The same inputs give the same bytes."""

    bank: Bank
    bank_digest: str
    languages: Languages
    day: date


def ask(
    session: Session, version_id: int, *, languages: Languages, folder: Path, now: datetime
) -> Pack:
    """Ask for a trial of the draft as it is now; one that failed is tried again.

    Raises NotFound, NotADraft, DiscardedDraft, TrialOfFaults.
    """
    draft = drafts.opened(session, version_id)
    problems, _bank = drafts.checked(draft)
    if problems:
        raise TrialOfFaults
    return pack_jobs.asked(
        session,
        ROWS,
        _identity(version_id, draft.digest, languages),
        folder=folder,
        now=now,
        bank_version_id=version_id,
        edition=TRIAL,
        languages=languages.value,
        question_keys=[],
    )


def clear_old(session: Session, version_id: int) -> tuple[str, ...]:
    """Forget the trials of what the draft was before. Returns the files that nobody needs now."""
    current = banks.get_version(session, version_id)
    own = [_identity(version_id, current.digest, each) for each in Languages]
    old = (Pack.bank_version_id == version_id) & (Pack.edition == TRIAL) & Pack.id.not_in(own)
    left = session.scalars(select(Pack.file_sha256).where(old, Pack.file_sha256.is_not(None)))
    gone = tuple(sha256 for sha256 in left if sha256 is not None)
    session.execute(delete(Pack).where(old))
    return gone


def of_version(session: Session, version: BankVersion) -> Mapping[Languages, Pack]:
    """The trials of the version as it is now, by their languages."""
    ids = {_identity(version.id, version.digest, each): each for each in Languages}
    found = session.scalars(select(Pack).where(Pack.id.in_(ids), Pack.edition == TRIAL))
    made = {ids[pack.id]: pack for pack in found}
    return {each: made[each] for each in Languages if each in made}


def get(session: Session, version_id: int, trial_id: str) -> Pack:
    """Raises NotFound."""
    trial = session.get(Pack, trial_id, populate_existing=True)
    if trial is None or trial.edition != TRIAL or trial.bank_version_id != version_id:
        raise NotFound
    return trial


def is_current(trial: Pack, version: BankVersion) -> bool:
    """Whether it is a trial of what the version says now."""
    return trial.id == _identity(version.id, version.digest, Languages(trial.languages))


def inputs(session: Session, trial_id: str) -> TrialInputs:
    """Read what a trial is made from. Raises NotFound, TrialOutdated, TrialOfFaults."""
    trial = session.get(Pack, trial_id)
    if trial is None:
        raise NotFound
    version = banks.get_version(session, trial.bank_version_id)
    if not is_current(trial, version):
        raise TrialOutdated
    return TrialInputs(
        bank=banks.bank_by_digest(session, version.id, version.digest),
        bank_digest=version.digest,
        languages=Languages(trial.languages),
        day=trial.requested_at.astimezone(CHINA).date(),
    )


def _identity(version_id: int, digest: str, languages: Languages) -> str:
    facts = [TRIAL, FORMAT, parts.FORMAT, scoring.ENGINE, version_id, digest, languages.value]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
