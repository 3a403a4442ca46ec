"""Shorter editions of a bank: started, answered, gone on from with every answer kept."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.copies import Copy
from survey.core.editions import FULL
from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.services import assessments, banks, going_on, overview, report_jobs, reports, targets
from survey.services.assessments import BankNotOpen, NotComplete
from survey.services.going_on import AlreadyFull, GoneOn
from survey.services.people import Actor
from survey.store.models import AnswerChange, AnswerRow, Assessment, BankVersion
from tests.builders import FULL_ANSWERS, bank_data, edition
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)

LATER = NOW + timedelta(minutes=5)
EXPRESS = "express"
ASKED = ("planning", "share")
FEW = {key: FULL_ANSWERS[key] for key in ("production-type", "size-class", "planning", "share")}


def a_bank_with_editions(session: Session, **changes: Any) -> BankVersion:
    return a_version(session, bank_data(editions=[edition(*ASKED)], **changes))


def express(session: Session, actor: Actor, answers: Mapping[str, Any] = FEW) -> Assessment:
    """An assessment of the express edition under way."""
    version = a_bank_with_editions(session)
    return an_assessment(session, actor, version=version, edition=EXPRESS, answers=answers)


def submitted(session: Session, actor: Actor) -> Assessment:
    assessment = express(session, actor)
    return assessments.submit(session, actor, assessment.id, now=NOW)


def begun_again(session: Session, actor: Actor, done: Assessment, edition: str = EXPRESS) -> int:
    """A second assessment of the same version, without answers."""
    version_id = done.bank_version_id
    return assessments.start(session, actor, version_id=version_id, edition=edition, now=LATER).id


def go_on(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> Assessment:
    return going_on.go_on(session, actor, assessment_id, now=now).assessment


# --------------------------------------------------------------------- answering


def test_an_edition_asks_only_its_own_questions(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner, answers={})

    state = assessments.hub(session, owner, assessment.id)

    assert assessment.edition == EXPRESS
    assert set(state.bank.questions) == {"production-type", "size-class", *ASKED}
    assert state.bank.title.en == "Test bank (express)"
    assert state.progress.missing == ("production-type", *ASKED)


def test_a_question_that_the_edition_leaves_out_is_refused(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner)

    saved = assessments.save(
        session, owner, assessment.id, given={"years": {"number": "4"}}, seen={}, now=LATER
    )

    assert [(p.code, p.place) for p in saved.refused] == [("answer-unknown-question", "years")]


def test_an_edition_is_submitted_and_scored_by_its_own_questions(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = submitted(session, owner)

    outcome = assessments.outcome(session, owner, assessment.id)

    assert set(outcome.result.items) == set(ASKED)
    assert assessment.result is not None
    assert str(outcome.result.total) == assessment.result["total"]


def test_an_edition_and_the_whole_bank_stay_apart_in_memory(session: Session) -> None:
    version = a_bank_with_editions(session)
    read = [
        banks.bank_by_digest(session, version.id, version.digest, key)
        for key in (FULL, EXPRESS, FULL, EXPRESS)
    ]

    assert read[0] is read[2]
    assert read[1] is read[3]
    assert len(read[1].questions) < len(read[0].questions)


@pytest.mark.parametrize("unknown", ["lightning", "Express", "express "])
def test_an_edition_that_the_bank_does_not_have_is_not_open(session: Session, unknown: str) -> None:
    _, owner = a_firm(session)
    version = a_bank_with_editions(session)

    with pytest.raises(BankNotOpen):
        assessments.start(session, owner, version_id=version.id, edition=unknown, now=NOW)


def test_one_assessment_of_a_version_is_under_way_whatever_its_edition(session: Session) -> None:
    _, owner = a_firm(session)
    first = express(session, owner)

    second = assessments.start(
        session, owner, version_id=first.bank_version_id, edition=FULL, now=LATER
    )

    assert second.id == first.id
    assert second.edition == EXPRESS


def test_the_lists_name_the_edition(session: Session) -> None:
    firm, owner = a_firm(session)
    express(session, owner)

    for reader in (owner, a_consultant(session, firm), an_administrator(session)):
        (standing,) = overview.standings(session, reader, [firm.id])
        assert standing.title.en == "Test bank (express)"


def test_the_report_of_an_edition_is_made_from_its_own_questions(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = submitted(session, owner)

    report = reports.ask(session, owner, assessment.id, Copy(Languages.EN), now=NOW)
    inputs = report_jobs.inputs(session, report.id, logos_folder=Path())

    assert inputs.bank.title.en == "Test bank (express)"
    assert set(inputs.result.items) == set(ASKED)


# ---------------------------------------------------------------------- going on


def test_a_draft_goes_on_to_the_whole_bank_with_its_answers(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = express(session, owner)

    further = go_on(session, a_member(session, firm), assessment.id, now=LATER)

    state = assessments.hub(session, owner, assessment.id)
    assert (further.id, further.edition) == (assessment.id, FULL)
    assert dict(state.plain) == FEW
    assert set(state.progress.missing) == {"security", "years", "systems", "conditions", "product"}
    with pytest.raises(NotComplete):
        assessments.submit(session, owner, assessment.id, now=LATER)


def test_going_on_twice_changes_nothing_more(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner)
    going_on.go_on(session, owner, assessment.id, now=LATER)

    again = go_on(session, owner, assessment.id, now=LATER)

    assert (again.id, again.edition, again.started_at) == (assessment.id, FULL, NOW)


def test_from_a_submitted_edition_a_new_assessment_has_all_answers(session: Session) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm, name="赵倩")
    done = submitted(session, owner)

    further = go_on(session, colleague, done.id, now=LATER)

    state = assessments.hub(session, owner, further.id)
    history = assessments.history(session, owner, further.id, "planning")
    assert further.id != done.id
    assert (further.edition, further.submitted_at, further.started_by) == (
        FULL,
        None,
        colleague.user_id,
    )
    assert dict(state.plain) == FEW
    assert set(state.revisions.values()) == {1}
    assert [(c.revision, c.before, c.after, c.author, c.at) for c in history] == [
        (1, None, FEW["planning"], "赵倩", LATER)
    ]


def typed_share(session: Session, actor: Actor, assessment_id: int, *, seen: int) -> None:
    """What the question of the share cannot take."""
    assessments.save(
        session,
        actor,
        assessment_id,
        given={"share": {"numerator": "many", "denominator": "100"}},
        seen={"share": seen},
        typed={"share": {"numerator": ["many"], "denominator": ["100"]}},
        now=NOW,
    )


def test_going_on_keeps_what_was_typed_and_could_not_be_taken(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner)
    typed_share(session, owner, assessment.id, seen=1)

    further = go_on(session, owner, assessment.id, now=LATER)

    state = assessments.hub(session, owner, further.id)
    assert dict(state.wrong) == {"share": {"numerator": ["many"], "denominator": ["100"]}}
    assert state.progress.wrong == ("share",)


def test_a_draft_is_not_replaced_by_the_answer_of_a_submitted_edition(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done)
    typed_share(session, owner, present, seen=0)

    further = going_on.go_on(session, owner, done.id, now=LATER)

    state = assessments.hub(session, owner, present)
    assert further.assessment.id == present
    assert state.progress.wrong == ("share",)
    assert "share" not in state.plain


def test_the_submitted_edition_and_its_result_stay_as_they_are(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    before = assessments.outcome(session, owner, done.id).result

    going_on.go_on(session, owner, done.id, now=LATER)

    assert done.edition == EXPRESS
    assert assessments.outcome(session, owner, done.id).result == before


def test_a_cleared_answer_is_not_copied(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = express(session, owner)
    assessments.save(
        session, owner, assessment.id, given={"size-class": None}, seen={"size-class": 1}, now=NOW
    )
    assessments.submit(session, owner, assessment.id, now=NOW)

    further = go_on(session, owner, assessment.id, now=LATER)

    rows = select(AnswerRow.question_key).where(AnswerRow.assessment_id == further.id)
    lines = select(func.count()).where(AnswerChange.assessment_id == further.id)
    assert set(session.scalars(rows)) == {"production-type", *ASKED}
    assert session.scalar(lines) == 3


def test_the_targets_come_along(session: Session) -> None:
    firm, owner = a_firm(session)
    done = submitted(session, owner)
    targets.set_targets(session, owner, done.id, targets={"first": 4}, now=NOW)

    further = go_on(session, a_member(session, firm), done.id, now=LATER)

    (chosen,) = targets.targets_of(session, owner, further.id).values()
    assert (chosen.level, chosen.author, chosen.at) == (4, "赵倩", LATER)


@pytest.mark.parametrize("edition_begun", [EXPRESS, FULL])
def test_the_assessment_under_way_takes_over_the_answers_that_it_lacks(
    session: Session, edition_begun: str
) -> None:
    firm, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done, edition_begun)

    further = going_on.go_on(session, a_member(session, firm, name="赵倩"), done.id, now=LATER)

    state = assessments.hub(session, owner, present)
    (line,) = assessments.history(session, owner, present, "planning")
    assert (further.assessment.id, further.begun, further.copied) == (present, False, len(FEW))
    assert further.widened is (edition_begun == EXPRESS)
    assert state.assessment.edition == FULL
    assert dict(state.plain) == FEW
    assert (line.revision, line.before, line.after) == (1, None, FEW["planning"])
    assert (line.author, line.at, line.outcome) == ("赵倩", LATER, "saved")


def test_what_was_answered_or_cleared_meanwhile_is_never_overwritten(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done)
    own = {"planning": {"option": "level-5"}, "size-class": {"option": "micro"}}
    assessments.save(session, owner, present, given=own, seen={}, now=LATER)
    assessments.save(
        session, owner, present, given={"size-class": None}, seen={"size-class": 1}, now=LATER
    )

    further = going_on.go_on(session, owner, done.id, now=LATER)

    state = assessments.hub(session, owner, present)
    assert further.copied == 2
    assert state.plain["planning"] == own["planning"]
    assert set(state.plain) == set(FEW) - {"size-class"}
    assert len(assessments.history(session, owner, present, "planning")) == 1
    assert len(assessments.history(session, owner, present, "size-class")) == 2
    assert assessments.outcome(session, owner, done.id).plain == FEW


def test_targets_chosen_meanwhile_are_never_overwritten(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done)
    targets.set_targets(session, owner, done.id, targets={"first": 4, "second": 3}, now=NOW)
    targets.set_targets(session, owner, present, targets={"first": 1}, now=NOW)

    going_on.go_on(session, owner, done.id, now=LATER)

    chosen = targets.targets_of(session, owner, present)
    assert {key: each.level for key, each in chosen.items()} == {"first": 1, "second": 3}


def test_going_on_from_a_result_twice_changes_nothing_more(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done)
    going_on.go_on(session, owner, done.id, now=LATER)
    assessments.save(
        session, owner, present, given={"size-class": None}, seen={"size-class": 1}, now=LATER
    )

    again = going_on.go_on(session, owner, done.id, now=LATER)

    assert (again.assessment.id, again.begun, again.widened, again.copied) == (
        present,
        False,
        False,
        0,
    )
    assert "size-class" not in assessments.hub(session, owner, present).plain


def test_going_on_is_of_use_while_the_draft_asks_or_knows_less(session: Session) -> None:
    firm, owner = a_firm(session)
    done = submitted(session, owner)

    def is_of_use() -> bool:
        return going_on.adds_to_draft(session, owner, done.id)

    assert not is_of_use()  # nothing is under way
    present = begun_again(session, owner, done)
    assert is_of_use()
    assert not going_on.adds_to_draft(session, owner, present)
    assessments.save(session, owner, present, given=FEW, seen={}, now=LATER)
    assert is_of_use()  # the same answers, but not all the questions
    go_on(session, owner, done.id, now=LATER)
    assert not is_of_use()
    for outsider in (a_consultant(session, firm), an_administrator(session)):
        with pytest.raises(NotFound):
            going_on.adds_to_draft(session, outsider, done.id)


def test_a_whole_draft_without_the_answers_can_still_take_them_over(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    begun_again(session, owner, done, FULL)

    assert going_on.adds_to_draft(session, owner, done.id)


def test_a_submitted_assessment_of_the_whole_bank_adds_to_no_draft(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    begun_again(session, owner, done, FULL)

    assert not going_on.adds_to_draft(session, owner, done.id)


def test_two_who_go_on_at_once_get_one_assessment_with_each_answer_once(engine: Engine) -> None:
    with Session(engine) as setup:
        firm, owner = a_firm(setup)
        colleague = a_member(setup, firm)
        done_id = submitted(setup, owner).id
        setup.commit()

    found = []
    for actor in (owner, colleague):
        with Session(engine) as own:
            found.append(go_on(own, actor, done_id, now=LATER).id)
            own.commit()

    with Session(engine) as session:
        lines = select(func.count()).where(AnswerChange.assessment_id == found[0])
        assert found[0] == found[1]
        assert session.scalar(lines) == len(FEW)


def test_a_submitted_assessment_of_the_whole_bank_has_nothing_to_go_on_to(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    with pytest.raises(AlreadyFull):
        going_on.go_on(session, owner, done.id, now=LATER)


def test_two_who_go_on_at_once_into_a_draft_copy_each_answer_once(engine: Engine) -> None:
    with Session(engine) as setup:
        firm, owner = a_firm(setup)
        colleague = a_member(setup, firm)
        done = submitted(setup, owner)
        done_id, present = done.id, begun_again(setup, owner, done)
        setup.commit()

    def one(actor: Actor) -> int:
        with Session(engine) as own:
            copied = going_on.go_on(own, actor, done_id, now=LATER).copied
            own.commit()
            return copied

    with ThreadPoolExecutor() as pool:
        copied = list(pool.map(one, (owner, colleague)))

    with Session(engine) as session:
        lines = select(func.count()).where(AnswerChange.assessment_id == present)
        assert sorted(copied) == [0, len(FEW)]
        assert session.scalar(lines) == len(FEW)


def test_a_draft_that_is_submitted_at_this_moment_is_left_alone(engine: Engine) -> None:
    with Session(engine) as setup:
        _, owner = a_firm(setup)
        done = submitted(setup, owner)
        done_id, draft = done.id, begun_again(setup, owner, done)
        other = FEW | {"planning": {"option": "level-5"}}
        assessments.save(setup, owner, draft, given=other, seen={}, now=LATER)
        setup.commit()

    def one() -> GoneOn:
        with Session(engine, expire_on_commit=False) as own:
            further = going_on.go_on(own, owner, done_id, now=LATER)
            own.commit()
            return further

    with ThreadPoolExecutor() as pool, Session(engine) as submitting:
        assessments.submit(submitting, owner, draft, now=LATER)
        waiting = pool.submit(one)
        time.sleep(0.3)  # time to run into the lock; without it the test proves less, not wrong
        submitting.commit()
        further = waiting.result()

    with Session(engine) as session:
        assert further.begun
        assert further.assessment.id not in (done_id, draft)
        assert assessments.outcome(session, owner, draft).plain == other
        assert assessments.hub(session, owner, further.assessment.id).plain == FEW


def test_a_draft_of_a_retired_bank_still_takes_over_the_answers(session: Session) -> None:
    _, owner = a_firm(session)
    done = submitted(session, owner)
    present = begun_again(session, owner, done)
    banks.retire(session, done.bank_version_id, now=NOW)

    further = going_on.go_on(session, owner, done.id, now=LATER)

    assert (further.assessment.id, further.copied) == (present, len(FEW))


def test_a_retired_bank_is_gone_on_with_only_by_what_is_under_way(session: Session) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    version = a_bank_with_editions(session)
    done = an_assessment(session, owner, version=version, edition=EXPRESS, answers=FEW)
    assessments.submit(session, owner, done.id, now=NOW)
    draft = an_assessment(session, other, version=version, edition=EXPRESS)
    banks.retire(session, version.id, now=NOW)

    assert go_on(session, other, draft.id, now=LATER).edition == FULL
    with pytest.raises(BankNotOpen):
        going_on.go_on(session, owner, done.id, now=LATER)


def test_only_the_firms_own_people_go_on(session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "另一家公司")
    assessment = express(session, owner)
    outsiders = (a_consultant(session, firm), an_administrator(session), stranger)

    for outsider in outsiders:
        with pytest.raises(NotFound):
            going_on.go_on(session, outsider, assessment.id, now=LATER)
    assert assessment.edition == EXPRESS
