"""Which copy of a report is asked for: its languages, its extent and its file format."""

from dataclasses import dataclass, replace
from enum import StrEnum

from survey.core.text import Languages

LARGEST_RESULT = 4 * 1024 * 1024
"""Bytes of a report's result as JSON; that of the longest bank has a tenth of it."""


class Extent(StrEnum):
    """How much of the report is printed. The short one is for managers: at most six pages."""

    FULL = "full"
    SHORT = "short"


class Format(StrEnum):
    """The file that comes out."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    JSON = "json"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """One way to have a report. All copies of one assessment are made from one model."""

    languages: Languages
    extent: Extent = Extent.FULL
    format: Format = Format.PDF


def plainest(wanted: Copy) -> Copy:
    """The copy that stands for all whose files are equal: data has one extent, JSON no language."""
    match wanted.format:
        case Format.JSON:
            return Copy(Languages.BOTH, format=Format.JSON)
        case Format.XLSX:
            return replace(wanted, extent=Extent.FULL)
        case _:
            return wanted
