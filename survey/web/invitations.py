"""Invitations by link: the owner makes and withdraws them, whoever opens one may join the firm.

The secret part of a link goes into the reader's own session at once: no page that loads anything
or leads anywhere has it in its address.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password, login_user
from flask_security.forms import Form
from wtforms import EmailField, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # too new
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from survey import mail, messages
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Locale
from survey.i18n import CHOICE, _, choose, current_locale, lazy, say, speaking
from survey.services import accounts, assessments, invitations
from survey.services.assessments import AlreadySubmitted, State
from survey.services.invitations import FEWEST_DAYS, MOST_DAYS, USUAL_DAYS, Closed, Opened
from survey.services.people import ASSIGNED, FIRM
from survey.store.models import User
from survey.store.site import db
from survey.web import registration, signing
from survey.web.access import Role, actor, allow, signed_in
from survey.web.account_forms import JoinForm, reachable, tidy, what_is_answered
from survey.web.addresses import row_number
from survey.web.language import language_changed, language_wanted
from survey.web.limits import INVITING, JOINING, OPENING_LINKS, REGISTERING, limiter
from survey.web.pages import listed
from survey.web.wiring import settings

bp = Blueprint("invitations", __name__)

OPENED = "invitation"
"""Where the session keeps the secret part of the link that was opened."""

MADE = "invitation-made"
"""Where it keeps the one just made, for whom, and where it was sent, until it was shown once."""

DAYS = lazy("Enter a number of days from 1 to 30.")
SUBMITTED = lazy(
    "The assessment has been submitted, so its sections can no longer be assigned. No link was "
    "made: send the form once more to make one without sections."
)


class InviteForm(Form):
    """For whom a link is, in which language it opens, and what it gives."""

    name = StringField(
        lazy("Name of the person"),
        filters=[tidy],
        render_kw={"autocomplete": "off", "maxlength": "120"},
        validators=[
            DataRequired(lazy("Enter the name of the person.")),
            Length(max=120, message=lazy("Shorten the name to 120 characters.")),
        ],
    )
    email = EmailField(
        lazy("E-mail address"),
        filters=[lambda text: (text or "").strip()],
        render_kw={"autocomplete": "off", "maxlength": "255"},
        validators=[
            Optional(),
            Length(max=255, message=lazy("Enter an e-mail address of at most 255 characters.")),
            reachable,
        ],
    )
    locale = RadioField(
        lazy("Language of the page that the link opens"),
        choices=[SelectChoice(each.value, each.own_name) for each in Locale],
        validators=[InputRequired(lazy("Choose a language."))],
    )
    scope = what_is_answered()
    pages = SelectMultipleField(lazy("Sections assigned to the person"), default=())
    days = IntegerField(
        lazy("Days for which the link works"),
        default=USUAL_DAYS,
        render_kw={"inputmode": "numeric", "maxlength": "2"},
        validators=[
            DataRequired(DAYS),  # which also takes back what the library says of no number
            NumberRange(FEWEST_DAYS, MOST_DAYS, message=DAYS),
        ],
    )


class OneButton(Form):
    """Nothing but the token against forged requests."""


# ------------------------------------------------------------------- the owner


@bp.route("/firm/invitations", methods=["GET", "POST"])
@allow(Role.OWNER)
@limiter.limit(INVITING, methods=["POST"])
@limiter.limit(REGISTERING, methods=["POST"], exempt_when=lambda: not _is_to_be_written())
def index() -> ResponseReturnValue:
    switched = language_changed()
    who, now = actor(), datetime.now(UTC)
    drafts = _drafts()
    chosen = _chosen(drafts)
    under_way = chosen if chosen in drafts else None
    form = InviteForm(data={"locale": current_locale().value, "pages": []})
    if not settings().mail_server:
        del form.email
    form.pages.choices = [(page.key, say(page.title)) for page in listed(chosen)] if chosen else []
    if not switched and form.validate_on_submit():
        try:
            secret = invitations.invite(
                db.session(),
                who,
                name=form.name.data or "",
                locale=Locale(form.locale.data),
                scope=form.scope.data,
                assessment_id=chosen.assessment.id if chosen and form.pages.data else None,
                page_keys=form.pages.data or (),
                days=form.days.data or 0,
                now=now,
            )
        except invitations.TooManyOpen as error:
            db.session.rollback()
            form.form_errors.append(messages.for_error(error, current_locale()))
        except AlreadySubmitted:
            db.session.rollback()
            form.form_errors.append(SUBMITTED)
        else:
            opened = invitations.open_link(db.session(), secret, now=now)
            db.session.commit()
            email = form.email.data if form.email else ""
            if email and not _write(email, opened, secret):
                email = ""
            session[MADE] = [secret, opened.name, email]
            if form.scope.data == ASSIGNED and not form.pages.data:
                sentence = _(
                    "No section is ticked: %(name)s can only read until you assign some.",
                    name=opened.name,
                )
                flash(sentence, "warning")
            return redirect(url_for(".index", assessment=request.args.get("assessment")), 303)
    made = session.pop(MADE, None) if request.method == "GET" else _shown_in(request.form)
    page = render_template(
        "account/invitations.html",
        form=form,
        lines=invitations.list_for_firm(db.session(), who, now=now),
        drafts=drafts,
        chosen=under_way,
        pages=listed(under_way) if under_way else [],
        link=_link(made[0]) if made else "",
        made=made,
    )
    return page, 422 if form.errors else 200


def _shown_in(sent: Mapping[str, str]) -> list[str] | None:
    """The link that stands on the page that was sent: nothing else keeps it.

    None unless it still lets somebody into the firm of whoever asks.
    """
    secret = sent.get("made", "")
    try:
        opened = invitations.open_link(db.session(), secret, now=datetime.now(UTC))
    except (NotFound, Closed):
        return None
    if opened.firm_id != actor().firm_id:
        return None
    return [secret, opened.name, sent.get("made-to", "")]


def _is_to_be_written() -> bool:
    """Letters to strangers are rarer than links that the owner hands on."""
    sends = language_wanted() is None and request.form.get("email")
    return bool(settings().mail_server and sends)


def _link(secret: str) -> str:
    return settings().base_url + url_for(".open_link", token=secret)


def _write(email: str, opened: Opened, secret: str) -> bool:
    """Send a link to whom it is for; say so if it cannot be sent.

    Nobody looks whether the address has an account: the owner is answered alike for every one.
    After the commit: a slow mail server must not hold the database.
    """
    with speaking(opened.locale):
        body = render_template("account/email/invitation.txt", opened=opened, link=_link(secret))
        subject = _("Qizhen: an invitation to answer together")
    try:
        mail.send(settings(), mail.Letter(email, subject, body, opened.locale.html_lang))
    except mail.MailNotSent:
        current_app.logger.exception("Invitation %s was not sent.", opened.id)
        flash(
            _("The e-mail to %(email)s could not be sent. Send the link yourself.", email=email),
            "warning",
        )
        return False
    return True


@bp.post("/firm/invitations/<int:invitation_id>/withdraw")
@allow(Role.OWNER)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    invitations.withdraw(db.session(), actor(), invitation_id, now=datetime.now(UTC))
    db.session.commit()
    flash(_("The invitation has been withdrawn. Its link no longer works."), "success")
    return redirect(url_for(".index"), 303)


def _drafts() -> list[State]:
    """The firm's assessments under way, newest first."""
    who = actor()
    mine = assessments.list_for_firm(db.session(), who, who.firm_id or 0)
    drafts = [each.id for each in mine if each.submitted_at is None]
    return [assessments.hub(db.session(), who, each) for each in drafts]


