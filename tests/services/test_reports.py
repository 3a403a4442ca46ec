"""Asking, claiming, finishing: one input is one report, and one worker at a time makes it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.services import accounts, assessments, reports
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor
from survey.store.models import Assessment, Report
from tests.builders import FULL_ANSWERS
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_administrator,
    an_assessment,
)

LEASE = timedelta(seconds=60)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def owner(session: Session) -> Actor:
    return a_firm(session)[1]


@pytest.fixture
def assessment(session: Session, owner: Actor) -> Assessment:
    return a_submitted_assessment(session, owner)


def ask(
    session: Session,
    actor: Actor,
    assessment: Assessment,
    languages: Languages = Languages.ZH,
    now: datetime = NOW,
) -> Report:
    return reports.ask(session, actor, assessment.id, languages, now=now)


def claimed(session: Session, report: Report, now: datetime = NOW) -> str:
    token = uuid4().hex
    assert reports.claim(session, report.id, token=token, now=now, lease=LEASE)
    return token


def finish(session: Session, report: Report, token: str) -> bool:
    return reports.finish(
        session,
        report.id,
        token=token,
        sha256="a" * 64,
        size=9,
        pages=3,
        content={"said": "x"},
        now=LATER,
    )


def fail(session: Session, report: Report, token: str) -> bool:
    return reports.fail(
        session, report.id, token=token, code="bad-page", facts={"place": "p"}, now=LATER
    )


def now_stored(session: Session, report: Report) -> Report:
    session.refresh(report)
    return report


# ------------------------------------------------------------------------- ask


def test_asking_twice_gives_the_same_report(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    first = ask(session, owner, assessment)
    second = ask(session, owner, assessment, now=LATER)

    assert first.id == second.id
    assert (first.state, first.requested_at) == ("queued", NOW)


def test_each_choice_of_languages_is_a_report_of_its_own(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    asked = {ask(session, owner, assessment, languages).id for languages in Languages}

    assert len(asked) == 3
    assert len(reports.list_for_assessment(session, owner, assessment.id)) == 3


def test_another_name_of_the_firm_is_another_report(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    first = ask(session, owner, assessment)
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()

    assert ask(session, owner, assessment).id != first.id


def test_a_failed_report_is_tried_again_when_asked_for(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    assert fail(session, report, claimed(session, report))

    again = ask(session, owner, assessment, now=LATER)

    assert (again.id, again.state, again.attempts, again.reason_code) == (
        report.id,
        "queued",
        0,
        None,
    )


def test_there_is_no_report_before_submitting(session: Session, owner: Actor) -> None:
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    with pytest.raises(NotSubmitted):
        ask(session, owner, assessment)


def test_members_assigned_consultants_and_administrators_get_reports(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    report = ask(session, owner, assessment)

    for reader in (a_member(session, firm), a_consultant(session, firm), an_administrator(session)):
        assert ask(session, reader, assessment).id == report.id
        assert reports.get(session, reader, report.id).id == report.id
        assert len(reports.list_for_assessment(session, reader, assessment.id)) == 1


def test_strangers_find_no_report(session: Session, owner: Actor, assessment: Assessment) -> None:
    report = ask(session, owner, assessment)
    other_firm, other_owner = a_firm(session, "另一家公司")

    for stranger in (other_owner, a_consultant(session, other_firm)):
        with pytest.raises(NotFound):
            ask(session, stranger, assessment)
        with pytest.raises(NotFound):
            reports.get(session, stranger, report.id)
        with pytest.raises(NotFound):
            reports.list_for_assessment(session, stranger, assessment.id)


def test_what_does_not_exist_is_not_found(session: Session, owner: Actor) -> None:
    with pytest.raises(NotFound):
        reports.get(session, owner, "0" * 32)
    with pytest.raises(NotFound):
        reports.list_for_assessment(session, owner, 99)
    with pytest.raises(NotFound):
        reports.inputs(session, "0" * 32)


# --------------------------------------------------------------------- workers


def test_one_worker_at_a_time_has_charge(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    claimed(session, report)

    second = reports.claim(session, report.id, token=uuid4().hex, now=NOW, lease=LEASE)

    assert not second
    assert now_stored(session, report).attempts == 1


def test_a_lease_that_ran_out_lets_another_take_over(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    first = claimed(session, report)
    second = claimed(session, report, now=NOW + LEASE)

    assert not reports.heartbeat(
        session, report.id, token=first, progress=50, now=LATER, lease=LEASE
    )
    assert not finish(session, report, first)
    assert not fail(session, report, first)
    assert not reports.give_back(session, report.id, token=first, now=LATER)
    assert finish(session, report, second)


def test_a_heartbeat_keeps_the_lease(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)
    beat = NOW + LEASE / 2

    assert reports.heartbeat(session, report.id, token=token, progress=40, now=beat, lease=LEASE)

    assert not reports.claim(session, report.id, token="x", now=NOW + LEASE, lease=LEASE)
    assert now_stored(session, report).progress == 40


def test_a_finished_report_is_not_made_again(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    assert finish(session, report, claimed(session, report))

    again = reports.claim(session, report.id, token="x", now=LATER, lease=LEASE)

    assert not again
    stored = now_stored(session, report)
    assert (stored.state, stored.progress, stored.pages, stored.finished_at) == (
        "ready",
        100,
        3,
        LATER,
    )
    assert ask(session, owner, assessment).id == report.id


def test_a_report_given_back_does_not_count_as_an_attempt(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)

    assert reports.give_back(session, report.id, token=token, now=NOW)

    stored = now_stored(session, report)
    assert (stored.state, stored.attempts, stored.claim) == ("queued", 0, None)


def test_the_sweep_finds_what_nobody_has_charge_of(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    waiting = ask(session, owner, assessment)
    dead = ask(session, owner, assessment, Languages.EN)
    claimed(session, dead)
    alive = ask(session, owner, assessment, Languages.BOTH, now=LATER)
    claimed(session, alive, now=LATER)

    found = reports.sweep(session, now=LATER, queue_is_empty=True)

    assert set(found) == {waiting.id, dead.id}
    assert reports.sweep(session, now=LATER, queue_is_empty=True) == ()


def test_the_sweep_leaves_alone_what_waits_in_a_long_queue(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    ask(session, owner, assessment)
    dead = ask(session, owner, assessment, Languages.EN)
    claimed(session, dead)

    assert reports.sweep(session, now=LATER, queue_is_empty=False) == (dead.id,)


def test_a_report_that_ends_its_worker_again_and_again_is_given_up(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    moment = NOW
    for _ in range(reports.MOST_ATTEMPTS):
        claimed(session, report, now=moment)
        moment += LEASE

    assert reports.sweep(session, now=moment, queue_is_empty=True) == ()

    stored = now_stored(session, report)
    assert (stored.state, stored.reason_code) == ("failed", reports.GAVE_UP)


def test_the_inputs_are_those_of_the_submission_dated_as_in_china(
    session: Session, owner: Actor
) -> None:
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    late_in_london = datetime.fromisoformat("2026-03-02T23:30:00+00:00")
    assessments.submit(session, owner, assessment.id, now=late_in_london)
    report = ask(session, owner, assessment, Languages.BOTH)

    inputs = reports.inputs(session, report.id)

    assert inputs.issued_on == date(2026, 3, 3)
    assert (inputs.report_id, inputs.languages) == (report.id, Languages.BOTH)
    assert inputs.firm_name == "江海阀门有限公司"
    assert inputs.bank_digest == report.bank_digest
    assert set(inputs.answers) == set(FULL_ANSWERS)
    assert inputs.result.bank_key == "test-bank"
