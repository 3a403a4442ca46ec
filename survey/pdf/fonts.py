"""The report's fonts: two weights with every character that a firm can be expected to type.

Cut at set-up from the variable Noto Sans SC, because static fonts print in half the time and with
the right widths, and from Noto Sans for the Latin, Greek and Cyrillic letters that the first lacks.
No Chinese character is left out: the rare ones that GB 18030-2022 asks for occur in the names of
people and places, and dropping them was measured to save no time. The report knows the fonts
under a family name of our own, so that no font of the host can stand in for them unnoticed.

Imports nothing of the project: the set-up runs this file by its path.
"""

import os
import sys
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import uharfbuzz

FAMILY = "Qizhen Sans"
WEIGHTS = (400, 700)
FONTCONFIG = "fonts.conf"

# Without a list of its own fontconfig would offer the host's fonts to every character.
_FONTCONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""


class Source(NamedTuple):
    """A variable font in a package, and what its two cuts are called."""

    package: str
    folder: str
    file: str
    cut: str

    @property
    def licence(self) -> str:
        return f"{self.cut}-OFL.txt"


HAN = Source("justmytype_intl_cjk", "notosanssc", "NotoSansSC[wght].ttf", "QizhenSans")
LETTERS = Source("justmytype_western_core", "notosans", "NotoSans[wdth,wght].ttf", "QizhenLetters")
SOURCES = (HAN, LETTERS)

# A space takes the font of the word before it, so every font needs all of them.
SPACES = frozenset({0x20, 0xA0, 0x202F, 0x3000, *range(0x2000, 0x200B)})

# Nothing is set from top to bottom, and each of these would be in every report.
_UNUSED = frozenset(int.from_bytes(tag, "big") for tag in (b"vhea", b"vmtx", b"VORG", b"STAT"))

# Separators of lines and paragraphs have a shape that WeasyPrint cannot use.
BREAKS = frozenset({0x2028, 0x2029})


# Radicals, strokes and compatibility forms; some have a shape of their own, some do not.
_DOUBLES = (
    range(0x2E80, 0x2FE0),
    range(0x31C0, 0x31F0),
    range(0xF900, 0xFB00),
    range(0x2F800, 0x2FA20),
)


def faces(folder: Path) -> tuple[tuple[int, Path], ...]:
    """Give weight and file of each font; those of one weight complete each other."""
    return tuple(
        (weight, folder / f"{source.cut}-{weight}.ttf") for weight in WEIGHTS for source in SOURCES
    )


def missing(folder: Path) -> tuple[Path, ...]:
    """Name the files that the set-up has yet to make."""
    fonts = (path for _, path in faces(folder))
    licences = (folder / source.licence for source in SOURCES)
    return tuple(path for path in (*fonts, *licences, folder / FONTCONFIG) if not path.is_file())


@lru_cache(maxsize=8)
def covered(folder: Path) -> frozenset[int]:
    """Give the code points that have a shape in every weight."""
    held: dict[int, set[int]] = {weight: set() for weight in WEIGHTS}
    for weight, path in faces(folder):
        held[weight].update(_open(path).unicodes)
    return frozenset(set.intersection(*held.values()))


@lru_cache(maxsize=8)
def doubles(folder: Path) -> dict[int, int]:
    """Give the characters that are printed with the shape of an ordinary one, and that one.

    A PDF knows one character for each shape: had a firm typed a radical, every such character of
    the report would be read back as the radical.
    """
    path = folder / f"{HAN.cut}-{WEIGHTS[0]}.ttf"
    face = _open(path)
    font = uharfbuzz.Font(face)
    held = set(face.unicodes)
    doubled = held & set(chain(*_DOUBLES))
    ordinary = {font.get_nominal_glyph(code): code for code in held - doubled}
    shapes = {code: font.get_nominal_glyph(code) for code in doubled}
    return {code: ordinary[shape] for code, shape in shapes.items() if shape in ordinary}


def use_no_others(folder: Path) -> None:
    """Keep the host's fonts out of what this process prints from now on."""
    os.environ["FONTCONFIG_FILE"] = str(folder / FONTCONFIG)


def cut(face: uharfbuzz.Face, weight: int, characters: frozenset[int]) -> bytes:
    """Fix a variable font at one weight; hints are dropped, as printing does not use them."""
    wanted = uharfbuzz.SubsetInput()
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING
    wanted.pin_all_axes_to_default(face)
    wanted.pin_axis_location(face, "wght", weight)
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).update(characters)
    wanted.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(_UNUSED)
    return bytes(uharfbuzz.subset(face, wanted).blob.data)


def make(folder: Path) -> None:
    """Write the fonts, their licences and a configuration that knows no other font."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    held: frozenset[int] = frozenset()
    for source in SOURCES:
        with as_file(files(source.package) / "fonts" / "ofl" / source.folder) as origin:
            face = _open(origin / source.file)
            own = frozenset(face.unicodes) - BREAKS
            for weight in WEIGHTS:
                content = cut(face, weight, own - held | own & SPACES)
                _replace(folder / f"{source.cut}-{weight}.ttf", content)
            _replace(folder / source.licence, (origin / "OFL.txt").read_bytes())
        held |= own
    _replace(folder / FONTCONFIG, _FONTCONFIG.format(folder=escape(str(folder))).encode())


def _open(path: Path) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path))


def _replace(path: Path, content: bytes) -> None:
    """Put a whole file in place at once: a report may be printing with the old one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
