"""An assessment from its start to its result: open a page, save answers, submit, look back.

Whatever is done with an assessment is done with its bank in the edition that it answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from survey.core import advice, answers, conditions, scoring
from survey.core.answers import Answer, BadAnswers, PlainAnswer
from survey.core.bank import OUTCOMES, PROFILE, Bank, Profile, Section
from survey.core.editions import FULL
from survey.core.errors import BadAnswer, NotFound, Problem, SurveyError, quoted
from survey.core.plain import plain
from survey.core.progress import Progress, progress
from survey.core.result import Result
from survey.core.what_if import Difference, compare
from survey.services import printable, targets
from survey.services.answer_rows import Conflict, Writer, in_order, plain_of, rows_of
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_belong, must_own, must_see_firm
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import AnswerChange, Assessment, BankVersion, Firm, User


class BankNotOpen(SurveyError):
    """This cannot be started: not published, retired, or no edition of the bank."""

    code = "bank-not-open"


class AlreadySubmitted(SurveyError):
    """A submitted assessment keeps its answers."""

    code = "already-submitted"


class AlreadyFull(SurveyError):
    """A submitted assessment of the whole bank has nothing to go on to."""

    code = "already-full"


class NotSubmitted(SurveyError):
    """There is a result only after the assessment was submitted."""

    code = "not-submitted"


class NotComplete(SurveyError):
    """Questions are open; `missing` names them in reading order."""

    code = "not-complete"

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(count=len(missing))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class State:
    """An assessment with everything answered so far; it comes with its firm and bank version.

    `answers` and `plain` hold what is answered, `revisions` also what was cleared. `bank` is the
    edition that is answered.
    """

    assessment: Assessment
    bank: Bank
    answers: Mapping[str, Answer]
    plain: Mapping[str, PlainAnswer]
    revisions: Mapping[str, int]
    visible: frozenset[str]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Page(State):
    """One page of the questionnaire, with the state of the whole."""

    page: Section | Profile


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of each value given: stored under a revision, refused, or in conflict."""

    saved: Mapping[str, int]
    refused: tuple[Problem, ...]
    conflicts: tuple[Conflict, ...]
    visible: frozenset[str]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """A submitted assessment, scored."""

    assessment: Assessment
    firm: Firm
    bank: Bank
    bank_digest: str
    answers: Mapping[str, Answer]
    plain: Mapping[str, PlainAnswer]
    result: Result
    targets: Mapping[str, int]
    plan: advice.Plan


@dataclass(frozen=True, slots=True)
class GoneOn:
    """The assessment to go on with, and what became of it.

    `begun` tells that it is new, `widened` that it was under way and asked fewer questions
    before; `copied` counts the answers that it took over.
    """

    assessment: Assessment
    begun: bool
    widened: bool
    copied: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A result beside the one that other answers would give. Nothing of the second is stored.

    `changes` are the answers that differ, in their normal form; None stands for a cleared one.
    """

    before: Outcome
    supposed: Outcome
    changes: Mapping[str, PlainAnswer | None]
    visible: frozenset[str]
    difference: Difference

    @property
    def after(self) -> Result:
        return self.supposed.result


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an answer's history."""

    revision: int
    before: PlainAnswer | None
    after: PlainAnswer | None
    author: str
    at: datetime
    outcome: str


# --------------------------------------------------------------- start and list


def start(
    session: Session, actor: Actor, *, version_id: int, edition: str = FULL, now: datetime
) -> Assessment:
    """Begin to answer a bank, or go on with the assessment of it that is under way.

    The one under way stays in its edition, whichever was asked for: `go_on` changes that.

    Raises NotFound for people without a firm, BankNotOpen.
    """
    version = session.get(BankVersion, version_id) if actor.firm_id is not None else None
    if version is None:
        raise NotFound
    if (present := _under_way(session, actor.firm_id, version_id)) is not None:
        return present
    _must_be_open(session, version, edition)
    return _begun(session, actor, version_id, edition, now)[0]


