"""The forms of accounts. Those of Flask-Security say our labels; its messages see `signing`."""

from flask import current_app
from flask_security.forms import (
    ChangePasswordForm as BorrowedChange,
)
from flask_security.forms import (
    EmailValidation,
    EqualToLocalize,
    Form,
    email_required,
    password_required,
    valid_user_email,
)
from flask_security.forms import (
    ForgotPasswordForm as BorrowedForgot,
)
from flask_security.forms import (
    LoginForm as BorrowedLogin,
)
from flask_security.forms import (
    ResetPasswordForm as BorrowedReset,
)
from flask_security.forms import (
    TwoFactorRescueForm as BorrowedRescue,
)
from flask_security.forms import (
    TwoFactorSetupForm as BorrowedSetup,
)
from flask_security.forms import (
    TwoFactorVerifyCodeForm as BorrowedCode,
)
from flask_security.forms import (
    VerifyForm as BorrowedVerify,
)
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm as BorrowedRecovery
from typing_extensions import override
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    RadioField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # too new
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation

from survey import mail, messages
from survey.i18n import _, current_locale, lazy
from survey.services.people import ALL, ASSIGNED
from survey.services.printable import Unprintable, must_be_printable

EMAIL = {"autocomplete": "email", "maxlength": "255"}
OLD = {"autocomplete": "current-password", "maxlength": "128"}
NEW = {"autocomplete": "new-password", "maxlength": "128", "minlength": "12"}
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "6"}


def tidy(text: str | None) -> str:
    """A name on one line: no control characters or direction overrides, no double spaces."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return " ".join(kept.split())


def new_password(field: str) -> tuple[PasswordField, PasswordField]:
    """A new password, typed twice; `field` is the name of the first box."""
    once = PasswordField(lazy("New password"), render_kw=NEW, validators=[password_required])
    again = PasswordField(
        lazy("New password, once more"),
        render_kw=NEW,
        validators=[password_required, EqualToLocalize(field, message="RETYPE_PASSWORD_MISMATCH")],
    )
    return once, again


# ----------------------------------------------------------------- signing in


class LoginForm(BorrowedLogin):
    email = EmailField(
        lazy("E-mail address"), render_kw=EMAIL, validators=[email_required, EmailValidation()]
    )
    password = PasswordField(lazy("Password"), render_kw=OLD, validators=[password_required])
    remember = None  # type: ignore[assignment]  # firms share computers: nobody is remembered
    submit = None  # type: ignore[assignment]  # the buttons stand in the templates

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""


class VerifyForm(BorrowedVerify):
    password = PasswordField(lazy("Password"), render_kw=OLD, validators=[password_required])
    submit = None  # type: ignore[assignment]


class ForgotPasswordForm(BorrowedForgot):
    email = EmailField(
        lazy("E-mail address"),
        render_kw=EMAIL,
        validators=[email_required, EmailValidation(), valid_user_email],
    )
    submit = None  # type: ignore[assignment]

    @override
    def validate(self, **kwargs: object) -> bool:
        """Answer alike, and after the same work, whether or not there is such an account."""
        if super().validate(**kwargs):
            return True
        if _is_address(self.email.data):
            mail.probe(current_app.extensions["settings"])
        else:
            self.form_errors.append(_("Enter an e-mail address such as name@example.com."))
        return False


class ResetPasswordForm(BorrowedReset):
    password, password_confirm = new_password("password")
    submit = None  # type: ignore[assignment]


class ChangePasswordForm(BorrowedChange):
    password = PasswordField(lazy("Current password"), render_kw=OLD)
    new_password, new_password_confirm = new_password("new_password")
    submit = None  # type: ignore[assignment]


# ----------------------------------------------------------------- second step


class TwoFactorSetupForm(BorrowedSetup):
    setup = RadioField(
        lazy("Two-step sign-in"),
        choices=[
            SelectChoice("authenticator", lazy("Authenticator app")),
            SelectChoice("disable", lazy("None")),
        ],
        validate_choice=False,
    )
    submit = None  # type: ignore[assignment]


class TwoFactorVerifyCodeForm(BorrowedCode):
    code = StringField(
        lazy("Six-digit code"),
        render_kw=CODE,
        filters=[lambda text: "".join((text or "").split())],
        validators=[DataRequired(lazy("Enter the six digits that the app shows."))],
    )
    submit = None  # type: ignore[assignment]


class TwoFactorRescueForm(BorrowedRescue):
    """Its only way out is a recovery code, which Flask-Security adds if there are any."""

    help_setup = RadioField(lazy("Recovery code"), choices=[])
    submit = None  # type: ignore[assignment]


class RecoveryForm(BorrowedRecovery):
    code = StringField(
        lazy("Recovery code"),
        render_kw={"autocomplete": "off", "maxlength": "20"},
        filters=[lambda text: (text or "").strip().lower()],
        validators=[DataRequired(lazy("Enter one of your recovery codes."))],
    )
    submit = None  # type: ignore[assignment]


# ------------------------------------------------------------------ our own


def _is_address(text: str | None) -> bool:
    try:
        _security.mail_util.validate(text or "")
    except ValueError:
        return False
    return True


def reachable(_form: Form, field: Field) -> None:
    """An address that a letter could be sent to; stored as the library normalises it."""
    try:
        field.data = _security.mail_util.validate(field.data)
    except ValueError as error:
        sentence = _("Enter an e-mail address such as name@example.com.")
        raise StopValidation(sentence) from error


def printable(_form: Form, field: Field) -> None:
    """A name that stands on reports."""
    folder = current_app.extensions["settings"].fonts_folder
    try:
        must_be_printable(field.data, folder)
    except Unprintable as error:
        raise StopValidation(messages.for_error(error, current_locale())) from error


def person_name() -> StringField:
    return StringField(
        lazy("Name of the person"),
        filters=[tidy],
        render_kw={"autocomplete": "name", "maxlength": "120"},
        validators=[
            DataRequired(lazy("Enter the name of the person.")),
            Length(max=120, message=lazy("Shorten the name to 120 characters.")),
        ],
    )


def person_email() -> EmailField:
    return EmailField(
        lazy("E-mail address"),
        filters=[lambda text: (text or "").strip()],
        render_kw=EMAIL,
        validators=[
            DataRequired(lazy("Enter the e-mail address.")),
            Length(max=255, message=lazy("Enter an e-mail address of at most 255 characters.")),
            reachable,
        ],
    )


def name_of_firm() -> StringField:
    return StringField(
        lazy("Name of the firm"),
        filters=[tidy],
        render_kw={"autocomplete": "organization", "maxlength": "200"},
        validators=[
            DataRequired(lazy("Enter the name of the firm.")),
            Length(max=200, message=lazy("Shorten the name of the firm to 200 characters.")),
            printable,
        ],
    )


def what_is_answered() -> RadioField:
    return RadioField(
        lazy("Sections this person answers"),
        choices=[
            SelectChoice(ALL, lazy("All sections")),
            SelectChoice(ASSIGNED, lazy("Only the sections assigned to the person")),
        ],
        default=ALL,
        validators=[InputRequired(lazy("Choose what the person answers."))],
    )


def agreed() -> BooleanField:
    return BooleanField(
        lazy(
            "I may answer for this firm. I agree that our answers are stored here"
            " and shown to the consultants assigned to us."
        ),
        validators=[DataRequired(lazy("Agree to the storing of your answers to go on."))],
    )


class RenameForm(Form):
    """The firm's name alone."""

    firm_name = name_of_firm()


