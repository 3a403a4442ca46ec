"""Which language is spoken, and how it is changed."""

from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.web.access import Role, declared
from tests.browser import Browser, Page
from tests.stored import a_firm, a_version, an_administrator, an_assessment
from tests.web.people import browser_of
from tests.web.test_access import People, addresses
from tests.web.uploads import upload

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("accepts", "spoken"),
    [
        ("", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("fr-FR,fr;q=0.9", "zh-CN"),
        ("fr,en;q=0.5", "en"),
    ],
)
def test_the_browsers_wish_is_followed_and_chinese_comes_first(
    app: Flask, accepts: str, spoken: str
) -> None:
    page = Browser(app).get("/", headers={"Accept-Language": accepts})

    assert page.lang == spoken


def test_the_language_is_changed_in_place(app: Flask) -> None:
    browser = Browser(app)
    page = browser.get("/login?next=/firm")

    reply = browser.send(page, "/language", language="en")

    assert reply.location == "/login?next=/firm"
    assert browser.follow(reply).lang == "en"
    assert browser.get("/").lang == "en"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "", "/\nx"],
)
def test_the_language_switch_leads_nowhere_else(app: Flask, elsewhere: str) -> None:
    reply = Browser(app).post("/language", {"language": "en", "next": elsewhere})

    assert reply.status == 303
    assert reply.location == "/"


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    browser = Browser(app)

    browser.post("/language", {"language": "klingon", "next": "/"})

    assert browser.get("/").lang == "zh-CN"


def switched(browser: Browser, page: Page) -> tuple[str, Page]:
    """Where pressing the language leads, and what is there."""
    other = page.one("button", name="language").get("value")
    reply = browser.send(page, "/language", language=other)
    return reply.location, browser.follow(reply)


SAY_THAT_THERE_IS_NONE = {"invitations.join", "verify.report"}
"""Pages that answer 404 and say what there is not: a link that nobody sent, a file nobody made."""


def test_wherever_something_was_sent_the_language_can_be_changed(
    app: Flask, session: Session
) -> None:
    people = People(session)
    owner = browser_of(app, session, people.owner)
    browsers: Mapping[Role, Browser] = {
        Role.ADMINISTRATOR: browser_of(app, session, people.administrator),
        Role.CONSULTANT: browser_of(app, session, people.assigned),
        Role.PUBLIC: Browser(app, language=Locale.EN),
    }
    dead_ends = {}
    for endpoint, method, address in addresses(app, people):
        if method == "POST":
            browser = browsers.get(min(declared(app, endpoint)), owner)
            refused = browser.send_raw(address, b"", content_type="text/plain")
            there, page = switched(browser, refused)
            is_there = page.status in (200, 422) or endpoint in SAY_THAT_THERE_IS_NONE
            if not is_there or page.lang == refused.lang:
                dead_ends[endpoint] = (there, page.status)

    assert dead_ends == {}, "say in survey.web.language.STOOD_ON which page these forms stand on"


@pytest.mark.parametrize(
    ("sent_to", "leads_to"),
    [("submit", "check"), ("pack/load", "pack"), ("pages/everything?back=years", None)],
)
def test_a_refusal_leads_to_the_page_that_its_form_stood_on(
    app: Flask, session: Session, sent_to: str, leads_to: str | None
) -> None:
    _, owner = a_firm(session)
    place = f"/assessments/{an_assessment(session, owner).id}"
    browser = browser_of(app, session, owner)

    refused = (
        upload(browser, f"{place}/pack/load", b"none", name="pack.xlsx")
        if sent_to == "pack/load"
        else browser.post(f"{place}/{sent_to}", {"csrf_token": "forged"} if not leads_to else None)
    )
    there, page = switched(browser, refused)

    assert refused.status in (400, 422)
    assert there == f"{place}/{leads_to or sent_to}"
    assert (page.status, page.lang) == (200, "zh-CN")


@pytest.mark.parametrize("address", ["publishing/waive", "files/apply"])
def test_a_refusal_in_the_workshop_leads_to_its_page(
    app: Flask, session: Session, address: str
) -> None:
    place = f"/admin/banks/{a_version(session).id}"
    browser = browser_of(app, session, an_administrator(session))

    there, page = switched(browser, browser.post(f"{place}/{address}"))

    assert there == f"{place}/{address.partition('/')[0]}"
    assert (page.status, page.lang) == (200, "zh-CN")


def test_an_address_that_takes_only_forms_is_told_in_the_other_language_above(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    place = f"/assessments/{an_assessment(session, owner).id}"
    browser = browser_of(app, session, owner)
    page = browser.get(f"{place}/pack/load")

    assert page.status == 405
    assert switched(browser, page)[0] == f"{place}/pack"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_nowhere_is_said_in_the_other_language(app: Flask, method: str) -> None:
    browser = Browser(app, language=Locale.EN)
    page = browser.get("/nowhere/x?a=b") if method == "GET" else browser.post("/nowhere/x?a=b")

    there, page = switched(browser, page)

    assert there == "/nowhere/x?a=b"
    assert (page.status, page.lang) == (404, "zh-CN")
