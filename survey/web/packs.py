"""Preparation packs: the questions as a PDF and as a workbook, and a workbook loaded back."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from survey import messages
from survey.core import blanks
from survey.core.answers import PlainAnswer
from survey.core.bank import Bank, Question
from survey.core.blanks import GRADE, STATE, Options
from survey.core.copies import Format
from survey.core.editions import FULL
from survey.core.errors import Problem, SurveyError, quoted
from survey.core.pages import pages
from survey.core.text import Languages, Text
from survey.exchange import xlsx_strangers
from survey.exchange.packs_read import Fault
from survey.exchange.xlsx import BadWorkbook, LargeWorkbook
from survey.exchange.xlsx_strangers import Busy
from survey.i18n import _, current_locale, lazy, ngettext, say, speaking
from survey.services import assessments, packs
from survey.services.assessments import AlreadySubmitted, State
from survey.services.job_rows import FAILED, QUEUED, READY, RENDERING
from survey.services.packs import (
    Fate,
    Line,
    NothingInCommon,
    OtherFirm,
    Preview,
    Questions,
    Workbook,
)
from survey.store import files
from survey.store.models import Pack
from survey.store.site import db
from survey.web import downloads
from survey.web.access import Role, actor, allow
from survey.web.answer_words import value_of
from survey.web.copies import LANGUAGES, UnknownCopy
from survey.web.language import language_changed
from survey.web.limits import ASKING_FOR_PACKS, SENDING_WORKBOOKS, limiter
from survey.web.unsent import given_back
from survey.web.wiring import settings

bp = Blueprint("packs", __name__)

DELIVER = "deliver-packs"
"""The way to hand packs to the workers."""

MOST_OPTIONS = 12
"""Right ones that are named beside a wrong one."""

FATES = {
    Fate.ADDED: ("todo", lazy("new")),
    Fate.CHANGED: ("doing", lazy("changed")),
    Fate.CLEARED: ("look", lazy("cleared")),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken: where it is, what is wrong, and what would be right."""

    sheet: str
    row: int
    column: str
    question: str
    sentence: str
    code: str = ""


class NoFile(SurveyError):
    """Nothing was sent."""

    code = "workbook-missing"


# ---------------------------------------------------------------- before a start


@bp.get("/banks/<int:version_id>/pack")
@allow(Role.FIRM)
def bank(version_id: int) -> ResponseReturnValue:
    given = _offered(version_id)
    return render_template(
        "packs/bank.html", given=given, bank=given.bank, pages=_pages(given.bank), usual=_usual(),
        languages=LANGUAGES,
    )  # fmt: skip


@bp.post("/banks/<int:version_id>/pack")
@allow(Role.FIRM)
@limiter.limit(ASKING_FOR_PACKS)
def ask(version_id: int) -> ResponseReturnValue:
    pack = packs.ask(
        db.session(),
        actor(),
        version_id,
        edition=request.form.get("edition", FULL),
        languages=_languages(request.form),
        accent=settings().accent,
        folder=settings().reports_folder,
        now=datetime.now(UTC),
    )
    return _handed_over(pack)


@bp.get("/banks/<int:version_id>/pack/workbook")
@allow(Role.FIRM)
@limiter.limit(ASKING_FOR_PACKS)
def bank_workbook(version_id: int) -> ResponseReturnValue:
    made = packs.workbook_before(
        db.session(),
        actor(),
        version_id,
        edition=request.args.get("edition", FULL),
        languages=_languages(request.args),
        page_key=request.args.get("page") or None,
        now=datetime.now(UTC),
    )
    return _workbook(made, f"pack-{version_id}")


def _offered(version_id: int) -> Questions:
    edition = request.args.get("edition", FULL)
    return packs.offered(db.session(), actor(), version_id, edition)


# ------------------------------------------------------------------ the PDF file


@bp.get("/packs/<pack:pack_id>")
@allow(Role.FIRM)
def show(pack_id: str) -> ResponseReturnValue:
    return _page(packs.get(db.session(), actor(), pack_id))


@bp.get("/packs/<pack:pack_id>/state")
@allow(Role.FIRM)
def state(pack_id: str) -> ResponseReturnValue:
    pack = packs.get(db.session(), actor(), pack_id)
    return {
        "state": pack.state,
        "open": pack.state in (QUEUED, RENDERING),
        "progress": pack.progress,
        "message": said_state(pack),
    }


