"""The tests' own PostgreSQL: one server however often it is asked for, and none afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres
from tests.emptied import Emptied


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket and open to the server's user."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    yield folder
    postgres.stop(folder)
    shutil.rmtree(folder)


def test_a_server_is_started_once_and_stopped(folder: Path) -> None:
    first, second = postgres.start(folder), postgres.start(folder)

    assert first == second
    engine = create_engine(first)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
        assert connection.scalar(text("SHOW listen_addresses")) == ""
    engine.dispose()
    postgres.stop(folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user="test", dbname="postgres")


def test_a_database_is_as_empty_as_the_template_whatever_a_test_did_to_it(
    postgresql_server: str, postgresql_template: str
) -> None:
    ours = Emptied(postgresql_server, postgresql_template)
    _ask(ours, "DELETE FROM role RETURNING id")
    _ask(ours, "INSERT INTO firm (name, created_at) VALUES ('甲', now()) RETURNING id")

    roles = _ask(ours, "SELECT count(*) FROM role")
    firms = _ask(ours, "SELECT count(*) FROM firm")
    first = _ask(ours, "INSERT INTO firm (name, created_at) VALUES ('乙', now()) RETURNING id")
    ours.drop()

    assert (roles, firms, first) == (3, 0, 1)


def test_a_database_whose_tables_a_test_has_changed_is_made_anew(
    postgresql_server: str, postgresql_template: str
) -> None:
    ours = Emptied(postgresql_server, postgresql_template)
    trigger = "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_event_kept_update'"
    _ask(ours, "DROP TRIGGER audit_event_kept_update ON audit_event")

    found = _ask(ours, trigger)
    ours.drop()

    assert found == 1


def _ask(database: Emptied, statement: str) -> object:
    engine = create_engine(database.fresh())
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        answer: object = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer
