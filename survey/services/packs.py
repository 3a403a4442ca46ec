"""Preparation packs: asked for as a PDF, made as a workbook, and what comes back in a workbook.

Nothing that was loaded back is saved before its reader has seen what it would change.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer, cleaned, same
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Languages
from survey.exchange import pack_xlsx, packs_read
from survey.exchange.pack_xlsx import Stamp
from survey.exchange.packs_read import Contents, Fault, Taken
from survey.exchange.xlsx import RawSheet
from survey.services import assessments, assignments, pack_jobs, printable
from survey.services.answer_rows import Sent
from survey.services.assessments import AlreadySubmitted, BankNotOpen, Saved, State
from survey.services.banks import bank_by_digest
from survey.services.pack_inputs import identity
from survey.services.people import ALL, Actor
from survey.services.report_inputs import CHINA
from survey.store.models import AnswerRow, Assessment, BankVersion, Pack, User


class OtherFirm(SurveyError):
    """The workbook was fetched by another firm."""

    code = "workbook-other-firm"


class NothingInCommon(SurveyError):
    """None of the workbook's questions is asked in this assessment."""

    code = "workbook-nothing-in-common"


class Fate(StrEnum):
    """What loading an answer would do."""

    ADDED = "added"
    CHANGED = "changed"
    CLEARED = "cleared"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer that loading would change: `before` is stored, `after` stands in the workbook.

    None stands for no answer. Saved under `seen`, it meets whatever was changed meanwhile. In a
    conflict somebody changed the answer after the workbook was fetched.
    """

    key: str
    fate: Fate
    before: PlainAnswer | None
    after: PlainAnswer | None
    seen: int
    their_name: str = ""
    their_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a workbook would change, and everything in it that cannot be taken.

    `is_current` tells that it was fetched for these very questions, `is_own` for this assessment.
    `not_yours` are questions that the reader does not answer.
    """

    state: State
    stamp: Stamp
    is_current: bool
    is_own: bool
    lines: tuple[Line, ...]
    unchanged: int
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...] = ()
    missing_sheets: tuple[str, ...] = ()
    not_yours: tuple[str, ...] = ()

    def of(self, *fates: Fate) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.fate in fates)


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions that a pack is about."""

    version: BankVersion
    edition: str
    bank: Bank


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook to download, and what its name says."""

    content: bytes
    bank: Bank
    page_key: str | None = None
    languages: Languages = field(default=Languages.BOTH)


# -------------------------------------------------------------------------- PDF


def offered(session: Session, actor: Actor, version_id: int, edition: str) -> Questions:
    """What can be prepared for: a bank that is open, or one that the firm has begun to answer.

    Raises NotFound for people without a firm, BankNotOpen.
    """
    version = session.get(BankVersion, version_id) if actor.firm_id is not None else None
    if version is None:
        raise NotFound
    is_open = version.published_at is not None and version.retired_at is None
    if not is_open and not _has_begun(session, actor, version_id):
        raise BankNotOpen
    whole = bank_by_digest(session, version.id, version.digest)
    if edition not in (FULL, *(each.key for each in whole.editions)):
        raise BankNotOpen
    return Questions(version, edition, bank_by_digest(session, version.id, version.digest, edition))


def _has_begun(session: Session, actor: Actor, version_id: int) -> bool:
    own = exists().where(
        Assessment.bank_version_id == version_id,
        Assessment.firm_id == actor.firm_id,
        Assessment.discarded_at.is_(None),
    )
    return bool(session.scalar(select(own)))


def ask(
    session: Session,
    actor: Actor,
    version_id: int,
    *,
    edition: str,
    languages: Languages,
    accent: str,
    folder: Path,
    now: datetime,
) -> Pack:
    """Ask for all the questions of an edition as a PDF. Raises NotFound, BankNotOpen."""
    given = offered(session, actor, version_id, edition)
    keys = tuple(given.bank.questions)
    return _asked(session, given.version, edition, keys, languages, accent, folder, now)


def ask_for_assessment(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    languages: Languages,
    accent: str,
    folder: Path,
    now: datetime,
) -> Pack:
    """Ask for the questions that apply to an assessment at the moment. Raises NotFound."""
    state = assessments.hub(session, actor, assessment_id)
    assessment = state.assessment
    keys = tuple(key for key in state.bank.questions if key in state.visible)
    version, edition = assessment.bank_version, assessment.edition
    return _asked(session, version, edition, keys, languages, accent, folder, now)


def _asked(
    session: Session,
    version: BankVersion,
    edition: str,
    keys: tuple[str, ...],
    languages: Languages,
    accent: str,
    folder: Path,
    now: datetime,
) -> Pack:
    return pack_jobs.asked(
        session,
        pack_jobs.ROWS,
        identity(version.digest, edition, languages, keys, accent),
        folder=folder,
        now=now,
        bank_version_id=version.id,
        edition=edition,
        languages=languages.value,
        question_keys=list(keys),
    )


