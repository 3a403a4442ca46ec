"""A draft that is not wanted any more: discarded by its owner, taken back, and erased at last.

What was ever submitted is not discarded. For 30 days a discarded draft is kept whole and is not
found by anybody; then the sweep erases it with its answers, their history, comments and files.
docs/decisions/0023-discarding.md has the reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, func, select, union, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager

from survey.core.errors import NotFound, SurveyError
from survey.core.text import Text
from survey.services import assessments, audit
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_own
from survey.store.db import begin_write
from survey.store.models import (
    AnswerChange,
    AnswerRow,
    Assessment,
    Assignment,
    Comment,
    EvidenceFile,
    Invitation,
    Move,
    Reopening,
    Target,
    Upload,
    User,
)

KEPT = timedelta(days=30)
"""How long a discarded draft can be taken back."""

MOST_ERASED = 20
"""Drafts that one sweep erases: the database is never held for long."""

HELD = (Upload, EvidenceFile, Comment, Target, AnswerRow, AnswerChange, Move)
"""What is erased with an assessment; assignments and such go by themselves."""


class WasSubmitted(SurveyError):
    """What was handed in once, perhaps reopened since, is kept."""

    code = "discard-submitted"


class AnotherUnderWay(SurveyError):
    """Of one bank version a firm has one draft at most; meanwhile it has begun another."""

    code = "restore-under-way"


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is in a draft; `colleagues` are those who did something in it or were to."""

    answers: int
    files: int
    comments: int
    colleagues: int


@dataclass(frozen=True, slots=True)
class Discarded:
    """A discarded draft, by whom and when, and when it is erased."""

    id: int
    title: Text
    number: int
    by: str
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + KEPT


def contents(session: Session, actor: Actor, assessment_id: int) -> Contents:
    """What its owner would discard. Raises NotFound, OwnerOnly, WasSubmitted."""
    assessment = assessments.assessment_of(session, assessment_id)
    _must_be_draft(session, actor, assessment)
    here = {"assessment_id": assessment_id}
    answers = select(func.count()).select_from(AnswerRow).filter_by(**here)
    files = select(func.count()).select_from(EvidenceFile).filter_by(**here, removed_at=None)
    said = select(func.count()).select_from(Comment).filter_by(**here, withdrawn_at=None)
    people = union(
        select(AnswerChange.author_id.label("id")).filter_by(**here),
        select(Comment.author_id).filter_by(**here),
        select(EvidenceFile.added_by).filter_by(**here),
        select(Assignment.user_id).filter_by(**here),
    ).subquery()
    others = select(func.count()).select_from(people).where(people.c.id != actor.user_id)
    return Contents(
        answers=session.scalars(answers.where(AnswerRow.plain.is_not(None))).one(),
        files=session.scalars(files).one(),
        comments=session.scalars(said).one(),
        colleagues=session.scalars(others).one(),
    )


def discard(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> None:
    """Put a draft away, whatever is in it. Raises NotFound, OwnerOnly, WasSubmitted."""
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    _must_be_draft(session, actor, assessment)
    assessment.discarded_at, assessment.discarded_by = now, actor.user_id
    _note(session, "discard-assessment", assessment, actor.user_id, now)


def restore(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> None:
    """Take a discarded draft back, as it was. Raises NotFound, OwnerOnly, AnotherUnderWay."""
    begin_write(session)
    assessment = session.scalar(
        select(Assessment)
        .where(Assessment.id == assessment_id, Assessment.discarded_at.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if assessment is None:
        raise NotFound
    must_own(actor, assessment.firm_id)
    if assessments.under_way(session, actor, assessment.bank_version_id) is not None:
        raise AnotherUnderWay
    assessment.discarded_at = assessment.discarded_by = None
    try:
        session.flush()
    except IntegrityError as error:  # begun at this moment
        raise AnotherUnderWay from error
    _note(session, "restore-assessment", assessment, actor.user_id, now)


def discarded(session: Session, actor: Actor) -> tuple[Discarded, ...]:
    """What the actor's firm has discarded, the last first. Raises NotFound, OwnerOnly."""
    if actor.firm_id is None:
        raise NotFound
    must_own(actor, actor.firm_id)
    query = _discarded().where(Assessment.firm_id == actor.firm_id)
    rows = session.execute(query.order_by(Assessment.discarded_at.desc(), Assessment.id.desc()))
    return tuple(_line(session, assessment, name) for assessment, name in rows)


def found(session: Session, actor: Actor, assessment_id: int) -> Discarded | None:
    """What the firm's own people are told about one that they cannot find any more."""
    query = _discarded().where(Assessment.id == assessment_id, Assessment.firm_id == actor.firm_id)
    row = session.execute(query).one_or_none()
    return None if row is None else _line(session, *row)


def sweep(session: Session, *, now: datetime) -> Sequence[str]:
    """Erase what was discarded long enough ago. Gives the files to be removed after the commit."""
    begin_write(session)  # or somebody restores what was found
    ids = session.scalars(
        select(Assessment.id)
        .where(Assessment.discarded_at <= now - KEPT)
        .order_by(Assessment.discarded_at)
        .limit(MOST_ERASED)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return ()
    of_these = EvidenceFile.assessment_id.in_(ids), Upload.assessment_id.in_(ids)
    files = session.scalars(
        select(EvidenceFile.id).where(of_these[0]).union(select(Upload.id).where(of_these[1]))
    ).all()
    for table in HELD:
        session.execute(delete(table).where(table.assessment_id.in_(ids)), _UNSEEN)
    promised = update(Invitation).where(Invitation.assessment_id.in_(ids))
    session.execute(promised.values(assessment_id=None, page_keys=[]), _UNSEEN)
    for assessment in session.scalars(select(Assessment).where(Assessment.id.in_(ids))):
        _note(session, "erase-assessment", assessment, None, now)
    session.execute(delete(Assessment).where(Assessment.id.in_(ids)), _UNSEEN)
    return files


_UNSEEN = {"synchronize_session": False}


def _must_be_draft(session: Session, actor: Actor, assessment: Assessment) -> None:
    must_own(actor, assessment.firm_id)
    reopened = exists().where(Reopening.assessment_id == assessment.id)
    if assessment.submitted_at is not None or session.scalar(select(reopened)):
        raise WasSubmitted


def _discarded() -> Select[Assessment, str]:
    return (
        select(Assessment, User.name)
        .join(Assessment.bank_version)
        .join(User, User.id == Assessment.discarded_by)
        .options(contains_eager(Assessment.bank_version))
        .where(Assessment.discarded_at.is_not(None))
    )


def _line(session: Session, assessment: Assessment, by: str) -> Discarded:
    version = assessment.bank_version
    bank = bank_by_digest(session, version.id, version.digest, assessment.edition)
    assert assessment.discarded_at is not None  # as the query asks
    return Discarded(assessment.id, bank.title, version.number, by, assessment.discarded_at)


def _note(
    session: Session, act: str, assessment: Assessment, by: int | None, now: datetime
) -> None:
    audit.note(
        session,
        act=act,
        subject=f"firm:{assessment.firm_id}",
        by=by,
        now=now,
        facts={"assessment": assessment.id},
    )
    session.flush()
