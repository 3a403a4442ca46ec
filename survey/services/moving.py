"""Moving an assessment under way to the newer version of its bank, and what became of answers.

The assessment stays the same one, with its files, comments, assignments, targets and history.
What stays as it is keeps its revision. What somebody has to look at, or is gone, gets a new one:
a page that a colleague had opened before meets a conflict there, and nothing is overwritten.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer
from survey.core.bank import Bank, Question
from survey.core.carrying import Carrying, Fate, carried, edition_in
from survey.core.errors import NotFound, SurveyError
from survey.core.heirs import handed_over, heirs
from survey.core.pages import pages
from survey.core.text import Text
from survey.services import assessments, audit, targets
from survey.services.answer_rows import Writer, rows_of
from survey.services.assessments import AlreadySubmitted
from survey.services.banks import bank_by_digest, open_versions
from survey.services.people import Actor, must_own, must_see_firm
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import (
    AnswerChange,
    Assessment,
    Assignment,
    BankVersion,
    Comment,
    EvidenceFile,
    Move,
    Target,
    User,
)


class MoveRefused(SurveyError):
    """The assessment stays on its version; `code` says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed for parts that the new version has not.

    Pages with the names of those who were to answer them, domains with the levels aimed at; each
    with the part that has its questions now and takes it over. Without one it stays stored, and
    has no effect.
    """

    pages: tuple[tuple[Text, str, Text | None], ...]
    targets: tuple[tuple[Text, int, Text | None], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What moving would do. `mark` names all of it that is not simply kept.

    `edition` is the one that will be answered: the whole bank if the version has no such.
    `assignments` and `targets` name the parts that take over those of parts that are gone.
    """

    assessment: Assessment
    version: BankVersion
    old: Bank
    new: Bank
    edition: str
    carrying: Carrying
    mark: str
    agreed: Agreed
    assignments: Mapping[str, str]
    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one answer. `saved_since` tells that somebody has answered anew."""

    key: str
    fate: Fate
    before: Question
    after: Question | None
    was: PlainAnswer
    became: PlainAnswer | None
    saved_since: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that was made, by the numbers of its versions, and what did not stay as it was."""

    id: int
    at: datetime
    name: str
    from_number: int
    to_number: int
    kept: int
    lines: tuple[Became, ...]
    agreed: Agreed

    def of(self, fate: Fate) -> tuple[Became, ...]:
        return tuple(line for line in self.lines if line.fate is fate)


@dataclass(frozen=True, slots=True)
class Before:
    """The bank that was answered until a moment."""

    until: datetime
    bank: Bank


@dataclass(frozen=True, slots=True)
class Beside:
    """What else belongs to a question that is not asked any more."""

    comments: tuple[tuple[str, datetime, str], ...]
    files: tuple[tuple[str, str], ...]


# ---------------------------------------------------------------------- offered


def newer(session: Session, under_way: Iterable[Assessment]) -> dict[int, BankVersion]:
    """Of assessments under way, those that a newer version is there for, by their ids.

    They come with their versions. Not those whose firm has begun the newer one as well.
    """
    mine = [one for one in under_way if one.submitted_at is None]
    if not mine:
        return {}
    newest = {version.bank_key: version for version in open_versions(session)}
    taken = {
        (one.firm_id, one.bank_version_id)
        for one in session.scalars(
            select(Assessment).where(
                Assessment.firm_id.in_({one.firm_id for one in mine}),
                Assessment.submitted_at.is_(None),
                Assessment.discarded_at.is_(None),
            )
        )
    }
    found = {one.id: newest.get(one.bank_version.bank_key) for one in mine}
    return {
        one.id: version
        for one in mine
        if (version := found[one.id]) is not None
        and version.number > one.bank_version.number
        and (one.firm_id, version.id) not in taken
    }


def offer(session: Session, actor: Actor, assessment_id: int) -> Offer:
    """What moving to the newest version would do.

    Raises NotFound, OwnerOnly, AlreadySubmitted, MoveRefused if there is none to move to.
    """
    assessment = assessments.assessment_of(session, assessment_id)
    must_own(actor, assessment.firm_id)
    return _offer(session, assessment)


