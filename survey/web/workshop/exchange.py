"""The files of a version: fetched in every format, and taken in from any, looked at first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.apart import Late
from survey.core import patches, places, version_diff
from survey.core.errors import BadDocument, NotFound, Problem, SurveyError
from survey.core.text import Locale
from survey.core.version_diff import Change
from survey.exchange import bank_formats, bank_schema, bank_xlsx_write, xlsx, yaml_origin
from survey.exchange.bank_formats import FORMATS, XLSX_TYPE
from survey.exchange.bank_parts import Read, Written
from survey.exchange.loss import Loss
from survey.exchange.xlsx_strangers import Busy
from survey.i18n import Later, _, current_locale, lazy, ngettext
from survey.services import bank_rows, banks, imports
from survey.services.drafts import KeyTwice
from survey.services.imports import NoFile, OtherBank, Waiting
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.account_forms import tidy
from survey.web.limits import SENDING_WORKBOOKS, limiter
from survey.web.sending import LARGEST_FILE
from survey.web.wiring import settings
from survey.web.workshop import clashes, edits, fixed_keys, versions_shown
from survey.web.workshop.diffs import Showing, ShownChange
from survey.web.workshop.fixed_keys import Rekeyed
from survey.web.workshop.part_pages import told as told_place

bp = Blueprint("exchange", __name__, url_prefix="/admin/banks")

MOST_SHOWN = 300
"""Lines of one list on a page; how many more there are is said below."""

MOST_TEXTS = 100
"""Texts of one line."""

_WORDS = {
    "xlsx": (
        lazy("Workbook (XLSX)"),
        lazy("The whole bank, to be edited in a spreadsheet and imported again; also an XLSForm."),
    ),
    "yaml": (lazy("YAML"), lazy("The whole bank as the file that is reviewed like code.")),
    "json": (lazy("JSON"), lazy("The whole bank, with a published JSON Schema.")),
    "xlsform": (
        lazy("XLSForm"),
        lazy("The questions alone, for data collection tools. What has no place there is listed."),
    ),
    "surveyjs": (
        lazy("SurveyJS"),
        lazy("The questions alone, for SurveyJS. What has no place there is listed."),
    ),
}
"""What the formats that are offered are called, in this order."""

_WHOLE = frozenset({"xlsx", "yaml", "json"})
"""Formats that leave nothing out."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something with its place in the file, said in both languages, the reader's first.

    `texts` are words of the file that are kept here alone, each by where it stood; of many the
    first ones, and `more` says how many are not shown.
    """

    place: str
    sentences: tuple[tuple[Locale, str], ...]
    texts: tuple[tuple[str, str], ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file would change, under headings; `more` parts are not shown.

    `rekeyed` are published questions that would get another key.
    """

    count: int
    groups: Sequence[tuple[Later, Sequence[ShownChange]]]
    more: int
    rekeyed: Sequence[Rekeyed]


# ------------------------------------------------------------------- downloads


@bp.get("/<int:version_id>/files")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    return _index(version_id)


def _index(version_id: int, fault: str = "", status: int = 200) -> ResponseReturnValue:
    now = versions_shown.shown(version_id)
    offered = [
        (name, title, about, name in _WHOLE)
        for name, (title, about) in _WORDS.items()
        if name in FORMATS and FORMATS[name].write is not None
    ]
    page = render_template(
        "workshop/files.html", version=now.version, editable=now.editable, offered=offered,
        fault=fault, schema_name=bank_schema.NAME, most_bytes=LARGEST_FILE,
    )  # fmt: skip
    return page, status


@bp.get("/<int:version_id>/files/<name>")
@allow(Role.ADMINISTRATOR)
def export(version_id: int, name: str) -> ResponseReturnValue:
    """What a format leaves out, before the file is fetched."""
    version = banks.get_version(db.session(), version_id)
    written = _written(version_id, name)
    title, _about = _WORDS[name]
    return render_template(
        "workshop/export.html",
        version=version,
        name=name,
        title=title,
        losses=_told_losses(written.losses),
        losses_more=max(0, len(written.losses) - MOST_SHOWN),
    )


@bp.get("/<int:version_id>/files/<name>/file")
@allow(Role.ADMINISTRATOR)
def file(version_id: int, name: str) -> ResponseReturnValue:
    version = banks.get_version(db.session(), version_id)
    content = _written(version_id, name).content
    form = FORMATS[name]
    extra = "" if name in _WHOLE else f"-{name}"
    called = f"{version.bank_key}-{version.number}{extra}.{form.extension}"
    return send_file(BytesIO(content), form.media_type, as_attachment=True, download_name=called)


