"""Addresses, numbers and bodies that nobody sends by accident: refused, never a fault of ours."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from tests.browser import Browser
from tests.stored import a_firm, an_administrator, an_assessment
from tests.web.people import browser_of

TOO_LARGE = ["2147483648", "9" * 20, "9" * 5000]


@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_number_that_no_row_can_have_is_not_found(
    app: Flask, session: Session, number: str
) -> None:
    office = browser_of(app, session, an_administrator(session))
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)

    for place in ("banks", "firms", "users"):
        assert office.get(f"/admin/{place}/{number}").status == 404
    assert browser.get(f"/assessments/{number}").status == 404
    assert browser.post("/firm/assessments", {"version": number}).status == 404
    assert browser.post("/firm/assessments", {"version": "-1"}).status == 404
    assert office.get(f"/admin/log?before={number}").status == 200


@pytest.mark.parametrize("key", ["%00", "x%00x", "0" * 31 + "%00", "0" * 33, "..%2f" * 3])
@pytest.mark.parametrize("part", ["", "/state", "/file"])
def test_a_key_that_no_report_can_have_is_not_found(
    app: Flask, session: Session, key: str, part: str
) -> None:
    _, owner = a_firm(session)

    assert browser_of(app, session, owner).get(f"/reports/{key}{part}").status == 404


@pytest.mark.parametrize("key", ["%00", "profile%00", "%1b"])
def test_a_key_that_nobody_can_have_typed_is_not_found(
    app: Flask, session: Session, key: str
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    for place in ("pages", "questions"):
        assert browser.get(f"/assessments/{assessment.id}/{place}/{key}").status == 404


@pytest.mark.parametrize("body", ["[" * 100_000, '{"fields":' * 50_000, "", "null", "\x00"])
def test_json_that_cannot_be_read_is_refused(app: Flask, session: Session, body: str) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    answer = browser.client.post(
        f"/assessments/{assessment.id}/answers/product?page=everything",
        data=body,
        content_type="application/json",
        headers={"X-CSRFToken": browser.token()},
    )

    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_a_way_back_that_is_no_address_is_refused(app: Flask) -> None:
    browser = Browser(app, language=Locale.EN)

    assert browser.get("/login?next=http://[::1").status == 400
    assert browser.post("/login", {"next": "http://[::1"}).status == 400
