"""Who answers which section: the owner gives them out, everybody says when their part is done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.i18n import _, current_locale
from survey.services import accounts, assessments, assignments, sharing
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import Assigned
from survey.services.report_inputs import CHINA
from survey.services.sharing import Share
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.pages import Listed, listed

bp = Blueprint("sharing", __name__)

WHO, DUE = "who.", "due."
"""What the fields of a page are called, before its key."""

FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Line:
    """One page of the questionnaire with what stands in its two fields."""

    page: Listed
    who: str
    due: str
    done_at: datetime | None
    fault: str


@bp.get("/assessments/<int:assessment_id>/sections")
@allow(Role.OWNER)
def page(assessment_id: int) -> ResponseReturnValue:
    return _show(assessment_id, {}, "")


@bp.post("/assessments/<int:assessment_id>/sections")
@allow(Role.OWNER)
def save(assessment_id: int) -> ResponseReturnValue:
    state = assessments.hub(db.session(), actor(), assessment_id)
    given = assignments.of_assessment(db.session(), assessment_id)
    shares: dict[str, Share] = {}
    faults: dict[str, str] = {}
    for key in state.progress.pages:
        try:
            if (share := _share(key, given.get(key))) is not None:
                shares[key] = share
        except ValueError as error:
            faults[key] = str(error)
    if faults:
        return _show(assessment_id, faults, "")
    try:
        sharing.share_out(
            db.session(), actor(), assessment_id, shares=shares, now=datetime.now(UTC)
        )
    except sharing.NotAColleague as error:
        db.session.rollback()
        return _show(assessment_id, {}, messages.for_error(error, current_locale()))
    db.session.commit()
    flash(_("Saved. Everybody sees on the overview which sections are theirs."), "success")
    return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)


@bp.post("/assessments/<int:assessment_id>/pages/<page_key>/done")
@allow(Role.FIRM)
def finish(assessment_id: int, page_key: str) -> ResponseReturnValue:
    sharing.finish(db.session(), actor(), assessment_id, page_key, now=datetime.now(UTC))
    db.session.commit()
    flash(_("Thank you. The owner of your firm sees that your part is done."), "success")
    return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)


@bp.post("/assessments/<int:assessment_id>/pages/<page_key>/not-done")
@allow(Role.FIRM)
def take_up_again(assessment_id: int, page_key: str) -> ResponseReturnValue:
    sharing.take_up_again(db.session(), actor(), assessment_id, page_key)
    db.session.commit()
    flash(_("This part is open again."), "success")
    return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)


def _share(key: str, before: Assigned | None) -> Share | None:
    """What was sent for a page; None if nothing. Raises ValueError with a sentence."""
    if WHO + key not in request.form:
        return None
    who, due = request.form[WHO + key].strip(), request.form.get(DUE + key, "").strip()
    try:
        person = row_number(who) if who else None
    except ValueError:
        raise ValueError(_("Choose somebody from the list.")) from None
    if not due:
        return Share(person)
    try:
        day = date.fromisoformat(due)
    except ValueError:
        raise ValueError(_("Enter the date like 2026-12-31.")) from None
    if person is None:
        raise ValueError(_("Choose who answers this section until that day."))
    if before is None or before.due_on != day:
        _must_be_near(day)
    return Share(person, day)


def _must_be_near(day: date) -> None:
    """Raises ValueError with a sentence."""
    today = datetime.now(CHINA).date()
    if day < today:
        raise ValueError(_("This date is in the past. Choose today or a later date."))
    if day > today + FURTHEST:
        raise ValueError(_("Choose a date within the next two years."))


def _show(assessment_id: int, faults: dict[str, str], fault: str) -> ResponseReturnValue:
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    if state.assessment.submitted_at is not None:
        raise AlreadySubmitted
    given = assignments.of_assessment(session, assessment_id)
    lines = [_line(each, given.get(each.key), faults.get(each.key, "")) for each in listed(state)]
    page = render_template(
        "firm/sections.html",
        state=state,
        lines=lines,
        people=accounts.list_members(session, who),
        fault=fault,
    )
    return page, 422 if faults or fault else 200


def _line(page: Listed, given: assignments.Assigned | None, fault: str) -> Line:
    who = "" if given is None else str(given.user_id)
    due = "" if given is None or given.due_on is None else given.due_on.isoformat()
    return Line(
        page=page,
        who=request.form.get(WHO + page.key, who),
        due=request.form.get(DUE + page.key, due),
        done_at=None if given is None else given.done_at,
        fault=fault,
    )
