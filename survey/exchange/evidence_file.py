"""What an uploaded file is, judged by its content: never by its name or by what a browser says.

Structures are walked within limits; nothing is decoded, drawn or run. What a file can still
hide for the program that opens it is kept away from browsers by how it is served.
"""

import re
from collections.abc import Callable, Mapping

from survey.exchange import evidence_office, evidence_ole, evidence_pictures
from survey.exchange.evidence_kinds import (
    PDF,
    BrokenEvidence,
    Kind,
    NotEvidence,
    TwoInOne,
)

_HEAD = 1024
"""Bytes in which programs look for what a file might be."""

_FURTHEST_END = 2048
"""How far from its end the last line of a PDF may stand."""

_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?php)", re.IGNORECASE)
_ZIP_END = b"PK\x05\x06"
_LONGEST_COMMENT = 65_535
_PDF_BEGINNING = re.compile(rb"%PDF-[12]\.\d")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF")


def recognise(content: bytes) -> Kind:
    """Which kind of file this is.

    Raises NotEvidence, BrokenEvidence, TwoInOne, WithMacros, WithPassword, UnpacksTooLarge,
    TooManyPixels.
    """
    read = _reader_of(content)
    if read is None:
        raise NotEvidence
    _must_be_one_file(content)
    return read(content)


def may_begin(head: bytes) -> bool:
    """Whether a file that begins so may be one that is taken: asked before the rest is sent."""
    return _reader_of(head) is not None or len(head) < LONGEST_BEGINNING


def _pdf(content: bytes) -> Kind:
    """Raises BrokenEvidence."""
    end = content[-_FURTHEST_END:]
    if not _PDF_BEGINNING.match(content) or not _PDF_END.search(end):
        raise BrokenEvidence
    return PDF


_READERS: Mapping[bytes, Callable[[bytes], Kind]] = {
    b"%PDF-": _pdf,
    b"\x89PNG\r\n\x1a\n": evidence_pictures.png,
    b"\xff\xd8\xff": evidence_pictures.jpeg,
    b"GIF87a": evidence_pictures.gif,
    b"GIF89a": evidence_pictures.gif,
    b"RIFF": evidence_pictures.webp,
    b"PK\x03\x04": evidence_office.recognise,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": evidence_ole.recognise,
}
LONGEST_BEGINNING = 12


def _reader_of(content: bytes) -> Callable[[bytes], Kind] | None:
    if content[4:8] == b"ftyp":
        return evidence_pictures.heic
    return next((read for start, read in _READERS.items() if content.startswith(start)), None)


def _must_be_one_file(content: bytes) -> None:
    """Raises TwoInOne if other programs would take this for markup, a PDF or an archive."""
    head = content[:_HEAD]
    if _MARKUP.search(head) or head.find(b"%PDF-") > 0:
        raise TwoInOne
    if not content.startswith(b"PK") and _ends_as_archive(content):
        raise TwoInOne


def _ends_as_archive(content: bytes) -> bool:
    """Whether a reader of archives, who begins at the end, would find a list of entries."""
    place = len(content)
    lowest = max(0, place - _LONGEST_COMMENT - 22)
    while (place := content.rfind(_ZIP_END, lowest, place + 3)) >= 0:
        end = content[place : place + 22]
        if len(end) == 22 and place + 22 + int.from_bytes(end[20:], "little") >= len(content):
            return True
    return False
