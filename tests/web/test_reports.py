"""Reports: asked for, watched with and without script, downloaded by those who may."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Languages
from survey.services import reports
from survey.services.people import Actor
from survey.store import files
from survey.store.models import Report
from tests.browser import Browser
from tests.stored import a_consultant, a_firm, a_submitted_assessment, an_assessment
from tests.web.people import browser_of

PDF = b"%PDF-1.7 as far as this test is concerned"
LEASE = timedelta(seconds=60)


@pytest.fixture
def delivered(app: Flask) -> list[str]:
    """The reports that the site handed to the workers."""
    handed: list[str] = []
    app.extensions["deliver"] = handed.append
    return handed


def asked(session: Session, actor: Actor) -> Report:
    assessment = a_submitted_assessment(session, actor)
    now = datetime.now(UTC)
    return reports.ask(session, actor, assessment.id, Languages.BOTH, now=now)


def made(session: Session, report: Report, folder: Path) -> None:
    """What a worker does."""
    now = datetime.now(UTC)
    assert reports.claim(session, report.id, token="t", now=now, lease=LEASE)
    sha256 = files.put(folder, PDF)
    assert reports.finish(
        session, report.id, token="t", sha256=sha256, size=len(PDF), pages=12, content={}, now=now
    )
    session.commit()


@pytest.mark.parametrize("languages", list(Languages))
def test_a_report_is_asked_for_and_handed_to_a_worker(
    app: Flask, session: Session, delivered: list[str], languages: Languages
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/assessments/{assessment.id}/result")

    reply = browser.send(page, f"/assessments/{assessment.id}/reports", languages=languages.value)

    (report_id,) = delivered
    assert reply.location == f"/reports/{report_id}"
    session.rollback()
    assert session.get_one(Report, report_id).languages == languages.value


def test_asking_twice_is_the_same_report(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/reports"

    first = browser.post(place, {"languages": "zh"})
    second = browser.post(place, {"languages": "zh"})

    assert first.location == second.location
    assert len(set(delivered)) == 1


def test_a_waiting_report_is_watched_with_and_without_script(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    browser = browser_of(app, session, owner)

    waiting = browser.get(f"/reports/{report.id}")
    reports.claim(session, report.id, token="t", now=datetime.now(UTC), lease=LEASE)
    reports.heartbeat(
        session, report.id, token="t", progress=40, now=datetime.now(UTC), lease=LEASE
    )
    session.commit()
    state = browser.get(f"/reports/{report.id}/state").json

    assert 'http-equiv="refresh"' in waiting.html
    assert "waits for its turn" in waiting.text
    assert state == {
        "state": "rendering",
        "progress": 40,
        "message": "The report is being made: 40% done.",
    }


def test_a_finished_report_is_downloaded_byte_for_byte(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(session, report, app.extensions["settings"].reports_folder)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/reports/{report.id}")

    reply = browser.get(f"/reports/{report.id}/file").response

    assert "12 pages" in page.text
    assert f"/reports/{report.id}/file" in page.links()
    assert reply.get_data() == PDF
    assert reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["Cache-Control"] == "no-store"
    reply.close()


def test_a_report_that_is_not_there_yet_has_no_file(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)

    assert browser_of(app, session, owner).get(f"/reports/{report.id}/file").status == 404


def test_a_failed_report_says_why_and_can_be_tried_again(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    now = datetime.now(UTC)
    reports.claim(session, report.id, token="t", now=now, lease=LEASE)
    reports.fail(
        session, report.id, token="t", code="report-gave-up", facts={"attempts": 5}, now=now
    )
    browser = browser_of(app, session, owner)

    page = browser.get(f"/reports/{report.id}")
    reply = browser.send(page, "/assessments/", languages="both")

    assert page.status == 200
    assert "tried 5 times" in page.text
    assert reply.location == f"/reports/{report.id}"
    assert delivered == [report.id]


def test_consultants_fetch_the_reports_of_their_firms_alone(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    mine, theirs = asked(session, owner), asked(session, stranger)
    for report in (mine, theirs):
        made(session, report, app.extensions["settings"].reports_folder)
    browser = browser_of(app, session, a_consultant(session, firm))

    allowed = browser.get(f"/reports/{mine.id}/file")
    refused = browser.get(f"/reports/{theirs.id}/file")

    assert (allowed.status, refused.status) == (200, 404)
    allowed.response.close()


@pytest.mark.parametrize("languages", ["", "fr", "zh,en"])
def test_languages_that_do_not_exist_are_refused(
    app: Flask, session: Session, delivered: list[str], languages: str
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    reply = browser.post(f"/assessments/{assessment.id}/reports", {"languages": languages})

    assert reply.status == 400
    assert not delivered


def test_there_is_no_report_before_the_answers_are_in(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser: Browser = browser_of(app, session, owner)

    reply = browser.post(f"/assessments/{assessment.id}/reports", {"languages": "zh"})

    assert reply.status == 422
    assert "There is no result yet" in reply.text
    assert not delivered
