"""The kinds of files that may support an answer, and why a file is none of them."""

import struct
from dataclasses import dataclass
from typing import Any

from survey.core.errors import SurveyError


class BadEvidence(SurveyError):
    """The content cannot be taken; sending it again does not help."""


class NotEvidence(BadEvidence):
    """None of the kinds that are taken."""

    code = "evidence-kind"


class BrokenEvidence(BadEvidence):
    """It begins like a kind that is taken and is cut off or damaged."""

    code = "evidence-broken"


class TwoInOne(BadEvidence):
    """A file that some programs would take for another kind."""

    code = "evidence-two-in-one"


class WithMacros(BadEvidence):
    """An office document that carries a program."""

    code = "evidence-macros"


class WithPassword(BadEvidence):
    """An office document that nobody can look into without a password."""

    code = "evidence-password"


class UnpacksTooLarge(BadEvidence):
    """An office document that would fill the memory of whoever opens it."""

    code = "evidence-unpacks"


class TooManyPixels(BadEvidence):
    """A picture with more than `most` million pixels, however few bytes they take."""

    code = "evidence-pixels"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken; the first suffix is added to names that have none of them."""

    media_type: str
    suffixes: tuple[str, ...]


PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
GIF = Kind("image/gif", ("gif",))
WEBP = Kind("image/webp", ("webp",))
HEIC = Kind("image/heic", ("heic", "heif"))

DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",))
ODT = Kind("application/vnd.oasis.opendocument.text", ("odt",))
ODS = Kind("application/vnd.oasis.opendocument.spreadsheet", ("ods",))
ODP = Kind("application/vnd.oasis.opendocument.presentation", ("odp",))
DOC = Kind("application/msword", ("doc", "wps"))
XLS = Kind("application/vnd.ms-excel", ("xls", "et"))
PPT = Kind("application/vnd.ms-powerpoint", ("ppt", "pps", "dps"))


def unpacked(form: str, content: bytes, place: int) -> tuple[Any, ...]:
    """The values that stand there. Raises BrokenEvidence where the content ends before."""
    try:
        return struct.unpack_from(form, content, place)
    except struct.error:
        raise BrokenEvidence from None
