"""The weights at one joint of a draft as a sheet: what is weighed there, for whom, with its sums.

A joint is the sections of the bank, the domains of a section or the questions of a domain. The
draft may have faults: what is no weight is shown as it is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from survey.core import pairwise, places
from survey.core.bank import Kind, Method, Question
from survey.core.earned import is_scored
from survey.core.figures import apportioned
from survey.core.numerals import as_written, tidy
from survey.core.places import Place
from survey.core.text import Text, same, text_of

ALL = ""
"""The column of a weight that is one for every firm."""

HUNDRED = Decimal(100)
HIGHEST = Decimal(1000)
MOST_COMPARED = pairwise.MOST

_WEIGHT = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?")
_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)
_UNSCORED = frozenset({Kind.CHOICE, Kind.TEXT, Kind.YES_NO})
_LISTS = ("sections", "domains", "questions")


@dataclass(frozen=True, slots=True)
class Column:
    """For whom a weight holds: every firm, or those with this answer to the weigh-by question."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One part that is weighed. `cells` has its weights as written, by column.

    `scored` is False for a question that earns nothing: its weight means nothing.
    """

    place: Place
    step: str
    code: str
    title: Text
    raw: Any
    cells: Mapping[str, str]
    scored: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One joint. `expected` is the sum that each column needs; without one any sum will do."""

    place: Place
    title: Text | None
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    expected: Mapping[str, Decimal]
    method: Method

    @property
    def weighed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.scored)

    def total(self, column: str, cells: Mapping[str, Mapping[str, str]] | None = None) -> Decimal:
        """The sum of a column, of these cells or of those that are stored."""
        return sum(self._weights(column, cells), Decimal(0))

    def sound(self, column: str, cells: Mapping[str, Mapping[str, str]] | None = None) -> bool:
        """Whether the column adds up; inside of a section all weights may also be 0, or 1."""
        given = list(self._weights(column, cells))
        expected = self.expected.get(column)
        alike = self.place != () and self.method is not Method.POINTS
        return (
            expected is None
            or sum(given, Decimal(0)) == expected
            or (alike and set(given) in ({Decimal(0)}, {Decimal(1)}))
        )

    def _weights(
        self, column: str, cells: Mapping[str, Mapping[str, str]] | None
    ) -> Iterator[Decimal]:
        for line in self.weighed:
            typed = line.cells if cells is None else cells.get(line.step, {})
            yield weight_of(typed.get(column, "")) or Decimal(0)


def weight_of(typed: str) -> Decimal | None:
    """A weight as it was typed; None for what is none, and where a comma could mean two things."""
    text = "" if "," in typed or "，" in typed else tidy(typed)
    if _WEIGHT.fullmatch(text) is None:
        return None
    weight = Decimal(text)
    return weight if weight <= HIGHEST else None


def joints(data: Any) -> Iterator[tuple[Place, Text]]:
    """Every joint of the bank with its name, from the whole to the parts."""
    yield (), text_of(places.find(data, ("title",))) or same(str(places.find(data, ("key",)) or ""))
    for place, title, section in _named(data, ()):
        yield place, title
        for domain, inner, _ in _named(section, place):
            yield domain, inner


def sheet(data: Any, place: Place, *, each: bool = False) -> Sheet:
    """The joint at a place: ``()``, a section or a domain. Raises KeyError for any other.

    With `each` there is a column for each answer to the weigh-by question, which there also is
    where one weight differs by it.
    """
    name = _weighed_in(place)
    around = places.get(data, place)
    parts = around.get(name) if isinstance(around, dict) else None
    if not isinstance(parts, list):
        raise KeyError(place)
    steps = list(zip(places.steps_of(parts), parts, strict=True))
    options = _options(data)
    raws = [part.get("weight") for _, part in steps if isinstance(part, dict)]
    method = _method(data)
    if method is Method.POINTS:
        raws.append(around.get("weight"))  # the sum that is expected differs with it
    differs = any(isinstance(raw, dict) for raw in raws)
    columns = options if options and (each or differs) else (Column(ALL, same("")),)
    default = "" if place == () else "1"
    lines = tuple(
        _line((*place, name, step), part, columns, default)
        for step, part in steps
        if isinstance(part, dict)
    )
    return Sheet(
        place=place,
        title=text_of(around.get("title")),
        columns=columns,
        lines=lines,
        expected=dict(_expected(around, place, columns, method)),
        method=method,
    )


