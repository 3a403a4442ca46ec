"""Differences lead from one document to the other and back; two people's changes meet."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.patches import (
    ABSENT,
    MINE,
    THEIRS,
    Patch,
    PatchClash,
    applied,
    between,
    from_plain,
    inverse,
    is_order,
    merged,
    same,
    to_plain,
)
from survey.core.places import keys_of, parse

NAMES = st.sampled_from(["key", "label", "zh", "en", "a/b", "~order", "~", "", "#0", "parts"])
LEAVES = st.sampled_from([None, True, 1, "1", "", "字", 0, False])
KEYS = st.sampled_from(["a", "b", "c", "d", "e"])


def keyed(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists of parts with keys, now and then with one key twice."""
    part = st.builds(lambda key, more: {"key": key, **more}, KEYS, fields(parts))
    return st.lists(part, max_size=5, unique_by=lambda each: each["key"]) | st.lists(
        part, max_size=3
    )


def fields(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    without_key = NAMES.filter(lambda name: name != "key")
    return st.dictionaries(without_key, parts, max_size=3)


VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner) | keyed(inner),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)
LISTS = keyed(LEAVES)


@st.composite
def edited(draw: st.DrawFn, data: Any) -> Any:
    """The document with something changed somewhere inside it."""
    if isinstance(data, dict) and data and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(data)))
        return {**data, name: draw(edited(data[name]))}
    if isinstance(data, list) and data and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(data) - 1))
        how = draw(st.sampled_from(["inside", "out", "twice", "front"]))
        if how == "inside":
            return [*data[:at], draw(edited(data[at])), *data[at + 1 :]]
        without = [*data[:at], *data[at + 1 :]]
        return {"out": without, "twice": [*data, data[at]], "front": [data[at], *without]}[how]
    return draw(VALUES)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    base = draw(DOCUMENTS)
    return base, draw(st.one_of(edited(base), DOCUMENTS))