def _offer(session: Session, assessment: Assessment) -> Offer:
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    version = newer(session, [assessment]).get(assessment.id)
    if version is None:
        raise MoveRefused("move-none")
    old = _bank(session, assessment.bank_version)
    new = _bank(session, version)
    stored = {key: row.plain for key, row in rows_of(session, assessment.id).items()}
    given = {key: plain for key, plain in stored.items() if plain is not None}
    carrying = carried(old, new, given, edition=assessment.edition)
    shared, aims = _assignments(session, assessment.id), _targets(session, assessment.id)
    users = {key: row.user_id for key, (row, _name) in shared.items()}
    possible = {level.number for level in targets.offered_levels(new)}
    levels = {key: row.level for key, row in aims.items() if row.level in possible}
    assignments = handed_over(users, heirs(old.place_of, new.place_of))
    aimed = handed_over(levels, heirs(_domain_of(old), _domain_of(new)))
    digests = (assessment.bank_version.digest, version.digest)
    return Offer(
        assessment=assessment,
        version=version,
        old=old,
        new=new,
        edition=edition_in(new, assessment.edition),
        carrying=carrying,
        mark=_mark(digests, carrying, assignments, aimed),
        agreed=_agreed(old, new, shared, aims, assignments, aimed),
        assignments=assignments,
        targets=aimed,
    )


def _assignments(session: Session, assessment_id: int) -> dict[str, tuple[Assignment, str]]:
    """Who answers each page, with the name."""
    rows = session.execute(
        select(Assignment, User.name)
        .join(User, User.id == Assignment.user_id)
        .where(Assignment.assessment_id == assessment_id)
    )
    return {row.page_key: (row, name) for row, name in rows}


def _targets(session: Session, assessment_id: int) -> dict[str, Target]:
    rows = session.scalars(select(Target).where(Target.assessment_id == assessment_id))
    return {row.domain_key: row for row in rows}


def _domain_of(bank: Bank) -> dict[str, str]:
    return {
        question.key: domain.key
        for section in bank.sections
        for domain in section.domains
        for question in domain.questions
    }


def _agreed(
    old: Bank,
    new: Bank,
    shared: Mapping[str, tuple[Assignment, str]],
    aims: Mapping[str, Target],
    assignments: Mapping[str, str],
    aimed: Mapping[str, str],
) -> Agreed:
    """What was agreed for parts that are gone, with the titles of those that take it over."""
    titles = {page.key: page.title for page in pages(new)}
    domains = {domain.key: domain.title for section in new.sections for domain in section.domains}
    return Agreed(
        tuple(
            (page.title, shared[page.key][1], titles.get(assignments.get(page.key, "")))
            for page in pages(old)
            if page.key in shared and page.key not in titles
        ),
        tuple(
            (domain.title, aims[domain.key].level, domains.get(aimed.get(domain.key, "")))
            for section in old.sections
            for domain in section.domains
            if domain.key in aims and domain.key not in domains
        ),
    )


def _mark(digests: tuple[str, str], carrying: Carrying, *over: Mapping[str, str]) -> str:
    others = [
        [each.key, each.fate, each.was, each.becomes]
        for each in carrying.answers
        if each.fate is not Fate.KEPT
    ]
    told = [*digests, others, carrying.altered, *over]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


# ------------------------------------------------------------------------ moved


