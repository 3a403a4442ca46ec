"""What the answering page needs to know before anything is drawn or saved, in one statement.

`assessments.open_page` knows more, and takes longer; a page is opened and an answer sent far
more often than anything else is done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, and_, bindparam, cast, exists, select
from sqlalchemy.orm import Session, aliased

from survey.core.bank import Bank
from survey.core.errors import NotFound
from survey.core.memory import Remembered
from survey.core.progress import Progress, progress
from survey.services.answer_rows import Row, read_of, row_of
from survey.services.banks import bank_by_digest
from survey.services.people import ALL, SIGNED_IN, Actor, Person, must_belong, person_of
from survey.store.db import listed, read_listed
from survey.store.models import (
    AnswerChange,
    AnswerRow,
    Assessment,
    Assignment,
    BankVersion,
    Comment,
    EvidenceFile,
    User,
)


@dataclass(frozen=True, slots=True)
class Glance:
    """An assessment with its bank. `bank` is the edition that is answered.

    `answerable` tells that the page takes this person's answers, `offers` that there is an
    assessment before this one. `files` and `talk` tell of the page's own questions: that evidence
    was sent to one, and that somebody has said something about one.
    """

    assessment_id: int
    bank: Bank
    version_id: int
    digest: str
    edition: str
    answerable: bool
    offers: bool
    files: bool
    talk: bool


class Present(NamedTuple):
    """The JSON that is stored for a question, and its revision."""

    stored: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class Before:
    """What stood when an answer arrived. `row` is the question's own, `sent_before` its attempt."""

    seen: Glance
    rows: Mapping[str, Present]
    row: Row | None
    sent_before: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What one statement found about an assessment for somebody, before it is judged."""

    actor: Actor
    assessment_id: int
    page_key: str
    facts: Any


def recognise(
    session: Session, mark: str, assessment_id: int, page_key: str
) -> tuple[Person | None, Found | None]:
    """Who has this mark, as `people.recognise` says, and for `opened` what is on the page."""
    facts = {"mark": mark, "assessment": assessment_id, "page": page_key}
    return _recognised(session, _who_and_answers, facts)


def recognise_sender(
    session: Session, mark: str, assessment_id: int, page_key: str, question_key: str, name: str
) -> tuple[Person | None, Found | None]:
    """The same for `before_saving`: of an answer to this question, sent under this name."""
    facts = {"mark": mark, "assessment": assessment_id, "page": page_key}
    return _recognised(session, _who_and_before, facts | {"question": question_key, "name": name})


def _recognised(
    session: Session, statement: Callable[[str], Select[Any]], facts: Mapping[str, Any]
) -> tuple[Person | None, Found | None]:
    connection = session.connection()
    rows = connection.execute(statement(connection.dialect.name), facts).all()
    person = person_of(rows)
    if person is None:
        return None, None
    return person, Found(person.actor, facts["assessment"], facts["page"], rows[0])


def whole_glance(
    session: Session, actor: Actor, assessment_id: int, page_key: str
) -> tuple[Glance, Mapping[str, Present], Progress]:
    """A page with everything answered so far, and how far that is, for the firm's own people.

    Raises NotFound, also if there is no such page.
    """
    facts = {"assessment": assessment_id, "page": page_key}
    connection = session.connection()
    row = connection.execute(_answers(connection.dialect.name), facts).one_or_none()
    return opened(session, Found(actor, assessment_id, page_key, row))


def opened(session: Session, found: Found) -> tuple[Glance, Mapping[str, Present], Progress]:
    """The page that was found, for the firm's own people. Raises NotFound."""
    seen = _seen(session, found)
    return seen, *_counted(seen, found.facts.answers)


def before_saving(session: Session, found: Found, question_key: str) -> Before:
    """The page that was found, for an answer to this question. Raises NotFound."""
    seen, facts = _seen(session, found), found.facts
    rows = _rows(facts.answers)
    own = rows.get(question_key)
    row = None if own is None else row_of(*own, facts.client, facts.client_seq, facts.confirmed)
    return Before(seen, rows, row, facts.sent_before)