@bp.get("/packs/<pack:pack_id>/file")
@allow(Role.FIRM)
def file(pack_id: str) -> ResponseReturnValue:
    session, who = db.session(), actor()
    pack = packs.get(session, who, pack_id)
    if pack.file_sha256 is None:
        return _page(pack, status=404)
    try:
        content = files.read(settings().reports_folder, pack.file_sha256)
    except (OSError, files.Damaged):
        current_app.logger.exception("pack %s: its file cannot be handed out", pack.id)
        return _page(pack, status=404, missing=True)
    bank = packs.offered(session, who, pack.bank_version_id, pack.edition).bank
    return downloads.kept_file(
        content,
        sha256=pack.file_sha256,
        media_type=Format.PDF.media_type,
        name=_name(bank, None, Languages(pack.languages), "pdf"),
        plain=f"pack-{pack.id[:8]}.pdf",
    )


@bp.post("/packs/<pack:pack_id>/retry")
@allow(Role.FIRM)
@limiter.limit(ASKING_FOR_PACKS)
def retry(pack_id: str) -> ResponseReturnValue:
    """Try again what failed, and what lost its file."""
    folder, now = settings().reports_folder, datetime.now(UTC)
    return _handed_over(packs.retry(db.session(), actor(), pack_id, folder=folder, now=now))


def _handed_over(pack: Pack) -> ResponseReturnValue:
    pack_id, is_queued = pack.id, pack.state == QUEUED
    db.session.commit()
    if is_queued:
        hand_over: Callable[..., None] = current_app.extensions[DELIVER]
        hand_over(pack_id)
    return redirect(url_for(".show", pack_id=pack_id), 303)


def _page(pack: Pack, *, status: int = 200, missing: bool = False) -> ResponseReturnValue:
    given = packs.offered(db.session(), actor(), pack.bank_version_id, pack.edition)
    reason = ""
    if pack.state == FAILED:
        reason = messages.sentence("pack-failed", {"reason": _reason(pack)}, current_locale())
    html = render_template(
        "packs/show.html",
        pack=pack,
        bank=given.bank,
        language=LANGUAGES[Languages(pack.languages)],
        said=said_state(pack),
        reason=reason,
        waiting=pack.state in (QUEUED, RENDERING),
        missing=missing,
    )
    return html, status


def _reason(pack: Pack) -> str:
    """For the operator: the code, and the reference that the log has."""
    reference = (pack.reason_facts or {}).get("reference")
    return f"{pack.reason_code} {reference}" if reference else f"{pack.reason_code}"


def said_state(pack: Pack) -> str:
    """Where the pack stands, in one sentence."""
    match pack.state:
        case str(state) if state == QUEUED:
            return _("The pack is waiting for its turn.")
        case str(state) if state == RENDERING:
            return _("The pack is being made: %(done)d%% done.", done=pack.progress)
        case str(state) if state == READY:
            return _("The pack is ready.")
        case _failed:
            return _("The pack could not be made.")


# ---------------------------------------------------------------- an assessment


@bp.get("/assessments/<int:assessment_id>/pack")
@allow(Role.FIRM)
def page(assessment_id: int) -> ResponseReturnValue:
    return _assessment_page(assessments.hub(db.session(), actor(), assessment_id))


@bp.post("/assessments/<int:assessment_id>/pack")
@allow(Role.FIRM)
@limiter.limit(ASKING_FOR_PACKS)
def ask_for_assessment(assessment_id: int) -> ResponseReturnValue:
    pack = packs.ask_for_assessment(
        db.session(),
        actor(),
        assessment_id,
        languages=_languages(request.form),
        accent=settings().accent,
        folder=settings().reports_folder,
        now=datetime.now(UTC),
    )
    return _handed_over(pack)


@bp.get("/assessments/<int:assessment_id>/pack/workbook")
@allow(Role.FIRM)
@limiter.limit(ASKING_FOR_PACKS)
def workbook(assessment_id: int) -> ResponseReturnValue:
    made = packs.workbook(
        db.session(),
        actor(),
        assessment_id,
        languages=_languages(request.args),
        page_key=request.args.get("page") or None,
        now=datetime.now(UTC),
    )
    return _workbook(made, f"pack-{assessment_id}")


