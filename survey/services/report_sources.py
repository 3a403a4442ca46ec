"""Where a report's inputs come from: what is stored of an assessment and of what stands around it.

The same input is the same report, known by the digest of everything it is made from. How an
installation prints (its accent, its address, its certificate) is no input: a report that was
handed out stays the file that it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from survey.core import document, parts, scoring
from survey.core.answers import PlainAnswer
from survey.core.copies import Copy
from survey.core.errors import NotFound
from survey.core.facts import Previous
from survey.services import assessments, logos, targets
from survey.services.answer_rows import plain_of, rows_of
from survey.services.assessments import NotSubmitted
from survey.services.logos import LogoRow
from survey.services.report_inputs import CHINA, Inputs
from survey.store.models import Assessment, BankVersion, Reopening


@dataclass(frozen=True, slots=True)
class Given:
    """What is stored of a submitted assessment and of what stands around it."""

    assessment: Assessment
    plain: Mapping[str, PlainAnswer]
    targets: Mapping[str, int]
    previous: Assessment | None
    previous_reopened: int
    logos: tuple[LogoRow, ...]

    @property
    def digest(self) -> str:
        """Answers of a submitted assessment change only if it is reopened.

        So the round before is its number, and how often that happened if it did.
        """
        before: int | str | None = None if self.previous is None else self.previous.id
        if self.previous_reopened:
            before = f"{before}.{self.previous_reopened}"
        return document.digest(
            {
                "format": parts.FORMAT,
                "engine": scoring.ENGINE,
                "bank": self.assessment.bank_version.digest,
                "edition": self.assessment.edition,
                "answers": self.plain,
                "firm": self.assessment.firm.name,
                "submitted": str(self.assessment.submitted_at),
                "targets": self.targets,
                "previous": before,
                "logos": [[logo.sha256, logo.alt] for logo in self.logos],
            }
        )


def given_of(session: Session, assessment: Assessment) -> Given:
    """Raises NotSubmitted."""
    if assessment.submitted_at is None:
        raise NotSubmitted
    previous = _previous(session, assessment)
    return Given(
        assessment=assessment,
        plain=plain_of(rows_of(session, assessment.id)),
        targets=targets.levels_of(session, assessment.id),
        previous=previous,
        previous_reopened=0 if previous is None else _reopened(session, previous),
        logos=logos.for_firm(session, assessment.firm_id),
    )


def assessment_of(session: Session, assessment_id: int) -> Assessment:
    """With its firm and its bank version. Raises NotFound."""
    assessment = session.scalar(_ASSESSMENTS.where(Assessment.id == assessment_id))
    if assessment is None:
        raise NotFound
    return assessment


def _previous(session: Session, assessment: Assessment) -> Assessment | None:
    """The firm's newest assessment by the same bank before this one, in whatever version."""
    return session.scalar(
        _ASSESSMENTS.where(
            Assessment.firm_id == assessment.firm_id,
            Assessment.submitted_at < assessment.submitted_at,
            BankVersion.bank_key == assessment.bank_version.bank_key,
        )
        .order_by(Assessment.submitted_at.desc(), Assessment.id.desc())
        .limit(1)
    )


def _reopened(session: Session, assessment: Assessment) -> int:
    """How often a submission of it was taken back."""
    times = select(func.count()).where(Reopening.assessment_id == assessment.id)
    return session.scalar(times) or 0


_ASSESSMENTS = (
    select(Assessment)
    .join(Assessment.firm)
    .join(Assessment.bank_version)
    .options(contains_eager(Assessment.firm), contains_eager(Assessment.bank_version))
)


def inputs_of(
    session: Session, given: Given, report_id: str, copy: Copy, logos_folder: Path
) -> Inputs:
    outcome = assessments.outcome_of(session, given.assessment)
    return Inputs(
        report_id=report_id,
        copy=copy,
        edition=given.assessment.edition,
        firm_name=outcome.firm.name,
        issued_on=issued_on(given.assessment),
        bank=outcome.bank,
        bank_digest=outcome.bank_digest,
        answers=outcome.answers,
        result=outcome.result,
        plan=outcome.plan,
        previous=_round(session, given.previous),
        targets=given.targets,
        logos=logos.read(logos_folder, given.logos),
    )


def _round(session: Session, assessment: Assessment | None) -> Previous | None:
    if assessment is None:
        return None
    outcome = assessments.outcome_of(session, assessment)
    return Previous(outcome.bank, outcome.result, issued_on(assessment))


def issued_on(assessment: Assessment) -> date:
    assert assessment.submitted_at is not None  # only then reports are made
    return _day(assessment.submitted_at)


def day_of(session: Session, assessment: Assessment, said: str | None) -> date:
    """The day that a report carries: what it says itself, or else that of the last submission.

    A report outlives the submission that it was made of, if that is taken back.
    """
    if said is not None:
        return date.fromisoformat(said)
    if assessment.submitted_at is not None:
        return _day(assessment.submitted_at)
    taken_back = (
        select(Reopening.submitted_at)
        .where(Reopening.assessment_id == assessment.id)
        .order_by(Reopening.id.desc())
        .limit(1)
    )
    return _day(session.scalars(taken_back).one())


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
