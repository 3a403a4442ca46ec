"""What the owner is written to about: what colleagues did since the last letter.

A letter is due once colleagues did something and then were quiet for a while. A worker takes
charge, sends, and only then says so. If it cannot send, or dies, the letter is due again later.
What was read for one letter ends `QUIET` before it, as nothing happened since: the next begins
there, and misses nothing that was being written at that very moment.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all, update
from sqlalchemy.orm import Session, contains_eager

from survey.core.bank import Bank
from survey.core.pages import pages
from survey.core.text import Locale, Text
from survey.services.banks import bank_by_digest
from survey.services.people import OWNER
from survey.store.db import insert_if_absent, rows_changed
from survey.store.models import (
    AnswerChange,
    AnswerRow,
    Assessment,
    Assignment,
    Comment,
    Digest,
    Membership,
    User,
)

QUIET = timedelta(hours=1)
LEASE = timedelta(minutes=10)
"""After that a letter that a worker took charge of, and did not send, is due again."""

_DONE = ("saved", "cleared")


@dataclass(frozen=True, slots=True)
class Work:
    """What one colleague did on one page."""

    name: str
    answers: int
    comments: int
    done: bool


@dataclass(frozen=True, slots=True)
class News:
    """Everything that a letter says, page by page in reading order."""

    assessment_id: int
    title: Text
    firm_name: str
    owner_name: str
    owner_email: str
    locale: Locale
    since: datetime | None
    pages: tuple[tuple[Text, tuple[Work, ...]], ...]


def due(session: Session, *, now: datetime, every: timedelta) -> tuple[int, ...]:
    """The drafts whose owners are to be written to now, at most once in `every`."""
    did = union_all(_present(), _comments(), _finished()).subquery()
    last = func.max(did.c.at)
    rows = session.execute(
        select(Assessment.id, Digest.sent_at, last.label("last"))
        .join(did, did.c.assessment_id == Assessment.id)
        .join(Membership, and_(Membership.firm_id == Assessment.firm_id, _IS_OWNER))
        .join(User, User.id == Membership.user_id)
        .outerjoin(Digest, Digest.assessment_id == Assessment.id)
        .where(
            Assessment.submitted_at.is_(None),
            Assessment.discarded_at.is_(None),
            User.active.is_(True),
            did.c.user_id != Membership.user_id,
            _may_be_sent(now, every),
        )
        .group_by(Assessment.id, Digest.sent_at)
        .having(last <= now - QUIET)
        .order_by(Assessment.id)
    )
    return tuple(row.id for row in rows if row.sent_at is None or row.last > row.sent_at - QUIET)


def claim(session: Session, assessment_id: int, *, now: datetime, every: timedelta) -> bool:
    """Take charge of a letter. False: another worker has, or has sent it meanwhile."""
    if insert_if_absent(session, Digest, assessment_id=assessment_id, claimed_at=now):
        return True
    free = update(Digest).where(Digest.assessment_id == assessment_id, _may_be_sent(now, every))
    return rows_changed(session, free.values(claimed_at=now)) == 1


def sent(session: Session, assessment_id: int, *, claimed_at: datetime) -> bool:
    """The letter is out. False: it took so long that another worker took charge of it too."""
    mine = (Digest.assessment_id == assessment_id, Digest.claimed_at == claimed_at)
    done = update(Digest).where(*mine).values(sent_at=claimed_at, claimed_at=None)
    return rows_changed(session, done) == 1


def news(session: Session, assessment_id: int) -> News | None:
    """What colleagues did since the last letter; None if it was undone or handed in meanwhile."""
    assessment = session.scalar(
        select(Assessment)
        .join(Assessment.firm)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.firm), contains_eager(Assessment.bank_version))
        .where(
            Assessment.id == assessment_id,
            Assessment.submitted_at.is_(None),
            Assessment.discarded_at.is_(None),
        )
    )
    owner = _owner(session, assessment.firm_id) if assessment is not None else None
    if assessment is None or owner is None:
        return None
    version = assessment.bank_version
    bank = bank_by_digest(session, version.id, version.digest, assessment.edition)
    before = session.scalar(select(Digest.sent_at).where(Digest.assessment_id == assessment_id))
    since = None if before is None else before - QUIET
    said = tuple(_pages(session, assessment_id, bank, owner.id, since))
    if not said:
        return None
    return News(
        assessment_id=assessment_id,
        title=bank.title,
        firm_name=assessment.firm.name,
        owner_name=owner.name,
        owner_email=owner.email,
        locale=Locale(owner.locale),
        since=since,
        pages=said,
    )


_Did = Select[Any, Any, Any, Any]
"""Assessment, person, place and moment of what somebody did."""

_IS_OWNER = Membership.standing == OWNER


def _may_be_sent(now: datetime, every: timedelta) -> ColumnElement[bool]:
    return and_(
        or_(Digest.sent_at.is_(None), Digest.sent_at <= now - every),
        or_(Digest.claimed_at.is_(None), Digest.claimed_at <= now - LEASE),
    )


def _owner(session: Session, firm_id: int) -> User | None:
    query = select(User).join(Membership, and_(Membership.user_id == User.id, _IS_OWNER))
    return session.scalar(query.where(Membership.firm_id == firm_id, User.active.is_(True)))


# ------------------------------------------------------------ what was done, and where


def _changes() -> _Did:
    return select(
        AnswerChange.assessment_id,
        AnswerChange.author_id.label("user_id"),
        AnswerChange.question_key.label("place"),
        AnswerChange.at,
    ).where(AnswerChange.outcome.in_(_DONE))


def _present() -> _Did:
    """What stands now: enough to know whether there is news, and far less than the history."""
    return select(
        AnswerRow.assessment_id,
        AnswerRow.author_id.label("user_id"),
        AnswerRow.question_key.label("place"),
        AnswerRow.saved_at.label("at"),
    ).where(AnswerRow.revision > 0)


def _comments() -> _Did:
    return select(
        Comment.assessment_id,
        Comment.author_id.label("user_id"),
        Comment.question_key.label("place"),
        Comment.at,
    ).where(Comment.withdrawn_at.is_(None))


def _finished() -> _Did:
    return select(
        Assignment.assessment_id,
        Assignment.user_id,
        Assignment.page_key.label("place"),
        Assignment.done_at.label("at"),
    ).where(Assignment.done_at.is_not(None))


def _pages(
    session: Session, assessment_id: int, bank: Bank, owner_id: int, since: datetime | None
) -> Iterator[tuple[Text, tuple[Work, ...]]]:
    answered = _said(session, _changes(), assessment_id, owner_id, since)
    answers = Counter((bank.place_of.get(place), who) for who, place in set(answered))
    commented = _said(session, _comments(), assessment_id, owner_id, since)
    comments = Counter((bank.place_of.get(place), who) for who, place in commented)
    finished = _said(session, _finished(), assessment_id, owner_id, since)
    done = {(place, who) for who, place in finished}
    people = sorted({who for _page, who in (*answers, *comments, *done)})
    names = _names(session, people)
    for page in pages(bank):
        key = page.key
        works = tuple(
            Work(names[who], answers[key, who], comments[key, who], done=(key, who) in done)
            for who in people
            if answers[key, who] or comments[key, who] or (key, who) in done
        )
        if works:
            yield page.title, works


def _said(
    session: Session,
    did: _Did,
    assessment_id: int,
    owner_id: int,
    since: datetime | None,
) -> list[tuple[int, str]]:
    """Person and place of everything that somebody else than the owner did."""
    part = did.subquery()
    query = select(part.c.user_id, part.c.place).where(
        part.c.assessment_id == assessment_id, part.c.user_id != owner_id
    )
    if since is not None:
        query = query.where(part.c.at > since)
    return [(row.user_id, row.place) for row in session.execute(query)]


def _names(session: Session, people: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(User.id, User.name).where(User.id.in_(list(people))))
    return {row.id: row.name for row in rows}