@bp.post("/assessments/<int:assessment_id>/pack/load")
@allow(Role.FIRM)
@limiter.limit(SENDING_WORKBOOKS)
def load(assessment_id: int) -> ResponseReturnValue:
    """Show what a workbook would change. Nothing is changed here."""
    session, who = db.session(), actor()
    now = assessments.hub(session, who, assessment_id)
    if now.assessment.submitted_at is not None:
        raise AlreadySubmitted
    try:
        sheets = xlsx_strangers.looked_into(_sent())
        seen = packs.preview(
            session, who, assessment_id, sheets, fonts_folder=settings().fonts_folder
        )
    except (BadWorkbook, Busy, NoFile, OtherFirm, NothingInCommon) as error:
        status = 413 if isinstance(error, LargeWorkbook) else 422
        return _assessment_page(
            now, fault=messages.for_error(error, current_locale()), status=status
        )
    return _shown(seen)


@bp.post("/assessments/<int:assessment_id>/pack/save")
@allow(Role.FIRM)
@limiter.limit(SENDING_WORKBOOKS)
def save(assessment_id: int) -> ResponseReturnValue:
    """Save what was shown and chosen; what met a change made meanwhile is asked once more."""
    if language_changed():  # of the page that gave back what could not be taken
        assessments.hub(db.session(), actor(), assessment_id)
        return given_back() or redirect(url_for(".page", assessment_id=assessment_id), 303)
    given: dict[str, PlainAnswer | None] = {}
    seen: dict[str, int] = {}
    chosen: dict[str, set[str]] = {name: set() for name in ("take", "leave", "keep", "ask")}
    for line in _sent_lines():
        choice = _choice(line)
        chosen[choice].add(line.key)
        if choice != "leave":
            given[line.key], seen[line.key] = line.after, line.seen
    session = db.session()
    saved, clashes = packs.load(
        session,
        actor(),
        assessment_id,
        given=given,
        seen=seen,
        undecided=chosen["ask"],
        declined=chosen["keep"],
        fonts_folder=settings().fonts_folder,
        now=datetime.now(UTC),
    )
    session.commit()
    if saved.saved:
        flash(_loaded(len(saved.saved)), "success")
    if wrong := _left_out():
        flash(wrong, "warning")
    if not clashes and not saved.refused:
        if not saved.saved:
            flash(_("Nothing was changed."), "info")
        return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)
    return _again(assessments.hub(session, actor(), assessment_id), clashes, saved.refused)


