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


class ReportKey(BaseConverter):
    """Stands in routes as ``<report:…>``."""

    regex = "[0-9a-f]{32}"


def init_app(app: Flask) -> None:
    """Call before any route is added."""
    app.url_map.converters.update(int=RowNumber, report=ReportKey)


def row_number(typed: str) -> int:
    """The number of a row as a form or a query names it. Raises ValueError for anything else."""
    number = int(typed)
    if not 0 <= number <= HIGHEST:
        raise ValueError("no row has this number")
    return number
