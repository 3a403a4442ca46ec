"""Colours as #rrggbb, and whether words on them can be read."""

import re

ACCENT = "#0e4a57"
"""The product's own colour."""

WHITE = "#ffffff"
_ENOUGH = 4.5
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether this is a colour of the form #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def is_dark_enough(colour: str) -> bool:
    """Whether white words on this colour can be read (WCAG 2.2, 1.4.3: a contrast of 4.5)."""
    return contrast(colour, WHITE) >= _ENOUGH


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def parts(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, each from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
