"""Who answers which section: the owner gives them out, everybody says when their part is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.i18n import _, current_locale, say
from survey.services import accounts, assessments, assignments, sharing
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import Assigned
from survey.services.report_inputs import CHINA
from survey.services.sharing import Share
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.language import language_changed
from survey.web.pages import Listed, listed

bp = Blueprint("sharing", __name__)

WHO, DUE, WAS = "who.", "due.", "was."
"""What the fields of a page are called, before its key; the last has what the others showed."""

FURTHEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Line:
    """One page of the questionnaire with what stands in its two fields."""

    page: Listed
    who: str
    due: str
    was: str
    done_at: datetime | None
    fault: str


@bp.get("/assessments/<int:assessment_id>/sections")
@allow(Role.OWNER)
def page(assessment_id: int) -> ResponseReturnValue:
    return _show(assessment_id, {}, "", 200)


@bp.post("/assessments/<int:assessment_id>/sections")
@allow(Role.OWNER)
def save(assessment_id: int) -> ResponseReturnValue:
    """Give out what the owner changed; the other sections stay as they are by now."""
    if language_changed():
        return _show(assessment_id, {}, "", 200)
    state = assessments.hub(db.session(), actor(), assessment_id)
    titles = {page.key: say(page.title) for page in listed(state)}
    rows = [row for key in state.progress.pages if (row := _row(key)).is_changed]
    shares: dict[str, Share] = {}
    faults: dict[str, str] = {}
    for row in rows:
        try:
            shares[row.key] = _share(row, titles[row.key])
        except ValueError as error:
            faults[row.key] = str(error)
    if faults:
        return _show(assessment_id, faults, "", 422)
    try:
        sharing.share_out(
            db.session(),
            actor(),
            assessment_id,
            shares=shares,
            seen={row.key: _seen(row) for row in rows},
            now=datetime.now(UTC),
        )
    except sharing.NotAColleague as error:
        db.session.rollback()
        return _show(assessment_id, {}, messages.for_error(error, current_locale()), 422)
    except sharing.SharedMeanwhile as error:
        db.session.rollback()
        faults = _meanwhile(listed(state), error)
        return _show(assessment_id, faults, "", 409, overtaken=faults)
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


@dataclass(frozen=True, slots=True)
class _Row:
    """What was sent for a page, and what its fields had shown, as it stands in the form."""

    key: str
    who: str
    due: str
    was: str

    @property
    def is_changed(self) -> bool:
        return _was(self.who, self.due) != self.was


def _row(key: str) -> _Row:
    if WHO + key not in request.form:
        return _Row(key, "", "", "")
    return _Row(key, *(request.form.get(name + key, "").strip() for name in (WHO, DUE, WAS)))


def _was(who: str, due: str) -> str:
    return f"{who} {due}".strip()


def _share(row: _Row, section: str) -> Share:
    """What the owner wants of the section called so. Raises ValueError with a sentence."""
    try:
        person = row_number(row.who) if row.who else None
    except ValueError:
        sentence = _("“%(section)s”: choose somebody from the list.", section=section)
        raise ValueError(sentence) from None
    if not row.due:
        return Share(person)
    try:
        day = date.fromisoformat(row.due)
    except ValueError:
        sentence = _("“%(section)s”: enter the date like 2026-12-31.", section=section)
        raise ValueError(sentence) from None
    if person is None:
        raise ValueError(_("“%(section)s”: choose who answers it by that day.", section=section))
    if row.due != row.was.partition(" ")[2]:
        _must_be_near(day, section)
    return Share(person, day)


def _seen(row: _Row) -> Share:
    """What the owner saw when the page was opened."""
    who, _gap, due = row.was.partition(" ")
    try:
        return Share(row_number(who) if who else None, date.fromisoformat(due) if due else None)
    except ValueError:
        abort(400)


def _meanwhile(pages: Sequence[Listed], error: sharing.SharedMeanwhile) -> dict[str, str]:
    return {
        page.key: messages.sentence(
            error.code, {"section": page.title.in_(current_locale())}, current_locale()
        )
        for page in pages
        if page.key in error.page_keys
    }


def _must_be_near(day: date, section: str) -> None:
    """Raises ValueError with a sentence."""
    today = datetime.now(CHINA).date()
    if day < today:
        raise ValueError(
            _(
                "“%(section)s”: this date is in the past. Choose today or a later date.",
                section=section,
            )
        )
    if day > today + FURTHEST:
        raise ValueError(
            _("“%(section)s”: choose a date within the next two years.", section=section)
        )


def _show(
    assessment_id: int,
    faults: Mapping[str, str],
    fault: str,
    status: int,
    overtaken: Collection[str] = (),
) -> ResponseReturnValue:
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    if state.assessment.submitted_at is not None:
        raise AlreadySubmitted
    given = assignments.of_assessment(session, assessment_id)
    lines = [
        _line(each, given.get(each.key), faults.get(each.key, ""), overtaken)
        for each in listed(state)
    ]
    page = render_template(
        "firm/sections.html",
        state=state,
        lines=lines,
        people=accounts.list_members(session, who),
        fault=fault,
    )
    return page, status


def _line(page: Listed, given: Assigned | None, fault: str, overtaken: Collection[str]) -> Line:
    """As its owner wants it, or as it is now if nothing was wanted or somebody was quicker."""
    row = _row(page.key)
    if not row.is_changed or page.key in overtaken:
        who = "" if given is None else str(given.user_id)
        due = "" if given is None or given.due_on is None else given.due_on.isoformat()
        row = _Row(page.key, who, due, _was(who, due))
    done_at = None if given is None else given.done_at
    return Line(page, row.who, row.due, row.was, done_at, fault)
