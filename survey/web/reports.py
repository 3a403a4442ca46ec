"""Reports for everybody who may see the firm: ask, watch the progress, download."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from survey import messages
from survey.config import Settings
from survey.core.text import Languages
from survey.i18n import _, current_locale, lazy
from survey.services import reports
from survey.store import files
from survey.store.db import db
from survey.store.models import Report
from survey.web.access import Role, actor, allow
from survey.web.limits import ASKING_FOR_REPORTS, limiter

bp = Blueprint("reports", __name__)

DELIVER = "deliver"
"""Under this name the application keeps what hands a report to the worker."""

LANGUAGE_NAMES = {
    Languages.ZH: lazy("Chinese"),
    Languages.EN: lazy("English"),
    Languages.BOTH: lazy("Chinese and English"),
}

TITLES = {
    Languages.ZH: lazy("Report in Chinese"),
    Languages.EN: lazy("Report in English"),
    Languages.BOTH: lazy("Report in Chinese and English"),
}

EVERYBODY = (Role.FIRM, Role.CONSULTANT, Role.ADMINISTRATOR)


@bp.post("/assessments/<int:assessment_id>/reports")
@allow(*EVERYBODY)
@limiter.limit(ASKING_FOR_REPORTS)
def ask(assessment_id: int) -> ResponseReturnValue:
    wanted = request.form.get("languages", "")
    if wanted not in list(Languages):
        abort(400)
    session = db.session()
    report = reports.ask(session, actor(), assessment_id, Languages(wanted), now=datetime.now(UTC))
    report_id, state = report.id, report.state
    session.commit()
    if state == reports.QUEUED:
        deliver: Callable[[str], None] = current_app.extensions[DELIVER]
        deliver(report_id)
    return redirect(url_for(".show", report_id=report_id), 303)


@bp.get("/reports/<report:report_id>")
@allow(*EVERYBODY)
def show(report_id: str) -> ResponseReturnValue:
    report = reports.get(db.session(), actor(), report_id)
    return render_template(
        "reports/show.html",
        report=report,
        said=said_state(report),
        reason=reason(report),
        title=TITLES[Languages(report.languages)],
    )


@bp.get("/reports/<report:report_id>/state")
@allow(*EVERYBODY)
def state(report_id: str) -> ResponseReturnValue:
    report = reports.get(db.session(), actor(), report_id)
    return {"state": report.state, "progress": report.progress, "message": said_state(report)}


@bp.get("/reports/<report:report_id>/file")
@allow(*EVERYBODY)
def file(report_id: str) -> ResponseReturnValue:
    report = reports.get(db.session(), actor(), report_id)
    if report.file_sha256 is None:
        abort(404)
    settings: Settings = current_app.extensions["settings"]
    path: Path = files.path(settings.reports_folder, report.file_sha256)
    return send_file(
        path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=_("Qizhen-report-%(id)s.pdf", id=f"{report.id[:8]}-{report.languages}"),
    )


def said_state(report: Report) -> str:
    """Where the report stands, in one sentence."""
    match report.state:
        case reports.QUEUED:
            return _("The report waits for its turn.")
        case reports.RENDERING:
            return _("The report is being made: %(done)d%% done.", done=report.progress)
        case reports.READY:
            return _("The report is ready.")
        case _:
            return _("The report could not be made.")


def reason(report: Report) -> str:
    """Why there is no report, if it failed."""
    if report.reason_code is None:
        return ""
    return messages.sentence(report.reason_code, report.reason_facts or {}, current_locale())
