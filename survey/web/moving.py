"""The offer to go over to the newer version of a bank, and what became of the answers since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey import messages
from survey.core.bank import Question
from survey.core.carrying import Carried, Fate, replacement
from survey.core.errors import NotFound
from survey.core.version_diff import Sort
from survey.i18n import Later, _, current_locale, lazy, say
from survey.services import assessments, moving
from survey.services.assessments import AlreadySubmitted
from survey.services.moving import Became, MoveRefused
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.answer_words import Value, value_of
from survey.web.forms import PREFIX, fingerprint

bp = Blueprint("moving", __name__)

_NOT_POSSIBLE = lazy("This answer is not possible any more.")
_REPLACED = lazy(
    "This question was replaced by a new one that asks the same. Please answer that one after "
    "the move."
)
_NOT_ASKED = lazy("The question is not asked any more.")
_LOOK: Mapping[Sort, Later] = {
    Sort.REWORDED: lazy("the question is worded differently"),
    Sort.RESCORED: lazy("it is scored differently"),
    Sort.ANSWERING: lazy("other answers can be chosen"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One answer as it was and as it will be, each with its question."""

    key: str
    code: str
    before_asked: str
    after_asked: str
    was: Value
    will_be: Value
    why: tuple[Later, ...]
    partly: bool
    to_correct: bool


@bp.get("/assessments/<int:assessment_id>/move")
@allow(Role.OWNER)
def page(assessment_id: int) -> ResponseReturnValue:
    return _show(assessment_id, "")


@bp.post("/assessments/<int:assessment_id>/move")
@allow(Role.OWNER)
def move(assessment_id: int) -> ResponseReturnValue:
    session, now = db.session(), datetime.now(UTC)
    try:
        mark = request.form.get("seen", "")
        moving.move(session, actor(), assessment_id, mark=mark, now=now)
    except AlreadySubmitted:
        session.rollback()
        return redirect(url_for("firm.result", assessment_id=assessment_id), 303)
    except MoveRefused as error:
        session.rollback()
        return _show(assessment_id, messages.for_error(error, current_locale()))
    session.commit()
    flash(_("The assessment is on the new version now. Nothing else has changed."), "success")
    return redirect(url_for(".moves", assessment_id=assessment_id), 303)


@bp.get("/assessments/<int:assessment_id>/moves")
@allow(Role.FIRM)
def moves(assessment_id: int) -> ResponseReturnValue:
    """What became of the answers, as long as the assessment exists."""
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    made = moving.list_for(session, who, assessment_id)
    if not made:
        raise NotFound
    dropped = [line.key for one in made for line in one.of(Fate.DROPPED)]
    return render_template(
        "firm/moves.html",
        state=state,
        made=[
            (
                one,
                [(line, _became(line)) for line in one.of(Fate.CHANGED)],
                [(line, _became(line)) for line in one.of(Fate.DROPPED)],
            )
            for one in made
        ],
        beside=moving.beside(session, assessment_id, dropped),
        place_of=state.bank.place_of,
    )


def _show(assessment_id: int, fault: str) -> ResponseReturnValue:
    session, who = db.session(), actor()
    try:
        offer = moving.offer(session, who, assessment_id)
    except AlreadySubmitted:
        return redirect(url_for("firm.result", assessment_id=assessment_id), 303)
    except MoveRefused as error:
        flash(messages.for_error(error, current_locale()), "info")
        return redirect(url_for("firm.hub", assessment_id=assessment_id), 303)
    questions = offer.new.questions
    new = [questions[key] for key in offer.carrying.new]
    page = render_template(
        "firm/move.html",
        offer=offer,
        fault=fault,
        kept=offer.carrying.of(Fate.KEPT),
        changed=[_line(one) for one in offer.carrying.of(Fate.CHANGED)],
        dropped=[(_line(one), _why(one, new)) for one in offer.carrying.of(Fate.DROPPED)],
        new=new,
        altered=[questions[key] for key in offer.carrying.altered],
        shorter=bool(offer.assessment.edition) and not offer.edition,
    )
    return page, 409 if fault else 200


def _line(one: Carried) -> Line:
    after = one.after or one.before
    return Line(
        key=one.key,
        code=after.code or "",
        before_asked=say(one.before.prompt),
        after_asked=say(after.prompt),
        was=value_of(one.before, one.was),
        will_be=value_of(after, one.becomes),
        why=tuple(_LOOK[sort] for sort in one.sorts),
        partly=one.partly,
        to_correct=one.to_correct,
    )


def _why(dropped: Carried, new: Sequence[Question]) -> Later:
    if dropped.after is not None:
        return _NOT_POSSIBLE
    return _NOT_ASKED if replacement(dropped.before, new) is None else _REPLACED


def _became(line: Became) -> tuple[Value, Value]:
    return value_of(line.before, line.was), value_of(line.after or line.before, line.became)


# -------------------------------------------------- pages that were open before


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed for a question that does not stand on the page any more."""

    asked: str
    page_key: str | None
    question_key: str
    words: tuple[str, ...]


_BESIDE = frozenset({"seen", "keep", "clash"})
"""What a page sends beside what was typed."""


def left_over(
    assessment_id: int, form: MultiDict[str, str], known: Sequence[str]
) -> tuple[Typed, ...]:
    """What a page sent of questions that it does not have since a move, if it was changed.

    Raises NotFound for everybody but the firm's own people.
    """
    names = {
        name.removeprefix(PREFIX).removesuffix(".seen")
        for name in form
        if name.startswith(PREFIX) and name.endswith(".seen")
    }
    if not names.difference(known) or not moving.has_moved(db.session(), assessment_id):
        return ()
    asked = {
        key: question
        for before in moving.banks_before(db.session(), assessment_id)
        for key, question in before.bank.questions.items()
        if key in names and key not in known
    }
    bank, _digest = assessments.asked(db.session(), actor(), assessment_id)
    typed = _typed(form, asked.keys())
    return tuple(
        Typed(
            say(question.prompt),
            bank.place_of.get(key),
            key,
            value_of(question, {"typed": typed[key]}).typed,
        )
        for key, question in asked.items()
        if fingerprint(typed[key]) != form[f"{PREFIX}{key}.seen"].partition(".")[2]
    )


def _typed(form: MultiDict[str, str], keys: Collection[str]) -> dict[str, dict[str, list[str]]]:
    """What was typed for each of these questions: the form is gone through once."""
    found: dict[str, dict[str, list[str]]] = {key: {} for key in keys}
    for name in form:
        key, _dot, field = name.removeprefix(PREFIX).partition(".")
        if name.startswith(PREFIX) and key in found and field not in _BESIDE:
            found[key][field] = form.getlist(name)
    return found


def asked_before(assessment_id: int, key: str) -> Question | None:
    """A question as one of the earlier versions asked it, the latest of them."""
    banks = [each.bank for each in moving.banks_before(db.session(), assessment_id)]
    found = (bank.questions[key] for bank in reversed(banks) if key in bank.questions)
    return next(found, None)


def not_taken(assessment_id: int, left: Sequence[Typed]) -> ResponseReturnValue:
    """Say that the assessment has moved on, and give back what was typed.

    Raises NotFound for everybody but the firm's own people, and where nothing was moved.
    """
    bank, _digest = assessments.asked(db.session(), actor(), assessment_id)
    if not moving.has_moved(db.session(), assessment_id):
        raise NotFound
    page = render_template("firm/moved_on.html", assessment_id=assessment_id, bank=bank, left=left)
    return page, 409
