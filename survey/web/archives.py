"""Archives: the reports of many firms as one file, for consultants and administrators."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core.errors import Facts
from survey.exchange import zip_file
from survey.i18n import _, current_locale
from survey.services import accounts, archives, banks
from survey.services.archives import ArchiveView, Item, NothingChosen
from survey.services.report_inputs import CHINA
from survey.store.site import db
from survey.web import copies, downloads, sending
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.limits import ASKING_FOR_ARCHIVES, limiter
from survey.web.reports import STATES, deliver_later, said_reason
from survey.web.wiring import settings

bp = Blueprint("archives", __name__)

KEEPERS = (Role.CONSULTANT, Role.ADMINISTRATOR)

MOST_LISTED = 20
"""Archives in the list of one's own, newest first."""


@bp.get("/archives")
@allow(*KEEPERS)
def index() -> ResponseReturnValue:
    return _index()


@bp.post("/archives")
@allow(*KEEPERS)
@limiter.limit(ASKING_FOR_ARCHIVES)
def ask() -> ResponseReturnValue:
    session, who = db.session(), actor()
    wanted = copies.read(request.form)
    try:
        archive = archives.ask(session, who, _chosen(), wanted, now=datetime.now(UTC))
    except NothingChosen as error:
        session.rollback()
        return _index(fault=messages.for_error(error, current_locale()), status=422)
    archive_id = archive.id
    waiting = archives.get(session, who, archive_id).to_deliver
    session.commit()
    deliver_later(*waiting)
    return redirect(url_for(".show", archive_id=archive_id), 303)


@bp.get("/archives/<report:archive_id>")
@allow(*KEEPERS)
def show(archive_id: str) -> ResponseReturnValue:
    view = _view(archive_id)
    return render_template(
        "archives/show.html",
        view=view,
        said=said_state(view),
        stage=_stage(view),
        progress=_progress(view),
        waiting=view.state == archives.MAKING,
        copies=copies,
        states=STATES,
        reason=_reason,
    )


@bp.get("/archives/<report:archive_id>/state")
@allow(*KEEPERS)
def state(archive_id: str) -> ResponseReturnValue:
    view = _view(archive_id)
    return {
        "state": view.state,
        "open": view.state == archives.MAKING,
        "stage": _stage(view),
        "progress": _progress(view),
        "message": said_state(view),
    }


@bp.post("/archives/<report:archive_id>/again")
@allow(*KEEPERS)
@limiter.limit(ASKING_FOR_ARCHIVES)
def again(archive_id: str) -> ResponseReturnValue:
    """Ask again for what is missing in the archive."""
    session, folder = db.session(), settings().reports_folder
    view = archives.again(session, actor(), archive_id, folder=folder, now=datetime.now(UTC))
    session.commit()
    deliver_later(*view.to_deliver)
    return redirect(url_for(".show", archive_id=archive_id), 303)


@bp.get("/archives/<report:archive_id>/file")
@allow(*KEEPERS)
def file(archive_id: str) -> ResponseReturnValue:
    """Put together while it is sent, so that its size costs no memory."""
    entries = archives.entries(
        db.session(), actor(), archive_id, folder=settings().reports_folder, say=_say
    )
    stream = zip_file.stream(entries)
    response = Response(sending.Stream(stream.pieces), mimetype="application/zip")
    response.content_length = stream.size
    day = f"{datetime.now(CHINA):%Y%m%d}"
    name = _("Qizhen-reports-%(day)s.zip", day=day)
    downloads.save_as(response, name, plain=f"qizhen-{day}.zip")
    return response


def _view(archive_id: str) -> ArchiveView:
    view = archives.get(db.session(), actor(), archive_id)
    return archives.looked_at(view, settings().reports_folder)


def said_state(view: ArchiveView) -> str:
    """How far the archive is, in one sentence."""
    if view.state == archives.MAKING:
        return _(
            "The reports are being made: %(done)d of %(total)d are ready.",
            done=view.done,
            total=view.total,
        )
    if not view.done:
        return _("None of the reports could be made; the list says why.")
    if view.failed:
        return _(
            "%(done)d of %(total)d reports are ready; for the others the list says why.",
            done=view.done,
            total=view.total,
        )
    return _("%(done)d of %(total)d reports are ready.", done=view.done, total=view.total)


def _index(*, fault: str = "", status: int = 200) -> ResponseReturnValue:
    session, who = db.session(), actor()
    sought = request.args.get("q", "").strip()[:100]
    firms = [
        firm
        for firm in accounts.list_firms(session, who)
        if sought.casefold() in firm.name.casefold()
    ]
    own = archives.list_own(session, who)[:MOST_LISTED]
    html = render_template(
        "archives/index.html",
        firms=firms,
        sought=sought,
        own=[archives.get(session, who, one.id) for one in own],
        said_state=said_state,
        copies=copies,
        fault=fault,
    )
    return html, status


def _chosen() -> list[int]:
    """The firms ticked; or all that have submitted anything."""
    if request.form.get("which") == "all":
        firms = accounts.list_firms(db.session(), actor())
        return [firm.id for firm in firms if firm.latest_submitted is not None]
    return request.form.getlist("firm", type=row_number)


def _stage(view: ArchiveView) -> str:
    return f"{view.state}-{view.done}-{view.failed}"


def _progress(view: ArchiveView) -> int:
    return 100 * (view.done + view.failed) // view.total if view.total else 100


def _reason(item: Item) -> str:
    """Why a report is not in the archive."""
    if item.reason is None:
        return ""
    if item.version is None:
        return _say(*item.reason)
    session = db.session()
    version = banks.find_version(session, bank_key=item.bank_key, number=item.version)
    return said_reason(*item.reason, banks.bank_by_digest(session, version.id, version.digest))


def _say(code: str, facts: Facts) -> str:
    return messages.sentence(code, facts, current_locale())
