"""What one person moved to another list keeps what the other one wrote, whoever saves last."""

from typing import Any

import pytest

from survey.core import bank_edits, places
from survey.core.following import Three, doubled, followed
from survey.core.patches import merged
from tests.builders import bank_data, domain, ladder, multiple, number, section, words

FIRST = ("sections", "one", "domains", "first", "questions")
SECOND = ("sections", "one", "domains", "second", "questions")
NEW = {"zh": "新的问法？", "en": "New words?"}


def a_bank() -> dict[str, Any]:
    first = domain("first", ladder(), multiple())
    second = domain("second", number(), words())
    return bank_data(section("one", "A", first, second), section("two", "B", domain("third")))


def moved(data: Any, at: int = 1, key: str = "planning", to: places.Place = SECOND) -> Any:
    return bank_edits.moved(data, (*FIRST, key), to, at)


def reworded(data: Any, place: places.Place = FIRST) -> Any:
    return places.put(data, (*place, "planning", "prompt"), NEW)


def brought_together(base: Any, theirs: Any, mine: Any) -> Any:
    three, clashes = followed(Three(base, theirs, mine))
    found = merged(*three)
    assert (clashes, found.clashes) == ((), ())
    return found.document


def keys(data: Any, place: places.Place) -> list[str]:
    return [each["key"] for each in places.get(data, place)]


@pytest.mark.parametrize("mover", ["theirs", "mine"])
def test_a_question_is_moved_and_reworded(mover: str) -> None:
    base = a_bank()
    both = (moved(base), reworded(base))

    document = brought_together(base, *(both if mover == "theirs" else both[::-1]))

    assert keys(document, FIRST) == ["security"]
    assert keys(document, SECOND) == ["years", "planning", "product"]
    assert places.get(document, (*SECOND, "planning", "prompt")) == NEW


def test_both_moved_it_to_the_same_list() -> None:
    base = a_bank()

    document = brought_together(base, moved(base), reworded(moved(base), SECOND))

    assert keys(document, SECOND) == ["years", "planning", "product"]
    assert places.get(document, (*SECOND, "planning", "prompt")) == NEW


def test_a_domain_is_moved_while_a_question_in_it_is_reworded() -> None:
    base = a_bank()
    there = ("sections", "two", "domains")
    theirs = bank_edits.moved(base, ("sections", "one", "domains", "first"), there, 0)

    document = brought_together(base, theirs, reworded(base))

    assert keys(document, there) == ["first", "third"]
    assert places.get(document, (*there, "first", "questions", "planning", "prompt")) == NEW


def test_both_moved_it_to_different_lists_and_have_to_choose() -> None:
    base = a_bank()
    there = ("sections", "two", "domains", "third", "questions")
    three = Three(base, moved(base), moved(base, at=0, to=there))
    place = places.written((*SECOND, "planning"))

    (clash,) = followed(three).clashes
    theirs, no_clash = followed(three, {place: "theirs"})
    mine, _none = followed(three, {place: "mine"})

    assert (clash.place, clash.theirs, clash.mine) == (
        place,
        "sections/one/domains/second",
        "sections/two/domains/third",
    )
    assert no_clash == ()
    assert "planning" in keys(merged(*theirs).document, SECOND)
    assert "planning" not in keys(merged(*theirs).document, there)
    assert keys(merged(*mine).document, there) == ["planning"]
    assert "planning" not in keys(merged(*mine).document, SECOND)


def test_a_list_that_the_others_have_not_is_left_to_clash() -> None:
    base = a_bank()
    other = domain("other")
    theirs = bank_edits.add(base, ("sections", "one", "domains"), other)
    theirs = moved(theirs, at=0, to=("sections", "one", "domains", "other", "questions"))
    three = Three(base, theirs, reworded(base))

    assert followed(three) == (three, ())


def test_documents_with_any_fault_are_left_alone() -> None:
    base = a_bank()
    twice = places.put(base, FIRST, [ladder(), ladder()])
    three = Three(base, twice, {**base, "sections": 3, "profile": {"questions": {}}})

    assert followed(three) == (three, ())
    odd = Three({}, {}, {"sections": [1]})
    assert followed(odd) == (odd, ())


def test_a_key_that_two_people_gave_to_parts_of_different_lists_is_named() -> None:
    def data(*lists: list[Any]) -> Any:
        domains = [{"key": f"d{at}", "questions": listed} for at, listed in enumerate(lists)]
        return {"sections": [{"key": "s", "domains": domains}]}

    both = data([{"key": "q"}], [{"key": "q"}, "no part", {"key": 7}])

    assert doubled(data([{"key": "q"}], []), data([], [{"key": "q"}]), both) == "q"
    assert doubled(both, data([], []), both) == ""
    assert doubled(data([], []), data([], []), data([{"key": "q"}], [])) == ""
