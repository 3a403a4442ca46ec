"""Question banks: taken in as drafts, published once and for all, retired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from survey.core import document, editions
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.errors import BadDocument, NotFound, SurveyError
from survey.services import audit
from survey.store.db import begin_write
from survey.store.models import BankVersion

_MOST_IN_MEMORY = 32
_READ: dict[tuple[str, str], Bank] = {}
"""Banks by the digest of their document and their edition: the same is the same for ever."""


class VersionExists(SurveyError):
    """This version is published with other content; a change needs a new version number."""

    code = "version-exists"


class NotPublished(SurveyError):
    """Only a published version can be retired."""

    code = "bank-not-published"


def store_draft(
    session: Session, *, data: dict[str, Any], by: int | None = None, now: datetime
) -> BankVersion:
    """Take in a bank document. The same content again changes nothing; a draft is replaced.

    Raises BadDocument with every problem, VersionExists if that version is published
    with other content.
    """
    bank = document.read(data)
    digest = document.digest(data)
    begin_write(session)
    version = session.scalar(
        select(BankVersion)
        .where(BankVersion.bank_key == bank.key, BankVersion.number == bank.version)
        .with_for_update()
    )
    if version is not None and version.digest == digest:
        return version
    if version is not None and version.published_at is not None:
        raise VersionExists(bank=bank.key, version=bank.version)
    if version is None:
        version = BankVersion(bank_key=bank.key, number=bank.version)
        session.add(version)
    version.document, version.digest = data, digest
    version.title_zh, version.title_en = bank.title.zh, bank.title.en
    version.created_at, version.created_by = now, by
    session.flush()
    _note(session, "store-bank", version, by, now)
    return version


def publish(
    session: Session, version_id: int, *, by: int | None = None, now: datetime
) -> BankVersion:
    """Freeze a draft so that firms can answer it. Publishing twice changes nothing.

    Raises NotFound, BadDocument if today's rules find problems in it.
    """
    begin_write(session)
    version = session.scalar(
        select(BankVersion)
        .where(BankVersion.id == version_id)
        .options(undefer(BankVersion.document))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if version is None:
        raise NotFound
    if version.published_at is None:
        if problems := document.problems(version.document):
            raise BadDocument(problems)
        version.published_at = now
        session.flush()
        _note(session, "publish-bank", version, by, now)
    return version


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
        _note(session, "retire-bank", version, by, now)
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
    """The bank, ready to work with. Raises NotFound."""
    digest = session.scalar(select(BankVersion.digest).where(BankVersion.id == version_id))
    if digest is None:
        raise NotFound
    return bank_by_digest(session, version_id, digest)


def bank_by_digest(session: Session, version_id: int, digest: str, edition: str = FULL) -> Bank:
    """The same, for callers that know the digest already: no query once it is in memory.

    Raises KeyError if the bank has no such edition.
    """
    bank = _READ.get((digest, edition))
    if bank is None:
        if edition == FULL:
            # It was sound when it was stored; rules that came later do not judge it.
            bank = Bank.model_validate(document_of(session, version_id))
        else:
            bank = editions.edition(bank_by_digest(session, version_id, digest), edition)
        while len(_READ) >= _MOST_IN_MEMORY:
            _READ.pop(next(iter(_READ)), None)
        _READ[digest, edition] = bank
    return bank


def _note(session: Session, act: str, version: BankVersion, by: int | None, now: datetime) -> None:
    audit.note(
        session,
        act=act,
        subject=f"bank:{version.bank_key}:{version.number}",
        by=by,
        now=now,
        facts={"digest": version.digest},
    )
