"""A PostgreSQL database that tests use one after the other.

To empty it takes a tenth of the time that a new one would take. Its tables, triggers and first
rows are those of the migrated template, also after a test that changed them: then it is made
anew.
"""

import uuid
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

_SHAPE = """
SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
    SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS part
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conname || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tgenabled::text || pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS parts
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_COUNTERS = """
SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
FROM pg_sequences WHERE schemaname = 'public'
"""


@dataclass
class Emptied:
    """One database on the server, made from the template when it is first asked for."""

    server: str
    template: str
    name: str = field(default_factory=lambda: f"test_{uuid.uuid4().hex}")
    _shape: str = ""
    _empty: str = ""

    def fresh(self) -> str:
        """Its address, with nothing in it but what the template has; nobody else is connected."""
        if not self._shape:
            self._make()
        elif not self._emptied():
            self.drop()
            self._make()
        return str(self._url)

    def drop(self) -> None:
        administer(self.server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    @property
    def _url(self) -> URL:
        return make_url(self.server).set(database=self.name)

    def _make(self) -> None:
        administer(
            self.server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", self.name,
            self.template,
        )  # fmt: skip
        with _connected(self.server, self.name) as connection:
            self._shape = _one(connection, _SHAPE)
            self._empty = _emptying(connection)

    def _emptied(self) -> bool:
        """False if it has another shape than the template."""
        with _connected(self.server, self.name) as connection:
            connection.execute(_OTHERS)
            if _one(connection, _SHAPE) != self._shape:
                return False
            connection.execute(self._empty)
        return True


def _emptying(connection: psycopg.Connection) -> str:
    """The statements that bring the database back to what it holds now."""
    statements = ["SET session_replication_role = replica"]  # no trigger, no foreign key
    for (table,) in connection.execute(_TABLES).fetchall():
        name = sql.Identifier(table)
        statements.append(sql.SQL("DELETE FROM {}").format(name).as_string(connection))
        rows = _one(connection, sql.SQL("SELECT json_agg(t)::text FROM {} AS t").format(name))
        if rows is not None:
            statements.append(
                sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1})")
                .format(name, sql.Literal(rows))
                .as_string(connection)
            )
    for counter, value, counted in connection.execute(_COUNTERS).fetchall():
        statements.append(
            sql.SQL("SELECT setval({}, {}, {})")
            .format(sql.Literal(f'public."{counter}"'), sql.Literal(value), sql.Literal(counted))
            .as_string(connection)
        )
    return ";\n".join(statements)


def _one(connection: psycopg.Connection, query: str | sql.Composed) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]  # one text


def administer(server: str, statement: str, *names: str) -> None:
    with _connected(server, "postgres") as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _connected(server: str, database: str) -> psycopg.Connection:
    url = make_url(server)
    return psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=database, autocommit=True
    )
