"""What if: other answers give another result, and nothing at all is stored."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core.answers import BadAnswers
from survey.core.errors import NotFound
from survey.services import assessments
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor
from survey.services.what_if import WhatIf, what_if
from survey.store.models import AnswerChange, AnswerRow, Assessment
from tests.builders import FULL_ANSWERS, bank_data, domain, edition, ladder, level, section
from tests.stored import (
    a_consultant,
    a_firm,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)


def suppose(session: Session, actor: Actor, assessment: Assessment, **changes: Any) -> WhatIf:
    return what_if(session, actor, assessment.id, changes=changes)


def rows(session: Session) -> list[Any]:
    answers = session.execute(
        select(AnswerRow.question_key, AnswerRow.plain, AnswerRow.revision).order_by(
            AnswerRow.question_key
        )
    ).all()
    return [*answers, session.scalar(select(func.count()).select_from(AnswerChange))]


def test_a_better_answer_raises_the_total_beside_the_stored_one(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    found = suppose(session, owner, done, planning=level(5))

    assert found.before.result == assessments.outcome(session, owner, done.id).result
    assert found.before.result.total is not None
    assert found.after.total is not None
    assert found.after.total > found.before.result.total
    assert [moved.key for moved in found.difference.questions] == ["planning"]
    assert dict(found.changes) == {"planning": level(5)}


def test_nothing_is_stored(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    result, before = done.result, rows(session)

    suppose(session, owner, done, planning=level(5), security=None)

    assert not session.new
    assert not session.dirty
    assert rows(session) == before
    assert done.result == result


def test_an_answer_is_taken_away(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    found = suppose(session, owner, done, planning=None)

    assert "planning" not in found.supposed.answers
    assert found.after.completeness < found.before.result.completeness
    assert dict(found.changes) == {"planning": None}


def test_what_says_the_same_is_no_change(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    found = suppose(
        session, owner, done, planning=FULL_ANSWERS["planning"], years={"number": " ５.0 "}
    )

    assert found.changes == {"years": {"number": "5.0"}}
    assert found.after == found.before.result


def test_every_answer_that_cannot_be_taken_is_named(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    with pytest.raises(BadAnswers) as refused:
        suppose(
            session, owner, done, years={"number": "500"}, nothing={"text": "x"}, planning=level(4)
        )

    assert [(p.code, p.place) for p in refused.value.problems] == [
        ("answer-out-of-range", "years"),
        ("answer-unknown-question", "nothing"),
    ]


def test_a_change_that_another_one_hides_counts_only_when_it_applies(session: Session) -> None:
    _, owner = a_firm(session)
    only_above = {"question": "planning", "at_least": 3}
    parts = domain("first", ladder(), ladder("schedule", when=only_above))
    version = a_version(session, bank_data(section("one", "A", parts)))
    answers = {"production-type": {"option": "discrete"}, "planning": level(1)}
    done = a_submitted_assessment(session, owner, version=version, answers=answers)

    hidden = suppose(session, owner, done, schedule=level(5))
    shown = suppose(session, owner, done, schedule=level(5), planning=level(3))

    assert hidden.after == hidden.before.result
    assert "schedule" not in hidden.visible
    assert "schedule" in shown.visible
    assert shown.after.items["schedule"].contribution is not None


def test_over_the_cap_there_is_no_total_to_add_to(session: Session) -> None:
    _, owner = a_firm(session)
    parts = domain(
        "first",
        *(ladder(key, not_applicable="with-reason") for key in ("planning", "schedule", "stock")),
    )
    version = a_version(session, bank_data(section("one", "A", parts)))
    keys = ("planning", "schedule", "stock")
    answers = {"production-type": {"option": "discrete"}} | {key: level(2) for key in keys}
    done = a_submitted_assessment(session, owner, version=version, answers=answers)

    found = suppose(session, owner, done, planning={"not_applicable": "没有生产"})

    assert found.before.result.total is not None
    assert found.after.total is None
    assert {moved.after for moved in found.difference.questions} == {None}


def test_an_edition_is_supposed_with_its_own_questions(session: Session) -> None:
    _, owner = a_firm(session)
    version = a_version(session, bank_data(editions=[edition("planning", "share")]))
    answers = {key: FULL_ANSWERS[key] for key in ("production-type", "planning", "share")}
    draft = an_assessment(session, owner, version=version, edition="express", answers=answers)
    done = assessments.submit(session, owner, draft.id, now=draft.started_at)

    assert set(suppose(session, owner, done, planning=level(5)).after.items) == {
        "planning",
        "share",
    }
    with pytest.raises(BadAnswers):
        suppose(session, owner, done, years={"number": "5"})


def test_everybody_who_sees_the_result_may_suppose_and_nobody_else(session: Session) -> None:
    firm, owner = a_firm(session)
    other, stranger = a_firm(session, "另一家公司")
    done = a_submitted_assessment(session, owner)

    for reader in (owner, a_consultant(session, firm), an_administrator(session)):
        assert suppose(session, reader, done, planning=level(5)).changes
    for outsider in (stranger, a_consultant(session, other)):
        with pytest.raises(NotFound):
            suppose(session, outsider, done, planning=level(5))


def test_without_a_submission_there_is_nothing_to_compare_with(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, answers=FULL_ANSWERS)

    with pytest.raises(NotSubmitted):
        suppose(session, owner, draft, planning=level(5))
