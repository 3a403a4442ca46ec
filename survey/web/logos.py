"""The logos on a report's cover: the firm's, set by its owner, and the consultant's own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_security.forms import Form
from flask_wtf.file import FileField, FileRequired

from survey import messages
from survey.core.errors import SurveyError
from survey.i18n import Later, _, current_locale, lazy
from survey.services import logos
from survey.services.logos import LogoRow
from survey.store import files
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.account_forms import tidy
from survey.web.limits import SENDING_LOGOS, limiter
from survey.web.wiring import settings

bp = Blueprint("logos", __name__)


class LogoForm(Form):
    """One picture."""

    file = FileField(
        lazy("Logo (PNG or JPEG, at most 2 MB)"),
        render_kw={"accept": "image/png,image/jpeg"},
        validators=[FileRequired(lazy("Choose a file."))],
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Whose logo a page is about: its words, and where its forms and its picture are."""

    title: Later
    lead: Later
    page: str
    save: str
    remove: str
    picture: str


FIRM = Place(
    lazy("Logo of the firm"),
    lazy("It is printed on the cover of every report that is made from now on."),
    "logos.firm",
    "logos.save_firm",
    "logos.remove_firm",
    "logos.firm_picture",
)
CONSULTANT = Place(
    lazy("My logo"),
    lazy(
        "It is printed, beside the firm’s own, on the cover of every report that is made from now "
        "on for the firms assigned to you."
    ),
    "logos.consultant",
    "logos.save_consultant",
    "logos.remove_consultant",
    "logos.consultant_picture",
)


@bp.get("/firm/logo")
@allow(Role.FIRM)
def firm() -> ResponseReturnValue:
    return _page(FIRM, _of_firm(), LogoForm(), may_change=actor().owner)


@bp.post("/firm/logo")
@allow(Role.OWNER)
@limiter.limit(SENDING_LOGOS)
def save_firm() -> ResponseReturnValue:
    return _saved(FIRM, logos.set_for_firm, _of_firm)


@bp.post("/firm/logo/remove")
@allow(Role.OWNER)
def remove_firm() -> ResponseReturnValue:
    return _removed(FIRM, logos.remove_for_firm)


@bp.get("/firm/logo/picture")
@allow(Role.FIRM)
def firm_picture() -> ResponseReturnValue:
    return _picture(_of_firm())


@bp.get("/consultant/logo")
@allow(Role.CONSULTANT)
def consultant() -> ResponseReturnValue:
    return _page(CONSULTANT, _of_consultant(), LogoForm(), may_change=True)


@bp.post("/consultant/logo")
@allow(Role.CONSULTANT)
@limiter.limit(SENDING_LOGOS)
def save_consultant() -> ResponseReturnValue:
    return _saved(CONSULTANT, logos.set_for_consultant, _of_consultant)


@bp.post("/consultant/logo/remove")
@allow(Role.CONSULTANT)
def remove_consultant() -> ResponseReturnValue:
    return _removed(CONSULTANT, logos.remove_for_consultant)


@bp.get("/consultant/logo/picture")
@allow(Role.CONSULTANT)
def consultant_picture() -> ResponseReturnValue:
    return _picture(_of_consultant())


def _of_firm() -> LogoRow | None:
    return logos.of_own_firm(db.session(), actor())


def _of_consultant() -> LogoRow | None:
    return logos.of_consultant(db.session(), actor())


def _saved(
    place: Place, save: Callable[..., None], shown: Callable[[], LogoRow | None]
) -> ResponseReturnValue:
    form = LogoForm()
    if not form.validate():
        return _page(place, shown(), form, may_change=True)
    with form.file.data.stream as stream:
        content = stream.read()
    try:
        save(
            db.session(),
            actor(),
            content,
            tidy(form.file.data.filename),
            folder=settings().logos_folder,
            now=datetime.now(UTC),
        )
    except SurveyError as error:
        db.session.rollback()
        form.file.errors = [messages.for_error(error, current_locale())]
        return _page(place, shown(), form, may_change=True)
    db.session.commit()
    flash(_("The logo has been saved. Reports made from now on will carry it."), "success")
    return redirect(url_for(place.page), 303)


def _removed(place: Place, remove: Callable[..., None]) -> ResponseReturnValue:
    remove(db.session(), actor(), now=datetime.now(UTC))
    db.session.commit()
    flash(_("The logo has been removed. Reports made earlier keep it."), "success")
    return redirect(url_for(place.page), 303)


def _page(
    place: Place, logo: LogoRow | None, form: LogoForm, *, may_change: bool
) -> ResponseReturnValue:
    html = render_template(
        "logos/logo.html", place=place, logo=logo, form=form, may_change=may_change
    )
    return html, 422 if form.errors else 200


def _picture(logo: LogoRow | None) -> ResponseReturnValue:
    if logo is None:
        abort(404)
    path = files.path(settings().logos_folder, logo.sha256)
    if not path.is_file():
        abort(404)
    return send_file(path, mimetype=logo.media_type, etag=logo.sha256)
