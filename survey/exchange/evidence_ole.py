"""Office documents of the older kind: a file system of its own, of which only the list is read.

Macros stand in folders of known names. Those of old presentations lie packed inside the
document itself; a record there says that there are some. Not found out are the macro sheets of
Excel 4, which are cells of a workbook, and a record that is cut by the border of two sectors.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey.exchange.evidence_kinds import (
    DOC,
    PPT,
    XLS,
    BrokenEvidence,
    Kind,
    NotEvidence,
    WithMacros,
    WithPassword,
    unpacked,
)

_STREAMS: Mapping[str, Kind] = {
    "worddocument": DOC,
    "workbook": XLS,
    "book": XLS,
    "powerpoint document": PPT,
}
_MACROS = frozenset({"macros", "_vba_project_cur", "vba", "_vba_project", "vba_project"})
_ENCRYPTED = frozenset({"encryptedpackage", "encryptioninfo"})

_PRESENTED_MACROS = re.compile(
    rb"\xff\x03\x14\0\0\0"  # VbaInfoContainer, 20 bytes long
    rb"..\0\x04\x0c\0\0\0"  # VbaInfoAtom, 12 bytes long
    rb".{4}\x01\0\0\0",  # where they are kept, and that there are some
    re.DOTALL,
)
"""Microsoft, [MS-PPT], 2.4.10 and 2.4.11."""

_LAST_SECTOR = 0xFFFFFFFA
"""Numbers from here on are no sectors."""

_ENTRY = 128
_MOST_ENTRIES = 20_000
_LISTED_IN_HEADER = 109


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    left: int
    right: int
    child: int


def recognise(content: bytes) -> Kind:
    """Raises NotEvidence for what is no document, BrokenEvidence, WithMacros, WithPassword."""
    entries = _entries(content)
    names = {entry.name for entry in entries}
    if not _ENCRYPTED.isdisjoint(names):
        raise WithPassword
    top = set(_beside(entries, entries[0].child))
    kind = next((kind for stream, kind in _STREAMS.items() if stream in top), None)
    if kind is None:
        raise NotEvidence
    if not _MACROS.isdisjoint(names) or (kind is PPT and _PRESENTED_MACROS.search(content)):
        raise WithMacros
    return kind


def _beside(entries: list[_Entry], first: int) -> Iterator[str]:
    """The names in the folder to which an entry belongs; it is kept as a tree."""
    waiting, seen = [first], set()
    while waiting:
        place = waiting.pop()
        if place < len(entries) and place not in seen:
            seen.add(place)
            yield entries[place].name
            waiting += [entries[place].left, entries[place].right]


def _entries(content: bytes) -> list[_Entry]:
    (shift,) = unpacked("<H", content, 30)
    (first,) = unpacked("<I", content, 48)
    if shift not in (9, 12):
        raise BrokenEvidence
    size = 1 << shift
    following = _following(content, size)
    found: list[_Entry] = []
    for sector in _chain(first, following, _MOST_ENTRIES * _ENTRY // size):
        start = (sector + 1) * size
        found += [_entry(content, place) for place in range(start, start + size, _ENTRY)]
    if not found:
        raise BrokenEvidence
    return found


def _entry(content: bytes, place: int) -> _Entry:
    name, length = unpacked("<64sH", content, place)
    left, right, child = unpacked("<III", content, place + 68)
    words = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
    return _Entry(words.lower(), left, right, child)


def _following(content: bytes, size: int) -> list[int]:
    """For each sector the one that continues it. Raises BrokenEvidence for tables repeated."""
    following: list[int] = []
    for sector in _tables(content, size):
        if len(following) * 4 > len(content):
            raise BrokenEvidence
        following += unpacked(f"<{size // 4}I", content, (sector + 1) * size)
    return following


def _tables(content: bytes, size: int) -> Iterator[int]:
    """The sectors that say what follows on what: some in the header, the rest in a chain."""
    yield from _sectors(unpacked(f"<{_LISTED_IN_HEADER}I", content, 76))
    (further,) = unpacked("<I", content, 68)
    for _ in range(len(content) // size):
        if further >= _LAST_SECTOR:
            return
        *listed, further = unpacked(f"<{size // 4}I", content, (further + 1) * size)
        yield from _sectors(tuple(listed))
    raise BrokenEvidence


def _sectors(numbers: tuple[int, ...]) -> Iterator[int]:
    return (number for number in numbers if number < _LAST_SECTOR)


def _chain(first: int, following: list[int], most: int) -> Iterator[int]:
    """Raises BrokenEvidence for a chain that leads nowhere or round in a circle."""
    sector = first
    for _ in range(most):
        if sector >= _LAST_SECTOR:
            return
        if sector >= len(following):
            raise BrokenEvidence
        yield sector
        sector = following[sector]
    raise BrokenEvidence
