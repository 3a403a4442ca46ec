"""The administration: firms, users, the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # too new

from survey import mail, messages
from survey.core.errors import NotFound, SurveyError
from survey.i18n import _, current_locale, ngettext
from survey.services import accounts, overview
from survey.services.people import CONSULTANT
from survey.store.models import User
from survey.store.site import db
from survey.web import log_words, signing
from survey.web.access import Role, actor, allow
from survey.web.account_forms import tidy
from survey.web.addresses import row_number
from survey.web.admin_forms import AssignForm, ColleagueForm

bp = Blueprint("admin", __name__, url_prefix="/admin")

PAGE = 50
"""Lines of a long list on one page."""


@bp.get("")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    session = db.session()
    return render_template(
        "admin/index.html",
        numbers=overview.numbers(session, actor()),
        events=overview.events(session, actor(), before=None, most=8),
        words=log_words,
    )


# ---------------------------------------------------------------------- firms


@bp.get("/firms", endpoint="firms")
@allow(Role.ADMINISTRATOR)
def firms_list() -> ResponseReturnValue:
    sought = tidy(request.args.get("q"))
    firms = accounts.list_firms(db.session(), actor())
    found = [firm for firm in firms if sought.lower() in firm.name.lower()]
    return render_template("admin/firms.html", sought=sought, page=_page(found))


@bp.get("/firms/<int:firm_id>")
@allow(Role.ADMINISTRATOR)
def firm(firm_id: int) -> ResponseReturnValue:
    return _firm(firm_id, _assign_form(firm_id))


@bp.post("/firms/<int:firm_id>/consultants")
@allow(Role.ADMINISTRATOR)
def assign(firm_id: int) -> ResponseReturnValue:
    form = _assign_form(firm_id)
    if not form.validate():
        return _firm(firm_id, form)
    accounts.assign_consultant(
        db.session(),
        actor(),
        consultant_id=form.consultant.data,
        firm_id=firm_id,
        now=datetime.now(UTC),
    )
    db.session.commit()
    flash(_("The consultant can see this firm now."), "success")
    return redirect(url_for(".firm", firm_id=firm_id), 303)


@bp.post("/firms/<int:firm_id>/consultants/<int:user_id>/remove")
@allow(Role.ADMINISTRATOR)
def unassign(firm_id: int, user_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    accounts.unassign(db.session(), actor(), consultant_id=user_id, firm_id=firm_id, now=now)
    db.session.commit()
    flash(_("The consultant can no longer see this firm."), "success")
    return redirect(url_for(".firm", firm_id=firm_id), 303)


def _firm(firm_id: int, form: AssignForm) -> ResponseReturnValue:
    session = db.session()
    page = render_template(
        "admin/firm.html",
        firm_id=firm_id,
        name=overview.firm_name(session, actor(), firm_id),
        people=accounts.firm_people(session, actor(), firm_id),
        consultants=accounts.consultants_of(session, actor(), firm_id),
        standings=overview.standings(session, actor(), [firm_id]),
        form=form,
    )
    return page, 422 if form.errors else 200


def _assign_form(firm_id: int) -> AssignForm:
    """Offers every active consultant who does not look after the firm yet."""
    session = db.session()
    there = {person.id for person in accounts.consultants_of(session, actor(), firm_id)}
    form = AssignForm()
    form.consultant.choices = [
        SelectChoice(person.id, f"{person.name} · {person.email}")
        for person in accounts.list_users(session, actor())
        if CONSULTANT in person.roles and person.active and person.id not in there
    ]
    return form


# ---------------------------------------------------------------------- users


@bp.get("/users", endpoint="users")
@allow(Role.ADMINISTRATOR)
def users_list() -> ResponseReturnValue:
    return _users(ColleagueForm())


@bp.post("/users")
@allow(Role.ADMINISTRATOR)
def add_user() -> ResponseReturnValue:
    form = ColleagueForm()
    if not form.validate():
        return _users(form)
    try:
        user = accounts.create_user(
            db.session(),
            email=form.email.data or "",
            name=form.name.data or "",
            password_hash=None,
            roles=[form.role.data],
            locale=current_locale(),
            now=datetime.now(UTC),
        )
    except accounts.EmailTaken as error:
        db.session.rollback()
        form.email.errors = [messages.for_error(error, current_locale())]
        return _users(form)
    db.session.commit()
    _invite(user)
    return redirect(url_for(".users"), 303)


def _invite(person: User) -> None:
    """Write to somebody whose account was just made, and tell the reader how it went.

    After the commit: a slow mail server must not hold the database.
    """
    try:
        signing.invite(person, by=current_user.name)
    except mail.MailNotSent:
        current_app.logger.exception("The invitation of user %s was not sent.", person.id)
        sentence = _(
            "%(name)s has an account now, but the e-mail could not be sent."
            " Ask %(name)s to use “Forgot your password?” on the sign-in page.",
            name=person.name,
        )
        flash(sentence, "warning")
    else:
        sentence = _(
            "%(name)s has an account now. An e-mail with a link to set the password is on its way.",
            name=person.name,
        )
        flash(sentence, "success")


@bp.get("/users/<int:user_id>")
@allow(Role.ADMINISTRATOR)
def user(user_id: int) -> ResponseReturnValue:
    person = _person(user_id)
    return render_template("admin/user.html", person=person, myself=user_id == current_user.id)


@bp.post("/users/<int:user_id>/role")
@allow(Role.ADMINISTRATOR)
def set_role(user_id: int) -> ResponseReturnValue:
    def act(now: datetime) -> None:
        role = request.form.get("role", "")
        accounts.set_role(db.session(), actor(), user_id=user_id, role=role, now=now)

    return _user_act(user_id, act, _("The role has been changed."))


@bp.post("/users/<int:user_id>/deactivate")
@allow(Role.ADMINISTRATOR)
def deactivate(user_id: int) -> ResponseReturnValue:
    def act(now: datetime) -> None:
        withdrawn = accounts.deactivate(db.session(), actor(), user_id=user_id, now=now)
        if withdrawn:
            sentence = ngettext(
                "%(num)d open invitation by this person has been withdrawn.",
                "%(num)d open invitations by this person have been withdrawn.",
                withdrawn,
            )
            flash(sentence, "info")

    return _user_act(
        user_id,
        act,
        _("The account has been deactivated. Anyone signed in with it has been signed out."),
    )


@bp.post("/users/<int:user_id>/activate")
@allow(Role.ADMINISTRATOR)
def activate(user_id: int) -> ResponseReturnValue:
    def act(now: datetime) -> None:
        accounts.activate(db.session(), actor(), user_id=user_id, now=now)

    return _user_act(user_id, act, _("The account is active again."))


@bp.post("/users/<int:user_id>/second-step")
@allow(Role.ADMINISTRATOR)
def reset_second_step(user_id: int) -> ResponseReturnValue:
    """For somebody who has lost the phone and the recovery codes."""

    def act(now: datetime) -> None:
        signing.reset_second_step(db.session(), actor(), user_id=user_id, now=now)

    return _user_act(user_id, act, _("Two-step sign-in is off. The password alone signs in."))


def _user_act(user_id: int, act: Callable[[datetime], None], done: str) -> ResponseReturnValue:
    """Change somebody's rights. Nobody changes their own, or people lock themselves out."""
    if user_id == current_user.id:
        flash(_("Ask another administrator to change your own rights."), "danger")
        return redirect(url_for(".user", user_id=user_id), 303)
    try:
        act(datetime.now(UTC))
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        flash(messages.for_error(error, current_locale()), "danger")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for(".user", user_id=user_id), 303)


