"""Submissions that are taken back with a reason: by the firm, or by a consultant in a review."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.core import answers
from survey.core.errors import NotFound, SurveyError
from survey.services import assessments, audit
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor, must_own, must_see_firm
from survey.store.db import begin_write
from survey.store.models import Assessment, Reopening, User


class ReopeningRefused(SurveyError):
    """A submission is not taken back; `code` says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


@dataclass(frozen=True, slots=True)
class Line:
    """One submission that was taken back."""

    name: str
    at: datetime
    reason: str
    submitted_at: datetime


def reopen(
    session: Session, actor: Actor, assessment_id: int, *, reason: str, now: datetime
) -> Assessment:
    """Take a submission back, so that its answers can be changed. The scores it had are kept.

    Reports that were made stay. One that is not submitted stays as it is.

    Raises NotFound, OwnerOnly, ReopeningRefused without a reason, once a review has begun, and
    beside another assessment of this version that is under way.
    """
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    must_own(actor, assessment.firm_id)
    why = _why(reason)
    if assessment.submitted_at is not None:
        if assessment.review_begun_at is not None:
            raise ReopeningRefused("review-begun")
        _open_again(session, assessment, actor, why, now)
        _note(session, actor, "reopen-assessment", assessment, now)
    return assessment


def give_back(
    session: Session, actor: Actor, assessment_id: int, *, reason: str, now: datetime
) -> Assessment:
    """The same, by a consultant who reviews it: the firm is to look at its answers again.

    Raises NotFound for everybody but the firm's consultants, NotSubmitted, ReopeningRefused
    without a reason, and beside another assessment of this version that is under way.
    """
    assessment = _for_review(session, actor, assessment_id)
    _open_again(session, assessment, actor, _why(reason), now)
    _note(session, actor, "give-back-assessment", assessment, now)
    return assessment


def begin_review(
    session: Session, actor: Actor, assessment_id: int, *, now: datetime
) -> Assessment:
    """Say that a consultant looks at a submission: until the end the firm cannot reopen it.

    Twice changes nothing. Raises NotFound for everybody but the firm's consultants, NotSubmitted.
    """
    assessment = _for_review(session, actor, assessment_id)
    if assessment.review_begun_at is None:
        assessment.review_begun_at = now
        _note(session, actor, "begin-review", assessment, now)
    return assessment


def end_review(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> Assessment:
    """Say that the review is over: from then on the firm may reopen it again.

    Twice changes nothing. Raises as `begin_review` does.
    """
    assessment = _for_review(session, actor, assessment_id)
    if assessment.review_begun_at is not None:
        assessment.review_begun_at = None
        _note(session, actor, "end-review", assessment, now)
    return assessment


def _for_review(session: Session, actor: Actor, assessment_id: int) -> Assessment:
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    if not actor.is_consultant:
        raise NotFound
    must_see_firm(session, actor, assessment.firm_id)
    if assessment.submitted_at is None:
        raise NotSubmitted
    return assessment


def _why(reason: str) -> str:
    """Raises ReopeningRefused."""
    why = answers.cleaned(reason).strip()
    if not why:
        raise ReopeningRefused("reopening-reason-missing")
    if len(why) > answers.LONGEST_REASON:
        raise ReopeningRefused("reopening-reason-too-long", longest=answers.LONGEST_REASON)
    return why


def _open_again(
    session: Session, assessment: Assessment, actor: Actor, reason: str, now: datetime
) -> None:
    kept = Reopening(
        assessment_id=assessment.id,
        by=actor.user_id,
        at=now,
        reason=reason,
        submitted_at=assessment.submitted_at,
        submitted_by=assessment.submitted_by,
        result=assessment.result,
    )
    try:
        with session.begin_nested():
            session.add(kept)
            assessment.submitted_at = assessment.submitted_by = assessment.result = None
            assessment.review_begun_at = None
    except IntegrityError:  # also if a colleague begins another one at this moment
        raise ReopeningRefused("other-under-way") from None


def _note(session: Session, actor: Actor, act: str, assessment: Assessment, now: datetime) -> None:
    facts = {"assessment": assessment.id}
    subject = f"firm:{assessment.firm_id}"
    audit.note(session, act=act, subject=subject, by=actor.user_id, now=now, facts=facts)
    session.flush()


def list_for(session: Session, actor: Actor, assessment_id: int) -> tuple[Line, ...]:
    """Oldest first, for everybody who may see the firm. Raises NotFound."""
    firm_id = session.scalar(select(Assessment.firm_id).where(Assessment.id == assessment_id))
    if firm_id is None:
        raise NotFound
    must_see_firm(session, actor, firm_id)
    rows = session.execute(
        select(User.name, Reopening.at, Reopening.reason, Reopening.submitted_at)
        .join(User, User.id == Reopening.by)
        .where(Reopening.assessment_id == assessment_id)
        .order_by(Reopening.id)
    )
    return tuple(Line(*row) for row in rows)
