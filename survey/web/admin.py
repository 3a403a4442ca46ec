"""The administration: question banks, firms, users, the log."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # too new

from survey import messages
from survey.core import changes
from survey.core.bank import Bank
from survey.core.errors import BadDocument, NotFound, SurveyError
from survey.core.text import Text
from survey.exchange import yaml_bank, yaml_file
from survey.i18n import _, current_locale
from survey.services import accounts, banks, overview
from survey.services.people import CONSULTANT
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web import log_words, signing
from survey.web.access import Role, actor, allow
from survey.web.account import invite
from survey.web.account_forms import tidy
from survey.web.addresses import row_number
from survey.web.admin_forms import AssignForm, ColleagueForm, UploadForm

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


# ---------------------------------------------------------------------- banks


@bp.get("/banks", endpoint="banks")
@allow(Role.ADMINISTRATOR)
def banks_list() -> ResponseReturnValue:
    return _banks(UploadForm())


@bp.post("/banks")
@allow(Role.ADMINISTRATOR)
def upload() -> ResponseReturnValue:
    """Store the file as a draft, or show everything that is wrong with it and store nothing."""
    form = UploadForm()
    if not form.validate():
        return _banks(form)
    file = tidy(form.file.data.filename)[-80:]
    with form.file.data.stream as stream:
        content = stream.read()
    try:
        data, _bank = yaml_bank.read(content, file=file)
        version = banks.store_draft(
            db.session(), data=data, by=actor().user_id, now=datetime.now(UTC)
        )
    except BadDocument as error:
        db.session.rollback()
        return _problems(file, error)
    except SurveyError as error:
        db.session.rollback()
        form.file.errors = [messages.for_error(error, current_locale())]
        return _banks(form)
    db.session.commit()
    return redirect(url_for(".bank", version_id=version.id), 303)


def _problems(file: str, error: BadDocument) -> ResponseReturnValue:
    locale = current_locale()
    told = [(problem, messages.for_problem(problem, locale)) for problem in error.problems]
    return render_template("admin/problems.html", file=file, told=told), 422


@bp.get("/banks/<int:version_id>")
@allow(Role.ADMINISTRATOR)
def bank(version_id: int) -> ResponseReturnValue:
    session = db.session()
    version = banks.get_version(session, version_id)
    now = banks.bank_of(session, version_id)
    earlier = _published_before(banks.list_versions(session), version)
    before = banks.bank_of(session, earlier.id) if earlier is not None else None
    return render_template(
        "admin/bank.html",
        version=version,
        bank=now,
        earlier=earlier,
        before=before,
        changed=changes.between(before, now) if before is not None else None,
        counts=_counts(now),
        options=_weigh_options(now),
        uses=overview.uses(session, actor()).get(version_id, 0),
    )


@bp.post("/banks/<int:version_id>/publish")
@allow(Role.ADMINISTRATOR)
def publish(version_id: int) -> ResponseReturnValue:
    return _bank_act(banks.publish, version_id, _("Published. Firms can start it now."))


@bp.post("/banks/<int:version_id>/retire")
@allow(Role.ADMINISTRATOR)
def retire(version_id: int) -> ResponseReturnValue:
    done = _("Retired. Nobody can start it any more; assessments under way go on.")
    return _bank_act(banks.retire, version_id, done)


@bp.get("/banks/<int:version_id>/file")
@allow(Role.ADMINISTRATOR)
def bank_file(version_id: int) -> ResponseReturnValue:
    version = banks.get_version(db.session(), version_id)
    content = yaml_file.dump(banks.document_of(db.session(), version_id)).encode()
    name = f"{version.bank_key}-{version.number}.yaml"
    return send_file(BytesIO(content), "application/yaml", as_attachment=True, download_name=name)


def _banks(form: UploadForm) -> ResponseReturnValue:
    session = db.session()
    page = render_template(
        "admin/banks.html",
        versions=banks.list_versions(session),
        uses=overview.uses(session, actor()),
        form=form,
    )
    return page, 422 if form.errors else 200


def _bank_act(act: Callable[..., BankVersion], version_id: int, done: str) -> ResponseReturnValue:
    try:
        act(db.session(), version_id, by=actor().user_id, now=datetime.now(UTC))
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        flash(messages.for_error(error, current_locale()), "danger")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for(".bank", version_id=version_id), 303)


def _published_before(versions: Iterable[BankVersion], version: BankVersion) -> BankVersion | None:
    """The newest other published version of the same bank, below a published one's number."""
    others = (
        each
        for each in versions
        if each.bank_key == version.bank_key
        and each.published_at is not None
        and each.number < version.number
    )
    return max(others, key=lambda each: each.number, default=None)


def _weigh_options(bank: Bank) -> dict[str, Text]:
    """What the answers are called that section weights depend on."""
    question = bank.questions.get(bank.weigh_by or "")
    return {option.key: option.label for option in getattr(question, "options", ())}


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a bank is."""

    sections: int
    questions: int
    facts: int
    advice: int


def _counts(bank: Bank) -> Counts:
    return Counts(
        sections=len(bank.sections),
        questions=sum(len(section.questions) for section in bank.sections),
        facts=len(bank.profile.questions),
        advice=sum(len(question.advice) for question in bank.questions.values()),
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
    invite(user)
    return redirect(url_for(".users"), 303)


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
        accounts.deactivate(db.session(), actor(), user_id=user_id, now=now)

    return _user_act(
        user_id, act, _("The account is deactivated. Whoever was signed in with it is out.")
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
