"""What an address can name: the number of a row and the key of a report, and nothing else.

Anything else is "not found" before the database is asked, which would break down over it.
"""

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map

HIGHEST = 2**31 - 1
"""The largest number that a row can have on every database."""


class RowNumber(IntegerConverter):
    """Stands in routes as ``<int:…>``."""

    regex = "[0-9]{1,10}"

    def __init__(self, map: Map) -> None:  # noqa: A002  # as Werkzeug calls it
        super().__init__(map, max=HIGHEST)


class Word(BaseConverter):
    """Stands in routes as ``<…>``: a key of a bank, a name."""

    regex = r"[^/\x00-\x1f\x7f]+"


class ReportKey(BaseConverter):
    """Stands in routes as ``<report:…>``."""

    regex = "[0-9a-f]{32}"


class FileKey(ReportKey):
    """Stands in routes as ``<file:…>``: a file that supports an answer, or an upload of one."""


class PackKey(BaseConverter):
    """Stands in routes as ``<pack:…>``."""

    regex = "[0-9a-f]{64}"


def init_app(app: Flask) -> None:
    """Call before any route is added."""
    app.url_map.converters.update(
        default=Word, int=RowNumber, pack=PackKey, report=ReportKey, file=FileKey
    )


def row_number(typed: str) -> int:
    """The number of a row as a form or a query names it. Raises ValueError for anything else."""
    number = int(typed)
    if not 0 <= number <= HIGHEST:
        raise ValueError("no row has this number")
    return number


def local(address: str) -> str:
    """An address on this site, or the first page: never a way to lead people elsewhere."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and address.isprintable() else "/"
