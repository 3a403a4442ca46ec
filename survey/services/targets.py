"""The level that a firm wants to reach in each domain, and how far it still is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey.core import scoring
from survey.core.answers import Answers
from survey.core.bank import Bank, Level
from survey.core.earned import is_scored
from survey.core.errors import NotFound, SurveyError, quoted
from survey.core.levels import domain_threshold
from survey.services.answer_rows import in_order, plain_of, rows_of
from survey.services.assignments import must_answer_all
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_belong, must_see_firm
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import Assessment, BankVersion, Target, User


class UnknownDomain(SurveyError):
    """The bank, in the edition that is answered, scores no domain with this key."""

    code = "target-unknown-domain"


class UnknownLevel(SurveyError):
    """A target is one of the levels that the bank offers."""

    code = "target-unknown-level"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A target, and who chose it when."""

    level: int
    author: str
    at: datetime


def set_targets(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    targets: Mapping[str, int | None],
    now: datetime,
) -> None:
    """Choose the levels to reach, before or after submitting. None means: no target.

    All of them or none: domains that are not named keep what they have. A target that stays as
    it is keeps its author, and may be one that is not offered any more.

    Raises NotFound for everybody but the firm's own people, UnknownDomain, UnknownLevel.
    """
    begin_write(session)
    assessment = _assessment(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    must_answer_all(actor)
    bank = _bank(session, assessment)
    known = domains_of(bank, in_order(bank, plain_of(rows_of(session, assessment_id))))
    present = levels_of(session, assessment_id)
    offered = [step.number for step in offered_levels(bank)]
    for key, level in targets.items():
        if key not in known:
            raise UnknownDomain(domain=quoted(key))
        if level is not None and not (
            type(level) is int and (level in offered or level == present.get(key))
        ):
            raise UnknownLevel(level=quoted(level))
    for key in sorted(targets):  # one order for everybody, or two could wait in a circle
        _set(session, assessment_id, key, targets[key], by=actor.user_id, now=now)


def targets_of(session: Session, actor: Actor, assessment_id: int) -> Mapping[str, Chosen]:
    """The targets by domain key, for everybody who may see the firm. Raises NotFound."""
    must_see_firm(session, actor, _assessment(session, assessment_id).firm_id)
    rows = session.execute(
        select(Target, User.name)
        .join(User, User.id == Target.author_id)
        .where(Target.assessment_id == assessment_id)
    )
    return {row.domain_key: Chosen(row.level, name, row.at) for row, name in rows}


def levels_of(session: Session, assessment_id: int) -> dict[str, int]:
    """The target levels by domain key. Asks nobody for permission."""
    chosen = select(Target.domain_key, Target.level).where(Target.assessment_id == assessment_id)
    return {
        row.domain_key: row.level for row in session.execute(chosen.order_by(Target.domain_key))
    }


def copy(session: Session, source_id: int, goal_id: int, *, by: int, now: datetime) -> None:
    """Give an assessment the targets of another for domains that have none.

    Asks nobody for permission.
    """
    for key, level in levels_of(session, source_id).items():
        insert_if_absent(
            session,
            Target,
            assessment_id=goal_id,
            domain_key=key,
            level=level,
            author_id=by,
            at=now,
        )


def domains_of(bank: Bank, answers: Answers) -> tuple[str, ...]:
    """The domains that can have a target: those that have a weight and a scored question.

    Which weights apply may depend on the answers.
    """
    scored = {
        question.key
        for section in bank.sections
        for question in section.questions
        if is_scored(question)
    }
    return tuple(
        domain.key
        for section in scoring.score(bank, answers).sections
        for domain in section.domains
        if section.weight and domain.weight and any(item.key in scored for item in domain.items)
    )


def offered_levels(bank: Bank) -> tuple[Level, ...]:
    """The levels that can be a target: those of the bank, up to its ceiling."""
    ceiling = bank.levels.gates.ceiling
    return tuple(step for step in bank.levels.steps if ceiling is None or step.number <= ceiling)


def gap(bank: Bank, level: int, score: Decimal | None) -> Decimal | None:
    """The points (of 0–100) between a domain's score and its target; None without a score."""
    if score is None:
        return None
    return max(domain_threshold(bank, level) - score, Decimal(0))


def _set(
    session: Session, assessment_id: int, key: str, level: int | None, *, by: int, now: datetime
) -> None:
    place = {"assessment_id": assessment_id, "domain_key": key}
    if level is None:
        session.execute(delete(Target).filter_by(**place))
        return
    values = {"level": level, "author_id": by, "at": now}
    if not insert_if_absent(session, Target, **place, **values):
        session.execute(
            update(Target).filter_by(**place).where(Target.level != level).values(**values)
        )


def _assessment(session: Session, assessment_id: int) -> Assessment:
    """Raises NotFound."""
    assessment = session.get(Assessment, assessment_id)
    if assessment is None or assessment.discarded_at is not None:
        raise NotFound
    return assessment


def _bank(session: Session, assessment: Assessment) -> Bank:
    version = session.get_one(BankVersion, assessment.bank_version_id)
    return bank_by_digest(session, version.id, version.digest, assessment.edition)
