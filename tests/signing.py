"""People who really sign in, for tests of accounts: with a password, a mail box and a clock."""

import re
from dataclasses import replace

from flask import Flask
from flask_security import hash_password
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services.people import Actor
from survey.store.models import User
from tests.browser import Browser, Page
from tests.mail import MailBox

PASSWORD = "correct horse battery staple"
_LATIN = re.compile(r"[A-Za-z]{2,}")
_ADDRESS = re.compile(r"\S+@\S+")


def with_password(app: Flask, session: Session, actor: Actor, *, email: str = "") -> User:
    """The person behind an actor, able to sign in with `PASSWORD`. Commits."""
    user = session.get_one(User, actor.user_id)
    with app.app_context():
        user.password = hash_password(PASSWORD)
    user.email = email or user.email
    session.commit()
    return user


def sign_in(
    browser: Browser, email: str, password: str = PASSWORD, address: str = "/login"
) -> Page:
    return browser.send(browser.get(address), "/login", email=email, password=password)


def with_mail_server(settings: Settings, box: MailBox) -> Settings:
    return replace(settings, mail_server="127.0.0.1", mail_port=box.port, mail_tls=False)


def link_in(words: str) -> str:
    """The path of the first link in a letter."""
    found = re.search(r"https?://[^/\s]+(/\S+)", words)
    assert found, words
    return found[1]


def latin_words(page: Page, *known: str) -> set[str]:
    """English on a page, apart from addresses, the language switch and the words named."""
    assert page.lang == Locale.ZH.html_lang
    text = _ADDRESS.sub("", page.text)
    for word in ("English", *known):
        text = text.replace(word, "")
    return set(_LATIN.findall(text))
