"""Where a report's inputs come from: what is stored of an assessment and of what stands around it.

The same input is the same report, known by the digest of everything it is made from. How an
installation prints (its accent, its address, its certificate) is no input: a report that was
handed out stays the file that it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
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
from survey.store.models import Assessment, BankVersion


@dataclass(frozen=True, slots=True)
class Given:
    """What is stored of a submitted assessment and of what stands around it."""

    assessment: Assessment
    plain: Mapping[str, PlainAnswer]
    targets: Mapping[str, int]
    previous: Assessment | None
    logos: tuple[LogoRow, ...]

    @property
    def digest(self) -> str:
        """Answers of a submitted assessment never change, so the round before is its number."""
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
                "previous": None if self.previous is None else self.previous.id,
                "logos": [[logo.sha256, logo.alt] for logo in self.logos],
            }
        )


def given_of(session: Session, assessment: Assessment) -> Given:
    """Raises NotSubmitted."""
    if assessment.submitted_at is None:
        raise NotSubmitted
    return Given(
        assessment=assessment,
        plain=plain_of(rows_of(session, assessment.id)),
        targets=targets.levels_of(session, assessment.id),
        previous=_previous(session, assessment),
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
    assert assessment.submitted_at is not None  # only then there are reports
    return assessment.submitted_at.astimezone(CHINA).date()
