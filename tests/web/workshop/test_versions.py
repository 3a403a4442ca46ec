"""The list of all versions, the page of one, and how a draft begins, ends and comes back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.places import parse, put
from survey.core.text import Locale
from survey.services import drafts
from survey.services.people import Actor
from survey.store.models import BankVersion, User
from tests import stored
from tests.browser import Browser
from tests.builders import bank_data

PROMPT = parse("sections/everything/domains/first/questions/planning/prompt")


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session, "周管理")
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


def a_draft(session: Session, by: Actor, **changes: Any) -> int:
    source = stored.a_version(session, bank_data(**changes))
    draft = drafts.begin(session, source_id=source.id, by=by.user_id, now=stored.NOW)
    session.commit()
    return draft.id


def edit(session: Session, draft: int, place: Any, value: Any, by: Actor) -> None:
    drafts.edit(
        session,
        draft,
        seen=drafts.opened(session, draft).revision,
        change=lambda data: put(data, place, value),
        act="set",
        place="/".join(place),
        by=by.user_id,
        now=stored.NOW,
    )
    session.commit()


def test_every_version_is_listed_with_its_state_and_how_complete_its_texts_are(
    office: Browser, session: Session, administrator: Actor
) -> None:
    draft = a_draft(session, administrator)
    edit(session, draft, (*PROMPT, "en"), "", administrator)

    page = office.get("/admin/banks")

    assert page.status == 200
    assert "Published" in page.text
    assert "Draft" in page.text
    assert "中文 100%" in page.text
    assert "English 98%" in page.text or "English 99%" in page.text
    assert "周管理" in page.text
    assert "The installation" in page.text


def test_translations_that_nobody_has_reviewed_make_no_hundred_per_cent(
    office: Browser, session: Session
) -> None:
    drafts.begin_with(session, document=bank_data(minutes=8), by=None, now=stored.NOW)
    session.commit()

    page = office.get("/admin/banks")

    assert "中文 100%" in page.text
    assert "English 0%" in page.text


def test_the_page_of_a_version_says_where_it_comes_from_and_what_is_missing(
    office: Browser, session: Session, administrator: Actor
) -> None:
    draft = a_draft(session, administrator)
    edit(session, draft, (*PROMPT, "en"), "", administrator)
    edit(session, draft, ("summary", "zh"), "另一种说明。", administrator)
    edit(session, draft, ("notice", "en"), "Other words.", administrator)

    page = office.get(f"/admin/banks/{draft}")

    for words in (
        "Begun from",
        "version 1",
        "1 text missing",
        "1 stale",
        "1 not reviewed",
        "周管理",
    ):
        assert words in page.text


def test_a_draft_full_of_faults_has_a_page(
    office: Browser, session: Session, administrator: Actor
) -> None:
    draft = a_draft(session, administrator)
    edit(session, draft, ("sections",), {"no": "list"}, administrator)
    edit(session, draft, ("title",), "no text", administrator)

    for address in ("", "/history", "/file"):
        assert office.get(f"/admin/banks/{draft}{address}").status == 200
    assert "have not their right shape yet" in office.get(f"/admin/banks/{draft}").text
    assert office.get("/admin/banks").status == 200


def test_a_document_that_is_hardly_a_bank_is_shown_all_the_same(
    office: Browser, session: Session
) -> None:
    version = drafts.begin_with(session, document={"key": "bare"}, by=None, now=stored.NOW)
    session.commit()

    page = office.get(f"/admin/banks/{version.id}")

    assert page.status == 200
    assert "bare" in page.text
    assert "bare" in office.get("/admin/banks").text


@pytest.mark.parametrize("source_of", ["draft", "published"])
def test_a_draft_begins_from_any_version(
    office: Browser, session: Session, administrator: Actor, source_of: str
) -> None:
    draft = a_draft(session, administrator)
    source = draft if source_of == "draft" else session.scalars(select(BankVersion.id)).first()

    page = office.get(f"/admin/banks/{source}")
    answer = office.send(page, f"/admin/banks/{source}/draft")

    session.expire_all()
    newest = session.scalars(select(BankVersion).order_by(BankVersion.id.desc())).first()
    assert newest is not None
    assert answer.status == 303
    assert f"/admin/banks/{newest.id}" in answer.location
    assert (newest.number, newest.based_on_id) == (3, source)
    assert newest.created_by == administrator.user_id


def test_a_draft_is_discarded_and_restored_without_losing_anything(
    office: Browser, session: Session, administrator: Actor
) -> None:
    draft = a_draft(session, administrator)
    edit(session, draft, ("minutes",), 9, administrator)

    office.send(office.get(f"/admin/banks/{draft}"), f"/admin/banks/{draft}/discard")
    gone = office.get(f"/admin/banks/{draft}")
    listed = office.get("/admin/banks")
    office.send(gone, f"/admin/banks/{draft}/restore")

    assert "Discarded" in gone.text
    assert "1 discarded draft" in listed.text
    assert office.get(f"/admin/banks/{draft}/history").status == 200
    assert drafts.opened(session, draft).document["minutes"] == 9


def test_a_published_version_is_not_discarded(office: Browser, session: Session) -> None:
    version = stored.a_version(session)
    session.commit()

    office.post(f"/admin/banks/{version.id}/discard")

    assert "is published and never changes" in office.get(f"/admin/banks/{version.id}").text


@pytest.mark.parametrize("act", ["draft", "discard", "restore"])
def test_what_is_not_there_is_not_found(office: Browser, act: str) -> None:
    assert office.post(f"/admin/banks/987654/{act}").status == 404
