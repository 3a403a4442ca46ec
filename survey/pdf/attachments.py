"""A file inside the PDF: what a reader can check the printed words against."""

from dataclasses import dataclass

from survey.core.text import Text


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` is an ASCII file name; the date is the report's own, so that bytes repeat."""

    name: str
    media_type: str
    description: Text
    content: bytes