def _seen(session: Session, found: Found) -> Glance:
    facts, page_key = found.facts, found.page_key
    if facts is None or facts.version is None:
        raise NotFound
    must_belong(found.actor, facts.firm)
    bank = bank_by_digest(session, facts.version, facts.digest, facts.edition)
    if page_key not in bank.place_of.values():
        raise NotFound
    mine = found.actor.scope == ALL or facts.assigned_to == found.actor.user_id
    return Glance(
        assessment_id=found.assessment_id,
        bank=bank,
        version_id=facts.version,
        digest=facts.digest,
        edition=facts.edition,
        answerable=mine and facts.submitted_at is None,
        offers=facts.previous_id is not None,
        files=_concerns(bank, page_key, facts.files),
        talk=_concerns(bank, page_key, facts.talk),
    )


def _concerns(bank: Bank, page_key: str, questions: str | None) -> bool:
    """Whether one of the questions, as they were listed, is on the page."""
    return any(bank.place_of.get(key) == page_key for (key,) in read_listed(questions))


_HERE = and_(Assessment.id == bindparam("assessment"), Assessment.discarded_at.is_(None))


@cache
def _answers(dialect: str) -> Select[Any]:
    return _with_answers(dialect, select().select_from(Assessment).where(_HERE))


@cache
def _who_and_answers(dialect: str) -> Select[Any]:
    return _with_answers(dialect, SIGNED_IN.outerjoin(Assessment, _HERE))


@cache
def _who_and_before(dialect: str) -> Select[Any]:
    own = aliased(AnswerRow)
    sent_before = exists().where(
        AnswerChange.assessment_id == Assessment.id,
        AnswerChange.author_id == User.__table__.c.id,
        AnswerChange.save_key == bindparam("name"),
    )
    return (
        _who_and_answers(dialect)
        .add_columns(
            own.client,
            own.client_seq,
            cast(own.confirmed, Text).label("confirmed"),
            sent_before.label("sent_before"),
        )
        .outerjoin(
            own,
            and_(own.assessment_id == Assessment.id, own.question_key == bindparam("question")),
        )
    )


def _with_answers(dialect: str, asked: Select[Any]) -> Select[Any]:
    """Beside what is asked, everything that is to be known about an assessment that is here."""
    answers = select(
        listed(
            dialect,
            AnswerRow.question_key.expression,
            AnswerRow.plain.expression,
            AnswerRow.revision.expression,
        )
    ).where(AnswerRow.assessment_id == Assessment.id)
    files = select(listed(dialect, EvidenceFile.question_key.expression)).where(
        EvidenceFile.assessment_id == Assessment.id, EvidenceFile.removed_at.is_(None)
    )
    talk = select(listed(dialect, Comment.question_key.expression)).where(
        Comment.assessment_id == Assessment.id, Comment.withdrawn_at.is_(None)
    )
    assigned = and_(
        Assignment.assessment_id == Assessment.id, Assignment.page_key == bindparam("page")
    )
    return (
        asked.add_columns(
            Assessment.firm_id.label("firm"),
            Assessment.edition,
            Assessment.submitted_at,
            Assessment.previous_id,
            BankVersion.id.label("version"),
            BankVersion.digest,
            Assignment.user_id.label("assigned_to"),
            answers.scalar_subquery().label("answers"),
            files.scalar_subquery().label("files"),
            talk.scalar_subquery().label("talk"),
        )
        .outerjoin(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .outerjoin(Assignment, assigned)
    )


_COUNTED = Remembered[tuple[str, str, str | None], tuple[Mapping[str, Present], Progress]](500)
"""By digest, edition and answers as they were listed: the same is the same for ever."""


def _counted(seen: Glance, answers: str | None) -> tuple[Mapping[str, Present], Progress]:
    place = (seen.digest, seen.edition, answers)
    counted = _COUNTED.get(place)
    if counted is None:
        rows = _rows(answers)
        counted = rows, progress(seen.bank, *read_of(seen.bank, seen.digest, rows))
        _COUNTED[place] = counted
    return counted


def _rows(answers: str | None) -> dict[str, Present]:
    return {
        key: Present(stored or None, int(revision))
        for key, stored, revision in read_listed(answers)
    }
