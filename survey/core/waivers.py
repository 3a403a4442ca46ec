"""Texts that stand in the way of publishing, and the waivers with which one may pass.

A missing text cannot be waived: a bank in one language only is none, and no page could show it.
A translation that is older than its source, or that nobody has reviewed, can be, with a reason.
The waiver holds for these very words: as soon as one of both texts is another, it is void.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core.text import Locale
from survey.core.texts import Ledger, State, TextAt, TextKind, made_from, texts, whole_state

Waiver = Mapping[str, Any]
"""What is kept of one: `place`, `state`, `source`, `target`, `reason`, `by`, `at`; once it was
taken back, `withdrawn_by` and `withdrawn_at` as well."""

LONGEST_REASON = 500
_SAME = ("place", "state", "source", "target")


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text that is missing, stale or not reviewed.

    `was` is the source that the translation was made from, if it is stale. `waiver` lets it pass.
    """

    place: str
    kind: TextKind
    section: str
    state: State
    source: str
    target: str
    was: str
    waiver: Waiver | None

    @property
    def may_be_waived(self) -> bool:
        return self.state is not State.MISSING

    @property
    def missing_in(self) -> tuple[Locale, ...]:
        given = ((Locale.ZH, self.source), (Locale.EN, self.target))
        return tuple(locale for locale, text in given if not text)

    @property
    def mark(self) -> str:
        """Names these very words at this place, so that nobody waives what they did not see."""
        written = json.dumps([self.place, self.state, self.source, self.target])
        return hashlib.sha256(written.encode()).hexdigest()[:16]


def open_texts(data: object, ledger: Ledger, waivers: Sequence[Waiver]) -> tuple[OpenText, ...]:
    """Every text that is not there and reviewed in both languages, in reading order."""
    standing = {
        tuple(waiver.get(name) for name in _SAME): waiver
        for waiver in waivers
        if "withdrawn_at" not in waiver
    }
    found = []
    for text in texts(data):
        state = whole_state(text, ledger)
        if state is not State.REVIEWED:
            waiver = standing.get((text.place, state, text.zh, text.en))
            found.append(_open(text, state, ledger, waiver))
    return tuple(found)


def unsettled(data: object, ledger: Ledger, waivers: Sequence[Waiver]) -> tuple[OpenText, ...]:
    """Those that forbid to publish."""
    return tuple(text for text in open_texts(data, ledger, waivers) if text.waiver is None)


def _open(text: TextAt, state: State, ledger: Ledger, waiver: Waiver | None) -> OpenText:
    was = made_from(text, ledger)
    mine = waiver if state is not State.MISSING else None
    return OpenText(text.place, text.kind, text.section, state, text.zh, text.en, was, mine)
