"""An edit in words: where it was, what stood there and what stands there now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core import edit_changes, places, word_diff
from survey.core.edit_changes import Change, How
from survey.core.patches import ABSENT
from survey.core.places import Place
from survey.core.text import Locale, is_text
from survey.core.word_diff import Op, Span
from survey.i18n import Later, _, lazy
from survey.services import bank_rows
from survey.services.drafts import Line
from survey.web.workshop.part_pages import name_of, told

MOST_CHANGES = 40
"""Places of one edit that are told; an import may have thousands."""

MOST_LEAVES = 80
"""Fields of one part that are told."""

ACTS: Mapping[str, Later] = {
    "set": lazy("Edited"),
    "add": lazy("Added"),
    "move": lazy("Moved"),
    "duplicate": lazy("Duplicated"),
    "delete": lazy("Deleted"),
    "import": lazy("Imported"),
    "translate": lazy("Translated"),
    "weights": lazy("Weights set"),
    "undo": lazy("Undone"),
}

Words = Mapping[Locale, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Side:
    """What stood or stands at a place: a text, a part with its fields, or one plain value."""

    words: Words
    name: str = ""
    leaves: Sequence[tuple[str, str]] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One place of an edit; `origin` is the list that a moved part came from."""

    how: How
    where: str
    origin: str
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Shown:
    """One edit; `more` places of it are not told.

    `marked` translations have another state though nothing was written.
    """

    line: Line
    word: str
    told: Sequence[Told]
    more: int
    marked: int


def shown(line: Line, before: Any, after: Any) -> Shown:
    """The edit that made the document `after` out of `before`."""
    own = [patch for patch in line.patches if not bank_rows.is_mark(patch)]
    every = edit_changes.changes(own, before, after, places.parse(line.place))
    return Shown(
        line=line,
        word=str(ACTS.get(line.act, line.act)),
        told=[_told(each, before, after) for each in every[:MOST_CHANGES]],
        more=len(every[MOST_CHANGES:]),
        marked=0 if own else len(line.patches),
    )


def _told(change: Change, before: Any, after: Any) -> Told:
    then, now = _sides(change, before, after)
    return Told(
        how=change.how,
        where=_where(before if change.how is How.REMOVED else after, change.place),
        origin=_where(before, change.origin[:-1]),
        before=then,
        after=now,
    )


def _where(document: Any, place: Place) -> str:
    return told(document, place) or _("the bank as a whole")


def _sides(change: Change, before: Any, after: Any) -> tuple[Side, Side]:
    if change.how is How.SORTED:
        return _order(before, change.place), _order(after, change.place)
    if change.how is How.MOVED:
        return Side({}, gone=True), Side({}, name=name_of(change.after))
    if is_text(change.before) or is_text(change.after):
        return _texts(change.before, change.after)
    return _side(before, change.place, change.before), _side(after, change.place, change.after)


def _order(document: Any, place: Place) -> Side:
    parts = places.get(document, place)
    return Side({}, leaves=[(str(at), name_of(part)) for at, part in enumerate(parts, 1)])


def _texts(before: Any, after: Any) -> tuple[Side, Side]:
    """Both languages of both sides, with what was taken out and what was put in."""
    then: dict[Locale, Sequence[Span]] = {}
    now: dict[Locale, Sequence[Span]] = {}
    for locale in Locale:
        spans = word_diff.spans(_said(before, locale), _said(after, locale))
        then[locale] = [span for span in spans if span.op is not Op.ADDED]
        now[locale] = [span for span in spans if span.op is not Op.REMOVED]
    return Side(then, gone=before is ABSENT), Side(now, gone=after is ABSENT)


def _said(value: Any, locale: Locale) -> str:
    said = value.get(locale.value, "") if isinstance(value, dict) else value
    return "" if said is ABSENT else str(said)


def _side(document: Any, place: Place, value: Any) -> Side:
    if value is ABSENT:
        return Side({}, gone=True)
    if not isinstance(value, dict | list):
        return Side({}, name=_plain(value))
    leaves = list(_leaves(document, place, value, len(told(document, place))))
    name = name_of(value) if isinstance(value, dict) else "–"
    return Side({}, name="" if name == "–" else name, leaves=leaves)


def _leaves(document: Any, place: Place, value: Any, known: int) -> Iterator[tuple[str, str]]:
    """Every field of a part with its way from the part, as far as anybody reads."""
    stack = [(place, value)]
    left = MOST_LEAVES
    while stack and left:
        here, node = stack.pop()
        if isinstance(node, dict | list) and node:
            inner = [((*here, step), part) for step, part in places.children(node)]
            stack += reversed(inner)
            continue
        left -= 1
        yield told(document, here)[known:].removeprefix(" › "), _plain(node)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "–" if value in (None, "", [], {}) else str(value)
