"""How a copy of a report looks: what an installation and its firms bring along."""

from dataclasses import dataclass

from survey.core import colour

ACCENT = colour.ACCENT


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was checked when it was stored; `alt` says whose it is."""

    content: bytes
    media_type: str
    alt: str


@dataclass(frozen=True, slots=True)
class Look:
    """`accent` is a dark colour as #rrggbb, `issuer` the name of the installation.

    Without a name the product's own is printed, in the languages of the copy. Without
    `verify_url` no QR code is printed.
    """

    accent: str = ACCENT
    logos: tuple[Logo, ...] = ()
    verify_url: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Palette:
    """The shades of the accent that the report is set in, dark to light."""

    accent: str
    middle: str
    light: str
    pale: str


def palette(accent: str) -> Palette:
    """Mix the accent with white: the same steps for every colour, so that grey prints tell them."""
    return Palette(accent, _mixed(accent, 0.42), _mixed(accent, 0.78), _mixed(accent, 0.93))


def _mixed(accent: str, white: float) -> str:
    mixed = (round(part + (255 - part) * white) for part in colour.parts(accent))
    return "#" + "".join(f"{part:02x}" for part in mixed)
