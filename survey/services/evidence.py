"""Files that support answers: sent in pieces, checked when they are whole, kept, handed out.

An upload and the file it becomes have one id, and lie in one place: the row says which it is.
Bytes count once the row says so, so whatever dies in between, the sender goes on from the row.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from survey.core import file_names
from survey.core.bank import Bank, Profile, Question, Section
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Text
from survey.exchange import evidence_file
from survey.exchange.evidence_kinds import Kind, NotEvidence
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import may_answer, must_answer, of_assessment
from survey.services.banks import bank_by_digest
from survey.services.people import ALL, Actor, OwnerOnly, must_belong, must_serve_firm
from survey.store import pieces
from survey.store.db import begin_write, rows_changed
from survey.store.models import Assessment, EvidenceFile, Firm, Upload, User

MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE
MOST_PER_QUESTION = 10
KEPT_UNTOUCHED = timedelta(hours=24)
QUIET = timedelta(minutes=10)
"""After so long nobody is sending any more, as far as beginning anew is concerned."""

MOST_SWEPT = 1000
NAMELESS = "file"


class EvidenceTooLarge(SurveyError):
    """A file of more than `most` MB."""

    code = "evidence-too-large"


class EvidenceEmpty(SurveyError):
    """A file of no bytes."""

    code = "evidence-empty"


class QuestionFull(SurveyError):
    """The question has `most` files already, those on their way included."""

    code = "evidence-question-full"


class FirmFull(SurveyError):
    """The firm may keep `limit` MB, and what is left does not hold this file."""

    code = "evidence-firm-full"


class UploadGone(SurveyError):
    """This was a file or an upload once: removed, or untouched for too long."""

    code = "upload-gone"


class WrongOffset(SurveyError):
    """Other bytes are expected next."""

    code = "upload-offset"


class TooMuchSent(SurveyError):
    """More bytes than the file was said to have."""

    code = "upload-too-much"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where files lie, and how many bytes a firm may keep."""

    folder: Path
    firm_bytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come; it expires until it is a file that supports an answer.

    `instead_of` are uploads whose room it took: their bytes go once it is committed (`forget`).
    """

    id: str
    received: int
    size: int
    expires_at: datetime | None
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as it is listed."""

    id: str
    question_key: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """An assessment with all its files, by question; `may_add` tells which pages take more."""

    assessment: Assessment
    bank: Bank
    files: Mapping[str, tuple[FileLine, ...]]
    may_add: frozenset[str]

    def of(self, question_key: str) -> tuple[FileLine, ...]:
        return self.files.get(question_key, ())

    def sections(self) -> Sequence[tuple[Text, tuple[Question, ...]]]:
        """The pages that have files, each with the questions that have some."""
        pages: list[Section | Profile] = [self.bank.profile, *self.bank.sections]
        if self.bank.outcomes is not None:
            pages.append(self.bank.outcomes)
        with_files = (
            (page.title, tuple(q for q in page.questions if q.key in self.files)) for page in pages
        )
        return [(title, questions) for title, questions in with_files if questions]


# ---------------------------------------------------------------------------- send


