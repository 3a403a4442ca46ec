"""Accounts: registering a firm, its people, one's own account. Signing in: see `signing`."""

from datetime import UTC, datetime

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password, login_user, logout_user

from survey.config import Settings
from survey.i18n import _, current_locale
from survey.services import accounts
from survey.services.invitations import State as InvitationState
from survey.services.invitations import list_for_firm as listed_invitations
from survey.services.invitations import may_join
from survey.services.people import FIRM
from survey.store.models import User
from survey.store.site import db
from survey.web import invitations, registration, signing
from survey.web.access import Role, actor, allow, signed_in
from survey.web.account_forms import OwnFirmForm, RegisterForm, RenameForm
from survey.web.language import language_changed
from survey.web.limits import FILLING_IN, REGISTERING, is_taken, limiter

bp = Blueprint("account", __name__)


def init_app(app: Flask) -> None:
    signing.init_app(app)


# ---------------------------------------------------------------- registering


@bp.route("/register", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(FILLING_IN, methods=["POST"])
@limiter.limit(REGISTERING, methods=["POST"], deduct_when=is_taken)
def register() -> ResponseReturnValue:
    """With a mail server the address is confirmed first, and whether it is known stays secret."""
    if signed_in():
        return _register_own()
    form = RegisterForm()
    if not language_changed() and form.validate_on_submit():
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


def _register_own() -> ResponseReturnValue:
    """Somebody who has left a firm, or was removed from it, may open one of their own."""
    session = db.session()
    user = session.get_one(User, actor().user_id)
    if not may_join(session, user):
        return redirect(url_for("public.index"), 303)
    form = OwnFirmForm()
    if not language_changed() and form.validate_on_submit():
        name = form.firm_name.data or ""
        accounts.register_firm(session, user=user, firm_name=name, now=datetime.now(UTC))
        session.commit()
        return redirect(url_for("firm.home"), 303)
    return render_template("account/own_firm.html", form=form), 422 if form.errors else 200


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
    """Make the account and the firm, and sign the owner in; or let somebody in who was invited."""
    session, now = db.session(), datetime.now(UTC)
    if asked.invitation:
        try:
            return invitations.open_account(asked)
        except accounts.EmailTaken:
            flash(_("This address already has an account. Sign in."), "info")
            return redirect(url_for("security.login"), 303)
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
    session, who = db.session(), actor()
    links = listed_invitations(session, who, now=datetime.now(UTC)) if who.owner else ()
    return render_template(
        "account/people.html",
        firm=accounts.own_firm(session, who),
        people=accounts.list_members(session, who),
        owner=who.owner,
        expected=[line for line in links if line.state is InvitationState.OPEN],
    )


@bp.post("/firm/people/<int:user_id>/scope")
@allow(Role.OWNER)
def set_scope(user_id: int) -> ResponseReturnValue:
    scope = request.form.get("scope", "")
    accounts.set_scope(db.session(), actor(), user_id=user_id, scope=scope, now=datetime.now(UTC))
    db.session.commit()
    flash(_("Saved. The change applies immediately."), "success")
    return redirect(url_for(".people"), 303)


@bp.post("/firm/people/<int:user_id>/remove")
@allow(Role.OWNER)
def remove_colleague(user_id: int) -> ResponseReturnValue:
    accounts.remove_member(db.session(), actor(), user_id=user_id, now=datetime.now(UTC))
    db.session.commit()
    flash(_("The person has been removed. What they answered stays."), "success")
    return redirect(url_for(".people"), 303)


@bp.post("/firm/leave")
@allow(Role.FIRM)
def leave() -> ResponseReturnValue:
    accounts.leave_firm(db.session(), actor(), now=datetime.now(UTC))
    db.session.commit()
    flash(
        _("You have left the firm. What you answered stays there; your account is kept."), "success"
    )
    return redirect(url_for(".settings"), 303)


@bp.route("/firm/name", methods=["GET", "POST"])
@allow(Role.OWNER)
def rename() -> ResponseReturnValue:
    firm = accounts.own_firm(db.session(), actor())
    form = RenameForm(data={"firm_name": firm.name})
    if form.validate_on_submit():
        name = form.firm_name.data or ""
        accounts.rename_firm(db.session(), actor(), firm_name=name, now=datetime.now(UTC))
        db.session.commit()
        flash(_("The firm has its new name."), "success")
        return redirect(url_for(".people"), 303)
    return render_template("account/rename.html", form=form), 422 if form.errors else 200


# -------------------------------------------------------------- one's own account


@bp.get("/account")
@allow(Role.SIGNED_IN)
def settings() -> ResponseReturnValue:
    return render_template("account/settings.html", person=current_user)


@bp.post("/account/sign-out-everywhere")
@allow(Role.SIGNED_IN)
def sign_out_everywhere() -> ResponseReturnValue:
    """A plain sign-out clears the cookie of one browser; this ends copies of it, too."""
    accounts.sign_out_everywhere(db.session(), actor(), now=datetime.now(UTC))
    logout_user()
    db.session.commit()
    flash(_("You have been signed out on all devices."), "success")
    return redirect(url_for("security.login"), 303)