def move(
    session: Session, actor: Actor, assessment_id: int, *, mark: str, now: datetime
) -> Assessment:
    """Go over to the newest version, with every answer as the offer with this mark says.

    Raises what `offer` raises, and MoveRefused if that would be another one now, or a colleague
    begins an assessment of that version at this moment.
    """
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    must_own(actor, assessment.firm_id)
    offered = _offer(session, assessment)
    if offered.mark != mark:
        raise MoveRefused("move-changed")
    changed = [one for one in offered.carrying.answers if one.fate is not Fate.KEPT]
    values: dict[str, PlainAnswer | None] = {one.key: one.becomes for one in changed}
    values |= dict.fromkeys(offered.carrying.altered)
    revisions = _write(session, Writer(session, assessment_id, actor.user_id, now), values)
    session.add(
        Move(
            assessment_id=assessment_id,
            from_version_id=assessment.bank_version_id,
            to_version_id=offered.version.id,
            from_edition=assessment.edition,
            by=actor.user_id,
            at=now,
            kept=len(offered.carrying.of(Fate.KEPT)),
            answers=[
                {
                    "key": one.key,
                    "fate": one.fate.value,
                    "was": one.was,
                    "became": one.becomes,
                    "revision": revisions[one.key],
                }
                for one in changed
            ],
        )
    )
    _go_over(session, assessment, offered)
    _hand_over(session, offered)
    facts = {"assessment": assessment_id, "version": offered.version.number}
    subject = f"firm:{assessment.firm_id}"
    audit.note(
        session, act="move-assessment", subject=subject, by=actor.user_id, now=now, facts=facts
    )
    session.flush()
    return assessment


def _write(
    session: Session, writer: Writer, values: Mapping[str, PlainAnswer | None]
) -> dict[str, int]:
    """In the order in which everybody writes; the revisions that came of it."""
    rows = rows_of(session, writer.assessment_id)
    revisions = {}
    for key in sorted(values):
        plain = values[key]
        written = writer.renewed(key, None if plain is None else dict(plain), rows.get(key))
        revisions[key] = written.revision
    return revisions


def _go_over(session: Session, assessment: Assessment, offered: Offer) -> None:
    try:
        with session.begin_nested():
            assessment.bank_version_id = offered.version.id
            assessment.edition = offered.edition
    except IntegrityError:
        raise MoveRefused("other-under-way") from None
    session.expire(assessment, ["bank_version"])


def _hand_over(session: Session, offered: Offer) -> None:
    """Copy what was agreed to the parts that take it over: the rows that are left tell of it.

    Who was done with a page that is gone is not done with the other one.
    """
    here = offered.assessment.id
    shared, aims = _assignments(session, here), _targets(session, here)
    for part, heir in offered.assignments.items():
        row, _name = shared[part]
        insert_if_absent(
            session,
            Assignment,
            assessment_id=here,
            page_key=heir,
            user_id=row.user_id,
            due_on=row.due_on,
            assigned_by=row.assigned_by,
            assigned_at=row.assigned_at,
        )
    for part, heir in offered.targets.items():
        aim = aims[part]
        insert_if_absent(
            session,
            Target,
            assessment_id=here,
            domain_key=heir,
            level=aim.level,
            author_id=aim.author_id,
            at=aim.at,
        )


# -------------------------------------------------------------------- afterwards


def list_for(session: Session, actor: Actor, assessment_id: int) -> tuple[Moved, ...]:
    """The moves of an assessment, newest first, for everybody who may see the firm.

    Raises NotFound.
    """
    firm_id = session.scalar(
        select(Assessment.firm_id).where(
            Assessment.id == assessment_id, Assessment.discarded_at.is_(None)
        )
    )
    if firm_id is None:
        raise NotFound
    must_see_firm(session, actor, firm_id)
    moves = session.execute(
        select(Move, User.name)
        .join(User, User.id == Move.by)
        .where(Move.assessment_id == assessment_id)
        .order_by(Move.id.desc())
    ).all()
    revisions = _answered(session, assessment_id, [made.at for made, _name in moves])
    return tuple(_moved(session, each, name, revisions) for each, name in moves)


def _answered(session: Session, assessment_id: int, moves: Sequence[datetime]) -> dict[str, int]:
    """The last revision of each question that somebody wrote, not a move."""
    found = session.execute(
        select(AnswerChange.question_key, func.max(AnswerChange.revision).label("last"))
        .where(
            AnswerChange.assessment_id == assessment_id,
            AnswerChange.outcome.in_(("saved", "cleared")),
            AnswerChange.at.not_in(moves),
        )
        .group_by(AnswerChange.question_key)
    )
    return {row.question_key: row.last for row in found}


