"""While the database is busy or out of reach: a page that says so, and nothing typed is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services import assessments
from survey.store import db as store
from tests.browser import Browser, words_of
from tests.signing import PASSWORD, sign_in, with_password
from tests.stored import a_firm, an_assessment
from tests.web.autosaved import autosave, years
from tests.web.people import browser_of

OpenApp = Callable[[Settings], Flask]


@pytest.fixture
def impatient(open_app: OpenApp, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, waiting only a moment for somebody else's lock."""
    monkeypatch.setattr(store, "WAIT_MS", 50)
    if settings.database_url.startswith("postgresql"):
        url = f"{settings.database_url}&options=-clock_timeout%3D50"
        settings = replace(settings, database_url=url)
    return as_served(open_app(settings))


@pytest.fixture
def away(open_app: OpenApp, settings: Settings, tmp_path: Path) -> Flask:
    """The same application while nobody listens where its database was."""
    url = f"postgresql+psycopg://test@/postgres?host={tmp_path}"
    return as_served(open_app(replace(settings, database_url=url)))


def as_served(app: Flask) -> Flask:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@contextmanager
def taken(engine: Engine) -> Iterator[None]:
    """Let nobody else write, as a long act of somebody else's does."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            tables = 'answer, answer_change, audit_event, assessment, "user"'
            connection.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
        yield
        connection.rollback()


@pytest.mark.parametrize("locale", list(Locale))
def test_answers_sent_while_somebody_else_writes_come_back_and_are_saved_later(
    impatient: Flask, session: Session, engine: Engine, locale: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(impatient, session, owner, language=locale)
    address = f"/assessments/{assessment.id}/pages/everything"
    page = browser.get(address)
    session.rollback()

    with taken(engine):
        unsent = browser.send(page, address, q_years="7", q_product="甲 & <b>")

    assert (unsent.status, unsent.lang) == (503, locale.html_lang)
    assert unsent.response.headers["Retry-After"] == "30"
    assert "甲 & <b>" in words_of(unsent.by_id("main"))
    assert browser.send(unsent, address).status == 303
    assert assessments.hub(session, owner, assessment.id).plain == {
        "years": {"number": "7"},
        "product": {"text": "甲 & <b>"},
    }


def test_a_script_is_told_to_try_again(impatient: Flask, session: Session, engine: Engine) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(impatient, session, owner)

    with taken(engine):
        reply = autosave(browser, assessment, "years", *years("7"))
    again = autosave(browser, assessment, "years", *years("7"))

    assert (reply.status, reply.response.get_json()["state"]) == (503, "away")
    assert again.response.get_json()["state"] == "saved"


def test_nobody_is_half_signed_in(impatient: Flask, session: Session, engine: Engine) -> None:
    _, owner = a_firm(session)
    user = with_password(impatient, session, owner)
    browser = Browser(impatient, language=Locale.EN)
    form = browser.get("/login")

    with taken(engine):
        refused = browser.send(form, "/login", email=user.email, password=PASSWORD)
    firm = browser.get("/firm")
    entered = sign_in(browser, user.email)

    assert (refused.status, firm.status, entered.status) == (503, 303, 303)
    assert "What you saved before is safe. Try again in a minute." in words_of(
        refused.by_id("main")
    )
    assert PASSWORD not in refused.text
    assert "Content-Security-Policy" in refused.response.headers
    assert browser.get("/firm").status == 200


def test_other_forms_come_back_too_but_no_password(
    app: Flask, away: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    token = browser.token()
    browser.client = at(away, browser)

    def post(address: str, **fields: str) -> tuple[int, str]:
        reply = browser.client.post(address, data={"csrf_token": token, **fields})
        return reply.status_code, reply.get_data(as_text=True)

    comment = post(f"/assessments/{assessment.id}/questions/years/comments", text="A & <b>")
    secret = post("/register", name="A", password=PASSWORD)

    assert comment[0] == secret[0] == 503
    assert 'value="A &amp; &lt;b&gt;"' in comment[1]
    assert PASSWORD not in secret[1]
    assert "Send again" not in secret[1]


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("address", ["/firm", "/", "/no-such-page", "/assessments/1/pages/profile"])
def test_without_the_database_there_is_still_a_page(
    app: Flask, away: Flask, session: Session, locale: Locale, address: str
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)
    browser.client = at(away, browser)

    page = browser.get(address)

    assert (page.status, page.lang) == (503, locale.html_lang)
    assert "Content-Security-Policy" in page.response.headers


def test_what_is_wrong_in_a_statement_is_no_absence(
    impatient: Flask, session: Session, engine: Engine
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(impatient, session, owner)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE assessment RENAME TO lost"))

    page = browser.get("/firm")

    assert page.status == 500
    assert len(words_of(page.one("code"))) == 8


def at(app: Flask, browser: Browser) -> FlaskClient:
    """The same browser at the application as it is now."""
    client = app.test_client()
    with browser.client.session_transaction() as here, client.session_transaction() as there:
        there.update(here)
    return client
