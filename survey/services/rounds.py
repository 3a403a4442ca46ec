"""Rounds: what a firm answered before, offered again to be confirmed one by one.

The last round by the same bank offers all its answers. What a profile asks about the firm is
offered from whatever assessment of the firm answered it last, also by another bank. Nothing of it
counts until somebody confirms it, which is an ordinary save. A figure is one of its year: the next
year it is shown and not confirmed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from survey.core import answers
from survey.core.answers import Figure, Measured, PlainAnswer, Quotient, typed_of
from survey.core.bank import Bank, Question, Ratio
from survey.core.carrying import asks_the_same
from survey.core.errors import BadAnswer
from survey.core.text import Text
from survey.services.banks import bank_by_digest
from survey.services.report_inputs import CHINA
from survey.store.models import AnswerRow, Assessment, BankVersion

FIRM_NAME = "company-name"
"""What the profile of every bank of ours calls this fact."""


class Use(StrEnum):
    """What may be done with an old answer."""

    TOGETHER = "together"
    ALONE = "alone"
    YEAR_BEFORE = "year-before"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Origin:
    """In which other assessment of the firm something was answered, and when."""

    title: Text
    at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """An old answer, and what confirming it puts in its place: nothing, if it is for reading.

    One to be confirmed `ALONE` is a figure of this very year. A comparison of two years is
    moved on by one: what was the year's figure stands as that of the `YEAR_BEFORE`, in a draft.
    Without an `origin` it is of the round before.
    """

    plain: PlainAnswer
    use: Use = Use.TOGETHER
    fill: PlainAnswer | None = None
    origin: Origin | None = None


def offered(
    session: Session, assessment: Assessment, bank: Bank, *, now: datetime
) -> dict[str, Offered]:
    """Old answers to questions that are not answered yet, in the bank's order.

    Only what its question can still take; no draft, and nothing that was cleared since. Whoever
    shows them leaves out questions that do not apply. Asks nobody for permission.
    """
    found: dict[str, Offered] = {}
    old = _unanswered(session, assessment)
    for key, fact in _facts(session, assessment, bank).items():
        if key not in old or fact.at > old[key].at:
            old[key] = fact
    for key, question in bank.questions.items():
        if key in old and (offer := _offer(question, old[key], now)) is not None:
            found[key] = offer
    return found


@dataclass(frozen=True, slots=True)
class _Old:
    """An answer as it is stored; `title` is that of another assessment than the last round."""

    plain: PlainAnswer
    at: datetime
    title: Text | None = None


def _offer(question: Question, old: _Old, now: datetime) -> Offered | None:
    try:
        answer = answers.read(question, old.plain)
    except BadAnswer:  # asked in another way since
        return None
    plain = answers.to_plain(question, answer)
    years = now.astimezone(CHINA).year - old.at.astimezone(CHINA).year
    figure = isinstance(answer, Figure | Quotient | Measured)
    offer = _of_year(question, plain, years) if figure else Offered(plain, fill=plain)
    return offer if old.title is None else replace(offer, origin=Origin(old.title, old.at))


def _of_year(question: Question, plain: PlainAnswer, years: int) -> Offered:
    """A figure that was given so many calendar years ago."""
    if years == 0:
        return Offered(plain, Use.ALONE, plain)
    if years == 1 and isinstance(question, Ratio) and question.compares_years:
        half = {"typed": {"denominator": [str(plain["numerator"])]}}
        return Offered(plain, Use.YEAR_BEFORE, half)
    return Offered(plain, Use.NONE)


def registered(assessment: Assessment, bank: Bank) -> dict[str, PlainAnswer]:
    """The name that the firm registered under, where the profile asks for it.

    The assessment comes with its firm. Whoever shows it leaves it out once it is answered.
    """
    asked = next((fact for fact in bank.profile.questions if fact.key == FIRM_NAME), None)
    if asked is None:
        return {}
    try:
        return {
            FIRM_NAME: answers.to_plain(asked, answers.read(asked, {"text": assessment.firm.name}))
        }
    except BadAnswer:
        return {}


def answered_elsewhere(session: Session, assessment_id: int, keys: Collection[str]) -> bool:
    """Whether another assessment of the same firm has an answer to one of these questions."""
    facts = {"assessment": assessment_id, "keys": list(keys)}
    return session.connection().execute(_answered_elsewhere(), facts).first() is not None


@cache
def _answered_elsewhere() -> Select[str]:
    """Built once: it is asked whenever a profile with an open question is shown."""
    here, other = aliased(Assessment), aliased(Assessment)
    return (
        select(AnswerRow.question_key)
        .join(other, other.id == AnswerRow.assessment_id)
        .join(here, and_(here.firm_id == other.firm_id, here.id != other.id))
        .where(
            here.id == bindparam("assessment"),
            other.discarded_at.is_(None),
            AnswerRow.question_key.in_(bindparam("keys", expanding=True)),
            AnswerRow.plain.is_not(None),
        )
        .limit(1)
    )


def _facts(session: Session, assessment: Assessment, bank: Bank) -> dict[str, _Old]:
    """What the profile asks and the firm has answered elsewhere, each answer the newest."""
    keys = [question.key for question in bank.profile.questions]
    found: dict[str, _Old] = {}
    for row in session.execute(_elsewhere(assessment, keys)):
        source = bank_by_digest(session, row.version_id, row.digest, row.edition)
        asked = next((q for q in source.profile.questions if q.key == row.question_key), None)
        if row.question_key in found or asked is None or typed_of(row.plain) is not None:
            continue
        if asks_the_same(asked, bank.questions[row.question_key]):
            found[row.question_key] = _Old(row.plain, row.saved_at, source.title)
    return found


def _elsewhere(assessment: Assessment, keys: Collection[str]) -> Select[Any]:
    now, same = _answered_now(assessment)
    return (
        select(
            AnswerRow.question_key,
            AnswerRow.plain,
            AnswerRow.saved_at,
            Assessment.edition,
            BankVersion.id.label("version_id"),
            BankVersion.digest,
        )
        .join(Assessment, Assessment.id == AnswerRow.assessment_id)
        .join(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .outerjoin(now, same)
        .where(
            Assessment.firm_id == assessment.firm_id,
            Assessment.discarded_at.is_(None),
            Assessment.id.not_in({assessment.id, assessment.previous_id or 0}),
            AnswerRow.question_key.in_(keys),
            AnswerRow.plain.is_not(None),
            now.assessment_id.is_(None),
        )
        .order_by(AnswerRow.saved_at.desc(), Assessment.id.desc())
    )


def _answered_now(assessment: Assessment) -> tuple[type[AnswerRow], ColumnElement[bool]]:
    """The answers of this assessment, and how each meets an older one."""
    now = aliased(AnswerRow)
    same = and_(
        now.assessment_id == assessment.id,
        now.question_key == AnswerRow.question_key,
        now.revision > 0,
    )
    return now, same


def _unanswered(session: Session, assessment: Assessment) -> dict[str, _Old]:
    """What the round before answered and this one has not."""
    if assessment.previous_id is None:
        return {}
    now, same = _answered_now(assessment)
    query = (
        select(AnswerRow.question_key, AnswerRow.plain, AnswerRow.saved_at)
        .outerjoin(now, same)
        .where(
            AnswerRow.assessment_id == assessment.previous_id,
            AnswerRow.plain.is_not(None),
            now.assessment_id.is_(None),
        )
    )
    return {
        row.question_key: _Old(row.plain, row.saved_at)
        for row in session.execute(query)
        if typed_of(row.plain) is None
    }
