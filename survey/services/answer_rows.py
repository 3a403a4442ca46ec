"""The stored answers of one assessment: reading them, and writing them with their history.

Whoever writes has asked for permission before. Each answer has a revision of its own, so that
nobody overwrites what somebody else saved since. An attempt can be sent again, or arrive late:
`Writer.take` has the rules, docs/decisions/0014-saving.md the reasons.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, select, update
from sqlalchemy.orm import Session

from survey.core import answers
from survey.core.answers import Answer, PlainAnswer, Typed, typed_of
from survey.core.bank import Bank, Question
from survey.core.memory import Remembered
from survey.store.db import insert_if_absent, listed, read_listed, rows_changed_by
from survey.store.models import AnswerChange, AnswerRow, User

Plain = dict[str, Any] | None
"""What is stored for a question: an answer, a draft, or None after it was cleared."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved another value since the page was opened; None means cleared.

    `theirs` stays in force under `revision`; `mine` is kept in the history. Either may be a draft.
    """

    key: str
    mine: PlainAnswer | None
    theirs: PlainAnswer | None
    their_id: int
    their_name: str
    their_time: datetime
    revision: int


class Row(NamedTuple):
    """What is stored for one question, and how far the open pages are known to be.

    `stored` is the JSON as it stands in the database. `last` has the newest value of the page
    that wrote it, and of those that sent the same since; `confirmed` is the JSON of the latter.
    """

    stored: str | None
    revision: int
    last: Mapping[str, int]
    confirmed: str | None = None

    @property
    def plain(self) -> Plain:
        """A new one each time: most rows are never looked at in this form."""
        return None if self.stored is None else json.loads(self.stored)


@dataclass(frozen=True, slots=True)
class Sent:
    """How an open page names an attempt, so that it can be sent again.

    `key` belongs to this attempt alone and stays the same when it is sent again. `client` is the
    page, and `seq` says the how-manieth value of this question it is. Both names have at most 36
    characters; `seq` is 1 to 2 147 483 647.
    """

    key: str
    client: str
    seq: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A value for one question, by somebody who had seen the revision `seen`."""

    key: str
    plain: Plain
    seen: int
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What became of an attempt that was sent before."""

    key: str
    plain: Plain
    revision: int
    outcome: str


class Fate(StrEnum):
    """What becomes of an attempt. `LATE` and `CONFLICT` leave the stored value as it is."""

    SAVED = "saved"
    LATE = "late"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an attempt, and what is stored now; `revision` is the one it is known by."""

    fate: Fate
    revision: int
    row: Row | None


def rows_of(session: Session, assessment_id: int, key: str | None = None) -> dict[str, Row]:
    """What is stored for every question, or for one."""
    connection = session.connection()
    query = _rows(connection.dialect.name)
    if key is not None:
        query = query.where(AnswerRow.question_key == key)
    return read_rows(connection.execute(query, {"assessment": assessment_id}).scalar_one())


def read_rows(listed_rows: str | None) -> dict[str, "Row"]:
    """What `rows_listed` has listed."""
    return {
        name: row_of(stored or None, int(revision), client or None, _number(seq), confirmed or None)
        for name, stored, revision, client, seq, confirmed in read_listed(listed_rows)
    }


def _number(written: str) -> int | None:
    return int(written) if written else None


def row_of(
    stored: str | None, revision: int, client: str | None, seq: int | None, confirmed: str | None
) -> Row:
    """One row of its columns as they stand in the database."""
    return Row(stored, revision, _last(client, seq, confirmed), confirmed)


def rows_listed(dialect: str) -> ColumnElement[str | None]:
    """Everything that is stored, as one column: `read_rows` reads it."""
    return listed(
        dialect,
        AnswerRow.question_key.expression,
        AnswerRow.plain.expression,
        AnswerRow.revision.expression,
        AnswerRow.client.expression,
        AnswerRow.client_seq.expression,
        AnswerRow.confirmed.expression,
    )


@cache
def _rows(dialect: str) -> Select[str | None]:
    return select(rows_listed(dialect)).where(AnswerRow.assessment_id == bindparam("assessment"))


