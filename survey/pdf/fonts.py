"""The report's fonts: two weights with every Chinese character that a firm can be expected to type.

Cut at set-up from the variable Noto Sans SC of the package justmytype-intl-cjk, because static
fonts print in half the time and with the right widths. Nothing else is left out: the rare
characters that GB 18030-2022 asks for occur in the names of people and places, and dropping them
was measured to save no time. The report knows the fonts under a family name of our own, so that
no font of the host can stand in for them unnoticed.

Imports nothing of the project: the set-up runs this file by its path.
"""

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape

import uharfbuzz

FAMILY = "Qizhen Sans"
FILES: Mapping[int, str] = MappingProxyType(
    {400: "QizhenSans-Regular.ttf", 700: "QizhenSans-Bold.ttf"}
)
LICENCE = "OFL.txt"
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


def paths(folder: Path) -> dict[int, Path]:
    """Give the font file of each weight."""
    return {weight: folder / name for weight, name in FILES.items()}


def missing(folder: Path) -> tuple[Path, ...]:
    """Name the files that the set-up has yet to make."""
    wanted = (*paths(folder).values(), folder / FONTCONFIG, folder / LICENCE)
    return tuple(path for path in wanted if not path.is_file())


@lru_cache(maxsize=8)
def covered(path: Path) -> frozenset[int]:
    """Give the code points that the font has a shape for."""
    return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path)).unicodes)


def cut(source: Path, weight: int) -> bytes:
    """Fix a variable font at one weight; hints are dropped, as printing does not use them.

    Raises ValueError if the font has no weights to choose from.
    """
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(source))
    wanted = uharfbuzz.SubsetInput()
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).invert()
    if not wanted.pin_axis_location(face, "wght", weight):
        raise ValueError(f"{source.name} is not a variable font")
    return bytes(uharfbuzz.subset(face, wanted).blob.data)


def make(folder: Path) -> None:
    """Write both fonts, their licence and a configuration that knows no other font."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc") as source:
        for weight, path in paths(folder).items():
            _replace(path, cut(source / "NotoSansSC[wght].ttf", weight))
        _replace(folder / LICENCE, (source / LICENCE).read_bytes())
    _replace(folder / FONTCONFIG, _FONTCONFIG.format(folder=escape(str(folder))).encode())


def _replace(path: Path, content: bytes) -> None:
    """Put a whole file in place at once: a report may be printing with the old one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
