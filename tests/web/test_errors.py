"""What is refused or broken is said in a sentence, in both languages, with a way on."""

import logging

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey import BIGGEST_REQUEST
from survey.core.text import Locale
from survey.store.db import db
from survey.web.access import Role, allow
from tests.browser import Browser, words_of
from tests.stored import a_firm, an_assessment
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def breaking(app: Flask) -> None:
    """A view that has a fault of ours."""

    @app.get("/breaking")
    @allow(Role.PUBLIC)
    def break_down() -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize("locale", list(Locale))
def test_each_refusal_has_a_page_in_both_languages(app: Flask, locale: Locale) -> None:
    browser = Browser(app, language=locale)
    pages = {
        404: browser.get("/no-such-page"),
        405: browser.post("/healthz"),
        400: browser.post("/language", {"csrf_token": "forged"}),
        413: browser.post("/language", {"next": "x" * (BIGGEST_REQUEST + 1)}),
    }

    titles = set()
    for status, page in pages.items():
        assert page.status == status
        assert page.lang == locale.html_lang
        titles.add(words_of(page.one("h1")))
    assert len(titles) == len(pages)
    assert all(title.isascii() is (locale is Locale.EN) for title in titles)


def test_a_page_for_others_is_refused(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)

    page = browser_of(app, session, owner).get("/admin")

    assert page.status == 403
    assert words_of(page.one("h1")) == "This page is for others"


@pytest.mark.parametrize("locale", list(Locale))
def test_a_fault_of_ours_has_a_reference_that_is_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture, locale: Locale
) -> None:
    breaking(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = Browser(app, language=locale)

    with caplog.at_level(logging.ERROR):
        page = browser.get("/breaking")

    reference = words_of(page.one("code"))
    assert page.status == 500
    assert len(reference) == 8
    assert any(reference in record.getMessage() for record in caplog.records)
    assert any(record.exc_info for record in caplog.records)


def test_programs_get_the_sentence_as_json(app: Flask) -> None:
    breaking(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    headers = {"Accept": "application/json"}

    missing = client.get("/no-such-page", headers=headers)
    broken = client.get("/breaking", headers=headers)

    assert missing.status_code == 404
    assert set(missing.get_json()) == {"message"}
    assert set(broken.get_json()) == {"message", "reference"}


def test_too_many_tries_are_slowed_down(app: Flask) -> None:
    browser = Browser(app, language=Locale.EN)
    login = browser.get("/login")
    wrong = {"email": "somebody@example.com", "password": "not the password"}

    replies = [browser.send(login, "/login", **wrong) for _ in range(11)]

    assert replies[9].status != 429
    assert replies[10].status == 429
    assert words_of(replies[10].one("h1")) == "Too many attempts"


def test_a_refused_save_changes_nothing_and_says_so(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{assessment.id}/result")

    assert page.status == 422
    assert "There is no result yet" in page.text


@pytest.mark.parametrize("locale", list(Locale))
def test_without_the_database_there_is_still_a_page(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def out_of_reach(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("no connection"))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", out_of_reach)
    pages = [browser.get(address) for address in ("/firm", "/", "/assessments/1")]

    for page in pages:
        assert page.status == 500
        assert page.lang == locale.html_lang
        assert len(words_of(page.one("code"))) == 8
        assert "Content-Security-Policy" in page.response.headers
