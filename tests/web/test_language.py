"""Which language is spoken, and how it is changed."""

import pytest
from flask import Flask

from tests.browser import Browser

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
