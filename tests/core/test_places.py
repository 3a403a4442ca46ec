"""Addresses stay true when neighbours come, go and move, and lead through any faulty document."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core import places
from survey.core.document import problems
from survey.core.places import get, of_problem, parse, put, questions, removed, written
from tests.builders import a_profile, bank_data, choice, domain, ladder, number, section

KEYED = {"parts": [{"key": "a", "n": 1}, {"key": "b", "n": 2}], "plain": [5, {"x": 6}]}
TWICE = {"parts": [{"key": "a", "n": 1}, {"key": "a", "n": 2}]}


@given(st.lists(st.text()))
def test_any_place_is_written_and_read_back(steps: list[str]) -> None:
    assert parse(written(tuple(steps))) == tuple(steps)


def test_a_place_reads_like_the_way_through_the_bank() -> None:
    data = bank_data(section("energy", "A", domain("metering", ladder("meters"))))

    place = parse("sections/energy/domains/metering/questions/meters/prompt/zh")

    assert get(data, place) == "关于meters的问题？"


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("", KEYED),
        ("parts/b/n", 2),
        ("plain/#0", 5),
        ("plain/#1/x", 6),
    ],
)
def test_parts_are_found_by_their_keys_or_their_numbers(place: str, found: object) -> None:
    assert get(KEYED, parse(place)) == found


def test_parts_with_one_key_are_told_by_their_numbers() -> None:
    assert get(TWICE, parse("parts/#1/n")) == 2
    with pytest.raises(KeyError):
        get(TWICE, parse("parts/a"))


@pytest.mark.parametrize("parts", [[{"key": "#0"}], [{"key": 3}], [{"key": None}], [["key"]], [{}]])
def test_what_is_no_key_does_not_tell_parts_apart(parts: list[Any]) -> None:
    assert places.steps_of(parts) == ["#0"]


@pytest.mark.parametrize(
    "place", ["parts/c", "parts/#0", "plain/#2", "plain/0", "parts/a/n/x", "?"]
)
def test_what_is_not_there_is_a_key_error(place: str) -> None:
    with pytest.raises(KeyError):
        get(KEYED, parse(place))
    assert places.find(KEYED, parse(place)) is None
    assert places.find(KEYED, parse(place), "otherwise") == "otherwise"
    with pytest.raises(KeyError):
        removed(KEYED, parse(place))


def test_putting_a_value_leaves_the_old_document_as_it_was() -> None:
    new = put(KEYED, parse("parts/b/n"), 9)

    assert get(new, parse("parts/b/n")) == 9
    assert get(KEYED, parse("parts/b/n")) == 2
    assert new["plain"] is KEYED["plain"]


def test_the_last_step_may_be_new() -> None:
    assert put({}, ("minutes",), 5) == {"minutes": 5}
    assert put({"parts": []}, parse("parts/a"), {"key": "a"}) == {"parts": [{"key": "a"}]}
    assert put({"parts": []}, parse("parts/#0"), 1) == {"parts": [1]}
    assert put(KEYED, parse("plain/#2"), 7)["plain"] == [5, {"x": 6}, 7]
    assert put(KEYED, parse("parts/c"), {"key": "c"})["parts"][-1] == {"key": "c"}
    assert put(KEYED, (), 1) == 1


@pytest.mark.parametrize(
    "place", ["gone/x", "parts/c/n", "parts/#2", "plain/#3", "plain/c", "parts/a/n/x"]
)
def test_nothing_is_put_where_no_way_leads(place: str) -> None:
    with pytest.raises(KeyError):
        put(KEYED, parse(place), 1)


def test_parts_and_fields_are_taken_out() -> None:
    assert removed(KEYED, parse("parts/a"))["parts"] == [{"key": "b", "n": 2}]
    assert removed(KEYED, parse("plain/#0"))["plain"] == [{"x": 6}]
    assert removed(KEYED, parse("parts/b/n"))["parts"][1] == {"key": "b"}
    with pytest.raises(KeyError):
        removed(KEYED, ())


# ------------------------------------------------------------ faults and questions


def test_every_fault_has_the_place_of_its_field() -> None:
    data = bank_data()
    del data["sections"][0]["domains"][0]["questions"][0]["prompt"]["en"]
    data["sections"][0]["theme"] = "?"
    key = data["sections"][0]["key"]
    domain_key = data["sections"][0]["domains"][0]["key"]

    found = {written(of_problem(data, problem.place)) for problem in problems(data)}

    assert found == {
        f"sections/{key}/domains/{domain_key}/questions/planning/prompt/en",
        f"sections/{key}/theme",
    }


@pytest.mark.parametrize(
    ("dotted", "place"),
    [
        ("bank", ""),
        ("minutes", "minutes"),
        ("parts.1.label.zh", "parts/b/label/zh"),
        ("parts.7.label", "parts"),
        ("parts.b.label", "parts"),
        ("parts.0.n.deeper", "parts/a/n"),
        ("plain.1.x", "plain/#1/x"),
    ],
)
def test_a_fault_leads_as_far_as_there_is_something(dotted: str, place: str) -> None:
    assert written(of_problem(KEYED, dotted)) == place


def test_all_questions_are_found_in_reading_order() -> None:
    data = bank_data(
        section("one", "A", domain("first", ladder("planning"))),
        profile=a_profile(choice("size", "small", "large")),
        outcomes=a_profile(number("output")),
    )

    found = [(written(place), question["key"]) for place, question in questions(data)]

    assert found == [
        ("profile/questions/size", "size"),
        ("sections/one/domains/first/questions/planning", "planning"),
        ("outcomes/questions/output", "output"),
    ]
    assert places.question_place(data, "output") == ("outcomes", "questions", "output")
    assert places.question_place(data, "nowhere") is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"sections": {"domains": []}, "profile": [], "outcomes": {"questions": {"key": "a"}}},
        {"sections": [1, {"domains": "x"}, {"domains": [None, {"questions": ["y"]}]}]},
    ],
)
def test_a_document_without_shape_has_no_questions(data: object) -> None:
    assert list(questions(data)) == []


def test_a_leaf_has_no_children_and_names_are_texts() -> None:
    assert places.children("text") == []
    assert places.children({1: "one"}) == [("1", "one")]