def go_on(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> GoneOn:
    """Go on from an edition to the whole bank, with every answer and target given so far.

    A draft only changes its edition, and one of the whole bank stays as it is. A submitted
    assessment stays too: its answers are copied into the assessment of the same version that is
    under way, whatever the edition of that one was, or into a new one. Each is copied with a
    line of history; what was answered or cleared there already stays as it is.

    Raises NotFound for everybody but the firm's own people, AlreadyFull, BankNotOpen.
    """
    begin_write(session)
    assessment = _assessment(session, assessment_id, lock=_ALONE)
    must_belong(actor, assessment.firm_id)
    if assessment.submitted_at is None:
        return GoneOn(assessment, begun=False, widened=_widen(session, assessment), copied=0)
    if assessment.edition == FULL:
        raise AlreadyFull
    version, begun = assessment.bank_version, False
    draft = _under_way_alone(session, actor.firm_id, version.id)
    if draft is None:
        _must_be_open(session, version, FULL)
        draft, begun = _begun(session, actor, version.id, FULL, now)
    widened = _widen(session, draft)
    writer = Writer(session, draft.id, actor.user_id, now)
    missing = _missing_in(session, assessment_id, draft.id)
    for key in sorted(missing):
        writer.write(key, missing[key], None, 0)
    targets.copy(session, assessment_id, draft.id, by=actor.user_id, now=now)
    return GoneOn(draft, begun=begun, widened=widened, copied=len(missing))


def adds_to_draft(session: Session, actor: Actor, assessment_id: int) -> bool:
    """Whether going on from a submitted edition would change the assessment that is under way.

    No without one. Raises NotFound for everybody but the firm's own people.
    """
    assessment = _assessment(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    draft = _under_way(session, actor.firm_id, assessment.bank_version_id)
    if draft is None or assessment.submitted_at is None or assessment.edition == FULL:
        return False
    return draft.edition != FULL or bool(_missing_in(session, assessment_id, draft.id))


def under_way(session: Session, actor: Actor, version_id: int) -> Assessment | None:
    """The one assessment of this bank version that the actor's firm has not submitted yet."""
    return _under_way(session, actor.firm_id, version_id)


def _under_way(session: Session, firm_id: int | None, version_id: int) -> Assessment | None:
    return session.scalar(_drafts(firm_id, version_id))


def _under_way_alone(session: Session, firm_id: int | None, version_id: int) -> Assessment | None:
    """The same, which nobody else changes meanwhile; None if it was submitted at this moment."""
    query = _drafts(firm_id, version_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def _drafts(firm_id: int | None, version_id: int) -> Select[Assessment]:
    return select(Assessment).where(
        Assessment.firm_id == firm_id,
        Assessment.bank_version_id == version_id,
        Assessment.submitted_at.is_(None),
    )


def _widen(session: Session, draft: Assessment) -> bool:
    """Make it ask the whole bank; say whether that is more than before."""
    if draft.edition == FULL:
        return False
    draft.edition = FULL
    session.flush()
    return True


def _missing_in(session: Session, source_id: int, draft_id: int) -> dict[str, dict[str, Any]]:
    """The answers that a draft lacks. One that was cleared there was taken away on purpose."""
    present = rows_of(session, draft_id)
    return {
        key: row.plain
        for key, row in rows_of(session, source_id).items()
        if row.plain is not None and key not in present
    }


def _must_be_open(session: Session, version: BankVersion, edition: str) -> None:
    """Raises BankNotOpen."""
    if version.published_at is None or version.retired_at is not None:
        raise BankNotOpen
    bank = bank_by_digest(session, version.id, version.digest)
    if edition not in (FULL, *(each.key for each in bank.editions)):
        raise BankNotOpen


def _begun(
    session: Session, actor: Actor, version_id: int, edition: str, now: datetime
) -> tuple[Assessment, bool]:
    """A new assessment, or the one that a colleague began at this moment; and which it is."""
    new = insert_if_absent(
        session,
        Assessment,
        firm_id=actor.firm_id,
        bank_version_id=version_id,
        edition=edition,
        started_at=now,
        started_by=actor.user_id,
    )
    begun = _under_way_alone(session, actor.firm_id, version_id)
    assert begun is not None  # the unique index let nobody take it away
    return begun, new


def list_for_firm(session: Session, actor: Actor, firm_id: int) -> Sequence[Assessment]:
    """The firm's assessments, newest first, each with its `bank_version`. Raises NotFound."""
    must_see_firm(session, actor, firm_id)
    return session.scalars(
        select(Assessment)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.bank_version))
        .where(Assessment.firm_id == firm_id)
        .order_by(Assessment.started_at.desc(), Assessment.id.desc())
    ).all()


# ------------------------------------------------------------------------ look


def hub(session: Session, actor: Actor, assessment_id: int) -> State:
    """The state of every page, for the firm's own people. Raises NotFound."""
    assessment = _assessment(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    return _state(session, assessment)


def open_page(session: Session, actor: Actor, assessment_id: int, page_key: str) -> Page:
    """One page with the answers given so far, for the firm's own people. Raises NotFound."""
    state = hub(session, actor, assessment_id)
    if page_key not in state.progress.pages:
        raise NotFound
    bank = state.bank
    facts = {PROFILE: bank.profile, OUTCOMES: bank.outcomes}
    return Page(
        assessment=state.assessment,
        bank=bank,
        answers=state.answers,
        plain=state.plain,
        revisions=state.revisions,
        visible=state.visible,
        progress=state.progress,
        page=facts.get(page_key) or bank.section(page_key),
    )


def outcome(session: Session, actor: Actor, assessment_id: int) -> Outcome:
    """The scores and the advice, for everybody who may see the firm.

    Raises NotFound, NotSubmitted.
    """
    assessment = _assessment(session, assessment_id)
    must_see_firm(session, actor, assessment.firm_id)
    return outcome_of(session, assessment)


def outcome_of(session: Session, assessment: Assessment) -> Outcome:
    """Score what is stored, whoever asks. The assessment comes with its firm and version.

    Raises NotSubmitted.
    """
    if assessment.submitted_at is None:
        raise NotSubmitted
    given = plain_of(rows_of(session, assessment.id))
    aims = targets.levels_of(session, assessment.id)
    return _scored(assessment, _bank(session, assessment), given, aims)


def _scored(
    assessment: Assessment,
    bank: Bank,
    given: Mapping[str, PlainAnswer],
    aims: Mapping[str, int],
) -> Outcome:
    read = in_order(bank, given)
    result = scoring.score(bank, read)
    return Outcome(
        assessment=assessment,
        firm=assessment.firm,
        bank=bank,
        bank_digest=assessment.bank_version.digest,
        answers=read,
        plain=given,
        result=result,
        targets=aims,
        plan=advice.plan(bank, read, result, aims),
    )


def what_if(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    changes: Mapping[str, PlainAnswer | None],
) -> WhatIf:
    """What other answers would give, for everybody who may see the firm. Touches nothing.

    None takes an answer away. What says the same as the answer that is stored is no change, and
    a changed answer that a condition hides counts for nothing until it applies.

    Raises NotFound, NotSubmitted, BadAnswers with every answer that cannot be taken.
    """
    before = outcome(session, actor, assessment_id)
    bank = before.bank
    wanted, refused = _normal(bank, changes)
    if refused:
        raise BadAnswers(refused)
    differing = {key: value for key, value in wanted.items() if value != before.plain.get(key)}
    later = {key: v for key, v in {**before.plain, **differing}.items() if v is not None}
    supposed = _scored(before.assessment, bank, later, before.targets)
    return WhatIf(
        before=before,
        supposed=supposed,
        changes=differing,
        visible=conditions.visible(bank, supposed.answers),
        difference=compare(before.result, supposed.result),
    )


def history(
    session: Session, actor: Actor, assessment_id: int, question_key: str
) -> tuple[Change, ...]:
    """Every attempt to answer one question, oldest first, for the firm's own people.

    Raises NotFound.
    """
    must_belong(actor, _assessment(session, assessment_id).firm_id)
    rows = session.execute(
        select(AnswerChange, User.name)
        .join(User, User.id == AnswerChange.author_id)
        .where(
            AnswerChange.assessment_id == assessment_id,
            AnswerChange.question_key == question_key,
        )
        .order_by(AnswerChange.id)
    )
    return tuple(
        Change(change.revision, change.before, change.after, name, change.at, change.outcome)
        for change, name in rows
    )


def _assessment(
    session: Session, assessment_id: int, *, lock: Mapping[str, bool] | None = None
) -> Assessment:
    """The assessment with its firm and bank version. Raises NotFound."""
    query = (
        select(Assessment)
        .join(Assessment.firm)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.firm), contains_eager(Assessment.bank_version))
        .where(Assessment.id == assessment_id)
        .execution_options(populate_existing=True)
    )
    if lock is not None:
        query = query.with_for_update(of=Assessment, **lock)
    assessment = session.scalar(query)
    if assessment is None:
        raise NotFound
    return assessment