AS_READ = and_(
    AnswerRow.revision == bindparam("present"),
    # which pages sent the same value since is remembered without a new revision
    cast(AnswerRow.confirmed, Text).is_not_distinct_from(bindparam("known", type_=Text)),
)
"""Whether nothing has happened to a row since it was read, as `facts_of` says it was."""

_ROW = (
    AnswerRow.assessment_id == bindparam("assessment"),
    AnswerRow.question_key == bindparam("key"),
    AS_READ,
)
_SET = update(AnswerRow).where(*_ROW)
_STANDS = select(AnswerRow.revision).where(*_ROW).with_for_update(read=True)

_MOST_CONFIRMED = 50
"""Pages that a row remembers. An older one's attempts have arrived long ago, or never will."""


def facts_of(row: Row | None) -> dict[str, Any]:
    """For `AS_READ`: no row has the revision of one that is not there."""
    if row is None:
        return {"present": -1, "known": None}
    return {"present": row.revision, "known": row.confirmed}


_NOBODY: Mapping[str, int] = {}


def _last(client: str | None, seq: int | None, confirmed: str | None) -> Mapping[str, int]:
    if client is None and confirmed is None:
        return _NOBODY
    own = {} if client is None or seq is None else {client: seq}
    return own | _pages(confirmed)


def _pages(confirmed: str | None) -> dict[str, int]:
    pages: dict[str, int] | None = None if confirmed is None else json.loads(confirmed)
    return pages or {}


def plain_of(rows: Mapping[str, Row]) -> dict[str, PlainAnswer]:
    """The answers; drafts are none."""
    return told_apart(rows)[0]


def told_apart(rows: Mapping[str, Row]) -> tuple[dict[str, PlainAnswer], dict[str, Typed]]:
    """The answers, and the drafts: what was typed and cannot be taken yet."""
    given: dict[str, PlainAnswer] = {}
    wrong: dict[str, Typed] = {}
    for key, row in rows.items():
        plain = row.plain
        if plain is None:
            continue
        typed = typed_of(plain)
        if typed is None:
            given[key] = plain
        else:
            wrong[key] = typed
    return given, wrong


def in_order(bank: Bank, given: Mapping[str, PlainAnswer]) -> dict[str, Answer]:
    """Stored answers in the bank's order, so that nothing depends on who answered first."""
    return {
        key: answers.read(question, given[key])
        for key, question in bank.questions.items()
        if key in given
    }


class Stored(Protocol):
    """What is needed of a row to read its answer."""

    @property
    def stored(self) -> str | None: ...


def read_of(
    bank: Bank, digest: str, rows: Mapping[str, Stored]
) -> tuple[dict[str, Answer], frozenset[str]]:
    """Stored answers in the bank's order, and which questions have drafts instead.

    Of one page's answers all but one are what they were at the save before, so they are read
    once: by the digest of the bank, question and JSON, the same is the same for ever.
    """
    found: dict[str, Answer] = {}
    wrong: list[str] = []
    for key, question in bank.questions.items():
        row = rows.get(key)
        if row is None or row.stored is None:
            continue
        place = (digest, key, row.stored)
        answer = _READ.get(place) or _read(place, question)
        if answer is None:
            wrong.append(key)
        else:
            found[key] = answer
    return found, frozenset(wrong)


_LONGEST_REMEMBERED = 400
_READ = Remembered[tuple[str, str, str], Answer](20_000)


def _read(place: tuple[str, str, str], question: Question) -> Answer | None:
    """None for a draft."""
    plain = json.loads(place[2])
    if typed_of(plain) is not None:
        return None
    answer = answers.read(question, plain)
    if len(place[2]) <= _LONGEST_REMEMBERED:
        _READ[place] = answer
    return answer


SENT_BEFORE = (
    AnswerChange.save_key,
    AnswerChange.question_key,
    AnswerChange.after,
    AnswerChange.revision,
    AnswerChange.outcome,
)
"""What `lines_of` reads."""


