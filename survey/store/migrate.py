"""Bring a database to the newest schema, or say how far it is."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from survey.store.db import MIGRATIONS, lock_for_migration
from survey.store.models import User


class BrokenReferences(Exception):
    """A migration left rows that point to nothing; it was rolled back."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate in one transaction: all of it or nothing. On a current database nothing happens."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to an earlier revision; ``base`` is an empty database."""
    _run(engine, command.downgrade, revision)


def newest() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None
    return head


def current(engine: Engine) -> str | None:
    """The revision of the database; None if it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config(connection: Connection) -> Config:
    """How Alembic finds the migrations, the database and the models to compare with."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    settings.attributes["metadata"] = User.metadata  # of every table: the models are read by now
    return settings


def _run(engine: Engine, change: Callable[[Config, str], None], revision: str) -> None:
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # A table is changed by copying it; its rows must not fall with the old one.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        with connection.begin():
            lock_for_migration(connection)
            change(config(connection), revision)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise BrokenReferences
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
