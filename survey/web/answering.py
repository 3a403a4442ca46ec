"""One page of the questionnaire: asked, answered, saved; whole, or answer by answer.

A page without script is sent whole: all of it is stored, what is wrong as it was typed. With
script each answer is sent when it changes, under the same names and by the same rules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from survey import messages
from survey.core.answers import PlainAnswer
from survey.core.bank import PROFILE, Bank, is_key
from survey.core.errors import NotFound
from survey.core.progress import Progress
from survey.i18n import _, clock, current_locale, gap, in_a_row, ngettext, say
from survey.services import (
    assessments,
    assignments,
    comments,
    evidence,
    glance,
    moving,
    people,
    presence,
    printable,
    rounds,
)
from survey.services.answer_rows import Sent
from survey.services.assessments import AlreadySubmitted, Page, Saved, State
from survey.services.assignments import NotYourSection
from survey.services.glance import Before
from survey.services.people import Person
from survey.services.rounds import Offered, Use
from survey.store.site import db
from survey.web import drawn
from survey.web import moving as moves
from survey.web.access import Role, actor, allow, somebody_else
from survey.web.forms import (
    PREFIX,
    AnswerField,
    PageForm,
    page_form,
    question_form,
    questions_of,
    seen_mark,
    shown,
)
from survey.web.language import language_changed, language_wanted
from survey.web.limits import no_faster_than_people
from survey.web.saving import complain, evidence_named, in_words, save_answer, save_page
from survey.web.wiring import settings

bp = Blueprint("answering", __name__)

NAME = re.compile(r"[0-9a-f-]{1,36}")
"""How an open page, and each attempt to save, is called."""

SEEN = re.compile(r"[0-9]{1,9}\.[0-9a-f]{0,12}")
"""What the page remembers of an answer, as `survey.web.forms.seen_mark` writes it."""

HIGHEST = 2_147_483_647
MOST_FIELDS = 200


# ------------------------------------------------------------------- who and what


def _with_page(session: Session, mark: str) -> Person | None:
    """Who asks and, if the page is to be shown, all that it needs: in one statement."""
    if request.method == "POST":
        return people.recognise(session, mark)
    place = request.view_args or {}
    person, g.found = glance.recognise(
        session, mark, place["assessment_id"], _plausible(place["page_key"])
    )
    return person


def _with_question(session: Session, mark: str) -> Person | None:
    """Who sends an answer, and all that is needed to save it: in one statement."""
    place = request.view_args or {}
    name = request.headers.get("Idempotency-Key", "")
    person, g.found = glance.recognise_sender(
        session,
        mark,
        place["assessment_id"],
        _plausible(request.args.get("page", "")),
        _plausible(place["question_key"]),
        name if NAME.fullmatch(name) else "",
    )
    return person


def _plausible(key: str) -> str:
    """The key of a page or question, or none: what the database cannot even be asked about."""
    return key if is_key(key) else ""


# ------------------------------------------------------------------ whole pages


@bp.route("/assessments/<int:assessment_id>/pages/<page_key>", methods=["GET", "POST"])
@allow(Role.FIRM, recognise=_with_page)
def page(assessment_id: int, page_key: str) -> ResponseReturnValue:
    language_changed()
    if request.method != "POST" and (html := _drawn(page_key)) is not None:
        return html
    try:
        opened = assessments.open_page(db.session(), actor(), assessment_id, page_key)
    except NotFound:
        if request.method != "POST":
            raise
        return moves.not_taken(assessment_id, moves.left_over(assessment_id, request.form, ()))
    if request.method != "POST":
        return _show(opened, page_key, _stored(opened, page_key), 200)
    sent = _sent(opened, page_key)
    _confirm(opened, sent)
    _clear(sent)
    try:
        saved = save_page(assessment_id, sent)
    except (AlreadySubmitted, NotYourSection):
        db.session.rollback()
        stored = assessments.open_page(db.session(), actor(), assessment_id, page_key)
        return _show(stored, page_key, sent, 409)
    faulty = [key for key, field in sent.questions.items() if field.errors]
    if left := moves.left_over(assessment_id, request.form, tuple(sent.questions)):
        return moves.not_taken(assessment_id, left)
    if not faulty or _goes_on(sent):
        return _onwards(opened, saved, page_key, _was_at(sent))
    stored = assessments.open_page(db.session(), actor(), assessment_id, page_key)
    form = _stored(stored, page_key)
    form.keep_typed(sent, [key for key in faulty if not sent.questions[key].kept])
    only_conflicts = all(sent.questions[key].conflict for key in faulty)
    return _show(stored, page_key, form, 409 if only_conflicts else 422)


def _confirm(opened: Page, sent: PageForm) -> None:
    """Answer with what was answered the last time, where a button says so and nothing stands."""
    wanted = request.form.get("confirm")
    if wanted is None:
        return
    for key, offer in _known(opened).items():
        field = sent.questions.get(key)
        meant = wanted == key or (wanted == "*" and offer.use is Use.TOGETHER)
        if field is None or field.typed or key not in opened.visible:
            continue
        if meant and offer.fill is not None:
            field.answer_with(offer.fill)


def _clear(sent: PageForm) -> None:
    """Take an answer back, where a button says so: chosen radio buttons cannot be unchosen."""
    field = sent.questions.get(request.form.get("clear", ""))
    if field is not None:
        field.answer_with(None)


def _goes_on(sent: PageForm) -> bool:
    """Whether the language was to change, and everything is stored, right or wrong."""
    stored = all(not field.errors or field.kept for field in sent.questions.values())
    return stored and language_wanted() is not None


def _stored(opened: Page, page_key: str) -> PageForm:
    """The page's form with what is stored, drafts with the reason why they are none yet."""
    form = _built(opened, page_key)(data=shown(_all_plain(opened)))
    for key, field in form.questions.items():
        field.seen = field.seen_at(opened.revisions.get(key, 0))
    drafts = {key: field for key, field in form.questions.items() if key in opened.wrong}
    for field in drafts.values():
        field.validate(form)
    unprintable = printable.problems(
        {key: field.data for key, field in drafts.items()}, settings().fonts_folder
    )
    complain(form, {problem.place: problem for problem in unprintable})
    for key, field in drafts.items():
        if not field.errors:  # it was typed when less was understood; it still has to be sent
            field.errors = [_("This is kept as a draft. Save the page to make it your answer.")]
            field.seen = seen_mark(opened.revisions[key], {})
    return form


