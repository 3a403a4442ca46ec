"""What differs between two versions, as a page shows it: both languages, with the words marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from survey.core import places
from survey.core.bank_parts import Part
from survey.core.condition_parts import spoken
from survey.core.places import NUMBER, Place, written
from survey.core.text import Locale, is_text
from survey.core.version_diff import Change, Line, Sort
from survey.core.word_diff import Span, spans
from survey.i18n import Later, _, current_locale, lazy
from survey.web.access import may
from survey.web.workshop import field_words
from survey.web.workshop.part_fields import anchor
from survey.web.workshop.part_pages import (
    in_reader_s,
    kinds_of_firm,
    label_of,
    model_at,
    name_of,
    page_place,
)

SORTS: Mapping[Sort, Later] = {
    Sort.ADDED: lazy("Added"),
    Sort.REMOVED: lazy("Removed"),
    Sort.RENAMED: lazy("Renamed"),
    Sort.MOVED: lazy("Moved"),
    Sort.REWORDED: lazy("Reworded"),
    Sort.RESCORED: lazy("Scored differently"),
    Sort.REWEIGHTED: lazy("Weighted differently"),
    Sort.CONDITION: lazy("Another condition"),
    Sort.ANSWERING: lazy("Answered differently"),
    Sort.ADVICE: lazy("Other advice"),
    Sort.ANNOTATED: lazy("Annotated"),
}
PARTS: Mapping[Part, Later] = {
    Part.BANK: lazy("About the bank"),
    Part.ROLE: lazy("Role"),
    Part.PAGE: lazy("Page of facts"),
    Part.SECTION: lazy("Section"),
    Part.DOMAIN: lazy("Domain"),
    Part.QUESTION: lazy("Question"),
    Part.LEVELS: lazy("Levels"),
    Part.LEVEL: lazy("Level"),
    Part.GATES: lazy("Gates"),
    Part.EDITION: lazy("Shorter edition"),
    Part.ELIGIBILITY: lazy("Programme"),
    Part.DISTRIBUTION: lazy("Published distribution"),
    Part.HINT: lazy("Hint"),
    Part.TERM: lazy("Term"),
    Part.SOURCE: lazy("Source"),
}
GROUPS: Sequence[tuple[Later, frozenset[Part]]] = (
    (lazy("About the bank"), frozenset({Part.BANK, Part.ROLE, Part.PAGE})),
    (lazy("Sections and domains"), frozenset({Part.SECTION, Part.DOMAIN})),
    (lazy("Questions"), frozenset({Part.QUESTION})),
    (lazy("Levels and gates"), frozenset({Part.LEVELS, Part.LEVEL, Part.GATES})),
    (
        lazy("Everything else"),
        frozenset(
            {
                Part.EDITION,
                Part.ELIGIBILITY,
                Part.DISTRIBUTION,
                Part.HINT,
                Part.TERM,
                Part.SOURCE,
            }
        ),
    ),
)
_CONDITIONS = {
    "when": lazy("Asked if"),
    "optional_when": lazy("May be left open if"),
    "holds": lazy("Met if"),
}
_NONE: Mapping[str, str] = {}
_CHOICES = {
    "kind": "Kind",
    "credit": "Credit",
    "rule": "RequirementRule",
    "better": "Better",
    "theme": "Theme",
    "effort": "Effort",
    "horizon": "Horizon",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language before and after, passage by passage."""

    locale: Locale
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference: in `words`, and as two plain values."""

    sort: Later
    label: str
    words: tuple[Words, ...] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One part with its differences; `address` is where the newer version has it."""

    part: Later
    name: str
    key: str
    address: str
    sorts: tuple[tuple[Sort, Later], ...]
    lines: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Showing:
    """Two documents that are compared; `version_id` is that of the newer one."""

    old: Any
    new: Any
    version_id: int

    def groups(self, changes: Sequence[Change]) -> list[tuple[Later, list[ShownChange]]]:
        """The changes under their headings, without headings that have none."""
        found = (
            (title, [self.change(each) for each in changes if each.part in parts])
            for title, parts in GROUPS
        )
        return [(title, inside) for title, inside in found if inside]

    def change(self, change: Change) -> ShownChange:
        return ShownChange(
            part=PARTS[change.part],
            name=in_reader_s(change.name) or change.key or change.place,
            key=change.key,
            address=self.address(change),
            sorts=tuple((sort, SORTS[sort]) for sort in change.sorts),
            lines=(*(self.line(change, line) for line in change.lines), *_perhaps(change)),
        )

    def address(self, change: Change) -> str:
        """Nothing for what is gone, and where there is no editor."""
        if Sort.REMOVED in change.sorts or not may("parts.edit"):
            return ""
        return part_address(self.version_id, places.parse(change.place))

    def line(self, change: Change, line: Line) -> Shown:
        sort = SORTS[line.sort]
        if line.sort in (Sort.ADDED, Sort.REMOVED):
            both = (change.name, None) if line.sort is Sort.REMOVED else (None, change.name)
            return Shown(sort, "", words=_words(*both))
        if line.sort is Sort.MOVED:
            return self.moved(line)
        label = self.label(change, line)
        if line.sort is Sort.CONDITION:
            was, now = (
                None if plain is None else _texts(spoken(data, plain))
                for data, plain in ((self.old, line.before), (self.new, line.after))
            )
            return Shown(sort, label, words=_words(was, now))
        if is_text(line.before) or is_text(line.after):
            return Shown(sort, label, words=_words(line.before, line.after))
        name = line.field.rpartition("/")[2]
        words = _words(_text_in(line.before), _text_in(line.after))
        kinds = self.kinds if name == "weight" else {}
        before, after = said(line.before, name, kinds), said(line.after, name, kinds)
        return Shown(sort, label, words, before, after)

    @property
    def kinds(self) -> dict[str, str]:
        """What the answers are called that weights may differ by."""
        return {**kinds_of_firm(self.old), **kinds_of_firm(self.new)}

    def moved(self, line: Line) -> Shown:
        sort = SORTS[Sort.MOVED]
        if line.field == "home":
            before, after = (
                self.trail(data, place)
                for data, place in ((self.old, line.before), (self.new, line.after))
            )
            return Shown(sort, _("Stands in"), before=before, after=after)
        if line.field == "order":
            return Shown(
                sort, _("Place in the row"), before=str(line.before), after=str(line.after)
            )
        return Shown(sort, _("Order"), before=said(line.before), after=said(line.after))

    def trail(self, data: Any, place: str) -> str:
        """The names of a place and of what is around it."""
        steps = places.parse(place)
        around = [steps[:length] for length in range(1, len(steps) + 1)]
        return " › ".join(
            name_of(places.find(data, each)) for each in around if model_at(data, each) is not None
        )

    def label(self, change: Change, line: Line) -> str:
        """What the field is called, from the part inwards."""
        place = places.parse(change.place)
        model = model_at(self.new, place) or model_at(self.old, place)
        node: Any = places.find(self.new, place)
        spare: Any = places.find(self.old, place)
        named: list[str] = []
        around = ""
        for step in places.parse(line.field):
            if isinstance(node, list) or isinstance(spare, list):
                inner = _child(node, step) or _child(spare, step)
                number = step.removeprefix(NUMBER)
                numbered = str(int(number) + 1) if step.startswith(NUMBER) else step
                named.append(name_of(inner) if _has_name(inner) else numbered)
            elif around == "weight":
                named.append(self.kinds.get(step, step))
            else:
                named.append(str(_CONDITIONS.get(step) or label_of(model, step)))
            node, spare, around = _child(node, step), _child(spare, step), step
        return " › ".join(named)


