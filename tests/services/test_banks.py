"""Drafts come and go; what is published stays exactly as it is, by every door."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.core.errors import BadDocument, NotFound
from survey.core.places import put
from survey.core.texts import State
from survey.services import bank_rows, banks
from survey.services.banks import NewerPublished, NotPublished, TranslationsOpen, VersionExists
from survey.store.models import AuditEvent, BankVersion
from tests.builders import bank_data, domain, ladder, section
from tests.stored import NOW, a_version

LATER = NOW + timedelta(days=1)
CHANGED = bank_data(minutes=6)


def test_the_same_document_again_changes_nothing(session: Session) -> None:
    first = banks.store_draft(session, data=bank_data(), now=NOW)

    second = banks.store_draft(session, data=bank_data(), now=LATER)

    assert (second.id, second.created_at) == (first.id, NOW)


def test_a_draft_is_replaced_by_a_corrected_one(session: Session) -> None:
    first = banks.store_draft(session, data=bank_data(), now=NOW)

    second = banks.store_draft(session, data=CHANGED, now=LATER)

    assert second.id == first.id
    assert banks.bank_of(session, second.id).minutes == 6


def test_a_published_version_refuses_other_content_under_its_number(session: Session) -> None:
    a_version(session)

    with pytest.raises(VersionExists) as refused:
        banks.store_draft(session, data=CHANGED, now=LATER)

    assert refused.value.facts == {"bank": "test-bank", "version": 1}


def test_a_published_version_takes_its_own_content_again_as_no_change(session: Session) -> None:
    published = a_version(session)

    assert banks.store_draft(session, data=bank_data(), now=LATER).id == published.id


def test_a_new_number_with_a_translation_older_than_its_source_is_not_published(
    session: Session,
) -> None:
    a_version(session)
    changed = put(bank_data(version=2), ("title", "zh"), "全新的标题")
    changed = put(changed, ("summary", "en"), "Reviewed with the file.")

    version = banks.store_draft(session, data=changed, now=NOW)

    ledger = bank_rows.with_document(session, version.id).ledger
    assert {place: entry["state"] for place, entry in ledger.items()} == {"title": State.STALE}
    with pytest.raises(TranslationsOpen):
        banks.publish(session, version.id, now=NOW)


def test_of_a_file_the_version_before_it_tells_what_is_stale(session: Session) -> None:
    a_version(session)
    a_version(session, put(put(bank_data(version=3), ("title", "zh"), "三"), ("title", "en"), "3"))

    between = banks.store_draft(session, data=bank_data(version=2), now=NOW)

    assert bank_rows.with_document(session, between.id).ledger == {}


def test_a_bank_that_comes_with_the_program_is_reviewed(session: Session) -> None:
    a_version(session)
    changed = put(bank_data(version=2), ("title", "zh"), "全新的标题")

    version = banks.store_reviewed(session, data=changed, now=NOW)

    assert bank_rows.with_document(session, version.id).ledger == {}
    assert banks.publish(session, version.id, now=NOW).published_at == NOW


def test_a_document_with_problems_is_not_stored(session: Session) -> None:
    with pytest.raises(BadDocument) as refused:
        banks.store_draft(session, data=bank_data(minutes=0, levels={}), now=NOW)

    assert len(refused.value.problems) > 1
    assert banks.list_versions(session) == []


def test_publishing_twice_changes_nothing(session: Session) -> None:
    version = a_version(session)

    again = banks.publish(session, version.id, now=LATER)

    assert again.published_at == NOW


def test_a_stored_document_that_todays_rules_refuse_is_not_published(session: Session) -> None:
    version = banks.store_draft(session, data=bank_data(), now=NOW)
    version.document = bank_data(minutes=0)
    session.flush()

    with pytest.raises(BadDocument):
        banks.publish(session, version.id, now=NOW)


def test_retiring_twice_changes_nothing_and_a_draft_cannot_be_retired(session: Session) -> None:
    published = a_version(session)
    draft = banks.store_draft(session, data=bank_data(version=2), now=NOW)

    banks.retire(session, published.id, now=NOW)

    assert banks.retire(session, published.id, now=LATER).retired_at == NOW
    with pytest.raises(NotPublished):
        banks.retire(session, draft.id, now=NOW)


def test_only_the_newest_open_version_of_each_bank_is_offered(session: Session) -> None:
    a_version(session)
    second = a_version(session, bank_data(version=2))
    third = a_version(session, bank_data(version=3))
    banks.store_draft(session, data=bank_data(version=4), now=NOW)
    other = a_version(session, bank_data(key="other-bank"))
    banks.retire(session, third.id, now=NOW)

    offered = banks.open_versions(session)

    assert [version.id for version in offered] == [other.id, second.id]


def test_versions_are_listed_newest_first(session: Session) -> None:
    a_version(session)
    banks.store_draft(session, data=bank_data(version=2), now=NOW)

    assert [version.number for version in banks.list_versions(session)] == [2, 1]


def test_the_document_comes_back_as_it_was_given_key_by_key(session: Session) -> None:
    data = bank_data(section("one", "A", domain("first", ladder())))
    version = a_version(session, data)
    session.expire_all()

    stored = banks.document_of(session, version.id)

    assert stored == data
    assert list(stored) == list(data)


def test_what_does_not_exist_is_not_found(session: Session) -> None:
    for act in (banks.bank_of, banks.document_of, banks.get_version):
        with pytest.raises(NotFound):
            act(session, 99)
    for change in (banks.publish, banks.retire):
        with pytest.raises(NotFound):
            change(session, 99, now=NOW)
    with pytest.raises(NotFound):
        banks.find_version(session, bank_key="test-bank", number=9)


def test_a_version_is_found_by_key_and_number(session: Session) -> None:
    version = a_version(session)

    assert banks.find_version(session, bank_key="test-bank", number=1).id == version.id
    assert banks.get_version(session, version.id).title_zh == "测试题库"


def test_what_was_done_to_banks_is_written_down(session: Session) -> None:
    version = a_version(session)
    banks.retire(session, version.id, now=LATER)
    session.flush()

    log = session.query(AuditEvent).order_by(AuditEvent.id).all()

    assert [event.act for event in log] == ["store-bank", "publish-bank", "retire-bank"]
    assert {event.subject for event in log} == {"bank:test-bank:1"}


def test_many_banks_do_not_fill_the_memory(session: Session) -> None:
    for number in range(1, 40):
        banks.bank_of(session, a_version(session, bank_data(version=number)).id)

    assert len(banks._READ) <= 32


# -------------------------------------------------------- frozen, by every door

FROZEN_CHANGES: dict[str, dict[str, object]] = {
    "document": {"document": CHANGED},
    "digest": {"digest": "0" * 64},
    "number": {"number": 7},
    "key": {"bank_key": "another-bank"},
    "chinese": {"title_zh": "另一个名称"},
    "english": {"title_en": "Another title"},
    "republish": {"published_at": LATER},
    "unpublish": {"published_at": None},
    "created": {"created_at": LATER},
}


@pytest.mark.parametrize("change", FROZEN_CHANGES)
def test_the_database_refuses_a_change_of_a_published_version(
    session: Session, change: str
) -> None:
    version = a_version(session)
    session.commit()

    with pytest.raises(DBAPIError, match="frozen"):
        session.execute(
            update(BankVersion).where(BankVersion.id == version.id).values(**FROZEN_CHANGES[change])
        )


def test_the_database_refuses_a_change_through_the_mapped_object(session: Session) -> None:
    version = a_version(session)
    session.commit()

    version.document = CHANGED

    with pytest.raises(DBAPIError, match="frozen"):
        session.flush()


def test_the_database_refuses_to_delete_a_published_version(session: Session) -> None:
    version = a_version(session)
    session.commit()

    with pytest.raises(DBAPIError, match="frozen"):
        session.execute(delete(BankVersion).where(BankVersion.id == version.id))


def test_a_draft_can_be_deleted(session: Session) -> None:
    version = banks.store_draft(session, data=bank_data(), now=NOW)

    session.execute(delete(BankVersion).where(BankVersion.id == version.id))

    assert banks.list_versions(session) == []


COLUMNS = "bank_key, number, title_zh, title_en, document, digest, created_at"
VALUES = "'test-bank', 1, 'x', 'x', '{}', digest, created_at"
OVER_THE_ID = f"""INSERT OR REPLACE INTO bank_version (id, {COLUMNS})
SELECT 1, 'another', 5, 'x', 'x', '{{}}', digest, created_at FROM bank_version"""


def test_replacing_a_row_is_no_way_round(session: Session) -> None:
    a_version(session)
    draft = banks.store_draft(session, data=bank_data(version=2), now=NOW)
    session.commit()
    if session.connection().dialect.name != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")

    for statement in (
        f"INSERT OR REPLACE INTO bank_version ({COLUMNS}) SELECT {VALUES} FROM bank_version",
        OVER_THE_ID,
        f"UPDATE OR REPLACE bank_version SET number = 1 WHERE id = {draft.id}",
    ):
        with pytest.raises(DBAPIError, match="frozen"):
            session.execute(text(statement))
        session.rollback()


def test_emptying_the_table_is_no_way_round(session: Session) -> None:
    a_version(session)
    session.commit()
    if session.connection().dialect.name != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")

    with pytest.raises(DBAPIError, match="only grows"):
        session.execute(text("TRUNCATE bank_version CASCADE"))


def test_a_draft_with_a_lower_number_than_what_firms_start_is_not_published(
    session: Session,
) -> None:
    first = a_version(session, bank_data())
    older = banks.store_draft(session, data=bank_data(version=2), now=NOW)
    a_version(session, bank_data(version=3))

    with pytest.raises(NewerPublished) as refused:
        banks.publish(session, older.id, now=NOW)

    assert refused.value.facts["newest"] == 3
    assert older.published_at is None
    assert first.published_at is not None


def test_once_the_newer_version_is_retired_the_older_number_can_be_published(
    session: Session,
) -> None:
    older = banks.store_draft(session, data=bank_data(version=2), now=NOW)
    newer = a_version(session, bank_data(version=3))
    banks.retire(session, newer.id, now=NOW)

    banks.publish(session, older.id, now=NOW)

    assert [each.id for each in banks.open_versions(session)] == [older.id]
