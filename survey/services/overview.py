"""What consultants and administrators see at a glance: numbers, assessments, the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from survey.core.bank import Bank
from survey.core.errors import NotFound
from survey.core.text import Text
from survey.core.wording import level_reached
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_administer, must_see_firm
from survey.services.report_rows import FAILED
from survey.store.models import Assessment, AuditEvent, BankVersion, Firm, Report, User


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much there is in the installation."""

    firms: int
    people: int
    under_way: int
    submitted: int
    drafts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One assessment in a list. Without a submission there is no total and no level.

    `title` is that of the bank in the edition that is answered.
    """

    id: int
    firm_id: int
    title: Text
    number: int
    started_at: datetime
    submitted_at: datetime | None
    review_begun_at: datetime | None
    total: Decimal | None
    level: Text | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log, with the names that its numbers stand for."""

    id: int
    at: datetime
    who: str | None
    act: str
    subject: str
    subject_name: str | None
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Failure:
    """A report that could not be made, and what its reason speaks of."""

    report: Report
    firm_name: str
    bank: Bank


def numbers(session: Session, actor: Actor) -> Numbers:
    """Raises NotFound for everybody but administrators."""
    must_administer(actor)
    under_way, submitted = session.execute(
        select(
            func.count().filter(Assessment.submitted_at.is_(None)),
            func.count().filter(Assessment.submitted_at.is_not(None)),
        )
        .select_from(Assessment)
        .where(Assessment.discarded_at.is_(None))
    ).one()
    drafts = select(func.count()).where(BankVersion.published_at.is_(None))
    return Numbers(
        firms=session.scalars(select(func.count()).select_from(Firm)).one(),
        people=session.scalars(select(func.count()).where(User.active.is_(True))).one(),
        under_way=under_way,
        submitted=submitted,
        drafts=session.scalars(drafts).one(),
    )


def uses(session: Session, actor: Actor) -> dict[int, int]:
    """How many assessments there are of each bank version. Raises NotFound as `numbers` does."""
    must_administer(actor)
    rows = session.execute(
        select(Assessment.bank_version_id, func.count().label("uses"))
        .where(Assessment.discarded_at.is_(None))
        .group_by(Assessment.bank_version_id)
    )
    return {row.bank_version_id: row.uses for row in rows}


def standings(session: Session, actor: Actor, firm_ids: Iterable[int]) -> tuple[Standing, ...]:
    """The assessments of these firms, newest first. Raises NotFound for a firm of others."""
    wanted = list(firm_ids)
    for firm_id in wanted:
        must_see_firm(session, actor, firm_id)
    found = session.scalars(
        select(Assessment)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.bank_version))
        .where(Assessment.firm_id.in_(wanted), Assessment.discarded_at.is_(None))
        .order_by(Assessment.started_at.desc(), Assessment.id.desc())
    )
    return tuple(_standing(session, assessment) for assessment in found)


def _standing(session: Session, assessment: Assessment) -> Standing:
    version, result = assessment.bank_version, assessment.result or {}
    total, level = result.get("total"), result.get("level")
    bank = bank_by_digest(session, version.id, version.digest, assessment.edition)
    return Standing(
        id=assessment.id,
        firm_id=assessment.firm_id,
        title=bank.title,
        number=version.number,
        started_at=assessment.started_at,
        submitted_at=assessment.submitted_at,
        review_begun_at=assessment.review_begun_at,
        total=None if total is None else Decimal(total),
        level=next((level_reached(s) for s in bank.levels.steps if s.number == level), None),
    )


def failures(session: Session, actor: Actor, *, since: datetime, most: int) -> tuple[Failure, ...]:
    """The reports that failed after a moment, newest first. Raises NotFound as `numbers` does."""
    must_administer(actor)
    rows = session.execute(
        select(Report, Firm.name, Assessment.edition, BankVersion.id, BankVersion.digest)
        .join(Assessment, Assessment.id == Report.assessment_id)
        .join(Firm, Firm.id == Assessment.firm_id)
        .join(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .where(Report.state == FAILED, Report.finished_at > since)
        .order_by(Report.finished_at.desc(), Report.id)
        .limit(most)
        .execution_options(populate_existing=True)
    )
    return tuple(
        Failure(report, name, bank_by_digest(session, version_id, digest, edition))
        for report, name, edition, version_id, digest in rows
    )


def firm_name(session: Session, actor: Actor, firm_id: int) -> str:
    """Raises NotFound for a firm that there is not, or that is none of the actor's business."""
    must_see_firm(session, actor, firm_id)
    name = session.scalar(select(Firm.name).where(Firm.id == firm_id))
    if name is None:
        raise NotFound
    return name


def events(session: Session, actor: Actor, *, before: int | None, most: int) -> tuple[Event, ...]:
    """The newest lines of the log, or those before a line. Raises NotFound as `numbers` does."""
    must_administer(actor)
    query = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.user_id)
        .order_by(AuditEvent.id.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    rows = session.execute(query).all()
    names = _names(session, [event.subject for event, _ in rows])
    return tuple(
        Event(
            id=event.id,
            at=event.at,
            who=who,
            act=event.act,
            subject=event.subject,
            subject_name=names.get(event.subject),
            facts=event.facts,
        )
        for event, who in rows
    )


def _names(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """What ``firm:3`` and ``user:5`` are called now."""
    names: dict[str, str] = {}
    wanted = {subject.partition(":")[::2] for subject in subjects}
    for kind, table in (("firm", Firm), ("user", User)):
        ids = [int(number) for of, number in wanted if of == kind and number.isdigit()]
        for id_, name in session.execute(select(table.id, table.name).where(table.id.in_(ids))):
            names[f"{kind}:{id_}"] = name
    return names