def _users(form: ColleagueForm) -> ResponseReturnValue:
    sought = tidy(request.args.get("q"))
    people = [
        person
        for person in accounts.list_users(db.session(), actor())
        if sought.lower() in f"{person.name} {person.email} {person.firm_name or ''}".lower()
    ]
    page = render_template("admin/users.html", sought=sought, page=_page(people), form=form)
    return page, 422 if form.errors else 200


def _person(user_id: int) -> accounts.Person:
    for person in accounts.list_users(db.session(), actor()):
        if person.id == user_id:
            return person
    raise NotFound


# ------------------------------------------------------------------------ log


@bp.get("/log")
@allow(Role.ADMINISTRATOR)
def log() -> ResponseReturnValue:
    before = request.args.get("before", type=row_number)
    events = overview.events(db.session(), actor(), before=before, most=PAGE)
    return render_template(
        "admin/log.html", events=events, words=log_words, full=len(events) == PAGE
    )


# ----------------------------------------------------------------- long lists


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a long list."""

    lines: Sequence[object]
    number: int
    last: int
    total: int


def _page(lines: Sequence[object]) -> Page:
    """The part that the address asks for; the nearest there is for a number too high or low."""
    last = max(1, -(-len(lines) // PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    return Page(lines[(number - 1) * PAGE : number * PAGE], number, last, len(lines))
