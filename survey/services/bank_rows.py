"""The rows of drafts and of their edits: the one place that writes a draft's document."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from survey.core import document, patches
from survey.core.errors import BadDocument, NotFound, Problem, SurveyError, quoted
from survey.core.patches import ABSENT, Patch
from survey.services import audit
from survey.store.db import begin_write
from survey.store.models import BankEdit, BankVersion

LEDGER = "~ledger"
"""Under it an edit tells how the states of translations changed."""

_NO_MORE: Mapping[str, str] = {}


class NotADraft(SurveyError):
    """A published version never changes."""

    code = "not-a-draft"


class DiscardedDraft(NotADraft):
    """It has to be restored before anybody works on it."""

    code = "draft-discarded"


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit makes of a draft, and how the log tells of it."""

    document: dict[str, Any]
    ledger: dict[str, Any]
    act: str
    place: str
    undoes_id: int | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """The next revision of a draft, worked out: its columns, and its line in the log.

    Without patches there is nothing to change.
    """

    columns: dict[str, Any]
    act: str
    place: str
    patches: list[dict[str, Any]]
    undoes_id: int | None


def with_document(session: Session, version_id: int) -> BankVersion:
    """The version as it is now, with its document and ledger. Raises NotFound."""
    return _found(session.scalar(_whole(version_id)))


def locked(session: Session, version_id: int) -> BankVersion:
    """The same; nobody else changes it meanwhile. Raises NotFound."""
    begin_write(session)
    return _found(session.scalar(_whole(version_id).with_for_update()))


def _whole(version_id: int) -> Select[BankVersion]:
    return (
        select(BankVersion)
        .where(BankVersion.id == version_id)
        .options(undefer(BankVersion.document), undefer(BankVersion.ledger))
        .execution_options(populate_existing=True)
    )


def _found(version: BankVersion | None) -> BankVersion:
    if version is None:
        raise NotFound
    return version


def draft(session: Session, version_id: int) -> BankVersion:
    """Raises NotFound, NotADraft, DiscardedDraft."""
    version = with_document(session, version_id)
    refuse_others(version)
    return version


def locked_draft(session: Session, version_id: int) -> BankVersion:
    """Raises NotFound, NotADraft, DiscardedDraft."""
    version = locked(session, version_id)
    refuse_others(version)
    return version


def has_moved(session: Session, version: BankVersion, *, lock: bool) -> bool:
    """Whether the draft was edited since this row was read; if so, the row is read again.

    With `lock` nobody else changes the draft from now on. Raises NotADraft, DiscardedDraft.
    """
    read = version.revision
    if lock:
        begin_write(session)
    session.refresh(version, _MOVING, with_for_update=lock)
    refuse_others(version)
    if version.revision == read:
        return False
    with_document(session, version.id)
    return True


_MOVING = ("revision", "published_at", "discarded_at")


def refuse_others(version: BankVersion) -> None:
    """Raises NotADraft, DiscardedDraft."""
    if version.published_at is not None:
        raise NotADraft(bank=version.bank_key, version=version.number)
    if version.discarded_at is not None:
        raise DiscardedDraft(bank=version.bank_key, version=version.number)


def tidied(data: object, *, key: str, number: int) -> dict[str, Any]:
    """The document as it can be stored, and as it comes back, under this key and number.

    Raises BadDocument for what is no object, too large, or no JSON.
    """
    if too_much := document.too_large(data):
        raise BadDocument(too_much)
    if not isinstance(data, dict):
        raise _bad("bank-not-an-object", {"value": quoted(data)})
    try:
        written = json.dumps(data, ensure_ascii=False, allow_nan=False)
        plain: dict[str, Any] = json.loads(written.encode("utf-8", "replace"))
    except (TypeError, ValueError):
        raise _bad("bank-not-json", {}) from None
    return plain | {"key": key, "version": number}


def _bad(code: str, facts: Mapping[str, str | int]) -> BadDocument:
    return BadDocument((Problem(code, "bank", facts),))


def title_of(data: Mapping[str, Any], language: str) -> str:
    """What lists call the draft; empty if it has no title yet."""
    title = data.get("title")
    said = title.get(language) if isinstance(title, dict) else None
    return said.replace("\0", "") if isinstance(said, str) else ""


def columns_of(data: dict[str, Any]) -> dict[str, Any]:
    """The columns that follow from the document."""
    return {
        "document": data,
        "digest": document.digest(data),
        "title_zh": title_of(data, "zh"),
        "title_en": title_of(data, "en"),
    }


def worked_out(version: BankVersion, change: Change) -> Coming:
    """What `write` will store. It takes long, so that it is done before the draft is locked."""
    marks = marks_between(version.ledger, change.ledger)
    differs = (*patches.between(version.document, change.document), *marks)
    return Coming(
        columns=columns_of(change.document) | {"ledger": change.ledger},
        act=change.act,
        place=change.place.replace("\0", "\ufffd"),
        patches=patches.to_plain(differs),
        undoes_id=change.undoes_id,
    )


def write(
    session: Session, version: BankVersion, coming: Coming, *, by: int | None, now: datetime
) -> None:
    """Make the next revision of a draft that is locked, with its line in the log."""
    if not coming.patches:
        return
    for name, value in coming.columns.items():
        setattr(version, name, value)
    version.revision += 1
    version.changed_at = now
    session.add(
        BankEdit(
            version_id=version.id,
            revision=version.revision,
            at=now,
            by=by,
            act=coming.act,
            place=coming.place,
            patches=coming.patches,
            undoes_id=coming.undoes_id,
        )
    )
    session.flush()


def marks_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Patch, ...]:
    """How the states of translations differ, as patches."""
    return tuple(
        Patch(f"{LEDGER}/{place}", old.get(place, ABSENT), new.get(place, ABSENT))
        for place in dict.fromkeys((*old, *new))
        if not patches.same(old.get(place, ABSENT), new.get(place, ABSENT))
    )


def is_mark(patch: Patch) -> bool:
    return patch.place.startswith(f"{LEDGER}/")


def marked(ledger: dict[str, Any], marks: Sequence[Patch]) -> dict[str, Any]:
    """The ledger with these lines of the log."""
    set_by_hand = {mark.place.removeprefix(f"{LEDGER}/"): mark.after for mark in marks}
    return {place: state for place, state in (ledger | set_by_hand).items() if state is not ABSENT}


def note(
    session: Session,
    act: str,
    version: BankVersion,
    *,
    by: int | None,
    now: datetime,
    more: Mapping[str, str] = _NO_MORE,
) -> None:
    audit.note(
        session,
        act=act,
        subject=f"bank:{version.bank_key}:{version.number}",
        by=by,
        now=now,
        facts={"digest": version.digest, **more},
    )
