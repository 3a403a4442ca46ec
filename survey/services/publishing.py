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

from survey.core import answers, document, patches, version_diff, waivers
from survey.core.errors import Problem, SurveyError, quoted
from survey.core.version_diff import Change
from survey.core.waivers import LONGEST_REASON, OpenText, Waiver
from survey.services import bank_rows, banks, drafts, printable
from survey.store.models import BankVersion, User


class WaiverRefused(SurveyError):
    """Nothing was waived; `code` says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


class WaivedAlready(WaiverRefused):
    """Somebody else has let some of these texts pass meanwhile, for a reason of their own.

    It is told with their names where there is a page; elsewhere as what has changed in between.
    """

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        super().__init__("waiver-other-text")
        self.waivers = waivers


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

    Sent twice it changes nothing the second time. Raises NotFound, NotADraft, DiscardedDraft,
    WaiverRefused without a reason, without a text, for a text that is missing, and for one that is
    another than was shown; WaivedAlready for one that passes by another waiver.
    """
    version = bank_rows.locked_draft(session, version_id)
    why = _why(reason)
    if not marks:
        raise WaiverRefused("waiver-nothing-chosen")
    open_now = waivers.open_texts(version.document, version.ledger, version.waivers)
    known = {text.mark: text for text in open_now}
    if not set(marks) <= known.keys():
        raise WaiverRefused("waiver-other-text")
    chosen = [text for text in open_now if text.mark in marks]
    if not all(text.may_be_waived for text in chosen):
        raise WaiverRefused("waiver-missing-text")
    before = [text.waiver for text in chosen if text.waiver is not None]
    if others := [each for each in before if (each["by"], each["reason"]) != (by, why)]:
        raise WaivedAlready(others)
    facts = {"reason": why, "by": by, "at": now.isoformat()}
    new = [text for text in chosen if text.waiver is None]
    version.waivers = [*version.waivers, *(_plain(text) | facts for text in new)]
    if new:
        bank_rows.note(session, "waive-translations", version, by=by, now=now, more=_told(new))
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

    `published` is the version that has them, `base` the one that the draft was begun from, or, of
    a file that does not say it, the one that it is nearest to. `document` is the draft with these
    changes: `changes` are what differs between both and would go back.
    """

    published: BankVersion
    base: BankVersion
    document: dict[str, Any]
    changes: tuple[Change, ...]


def going_back(session: Session, version: BankVersion) -> GoingBack | None:
    """What a draft does not know of the newest published version; None if it has all of that.

    What the draft changed as well, and differently, is what its authors want.
    """
    published = before(session, version)
    is_draft = version.published_at is None and version.discarded_at is None
    if not is_draft or published is None or published.published_at is None:
        return None
    begun, now = (drafts.as_seen(session, version.id, seen) for seen in (1, version.revision))
    if version.based_on_id is not None:
        base = banks.get_version(session, version.based_on_id)
    else:
        base = _nearest(session, version, begun)
        begun = _as_of(session, base, version)
    newest = _as_of(session, published, version)
    if patches.same(begun, newest):
        return None
    whole = drafts.brought_in(newest, base=begun, mine=now)
    changes = version_diff.between(whole, now)
    return GoingBack(published, base, whole, changes) if changes else None


def _nearest(session: Session, version: BankVersion, begun: dict[str, Any]) -> BankVersion:
    """The published version below from which the fewest changes lead to what a draft began with.

    A file of one keeps most of what that version has and no other; of two the older one is taken.
    """
    below = session.scalars(
        select(BankVersion)
        .where(
            BankVersion.bank_key == version.bank_key,
            BankVersion.number < version.number,
            BankVersion.published_at.is_not(None),
        )
        .order_by(BankVersion.number)
    )
    return min(below, key=lambda each: len(patches.between(_as_of(session, each, version), begun)))


def _as_of(session: Session, other: BankVersion, version: BankVersion) -> dict[str, Any]:
    """The document of another version, as this version would have it."""
    document_of = banks.document_of(session, other.id)
    return bank_rows.tidied(document_of, key=version.bank_key, number=version.number)


MOST_NAMED = 5
"""Places in the sentence that says what would go back."""


class WouldGoBack(SurveyError):
    """Changes of the newest published version would be undone, and nobody has confirmed that."""

    code = "bank-would-go-back"

    def __init__(self, going: GoingBack, version: BankVersion) -> None:
        every = [
            "/".join(filter(None, (change.place, line.field)))
            for change in going.changes
            for line in change.lines
        ]
        named = [quoted(each, longest=200) for each in every[:MOST_NAMED]]
        super().__init__(
            bank=version.bank_key,
            version=version.number,
            newest=going.published.number,
            count=len(every),
            parts=", ".join([*named, *(["…"] if len(every) > MOST_NAMED else [])]),
        )


def publish(
    session: Session,
    version_id: int,
    *,
    confirmed: int | None = None,
    seen: int | None = None,
    by: int | None = None,
    now: datetime,
    fonts_folder: Path | None = None,
) -> BankVersion:
    """Publish what somebody has looked at. Publishing twice changes nothing.

    `confirmed` is the newest published version, if what it changed may go back.

    Raises WouldGoBack, and what `banks.publish` raises.
    """
    version = bank_rows.locked(session, version_id)
    going = going_back(session, version)
    if going is not None and going.published.number != confirmed:
        raise WouldGoBack(going, version)
    return banks.publish(session, version_id, seen=seen, by=by, now=now, fonts_folder=fonts_folder)


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
