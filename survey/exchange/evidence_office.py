"""Office documents that are archives: recognised, unpacked to count, never kept unpacked."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as BadDeflate  # noqa: N812  # an exception by its name

from survey.exchange.evidence_kinds import (
    DOCX,
    ODP,
    ODS,
    ODT,
    PPTX,
    XLSX,
    BrokenEvidence,
    Kind,
    NotEvidence,
    TwoInOne,
    UnpacksTooLarge,
    WithMacros,
    WithPassword,
    unpacked,
)

MOST_ENTRIES = 5000
MOST_UNPACKED = 256 * 1024 * 1024
"""Bytes of all entries together, with those of documents inside the document."""

MOST_TIMES, ALWAYS_ALLOWED = 100, 10 * 1024 * 1024
"""How many times its size a document may unpack to, beyond what a small one always may."""

DEEPEST = 3
"""A text holds a presentation that holds the workbook of a chart."""

MOST_NESTED = 20 * 1024 * 1024
"""Bytes of a document inside a document: it is held in memory to be looked into."""

_LONGEST_LIST = 2 * 1024 * 1024
_END = 22
_PIECE = 256 * 1024
_ENCRYPTED = 1
_BEGINNING = b"PK\x03\x04"

_OOXML = {
    b"wordprocessingml.document.main+xml": DOCX,
    b"spreadsheetml.sheet.main+xml": XLSX,
    b"presentationml.presentation.main+xml": PPTX,
}
_ODF = {kind.media_type.encode(): kind for kind in (ODT, ODS, ODP)}
_PROGRAMS = frozenset(
    {".bat", ".class", ".cmd", ".com", ".dll", ".dex", ".exe", ".hta", ".htm", ".html", ".jar"}
    | {
        ".js",
        ".jse",
        ".lnk",
        ".msi",
        ".php",
        ".ps1",
        ".scr",
        ".sh",
        ".svgz",
        ".vbe",
        ".vbs",
        ".wsf",
    }
)
_MACROS_NAMED = re.compile(rb"macroEnabled|macrosheet|vbaProject", re.IGNORECASE)
_MACRO_FOLDERS = ("basic/", "scripts/")


def recognise(content: bytes) -> Kind:
    """Raises NotEvidence for other archives, and what else `evidence_file.recognise` may."""
    return _recognise(content, _Room(len(content)), depth=1)


class _Room:
    """What may still be unpacked."""

    def __init__(self, size: int) -> None:
        self.left = min(MOST_UNPACKED, ALWAYS_ALLOWED + MOST_TIMES * size)

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise UnpacksTooLarge


def _recognise(content: bytes, room: _Room, *, depth: int) -> Kind:
    _must_be_bounded(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _must_be_plain(entries, len(content))
            for entry in entries:
                room.take(entry.file_size)
            kind = _kind(archive, entries)
            for entry in entries:
                _must_be_harmless(archive, entry, room, depth)
            return kind
    except (BadZipFile, BadDeflate, EOFError, NotImplementedError, ValueError) as error:
        raise BrokenEvidence from error


def _must_be_bounded(content: bytes) -> None:
    """Look at the end before the list of entries is read: a list may be millions long."""
    place = len(content) - _END
    sign, count, length, start, comment = (
        *unpacked("<4s", content, max(place, 0)),
        *unpacked("<HIIH", content, max(place, 0) + 10),
    )
    if sign != b"PK\x05\x06" or comment or start + length != place:
        raise BrokenEvidence
    if count > MOST_ENTRIES or length > _LONGEST_LIST:
        raise UnpacksTooLarge


def _must_be_plain(entries: list[ZipInfo], size: int) -> None:
    """Every entry once, none over another, none that hides a way to pack it."""
    if len(entries) > MOST_ENTRIES or sum(entry.compress_size for entry in entries) > size:
        raise UnpacksTooLarge
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        raise BrokenEvidence
    if min((entry.header_offset for entry in entries), default=1) > 0:
        raise BrokenEvidence
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise WithPassword
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BrokenEvidence


def _kind(archive: ZipFile, entries: list[ZipInfo]) -> Kind:
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names:
        return _ooxml(archive, names)
    if "mimetype" in names:
        return _odf(archive, names)
    raise NotEvidence


def _ooxml(archive: ZipFile, names: set[str]) -> Kind:
    types = archive.read("[Content_Types].xml")
    if _MACROS_NAMED.search(types) or any("vbaproject" in name.lower() for name in names):
        raise WithMacros
    kind = next((kind for main, kind in _OOXML.items() if main in types), None)
    if kind is None:
        raise NotEvidence
    return kind


def _odf(archive: ZipFile, names: set[str]) -> Kind:
    kind = _ODF.get(archive.read("mimetype").strip())
    if kind is None or "META-INF/manifest.xml" not in names:
        raise NotEvidence
    if any(name.lower().startswith(_MACRO_FOLDERS) and name[-1] != "/" for name in names):
        raise WithMacros
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise WithPassword
    return kind


def _must_be_harmless(archive: ZipFile, entry: ZipInfo, room: _Room, depth: int) -> None:
    """Unpack an entry to its end, which also proves the size it claims, and look inside."""
    if PurePosixPath(entry.filename.lower()).suffix in _PROGRAMS:
        raise TwoInOne
    pieces = _pieces(archive, entry)
    first = next(pieces, b"")
    if first.startswith(_BEGINNING):
        if depth == DEEPEST or entry.file_size > MOST_NESTED:
            raise UnpacksTooLarge
        _recognise(b"".join([first, *pieces]), room, depth=depth + 1)
        return
    for _ in pieces:
        pass


def _pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            yield piece