@st.composite
def threes(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    base = draw(DOCUMENTS)
    return base, draw(edited(base)), draw(edited(base))


# ------------------------------------------------------------------- difference


@given(pairs())
def test_a_difference_leads_there_and_back(pair: tuple[Any, Any]) -> None:
    old, new = pair

    difference = from_plain(json.loads(json.dumps(to_plain(between(old, new)))))

    assert same(applied(old, difference), new)
    assert same(applied(new, inverse(difference)), old)


@given(st.tuples(LISTS, LISTS))
def test_lists_of_parts_come_out_in_the_order_of_the_other_side(pair: tuple[Any, Any]) -> None:
    old, new = pair

    assert same(applied(old, between(old, new)), new)
    assert same(applied(new, inverse(between(old, new))), old)


@given(DOCUMENTS)
def test_nothing_differs_from_a_copy(data: Any) -> None:
    assert between(data, json.loads(json.dumps(data))) == ()


def test_true_one_and_a_text_are_different_values() -> None:
    assert [patch.after for patch in between({"x": 1}, {"x": True})] == [True]
    assert not same([1], [1, 1])
    assert not same({"x": 1}, {"y": 1})
    assert same({"x": 1, "y": 2}, {"y": 2, "x": 1})


def test_each_part_of_a_list_is_told_by_its_key_and_the_order_by_itself() -> None:
    old = {"options": [{"key": "a", "points": 0}, {"key": "b"}]}
    new = {"options": [{"key": "b"}, {"key": "a", "points": 1}, {"key": "c"}]}

    assert between(old, new) == (
        Patch("options/a/points", 0, 1),
        Patch("options/c", ABSENT, {"key": "c"}),
        Patch("options/~order", ["a", "b"], ["b", "a", "c"]),
    )


def test_a_part_at_the_end_needs_no_word_about_the_order() -> None:
    old = {"options": [{"key": "a"}]}
    new = {"options": [{"key": "a"}, {"key": "b"}]}

    assert [patch.place for patch in between(old, new)] == ["options/b"]
    assert not ABSENT


def test_a_field_called_like_the_mark_of_an_order_is_a_field() -> None:
    (patch,) = between({"~order": 1}, {"~order": 2})

    assert not is_order(patch)
    assert applied({"~order": 1}, [patch]) == {"~order": 2}


@pytest.mark.parametrize(
    ("data", "patch"),
    [
        ({}, Patch("x/y", ABSENT, 1)),
        ({}, Patch("x", 1, ABSENT)),
        ({"l": [{"key": "a"}]}, Patch("l/~order", [], ["a", "b"])),
        ({"l": 1}, Patch("l/~order", [], [])),
        ({}, Patch("", {}, ABSENT)),
        ({"x": 1}, Patch("x/y", ABSENT, 1)),
        ({"l": [1]}, Patch("l/#2", ABSENT, 1)),
        ({"l": [1]}, Patch("l/a", ABSENT, {"key": "a"})),
        ({"l": [{"key": "a"}]}, Patch("l/#1", ABSENT, 1)),
    ],
)
def test_what_does_not_fit_is_refused(data: Any, patch: Patch) -> None:
    with pytest.raises(KeyError):
        applied(data, [patch])


# ---------------------------------------------------------------------- merging


@given(threes())
def test_whoever_changed_nothing_takes_over_the_other_side(three: tuple[Any, Any, Any]) -> None:
    base, theirs, mine = three

    assert same(merged(base, theirs, base).document, theirs)
    assert same(merged(base, base, mine).document, mine)
    assert same(merged(base, mine, mine).document, mine)


@given(threes())
def test_it_does_not_matter_who_was_first(three: tuple[Any, Any, Any]) -> None:
    base, one, other = three

    first, second = merged(base, one, other), merged(base, other, one)

    swapped = [PatchClash(each.place, each.base, each.mine, each.theirs) for each in second.clashes]
    assert sorted(map(repr, first.clashes)) == sorted(map(repr, swapped))
    if not first.clashes:
        assert same(first.document, second.document)


def touching(one: Patch, other: Patch) -> bool:
    here, there = parse(one.place), parse(other.place)
    return here[: len(there)] == there or there[: len(here)] == here


def may_be_sorted(clash: PatchClash) -> bool:
    """Whether it is a list told by numbers: if one has moved its parts, two changes clash there."""
    lists = (clash.base, clash.theirs, clash.mine)
    told = all(isinstance(each, list) and keys_of(each) is None for each in lists)
    return told and len(set(map(len, lists))) == 1


@given(threes())
def test_a_clash_is_where_both_changed_the_same_place_differently(
    three: tuple[Any, Any, Any],
) -> None:
    base, theirs, mine = three
    there, here = between(base, theirs), between(base, mine)

    clashes = merged(base, theirs, mine).clashes

    near = [(one, other) for one in there for other in here if touching(one, other)]
    if not near:
        assert all(map(may_be_sorted, clashes))
    leaves = [
        one.place
        for one, other in near
        if one.place == other.place
        and not is_order(one)
        and not isinstance(one.after, dict | list)
        and not isinstance(other.after, dict | list)
        and not same(one.after, other.after)
    ]
    assert all(any(leaf.startswith(each.place) for each in clashes) for leaf in leaves)
    for clash in clashes:
        assert not same(clash.theirs, clash.mine)
        assert not same(clash.base, clash.theirs)
        assert not same(clash.base, clash.mine)


@given(threes())
def test_both_changes_are_in_what_comes_out(three: tuple[Any, Any, Any]) -> None:
    base, theirs, mine = three
    there, here = between(base, theirs), between(base, mine)
    apart = not any(touching(one, other) for one in there for other in here)
    unsorted = not any(map(is_order, (*there, *here)))

    both, clashes = merged(base, theirs, mine).document, merged(base, theirs, mine).clashes

    if apart and unsorted and not any(map(may_be_sorted, clashes)):
        assert same(both, applied(theirs, here)) or same(both, applied(mine, there))


@given(threes())
def test_every_clash_is_settled_by_a_choice(three: tuple[Any, Any, Any]) -> None:
    base, theirs, mine = three
    clashes = merged(base, theirs, mine).clashes

    chosen = merged(base, theirs, mine, {each.place: MINE for each in clashes})
    kept = merged(base, theirs, mine, {each.place: THEIRS for each in clashes})

    assert chosen.clashes == kept.clashes == ()
    assert same(kept.document, merged(base, theirs, mine).document)


def order(*keys: str) -> dict[str, Any]:
    return {"l": [{"key": key} for key in keys]}


def keys(data: Any) -> str:
    return "".join(part["key"] for part in data["l"])


def test_two_who_sort_a_list_differently_clash_and_one_order_is_chosen() -> None:
    base, theirs, mine = order("a", "b", "c"), order("b", "a", "c"), order("c", "a", "b")

    both = merged(base, theirs, mine)

    assert [each.place for each in both.clashes] == ["l/~order"]
    assert keys(both.document) == "bac"
    assert keys(merged(base, theirs, mine, {"l/~order": MINE}).document) == "cab"
    assert keys(merged(base, theirs, mine, {"l/~order": "?"}).document) == "bac"


@pytest.mark.parametrize(
    ("theirs", "mine", "result"),
    [
        ("abcx", "abcy", "abcxy"),  # both at the end
        ("axbc", "abyc", "axbyc"),  # in the middle
        ("xabc", "cab", "xcab"),  # added at the front, sorted
        ("ac", "abcy", "acy"),  # taken out, added
        ("ab", "cab", "ab"),  # taken out what was moved
        ("abcx", "xabc", "abcx"),  # the same part, at two places
        ("bca", "bca", "bca"),  # sorted alike
        ("cabx", "cabx", "cabx"),
        ("bacx", "baxc", "bacx"),  # sorted alike, and the same part added
        ("bxac", "abc", "bxac"),
    ],
)
def test_lists_are_woven_together(theirs: str, mine: str, result: str) -> None:
    both = merged(order(*"abc"), order(*theirs), order(*mine))

    assert both.clashes == ()
    assert keys(both.document) == result


def test_a_part_that_one_changed_and_the_other_removed_is_a_clash() -> None:
    base = {"l": [{"key": "a", "n": 1}, {"key": "b"}]}
    changed = {"l": [{"key": "a", "n": 2}, {"key": "b"}]}

    both = merged(base, order("b"), changed)

    assert both.clashes == (PatchClash("l/a", {"key": "a", "n": 1}, ABSENT, {"key": "a", "n": 2}),)
    assert merged(base, order("b"), changed, {"l/a": MINE}).document == changed


def test_parts_without_keys_are_merged_by_their_numbers_while_there_are_as_many() -> None:
    base = {"advice": [{"to": 1}, {"to": 2}]}
    theirs, mine = {"advice": [{"to": 3}, {"to": 2}]}, {"advice": [{"to": 1}, {"to": 4}]}

    assert merged(base, theirs, mine).document == {"advice": [{"to": 3}, {"to": 4}]}
    assert [each.place for each in merged(base, {"advice": []}, mine).clashes] == ["advice/#1"]


def advice(to: int, what: str = "", **more: Any) -> dict[str, Any]:
    return {"to": to, "what": {"zh": what or f"第{to}步", "en": what or f"Step {to}"}, **more}


FIRST, SECOND, THIRD = advice(1), advice(2), advice(3)
REWORDED = advice(1, "Otherwise")


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        ([FIRST, SECOND, THIRD], [REWORDED, SECOND], [REWORDED, SECOND, THIRD]),
        ([THIRD, FIRST, SECOND], [FIRST, advice(2, "x")], [THIRD, FIRST, advice(2, "x")]),
        ([FIRST], [REWORDED, SECOND], [REWORDED]),
        ([FIRST, SECOND, THIRD], [SECOND], [SECOND, THIRD]),
        ([FIRST, SECOND, THIRD], [FIRST, SECOND, THIRD, THIRD], [FIRST, SECOND, THIRD, THIRD]),
        ([THIRD, SECOND, FIRST], [FIRST, SECOND, THIRD], [THIRD, SECOND, FIRST]),
        ([SECOND, FIRST, THIRD], [FIRST, SECOND, advice(4)], None),
        ([FIRST, THIRD, advice(2, n=1)], [REWORDED, SECOND], [REWORDED, THIRD, advice(2, n=1)]),
    ],
)
def test_different_parts_without_keys_merge_whoever_adds_and_removes_others(
    theirs: list[Any], mine: list[Any], both: list[Any] | None
) -> None:
    base = {"advice": [FIRST, SECOND]}

    for one, other in ((theirs, mine), (mine, theirs)):
        found = merged(base, {"advice": one}, {"advice": other})

        assert found.clashes == ()
        if both is not None:
            assert found.document == {"advice": both}
        else:
            assert sorted(map(repr, found.document["advice"])) == sorted(
                map(repr, [SECOND, FIRST, THIRD, advice(4)])
            )


