"""The translation workbench: looked through, translated, reviewed; by two at once as well."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.text import Locale
from survey.services import banks, drafts
from survey.services.drafts import Draft
from survey.services.people import Actor
from survey.store.models import BankVersion, User
from tests import stored
from tests.browser import Browser, Page
from tests.builders import bank_data
from tests.stored import NOW

PROMPT = "sections/everything/domains/first/questions/planning/prompt"
LABEL = "sections/everything/domains/first/questions/planning/options/level-0/label"


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session)
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


@pytest.fixture
def draft_id(session: Session) -> int:
    """A draft with one stale translation, one that is not reviewed, and one that is missing."""
    version = banks.store_draft(session, data=bank_data(), now=NOW)
    reword(session, version.id, PROMPT, zh="计划排到了哪一步，覆盖3条产线？")
    reword(session, version.id, "title", en="Another name")
    reword(session, version.id, LABEL, en="")
    session.commit()
    return version.id


def reword(session: Session, version_id: int, place: str, **words: str) -> None:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        where = places.parse(place)
        changed: dict[str, Any] = places.put(document, where, places.get(document, where) | words)
        return changed

    drafts.edit(
        session,
        version_id,
        seen=drafts.opened(session, version_id).revision,
        change=change,
        act="set",
        place=place,
        by=None,
        now=NOW,
    )
    session.commit()


def draft_of(session: Session, version_id: int) -> Draft:
    session.expire_all()
    return drafts.opened(session, version_id)


def words_at(session: Session, version_id: int, place: str) -> dict[str, str]:
    pair: dict[str, str] = places.get(draft_of(session, version_id).document, places.parse(place))
    return pair


def address(version_id: int, query: str = "") -> str:
    return f"/admin/banks/{version_id}/translations{query}"


def send(browser: Browser, version_id: int, seen: int, **fields: str) -> Page:
    return browser.post(address(version_id), {"seen": str(seen), **fields})


def test_each_text_has_its_state_and_a_stale_one_shows_what_changed(
    office: Browser, draft_id: int
) -> None:
    page = office.get(address(draft_id, "?state=stale"))

    assert "1 text." in page.text
    assert "<ins>" in page.html
    assert "<del>" in page.html
    assert "“3” appears in the source, but not in the translation." in page.text
    assert PROMPT in page.html


def test_texts_are_chosen_by_state_section_kind_remark_and_words(
    office: Browser, draft_id: int
) -> None:
    for query, found in (
        ("?state=missing", "1 text."),
        ("?state=draft", "1 text."),
        ("?section=roles", "1 text."),
        ("?section=sections/everything&kind=prompt", "7 texts."),
        ("?check=figures", "1 text."),
        ("?q=PLANNING", "1 text."),
        ("?q=nowhere", "0 texts."),
    ):
        assert found in office.get(address(draft_id, query)).text, query


@pytest.mark.parametrize("query", ["?state=odd&page=999999999", "?page=0", "?page=9", "?kind="])
def test_what_nobody_offered_is_no_filter(office: Browser, draft_id: int, query: str) -> None:
    assert office.get(address(draft_id, query)).status == 200


def test_a_long_bank_has_pages(office: Browser, draft_id: int) -> None:
    first = office.get(address(draft_id))
    second = office.get(address(draft_id, "?page=2"))

    assert "Next page" in first.text
    assert "Previous page" not in first.text
    assert "Previous page" in second.text


def test_a_translation_is_stored_and_marked_as_reviewed(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision

    page = send(
        office,
        draft_id,
        seen,
        **{
            "place.0": PROMPT,
            "en.0": "  How far is planning?\r\nOn 3 lines  ",
            "reviewed.0": "1",
            "place.1": "title",
            "en.1": "A third name",
        },
    )

    assert page.status == 303
    assert words_at(session, draft_id, PROMPT)["en"] == "How far is planning?\nOn 3 lines"
    ledger = draft_of(session, draft_id).ledger
    assert PROMPT not in ledger
    assert ledger["title"]["state"] == "draft"
    assert draft_of(session, draft_id).revision == seen + 1


def test_everything_on_the_page_is_marked_at_once_but_for_what_is_missing(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision
    english = words_at(session, draft_id, PROMPT)["en"]

    send(
        office,
        draft_id,
        seen,
        **{"all": "1", "place.0": PROMPT, "en.0": english, "place.1": LABEL, "en.1": ""},
    )

    assert list(draft_of(session, draft_id).ledger) == ["title"]
    line = drafts.edits(session, draft_id, most=1)[0]
    assert (line.act, line.revision) == ("translate", seen + 1)


def test_a_page_sent_unchanged_changes_nothing(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision

    send(office, draft_id, seen, **{"place.0": "title", "en.0": "Another name"})

    assert draft_of(session, draft_id).revision == seen


def test_a_mark_does_not_hold_for_words_that_somebody_changed_meanwhile(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision
    reword(session, draft_id, "title", en="A name of somebody else's")

    send(office, draft_id, seen, **{"place.0": "title", "en.0": "Another name", "reviewed.0": "1"})

    assert draft_of(session, draft_id).ledger["title"]["state"] == "draft"
    assert words_at(session, draft_id, "title")["en"] == "A name of somebody else's"


def test_two_translations_of_one_text_are_shown_side_by_side_and_one_is_chosen(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision
    reword(session, draft_id, "title", en="Theirs")

    page = send(office, draft_id, seen, **{"place.0": "title", "en.0": "Mine"})

    assert page.status == 422
    assert "Theirs" in page.text
    assert "Mine" in page.text
    assert words_at(session, draft_id, "title")["en"] == "Theirs"

    chosen = send(
        office,
        draft_id,
        seen,
        **{
            "place.0": "title",
            "en.0": "Mine",
            "clash.at": str(seen + 1),
            "clash.0.place": "title/en",
            "clash.0.keep": "mine",
        },
    )
    assert chosen.status == 303
    assert words_at(session, draft_id, "title")["en"] == "Mine"


def test_a_text_that_is_too_long_comes_back_as_it_was_typed(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision

    page = send(
        office,
        draft_id,
        seen,
        **{"place.0": "title", "en.0": "x" * 4001, "place.1": PROMPT, "en.1": "Kept words"},
    )

    assert page.status == 422
    assert "Shorten this text to 4000 characters." in page.text
    assert "x" * 4001 in page.text
    assert "Kept words" in page.text
    assert draft_of(session, draft_id).revision == seen


def test_places_that_are_not_there_are_left_alone(
    office: Browser, session: Session, draft_id: int
) -> None:
    seen = draft_of(session, draft_id).revision

    for place in ("nowhere/title", "sections", "", "sections/everything/title/zh"):
        send(office, draft_id, seen, **{"place.0": place, "en.0": "x", "reviewed.0": "1"})

    assert draft_of(session, draft_id).revision == seen


@pytest.mark.parametrize("seen", ["0", "x", "999", "-1", "9" * 40])
def test_a_page_of_no_revision_is_refused(
    office: Browser, session: Session, draft_id: int, seen: str
) -> None:
    page = office.post(address(draft_id), {"seen": seen, "place.0": "title", "en.0": "Not stored"})

    assert page.status in (400, 409, 422)
    assert words_at(session, draft_id, "title")["en"] == "Another name"


def test_a_form_without_texts_is_refused(office: Browser, draft_id: int) -> None:
    assert office.post(address(draft_id), {"seen": "1"}).status == 400


def test_a_published_version_can_be_read_and_not_changed(office: Browser, session: Session) -> None:
    version = banks.store_draft(session, data=bank_data(), now=NOW)
    banks.publish(session, version.id, now=NOW)
    session.commit()

    page = office.get(address(version.id))
    refused = send(office, version.id, 1, **{"place.0": "title", "en.0": "Not stored"})

    assert page.status == 200
    assert "<textarea" not in page.html
    assert refused.status in (400, 409, 422)
    assert banks.document_of(session, version.id)["title"]["en"] == "Test bank"


def test_a_source_that_is_missing_can_be_typed_here(
    office: Browser, session: Session, draft_id: int
) -> None:
    reword(session, draft_id, "title", zh="")
    seen = draft_of(session, draft_id).revision
    assert 'name="zh.0"' in office.get(address(draft_id)).html

    send(office, draft_id, seen, **{"place.0": "title", "en.0": "Another name", "zh.0": "新名字"})

    assert words_at(session, draft_id, "title") == {"zh": "新名字", "en": "Another name"}


def test_texts_of_a_document_with_any_fault_are_shown_and_translated(
    office: Browser, session: Session
) -> None:
    odd: dict[str, Any] = {"zh": "奇怪", "en": 5}
    document: dict[str, Any] = {
        "key": "odd-bank",
        "title": {"zh": "题库"},
        "": odd,
        "#x": odd,
        "a/b~": [odd, odd],
        "sections": [{"key": "one", "title": odd}, {"key": "one", "domains": [odd]}, 7],
        "profile": {"questions": [{"kind": "none", "prompt": odd, "options": odd}]},
        "glossary": "none",
    }
    version = drafts.begin_with(session, document=document, by=None, now=NOW)
    session.commit()

    page = office.get(address(version.id))
    office.send(page, address(version.id))
    assert draft_of(session, version.id).document["#x"] == odd
    office.send(page, address(version.id), **{"en.0": "A bank"})

    assert "9 texts." in page.text
    assert draft_of(session, version.id).revision == 2
    assert words_at(session, version.id, "title") == {"zh": "题库", "en": "A bank"}
    assert office.get(address(version.id, "?section=%23x&check=glossary")).status == 200
    assert office.get(address(version.id, "/po")).status == 200
    assert office.get(address(version.id, "/xlsx")).status == 200


@pytest.mark.parametrize("ends", ["discarded", "published"])
def test_what_was_typed_into_a_draft_that_is_none_any_more_is_shown(
    office: Browser, session: Session, draft_id: int, ends: str
) -> None:
    seen = draft_of(session, draft_id).revision
    if ends == "discarded":
        drafts.discard(session, draft_id, by=None, now=NOW)
    else:
        session.get_one(BankVersion, draft_id).published_at = NOW
    session.commit()

    page = send(office, draft_id, seen, **{"place.0": "title", "en.0": "Words of an hour"})

    assert page.status == 422
    assert "Words of an hour" in page.html
    assert ("is discarded" if ends == "discarded" else "never changes") in page.text
