"""Asking, claiming, finishing: one input is one report, and one worker at a time makes it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.errors import NotFound
from survey.core.text import Languages, Text
from survey.services import accounts, assessments, logos, report_jobs, report_rows, reports, targets
from survey.services.assessments import NotSubmitted
from survey.services.people import Actor
from survey.services.report_inputs import Inputs
from survey.store import files
from survey.store.models import Assessment, IssuedFile, Report
from tests.builders import FULL_ANSWERS, bank_data
from tests.pictures import a_logo
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

ENGLISH = Copy(Languages.EN)
SHORT = Copy(Languages.ZH, Extent.SHORT)
LEASE = timedelta(seconds=60)
SAID = {
    "firm": {"typed": "江海阀门有限公司"},
    "verdict": {"total": "61.5", "level_number": 2, "level": {"zh": "二级", "en": "Level 2"}},
}
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
    copy: Copy = Copy(Languages.ZH),  # noqa: B008  # frozen
    now: datetime = NOW,
) -> Report:
    return reports.ask(session, actor, assessment.id, copy, now=now)


def claimed(session: Session, report: Report, now: datetime = NOW) -> str:
    token = uuid4().hex
    assert report_jobs.claim(session, report.id, token=token, now=now, lease=LEASE)
    return token


def finish(session: Session, report: Report, token: str, sha256: str = "a" * 64) -> bool:
    return report_jobs.finish(
        session,
        report.id,
        token=token,
        sha256=sha256,
        size=9,
        pages=3,
        content=SAID,
        now=LATER,
    )


def fail(session: Session, report: Report, token: str) -> bool:
    return report_jobs.fail(
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


def test_each_copy_is_a_report_of_its_own(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    copies = {plainest(Copy(*choice)) for choice in product(Languages, Extent, Format)}
    asked = {copy: ask(session, owner, assessment, copy) for copy in copies}

    assert len({report.id for report in asked.values()}) == len(copies)
    assert all(report_rows.copy_of(report) == copy for copy, report in asked.items())
    assert len(reports.list_for_assessment(session, owner, assessment.id)) == len(copies)


@pytest.mark.parametrize(("form", "count"), [(Format.JSON, 1), (Format.XLSX, 3)])
def test_copies_whose_files_are_equal_are_one_report(
    session: Session, owner: Actor, assessment: Assessment, form: Format, count: int
) -> None:
    asked = {
        ask(session, owner, assessment, Copy(languages, extent, form)).id
        for languages, extent in product(Languages, Extent)
    }

    assert len(asked) == count


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
        report_jobs.inputs(session, "0" * 32, logos_folder=Path())


# --------------------------------------------------------------------- workers


def test_one_worker_at_a_time_has_charge(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    claimed(session, report)

    second = report_jobs.claim(session, report.id, token=uuid4().hex, now=NOW, lease=LEASE)

    assert not second
    assert now_stored(session, report).attempts == 1


def test_a_lease_that_ran_out_lets_another_take_over(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    first = claimed(session, report)
    second = claimed(session, report, now=NOW + LEASE)

    assert not report_jobs.heartbeat(
        session, report.id, token=first, progress=50, now=LATER, lease=LEASE
    )
    assert not finish(session, report, first)
    assert not fail(session, report, first)
    assert not report_jobs.give_back(session, report.id, token=first, now=LATER)
    assert finish(session, report, second)


def test_a_heartbeat_keeps_the_lease(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)
    beat = NOW + LEASE / 2

    assert report_jobs.heartbeat(
        session, report.id, token=token, progress=40, now=beat, lease=LEASE
    )

    assert not report_jobs.claim(session, report.id, token="x", now=NOW + LEASE, lease=LEASE)
    assert now_stored(session, report).progress == 40


def test_a_finished_report_is_not_made_again(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    assert finish(session, report, claimed(session, report))

    again = report_jobs.claim(session, report.id, token="x", now=LATER, lease=LEASE)

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

    assert report_jobs.give_back(session, report.id, token=token, now=NOW)

    stored = now_stored(session, report)
    assert (stored.state, stored.attempts, stored.claim) == ("queued", 0, None)


def test_the_sweep_finds_what_nobody_has_charge_of(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    waiting = ask(session, owner, assessment)
    dead = ask(session, owner, assessment, ENGLISH)
    claimed(session, dead)
    alive = ask(session, owner, assessment, reports.USUAL, now=LATER)
    claimed(session, alive, now=LATER)

    found = report_jobs.sweep(session, now=LATER, queue_is_empty=True)

    assert set(found) == {waiting.id, dead.id}
    assert report_jobs.sweep(session, now=LATER, queue_is_empty=True) == ()


def test_the_sweep_leaves_alone_what_waits_in_a_long_queue(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    ask(session, owner, assessment)
    dead = ask(session, owner, assessment, ENGLISH)
    claimed(session, dead)

    assert report_jobs.sweep(session, now=LATER, queue_is_empty=False) == (dead.id,)


def test_what_may_be_lost_in_a_long_queue_is_delivered_again_but_rarely(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    report_jobs.give_back(session, report.id, token=claimed(session, report), now=NOW)

    minutes = [
        minute
        for minute in range(60)
        if report_jobs.sweep_long_queue(session, now=NOW + timedelta(minutes=minute))
    ]

    assert minutes == [16, 32, 48]


def test_a_report_that_ends_its_worker_again_and_again_is_given_up(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    moment = NOW
    for _ in range(report_jobs.MOST_ATTEMPTS):
        claimed(session, report, now=moment)
        moment += LEASE

    assert report_jobs.sweep(session, now=moment, queue_is_empty=True) == ()

    stored = now_stored(session, report)
    assert (stored.state, stored.reason_code) == ("failed", report_jobs.GAVE_UP)


def test_the_inputs_are_those_of_the_submission_dated_as_in_china(
    session: Session, owner: Actor
) -> None:
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    late_in_london = datetime.fromisoformat("2026-03-02T23:30:00+00:00")
    assessments.submit(session, owner, assessment.id, now=late_in_london)
    report = ask(session, owner, assessment, reports.USUAL)

    inputs = report_jobs.inputs(session, report.id, logos_folder=Path())

    assert inputs.issued_on == date(2026, 3, 3)
    assert (inputs.report_id, inputs.copy) == (report.id, reports.USUAL)
    assert (inputs.edition, inputs.previous, inputs.targets, inputs.logos) == ("", None, {}, ())
    assert inputs.firm_name == "江海阀门有限公司"
    assert inputs.bank_digest == report.bank_digest
    assert set(inputs.answers) == set(FULL_ANSWERS)
    assert inputs.result.bank_key == "test-bank"


# --------------------------------------------------------- previous round and logos


def a_later_round(session: Session, owner: Actor, *, days: int, **facts: Any) -> Assessment:
    assessment = an_assessment(session, owner, **({"answers": FULL_ANSWERS} | facts))
    return assessments.submit(session, owner, assessment.id, now=NOW + timedelta(days=days))


def inputs(session: Session, report: Report, folder: Path = Path()) -> Inputs:
    return report_jobs.inputs(session, report.id, logos_folder=folder)


def test_a_second_round_is_compared_with_the_one_before_by_the_bank_of_that_time(
    session: Session, owner: Actor
) -> None:
    first = a_submitted_assessment(session, owner)
    second = a_later_round(
        session, owner, days=30, version=a_version(session, bank_data(version=2))
    )
    third = a_later_round(session, owner, days=60, version=second.bank_version)

    previous = [
        inputs(session, ask(session, owner, each)).previous for each in (first, second, third)
    ]

    assert previous[0] is None
    assert previous[1] is not None
    assert (previous[1].bank.version, previous[1].issued_on) == (1, date(2026, 3, 2))
    assert previous[1].result.total is not None
    assert previous[2] is not None
    assert (previous[2].bank.version, previous[2].issued_on) == (2, date(2026, 4, 1))


def test_another_bank_or_another_firm_is_no_previous_round(session: Session, owner: Actor) -> None:
    a_submitted_assessment(session, owner, version=a_version(session, bank_data(key="another")))
    _, stranger = a_firm(session, "另一家公司")
    a_submitted_assessment(session, stranger, version=a_version(session))
    late = a_later_round(session, owner, days=30, version=a_version(session))

    assert inputs(session, ask(session, owner, late)).previous is None


def test_a_target_chosen_later_is_another_report(session: Session, owner: Actor) -> None:
    assessment = a_submitted_assessment(session, owner)
    before = ask(session, owner, assessment)
    domain = inputs(session, before).bank.sections[0].domains[0].key
    targets.set_targets(session, owner, assessment.id, targets={domain: 3}, now=LATER)

    after = ask(session, owner, assessment)

    assert before.id != after.id
    assert inputs(session, after).targets == {domain: 3}
    with pytest.raises(report_jobs.Outdated):
        inputs(session, before)


def test_a_report_that_waits_is_made_from_what_is_stored_when_its_turn_comes(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()

    assert inputs(session, report).firm_name == "江海流体控制有限公司"
    assert ask(session, owner, assessment).id == report.id


def test_a_logo_set_later_is_another_report_and_stands_on_it(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    before = ask(session, owner, assessment)
    logos.set_for_firm(session, owner, a_logo(), "logo.png", folder=tmp_path, now=LATER)

    after = ask(session, owner, assessment)

    assert before.id != after.id
    (logo,) = inputs(session, after, tmp_path).logos
    assert (logo.media_type, logo.alt) == ("image/png", "江海阀门有限公司")


def test_a_logo_that_is_gone_from_the_disk_is_named(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    logos.set_for_firm(session, owner, a_logo(), "logo.png", folder=tmp_path, now=LATER)
    report = ask(session, owner, assessment)

    with pytest.raises(logos.LogoMissing):
        inputs(session, report, tmp_path / "elsewhere")


# ----------------------------------------------------- beforehand, again, cancelled


def test_the_usual_copy_is_made_before_anybody_asks(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    made = reports.ask_beforehand(session, assessment.id, by=owner.user_id, now=NOW)

    asked = ask(session, owner, assessment, reports.USUAL, now=LATER)

    assert (asked.id, asked.requested_by) == (made.id, owner.user_id)


def test_nothing_is_made_beforehand_of_an_open_assessment(session: Session, owner: Actor) -> None:
    assessment = an_assessment(session, owner)

    with pytest.raises(NotSubmitted):
        reports.ask_beforehand(session, assessment.id, by=owner.user_id, now=NOW)
    with pytest.raises(NotFound):
        reports.ask_beforehand(session, 99, by=owner.user_id, now=NOW)


@pytest.mark.parametrize("state", ["queued", "rendering", "checking"])
def test_a_report_is_cancelled_before_it_is_ready(
    session: Session, owner: Actor, assessment: Assessment, state: str
) -> None:
    report = ask(session, owner, assessment)
    token = "" if state == "queued" else claimed(session, report)
    if state == "checking":
        report_jobs.heartbeat(session, report.id, token=token, progress=97, now=NOW, lease=LEASE)
    assert now_stored(session, report).state == state

    cancelled = reports.cancel(session, owner, report.id, now=LATER)

    assert (cancelled.state, cancelled.finished_at) == ("cancelled", LATER)
    assert not report_jobs.heartbeat(
        session, report.id, token=token, progress=98, now=LATER, lease=LEASE
    )
    assert not finish(session, report, token)
    assert not report_jobs.claim(session, report.id, token="x", now=LATER, lease=LEASE)
    assert report_jobs.sweep(session, now=LATER + LEASE, queue_is_empty=True) == ()


def test_what_is_ready_stays_when_it_is_cancelled(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    finish(session, report, claimed(session, report))

    assert reports.cancel(session, owner, report.id, now=LATER).state == "ready"


def test_what_was_cancelled_is_made_when_it_is_asked_for_again(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    reports.cancel(session, owner, report.id, now=LATER)
    asked = ask(session, owner, assessment, now=LATER)
    assert (asked.id, asked.state, asked.finished_at) == (report.id, "queued", None)

    reports.cancel(session, owner, report.id, now=LATER)
    tried = reports.retry(session, owner, report.id, now=LATER)

    assert (tried.id, tried.state, tried.finished_at) == (report.id, "queued", None)


def test_a_retry_takes_what_is_stored_now(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment, ENGLISH)
    fail(session, report, claimed(session, report))
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()

    again = reports.retry(session, owner, report.id, now=LATER)

    assert again.id != report.id
    assert report_rows.copy_of(again) == ENGLISH


def test_a_retry_of_what_is_under_way_changes_nothing(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)

    again = reports.retry(session, owner, report.id, now=LATER)

    assert (again.id, again.state, again.claim) == (report.id, "rendering", token)


def test_strangers_cancel_and_retry_nothing(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    other_firm, other_owner = a_firm(session, "另一家公司")

    for stranger in (other_owner, a_consultant(session, other_firm)):
        with pytest.raises(NotFound):
            reports.cancel(session, stranger, report.id, now=LATER)
        with pytest.raises(NotFound):
            reports.retry(session, stranger, report.id, now=LATER)
    assert now_stored(session, report).state == "queued"


def test_the_progress_never_falls_and_ends_with_the_checks(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)
    seen = []
    for progress in (10, 5, 95, 96, 99):
        report_jobs.heartbeat(
            session, report.id, token=token, progress=progress, now=NOW, lease=LEASE
        )
        stored = now_stored(session, report)
        seen.append((stored.state, stored.progress))

    assert seen == [
        ("rendering", 10), ("rendering", 10), ("rendering", 95), ("checking", 96), ("checking", 99),
    ]  # fmt: skip


def test_what_died_while_it_was_checked_is_made_by_another(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)
    report_jobs.heartbeat(session, report.id, token=token, progress=97, now=NOW, lease=LEASE)

    assert report_jobs.sweep(session, now=NOW + LEASE, queue_is_empty=False) == (report.id,)
    claimed(session, report, now=NOW + LEASE)
    assert (now_stored(session, report).state, report.progress) == ("rendering", 0)


def test_what_was_ended_from_outside_is_put_back_until_it_is_given_up(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)

    put_back = [
        report_jobs.put_back(session, report.id, token=claimed(session, report), now=NOW)
        for _ in range(report_jobs.MOST_ATTEMPTS)
    ]

    assert put_back == [True, True, True, True, False]
    stored = now_stored(session, report)
    assert (stored.state, stored.reason_code) == ("failed", report_jobs.GAVE_UP)


def test_a_file_without_pages_is_as_good_as_one_with(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment, Copy(Languages.ZH, format=Format.DOCX))
    token = claimed(session, report)

    report_jobs.finish(
        session, report.id, token=token, sha256="b" * 64, size=9, pages=None, content=SAID,
        now=LATER,
    )  # fmt: skip

    assert (now_stored(session, report).state, report.pages) == ("ready", None)


# ------------------------------------------------------------------------ found


def test_a_report_is_found_by_its_number_and_by_its_hash(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    finish(session, report, claimed(session, report))
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)

    found = reports.found_by_id(session, report.id)

    assert found is not None
    assert found == reports.found_by_hash(session, "A" * 64)
    assert (found.report_id, found.state, found.sha256) == (report.id, "ready", "a" * 64)
    assert (found.firm_id, found.firm_name) == (owner.firm_id, "江海阀门有限公司")
    assert found.issued_on == date(2026, 3, 2)
    assert (found.bank_key, found.bank_version) == ("test-bank", 1)
    assert (found.bank_digest, found.engine) == (report.bank_digest, report.engine)
    assert (found.languages, found.extent, found.format) == (
        Languages.ZH, Extent.FULL, Format.PDF,
    )  # fmt: skip
    assert (found.total, found.level) == (Decimal("61.5"), Text(zh="二级", en="Level 2"))


def test_a_report_that_is_not_ready_says_nothing_of_the_score(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)

    found = reports.found_by_id(session, report.id)

    assert found is not None
    assert (found.state, found.total, found.level, found.sha256) == ("queued", None, None, None)
    assert found.firm_name == "江海阀门有限公司"


@pytest.mark.parametrize("number", ["", "0" * 32, "' OR 1=1", "f" * 64])
def test_what_nobody_made_is_not_found(session: Session, number: str) -> None:
    assert reports.found_by_id(session, number) is None
    assert reports.found_by_hash(session, number) is None


# ------------------------------------------------------------------------- look


def test_a_look_at_a_report_is_kept_nowhere_and_carries_the_number_of_a_finished_one(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    def look() -> Inputs:
        return reports.inputs_for(session, owner, assessment.id, SHORT, logos_folder=Path())

    first = look()
    report = ask(session, owner, assessment)
    waiting = look()
    finish(session, report, claimed(session, report))

    assert (first.report_id, waiting.report_id, look().report_id) == ("", "", report.id)
    assert first.copy == SHORT
    assert set(first.answers) == set(FULL_ANSWERS)


def test_strangers_and_the_hasty_look_at_nothing(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    under_way = an_assessment(session, owner, version=assessment.bank_version)
    _, stranger = a_firm(session, "另一家公司")

    with pytest.raises(NotFound):
        reports.inputs_for(session, stranger, assessment.id, SHORT, logos_folder=Path())
    with pytest.raises(NotSubmitted):
        reports.inputs_for(session, owner, under_way.id, SHORT, logos_folder=Path())


def test_the_backlog_counts_what_waits_and_what_failed_within_a_day(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    nothing = reports.backlog(session, now=NOW)
    ask(session, owner, assessment)
    ask(session, owner, assessment, SHORT, now=LATER)
    failed = ask(session, owner, assessment, ENGLISH)
    fail(session, failed, claimed(session, failed))

    assert nothing == reports.Backlog(waiting=0, oldest=None, failed=0)
    assert reports.backlog(session, now=LATER) == reports.Backlog(2, LATER - NOW, 1)
    assert reports.backlog(session, now=LATER + timedelta(days=2)).failed == 0


def test_a_report_whose_file_was_lost_is_made_again_under_its_number(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    finish(session, report, claimed(session, report))

    again = make_again(session, owner, report)

    assert (again.id, again.state, again.file_sha256, again.pages) == (
        report.id, "queued", "a" * 64, 3,
    )  # fmt: skip
    assert finish(session, again, claimed(session, again, now=LATER), "b" * 64)
    found = [reports.found_by_hash(session, sign * 64) for sign in "ab"]
    assert found == [reports.found_by_id(session, report.id)] * 2
    assert found[0] is not None
    assert found[0].sha256 == "b" * 64


def make_again(
    session: Session, actor: Actor, report: Report, folder: Path = Path("nowhere")
) -> Report:
    return reports.make_again(session, actor, report.id, folder=folder, now=LATER)


def made(session: Session, report: Report, folder: Path) -> Path:
    """A finished report; returns where its file lies."""
    sha256 = files.put(folder, b"document")
    assert finish(session, report, claimed(session, report), sha256)
    return files.path(folder, sha256)


def test_a_lost_file_that_is_back_is_taken_as_it_is(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    report = ask(session, owner, assessment)
    made(session, report, tmp_path)

    again = make_again(session, owner, report, tmp_path)

    assert (again.state, again.finished_at, again.progress) == ("ready", LATER, 100)


def test_a_worker_finds_that_the_lost_file_is_back(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    report = ask(session, owner, assessment)
    aside = made(session, report, tmp_path).rename(tmp_path / "aside")
    make_again(session, owner, report, tmp_path)
    token = claimed(session, report, now=LATER)
    gone = report_jobs.take_lost_back(session, report.id, token=token, folder=tmp_path)

    files.put(tmp_path, aside.read_bytes())
    back = report_jobs.take_lost_back(session, report.id, token=token, folder=tmp_path)

    assert (gone, back) == (False, True)
    stored = now_stored(session, report)
    assert (stored.state, stored.claim, stored.lease_until) == ("ready", None, None)


def test_a_damaged_file_is_no_file(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    report = ask(session, owner, assessment)
    made(session, report, tmp_path).write_bytes(b"docu")

    assert make_again(session, owner, report, tmp_path).state == "queued"


def test_a_lost_report_that_would_be_another_today_says_so_and_stays_known(
    session: Session, owner: Actor, assessment: Assessment, tmp_path: Path
) -> None:
    report = ask(session, owner, assessment)
    path = made(session, report, tmp_path)
    content = path.read_bytes()
    path.unlink()
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()

    lost = make_again(session, owner, report, tmp_path)

    assert (lost.id, lost.state, lost.reason_code) == (report.id, "failed", "report-not-again")
    found = reports.found_by_id(session, report.id)
    assert found is not None
    assert found == reports.found_by_hash(session, path.name)
    assert (found.firm_name, found.total) == ("江海阀门有限公司", Decimal("61.5"))
    another = make_again(session, owner, report, tmp_path)
    assert (another.state, another.id == report.id) == ("queued", False)
    files.put(tmp_path, content)
    assert make_again(session, owner, report, tmp_path).state == "ready"


def test_a_report_that_was_handed_out_never_becomes_another_under_its_number(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    finish(session, report, claimed(session, report))
    make_again(session, owner, report)
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()

    with pytest.raises(report_jobs.NotAgain):
        inputs(session, report)


def test_what_never_had_a_file_is_tried_again(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    fail(session, report, claimed(session, report))

    again = make_again(session, owner, report)

    assert (again.id, again.state) == (report.id, "queued")


def test_a_file_made_again_byte_for_byte_is_noted_once(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    finish(session, report, claimed(session, report))
    make_again(session, owner, report)

    assert finish(session, report, claimed(session, report, now=LATER))
    assert session.scalars(select(IssuedFile.sha256)).all() == ["a" * 64]


def test_what_is_not_finished_is_not_made_again(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    token = claimed(session, report)
    _, stranger = a_firm(session, "另一家公司")

    again = make_again(session, owner, report)

    assert (again.state, again.claim) == ("rendering", token)
    with pytest.raises(NotFound):
        make_again(session, stranger, report)


def test_a_report_of_another_input_can_be_told_by_its_digest(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)
    same = reports.digest_now(session, owner, assessment.id)
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=LATER)
    session.flush()
    _, stranger = a_firm(session, "另一家公司")

    assert report.input_digest == same
    assert report.input_digest != reports.digest_now(session, owner, assessment.id)
    with pytest.raises(NotFound):
        reports.digest_now(session, stranger, assessment.id)


def test_a_files_name_is_made_of_firm_and_date(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    report = ask(session, owner, assessment)

    assert reports.cover_of(session, report) == ("江海阀门有限公司", date(2026, 3, 2))


def test_many_are_asked_for_at_once_and_each_of_them_once(
    session: Session, owner: Actor, assessment: Assessment
) -> None:
    _, other = a_firm(session, "另一家公司")
    second = a_submitted_assessment(session, other, version=assessment.bank_version)
    before = ask(session, owner, assessment)

    asked = reports.ask_all(
        session, [assessment.id, second.id], Copy(Languages.ZH), by=owner.user_id, now=LATER
    )

    assert [report.assessment_id for report in asked] == [assessment.id, second.id]
    assert asked[0].id == before.id
