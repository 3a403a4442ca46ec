"""Trial reports in the workshop: asked for, watched, fetched, and what publishing says of them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services import drafts, trials
from survey.store import files
from survey.store.models import BankVersion, Pack
from tests.browser import Browser
from tests.stored import NOW, a_version, an_administrator, retitled
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LEASE = timedelta(minutes=1)


@pytest.fixture
def delivered(app: Flask) -> list[str]:
    """The trials that were handed to the workers."""
    handed: list[str] = []
    app.extensions["deliver-trials"] = handed.append
    return handed


@pytest.fixture
def draft(session: Session) -> BankVersion:
    """A draft that can be published as it is."""
    return drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)


def administrator(app: Flask, session: Session, language: Locale = Locale.EN) -> Browser:
    return browser_of(app, session, an_administrator(session), language=language)


def of(version: BankVersion) -> str:
    return f"/admin/banks/{version.id}/publishing"


def asked(browser: Browser, version: BankVersion, **changes: str) -> str:
    """Press the button on the page before publishing; the address that it leads to."""
    reply = browser.send(browser.get(of(version)), f"/admin/banks/{version.id}/trial", **changes)
    assert reply.status == 303
    return reply.location or ""


def printed(session: Session, settings: Settings, trial_id: str) -> None:
    """Do what a worker does."""
    now = datetime.now(UTC)
    assert trials.ROWS.claim(session, trial_id, token="t", now=now, lease=LEASE)
    sha256 = files.put(settings.reports_folder, b"%PDF-1.7 a trial")
    assert trials.ROWS.finish(
        session, trial_id, token="t", now=now, file_sha256=sha256, file_size=16, pages=3
    )
    session.commit()


def failed(session: Session, trial_id: str, code: str, **facts: str) -> None:
    now = datetime.now(UTC)
    assert trials.ROWS.claim(session, trial_id, token="t", now=now, lease=LEASE)
    assert trials.ROWS.fail(session, trial_id, token="t", code=code, facts=facts, now=now)
    session.commit()


@pytest.mark.parametrize("locale", list(Locale))
def test_a_trial_is_asked_for_watched_and_fetched(
    app: Flask,
    session: Session,
    settings: Settings,
    draft: BankVersion,
    delivered: list[str],
    locale: Locale,
) -> None:
    browser = administrator(app, session, locale)

    address = asked(browser, draft, languages="zh")
    waits = browser.get(address)
    (trial_id,) = delivered
    told = browser.get(f"{address}/state").response.get_json()
    printed(session, settings, trial_id)
    ready = browser.get(address)
    file = browser.get(f"{address}/file")

    assert (waits.status, told["open"], told["progress"]) == (200, True, 0)
    assert told["message"] in waits.text
    assert f"{address}/file" in ready.links()
    assert file.response.data == b"%PDF-1.7 a trial"
    assert session.get_one(Pack, trial_id).languages == "zh"
    assert asked(browser, draft, languages="zh") == address
    assert delivered == [trial_id]


def test_the_page_before_publishing_says_how_the_last_trial_went(
    app: Flask, session: Session, settings: Settings, draft: BankVersion, delivered: list[str]
) -> None:
    browser = administrator(app, session)
    missing = browser.get(of(draft)).text

    asked(browser, draft)
    failed(session, delivered[0], "renderer-complaint", complaint="a hole in the page")
    after_failing = browser.get(of(draft)).text
    asked(browser, draft)
    printed(session, settings, delivered[0])
    ready = browser.get(of(draft)).text
    retitled(session, draft, "Other words")
    session.commit()
    edited = browser.get(of(draft)).text

    none = "No trial report of this draft has been printed as it is now."
    assert none in missing
    assert "a hole in the page" in after_failing
    assert none not in ready
    assert "a hole in the page" not in ready
    assert "Trial report: Chinese and English" in ready
    assert "Trial report: Chinese and English" not in edited


def test_a_missing_trial_does_not_keep_a_draft_from_being_published(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)

    reply = browser.send(browser.get(of(draft)), of(draft))

    assert reply.status == 303
    session.refresh(draft)
    assert draft.published_at is not None


def test_a_failed_trial_names_its_place_and_is_printed_again(
    app: Flask, session: Session, draft: BankVersion, delivered: list[str]
) -> None:
    browser = administrator(app, session)
    address = asked(browser, draft)
    code, facts = "bidi-control", {"codepoint": "U+202E", "place": "planning"}
    failed(session, delivered[0], code, **facts)

    page = browser.get(address)
    reply = browser.send(page, f"/admin/banks/{draft.id}/trial")

    assert "U+202E" in page.text
    assert "“planning”" not in page.text
    assert reply.location == address
    assert delivered == [delivered[0]] * 2


def test_a_draft_with_problems_is_not_printed_and_the_page_says_so(
    app: Flask, session: Session, draft: BankVersion, delivered: list[str]
) -> None:
    browser = administrator(app, session)
    page = browser.get(of(draft))
    retitled(session, draft, "")
    session.commit()

    refused = browser.send(page, f"/admin/banks/{draft.id}/trial")

    assert refused.status == 422
    assert "A draft with problems cannot be printed." in refused.text
    assert (
        "It can be printed once the contents are without problems." in browser.get(of(draft)).text
    )
    assert delivered == []


def test_what_was_printed_of_earlier_words_goes_when_the_draft_is_printed_again(
    app: Flask, session: Session, settings: Settings, draft: BankVersion, delivered: list[str]
) -> None:
    browser = administrator(app, session)
    old = asked(browser, draft)
    printed(session, settings, delivered[0])
    sha256 = session.get_one(Pack, delivered[0]).file_sha256 or ""
    retitled(session, draft, "Other words")
    session.commit()

    said = browser.get(old).text
    asked(browser, draft)
    gone = browser.get(old)

    assert "The draft has been edited since" in said
    assert gone.location == of(draft)
    assert "no longer kept" in browser.get(of(draft)).text
    assert not files.path(settings.reports_folder, sha256).exists()


def test_a_file_that_is_lost_is_told_and_printed_again(
    app: Flask, session: Session, settings: Settings, draft: BankVersion, delivered: list[str]
) -> None:
    browser = administrator(app, session)
    address = asked(browser, draft)
    early = browser.get(f"{address}/file")
    printed(session, settings, delivered[0])
    sha256 = session.get_one(Pack, delivered[0]).file_sha256 or ""
    files.forget(settings.reports_folder, sha256)

    page = browser.get(f"{address}/file")
    again = browser.send(page, f"/admin/banks/{draft.id}/trial")

    assert (early.status, page.status, again.status) == (404, 404, 303)
    assert "The file of this trial report is gone." in page.text
    assert delivered == [delivered[0]] * 2


def test_a_published_version_has_no_button_for_a_trial(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    published = session.get_one(BankVersion, draft.based_on_id)

    page = browser.get(of(published))
    reply = browser.post(f"/admin/banks/{published.id}/trial", {"languages": "tlh"})

    assert "/trial" not in page.text
    assert reply.status == 422
