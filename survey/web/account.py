"""Accounts: registering a firm, its people, one's own account. Signing in: see `signing`."""

from datetime import UTC, datetime

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password, login_user

from survey import mail, messages
from survey.config import Settings
from survey.core.errors import SurveyError
from survey.i18n import _, choose, current_locale
from survey.services import accounts
from survey.services.people import FIRM
from survey.store.models import User
from survey.store.site import db
from survey.web import registration, signing
from survey.web.access import Role, actor, allow, signed_in
from survey.web.account_forms import PersonForm, RegisterForm
from survey.web.limits import REGISTERING, limiter
from survey.web.public import language_wanted

bp = Blueprint("account", __name__)


def init_app(app: Flask) -> None:
    signing.init_app(app)


# ---------------------------------------------------------------- registering


@bp.route("/register", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(REGISTERING, methods=["POST"])
def register() -> ResponseReturnValue:
    """With a mail server the address is confirmed first, and whether it is known stays secret."""
    if signed_in():
        return redirect(url_for("public.index"), 303)
    form = RegisterForm()
    wanted = language_wanted()
    if wanted is not None:
        choose(wanted)
    elif form.validate_on_submit():
        asked = registration.Asked(
            firm_name=form.firm_name.data or "",
            name=form.name.data or "",
            email=form.email.data or "",
            password_hash=hash_password(form.password.data or ""),
            locale=current_locale(),
        )
        settings: Settings = current_app.extensions["settings"]
        known = accounts.user_by_email(db.session(), asked.email)
        if known is not None:
            signing.write_to(known, "address_known")
            return redirect(url_for(".registered"), 303)
        if settings.mail_server:
            registration.ask_to_confirm(settings, asked)
            return redirect(url_for(".registered"), 303)
        return _open(asked)
    return render_template("account/register.html", form=form), 422 if form.errors else 200


@bp.get("/register/sent")
@allow(Role.PUBLIC)
def registered() -> ResponseReturnValue:
    return render_template("account/registered.html")


@bp.route("/register/confirm/<token>", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(REGISTERING, methods=["POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The link in the letter. Programs that read mail open links, so only the button acts."""
    settings: Settings = current_app.extensions["settings"]
    asked = registration.read(settings, token)
    if asked is None:
        flash(_("This link is older than 24 hours or incomplete. Register once more."), "danger")
        return redirect(url_for(".register"), 303)
    form = registration.ConfirmForm()
    if form.validate_on_submit():
        return _open(asked)
    return render_template("account/confirm.html", form=form, asked=asked, token=token)


def _open(asked: registration.Asked) -> ResponseReturnValue:
    """Make the account and the firm, and sign the owner in."""
    session, now = db.session(), datetime.now(UTC)
    try:
        user = accounts.create_user(
            session,
            email=asked.email,
            name=asked.name,
            password_hash=asked.password_hash,
            roles=[FIRM],
            locale=asked.locale,
            now=now,
        )
    except accounts.EmailTaken:
        db.session.rollback()
        flash(_("This firm is registered already. Sign in."), "info")
        return redirect(url_for("security.login"), 303)
    accounts.register_firm(session, user=user, firm_name=asked.firm_name, now=now)
    login_user(user, authn_via=["register"])
    db.session.commit()
    return redirect(url_for("firm.home"), 303)


# -------------------------------------------------------------- a firm's people


@bp.get("/firm/people")
@allow(Role.FIRM)
def people() -> ResponseReturnValue:
    return _people(PersonForm())


@bp.post("/firm/people")
@allow(Role.OWNER)
@limiter.limit(REGISTERING)
def add_colleague() -> ResponseReturnValue:
    form = PersonForm()
    if not form.validate():
        return _people(form)
    try:
        user = _colleague(form)
        accounts.add_member(db.session(), actor(), user=user, now=datetime.now(UTC))
    except SurveyError as error:
        db.session.rollback()
        form.email.errors = [messages.for_error(error, current_locale())]
        return _people(form)
    db.session.commit()
    invite(user)
    return redirect(url_for(".people"), 303)


@bp.post("/firm/people/<int:user_id>/remove")
@allow(Role.OWNER)
def remove_colleague(user_id: int) -> ResponseReturnValue:
    accounts.remove_member(db.session(), actor(), user_id=user_id, now=datetime.now(UTC))
    db.session.commit()
    flash(_("The person has been removed. What they answered stays."), "success")
    return redirect(url_for(".people"), 303)


def _people(form: PersonForm) -> ResponseReturnValue:
    people = accounts.list_members(db.session(), actor())
    page = render_template("account/people.html", people=people, form=form, owner=actor().owner)
    return page, 422 if form.errors else 200


def _colleague(form: PersonForm) -> User:
    """A new account; or the old one of somebody who was removed from a firm before.

    Raises EmailTaken if the address belongs to anybody else.
    """
    session = db.session()
    known = accounts.user_by_email(session, form.email.data or "")
    if known is not None and known.active and [role.name for role in known.roles] == [FIRM]:
        return known
    return accounts.create_user(
        session,
        email=form.email.data or "",
        name=form.name.data or "",
        password_hash=None,
        roles=[FIRM],
        locale=current_locale(),
        now=datetime.now(UTC),
    )


def invite(person: User) -> None:
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


# -------------------------------------------------------------- one's own account


@bp.get("/account")
@allow(Role.SIGNED_IN)
def settings() -> ResponseReturnValue:
    return render_template("account/settings.html", person=current_user)