class OwnFirmForm(Form):
    """A firm of somebody who has an account."""

    firm_name = name_of_firm()
    consent = agreed()


class RegisterForm(Form):
    """A firm and its owner."""

    firm_name = name_of_firm()
    name = StringField(
        lazy("Your name"),
        filters=[tidy],
        render_kw={"autocomplete": "name", "maxlength": "120"},
        validators=[
            DataRequired(lazy("Enter your name.")),
            Length(max=120, message=lazy("Shorten your name to 120 characters.")),
        ],
    )
    email = person_email()
    password = PasswordField(lazy("Password"), render_kw=NEW, validators=[password_required])
    password_confirm = PasswordField(
        lazy("Password, once more"),
        render_kw=NEW,
        validators=[
            password_required,
            EqualToLocalize("password", message="RETYPE_PASSWORD_MISMATCH"),
        ],
    )
    consent = agreed()

    def validate_password(self, field: Field) -> None:
        known = {"email": self.email.data, "name": self.name.data, "firm": self.firm_of()}
        known = {key: value or "" for key, value in known.items()}
        faults, field.data = _security.password_util.validate(field.data, True, **known)
        if faults:
            raise StopValidation(faults[0])

    def firm_of(self) -> str:
        return self.firm_name.data or ""


class JoinForm(RegisterForm):
    """Somebody who was invited into a firm that is there."""

    firm_name = None  # type: ignore[assignment]  # the invitation knows it
    firm = ""

    @override
    def firm_of(self) -> str:
        return self.firm


class PersonForm(Form):
    """Somebody who is to get an account."""

    name = person_name()
    email = person_email()
