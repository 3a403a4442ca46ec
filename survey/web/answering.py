"""One page of the questionnaire: asked, answered, saved; whole, or answer by answer.

A page without script is sent whole: what is right is stored even if something else is wrong.
With script each answer is sent when it changes, under the same names and by the same rules.
"""

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey import messages
from survey.core.answers import DontKnow, Evidence, Excluded, PlainAnswer, read
from survey.core.bank import Question
from survey.core.errors import BadAnswer
from survey.core.parts import Said
from survey.core.said import said
from survey.i18n import _, choose, clock, current_locale, ngettext
from survey.services import assessments
from survey.services.answer_rows import Conflict
from survey.services.assessments import Page, Saved
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.forms import (
    PREFIX,
    Clash,
    PageForm,
    page_form,
    questions_of,
    seen_mark,
    sentence,
    shown,
)
from survey.web.public import language_wanted
from survey.web.wiring import settings

bp = Blueprint("answering", __name__)


@bp.route("/assessments/<int:assessment_id>/pages/<page_key>", methods=["GET", "POST"])
@allow(Role.FIRM)
def page(assessment_id: int, page_key: str) -> ResponseReturnValue:
    if (wanted := language_wanted()) is not None:
        choose(wanted)
    opened = assessments.open_page(db.session(), actor(), assessment_id, page_key)
    if opened.assessment.submitted_at is not None:
        return redirect(url_for("firm.check", assessment_id=assessment_id), 303)
    if request.method == "GET":
        return _show(opened, page_key, _form(opened, page_key), 200)
    sent = _form(opened, page_key, request.form)
    saved = _save(opened, sent)
    refused = [key for key, field in sent.questions.items() if field.errors]
    if not refused:
        return _onwards(opened, saved, page_key)
    stored = assessments.open_page(db.session(), actor(), assessment_id, page_key)
    form = _form(stored, page_key)
    form.keep_typed(sent, refused)
    only_conflicts = all(sent.questions[key].conflict for key in refused)
    return _show(stored, page_key, form, 409 if only_conflicts else 422)


