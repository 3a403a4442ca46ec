"""Where the points of the radar are."""

from decimal import Decimal

import pytest

from survey.pdf import charts


def values(*given: int | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in given]


def test_the_first_axis_points_up_and_the_others_follow_clockwise() -> None:
    drawn = charts.radar(values(100, 50, 0, 50))

    assert [axis.side for axis in drawn.axes] == ["above", "right", "below", "left"]
    assert drawn.axes[0].value == charts.Point(charts.CENTRE, charts.CENTRE - charts.RADIUS)
    assert drawn.axes[2].value is not None
    assert drawn.axes[2].value.pair == "100.00,100.00"


def test_rings_stand_at_full_levels() -> None:
    drawn = charts.radar(values(1, 1, 1))

    assert [ring for ring, _ in drawn.rings] == [20, 40, 60, 80, 100]
    assert all(len(points) == 3 for _, points in drawn.rings)


def test_a_whole_shape_is_one_area() -> None:
    drawn = charts.radar(values(10, 20, 30))

    assert drawn.whole
    assert len(drawn.areas) == 1
    assert len(drawn.edges) == 3


def test_a_missing_value_leaves_a_gap_instead_of_a_zero() -> None:
    drawn = charts.radar(values(10, None, 30, 40))

    assert not drawn.whole
    assert drawn.axes[1].value is None
    assert len(drawn.edges) == len(drawn.areas) == 2


def test_two_axes_are_no_radar() -> None:
    with pytest.raises(ValueError, match="three axes"):
        charts.radar(values(1, 2))
