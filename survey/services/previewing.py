"""A version of a bank as firms would see it, with answers that are stored nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.core import advice, editions, report, scoring, trial
from survey.core.answers import Answer, PlainAnswer, typed_of
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.memory import Remembered
from survey.core.parts import Report
from survey.core.places import Place
from survey.core.progress import Progress, progress
from survey.core.readable import Readable, readable
from survey.services import assessments, banks, drafts
from survey.services.answer_rows import in_order
from survey.store.models import BankVersion

_OF_FAULTS = (
    ArithmeticError,
    AssertionError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What the rules of scoring may stumble with over a bank that is not sound."""

_READ = Remembered[str, Readable](8)
"""Drafts with faults, as far as they can be read, by their digest."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What there is to look at. `bank` is the whole one, None if it cannot be read at all.

    `problems` counts the faults of a draft; a published version has none. `left_out` are the
    places of questions that cannot be shown.
    """

    version: BankVersion
    bank: Bank | None
    digest: str
    problems: int = 0
    left_out: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """Answers of a preview. `wrong` are those that their question cannot take, or no longer."""

    answers: Mapping[str, Answer]
    wrong: frozenset[str]
    progress: Progress


def opened(session: Session, version_id: int) -> Preview:
    """Raises NotFound, DiscardedDraft."""
    version = banks.get_version(session, version_id)
    if version.published_at is not None:
        bank = banks.bank_by_digest(session, version_id, version.digest)
        return Preview(version, bank, version.digest)
    draft = drafts.opened(session, version_id)
    problems, sound = drafts.checked(draft)
    if not problems:
        return Preview(version, sound, draft.digest)
    found = _READ.get(draft.digest)
    if found is None:
        found = _READ[draft.digest] = readable(draft.document)
    return Preview(version, found.bank, draft.digest, len(problems), found.left_out)


def edition_of(bank: Bank, key: str) -> Bank:
    """The bank as the edition asks it; the whole one where there is no such edition."""
    known = key in {edition.key for edition in bank.editions}
    return editions.edition(bank, key if known else FULL)


def tried(bank: Bank, given: Mapping[str, PlainAnswer]) -> Tried:
    """The answers to questions of this bank, and how far they get."""
    known = {key: plain for key, plain in given.items() if key in bank.questions}
    typed = {key for key, plain in known.items() if typed_of(plain) is not None}
    normal, refused = assessments.normal(bank, {k: v for k, v in known.items() if k not in typed})
    answers = in_order(bank, {key: plain for key, plain in normal.items() if plain is not None})
    wrong = frozenset(typed | {problem.place for problem in refused})
    return Tried(answers, wrong, progress(bank, answers, wrong))


def judged(preview: Preview, bank: Bank, given: Tried, *, today: date) -> Report | None:
    """What a report would say of these answers; None if the faults of the draft forbid it.

    The rules of scoring hold for banks without faults. With faults the attempt is made all the
    same: most of them do not concern the score.
    """
    try:
        return _report(bank, given, preview.digest, today)
    except _OF_FAULTS:
        if not preview.problems:
            raise
        return None


def fill(preview: Preview, bank: Bank, given: Tried, *, best: bool) -> Mapping[str, PlainAnswer]:
    """Answers to what is open, the least or the most that each question can earn.

    None of them where the faults of the draft forbid to tell which these are.
    """
    try:
        return trial.filled(bank, given.answers, best=best, leave=given.wrong)
    except _OF_FAULTS:
        if not preview.problems:
            raise
        return {}


def _report(bank: Bank, given: Tried, digest: str, today: date) -> Report:
    result = scoring.score(bank, given.answers)
    return report.build(
        bank=bank,
        answers=given.answers,
        result=result,
        plan=advice.plan(bank, given.answers, result),
        firm_name="",
        report_id="",
        issued_on=today,
        bank_digest=digest,
    )
