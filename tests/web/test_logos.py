"""Logos: sent by owners and consultants, refused in sentences, seen by nobody else."""

import zlib
from collections.abc import Callable
from pathlib import Path
from struct import pack

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.application import BIGGEST_REQUEST
from survey.core.text import Locale
from survey.services.people import Actor
from tests.browser import Browser, words_of
from tests.signing import latin_words
from tests.stored import a_consultant, a_firm, a_member, an_administrator
from tests.web.people import browser_of
from tests.web.uploads import upload

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def a_png(*, width: int = 40, height: int = 20) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc0\x20\x20" * width) * height
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + pieces


PLACES: dict[str, Callable[[Session], Actor]] = {
    "/firm/logo": lambda session: a_firm(session)[1],
    "/consultant/logo": lambda session: a_consultant(session, a_firm(session)[0]),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_logo_is_sent_shown_and_removed(app: Flask, session: Session, place: str) -> None:
    browser = browser_of(app, session, PLACES[place](session))

    kept = upload(browser, place, a_png(), name="标志.png")
    page = browser.follow(kept)
    picture = browser.get(page.one("img").get("src", ""))
    removed = browser.send(page, f"{place}/remove")
    after = browser.follow(removed)

    assert kept.location == place
    assert "The logo has been saved." in page.text
    assert picture.response.mimetype == "image/png"
    assert picture.response.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.response.headers["Cache-Control"] == "private, no-cache"
    assert picture.response.get_data().startswith(b"\x89PNG")
    picture.response.close()
    assert "There is no logo yet." in after.text
    assert browser.get(f"{place}/picture").status == 404


REFUSED = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "text": b"just words",
    "half": a_png()[:40],
    "large": b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024),
    "wide": a_png(width=5000, height=4000),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("locale", list(Locale))
def test_what_is_no_logo_is_refused_beside_the_field(
    app: Flask, session: Session, kind: str, locale: Locale
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)

    page = upload(browser, "/firm/logo", REFUSED[kind], name="logo.png")

    assert page.status == 422
    fault = words_of(page.by_id("file-fault"))
    assert fault
    assert fault.isascii() is (locale is Locale.EN)
    assert "<script>" not in page.html
    assert browser.get("/firm/logo/picture").status == 404


def test_no_file_is_said(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get("/firm/logo"), "/firm/logo", file=None)

    assert page.status == 422
    assert words_of(page.by_id("file-fault")) == "Choose a file."


@pytest.mark.parametrize("locale", list(Locale))
def test_ten_megabytes_get_a_sentence(app: Flask, session: Session, locale: Locale) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)

    page = upload(browser, "/firm/logo", b"\0" * (10 * 1024 * 1024))

    assert BIGGEST_REQUEST < 10 * 1024 * 1024
    assert page.status == 413
    assert page.lang == locale.html_lang


def test_members_see_the_logo_and_leave_it(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    upload(browser_of(app, session, owner), "/firm/logo", a_png())
    browser = browser_of(app, session, a_member(session, firm))

    page = browser.get("/firm/logo")
    picture = browser.get("/firm/logo/picture")

    assert "Only the owner of the firm changes it." in page.text
    assert picture.status == 200
    picture.response.close()
    assert upload(browser, "/firm/logo", a_png()).status == 403
    assert browser.post("/firm/logo/remove").status == 403


@pytest.mark.parametrize("who", ["stranger", "consultant", "administrator", "nobody"])
def test_others_do_not_see_it(app: Flask, session: Session, who: str) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    upload(browser_of(app, session, owner), "/firm/logo", a_png())
    actors = {
        "stranger": lambda: stranger,
        "consultant": lambda: a_consultant(session, firm),
        "administrator": lambda: an_administrator(session),
    }
    browser = Browser(app) if who == "nobody" else browser_of(app, session, actors[who]())

    reply = browser.get("/firm/logo/picture")

    assert reply.status == {"stranger": 404, "nobody": 303}.get(who, 403)


def test_a_picture_that_is_gone_is_not_there(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    upload(browser, "/firm/logo", a_png())
    folder: Path = app.extensions["settings"].logos_folder
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()

    assert browser.get("/firm/logo").status == 200
    assert browser.get("/firm/logo/picture").status == 404


@pytest.mark.parametrize("place", PLACES)
def test_no_english_word_stands_on_a_chinese_page(app: Flask, session: Session, place: str) -> None:
    browser = browser_of(app, session, PLACES[place](session), language=Locale.ZH)
    upload(browser, place, a_png())

    assert latin_words(browser.get(place), "PNG", "JPEG", "MB") == set()
