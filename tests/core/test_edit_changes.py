"""An edit is told by what people see: whole texts, parts that moved, lists in another order."""

from typing import Any

from survey.core.edit_changes import Change, How, changes
from survey.core.patches import ABSENT, between


def told(before: Any, after: Any) -> tuple[Change, ...]:
    return changes(between(before, after), before, after)


def test_a_text_is_told_in_both_languages_though_one_of_them_changed() -> None:
    before = {"title": {"zh": "一", "en": "One"}}
    after = {"title": {"zh": "二", "en": "One"}}

    assert told(before, after) == (
        Change(How.CHANGED, ("title",), before["title"], after["title"]),
    )


def test_both_languages_of_one_text_are_one_change() -> None:
    before = {"title": {"zh": "一", "en": "One"}, "minutes": 5}
    after = {"title": {"zh": "二", "en": "Two"}, "minutes": 6}

    assert [change.place for change in told(before, after)] == [("title",), ("minutes",)]


def test_a_translation_that_comes_to_a_text_changes_it() -> None:
    (change,) = told({"banner": {"zh": "一"}}, {"banner": {"zh": "一", "en": "One"}})

    assert (change.how, change.place) == (How.CHANGED, ("banner",))


def test_what_only_looks_like_a_language_is_told_by_itself() -> None:
    before, after = {"x": {"zh": "一", "n": 1}, "en": 1}, {"x": {"zh": "二", "n": 1}, "en": 2}

    assert [change.place for change in told(before, after)] == [("x", "zh"), ("en",)]


def test_parts_that_come_and_go_are_told_where_they_are_or_were() -> None:
    before, after = {"l": [{"key": "a"}, {"key": "b"}]}, {"l": [{"key": "b"}, {"key": "c"}]}

    assert told(before, after) == (
        Change(How.REMOVED, ("l", "a"), {"key": "a"}, ABSENT),
        Change(How.ADDED, ("l", "c"), ABSENT, {"key": "c"}),
    )


def test_a_part_that_leaves_one_list_for_another_is_moved() -> None:
    before = {"one": [{"key": "a"}, {"key": "x"}], "two": []}
    after = {"one": [{"key": "x"}], "two": [{"key": "a"}, {"key": "b"}]}

    assert told(before, after) == (
        Change(How.MOVED, ("two", "a"), ABSENT, {"key": "a"}, ("one", "a")),
        Change(How.ADDED, ("two", "b"), ABSENT, {"key": "b"}),
    )


def test_a_part_that_is_another_one_has_not_moved() -> None:
    before, after = {"one": [{"key": "a", "n": 1}], "two": []}, {"one": [], "two": [{"key": "a"}]}

    assert [change.how for change in told(before, after)] == [How.REMOVED, How.ADDED]


def test_another_order_is_told_with_the_keys() -> None:
    before, after = {"l": [{"key": "a"}, {"key": "b"}]}, {"l": [{"key": "b"}, {"key": "a"}]}

    assert told(before, after) == (Change(How.SORTED, ("l",), ["a", "b"], ["b", "a"]),)


def parts(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "n": at, "title": {"zh": "一", "en": key}} for at, key in enumerate(keys)]


def test_where_a_key_comes_to_stand_twice_only_that_part_is_told() -> None:
    before = {"l": parts("a", "b", "c")}
    twice = {"key": "b", "n": 9}
    after = {"l": [*before["l"][:2], twice, before["l"][2]]}

    assert told(before, after) == (Change(How.ADDED, ("l", "#2"), ABSENT, twice),)
    assert told(after, before) == (Change(How.REMOVED, ("l", "#2"), twice, ABSENT),)


def test_a_change_beside_a_key_that_stands_twice_is_told_by_itself() -> None:
    before = {"l": parts("a", "b", "b", "c")}
    changed = before["l"][1] | {"title": {"zh": "二", "en": "b"}}
    after = {"l": [before["l"][0], changed, *before["l"][2:]]}

    assert told(before, after) == (
        Change(How.CHANGED, ("l", "#1", "title"), {"zh": "一", "en": "b"}, changed["title"]),
    )


def test_a_part_that_gets_a_key_of_its_own_is_told_by_what_changed_in_it() -> None:
    inside = [{"key": "x"}, {"key": "y"}]
    before = {"l": [{"key": "a"}, {"key": "a", "m": inside}]}
    after = {"l": [{"key": "a"}, {"key": "b", "m": inside[::-1]}]}

    assert told(before, after) == (
        Change(How.CHANGED, ("l", "b", "key"), "a", "b"),
        Change(How.CHANGED, ("l", "b", "m"), ["x", "y"], ["y", "x"]),
    )


def test_a_part_that_moved_inside_one_whose_key_stood_twice_is_told_as_moved() -> None:
    before = {"l": [{"key": "a"}, {"key": "a", "m": [{"key": "x"}], "n": []}]}
    after = {"l": [{"key": "a"}, {"key": "b", "m": [], "n": [{"key": "x"}]}]}

    assert told(before, after)[-1] == Change(
        How.MOVED, ("l", "b", "n", "x"), ABSENT, {"key": "x"}, ("l", "b", "m", "x")
    )


def test_a_part_with_another_key_is_told_by_its_key_alone() -> None:
    before, after = {"l": parts("a", "b", "c")}, {"l": parts("a", "b", "c")}
    after["l"][1]["key"] = "new"

    assert told(before, after) == (Change(How.CHANGED, ("l", "new", "key"), "b", "new"),)


def test_what_was_renamed_and_reworded_on_its_own_page_is_one_part_and_so_is_its_undo() -> None:
    before, after = {"l": parts("a", "b")}, {"l": parts("a", "b")}
    after["l"][1] |= {"key": "new", "n": 9}

    forth = changes(between(before, after), before, after, ("l", "b"))
    back = changes(between(after, before), after, before, ("l", "b"))
    elsewhere = changes(between(before, after), before, after, ("l",))

    assert forth == (
        Change(How.CHANGED, ("l", "new", "key"), "b", "new"),
        Change(How.CHANGED, ("l", "new", "n"), 1, 9),
    )
    assert [(each.before, each.after) for each in back] == [("new", "b"), (9, 1)]
    assert [each.how for each in elsewhere] == [How.REMOVED, How.ADDED]
