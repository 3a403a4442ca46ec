"""A reason why a question does not apply, typed where "not applicable" is not chosen."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.services import assessments
from tests.stored import a_firm, an_assessment
from tests.web.autosaved import Field, autosave
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

REASON = ("q_planning.reason", "外包给集团")


@pytest.mark.parametrize("beside", [(), (("q_planning", "level-2"),)])
def test_a_reason_alone_is_kept_as_typed(
    app: Flask, session: Session, beside: tuple[Field, ...]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    reply = autosave(browser, assessment, "planning", ("q_planning.seen", "0."), *beside, REASON)

    assert reply.json["state"] == "kept"
    assert "reason" in reply.json["message"]
    state = assessments.hub(session, owner, assessment.id)
    assert state.wrong["planning"]["reason"] == [REASON[1]]


def test_a_step_chosen_instead_of_not_applicable_leaves_its_reason_behind(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    excused = {"planning": {"not_applicable": REASON[1]}}
    assessment = an_assessment(session, owner, answers=excused)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/pages/everything"

    browser.send(browser.get(place), place, q_planning="level-2")

    state = assessments.hub(session, owner, assessment.id)
    assert state.plain["planning"] == {"option": "level-2"}


def test_half_a_step_beside_dont_know_is_kept_as_typed(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    fields = (("q_planning.seen", "0."), ("q_planning", "_unknown"), ("q_planning.half", "1"))

    reply = autosave(browser, assessment, "planning", *fields)

    assert reply.json["state"] == "kept"
