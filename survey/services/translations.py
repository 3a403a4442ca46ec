"""The texts of a version beside their translations: looked through, translated, reviewed.

Every change goes through `drafts.edit` like any other. A translation is marked as reviewed only
if both languages still read as they did when it was looked at.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core import places, texts
from survey.core.errors import NotFound
from survey.core.text import Locale
from survey.core.text_checks import AgreedTerm, Check, Finding, agreed_terms, findings
from survey.core.texts import Ledger, State, TextAt
from survey.services import drafts
from survey.services.drafts import Edited
from survey.store.models import BankVersion

Pairs = Mapping[str, Mapping[str, str]]
"""New words by place, and there by language."""

_NO_CHOICES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which texts are looked at; what is empty or None does not matter."""

    state: State | None = None
    section: str | None = None
    kind: texts.TextKind | None = None
    check: Check | None = None
    words: str = ""

    def admit(self, entry: "Entry") -> bool:
        text = entry.text
        return (
            (self.state is None or self.state is entry.state)
            and (self.section is None or self.section == text.section)
            and (self.kind is None or self.kind is text.kind)
            and (not self.words or self.words.lower() in f"{text.zh}\n{text.en}".lower())
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One text with the state of its translation; `was` is the source that a stale one is of."""

    text: TextAt
    state: State
    was: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The entries that the filters admit, and how many there are of each state in all."""

    entries: tuple[Entry, ...]
    counts: Mapping[State, int]
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """A version with everything that its translations are judged by."""

    document: dict[str, Any]
    ledger: dict[str, Any]

    @property
    def terms(self) -> tuple[AgreedTerm, ...]:
        return agreed_terms(self.document)


def translated(session: Session, version_id: int) -> Translated:
    """Any version, a published one too. Raises NotFound."""
    row = session.execute(
        select(BankVersion.document, BankVersion.ledger).where(BankVersion.id == version_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Translated(row.document, row.ledger)


def entries(document: object, ledger: Ledger) -> tuple[Entry, ...]:
    """Every text, in reading order."""
    return tuple(
        Entry(text, texts.whole_state(text, ledger), texts.made_from(text, ledger))
        for text in texts.texts(document)
    )


def chosen(now: Translated, filters: Filters) -> Chosen:
    every = entries(now.document, now.ledger)
    found = tuple(entry for entry in every if filters.admit(entry))
    if filters.check is not None:
        terms, checks = now.terms, (filters.check,)
        found = tuple(entry for entry in found if findings(entry.text, terms, checks))
    counts = {state: sum(entry.state is state for entry in every) for state in State}
    return Chosen(found, counts, tuple(dict.fromkeys(entry.text.section for entry in every)))


def findings_of(now: Translated, shown: Sequence[Entry]) -> dict[str, tuple[Finding, ...]]:
    """What strikes about the entries that are shown, by place."""
    terms = now.terms
    return {entry.text.place: findings(entry.text, terms) for entry in shown}


# ----------------------------------------------------------------------- changing


def translate(
    session: Session,
    version_id: int,
    *,
    seen: int,
    changed: Pairs,
    reviewed: Collection[str] = (),
    older: Mapping[str, str] | None = None,
    act: str = "translate",
    by: int | None,
    now: datetime,
    choices: Mapping[str, str] = _NO_CHOICES,
) -> Edited:
    """Put new words at places of the draft as it was seen, and mark translations as reviewed.

    A place that is not there is left out. `older` names the source of translations that were made
    from another than the present one: they are stale. What reads otherwise by now than it was
    looked at is not marked.

    Raises NotFound, NotADraft, DiscardedDraft, UnknownRevision, BadDocument.
    """
    looked_at: dict[str, tuple[str, str]] = {}

    def change(document: dict[str, Any]) -> dict[str, Any]:
        for place, words in changed.items():
            document = _with_words(document, place, words)
        pairs = {text.place: (text.zh, text.en) for text in texts.texts(document)}
        looked_at.update({place: pairs[place] for place in reviewed if place in pairs})
        return document

    return drafts.edit(
        session,
        version_id,
        seen=seen,
        change=change,
        act=act,
        place=next(iter(dict.fromkeys([*changed, *reviewed]))) if _one(changed, reviewed) else "",
        by=by,
        now=now,
        choices=choices,
        mark=partial(_marked, looked_at, older or {}),
    )


def _one(changed: Pairs, reviewed: Collection[str]) -> bool:
    return len({*changed, *reviewed}) == 1


def _with_words(document: dict[str, Any], place: str, words: Mapping[str, str]) -> dict[str, Any]:
    where = places.parse(place)
    try:
        pair = places.get(document, where)
    except KeyError:
        return document
    if not isinstance(pair, dict) or not {"zh", "en"} & set(pair):
        return document
    new = {
        locale.value: words[locale.value]
        for locale in Locale
        if words.get(locale.value) not in (None, _said(pair.get(locale.value)))
    }
    put: dict[str, Any] = places.put(document, where, {**pair, **new})
    return put


def _said(value: object) -> str:
    """A text as a form shows it: what only looks otherwise is no change."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _marked(
    looked_at: Mapping[str, tuple[str, str]],
    older: Mapping[str, str],
    ledger: dict[str, Any],
    document: dict[str, Any],
) -> dict[str, Any]:
    pairs = {text.place: (text.zh, text.en) for text in texts.texts(document)}
    same = [place for place, pair in looked_at.items() if pairs.get(place) == pair]
    marked: dict[str, Any] = dict(texts.reviewed(ledger, same))
    for place, source in older.items():
        if place in pairs and pairs[place][1] and pairs[place][0] != source:
            stale = {"state": State.STALE.value, "source": source, "was": State.DRAFT.value}
            marked[place] = stale
    return marked
