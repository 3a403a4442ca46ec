"""What consultants see: the firms assigned to them, and nothing of any other."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services.people import Actor
from survey.store.models import User
from tests import stored
from tests.browser import Browser
from tests.signing import latin_words


def of(app: Flask, session: Session, actor: Actor, language: Locale = Locale.EN) -> Browser:
    session.commit()
    return Browser(app, language=language).be(session.get_one(User, actor.user_id))


def test_a_consultant_sees_the_assigned_firms_with_state_score_and_level(
    app: Flask, session: Session
) -> None:
    mine, owner = stored.a_firm(session, "江海阀门")
    stored.a_firm(session, "别家铸造")
    version = stored.a_version(session)
    done = stored.a_submitted_assessment(session, owner, version=version)
    stored.an_assessment(session, owner, version=version)
    consultant = stored.a_consultant(session, mine)
    browser = of(app, session, consultant)

    page = browser.get("/consultant")

    assert page.status == 200
    assert "江海阀门" in page.text
    assert "别家铸造" not in page.text
    assert "Submitted" in page.text
    assert "Under way" in page.text
    assert "Level 3: " in page.text
    assert f"/assessments/{done.id}/result" in page.links()


def test_the_links_of_the_list_open_result_and_trace(app: Flask, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    done = stored.a_submitted_assessment(session, owner)
    browser = of(app, session, stored.a_consultant(session, firm))

    assert browser.get(f"/assessments/{done.id}/result").status == 200
    assert browser.get(f"/assessments/{done.id}/trace").status == 200


def test_from_a_firms_page_everything_is_in_reach(app: Flask, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    done = stored.a_submitted_assessment(session, owner)
    browser = of(app, session, stored.a_consultant(session, firm))
    here = f"/assessments/{done.id}"

    links = browser.get(f"/consultant/firms/{firm.id}").links()
    answers = next(link for link in links if link.endswith("#answers")).removesuffix("#answers")
    result = browser.get(f"{here}/result")

    assert f"{here}/result" in links
    assert browser.get(f"{here}/files").status == 200
    assert f"{here}/files" in links
    assert browser.get(answers).status == 200
    assert browser.send(result, f"{here}/review").status == 303


@pytest.mark.parametrize("place", ["result", "trace"])
def test_an_unassigned_firm_looks_as_if_it_did_not_exist(
    app: Flask, session: Session, place: str
) -> None:
    mine, _ = stored.a_firm(session)
    other, owner = stored.a_firm(session, "别家铸造")
    done = stored.a_submitted_assessment(session, owner)
    browser = of(app, session, stored.a_consultant(session, mine))

    assert browser.get(f"/consultant/firms/{other.id}").status == 404
    assert browser.get("/consultant/firms/987654").status == 404
    assert browser.get(f"/assessments/{done.id}/{place}").status == 404
    assert browser.post(f"/assessments/{done.id}/reports", {"languages": "zh"}).status == 404


def test_a_consultant_answers_nothing_and_administers_nothing(app: Flask, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    assessment = stored.an_assessment(session, owner)
    browser = of(app, session, stored.a_consultant(session, firm))

    assert browser.get(f"/assessments/{assessment.id}").status in (403, 404)
    assert browser.post(f"/assessments/{assessment.id}/submit").status in (403, 404)
    assert browser.get("/admin").status == 403
    assert browser.get("/admin/banks").status == 403
    assert browser.get("/firm/people").status == 403


def test_an_ended_assignment_ends_the_view_at_once(app: Flask, session: Session) -> None:
    firm, _ = stored.a_firm(session)
    consultant, administrator = stored.a_consultant(session, firm), stored.an_administrator(session)
    browser, office = of(app, session, consultant), of(app, session, administrator)
    assert browser.get(f"/consultant/firms/{firm.id}").status == 200

    office.post(f"/admin/firms/{firm.id}/consultants/{consultant.user_id}/remove")

    assert browser.get(f"/consultant/firms/{firm.id}").status == 404
    assert "No firm is assigned to you yet." in browser.get("/consultant").text


def test_no_english_word_stands_on_a_chinese_page(app: Flask, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    stored.a_submitted_assessment(session, owner)
    browser = of(app, session, stored.a_consultant(session, firm), Locale.ZH)

    for address in ("/consultant", f"/consultant/firms/{firm.id}"):
        assert latin_words(browser.get(address)) == set()


@pytest.mark.parametrize("role", ["firm", "administrator", "nobody"])
def test_others_have_no_consultants_page(app: Flask, session: Session, role: str) -> None:
    _, owner = stored.a_firm(session)
    administrator = stored.an_administrator(session)
    session.commit()
    browser = Browser(app, language=Locale.EN)
    if role != "nobody":
        actor = owner if role == "firm" else administrator
        browser.be(session.get_one(User, actor.user_id))

    answer = browser.get("/consultant")

    assert answer.status == (303 if role == "nobody" else 403)
