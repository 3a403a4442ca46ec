"""An assessment from its start to its result: open a page, save answers, submit, look back.

Whatever is done with an assessment is done with its bank in the edition that it answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session, contains_eager

from survey.core import advice, answers, scoring
from survey.core.answers import Answer, BadAnswers, PlainAnswer, Typed
from survey.core.bank import OUTCOMES, PROFILE, Bank, Profile, Section
from survey.core.editions import FULL
from survey.core.errors import BadAnswer, NotFound, Problem, SurveyError, quoted
from survey.core.plain import plain
from survey.core.progress import Progress, progress
from survey.core.result import Result
from survey.services import assignments, audit, printable, targets
from survey.services.answer_rows import (
    SENT_BEFORE,
    Attempt,
    Conflict,
    Fate,
    Sent,
    Writer,
    in_order,
    line_of,
    lines_of,
    plain_of,
    read_of,
    read_rows,
    rows_listed,
    rows_of,
    told_apart,
)
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_belong, must_own, must_see_firm
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import AnswerChange, AnswerRow, Assessment, BankVersion, Firm, User


class BankNotOpen(SurveyError):
    """This cannot be started: not published, retired, or no edition of the bank."""

    code = "bank-not-open"


class AlreadySubmitted(SurveyError):
    """A submitted assessment keeps its answers."""

    code = "already-submitted"


class NotSubmitted(SurveyError):
    """There is a result only after the assessment was submitted."""

    code = "not-submitted"


class NotComplete(SurveyError):
    """Questions are open (`missing`) or have a draft (`wrong`), each in reading order."""

    code = "not-complete"

    def __init__(self, missing: tuple[str, ...], wrong: tuple[str, ...]) -> None:
        super().__init__(count=len(missing) + len(wrong))
        self.missing, self.wrong = missing, wrong


@dataclass(frozen=True, slots=True)
class State:
    """An assessment with everything answered so far; it comes with its firm and bank version.

    `answers` and `plain` hold what is answered, `wrong` what is typed where a question cannot take
    it, `revisions` also what was cleared. All three hold hidden questions as well. `bank` is the
    edition that is answered.
    """

    assessment: Assessment
    bank: Bank
    answers: Mapping[str, Answer]
    plain: Mapping[str, PlainAnswer]
    wrong: Mapping[str, Typed]
    revisions: Mapping[str, int]
    visible: frozenset[str]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Page(State):
    """One page of the questionnaire, with the state of the whole."""

    page: Section | Profile


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of each value given.

    `saved` has the revisions of what is stored; of these `kept` are drafts, each with the reason
    why it cannot be taken. `late` has the present revisions of what the same page has replaced
    since. `refused` is stored nowhere.
    """

    saved: Mapping[str, int]
    kept: Mapping[str, Problem]
    late: Mapping[str, int]
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
    """Start answering a bank, or go on with the assessment of it that is under way.

    The one under way stays in its edition, whichever was asked for: `going_on.go_on` changes
    that. A new one is told which round came before: `rounds.offered` has its answers.

    Raises NotFound for people without a firm, NotAllSections, BankNotOpen.
    """
    version = session.get(BankVersion, version_id) if actor.firm_id is not None else None
    if version is None:
        raise NotFound
    assignments.must_answer_all(actor)
    if (present := _under_way(session, actor.firm_id, version_id)) is not None:
        return present
    must_be_open(session, version, edition)
    before = _newest_submitted(session, actor.firm_id, version.bank_key)
    return begin_new(session, actor, version_id, edition, before, now)[0]


def under_way(session: Session, actor: Actor, version_id: int) -> Assessment | None:
    """The one assessment of this bank version that the actor's firm has not submitted yet."""
    return _under_way(session, actor.firm_id, version_id)


def _under_way(session: Session, firm_id: int | None, version_id: int) -> Assessment | None:
    return session.scalar(_drafts(firm_id, version_id))