def _weighed_in(place: Place) -> str:
    """The list whose parts are weighed at a joint. Raises KeyError if the place is none."""
    depth = len(place) // 2
    if len(place) % 2 or depth >= len(_LISTS) or place[::2] != _LISTS[:depth]:
        raise KeyError(place)
    return _LISTS[depth]


def _line(place: Place, part: Mapping[str, Any], columns: Sequence[Column], default: str) -> Line:
    raw = part.get("weight")
    name = text_of(part.get("short")) or text_of(part.get("title")) or text_of(part.get("prompt"))
    code = part.get("code")
    return Line(
        place=place,
        step=place[-1],
        code=code if isinstance(code, str) else "",
        title=name or same(str(part.get("key") or place[-1])),
        raw=raw,
        cells={column.key: _cell(raw, column.key, default) for column in columns},
        scored=place[-2] != "questions" or earns(part),
    )


def _cell(raw: Any, column: str, default: str) -> str:
    value = raw.get(column, "") if isinstance(raw, dict) else raw
    return default if value is None else str(value)


def earns(question: Mapping[str, Any]) -> bool:
    """Whether a question is scored, as far as a faulty one tells."""
    try:
        return is_scored(_QUESTION.validate_python(question))
    except ValidationError:
        return question.get("kind") not in _UNSCORED


def _expected(
    around: Mapping[str, Any], place: Place, columns: Sequence[Column], method: Method
) -> Iterator[tuple[str, Decimal]]:
    """The sum that the rules of the bank ask for: 100, or the points of the part around."""
    for column in columns:
        if place == () or method in {Method.WEIGHTED, Method.STAGED}:
            yield column.key, HUNDRED
        elif method is Method.POINTS:
            whole = weight_of(_cell(around.get("weight"), column.key, "1"))
            if whole is not None:
                yield column.key, whole


def _method(data: Any) -> Method:
    method = places.find(data, ("scoring", "method"))
    return Method(method) if method in list(Method) else Method.WEIGHTED


def _options(data: Any) -> tuple[Column, ...]:
    """The answers that a weight may depend on."""
    key = places.find(data, ("weigh_by",))
    place = places.question_place(data, key) if isinstance(key, str) else None
    options = None if place is None else places.find(data, (*place, "options"))
    return tuple(
        Column(option["key"], text_of(option.get("label")) or same(option["key"]))
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, dict) and isinstance(option.get("key"), str)
    )


def may_differ(data: Any) -> bool:
    """Whether the bank has a question that weights may depend on."""
    return bool(_options(data))


def _named(around: Any, place: Place) -> Iterator[tuple[Place, Text, Any]]:
    """The parts of what stands at a place that are objects, each with its place and its name."""
    name = _weighed_in(place)
    parts = around.get(name) if isinstance(around, dict) else None
    for step, part in places.children(parts) if isinstance(parts, list) else ():
        if isinstance(part, dict):
            title = text_of(part.get("title")) or same(str(part.get("key") or step))
            yield (*place, name, step), title, part


# --------------------------------------------------------------------- writing


def with_weights(data: Any, sheet: Sheet, cells: Mapping[str, Mapping[str, str]]) -> Any:
    """A new document with the weights of these cells; what is equal stays as it is written."""
    for line in sheet.weighed:
        typed = cells.get(line.step, {})
        if all(_equal(typed.get(key, was), was) for key, was in line.cells.items()):
            continue
        sent = {key: typed.get(key, was) for key, was in line.cells.items()}
        values = {key: _written(text) for key, text in sent.items() if text}
        alike = (
            len(values) == len(sent)
            and len(set(values.values())) == 1
            and not isinstance(line.raw, dict)
        )
        weight = next(iter(values.values())) if alike else values
        data = places.put(data, (*line.place, "weight"), weight)
    return data


def _equal(typed: str, was: str) -> bool:
    return typed == was or (weight_of(typed) is not None and weight_of(typed) == weight_of(was))


def _written(typed: str) -> int | str:
    weight = weight_of(typed)
    return typed if weight is None else as_written(weight)


def scaled(weights: Sequence[Decimal], total: Decimal, decimals: int) -> list[Decimal]:
    """Shares of 1 as weights that add up to the total, rounded to so many decimals."""
    places = max(decimals, _decimals(total))
    return apportioned([weight * total for weight in weights], total, places=places)


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
