"""The database: one engine for SQLite and PostgreSQL, and the way transactions begin.

SQLite reads without a transaction. The write lock is taken, for at most 5 s of waiting, just
before the first statement that writes: a transaction that begins by reading and is promoted
later would fail at once with "database is locked".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, ClassVar

from sqlalchemy import CursorResult, Dialect, Executable, MetaData, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import DateTime, TypeDecorator
from typing_extensions import override

MIGRATIONS = Path(__file__).parent / "migrations"

WAIT_MS = 5000
"""How long SQLite waits for another writer."""

_READING = ("SELECT", "PRAGMA", "EXPLAIN", "BEGIN")

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


def lock_for_migration(connection: Connection) -> None:
    """Let one process migrate at a time; the others wait and then find nothing to do."""
    if connection.dialect.name == "sqlite":
        _begin_immediate(connection)
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})


_MIGRATION = 0x5155495A  # any number that nobody else locks


def insert_if_absent(session: Session, table: type[Base], **values: Any) -> bool:
    """Add a row unless one of its unique keys is taken; say whether it was added."""
    name = session.connection().dialect.name
    statement = _INSERT[name](table).values(**values).on_conflict_do_nothing()
    return rows_changed(session, statement) == 1


def rows_changed(session: Session, statement: Executable) -> int:
    """Execute a statement that changes rows and count them: the test of a compare-and-set."""
    result = session.execute(statement, execution_options=_COUNTED)
    assert isinstance(result, CursorResult)
    return result.rowcount


_COUNTED = {"synchronize_session": False, "preserve_rowcount": True}

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def engine_options(database_url: str) -> dict[str, Any]:
    if make_url(database_url).get_backend_name() == "sqlite":
        # Autocommit in the driver: SQLAlchemy's transactions begin in `teach` below.
        return {"connect_args": {"isolation_level": None, "timeout": WAIT_MS / 1000}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}


def make_folder(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def teach(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_connection)
        event.listen(engine, "before_cursor_execute", _begin_before_writing)


def _set_up_connection(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    # NORMAL survives the death of any process; only a loss of power can cost the last commits.
    for pragma in (
        f"busy_timeout={WAIT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_before_writing(
    connection: Connection, _cursor: Any, statement: str, *_others: Any
) -> None:
    if not statement.lstrip().upper().startswith(_READING):
        _begin_immediate(connection)


def _begin_immediate(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    if not raw.in_transaction:
        raw.execute("BEGIN IMMEDIATE")
