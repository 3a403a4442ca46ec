"""What `survey doctor` says, for administrators: findings, the queue, and what failed lately."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from survey.core.text import Text
from survey.services import overview, report_rows, reports
from survey.store.site import db
from survey.web import copies
from survey.web.access import Role, actor, allow
from survey.web.reports import reason

bp = Blueprint("doctor", __name__, url_prefix="/admin/doctor")

EXAMINE = "examine"
"""Under this name the application keeps what looks at the installation."""

MOST_LISTED = 50
"""Failed reports on the page, newest first; their number is said in any case."""


class Finding(Protocol):
    """One part of the installation, whether it is in order, and what is there or what to do."""

    @property
    def part(self) -> Text: ...
    @property
    def good(self) -> bool: ...
    @property
    def remark(self) -> Text: ...


@bp.get("")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    session, now = db.session(), datetime.now(UTC)
    failures = overview.failures(session, actor(), since=now - timedelta(days=1), most=MOST_LISTED)
    backlog = reports.backlog(session, now=now)
    examine: Callable[[], Iterable[Finding]] = current_app.extensions[EXAMINE]
    findings = list(examine())
    return render_template(
        "admin/doctor.html",
        findings=findings,
        wrong=[finding for finding in findings if not finding.good],
        backlog=backlog,
        oldest=backlog.oldest and backlog.oldest // timedelta(minutes=1),
        failures=[(one, reason(one.report, one.bank)) for one in failures],
        copies=copies,
        copy_of=report_rows.copy_of,
        at=now,
    )
