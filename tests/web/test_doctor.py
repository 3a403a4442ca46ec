"""The administrator sees what `survey doctor` says, and why reports failed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey import doctor as installation
from survey.config import Settings
from survey.core.text import Locale, Text
from survey.services.people import Actor
from survey.web.doctor import EXAMINE
from tests.browser import words_of
from tests.signing import latin_words
from tests.stored import a_consultant, a_firm, an_administrator
from tests.web.people import browser_of
from tests.web.reported import asked, failed

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

GLYPH = {"character": "😀", "codepoint": "U+1F600", "place": "product"}


@dataclass(frozen=True)
class Part:
    """A finding of a test."""

    part: Text
    good: bool
    remark: Text


@pytest.mark.parametrize("locale", list(Locale))
def test_every_finding_of_the_command_stands_on_the_page(
    app: Flask, session: Session, settings: Settings, locale: Locale
) -> None:
    browser = browser_of(app, session, an_administrator(session), language=locale)

    page = browser.get("/admin/doctor")

    findings = list(installation.examine(settings))
    assert page.status == 200
    assert len(page.all("tr")) == len(findings) + 1
    for finding in findings:
        assert finding.part.in_(locale) in page.text
    for name in ("Certificate", "Fonts", "Database", "Migrations", "Disk space"):
        assert (name in page.text) == (locale is Locale.EN)
    assert ("✓ In order" if locale is Locale.EN else "✓ 正常") in page.text


def test_what_is_out_of_order_is_said_first_and_in_words(app: Flask, session: Session) -> None:
    fault = Part(Text(zh="字体", en="Fonts"), False, Text(zh="缺少字体。", en="No fonts."))
    app.extensions[EXAMINE] = lambda: iter([fault])

    page = browser_of(app, session, an_administrator(session)).get("/admin/doctor")

    assert "1 check failed. Fonts: No fonts." in page.text
    assert "✗ Not in order" in page.text
    assert "Everything is in order" not in page.text


def test_the_page_shows_what_waits_and_since_when(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    report.requested_at = datetime.now(UTC) - timedelta(minutes=7, seconds=20)

    page = browser_of(app, session, an_administrator(session)).get("/admin/doctor")

    said = [words_of(part) for part in page.all("dd")]
    assert said == ["1", "7 minutes", "0"]


@pytest.mark.parametrize("locale", list(Locale))
def test_failures_of_a_day_are_listed_with_reason_and_link(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    report, earlier = asked(session, owner), asked(session, owner)
    failed(session, report, "missing-glyph", **GLYPH)
    failed(session, earlier)
    earlier.finished_at = datetime.now(UTC) - timedelta(hours=25)
    administrator = an_administrator(session)

    page = browser_of(app, session, administrator, language=locale).get("/admin/doctor")

    assert f"/reports/{report.id}" in page.links()
    assert f"/reports/{earlier.id}" not in page.links()
    place = "What about product?”" if locale is Locale.EN else "关于product的问题？”"
    assert "U+1F600" in page.text
    assert place in page.text


def test_a_long_list_of_failures_says_how_many_there_are(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.doctor.MOST_LISTED", 1)
    _, owner = a_firm(session)
    for _ in range(2):
        failed(session, asked(session, owner))

    page = browser_of(app, session, an_administrator(session)).get("/admin/doctor")

    assert "The newest 1 of 2." in page.text


@pytest.mark.parametrize("locale", list(Locale))
def test_the_menu_and_the_overview_lead_there(app: Flask, session: Session, locale: Locale) -> None:
    page = browser_of(app, session, an_administrator(session), language=locale).get("/admin")

    assert page.links().count("/admin/doctor") == 2


@pytest.mark.parametrize("who", ["owner", "consultant"])
def test_the_page_is_for_administrators(app: Flask, session: Session, who: str) -> None:
    firm, owner = a_firm(session)
    actors: dict[str, Callable[[], Actor]] = {
        "owner": lambda: owner,
        "consultant": lambda: a_consultant(session, firm),
    }
    browser = browser_of(app, session, actors[who]())

    assert browser.get("/admin/doctor").status == 403
    assert "/admin/doctor" not in browser.get("/account").links()


def test_in_chinese_nothing_is_left_in_english(app: Flask, session: Session) -> None:
    browser = browser_of(app, session, an_administrator(session), language=Locale.ZH)

    page = browser.get("/admin/doctor")

    known = ("survey doctor", "Pango", "HarfBuzz", "MAIL_SERVER", "MB", "sqlite")
    assert {word for word in latin_words(page, *known) if word.istitle()} == set()
