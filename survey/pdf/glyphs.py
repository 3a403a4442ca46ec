"""Every text of a report against the fonts, before anything is printed: no empty boxes."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

from survey.core.errors import SurveyError
from survey.core.parts import Report
from survey.core.text import Text
from survey.pdf import fonts

# Joiners and marks that print as nothing; firms paste them unseen from web pages.
_INVISIBLE = frozenset(map(ord, "\n\t\u00ad\u200b\u200c\u200d\u2060\ufeff"))


class BadPage(SurveyError):
    """The report cannot be printed as it should be, and so it is not printed at all."""

    code = "bad-page"


class MissingGlyph(BadPage):
    """The fonts have no shape for a character: ``character``, ``codepoint`` and ``place``."""

    code = "missing-glyph"


def check(report: Report, fonts_folder: Path) -> None:
    """Raises MissingGlyph for the first character that one of the report's fonts lacks."""
    known = fonts.covered(fonts_folder)
    for place, words in texts(report, "report"):
        missing = set(map(ord, words)) - known - _INVISIBLE
        if missing:
            first = next(character for character in words if ord(character) in missing)
            raise MissingGlyph(character=first, codepoint=f"U+{ord(first):04X}", place=place)


def texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text with its place: the key of the question it belongs to, or the part's name."""
    if isinstance(value, Text):
        yield place, value.zh
        yield place, value.en
    elif isinstance(value, str) and not isinstance(value, Enum):
        yield place, value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part, place)
    elif is_dataclass(value):
        own = getattr(value, "key", None)
        for field in fields(value):
            inner = own or (field.name if isinstance(value, Report) else place)
            yield from texts(getattr(value, field.name), inner)
