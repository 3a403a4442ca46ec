"""What a file of translations would change: told by its text, and taken in one edit."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.errors import NotFound
from survey.core.texts import texts
from survey.core.translation_rows import TranslationFile, TranslationRow, exported
from survey.exchange import translation_po, translation_xlsx, xlsx
from survey.exchange.translation_xlsx import SheetRow
from survey.services import banks, drafts, translation_import
from survey.services.drafts import Draft, NotADraft, UnknownRevision
from survey.services.translation_import import Fate, Line
from tests.builders import bank_data
from tests.stored import NOW

TEST_BANK = "测试题库"


@pytest.fixture
def draft_id(session: Session) -> int:
    return banks.store_draft(session, data=bank_data(), now=NOW).id


def draft_of(session: Session, version_id: int) -> Draft:
    session.expire_all()
    return drafts.opened(session, version_id)


def edit(
    session: Session, version_id: int, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    seen = draft_of(session, version_id).revision
    drafts.edit(
        session, version_id, seen=seen, change=change, act="set", place="", by=None, now=NOW
    )


def reword(session: Session, version_id: int, place: str, **words: str) -> None:
    where = places.parse(place)
    edit(
        session,
        version_id,
        lambda data: places.put(data, where, places.get(data, where) | words),
    )


def a_file(*rows: TranslationRow, revision: int = 1, version: int = 1) -> TranslationFile:
    return TranslationFile("test-bank", version, revision, rows)


def a_row(
    en: str, *, place: str = "title", zh: str = TEST_BANK, reviewed: bool = True
) -> TranslationRow:
    return TranslationRow(place, zh, en, reviewed)


def fate_of(session: Session, version_id: int, file: TranslationFile) -> Fate:
    (line,) = translation_import.report(session, version_id, file)
    return line.fate


def take(
    session: Session, version_id: int, lines: tuple[Line, ...], *taken: str, seen: int | None = None
) -> drafts.Edited:
    return translation_import.apply(
        session,
        version_id,
        seen=seen or draft_of(session, version_id).revision,
        lines=lines,
        taken=taken,
        by=None,
        now=NOW,
        choices={},
    )


@pytest.mark.parametrize(
    ("row", "fate"),
    [
        (a_row("A new name"), Fate.CHANGED),
        (a_row("Test bank"), Fate.SAME),
        (a_row(""), Fate.EMPTY),
        (a_row("A new name", place="nowhere"), Fate.UNKNOWN),
    ],
)
def test_what_becomes_of_a_row(
    session: Session, draft_id: int, row: TranslationRow, fate: Fate
) -> None:
    assert fate_of(session, draft_id, a_file(row)) is fate


def test_a_translation_changed_on_both_sides_is_a_conflict_and_on_theirs_alone_is_none(
    session: Session, draft_id: int
) -> None:
    reword(session, draft_id, "title", en="Theirs")

    assert fate_of(session, draft_id, a_file(a_row("Mine"))) is Fate.TRANSLATION_CHANGED
    assert fate_of(session, draft_id, a_file(a_row("Test bank"))) is Fate.SAME
    assert fate_of(session, draft_id, a_file(a_row("Theirs"))) is Fate.REVIEWED
    assert fate_of(session, draft_id, a_file(a_row("Theirs", reviewed=False))) is Fate.SAME


@pytest.mark.parametrize(("revision", "version"), [(0, 1), (99, 1), (1, 2)])
def test_a_file_of_another_draft_is_compared_by_its_texts(
    session: Session, draft_id: int, revision: int, version: int
) -> None:
    reword(session, draft_id, "title", en="Theirs")

    file = a_file(a_row("Mine"), revision=revision, version=version)

    assert fate_of(session, draft_id, file) is Fate.CHANGED


def test_a_translation_without_its_source_is_not_reviewed_by_a_file(
    session: Session, draft_id: int
) -> None:
    reword(session, draft_id, "title", zh="")

    same = a_row("Test bank", zh="")
    new = a_row("Another", zh="")
    lines = [
        *translation_import.report(session, draft_id, a_file(same, revision=2)),
        *translation_import.report(session, draft_id, a_file(new, revision=2)),
    ]

    assert [line.fate for line in lines] == [Fate.SAME, Fate.CHANGED]
    assert [line.row.reviewed for line in lines] == [False, False]


def test_a_stale_translation_is_not_reviewed_by_a_file_with_another_source(
    session: Session, draft_id: int
) -> None:
    reword(session, draft_id, "title", zh="后来的名字")

    assert fate_of(session, draft_id, a_file(a_row("Test bank"))) is Fate.SOURCE_CHANGED
    assert fate_of(session, draft_id, a_file(a_row("Test bank", zh="后来的名字"))) is Fate.REVIEWED


def test_a_source_that_was_written_over_in_the_file_stays_and_its_translation_is_taken(
    session: Session, draft_id: int
) -> None:
    row = a_row("A new name", zh="译者改过的名字")

    lines = translation_import.report(session, draft_id, a_file(row))
    elsewhere = translation_import.report(session, draft_id, a_file(row, version=2))
    take(session, draft_id, lines)

    (line,) = lines
    assert (line.row, line.fate, line.source_edited) == (a_row("A new name"), Fate.CHANGED, True)
    assert [(each.fate, each.source_edited) for each in elsewhere] == [(Fate.SOURCE_CHANGED, False)]
    draft = draft_of(session, draft_id)
    assert draft.document["title"] == {"zh": TEST_BANK, "en": "A new name"}
    assert draft.ledger == {}


def test_a_source_written_over_in_the_file_is_told_beside_one_that_changed_since(
    session: Session, draft_id: int
) -> None:
    reword(session, draft_id, "title", zh="后来的名字")

    (line,) = translation_import.report(session, draft_id, a_file(a_row("New", zh="译者改过")))
    take(session, draft_id, (line,), "title")

    assert (line.fate, line.source_edited) == (Fate.SOURCE_CHANGED, True)
    assert draft_of(session, draft_id).ledger["title"]["source"] == TEST_BANK


def test_rows_without_conflict_are_taken_and_conflicts_only_if_chosen(
    session: Session, draft_id: int
) -> None:
    rows = (
        a_row("A new name"),
        a_row("A new summary", place="summary", zh="旧的说明"),
        a_row("Not reviewed yet", place="notice", zh="自评结果，仅供参考。", reviewed=False),
    )
    lines = translation_import.report(session, draft_id, a_file(*rows, version=2))

    take(session, draft_id, lines)

    draft = draft_of(session, draft_id)
    assert draft.revision == 2
    assert draft.document["title"]["en"] == "A new name"
    assert draft.document["summary"]["en"] == "A bank for tests."
    assert list(draft.ledger) == ["notice"]

    take(session, draft_id, lines, "summary")

    draft = draft_of(session, draft_id)
    assert draft.document["summary"]["en"] == "A new summary"
    assert draft.ledger["summary"]["state"] == "stale"
    assert draft.ledger["summary"]["source"] == "旧的说明"


def test_a_change_made_after_the_report_is_a_clash_and_nothing_is_taken(
    session: Session, draft_id: int
) -> None:
    lines = translation_import.report(session, draft_id, a_file(a_row("Mine")))
    reword(session, draft_id, "title", en="Theirs")

    edited = take(session, draft_id, lines, seen=1)

    assert [clash.place for clash in edited.clashes] == ["title/en"]
    assert draft_of(session, draft_id).document["title"]["en"] == "Theirs"


def test_a_published_version_a_lost_one_and_a_revision_that_never_was_are_refused(
    session: Session, draft_id: int
) -> None:
    with pytest.raises(UnknownRevision):
        drafts.as_seen(session, draft_id, 9)
    with pytest.raises(NotFound):
        drafts.as_seen(session, 999, 1)
    with pytest.raises(NotFound):
        translation_import.report(session, 999, a_file())
    banks.publish(session, draft_id, now=NOW)
    with pytest.raises(NotADraft):
        translation_import.report(session, draft_id, a_file())


EDITS = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.sampled_from(["zh", "en"]),
        st.sampled_from(["", "改过的说法", 'Other "words"\n%', "\\n 3"]),
    ),
    max_size=6,
)


@given(EDITS)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_unchanged_export_changes_nothing_whatever_was_edited(
    session: Session, draft_id: int, edits: list[tuple[int, str, str]]
) -> None:
    every = [text.place for text in texts(bank_data())]
    for number, language, words in edits:
        reword(session, draft_id, every[number % len(every)], **{language: words})
    draft = draft_of(session, draft_id)
    rows = list(exported(draft.document, draft.ledger))
    mark: dict[str, Any] = {
        "bank": draft.bank_key,
        "version": draft.number,
        "revision": draft.revision,
        "day": NOW.date(),
    }
    po = translation_po.read(translation_po.written(rows, **mark))
    book = translation_xlsx.written([SheetRow(row, "", "", "") for row in rows], **mark)

    for file in (po, translation_xlsx.read(xlsx.looked_into(book))):
        lines = translation_import.report(session, draft_id, file)

        assert {line.fate for line in lines} <= {Fate.SAME, Fate.EMPTY}
        assert take(session, draft_id, lines).revision == draft.revision


def test_line_ends_that_no_workbook_keeps_are_no_change(session: Session, draft_id: int) -> None:
    reword(session, draft_id, "title", zh="题\r\n库", en="a\r\nb")
    row = a_row("a\nb", zh="题\n库", reviewed=False)

    assert fate_of(session, draft_id, a_file(row, revision=2)) is Fate.SAME
