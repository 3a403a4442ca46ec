"""A question's own page: the history of its answer, and what colleagues say about it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, comments
from survey.services.people import Actor
from survey.store.models import Assessment
from tests.browser import Page, words_of
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_assessment,
)
from tests.web.people import browser_of


def history(page: Page) -> list[str]:
    """The lines of the history, newest first."""
    (table,) = page.all("table")
    return [words_of(row) for row in table.iter("tr")][1:]


def save(
    session: Session,
    who: Actor,
    draft: Assessment,
    number: str | None,
    *,
    seen: int,
    minutes: int,
    typed: str | None = None,
) -> None:
    given = {"years": None if number is None else {"number": number}}
    drafts = None if typed is None else {"years": {"": [typed]}}
    assessments.save(
        session,
        who,
        draft.id,
        given=given,
        seen={"years": seen},
        typed=drafts,
        now=NOW + timedelta(minutes=minutes),
    )


def test_the_history_says_who_when_from_and_to(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)
    save(session, owner, draft, "5", seen=0, minutes=0)
    save(session, member, draft, "7", seen=0, minutes=1)
    save(session, member, draft, None, seen=1, minutes=2)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}/questions/years")

    assert history(page) == [
        "2 March 2026, 16:32 赵倩 5 years No answer Cleared",
        "2 March 2026, 16:31 赵倩 5 years 7 years Not used then: another answer had been saved",
        "2 March 2026, 16:30 王强 No answer 5 years Saved",
    ]


def test_a_long_history_is_read_page_by_page(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    for number in range(52):
        save(session, owner, draft, str(number), seen=number, minutes=number)
    place = f"/assessments/{draft.id}/questions/years"
    browser = browser_of(app, session, owner)

    newest = browser.get(place)
    oldest = browser.get(f"{place}?skip=50")

    assert [len(history(newest)), len(history(oldest))] == [50, 2]
    assert f"{place}?skip=50#history" in newest.links()
    assert f"{place}?skip=0#history" in oldest.links()
    assert "There are no older changes" in browser.get(f"{place}?skip=52").text
    assert browser.get(f"{place}?skip=-1").html.count("<tr>") == newest.html.count("<tr>")


def test_a_long_draft_is_cut_in_the_history(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    save(session, owner, draft, "x", seen=0, minutes=0, typed="长" * 1000)
    save(session, owner, draft, "5", seen=1, minutes=1)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}/questions/years")

    assert page.html.count("长" * 1000) == 1
    assert page.all("details")


def test_a_draft_stands_in_the_history_as_it_was_typed(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    save(session, owner, draft, "many", seen=0, minutes=0, typed="many")

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}/questions/years")

    (line,) = history(page)
    assert "as typed: many" in line


def test_a_question_nobody_answered_has_no_history_yet(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{draft.id}/questions/years")

    assert "This question has not been answered yet" in page.text
    assert "There are no comments yet" in page.text
    assert f"/assessments/{draft.id}/pages/everything#q_years" in page.links()


def test_colleagues_talk_about_a_question(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/questions/years"
    mine = browser_of(app, session, a_member(session, firm))
    page = mine.get(place)

    sent = mine.send(page, f"{place}/comments", text="去年的数？\n<b>&")
    seen = browser_of(app, session, owner).get(place)
    check = mine.get(f"/assessments/{draft.id}/check")

    assert sent.location == f"{place}#comment-1"
    assert "去年的数？ <b>&" in seen.text
    assert "1 comment" in check.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Write a comment first"), ("长" * 2001, "Shorten the comment to 2000")],
)
def test_a_comment_with_a_fault_is_refused_and_kept_in_the_box(
    app: Flask, session: Session, text: str, sentence: str
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/questions/years"
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place), f"{place}/comments", text=text)

    assert page.status == 422
    assert sentence in page.text
    assert "".join(page.by_id("text").itertext()) == text
    assert comments.counts(session, draft.id) == {}


@pytest.mark.parametrize("text", ["", "去年的数？\n<b>", "长" * 2001])
@pytest.mark.parametrize("refused", ["", "refused"])
def test_changing_the_language_keeps_a_comment_and_adds_none(
    app: Flask, session: Session, text: str, refused: str
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/questions/years"
    browser = browser_of(app, session, owner)
    page = browser.get(f"{place}?skip=1")
    if refused:
        page = browser.send(page, f"{place}/comments", text="")

    button = page.one("button", name="language")
    page = browser.follow(browser.send(page, f"{place}/comments", text=text, language="zh"))
    again = browser.follow(browser.send(page, f"{place}/comments", language="en"))

    assert button.get("form") == "comment"
    assert [each.lang for each in (page, again)] == ["zh-CN", "en"]
    assert "".join(again.by_id("text").itertext()) == text
    assert f"{place}/comments?skip=1" == again.by_id("comment").get("action")
    assert comments.counts(session, draft.id) == {}


def test_the_address_that_takes_comments_leads_to_the_question(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/questions/years"
    stranger = browser_of(app, session, a_firm(session, "远山机械有限公司")[1])
    consultant = browser_of(app, session, a_consultant(session, firm))

    own = browser_of(app, session, owner)

    led = own.get(f"{place}/comments?skip=50")
    head = own.client.head(f"{place}/comments", data={"text": "一个数"})

    assert head.status_code == 303
    assert comments.counts(session, draft.id) == {}
    assert (led.status, led.location) == (303, f"{place}?skip=50")
    assert stranger.get(f"{place}/comments").status == 404
    assert consultant.get(f"{place}/comments").status == 403


def test_one_withdraws_ones_own_comment_alone(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    comments.add(session, owner, draft.id, "years", text="一个数", now=NOW)
    place = f"/assessments/{draft.id}/questions/years"
    act = f"/assessments/{draft.id}/comments/1/withdraw"
    mine = browser_of(app, session, owner)
    theirs = browser_of(app, session, a_member(session, firm))

    offered = [form.get("action") for form in theirs.get(place).all("form")]
    refused = theirs.post(act)
    after = mine.follow(mine.send(mine.get(place), act))

    assert act not in offered
    assert refused.status == 422
    assert "This comment was withdrawn" in after.text
    assert "一个数" not in after.text


def test_after_submission_everything_is_for_reading(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    place = f"/assessments/{done.id}/questions/years"
    browser = browser_of(app, session, owner)

    page = browser.get(place)
    refused = browser.post(f"{place}/comments", {"text": "zu spät"})

    assert "can only be read" in page.text
    assert not [f for f in page.all("form") if "/comments" in f.get("action", "")]
    assert refused.status == 422
    assert comments.counts(session, done.id) == {}


def test_it_is_the_business_of_the_firms_own_people_alone(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/questions/years"
    stranger = browser_of(app, session, a_firm(session, "远山机械有限公司")[1])
    consultant = browser_of(app, session, a_consultant(session, firm))

    assert stranger.get(place).status == 404
    assert stranger.post(f"{place}/comments", {"text": "?"}).status == 404
    assert consultant.get(place).status == 403
    assert consultant.post(f"{place}/comments", {"text": "?"}).status == 403


@pytest.mark.parametrize("key", ["no-question", "q_years", "%00", "x" * 300])
def test_an_unknown_question_is_not_found(app: Flask, session: Session, key: str) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    assert browser.get(f"/assessments/{draft.id}/questions/{key}").status == 404
    sent = browser.post(f"/assessments/{draft.id}/questions/{key}/comments", {"text": "?"})
    assert sent.status == 404


def test_the_page_speaks_both_languages(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    for locale in Locale:
        browser = browser_of(app, session, owner, language=locale)
        page = browser.get(f"/assessments/{draft.id}/questions/years")

        assert (page.status, page.lang) == (200, locale.html_lang)
