"""Files for readers: a name that says what it is, in the reader's language, and a cache key."""

import unicodedata
from datetime import date
from io import BytesIO
from urllib.parse import quote

from flask import Response, send_file

from survey.core.copies import Copy, Extent, Format
from survey.core.text import Languages, cut_to_bytes
from survey.i18n import Later, lazy

LONGEST_NAME = 150
"""Bytes of a firm's name that go into a file's; with the rest, disks take the whole."""

_NOT_IN_NAMES = frozenset('<>:"/\\|?*%')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_LANGUAGES = {
    Languages.BOTH: lazy("Chinese-English"),
    Languages.ZH: lazy("Chinese"),
    Languages.EN: lazy("English"),
}
_KINDS = {
    Extent.FULL: lazy("Report"),
    Extent.SHORT: lazy("Short-report"),
}
_DATA = {Format.XLSX: lazy("Answers"), Format.JSON: lazy("Result")}


def report_name(firm: str, copy: Copy, issued_on: date) -> str:
    """What the file of a report is called when it is saved."""
    kind: Later = _DATA.get(copy.format) or _KINDS[copy.extent]
    language = "" if copy.format is Format.JSON else str(_LANGUAGES[copy.languages])
    words = [safe(firm), str(kind), language, f"{issued_on:%Y%m%d}"]
    return "-".join(word for word in words if word) + f".{copy.format.value}"


def safe(name: str) -> str:
    """A name without what a disk or a header would trip over, or a reader be misled by."""
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", name)
        if sign not in _NOT_IN_NAMES and unicodedata.category(sign) not in _INVISIBLE
    )
    return cut_to_bytes(" ".join(kept.split()), LONGEST_NAME).strip(" .-")


def kept_file(content: bytes, *, sha256: str, media_type: str, name: str, plain: str) -> Response:
    """A file that never changes. A browser that has it asks only whether it may still see it."""
    response = send_file(BytesIO(content), mimetype=media_type, etag=sha256)
    save_as(response, name, plain)
    return response


def save_as(response: Response, name: str, plain: str) -> None:
    """Have it saved under this name (RFC 6266); `plain` is for programs that know only ASCII."""
    response.headers.set(
        "Content-Disposition",
        "attachment",
        filename=plain,
        **{"filename*": f"UTF-8''{quote(name)}"},
    )