def under_way_alone(session: Session, firm_id: int | None, version_id: int) -> Assessment | None:
    """The same, which nobody else changes meanwhile; None if it was submitted at this moment."""
    query = _drafts(firm_id, version_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def _drafts(firm_id: int | None, version_id: int) -> Select[Assessment]:
    return select(Assessment).where(
        Assessment.firm_id == firm_id,
        Assessment.bank_version_id == version_id,
        Assessment.submitted_at.is_(None),
        Assessment.discarded_at.is_(None),
    )


def must_be_open(session: Session, version: BankVersion, edition: str) -> None:
    """Raises BankNotOpen."""
    if version.published_at is None or version.retired_at is not None:
        raise BankNotOpen
    bank = bank_by_digest(session, version.id, version.digest)
    if edition not in (FULL, *(each.key for each in bank.editions)):
        raise BankNotOpen


def _newest_submitted(session: Session, firm_id: int | None, bank_key: str) -> int | None:
    """The firm's last round by the same bank, in whatever version and edition."""
    return session.scalar(
        select(Assessment.id)
        .join(Assessment.bank_version)
        .where(
            Assessment.firm_id == firm_id,
            Assessment.submitted_at.is_not(None),
            BankVersion.bank_key == bank_key,
        )
        .order_by(Assessment.submitted_at.desc(), Assessment.id.desc())
        .limit(1)
    )


def begin_new(
    session: Session,
    actor: Actor,
    version_id: int,
    edition: str,
    previous_id: int | None,
    now: datetime,
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
        previous_id=previous_id,
    )
    begun = under_way_alone(session, actor.firm_id, version_id)
    assert begun is not None  # the unique index let nobody take it away
    return begun, new


def list_for_firm(session: Session, actor: Actor, firm_id: int) -> Sequence[Assessment]:
    """The firm's assessments, newest first, each with its `bank_version`. Raises NotFound."""
    must_see_firm(session, actor, firm_id)
    return session.scalars(
        select(Assessment)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.bank_version))
        .where(Assessment.firm_id == firm_id, Assessment.discarded_at.is_(None))
        .order_by(Assessment.started_at.desc(), Assessment.id.desc())
    ).all()


# ------------------------------------------------------------------------ look


def hub(session: Session, actor: Actor, assessment_id: int) -> State:
    """The state of every page, for the firm's own people. Raises NotFound."""
    assessment = assessment_of(session, assessment_id)
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
        wrong=state.wrong,
        revisions=state.revisions,
        visible=state.visible,
        progress=state.progress,
        page=facts.get(page_key) or bank.section(page_key),
    )


