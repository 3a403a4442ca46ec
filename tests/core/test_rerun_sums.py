"""What a new version changes for all firms together."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from survey.core.rerun import Loss, Shift, Why
from survey.core.rerun_sums import MOST_NAMED, Distribution, Effect, Sums
from survey.core.scored_edits import Edit, EditKind

NOTHING: Mapping[str, Decimal] = {}
EDITS = (
    Edit(EditKind.SECTION_WEIGHTS, "", ("one", "two")),
    Edit(EditKind.WEIGHT, "", ("one",)),
)


def shift(
    before: int | None = 2,
    after: int | None = 2,
    *,
    why: Why = Why.SAME,
    causes: tuple[int, ...] = (),
    points: Mapping[str, Decimal] = NOTHING,
    totals: tuple[str | None, str | None] = ("45", "45"),
    lost: Mapping[str, Loss] | None = None,
    opened: tuple[str, ...] = (),
) -> Shift:
    old, new = (None if total is None else Decimal(total) for total in totals)
    return Shift((old, before), (new, after), points, lost or {}, opened, why, causes)


def sums(*shifts: Shift) -> Sums:
    found = Sums()
    for at, each in enumerate(shifts):
        found.add(at, f"企业{at}", each, EDITS)
    return found


@pytest.mark.parametrize(
    ("total", "at"), [("0", 0), ("9.999999", 0), ("10", 1), ("99.999999", 9), ("100", 9)]
)
def test_a_total_falls_into_one_bin(total: str, at: int) -> None:
    totals = Distribution()

    totals.add(Decimal(total))

    assert totals.bins == [int(place == at) for place in range(10)]


def test_firms_without_a_total_are_counted_apart() -> None:
    found = sums(shift(totals=("45", None)), shift(totals=(None, "61")))

    assert (found.before.without, found.after.without) == (1, 1)
    assert (found.before.bins[4], found.after.bins[6]) == (1, 1)


def test_levels_go_up_down_or_stay_and_none_is_the_lowest() -> None:
    ways = [(1, 2), (2, 0), (3, 3), (0, None), (None, 0), (None, None)]

    found = sums(*(shift(before, after) for before, after in ways))

    assert (found.up, found.down, found.same, found.without_level) == (2, 2, 2, 2)
    assert found.levels[1, 2] == 1


def test_questions_are_sorted_by_what_they_move_whichever_way() -> None:
    one = {"one": Decimal(-3), "two": Decimal(2)}
    other = {"one": Decimal(2), "zero": Decimal(2)}

    found = sums(shift(points=one), shift(points=other))

    assert found.weightiest == [
        ("one", Effect(Decimal(5), up=1, down=1)),
        ("two", Effect(Decimal(2), up=1)),
        ("zero", Effect(Decimal(2), up=1)),
    ]


def test_edits_are_blamed_alone_or_together() -> None:
    found = sums(
        shift(1, 2, why=Why.ALONE, causes=(1,)),
        shift(2, 1, why=Why.ALONE, causes=(1,)),
        shift(2, 1, why=Why.TOGETHER, causes=(0, 1)),
        shift(2, 1, why=Why.UNKNOWN),
    )

    (weight, blame), (sections, other) = found.blamed
    assert (weight, blame.up, blame.down, blame.together) == (EDITS[1], 1, 1, 1)
    assert (sections.kind, sections.questions) == (EditKind.SECTION_WEIGHTS, ())
    assert (other.up, other.down, other.together) == (0, 0, 1)
    assert (found.together, found.unknown) == (1, 1)
    assert [mover.firm for mover in found.movers] == ["企业0", "企业1", "企业2", "企业3"]


def test_all_are_counted_but_not_all_are_named() -> None:
    found = sums(*[shift(1, 2, why=Why.ALONE, causes=(1,))] * (MOST_NAMED + 5))

    assert len(found.movers) == MOST_NAMED
    assert found.up == found.count == MOST_NAMED + 5


def test_lost_answers_and_new_questions_are_counted_by_question() -> None:
    found = sums(
        shift(lost={"one": Loss.REMOVED}, opened=("new",)),
        shift(lost={"one": Loss.REMOVED, "two": Loss.UNREADABLE}, opened=("new",)),
    )

    assert found.lost == {"one": {Loss.REMOVED: 2}, "two": {Loss.UNREADABLE: 1}}
    assert found.opened == {"new": 2}
