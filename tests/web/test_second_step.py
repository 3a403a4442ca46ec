"""Two-step sign-in: setting it up, using it, losing the phone."""

import re
from time import time

import pytest
from flask import Flask
from flask_security.proxies import _security
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import accounts
from survey.store.models import User
from tests import stored
from tests.browser import Browser, Page
from tests.signing import PASSWORD, latin_words, sign_in, with_password


@pytest.fixture
def owner(app: Flask, session: Session) -> User:
    _, actor = stored.a_firm(session)
    return with_password(app, session, actor, email="owner@example.com")


def code_of(app: Flask, session: Session, user: User) -> str:
    """What the person's app shows next: the code of this moment was spent on setting up."""
    session.expire_all()
    assert user.tf_totp_secret
    with app.app_context():
        totp = _security.totp_factory._totp.from_source(user.tf_totp_secret)
    code: str = totp.generate(time() + 30).token
    return code


def key_on(page: Page) -> str:
    return "".join(page.one("code", **{"class": "key"}).itertext()).replace("-", "")


def switch_on(app: Flask, user: User, language: Locale = Locale.EN) -> tuple[Browser, Page]:
    """A browser that has set up the second step, and the page with the key."""
    browser = Browser(app, language=language)
    sign_in(browser, user.email)
    shown = browser.post("/tf-setup", {"setup": "authenticator"})
    with app.app_context():
        totp = _security.totp_factory._totp(key=key_on(shown))
    answer = browser.send(shown, "/tf-setup/", code=totp.generate().token)
    assert (answer.status, answer.location) == (303, "/account")
    return browser, shown


def test_after_setting_up_a_code_is_asked_for(app: Flask, session: Session, owner: User) -> None:
    browser, _ = switch_on(app, owner)
    other = Browser(app, language=Locale.EN)

    first = sign_in(other, owner.email, address="/login?next=/account")
    before = other.get("/account")
    page = other.get(first.location)
    done = other.send(page, "/tf-validate", code=code_of(app, session, owner))

    assert "Two-step sign-in is on." in browser.get("/account").text
    assert first.location.startswith("/tf-validate")
    assert before.status == 303
    assert (done.status, done.location) == (303, "/account")
    assert other.get("/account").status == 200


def test_a_wrong_code_lets_nobody_in(app: Flask, owner: User) -> None:
    switch_on(app, owner)
    browser = Browser(app, language=Locale.EN)

    page = browser.follow(sign_in(browser, owner.email))
    answer = browser.send(page, "/tf-validate", code="000000")

    assert answer.status == 422
    assert "This code is not valid now." in answer.text
    assert browser.get("/account").status == 303


def test_a_code_that_somebody_has_read_lets_nobody_in_a_second_time(
    app: Flask, session: Session, owner: User
) -> None:
    switch_on(app, owner)
    code = code_of(app, session, owner)
    first, thief = Browser(app, language=Locale.EN), Browser(app, language=Locale.EN)
    pages = [browser.follow(sign_in(browser, owner.email)) for browser in (first, thief)]

    entered = first.send(pages[0], "/tf-validate", code=code)
    refused = thief.send(pages[1], "/tf-validate", code=code)

    assert entered.status == 303
    assert refused.status == 422
    assert "This code is not valid now." in refused.text
    assert thief.get("/account").status == 303


def test_a_code_taken_by_another_request_meanwhile_is_spent(
    app: Flask, session: Session, owner: User
) -> None:
    counter = 60_000_000

    assert accounts.spend_code(session, user_id=owner.id, counter=counter)
    assert not accounts.spend_code(session, user_id=owner.id, counter=counter)
    assert not accounts.spend_code(session, user_id=owner.id, counter=counter - 1)
    assert accounts.spend_code(session, user_id=owner.id, counter=counter + 1)


@pytest.mark.parametrize("address", ["/mf-recovery", "/password-again", "/tf-setup/any"])
def test_guessing_is_slowed_down_at_every_door(
    app: Flask, session: Session, owner: User, address: str
) -> None:
    browser = Browser(app, language=Locale.EN)
    if address == "/mf-recovery":
        switch_on(app, owner)
    sign_in(browser, owner.email)

    guesses = {"password": "not the right one", "code": "000000"}
    answers = [browser.post(address, guesses).status for _ in range(11)]

    assert answers[0] != 429
    assert answers[-1] == 429


def test_the_secret_is_not_stored_in_the_clear(app: Flask, session: Session, owner: User) -> None:
    _, shown = switch_on(app, owner)

    session.expire_all()

    assert owner.tf_totp_secret
    assert key_on(shown) not in owner.tf_totp_secret


def test_a_recovery_code_works_once(app: Flask, session: Session, owner: User) -> None:
    browser, _ = switch_on(app, owner)
    page = browser.send(browser.get("/mf-recovery-codes"), "/mf-recovery-codes")
    codes = re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", page.text)

    def with_code(code: str) -> Page:
        other = Browser(app, language=Locale.EN)
        sign_in(other, owner.email)
        return other.send(other.get("/mf-recovery"), "/mf-recovery", code=code)

    session.expire_all()
    assert len(codes) == 8
    assert not set(codes) & set(owner.mf_recovery_codes or ())
    assert with_code(codes[0].upper()).status == 303
    assert with_code(codes[0]).status == 422
    assert with_code(codes[1]).status == 303


def test_it_can_be_switched_off_again(app: Flask, owner: User) -> None:
    browser, _ = switch_on(app, owner)

    answer = browser.post("/tf-setup", {"setup": "disable"})

    assert answer.status == 303
    assert "Two-step sign-in is off." in browser.get("/account").text
    assert sign_in(Browser(app), owner.email).location == "/"


def test_after_a_while_the_password_is_asked_again(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)
    sign_in(browser, owner.email)
    with browser.client.session_transaction() as session:
        session["fs_paa"] -= 31 * 60

    asked = browser.get("/tf-setup")
    answer = browser.send(browser.get(asked.location), "/password-again", password=PASSWORD)

    assert asked.location.startswith("/password-again")
    assert (answer.status, answer.location) == (303, "/tf-setup")
    assert browser.get("/tf-setup").status == 200


def test_an_administrator_helps_somebody_who_lost_everything(
    app: Flask, session: Session, owner: User
) -> None:
    switch_on(app, owner)
    administrator = session.get_one(User, stored.an_administrator(session).user_id)
    session.commit()
    office = Browser(app, language=Locale.EN).be(administrator)

    answer = office.send(
        office.get(f"/admin/users/{owner.id}"), f"/admin/users/{owner.id}/second-step"
    )

    assert answer.status == 303
    assert sign_in(Browser(app), owner.email).location == "/"


def test_no_english_word_stands_on_the_chinese_pages(app: Flask, owner: User) -> None:
    browser, shown = switch_on(app, owner, Locale.ZH)
    other = Browser(app, language=Locale.ZH)
    page = other.follow(sign_in(other, owner.email))
    recovery = other.get("/mf-recovery")
    wrong = other.send(page, "/tf-validate", code="")
    switched = browser.get("/tf-setup")
    key = "".join(shown.one("code", **{"class": "key"}).itertext())

    assert latin_words(shown, key) == set()
    for each in (page, recovery, wrong, switched, browser.get("/account")):
        assert latin_words(each) == set()


def test_the_steps_cannot_be_entered_sideways(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)

    assert browser.get("/tf-validate").location == "/login"
    assert browser.get("/mf-recovery").location == "/login"
    assert browser.get("/tf-setup").location == "/login"
    assert browser.post("/tf-setup/forged", {"code": "123456"}).status == 303
