"""Discarding a draft on purpose, the list of what is discarded, and the way back."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security.forms import Form
from wtforms import BooleanField
from wtforms.validators import InputRequired

from survey import messages
from survey.i18n import _, current_locale, lazy
from survey.services import assessments, discarding
from survey.services.discarding import AnotherUnderWay
from survey.store.site import db
from survey.web.access import Role, actor, allow

bp = Blueprint("discarding", __name__)


class DiscardForm(Form):
    """A box that nobody ticks by accident."""

    sure = BooleanField(
        lazy("Yes, discard this assessment with everything in it"),
        validators=[InputRequired(lazy("Tick the box if the assessment is to be discarded."))],
    )


@bp.route("/assessments/<int:assessment_id>/discard", methods=["GET", "POST"])
@allow(Role.OWNER)
def page(assessment_id: int) -> ResponseReturnValue:
    session, who = db.session(), actor()
    inside = discarding.contents(session, who, assessment_id)
    form = DiscardForm()
    if form.validate_on_submit():
        discarding.discard(session, who, assessment_id, now=datetime.now(UTC))
        session.commit()
        flash(_("The assessment has been discarded."), "success")
        return redirect(url_for(".listed"), 303)
    html = render_template(
        "firm/discard.html",
        assessment_id=assessment_id,
        bank=assessments.bank_of(session, who, assessment_id),
        inside=inside,
        days=discarding.KEPT.days,
        form=form,
    )
    return html, 422 if form.errors else 200


@bp.get("/firm/discarded")
@allow(Role.OWNER)
def listed() -> ResponseReturnValue:
    return _show("", 200)


@bp.post("/assessments/<int:assessment_id>/restore")
@allow(Role.OWNER)
def restore(assessment_id: int) -> ResponseReturnValue:
    try:
        discarding.restore(db.session(), actor(), assessment_id, now=datetime.now(UTC))
    except AnotherUnderWay as error:
        db.session.rollback()
        return _show(messages.for_error(error, current_locale()), 409)
    db.session.commit()
    flash(_("The assessment is back, with everything that was in it."), "success")
    return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)


def _show(fault: str, status: int) -> ResponseReturnValue:
    lines = discarding.discarded(db.session(), actor())
    return render_template("firm/discarded.html", lines=lines, fault=fault), status
