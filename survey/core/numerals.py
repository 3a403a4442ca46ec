"""Numbers as people type them, and as documents write them."""

import re
from decimal import Decimal

_FULL_WIDTH = str.maketrans(
    "０１２３４５６７８９．，－＋\u00a0\u2007\u2009\u202f\u3000", "0123456789.,-+     "
)
_ASCII = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}((,[0-9]{3})+|( [0-9]{3})+)(\.[0-9]+)?")
_BETWEEN_GROUPS = str.maketrans("", "", ", ")


def half_width(typed: str) -> str:
    """Full-width digits and signs are understood as the others, and the spaces set in figures."""
    return typed.strip().translate(_FULL_WIDTH)


def half_width_text(typed: str) -> str:
    """The same for every sign that is there in both widths; the length stays."""
    return typed.translate(_ASCII)


def tidy(typed: str) -> str:
    """The same without what sets thousands apart; a decimal comma stays."""
    text = half_width(typed)
    return text.translate(_BETWEEN_GROUPS) if _GROUPED.fullmatch(text) else text


def as_written(number: Decimal) -> int | str:
    """As documents write it: whole numbers as such, fractions as text."""
    return int(number) if number == int(number) else f"{number.normalize():f}"
