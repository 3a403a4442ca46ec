"""Drafts of question banks: begun from any version, edited by several people, nothing lost.

A draft may have any fault; only publishing demands none. Whoever edits does so on the draft as
they saw it. What others have changed since is merged in; where both changed the same place
differently nothing is stored, both sides are handed back, and one is chosen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from survey.core import document as documents
from survey.core import patches, texts
from survey.core.bank import Bank, is_key
from survey.core.errors import BadDocument, NotFound, Problem, SurveyError, quoted
from survey.core.following import Three, doubled, followed
from survey.core.memory import Remembered
from survey.core.patches import MINE, Merged, Patch, PatchClash
from survey.exchange.bank_parts import Origin
from survey.services import bank_rows, banks
from survey.services.bank_rows import Change, Coming, marked
from survey.store.db import begin_write, insert_if_absent
from survey.store.models import BankEdit, BankVersion, User

NotADraft = bank_rows.NotADraft
DiscardedDraft = bank_rows.DiscardedDraft

Ledger = dict[str, Any]
_NO_CHOICES: Mapping[str, str] = {}


class UnknownRevision(SurveyError):
    """There is no such revision of the draft: the page was not made by us."""

    code = "draft-unknown-revision"


class KeyTwice(BadDocument):
    """Brought together, what two people did would give one key to two parts."""

    code = "draft-key-twice"

    def __init__(self, key: str) -> None:
        facts = {"key": quoted(key)}
        super().__init__((Problem(self.code, "", facts),))
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is now."""

    version_id: int
    bank_key: str
    number: int
    revision: int
    digest: str
    document: dict[str, Any]
    ledger: Ledger
    waivers: list[Any]
    based_on_id: int | None


@dataclass(frozen=True, slots=True)
class Clash:
    """One place that somebody else changed in another way; `who` did so last, and when."""

    place: str
    base: Any
    theirs: Any
    mine: Any
    who: str
    at: datetime | None


