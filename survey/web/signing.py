"""Flask-Security: signing in and out, passwords, the second step; in our words and layout."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import (
    MailUtil,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    UserMixin,
    signals,
)
from flask_security.recoverable import generate_reset_password_token
from flask_wtf import FlaskForm
from passlib.totp import TotpMatch, UsedTokenError  # type: ignore[import-untyped]  # it has no types
from sqlalchemy.orm import Session
from typing_extensions import override

from survey import i18n, mail
from survey.config import Settings
from survey.core.errors import NotFound
from survey.core.text import Locale
from survey.services import accounts, audit, passwords
from survey.services.accounts import SHORTEST_PASSWORD
from survey.services.people import Actor, must_administer
from survey.store.models import Role as RoleRow
from survey.store.models import User
from survey.store.site import db
from survey.web import account_forms as forms
from survey.web.access import Role, allow_endpoint

LINK_HOURS = 24
"""How long a link to set a password works."""

FRESH = timedelta(minutes=30)
"""After that the password is asked again before the second step can be changed."""

_PUBLIC = (
    "security.login",
    "security.forgot_password",
    "security.reset_password",
    "security.two_factor_token_validation",
    "security.two_factor_rescue",
    "security.two_factor_setup",
    "security.mf_recovery",
    "security.tf_select",
)
_SIGNED_IN = (
    "security.logout",
    "security.verify",
    "security.change_password",
    "security.two_factor_setup_validate",
    "security.mf_recovery_codes",
)


def _(sentence: str) -> str:
    """Mark a sentence for extraction; Flask-Security asks for it in the reader's language."""
    return sentence


_UNKNOWN = _("Check the e-mail address and the password: together they are not known here.")

