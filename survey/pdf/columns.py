"""Many small items in two columns, without asking the renderer to balance them.

Balanced columns make WeasyPrint lay a page out again and again: three times the time for the whole
report. So the items are dealt beforehand into bands, each with a left and a right half of about
the same height, by an estimate of the lines that their words take.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from survey.core.parts import (
    DomainPart,
    Entry,
    GlossaryTerm,
    Keep,
    Said,
    SourceLine,
    Step,
    Unknown,
)
from survey.core.text import Locale, Text

WIDTH = 33
"""Chinese characters on a line of half the page."""

BESIDE_A_CODE = 27
"""The same where the code and the score of an answer stand before it."""

BESIDE_ENGLISH, BESIDE_CHINESE = 25, 32
"""The same where the languages stand beside each other over the whole page."""

TALLEST = 11
"""Lines of a band: a higher one leaves too much of a page empty when it does not fit."""

LONG = 30
"""Lines from which an item has the width of the page to itself, and may break over two."""

Item = DomainPart | Entry | GlossaryTerm | Keep | SourceLine | Step | Unknown | Text


@dataclass(frozen=True, slots=True)
class Band:
    """Items beside each other; `right` is empty where one has the whole width."""

    left: tuple[Item, ...]
    right: tuple[Item, ...]


def bands(items: Sequence[Item], locales: Sequence[Locale]) -> list[Band]:
    """Deal the items into bands that are low together; their order stays."""
    heights = [_height(item, tuple(locales)) for item in items]
    best: list[tuple[float, list[Band]]] = [(0, [])]
    for end in range(1, len(items) + 1):
        best.append(
            min(
                (
                    (best[start][0] + height, [*best[start][1], band])
                    for start in range(end - 1, max(-1, end - 13), -1)
                    for height, band in [_band(items, heights, start, end)]
                ),
                key=lambda way: way[0],
            )
        )
    return best[-1][1]


def _band(
    items: Sequence[Item], heights: Sequence[int], start: int, end: int
) -> tuple[float, Band]:
    """The best way to halve these items, and how high it is: too high is as good as impossible."""
    if end - start == 1 and heights[start] > LONG:
        return heights[start] / 2, Band((items[start],), ())
    height, middle = min(
        (max(sum(heights[start:at]), sum(heights[at:end])), at) for at in range(start + 1, end + 1)
    )
    too_high = end - start > 2 and height > TALLEST
    has_long = any(each > LONG for each in heights[start:end])
    penalty = 10_000 if too_high or has_long else 0
    return height + penalty, Band(tuple(items[start:middle]), tuple(items[middle:end]))


def lines_beside(text: Text, locales: Sequence[Locale]) -> int:
    """Lines that a sentence takes: over the whole width, or each language on its side."""
    if len(locales) == 1:
        return ceil(width(text.in_(locales[0])) / (2 * WIDTH))
    return max(ceil(width(text.zh) / BESIDE_ENGLISH), ceil(width(text.en) / BESIDE_CHINESE))


def _height(item: Item, locales: tuple[Locale, ...]) -> int:
    room = BESIDE_A_CODE if isinstance(item, Entry) else WIDTH
    lines = (line for words in _words(item, locales) for line in words.split("\n"))
    return sum(ceil(max(width(line), 1) / room) for line in lines)


def width(words: str) -> float:
    """How wide words are, in Chinese characters."""
    return sum(1 if unicodedata.east_asian_width(each) in "WFA" else 0.52 for each in words)


def _words(item: Item, locales: tuple[Locale, ...]) -> tuple[str, ...]:
    """Each paragraph of an item."""
    texts, typed = _PARTS[type(item)](item)
    return (
        *(text.in_(locale) for text in texts if text for locale in locales),
        *filter(None, typed),
    )


_Parts = tuple[list[Text | None], list[str | None]]


def _entry(item: Entry) -> _Parts:
    evidence = item.evidence.typed if item.evidence else None
    return [item.prompt, *_said(item.said)], [item.said.typed, evidence and f"{evidence}      "]


def _said(said: Said) -> list[Text | None]:
    """An answer of several lines is set as one paragraph."""
    zh = "".join(f"{row.label.zh}：{row.state.zh}；" for row in said.rows)
    en = "".join(f"{row.label.en}: {row.state.en}; " for row in said.rows)
    return [said.text, Text(zh=zh, en=en) if said.rows else None]


def _term(item: GlossaryTerm) -> _Parts:
    term, meaning = item.term, item.meaning
    return [Text(zh=term.zh + meaning.zh, en=f"{term.en}  {meaning.en}")], []


def _domain(item: DomainPart) -> _Parts:
    step = item.next_step
    told = [step.owner, step.what] if step else []
    return [item.title, *told], []


_PARTS: dict[type, Callable[..., _Parts]] = {
    DomainPart: _domain,
    Entry: _entry,
    GlossaryTerm: _term,
    Keep: lambda item: ([item.title, item.proof], []),
    SourceLine: lambda item: ([item.title, item.note], []),
    Step: lambda item: ([item.title, item.what], []),
    Text: lambda item: ([item], []),
    Unknown: lambda item: ([item.prompt, item.where], []),
}