Clashes = tuple[Clash, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """The revision of the draft now. If there are clashes nothing was stored."""

    revision: int
    clashes: Clashes = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One edit as the history tells it; `who` is empty for the installation itself.

    `undoes_revision` is the revision that an undo took back.
    """

    id: int
    revision: int
    at: datetime
    who: str
    act: str
    place: str
    patches: tuple[Patch, ...]
    undone: bool
    undoes_revision: int | None


# ------------------------------------------------------------- begun and looked at


def opened(session: Session, version_id: int) -> Draft:
    """Raises NotFound, NotADraft, DiscardedDraft."""
    version = bank_rows.draft(session, version_id)
    return Draft(
        version_id=version.id,
        bank_key=version.bank_key,
        number=version.number,
        revision=version.revision,
        digest=version.digest,
        document=version.document,
        ledger=version.ledger,
        waivers=version.waivers,
        based_on_id=version.based_on_id,
    )


def begin(session: Session, *, source_id: int, by: int | None, now: datetime) -> BankVersion:
    """Begin a draft as a copy of any version. Raises NotFound."""
    begin_write(session)
    source = session.execute(
        select(BankVersion.document, BankVersion.ledger).where(BankVersion.id == source_id)
    ).one_or_none()
    if source is None:
        raise NotFound
    based_on = {"based_on_id": source_id, "ledger": source.ledger}
    return _begin(session, source.document, by=by, now=now, **based_on)


def begin_with(
    session: Session,
    *,
    document: dict[str, Any],
    by: int | None,
    now: datetime,
    source: str = "",
    origin: Origin | None = None,
) -> BankVersion:
    """Begin a draft with a document that may have faults; its number is the next of its bank.

    Of its translations only those are reviewed that the newest version has, and has reviewed.
    `source` is the file that it came from. What a draft's file changes in that draft is one edit.
    Raises BadDocument for what is no object with a key.
    """
    begin_write(session)
    key = _bank_key(document)
    newest = banks.newest(session, key)
    known = (newest.ledger, newest.document) if newest is not None else ({}, {})
    tidied = bank_rows.tidied(document, key=key, number=1)
    ledger = texts.ledger_after(*known, tidied)
    found = _known(session, key, origin)
    if found is None:
        return _begin(session, document, by=by, now=now, source=source, ledger=ledger)
    base, then = found
    columns = {"based_on_id": base.id, "ledger": then.ledger}
    begun = _begin(session, then.document, by=by, now=now, source=source, **columns)
    version = bank_rows.with_document(session, begun.id)
    change = Change(_tidied(version, tidied), ledger, "import", "")
    bank_rows.write(session, version, bank_rows.worked_out(version, change), by=by, now=now)
    return version


def _begin(
    session: Session,
    data: object,
    *,
    by: int | None,
    now: datetime,
    source: str = "",
    **columns: Any,
) -> BankVersion:
    key = _bank_key(data)
    number = 0
    added = False
    while not added:  # somebody else may have taken the number a moment ago
        number = _highest(session, key) + 1
        own = bank_rows.columns_of(bank_rows.tidied(data, key=key, number=number))
        values = own | columns | {"created_at": now, "created_by": by}
        added = insert_if_absent(session, BankVersion, bank_key=key, number=number, **values)
    version = session.scalars(
        select(BankVersion).where(BankVersion.bank_key == key, BankVersion.number == number)
    ).one()
    facts = {"source": source[-80:]} if source else {}
    bank_rows.note(session, "begin-draft", version, by=by, now=now, more=facts)
    session.flush()
    return version


def _bank_key(data: object) -> str:
    key = data.get("key") if isinstance(data, dict) else None
    if isinstance(key, str) and is_key(key):
        return key
    raise BadDocument((Problem("bank-bad-key", "key", {"value": quoted(key), "field": "key"}),))


def _highest(session: Session, key: str) -> int:
    found = session.scalar(select(func.max(BankVersion.number)).where(BankVersion.bank_key == key))
    return found or 0


def discard(session: Session, version_id: int, *, by: int | None, now: datetime) -> BankVersion:
    """Take a draft out of the way; nothing of it is deleted. Twice changes nothing.

    Raises NotFound, NotADraft.
    """
    version = bank_rows.locked(session, version_id)
    if version.discarded_at is None:
        bank_rows.refuse_others(version)
        version.discarded_at = now
        bank_rows.note(session, "discard-draft", version, by=by, now=now)
        session.flush()
    return version


def restore(session: Session, version_id: int, *, by: int | None, now: datetime) -> BankVersion:
    """Take up a discarded draft again. Twice changes nothing. Raises NotFound, NotADraft."""
    version = bank_rows.locked(session, version_id)
    if version.discarded_at is None:
        bank_rows.refuse_others(version)
        return version
    version.discarded_at = None
    bank_rows.note(session, "restore-draft", version, by=by, now=now)
    session.flush()
    return version


# ------------------------------------------------------------------------ editing


def edit(
    session: Session,
    version_id: int,
    *,
    seen: int,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    act: str,
    place: str,
    by: int | None,
    now: datetime,
    choices: Mapping[str, str] = _NO_CHOICES,
    mark: Callable[[Ledger, dict[str, Any]], Ledger] | None = None,
) -> Edited:
    """Apply `change` to the draft as it was at revision `seen`, and bring it up to now.

    `choices` says of a place that clashes whether ``mine`` or ``theirs`` holds. `mark` sets
    states of translations by hand: it gets the ledger and the document after the change.
    No change makes no revision.

    Raises NotFound, NotADraft, DiscardedDraft, UnknownRevision, BadDocument (KeyTwice as well), and
    whatever `change` raises.
    """
    version = bank_rows.draft(session, version_id)
    base = _as_seen(session, version, seen).document
    mine = _tidied(version, change(base))

    def work() -> Coming | Clashes:
        both = _merged(base, version.document, mine, choices)
        if both.clashes:
            return _told(session, version, both.clashes, since=seen)
        ledger = texts.ledger_after(version.ledger, version.document, both.document)
        if mark is not None:
            ledger = mark(ledger, both.document)
        return bank_rows.worked_out(version, Change(both.document, ledger, act, place))

    return _stored(session, version, work, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an edit would make of a draft, and the places that would have to be chosen for.

    There the document says what the edit says.
    """

    document: dict[str, Any]
    clashing: tuple[str, ...]


def foreseen(draft: Draft, base: dict[str, Any], mine: dict[str, Any]) -> Foreseen:
    """What becomes of a draft that was `base` once, and that somebody made `mine` of then.

    Raises KeyTwice.
    """
    clashes = _merged(base, draft.document, mine, _NO_CHOICES).clashes
    places = tuple(clash.place for clash in clashes)
    chosen = _merged(base, draft.document, mine, dict.fromkeys(places, MINE))
    return Foreseen(chosen.document, places)


def brought_in(newest: dict[str, Any], *, base: dict[str, Any], mine: dict[str, Any]) -> Any:
    """What `mine` would be with all that was changed between `base` and `newest`.

    What both changed stays as it is in `mine`. To look at: a key may stand twice in it.
    """
    clashes = _together(base, newest, mine, _NO_CHOICES).clashes
    chosen = {clash.place: MINE for clash in clashes}
    return _together(base, newest, mine, chosen).document


def undo(
    session: Session,
    version_id: int,
    *,
    edit_id: int,
    by: int | None,
    now: datetime,
    choices: Mapping[str, str] = _NO_CHOICES,
) -> Edited:
    """Take one edit back and keep those that came later.

    What was changed again since, and differently, is a clash; there ``mine`` is the state before
    the edit. Raises NotFound, NotADraft, DiscardedDraft, KeyTwice.
    """
    row = session.get(BankEdit, edit_id)
    if row is None or row.version_id != version_id:
        raise NotFound
    version = bank_rows.draft(session, version_id)
    after = _as_seen(session, version, row.revision)
    before = _earlier(after, row.patches)
    mine = _tidied(version, before.document)

    def work() -> Coming | Clashes:
        both = _merged(after.document, version.document, mine, choices)
        if both.clashes:
            return _told(session, version, both.clashes, since=row.revision)
        ledger = _ledger_undone(version, before, after, both.document)
        changed = Change(both.document, ledger, "undo", row.place, undoes_id=row.id)
        return bank_rows.worked_out(version, changed)

    return _stored(session, version, work, by=by, now=now)


_FREE_LOOKS = 3
"""How often an edit is worked out anew before nobody else may write."""


def _stored(
    session: Session,
    version: BankVersion,
    work: Callable[[], Coming | Clashes],
    *,
    by: int | None,
    now: datetime,
) -> Edited:
    """Work an edit out and store it, or say where it clashes.

    To work it out takes a while, and while a draft is locked SQLite lets nobody else write: firms
    would wait for their answers to be saved. So it is done before, and again if somebody else's
    edit came between; the last time nobody's can.

    Raises NotADraft, DiscardedDraft, and whatever `work` raises.
    """
    coming, looks = work(), 0
    while looks < _FREE_LOOKS and bank_rows.has_moved(session, version, lock=False):
        coming, looks = work(), looks + 1
    if bank_rows.has_moved(session, version, lock=True):
        coming = work()
    if not isinstance(coming, Coming):
        return Edited(version.revision, coming)
    bank_rows.write(session, version, coming, by=by, now=now)
    return Edited(version.revision)


def _merged(base: Any, theirs: Any, mine: Any, choices: Mapping[str, str]) -> Merged:
    """Both changes in one document; what one of them moved keeps what the other one wrote.

    Raises KeyTwice.
    """
    if base is theirs:
        return patches.merged(base, theirs, mine, choices)
    both = _together(base, theirs, mine, choices)
    if key := doubled(theirs, mine, both.document):
        raise KeyTwice(key)
    return both


def _together(base: Any, theirs: Any, mine: Any, choices: Mapping[str, str]) -> Merged:
    three, clashes = followed(Three(base, theirs, mine), choices)
    both = patches.merged(*three, choices)
    return Merged(both.document, (*clashes, *both.clashes))


def _tidied(version: BankVersion, data: object) -> dict[str, Any]:
    return bank_rows.tidied(data, key=version.bank_key, number=version.number)


@dataclass(frozen=True, slots=True)
class _State:
    """A draft at one of its revisions."""

    document: dict[str, Any]
    ledger: Ledger


def as_seen(session: Session, version_id: int, seen: int) -> dict[str, Any]:
    """The document of a draft at an earlier revision. Raises NotFound, UnknownRevision."""
    version = bank_rows.with_document(session, version_id)
    return _as_seen(session, version, seen).document


def _as_seen(session: Session, version: BankVersion, seen: int) -> _State:
    """The draft at an earlier revision: what was edited since is taken back, newest first.

    What was edited after this row was read is not in its document. Raises UnknownRevision.
    """
    if not 1 <= seen <= version.revision:
        raise UnknownRevision
    since = session.scalars(
        select(BankEdit.patches)
        .where(
            BankEdit.version_id == version.id,
            BankEdit.revision > seen,
            BankEdit.revision <= version.revision,
        )
        .order_by(BankEdit.revision.desc())
    )
    state = _State(version.document, version.ledger)
    for plain in since:
        state = _earlier(state, plain)
    return state


def _earlier(state: _State, plain: Sequence[Mapping[str, Any]]) -> _State:
    """The state before the edit with these patches."""
    inverse = patches.inverse(patches.from_plain(plain))
    marks = [patch for patch in inverse if bank_rows.is_mark(patch)]
    own = [patch for patch in inverse if not bank_rows.is_mark(patch)]
    return _State(patches.applied(state.document, own), marked(state.ledger, marks))


def _known(session: Session, key: str, origin: Origin | None) -> tuple[BankVersion, _State] | None:
    """The version that a file was made from, as it was then; the digest says whether it is ours."""
    if origin is None or origin.bank != key:
        return None
    try:
        found = banks.find_version(session, bank_key=key, number=origin.number)
        version = bank_rows.with_document(session, found.id)
        then = _as_seen(session, version, origin.revision)
    except (NotFound, UnknownRevision):
        return None
    return (version, then) if documents.digest(then.document) == origin.digest else None


def _ledger_undone(
    version: BankVersion, before: _State, after: _State, undone: dict[str, Any]
) -> Ledger:
    """The ledger once an edit is taken back: texts that come back have the state they had.

    A state that somebody set since stays.
    """
    ledger = dict(texts.ledger_after(version.ledger, version.document, undone))
    then, since = _pairs(before.document), _pairs(after.document)
    for place, pair in _pairs(undone).items():
        if then.get(place) != pair:
            continue
        came_back = since.get(place) != pair
        untouched = version.ledger.get(place) == after.ledger.get(place)
        if came_back or untouched:
            ledger.pop(place, None)
            if place in before.ledger:
                ledger[place] = before.ledger[place]
    return ledger


def _pairs(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {text.place: (text.zh, text.en) for text in texts.texts(document)}


def _told(
    session: Session, version: BankVersion, clashes: Sequence[PatchClash], *, since: int
) -> Clashes:
    """The clashes, each with whoever changed that place last."""
    later = session.execute(
        select(BankEdit.patches, BankEdit.at, User.name)
        .outerjoin(User, User.id == BankEdit.by)
        .where(
            BankEdit.version_id == version.id,
            BankEdit.revision > since,
            BankEdit.revision <= version.revision,
        )
        .order_by(BankEdit.revision.desc())
    ).all()
    told = []
    for clash in clashes:
        last = next((row for row in later if _touches(row.patches, clash.place)), None)
        who, at = (last.name or "", last.at) if last is not None else ("", None)
        told.append(Clash(clash.place, clash.base, clash.theirs, clash.mine, who, at))
    return tuple(told)


def _touches(plain: Sequence[Mapping[str, Any]], place: str) -> bool:
    """Whether one of these changes lies at, inside or around the place."""
    return any(
        f"{place}/".startswith(f"{each['place']}/") or f"{each['place']}/".startswith(f"{place}/")
        for each in plain
    )


# ------------------------------------------------------------------------ history


def edits(
    session: Session, version_id: int, *, before: int | None = None, most: int
) -> tuple[Line, ...]:
    """The edits of a version, newest first; `before` is the id of the last one shown."""
    undone = aliased(BankEdit)
    chosen = (
        select(BankEdit, User.name, undone.revision)
        .outerjoin(User, User.id == BankEdit.by)
        .outerjoin(undone, undone.id == BankEdit.undoes_id)
        .where(BankEdit.version_id == version_id)
        .order_by(BankEdit.revision.desc())
        .limit(most)
    )
    if before is not None:
        chosen = chosen.where(BankEdit.id < before)
    taken_back = _taken_back(session, version_id)
    return tuple(
        Line(
            id=row.id,
            revision=row.revision,
            at=row.at,
            who=name or "",
            act=row.act,
            place=row.place,
            patches=patches.from_plain(row.patches),
            undone=row.id in taken_back,
            undoes_revision=undoes,
        )
        for row, name, undoes in session.execute(chosen)
    )


def with_documents(
    session: Session, version_id: int, lines: Sequence[Line]
) -> tuple[tuple[Line, dict[str, Any], dict[str, Any]], ...]:
    """Neighbouring lines, newest first, each with the document before and after it.

    Raises NotFound.
    """
    version = bank_rows.with_document(session, version_id)
    told = []
    after = _as_seen(session, version, lines[0].revision if lines else version.revision)
    for line in lines:
        before = _earlier(after, patches.to_plain(line.patches))
        told.append((line, before.document, after.document))
        after = before
    return tuple(told)


def _taken_back(session: Session, version_id: int) -> frozenset[int | None]:
    """The edits that are undone now: an undo that was itself undone does not count."""
    undoings = session.execute(
        select(BankEdit.id, BankEdit.undoes_id)
        .where(BankEdit.version_id == version_id, BankEdit.undoes_id.is_not(None))
        .order_by(BankEdit.id.desc())
    )
    gone: set[int | None] = set()
    for edit_id, undoes in undoings:
        if edit_id not in gone:
            gone.add(undoes)
    return frozenset(gone)


# ------------------------------------------------------------------------- checked

_CHECKED = Remembered[str, tuple[tuple[Problem, ...], Bank | None]](16)
"""Verdicts by digest: the same document has the same faults."""


def checked(draft: Draft) -> tuple[tuple[Problem, ...], Bank | None]:
    """Every fault of the draft, and the bank, None if its parts have not the right shape."""
    found = _CHECKED.get(draft.digest)
    if found is None:
        found = _CHECKED[draft.digest] = documents.judge(draft.document)
    return found