_AGAINST_SUBMIT: Mapping[str, bool] = {"read": True}
"""Several may save at once, but nobody while the assessment is being submitted."""

_ALONE: Mapping[str, bool] = {}


def _bank(session: Session, assessment: Assessment) -> Bank:
    """The bank as this assessment answers it."""
    version = assessment.bank_version
    return bank_by_digest(session, version.id, version.digest, assessment.edition)


def _state(session: Session, assessment: Assessment) -> State:
    bank = _bank(session, assessment)
    rows = rows_of(session, assessment.id)
    given = plain_of(rows)
    read = in_order(bank, given)
    return State(
        assessment=assessment,
        bank=bank,
        answers=read,
        plain=given,
        revisions={key: row.revision for key, row in rows.items()},
        visible=conditions.visible(bank, read),
        progress=progress(bank, read),
    )


# ------------------------------------------------------------------------ save


def save(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    given: Mapping[str, PlainAnswer | None],
    seen: Mapping[str, int],
    now: datetime,
    fonts_folder: Path | None = None,
) -> Saved:
    """Store each value on its own, if nobody changed that answer since the revision `seen`.

    None clears an answer; a question never answered was seen at revision 0. What is stored
    already is no conflict. Values that cannot be taken are refused one by one; the others are
    stored all the same. With the report's fonts, so is what these could not print.

    Raises NotFound for everybody but the firm's own people, AlreadySubmitted.
    """
    begin_write(session)
    assessment = _assessment(session, assessment_id, lock=_AGAINST_SUBMIT)
    must_belong(actor, assessment.firm_id)
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    bank = _bank(session, assessment)
    rows = rows_of(session, assessment_id)
    wanted, refused = _sorted_out(bank, plain_of(rows), given)
    if fonts_folder is not None:
        unprintable = printable.problems(wanted, fonts_folder)
        refused += unprintable
        wanted = {k: wanted[k] for k in wanted.keys() - {each.place for each in unprintable}}
    writer = Writer(session, assessment_id, actor.user_id, now)
    saved: dict[str, int] = {}
    conflicts: list[Conflict] = []
    for key in sorted(wanted):  # one order for everybody, or two savers could wait in a circle
        row = writer.write(key, wanted[key], rows.get(key), seen.get(key, 0))
        if row.plain == wanted[key]:
            saved[key] = row.revision
        else:
            conflicts.append(writer.conflict(key, wanted[key], row))
        rows[key] = row
    read = in_order(bank, plain_of(rows))
    return Saved(
        saved, refused, tuple(conflicts), conditions.visible(bank, read), progress(bank, read)
    )


