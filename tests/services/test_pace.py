"""How long a question takes: measured from saves, or not claimed at all."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey.services import discarding, pace
from survey.services.people import Actor
from survey.store.models import AnswerChange, Assessment, BankVersion
from tests.builders import bank_data
from tests.stored import NOW, a_firm, a_member, a_version, an_assessment


def answer(
    session: Session,
    draft: Assessment,
    who: Actor,
    seconds: Iterable[float],
    *,
    revision: int = 1,
) -> None:
    """First answers at these seconds of the day."""
    for number, second in enumerate(seconds):
        session.execute(
            insert(AnswerChange).values(
                assessment_id=draft.id,
                question_key=f"q{number}",
                revision=revision,
                after={"number": "1"},
                author_id=who.user_id,
                at=NOW + timedelta(seconds=second),
                outcome="saved",
            )
        )


def own_pace(session: Session, who: Actor) -> float | None:
    assert who.firm_id is not None
    return pace.seconds_per_question(session, firm_id=who.firm_id, bank_key="test-bank")


@pytest.fixture
def version(session: Session) -> BankVersion:
    return a_version(session)


def test_the_middle_of_the_gaps_is_the_firms_pace(session: Session, version: BankVersion) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)

    answer(session, draft, owner, [0, 20, 40, 60, 80, 100, 130, 160, 190, 220, 250])

    assert own_pace(session, owner) == 25


def test_a_pause_is_not_work(session: Session, version: BankVersion) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)

    answer(session, draft, owner, [0, *(4000 + 30 * n for n in range(11))])

    assert own_pace(session, owner) == 30


def test_what_was_saved_at_one_moment_shares_the_time_before_it(
    session: Session, version: BankVersion
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)

    answer(session, draft, owner, [0, *(second for n in range(1, 12) for second in [n * 60] * 4)])

    assert own_pace(session, owner) == 15


def test_corrections_are_no_questions_and_people_are_measured_apart(
    session: Session, version: BankVersion
) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)
    member = a_member(session, firm)

    answer(session, draft, owner, [n * 40 for n in range(6)])
    answer(session, draft, member, [7 + n * 40 for n in range(6)])
    answer(session, draft, owner, [n * 2 for n in range(40)], revision=2)

    assert own_pace(session, owner) == 40


def test_with_too_few_gaps_the_pace_of_all_firms_with_these_questions_is_taken(
    session: Session, version: BankVersion
) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner, version=version)
    _, other = a_firm(session, "远山机械有限公司")
    theirs = an_assessment(session, other, version=version)
    answer(session, theirs, other, [n * 50 for n in range(30)])
    before = own_pace(session, owner)

    answer(session, theirs, other, [29 * 50 + 50], revision=1)

    assert before is None
    assert own_pace(session, owner) == 50


def test_other_questions_say_nothing_about_these(session: Session, version: BankVersion) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner, version=version)
    other = a_version(session, bank_data(key="another"))
    draft = an_assessment(session, owner, version=other)

    answer(session, draft, owner, [n * 50 for n in range(40)])

    assert own_pace(session, owner) is None


def test_what_was_discarded_says_nothing(session: Session, version: BankVersion) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)
    answer(session, draft, owner, [n * 50 for n in range(40)])

    discarding.discard(session, owner, draft.id, now=NOW)

    assert own_pace(session, owner) is None


def test_answers_that_were_confirmed_together_are_no_pace(
    session: Session, version: BankVersion
) -> None:
    """Forty in three seconds, sent one by one; then a dozen that somebody thought about."""
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=version)

    answer(session, draft, owner, [n * 0.06 for n in range(40)])
    answer(session, draft, owner, [600 + 180 * n for n in range(12)])

    assert own_pace(session, owner) == 180


@pytest.mark.parametrize(
    ("seconds", "questions", "expected"),
    [(None, 5, None), (25.0, 0, 0), (25.0, 1, 0), (30.0, 1, 1), (25.0, 5, 2), (60.0, 5, 5)],
)
def test_minutes_are_whole_and_none_is_less_than_one(
    seconds: float | None, questions: int, expected: int | None
) -> None:
    assert pace.minutes(seconds, questions) == expected
