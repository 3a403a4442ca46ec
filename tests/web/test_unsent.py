"""Without script, an expired page gives back what was typed."""

import json
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, comments, drafts
from survey.services.people import Actor
from survey.store.models import Assessment, User
from tests.browser import Browser, Page, words_of
from tests.stored import NOW, a_firm, a_version, an_administrator, an_assessment
from tests.web.people import browser_of


def opened(
    app: Flask, session: Session, *, language: Locale = Locale.EN
) -> tuple[Browser, Actor, Assessment, Page]:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=language)
    return browser, owner, assessment, browser.get(page_of(assessment))


def page_of(assessment: Assessment) -> str:
    return f"/assessments/{assessment.id}/pages/everything"


def forget(browser: Browser, *names: str) -> None:
    with browser.client.session_transaction() as kept:
        for name in names or tuple(kept):
            kept.pop(name, None)


def stored(session: Session, actor: Actor, assessment: Assessment) -> Mapping[str, object]:
    session.rollback()
    return assessments.hub(session, actor, assessment.id).plain


@pytest.mark.parametrize("lost", [(), ("_user_id",), ("csrf_token",)])
def test_what_was_typed_comes_back_and_is_saved_after_signing_in(
    app: Flask, session: Session, lost: tuple[str, ...]
) -> None:
    browser, owner, assessment, page = opened(app, session)
    forget(browser, *lost)

    unsent = browser.send(page, page_of(assessment), q_years="7", q_product="A & <b>")

    assert unsent.status == 400
    assert "A & <b>" in unsent.text
    assert stored(session, owner, assessment) == {}
    browser.be(session.get_one(User, owner.user_id))
    saved = browser.send(unsent, page_of(assessment))
    assert saved.status == 303
    assert stored(session, owner, assessment) == {
        "years": {"number": "7"},
        "product": {"text": "A & <b>"},
    }


def test_the_button_that_was_pressed_is_not_called_typed(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)
    forget(browser, "csrf_token")

    unsent = browser.send(page, page_of(assessment), q_product="甲阀", clear="planning")

    main = unsent.by_id("main")
    assert "甲阀" in words_of(main)
    assert "planning" not in words_of(main)
    assert "planning" in [field.get("value") for field in unsent.all("input", name="clear")]


@pytest.mark.parametrize("locale", list(Locale))
def test_what_was_typed_is_read_at_once_and_choices_are_only_counted(
    app: Flask, session: Session, locale: Locale
) -> None:
    browser, _, assessment, page = opened(app, session, language=locale)
    forget(browser, "csrf_token")
    typed = {"q_years": "1200", "q_product": "甲阀", "q_planning.reason": "没有计划"}
    chosen = {
        "q_planning": "_not-applicable",
        "q_planning.half": "1",
        "q_security": ["level-2"],
        "q_years.evidence": "document",
        "q_anything.row.first": "small",
    }

    unsent = browser.send(page, page_of(assessment), **typed, **chosen)

    shown = unsent.one("details", **{"class": "more"})
    assert shown.get("open") is not None
    assert sorted(words_of(line) for line in shown.iter("li")) == sorted(typed.values())
    sentence = {
        Locale.EN: "Your 5 choices are still here.",
        Locale.ZH: "您选择的5项内容仍然保留。",
    }[locale]
    assert sentence in words_of(unsent.by_id("main"))
    sent = {(field.get("name"), field.get("value")) for field in unsent.all("input")}
    assert {("q_planning", "_not-applicable"), ("q_security", "level-2")} <= sent


def test_a_word_that_was_typed_is_not_taken_for_a_choice(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)
    forget(browser, "csrf_token")

    unsent = browser.send(page, page_of(assessment), q_product="cnc-machines")

    assert "cnc-machines" in words_of(unsent.one("details", **{"class": "more"}))


@pytest.mark.parametrize("form", ["answers", "comment"])
def test_who_is_signed_out_reads_it_in_the_language_of_the_button(
    app: Flask, session: Session, form: str
) -> None:
    browser, owner, assessment, page = opened(app, session)
    address = page_of(assessment)
    if form == "comment":
        question = f"/assessments/{assessment.id}/questions/years"
        page, address = browser.get(question), f"{question}/comments"
    forget(browser)

    unsent = browser.send(page, address, q_product="甲 & <b>", text="甲 & <b>")
    english = browser.send(unsent, address, language="en")
    elsewhere = browser.get("/login")
    chinese = browser.send(english, address, language="zh")
    browser.be(session.get_one(User, owner.user_id))
    saved = browser.send(chinese, address)

    pages = [unsent, english, chinese]
    assert [each.status for each in pages] == [400, 400, 400]
    assert [each.lang for each in pages] == ["zh-CN", "en", "zh-CN"]
    assert all("甲 & <b>" in words_of(each.by_id("main")) for each in pages)
    assert elsewhere.lang == "en"
    assert saved.status == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_changes_no_language(
    app: Flask, session: Session, headers: dict[str, str]
) -> None:
    browser, _, assessment, _ = opened(app, session)
    typed = {"q_years": "7", "language": "zh"}

    browser.client.post(page_of(assessment), data=typed, headers=headers)

    assert browser.get(page_of(assessment)).lang == "en"


