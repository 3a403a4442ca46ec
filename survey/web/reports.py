"""Reports for everybody who may see the firm: ask, watch the progress, read, download."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core.bank import Bank
from survey.core.copies import Format
from survey.core.errors import Facts
from survey.i18n import _, current_locale, lazy
from survey.pdf import page
from survey.services import assessments, reopening, report_rows, reports, saying
from survey.services.assessments import NotSubmitted
from survey.store import files
from survey.store.models import Report
from survey.store.site import db
from survey.web import copies, downloads, headers
from survey.web.access import Role, actor, allow
from survey.web.limits import ASKING_FOR_REPORTS, READING_REPORTS, limiter
from survey.web.wiring import settings

bp = Blueprint("reports", __name__)

DELIVER = "deliver"
"""Under this name the application keeps what hands reports to the workers."""

DELIVER_LATER = "deliver-later"
"""The same for reports that nobody waits for at this moment: all others go before."""

EVERYBODY = (Role.FIRM, Role.CONSULTANT, Role.ADMINISTRATOR)

STATES = {
    report_rows.QUEUED: ("todo", lazy("Waiting")),
    report_rows.RENDERING: ("doing", lazy("Being made")),
    report_rows.CHECKING: ("doing", lazy("Being checked")),
    report_rows.READY: ("done", lazy("Ready")),
    report_rows.FAILED: ("look", lazy("Failed")),
    report_rows.CANCELLED: ("todo", lazy("Cancelled")),
}
"""The colour and the word of each state."""


@bp.get("/assessments/<int:assessment_id>/reports")
@allow(*EVERYBODY)
def index(assessment_id: int) -> ResponseReturnValue:
    """All copies of the report of one assessment, and the form that asks for another."""
    session = db.session()
    try:
        outcome = assessments.outcome(session, actor(), assessment_id)
    except NotSubmitted:
        return reopened(assessment_id)
    return render_template(
        "reports/index.html",
        outcome=outcome,
        made=reports.list_for_assessment(session, actor(), assessment_id),
        digest=reports.digest_now(session, actor(), assessment_id),
        copies=copies,
        copy_of=report_rows.copy_of,
        states=STATES,
    )


def reopened(assessment_id: int) -> ResponseReturnValue:
    """What there is instead of a result that was taken back. Raises NotSubmitted without one."""
    session, who = db.session(), actor()
    lines = reopening.list_for(session, who, assessment_id)
    if not lines:
        raise NotSubmitted
    assessment = assessments.assessment_of(session, assessment_id)
    return render_template(
        "reports/reopened.html",
        assessment=assessment,
        bank=assessments.bank_of(session, who, assessment_id),
        own=who.firm_id == assessment.firm_id,
        line=lines[-1],
        made=reports.list_for_assessment(session, who, assessment_id),
        digest="",
        copies=copies,
        copy_of=report_rows.copy_of,
        states=STATES,
    )


@bp.post("/assessments/<int:assessment_id>/reports")
@allow(*EVERYBODY)
@limiter.limit(ASKING_FOR_REPORTS)
def ask(assessment_id: int) -> ResponseReturnValue:
    wanted = copies.read(request.form)
    report = reports.ask(db.session(), actor(), assessment_id, wanted, now=datetime.now(UTC))
    return _handed_over(report)


@bp.get("/assessments/<int:assessment_id>/report")
@allow(*EVERYBODY)
@limiter.limit(READING_REPORTS)
def edition(assessment_id: int) -> ResponseReturnValue:
    """The report for a browser: made of what is stored now, kept nowhere."""
    wanted = copies.read({**request.args, "format": Format.HTML})
    inputs = reports.inputs_for(
        db.session(), actor(), assessment_id, wanted, logos_folder=settings().logos_folder
    )
    given = settings()
    look = saying.look(inputs, accent=given.accent, base_url=given.base_url, issuer=given.issuer)
    nonce = secrets.token_urlsafe(16)
    response = make_response(page.screen(saying.said(inputs), wanted, look, nonce=nonce))
    response.headers["Content-Security-Policy"] = headers.policy_for(nonce)
    return response


@bp.get("/reports/<report:report_id>")
@allow(*EVERYBODY)
def show(report_id: str) -> ResponseReturnValue:
    return _page(reports.get(db.session(), actor(), report_id))


@bp.get("/reports/<report:report_id>/state")
@allow(*EVERYBODY)
def state(report_id: str) -> ResponseReturnValue:
    report = reports.get(db.session(), actor(), report_id)
    return {
        "state": report.state,
        "open": report.state in report_rows.OPEN,
        "progress": report.progress,
        "message": said_state(report),
    }


@bp.get("/reports/<report:report_id>/file")
@allow(*EVERYBODY)
def file(report_id: str) -> ResponseReturnValue:
    report = reports.get(db.session(), actor(), report_id)
    if report.file_sha256 is None:
        return _page(report, status=404)
    try:
        content = files.read(settings().reports_folder, report.file_sha256)
    except (OSError, files.Damaged):
        current_app.logger.exception("report %s: its file cannot be handed out", report.id)
        return _page(report, status=404, missing=report.state == report_rows.READY)
    firm, issued_on = reports.cover_of(db.session(), report)
    copy = report_rows.copy_of(report)
    return downloads.kept_file(
        content,
        sha256=report.file_sha256,
        media_type=copy.format.media_type,
        name=downloads.report_name(firm, copy, issued_on),
        plain=f"qizhen-{report.id[:8]}.{copy.format.value}",
    )


@bp.post("/reports/<report:report_id>/cancel")
@allow(*EVERYBODY)
def cancel(report_id: str) -> ResponseReturnValue:
    reports.cancel(db.session(), actor(), report_id, now=datetime.now(UTC))
    db.session.commit()
    return redirect(url_for(".show", report_id=report_id), 303)


@bp.post("/reports/<report:report_id>/retry")
@allow(*EVERYBODY)
@limiter.limit(ASKING_FOR_REPORTS)
def retry(report_id: str) -> ResponseReturnValue:
    """Try again what failed or was cancelled, and what lost its file."""
    folder, now = settings().reports_folder, datetime.now(UTC)
    report = reports.make_again(db.session(), actor(), report_id, folder=folder, now=now)
    return _handed_over(report)


def deliver_later(*report_ids: str) -> None:
    """Hand committed reports to the workers. Does nothing if the queue is out of reach."""
    hand_over: Callable[..., None] = current_app.extensions[DELIVER_LATER]
    hand_over(*report_ids)


def _handed_over(report: Report) -> ResponseReturnValue:
    report_id, queued = report.id, report.state == report_rows.QUEUED
    db.session.commit()
    if queued:
        hand_over: Callable[..., None] = current_app.extensions[DELIVER]
        hand_over(report_id)
    return redirect(url_for(".show", report_id=report_id), 303)


def _page(report: Report, *, status: int = 200, missing: bool = False) -> ResponseReturnValue:
    copy = report_rows.copy_of(report)
    html = render_template(
        "reports/show.html",
        report=report,
        copy=copy,
        copies=copies,
        title=copies.title(copy),
        said=said_state(report),
        **_failure(report),
        waiting=report.state in report_rows.OPEN,
        missing=missing,
    )
    return html, status


def _failure(report: Report) -> dict[str, str]:
    """The reason, and the question that it speaks of."""
    if report.reason_code is None:
        return {"reason": "", "question": ""}
    bank = assessments.bank_of(db.session(), actor(), report.assessment_id)
    place = str((report.reason_facts or {}).get("place", ""))
    return {"reason": reason(report, bank), "question": place if place in bank.questions else ""}


def said_state(report: Report) -> str:
    """Where the report stands, in one sentence."""
    match report.state:
        case report_rows.QUEUED:
            return _("The report waits for its turn.")
        case report_rows.RENDERING:
            return _("The report is being made: %(done)d%% done.", done=report.progress)
        case report_rows.CHECKING:
            return _("The report is being checked: %(done)d%% done.", done=report.progress)
        case report_rows.READY:
            return _("The report is ready.")
        case report_rows.CANCELLED:
            return _("The report was cancelled. Nothing was made.")
        case _:
            return _("The report could not be made.")


def reason(report: Report, bank: Bank) -> str:
    """Why there is no report, if it failed."""
    if report.reason_code is None:
        return ""
    return said_reason(report.reason_code, report.reason_facts or {}, bank)


def said_reason(code: str, facts: Facts, bank: Bank) -> str:
    """A reason in one sentence. A place in it is named as the reader knows it."""
    if "place" in facts:
        facts = {**facts, "place": _place(bank, str(facts["place"]))}
    return messages.sentence(code, facts, current_locale())


def _place(bank: Bank, key: str) -> str:
    """What a part of the report is called: the firm's name, a question, or a section."""
    question = bank.questions.get(key)
    if question is not None:
        return f"{question.code or ''} {question.prompt.in_(current_locale())}".strip()
    titles = {section.key: section.title.in_(current_locale()) for section in bank.sections}
    return _("Name of the firm") if key == "firm" else titles.get(key, key)