def _moved(session: Session, made: Move, name: str, revisions: Mapping[str, int]) -> Moved:
    left = session.get_one(BankVersion, made.from_version_id)
    reached = session.get_one(BankVersion, made.to_version_id)
    old, new = _bank(session, left), _bank(session, reached)
    lines = tuple(
        Became(
            key=line["key"],
            fate=Fate(line["fate"]),
            before=old.questions[line["key"]],
            after=new.questions.get(line["key"]),
            was=line["was"],
            became=line["became"],
            saved_since=revisions.get(line["key"], 0) > line["revision"],
        )
        for line in made.answers
    )
    shared, aims = _assignments(session, made.assessment_id), _targets(session, made.assessment_id)
    agreed = _agreed(
        old,
        new,
        shared,
        aims,
        _copied(
            {key: (row.user_id, row.assigned_at) for key, (row, _name) in shared.items()},
            heirs(old.place_of, new.place_of),
        ),
        _copied(
            {key: (row.level, row.at) for key, row in aims.items()},
            heirs(_domain_of(old), _domain_of(new)),
        ),
    )
    return Moved(made.id, made.at, name, left.number, reached.number, made.kept, lines, agreed)


def _copied(held: Mapping[str, object], heirs: Mapping[str, str]) -> dict[str, str]:
    """Which parts have handed over: those whose heir holds the very same."""
    return {
        part: heir for part, heir in heirs.items() if part in held and held.get(heir) == held[part]
    }


def banks_before(session: Session, assessment_id: int) -> tuple[Before, ...]:
    """The banks that were answered before the present one, oldest first.

    Asks nobody for permission.
    """
    rows = session.execute(
        select(Move.at, BankVersion)
        .join(BankVersion, BankVersion.id == Move.from_version_id)
        .where(Move.assessment_id == assessment_id)
        .order_by(Move.id)
    )
    return tuple(Before(at, _bank(session, version)) for at, version in rows)


def page_now(session: Session, actor: Actor, assessment_id: int, question_key: str) -> str | None:
    """The page on which a question stands since the move; None if it is not asked any more.

    Raises NotFound for everybody but the firm's own people, also if nothing was moved.
    """
    bank, _digest = assessments.asked(session, actor, assessment_id)
    if not has_moved(session, assessment_id):
        raise NotFound
    return bank.place_of.get(question_key)


def has_moved(session: Session, assessment_id: int) -> bool:
    """Asks nobody for permission."""
    found = select(Move.id).where(Move.assessment_id == assessment_id).limit(1)
    return session.scalar(found) is not None


def beside(session: Session, assessment_id: int, keys: Sequence[str]) -> dict[str, Beside]:
    """Comments and files of questions, for the firm's own people. Asks nobody for permission."""
    said = session.execute(
        select(Comment.question_key, User.name, Comment.at, Comment.text)
        .join(User, User.id == Comment.author_id)
        .where(Comment.assessment_id == assessment_id, Comment.withdrawn_at.is_(None))
        .where(Comment.question_key.in_(keys))
        .order_by(Comment.id)
    ).all()
    files = session.execute(
        select(EvidenceFile.question_key, EvidenceFile.id, EvidenceFile.name)
        .where(EvidenceFile.assessment_id == assessment_id, EvidenceFile.removed_at.is_(None))
        .where(EvidenceFile.question_key.in_(keys))
        .order_by(EvidenceFile.added_at, EvidenceFile.id)
    ).all()
    return {
        key: Beside(
            tuple((name, at, text) for of, name, at, text in said if of == key),
            tuple((file_id, name) for of, file_id, name in files if of == key),
        )
        for key in keys
    }


def _bank(session: Session, version: BankVersion) -> Bank:
    return bank_by_digest(session, version.id, version.digest)