_Wanted = dict[str, dict[str, Any] | None]


def _sorted_out(
    bank: Bank, present: Mapping[str, PlainAnswer], given: Mapping[str, PlainAnswer | None]
) -> tuple[_Wanted, tuple[Problem, ...]]:
    """Divide what was given into values in their normal form, and refusals.

    Whether a question applies is judged by the answers as they would be afterwards. What is
    stored already is taken again even if the question does not apply any more.
    """
    wanted, refused = _normal(bank, given)
    later = {key: value for key, value in {**present, **wanted}.items() if value is not None}
    shown = conditions.visible(bank, in_order(bank, later))
    for key in [key for key in wanted if key in later and key not in shown]:
        if later[key] != present.get(key):
            refused += (Problem("answer-hidden", key, {"question": key}),)
            del wanted[key]
    return wanted, refused


def _normal(
    bank: Bank, given: Mapping[str, PlainAnswer | None]
) -> tuple[_Wanted, tuple[Problem, ...]]:
    """Bring values into their normal form; those that their question cannot take are refused."""
    wanted: _Wanted = {}
    refused: list[Problem] = []
    for key, value in given.items():
        question = bank.questions.get(key)
        if question is None:
            refused.append(Problem("answer-unknown-question", key, {"question": quoted(key)}))
        elif value is None:
            wanted[key] = None
        else:
            try:
                wanted[key] = answers.to_plain(question, answers.read(question, value))
            except BadAnswer as error:
                refused.append(Problem(error.code, key, error.facts))
    return wanted, tuple(refused)


# ---------------------------------------------------------------------- submit


def submit(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    now: datetime,
    fonts_folder: Path | None = None,
) -> Assessment:
    """Hand the answers in, for good, and keep the scores of this moment with them.

    Raises NotFound, OwnerOnly, AlreadySubmitted, NotComplete with every open question;
    don't know is an answer here. With the report's fonts, BadAnswers with those that were saved
    before these were asked and could not be printed.
    """
    begin_write(session)
    assessment = _assessment(session, assessment_id, lock=_ALONE)
    must_own(actor, assessment.firm_id)
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    state = _state(session, assessment)
    if state.progress.missing:
        raise NotComplete(state.progress.missing)
    if fonts_folder is not None:
        _must_be_printable(state, fonts_folder)
    assessment.result = plain(scoring.score(state.bank, state.answers))
    assessment.submitted_at, assessment.submitted_by = now, actor.user_id
    session.flush()
    return assessment


def _must_be_printable(state: State, fonts_folder: Path) -> None:
    shown = {key: value for key, value in state.plain.items() if key in state.visible}
    if unprintable := printable.problems(shown, fonts_folder):
        raise BadAnswers(unprintable)
