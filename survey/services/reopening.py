"""Submissions that are taken back with a reason: by the firm, or by a consultant in a review."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.core import answers
from survey.core.errors import NotFound, SurveyError
from survey.services import assessments, audit
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor, must_own, must_see_firm
from survey.store.db import begin_write
from survey.store.models import Assessment, Membership, Reopening, User


class ReopeningRefused(SurveyError):
    """A submission is not taken back; `code` says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


@dataclass(frozen=True, slots=True)
class Line:
    """One submission that was taken back; `returned` by a consultant, else by the firm itself."""

    name: str
    at: datetime
    reason: str
    submitted_at: datetime
    returned: bool


def reopen(
    session: Session, actor: Actor, assessment_id: int, *, reason: str, now: datetime
) -> Assessment:
    """Take a submission back, so that its answers can be changed. The scores it had are kept.

    Reports that were made stay. Sent twice it changes nothing the second time.

    Raises NotFound, OwnerOnly, NotSubmitted, ReopeningRefused without a reason, once a review has
    begun, and beside another assessment of this version that is under way.
    """
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    must_own(actor, assessment.firm_id)
    why = _why(reason)
    if assessment.submitted_at is None:
        _must_be_sent_twice(session, assessment, actor, why)
        return assessment
    if assessment.review_begun_at is not None:
        raise ReopeningRefused("review-begun")
    _open_again(session, assessment, actor, why, now)
    _note(session, actor, "reopen-assessment", assessment, now)
    return assessment


def give_back(
    session: Session, actor: Actor, assessment_id: int, *, reason: str, now: datetime
) -> Assessment:
    """The same, by a consultant who reviews it: the firm is to look at its answers again.

    Sent twice it changes nothing the second time.

    Raises NotFound for everybody but the firm's consultants, NotSubmitted, ReopeningRefused
    without a reason, and beside another assessment of this version that is under way.
    """
    assessment = _for_consultant(session, actor, assessment_id)
    why = _why(reason)
    if assessment.submitted_at is None:
        _must_be_sent_twice(session, assessment, actor, why)
        return assessment
    _open_again(session, assessment, actor, why, now)
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


def other_under_way(session: Session, actor: Actor, assessment: Assessment) -> bool:
    """Whether the firm has begun another one of this version: until it ends this one stays.

    Raises NotFound.
    """
    return any(
        each.submitted_at is None and each.bank_version_id == assessment.bank_version_id
        for each in assessments.list_for_firm(session, actor, assessment.firm_id)
    )


def _for_review(session: Session, actor: Actor, assessment_id: int) -> Assessment:
    assessment = _for_consultant(session, actor, assessment_id)
    if assessment.submitted_at is None:
        raise NotSubmitted
    return assessment


def _for_consultant(session: Session, actor: Actor, assessment_id: int) -> Assessment:
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    if not actor.is_consultant:
        raise NotFound
    must_see_firm(session, actor, assessment.firm_id)
    return assessment


def _must_be_sent_twice(
    session: Session, assessment: Assessment, actor: Actor, reason: str
) -> None:
    """Somebody pressed the button twice: what is open was opened by them, with these words.

    Raises NotSubmitted for everything else: this reason would be kept nowhere.
    """
    newest = session.execute(
        select(Reopening.by, Reopening.reason)
        .where(Reopening.assessment_id == assessment.id)
        .order_by(Reopening.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or tuple(newest) != (actor.user_id, reason):
        raise NotSubmitted


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
    # An owner stays one for good, and no consultant ever belongs to a firm.
    own = and_(Membership.user_id == Reopening.by, Membership.firm_id == firm_id)
    rows = session.execute(
        select(
            User.name,
            Reopening.at,
            Reopening.reason,
            Reopening.submitted_at,
            Membership.user_id.is_(None),
        )
        .join(User, User.id == Reopening.by)
        .outerjoin(Membership, own)
        .where(Reopening.assessment_id == assessment_id)
        .order_by(Reopening.id)
    )
    return tuple(Line(*row) for row in rows)