def asked(session: Session, actor: Actor, assessment_id: int) -> tuple[Bank, str]:
    """The bank as the actor's own firm answers it here, and its digest. Raises NotFound."""
    assessment = assessment_of(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    return _bank(session, assessment), assessment.bank_version.digest


def must_have_page(session: Session, actor: Actor, assessment_id: int, page_key: str) -> None:
    """Raises NotFound unless this is a page of an assessment of the actor's own firm."""
    bank, _digest = asked(session, actor, assessment_id)
    if page_key not in bank.place_of.values():
        raise NotFound


def bank_of(session: Session, actor: Actor, assessment_id: int) -> Bank:
    """The bank as this assessment answers it, for everybody who may see the firm.

    Raises NotFound.
    """
    assessment = assessment_of(session, assessment_id)
    must_see_firm(session, actor, assessment.firm_id)
    return _bank(session, assessment)


def outcome(session: Session, actor: Actor, assessment_id: int) -> Outcome:
    """The scores and the advice, for everybody who may see the firm.

    Raises NotFound, NotSubmitted.
    """
    assessment = assessment_of(session, assessment_id)
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
    return scored(assessment, _bank(session, assessment), given, aims)


def scored(
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


def history(
    session: Session,
    actor: Actor,
    assessment_id: int,
    question_key: str,
    *,
    most: int | None = None,
    skip: int = 0,
) -> tuple[Change, ...]:
    """Every attempt to answer one question, oldest first, for the firm's own people.

    With `most` only so many, the newest apart from those to `skip`. Raises NotFound.
    """
    must_belong(actor, assessment_of(session, assessment_id).firm_id)
    rows = session.execute(
        select(AnswerChange, User.name)
        .join(User, User.id == AnswerChange.author_id)
        .where(
            AnswerChange.assessment_id == assessment_id,
            AnswerChange.question_key == question_key,
        )
        .order_by(AnswerChange.id.desc())
        .limit(most)
        .offset(skip)
    ).all()
    return tuple(
        Change(change.revision, change.before, change.after, name, change.at, change.outcome)
        for change, name in reversed(rows)
    )


def assessment_of(session: Session, assessment_id: int, *, alone: bool = False) -> Assessment:
    """The assessment with its firm and bank version, perhaps locked.

    Raises NotFound, also for one that is discarded.
    """
    query = (
        select(Assessment)
        .join(Assessment.firm)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.firm), contains_eager(Assessment.bank_version))
        .where(Assessment.id == assessment_id, Assessment.discarded_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if alone:
        # a new round that names this one as the last must not wait for it, nor it for that
        query = query.with_for_update(of=Assessment, key_share=True)
    # Whoever waited until it had moved to another version finds no row: it is asked for again.
    assessment = session.scalar(query) or session.scalar(query)
    if assessment is None:
        raise NotFound
    return assessment


def _bank(session: Session, assessment: Assessment) -> Bank:
    """The bank as this assessment answers it."""
    version = assessment.bank_version
    return bank_by_digest(session, version.id, version.digest, assessment.edition)


def _state(session: Session, assessment: Assessment) -> State:
    bank = _bank(session, assessment)
    rows = rows_of(session, assessment.id)
    read, drafts = read_of(bank, assessment.bank_version.digest, rows)
    counted = progress(bank, read, drafts)
    plain, wrong = told_apart(rows)
    return State(
        assessment=assessment,
        bank=bank,
        answers=read,
        plain=plain,
        wrong=wrong,
        revisions={key: row.revision for key, row in rows.items()},
        visible=counted.visible,
        progress=counted,
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
    typed: Mapping[str, Typed] | None = None,
    sent: Mapping[str, Sent] | None = None,
) -> Saved:
    """Store each value on its own, if nobody changed that answer since the revision `seen`.

    None clears an answer; a question never answered was seen at revision 0. What is stored
    already is no conflict, and what does not apply at the moment is stored all the same. `sent`
    names attempts that may be sent again or arrive late; `Writer.take` says what becomes of them.

    What a question cannot take, or with the report's fonts what these could not print, is kept
    as it was `typed`; without that it is refused. The others are stored all the same.

    Raises NotFound for everybody but the firm's own people; AlreadySubmitted and NotYourSection
    unless all of it was sent before.
    """
    begin_write(session)
    names = sent or {}
    facts = {
        "assessment": assessment_id,
        "author": actor.user_id,
        "keys": [each.key for each in names.values()],
    }
    connection = session.connection()
    saved_into = _saved_into(connection.dialect.name)
    # As in `assessment_of`: PostgreSQL looks up the version anew only in a new statement.
    found = (
        connection.execute(saved_into, facts).all() or connection.execute(saved_into, facts).all()
    )
    if not found:
        raise NotFound
    firm_id, edition, submitted_at, version_id, digest, stored = found[0][:6]
    must_belong(actor, firm_id)
    lines = lines_of(line[6:] for line in found)
    bank = bank_by_digest(session, version_id, digest, edition)
    values, kept, refused = sorted_out(bank, given, typed or {}, fonts_folder)
    attempts = [  # in one order for everybody, or two savers could wait in a circle
        Attempt(key, values[key], seen.get(key, 0), names.get(key)) for key in sorted(values)
    ]
    if new := [each.key for each in attempts if line_of(each, lines) is None]:
        if submitted_at is not None:
            raise AlreadySubmitted
        pages = {bank.place_of[key] for key in new}
        assignments.must_answer(session, actor, assessment_id, pages)
    rows = read_rows(stored)
    writer = Writer(session, assessment_id, actor.user_id, now)
    saved: dict[str, int] = {}
    late: dict[str, int] = {}
    conflicts: list[Conflict] = []
    for attempt in attempts:
        taken = writer.take(attempt, rows.get(attempt.key), line_of(attempt, lines))
        if taken.fate is Fate.SAVED:
            saved[attempt.key] = taken.revision
        elif taken.fate is Fate.LATE:
            late[attempt.key] = taken.revision
        else:
            conflicts.append(writer.conflict(attempt, taken.row))
        if taken.row is not None:
            rows[attempt.key] = taken.row
    counted = progress(bank, *read_of(bank, digest, rows))
    kept = {key: problem for key, problem in kept.items() if key in saved}
    return Saved(saved, kept, late, refused, tuple(conflicts), counted.visible, counted)


@cache
def _saved_into(dialect: str) -> Select[Any]:
    stored = select(rows_listed(dialect)).where(AnswerRow.assessment_id == Assessment.id)
    return (
        select(
            Assessment.firm_id,
            Assessment.edition,
            Assessment.submitted_at,
            BankVersion.id,
            BankVersion.digest,
            stored.scalar_subquery(),
            *SENT_BEFORE,
        )
        .join(Assessment.bank_version)
        .outerjoin(
            AnswerChange,
            and_(
                AnswerChange.assessment_id == Assessment.id,
                AnswerChange.author_id == bindparam("author"),
                AnswerChange.save_key.in_(bindparam("keys", expanding=True)),
            ),
        )
        .where(Assessment.id == bindparam("assessment"), Assessment.discarded_at.is_(None))
        # Several may save at once, but nobody while the assessment is being submitted.
        .with_for_update(read=True, of=Assessment)
    )


_Wanted = dict[str, dict[str, Any] | None]


def sorted_out(
    bank: Bank,
    given: Mapping[str, PlainAnswer | None],
    typed: Mapping[str, Typed],
    fonts_folder: Path | None,
) -> tuple[_Wanted, dict[str, Problem], tuple[Problem, ...]]:
    """Divide what was given into values to store, those of them that are drafts, and refusals."""
    wanted, refused = normal(bank, given)
    if fonts_folder is not None:
        refused += printable.problems(wanted, fonts_folder)
    kept: dict[str, Problem] = {}
    lost: list[Problem] = []
    for problem in refused:
        key = problem.place
        wanted.pop(key, None)
        if key not in bank.questions or key not in typed:
            lost.append(problem)
            continue
        try:
            wanted[key] = answers.draft(key, typed[key])
        except BadAnswer as error:
            lost.append(Problem(error.code, key, error.facts))
        else:
            kept[key] = problem
    return wanted, {key: kept[key] for key in kept if wanted[key] is not None}, tuple(lost)


def normal(
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

    Raises NotFound, OwnerOnly, AlreadySubmitted, NotComplete with every open question and every
    draft; don't know is an answer here. With the report's fonts, BadAnswers with those that were
    saved before these were asked and could not be printed.
    """
    begin_write(session)
    assessment = assessment_of(session, assessment_id, alone=True)
    must_own(actor, assessment.firm_id)
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    state = _state(session, assessment)
    if state.progress.missing or state.progress.wrong:
        raise NotComplete(state.progress.missing, state.progress.wrong)
    if fonts_folder is not None:
        _must_be_printable(state, fonts_folder)
    assessment.result = plain(scoring.score(state.bank, state.answers))
    assessment.submitted_at, assessment.submitted_by = now, actor.user_id
    audit.note(
        session,
        act="submit-assessment",
        subject=f"firm:{assessment.firm_id}",
        by=actor.user_id,
        now=now,
        facts={"assessment": assessment_id},
    )
    session.flush()
    return assessment


def _must_be_printable(state: State, fonts_folder: Path) -> None:
    shown = {key: value for key, value in state.plain.items() if key in state.visible}
    if unprintable := printable.problems(shown, fonts_folder):
        raise BadAnswers(unprintable)
