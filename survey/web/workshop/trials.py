"""Trial reports: asked for beside the checks before publishing, watched, downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core import places
from survey.core.copies import Format
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Languages
from survey.i18n import _, current_locale
from survey.services import banks, trials
from survey.services.job_rows import QUEUED, READY, RENDERING
from survey.store import files
from survey.store.models import BankVersion, Pack
from survey.store.site import db
from survey.web import downloads
from survey.web.access import Role, allow
from survey.web.copies import LANGUAGES
from survey.web.limits import ASKING_FOR_PACKS, limiter
from survey.web.reports import STATES
from survey.web.wiring import settings
from survey.web.workshop.part_pages import told

bp = Blueprint("trials", __name__, url_prefix="/admin/banks")

DELIVER = "deliver-trials"
"""The way to hand trial reports to the workers."""


@bp.post("/<int:version_id>/trial")
@allow(Role.ADMINISTRATOR)
@limiter.limit(ASKING_FOR_PACKS)
def ask(version_id: int) -> ResponseReturnValue:
    """Have the draft printed as it is now; also once more, if that has failed."""
    session, folder = db.session(), settings().reports_folder
    wanted = request.form.get("languages", "")
    languages = Languages(wanted) if wanted in list(Languages) else Languages.BOTH
    try:
        trial = trials.ask(
            session, version_id, languages=languages, folder=folder, now=datetime.now(UTC)
        )
    except NotFound:
        raise
    except SurveyError as error:
        session.rollback()
        fault = messages.for_error(error, current_locale())
        return _page(version_id, fault=fault, status=422)
    trial_id, is_queued = trial.id, trial.state == QUEUED
    gone = trials.clear_old(session, version_id)
    session.commit()
    for sha256 in gone:
        files.forget(folder, sha256)
    if is_queued:
        hand_over: Callable[..., None] = current_app.extensions[DELIVER]
        hand_over(trial_id)
    return redirect(url_for(".show", version_id=version_id, trial_id=trial_id), 303)


@bp.get("/<int:version_id>/trial/<pack:trial_id>")
@allow(Role.ADMINISTRATOR)
def show(version_id: int, trial_id: str) -> ResponseReturnValue:
    """One that was of an earlier state of the draft may be gone: then the checks are shown."""
    version = banks.get_version(db.session(), version_id)
    try:
        trial = trials.get(db.session(), version_id, trial_id)
    except NotFound:
        flash(_("This trial report is no longer kept: the draft was edited, and printed again."))
        return redirect(url_for("publishing.index", version_id=version.id), 303)
    return _page(version_id, trial)


@bp.get("/<int:version_id>/trial/<pack:trial_id>/state")
@allow(Role.ADMINISTRATOR)
def state(version_id: int, trial_id: str) -> ResponseReturnValue:
    trial = trials.get(db.session(), version_id, trial_id)
    return {
        "state": trial.state,
        "open": is_open(trial),
        "progress": trial.progress,
        "message": said_state(trial),
    }


@bp.get("/<int:version_id>/trial/<pack:trial_id>/file")
@allow(Role.ADMINISTRATOR)
def file(version_id: int, trial_id: str) -> ResponseReturnValue:
    session = db.session()
    version = banks.get_version(session, version_id)
    trial = trials.get(session, version_id, trial_id)
    if trial.file_sha256 is None:
        raise NotFound
    try:
        content = files.read(settings().reports_folder, trial.file_sha256)
    except (OSError, files.Damaged):
        current_app.logger.exception("trial %s: its file cannot be handed out", trial.id)
        fault = _("The file of this trial report is gone. Print it again.")
        return _page(version_id, trial, fault=fault, status=404)
    name = f"trial-{version.bank_key}-{version.number}-{trial.languages}.pdf"
    return downloads.kept_file(
        content,
        sha256=trial.file_sha256,
        media_type=Format.PDF.media_type,
        name=name,
        plain=name,
    )


def _page(
    version_id: int, trial: Pack | None = None, *, fault: str = "", status: int = 200
) -> ResponseReturnValue:
    version = banks.get_version(db.session(), version_id)
    html = render_template(
        "workshop/trial.html",
        version=version,
        tab="publishing.index",
        trial=trial,
        current=trial is not None and trials.is_current(trial, version),
        language=trial and LANGUAGES[Languages(trial.languages)],
        said=trial and said_state(trial),
        reason=trial and reason(trial),
        waiting=trial is not None and is_open(trial),
        fault=fault,
    )
    return html, status


def is_open(trial: Pack) -> bool:
    return trial.state in (QUEUED, RENDERING)


def reason(trial: Pack) -> str:
    """Why there is none, in a sentence; empty if nothing has failed."""
    if trial.reason_code is None:
        return ""
    facts = dict(trial.reason_facts or {})
    if "place" in facts:
        facts["place"] = _named(trial.bank_version_id, str(facts["place"]))
    return messages.sentence(trial.reason_code, facts, current_locale())


def _named(version_id: int, key: str) -> str:
    """A place of the report as administrators know it: questions by where they stand."""
    data = banks.document_of(db.session(), version_id)
    place = places.question_place(data, key)
    return told(data, place) if place else key


@dataclass(frozen=True, slots=True)
class Line:
    """A trial of the draft as it is: in one language, or in both."""

    trial: Pack
    language: str
    mark: tuple[str, str]
    reason: str


def lines(version: BankVersion) -> list[Line]:
    """The trials of the version as it is now."""
    found = trials.of_version(db.session(), version)
    return [
        Line(trial, str(LANGUAGES[languages]), _mark(trial), reason(trial))
        for languages, trial in found.items()
    ]


def _mark(trial: Pack) -> tuple[str, str]:
    kind, word = STATES[trial.state]
    return kind, str(word)


def said_state(trial: Pack) -> str:
    """Where it stands, in one sentence."""
    match trial.state:
        case str(state) if state == QUEUED:
            return _("The trial report is waiting for its turn.")
        case str(state) if state == RENDERING:
            return _("The trial report is being printed: %(done)d%% done.", done=trial.progress)
        case str(state) if state == READY:
            return _("The trial report is printed.")
        case _failed:
            return _("The trial report could not be printed.")
