"""Migrations: one head, up and down with rows in the tables, equal to the models."""

import multiprocessing
import warnings
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.services import assessments, targets
from survey.store import migrate
from survey.store.db import MIGRATIONS, Base, open_engine
from tests.builders import bank_data, edition, level
from tests.stored import NOW, a_firm, a_submitted_assessment, a_user, a_version, an_assessment


@pytest.fixture
def empty(engine: Engine) -> Engine:
    """A database of either kind without any table."""
    migrate.downgrade(engine, "base")
    return engine


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head_and_the_numbers_have_no_gap() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    numbers = sorted(script.revision for script in scripts.walk_revisions())

    assert scripts.get_heads() == [numbers[-1]]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_every_migration_says_why_and_what_happens_to_existing_rows() -> None:
    for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        assert "Why:" in (script.longdoc or ""), script.path
        assert "Existing rows:" in (script.longdoc or ""), script.path


def test_migrations_import_nothing_of_ours() -> None:
    for path in sorted((MIGRATIONS / "versions").glob("*.py")):
        assert "survey" not in path.read_text(encoding="utf-8"), path.name


def test_the_migrated_database_equals_the_models(engine: Engine) -> None:
    with engine.connect() as connection, warnings.catch_warnings():
        # SQLite cannot reflect an index over an expression; the next test looks at it.
        warnings.filterwarnings("ignore", message=".*expression-based index.*")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        difference = compare_metadata(context, Base.metadata)

    assert difference == []


def test_an_address_is_unique_whatever_its_case(session: Session) -> None:
    a_user(session, email="a@example.com")
    insert = """INSERT INTO "user" (email, active, fs_uniquifier, name, locale, created_at)
    SELECT 'A@Example.com', active, 'other', name, locale, created_at FROM "user" """

    with pytest.raises(IntegrityError):
        session.execute(text(insert))


def test_all_the_way_down_and_up_again(empty: Engine) -> None:
    nothing = tables(empty)
    migrate.upgrade(empty)

    assert nothing == set()
    assert migrate.current(empty) == migrate.newest()
    assert set(Base.metadata.tables) == tables(empty)


def test_each_step_down_and_up_keeps_the_rows(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment_id = a_submitted_assessment(session, owner).id
        session.commit()

    numbers = sorted(s.revision for s in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    for revision in reversed(numbers[:-1]):
        migrate.downgrade(engine, revision)
        migrate.upgrade(engine)

    with Session(engine) as session:
        assert assessments.outcome(session, owner, assessment_id).result.total is not None
        with pytest.raises(Exception, match="frozen"):
            session.execute(text("UPDATE bank_version SET number = 9"))


def test_an_assessment_from_before_the_editions_answers_the_whole_bank(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        done = a_submitted_assessment(session, owner)
        draft_id = an_assessment(session, owner, version=done.bank_version).id
        ids = [done.id, draft_id]
        session.commit()

    migrate.downgrade(engine, "0004")
    migrate.upgrade(engine)

    with Session(engine) as session:
        found = session.execute(text("SELECT id, edition FROM assessment ORDER BY id"))
        assert [tuple(row) for row in found] == [(ids[0], ""), (ids[1], "")]
        assert assessments.hub(session, owner, draft_id).bank.title.en == "Test bank"
        with pytest.raises(IntegrityError):
            session.execute(text("UPDATE assessment SET edition = NULL"))


def test_after_the_editions_one_assessment_of_a_version_is_under_way_at_a_time(
    engine: Engine,
) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        an_assessment(session, owner)
        session.commit()
    migrate.downgrade(engine, "0004")
    migrate.upgrade(engine)
    second = """INSERT INTO assessment (firm_id, bank_version_id, edition, started_at, started_by)
    SELECT firm_id, bank_version_id, 'express', started_at, started_by FROM assessment"""

    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(text(second))


def test_an_express_assessment_outlives_the_way_back(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        version = a_version(session, bank_data(editions=[edition("planning")]))
        given = {"planning": level(3)}
        draft = an_assessment(session, owner, version=version, edition="express", answers=given)
        targets.set_targets(session, owner, draft.id, targets={"first": 4}, now=NOW)
        session.commit()
        assessment_id = draft.id

    migrate.downgrade(engine, "0004")
    migrate.upgrade(engine)

    with Session(engine) as session:
        state = assessments.hub(session, owner, assessment_id)
        assert (state.assessment.edition, dict(state.plain)) == ("", given)
        assert targets.targets_of(session, owner, assessment_id) == {}


def test_upgrading_a_current_database_changes_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)

    assert migrate.current(engine) == migrate.newest()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM role")) == 3


def test_sqlite_checks_references_again_after_a_migration(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'one.db'}")

    migrate.upgrade(engine)

    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_leaves_broken_references_is_rolled_back(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'one.db'}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(text("INSERT INTO membership VALUES (9, 9, 'owner')"))
        connection.commit()

    with pytest.raises(migrate.BrokenReferences):
        migrate.downgrade(engine, "0001")

    assert migrate.current(engine) == migrate.newest()


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


def test_two_processes_that_upgrade_at_once_do_it_once(empty: Engine, database: str) -> None:
    empty.dispose()
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_upgrade, args=(database,)) for _ in range(2)]

    for process in both:
        process.start()
    for process in both:
        process.join()

    assert [process.exitcode for process in both] == [0, 0]
    assert migrate.current(empty) == migrate.newest()
