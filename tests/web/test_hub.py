"""The overview of an assessment: where to go on, what is left, whose it is, what is said."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import accounts, comments, sharing
from survey.services.people import Actor, actor_of
from survey.services.sharing import Share
from survey.store.models import Assessment
from tests.browser import Page
from tests.builders import FULL_ANSWERS
from tests.stored import NOW, a_firm, a_member, a_submitted_assessment, an_assessment
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

GO_ON = {Locale.EN: "Go on answering", Locale.ZH: "继续答题"}


def button(page: Page) -> tuple[str, str]:
    """Where the first act of the overview leads, and its words."""
    (acts,) = page.all("div", **{"class": "acts"})
    first = next(acts.iter("a"))
    return first.get("href", ""), "".join(first.itertext())


def give(session: Session, owner: Actor, draft: Assessment, shares: dict[str, Actor]) -> None:
    given = {page: Share(who.user_id) for page, who in shares.items()}
    sharing.share_out(session, owner, draft.id, shares=given, now=NOW)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_button_leads_to_the_first_page_that_is_not_complete(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, answers={"production-type": {"option": "discrete"}})

    page = browser_of(app, session, owner, language=locale).get(f"/assessments/{draft.id}")

    assert button(page) == (f"/assessments/{draft.id}/pages/everything", GO_ON[locale])


def test_ones_own_page_comes_before_nobodys(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    before = button(browser.get(f"/assessments/{draft.id}"))
    give(session, owner, draft, {"everything": owner})
    session.commit()

    after = button(browser.get(f"/assessments/{draft.id}"))

    assert before == (f"/assessments/{draft.id}/pages/profile", "Start answering")
    assert after == (f"/assessments/{draft.id}/pages/everything", "Start answering")


def test_where_only_others_have_something_open_one_checks(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    member = a_member(session, firm)
    give(session, owner, draft, {"everything": member, "profile": member})

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}")

    assert button(page)[0] == f"/assessments/{draft.id}/check"


def test_whoever_answers_given_sections_reads_those_first(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    accounts.set_scope(session, owner, user_id=member.user_id, scope="assigned", now=NOW)
    draft = an_assessment(session, owner)
    give(session, owner, draft, {"everything": member})
    member = actor_of(session, member.user_id)

    page = browser_of(app, session, member).get(f"/assessments/{draft.id}")

    (steps,) = page.all("ol", **{"class": "steps"})
    assert next(steps.iter("li")).get("id") == "page-everything"
    assert button(page)[0] == f"/assessments/{draft.id}/pages/everything"
    assert f"/assessments/{draft.id}/targets" not in page.links()


def test_what_is_still_open_is_named_beside_a_part_that_is_done(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)
    give(session, owner, draft, {"everything": member})
    sharing.finish(session, member, draft.id, "everything", now=NOW)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}")

    row = "".join(page.by_id("page-everything").itertext())
    assert "part done on" in row
    assert "7 questions are still open" in row


def test_nobody_is_named_where_nothing_is_shared(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}")

    assert "Not assigned" not in page.text


def test_what_is_optional_is_said_apart(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    answers = {key: answer for key, answer in FULL_ANSWERS.items() if key != "size-class"}
    draft = an_assessment(session, owner, answers=answers)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}")

    assert "1 more is optional" in page.text
    assert "Required ones done" in page.text
    assert button(page)[0] == f"/assessments/{draft.id}/check"


def test_the_latest_comments_are_read_on_the_overview(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)
    for number in range(comments.FEW + 1):
        at = NOW + timedelta(minutes=number)
        comments.add(session, member, draft.id, "years", text=f"第{number}句", now=at)
    withdrawn = comments.add(session, member, draft.id, "years", text="收回", now=NOW)
    comments.withdraw(session, member, draft.id, withdrawn.id, now=NOW)

    page = browser_of(app, session, owner).get(f"/assessments/{draft.id}")

    assert "第5句" in page.text
    assert "第0句" not in page.text
    assert "收回" not in page.text
    assert f"/assessments/{draft.id}/questions/years#comment-6" in page.links()
    assert (
        "6 comments" in "".join(page.by_id("page-profile").itertext()) or "6 comments" in page.text
    )


def test_people_of_given_sections_begin_and_widen_nothing(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    accounts.set_scope(session, owner, user_id=member.user_id, scope="assigned", now=NOW)
    done = a_submitted_assessment(session, owner)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, actor_of(session, member.user_id))

    home = browser.get("/firm")
    begun = browser.post("/firm/assessments", {"version": str(done.bank_version_id)})
    widened = browser.post(f"/assessments/{draft.id}/go-on")
    aimed = browser.post(f"/assessments/{draft.id}/targets", {"target.everything": "3"})

    assert not [form for form in home.all("form") if form.get("action") == "/firm/assessments"]
    assert [begun.status, widened.status, aimed.status] == [403, 403, 403]
    assert "ask the owner" in begun.text


def test_the_overview_says_when_everything_needed_is_there(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser, theirs = browser_of(app, session, owner), browser_of(app, session, member)

    ready, colleague = (each.get(f"/assessments/{draft.id}") for each in (browser, theirs))

    assert "everything needed is answered: ready to submit" in ready.text
    assert "Check and submit" in ready.text
    assert "Check and submit" not in colleague.text
