"""What forbids to take plain data from a file at all: signs that are no text, endless objects.

Nothing here grows faster than the file, whoever wrote it.
"""

import re
from collections import Counter
from collections.abc import Iterable

from survey.core.errors import Problem, quoted
from survey.core.trees import parts

MOST_NAMES = 1000
"""Of one object; the largest of a bank has some dozens."""

MOST_TOLD = 100
_DEEPEST = 60
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Controls, and halves of characters: no file, no page and no database can hold them all."""


def no_text(text: str) -> str:
    """The first sign of a text that is none, as it is written down; nothing if all are."""
    found = _NO_TEXT.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def unsound(data: object, file: str) -> tuple[Problem, ...]:
    """Every name and text with such a sign, and every object with too many names."""
    found: list[Problem] = []
    left: list[tuple[str, object]] = [("", data)]
    while left and len(found) < MOST_TOLD:
        place, node = left.pop()
        if isinstance(node, dict) and len(node) > MOST_NAMES:
            found.append(Problem("json-too-many-names", place, {"most": MOST_NAMES}, file=file))
            continue
        if isinstance(node, str) and (sign := no_text(node)):
            found.append(Problem("bank-unprintable", place, {"character": sign}, file=file))
        if place.count(".") > _DEEPEST:
            continue  # what is as deep is refused for that
        for name, part in parts(node):
            inside = f"{place}.{quoted(name)}" if place else quoted(name)
            if isinstance(name, str) and (sign := no_text(name)):
                found.append(Problem("bank-unprintable", inside, {"character": sign}, file=file))
            left.append((inside, part))
    return tuple(found)


def repeated(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """The names that stand there more than once, as they come; the first ones of very many."""
    names = Counter(name for name, _ in pairs)
    return [name for name, count in names.items() if count > 1][:MOST_TOLD]
