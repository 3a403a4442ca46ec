"""Chart geometry: where the points of a drawing are. Used by the report and by the result page.

Coordinates are in a square of `SIZE` units with the origin at the top left, as SVG has them.
Labels are not drawn: the page places words itself, so that they stay words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, pi, sin

SIZE = 200
CENTRE = 100.0
RADIUS = 84.0
RINGS = (20, 40, 60, 80, 100)
_LABEL_RADIUS = 91.0


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float

    @property
    def pair(self) -> str:
        """The point as SVG writes it in a list of points."""
        return f"{self.x:.2f},{self.y:.2f}"


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of the radar. `value` is None if there is nothing to draw on it.

    `side` tells on which side of its anchor the label stands: left, right, above or below.
    """

    end: Point
    value: Point | None
    label: Point
    side: str


@dataclass(frozen=True, slots=True)
class Radar:
    """Axes clockwise from the top, rings at full levels, and the firm's own shape.

    `areas` are triangles from the centre between neighbouring values, `edges` their outer sides:
    where a value is missing the shape stays open instead of pretending a zero.
    """

    rings: tuple[tuple[int, tuple[Point, ...]], ...]
    axes: tuple[Axis, ...]
    areas: tuple[tuple[Point, ...], ...]
    edges: tuple[tuple[Point, Point], ...]
    whole: bool


def radar(values: Sequence[Decimal | None]) -> Radar:
    """Place values of 0–100 on as many axes. Raises ValueError for fewer than three axes."""
    count = len(values)
    if count < 3:
        raise ValueError("a radar needs at least three axes")
    angles = [2 * pi * i / count - pi / 2 for i in range(count)]
    axes = tuple(_axis(angle, value) for angle, value in zip(angles, values, strict=True))
    edges = tuple(
        (one.value, other.value)
        for one, other in zip(axes, (*axes[1:], axes[0]), strict=True)
        if one.value is not None and other.value is not None
    )
    whole = len(edges) == count
    corners = tuple(axis.value for axis in axes if axis.value is not None)
    centre = Point(CENTRE, CENTRE)
    return Radar(
        rings=tuple(
            (ring, tuple(_at(angle, RADIUS * ring / 100) for angle in angles)) for ring in RINGS
        ),
        axes=axes,
        areas=(corners,) if whole else tuple((centre, *edge) for edge in edges),
        edges=edges,
        whole=whole,
    )


def _axis(angle: float, value: Decimal | None) -> Axis:
    return Axis(
        end=_at(angle, RADIUS),
        value=None if value is None else _at(angle, RADIUS * float(value) / 100),
        label=_at(angle, _LABEL_RADIUS),
        side=_side(angle),
    )


def _at(angle: float, distance: float) -> Point:
    return Point(CENTRE + distance * cos(angle), CENTRE + distance * sin(angle))


def _side(angle: float) -> str:
    across = round(cos(angle), 6)
    if across == 0:
        return "above" if sin(angle) < 0 else "below"
    return "right" if across > 0 else "left"
