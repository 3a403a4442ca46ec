"""A question bank from a file: looked at first, and applied only when somebody has confirmed it.

Between the two requests the document waits in a file of ours under an id that nobody guesses;
only who sent it can confirm it, and after a day it is gone.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey.core import document as documents
from survey.core import patches
from survey.core.errors import SurveyError, quoted
from survey.exchange.bank_parts import Origin
from survey.services import drafts
from survey.services.drafts import Draft, Edited, Foreseen
from survey.store import pieces
from survey.store.models import BankVersion

KEPT = timedelta(days=1)
FOLDER = "imports"

Document = dict[str, Any]


class NoFile(SurveyError):
    """Nothing was sent."""

    code = "exchange-no-file"


class Gone(SurveyError):
    """The document was applied already, is too old, or was sent by somebody else."""

    code = "exchange-gone"


class OtherBank(SurveyError):
    """The document belongs to another bank than the draft."""

    code = "exchange-other-bank"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody sent: for a draft as it was at a revision, or for a new one."""

    document: Document
    file: str
    version_id: int | None
    seen: int
    origin: Origin | None = None


def keep(folder: Path, waiting: Waiting, *, by: int, now: datetime) -> str:
    """Keep a document until it is confirmed, and forget those that nobody has. Its id.

    Raises `files.DiskFull`.
    """
    for share in range(pieces.SHARES):
        for old in pieces.untouched_since(folder / FOLDER, now - KEPT, share=share):
            pieces.forget(folder / FOLDER, old)
    plain = {
        "document": waiting.document,
        "file": waiting.file,
        "version_id": waiting.version_id,
        "seen": waiting.seen,
        "origin": asdict(waiting.origin) if waiting.origin else None,
        "by": by,
    }
    import_id = pieces.new_id()
    with pieces.alone(folder / FOLDER, import_id):
        pieces.write(folder / FOLDER, import_id, 0, json.dumps(plain).encode())
    return import_id


def waiting(folder: Path, import_id: str, *, by: int, version_id: int | None) -> Waiting:
    """What waits under this id for this draft. Raises Gone."""
    try:
        plain = json.loads(pieces.read(folder / FOLDER, import_id))
    except (OSError, ValueError) as error:
        raise Gone from error
    if plain["by"] != by or plain["version_id"] != version_id:
        raise Gone
    origin = Origin(**plain["origin"]) if plain.get("origin") else None
    return Waiting(plain["document"], plain["file"], version_id, plain["seen"], origin)


def forget(folder: Path, import_id: str) -> None:
    pieces.forget(folder / FOLDER, import_id)


def origin_of(version: BankVersion) -> Origin | None:
    """What the file of a draft is made from; what is published never changes, and needs none."""
    if version.published_at is not None:
        return None
    return Origin(version.bank_key, version.number, version.revision, version.digest)


def fitted(draft: Draft, document: Document) -> Document:
    """The document as this draft would have it: with its number, its fields in their order.

    Raises OtherBank.
    """
    if document.get("key") != draft.bank_key:
        raise OtherBank(theirs=quoted(document.get("key", "")), ours=draft.bank_key)
    return _onto(draft.document, {**document, "version": draft.number})


@dataclass(frozen=True, slots=True)
class Seen:
    """The draft as the file knows it."""

    revision: int
    document: Document


def seen_by(session: Session, draft: Draft, origin: Origin | None) -> Seen:
    """The draft as it was when the file was made from it; as it is now if the file is not its own.

    A file of the same bank and number may come from another installation, so the digest decides.
    """
    own = origin is not None and (origin.bank, origin.number) == (draft.bank_key, draft.number)
    if origin is not None and own and origin.revision < draft.revision:
        then = drafts.as_seen(session, draft.version_id, origin.revision)
        if documents.digest(then) == origin.digest:
            return Seen(origin.revision, then)
    return Seen(draft.revision, draft.document)


def foreseen(draft: Draft, document: Document, seen: Seen) -> Foreseen:
    """What the file would make of the draft; what was changed since the file was made stays.

    Raises KeyTwice.
    """
    mine = _onto(seen.document, {**document, "version": draft.number})
    return drafts.foreseen(draft, seen.document, mine)


def _onto(base: Document, document: Document) -> Document:
    """The same document; what it has in common with `base` is in the order of that."""
    made: Document = patches.applied(base, patches.between(base, document))
    return made


def apply(
    session: Session,
    version_id: int,
    given: Waiting,
    *,
    choices: Mapping[str, str],
    by: int,
    now: datetime,
) -> Edited:
    """Bring the document into the draft; what a colleague changed meanwhile is merged.

    Raises NotFound, NotADraft, DiscardedDraft, UnknownRevision, OtherBank.
    """

    def change(base: Document) -> Document:
        return _onto(base, {**given.document, "version": base.get("version")})

    draft = drafts.opened(session, version_id)
    fitted(draft, given.document)
    return drafts.edit(
        session,
        version_id,
        seen=given.seen,
        change=change,
        act="import",
        place="",
        by=by,
        now=now,
        choices=choices,
    )


def begin(session: Session, given: Waiting, *, by: int, now: datetime) -> BankVersion:
    """Begin a draft with the document. Raises BadDocument if it has no key to be known by."""
    return drafts.begin_with(
        session,
        document=given.document,
        by=by,
        now=now,
        source=given.file,
        origin=given.origin,
    )