def test_what_a_workbook_would_change_comes_back_and_no_language_saves_it(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, _ = opened(app, session)
    address = f"/assessments/{assessment.id}/pack/save"
    lines = [["years", "conflict", 0, {"number": "7"}]]
    sent = {"answers": json.dumps(lines), "keep.years": "mine", "csrf_token": "old"}

    unsent = browser.post(address, sent)
    chinese = browser.send(unsent, address, language="zh")
    before = stored(session, owner, assessment)
    saved = browser.send(chinese, address)

    assert (unsent.status, chinese.status, saved.status) == (400, 400, 303)
    assert chinese.lang == "zh-CN"
    assert unsent.all("details", **{"class": "more"}) == []
    assert "Your 1 choice is still here." in words_of(unsent.by_id("main"))
    assert before == {}
    assert stored(session, owner, assessment) == {"years": {"number": "7"}}


def test_it_says_to_sign_in_only_to_who_is_not(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)
    forget(browser, "csrf_token")
    expired = browser.send(page, page_of(assessment), q_years="7")
    forget(browser, "_user_id")
    signed_out = browser.send(page, page_of(assessment), q_years="7")

    main = [one.by_id("main") for one in (expired, signed_out)]
    assert ["/login" in [a.get("href") for a in part.iter("a")] for part in main] == [False, True]
    ways = [a.get("target") for a in signed_out.all("a", href="/login")]
    assert ways == ["_blank", "_blank"], "nobody leaves this page by signing in"
    assert [a.get("target") for a in browser.get("/verify").all("a", href="/login")] == [None]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_is_not_held_out_for_sending(
    app: Flask, session: Session, headers: dict[str, str]
) -> None:
    browser, _, assessment, _ = opened(app, session)

    reply = browser.client.post(page_of(assessment), data={"q_years": "7"}, headers=headers)

    assert reply.status_code == 400
    assert 'name="q_years"' not in reply.get_data(as_text=True)


def test_other_forms_are_not_given_back(app: Flask, session: Session) -> None:
    browser, _, _, page = opened(app, session)
    forget(browser, "csrf_token")

    reply = browser.send(page, "/logout")

    assert reply.status == 400
    assert "has expired" in reply.text


@pytest.mark.parametrize("lost", [("_user_id",), ("csrf_token",)])
def test_a_comment_comes_back_and_its_language_can_be_changed(
    app: Flask, session: Session, lost: tuple[str, ...]
) -> None:
    browser, owner, assessment, _ = opened(app, session)
    question = f"/assessments/{assessment.id}/questions/years"
    page = browser.get(question)
    forget(browser, *lost)

    unsent = browser.send(page, f"{question}/comments", text="去年的数？ <b>&")
    browser.be(session.get_one(User, owner.user_id))
    spoken = browser.send(unsent, f"{question}/comments", language="zh")
    sent = browser.send(spoken, f"{question}/comments")

    assert unsent.status == 400
    assert "去年的数？ <b>&" in words_of(unsent.by_id("main"))
    assert (spoken.status, spoken.lang) == (200, "zh-CN")
    assert sent.location == f"{question}#comment-1"
    session.rollback()
    assert comments.counts(session, assessment.id) == {"years": 1}


@pytest.mark.parametrize("lost", [("_user_id",), ("csrf_token",)])
@pytest.mark.parametrize(
    ("address", "field", "typed"),
    [
        ("parts/", "title-en", "Another <b>title</b>"),
        ("weights/sections/everything", "w.first.", "70"),
        ("translations?state=reviewed", "en.0", "Another title"),
    ],
)
def test_the_long_forms_of_the_workshop_come_back_too(
    app: Flask, session: Session, lost: tuple[str, ...], address: str, field: str, typed: str
) -> None:
    administrator = an_administrator(session)
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    session.commit()
    browser = browser_of(app, session, administrator)
    address = f"/admin/banks/{draft.id}/{address}"
    page = browser.get(address)
    forget(browser, *lost)

    unsent = browser.send(page, address, **{field: typed})

    assert unsent.status == 400
    assert typed in unsent.text
    browser.be(session.get_one(User, administrator.user_id))
    saved = browser.send(unsent, address)
    assert saved.status == 303
    session.expire_all()
    assert drafts.opened(session, draft.id).revision == 2
