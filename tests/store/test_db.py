"""Times are aware, transactions begin late, and nobody is told that the database is locked."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from survey.services import assessments
from survey.services.people import Actor
from survey.store import db
from survey.store.db import begin_write, insert_if_absent, is_away, open_engine, rows_changed
from survey.store.models import AnswerChange, AuditEvent, Firm, Membership
from tests.builders import FULL_ANSWERS, level
from tests.emptied import Emptied
from tests.stored import NOW, a_firm, a_submitted_assessment, an_assessment

PROCESSES, SAVES = 4, 25


def test_a_moment_comes_back_aware_and_in_utc(session: Session) -> None:
    in_china = NOW.astimezone(timezone(timedelta(hours=8)))
    session.add(Firm(name="甲", created_at=in_china))
    session.commit()

    stored = session.scalars(select(Firm)).one().created_at

    assert (stored, stored.tzinfo) == (NOW, UTC)
    assert session.scalars(select(Firm).where(Firm.created_at <= in_china)).all()


def test_a_moment_without_a_time_zone_is_refused(session: Session) -> None:
    session.add(Firm(name="甲", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001  # meant

    with pytest.raises(StatementError, match="time zone"):
        session.flush()


def test_references_are_checked(session: Session) -> None:
    session.add(Membership(user_id=99, firm_id=99, standing="owner"))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_row_is_added_once(session: Session) -> None:
    firm, owner = a_firm(session)

    added = insert_if_absent(
        session, Membership, user_id=owner.user_id, firm_id=firm.id, standing="member"
    )

    assert not added
    changed = update(Membership).where(Membership.standing == "owner").values(standing="owner")
    assert rows_changed(session, changed) == 1


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Engine:
    (tmp_path / "one.db").write_bytes(sqlite_template.read_bytes())
    return open_engine(f"sqlite:///{tmp_path / 'one.db'}")


def in_transaction(session: Session) -> bool:
    raw: Any = session.connection().connection.dbapi_connection
    if session.get_bind().dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return bool(raw.pgconn.transaction_status != 0)


def test_it_reads_without_a_transaction_and_begins_one_before_the_first_write(
    engine: Engine,
) -> None:
    with Session(engine) as session:
        session.scalars(select(Firm)).all()
        reading = in_transaction(session)
        session.add(Firm(name="甲", created_at=NOW))
        session.flush()
        writing = in_transaction(session)
        session.rollback()

        assert (reading, writing) == (False, True)
        assert session.scalars(select(Firm)).all() == []


@pytest.fixture
def postgresql(postgresql_emptied: Emptied) -> Iterator[Engine]:
    engine = open_engine(postgresql_emptied.fresh())
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "lock",
    [{}, {"read": True}, {"skip_locked": True}, {"key_share": True}, {"of": Firm, "nowait": True}],
)
def test_postgresql_keeps_a_row_locked_until_the_commit(
    postgresql: Engine, lock: dict[str, Any]
) -> None:
    taking = select(Firm.id).with_for_update(nowait=True)
    with Session(postgresql) as session, Session(postgresql) as other:
        session.add(Firm(name="甲", created_at=NOW))
        session.commit()

        session.scalars(select(Firm).with_for_update(**lock)).one()

        with pytest.raises(OperationalError):
            other.scalars(taking).all()
        other.rollback()
        session.commit()
        assert other.scalars(taking).all()


def test_postgresql_plans_what_is_asked_again_and_again_once(postgresql: Engine) -> None:
    """A rollback would make the driver forget it, and most requests only read."""
    for _ in range(10):
        with Session(postgresql) as session:
            session.scalars(select(Firm)).all()
    with Session(postgresql) as session:
        ready = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()

    assert [statement for statement in ready if "FROM firm" in statement]


@pytest.mark.parametrize(
    "change", ["ALTER TABLE firm ALTER COLUMN name TYPE varchar(300)", "DEALLOCATE ALL"]
)
def test_postgresql_plans_anew_what_does_not_hold_any_more(postgresql: Engine, change: str) -> None:
    """Once it fails, and never again: many connections may have it prepared."""

    def ask() -> None:
        with Session(postgresql) as session:
            session.scalars(select(Firm)).all()

    for _ in range(10):
        ask()
    with Session(postgresql) as session:
        session.execute(text(f"DO $$ BEGIN EXECUTE '{change}'; END $$"))  # unseen by the driver
        session.commit()
    with pytest.raises(DBAPIError):
        ask()

    for _ in range(10):
        ask()


def test_a_transaction_begins_before_a_savepoint_too(engine: Engine) -> None:
    with Session(engine) as session:
        with session.begin_nested():
            session.add(Firm(name="甲", created_at=NOW))
        begin_write(session)
        session.rollback()

        assert session.scalars(select(Firm)).all() == []


def test_sqlite_is_set_up_for_several_processes(sqlite: Engine) -> None:
    with sqlite.connect() as connection:
        said = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert said == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def _save_again_and_again(url: str, actor: Actor, assessment_id: int, start: Barrier) -> None:
    """One of several colleagues who all answer the same question as fast as they can."""
    engine = open_engine(url)
    start.wait()
    for _ in range(SAVES):
        with Session(engine) as session:
            seen = assessments.hub(session, actor, assessment_id).revisions
            number = seen.get("years", 0) % 90 + 1
            assessments.save(
                session,
                actor,
                assessment_id,
                given={"years": {"number": str(number)}, "planning": level(number % 6)},
                seen=seen,
                now=NOW,
            )
            session.commit()
    engine.dispose()


def test_many_processes_write_at_once_and_every_change_is_in_the_history(
    database: str, engine: Engine
) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment_id = an_assessment(session, owner).id
        session.commit()
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(PROCESSES)
    arguments = (database, owner, assessment_id, start)
    colleagues = [
        spawn.Process(target=_save_again_and_again, args=arguments) for _ in range(PROCESSES)
    ]

    for colleague in colleagues:
        colleague.start()
    for colleague in colleagues:
        colleague.join()

    assert [colleague.exitcode for colleague in colleagues] == [0] * PROCESSES
    with Session(engine) as session:
        revision = assessments.hub(session, owner, assessment_id).revisions["years"]
        history = assessments.history(session, owner, assessment_id, "years")
    saved = [change for change in history if change.outcome == "saved"]
    assert [change.revision for change in saved] == list(range(1, revision + 1))
    assert all(after.before == before.after for before, after in pairwise(saved))


def _submit_at(url: str, actor: Actor, assessment_id: int, start: Barrier) -> None:
    engine = open_engine(url)
    start.wait()
    with Session(engine) as session:
        assessments.submit(session, actor, assessment_id, now=NOW)
        session.commit()
    engine.dispose()


def _save_until_submitted(url: str, actor: Actor, assessment_id: int, start: Barrier) -> None:
    engine = open_engine(url)
    start.wait()
    for number in range(1, 500):
        with Session(engine) as session:
            seen = assessments.hub(session, actor, assessment_id).revisions
            try:
                assessments.save(
                    session,
                    actor,
                    assessment_id,
                    given={"years": {"number": str(number % 90 + 1)}},
                    seen=seen,
                    now=NOW,
                )
            except assessments.AlreadySubmitted:
                break
            session.commit()
    engine.dispose()


def test_no_answer_slips_in_while_an_assessment_is_submitted(database: str, engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment_id = an_assessment(session, owner, answers=FULL_ANSWERS).id
        session.commit()
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    arguments = (database, owner, assessment_id, start)
    acts = [
        spawn.Process(target=act, args=arguments) for act in (_submit_at, _save_until_submitted)
    ]

    for act in acts:
        act.start()
    for act in acts:
        act.join()

    assert [act.exitcode for act in acts] == [0, 0]
    with Session(engine) as session:
        outcome = assessments.outcome(session, owner, assessment_id)
        result = outcome.assessment.result
    assert result is not None
    assert result["total"] == str(outcome.result.total)


@pytest.mark.parametrize("table", ["answer", "answer_change", "audit_event"])
def test_history_is_never_deleted(session: Session, table: str) -> None:
    _, owner = a_firm(session)
    a_submitted_assessment(session, owner)
    session.commit()

    with pytest.raises(Exception, match="only grows"):
        session.execute(text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("model", [AnswerChange, AuditEvent])
def test_history_is_never_rewritten(
    session: Session, model: type[AnswerChange] | type[AuditEvent]
) -> None:
    _, owner = a_firm(session)
    a_submitted_assessment(session, owner)
    session.commit()

    with pytest.raises(Exception, match="only grows"):
        session.execute(update(model).values(at=NOW + timedelta(days=1)))
    session.rollback()
    if session.connection().dialect.name == "sqlite":
        table = model.__tablename__
        with pytest.raises(Exception, match="only grows"):
            session.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def test_who_waits_too_long_for_the_write_lock_is_told(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WAIT_MS", 50)
    with Session(sqlite) as holding, Session(sqlite) as waiting:
        begin_write(holding)

        with pytest.raises(OperationalError, match="locked"):
            begin_write(waiting)
        holding.rollback()
        begin_write(waiting)


def test_who_is_not_reached_in_the_queue_for_the_lock_asks_once(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WAIT_MS", 20)

    with db.turn_of(sqlite.url.database), Session(sqlite) as waiting:
        begin_write(waiting)

        assert waiting.connection().connection.dbapi_connection.in_transaction  # type: ignore[union-attr]  # sqlite3's


def fault_of(engine: Engine, statement: str, *, before: str = "SELECT 1") -> BaseException:
    """What a statement raises after another one on the same connection."""
    with engine.connect() as connection:
        connection.exec_driver_sql(before)
        with pytest.raises(OperationalError) as caught:
            connection.exec_driver_sql(statement)
    return caught.value


@pytest.mark.parametrize("limit", ["max_page_count=1", "query_only=ON"])
def test_a_full_or_read_only_sqlite_is_not_just_busy(sqlite: Engine, limit: str) -> None:
    much = "CREATE TABLE much AS SELECT zeroblob(1000000) AS it"

    assert not is_away(fault_of(sqlite, much, before=f"PRAGMA {limit}"))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("state", "passes"),
    [
        ("53100", False),  # the disk is full
        ("54001", False),  # too complex
        ("58030", False),  # a file cannot be read
        ("40P01", True),  # two waited for each other
        ("53300", True),  # too many are connected
        ("57P01", True),  # it is being stopped
    ],
)
def test_what_lasts_on_postgresql_is_told_from_what_passes(
    engine: Engine, state: str, *, passes: bool
) -> None:
    fault = fault_of(engine, f"DO $$BEGIN RAISE 'a fault' USING ERRCODE = '{state}'; END$$")

    assert is_away(fault) is passes
