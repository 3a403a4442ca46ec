"""Every text of a bank with its place, and how far its translation can be relied on.

Chinese is the source, English its translation. The ledger of a draft says which translations
nobody has reviewed yet, and which are older than their source; what it does not name is
reviewed. It follows from contents: whoever moves, copies or reorders parts changes no state.
The document may have faults; what is no text is left out, what is no sentence is missing.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.core.places import NUMBER, Place, children, written
from survey.core.text import Locale

Entry = dict[str, str]
"""What the ledger knows of one text: `state`, the `source` it was translated from, and `was`,
the state to go back to if the source comes back."""

Ledger = Mapping[str, Mapping[str, str]]
"""Entries by place. Without one a translation is reviewed."""


class TextKind(StrEnum):
    """What a text is for, as far as a translator chooses by it."""

    TITLE = "title"
    SUMMARY = "summary"
    PROMPT = "prompt"
    HELP = "help"
    OPTION = "option"
    ROW = "row"
    UNIT = "unit"
    ADVICE = "advice"
    TERM = "term"
    NOTE = "note"


class State(StrEnum):
    """How far a text can be relied on in one language."""

    MISSING = "missing"
    DRAFT = "draft"
    STALE = "stale"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class TextAt:
    """One text. `place` is that of the pair; `section` that of the page or chapter it is in."""

    place: str
    kind: TextKind
    zh: str
    en: str
    section: str

    def in_(self, locale: Locale) -> str:
        return self.zh if locale is Locale.ZH else self.en


@dataclass(frozen=True, slots=True)
class Tally:
    """How many texts one language should have and has, and how many of those are in doubt."""

    total: int
    present: int
    stale: int
    drafts: int

    @property
    def missing(self) -> int:
        return self.total - self.present

    @property
    def percent(self) -> int:
        """Of the texts, those that are there and reviewed; 100 only if all are."""
        reviewed = self.present - self.stale - self.drafts
        return 100 * reviewed // self.total if self.total else 100


@dataclass(frozen=True, slots=True)
class Completeness:
    zh: Tally
    en: Tally

    def in_(self, locale: Locale) -> Tally:
        return self.zh if locale is Locale.ZH else self.en


# ----------------------------------------------------------------------- texts


def texts(data: object) -> Iterator[TextAt]:
    """Every text of the document, in reading order."""
    return (text for text, _ in _texts(data))


def _texts(data: object) -> list[tuple[TextAt, Place]]:
    """Each text, and its place with the keys of all parts, even where two have the same."""
    found: list[tuple[TextAt, Place]] = []
    _gather(data, (), (), found)
    return found


def _gather(node: object, place: Place, names: Place, found: list[tuple[TextAt, Place]]) -> None:
    """The texts of a document with thousands, on every edit: so a list, not nested iterators."""
    if isinstance(node, dict) and place and ("zh" in node or "en" in node):
        zh, en = _sentence(node.get("zh")), _sentence(node.get("en"))
        address = written(place)
        found.append((TextAt(address, _kind(place), zh, en, _section(address)), names))
        return
    listed = isinstance(node, list)
    for step, part in children(node):
        if isinstance(part, dict | list):
            name = _name(part) if listed else step
            _gather(part, (*place, step), (*names, name), found)


def _name(part: object) -> str:
    key = part.get("key") if isinstance(part, dict) else None
    return key if isinstance(key, str) and not key.startswith(NUMBER) else NUMBER


def _sentence(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _section(address: str) -> str:
    """A section's place, the chapter's name, or nothing for what stands at the top."""
    chapter, *inside = address.split("/", 2)
    if not inside:
        return ""
    return f"{chapter}/{inside[0]}" if chapter == "sections" else chapter


_KINDS: Mapping[str, TextKind] = {
    "title": TextKind.TITLE,
    "short": TextKind.TITLE,
    "summary": TextKind.SUMMARY,
    "notice": TextKind.SUMMARY,
    "banner": TextKind.SUMMARY,
    "method": TextKind.SUMMARY,
    "meaning": TextKind.SUMMARY,
    "prompt": TextKind.PROMPT,
    "help": TextKind.HELP,
    "example": TextKind.HELP,
    "evidence": TextKind.HELP,
    "unit": TextKind.UNIT,
    "denominator_unit": TextKind.UNIT,
    "numerator": TextKind.UNIT,
    "denominator": TextKind.UNIT,
    "what": TextKind.ADVICE,
    "proof": TextKind.ADVICE,
}
_KINDS_OF_LISTS: Mapping[str, TextKind] = {
    "options": TextKind.OPTION,
    "states": TextKind.OPTION,
    "rows": TextKind.ROW,
    "statements": TextKind.ROW,
    "glossary": TextKind.TERM,
    "method": TextKind.SUMMARY,
}


def _kind(place: Place) -> TextKind:
    """By the list a part is in, where its only text is a label; else by the field."""
    if len(place) > 2 and place[-1] in {"label", "term", "meaning"}:
        of_list = _KINDS_OF_LISTS.get(place[-3])
        if of_list is not None:
            return of_list
    if len(place) > 1 and place[-1].startswith(NUMBER):
        return _KINDS_OF_LISTS.get(place[-2], TextKind.NOTE)
    return _KINDS.get(place[-1], TextKind.NOTE)


# ---------------------------------------------------------------------- states


def states(data: object, ledger: Ledger) -> dict[str, dict[Locale, State]]:
    """The state of every text in each language, by its place."""
    return {
        text.place: {
            Locale.ZH: State.REVIEWED if text.zh else State.MISSING,
            Locale.EN: state_of(text, ledger),
        }
        for text in texts(data)
    }


def state_of(text: TextAt, ledger: Ledger) -> State:
    """The state of the translation."""
    if not text.en:
        return State.MISSING
    entry = ledger.get(text.place)
    return State.REVIEWED if entry is None else State(entry["state"])


def whole_state(text: TextAt, ledger: Ledger) -> State:
    """The state of the pair: missing where either language is, else that of the translation."""
    return state_of(text, ledger) if text.zh else State.MISSING


def made_from(text: TextAt, ledger: Ledger) -> str:
    """The source that a stale translation was made from; nothing of any other."""
    stale = whole_state(text, ledger) is State.STALE
    return ledger[text.place].get("source", "") if stale else ""


def completeness(data: object, ledger: Ledger) -> Completeness:
    every = states(data, ledger).values()
    return Completeness(*(_tally([each[locale] for each in every]) for locale in Locale))


def _tally(found: Sequence[State]) -> Tally:
    missing = found.count(State.MISSING)
    return Tally(
        total=len(found),
        present=len(found) - missing,
        stale=found.count(State.STALE),
        drafts=found.count(State.DRAFT),
    )


# ---------------------------------------------------------------------- ledger


def ledger_after(ledger: Ledger, old: object, new: object) -> dict[str, Entry]:
    """The ledger once the document has become `new`.

    A pair that was there before, wherever, keeps its state. Where only the source changed, the
    translation is stale, until the source comes back or the translation changes. What has been
    translated anew, or for the first time, is a draft.
    """
    after = _candidates(new)
    origins = _origins(_candidates(old), after)
    every = (each.text for each in after)
    entries = {
        text.place: _entry(text, origins.get(text.place), ledger) for text in every if text.en
    }
    return {place: entry for place, entry in entries.items() if entry is not None}


def reviewed(ledger: Ledger, places: Iterable[str]) -> dict[str, Entry]:
    """The ledger once these translations have been reviewed as they are."""
    marked = set(places)
    return {place: dict(entry) for place, entry in ledger.items() if place not in marked}


def _entry(text: TextAt, origin: TextAt | None, ledger: Ledger) -> Entry | None:
    draft = {"state": State.DRAFT.value, "source": text.zh}
    if origin is None or origin.en != text.en:
        return draft
    known = ledger.get(origin.place)
    if origin.zh == text.zh:
        return None if known is None else dict(known)
    if known is None or known["state"] != State.STALE:
        if not origin.zh:
            return draft
        was = State.REVIEWED if known is None else State.DRAFT
        return {"state": State.STALE.value, "source": origin.zh, "was": was.value}
    if known["source"] != text.zh:
        return dict(known)
    return draft if known.get("was") == State.DRAFT else None


def _origins(before: Sequence["_Candidate"], after: Sequence["_Candidate"]) -> dict[str, TextAt]:
    """For each text of the new document the old one that it was, so far as there is one.

    A part with a key is the same part, whatever it says; of numbered parts the contents tell
    which is which. Only a copy shares its origin with another.
    """
    here = {each.text.place: each for each in before}
    origins = {
        each.text.place: here[each.text.place].text
        for each in after
        if each.text.place in here and _pair(each) == _pair(here[each.text.place])
    }
    _match(origins, before, [each for each in after if NUMBER not in each.name], _named)
    _match(origins, before, after, _pair)
    _match(origins, before, after, _named)
    copied = {_pair(each): each.text for each in reversed(before)}
    for each in after:
        if each.text.place not in origins and _pair(each) in copied:
            origins[each.text.place] = copied[_pair(each)]
    return origins


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text, and what stays of its place when its question or domain is moved."""

    text: TextAt
    name: Place


def _candidates(data: object) -> list[_Candidate]:
    return [_Candidate(text, _moving(names)) for text, names in _texts(data)]


def _moving(names: Place) -> Place:
    for at in range(len(names) - 2, 0, -1):
        if names[at] in {"questions", "domains"} and names[at + 1] != NUMBER:
            return names[at:]
    return names


def _match(
    origins: dict[str, TextAt],
    before: Sequence[_Candidate],
    after: Sequence[_Candidate],
    mark: Callable[[_Candidate], tuple[object, str]],
) -> None:
    """Give the new texts without an origin the old ones with the same mark, in reading order."""
    taken = {origin.place for origin in origins.values()}
    free: dict[tuple[object, str], deque[TextAt]] = defaultdict(deque)
    for each in before:
        if each.text.place not in taken:
            free[mark(each)].append(each.text)
    for each in after:
        if each.text.place not in origins and free[mark(each)]:
            origins[each.text.place] = free[mark(each)].popleft()


def _pair(each: _Candidate) -> tuple[object, str]:
    return each.text.zh, each.text.en


def _named(each: _Candidate) -> tuple[object, str]:
    return each.name, each.text.en