@bp.post("/assessments/<int:assessment_id>/answers/<question_key>")
@allow(Role.FIRM)
def answer(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """Save one answer that a page sends by itself: the page's own names and values, as JSON."""
    page_key = request.args.get("page", "")
    opened = assessments.open_page(db.session(), actor(), assessment_id, page_key)
    question = next((q for q in questions_of(opened.bank, page_key) if q.key == question_key), None)
    if question is None:
        abort(404)
    sent = _form(opened, page_key, _pairs(question, _json()))
    field = sent.questions[question_key]
    field.meant = True
    saved = _save(opened, sent)
    if field.errors:
        state = "refused" if field.conflict is None else "conflict"
        panel = render_template("firm/clash.html", field=field) if field.conflict else ""
        said = {"message": " ".join(field.errors), "panel": panel, "seen": field.seen}
        return {"state": state, **said}, 422 if field.conflict is None else 409
    revision = saved.saved.get(question_key, field.seen_revision)
    counted = saved.progress.pages[page_key]
    return {
        "state": "saved",
        "message": _("Saved at %(time)s.", time=clock(datetime.now(UTC))),
        "seen": seen_mark(revision, field.data),
        "share": field.share,
        "visible": [key for key in sent.questions if key in saved.visible],
        "optional": [key for key in sent.questions if key in saved.progress.optional],
        "progress": said_progress(counted.answered, counted.total),
    }


def said_progress(answered: int, total: int) -> str:
    return ngettext(
        "%(answered)d of %(num)d question answered",
        "%(answered)d of %(num)d questions answered",
        total,
        answered=answered,
    )


# ------------------------------------------------------------------- the form


def _form(opened: Page, page_key: str, sent: MultiDict[str, str] | None = None) -> PageForm:
    """The page's form, filled with what was sent or else with what is stored."""
    digest = opened.assessment.bank_version.digest
    built = page_form(opened.bank, digest, page_key, current_locale())
    form = built(sent, data=shown(opened.plain))
    if sent is None:
        for key, field in form.questions.items():
            field.seen = seen_mark(opened.revisions.get(key, 0), opened.plain.get(key))
    return form


def _json() -> object:
    """What was sent as JSON. Werkzeug refuses what is none, but not what is nested too deeply."""
    try:
        return request.get_json()
    except RecursionError:
        abort(400)


def _pairs(question: Question, sent: object) -> MultiDict[str, str]:
    """The names and values of one question, as a browser would send them in a form."""
    pairs = sent.get("fields") if isinstance(sent, dict) else None
    if not isinstance(pairs, list) or len(pairs) > 200:
        abort(400)
    name = PREFIX + question.key
    values: MultiDict[str, str] = MultiDict()
    for pair in pairs:
        match pair:
            case [str(part), str(value)] if part == name or part.startswith(f"{name}."):
                values.add(part, value)
            case _:
                abort(400)
    if f"{name}.seen" not in values:
        abort(400)
    return values


def _save(opened: Page, sent: PageForm) -> Saved:
    """Store what is right and changed; what is not gets its sentence in the field's errors."""
    sent.validate()
    changed = {key: f for key, f in sent.questions.items() if f.changed and not f.errors}
    session = db.session()
    saved = assessments.save(
        session,
        actor(),
        opened.assessment.id,
        given={key: field.data for key, field in changed.items()},
        seen={key: field.seen_revision for key, field in changed.items()},
        now=datetime.now(UTC),
        fonts_folder=settings().fonts_folder,
    )
    session.commit()
    for problem in saved.refused:
        field = sent.questions[problem.place]
        error = BadAnswer(problem.code, **problem.facts)
        field.errors = [sentence(field.question, error, current_locale())]
    for conflict in saved.conflicts:
        field = sent.questions[conflict.key]
        field.conflict = _clash(field.question, conflict)
        field.seen = seen_mark(conflict.revision, conflict.theirs)
        facts = {"question": field.question.prompt.in_(current_locale())}
        field.errors = [messages.sentence("answer-conflict", facts, current_locale())]
    return saved


def _clash(question: Question, conflict: Conflict) -> Clash:
    return Clash(
        name=conflict.their_name,
        time=conflict.their_time,
        mine=_said(question, conflict.mine),
        theirs=_said(question, conflict.theirs),
        my_evidence=_evidence(question, conflict.mine),
        their_evidence=_evidence(question, conflict.theirs),
    )


def _said(question: Question, plain: PlainAnswer | None) -> Said | None:
    return None if plain is None else said(question, read(question, plain))


def _evidence(question: Question, plain: PlainAnswer | None) -> Evidence | None:
    answer = None if plain is None else read(question, plain)
    return None if answer is None or isinstance(answer, DontKnow | Excluded) else answer.evidence


# ------------------------------------------------------------------ the reply


def _show(opened: Page, page_key: str, form: PageForm, status: int) -> ResponseReturnValue:
    faults = [
        (field.name, message) for field in form.questions.values() for message in field.errors
    ]
    html = render_template(
        "firm/page.html",
        opened=opened,
        page_key=page_key,
        form=form,
        faults=faults,
        counted=opened.progress.pages[page_key],
        said_progress=said_progress,
        glossary={term.key: term for term in opened.bank.glossary},
        sources={source.key: source for source in opened.bank.sources},
        following=_following(opened, page_key),
    )
    return html, status


def _following(opened: Page, page_key: str) -> str | None:
    """The page after this one, or None after the last."""
    keys = list(opened.progress.pages)
    place = keys.index(page_key) + 1
    return keys[place] if place < len(keys) else None


def _onwards(opened: Page, saved: Saved, page_key: str) -> ResponseReturnValue:
    """To the next page, unless the answers brought up new questions on this one."""
    here = opened.assessment.id
    asked = [q.key for q in questions_of(opened.bank, page_key)]
    new = [key for key in asked if key in saved.visible and key not in opened.visible]
    following = _following(opened, page_key)
    stay = url_for(".page", assessment_id=here, page_key=page_key)
    if language_wanted() is not None or request.form.get("go") == "stay":
        return redirect(stay, 303)
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
    if request.form.get("go") == "hub":
        return redirect(url_for("firm.hub", assessment_id=here), 303)
    if following is None:
        return redirect(url_for("firm.check", assessment_id=here), 303)
    return redirect(url_for(".page", assessment_id=here, page_key=following), 303)
