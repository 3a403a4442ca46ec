"""The database: one engine for SQLite and PostgreSQL, and the way transactions begin.

Both read without a transaction: the driver commits by itself until the first statement that
writes or locks, just before which a transaction begins. On SQLite it takes the write lock, for at
most 5 s of waiting: a transaction that begins by reading and is promoted later would fail at once
with "database is locked". On PostgreSQL each statement sees what is committed by then in either
way, and there is nothing to roll back after reading: psycopg would forget all prepared statements,
and a statement of many tables takes three times as long to plan as to execute.
"""

import random
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteError
from typing import Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Dialect,
    Executable,
    MetaData,
    Text,
    cast,
    create_engine,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import (
    Connection,
    Engine,
    ExceptionContext,
    ExecutionContext,
    make_url,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import DateTime, TypeDecorator
from typing_extensions import override

MIGRATIONS = Path(__file__).parent / "migrations"

WAIT_MS = 5000
"""How long SQLite waits for another writer."""

_PACE = (0.0003, 0.001)
"""Seconds between two tries to get the write lock."""

_READING = re.compile(r"\s*(SELECT|PRAGMA|EXPLAIN|BEGIN)\b", re.IGNORECASE)
_LOCKING = " FOR "
"""Stands in whatever locks the rows that it reads, FOR UPDATE or FOR SHARE.

For a SELECT that locks in another way, as `pg_advisory_xact_lock` does, `_begin` has to be called.
"""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both databases. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table, with names for all constraints."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[type, type]] = {datetime: UtcDateTime}


def open_engine(database_url: str) -> Engine:
    """The same database without Flask: for commands and for the worker."""
    make_folder(database_url)
    engine = create_engine(database_url, **engine_options(database_url))
    teach(engine)
    return engine


def begin_write(session: Session) -> None:
    """Take SQLite's write lock now, so that what is read next is still true when it is changed.

    PostgreSQL locks rows instead: read them with ``with_for_update``.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _begin_immediate(connection)


def is_away(error: BaseException | None) -> bool:
    """Whether the database was busy or out of reach: in a minute the same may go well.

    An OperationalError can last as well: a full disk, a damaged file, on SQLite a wrong statement.
    """
    if not isinstance(error, OperationalError):
        return isinstance(error, NoConnection)
    if isinstance(error.orig, SqliteError):
        return error.orig.sqlite_errorcode & 0xFF in (SQLITE_BUSY, SQLITE_LOCKED)
    state: str = getattr(error.orig, "sqlstate", None) or ""
    return not state.startswith(_LASTING)


_LASTING = ("53100", "54", "58")  # PostgreSQL's disk is full; a limit of its own; its files


def lock_for_migration(connection: Connection) -> None:
    """Let one process migrate at a time; the others wait and then find nothing to do."""
    _begin(connection)
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})


_MIGRATION = 0x5155495A  # any number that nobody else locks


def insert_if_absent(session: Session, table: type[Base], **values: Any) -> bool:
    """Add a row unless one of its unique keys is taken; say whether it was added."""
    connection = session.connection()
    statement = _insert_if_absent(connection.dialect.name, table)
    return connection.execute(statement, values, execution_options=_COUNTED).rowcount == 1


@cache
def _insert_if_absent(dialect: str, table: type[Base]) -> Executable:
    statement: Executable = insert_into(dialect, table).on_conflict_do_nothing()
    return statement


def insert_into(dialect: str, table: type[Base]) -> Any:
    """An insert that can say what to do with a row that is there already."""
    return _INSERT[dialect](table)


def rows_changed_by(session: Session, statement: Executable, values: Mapping[str, Any]) -> int:
    """Execute a ready statement with these values and count the rows that it changes.

    For statements that are executed all the time: they are built once, and the session's objects
    are not looked at.
    """
    return session.connection().execute(statement, values, execution_options=_COUNTED).rowcount


def rows_changed(session: Session, statement: Executable) -> int:
    """Execute a statement that changes rows and count them: the test of a compare-and-set."""
    result = session.execute(statement, execution_options=_COUNTED)
    assert isinstance(result, CursorResult)
    return result.rowcount


_COUNTED = {"synchronize_session": False, "preserve_rowcount": True}

COMMITS_ITSELF = {"commits_itself": True}
"""Options of a statement that is the only one to write, on PostgreSQL: none needs to begin."""

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def listed(dialect: str, *columns: ColumnElement[Any]) -> ColumnElement[str | None]:
    """These columns of all rows as one text, which `read_listed` reads, or None for no rows.

    For names, numbers and JSON: the separators cannot stand in them. To fetch row by row costs
    more, and much more where threads have to wait for each other after each row; PostgreSQL takes
    as long again to make JSON of it.
    """
    first, *others = (func.coalesce(cast(column, Text), _NOTHING) for column in columns)
    line: ColumnElement[str] = first
    for cell in others:
        line = line.concat(_BETWEEN_CELLS).concat(cell)
    joined = func.group_concat if dialect == "sqlite" else func.string_agg
    return joined(line, _BETWEEN_LINES, type_=Text)


def read_listed(text: str | None) -> list[list[str]]:
    """The columns of each row that `listed` has listed, as text; what was NULL is empty."""
    return [line.split(_CELL_ENDS) for line in text.split(_LINE_ENDS)] if text else []


_CELL_ENDS, _LINE_ENDS = "\x1f", "\x1e"  # the separators that ASCII has for units and records
_NOTHING = literal_column("''", Text)
_BETWEEN_CELLS = literal_column(f"'{_CELL_ENDS}'", Text)
_BETWEEN_LINES = literal_column(f"'{_LINE_ENDS}'", Text)


def engine_options(database_url: str) -> dict[str, Any]:
    """With the driver's own commits on: transactions begin in `teach` below."""
    if make_url(database_url).get_backend_name() == "sqlite":
        return {"connect_args": {"isolation_level": None, "timeout": WAIT_MS / 1000}}
    return {
        "pool_pre_ping": True,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": {"connect_timeout": 10},
    }


def make_folder(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def teach(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_connection)
    else:
        event.listen(engine, "handle_error", _forget_statements)
    event.listen(engine, "before_cursor_execute", _begin_before_writing)


def _set_up_connection(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    # FULL: what was said to be saved outlives a loss of power as well. NORMAL would cost 4 ms
    # less for each commit, and then the last ones (decision 0014).
    for pragma in (
        f"busy_timeout={WAIT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _forget_statements(context: ExceptionContext) -> None:
    """Connect anew where a prepared statement does not hold any more.

    Somebody has changed the type of a column, or a pooler has thrown its statements away. Nothing
    else would make the driver forget them, and each request would fail as the first one did.
    """
    if getattr(context.original_exception, "sqlstate", None) in _NOT_PREPARED_ANY_MORE:
        context.is_disconnect = True


_NOT_PREPARED_ANY_MORE = ("0A000", "26000")


def _begin_before_writing(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    context: ExecutionContext,
    *_others: Any,
) -> None:
    reads = _READING.match(statement) is not None and _LOCKING not in statement
    if not reads and not context.execution_options.get("commits_itself"):
        _begin(connection)


def _begin(connection: Connection) -> None:
    """Begin a transaction, unless there is one. It ends as SQLAlchemy's own does."""
    if connection.dialect.name == "sqlite":
        _begin_immediate(connection)
        return
    raw: Any = connection.connection.dbapi_connection
    if raw.pgconn.transaction_status == _IDLE:
        connection.exec_driver_sql("BEGIN")


_IDLE = 0
"""What libpq says of a connection without a transaction."""


def _begin_immediate(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    if raw.in_transaction:
        return
    patience = time.monotonic() + WAIT_MS / 1000
    turn = turn_of(connection.engine.url.database)
    asking = turn.acquire(timeout=WAIT_MS / 1000)
    raw.execute("PRAGMA busy_timeout=0")
    try:
        _begin_in_turn(raw, patience)
    finally:
        raw.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        if asking:
            turn.release()


@cache
def turn_of(_database: str | None) -> threading.Lock:
    """Of the threads of a process one asks for the lock, the others wait without asking."""
    return threading.Lock()


def _begin_in_turn(raw: SqliteConnection, patience: float) -> None:
    """Ask for the lock again and again, at one pace for everybody.

    SQLite asks the less often the longer it has waited: of many writers some would be overtaken
    until their patience ends.
    """
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except SqliteError as error:
            if error.sqlite_errorcode & 0xFF != SQLITE_BUSY or time.monotonic() > patience:
                raise OperationalError("BEGIN IMMEDIATE", None, error) from error
        else:
            return
        time.sleep(random.uniform(*_PACE))  # noqa: S311  # no secret
