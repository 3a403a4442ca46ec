"""Editions in pages: offered, begun, gone on from, and named wherever an assessment is listed."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, banks, going_on
from survey.services.people import Actor
from survey.store.models import Assessment, BankVersion
from tests.browser import words_of
from tests.builders import FULL_ANSWERS, bank_data, edition
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)
from tests.web.people import browser_of

FEW = {key: FULL_ANSWERS[key] for key in ("production-type", "planning", "share")}


def express(session: Session, actor: Actor, **facts: Any) -> Assessment:
    version = a_version(session, bank_data(editions=[edition("planning", "share")]))
    return an_assessment(session, actor, version=version, edition="express", **facts)


def submitted(session: Session, actor: Actor) -> Assessment:
    assessment = express(session, actor, answers=FEW)
    return assessments.submit(session, actor, assessment.id, now=NOW)


def test_the_start_page_offers_the_express_edition_first(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    a_version(session, bank_data(editions=[edition("planning", "share")]))
    browser = browser_of(app, session, owner)

    page = browser.get("/firm")

    assert [words_of(title) for title in page.all("h3")] == ["Test bank (express)", "Test bank"]
    assert "Only the questions that matter most." in page.text
    assert "About 2 minutes · 2 questions · everything is saved" in page.text
    assert "About 5 minutes · 7 questions · everything is saved" in page.text


def test_the_first_offer_begins_the_express_edition(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    a_version(session, bank_data(editions=[edition("planning", "share")]))
    browser = browser_of(app, session, owner)
    page = browser.get("/firm")

    hub = browser.follow(browser.send(page, "/firm/assessments", version="1"))

    assert words_of(hub.one("h1")) == "Test bank (express)"
    assert "0 of 4 questions answered" in hub.text


def test_an_unknown_edition_is_refused_with_a_sentence(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    a_version(session, bank_data(editions=[edition("planning", "share")]))
    browser = browser_of(app, session, owner)

    page = browser.post("/firm/assessments", {"version": "1", "edition": "lightning"})

    assert page.status == 422
    assert "These questions cannot be started" in page.text


def test_pages_of_an_edition_and_of_the_whole_bank_ask_their_own_questions(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    short = express(session, owner)
    whole = an_assessment(
        session, other, version=session.get_one(BankVersion, short.bank_version_id)
    )

    asked = {
        actor.user_id: [
            box.get("data-question")
            for box in browser_of(app, session, actor)
            .get(f"/assessments/{one.id}/pages/everything")
            .all("fieldset")
        ]
        for actor, one in ((owner, short), (other, whole), (owner, short))
    }

    assert asked[owner.user_id] == ["planning", "share"]
    assert len(asked[other.user_id]) == 7


def test_from_the_hub_a_draft_goes_on_with_its_answers(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner, answers=FEW)
    browser = browser_of(app, session, owner)
    hub = browser.get(f"/assessments/{assessment.id}")

    page = browser.follow(browser.send(hub, f"/assessments/{assessment.id}/go-on"))

    assert words_of(page.one("h1")) == "Test bank"
    assert "The answers you gave are kept." in page.text
    assert "3 of 9 questions answered" in page.text
    assert "This is the express edition." in hub.text
    assert "Go on to all the questions" not in page.text


def test_from_the_result_a_new_assessment_begins_with_all_answers(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    browser = browser_of(app, session, owner)
    result = browser.get(f"/assessments/{done.id}/result")

    page = browser.follow(browser.send(result, f"/assessments/{done.id}/go-on"))

    assert "The answers you gave are kept." in page.text
    assert "3 of 9 questions answered" in page.text
    listed = [words_of(title) for title in browser.get("/firm").all("h2")]
    assert listed == ["Test bank", "Test bank (express)"]


def test_a_result_leads_to_the_assessment_that_is_under_way_already(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = going_on.go_on(session, owner, done.id, now=NOW).assessment
    browser = browser_of(app, session, owner)

    result = browser.get(f"/assessments/{done.id}/result")
    again = browser.follow(browser.post(f"/assessments/{done.id}/go-on"))

    assert f"/assessments/{present.id}" in result.links()
    assert not [f for f in result.all("form") if f.get("action", "").endswith("/go-on")]
    assert "under way already" in again.text


def test_from_a_result_an_assessment_begun_again_takes_over_the_answers(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    browser = browser_of(app, session, owner)
    version = str(done.bank_version_id)
    browser.post("/firm/assessments", {"version": version, "edition": "express"})
    place = f"/assessments/{done.id}/result"
    result = browser.get(place)

    page = browser.follow(browser.send(result, f"/assessments/{done.id}/go-on"))

    assert "that are missing there are copied" in result.text
    assert "3 answers were copied into the assessment under way" in page.text
    assert words_of(page.one("h1")) == "Test bank"
    assert "3 of 9 questions answered" in page.text
    assert "that are missing there are copied" not in browser.get(place).text


def test_a_draft_of_a_retired_bank_still_invites_to_take_over_the_answers(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    done = submitted(session, owner)
    an_assessment(session, owner, version=done.bank_version, edition="express")
    banks.retire(session, done.bank_version_id, now=NOW)
    consultant = a_consultant(session, firm)

    seen = [
        browser_of(app, session, who).get(f"/assessments/{done.id}/result").text
        for who in (owner, consultant)
    ]

    assert "that are missing there are copied" in seen[0]
    assert "that are missing there are copied" not in seen[1]


def test_who_begins_the_whole_bank_is_told_of_the_answers_given_already(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    done = submitted(session, owner)

    told = browser_of(app, session, owner).get("/firm")
    others = browser_of(app, session, other).get("/firm")

    assert told.text.count("the answers are copied") == 1
    assert told.links().count(f"/assessments/{done.id}/result") == 3
    assert "the answers are copied" not in others.text


def test_nobody_is_invited_to_what_cannot_be_begun(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = submitted(session, owner)
    consultant = a_consultant(session, firm)
    result = f"/assessments/{done.id}/result"

    seen = browser_of(app, session, consultant).get(result)
    banks.retire(session, done.bank_version_id, now=NOW)
    retired = browser_of(app, session, owner).get(result)

    assert "Go on to all the questions" not in seen.text
    assert "Go on to all the questions" not in retired.text


def test_a_result_of_the_whole_bank_invites_to_nothing(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{done.id}/result")
    refused = browser.post(f"/assessments/{done.id}/go-on")

    assert "Go on to all the questions" not in page.text
    assert refused.status == 422
    assert "asks all the questions already" in refused.text


def test_the_lists_of_consultants_and_administrators_name_the_edition(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    submitted(session, owner)
    consultant, administrator = a_consultant(session, firm), an_administrator(session)

    places = {
        consultant: ("/consultant", f"/consultant/firms/{firm.id}"),
        administrator: (f"/admin/firms/{firm.id}",),
    }
    for actor, addresses in places.items():
        browser = browser_of(app, session, actor)
        for address in addresses:
            assert "Test bank (express)" in browser.get(address).text, address


def test_every_page_around_an_edition_speaks_both_languages(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    done = submitted(session, owner)
    draft = an_assessment(session, other, version=done.bank_version, edition="express")

    for locale, word, copied in (
        (Locale.ZH, "继续完成全部题目", "答案会自动带入"),
        (Locale.EN, "Go on to all", "the answers are copied"),
    ):
        assert copied in browser_of(app, session, owner, language=locale).get("/firm").text
        for actor, address in (
            (owner, f"/assessments/{done.id}/result"),
            (other, f"/assessments/{draft.id}"),
        ):
            page = browser_of(app, session, actor, language=locale).get(address)
            assert word in page.text
            assert page.lang == locale.html_lang


def test_what_going_on_has_copied_is_said_in_both_languages(app: Flask, session: Session) -> None:
    for locale, name, sentence in (
        (Locale.ZH, "江海阀门有限公司", "已将3个答案带入正在进行的自评"),
        (Locale.EN, "远山机械有限公司", "3 answers were copied"),
    ):
        _, owner = a_firm(session, name)
        version = a_version(
            session,
            bank_data(key=f"bank-{locale.value}", editions=[edition("planning", "share")]),
        )
        done = an_assessment(session, owner, version=version, edition="express", answers=FEW)
        assessments.submit(session, owner, done.id, now=NOW)
        an_assessment(session, owner, version=version, edition="express")
        browser = browser_of(app, session, owner, language=locale)
        result = browser.get(f"/assessments/{done.id}/result")

        page = browser.follow(browser.send(result, f"/assessments/{done.id}/go-on"))

        assert sentence in page.text


def test_after_the_express_edition_going_on_comes_before_beginning_afresh(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get("/firm")

    whole = next(each for each in page.all("section") if "Begin afresh" in words_of(each))
    first = next(iter(each for each in whole.iter("a") if "btn" in each.get("class", "")))
    assert first.get("href") == f"/assessments/{done.id}/result"
    assert "are offered again" not in words_of(whole)
