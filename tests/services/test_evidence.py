"""Files that support answers, below the pages: room, races, rights, and what is swept."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.exchange.evidence_kinds import PDF, NotEvidence
from survey.services import assessments, evidence
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import NotYourSection
from survey.services.evidence import (
    EvidenceEmpty,
    FirmFull,
    Limits,
    QuestionFull,
    UploadGone,
    WrongOffset,
)
from survey.services.people import ASSIGNED, Actor, OwnerOnly, actor_of
from survey.store import pieces
from survey.store.models import Assessment, Assignment, EvidenceFile, Membership, Upload
from tests.builders import FULL_ANSWERS
from tests.proofs import a_pdf
from tests.stored import NOW, a_firm, a_member, a_version, an_assessment

MEGABYTE = 1024 * 1024
QUESTION = "years"


@pytest.fixture
def limits(tmp_path: Path) -> Limits:
    return Limits(tmp_path / "evidence", 10 * MEGABYTE)


def begun(session: Session, actor: Actor, assessment: Assessment, limits: Limits, size: int) -> str:
    return evidence.begin(
        session, actor, assessment.id, QUESTION, name="a.pdf", size=size, limits=limits, now=NOW
    ).id


def received(
    session: Session, actor: Actor, upload_id: str, offset: int, content: bytes, limits: Limits
) -> evidence.Progress:
    with evidence.alone(limits.folder, upload_id):
        return evidence.receive(
            session, actor, upload_id, offset=offset, content=content, folder=limits.folder, now=NOW
        )


def added(session: Session, actor: Actor, assessment: Assessment, limits: Limits) -> str:
    return evidence.add(
        session, actor, assessment.id, QUESTION,
        name="证书.pdf", content=a_pdf(500), limits=limits, now=NOW,
    ).id  # fmt: skip


def test_a_whole_file_at_once_follows_the_same_rules(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    file_id = added(session, owner, assessment, limits)
    found = evidence.open_file(session, owner, file_id)

    assert (found.name, found.size, found.added_by) == ("证书.pdf", 500, "王强")
    assert pieces.read(limits.folder, file_id) == a_pdf(500)
    for content, refusal in ((b"", EvidenceEmpty), (b"<svg/>", NotEvidence)):
        with pytest.raises(refusal):
            evidence.add(
                session, owner, assessment.id, QUESTION,
                name="a", content=content, limits=limits, now=NOW,
            )  # fmt: skip


def test_two_uploads_at_once_cannot_pass_the_firms_limit(engine: Engine, limits: Limits) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        version = a_version(session)
        assessment = an_assessment(session, owner, version=version)
        session.commit()
        assessment_id = assessment.id
    together, outcomes = threading.Barrier(2), []

    def begin(name: str) -> None:
        together.wait()
        with Session(engine) as session:
            try:
                evidence.begin(
                    session, owner, assessment_id, QUESTION,
                    name=name, size=6 * MEGABYTE, limits=limits, now=NOW,
                )  # fmt: skip
                session.commit()
                outcomes.append("taken")
            except FirmFull:
                outcomes.append("full")

    threads = [threading.Thread(target=begin, args=(name,)) for name in ("a.pdf", "b.pdf")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["full", "taken"]


def test_a_piece_that_comes_late_does_not_count(engine: Engine, limits: Limits) -> None:
    """Two who read the same row before one of them was committed: the second is turned away."""
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = an_assessment(session, owner)
        upload_id = begun(session, owner, assessment, limits, 3000)
        session.commit()
    with Session(engine) as late, Session(engine) as first:
        stale = evidence._upload(late, upload_id)
        assert stale is not None
        late.expunge(stale)
        late.rollback()
        received(first, owner, upload_id, 0, a_pdf(3000)[:1000], limits)
        first.commit()

        with pytest.raises(WrongOffset):
            evidence._noted(late, owner, stale, 2000, NOW)


def test_a_file_comes_into_being_once(engine: Engine, limits: Limits) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        assessment = an_assessment(session, owner)
        upload_id = begun(session, owner, assessment, limits, 500)
        session.commit()
    with Session(engine) as late, Session(engine) as first:
        stale = evidence._upload(late, upload_id)
        assert stale is not None
        late.expunge(stale)
        late.rollback()
        received(first, owner, upload_id, 0, a_pdf(500), limits)
        first.commit()

        with pytest.raises(UploadGone):
            evidence._become_file(late, owner, stale, a_pdf(500), PDF, NOW)


def test_colleagues_with_sections_of_their_own_add_there_alone(
    session: Session, limits: Limits
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    member = a_member(session, firm)
    membership = session.scalars(select(Membership).filter_by(user_id=member.user_id)).one()
    membership.scope = ASSIGNED
    session.flush()
    member = actor_of(session, member.user_id)

    with pytest.raises(NotYourSection):
        begun(session, member, assessment, limits, 500)
    assert evidence.attached(session, member, assessment.id).may_add == frozenset()
    session.add(
        Assignment(
            assessment_id=assessment.id,
            page_key="everything",
            user_id=member.user_id,
            assigned_by=owner.user_id,
            assigned_at=NOW,
        )
    )
    session.flush()

    assert begun(session, member, assessment, limits, 500)
    assert evidence.attached(session, member, assessment.id).may_add == {"everything"}


def test_a_section_that_was_taken_away_takes_no_further_piece(
    session: Session, limits: Limits
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    member = a_member(session, firm)
    upload_id = begun(session, member, assessment, limits, 1000)
    membership = session.scalars(select(Membership).filter_by(user_id=member.user_id)).one()
    membership.scope = ASSIGNED
    session.flush()

    with pytest.raises(NotYourSection):
        received(session, actor_of(session, member.user_id), upload_id, 0, a_pdf(1000)[:10], limits)


def test_somebody_who_left_the_firm_goes_on_with_nothing(session: Session, limits: Limits) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    member = a_member(session, firm)
    unfinished = begun(session, member, assessment, limits, 1000)
    whole = added(session, member, assessment, limits)
    session.delete(session.scalars(select(Membership).filter_by(user_id=member.user_id)).one())
    session.flush()
    gone = actor_of(session, member.user_id)

    for upload_id in (unfinished, whole):
        with pytest.raises(NotFound):
            evidence.progress(session, gone, upload_id, folder=limits.folder, now=NOW)


def test_what_was_removed_keeps_its_line_and_frees_its_room(
    session: Session, limits: Limits
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    file_id = added(session, owner, assessment, limits)
    member = a_member(session, firm)

    with pytest.raises(OwnerOnly):
        evidence.remove(session, member, file_id, now=NOW)
    evidence.remove(session, owner, file_id, now=NOW)

    row = session.get_one(EvidenceFile, file_id)
    assert (row.removed_at, row.removed_by) == (NOW, owner.user_id)
    assert evidence.attached(session, owner, assessment.id).files == {}
    assert evidence._used(session, firm.id) == 0
    with pytest.raises(NotFound):
        evidence.open_file(session, owner, file_id)
    with pytest.raises(NotFound):
        evidence.remove(session, owner, file_id, now=NOW)
    with pytest.raises(UploadGone):
        evidence.progress(session, owner, file_id, folder=limits.folder, now=NOW)


def test_after_submission_everything_stays(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    file_id = added(session, owner, assessment, limits)
    upload_id = begun(session, owner, assessment, limits, 500)
    assessments.submit(session, owner, assessment.id, now=NOW)

    with pytest.raises(AlreadySubmitted):
        evidence.remove(session, owner, file_id, now=NOW)
    with pytest.raises(AlreadySubmitted):
        received(session, owner, upload_id, 0, a_pdf(500), limits)
    with pytest.raises(AlreadySubmitted):
        added(session, owner, assessment, limits)
    assert evidence.attached(session, owner, assessment.id).may_add == frozenset()


def test_a_stale_upload_takes_no_room_from_the_next(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    for size in range(1, 1 + evidence.MOST_PER_QUESTION):
        begun(session, owner, assessment, limits, size)
    with pytest.raises(QuestionFull):
        begun(session, owner, assessment, limits, 99)

    tomorrow = NOW + timedelta(hours=24, seconds=1)
    fresh = evidence.begin(
        session, owner, assessment.id, QUESTION, name="a", size=10, limits=limits, now=tomorrow
    )

    assert session.scalars(select(Upload.id)).all() == [fresh.id]
    assert len(fresh.instead_of) == evidence.MOST_PER_QUESTION


def test_beginning_again_takes_no_room_twice(session: Session, limits: Limits) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    colleague = a_member(session, firm)
    theirs = begun(session, colleague, assessment, limits, 1000)

    begun(session, owner, assessment, limits, 1000)
    at_work = begun(session, owner, assessment, limits, 1000)
    received(session, owner, at_work, 0, a_pdf(1000)[:10], limits)
    besides = begun(session, owner, assessment, limits, 1000)
    received(session, owner, besides, 0, a_pdf(1000)[:10], limits)
    session.get_one(Upload, at_work).touched_at = NOW - evidence.QUIET - timedelta(seconds=1)
    last = begun(session, owner, assessment, limits, 1000)

    assert set(session.scalars(select(Upload.id))) == {theirs, besides, last}


def test_a_piece_of_an_upload_that_was_begun_anew_does_not_count(
    engine: Engine, limits: Limits
) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        upload_id = begun(session, owner, an_assessment(session, owner), limits, 1000)
        session.commit()
    with Session(engine) as session, Session(engine) as other:
        upload = session.get_one(Upload, upload_id)
        session.expunge(upload)
        session.rollback()
        other.delete(other.get_one(Upload, upload_id))
        other.commit()

        with pytest.raises(UploadGone):
            evidence._noted(session, owner, upload, 10, NOW)

        session.rollback()
        assert evidence.is_left_behind(session, upload_id)


def test_the_sweep_leaves_what_somebody_still_needs(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    kept = added(session, owner, assessment, limits)
    removed = added(session, owner, assessment, limits)
    evidence.remove(session, owner, removed, now=NOW)
    fresh = begun(session, owner, assessment, limits, 1000)
    stale = begun(session, owner, assessment, limits, 1001)
    for upload_id in (fresh, stale):
        received(session, owner, upload_id, 0, a_pdf(1000)[:10], limits)
    session.get_one(Upload, stale).touched_at = NOW - timedelta(hours=25)
    unknown = "ab" * 16
    with pieces.alone(limits.folder, unknown):
        pass
    (limits.folder / "ab" / "not ours").touch()
    long_ago = (NOW - timedelta(hours=30)).timestamp()
    for path in limits.folder.glob("*/*"):
        os.utime(path, (long_ago, long_ago))
    session.flush()

    left = {
        file_id
        for share in range(pieces.SHARES)
        for file_id in evidence.sweep(session, limits.folder, now=NOW, share=share)
    }
    for file_id in left:
        evidence.forget(limits.folder, file_id)

    assert left == {removed, stale, unknown}
    assert {path.name for path in limits.folder.glob("*/*")} == {kept, fresh, "not ours"}
    assert session.scalars(select(Upload.id)).all() == [fresh]


def test_every_page_with_files_is_listed_in_its_order(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    for question in ("years", "size-class", "planning"):
        evidence.add(
            session, owner, assessment.id, question,
            name="a.pdf", content=a_pdf(500), limits=limits, now=NOW,
        )  # fmt: skip

    found = evidence.attached(session, owner, assessment.id)

    keys = [[question.key for question in questions] for _, questions in found.sections()]
    assert keys == [["size-class"], ["planning", "years"]]


def test_no_bytes_change_nothing(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    upload_id = begun(session, owner, assessment, limits, 1000)

    assert received(session, owner, upload_id, 0, b"", limits).received == 0
    file_id = added(session, owner, assessment, limits)
    assert received(session, owner, file_id, 500, b"more", limits).received == 500


def test_a_stranger_finds_nothing(session: Session, limits: Limits) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    assessment = an_assessment(session, owner)
    file_id = added(session, owner, assessment, limits)
    upload_id = begun(session, owner, assessment, limits, 500)

    for act in (
        lambda: evidence.open_file(session, stranger, file_id),
        lambda: evidence.open_file(session, stranger, "0" * 32),
        lambda: evidence.attached(session, stranger, assessment.id),
        lambda: evidence.attached(session, stranger, 999_999),
        lambda: evidence.remove(session, stranger, file_id, now=NOW),
        lambda: evidence.give_up(session, stranger, upload_id),
        lambda: evidence.give_up(session, stranger, file_id),
        lambda: begun(session, stranger, assessment, limits, 500),
        lambda: received(session, stranger, upload_id, 0, b"%PDF", limits),
    ):
        with pytest.raises(NotFound):
            act()
