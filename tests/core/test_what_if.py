"""Two results beside each other: sections, questions that moved, blockers that come and go."""

from decimal import Decimal

from survey.core.bank import Bank
from survey.core.result import BlockerKind, Result
from survey.core.scoring import score
from survey.core.what_if import Difference, Moved, compare
from tests.builders import Data, a_bank, all_at, answers, domain, ladder, level, levels, section

KEYS = ("planning", "schedule", "stock")


def bank() -> Bank:
    """Two sections of equal weight: two questions, and one that may not apply."""
    return a_bank(
        section("one", "A", domain("first", ladder("planning"), ladder("schedule")), weight=50),
        section("two", "B", domain("second", ladder("stock", not_applicable="with-reason")),
                weight=50),
        levels=levels() | {"not_applicable_cap": 100},
    )  # fmt: skip


def result(**changes: Data | None) -> Result:
    given = {**all_at(2, KEYS), **changes}
    known = {key: value for key, value in given.items() if value is not None}
    return score(bank(), answers(bank(), known))


def difference(**changes: Data | None) -> Difference:
    return compare(result(), result(**changes))


def test_the_same_answers_differ_in_nothing() -> None:
    same = difference()

    assert same.questions == ()
    assert (same.vanished, same.appeared) == ((), ())
    assert [(each.key, each.by) for each in same.sections] == [
        ("one", Decimal(0)),
        ("two", Decimal(0)),
    ]


def test_a_question_moves_by_its_part_of_the_total() -> None:
    better = difference(planning=level(4))

    assert better.questions == (Moved("planning", Decimal(10), Decimal(20)),)
    assert better.questions[0].by == 10
    assert better.sections == (
        Moved("one", Decimal(40), Decimal(60)),
        Moved("two", Decimal(40), Decimal(40)),
    )


def test_the_differences_add_up_to_that_of_the_total() -> None:
    before, after = result(), result(planning=level(5), stock=level(1), schedule=None)

    found = compare(before, after)

    assert before.total is not None
    assert after.total is not None
    assert sum(each.by for each in found.questions) == after.total - before.total


def test_what_moved_furthest_comes_first_in_either_direction() -> None:
    found = difference(planning=level(3), stock=level(0))

    assert [(each.key, each.by) for each in found.questions] == [
        ("stock", Decimal(-20)),
        ("planning", Decimal(5)),
    ]


def test_a_question_also_moves_by_the_weight_that_another_leaves_to_it() -> None:
    found = difference(planning=None)

    assert {each.key: (each.before, each.after) for each in found.questions} == {
        "planning": (Decimal(10), None),
        "schedule": (Decimal(10), Decimal(20)),
    }


def test_a_section_that_is_not_rated_has_no_score() -> None:
    found = difference(stock={"not_applicable": "没有仓库"})

    assert found.sections[1] == Moved("two", Decimal(40), None)
    assert found.sections[1].by == -40
    back = compare(result(stock={"not_applicable": "没有仓库"}), result())
    assert back.sections[1] == Moved("two", None, Decimal(40))


def test_nothing_moves_towards_a_total_that_is_not_given() -> None:
    nothing = score(bank(), {})

    found = compare(result(), nothing)

    assert nothing.total is None
    assert {each.after for each in found.questions} == {None}
    assert compare(nothing, nothing).questions == ()


def test_a_blocker_of_a_reached_level_vanishes_and_that_of_the_next_appears() -> None:
    found = difference(planning=level(5), schedule=level(5), stock=level(4))

    assert [(b.kind, b.level) for b in found.vanished] == [(BlockerKind.THRESHOLD, 3)]
    assert [(b.kind, b.level) for b in found.appeared] == [(BlockerKind.THRESHOLD, 5)]


def test_a_blocker_that_only_comes_nearer_is_the_same() -> None:
    found = difference(planning=level(3))

    assert (found.vanished, found.appeared) == ((), ())
