"""What is refused or broken is said in a sentence, in both languages, with a way on."""

import io
import logging
import threading
import time
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from typing_extensions import override

from survey.application import BIGGEST_REQUEST
from survey.core.text import Locale
from survey.services import accounts, assessments, comments
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.errors import MOST_HEARD_OUT, ears
from tests.browser import Browser, words_of
from tests.stored import NOW, a_firm, a_member, an_assessment
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


class Upload(io.BytesIO):
    """What a browser sends, as far as it was taken."""

    @property
    def taken(self) -> int:
        return self.tell()


class Slow(Upload):
    """A sender who does not go on, until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(bytes(5 * 1024 * 1024))
        self.stopped = threading.Event()

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self.stopped.wait(10)
        raise OSError("gone")


def refused(app: Flask, sent: Upload) -> int:
    reply = app.test_client().post(
        "/verify",
        input_stream=sent,
        content_type="multipart/form-data",
        headers={"Accept-Language": "en"},
    )
    assert "That was too large to send" in reply.text
    return reply.status_code


@pytest.mark.parametrize(
    ("referrer", "link"),
    [
        ("http://localhost/verify?a=b", "/verify"),
        ("https://example.org/x", None),
        ("http://localhost//example.org/verify", None),
        ("http://[/verify", None),
        ("", None),
    ],
)
def test_what_is_too_large_is_said_in_both_languages_with_the_limit_and_the_way_back(
    app: Flask, referrer: str, link: str | None
) -> None:
    reply = app.test_client().post(
        "/verify",
        input_stream=Upload(bytes(BIGGEST_REQUEST + 1)),
        content_type="multipart/form-data",
        headers={"Accept-Language": "en", "Referer": referrer},
    )

    assert "larger than 4 MB" in reply.text
    assert "超过4 MB" in reply.text
    assert ('href="/verify">Back to the form' in reply.text) is (link is not None)
    assert ("Back to the form" in reply.text) is (link is not None)


def test_a_browser_that_sends_fifty_megabytes_is_heard_out(app: Flask) -> None:
    sent = Upload(bytes(50 * 1024 * 1024))

    assert refused(app, sent) == 413
    assert sent.taken == 50 * 1024 * 1024


def test_who_sends_very_much_is_cut_off(app: Flask) -> None:
    sent = Upload(bytes(MOST_HEARD_OUT + 1))

    assert refused(app, sent) == 413
    assert sent.taken == 0


def test_who_sends_slowly_keeps_nobody_waiting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.web.errors.LONGEST_HEARD_OUT", 0.1)
    slow, later = [Slow(), Slow()], Upload(bytes(5 * 1024 * 1024))
    started = time.monotonic()

    statuses = [refused(app, each) for each in slow]
    statuses.append(refused(app, later))

    assert statuses == [413, 413, 413]
    assert later.taken == 0
    assert time.monotonic() - started < 15
    for each in slow:
        each.stopped.set()
    assert all(ears.acquire(timeout=15) for _ in slow)
    ears.release(len(slow))


def test_a_page_for_others_is_refused(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)

    page = browser_of(app, session, owner).get("/admin")

    assert page.status == 403
    assert words_of(page.one("h1")) == "You cannot open this page"


def test_what_is_typed_beside_a_password_is_to_be_copied_when_the_form_has_expired(
    app: Flask,
) -> None:
    browser = Browser(app, language=Locale.EN)
    typed = {"firm_name": "江海阀门有限公司", "password": "geheim", "csrf_token": "old"}

    pages = [browser.post(address, typed) for address in ("/register", "/join", "/login")]

    assert [page.status for page in pages] == [400] * 3
    assert ["copy what you typed" in page.text for page in pages] == [True, True, False]
    assert not [page for page in pages if "geheim" in page.html or "江海" in page.html]


def test_whoever_was_removed_from_a_firm_is_told_so(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    member = a_member(session, firm)
    browser = browser_of(app, session, member)
    accounts.remove_member(session, owner, user_id=member.user_id, now=NOW)
    session.commit()

    page = browser.get("/firm")
    saved = browser.client.post(
        f"/assessments/{draft.id}/answers/years?page=everything",
        json={},
        headers={"X-CSRFToken": browser.token()},
    )

    assert page.status == 403
    assert "do not belong to a firm at the moment" in page.text
    assert "Nothing was saved" not in page.text
    assert [words_of(link) for link in page.one("main").iter("a")] == ["My account"]
    assert (saved.status_code, saved.get_json()["state"]) == (403, "not-yours")
    assert "Nothing was saved" in saved.get_json()["message"]


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


@pytest.mark.parametrize("locale", list(Locale))
def test_after_a_fault_of_ours_what_was_typed_comes_back_with_the_reference(
    app: Flask,
    session: Session,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    locale: Locale,
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)
    answers = f"/assessments/{draft.id}/pages/everything"
    question = f"/assessments/{draft.id}/questions/years"
    forms = {answers: browser.get(answers), f"{question}/comments": browser.get(question)}

    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(assessments, "save", break_down)
        broken.setattr(comments, "add", break_down)
        unsent = [
            browser.send(page, action, text="A & <b>", q_product="A & <b>")
            for action, page in forms.items()
        ]
    saved = [browser.send(page, action).status for page, action in zip(unsent, forms, strict=True)]

    for page in unsent:
        assert (page.status, page.lang) == (500, locale.html_lang)
        assert "A & <b>" in words_of(page.by_id("main"))
        reference = words_of(page.one("code"))
        assert any(reference in record.getMessage() for record in caplog.records)
    assert saved == [303, 303]
    session.rollback()
    assert assessments.hub(session, owner, draft.id).plain == {"product": {"text": "A & <b>"}}
    assert comments.counts(session, draft.id) == {"years": 1}


@pytest.mark.parametrize(
    ("secret", "field"),
    [
        ("/login", "password"),
        ("/register", "password"),
        ("/reset/none", "password"),
        ("/tf-validate", "code"),
    ],
)
def test_after_a_fault_of_ours_no_secret_comes_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch, secret: str, field: str
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = Browser(app, language=Locale.EN)
    token = browser.token()

    def break_down(**_: object) -> str:
        raise ZeroDivisionError

    endpoint = app.url_map.bind("localhost").match(secret, method="POST")[0]
    monkeypatch.setitem(app.view_functions, endpoint, allow(Role.PUBLIC)(break_down))
    typed = {"csrf_token": token, field: "geheim"}
    page = browser.send_raw(
        secret, urlencode(typed).encode(), content_type="application/x-www-form-urlencoded"
    )

    assert page.status == 500
    assert "geheim" not in page.html
    assert "Send again" not in page.text


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
def test_with_a_broken_database_there_is_still_a_page(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(*_: object) -> None:
        raise ProgrammingError("SELECT 1", {}, Exception("no such table"))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", broken)
    pages = [browser.get(address) for address in ("/firm", "/", "/assessments/1")]

    for page in pages:
        assert page.status == 500
        assert page.lang == locale.html_lang
        assert len(words_of(page.one("code"))) == 8
        assert "Content-Security-Policy" in page.response.headers
