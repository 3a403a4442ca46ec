"""Translations looked through, changed and reviewed, whatever others do meanwhile."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.errors import NotFound
from survey.core.text_checks import Check
from survey.core.texts import State, TextKind
from survey.services import banks, drafts, translations
from survey.services.drafts import Draft, NotADraft
from survey.services.translations import Filters
from tests.builders import bank_data
from tests.stored import NOW


@pytest.fixture
def draft_id(session: Session) -> int:
    return banks.store_draft(session, data=bank_data(), now=NOW).id


def draft_of(session: Session, version_id: int) -> Draft:
    session.expire_all()
    return drafts.opened(session, version_id)


def translate(session: Session, version_id: int, **facts: Any) -> drafts.Edited:
    given: dict[str, Any] = {"seen": 1, "changed": {}, "by": None, "now": NOW} | facts
    return translations.translate(session, version_id, **given)


def words_at(session: Session, version_id: int, place: str) -> dict[str, str]:
    pair: dict[str, str] = places.get(draft_of(session, version_id).document, (place,))
    return pair


def test_a_source_is_reworded_here_as_well_and_makes_its_translation_stale(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"zh": "新的名字"}})

    (entry,) = translations.chosen(
        translations.translated(session, draft_id), Filters(state=State.STALE)
    ).entries
    assert (entry.text.place, entry.was) == ("title", "测试题库")


def test_filters_are_joined_and_states_are_counted_without_them(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"en": "On 3 lines"}, "notice": {"en": ""}})
    now = translations.translated(session, draft_id)

    found = translations.chosen(now, Filters(check=Check.FIGURES, kind=TextKind.TITLE, section=""))

    assert [entry.text.place for entry in found.entries] == ["title"]
    assert found.counts[State.DRAFT] == 1
    assert found.counts[State.MISSING] == 1
    assert found.sections[0] == ""
    assert "sections/everything" in found.sections
    strikes = translations.findings_of(now, found.entries)
    assert [each.code for each in strikes["title"]] == ["text-figure-added"]


def test_a_mark_is_a_revision_of_its_own_in_the_log_and_can_be_undone(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"en": "Another name"}})

    edited = translate(session, draft_id, seen=2, reviewed=["title"])

    assert edited.revision == 3
    assert draft_of(session, draft_id).ledger == {}
    line = drafts.edits(session, draft_id, most=1)[0]
    assert (line.act, line.place) == ("translate", "title")
    drafts.undo(session, draft_id, edit_id=line.id, by=None, now=NOW)
    assert draft_of(session, draft_id).ledger["title"]["state"] == "draft"


def test_what_is_reviewed_already_is_not_marked_again(session: Session, draft_id: int) -> None:
    assert translate(session, draft_id, reviewed=["title", "nowhere"]).revision == 1


def test_a_mark_does_not_hold_for_a_source_that_changed_meanwhile(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"en": "Another name"}})
    translate(session, draft_id, seen=2, changed={"title": {"zh": "后来的名字"}})

    translate(session, draft_id, seen=2, reviewed=["title"])

    assert draft_of(session, draft_id).ledger["title"]["state"] == "stale"


def test_translations_of_two_people_at_different_places_are_both_kept(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"en": "Mine"}})

    edited = translate(session, draft_id, changed={"notice": {"en": "Theirs"}})

    assert not edited.clashes
    assert words_at(session, draft_id, "title")["en"] == "Mine"
    assert words_at(session, draft_id, "notice")["en"] == "Theirs"


def test_two_translations_of_one_text_clash_until_one_is_chosen(
    session: Session, draft_id: int
) -> None:
    translate(session, draft_id, changed={"title": {"en": "Theirs"}})

    (clash,) = translate(session, draft_id, changed={"title": {"en": "Mine"}}).clashes

    assert (clash.place, clash.theirs, clash.mine) == ("title/en", "Theirs", "Mine")
    chosen = translate(
        session, draft_id, changed={"title": {"en": "Mine"}}, choices={"title/en": "mine"}
    )
    assert not chosen.clashes
    assert words_at(session, draft_id, "title")["en"] == "Mine"


def test_only_a_translation_of_another_source_is_marked_as_stale(
    session: Session, draft_id: int
) -> None:
    older = {"title": "测试题库", "notice": "别的提示", "nowhere": "别的"}

    translate(session, draft_id, older=older)

    assert list(draft_of(session, draft_id).ledger) == ["notice"]


@pytest.mark.parametrize("place", ["nowhere/title", "sections", "", "key", "title/zh"])
def test_what_is_no_text_is_left_alone(session: Session, draft_id: int, place: str) -> None:
    assert translate(session, draft_id, changed={place: {"en": "x"}}).revision == 1


def test_no_other_language_gets_in(session: Session, draft_id: int) -> None:
    assert translate(session, draft_id, changed={"title": {"fr": "Nom"}}).revision == 1


def test_a_published_version_is_read_and_not_changed(session: Session, draft_id: int) -> None:
    banks.publish(session, draft_id, now=NOW)

    assert translations.translated(session, draft_id).ledger == {}
    with pytest.raises(NotADraft):
        translate(session, draft_id, changed={"title": {"en": "x"}})


def test_a_version_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        translations.translated(session, 999)