def test_only_the_part_without_a_key_that_both_changed_clashes() -> None:
    base = {"advice": [FIRST, SECOND]}
    theirs, mine = {"advice": [advice(1, "Theirs"), SECOND, THIRD]}, {"advice": [REWORDED, SECOND]}

    clashes = merged(base, theirs, mine).clashes
    chosen = merged(base, theirs, mine, {each.place: MINE for each in clashes}).document

    assert [each.place for each in clashes] == ["advice/#0"]
    assert chosen == {"advice": [REWORDED, SECOND, THIRD]}


BUY: dict[str, Any] = {
    "to": 1,
    "what": {"zh": "采购分项计量表。", "en": "Buy meters for each line."},
    "proof": {"zh": "采购合同和安装照片。", "en": "The contract and photographs of the meters."},
    "owner": "manager",
    "effort": "M",
}
READ: dict[str, Any] = {
    "to": 2,
    "what": {"zh": "每天抄表并记录。", "en": "Read the meters daily."},
    "proof": {"zh": "最近三个月的抄表记录。", "en": "The readings of the last three months."},
    "owner": "manager",
    "effort": "M",
}
TRAIN: dict[str, Any] = {
    "to": 1,
    "what": {"zh": "培训员工。", "en": "Train the staff."},
    "proof": {"zh": "签到表。", "en": "The list of those who were there."},
    "owner": "manager",
    "effort": "M",
}
HARD = {**BUY, "effort": "L"}