def _sent() -> bytes:
    """The file that was sent. Raises NoFile."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NoFile
    with sent.stream as stream:
        return stream.read()


def _left_out() -> str:
    """That cells were wrong, as the preview had said; it is gone after saving."""
    text = request.form.get("wrong", "")
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not count:
        return ""
    return ngettext(
        "%(num)d cell of the workbook was wrong and was left out. Upload the workbook again to "
        "see which one, or answer on the site.",
        "%(num)d cells of the workbook were wrong and were left out. Upload the workbook again to "
        "see which ones, or answer on the site.",
        count,
    )


def _loaded(count: int) -> str:
    return ngettext(
        "%(num)d answer was taken from the workbook.",
        "%(num)d answers were taken from the workbook.",
        count,
    )


# ------------------------------------------------------------- the form between


def _written(lines: Sequence[Line]) -> str:
    """The answers that were shown, carried by the form itself: nothing to keep, or to forget.

    They are no secret and need no signature: whoever sends others could as well type them.
    """
    plain = [[line.key, line.fate.value, line.seen, line.after] for line in lines]
    return json.dumps(plain, ensure_ascii=False)


def _sent_lines() -> list[Line]:
    """The answers that come back. What is not in the form of ours is refused as a whole."""
    try:
        sent = json.loads(request.form.get("answers", ""))
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if not isinstance(sent, list):
        raise BadRequest
    return [_sent_line(each) for each in sent]


def _sent_line(sent: object) -> Line:
    match sent:
        case [str(key), str(fate), int(seen), dict() | None as after] if (
            fate in list(Fate) and not isinstance(seen, bool) and 0 <= seen < 2**31
        ):
            return Line(key, Fate(fate), None, after, seen)
        case _:
            raise BadRequest


def _choice(line: Line) -> str:
    """take, leave, keep or ask: what the reader wants done with an answer that was shown.

    What is left is not cleared; to keep is to keep the answer on the site.
    """
    if line.fate is Fate.CLEARED:
        return "take" if request.form.get("clear") else "leave"
    if line.fate is not Fate.CONFLICT:
        return "take"
    match request.form.get("all") or request.form.get(f"keep.{line.key}"):
        case "mine":
            return "take"
        case "theirs":
            return "keep"
        case _:
            return "ask"


def _again(now: State, clashes: Sequence[Line], refused: Sequence[Problem]) -> ResponseReturnValue:
    """Only what is still to be decided, and what could not be taken."""
    wrong = []
    for problem in refused:
        question = now.bank.questions.get(problem.place)
        name = quoted(problem.place) if question is None else say(question.prompt)
        facts = {**problem.facts, "question": name}
        wrong.append(
            Wrong("", 0, "", name, messages.sentence(problem.code, facts, current_locale()))
        )
    fault = ""
    if clashes:
        fault = ngettext(
            "%(num)d answer has been changed on the site in the meantime. Choose which one to "
            "keep.",
            "%(num)d answers have been changed on the site in the meantime. Choose which ones to "
            "keep.",
            len(clashes),
        )
    html = render_template(
        "packs/load.html",
        state=now,
        clashes=[_side_by_side(now.bank, line) for line in clashes],
        lines=[],
        cleared=[],
        wrong=wrong,
        seen=None,
        fault=fault,
        answers=_written(clashes),
        FATES=FATES,
    )
    return html, 422


def _shown(seen: Preview) -> ResponseReturnValue:
    bank = seen.state.bank
    return render_template(
        "packs/load.html",
        state=seen.state,
        clashes=[_side_by_side(bank, line) for line in seen.of(Fate.CONFLICT)],
        lines=[_side_by_side(bank, line) for line in seen.of(Fate.ADDED, Fate.CHANGED)],
        cleared=[_side_by_side(bank, line) for line in seen.of(Fate.CLEARED)],
        wrong=[_wrong(bank, fault) for fault in seen.faults],
        seen=seen,
        not_yours=[bank.questions[key] for key in seen.not_yours],
        fault="",
        answers=_written(seen.lines),
        FATES=FATES,
    )


def _side_by_side(bank: Bank, line: Line) -> dict[str, Any]:
    """A line with both answers in words."""
    question = bank.questions[line.key]
    return {
        "line": line,
        "question": question,
        "before": value_of(question, line.before),
        "after": value_of(question, line.after),
    }


def _wrong(bank: Bank, fault: Fault) -> Wrong:
    question = bank.questions[fault.key]
    facts = {
        **fault.facts,
        "question": say(question.prompt),
        "options": _named(_options(question, fault.part)),
    }
    sentence = messages.sentence(fault.code, facts, current_locale())
    place = fault.place
    return Wrong(
        place.sheet, place.row, place.column, say(question.prompt), sentence, question.code or ""
    )


def _options(question: Question, part: str) -> Options:
    """What could be chosen in this blank."""
    if part == STATE:
        return blanks.states(question)
    if part == GRADE:
        return blanks.GRADES
    return next((each.options for each in blanks.blanks(question) if each.part == part), ())


def _named(options: Options) -> str:
    names = [say(text) for _key, text in options[:MOST_OPTIONS]]
    others = [_("or another of the list")] if len(options) > MOST_OPTIONS else []
    return _("; ").join([*names, *others])


# ---------------------------------------------------------------------- the page


def _assessment_page(now: State, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "packs/assessment.html",
        state=now,
        bank=now.bank,
        pages=_pages(now.bank),
        usual=_usual(),
        languages=LANGUAGES,
        fault=fault,
    )
    return html, status


def _pages(bank: Bank) -> list[tuple[str, Text]]:
    return [(page.key, page.title) for page in pages(bank)]


def _usual() -> Languages:
    return Languages(current_locale().value)


def _languages(given: Mapping[str, str]) -> Languages:
    """Raises UnknownCopy."""
    try:
        return Languages(given.get("languages", Languages.BOTH))
    except ValueError as error:
        raise UnknownCopy from error


def _workbook(made: Workbook, plain: str) -> ResponseReturnValue:
    page = None if made.page_key is None else dict(_pages(made.bank))[made.page_key]
    response = current_app.response_class(made.content, mimetype=Format.XLSX.media_type)
    response.status_code = HTTPStatus.OK
    response.headers["Cache-Control"] = "no-store"
    downloads.save_as(response, _name(made.bank, page, made.languages, "xlsx"), f"{plain}.xlsx")
    return response


def _name(bank: Bank, page: Text | None, languages: Languages, suffix: str) -> str:
    """The name of a file, in the language that it is in; in both, in its reader's."""
    locale = current_locale()
    with speaking(locale if locale in languages.locales else languages.locales[0]):
        titles = [bank.title] if page is None else [bank.title, page]
        words = [*map(say, titles), _("Preparation-pack"), str(LANGUAGES[languages])]
        return "-".join(map(downloads.safe, words)) + f".{suffix}"
