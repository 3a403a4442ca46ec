"""Submitting orders the usual report; whatever goes wrong with that, the answers are in."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services import report_rows, reports
from survey.store.models import Report
from tests.browser import words_of
from tests.builders import FULL_ANSWERS
from tests.stored import a_firm, an_assessment
from tests.web.people import browser_of
from tests.web.reported import made

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_submitting_orders_the_usual_copy_and_the_result_offers_it(
    app: Flask, session: Session
) -> None:
    delivered: list[str] = []
    app.extensions["deliver-later"] = delivered.append
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)

    waiting = browser.follow(browser.post(f"/assessments/{assessment.id}/submit"))
    session.rollback()
    report = session.scalars(select(Report)).one()
    made(app, session, report)
    ready = browser.get(f"/assessments/{assessment.id}/result")

    assert delivered == [report.id]
    assert report_rows.copy_of(report) == reports.USUAL
    assert f"/reports/{report.id}" in waiting.links()
    assert f"/reports/{report.id}/file" in ready.links()


def test_a_copy_of_an_earlier_state_is_not_offered_as_the_report(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    browser.post(f"/assessments/{assessment.id}/submit")
    session.rollback()
    report = session.scalars(select(Report)).one()
    made(app, session, report)
    session.execute(text("UPDATE firm SET name = '江海阀门（集团）有限公司'"))
    session.commit()

    result = browser.get(f"/assessments/{assessment.id}/result")
    listed = browser.get(f"/assessments/{assessment.id}/reports")

    assert f"/reports/{report.id}/file" not in result.links()
    assert "of an earlier state" in listed.text
    assert f"/reports/{report.id}/file" in listed.links()


@pytest.mark.parametrize("locale", list(Locale))
def test_an_answer_saved_before_characters_were_looked_at_is_asked_about_before_it_is_too_late(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    answers = {**FULL_ANSWERS, "product": {"text": "阀门😀"}}
    assessment = an_assessment(session, owner, answers=answers)
    browser = browser_of(app, session, owner, language=locale)

    reply = browser.post(f"/assessments/{assessment.id}/submit")

    place = f"/assessments/{assessment.id}/pages/everything"
    (fault,) = [part for part in reply.all("div") if part.get("id") == "faults"]
    assert reply.status == 422
    assert "“😀”" in words_of(fault)
    assert [link.get("href") for link in fault.iter("a")] == [f"{place}?back=product#q_product"]
    session.rollback()
    assert session.scalars(select(Report)).all() == []

    browser.send(browser.get(place), place, q_product="阀门")
    again = browser.post(f"/assessments/{assessment.id}/submit")

    assert (again.status, again.location) == (303, f"/assessments/{assessment.id}/result")


@pytest.mark.parametrize("broken", ["queue", "table"])
def test_the_answers_are_in_whatever_happens_to_the_report(
    settings: Settings,
    open_app: Callable[[Settings], Flask],
    session: Session,
    broken: str,
) -> None:
    app = open_app(replace(settings, queue_url="sqlite:////dev/null/queue.db"))
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    if broken == "table":
        session.execute(text("ALTER TABLE report RENAME TO elsewhere"))
        session.commit()

    reply = browser.post(f"/assessments/{assessment.id}/submit")

    assert reply.status == 303
    session.rollback()
    session.refresh(assessment)
    assert assessment.submitted_at is not None