def begin(
    session: Session,
    actor: Actor,
    assessment_id: int,
    question_key: str,
    *,
    name: str,
    size: int,
    limits: Limits,
    now: datetime,
) -> Progress:
    """Make room for a file of so many bytes and give it an id.

    What is under way counts as if it were there: no two can pass the firm's limit together.

    Raises NotFound, AlreadySubmitted, NotYourSection, EvidenceEmpty, EvidenceTooLarge,
    QuestionFull, FirmFull.
    """
    if size < 1:
        raise EvidenceEmpty
    if size > MOST_BYTES:
        raise EvidenceTooLarge(most=MOST_BYTES // MEGABYTE)
    begin_write(session)
    assessment = _to_answer(session, actor, assessment_id, question_key)
    session.execute(select(Firm.id).where(Firm.id == assessment.firm_id).with_for_update())
    name = file_names.clean(name) or NAMELESS
    forgotten = [
        *_forget_stale(session, assessment.firm_id, now),
        *_forget_begun(session, actor, assessment_id, question_key, name, size, now),
    ]
    if _count_at(session, assessment_id, question_key) >= MOST_PER_QUESTION:
        raise QuestionFull(most=MOST_PER_QUESTION)
    used = _used(session, assessment.firm_id)
    if used + size > limits.firm_bytes:
        left = max(0, limits.firm_bytes - used)
        raise FirmFull(limit=limits.firm_bytes // MEGABYTE, left=f"{left / MEGABYTE:.1f}")
    upload_id = pieces.new_id()
    session.add(
        Upload(
            id=upload_id,
            assessment_id=assessment_id,
            question_key=question_key,
            name=name,
            size=size,
            received=0,
            started_by=actor.user_id,
            touched_at=now,
        )
    )
    session.flush()
    return Progress(upload_id, 0, size, now + KEPT_UNTOUCHED, tuple(forgotten))


def progress(
    session: Session, actor: Actor, upload_id: str, *, folder: Path, now: datetime
) -> Progress:
    """How far an upload has come, for whoever began it; a file that is whole has all its bytes.

    Raises NotFound, UploadGone.
    """
    upload = _upload(session, upload_id)
    if upload is None:
        return _whole(session, actor, upload_id)
    _must_be_theirs(session, actor, upload)
    if now - upload.touched_at > KEPT_UNTOUCHED:
        raise UploadGone
    received = min(upload.received, pieces.size(folder, upload_id))
    return Progress(upload_id, received, upload.size, upload.touched_at + KEPT_UNTOUCHED)


def alone(folder: Path, upload_id: str) -> AbstractContextManager[None]:
    """Around `receive` and the commit after it: two pieces never mix. Raises `pieces.Busy`."""
    return pieces.alone(folder, upload_id)


def receive(
    session: Session,
    actor: Actor,
    upload_id: str,
    *,
    offset: int,
    content: bytes,
    folder: Path,
    now: datetime,
) -> Progress:
    """Take the next bytes; with the last ones the file is checked and supports its answer.

    Raises NotFound, UploadGone, WrongOffset, TooMuchSent, AlreadySubmitted, NotYourSection,
    DiskFull, and BadEvidence: then the upload is to be given up.
    """
    before = progress(session, actor, upload_id, folder=folder, now=now)
    if offset != before.received:
        raise WrongOffset(received=before.received)
    upload = _upload(session, upload_id)
    if upload is None or not content:
        return before
    received = offset + len(content)
    if received > upload.size:
        raise TooMuchSent(size=upload.size)
    if offset == 0 and not evidence_file.may_begin(content):
        raise NotEvidence
    pieces.write(folder, upload_id, offset, content)
    if received < upload.size:
        return _noted(session, actor, upload, received, now)
    whole = pieces.read(folder, upload_id)
    kind = evidence_file.recognise(whole)
    return _become_file(session, actor, upload, whole, kind, now)


def add(
    session: Session,
    actor: Actor,
    assessment_id: int,
    question_key: str,
    *,
    name: str,
    content: bytes,
    limits: Limits,
    now: datetime,
) -> Progress:
    """A whole file at once, by the same rules.

    If this is not committed, its bytes are left behind until `sweep` finds them.

    Raises what `begin` raises, DiskFull and BadEvidence.
    """
    if not content:
        raise EvidenceEmpty
    kind = evidence_file.recognise(content)
    begun = begin(
        session, actor, assessment_id, question_key,
        name=name, size=len(content), limits=limits, now=now,
    )  # fmt: skip
    with alone(limits.folder, begun.id):
        pieces.write(limits.folder, begun.id, 0, content)
    whole = _become_file(session, actor, session.get_one(Upload, begun.id), content, kind, now)
    return replace(whole, instead_of=begun.instead_of)


def give_up(session: Session, actor: Actor, upload_id: str) -> None:
    """Forget an upload; its bytes go once this is committed (`forget`).

    Raises NotFound for everybody but whoever began it.
    """
    upload = _upload(session, upload_id)
    if upload is None:
        raise NotFound
    _must_be_theirs(session, actor, upload)
    session.execute(delete(Upload).where(Upload.id == upload_id))


def forget(folder: Path, file_id: str) -> None:
    """Remove the bytes of what was given up or removed, after that was committed."""
    pieces.forget(folder, file_id)


def is_left_behind(session: Session, file_id: str) -> bool:
    """Whether no row knows these bytes: somebody began anew while a piece was on its way."""
    rows = session.scalars(
        select(Upload.id).where(Upload.id == file_id)
        .union(select(EvidenceFile.id).where(EvidenceFile.id == file_id))
    )  # fmt: skip
    return rows.first() is None


def remove(session: Session, actor: Actor, file_id: str, *, now: datetime) -> tuple[int, str]:
    """Take a file away from its answer; the line stays in the history. Gives where it was.

    Raises NotFound, AlreadySubmitted, OwnerOnly for everybody but the owner and whoever added it.
    """
    begin_write(session)
    row = _file(session, file_id)
    assessment = _alone(session, row.assessment_id)
    must_belong(actor, assessment.firm_id)
    if row.removed_at is not None:
        raise NotFound
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    if not (actor.owner or row.added_by == actor.user_id):
        raise OwnerOnly
    row.removed_at, row.removed_by = now, actor.user_id
    session.flush()
    return row.assessment_id, row.question_key


# ---------------------------------------------------------------------------- look


def open_file(session: Session, actor: Actor, file_id: str) -> FileLine:
    """A file to be handed out.

    The firm's people may have it, and once the assessment is submitted its consultants.

    Raises NotFound, also for one that was removed.
    """
    row = _file(session, file_id)
    assessment = session.get_one(Assessment, row.assessment_id)
    _must_see(session, actor, assessment)
    if row.removed_at is not None:
        raise NotFound
    name = session.get_one(User, row.added_by).name
    return _line(actor, assessment, row, name)


def path(folder: Path, file_id: str) -> Path:
    """Where the bytes of a file lie."""
    return pieces.path(folder, file_id)


def attached(session: Session, actor: Actor, assessment_id: int) -> Attached:
    """Every file of an assessment. Raises NotFound as `open_file` does."""
    assessment = _assessment(session, assessment_id)
    _must_see(session, actor, assessment)
    return attached_to(session, actor, assessment, _bank(session, assessment))


def attached_to(session: Session, actor: Actor, assessment: Assessment, bank: Bank) -> Attached:
    """The same, for whoever may see this assessment and has it at hand: one query."""
    rows = session.execute(
        select(EvidenceFile, User.name)
        .join(User, User.id == EvidenceFile.added_by)
        .where(EvidenceFile.assessment_id == assessment.id, EvidenceFile.removed_at.is_(None))
        .order_by(EvidenceFile.added_at, EvidenceFile.id)
    )
    files: dict[str, tuple[FileLine, ...]] = {}
    for row, name in rows:
        present = files.get(row.question_key, ())
        files[row.question_key] = (*present, _line(actor, assessment, row, name))
    return Attached(assessment, bank, files, _may_add(session, actor, assessment, bank))


def _may_add(session: Session, actor: Actor, assessment: Assessment, bank: Bank) -> frozenset[str]:
    if actor.firm_id != assessment.firm_id or assessment.submitted_at is not None:
        return frozenset()
    pages = frozenset(bank.place_of.values())
    if actor.scope == ALL:
        return pages
    given_out = of_assessment(session, assessment.id)
    return frozenset(page for page in pages if may_answer(actor, given_out, page))


def _must_see(session: Session, actor: Actor, assessment: Assessment) -> None:
    must_serve_firm(session, actor, assessment.firm_id)
    own = actor.firm_id == assessment.firm_id
    if assessment.discarded_at is not None or not (own or assessment.submitted_at is not None):
        raise NotFound


def _line(actor: Actor, assessment: Assessment, row: EvidenceFile, name: str) -> FileLine:
    own = actor.firm_id == assessment.firm_id and assessment.submitted_at is None
    return FileLine(
        id=row.id,
        question_key=row.question_key,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_by=name,
        added_at=row.added_at,
        may_remove=own and (actor.owner or row.added_by == actor.user_id),
    )


# --------------------------------------------------------------------------- sweep


def sweep(session: Session, folder: Path, *, now: datetime, share: int) -> Sequence[str]:
    """Forget uploads that nobody touched for a day. Gives every file to be removed (`forget`).

    Files that no row knows are looked for in one of `pieces.SHARES` parts of the folder.
    """
    before = now - KEPT_UNTOUCHED
    stale = Upload.touched_at < before
    ids = session.scalars(select(Upload.id).where(stale).limit(MOST_SWEPT)).all()
    session.execute(delete(Upload).where(Upload.id.in_(ids), stale))
    found = pieces.untouched_since(folder, before, share=share)
    known = set(session.scalars(select(Upload.id).where(Upload.id.in_(found))))
    kept = EvidenceFile.id.in_(found), EvidenceFile.removed_at.is_(None)
    known |= set(session.scalars(select(EvidenceFile.id).where(*kept)))
    return [*ids, *(each for each in found if each not in known)]


# ---------------------------------------------------------------------------- rows


def _assessment(session: Session, assessment_id: int) -> Assessment:
    assessment = session.scalar(
        select(Assessment)
        .join(Assessment.bank_version)
        .options(contains_eager(Assessment.bank_version))
        .where(Assessment.id == assessment_id, Assessment.discarded_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if assessment is None:
        raise NotFound
    return assessment


def _alone(session: Session, assessment_id: int) -> Assessment:
    """The same, which nobody submits meanwhile."""
    session.execute(
        select(Assessment.id).where(Assessment.id == assessment_id).with_for_update(read=True)
    )
    return _assessment(session, assessment_id)


def _bank(session: Session, assessment: Assessment) -> Bank:
    version = assessment.bank_version
    return bank_by_digest(session, version.id, version.digest, assessment.edition)


def _to_answer(session: Session, actor: Actor, assessment_id: int, question_key: str) -> Assessment:
    """The assessment, if this person may answer this question of it now."""
    assessment = _alone(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    page_key = _bank(session, assessment).place_of.get(question_key)
    if page_key is None:
        raise NotFound
    if assessment.submitted_at is not None:
        raise AlreadySubmitted
    must_answer(session, actor, assessment_id, [page_key])
    return assessment


def _upload(session: Session, upload_id: str) -> Upload | None:
    return session.scalar(
        select(Upload).where(Upload.id == upload_id).execution_options(populate_existing=True)
    )


def _file(session: Session, file_id: str) -> EvidenceFile:
    row = session.scalar(
        select(EvidenceFile)
        .where(EvidenceFile.id == file_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def _must_be_theirs(session: Session, actor: Actor, upload: Upload) -> None:
    """Raises NotFound for everybody else, also for somebody who left the firm since."""
    firm_id = session.get_one(Assessment, upload.assessment_id).firm_id
    if upload.started_by != actor.user_id or firm_id != actor.firm_id:
        raise NotFound


def _whole(session: Session, actor: Actor, file_id: str) -> Progress:
    row = _file(session, file_id)
    firm_id = session.get_one(Assessment, row.assessment_id).firm_id
    if row.added_by != actor.user_id or firm_id != actor.firm_id:
        raise NotFound
    if row.removed_at is not None:
        raise UploadGone
    return Progress(row.id, row.size, row.size, None)


def _noted(
    session: Session, actor: Actor, upload: Upload, received: int, now: datetime
) -> Progress:
    """Let the bytes count, unless somebody else's do already. Raises WrongOffset."""
    begin_write(session)
    _to_answer(session, actor, upload.assessment_id, upload.question_key)
    as_it_was = (Upload.id == upload.id, Upload.received == upload.received)
    change = update(Upload).where(*as_it_was).values(received=received, touched_at=now)
    if rows_changed(session, change) != 1:
        if _upload(session, upload.id) is None:
            raise UploadGone
        raise WrongOffset(received=upload.received)
    return Progress(upload.id, received, upload.size, now + KEPT_UNTOUCHED)


def _become_file(
    session: Session, actor: Actor, upload: Upload, content: bytes, kind: Kind, now: datetime
) -> Progress:
    begin_write(session)
    _to_answer(session, actor, upload.assessment_id, upload.question_key)
    file = EvidenceFile(
        id=upload.id,
        assessment_id=upload.assessment_id,
        question_key=upload.question_key,
        name=file_names.with_suffix(upload.name, kind.suffixes),
        media_type=kind.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=actor.user_id,
        added_at=now,
    )
    if rows_changed(session, delete(Upload).where(Upload.id == upload.id)) != 1:
        raise UploadGone
    session.expunge(upload)
    session.add(file)
    session.flush()
    return Progress(file.id, file.size, file.size, None)


def _forget_stale(session: Session, firm_id: int, now: datetime) -> Sequence[str]:
    """What nobody goes on with takes no room."""
    own = select(Assessment.id).where(Assessment.firm_id == firm_id)
    stale = Upload.touched_at < now - KEPT_UNTOUCHED
    return _forgotten(session, Upload.assessment_id.in_(own), stale)


def _forget_begun(
    session: Session,
    actor: Actor,
    assessment_id: int,
    question_key: str,
    name: str,
    size: int,
    now: datetime,
) -> Sequence[str]:
    """Let whoever begins a file anew, because the answer got lost, not take its room twice."""
    return _forgotten(
        session,
        Upload.assessment_id == assessment_id,
        Upload.question_key == question_key,
        Upload.name == name,
        Upload.size == size,
        Upload.started_by == actor.user_id,
        or_(Upload.received == 0, Upload.touched_at < now - QUIET),
    )


def _forgotten(session: Session, *which: ColumnElement[bool]) -> Sequence[str]:
    return session.scalars(delete(Upload).where(*which).returning(Upload.id)).all()


def _count_at(session: Session, assessment_id: int, question_key: str) -> int:
    """The files of a question, those on their way included."""
    whole = select(func.count()).where(
        EvidenceFile.assessment_id == assessment_id,
        EvidenceFile.question_key == question_key,
        EvidenceFile.removed_at.is_(None),
    )
    on_their_way = select(func.count()).where(
        Upload.assessment_id == assessment_id, Upload.question_key == question_key
    )
    return (session.scalar(whole) or 0) + (session.scalar(on_their_way) or 0)


def _used(session: Session, firm_id: int) -> int:
    """Bytes of the firm's files, those on their way counted whole."""
    whole = (
        select(func.sum(EvidenceFile.size))
        .join(Assessment, Assessment.id == EvidenceFile.assessment_id)
        .where(Assessment.firm_id == firm_id, EvidenceFile.removed_at.is_(None))
    )
    on_their_way = (
        select(func.sum(Upload.size))
        .join(Assessment, Assessment.id == Upload.assessment_id)
        .where(Assessment.firm_id == firm_id)
    )
    return int(session.scalar(whole) or 0) + int(session.scalar(on_their_way) or 0)
