"""Files that hold no bank, whatever they are called, told by what is in them.

Each has a sentence of its own that says what the file is and what to send instead.
"""

import re
import struct
from collections.abc import Sequence
from io import BytesIO
from zipfile import BadZipFile, ZipFile

_MOST_NAMES = 1000
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_OF_STARTS = (
    (b"%PDF-", "foreign-pdf"),
    (b"\x89PNG\r\n\x1a\n", "foreign-picture"),
    (b"\xff\xd8\xff", "foreign-picture"),
    (b"GIF8", "foreign-picture"),
    (b"II*\0", "foreign-picture"),
    (b"MM\0*", "foreign-picture"),
    (b"{\\rtf", "foreign-document"),
    (b"Rar!", "foreign-packed"),
    (b"7z\xbc\xaf\x27\x1c", "foreign-packed"),
    (b"\x1f\x8b", "foreign-packed"),
    (b"BZh", "foreign-packed"),
    (b"\xfd7zXZ", "foreign-packed"),
)
_PICTURE = re.compile(rb"RIFF....WEBP|BM.{4}\0{4}|.{4}ftyp(?:hei[cfmsx]|mif1|avif)", re.DOTALL)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*"
    rb"<(?:(?P<page>!doctype\s+html|html|head|body)|(?P<picture>svg))\b",
    re.IGNORECASE | re.DOTALL,
)
_DOCUMENTS_OF_OLD = ("WordDocument", "PowerPoint Document")
_DOCUMENT_FOLDERS = ("word/", "ppt/")
_DOCUMENT_PART = re.compile(rb"PK\x03\x04.{26}(?:word|ppt)/", re.DOTALL)
"""How a part of a document begins in an archive: also in one whose list of parts is cut off."""

_OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(?:text|presentation)")
_OPEN_WORKBOOK = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_FIRST_NAME = 30
"""Where the name of the first file in an archive stands; OpenDocument says there what it is."""


def code_of(content: bytes) -> str:
    """The code of the sentence about such a file; nothing of one that may hold a bank."""
    for start, code in _OF_STARTS:
        if content.startswith(start):
            return code
    if _PICTURE.match(content):
        return "foreign-picture"
    if markup := _MARKUP.match(content[:4096]):
        return "foreign-picture" if markup["picture"] else "foreign-html"
    if content.startswith(_OLE):
        return _of_old_office(content)
    return _of_zip(content) if content.startswith(_ZIP) else ""


def _of_old_office(content: bytes) -> str:
    if "Workbook".encode("utf-16-le") in content:
        return ""
    named = any(name.encode("utf-16-le") in content for name in _DOCUMENTS_OF_OLD)
    return "foreign-document" if named else ""


def _of_zip(content: bytes) -> str:
    """Of a survey packed with its answers (.lsa), a document, or any archive."""
    try:
        names = ZipFile(BytesIO(content)).namelist()[:_MOST_NAMES]
    except (BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
        return "foreign-document" if _DOCUMENT_PART.search(content) else ""
    if any(name.lower().endswith(".lss") for name in names):
        return "foreign-archive"
    if _OPEN_DOCUMENT.match(content, _FIRST_NAME) or _any_in(_DOCUMENT_FOLDERS, names):
        return "foreign-document"
    is_workbook = content.startswith(_OPEN_WORKBOOK, _FIRST_NAME) or _any_in(("xl/",), names)
    return "" if is_workbook else "foreign-packed"


def _any_in(folders: tuple[str, ...], names: Sequence[str]) -> bool:
    return any(name.startswith(folders) for name in names)
