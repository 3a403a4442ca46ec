"""One question's own page: who answered what and when, and what the firm's people say about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core.bank import Bank, Question
from survey.core.errors import NotFound
from survey.i18n import _, current_locale, lazy
from survey.services import assessments, comments, moving
from survey.services.assessments import Change
from survey.services.comments import CommentMissing, CommentTooLong
from survey.services.moving import Before
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.answer_words import Value, value_of
from survey.web.language import language_changed
from survey.web.limits import COMMENTING, limiter

bp = Blueprint("discussion", __name__)

MOST_LINES = 50
"""Lines of the history on one page."""

OUTCOMES = {
    "saved": lazy("Saved"),
    "cleared": lazy("Cleared"),
    "conflict": lazy("Not used then: another answer had been saved"),
    "late": lazy("Not used: a newer answer from the same page had already been saved"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt to change the answer."""

    author: str
    at: datetime
    before: Value
    after: Value
    outcome: str


@bp.get("/assessments/<int:assessment_id>/questions/<question_key>")
@allow(Role.FIRM)
def question(assessment_id: int, question_key: str) -> ResponseReturnValue:
    return _show(assessment_id, question_key, "", "")


@bp.route(
    "/assessments/<int:assessment_id>/questions/<question_key>/comments", methods=["GET", "POST"]
)
@allow(Role.FIRM)
@limiter.limit(COMMENTING, methods=["POST"])
def add(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """Where a comment was shown in the other language, its address may be asked for later."""
    text = request.form.get("text", "")
    here = url_for(
        ".question", assessment_id=assessment_id, question_key=question_key, skip=_skipped()
    )
    if request.method != "POST":
        assessments.hub(db.session(), actor(), assessment_id)
        return redirect(here, 303)
    if language_changed():
        return _show(assessment_id, question_key, text, "") if text else redirect(here, 303)
    try:
        comment = comments.add(
            db.session(),
            actor(),
            assessment_id,
            question_key,
            text=text,
            now=datetime.now(UTC),
        )
    except (CommentMissing, CommentTooLong) as error:
        db.session.rollback()
        fault = messages.for_error(error, current_locale())
        return _show(assessment_id, question_key, text, fault)
    comment_id = comment.id
    db.session.commit()
    return redirect(f"{here}#comment-{comment_id}", 303)


@bp.post("/assessments/<int:assessment_id>/comments/<int:comment_id>/withdraw")
@allow(Role.FIRM)
def withdraw(assessment_id: int, comment_id: int) -> ResponseReturnValue:
    comment = comments.withdraw(
        db.session(), actor(), assessment_id, comment_id, now=datetime.now(UTC)
    )
    question_key = comment.question_key
    db.session.commit()
    flash(_("Your comment has been withdrawn."), "success")
    return redirect(
        url_for(".question", assessment_id=assessment_id, question_key=question_key), 303
    )


def _show(assessment_id: int, question_key: str, text: str, fault: str) -> ResponseReturnValue:
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    earlier = moving.banks_before(session, assessment_id)
    times = _Times(question_key, earlier, state.bank)
    asked = times.latest
    if asked is None:
        raise NotFound
    skip = _skipped() or 0
    changes = assessments.history(
        session, who, assessment_id, question_key, most=MOST_LINES + 1, skip=skip
    )
    page = render_template(
        "firm/discussion.html",
        state=state,
        question=asked,
        page_key=state.bank.place_of.get(question_key),
        lines=[_line(times, change) for change in reversed(changes)][:MOST_LINES],
        older=skip + MOST_LINES if len(changes) > MOST_LINES else None,
        newer=max(0, skip - MOST_LINES) if skip else None,
        comments=comments.of_question(session, who, assessment_id, question_key),
        longest=comments.LONGEST,
        text=text,
        fault=fault,
        open=state.assessment.submitted_at is None and question_key in state.bank.questions,
        gone=question_key not in state.bank.questions,
        skip=skip or None,
    )
    return page, 422 if fault else 200


def _skipped() -> int | None:
    """How many newer lines of the history the reader has turned over."""
    return request.args.get("skip", type=row_number)


@dataclass(frozen=True, slots=True)
class _Times:
    """A question as it was asked at any time: an assessment may have moved to another version."""

    key: str
    earlier: Sequence[Before]
    bank: Bank

    @property
    def latest(self) -> Question | None:
        banks = (self.bank, *(each.bank for each in reversed(self.earlier)))
        return next(
            (bank.questions[self.key] for bank in banks if self.key in bank.questions), None
        )

    def until(self, at: datetime) -> Question | None:
        """As it was asked before what happened at this moment."""
        banks = [each.bank for each in self.earlier if each.until >= at]
        return (banks[0] if banks else self.bank).questions.get(self.key)

    def since(self, at: datetime) -> Question | None:
        banks = [each.bank for each in self.earlier if each.until > at]
        return (banks[0] if banks else self.bank).questions.get(self.key)


def _line(times: _Times, change: Change) -> Line:
    before, after = times.until(change.at), times.since(change.at)
    return Line(
        author=change.author,
        at=change.at,
        before=Value(None) if before is None else value_of(before, change.before),
        after=Value(None) if after is None else value_of(after, change.after),
        outcome=str(OUTCOMES[change.outcome]),
    )