def _written(version_id: int, name: str) -> Written:
    """Raises NotFound, also for a format that is not offered."""
    form = FORMATS.get(name)
    if form is None or form.write is None or name not in _WORDS:
        raise NotFound
    version = bank_rows.with_document(db.session(), version_id)
    if name == "xlsx":
        return bank_xlsx_write.write(version.document, imports.origin_of(version))
    if name == "yaml":
        return Written(yaml_origin.written(version.document, imports.origin_of(version)))
    return form.write(version.document)


@bp.get("/template.xlsx")
@allow(Role.ADMINISTRATOR)
def template() -> ResponseReturnValue:
    """A workbook to fill in, with a small example."""
    return send_file(
        BytesIO(bank_xlsx_write.template()),
        XLSX_TYPE,
        as_attachment=True,
        download_name="question-bank-template.xlsx",
    )


# ---------------------------------------------------------- into a draft there is


@bp.post("/<int:version_id>/files")
@allow(Role.ADMINISTRATOR)
@limiter.limit(SENDING_WORKBOOKS)
def compare(version_id: int) -> ResponseReturnValue:
    """Show what a file would change in this draft. Nothing is changed here."""
    now = versions_shown.shown(version_id)
    if now.draft is None:
        return _index(version_id, status=422)
    try:
        name, found = _sent()
        fitted = imports.fitted(now.draft, found.document) if found.document else None
        seen = imports.seen_by(db.session(), now.draft, found.origin)
        coming = imports.foreseen(now.draft, fitted, seen) if fitted is not None else None
    except (NoFile, OtherBank, Busy, KeyTwice) as error:
        return _index(version_id, messages.for_error(error, current_locale()), 422)
    waiting = None
    changes = None
    is_same = coming is not None and patches.same(now.document, coming.document)
    if fitted is not None and coming is not None and not is_same:
        renamed = version_diff.renames([(patches.between(now.document, coming.document), ())])
        every = version_diff.between(now.document, coming.document, renamed)
        changes = _changes(now.document, coming.document, every, now.version)
        waiting = _kept(Waiting(fitted, name, version_id, seen.revision))
    return _compared(
        "workshop/import.html", name, found, waiting, changes, version=now.version, same=is_same,
        made_at=seen.revision, revision=now.revision,
        clashing=len(coming.clashing) if coming is not None else 0,
    )  # fmt: skip


@bp.post("/<int:version_id>/files/apply")
@allow(Role.ADMINISTRATOR)
def apply(version_id: int) -> ResponseReturnValue:
    """Bring what was shown into the draft, or ask about what a colleague changed meanwhile."""
    session, folder = db.session(), settings().folder
    import_id, by = request.form.get("import_id", ""), actor().user_id
    now = versions_shown.shown(version_id)
    try:
        given = imports.waiting(folder, import_id, by=by, version_id=version_id)
        edited = imports.apply(
            session,
            version_id,
            given,
            choices=clashes.choices(now.revision),
            by=by,
            now=datetime.now(UTC),
        )
    except NotFound:
        raise
    except SurveyError as error:
        session.rollback()
        return _index(version_id, messages.for_error(error, current_locale()), 422)
    answer = edits.settled(
        now,
        edited,
        done=_("The file has been imported."),
        there=url_for(".index", version_id=version_id),
        tab="exchange.index",
    )
    if not edited.clashes:
        imports.forget(folder, import_id)
    return answer


# ------------------------------------------------------------------ as a new draft