@pytest.mark.parametrize(
    ("theirs", "mine", "places"),
    [
        ([TRAIN], [HARD, READ], ["advice/#0"]),  # another piece instead of both
        ([TRAIN, READ, THIRD], [HARD, READ], ["advice/#0"]),  # instead of what the other changed
        ([TRAIN, READ, THIRD], [REWORDED, READ], ["advice/#0"]),  # two others instead of one
        ([TRAIN, READ, THIRD], [READ], ["advice/#0"]),  # instead of what the other took out
        ([TRAIN, THIRD], [HARD, READ, FIRST], ["advice/#0"]),  # two instead of two
        ([TRAIN, THIRD, FIRST], [SECOND], ["advice"]),  # both let both go
        ([READ, BUY], [HARD, READ], ["advice"]),  # sorted, and one changed
        ([HARD, READ], [{**READ, "to": 3}, {**BUY, "to": 3}], ["advice"]),
        ([READ, THIRD], [BUY, {**READ, "effort": "L"}], ["advice"]),  # all have moved up
        ([READ, BUY, THIRD], [HARD, READ], ["advice"]),
    ],
)
def test_of_two_pieces_of_advice_no_third_one_is_made(
    theirs: list[Any], mine: list[Any], places: list[str]
) -> None:
    base = {"advice": [BUY, READ]}

    for one, other in ((theirs, mine), (mine, theirs)):
        clashes = merged(base, {"advice": one}, {"advice": other}).clashes

        assert [each.place for each in clashes] == places