def lines_of(found: Iterable[Sequence[Any]]) -> dict[str, Line]:
    """What became of attempts that were sent before, by their keys."""
    return {save_key: Line(*rest) for save_key, *rest in found if save_key is not None}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one person's answers into one assessment, each with its line of history.

    `commits_itself` is for `autosave`: a statement that writes all there is needs no transaction.
    """

    session: Session
    assessment_id: int
    author_id: int
    now: datetime
    commits_itself: bool = False

    def take(self, attempt: Attempt, row: Row | None, line: Line | None = None) -> Taken:
        """Decide about an attempt, where `row` is stored and `line` became of it before.

        Sent before: the same again. The stored value: saved already, also with its numbers written
        in another way, unless by somebody who saw it. Older than what its page sent since: late.
        By somebody who saw the stored value: written. Else a conflict.
        If somebody else is quicker, all of it is decided once more.
        """
        while (taken := self._taken(attempt, row, line)) is None:
            row, line = self._row(attempt.key), self._line(attempt)
        return taken

    def renewed(self, key: str, plain: Plain, row: Row | None) -> Taken:
        """Write a value under a new revision, also one that is stored already.

        Whoever has the question open is asked again. The assessment must be locked by its writer.
        """
        taken = self._written(Attempt(key, plain, _revision(row)), row)
        assert taken is not None  # nobody else writes meanwhile
        return taken

    def conflict(self, attempt: Attempt, row: Row | None) -> Conflict:
        """Say whose value is in force instead."""
        found = self.session.execute(
            select(User.id, User.name, AnswerRow.saved_at)
            .join(AnswerRow, AnswerRow.author_id == User.id)
            .where(
                AnswerRow.assessment_id == self.assessment_id,
                AnswerRow.question_key == attempt.key,
            )
        ).one_or_none()
        who = (0, "", self.now) if found is None else found
        return Conflict(attempt.key, attempt.plain, _plain(row), *who, _revision(row))

    def _taken(self, attempt: Attempt, row: Row | None, line: Line | None) -> Taken | None:
        """None if somebody was quicker: what it was decided by does not hold any more."""
        if line is not None:
            return _again(attempt, row, line)
        if nothing_against(attempt, row):
            return self._written(attempt, row)
        if answers.same(attempt.plain, _plain(row)):
            return self._confirmed(attempt, row)
        return self._lost(attempt, row, Fate.LATE if _is_late(attempt, row) else Fate.CONFLICT)

    def _confirmed(self, attempt: Attempt, row: Row | None) -> Taken | None:
        """It is stored already. What its page sent before must not undo that any more."""
        if attempt.sent is None or _is_late(attempt, row):
            return Taken(Fate.SAVED, _revision(row), row)
        last = {attempt.sent.client: attempt.sent.seq}
        if row is None:
            row = Row(None, 0, last, json.dumps(last))
            return Taken(Fate.SAVED, 0, row) if self._added(attempt.key, row) else None
        pages = _pages(row.confirmed)
        pages.pop(attempt.sent.client, None)
        kept = dict([*pages.items()][1 - _MOST_CONFIRMED :]) | last
        if not self._set(attempt.key, row, {"confirmed": kept}):
            return None
        row = row._replace(last={**row.last, **last}, confirmed=json.dumps(kept))
        return Taken(Fate.SAVED, row.revision, row)

    def _lost(self, attempt: Attempt, row: Row | None, fate: Fate) -> Taken | None:
        if not self._stands(attempt.key, row):
            return None
        if not self._noted(attempt, attempt.sent, _revision(row), _plain(row), fate.value):
            if self._line(attempt) is not None:
                return None
            self._noted(attempt, None, _revision(row), _plain(row), fate.value)
        return Taken(fate, _revision(row), row)

    def _written(self, attempt: Attempt, row: Row | None) -> Taken | None:
        """Compare and set in one statement: also right when two do it at the same moment."""
        new = successor(attempt, row)
        if row is None:
            is_written = self._added(attempt.key, new)
        else:
            is_written = self._set(attempt.key, row, self.values_of(new))
        if not is_written:
            return None
        self.note_written(attempt, row, new)
        return Taken(Fate.SAVED, new.revision, new)

    def note_written(self, attempt: Attempt, row: Row | None, new: Row) -> None:
        """Add the line of a value that was written, without its name if that is taken."""
        outcome = outcome_of(new)
        if not self._noted(attempt, attempt.sent, new.revision, _plain(row), outcome):
            self._noted(attempt, None, new.revision, _plain(row), outcome)

    def _added(self, key: str, new: Row) -> bool:
        return insert_if_absent(self.session, AnswerRow, **self._place(key), **self.values_of(new))

    def _set(self, key: str, row: Row, values: Mapping[str, Any]) -> bool:
        """Change a row that is still as it was read."""
        place = {"assessment": self.assessment_id, "key": key} | facts_of(row)
        return rows_changed_by(self.session, _SET, {**place, **values}) == 1

    def _stands(self, key: str, row: Row | None) -> bool:
        """Whether a row is still as it was read; then it stays so until the commit."""
        if row is None:
            return self._row(key) is None
        place = {"assessment": self.assessment_id, "key": key} | facts_of(row)
        return self.session.connection().execute(_STANDS, place).first() is not None

    def values_of(self, new: Row) -> dict[str, Any]:
        """At revision 0 there is no page that wrote it, only one that confirms it."""
        ((client, seq),) = new.last.items() if new.last and new.revision else ((None, None),)
        return {
            "plain": new.plain,
            "revision": new.revision,
            "author_id": self.author_id,
            "saved_at": self.now,
            "client": client,
            "client_seq": seq,
            "confirmed": None if new.revision else dict(new.last),
        }

    def _noted(
        self, attempt: Attempt, sent: Sent | None, revision: int, before: Plain, outcome: str
    ) -> bool:
        """Add a line to the history, unless the key under which it was sent is taken."""
        return insert_if_absent(
            self.session,
            AnswerChange,
            assessment_id=self.assessment_id,
            question_key=attempt.key,
            revision=revision,
            before=before,
            after=attempt.plain,
            author_id=self.author_id,
            at=self.now,
            outcome=outcome,
            save_key=None if sent is None else sent.key,
        )

    def _row(self, key: str) -> Row | None:
        return rows_of(self.session, self.assessment_id, key).get(key)

    def _line(self, attempt: Attempt) -> Line | None:
        if attempt.sent is None:
            return None
        query = select(*SENT_BEFORE).where(
            AnswerChange.assessment_id == self.assessment_id,
            AnswerChange.author_id == self.author_id,
            AnswerChange.save_key == attempt.sent.key,
        )
        return line_of(attempt, lines_of(self.session.execute(query)))

    def _place(self, key: str) -> dict[str, Any]:
        return {"assessment_id": self.assessment_id, "question_key": key}


def line_of(attempt: Attempt, found: Mapping[str, Line]) -> Line | None:
    """What became of this attempt. A key that somebody used for another value says nothing."""
    line = None if attempt.sent is None else found.get(attempt.sent.key)
    same = line is not None and (line.key, line.plain) == (attempt.key, attempt.plain)
    return line if same else None


def nothing_against(attempt: Attempt, row: Row | None) -> bool:
    """Whether an attempt that is not known yet is a new value, to be written as it is."""
    return attempt.plain != _plain(row) and not _is_late(attempt, row) and _saw(attempt, row)


def successor(attempt: Attempt, row: Row | None) -> Row:
    """What is stored once this attempt is written."""
    last = {} if attempt.sent is None else {attempt.sent.client: attempt.sent.seq}
    stored = None if attempt.plain is None else json.dumps(attempt.plain)
    return Row(stored, _revision(row) + 1, last)


def outcome_of(new: Row) -> str:
    """What the history says of a value that was written."""
    return "cleared" if new.stored is None else "saved"


def _again(attempt: Attempt, row: Row | None, line: Line) -> Taken:
    if line.outcome in ("saved", "cleared"):
        return Taken(Fate.SAVED, line.revision, row)
    fate = Fate.SAVED if answers.same(attempt.plain, _plain(row)) else Fate(line.outcome)
    return Taken(fate, _revision(row), row)


def _plain(row: Row | None) -> Plain:
    return None if row is None else row.plain


def _revision(row: Row | None) -> int:
    return 0 if row is None else row.revision


def _is_late(attempt: Attempt, row: Row | None) -> bool:
    """Whether the page that sent it has sent a newer value already, or this very one."""
    if attempt.sent is None or row is None:
        return False
    return row.last.get(attempt.sent.client, 0) >= attempt.sent.seq


def _saw(attempt: Attempt, row: Row | None) -> bool:
    """Whether its sender knew what is stored; a page that sent just that need not be told."""
    if row is not None and attempt.sent is not None and attempt.sent.client in row.last:
        return True
    return attempt.seen == _revision(row)
