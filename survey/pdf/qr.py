"""A QR code as one drawing. The only importer of qrcode."""

from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M


@dataclass(frozen=True, slots=True)
class Code:
    """`path` is SVG path data in a square of `size` modules, with the quiet zone around it."""

    size: int
    path: str


@lru_cache(maxsize=16)
def code(content: str) -> Code:
    """Draw the code of a web address: 15 % of it may be dirty and it still reads."""
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    drawn.add_data(content)
    drawn.make(fit=True)
    rows = drawn.get_matrix()
    bars = [
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    ]
    return Code(len(rows), "".join(bars))


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are."""
    found: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((at, 1))
    return found
