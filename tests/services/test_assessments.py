"""Starting, answering, submitting: nothing is overwritten, nothing is lost, nothing is seen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.services import assessments, banks
from survey.services.assessments import (
    AlreadySubmitted,
    BankNotOpen,
    NotComplete,
    NotSubmitted,
    Saved,
)
from survey.services.people import Actor, OwnerOnly
from survey.store.models import AnswerChange, AnswerRow, Assessment
from tests.builders import FULL_ANSWERS, bank_data, domain, ladder, level, section
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


def put(session: Session, actor: Actor, assessment: Assessment, **changes: object) -> Saved:
    """Save one ladder answer, as seen at the given revision."""
    value, seen = changes.get("value", level(2)), changes.get("seen", 0)
    return assessments.save(
        session,
        actor,
        assessment.id,
        given={"planning": value},  # type: ignore[dict-item]  # a plain answer or None
        seen={"planning": seen},  # type: ignore[dict-item]  # an int
        now=LATER,
    )


# ------------------------------------------------------------------------ start


def test_starting_twice_goes_on_with_the_same_assessment(session: Session) -> None:
    _, owner = a_firm(session)
    version = a_version(session)

    first = assessments.start(session, owner, version_id=version.id, now=NOW)
    second = assessments.start(session, owner, version_id=version.id, now=LATER)

    assert first.id == second.id
    assert second.started_at == NOW


def test_after_submitting_a_new_assessment_of_the_same_bank_can_be_started(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    first = a_submitted_assessment(session, owner)

    second = assessments.start(session, owner, version_id=first.bank_version_id, now=LATER)

    assert second.id != first.id


def test_a_draft_and_a_retired_version_cannot_be_started(session: Session) -> None:
    _, owner = a_firm(session)
    draft = banks.store_draft(session, data=bank_data(version=2), by=None, now=NOW)
    retired = a_version(session)
    banks.retire(session, retired.id, by=None, now=NOW)

    for version in (draft, retired):
        with pytest.raises(BankNotOpen):
            assessments.start(session, owner, version_id=version.id, now=NOW)


def test_only_people_of_a_firm_start_an_assessment(session: Session) -> None:
    version = a_version(session)

    for stranger in (a_consultant(session), an_administrator(session)):
        with pytest.raises(NotFound):
            assessments.start(session, stranger, version_id=version.id, now=NOW)


def test_an_unknown_version_cannot_be_started(session: Session) -> None:
    _, owner = a_firm(session)

    with pytest.raises(NotFound):
        assessments.start(session, owner, version_id=99, now=NOW)


def test_an_assessment_under_way_goes_on_after_its_version_was_retired(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    banks.retire(session, assessment.bank_version_id, by=None, now=NOW)

    assert put(session, owner, assessment).saved == {"planning": 1}


# ------------------------------------------------------------------------- save


def test_each_answer_has_its_own_revision_author_and_time(session: Session) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm)
    assessment = an_assessment(session, owner, answers={"years": {"number": "4"}})

    saved = put(session, colleague, assessment)

    row = session.get(AnswerRow, (assessment.id, "planning"))
    assert saved.saved == {"planning": 1}
    assert row is not None
    assert (row.plain, row.revision, row.author_id, row.saved_at) == (
        level(2),
        1,
        colleague.user_id,
        LATER,
    )


def test_a_later_save_does_not_overwrite_an_earlier_one(session: Session) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm, name="赵倩")
    assessment = an_assessment(session, owner)
    put(session, colleague, assessment, value=level(4))

    late = put(session, owner, assessment, value=level(2), seen=0)

    (conflict,) = late.conflicts
    assert late.saved == {}
    assert (conflict.mine, conflict.theirs) == (level(2), level(4))
    assert (conflict.their_name, conflict.their_time, conflict.revision) == ("赵倩", LATER, 1)
    page = assessments.open_page(session, owner, assessment.id, "everything")
    assert page.plain["planning"] == level(4)


def test_the_value_that_lost_is_kept_in_the_history(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    put(session, a_member(session, firm, name="赵倩"), assessment, value=level(4))
    put(session, owner, assessment, value=level(2), seen=0)

    changes = assessments.history(session, owner, assessment.id, "planning")

    assert [(c.outcome, c.before, c.after, c.author, c.revision) for c in changes] == [
        ("saved", None, level(4), "赵倩", 1),
        ("conflict", level(4), level(2), "王强", 1),
    ]


def test_after_a_conflict_the_own_value_can_be_chosen(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    put(session, a_member(session, firm), assessment, value=level(4))
    conflict = put(session, owner, assessment, value=level(2), seen=0).conflicts[0]

    again = put(session, owner, assessment, value=level(2), seen=conflict.revision)

    assert again.saved == {"planning": 2}


def test_the_same_value_is_no_conflict_and_makes_no_revision(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    put(session, a_member(session, firm), assessment, value=level(4))

    repeated = put(session, owner, assessment, value=level(4), seen=0)

    assert (repeated.saved, repeated.conflicts) == ({"planning": 1}, ())
    assert len(assessments.history(session, owner, assessment.id, "planning")) == 1


def test_a_value_written_differently_is_the_same_value(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"years": {"number": "12"}})

    again = assessments.save(
        session, owner, assessment.id, given={"years": {"number": " １２ "}}, seen={}, now=LATER
    )

    assert (again.saved, again.conflicts) == ({"years": 1}, ())


def test_different_questions_never_conflict(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    put(session, a_member(session, firm), assessment)

    saved = assessments.save(
        session, owner, assessment.id, given={"years": {"number": "4"}}, seen={}, now=LATER
    )

    assert (saved.saved, saved.conflicts) == ({"years": 1}, ())


def test_a_cleared_answer_is_gone_from_the_page_and_kept_in_the_history(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})

    saved = put(session, owner, assessment, value=None, seen=1)

    page = assessments.open_page(session, owner, assessment.id, "everything")
    last = assessments.history(session, owner, assessment.id, "planning")[-1]
    assert saved.saved == {"planning": 2}
    assert "planning" not in page.plain
    assert page.revisions["planning"] == 2
    assert (last.outcome, last.before, last.after) == ("cleared", level(3), None)


def test_an_answer_given_again_after_clearing_does_not_look_like_the_first(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})
    put(session, colleague, assessment, value=None, seen=1)
    put(session, colleague, assessment, value=level(5), seen=2)

    stale = put(session, owner, assessment, value=level(1), seen=1)

    assert stale.conflicts[0].theirs == level(5)


def test_clearing_what_was_never_answered_changes_nothing(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    saved = put(session, owner, assessment, value=None)

    assert saved.saved == {"planning": 0}
    assert session.scalar(select(func.count()).select_from(AnswerChange)) == 0


def test_good_answers_are_stored_even_if_others_are_refused(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    saved = assessments.save(
        session,
        owner,
        assessment.id,
        given={
            "planning": level(2),
            "years": {"number": "500"},
            "no-such-question": {"text": "x"},
        },
        seen={},
        now=NOW,
    )

    assert saved.saved == {"planning": 1}
    assert [(p.code, p.place) for p in saved.refused] == [
        ("answer-out-of-range", "years"),
        ("answer-unknown-question", "no-such-question"),
    ]


def conditional_bank() -> dict[str, object]:
    only_above = {"question": "planning", "at_least": 3}
    parts = domain("first", ladder(), ladder("schedule", when=only_above))
    return bank_data(section("one", "A", parts))


def test_an_answer_to_a_question_that_does_not_apply_is_kept_and_does_not_count(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    version = a_version(session, conditional_bank())
    assessment = an_assessment(session, owner, version=version, answers={"planning": level(1)})
    before = assessments.hub(session, owner, assessment.id).progress

    saved = assessments.save(
        session, owner, assessment.id, given={"schedule": level(2)}, seen={}, now=NOW
    )

    assert (saved.saved, saved.refused) == ({"schedule": 1}, ())
    assert saved.progress == before


def test_a_question_that_applies_by_the_same_save_is_taken(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=a_version(session, conditional_bank()))

    saved = assessments.save(
        session,
        owner,
        assessment.id,
        given={"schedule": level(2), "planning": level(4)},
        seen={},
        now=NOW,
    )

    assert saved.saved == {"planning": 1, "schedule": 1}
    assert "schedule" in saved.visible


def test_an_answer_hidden_by_another_stays_and_comes_back(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(
        session,
        owner,
        version=a_version(session, conditional_bank()),
        answers={"planning": level(4), "schedule": level(2)},
    )

    put(session, owner, assessment, value=level(0), seen=1)
    hidden = assessments.open_page(session, owner, assessment.id, "one")
    put(session, owner, assessment, value=level(4), seen=2)
    shown = assessments.open_page(session, owner, assessment.id, "one")

    assert "schedule" not in hidden.visible
    assert "schedule" in shown.visible
    assert shown.plain["schedule"] == level(2)


def test_the_saved_progress_is_that_of_the_whole_assessment(session: Session) -> None:
    _, owner = a_firm(session)
    answers = {key: value for key, value in FULL_ANSWERS.items() if key != "planning"}
    assessment = an_assessment(session, owner, answers=answers)

    saved = put(session, owner, assessment)

    assert saved.progress.missing == ()


def test_two_sessions_that_race_for_one_answer_both_get_the_truth(engine: Engine) -> None:
    with Session(engine) as setup:
        firm, owner = a_firm(setup)
        colleague = a_member(setup, firm)
        assessment = an_assessment(setup, owner)
        setup.commit()
        assessment_id = assessment.id

    def save(actor: Actor, value: int) -> Saved:
        with Session(engine) as own:
            saved = assessments.save(
                own, actor, assessment_id, given={"planning": level(value)}, seen={}, now=NOW
            )
            own.commit()
            return saved

    first, second = save(owner, 1), save(colleague, 2)

    assert first.saved == {"planning": 1}
    assert second.conflicts[0].theirs == level(1)


# ----------------------------------------------------------------- look, submit


def test_a_page_shows_all_answers_and_the_state_of_every_page(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})

    page = assessments.open_page(session, owner, assessment.id, "everything")
    profile = assessments.open_page(session, owner, assessment.id, "profile")

    assert page.page.title.en == "Section everything"
    assert profile.page.title.en == "Profile"
    assert page.progress.pages["everything"].answered == 1
    assert page.progress.pages["profile"].missing == ("production-type",)


def test_an_unknown_page_is_not_found(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    with pytest.raises(NotFound):
        assessments.open_page(session, owner, assessment.id, "no-such-page")


def test_submitting_keeps_the_result_and_closes_the_answers(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    submitted = assessments.submit(session, owner, assessment.id, now=LATER)

    assert (submitted.submitted_at, submitted.submitted_by) == (LATER, owner.user_id)
    assert submitted.result is not None
    assert submitted.result["bank_key"] == "test-bank"
    with pytest.raises(AlreadySubmitted):
        put(session, owner, assessment, seen=1)
    with pytest.raises(AlreadySubmitted):
        assessments.submit(session, owner, assessment.id, now=LATER)


def test_every_open_question_is_named_before_submitting(session: Session) -> None:
    _, owner = a_firm(session)
    answers = {key: value for key, value in FULL_ANSWERS.items() if key != "planning"}
    del answers["production-type"]
    assessment = an_assessment(session, owner, answers=answers)

    with pytest.raises(NotComplete) as refused:
        assessments.submit(session, owner, assessment.id, now=LATER)

    assert refused.value.missing == ("production-type", "planning")


def test_dont_know_counts_as_answered(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(
        session, owner, answers={**FULL_ANSWERS, "planning": {"unknown": True}}
    )

    assert assessments.submit(session, owner, assessment.id, now=LATER).submitted_at == LATER


def test_only_the_owner_submits(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    with pytest.raises(OwnerOnly):
        assessments.submit(session, a_member(session, firm), assessment.id, now=LATER)


def test_the_outcome_is_what_was_stored_when_submitting(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)

    outcome = assessments.outcome(session, owner, assessment.id)

    assert assessment.result is not None
    assert str(outcome.result.total) == assessment.result["total"]
    assert outcome.firm.id == firm.id
    assert len(outcome.bank_digest) == 64


def test_there_is_no_outcome_before_submitting(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    with pytest.raises(NotSubmitted):
        assessments.outcome(session, owner, assessment.id)


def test_the_list_has_the_newest_first_with_its_bank(session: Session) -> None:
    firm, owner = a_firm(session)
    first = a_submitted_assessment(session, owner)
    second = assessments.start(session, owner, version_id=first.bank_version_id, now=LATER)

    listed = assessments.list_for_firm(session, owner, firm.id)

    assert [line.id for line in listed] == [second.id, first.id]
    assert listed[0].bank_version.title_en == "Test bank"


# ------------------------------------------------------------- whose data it is


def _hub(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.hub(session, actor, assessment.id)


def _page(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.open_page(session, actor, assessment.id, "everything")


def _history(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.history(session, actor, assessment.id, "planning")


def _submit(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.submit(session, actor, assessment.id, now=NOW)


def _outcome(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.outcome(session, actor, assessment.id)


def _list(session: Session, actor: Actor, assessment: Assessment) -> object:
    return assessments.list_for_firm(session, actor, assessment.firm_id)


Act = Callable[[Session, Actor, Assessment], object]
WRITING: tuple[Act, ...] = (_hub, _page, _history, _submit, put)
SEEING: tuple[Act, ...] = (_outcome, _list)


@pytest.mark.parametrize("act", [*WRITING, *SEEING])
def test_another_firms_assessment_is_not_found(session: Session, act: Act) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    _, stranger = a_firm(session, "另一家公司")

    with pytest.raises(NotFound):
        act(session, stranger, assessment)


@pytest.mark.parametrize("act", WRITING)
def test_consultants_and_administrators_do_not_answer_for_a_firm(
    session: Session, act: Act
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    for outsider in (a_consultant(session, firm), an_administrator(session)):
        with pytest.raises(NotFound):
            act(session, outsider, assessment)


def test_results_are_seen_by_the_assigned_consultant_and_administrators(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)

    for reader in (a_consultant(session, firm), an_administrator(session), owner):
        assert assessments.outcome(session, reader, assessment.id).firm.id == firm.id
        assert len(assessments.list_for_firm(session, reader, firm.id)) == 1


def test_a_consultant_sees_no_firm_that_is_not_assigned(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    other, _ = a_firm(session, "另一家公司")

    with pytest.raises(NotFound):
        assessments.outcome(session, a_consultant(session, other), assessment.id)


@pytest.mark.parametrize("act", [*WRITING, _outcome])
def test_an_assessment_that_does_not_exist_is_not_found(session: Session, act: Act) -> None:
    _, owner = a_firm(session)

    with pytest.raises(NotFound):
        act(session, owner, Assessment(id=99))
