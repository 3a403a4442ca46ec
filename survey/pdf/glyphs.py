"""Every text of a report against the fonts, before anything is printed: no empty boxes."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

from survey.core.errors import SurveyError
from survey.core.parts import Report
from survey.core.text import Text
from survey.pdf import fonts
from survey.pdf.look import Look

# Joiners and marks that print as nothing; firms paste them unseen from web pages.
_INVISIBLE = frozenset(map(ord, "\n\t\u00ad\u200b\u200c\u200d\u2060\ufeff"))

# They would print what stands after them from right to left, and make a report say 001 for 100.
_TURNING = frozenset({0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)})


class BadPage(SurveyError):
    """The report cannot be printed as it should be, and so it is not printed at all."""

    code = "bad-page"


class MissingGlyph(BadPage):
    """The fonts have no shape for a character: ``character``, ``codepoint`` and ``place``."""

    code = "missing-glyph"


class BidiControl(BadPage):
    """An invisible character turns the order of a text: ``codepoint`` and ``place``."""

    code = "bidi-control"


def check(report: Report, look: Look, fonts_folder: Path) -> None:
    """Raises MissingGlyph for the first character that one of the report's fonts lacks.

    Raises BidiControl for the first one that would turn the order of what is printed.
    """
    known = fonts.covered(fonts_folder)
    for place, words in (*texts(report, "report"), ("SURVEY_ISSUER", look.issuer)):
        used = set(map(ord, words))
        turning = used & _TURNING
        if turning:
            raise BidiControl(codepoint=codepoint(_first(words, turning)), place=place)
        missing = used - known - _INVISIBLE
        if missing:
            first = _first(words, missing)
            raise MissingGlyph(character=first, codepoint=codepoint(first), place=place)


def unprintable(words: str, fonts_folder: Path) -> str | None:
    """The first character that `check` would refuse."""
    used = set(map(ord, words))
    wrong = used & _TURNING | used - fonts.covered(fonts_folder) - _INVISIBLE
    return _first(words, wrong) if wrong else None


def _first(words: str, wanted: set[int]) -> str:
    return next(character for character in words if ord(character) in wanted)


def codepoint(character: str) -> str:
    return f"U+{ord(character):04X}"


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
