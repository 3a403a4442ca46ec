"""What every answer tells the browser, and how files are cached."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from tests.browser import Browser
from tests.stored import a_firm
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_every_answer_forbids_what_is_foreign_or_inline(app: Flask) -> None:
    browser = Browser(app)

    for address in ("/", "/login", "/no-such-page", "/healthz", "/static/qizhen.css", "/firm"):
        reply = browser.client.get(address)
        headers = reply.headers
        reply.close()
        parts = headers["Content-Security-Policy"].split("; ")
        policy = dict(part.split(" ", 1) for part in parts)
        assert policy["default-src"] == "'none'", address
        assert policy["script-src"] == policy["style-src"] == "'self'", address
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'", address
        assert "unsafe" not in headers["Content-Security-Policy"], address
        assert headers["X-Content-Type-Options"] == "nosniff", address


def test_pages_of_signed_in_people_are_kept_nowhere(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)

    page = browser_of(app, session, owner).get("/firm")

    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_file_with_its_fingerprint_is_kept_for_a_year(app: Flask) -> None:
    browser = Browser(app)
    page = browser.get("/")
    sheets = [link.get("href", "") for link in page.all("link", rel="stylesheet")]

    assert len(sheets) == 2
    for address in sheets:
        assert "?v=" in address
        reply = browser.client.get(address)
        assert "max-age=31536000" in reply.headers["Cache-Control"]
        reply.close()
    plain = browser.client.get("/static/qizhen.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    plain.close()


def test_cookies_are_secure_except_on_the_own_machine_and_in_debug(settings: Settings) -> None:
    public = replace(settings, debug=False, base_url="https://example.org")

    cookie = _cookie(application.create_app(public))

    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in _cookie(application.create_app(settings))


def test_https_is_remembered_only_where_it_was_used(app: Flask) -> None:
    client = app.test_client()

    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_the_address_of_the_client_is_believed_only_from_trusted_proxies(
    settings: Settings,
) -> None:
    forged = {"X-Forwarded-Proto": "https"}
    trusting = application.create_app(replace(settings, trusted_proxies=1)).test_client()
    cautious = application.create_app(settings).test_client()

    assert "Strict-Transport-Security" in trusting.get("/", headers=forged).headers
    assert "Strict-Transport-Security" not in cautious.get("/", headers=forged).headers


def _cookie(app: Flask) -> str:
    return app.test_client().get("/").headers["Set-Cookie"]
