"""One answer that a page sends by itself: nearly always nothing stands against storing it.

Then what was read before its form was checked decides, and one statement writes it, on condition
that all of that still holds. Anything else is left to `assessments.save`, behind its lock.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    exists,
    null,
    select,
    true,
)
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer, Typed
from survey.core.progress import progress
from survey.services import assessments
from survey.services.answer_rows import (
    AS_READ,
    Attempt,
    Row,
    Sent,
    Stored,
    Writer,
    facts_of,
    nothing_against,
    outcome_of,
    read_of,
    successor,
)
from survey.services.assessments import Saved
from survey.services.glance import Before
from survey.services.people import ALL, Actor
from survey.store.db import COMMITS_ITSELF, insert_into, rows_changed_by
from survey.store.models import AnswerChange, AnswerRow, Assessment, PlainJson


def save(
    session: Session,
    actor: Actor,
    before: Before,
    *,
    given: Mapping[str, PlainAnswer | None],
    seen: Mapping[str, int],
    typed: Mapping[str, Typed],
    sent: Mapping[str, Sent],
    now: datetime,
    fonts_folder: Path | None = None,
    commits_itself: bool = False,
) -> Saved:
    """What `assessments.save` does, and raises; quickly if `before` shows nothing against it.

    Who answers given pages alone goes the slow way: a page may be given to somebody else just now.
    With `commits_itself` nothing else is to be written before the commit: what PostgreSQL can write
    in one statement is committed by it.
    """
    if actor.scope == ALL and before.seen.answerable and not before.sent_before and len(given) == 1:
        values, kept, refused = assessments.sorted_out(before.seen.bank, given, typed, fonts_folder)
        for key, value in values.items():
            attempt = Attempt(key, value, seen[key], sent[key])
            writer = Writer(
                session,
                before.seen.assessment_id,
                actor.user_id,
                now,
                commits_itself=commits_itself,
            )
            if (saved := _at_once(writer, attempt, before)) is not None:
                return replace(saved, kept=kept, refused=refused)
    return assessments.save(
        session,
        actor,
        before.seen.assessment_id,
        given=given,
        seen=seen,
        typed=typed,
        sent=sent,
        now=now,
        fonts_folder=fonts_folder,
    )


def _at_once(writer: Writer, attempt: Attempt, before: Before) -> Saved | None:
    """None if something stands against it after all, and nothing is written."""
    row, glance = before.row, before.seen
    if not nothing_against(attempt, row):
        return None
    new = successor(attempt, row)
    rows: dict[str, Stored] = {**before.rows, attempt.key: new}
    # Counted before it is written: meanwhile SQLite lets nobody else write.
    counted = progress(glance.bank, *read_of(glance.bank, glance.digest, rows))
    if not _written(writer, attempt, before, new):
        return None
    revisions = {attempt.key: new.revision}
    return Saved(revisions, {}, {}, (), (), counted.visible, counted)


def _written(writer: Writer, attempt: Attempt, before: Before, new: Row) -> bool:
    row = before.row
    facts = {
        "assessment": writer.assessment_id,
        "version": before.seen.version_id,
        "edition": before.seen.edition,
        **facts_of(row),
        **{f"new_{name}": value for name, value in writer.values_of(new).items()},
        "new_question_key": attempt.key,
    }
    connection = writer.session.connection()
    if connection.dialect.name == "sqlite":
        written = rows_changed_by(writer.session, _answer_on_sqlite(), facts) == 1
        if written:
            writer.note_written(attempt, row, new)
        return written
    facts |= {
        "before": None if row is None else row.plain,
        "outcome": outcome_of(new),
        "name": None if attempt.sent is None else attempt.sent.key,
    }
    options = COMMITS_ITSELF if writer.commits_itself else {}
    return connection.execute(_answer_and_line(), facts, execution_options=options).scalar_one()


_STORED = ("plain", "revision", "author_id", "saved_at", "client", "client_seq")


def _open() -> Select[Any]:
    """The assessment, if it still takes answers to the bank that the answer was read for."""
    return select(Assessment.id).where(
        Assessment.id == bindparam("assessment"),
        Assessment.bank_version_id == bindparam("version"),
        Assessment.edition == bindparam("edition"),
        Assessment.submitted_at.is_(None),
        Assessment.discarded_at.is_(None),
    )


def _answer(dialect: str, opened: FromClause) -> Any:
    """Write the answer, unless its row is not as it was seen."""
    names = ("question_key", *_STORED)
    columns = AnswerRow.__table__.c
    values = [bindparam(f"new_{name}", type_=columns[name].type) for name in names]
    chosen = select(opened.c.id, *values).where(true())  # SQLite reads no ON CONFLICT without
    insert = insert_into(dialect, AnswerRow).from_select(("assessment_id", *names), chosen)
    return insert.on_conflict_do_update(
        index_elements=["assessment_id", "question_key"],
        set_={name: insert.excluded[name] for name in _STORED} | {"confirmed": null()},
        where=AS_READ,
    )


@cache
def _answer_on_sqlite() -> Any:
    return _answer("sqlite", _open().subquery())


@cache
def _answer_and_line() -> Select[bool]:
    """PostgreSQL: the answer with its line of history. Nobody submits the assessment meanwhile.

    The line goes without its name if that is taken.
    """
    opened = _open().with_for_update(read=True).cte("opened")
    answer = _answer("postgresql", opened).returning(*AnswerRow.__table__.c).cte("answer_written")
    line = _line(answer, bindparam("name", type_=String))
    named = line.on_conflict_do_nothing().returning(AnswerChange.id).cte("line_written")
    spare = _line(answer, null(), ~exists(select(named.c.id)))
    nameless = spare.returning(AnswerChange.id).cte("spare_line_written")
    return select(exists(select(answer.c.revision))).add_cte(nameless)


def _line(answer: FromClause, name: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Any:
    """Add the line of the answer that was written."""
    values = {
        "assessment_id": answer.c.assessment_id,
        "question_key": answer.c.question_key,
        "revision": answer.c.revision,
        "before": bindparam("before", type_=PlainJson),
        "after": answer.c.plain,
        "author_id": answer.c.author_id,
        "at": answer.c.saved_at,
        "outcome": bindparam("outcome", type_=String),
        "save_key": name,
    }
    chosen = select(*values.values()).where(*conditions)
    return insert_into("postgresql", AnswerChange).from_select([*values], chosen)
