"""What stands before publishing: faults, texts that nobody has reviewed, and waivers with reasons.

`banks.publish` asks the same once more, in the moment of publishing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core import answers, document, patches, waivers
from survey.core.errors import Problem, SurveyError
from survey.core.waivers import LONGEST_REASON, OpenText, Waiver
from survey.services import bank_rows, banks, drafts, printable
from survey.store.models import BankVersion, User


class WaiverRefused(SurveyError):
    """Nothing was waived; `code` says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


@dataclass(frozen=True, slots=True)
class Check:
    """A version and what forbids to publish it. A published one is only looked at.

    `printed` tells that the fonts were there to be asked. `kept` are all waivers there ever were,
    also those that are void. `newer` is a version that firms would be offered all the same.
    """

    version: BankVersion
    document: Mapping[str, Any]
    problems: tuple[Problem, ...]
    unprintable: tuple[Problem, ...]
    printed: bool
    texts: tuple[OpenText, ...]
    kept: Sequence[Waiver]
    newer: BankVersion | None = None

    @property
    def unsettled(self) -> tuple[OpenText, ...]:
        return tuple(text for text in self.texts if text.waiver is None)

    @property
    def waived(self) -> tuple[OpenText, ...]:
        return tuple(text for text in self.texts if text.waiver is not None)

    @property
    def void(self) -> tuple[Waiver, ...]:
        """Waivers that hold no more: taken back, or for words that are others now."""
        standing = [text.waiver for text in self.texts if text.waiver is not None]
        return tuple(waiver for waiver in self.kept if waiver not in standing)

    @property
    def ready(self) -> bool:
        draft = self.version.published_at is None and self.version.discarded_at is None
        faults = self.problems or self.unprintable or self.unsettled
        return draft and self.newer is None and not faults


def check(session: Session, version_id: int, *, fonts_folder: Path) -> Check:
    """Raises NotFound."""
    version = bank_rows.with_document(session, version_id)
    data = version.document
    return Check(
        version=version,
        document=data,
        problems=document.problems(data) if version.published_at is None else (),
        unprintable=printable.document_problems(data, fonts_folder),
        printed=printable.can_tell(fonts_folder),
        texts=waivers.open_texts(data, version.ledger, version.waivers),
        kept=version.waivers,
        newer=banks.newer_published(session, version),
    )


def waive(
    session: Session,
    version_id: int,
    *,
    marks: Collection[str],
    reason: str,
    by: int | None,
    now: datetime,
) -> int:
    """Let these texts pass as they are; says how many. All of them or none.

    Raises NotFound, NotADraft, DiscardedDraft, WaiverRefused without a reason, without a text,
    for a text that is missing, and for one that is another than was shown.
    """
    version = bank_rows.locked_draft(session, version_id)
    why = _why(reason)
    if not marks:
        raise WaiverRefused("waiver-nothing-chosen")
    open_now = waivers.open_texts(version.document, version.ledger, version.waivers)
    known = {text.mark: text for text in open_now}
    if not set(marks) <= known.keys():
        raise WaiverRefused("waiver-other-text")
    chosen = [text for text in open_now if text.mark in marks and text.waiver is None]
    if not all(text.may_be_waived for text in chosen):
        raise WaiverRefused("waiver-missing-text")
    facts = {"reason": why, "by": by, "at": now.isoformat()}
    version.waivers = [*version.waivers, *(_plain(text) | facts for text in chosen)]
    if chosen:
        bank_rows.note(session, "waive-translations", version, by=by, now=now, more=_told(chosen))
    session.flush()
    return len(chosen)


def withdraw(
    session: Session, version_id: int, *, mark: str, by: int | None, now: datetime
) -> None:
    """Take a waiver back; it is kept as one that does not hold. Without one nothing changes.

    Raises NotFound, NotADraft, DiscardedDraft.
    """
    version = bank_rows.locked_draft(session, version_id)
    texts = waivers.open_texts(version.document, version.ledger, version.waivers)
    mine = [text for text in texts if text.mark == mark and text.waiver is not None]
    for text in mine:
        taken_back = {"withdrawn_by": by, "withdrawn_at": now.isoformat()}
        version.waivers = [
            {**each, **taken_back} if each == text.waiver else each for each in version.waivers
        ]
    if mine:
        bank_rows.note(session, "withdraw-waiver", version, by=by, now=now, more=_told(mine))
    session.flush()


def names_of(session: Session, kept: Sequence[Waiver]) -> dict[int, str]:
    """Who gave these waivers or took them back."""
    ids = {waiver.get(name) for waiver in kept for name in ("by", "withdrawn_by")} - {None}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}


def before(session: Session, version: BankVersion) -> BankVersion | None:
    """What a version is compared with: the newest published one below it, else its origin."""
    published = session.scalar(
        select(BankVersion)
        .where(
            BankVersion.bank_key == version.bank_key,
            BankVersion.number < version.number,
            BankVersion.published_at.is_not(None),
        )
        .order_by(BankVersion.number.desc())
        .limit(1)
    )
    if published is not None or version.based_on_id is None:
        return published
    return session.get(BankVersion, version.based_on_id)


@dataclass(frozen=True, slots=True)
class GoingBack:
    """What publishing a draft would take back: changes of a version that it was not begun from.

    `published` is the version that has them, `base` the one that the draft was begun from.
    `document` is the draft with these changes: what differs between both would go back.
    """

    published: BankVersion
    base: BankVersion
    document: dict[str, Any]


def going_back(session: Session, version: BankVersion) -> GoingBack | None:
    """What a draft does not know of the newest published version; None if it has all of that.

    What the draft changed as well, and differently, is what its authors want.
    """
    published = before(session, version)
    is_draft = version.published_at is None and version.discarded_at is None
    at = None if published is None else published.published_at
    if not is_draft or version.based_on_id is None or published is None or at is None:
        return None
    if published.id == version.based_on_id and at <= version.created_at:
        return None  # a copy of all that was published
    base = banks.get_version(session, version.based_on_id)
    begun, now = (drafts.as_seen(session, version.id, seen) for seen in (1, version.revision))
    newest = bank_rows.tidied(
        banks.document_of(session, published.id), key=version.bank_key, number=version.number
    )
    whole = drafts.brought_in(newest, base=begun, mine=now)
    return None if patches.same(whole, now) else GoingBack(published, base, whole)


def _why(reason: str) -> str:
    why = answers.cleaned(reason).strip()
    if not why:
        raise WaiverRefused("waiver-reason-missing")
    if len(why) > LONGEST_REASON:
        raise WaiverRefused("waiver-reason-too-long", longest=LONGEST_REASON)
    return why


def _plain(text: OpenText) -> dict[str, Any]:
    return {
        "place": text.place,
        "state": text.state.value,
        "source": text.source,
        "target": text.target,
    }


def _told(texts: Sequence[OpenText]) -> dict[str, str]:
    return {"texts": str(len(texts)), "place": texts[0].place[:200]}
