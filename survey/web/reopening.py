"""Taking a submission back with a reason; and a consultant's review of it, from begin to end."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core.answers import LONGEST_REASON
from survey.i18n import _, current_locale
from survey.services import assessments, reopening
from survey.services.assessments import NotSubmitted
from survey.services.people import must_own
from survey.services.reopening import Line, ReopeningRefused
from survey.store.models import Assessment
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.language import language_changed

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
    except (NotSubmitted, ReopeningRefused) as error:
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
    except (NotSubmitted, ReopeningRefused) as error:
        session.rollback()
        return _show_giving_back(assessment_id, reason, messages.for_error(error, current_locale()))
    session.commit()
    flash(_("The firm can change its answers again, and can see your reason."), "success")
    return redirect(url_for("firm.result", assessment_id=assessment_id), 303)


def _show_giving_back(assessment_id: int, reason: str, fault: str) -> ResponseReturnValue:
    """The form; where nothing can be returned, why, and a reason that was typed all the same."""
    session, who = db.session(), actor()
    bank = assessments.bank_of(session, who, assessment_id)
    assessment = assessments.assessment_of(session, assessment_id)
    line = _taken_back(assessment)
    if assessment.submitted_at is None and line is None:
        raise NotSubmitted
    refusal = _not_returned(assessment, line)
    page = render_template(
        "firm/give_back.html",
        assessment=assessment,
        bank=bank,
        line=line,
        refusal=refusal,
        reason=reason,
        longest=LONGEST_REASON,
        fault=fault and (refusal or fault),
    )
    return page, 422 if fault else 200


def _not_returned(assessment: Assessment, line: Line | None) -> str:
    """Why a consultant cannot return it now; nothing if that is possible."""
    if line is not None and line.returned:
        return _("This assessment had already been returned to the firm.")
    if line is not None:
        return _("The firm has reopened this assessment itself; there is nothing to return.")
    if reopening.other_under_way(db.session(), actor(), assessment):
        return _(
            "The firm has begun a new assessment with these questions, so this one cannot be "
            "returned. Ask the firm to submit or discard the new one."
        )
    return ""


def _show(assessment_id: int, reason: str, fault: str) -> ResponseReturnValue:
    """The form; where nothing can be reopened, why, and a reason that was typed all the same."""
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    must_own(who, state.assessment.firm_id)
    line = _taken_back(state.assessment)
    if state.assessment.submitted_at is None and (line is None or not reason.strip()):
        return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)
    refusal = _not_reopened(state.assessment)
    page = render_template(
        "firm/reopen.html",
        state=state,
        line=line,
        refusal=refusal,
        reason=reason,
        longest=LONGEST_REASON,
        fault=fault and (refusal or fault),
    )
    return page, 422 if fault else 200


def _not_reopened(assessment: Assessment) -> str:
    """Why the firm cannot reopen it now; nothing if that is possible."""
    if assessment.submitted_at is None:
        return _("This assessment had already been reopened.")
    if assessment.review_begun_at is not None:
        return _(
            "A consultant has begun to review this submission, so it cannot be reopened. Talk to "
            "the consultant."
        )
    if reopening.other_under_way(db.session(), actor(), assessment):
        return messages.for_error(ReopeningRefused("other-under-way"), current_locale())
    return ""


def _taken_back(assessment: Assessment) -> Line | None:
    """How a submission that is none any more was taken back; None if there is or was none."""
    if assessment.submitted_at is not None:
        return None
    lines = reopening.list_for(db.session(), actor(), assessment.id)
    return lines[-1] if lines else None