def get(session: Session, actor: Actor, pack_id: str) -> Pack:
    """A pack, for everybody who may read its questions. Raises NotFound."""
    pack = session.get(Pack, pack_id, populate_existing=True)
    if pack is None:
        raise NotFound
    try:
        offered(session, actor, pack.bank_version_id, pack.edition)
    except BankNotOpen as error:
        raise NotFound from error
    return pack


def retry(session: Session, actor: Actor, pack_id: str, *, folder: Path, now: datetime) -> Pack:
    """Try again what failed, and what lost its file. Raises NotFound."""
    pack = get(session, actor, pack_id)
    return pack_jobs.with_a_chance(session, pack_jobs.ROWS, pack, folder=folder, now=now)


# --------------------------------------------------------------------- workbook


def workbook_before(
    session: Session,
    actor: Actor,
    version_id: int,
    *,
    edition: str,
    languages: Languages,
    page_key: str | None,
    now: datetime,
) -> Workbook:
    """All the questions of an edition as a workbook. Raises NotFound, BankNotOpen."""
    given = offered(session, actor, version_id, edition)
    stamp = _stamp(given.version, edition)
    return _workbook(given.bank, stamp, languages, page_key, now, plain={}, revisions={})


def workbook(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    languages: Languages,
    page_key: str | None,
    now: datetime,
) -> Workbook:
    """The questions of an assessment with the answers given so far. Raises NotFound.

    Those that do not apply at the moment are there too, each with its condition: what is filled
    in away from the site may make them apply.
    """
    state = assessments.hub(session, actor, assessment_id)
    own = state.assessment
    stamp = _stamp(own.bank_version, own.edition, own)
    drafts: dict[str, PlainAnswer] = {
        key: {"typed": dict(typed)} for key, typed in state.wrong.items()
    }
    plain = {**state.plain, **drafts}
    return _workbook(
        state.bank, stamp, languages, page_key, now, plain=plain, revisions=state.revisions
    )


def _stamp(version: BankVersion, edition: str, own: Assessment | None = None) -> Stamp:
    return Stamp(
        bank_key=version.bank_key,
        bank_version=version.number,
        bank_digest=version.digest,
        edition=edition,
        assessment_id=None if own is None else own.id,
        firm_id=None if own is None else own.firm_id,
    )


def _workbook(
    bank: Bank,
    stamp: Stamp,
    languages: Languages,
    page_key: str | None,
    now: datetime,
    *,
    plain: Mapping[str, PlainAnswer],
    revisions: Mapping[str, int],
) -> Workbook:
    if page_key is not None and page_key not in bank.place_of.values():
        raise NotFound
    content = pack_xlsx.workbook(
        bank,
        stamp,
        languages,
        plain=plain,
        revisions=revisions,
        page_key=page_key,
        day=now.astimezone(CHINA).date(),
    )
    return Workbook(content, bank, page_key, languages)


# ---------------------------------------------------------------------- loading


def preview(
    session: Session,
    actor: Actor,
    assessment_id: int,
    sheets: Sequence[RawSheet],
    *,
    fonts_folder: Path,
) -> Preview:
    """What loading this workbook would change. Changes nothing.

    Raises NotFound for everybody but the firm's own people, AlreadySubmitted, OtherFirm,
    NothingInCommon, ForeignWorkbook, OtherFormat.
    """
    state = assessments.hub(session, actor, assessment_id)
    own = state.assessment
    if own.submitted_at is not None:
        raise AlreadySubmitted
    stamp = packs_read.stamp_of(sheets)
    if stamp.firm_id not in (None, own.firm_id):
        raise OtherFirm
    found = packs_read.contents(sheets, state.bank, own.bank_version.digest)
    if not found.taken and not found.faults:
        raise NothingInCommon
    is_current = stamp.bank_digest == own.bank_version.digest
    is_own = is_current and stamp.assessment_id == own.id
    found, not_yours = _yours(session, actor, state, found)
    lines = [line for each in found.taken if (line := _line(state, each, is_own=is_own))]
    unprintable = _unprintable(found, lines, fonts_folder)
    bad = {fault.key for fault in unprintable}
    return Preview(
        state=state,
        stamp=stamp,
        is_current=is_current and stamp.edition == own.edition,
        is_own=is_own,
        lines=_with_names(session, own.id, [line for line in lines if line.key not in bad]),
        unchanged=len(found.taken) - len(lines),
        faults=(*found.faults, *unprintable),
        unknown=found.unknown,
        missing_sheets=found.missing_sheets,
        not_yours=not_yours,
    )


