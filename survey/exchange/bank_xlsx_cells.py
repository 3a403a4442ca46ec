"""What one cell of a question bank's workbook holds, from the document and back.

A whole number stays one, a fraction is text in a document and a number in a cell, and a number
that the document has as text stays text. What a cell cannot hold exactly is left to the sheet
`rest`, which holds everything that is not read back as it was.
"""

import re
from decimal import Decimal
from typing import Any

from survey.core.errors import SurveyError, quoted
from survey.exchange.bank_xlsx_sheets import NO, YES, Fill
from survey.exchange.xlsx import Holds, RawCell, Value

LONGEST = 32_000
"""Signs of a cell; programs take a few more."""

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLAIN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]*[1-9]")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DIGITS = 15
"""Of a number that every spreadsheet keeps."""

_YES = frozenset({YES, "true", "1", "是", "y"})
_NO = frozenset({NO, "false", "0", "否", "n"})
_WIDE = str.maketrans("０１２３４５６７８９．－　，；、", "0123456789.- ,;,")


class BadCell(SurveyError):
    """A cell that does not hold what its column is for."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


# --------------------------------------------------------------------- writing


def at(part: object, path: tuple[str, ...]) -> Any:
    """What stands there; None if nothing does."""
    for step in path:
        part = part.get(step) if isinstance(part, dict) else None
    return part


def value_of(value: object, fill: Fill) -> Value:
    """What a cell shows for a value; None if a cell cannot show it, or if there is none."""
    match fill:
        case Fill.WORD | Fill.KEY | Fill.TEXT:
            return _text(value)
        case Fill.NUMBER:
            return _number(value)
        case Fill.WHOLE:
            return _number(value) if isinstance(value, int) else None
        case Fill.FLAG:
            return {True: YES, False: NO}[value] if isinstance(value, bool) else None
        case Fill.KEYS | Fill.WHOLES:
            return _list(value, fill)
        case _:
            return None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    longer = value.count("_x") * len("x005F_")  # if these look like signs of a cell
    return value if len(value) + longer <= LONGEST else None


def _number(value: object) -> Value:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**_DIGITS else None
    if isinstance(value, str) and _FRACTION.fullmatch(value) and len(value) <= _DIGITS:
        return Decimal(value)
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else None


def _list(value: object, fill: Fill) -> str | None:
    if not isinstance(value, list) or not value:
        return None
    kind = int if fill is Fill.WHOLES else str
    if any(type(each) is not kind for each in value):
        return None
    words = [str(each) for each in value]
    return " ".join(words) if all(_KEY.fullmatch(each) for each in words) else None


# --------------------------------------------------------------------- reading


_ALTERED = {
    Holds.DATE: "workbook-cell-date",
    Holds.PERCENT: "workbook-cell-percent",
    Holds.FAULT: "workbook-cell-broken",
}
"""What the program that wrote the workbook has made of the cell."""


def read(cell: RawCell, fill: Fill) -> Any:
    """The value in a cell. Raises BadCell if it is none of its column."""
    if cell.holds in _ALTERED:
        raise BadCell(_ALTERED[cell.holds], value=quoted(cell.value))
    text = cell.value
    match fill:
        case Fill.TEXT:
            return text
        case Fill.WORD | Fill.KEY:
            return text.strip() if fill is Fill.KEY else text
        case Fill.NUMBER:
            return _read_number(cell)
        case Fill.WHOLE:
            return _read_whole(text)
        case Fill.FLAG:
            return _read_flag(text)
        case Fill.KEYS:
            return _words(text)
        case Fill.WHOLES:
            return [_read_whole(word) for word in _words(text)]
        case _:
            return text


def _read_number(cell: RawCell) -> int | str:
    text = cell.value.translate(_WIDE).strip()
    if not _PLAIN.fullmatch(text):
        raise BadCell("workbook-cell-number", value=quoted(cell.value))
    if cell.holds is Holds.NUMBER and "." not in text:
        return int(text)
    return text


def _read_whole(text: str) -> int:
    plain = text.translate(_WIDE).strip()
    if not _WHOLE.fullmatch(plain):
        raise BadCell("workbook-cell-whole", value=quoted(text))
    return int(plain)


def _read_flag(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise BadCell("workbook-cell-yes-no", value=quoted(text))


def _words(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.translate(_WIDE).strip(" ,;\n\t"))