def _chosen(drafts: list[State]) -> State | None:
    """The assessment whose sections can be given: the one asked for, else the newest.

    The one asked for may have been submitted since. Raises NotFound.
    """
    wanted = request.args.get("assessment", type=row_number)
    if wanted is None:
        return drafts[0] if drafts else None
    found = next((each for each in drafts if each.assessment.id == wanted), None)
    return found or assessments.hub(db.session(), actor(), wanted)


# ------------------------------------------------------------- whoever opens one


@bp.get("/join/<token>")
@allow(Role.PUBLIC)
@limiter.limit(OPENING_LINKS)
def open_link(token: str) -> ResponseReturnValue:
    session[OPENED] = token[:100]
    answer = make_response(redirect(url_for(".join"), 303))
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/join", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(OPENING_LINKS, methods=["GET"])
@limiter.limit(JOINING, methods=["POST"])
def join() -> ResponseReturnValue:
    """The page of an invitation; it speaks the language that the invitation was made for."""
    try:
        opened = invitations.open_link(db.session(), session.get(OPENED, ""), now=datetime.now(UTC))
    except Closed as error:
        return _closed(error)
    with speaking(_language(opened)):
        if request.method == "POST" and request.form.get("for") != str(opened.id):
            return redirect(url_for(".join"), 303)  # another link was opened meanwhile
        if signed_in():
            return _signed_in(opened)
        return _stranger(opened)


