"""What WeasyPrint keeps in memory that nobody needs: a copy of every whole font, 20 MB.

It reads the fonts through HarfBuzz, which has their files mapped already, and needs bytes of its
own only once a font is cut to the signs that occur. Leans on private parts of WeasyPrint.
"""

from typing import Any

from weasyprint.pdf import fonts

_CUT = "cut_content"
_AFTER = "index"
"""WeasyPrint sets this right after it has read the whole file."""


def install() -> None:
    """Have this process do without. Doing it twice changes nothing."""
    fonts.Font.file_content = property(_content, _keep)


def _content(font: Any) -> bytes:
    cut: bytes | None = vars(font).get(_CUT)
    whole: bytes = fonts.get_hb_object_data(font.hb_face) if cut is None else cut
    return whole


def _keep(font: Any, content: bytes) -> None:
    """Keep what was cut, not the whole file that comes first."""
    if _AFTER in vars(font):
        vars(font)[_CUT] = content
