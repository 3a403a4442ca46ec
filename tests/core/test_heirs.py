"""Where parts that are gone live on, and what goes over to them."""

from hypothesis import given
from hypothesis import strategies as st

from survey.core.heirs import handed_over, heirs

KEYS = st.sampled_from("abcde")
PLACES = st.dictionaries(st.sampled_from("123456"), KEYS)


def test_a_part_that_is_gone_lives_on_where_most_of_its_questions_are() -> None:
    before = {"1": "gone", "2": "gone", "3": "gone", "4": "stays"}
    after = {"1": "other", "2": "stays", "3": "stays", "4": "stays", "5": "other"}

    assert heirs(before, after) == {"gone": "stays"}
    assert heirs(before, before) == {}
    assert heirs(before, {"5": "other"}) == {}
    assert heirs({"1": "gone", "2": "gone"}, {"1": "first", "2": "second"}) == {"gone": "first"}


def test_what_is_held_goes_over_unless_the_heir_has_its_own_or_two_disagree() -> None:
    to_one = {"a": "one", "b": "one", "c": "two"}

    assert handed_over({"a": 3, "b": 3, "c": 2}, to_one) == {"a": "one", "b": "one", "c": "two"}
    assert handed_over({"a": 3, "b": 4, "c": 2}, to_one) == {"c": "two"}
    assert handed_over({"a": 3, "one": 3}, to_one) == {}
    assert handed_over({}, to_one) == {}


@given(PLACES, PLACES, st.dictionaries(KEYS, st.integers(1, 2)))
def test_nothing_that_is_there_is_touched_and_everything_has_one_value(
    before: dict[str, str], after: dict[str, str], held: dict[str, int]
) -> None:
    found = heirs(before, after)
    over = handed_over(held, found)

    there = set(after.values())
    assert not set(found) & there
    assert set(found.values()) <= there
    assert over.items() <= found.items()
    assert not set(over.values()) & set(held)
    for heir in over.values():
        assert len({held[part] for part in over if over[part] == heir}) == 1