def _stranger(opened: Opened) -> ResponseReturnValue:
    form = JoinForm(data={"name": opened.name})
    form.firm = opened.firm_name
    if request.form.get("go") == "sign-in":
        return redirect(url_for("security.login", next=url_for(".join")), 303)
    if language_wanted() is None and form.validate_on_submit():
        return _joined(opened, form)
    return _page(opened, form), 422 if form.errors else 200


def _joined(opened: Opened, form: JoinForm) -> ResponseReturnValue:
    """With a mail server the address is confirmed first, and whether it is known stays secret."""
    asked = registration.Asked(
        firm_name=opened.firm_name,
        name=form.name.data or "",
        email=form.email.data or "",
        password_hash=hash_password(form.password.data or ""),
        locale=current_locale(),
        invitation=session[OPENED],
    )
    known = accounts.user_by_email(db.session(), asked.email)
    if settings().mail_server:
        if known is None:
            registration.ask_to_confirm(settings(), asked)
        else:
            signing.write_to(known, "address_known")
        choose(asked.locale)
        return redirect(url_for("account.registered"), 303)
    if known is None:
        with suppress(accounts.EmailTaken):
            return open_account(asked)
    form.email.errors = [_KNOWN]
    return _page(opened, form), 422


_KNOWN = lazy(
    "This address already has an account. Sign in with it first: the button is at the end of this "
    "page, and the invitation waits for you."
)


def open_account(asked: registration.Asked) -> ResponseReturnValue:
    """Make the account and the membership together, or neither. Raises EmailTaken."""
    now = datetime.now(UTC)
    try:
        opened = invitations.open_link(db.session(), asked.invitation, now=now)
        user = accounts.create_user(
            db.session(),
            email=asked.email,
            name=asked.name,
            password_hash=asked.password_hash,
            roles=[FIRM],
            locale=asked.locale,
            now=now,
        )
        invitations.accept(db.session(), asked.invitation, user=user, now=now)
    except accounts.EmailTaken:
        db.session.rollback()
        raise
    except Closed as error:
        db.session.rollback()
        return _closed(error)
    choose(asked.locale)
    login_user(user, authn_via=["invitation"])
    db.session.commit()
    return _welcome(opened)


def _signed_in(opened: Opened) -> ResponseReturnValue:
    form = OneButton()
    user = db.session().get_one(User, current_user.id)
    if language_wanted() is None and form.validate_on_submit():
        try:
            invitations.accept(db.session(), session[OPENED], user=user, now=datetime.now(UTC))
        except Closed as error:
            db.session.rollback()
            return _closed(error)
        except SurveyError as error:
            db.session.rollback()
            form.form_errors.append(messages.for_error(error, current_locale()))
        else:
            db.session.commit()
            return _welcome(opened)
    page = _page(
        opened,
        form,
        may_join=invitations.may_join(db.session(), user),
        is_colleague=opened.firm_id == actor().firm_id,
    )
    return page, 422 if form.errors else 200


def _welcome(opened: Opened) -> ResponseReturnValue:
    session.pop(OPENED, None)
    flash(_("Welcome. You can now answer for %(firm)s.", firm=opened.firm_name), "success")
    if opened.assessment_id is not None:
        return redirect(url_for("firm.hub", assessment_id=opened.assessment_id), 303)
    return redirect(url_for("firm.home"), 303)


def _page(opened: Opened, form: Form, *, may_join: bool = False, is_colleague: bool = False) -> str:
    return render_template(
        "account/join.html",
        opened=opened,
        form=form,
        may_join=may_join,
        is_colleague=is_colleague,
    )


def _language(opened: Opened) -> Locale:
    """The one chosen on this page, else the invitation's; who is signed in has chosen already."""
    wanted = language_wanted()
    if wanted is not None:
        return wanted
    spoken = request.form.get("spoken", "")
    if spoken in list(Locale):
        return Locale(spoken)
    return current_locale() if signed_in() else opened.locale


def _closed(error: Closed) -> ResponseReturnValue:
    locale = current_locale() if CHOICE in session else Locale(str(error.facts["locale"]))
    with speaking(locale):
        page = render_template(
            "error.html",
            title=_("This invitation is closed"),
            sentence=messages.for_error(error, locale),
            reference="",
            code=410,
        )
    return page, 410
