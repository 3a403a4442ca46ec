"""What the firm's people say to each other about a question; nobody else reads it."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.services import assessments
from survey.services.assessments import AlreadySubmitted, State
from survey.services.people import Actor
from survey.store.db import begin_write, rows_changed
from survey.store.models import Comment, User

LONGEST = 2000
"""Characters of one comment."""

FEW = 5
"""Comments that the overview shows."""

JOINERS = "\u200c\u200d"
"""Invisible signs that hold an emoji or a word together."""


class CommentMissing(SurveyError):
    """A comment says something."""

    code = "comment-missing"


class CommentTooLong(SurveyError):
    """The comment is longer than `longest` characters."""

    code = "comment-too-long"


class NotYourComment(SurveyError):
    """Everybody withdraws their own comments alone."""

    code = "not-your-comment"


@dataclass(frozen=True, slots=True)
class Line:
    """One comment; of a withdrawn one `text` is empty."""

    id: int
    author_id: int
    author: str
    at: datetime
    text: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """One comment, and the question it is about."""

    id: int
    question_key: str
    author: str
    at: datetime
    text: str


def add(
    session: Session,
    actor: Actor,
    assessment_id: int,
    question_key: str,
    *,
    text: str,
    now: datetime,
) -> Comment:
    """Say something about a question.

    Raises NotFound (also for a question that is not asked here), AlreadySubmitted,
    CommentMissing, CommentTooLong.
    """
    begin_write(session)
    _must_be_open(_state(session, actor, assessment_id, question_key))
    said = tidy(text)
    if not said:
        raise CommentMissing
    if len(said) > LONGEST:
        raise CommentTooLong(longest=LONGEST)
    comment = Comment(
        assessment_id=assessment_id,
        question_key=question_key,
        author_id=actor.user_id,
        text=said,
        at=now,
    )
    session.add(comment)
    session.flush()
    return comment


def withdraw(
    session: Session, actor: Actor, assessment_id: int, comment_id: int, *, now: datetime
) -> Comment:
    """Take one's own comment back. Twice changes nothing.

    Raises NotFound, AlreadySubmitted, NotYourComment.
    """
    begin_write(session)
    state = assessments.hub(session, actor, assessment_id)
    comment = session.get(Comment, comment_id)
    if comment is None or comment.assessment_id != assessment_id:
        raise NotFound
    _must_be_open(state)
    if comment.author_id != actor.user_id:
        raise NotYourComment
    present = (Comment.id == comment_id, Comment.withdrawn_at.is_(None))
    rows_changed(session, update(Comment).where(*present).values(withdrawn_at=now))
    return comment


def of_question(
    session: Session, actor: Actor, assessment_id: int, question_key: str
) -> tuple[Line, ...]:
    """What was said about a question, oldest first, for the firm's own people. Raises NotFound."""
    assessments.hub(session, actor, assessment_id)
    rows = session.execute(
        select(Comment, User.name)
        .join(User, User.id == Comment.author_id)
        .where(Comment.assessment_id == assessment_id, Comment.question_key == question_key)
        .order_by(Comment.id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        Line(
            id=each.id,
            author_id=each.author_id,
            author=name,
            at=each.at,
            text="" if each.withdrawn_at else each.text,
            withdrawn=each.withdrawn_at is not None,
        )
        for each, name in rows
    )


def newest(session: Session, assessment_id: int) -> tuple[Newest, ...]:
    """The last few comments, newest first. Whoever asks has asked for permission before."""
    rows = session.execute(
        select(Comment.id, Comment.question_key, User.name, Comment.at, Comment.text)
        .join(User, User.id == Comment.author_id)
        .where(Comment.assessment_id == assessment_id, Comment.withdrawn_at.is_(None))
        .order_by(Comment.id.desc())
        .limit(FEW)
    )
    return tuple(Newest(*row) for row in rows)


def recent(
    session: Session, actor: Actor, state: State, page_keys: Collection[str], *, since: datetime
) -> int:
    """How many comments of others there are since a moment, about questions of these pages."""
    rows = session.execute(
        select(Comment.question_key, func.count().label("comments"))
        .where(
            Comment.assessment_id == state.assessment.id,
            Comment.withdrawn_at.is_(None),
            Comment.author_id != actor.user_id,
            Comment.at > since,
        )
        .group_by(Comment.question_key)
    )
    place_of = state.bank.place_of
    return sum(row.comments for row in rows if place_of.get(row.question_key) in page_keys)


def counts(session: Session, assessment_id: int) -> dict[str, int]:
    """How many comments there are, by question. Whoever asks has asked for permission before."""
    rows = session.execute(
        select(Comment.question_key, func.count().label("comments"))
        .where(Comment.assessment_id == assessment_id, Comment.withdrawn_at.is_(None))
        .group_by(Comment.question_key)
    )
    return {row.question_key: row.comments for row in rows}


def tidy(text: str) -> str:
    """The words without what cannot be seen: control signs and turns of direction."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(filter(_is_kept, line)).strip() for line in lines).strip()


def _is_kept(sign: str) -> bool:
    return sign in JOINERS or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")


def _state(session: Session, actor: Actor, assessment_id: int, question_key: str) -> State:
    state = assessments.hub(session, actor, assessment_id)
    if question_key not in state.bank.questions:
        raise NotFound
    return state


def _must_be_open(state: State) -> None:
    if state.assessment.submitted_at is not None:
        raise AlreadySubmitted