def load(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    given: Mapping[str, PlainAnswer | None],
    seen: Mapping[str, int],
    undecided: Collection[str] = (),
    declined: Collection[str] = (),
    fonts_folder: Path,
    now: datetime,
) -> tuple[Saved, tuple[Line, ...]]:
    """Save what was chosen, and say what met a change that somebody made meanwhile.

    Of the conflicts shown, the `undecided` ones are asked once more, and for the `declined` ones
    the answer on the site stays. What the workbook says instead is kept in the history, once for
    each answer that it lost against; nothing of it where the actor does not answer any longer.

    Raises NotFound, AlreadySubmitted, NotYourSection.
    """
    given = _without_foreign(session, actor, assessment_id, given, declined)
    lost = {*undecided, *declined} & given.keys()
    saved = assessments.save(
        session,
        actor,
        assessment_id,
        given=given,
        seen={**seen, **dict.fromkeys(lost, _NOBODY_SAW)},
        sent={key: _once(key, given[key], seen[key]) for key in lost},
        now=now,
        fonts_folder=fonts_folder,
    )
    saved = replace(
        saved,
        saved={key: at for key, at in saved.saved.items() if key not in declined},
        refused=tuple(each for each in saved.refused if each.place not in declined),
        conflicts=tuple(each for each in saved.conflicts if each.key not in declined),
    )
    lines = tuple(
        Line(
            each.key,
            Fate.CONFLICT,
            before=each.theirs,
            after=each.mine,
            seen=each.revision,
            their_name=each.their_name,
            their_time=each.their_time,
        )
        for each in saved.conflicts
    )
    return saved, lines


def _without_foreign(
    session: Session,
    actor: Actor,
    assessment_id: int,
    given: Mapping[str, PlainAnswer | None],
    declined: Collection[str],
) -> Mapping[str, PlainAnswer | None]:
    """Where nothing would be changed, nobody needs the right to change anything."""
    if not declined or actor.scope == ALL:
        return given
    place_of = assessments.hub(session, actor, assessment_id).bank.place_of
    given_out = assignments.of_assessment(session, assessment_id)
    return {
        key: after
        for key, after in given.items()
        if key not in declined or assignments.may_answer(actor, given_out, place_of.get(key, ""))
    }


_NOBODY_SAW = -1
"""The revision of no answer: whatever is saved under it meets a conflict."""


def _once(key: str, after: PlainAnswer | None, seen: int) -> Sent:
    """Name an attempt by what it says and which answer it met: the same again is no other."""
    text = json.dumps([key, seen, after], sort_keys=True, ensure_ascii=False)
    name = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:36]
    return Sent(name, name, 1)


def _yours(
    session: Session, actor: Actor, state: State, found: Contents
) -> tuple[Contents, tuple[str, ...]]:
    """Leave out what the actor does not answer, and name it if it would have changed anything."""
    given_out = assignments.of_assessment(session, state.assessment.id)
    place_of = state.bank.place_of

    def is_yours(key: str) -> bool:
        return assignments.may_answer(actor, given_out, place_of[key])

    kept = replace(
        found,
        taken=tuple(each for each in found.taken if is_yours(each.key)),
        faults=tuple(each for each in found.faults if is_yours(each.key)),
    )
    foreign = [each.key for each in found.taken if each.is_changed and not is_yours(each.key)]
    return kept, tuple(foreign)


def _line(state: State, taken: Taken, *, is_own: bool) -> Line | None:
    """What loading one question would do; None if nothing."""
    key, after = taken.key, taken.plain
    before: PlainAnswer | None = state.plain.get(key)
    if before is None and key in state.wrong:
        before = {"typed": dict(state.wrong[key])}
    revision = state.revisions.get(key, 0)
    if not taken.is_changed or same(before, after):
        return None
    is_newer = is_own and revision != taken.revision
    if after is None:
        if not is_own or not taken.was_filled:
            return None
        fate = Fate.CONFLICT if is_newer else Fate.CLEARED
    elif before is None:
        fate = Fate.CONFLICT if is_newer else Fate.ADDED
    elif is_own and not is_newer:
        fate = Fate.CHANGED
    else:
        fate = Fate.CONFLICT
    return Line(key, fate, before, after, revision)


def _unprintable(found: Contents, lines: Sequence[Line], fonts_folder: Path) -> tuple[Fault, ...]:
    """Each blank that no report could print, said while it can still be mended."""
    named = {(fault.key, fault.part) for fault in found.faults}
    asked = {line.key for line in lines} | {fault.key for fault in found.faults}
    unprintable: list[Fault] = []
    for key, legible in found.legible.items():
        texts = {
            part: cleaned(text)
            for part, text in legible.parts.items()
            if key in asked and (key, part) not in named
        }
        for problem in printable.problems(texts, fonts_folder):
            facts = {**problem.facts, "question": key}
            place = legible.places[problem.place]
            unprintable.append(Fault(key, problem.place, place, problem.code, facts))
    return tuple(unprintable)


def _with_names(session: Session, assessment_id: int, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Say of each conflict whose answer is stored, and since when."""
    keys = [line.key for line in lines if line.fate is Fate.CONFLICT]
    rows = session.execute(
        select(AnswerRow.question_key, User.name, AnswerRow.saved_at)
        .join(User, User.id == AnswerRow.author_id)
        .where(AnswerRow.assessment_id == assessment_id, AnswerRow.question_key.in_(keys))
    )
    names = {key: (name, time) for key, name, time in rows}
    return tuple(
        Line(line.key, line.fate, line.before, line.after, line.seen, *names[line.key])
        if line.key in names
        else line
        for line in lines
    )
