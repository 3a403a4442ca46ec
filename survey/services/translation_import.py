"""What a file of translations would change, told before anything is; then one edit.

A file knows the source it was made from and the revision it was made at. So a text that somebody
else has changed since can be told from one that only the translator has.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from survey.core import texts
from survey.core.answers import UNPRINTABLE
from survey.core.texts import Ledger, State, TextAt
from survey.core.translation_rows import TranslationFile, TranslationRow, plain
from survey.services import drafts, translations
from survey.services.drafts import Draft, Edited


class Fate(StrEnum):
    """What becomes of a row of the file."""

    CHANGED = "changed"
    REVIEWED = "reviewed"
    SOURCE_CHANGED = "source-changed"
    TRANSLATION_CHANGED = "translation-changed"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    SAME = "same"


_Texts = Mapping[str, TextAt]

CONFLICTS = (Fate.SOURCE_CHANGED, Fate.TRANSLATION_CHANGED)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file beside the text as it is in the draft.

    Its source is the one that the file was made with. If the file has another one by now somebody
    has written over it there, where no source is taken from.
    """

    row: TranslationRow
    fate: Fate
    zh: str = ""
    en: str = ""
    source_edited: bool = False


def report(session: Session, version_id: int, file: TranslationFile) -> tuple[Line, ...]:
    """What becomes of each row; nothing is changed. Raises NotFound, NotADraft."""
    draft = drafts.opened(session, version_id)
    now = {text.place: text for text in texts.texts(draft.document)}
    before = _exported(session, draft, file)
    return tuple(_line(row, now.get(row.place), before, draft.ledger) for row in file.rows)


def _exported(session: Session, draft: Draft, file: TranslationFile) -> _Texts | None:
    """The texts when the file was made; None if it is not from this draft."""
    mine = (file.bank, file.version) == (draft.bank_key, draft.number)
    if not mine or not 1 <= file.revision <= draft.revision:
        return None
    then = drafts.as_seen(session, draft.version_id, file.revision)
    return {text.place: text for text in texts.texts(then)}


def _line(row: TranslationRow, now: TextAt | None, before: _Texts | None, ledger: Ledger) -> Line:
    if now is None:
        return Line(row, Fate.UNKNOWN)
    then = before.get(row.place) if before is not None else None
    exported = None if before is None else plain(then.en) if then is not None else ""
    edited = then is not None and _shown(row.zh) not in (_shown(then.zh), _shown(now.zh))
    own = replace(row, zh=then.zh) if edited and then is not None else row
    if not own.zh:
        own = replace(own, reviewed=False)  # there was nothing to review it against
    return Line(own, _fate(own, now, exported, ledger), now.zh, now.en, edited)


def _shown(text: str) -> str:
    """A text without the signs that no file can hold."""
    return plain(UNPRINTABLE.sub("", text))


def _fate(row: TranslationRow, now: TextAt, exported: str | None, ledger: Ledger) -> Fate:
    zh, en = plain(row.zh), plain(row.en)
    if not en:
        return Fate.EMPTY
    if en == plain(now.en):
        if not row.reviewed or texts.state_of(now, ledger) is State.REVIEWED:
            return Fate.SAME
        return Fate.REVIEWED if zh == plain(now.zh) else Fate.SOURCE_CHANGED
    if en == exported:
        return Fate.SAME  # only somebody else has changed it
    if zh != plain(now.zh):
        return Fate.SOURCE_CHANGED
    if exported is not None and exported != plain(now.en):
        return Fate.TRANSLATION_CHANGED
    return Fate.CHANGED


def apply(
    session: Session,
    version_id: int,
    *,
    seen: int,
    lines: Sequence[Line],
    taken: Collection[str],
    by: int | None,
    now: datetime,
    choices: Mapping[str, str],
) -> Edited:
    """Take the lines that can be taken without a question, and the conflicts that are `taken`.

    What was translated from another source is stale afterwards. One edit in all.

    Raises NotFound, NotADraft, DiscardedDraft, UnknownRevision, BadDocument.
    """
    wanted = [line.row for line in lines if _is_wanted(line, taken)]
    older = {
        line.row.place: line.row.zh
        for line in lines
        if line.fate is Fate.SOURCE_CHANGED and _is_wanted(line, taken) and line.row.zh
    }
    changed: dict[str, Any] = {row.place: {"en": row.en} for row in wanted}
    return translations.translate(
        session,
        version_id,
        seen=seen,
        changed=changed,
        reviewed=[row.place for row in wanted if row.reviewed and row.place not in older],
        older=older,
        act="import",
        by=by,
        now=now,
        choices=choices,
    )


def _is_wanted(line: Line, taken: Collection[str]) -> bool:
    if line.fate in CONFLICTS:
        return line.row.place in taken
    return line.fate in (Fate.CHANGED, Fate.REVIEWED)
