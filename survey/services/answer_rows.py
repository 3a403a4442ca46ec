"""The stored answers of one assessment: reading them, and writing them with their history.

Whoever writes has asked for permission before. Each answer has a revision of its own, so that
nobody overwrites what somebody else saved since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from survey.core import answers
from survey.core.answers import Answer, PlainAnswer
from survey.core.bank import Bank
from survey.store.db import insert_if_absent, rows_changed
from survey.store.models import AnswerChange, AnswerRow, User


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved another value since the page was opened; None means cleared.

    `theirs` stays in force under `revision`; `mine` is kept in the history.
    """

    key: str
    mine: PlainAnswer | None
    theirs: PlainAnswer | None
    their_name: str
    their_time: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Row:
    """What is stored for one question."""

    plain: dict[str, Any] | None
    revision: int
    author_id: int
    saved_at: datetime


def rows_of(session: Session, assessment_id: int, key: str | None = None) -> dict[str, Row]:
    query = select(
        AnswerRow.question_key,
        AnswerRow.plain,
        AnswerRow.revision,
        AnswerRow.author_id,
        AnswerRow.saved_at,
    ).where(AnswerRow.assessment_id == assessment_id)
    if key is not None:
        query = query.where(AnswerRow.question_key == key)
    return {
        row.question_key: Row(row.plain, row.revision, row.author_id, row.saved_at)
        for row in session.execute(query)
    }


def plain_of(rows: Mapping[str, Row]) -> dict[str, PlainAnswer]:
    return {key: row.plain for key, row in rows.items() if row.plain is not None}


def in_order(bank: Bank, given: Mapping[str, PlainAnswer]) -> dict[str, Answer]:
    """Stored answers in the bank's order, so that nothing depends on who answered first."""
    return {
        key: answers.read(question, given[key])
        for key, question in bank.questions.items()
        if key in given
    }


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one person's answers into one assessment, each with its line of history."""

    session: Session
    assessment_id: int
    author_id: int
    now: datetime

    def write(self, key: str, value: dict[str, Any] | None, present: Row | None, seen: int) -> Row:
        """Set the answer if its revision is still `seen`; return what is stored then."""
        if present is None:
            present = Row(None, 0, self.author_id, self.now)
        if present.plain != value and present.revision == seen:
            row = Row(value, seen + 1, self.author_id, self.now)
            if self._set(key, row, seen):
                self._note(key, row.revision, present.plain, value, "saved" if value else "cleared")
                return row
            present = rows_of(self.session, self.assessment_id, key)[key]
        return present

    def conflict(self, key: str, value: dict[str, Any] | None, theirs: Row) -> Conflict:
        """Keep the value that came too late, and say whose is in force."""
        self._note(key, theirs.revision, theirs.plain, value, "conflict")
        name = self.session.scalar(select(User.name).where(User.id == theirs.author_id))
        return Conflict(key, value, theirs.plain, name or "", theirs.saved_at, theirs.revision)

    def _set(self, key: str, row: Row, seen: int) -> bool:
        """Compare and set in one statement: also right when two do it at the same moment."""
        place = {"assessment_id": self.assessment_id, "question_key": key}
        values = {
            "plain": row.plain,
            "revision": row.revision,
            "author_id": row.author_id,
            "saved_at": row.saved_at,
        }
        if seen == 0:
            return insert_if_absent(self.session, AnswerRow, **place, **values)
        statement = update(AnswerRow).filter_by(**place, revision=seen).values(**values)
        return rows_changed(self.session, statement) == 1

    def _note(
        self,
        key: str,
        revision: int,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        outcome: str,
    ) -> None:
        self.session.execute(
            insert(AnswerChange).values(
                assessment_id=self.assessment_id,
                question_key=key,
                revision=revision,
                before=before,
                after=after,
                author_id=self.author_id,
                at=self.now,
                outcome=outcome,
            )
        )
