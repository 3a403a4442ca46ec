"""A workbook that anybody may have sent, looked into in a process of its own.

Whatever it does to its reader ends with that process: it may take so much of a processor and of
memory, and it knows no secret. `python -m survey.exchange.xlsx_strangers` is that process.
"""

import sys
import threading
from collections.abc import Callable, Iterable

from pydantic import TypeAdapter

from survey import apart
from survey.core.errors import SurveyError
from survey.exchange import xlsx
from survey.exchange.xlsx import (
    BadWorkbook,
    LargeWorkbook,
    LockedWorkbook,
    NoWorkbook,
    OldWorkbook,
    RawSheet,
)

AT_ONCE = 2
"""Workbooks in the hands of one server process."""

LIMITS = apart.Limits(cpu_seconds=10, wall_seconds=30, memory_mb=512)

_SHEETS: TypeAdapter[tuple[RawSheet, ...] | str] = TypeAdapter(tuple[RawSheet, ...] | str)
_KINDS = {
    kind.code: kind
    for kind in (BadWorkbook, LargeWorkbook, LockedWorkbook, NoWorkbook, OldWorkbook)
}
places = threading.BoundedSemaphore(AT_ONCE)


class Busy(SurveyError):
    """As many workbooks as may be are being looked into already."""

    code = "workbook-busy"


def looked_into(content: bytes) -> tuple[RawSheet, ...]:
    """Every cell of the workbook. Raises BadWorkbook, in one of its kinds, and Busy."""
    xlsx.must_be_sound(content)
    return heard("survey.exchange.xlsx_strangers", content, LIMITS)


def heard(module: str, content: bytes, limits: apart.Limits) -> tuple[RawSheet, ...]:
    """What a process of this module says of the workbook.

    Raises BadWorkbook, in one of its kinds, and Busy.
    """
    if not places.acquire(blocking=False):
        raise Busy
    try:
        answer = apart.ask_a_fresh_one(module, content, limits)
    except apart.Late as error:
        raise Busy from error
    finally:
        places.release()
    if answer is None:
        raise _refusal(LargeWorkbook.code)
    found = _SHEETS.validate_json(answer)
    if isinstance(found, str):
        raise _refusal(found)
    return found


def _refusal(code: str) -> BadWorkbook:
    kind = _KINDS[code]
    return kind(megabytes=xlsx.LARGEST // 1024**2) if kind is LargeWorkbook else kind()


def answer(content: bytes) -> bytes:
    return said(lambda: xlsx.looked_into(content))


def said(look: Callable[[], Iterable[RawSheet]]) -> bytes:
    """What the other process writes: the sheets, or the code of a refusal."""
    try:
        return _SHEETS.dump_json(tuple(look()))
    except BadWorkbook as error:
        return _SHEETS.dump_json(error.code)


if __name__ == "__main__":
    apart.be_a_fresh_one(answer, sys.argv[1:])
