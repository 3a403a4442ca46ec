"""Which page of an assessment is whose: what is given out, and who may answer where.

`survey.services.sharing` has the acts. This stands apart because saving asks it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.errors import SurveyError
from survey.services.people import ALL, Actor
from survey.store.models import Assignment, User


class NotYourSection(SurveyError):
    """This person answers only the pages given to that person, and this is none of them."""

    code = "not-your-section"


class NotAllSections(NotYourSection):
    """What concerns the whole assessment is for people who answer all of it."""

    code = "not-all-sections"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who answers a page, until when, and since when that person is done with it."""

    user_id: int
    name: str
    due_on: date | None
    done_at: datetime | None


def of_assessment(session: Session, assessment_id: int) -> dict[str, Assigned]:
    """What is given out, by page. Whoever asks has asked for permission before."""
    rows = session.execute(
        select(
            Assignment.page_key,
            Assignment.user_id,
            User.name,
            Assignment.due_on,
            Assignment.done_at,
        )
        .join(User, User.id == Assignment.user_id)
        .where(Assignment.assessment_id == assessment_id)
    )
    return {row.page_key: Assigned(*row[1:]) for row in rows}


def may_answer(actor: Actor, given_out: Mapping[str, Assigned], page_key: str) -> bool:
    """Whether a person of the firm answers this page."""
    if actor.scope == ALL:
        return True
    mine = given_out.get(page_key)
    return mine is not None and mine.user_id == actor.user_id


def answers_any(session: Session, actor: Actor, assessment_id: int) -> bool:
    """Whether a person of the firm answers any page of this assessment."""
    if actor.scope == ALL:
        return True
    given_out = of_assessment(session, assessment_id)
    return any(each.user_id == actor.user_id for each in given_out.values())


def must_answer(
    session: Session, actor: Actor, assessment_id: int, page_keys: Iterable[str]
) -> None:
    """Raises NotYourSection unless the actor, a person of the firm, answers all these pages."""
    if actor.scope == ALL:
        return
    mine = session.scalars(
        select(Assignment.page_key).where(
            Assignment.assessment_id == assessment_id, Assignment.user_id == actor.user_id
        )
    )
    if not set(page_keys) <= set(mine):
        raise NotYourSection


def must_answer_all(actor: Actor) -> None:
    """Raises NotAllSections unless the actor, a person of the firm, answers every page."""
    if actor.scope != ALL:
        raise NotAllSections