def _sent(opened: Page, page_key: str) -> PageForm:
    """The page's form as it was sent. Two answers to one question are none."""
    form = _built(opened, page_key)(request.form, data=shown(_all_plain(opened)))
    if any(field.twice for field in form.questions.values()):
        abort(400)
    return form


def _built(opened: Page, page_key: str) -> type[PageForm]:
    digest = opened.assessment.bank_version.digest
    return page_form(opened.bank, digest, page_key, current_locale())


def _all_plain(opened: State) -> dict[str, PlainAnswer]:
    """Answers and drafts."""
    return {**opened.plain, **{key: {"typed": typed} for key, typed in opened.wrong.items()}}


# --------------------------------------------------------------- answer by answer


@bp.post("/assessments/<int:assessment_id>/answers/<question_key>")
@allow(Role.FIRM, recognise=_with_question)
@no_faster_than_people
def answer(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """Save one answer that a page sends by itself: the page's own names and values, as JSON."""
    body = _json()
    sent = _attempt(body)
    if sent.user not in (None, actor().user_id):
        return somebody_else()
    values = _pairs(body)
    asked = _asked(assessment_id, request.args.get("page", ""), question_key)
    if asked is None:
        return _unknown(assessment_id, question_key)
    form = question_form(asked.bank, asked.digest, question_key, current_locale())(values)
    field = form.questions[question_key]
    if field.twice or not values.keys() <= field.names or SEEN.fullmatch(field.seen) is None:
        abort(400)
    field.meant = True
    try:
        saved = save_answer(assessment_id, form, sent.sent, asked.before)
    except AlreadySubmitted as error:
        db.session.rollback()
        message = messages.for_error(error, current_locale())
        return {"state": "submitted", "message": message}, 409
    return _late(assessment_id, saved, field) or _reply(asked.bank, saved, field)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The bank in which a question stands, and what stood before if it is on the page named."""

    bank: Bank
    digest: str
    before: Before | None = None


def _asked(assessment_id: int, page_key: str, question_key: str) -> _Asked | None:
    """None unless the question stands on this page.

    Since the assessment has moved to another version it may stand on any page. Raises NotFound.
    """
    session, who = db.session(), actor()
    try:
        before = glance.before_saving(session, g.found, question_key)
    except NotFound:
        moving.page_now(session, who, assessment_id, question_key)  # also not found unless moved
    else:
        if before.seen.bank.place_of.get(question_key) == page_key:
            return _Asked(before.seen.bank, before.seen.digest, before)
    bank, digest = assessments.asked(session, who, assessment_id)
    moved = question_key in bank.questions and moving.has_moved(session, assessment_id)
    return _Asked(bank, digest) if moved else None


def _unknown(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """The page keeps what was typed, and says so: it may have been opened before a move."""
    question = moves.asked_before(assessment_id, question_key)
    if question is None:
        code, facts = "answer-unknown-question", {"question": question_key[:60]}
    else:
        code, facts = "answer-question-gone", {"question": say(question.prompt)}
    return {"state": "refused", "message": messages.sentence(code, facts, current_locale())}, 422


@bp.post("/assessments/<int:assessment_id>/presence")
@allow(Role.FIRM)
def present(assessment_id: int) -> ResponseReturnValue:
    """A page that is open says so, and hears who else has it open."""
    page_key = request.args.get("page", "")
    now = datetime.now(UTC)
    others = presence.seen(db.session(), actor(), assessment_id, page_key, now=now)
    db.session.commit()
    names = in_a_row(others)
    message = _("Also on this page at the moment: %(names)s", names=names) if others else ""
    seen, _rows, counted = glance.whole_glance(db.session(), actor(), assessment_id, page_key)
    return {"others": list(others), "message": message} | _counted(seen.bank, page_key, counted)


@bp.get("/answers/token")
@allow(Role.FIRM)
def token() -> ResponseReturnValue:
    """What a page needs to go on after its reader has signed in anew, and who that is."""
    return {"token": generate_csrf(), "user": actor().user_id}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the page names what it sends, and whose it is, if the page says so."""

    sent: Sent
    user: int | None


def _json() -> Mapping[str, object]:
    """What was sent as JSON. Werkzeug refuses what is none, but not what is nested too deeply."""
    try:
        body = request.get_json()
    except RecursionError:
        abort(400)
    return body if isinstance(body, dict) else abort(400)


def _attempt(body: Mapping[str, object]) -> Attempt:
    key, client, seq = (
        request.headers.get("Idempotency-Key", ""),
        body.get("client"),
        body.get("seq"),
    )
    if not isinstance(client, str) or not isinstance(seq, int) or isinstance(seq, bool):
        abort(400)
    if not (NAME.fullmatch(key) and NAME.fullmatch(client) and 1 <= seq <= HIGHEST):
        abort(400)
    user = body.get("user")
    return Attempt(Sent(key, client, seq), user if isinstance(user, int) else None)


def _pairs(body: Mapping[str, object]) -> MultiDict[str, str]:
    """Names and values, as a browser would send them in a form."""
    pairs = body.get("fields")
    if not isinstance(pairs, list) or len(pairs) > MOST_FIELDS:
        abort(400)
    values: MultiDict[str, str] = MultiDict()
    for pair in pairs:
        match pair:
            case [str(name), str(value)]:
                values.add(name, value)
            case _:
                abort(400)
    return values


def _late(assessment_id: int, saved: Saved, field: AnswerField) -> dict[str, object] | None:
    """The reply to a value that a newer one of the same page has replaced already."""
    key = field.question.key
    if key not in saved.late:
        return None
    opened = assessments.hub(db.session(), actor(), assessment_id)
    present = _all_plain(opened).get(key)
    return {
        "state": "late",
        "message": _("A newer answer from this page has already been saved."),
        "at": clock(datetime.now(UTC)),
        "seen": seen_mark(opened.revisions.get(key, 0), field.shown(present)),
        "fields": field.pairs(present),
    } | _counted(opened.bank, opened.bank.place_of[key], opened.progress)


def _reply(bank: Bank, saved: Saved, field: AnswerField) -> ResponseReturnValue:
    key, message = field.question.key, " ".join(field.errors)
    if field.conflict is not None:
        panel = render_template("firm/clash.html", field=field)
        facts = {"panel": panel, "seen": field.seen, "fields": field.pairs(field.theirs)}
        return {"state": "conflict", "message": message, **facts}, 409
    if field.errors and not field.kept:
        return {"state": "refused", "message": message}, 422
    at = clock(datetime.now(UTC))
    kept = _("Kept as typed at %(time)s.", time=at)
    return {
        "state": "kept" if field.kept else "saved",
        "message": _joined(
            kept if field.kept else _("Saved at %(time)s.", time=at), message, field.unlikely
        ),
        "at": at,
        "seen": seen_mark(saved.saved.get(key, field.seen_revision), field.typed),
        "share": field.share,
        "understood": field.understood,
        "problem": message,
        "unlikely": field.unlikely,
    } | _counted(bank, bank.place_of[key], saved.progress)


def _counted(bank: Bank, page_key: str, now: Progress) -> dict[str, object]:
    """What applies on a page now, and how far it is; nothing if a move took it away just now."""
    if page_key not in now.pages:
        return {}
    asked = [question.key for question in questions_of(bank, page_key)]
    counted = now.pages[page_key]
    return {
        "visible": [key for key in asked if key in now.visible],
        "optional": [key for key in asked if key in now.optional],
        "progress": said_progress(counted.answered, counted.total),
    }


def _joined(*sentences: str) -> str:
    return gap().join(each for each in sentences if each)


def said_progress(answered: int, total: int) -> str:
    return ngettext(
        "%(answered)d of %(num)d question answered",
        "%(answered)d of %(num)d questions answered",
        total,
        answered=answered,
    )


# ------------------------------------------------------------------ the reply


def _drawn(page_key: str) -> bytes | None:
    """The page as it is nearly always; None if the templates have to draw it anew."""
    seen, rows, counted = glance.opened(db.session(), g.found)
    if page_key == PROFILE and _known_elsewhere(seen, rows):
        return None
    here = counted.pages[page_key]
    facts = drawn.Facts(page_key, _following(counted, page_key), _back(seen.bank))
    return drawn.page(seen, rows, counted, facts, said_progress(here.answered, here.total))


def _known_elsewhere(seen: glance.Glance, rows: Mapping[str, glance.Present]) -> bool:
    """Whether the profile asks something that another assessment of the firm has answered."""
    keys = [q.key for q in seen.bank.profile.questions]
    asked = [key for key in keys if key not in rows or not rows[key].revision]
    return bool(asked) and rounds.answered_elsewhere(db.session(), seen.assessment_id, asked)


def _show(opened: Page, page_key: str, form: PageForm, status: int) -> ResponseReturnValue:
    faults = [
        (field.place, message) for field in form.questions.values() for message in field.errors
    ]
    locked = _locked(opened, page_key)
    html = render_template(
        "firm/page.html",
        opened=opened,
        page_key=page_key,
        form=form,
        offered=0 if locked else _offer(opened, form),
        faults=faults if status in (409, 422) and not locked else (),
        unstored=request.method == "POST",
        locked=locked,
        talk=comments.counts(db.session(), opened.assessment.id),
        counted=opened.progress.pages[page_key],
        said_progress=said_progress,
        glossary={term.key: term for term in opened.bank.glossary},
        sources={source.key: source for source in opened.bank.sources},
        following=_following(opened.progress, page_key),
        back=_back(opened.bank),
        attached=evidence.attached_to(db.session(), actor(), opened.assessment, opened.bank),
    )
    return html, status


def _offer(opened: Page, form: PageForm) -> int:
    """Put beside empty questions what is known; how many of the last time's hold together."""
    registered, known = _registered(opened), _known(opened)
    open_here = {
        key: field
        for key, field in form.questions.items()
        if key in known and key in opened.visible and not field.typed
    }
    for key, field in open_here.items():
        field.offered = known[key]
        field.offered_said = in_words(field.question, known[key].plain)
        field.offered_evidence = evidence_named(field.question, known[key].fill)
        field.registered = known[key] == registered.get(key)
    return sum(
        known[key].use is Use.TOGETHER and not open_here[key].registered for key in open_here
    )


def _known(opened: Page) -> dict[str, Offered]:
    """What may be confirmed, or read, beside a question that is not answered."""
    before = rounds.offered(db.session(), opened.assessment, opened.bank, now=datetime.now(UTC))
    return {**_registered(opened), **before}


def _registered(opened: Page) -> dict[str, Offered]:
    """The firm's name, until somebody has answered or cleared it."""
    known = rounds.registered(opened.assessment, opened.bank)
    return {
        key: Offered(plain, fill=plain)
        for key, plain in known.items()
        if not opened.revisions.get(key)
    }


def _locked(opened: Page, page_key: str) -> str:
    """Why nothing can be changed here, or nothing if it can."""
    if opened.assessment.submitted_at is not None:
        return _("The answers are submitted and can no longer be changed.")
    given_out = assignments.of_assessment(db.session(), opened.assessment.id)
    if not assignments.may_answer(actor(), given_out, page_key):
        return _(
            "This page is not assigned to you. If you should answer it, ask the owner of your firm."
        )
    return ""


def _following(counted: Progress, page_key: str) -> str | None:
    """The page after this one, or None after the last."""
    keys = list(counted.pages)
    place = keys.index(page_key) + 1
    return keys[place] if place < len(keys) else None


def _back(bank: Bank) -> str | None:
    """The question whose row of the check page the reader came from."""
    back = request.args.get("back")
    return back if back in bank.questions else None


def _was_at(sent: PageForm) -> str | None:
    """The input that its reader was at, as far as anybody can tell without script."""
    pressed = request.form.get("clear", request.form.get("confirm"))
    if pressed is not None:
        field = sent.questions.get(pressed)
        return None if field is None else field.name
    changed = [field.name for field in sent.questions.values() if field.changed]
    return changed[-1] if changed else None


def _onwards(opened: Page, saved: Saved, page_key: str, place: str | None) -> ResponseReturnValue:
    """To the next page, unless the answers brought up new questions on this one."""
    here = opened.assessment.id
    asked = [q.key for q in questions_of(opened.bank, page_key)]
    new = [key for key in asked if key in saved.visible and key not in opened.visible]
    following = _following(opened.progress, page_key)
    back = _back(opened.bank)
    stay = url_for(".page", assessment_id=here, page_key=page_key, back=back)
    stays = not {"confirm", "clear"}.isdisjoint(request.form) or language_wanted() is not None
    if stays or request.form.get("go") == "stay":
        return redirect(stay if place is None else f"{stay}#{place}", 303)
    if new:
        flash(
            ngettext(
                "Saved. Your answers lead to %(num)d more question on this page.",
                "Saved. Your answers lead to %(num)d more questions on this page.",
                len(new),
            ),
            "info",
        )
        return redirect(f"{stay}#{PREFIX}{new[0]}", 303)
    _remind(saved.progress.pages[page_key].wrong)
    if request.form.get("go") == "hub":
        return redirect(url_for("firm.hub", assessment_id=here), 303)
    if back is not None:
        return redirect(url_for("firm.check", assessment_id=here, _anchor=f"answer-{back}"), 303)
    if following is None:
        return redirect(url_for("firm.check", assessment_id=here), 303)
    return redirect(url_for(".page", assessment_id=here, page_key=following), 303)


def _remind(wrong: Sequence[str]) -> None:
    """What is stored as it was typed and cannot be taken does not stop anybody, but is told."""
    if wrong:
        flash(
            ngettext(
                "%(num)d answer on the page before still has to be corrected or cleared.",
                "%(num)d answers on the page before still have to be corrected or cleared.",
                len(wrong),
            ),
            "warning",
        )