def _perhaps(change: Change) -> Iterator[Shown]:
    if change.perhaps and change.key:
        both = (change.key, change.perhaps)
        before, after = both if Sort.REMOVED in change.sorts else both[::-1]
        label = _("everything but the key is the same")
        yield Shown(lazy("Perhaps renamed"), label, before=before, after=after)


def part_address(version_id: int, place: Place) -> str:
    """Where the editor has the field at a place."""
    page = written(page_place(place))
    return url_for("parts.edit", version_id=version_id, place=page, _anchor=anchor(place))


def _words(before: Any, after: Any) -> tuple[Words, ...]:
    """Both languages, also the one that did not change: it is read beside the other."""
    return tuple(
        Words(locale, spans(_in(before, locale), _in(after, locale)))
        for locale in Locale
        if _in(before, locale) or _in(after, locale)
    )


def _in(text: Any, locale: Locale) -> str:
    words = text.get(locale.value) if isinstance(text, dict) else None
    return words if isinstance(words, str) else ""


def _texts(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def said(value: Any, name: str = "", kinds: Mapping[str, str] = _NONE) -> str:
    """A plain value in the reader's words; of something larger all that is in it.

    `kinds` has the words of keys that are no fields.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    known = field_words.CHOICES.get(_CHOICES.get(name, ""), {}).get(str(value))
    if known is not None:
        return str(known)
    if isinstance(value, list):
        return _comma().join(said(part) for part in value) or "–"
    if is_text(value):
        return in_reader_s(value) or "–"
    if isinstance(value, dict):
        return _comma().join(_facts(value, kinds)) or "–"
    return str(value)


def _facts(value: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[str]:
    colon = "：" if current_locale() is Locale.ZH else ": "
    for name, part in value.items():
        if name not in ("key", *_TELLING) and part not in (None, []):
            label = kinds.get(name) or label_of(None, name)
            yield f"{label}{colon}{said(part, name)}"


_TELLING = ("label", "what", "title", "text")
"""The text that a larger value is known by; it is shown in both languages."""


def _text_in(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in _TELLING if name in value), None)


def _comma() -> str:
    return "；" if current_locale() is Locale.ZH else "; "


def _has_name(node: Any) -> bool:
    return isinstance(node, dict) and name_of(node) not in ("–", str(node.get("key", "–")))


def _child(node: Any, step: str) -> Any:
    return places.find(node, (step,))