def test_a_piece_of_advice_that_says_most_of_the_same_is_the_same() -> None:
    base = {"advice": [BUY, READ]}
    proof = {**READ, "proof": {"zh": "抄表记录。", "en": READ["proof"]["en"]}}
    theirs = {"advice": [THIRD, HARD, READ]}
    mine = {"advice": [{**BUY, "owner": "energy"}, proof]}

    both = merged(base, theirs, mine)

    assert both.clashes == ()
    assert both.document == {"advice": [THIRD, {**HARD, "owner": "energy"}, proof]}


def test_which_of_two_near_copies_was_changed_is_not_guessed() -> None:
    copy = {**BUY, "to": 2}
    theirs = [{**BUY, "to": 3}, {**BUY, "to": 4}, READ]
    mine = [HARD, copy]

    clashes = merged({"advice": [BUY, copy]}, {"advice": theirs}, {"advice": mine}).clashes

    assert [each.place for each in clashes] == ["advice/#0"]


def test_long_lists_of_which_all_was_changed_clash_as_a_whole() -> None:
    base = {"l": [{"n": number} for number in range(201)]}
    theirs = {"l": [{**part, "there": 1} for part in base["l"]]}
    mine = {"l": [*base["l"][:-1], {"n": 0}]}

    assert [each.place for each in merged(base, theirs, mine).clashes] == ["l"]


def test_a_question_called_like_a_condition_is_merged_field_by_field() -> None:
    base = {"questions": [{"key": "when", "prompt": 1, "help": 1, "when": {"a": 1, "b": 1}}]}
    theirs = {"questions": [{"key": "when", "prompt": 2, "help": 1, "when": {"a": 2, "b": 1}}]}
    mine = {"questions": [{"key": "when", "prompt": 1, "help": 2, "when": {"a": 1, "b": 2}}]}

    both = merged(base, theirs, mine)

    assert [each.place for each in both.clashes] == ["questions/when/when"]
    (question,) = both.document["questions"]
    assert (question["prompt"], question["help"]) == (2, 2)


def test_a_list_without_keys_that_both_sorted_differently_clashes_as_a_whole() -> None:
    base, theirs, mine = {"l": [1, 2, 3]}, {"l": [3, 1, 2, 4]}, {"l": [2, 3, 1, 5, 6]}

    assert [each.place for each in merged(base, theirs, mine).clashes] == ["l"]


def test_parts_with_one_key_twice_are_not_paired() -> None:
    twice = order("a", "a")

    assert [each.place for each in merged(twice, order("a"), order()).clashes] == ["l"]


def test_of_two_conditions_no_third_one_is_made() -> None:
    base = {"when": {"question": "size", "in": ["small"]}}
    theirs = {"when": {"question": "type", "in": ["small"]}}
    mine = {"when": {"question": "size", "in": ["small", "large"]}}

    (clash,) = merged(base, theirs, mine).clashes

    assert (clash.place, clash.theirs, clash.mine) == ("when", theirs["when"], mine["when"])
    assert merged(base, theirs, mine, {"when": MINE}).document == mine


def test_names_that_are_no_texts_do_no_harm() -> None:
    old: Any = {1: {"x": 1}}
    new: Any = {1: {"x": 2}}

    assert between(old, new) == (Patch("1/x", 1, 2),)
    assert merged(old, {1: {"x": 3}}, new).clashes == (PatchClash("1/x", 1, 3, 2),)


def test_lists_without_keys_grow_at_their_end() -> None:
    patches = (Patch("l/#1", ABSENT, 2), Patch("e/#0", ABSENT, 1), Patch("k/a", ABSENT, {}))

    assert applied({"l": [1], "e": [], "k": []}, patches) == {"l": [1, 2], "e": [1], "k": [{}]}


def test_lists_of_thousands_are_compared_merged_and_changed() -> None:
    base = {"parts": [{"key": f"p{number}"} for number in range(5000)]}
    mine = {"parts": [{**part, "label": "x"} for part in reversed(base["parts"])]}
    theirs = {"parts": [*base["parts"], {"key": "new"}]}

    assert applied(base, between(base, mine)) == mine
    assert len(merged(base, theirs, mine).document["parts"]) == 5001
