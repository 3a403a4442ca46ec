"""Storing what a page of questions sent, and saying in its fields what became of it.

A page that is sent whole and an answer that is sent alone go the same way.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from survey import messages
from survey.core.answers import DontKnow, Evidence, Excluded, PlainAnswer, read, typed_of
from survey.core.bank import Question
from survey.core.errors import BadAnswer, Problem
from survey.core.parts import Said, Typed
from survey.core.said import said
from survey.i18n import current_locale
from survey.services import assessments, autosave
from survey.services.answer_rows import Conflict, Sent
from survey.services.assessments import Saved
from survey.services.glance import Before
from survey.store.site import db
from survey.web.access import actor
from survey.web.answer_words import typed_words
from survey.web.forms import Clash, PageForm, seen_mark, sentence
from survey.web.wiring import settings


def save_page(assessment_id: int, sent: PageForm) -> Saved:
    """Store what changed, what is wrong as it was typed; faults get into the fields' errors."""
    return _save(sent, partial(assessments.save, db.session(), actor(), assessment_id))


def save_answer(assessment_id: int, sent: PageForm, name: Sent, before: Before | None) -> Saved:
    """The same for a form of one question, whose attempt has a name."""
    names = dict.fromkeys(sent.questions, name)
    if before is None:
        act = partial(assessments.save, db.session(), actor(), assessment_id, sent=names)
    else:
        act = partial(autosave.save, db.session(), actor(), before, sent=names, commits_itself=True)
    return _save(sent, act)


def _save(sent: PageForm, act: Callable[..., Saved]) -> Saved:
    sent.validate()
    changed = {key: field for key, field in sent.questions.items() if field.changed}
    for key in sent.questions.keys() - changed.keys():
        sent.questions[key].errors = []  # its reader has been told before
    now = datetime.now(UTC)
    saved = act(
        given={key: field.data for key, field in changed.items()},
        seen={key: field.seen_revision for key, field in changed.items()},
        typed={key: field.typed for key, field in changed.items()},
        now=now,
        fonts_folder=settings().fonts_folder,
    )
    db.session.commit()
    for key in saved.kept:
        sent.questions[key].kept = True
    complain(sent, {**saved.kept, **{problem.place: problem for problem in saved.refused}})
    for conflict in saved.conflicts:
        field = sent.questions[conflict.key]
        field.conflict = _clash(field.question, conflict, now)
        field.theirs = conflict.theirs
        field.seen = seen_mark(conflict.revision, field.shown(conflict.theirs))
        facts = {"question": field.question.prompt.in_(current_locale())}
        field.errors = [messages.sentence("answer-conflict", facts, current_locale())]
    return saved


def complain(form: PageForm, problems: Mapping[str, Problem]) -> None:
    """Say what is wrong, unless the form has found a better reason itself."""
    for key, problem in problems.items():
        field = form.questions[key]
        error = BadAnswer(problem.code, **problem.facts)
        field.errors = field.errors or [sentence(field.question, error, current_locale())]


def _clash(question: Question, conflict: Conflict, now: datetime) -> Clash:
    return Clash(
        name=conflict.their_name,
        own=conflict.their_id == actor().user_id,
        time=conflict.their_time,
        my_time=now,
        mine=in_words(question, conflict.mine),
        theirs=in_words(question, conflict.theirs),
        my_evidence=evidence_named(question, conflict.mine),
        their_evidence=evidence_named(question, conflict.theirs),
    )


def in_words(question: Question, plain: PlainAnswer | None) -> Said | None:
    """An answer in words; a draft as it was typed."""
    if plain is None:
        return None
    if (draft := typed_of(plain)) is not None:
        return Said(None, Typed(" · ".join(typed_words(question, draft))))
    return said(question, read(question, plain))


def evidence_named(question: Question, plain: PlainAnswer | None) -> Evidence | None:
    """The evidence that an answer names; a draft and no answer have none."""
    if plain is None or typed_of(plain) is not None:
        return None
    answer = read(question, plain)
    return None if isinstance(answer, DontKnow | Excluded) else answer.evidence
