"""Discarding in pages: on purpose, told to whoever has a page open, and taken back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, comments, discarding
from survey.services.people import Actor
from survey.store.models import Assessment
from tests.browser import Browser, Page
from tests.builders import level
from tests.stored import (
    NOW,
    a_consultant,
    a_file,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_assessment,
)
from tests.web.autosaved import autosave, years
from tests.web.people import browser_of

PROMISE = "Yes, discard this assessment with everything in it"


def a_team(session: Session) -> tuple[Actor, Actor, Assessment]:
    """An owner, a member, and a draft with an answer, a comment and a file."""
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner, answers={"planning": level(2)})
    comments.add(session, member, draft.id, "planning", text="?", now=NOW)
    a_file(session, member, draft.id)
    return owner, member, draft


def discarded(session: Session, owner: Actor, draft: Assessment) -> None:
    discarding.discard(session, owner, draft.id, now=NOW)
    session.commit()


def answer(session: Session, owner: Actor, draft: Assessment, key: str) -> Any:
    session.rollback()
    return assessments.hub(session, owner, draft.id).plain.get(key)


@pytest.mark.parametrize("language", Locale)
def test_the_owner_is_shown_what_goes_and_has_to_tick_a_box(
    app: Flask, session: Session, language: Locale
) -> None:
    owner, _, draft = a_team(session)
    browser = browser_of(app, session, owner, language=language)
    here = f"/assessments/{draft.id}"

    page = browser.get(f"{here}/discard")
    refused = browser.send(page, f"{here}/discard")
    after_refusal = browser.get(here).status
    gone = browser.follow(browser.send(page, f"{here}/discard", sure="y"))

    assert (refused.status, after_refusal) == (422, 200)
    assert gone.status == 200
    assert browser.get("/firm").status == 200
    assert here not in browser.get("/firm").links()
    assert "/firm/discarded" in browser.get("/firm").links()


def test_the_page_counts_in_words(app: Flask, session: Session) -> None:
    owner, _, draft = a_team(session)
    browser = browser_of(app, session, owner)

    hub = browser.get(f"/assessments/{draft.id}")
    page = browser.get(f"/assessments/{draft.id}/discard")

    assert f"/assessments/{draft.id}/discard" in hub.links()
    for said in ("1 answer", "1 file", "1 comment", "1 colleague who works on it", PROMISE):
        assert said in page.text
    assert "For 30 days you can restore it" in page.text


def test_a_member_may_not_and_is_not_offered_it(app: Flask, session: Session) -> None:
    owner, member, draft = a_team(session)
    theirs = browser_of(app, session, member)
    here = f"/assessments/{draft.id}"

    offered = f"{here}/discard" in theirs.get(here).links()
    refused = [
        theirs.get(f"{here}/discard").status,
        theirs.post(f"{here}/discard", {"sure": "y"}).status,
        theirs.get("/firm/discarded").status,
        theirs.post(f"{here}/restore").status,
    ]

    assert not offered
    assert refused == [403, 403, 403, 403]
    assert answer(session, owner, draft, "planning") == level(2)


def test_what_was_submitted_is_not_discarded(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{done.id}/discard")

    assert page.status == 422
    assert "has been submitted before" in page.text


def test_an_open_page_is_told_that_nothing_was_saved(app: Flask, session: Session) -> None:
    owner, member, draft = a_team(session)
    theirs = browser_of(app, session, member)
    discarded(session, owner, draft)

    reply = autosave(theirs, draft, "years", *years("7"))

    assert (reply.status, reply.json["state"]) == (410, "discarded")
    assert reply.json["message"].startswith("Not saved: 王强 discarded this assessment on 2 March")
    discarding.restore(session, owner, draft.id, now=NOW)
    session.commit()
    assert answer(session, owner, draft, "years") is None
    assert autosave(theirs, draft, "years", *years("7")).json["state"] == "saved"
    assert answer(session, owner, draft, "years") == {"number": "7"}


def test_without_script_what_was_typed_comes_back_and_can_be_sent_later(
    app: Flask, session: Session
) -> None:
    owner, member, draft = a_team(session)
    theirs = browser_of(app, session, member)
    place = f"/assessments/{draft.id}/pages/everything"
    page = theirs.get(place)
    discarded(session, owner, draft)

    told = theirs.send(page, place, q_years="7")
    still = theirs.send(told, place)
    discarding.restore(session, owner, draft.id, now=NOW)
    session.commit()
    sent = theirs.send(told, place)

    assert (told.status, still.status, sent.status) == (410, 410, 303)
    assert "王强 discarded this assessment on 2 March 2026, so what you sent was not" in told.text
    assert answer(session, owner, draft, "years") == {"number": "7"}


def test_pages_of_it_say_who_discarded_it_to_its_own_people_alone(
    app: Flask, session: Session
) -> None:
    owner, member, draft = a_team(session)
    _, stranger = a_firm(session, "别家企业")
    consultant = a_consultant(session, draft.firm)
    discarded(session, owner, draft)
    here = f"/assessments/{draft.id}"

    told = browser_of(app, session, member).get(here)
    others = [browser_of(app, session, who).get(here) for who in (stranger, consultant)]

    assert told.status == 410
    assert "王强 discarded this assessment" in told.text
    assert [page.status for page in others] == [404, 403]
    assert not any("discarded" in page.text for page in others)


def restored(browser: Browser, draft: Assessment) -> tuple[Page, Page]:
    page = browser.get("/firm/discarded")
    return page, browser.send(page, f"/assessments/{draft.id}/restore")


def test_the_owner_takes_it_back(app: Flask, session: Session) -> None:
    owner, _, draft = a_team(session)
    browser = browser_of(app, session, owner)
    discarded(session, owner, draft)

    page, back = restored(browser, draft)
    hub = browser.follow(back)

    assert "discarded on 2 March 2026 by 王强" in page.text
    assert "It can be restored until 1 April 2026." in page.text
    assert "The assessment is back" in hub.text
    assert answer(session, owner, draft, "planning") == level(2)
    assert "Nothing is discarded." in browser.get("/firm/discarded").text


def test_it_is_not_taken_back_beside_another_that_is_under_way(
    app: Flask, session: Session
) -> None:
    owner, _, draft = a_team(session)
    browser = browser_of(app, session, owner)
    discarded(session, owner, draft)
    assessments.start(session, owner, version_id=draft.bank_version_id, now=NOW)
    session.commit()

    _, refused = restored(browser, draft)

    assert refused.status == 409
    assert "Another assessment with the same questions is under way." in refused.text
