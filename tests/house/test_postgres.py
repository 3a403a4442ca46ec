"""The tests' own PostgreSQL: one server however often it is asked for, and none afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres


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
