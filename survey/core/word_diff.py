"""What changed inside a sentence. Chinese is compared by character, other words as a whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST = 1500
"""Words of a changed passage that are compared; a longer one is shown as a whole."""

FEWEST = 3
"""Common words, or Chinese characters, that are worth standing alone between two changes."""

_WORD = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\s+|.", re.DOTALL)


class Op(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    op: Op
    text: str


def spans(old: str, new: str) -> tuple[Span, ...]:
    """The passages of both in reading order, what went before what came in its place.

    Without the added ones they are the old text, without the removed ones the new.
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    middle = _changes(before[start : len(before) - end], after[start : len(after) - end])
    found = (
        Span(Op.SAME, "".join(before[:start])),
        *middle,
        Span(Op.SAME, "".join(before[len(before) - end :])),
    )
    return tuple(span for span in found if span.text)


def _alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(before, after, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after))
    )


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Span]:
    if max(len(before), len(after)) > MOST:
        yield Span(Op.REMOVED, "".join(before))
        yield Span(Op.ADDED, "".join(after))
        return
    shown = 0
    for start, end, new_start, new_end in _passages(before, after):
        yield Span(Op.SAME, "".join(before[shown:start]))
        yield Span(Op.REMOVED, "".join(before[start:end]))
        yield Span(Op.ADDED, "".join(after[new_start:new_end]))
        shown = end
    yield Span(Op.SAME, "".join(before[shown:]))


def _passages(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where they differ: from and to in the one, from and to in the other.

    Few common words between two changes are a part of one change: nobody can read a sentence in
    which every other word is struck out.
    """
    found: list[tuple[int, int, int, int]] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            continue
        if found and _words(before[found[-1][1] : start]) < FEWEST:
            first = found.pop()
            found.append((first[0], end, first[2], new_end))
        else:
            found.append((start, end, new_start, new_end))
    return found


def _words(passage: Sequence[str]) -> int:
    return sum(not word.isspace() for word in passage)