@bp.get("/import")
@allow(Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    return _new()


def _new(fault: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template("workshop/import_new.html", fault=fault, most_bytes=LARGEST_FILE)
    return page, status


@bp.post("/import")
@allow(Role.ADMINISTRATOR)
@limiter.limit(SENDING_WORKBOOKS)
def look() -> ResponseReturnValue:
    """Show what a file holds, beside the newest version of its bank. Nothing is stored."""
    try:
        name, found = _sent()
    except (NoFile, Busy) as error:
        return _new(messages.for_error(error, current_locale()), 422)
    waiting: str | None = None
    changes = None
    beside = None
    if found.document is not None:
        key = found.document.get("key")
        beside = banks.newest(db.session(), key) if isinstance(key, str) else None
        if beside is not None:
            every = version_diff.between(beside.document, found.document)
            changes = _changes(beside.document, found.document, every, beside)
        waiting = _kept(Waiting(found.document, name, None, 0, found.origin))
    return _compared(
        "workshop/import_look.html", name, found, waiting, changes,
        beside=beside, counts=_counts(found.document),
    )  # fmt: skip


@bp.post("/import/begin")
@allow(Role.ADMINISTRATOR)
def begin() -> ResponseReturnValue:
    session, folder = db.session(), settings().folder
    import_id, by = request.form.get("import_id", ""), actor().user_id
    try:
        given = imports.waiting(folder, import_id, by=by, version_id=None)
        version = imports.begin(session, given, by=by, now=datetime.now(UTC))
    except BadDocument as error:
        session.rollback()
        return _new(messages.for_problem(error.problems[0], current_locale()), 422)
    except SurveyError as error:
        session.rollback()
        return _new(messages.for_error(error, current_locale()), 422)
    there = url_for("versions.show", version_id=version.id)
    session.commit()
    imports.forget(folder, import_id)
    flash(_("The file is a draft now. Nothing is published."), "success")
    return redirect(there, 303)


# ----------------------------------------------------------------------- the parts


def _sent() -> tuple[str, Read]:
    """The name of the file that was sent, and what is understood of it.

    Raises NoFile, Busy.
    """
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NoFile
    name = tidy(sent.filename)[-80:]
    with sent.stream as stream:
        content = stream.read()
    try:
        found = bank_formats.read(content, name)
    except Late as error:
        raise Busy from error
    return name, replace(found, origin=found.origin or yaml_origin.origin(content))


def _kept(given: Waiting) -> str:
    return imports.keep(settings().folder, given, by=actor().user_id, now=datetime.now(UTC))


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], every: Sequence[Change], version: BankVersion
) -> Changes:
    """What makes `new` out of `old`; nothing leads to the editor, for nothing is there yet."""
    groups = [
        (title, [replace(change, address="") for change in changes])
        for title, changes in Showing(old, new, 0).groups(every[:MOST_SHOWN])
    ]
    rekeyed = fixed_keys.rekeyed(every, fixed_keys.fixed_keys(db.session(), version))
    return Changes(len(every), groups, max(0, len(every) - MOST_SHOWN), rekeyed)


def _counts(document: Mapping[str, Any] | None) -> dict[str, int]:
    sections = (document or {}).get("sections")
    asked = [place[0] for place, _question in places.questions(document)]
    return {
        "sections": len(sections) if isinstance(sections, list) else 0,
        "questions": asked.count("sections"),
        "facts": asked.count("profile"),
    }


def _compared(
    page: str,
    name: str,
    found: Read,
    waiting: str | None,
    changes: Changes | None,
    **facts: object,
) -> ResponseReturnValue:
    """The page that says what is wrong with a file, what it loses, and what it would change."""
    told = [
        Told(_place(problem, found.document), _in_both(problem.code, problem.facts))
        for problem in found.problems
    ]
    status = 200 if found.document is not None else 422
    if any(problem.code == xlsx.LargeWorkbook.code for problem in found.problems):
        status = 413
    return (
        render_template(
            page,
            file=name,
            refused=found.document is None,
            told=told[:MOST_SHOWN],
            more=max(0, len(told) - MOST_SHOWN),
            problems=len(told),
            losses=_told_losses(found.losses),
            losses_more=max(0, len(found.losses) - MOST_SHOWN),
            import_id=waiting,
            compared=changes,
            ngettext=ngettext,
            **facts,
        ),
        status,
    )


def _place(problem: Problem, document: Any) -> str:
    """Where it is: a cell of a workbook, or a line and a place in the document, in words."""
    facts = problem.facts
    if "sheet" not in facts:
        line = _("line %(number)s", number=problem.line) if problem.line else ""
        words = told_place(document, places.of_problem(document, problem.place)) if document else ""
        return " · ".join(filter(None, (line, words or problem.place)))
    where = [_("sheet %(name)s", name=facts["sheet"])]
    if facts["row"]:
        where.append(_("row %(number)s", number=facts["row"]))
    if facts["column"]:
        where.append(_("column %(letter)s", letter=facts["column"]))
    return " · ".join([*where, *([str(facts["header"])] if facts["header"] else [])])


def _told_losses(losses: Sequence[Loss]) -> list[Told]:
    return [
        Told(
            loss.place,
            _in_both(loss.code, loss.facts),
            loss.texts[:MOST_TEXTS],
            max(0, len(loss.texts) - MOST_TEXTS),
        )
        for loss in losses[:MOST_SHOWN]
    ]


def _in_both(code: str, facts: Mapping[str, str | int]) -> tuple[tuple[Locale, str], ...]:
    first = current_locale()
    order = (first, *(locale for locale in Locale if locale is not first))
    return tuple((locale, messages.sentence(code, facts, locale)) for locale in order)
