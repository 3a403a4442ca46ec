"""A pairwise comparison as a file: the things compared, and how much each outweighs the others.

::

    things: [quality, energy, delivery]
    matrix:
      - [1, 3, 5]
      - [1/3, 1, 2]
      - [1/5, 1/2, 1]
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from survey.core.errors import BadDocument, Problem, quoted
from survey.exchange import yaml_file

_VALUE = re.compile(r"[1-9][0-9]{0,2}(/[1-9][0-9]{0,2}|\.[0-9]{1,6})?|0\.[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names and matrix, as `survey.core.pairwise.weigh` takes it."""

    things: tuple[str, ...]
    matrix: tuple[tuple[Fraction, ...], ...]


def read(content: bytes, *, file: str = "") -> Comparison:
    """Raises BadDocument with every fault of the file."""
    loaded = yaml_file.load(content, file=file)
    data = loaded.data if isinstance(loaded.data, dict) else {}
    things, rows = data.get("things"), data.get("matrix")
    if not _are_names(things) or not _are_rows(rows) or len(data) != 2:
        raise BadDocument((Problem("comparison-form", "", {}, file=file, line=1),))
    names = tuple(map(str, things))
    found = [
        Problem("comparison-value", f"matrix.{i}.{j}", {"value": quoted(value)})
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if _VALUE.fullmatch(str(value)) is None
    ]
    found += [
        Problem("comparison-twice", f"things.{at}", {"name": quoted(thing)})
        for at, thing in enumerate(names)
        if thing in names[:at]
    ]
    if len(things) != len(rows):
        facts = {"things": len(things), "rows": len(rows)}
        found.append(Problem("comparison-names", "things", facts))
    if found:
        raise BadDocument(tuple(loaded.locate(problem, file=file) for problem in found))
    return Comparison(names, tuple(tuple(Fraction(str(v)) for v in row) for row in rows))


def _are_names(things: object) -> TypeGuard[list[str | int]]:
    return isinstance(things, list) and all(isinstance(thing, str | int) for thing in things)


def _are_rows(rows: object) -> TypeGuard[list[list[object]]]:
    return isinstance(rows, list) and all(isinstance(row, list) for row in rows)
