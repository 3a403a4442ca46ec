"""Taking a submission back with a reason, until a consultant has begun to review it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, reopening
from tests.browser import Page, words_of
from tests.builders import level
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of
from tests.web.reported import asked, made


@pytest.mark.parametrize("locale", list(Locale))
def test_the_owner_takes_a_submission_back_and_submits_again(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)
    here = f"/assessments/{done.id}"
    offered = f"{here}/reopen" in browser.get(f"{here}/result").links()

    sent = browser.send(browser.get(f"{here}/reopen"), f"{here}/reopen", reason="一个数填错了。")
    hub = browser.follow(sent)
    check = browser.get(f"{here}/check")
    result = browser.follow(browser.send(check, f"{here}/submit"))

    assert offered
    assert sent.location == here
    assert hub.status == 200
    assert "一个数填错了。" in result.text


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
def test_without_a_fitting_reason_nothing_is_taken_back(
    app: Flask, session: Session, reason: str
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{done.id}/reopen"

    page = browser.send(browser.get(place), place, reason=reason)

    assert page.status == 422
    assert "There is a problem" in page.text
    assert "".join(page.by_id("reason").itertext()) == reason
    session.refresh(done)
    assert done.submitted_at is not None


@pytest.mark.parametrize("what", ["reopen", "give-back"])
def test_a_reason_stays_when_the_language_is_changed(
    app: Flask, session: Session, what: str
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    who = owner if what == "reopen" else a_consultant(session, firm)
    browser = browser_of(app, session, who, language=Locale.EN)
    place = f"/assessments/{done.id}/{what}"
    page = browser.get(place)
    switch = page.one("button", name="language")

    changed = browser.send(page, place, reason="一个数填错了。", language="zh")

    assert switch.get("form") == page.form(place).get("id")
    assert (changed.status, changed.lang) == (200, "zh-CN")
    assert "".join(changed.by_id("reason").itertext()) == "一个数填错了。"
    assert browser.get(place).lang == "zh-CN"
    session.refresh(done)
    assert done.submitted_at is not None


@pytest.mark.parametrize("what", ["reopen", "give-back"])
def test_a_reason_comes_back_if_the_page_was_open_for_too_long(
    app: Flask, session: Session, what: str
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    who = owner if what == "reopen" else a_consultant(session, firm)
    browser = browser_of(app, session, who, language=Locale.EN)
    place = f"/assessments/{done.id}/{what}"
    page = browser.get(place)
    with browser.client.session_transaction() as kept:
        del kept["csrf_token"]

    unsent = browser.send(page, place, reason="一个数填错了。")
    sent = browser.send(unsent, place)

    assert unsent.status == 400
    assert "一个数填错了。" in words_of(unsent.by_id("main"))
    assert sent.status == 303
    session.refresh(done)
    assert done.submitted_at is None


def test_once_a_review_has_begun_it_stays_submitted(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    consultant = browser_of(app, session, a_consultant(session, firm))
    browser = browser_of(app, session, owner)
    here = f"/assessments/{done.id}"

    begun = consultant.follow(consultant.send(consultant.get(f"{here}/result"), f"{here}/review"))
    page = browser.get(f"{here}/reopen")
    forced = browser.post(f"{here}/reopen", {"reason": "zu spät"})

    assert begun.text.index("In review since") < begun.text.index("The self-assessment gives")
    assert "In review" in browser.get("/firm").text
    assert "In review" in consultant.get("/consultant").text
    assert "has been reviewing" in browser.get(f"{here}/result").text
    assert f"{here}/reopen" not in browser.get(f"{here}/result").links()
    assert "cannot be reopened" in page.text
    assert forced.status == 422
    session.refresh(done)
    assert done.submitted_at is not None


def test_a_review_is_ended_and_the_owner_may_reopen(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    consultant = browser_of(app, session, a_consultant(session, firm))
    here = f"/assessments/{done.id}"

    begun = consultant.follow(consultant.send(consultant.get(f"{here}/result"), f"{here}/review"))
    ended = consultant.follow(consultant.send(begun, f"{here}/review/end"))

    assert "review has ended" in ended.text
    assert f"{here}/reopen" in browser_of(app, session, owner).get(f"{here}/result").links()


def test_a_consultant_gives_it_back_and_the_firm_reads_why(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    consultant = browser_of(app, session, a_consultant(session, firm))
    here = f"/assessments/{done.id}"
    consultant.send(consultant.get(f"{here}/result"), f"{here}/review")

    unsaid = consultant.send(consultant.get(f"{here}/give-back"), f"{here}/give-back", reason=" ")
    given = consultant.follow(
        consultant.send(unsaid, f"{here}/give-back", reason="上年营业收入请核对。")
    )
    again = consultant.get(f"{here}/give-back")
    hub = browser_of(app, session, owner).get(here)

    assert unsaid.status == 422
    assert "There is a problem" in unsaid.text
    assert "There is no result at the moment" in given.text
    assert again.status == 200
    assert "上年营业收入请核对。" in hub.text
    assert [form for form in hub.all("form") if form.get("action", "").endswith("/discard")] == []


def test_a_member_is_not_offered_it_and_may_not(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, a_member(session, firm))
    here = f"/assessments/{done.id}"

    assert f"{here}/reopen" not in browser.get(f"{here}/result").links()
    assert browser.get(f"{here}/reopen").status == 403
    assert browser.post(f"{here}/reopen", {"reason": "?"}).status == 403


def test_consultants_of_other_firms_begin_no_review(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, a_consultant(session))

    assert browser.post(f"/assessments/{done.id}/review").status == 404


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("page", ["result", "reports"])
def test_instead_of_a_result_that_was_taken_back_its_reports_are_offered(
    app: Flask, session: Session, locale: Locale, page: str
) -> None:
    firm, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    done_id = report.assessment_id
    reopening.reopen(session, owner, done_id, reason="一个数填错了。", now=NOW + timedelta(days=1))
    readers = {"own": owner, "consultant": a_consultant(session, firm)}
    here = f"/assessments/{done_id}"

    seen = {
        who: browser_of(app, session, actor, language=locale).get(f"{here}/{page}")
        for who, actor in readers.items()
    }

    for each in seen.values():
        assert each.status == 200
        assert "一个数填错了。" in each.text
        assert f"/reports/{report.id}/file" in each.links()
    assert here in seen["own"].links()
    assert here not in seen["consultant"].links()


@pytest.mark.parametrize("page", ["result", "reports"])
def test_what_was_never_submitted_has_neither(app: Flask, session: Session, page: str) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    assert browser_of(app, session, owner).get(f"/assessments/{draft.id}/{page}").status == 422


def test_what_is_under_way_leads_to_its_overview(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    reopening.reopen(session, owner, done.id, reason="?", now=NOW + timedelta(days=1))
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{done.id}/reopen")

    assert page.location == f"/assessments/{done.id}"


# ------------------------------------------------- a reason that comes too late is not lost


def typed(page: Page) -> str:
    """What a page shows to be copied; nobody can change or send it."""
    field = page.by_id("reason")
    assert field.get("readonly") is not None
    return "".join(field.itertext())


NOT_RETURNED = {
    Locale.EN: "The firm has reopened this assessment itself; there is nothing to return.",
    Locale.ZH: "企业已自行重新打开这次自评，您无需再退回。",
}
RETURNED_BEFORE = {
    Locale.EN: "This assessment had already been returned to the firm.",
    Locale.ZH: "这次自评此前已退回企业。",
}
OPEN_BEFORE = {
    Locale.EN: "This assessment had already been reopened.",
    Locale.ZH: "这次自评此前已重新打开。",
}
IN_REVIEW = {
    Locale.EN: "A consultant has begun to review this submission, so it cannot be reopened.",
    Locale.ZH: "顾问已开始审阅该次提交，因此不能重新打开。",
}
CONSEQUENCE = {Locale.EN: "the answers can be changed again", Locale.ZH: "答案可以重新修改"}
BESIDE = {
    Locale.EN: "The firm has begun a new assessment with these questions, so this one cannot be "
    "returned. Ask the firm to submit or discard the new one.",
    Locale.ZH: "企业已用这套题目开始了新的自评，因此这一次不能退回。请联系企业提交或删除新的自评。",
}
SAID = {
    "reopened": {Locale.EN: "王强 reopened it on", Locale.ZH: "重新打开了"},
    "returned": {Locale.EN: "陈顾问 returned it on", Locale.ZH: "退回了"},
}


@pytest.mark.parametrize("locale", list(Locale))
def test_a_consultant_who_comes_too_late_reads_that_the_firm_reopened_it(
    app: Flask, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    consultant = browser_of(app, session, a_consultant(session, firm), language=locale)
    place = f"/assessments/{done.id}/give-back"
    page = consultant.get(place)
    reopening.reopen(session, owner, done.id, reason="一个数填错了。", now=NOW)
    session.commit()

    late = consultant.send(page, place, reason="请核对营业收入。")
    other = next(each for each in Locale if each is not locale)
    switched = consultant.send(late, place, language=other.value)

    assert late.status == 422
    assert NOT_RETURNED[locale] in late.text
    assert SAID["reopened"][locale] in late.text
    assert "一个数填错了。" in late.text
    assert typed(late) == typed(switched) == "请核对营业收入。"
    assert NOT_RETURNED[other] in switched.text


@pytest.mark.parametrize("locale", list(Locale))
def test_a_second_consultant_reads_that_it_was_returned_already(
    app: Flask, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    first = a_consultant(session, firm)
    second = browser_of(app, session, a_consultant(session, firm, name="李顾问"), language=locale)
    place = f"/assessments/{done.id}/give-back"
    page = second.get(place)
    reopening.give_back(session, first, done.id, reason="缺一个数。", now=NOW)
    session.commit()

    late = second.send(page, place, reason="请核对营业收入。")

    assert late.status == 422
    assert RETURNED_BEFORE[locale] in late.text
    assert SAID["returned"][locale] in late.text
    assert "缺一个数。" in late.text
    assert typed(late) == "请核对营业收入。"


def test_what_was_never_submitted_is_not_given_back(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    consultant = browser_of(app, session, a_consultant(session, firm))
    place = f"/assessments/{draft.id}/give-back"

    assert consultant.get(place).status == 422
    assert consultant.post(place, {"reason": "?"}).status == 422
    assert browser_of(app, session, a_consultant(session)).get(place).status == 404


@pytest.mark.parametrize("locale", list(Locale))
def test_a_consultant_reads_at_once_that_a_new_assessment_stands_in_the_way(
    app: Flask, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    version = a_version(session)
    done = a_submitted_assessment(session, owner, version=version)
    consultant = browser_of(app, session, a_consultant(session, firm), language=locale)
    place = f"/assessments/{done.id}/give-back"
    page = consultant.get(place)
    an_assessment(session, owner, version=version)
    session.commit()

    late = consultant.send(page, place, reason="请核对营业收入。")
    anew = consultant.get(place)

    assert (late.status, anew.status) == (422, 200)
    assert BESIDE[locale] in late.text
    assert typed(late) == "请核对营业收入。"
    assert BESIDE[locale] in anew.text
    assert anew.all("textarea") == []
    session.refresh(done)
    assert done.submitted_at is not None


def test_an_owner_reads_at_once_that_a_new_assessment_stands_in_the_way(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    version = a_version(session)
    done = a_submitted_assessment(session, owner, version=version)
    an_assessment(session, owner, version=version)

    page = browser_of(app, session, owner).get(f"/assessments/{done.id}/reopen")

    assert page.status == 200
    assert "Another assessment of the same questions is under way." in page.text
    assert page.all("textarea") == []


@pytest.mark.parametrize("locale", list(Locale))
def test_an_owner_keeps_the_reason_when_a_review_has_begun_meanwhile(
    app: Flask, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)
    place = f"/assessments/{done.id}/reopen"
    page = browser.get(place)
    reopening.begin_review(session, a_consultant(session, firm), done.id, now=NOW)
    session.commit()

    late = browser.send(page, place, reason="一个数填错了。")
    anew = browser.get(place)

    assert (late.status, anew.status) == (422, 200)
    assert CONSEQUENCE[locale] in page.text
    assert typed(late) == "一个数填错了。"
    assert anew.all("textarea") == []
    for refused in (late, anew):
        assert IN_REVIEW[locale] in refused.text
        assert CONSEQUENCE[locale] not in refused.text


@pytest.mark.parametrize("locale", list(Locale))
def test_a_second_reopening_is_no_success_and_its_reason_is_shown(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)
    place = f"/assessments/{done.id}/reopen"
    page = browser.get(place)

    first = browser.send(page, place, reason="一个数填错了。")
    twice = browser.send(page, place, reason="一个数填错了。")
    late = browser.send(page, place, reason="还有一个数。")
    empty = browser.send(page, place, reason=" ")

    assert first.location == twice.location == empty.location == f"/assessments/{done.id}"
    assert late.status == 422
    assert OPEN_BEFORE[locale] in late.text
    assert SAID["reopened"][locale] in late.text
    assert "一个数填错了。" in late.text
    assert typed(late) == "还有一个数。"
    assert f"/assessments/{done.id}" in late.links()


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("what", ["reopened", "returned"])
def test_the_overview_tells_whether_it_was_reopened_or_returned(
    app: Flask, session: Session, what: str, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    if what == "reopened":
        reopening.reopen(session, owner, done.id, reason="?", now=NOW)
    else:
        reopening.give_back(session, a_consultant(session, firm), done.id, reason="?", now=NOW)
    browser = browser_of(app, session, owner, language=locale)

    hub = browser.get(f"/assessments/{done.id}")

    found = [each for each, words in SAID.items() if words[locale] in hub.text]
    assert found == [what]


@pytest.mark.parametrize("locale", list(Locale))
def test_a_report_of_an_earlier_submission_is_explained(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    reopening.reopen(session, owner, report.assessment_id, reason="?", now=NOW)
    better = {"planning": level(5)}
    assessments.save(
        session, owner, report.assessment_id, given=better, seen={"planning": 1}, now=NOW
    )
    assessments.submit(session, owner, report.assessment_id, now=NOW + timedelta(days=1))
    browser = browser_of(app, session, owner, language=locale)

    page = browser.get(f"/assessments/{report.assessment_id}/reports")

    submitted = {Locale.EN: "or the assessment was submitted anew", Locale.ZH: "或自评重新提交过"}
    assert submitted[locale] in page.text
