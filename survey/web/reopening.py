"""Taking a submission back with a reason; and a consultant's review of it, from begin to end."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core.answers import LONGEST_REASON
from survey.i18n import _, current_locale
from survey.services import assessments, reopening
from survey.services.people import must_own
from survey.services.reopening import ReopeningRefused
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.public import language_changed

bp = Blueprint("reopening", __name__)


@bp.get("/assessments/<int:assessment_id>/reopen")
@allow(Role.OWNER)
def page(assessment_id: int) -> ResponseReturnValue:
    return _show(assessment_id, "", "")


@bp.post("/assessments/<int:assessment_id>/reopen")
@allow(Role.OWNER)
def reopen(assessment_id: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    if language_changed():
        return _show(assessment_id, reason, "")
    session, now = db.session(), datetime.now(UTC)
    try:
        reopening.reopen(session, actor(), assessment_id, reason=reason, now=now)
    except ReopeningRefused as error:
        session.rollback()
        return _show(assessment_id, reason, messages.for_error(error, current_locale()))
    session.commit()
    flash(_("The assessment is open again. Submit it again when it is right."), "success")
    return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)


@bp.post("/assessments/<int:assessment_id>/review")
@allow(Role.CONSULTANT)
def begin_review(assessment_id: int) -> ResponseReturnValue:
    reopening.begin_review(db.session(), actor(), assessment_id, now=datetime.now(UTC))
    db.session.commit()
    flash(
        _("The review has begun. The firm cannot reopen the assessment until you end it."),
        "success",
    )
    return redirect(url_for("firm.result", assessment_id=assessment_id), 303)


@bp.post("/assessments/<int:assessment_id>/review/end")
@allow(Role.CONSULTANT)
def end_review(assessment_id: int) -> ResponseReturnValue:
    reopening.end_review(db.session(), actor(), assessment_id, now=datetime.now(UTC))
    db.session.commit()
    flash(_("The review has ended. The firm can reopen the assessment again."), "success")
    return redirect(url_for("firm.result", assessment_id=assessment_id), 303)


@bp.get("/assessments/<int:assessment_id>/give-back")
@allow(Role.CONSULTANT)
def giving_back(assessment_id: int) -> ResponseReturnValue:
    return _show_giving_back(assessment_id, "", "")


@bp.post("/assessments/<int:assessment_id>/give-back")
@allow(Role.CONSULTANT)
def give_back(assessment_id: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    if language_changed():
        return _show_giving_back(assessment_id, reason, "")
    session, now = db.session(), datetime.now(UTC)
    try:
        reopening.give_back(session, actor(), assessment_id, reason=reason, now=now)
    except ReopeningRefused as error:
        session.rollback()
        return _show_giving_back(assessment_id, reason, messages.for_error(error, current_locale()))
    session.commit()
    flash(_("The firm can change its answers again, and can see your reason."), "success")
    return redirect(url_for("firm.result", assessment_id=assessment_id), 303)


def _show_giving_back(assessment_id: int, reason: str, fault: str) -> ResponseReturnValue:
    outcome = assessments.outcome(db.session(), actor(), assessment_id)
    page = render_template(
        "firm/give_back.html", outcome=outcome, reason=reason, longest=LONGEST_REASON, fault=fault
    )
    return page, 422 if fault else 200


def _show(assessment_id: int, reason: str, fault: str) -> ResponseReturnValue:
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    must_own(who, state.assessment.firm_id)
    if state.assessment.submitted_at is None:
        return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)
    page = render_template(
        "firm/reopen.html", state=state, reason=reason, longest=LONGEST_REASON, fault=fault
    )
    return page, 422 if fault else 200