MESSAGES: Mapping[str, tuple[str, str]] = {
    "API_ERROR": (_("This link no longer works. Start again."), "danger"),
    "GENERIC_AUTHN_FAILED": (_UNKNOWN, "danger"),
    "USER_DOES_NOT_EXIST": (_UNKNOWN, "danger"),
    "DISABLED_ACCOUNT": (_UNKNOWN, "danger"),
    "UNAUTHORIZED": (_("Your account may not open this page."), "danger"),
    "UNAUTHENTICATED": (_("Sign in to open this page."), "info"),
    "LOGIN": (_("Sign in to open this page."), "info"),
    "REAUTHENTICATION_REQUIRED": (_("Enter your password to go on."), "info"),
    "REFRESH": (_("Enter your password to go on."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. You can go on."), "success"),
    "ANONYMOUS_USER_REQUIRED": (_("You are signed in already."), "info"),
    "INVALID_REDIRECT": (_("The page to return to is not on this site. Sign in again."), "danger"),
    "EMAIL_NOT_PROVIDED": (_("Enter your e-mail address."), "danger"),
    "INVALID_EMAIL_ADDRESS": (_("Enter an e-mail address such as name@example.com."), "danger"),
    "PASSWORD_NOT_PROVIDED": (_("Enter a password."), "danger"),
    "PASSWORD_INVALID_LENGTH": (_("Choose a password of 12 to 128 characters."), "danger"),
    "PASSWORD_TOO_SIMPLE": (
        _(
            "Choose a password that is harder to guess: no common one, and none made of your name,"
            " your e-mail address or the name of your firm. Four words that do not belong together"
            " make a good one."
        ),
        "danger",
    ),
    "PASSWORD_IS_THE_SAME": (_("Choose a password that differs from the present one."), "danger"),
    "RETYPE_PASSWORD_MISMATCH": (_("Type the same password in both boxes."), "danger"),
    "INVALID_PASSWORD": (_("This is not your current password. Type it again."), "danger"),
    "PASSWORD_CHANGE": (_("Your password has been changed."), "success"),
    "PASSWORD_RESET_REQUEST": (
        _(
            "If %(email)s belongs to an account, an e-mail is on its way to it."
            " Open the link in it within 24 hours."
        ),
        "success",
    ),
    "PASSWORD_RESET_EXPIRED": (
        _("This link was valid for 24 hours. Ask for a new one below."),
        "danger",
    ),
    "INVALID_RESET_PASSWORD_TOKEN": (
        _("This link was used before or is incomplete. Ask for a new one below."),
        "danger",
    ),
    "PASSWORD_RESET_NO_LOGIN": (_("Your new password is set. Sign in with it."), "success"),
    "INVALID_RECOVERY_CODE": (
        _("This recovery code is not known or was used before. Try another one."),
        "danger",
    ),
    "NO_RECOVERY_CODES_SETUP": (_("There are no recovery codes yet. Make some below."), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (
        _("This code is not valid now. Enter the one that the app shows at this moment."),
        "danger",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _("Two-step sign-in is on. From now on signing in asks for a code."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (_("This step has expired. Sign in again."), "danger"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Choose one of the steps offered."), "danger"),
    "TWO_FACTOR_DISABLED": (_("Two-step sign-in is off."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("This took too long. Start again."), "danger"),
}
"""Every message of Flask-Security that can appear with the features switched on here."""

SUBJECTS: Mapping[str, str] = {
    "reset_instructions": _("Qizhen: set a new password"),
    "reset_notice": _("Qizhen: your password has been reset"),
    "change_notice": _("Qizhen: your password has been changed"),
    "invitation": _("Qizhen: an account for you"),
    "address_known": _("Qizhen: your address has an account already"),
}
"""The letters: each has a template of its name."""

_NOTICES = ("reset_notice", "change_notice")
"""Letters about something that is done already: if one cannot be sent, it stays done."""


def init_app(app: Flask) -> None:
    """Install Flask-Security; needs CSRFProtect, the database and the access guard before."""
    settings: Settings = app.extensions["settings"]
    app.config.from_mapping(_config(settings))
    app.config.from_mapping({f"SECURITY_MSG_{key}": said for key, said in MESSAGES.items()})
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, User, RoleRow),
        login_form=forms.LoginForm,
        verify_form=forms.VerifyForm,
        forgot_password_form=forms.ForgotPasswordForm,
        reset_password_form=forms.ResetPasswordForm,
        change_password_form=forms.ChangePasswordForm,
        two_factor_setup_form=forms.TwoFactorSetupForm,
        two_factor_verify_code_form=forms.TwoFactorVerifyCodeForm,
        two_factor_rescue_form=forms.TwoFactorRescueForm,
        mf_recovery_form=forms.RecoveryForm,
        mail_util_cls=Post,
        password_util_cls=Passwords,
        totp_cls=Codes,
        render_template=_render,  # type: ignore[arg-type]  # its views return it as it is
    )
    security.i18n_domain = OurWords()  # type: ignore[assignment]  # only asked for words
    security.want_json(lambda _request: False)
    # Would read the person before every request, for permissions that nobody asks for.
    security.principal.identity_loaders.clear()
    for endpoint in _PUBLIC:
        allow_endpoint(endpoint, Role.PUBLIC)
    for endpoint in _SIGNED_IN:
        allow_endpoint(endpoint, Role.SIGNED_IN)
    app.before_request(_understand_next)
    app.after_request(_see_other)
    signals.user_authenticated.connect(_signed_in, app)
    signals.user_failed_authn.connect(_not_signed_in, app)
    for signal, receiver in _NOTED.items():
        signal.connect(receiver, app)


def _config(settings: Settings) -> dict[str, object]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=LINK_HOURS),
        "SECURITY_CHANGEABLE": True,
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_VERIFY_URL": "/password-again",  # /verify is where reports are verified
        "SECURITY_POST_LOGIN_VIEW": "public.index",
        "SECURITY_POST_LOGOUT_VIEW": "public.index",
        "SECURITY_POST_CHANGE_VIEW": "account.settings",
        "SECURITY_POST_RESET_VIEW": "security.login",
        "SECURITY_FRESHNESS": FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": FRESH,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "account.settings",
        "SECURITY_TOTP_SECRETS": {1: _derived(settings, "totp").hex()},
        "SECURITY_TOTP_ISSUER": "Qizhen",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            base64.urlsafe_b64encode(_derived(settings, "recovery"))
        ],
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        # Not "strong": a firm's proxies change its address from request to request.
        "SESSION_PROTECTION": "basic",
    }


def _derived(settings: Settings, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, from the installation's secret."""
    secret = settings.secret_key.encode()
    return hashlib.blake2b(secret, digest_size=32, person=purpose.encode()).digest()


# ------------------------------------------------------------- our own parts


class OurWords:
    """What Flask-Security asks for words: our catalogue instead of its own."""

    def gettext(self, sentence: str, **facts: object) -> str:
        return i18n.gettext(str(sentence), **facts)

    def ngettext(self, one: str, many: str, num: int, **facts: object) -> str:
        return i18n.ngettext(one, many, num, **facts)


class Passwords(PasswordUtil):
    """Twelve characters, and none of the passwords that others would try first."""

    @override
    def validate(
        self,
        password: str,
        is_register: bool,  # as the library calls it
        **known: object,
    ) -> tuple[list[str] | None, str]:
        faults, normal = super().validate(password, is_register, **known)
        if faults:
            return faults, normal
        person = known.get("user")
        if isinstance(person, User):
            firm = accounts.firm_name_of(db.session(), person.id)
            known = {"email": person.email, "name": person.name, "firm": firm}
        words = [str(value) for value in known.values()]
        name = str(known.get("email", "")).partition("@")[0].lower()
        holds_name = len(name) > 3 and name in normal.lower()
        if holds_name or len(set(normal)) < 5 or passwords.guessable(normal, words):
            sentence, _kind = MESSAGES["PASSWORD_TOO_SIMPLE"]
            return [i18n.gettext(sentence)], normal
        return None, normal


class Codes(Totp):
    """Codes of the second step: each signs in once, whoever else has read it."""

    @override
    def get_last_counter(self, user: UserMixin) -> int | None:
        assert isinstance(user, User)  # there are no others here
        return user.tf_last_counter

    @override
    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Raises UsedTokenError if a second request brought the same code meanwhile."""
        assert isinstance(user, User)
        if not accounts.spend_code(db.session(), user_id=user.id, counter=tmatch.counter):
            raise UsedTokenError


class Post(MailUtil):
    """Letters in the language of the person who gets them."""

    @override
    def send_mail(self, template: str, *_ready: object, **context: Any) -> None:
        """Write the letter anew: what the library has ready speaks the language of the request."""
        person: User = context["user"]
        kind = template.rpartition("/")[2]
        try:
            write_to(person, kind, token=str(context.get("reset_token", "")))
        except mail.MailNotSent:
            if kind not in _NOTICES:
                raise
            current_app.logger.exception("The letter %s was not sent.", kind)


def write_to(person: User, kind: str, *, token: str = "", **facts: str) -> None:
    """Send one of `SUBJECTS` to a person. Raises MailNotSent."""
    settings: Settings = current_app.extensions["settings"]
    locale = Locale(person.locale)
    with i18n.speaking(locale):
        body = render_template(
            f"security/email/{kind}.txt",
            name=person.name,
            link=settings.base_url + url_for("security.reset_password", token=token or "-"),
            forgot=settings.base_url + url_for("security.forgot_password"),
            **facts,
        )
        subject = i18n.gettext(SUBJECTS[kind])
    mail.send(settings, mail.Letter(person.email, subject, body, locale.html_lang))


def invite(person: User, *, by: str) -> None:
    """Send somebody new the link to set a first password. Raises MailNotSent."""
    token = generate_reset_password_token(person)  # type: ignore[no-untyped-call]  # as published
    write_to(person, "invitation", token=token, by=by)


def reset_second_step(session: Session, actor: Actor, *, user_id: int, now: datetime) -> None:
    """Take the second step and the recovery codes away.

    Raises NotFound, also for everybody but administrators.
    """
    must_administer(actor)
    person = session.get(User, user_id)
    if person is None:
        raise NotFound
    person.tf_primary_method = person.tf_totp_secret = None
    person.mf_recovery_codes = None
    audit.note(
        session,
        act="reset-second-step",
        subject=f"user:{user_id}",
        by=actor.user_id,
        now=now,
        facts={},
    )


def _render(template: str, **context: object) -> ResponseReturnValue:
    """Flask-Security's pages, with the status that all our forms answer with."""
    if request.method != "POST":
        return render_template(template, **context)
    faulty = any(isinstance(form, FlaskForm) and form.errors for form in context.values())
    if template == "security/forgot_password.html" and not faulty:
        return redirect(url_for("security.forgot_password"), 303)
    return render_template(template, **context), 422 if faulty else 200


def _understand_next() -> None:
    """Refuse a way back that is no address at all: the library breaks down over it."""
    if request.blueprint != "security":
        return
    try:
        urlsplit(request.values.get("next", ""))
    except ValueError:
        abort(400)


def _see_other(response: Response) -> Response:
    """After a POST the browser fetches the next page with GET: 303, as everywhere here."""
    borrowed = request.blueprint == "security" and request.method == "POST"
    if borrowed and response.status_code == 302:
        response.status_code = 303
    return response


# ------------------------------------------------------------- what is noted


def _signed_in(_app: Flask, user: User, **_others: object) -> None:
    """Note it; whoever signed the person in commits. Speak the person's language."""
    _note("sign-in", user)
    if i18n.CHOICE not in session:
        i18n.choose(Locale(user.locale))


def _not_signed_in(_app: Flask, user: User, **_others: object) -> None:
    """Nobody else commits after a wrong password, and nothing else is under way."""
    _note("fail-to-sign-in", user)
    db.session.commit()


def _noted(act: str, _app: Flask, user: User, **_others: object) -> None:
    _note(act, user)


def _note(act: str, user: User) -> None:
    audit.note(
        db.session(),
        act=act,
        subject=f"user:{user.id}",
        by=user.id,
        now=datetime.now(UTC),
        facts={"address": request.remote_addr or ""},
    )


_NOTED = {
    signals.password_reset: partial(_noted, "reset-password"),
    signals.password_changed: partial(_noted, "change-password"),
    signals.tf_profile_changed: partial(_noted, "set-up-second-step"),
    signals.tf_disabled: partial(_noted, "remove-second-step"),
}
"""Kept in a table because signals hold their receivers weakly."""
