"""Migrations: one head, up and down with rows in the tables, equal to the models."""

import multiprocessing
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Extent, Format
from survey.core.text import Languages
from survey.services import (
    archives,
    assessments,
    discarding,
    drafts,
    logos,
    moving,
    presence,
    report_jobs,
    reports,
    sharing,
    targets,
)
from survey.services.answer_rows import Sent
from survey.store import migrate
from survey.store.db import MIGRATIONS, Base, open_engine
from survey.store.models import Assessment, BankVersion, Invitation
from tests.builders import bank_data, edition, level
from tests.pictures import a_logo
from tests.stored import (
    NOW,
    a_file,
    a_firm,
    a_link,
    a_submitted_assessment,
    a_user,
    a_version,
    an_administrator,
    an_assessment,
)


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


def test_a_report_from_before_the_copies_is_a_full_pdf(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        reports.ask(session, owner, assessment.id, Copy(Languages.ZH), now=NOW)
        session.commit()

    migrate.downgrade(engine, "0006")
    migrate.upgrade(engine)

    with engine.connect() as connection:
        found = connection.execute(text("SELECT extent, format, state, languages FROM report"))
        assert [tuple(row) for row in found] == [("full", "pdf", "queued", "zh")]


def test_on_the_way_back_the_copies_that_the_old_table_cannot_hold_are_left_out(
    engine: Engine,
) -> None:
    with Session(engine) as session:
        firm, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        kept, under_way, cancelled, *_ = (
            reports.ask(session, owner, assessment.id, copy, now=NOW).id
            for copy in (
                Copy(Languages.ZH),
                Copy(Languages.EN),
                Copy(Languages.BOTH),
                Copy(Languages.ZH, Extent.SHORT),
                Copy(Languages.ZH, Extent.FULL, Format.DOCX),
            )
        )
        lease = timedelta(minutes=1)
        report_jobs.claim(session, under_way, token="t", now=NOW, lease=lease)
        report_jobs.heartbeat(session, under_way, token="t", progress=97, now=NOW, lease=lease)
        reports.cancel(session, owner, cancelled, now=NOW)
        archives.ask(session, an_administrator(session), [firm.id], Copy(Languages.ZH), now=NOW)
        session.commit()

    migrate.downgrade(engine, "0006")

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, state FROM report"))
        assert {tuple(row) for row in rows} == {(kept, "queued"), (under_way, "rendering")}
    migrate.upgrade(engine)


@pytest.mark.parametrize(
    "change",
    [
        "extent = 'long'",
        "format = 'gif'",
        "state = 'checking'",
        "state = 'cancelled'",
        "pages = 3",
        "state = 'ready', lease_until = NULL, file_size = 1, content = '{}'",
    ],
)
def test_the_database_refuses_a_report_that_cannot_be(engine: Engine, change: str) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        reports.ask(session, owner, assessment.id, Copy(Languages.ZH), now=NOW)
        session.commit()

    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE report SET {change}"))


def test_an_archive_goes_with_its_table_and_its_reports_stay(engine: Engine) -> None:
    with Session(engine) as session:
        firm, owner = a_firm(session)
        a_submitted_assessment(session, owner)
        idle, _ = a_firm(session, "另一家公司")
        administrator = an_administrator(session)
        archives.ask(session, administrator, [firm.id, idle.id], Copy(Languages.ZH), now=NOW)
        session.commit()

    migrate.downgrade(engine, "0007")
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM report"))
    migrate.upgrade(engine)

    with engine.connect() as connection:
        assert kept == 1
        assert connection.scalar(text("SELECT count(*) FROM archive_item")) == 0


def test_an_item_of_an_archive_has_a_report_or_a_reason(engine: Engine) -> None:
    with Session(engine) as session:
        firm, owner = a_firm(session)
        a_submitted_assessment(session, owner)
        archives.ask(session, an_administrator(session), [firm.id], Copy(Languages.ZH), now=NOW)
        session.commit()

    for change in ("report_id = NULL", "reason_code = 'x'", "number = 0"):
        with Session(engine) as session, pytest.raises(IntegrityError):
            session.execute(text(f"UPDATE archive_item SET {change}"))


def test_a_logo_has_one_owner_and_an_owner_one_logo(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        logos.set_for_firm(session, owner, a_logo(), "logo.png", folder=tmp_path, now=NOW)
        person = owner.user_id
        session.commit()

    for change in (f"consultant_id = {person}", "firm_id = NULL", "media_type = 'image/svg+xml'"):
        with Session(engine) as session, pytest.raises(IntegrityError):
            session.execute(text(f"UPDATE logo SET {change}"))
    twice = """INSERT INTO logo (firm_id, sha256, media_type, width, height, set_by, set_at)
    SELECT firm_id, sha256, media_type, width, height, set_by, set_at FROM logo"""
    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(text(twice))


def test_files_handed_out_before_there_were_notes_are_known(engine: Engine) -> None:
    with Session(engine) as session:
        ready, waiting, lost = three_reports(session)
        session.commit()

    migrate.downgrade(engine, "0009")
    migrate.upgrade(engine)
    migrate.downgrade(engine, "0010")
    migrate.upgrade(engine)

    with Session(engine) as session:
        found = session.execute(text("SELECT report_id, sha256, size FROM issued_file"))
        assert [tuple(row) for row in found] == [(ready, "a" * 64, 9)]
        rows = session.execute(text("SELECT id, state, file_sha256 FROM report"))
        assert {tuple(row) for row in rows} == {
            (ready, "ready", "a" * 64),
            (waiting, "queued", None),
            (lost, "queued", None),
        }
        known = reports.found_by_hash(session, "a" * 64)
        assert known is not None
        assert known.made_at == NOW


def three_reports(session: Session) -> tuple[str, str, str]:
    """One that is ready, one that waits, and one that waits to be made again."""
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    ready, waiting, lost = (
        reports.ask(session, owner, assessment.id, Copy(languages), now=NOW).id
        for languages in Languages
    )
    for report_id, sha256 in ((ready, "a" * 64), (lost, "b" * 64)):
        lease = timedelta(minutes=1)
        report_jobs.claim(session, report_id, token="t", now=NOW, lease=lease)
        said = {"firm": {"typed": "x"}, "verdict": {}}
        assert report_jobs.finish(
            session, report_id, token="t", sha256=sha256, size=9, pages=3, content=said, now=NOW
        )
    reports.make_again(session, owner, lost, folder=Path("nowhere"), now=NOW)
    return ready, waiting, lost


@pytest.mark.parametrize("change", ["size = 1", "at = NULL", "sha256 = 'x'", "report_id = 'y'"])
def test_a_note_of_a_file_is_never_changed(engine: Engine, change: str) -> None:
    with Session(engine) as session:
        three_reports(session)
        session.commit()

    for statement in (f"UPDATE issued_file SET {change}", "DELETE FROM issued_file"):
        with Session(engine) as session, pytest.raises(Exception, match="only grows"):
            session.execute(text(statement))
    if engine.dialect.name == "sqlite":
        over = "INSERT OR REPLACE INTO issued_file SELECT * FROM issued_file"
        with Session(engine) as session, pytest.raises(Exception, match="only grows"):
            session.execute(text(over))


@pytest.mark.parametrize(
    "change", ["file_sha256 = NULL", "file_size = NULL", "content = NULL", "pages = NULL"]
)
def test_what_is_known_of_a_file_is_kept_together(engine: Engine, change: str) -> None:
    with Session(engine) as session:
        three_reports(session)
        session.commit()

    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE report SET {change}"))


def test_logos_go_with_their_table_and_come_back_empty(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session:
        firm, owner = a_firm(session)
        firm_id = firm.id
        logos.set_for_firm(session, owner, a_logo(), "logo.png", folder=tmp_path, now=NOW)
        session.commit()

    migrate.downgrade(engine, "0008")
    migrate.upgrade(engine)

    with Session(engine) as session:
        assert logos.for_firm(session, firm_id) == ()


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
        connection.execute(text("INSERT INTO membership VALUES (9, 9, 'owner', 'all')"))
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


def test_answers_that_came_late_or_never_were_outlive_the_way_back(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        draft_id = an_assessment(session, owner).id
        for question, value, seq in (("planning", 4, 2), ("planning", 2, 1), ("security", None, 1)):
            assessments.save(
                session,
                owner,
                draft_id,
                given={question: None if value is None else level(value)},
                seen={},
                sent={question: Sent(f"{question}-{seq}", "page", seq)},
                now=NOW,
            )
        session.commit()

    migrate.downgrade(engine, "0011")
    with Session(engine) as session:
        rows = session.execute(text("SELECT revision FROM answer ORDER BY question_key"))
        lines = session.execute(text("SELECT outcome FROM answer_change ORDER BY id"))
        assert [row.revision for row in rows] == [1, 1]
        assert [line.outcome for line in lines] == ["saved", "conflict"]
    migrate.upgrade(engine)

    with Session(engine) as session:
        assert assessments.hub(session, owner, draft_id).plain == {"planning": level(4)}
        for forbidden in ("UPDATE answer_change SET revision = 9", "DELETE FROM answer"):
            with pytest.raises(Exception, match="only grows"):
                session.execute(text(forbidden))
            session.rollback()


def test_versions_from_before_the_workshop_are_at_their_first_revision(engine: Engine) -> None:
    with Session(engine) as session:
        published = a_version(session)
        draft = drafts.begin(session, source_id=published.id, by=None, now=NOW)
        drafts.edit(
            session,
            draft.id,
            seen=1,
            change=lambda data: data | {"minutes": 9},
            act="set",
            place="minutes",
            by=None,
            now=NOW + timedelta(days=1),
        )
        session.commit()
        draft_id = draft.id

    migrate.downgrade(engine, "0015")
    migrate.upgrade(engine)

    with Session(engine) as session:
        opened = drafts.opened(session, draft_id)
        kept = session.get_one(BankVersion, draft_id)
        assert (opened.revision, opened.ledger, opened.waivers) == (1, {}, [])
        assert (opened.document["minutes"], opened.based_on_id) == (9, None)
        assert kept.changed_at == kept.created_at == NOW
        assert drafts.edits(session, draft_id, most=9) == ()
        with pytest.raises(Exception, match="frozen"):
            session.execute(text("UPDATE bank_version SET ledger = '{}', waivers = '[1]'"))


def test_an_assessment_that_moved_outlives_the_way_back_without_its_list(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        old = a_version(session)
        draft = an_assessment(session, owner, version=old, answers={"planning": level(2)})
        newer = a_version(session, bank_data(version=2))
        mark = moving.offer(session, owner, draft.id).mark
        moving.move(session, owner, draft.id, mark=mark, now=NOW)
        session.commit()
        draft_id, newer_id = draft.id, newer.id

    migrate.downgrade(engine, "0016")
    migrate.upgrade(engine)

    with Session(engine) as session:
        state = assessments.hub(session, owner, draft_id)
        assert state.assessment.bank_version_id == newer_id
        assert state.plain == {"planning": level(2)}
        assert moving.list_for(session, owner, draft_id) == ()


def test_on_the_way_back_what_is_discarded_is_erased_and_the_rest_is_kept(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        version = a_version(session)
        gone = an_assessment(session, owner, version=version, answers={"planning": level(2)})
        a_file(session, owner, gone.id)
        a_version(session, bank_data(version=2))
        mark = moving.offer(session, owner, gone.id).mark
        moving.move(session, owner, gone.id, mark=mark, now=NOW)
        a_link(session, owner, gone.id)
        presence.seen(session, owner, gone.id, "everything", now=NOW)
        shares = {"everything": sharing.Share(owner.user_id)}
        sharing.share_out(session, owner, gone.id, shares=shares, now=NOW)
        discarding.discard(session, owner, gone.id, now=NOW)
        kept = an_assessment(session, owner, version=version, answers={"planning": level(4)})
        session.commit()
        kept_id = kept.id

    migrate.downgrade(engine, "0017")
    with Session(engine) as session, pytest.raises(Exception, match="only grows"):
        session.execute(text("DELETE FROM answer_change"))
    migrate.upgrade(engine)

    with Session(engine) as session:
        assert session.scalars(select(Assessment.id)).all() == [kept_id]
        assert assessments.hub(session, owner, kept_id).plain == {"planning": level(4)}
        promise = session.scalars(select(Invitation)).one()
        assert (promise.assessment_id, promise.page_keys) == (None, [])
