"""Question banks: taken in as drafts, published once and for all, retired."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from survey.core import document, editions, texts, waivers
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.errors import BadDocument, NotFound, SurveyError
from survey.core.memory import Remembered
from survey.services import bank_rows, printable
from survey.services.bank_rows import Change
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import BankVersion

_READ = Remembered[tuple[str, str], Bank](32)
"""Banks by the digest of their document and their edition: the same is the same for ever."""


class VersionExists(SurveyError):
    """This version is published with other content; a change needs a new version number."""

    code = "version-exists"


class NotPublished(SurveyError):
    """Only a published version can be retired."""

    code = "bank-not-published"


class DraftChanged(SurveyError):
    """Somebody edited the draft after the page was made that shows what would be published."""

    code = "draft-changed"


class NewerPublished(SurveyError):
    """Firms are offered the highest number only: nobody could ever start this one."""

    code = "bank-newer-published"


class TranslationsOpen(SurveyError):
    """`count` translations are stale or not reviewed, and nobody has waived that."""

    code = "translations-open"


def store_draft(
    session: Session, *, data: dict[str, Any], by: int | None = None, now: datetime
) -> BankVersion:
    """Take in a bank document. The same content again changes nothing.

    A draft of that version gets it as one edit, which its history tells of and can take back. A
    translation that is older than its source, beside the version before, is in doubt.

    Raises BadDocument with every problem, VersionExists if that version is published
    with other content, DiscardedDraft.
    """
    bank = document.read(data)
    begin_write(session)
    before = newest(session, bank.key, below=bank.version)
    return _taken_in(session, bank, data, _ledger_of_file(before, data), by=by, now=now)


def store_reviewed(session: Session, *, data: dict[str, Any], now: datetime) -> BankVersion:
    """The same for a bank that comes with the program, of which every text has been reviewed.

    Raises what `store_draft` raises.
    """
    bank = document.read(data)
    begin_write(session)
    return _taken_in(session, bank, data, {}, by=None, now=now)


def _taken_in(
    session: Session,
    bank: Bank,
    data: dict[str, Any],
    ledger: dict[str, Any],
    *,
    by: int | None,
    now: datetime,
) -> BankVersion:
    """The version, which has this ledger if it is new."""
    columns = {"ledger": ledger, "created_at": now, "created_by": by}
    added, version = _stored(session, bank, bank_rows.columns_of(data) | columns)
    if not added:
        if version.digest == document.digest(data):
            return version
        if version.published_at is not None:
            raise VersionExists(bank=bank.key, version=bank.version)
        bank_rows.refuse_others(version)
        change = Change(data, _ledger_of_file(version, data), act="import", place="")
        coming = bank_rows.worked_out(version, change)
        bank_rows.write(session, version, coming, by=by, now=now)
    bank_rows.note(session, "store-bank", version, by=by, now=now)
    session.flush()
    return version


def _stored(session: Session, bank: Bank, columns: dict[str, Any]) -> tuple[bool, BankVersion]:
    """Whether the version was added, and its row, locked if it was there before."""
    chosen = select(BankVersion.id).where(
        BankVersion.bank_key == bank.key, BankVersion.number == bank.version
    )
    version_id = session.scalar(chosen)
    added = version_id is None and insert_if_absent(
        session, BankVersion, bank_key=bank.key, number=bank.version, **columns
    )
    return added, bank_rows.locked(session, version_id or session.scalars(chosen).one())


def newest(session: Session, bank_key: str, *, below: int | None = None) -> BankVersion | None:
    """The version with the highest number (below one) that is not discarded, and its document."""
    chosen = (
        select(BankVersion)
        .where(BankVersion.bank_key == bank_key, BankVersion.discarded_at.is_(None))
        .order_by(BankVersion.number.desc())
        .limit(1)
        .options(undefer(BankVersion.document), undefer(BankVersion.ledger))
        .execution_options(populate_existing=True)
    )
    if below is not None:
        chosen = chosen.where(BankVersion.number < below)
    return session.scalar(chosen)


def _ledger_of_file(version: BankVersion | None, data: dict[str, Any]) -> dict[str, Any]:
    """A file is reviewed before it is loaded: only what is older than its source is in doubt."""
    if version is None:
        return {}
    ledger = texts.ledger_after(version.ledger, version.document, data)
    return {
        place: entry
        for place, entry in ledger.items()
        if entry["state"] == texts.State.STALE or entry == version.ledger.get(place)
    }


def publish(
    session: Session,
    version_id: int,
    *,
    seen: int | None = None,
    by: int | None = None,
    now: datetime,
    fonts_folder: Path | None = None,
) -> BankVersion:
    """Freeze a draft so that firms can answer it. Publishing twice changes nothing.

    With `seen`, only the revision that was shown is published. With the report's fonts, every
    text has to be printable.

    Raises NotFound, DiscardedDraft, DraftChanged, NewerPublished, BadDocument if today's rules
    find problems in it, TranslationsOpen for texts that are neither reviewed nor waived.
    """
    version = bank_rows.locked(session, version_id)
    if version.published_at is None:
        bank_rows.refuse_others(version)
        if seen not in (None, version.revision):
            raise DraftChanged(revision=version.revision)
        if newer := newer_published(session, version):
            raise NewerPublished(bank=version.bank_key, version=version.number, newest=newer.number)
        _must_be_ready(version, fonts_folder)
        version.published_at = now
        session.flush()
        bank_rows.note(session, "publish-bank", version, by=by, now=now)
    return version


def newer_published(session: Session, version: BankVersion) -> BankVersion | None:
    """The version that firms are offered instead, if its number is higher."""
    return session.scalar(
        select(BankVersion)
        .where(
            BankVersion.bank_key == version.bank_key,
            BankVersion.number > version.number,
            BankVersion.published_at.is_not(None),
            BankVersion.retired_at.is_(None),
        )
        .order_by(BankVersion.number.desc())
        .limit(1)
    )


def _must_be_ready(version: BankVersion, fonts_folder: Path | None) -> None:
    """Raises BadDocument, TranslationsOpen."""
    found = document.problems(version.document)
    if fonts_folder is not None:
        found += printable.document_problems(version.document, fonts_folder)
    if found:
        raise BadDocument(found)
    if left := waivers.unsettled(version.document, version.ledger, version.waivers):
        raise TranslationsOpen(count=len(left))


def retire(
    session: Session, version_id: int, *, by: int | None = None, now: datetime
) -> BankVersion:
    """Offer a version to nobody any more. Assessments under way go on. Twice changes nothing.

    Raises NotFound, NotPublished.
    """
    begin_write(session)
    version = session.get(BankVersion, version_id, with_for_update=True, populate_existing=True)
    if version is None:
        raise NotFound
    if version.published_at is None:
        raise NotPublished
    if version.retired_at is None:
        version.retired_at = now
        session.flush()
        bank_rows.note(session, "retire-bank", version, by=by, now=now)
    return version


def list_versions(session: Session) -> Sequence[BankVersion]:
    """Every version of every bank, newest version of each first."""
    return session.scalars(
        select(BankVersion).order_by(BankVersion.bank_key, BankVersion.number.desc())
    ).all()


def open_versions(session: Session) -> Sequence[BankVersion]:
    """What firms can start now: of each bank the newest version published and not retired."""
    newest: dict[str, BankVersion] = {}
    for version in session.scalars(
        select(BankVersion)
        .where(BankVersion.published_at.is_not(None), BankVersion.retired_at.is_(None))
        .order_by(BankVersion.bank_key, BankVersion.number)
    ):
        newest[version.bank_key] = version
    return tuple(newest.values())


def get_version(session: Session, version_id: int) -> BankVersion:
    """Raises NotFound."""
    version = session.get(BankVersion, version_id)
    if version is None:
        raise NotFound
    return version


def find_version(session: Session, *, bank_key: str, number: int) -> BankVersion:
    """Raises NotFound."""
    version = session.scalar(
        select(BankVersion).where(BankVersion.bank_key == bank_key, BankVersion.number == number)
    )
    if version is None:
        raise NotFound
    return version


def document_of(session: Session, version_id: int) -> dict[str, Any]:
    """The document as it was stored, for export. Raises NotFound."""
    data: dict[str, Any] | None = session.scalar(
        select(BankVersion.document).where(BankVersion.id == version_id)
    )
    if data is None:
        raise NotFound
    return data


def bank_of(session: Session, version_id: int) -> Bank:
    """The bank, ready to work with. Raises NotFound, BadDocument for a draft that is none yet."""
    digest = session.scalar(select(BankVersion.digest).where(BankVersion.id == version_id))
    if digest is None:
        raise NotFound
    return bank_by_digest(session, version_id, digest)


def _bank(data: dict[str, Any]) -> Bank:
    """A published one was sound when it was stored; rules that came later do not judge it."""
    try:
        return Bank.model_validate(data)
    except ValidationError:
        raise BadDocument(document.problems(data)) from None


def bank_by_digest(session: Session, version_id: int, digest: str, edition: str = FULL) -> Bank:
    """The same, for callers that know the digest already: no query once it is in memory.

    Raises KeyError if the bank has no such edition, BadDocument for a draft that is no bank yet.
    """
    bank = _READ.get((digest, edition))
    if bank is None:
        if edition == FULL:
            bank = _bank(document_of(session, version_id))
        else:
            bank = editions.edition(bank_by_digest(session, version_id, digest), edition)
        _READ[digest, edition] = bank
    return bank
