"""A submission taken back: with a reason, before a review, and nothing of it forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.copies import Copy
from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.services import archives, assessments, reopening, report_jobs, report_rows, reports
from survey.services.assessments import AlreadySubmitted, NotSubmitted
from survey.services.people import Actor, OwnerOnly
from survey.services.reopening import ReopeningRefused
from survey.services.report_jobs import Reopened
from survey.store.models import Assessment, AuditEvent, Firm, Reopening, Report
from tests.builders import FULL_ANSWERS, bank_data, level
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

LATER = NOW + timedelta(days=1)
LATEST = NOW + timedelta(days=2)
CHINESE = Copy(Languages.ZH)
LEASE = timedelta(minutes=1)


@pytest.fixture
def firm_and_owner(session: Session) -> tuple[Firm, Actor]:
    return a_firm(session)


@pytest.fixture
def firm(firm_and_owner: tuple[Firm, Actor]) -> Firm:
    return firm_and_owner[0]


@pytest.fixture
def owner(firm_and_owner: tuple[Firm, Actor]) -> Actor:
    return firm_and_owner[1]


@pytest.fixture
def done(session: Session, owner: Actor) -> Assessment:
    return a_submitted_assessment(session, owner)


def reopen(
    session: Session, actor: Actor, done: Assessment, reason: str = "数字有误"
) -> Assessment:
    return reopening.reopen(session, actor, done.id, reason=reason, now=LATER)


def improve(session: Session, owner: Actor, done: Assessment) -> None:
    assessments.save(
        session, owner, done.id, given={"planning": level(5)}, seen={"planning": 1}, now=LATER
    )


# ---------------------------------------------------------------------- reopening


def test_a_reopened_assessment_can_be_answered_and_handed_in_again(
    session: Session, owner: Actor, done: Assessment
) -> None:
    before = done.result

    reopened = reopen(session, owner, done)
    improve(session, owner, done)
    again = assessments.submit(session, owner, done.id, now=LATEST)

    assert reopened.id == again.id
    assert again.submitted_at == LATEST
    assert again.result != before
    assert assessments.outcome(session, owner, done.id).plain["planning"] == level(5)


def test_who_took_it_back_when_and_why_is_kept_with_the_scores_it_had(
    session: Session, owner: Actor, done: Assessment
) -> None:
    result = done.result

    reopen(session, owner, done, "  数字\x00有误\u202e ")

    (kept,) = session.scalars(select(Reopening))
    assert (kept.assessment_id, kept.by, kept.at, kept.reason) == (
        done.id,
        owner.user_id,
        LATER,
        "数字有误",
    )
    assert (kept.submitted_at, kept.submitted_by, kept.result) == (NOW, owner.user_id, result)
    assert (done.submitted_at, done.submitted_by, done.result) == (None, None, None)


def test_pressing_the_button_twice_changes_nothing_and_another_reason_is_refused(
    session: Session, owner: Actor, done: Assessment
) -> None:
    reopen(session, owner, done)

    assert reopen(session, owner, done).submitted_at is None
    with pytest.raises(NotSubmitted):
        reopen(session, owner, done, "还有一个数")
    assert len(session.scalars(select(Reopening)).all()) == 1


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "reopening-reason-missing"),
        (" \n", "reopening-reason-missing"),
        ("\x00\u200b", "reopening-reason-missing"),
        ("x" * 501, "reopening-reason-too-long"),
    ],
)
def test_without_a_reason_nothing_is_reopened(
    session: Session, owner: Actor, done: Assessment, reason: str, code: str
) -> None:
    with pytest.raises(ReopeningRefused) as refused:
        reopen(session, owner, done, reason)

    assert refused.value.code == code
    assert done.submitted_at == NOW


def test_once_a_review_has_begun_nothing_is_reopened(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    reopening.begin_review(session, a_consultant(session, firm), done.id, now=NOW)

    with pytest.raises(ReopeningRefused) as refused:
        reopen(session, owner, done)

    assert refused.value.code == "review-begun"
    assert done.submitted_at == NOW
    with pytest.raises(AlreadySubmitted):
        improve(session, owner, done)


def test_beside_another_one_under_way_nothing_is_reopened(
    session: Session, owner: Actor, done: Assessment
) -> None:
    other = assessments.start(session, owner, version_id=done.bank_version_id, now=NOW)

    with pytest.raises(ReopeningRefused) as refused:
        reopen(session, owner, done)

    session.expire_all()
    assert refused.value.code == "other-under-way"
    assert done.submitted_at == NOW
    assert done.result is not None
    assert session.scalars(select(Reopening)).all() == []
    assert assessments.hub(session, owner, other.id).assessment.submitted_at is None


def test_the_same_question_bank_in_another_version_does_not_stand_in_the_way(
    session: Session, owner: Actor, done: Assessment
) -> None:
    an_assessment(session, owner, version=a_version(session, bank_data(version=2)))

    assert reopen(session, owner, done).submitted_at is None


def test_only_the_owner_reopens(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    _, stranger = a_firm(session, "另一家公司")

    with pytest.raises(OwnerOnly):
        reopen(session, a_member(session, firm), done)
    for outsider in (stranger, a_consultant(session, firm), an_administrator(session)):
        with pytest.raises(NotFound):
            reopen(session, outsider, done)
    assert done.submitted_at == NOW


def test_reopening_and_starting_anew_at_the_same_moment_leave_one_under_way(
    engine: Engine,
) -> None:
    with Session(engine) as session:
        firm, owner = a_firm(session)
        done = a_submitted_assessment(session, owner)
        done_id, version_id, firm_id = done.id, done.bank_version_id, firm.id
        session.commit()
    barrier = Barrier(2)

    def at_once(act: Callable[[Session], object]) -> object:
        barrier.wait()
        with Session(engine) as session:
            try:
                act(session)
            except ReopeningRefused as error:
                return error
            session.commit()
            return None

    def start(session: Session) -> object:
        return assessments.start(session, owner, version_id=version_id, now=LATER)

    def back(session: Session) -> object:
        return reopening.reopen(session, owner, done_id, reason="x", now=LATER)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, (start, back)))

    with Session(engine) as session:
        listed = assessments.list_for_firm(session, owner, firm_id)
        assert len([each for each in listed if each.submitted_at is None]) == 1


# ----------------------------------------------------------------------- reviewing


def test_a_review_begins_once(session: Session, firm: Firm, done: Assessment) -> None:
    consultant = a_consultant(session, firm)

    reopening.begin_review(session, consultant, done.id, now=LATER)
    again = reopening.begin_review(session, consultant, done.id, now=LATEST)

    assert again.review_begun_at == LATER


def test_once_a_review_has_ended_the_firm_may_reopen(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    consultant = a_consultant(session, firm)
    reopening.begin_review(session, consultant, done.id, now=LATER)

    reopening.end_review(session, consultant, done.id, now=LATER)
    reopening.end_review(session, consultant, done.id, now=LATEST)

    assert reopen(session, owner, done).submitted_at is None


def test_a_consultant_gives_it_back_with_a_reason(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    consultant = a_consultant(session, firm)
    reopening.begin_review(session, consultant, done.id, now=LATER)

    back = reopening.give_back(session, consultant, done.id, reason=" 缺一个数。 ", now=LATEST)

    assert (back.submitted_at, back.review_begun_at, back.result) == (None, None, None)
    line = reopening.list_for(session, owner, done.id)[-1]
    assert line == reopening.Line("陈顾问", LATEST, "缺一个数。", NOW, returned=True)


def test_nothing_is_given_back_without_a_reason_or_twice(
    session: Session, firm: Firm, done: Assessment
) -> None:
    consultant = a_consultant(session, firm)

    with pytest.raises(ReopeningRefused) as refused:
        reopening.give_back(session, consultant, done.id, reason=" ", now=LATER)
    reopening.give_back(session, consultant, done.id, reason="?", now=LATER)
    reopening.give_back(session, consultant, done.id, reason=" ?", now=LATER)
    for other, reason in ((consultant, "!"), (a_consultant(session, firm), "?")):
        with pytest.raises(NotSubmitted):
            reopening.give_back(session, other, done.id, reason=reason, now=LATER)

    assert len(session.scalars(select(Reopening)).all()) == 1
    assert refused.value.code == "reopening-reason-missing"


def test_only_the_firms_consultants_end_a_review_or_give_back(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    reopening.begin_review(session, a_consultant(session, firm), done.id, now=LATER)

    for outsider in (owner, a_consultant(session), an_administrator(session)):
        with pytest.raises(NotFound):
            reopening.end_review(session, outsider, done.id, now=LATER)
        with pytest.raises(NotFound):
            reopening.give_back(session, outsider, done.id, reason="?", now=LATER)
    assert done.review_begun_at == LATER


def test_submitting_reopening_and_reviewing_stand_in_the_log(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    consultant = a_consultant(session, firm)
    reopening.begin_review(session, consultant, done.id, now=LATER)
    reopening.begin_review(session, consultant, done.id, now=LATER)
    reopening.end_review(session, consultant, done.id, now=LATER)
    reopening.begin_review(session, consultant, done.id, now=LATER)
    reopening.give_back(session, consultant, done.id, reason="?", now=LATER)
    assessments.submit(session, owner, done.id, now=LATEST)
    reopen(session, owner, done)

    acts = session.scalars(
        select(AuditEvent.act)
        .where(AuditEvent.subject == f"firm:{firm.id}")
        .order_by(AuditEvent.id)
    )
    assert [act for act in acts if "assessment" in act or "review" in act] == [
        "submit-assessment",
        "begin-review",
        "end-review",
        "begin-review",
        "give-back-assessment",
        "submit-assessment",
        "reopen-assessment",
    ]


def test_what_is_not_handed_in_is_not_reviewed(session: Session, firm: Firm, owner: Actor) -> None:
    draft = an_assessment(session, owner)

    with pytest.raises(NotSubmitted):
        reopening.begin_review(session, a_consultant(session, firm), draft.id, now=LATER)


def test_only_the_firms_consultants_review(
    session: Session, firm: Firm, owner: Actor, done: Assessment
) -> None:
    other, _ = a_firm(session, "另一家公司")
    outsiders = (
        owner,
        a_member(session, firm),
        a_consultant(session, other),
        an_administrator(session),
    )

    for outsider in outsiders:
        with pytest.raises(NotFound):
            reopening.begin_review(session, outsider, done.id, now=LATER)
    assert done.review_begun_at is None


# ------------------------------------------------------- reports of the submission


def made(session: Session, owner: Actor, done: Assessment) -> Report:
    """A report that a worker has handed in; it says the day it carries."""
    report = reports.ask(session, owner, done.id, CHINESE, now=NOW)
    report_jobs.claim(session, report.id, token="t", now=NOW, lease=LEASE)
    content = {"firm": {"typed": "x"}, "verdict": {}, "issued_on": "2026-03-02"}
    assert report_jobs.finish(
        session, report.id, token="t", sha256="a" * 64, size=9, pages=3, content=content, now=NOW
    )
    return reports.get(session, owner, report.id)


def test_reports_that_were_made_stay_and_carry_their_own_day(
    session: Session, owner: Actor, done: Assessment
) -> None:
    report = made(session, owner, done)

    reopen(session, owner, done)
    while_open = reports.found_by_id(session, report.id)
    cover_while_open = reports.cover_of(session, report)
    improve(session, owner, done)
    assessments.submit(session, owner, done.id, now=LATEST)

    found = reports.found_by_hash(session, "a" * 64)
    assert while_open is not None
    assert while_open == found
    assert (while_open.state, while_open.issued_on) == ("ready", date(2026, 3, 2))
    assert cover_while_open == ("江海阀门有限公司", date(2026, 3, 2))
    assert reports.cover_of(session, report)[1] == date(2026, 3, 2)
    assert reports.digest_now(session, owner, done.id) != report.input_digest


def test_a_report_that_was_not_made_yet_carries_the_day_of_the_last_submission(
    session: Session, owner: Actor, done: Assessment
) -> None:
    report = reports.ask(session, owner, done.id, CHINESE, now=NOW)

    reopen(session, owner, done)

    found = reports.found_by_id(session, report.id)
    assert found is not None
    assert (found.state, found.issued_on) == ("queued", date(2026, 3, 2))


def test_a_report_that_waits_for_its_turn_says_that_the_answers_were_taken_back(
    session: Session, owner: Actor, done: Assessment, tmp_path: Path
) -> None:
    report = reports.ask(session, owner, done.id, CHINESE, now=NOW)
    reopen(session, owner, done)

    with pytest.raises(Reopened):
        report_jobs.inputs(session, report.id, logos_folder=tmp_path)

    with pytest.raises(NotSubmitted):
        reports.ask(session, owner, done.id, CHINESE, now=LATER)


def test_a_report_that_waited_meanwhile_is_made_of_what_was_handed_in_again(
    session: Session, owner: Actor, done: Assessment, tmp_path: Path
) -> None:
    report = reports.ask(session, owner, done.id, CHINESE, now=NOW)
    reopen(session, owner, done)
    improve(session, owner, done)
    assessments.submit(session, owner, done.id, now=LATEST)

    inputs = report_jobs.inputs(session, report.id, logos_folder=tmp_path)

    assert inputs.issued_on == date(2026, 3, 4)
    assert (
        reports.digest_now(session, owner, done.id)
        == reports.get(session, owner, report.id).input_digest
    )


def test_an_archive_says_that_the_answers_were_taken_back(
    session: Session, firm: Firm, owner: Actor, done: Assessment, tmp_path: Path
) -> None:
    consultant = a_consultant(session, firm)
    archive = archives.ask(session, consultant, [firm.id], CHINESE, now=NOW)
    (item,) = archives.get(session, consultant, archive.id).items
    reports.cancel(session, owner, str(item.report_id), now=NOW)
    reopen(session, owner, done)

    view = archives.again(session, consultant, archive.id, folder=tmp_path, now=LATER)

    (item,) = view.items
    assert (item.state, item.reason) == (report_rows.FAILED, ("report-reopened", {}))
    assert not view.can_be_asked_again
    newer = archives.ask(session, consultant, [firm.id], CHINESE, now=LATER)
    (none,) = archives.get(session, consultant, newer.id).items
    assert none.reason == (archives.NOTHING_SUBMITTED, {})


def test_a_round_before_that_was_reopened_makes_another_report(
    session: Session, owner: Actor, done: Assessment
) -> None:
    second = an_assessment(session, owner, version=done.bank_version, answers=FULL_ANSWERS)
    assessments.submit(session, owner, second.id, now=LATER)
    before = reports.digest_now(session, owner, second.id)

    reopen(session, owner, done)
    alone = reports.digest_now(session, owner, second.id)
    improve(session, owner, done)
    assessments.submit(session, owner, done.id, now=NOW)

    assert reports.digest_now(session, owner, second.id) not in (before, alone)


def test_everybody_who_sees_the_firm_reads_who_took_it_back_and_why(session: Session) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm)
    done = a_submitted_assessment(session, owner)

    reopening.reopen(session, owner, done.id, reason="一个数填错了。", now=LATER)

    for reader in (owner, consultant):
        assert reopening.list_for(session, reader, done.id) == (
            reopening.Line("王强", LATER, "一个数填错了。", NOW, returned=False),
        )


def test_what_was_taken_back_is_nobody_elses_business(session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    done = a_submitted_assessment(session, owner)

    with pytest.raises(NotFound):
        reopening.list_for(session, stranger, done.id)
    with pytest.raises(NotFound):
        reopening.list_for(session, owner, 999_999)
