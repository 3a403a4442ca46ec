"""The level that a firm wants to reach in each domain, and how far it still is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey.core.bank import Bank
from survey.core.earned import is_scored
from survey.core.errors import NotFound, SurveyError, quoted
from survey.services.banks import bank_by_digest
from survey.services.people import Actor, must_belong, must_see_firm
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import Assessment, BankVersion, Target, User

HIGHEST = 5
POINTS_OF_A_LEVEL = 20
"""A domain is at level n from 20 × n points on."""


class UnknownDomain(SurveyError):
    """The bank, in the edition that is answered, scores no domain with this key."""

    code = "target-unknown-domain"


class UnknownLevel(SurveyError):
    """A target is a level from 0 to 5."""

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
    it is keeps its author.

    Raises NotFound for everybody but the firm's own people, UnknownDomain, UnknownLevel.
    """
    begin_write(session)
    assessment = _assessment(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    known = domains_of(_bank(session, assessment))
    for key, level in targets.items():
        if key not in known:
            raise UnknownDomain(domain=quoted(key))
        if level is not None and not (type(level) is int and 0 <= level <= HIGHEST):
            raise UnknownLevel(level=quoted(level), highest=HIGHEST)
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
    """Give an assessment that has no targets those of another. Asks nobody for permission."""
    for key, level in levels_of(session, source_id).items():
        _set(session, goal_id, key, level, by=by, now=now)


def domains_of(bank: Bank) -> tuple[str, ...]:
    """The domains that can have a target: those with a question that is scored."""
    return tuple(
        domain.key
        for section in bank.sections
        for domain in section.domains
        if any(is_scored(question) for question in domain.questions)
    )


def gap(level: int, score: Decimal | None) -> Decimal | None:
    """The points (of 0–100) between a domain's score and its target; None without a score."""
    if score is None:
        return None
    return max(Decimal(POINTS_OF_A_LEVEL * level) - score, Decimal(0))


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
    if assessment is None:
        raise NotFound
    return assessment


def _bank(session: Session, assessment: Assessment) -> Bank:
    version = session.get_one(BankVersion, assessment.bank_version_id)
    return bank_by_digest(session, version.id, version.digest, assessment.edition)
