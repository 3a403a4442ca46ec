"""Conditions as rows of menus: shown, changed, written again; nothing that was there is lost."""

from typing import Any

import pytest

from survey.core.bank import Condition
from survey.core.condition_parts import (
    Asked,
    Group,
    Joined,
    Kept,
    Way,
    condition_of,
    faults,
    rows_of,
    spoken,
    subjects,
)
from survey.core.places import Place, question_place
from survey.core.text import Text, text_of
from tests.builders import a_profile, bank_data, choice, domain, ladder, multiple, number, section

A = {"question": "kind", "in": ["a"]}
B = {"question": "security", "in": ["a", "b"]}
YEARS = {"question": "years", "at_least": 3}
AT_NINE = {"question": "planning", "at_least": 9}
FINE = {"question": "years", "at_least": "2.5"}


def a_draft(**changes: Any) -> dict[str, Any]:
    questions = [multiple(), number(), ladder(), ladder("later")]
    profile = a_profile(
        choice("production-type", "discrete"), choice("size-class", "small"), choice("kind", "a")
    )
    return bank_data(section("everything", "A", domain("first", *questions)), profile=profile) | (
        changes
    )


def place_of(data: dict[str, Any], key: str) -> Place:
    found = question_place(data, key)
    assert found is not None
    return (*found, "when")


# ------------------------------------------------------------ to rows, and back


@pytest.mark.parametrize(
    "plain",
    [
        None,
        A,
        YEARS,
        FINE,
        {"not": A},
        {"not": YEARS},
        {"all": [A, B]},
        {"any": [A, {"not": B}]},
        {"not": {"all": [A, B]}},
        {"not": {"any": [A, YEARS]}},
        {"all": [A, {"any": [B, {"not": YEARS}]}]},
        {"any": [{"not": {"all": [A, B]}}, {"not": {"any": [A, B]}}]},
        {"all": [A, {"any": [B, {"all": [A, {"not": {"any": [YEARS, B]}}]}]}]},
        {"not": {"not": A}},
        {"question": "kind"},
        {"question": "kind", "in": []},
        {"question": "kind", "in": [3]},
        {"question": "kind", "in": ["a"], "at_least": 3},
        {"question": "years", "at_least": True},
        {"all": [], "any": []},
        {"all": "kind"},
        "kind",
        {},
    ],
)
def test_a_condition_comes_back_from_its_rows_as_it_was(plain: Any) -> None:
    assert condition_of(rows_of(plain)) == plain


def test_what_lies_deeper_than_the_menus_is_kept_as_it_is() -> None:
    deep = {"all": [A, {"not": B}]}

    group = rows_of({"any": [A, {"all": [B, deep]}]})

    assert group == Group(
        Joined.ANY,
        (
            Asked("kind", Way.IN, ("a",)),
            Group(Joined.ALL, (Asked("security", Way.IN, ("a", "b")), Kept(deep))),
        ),
    )


def test_a_row_in_the_negative_is_one_row() -> None:
    assert rows_of({"not": YEARS}).parts == (Asked("years", Way.BELOW, number="3"),)
    assert rows_of({"not": A}).parts == (Asked("kind", Way.NOT_IN, ("a",)),)


def test_rows_that_say_nothing_are_left_out() -> None:
    rows = (Asked(), Group(), Group(Joined.ANY, (Asked(),)), rows_of(A).parts[0])

    assert condition_of(Group(Joined.ANY, rows)) == A
    assert condition_of(Group(Joined.NONE, (Asked(),))) is None


def test_denied_twice_is_not_denied() -> None:
    assert condition_of(Group(Joined.NONE, rows_of({"not": A}).parts)) == A


@pytest.mark.parametrize(
    ("typed", "written"),
    [("20", 20), ("2.50", "2.50"), (" １，２００ ", 1200), ("-3", -3), ("１．５", "1.5")],
)
def test_numbers_are_written_as_documents_write_them(typed: str, written: Any) -> None:
    group = Group(parts=(Asked("years", Way.AT_LEAST, number=typed),))

    assert condition_of(group) == {"question": "years", "at_least": written}


# ----------------------------------------------------------- what may be chosen


def test_a_question_may_look_at_those_that_stand_before_it() -> None:
    data = a_draft()

    found = subjects(data, place_of(data, "planning"))

    assert [each.key for each in found] == [
        "production-type", "size-class", "kind", "security", "years",
    ]  # fmt: skip


def test_a_rule_may_look_at_every_question() -> None:
    data = a_draft()

    found = subjects(data, ("hints", "first", "when"))

    assert [each.key for each in found][-2:] == ["planning", "later"]


def test_a_kind_decides_how_its_answers_are_tested() -> None:
    data = a_draft()

    ways = {each.key: each.ways for each in subjects(data, ())}

    assert ways["kind"] == ways["security"] == (Way.IN, Way.NOT_IN)
    assert ways["years"] == (Way.AT_LEAST, Way.BELOW)
    assert ways["planning"] == tuple(Way)


def test_a_draft_with_faults_still_has_menus() -> None:
    data = a_draft()
    questions = data["sections"][0]["domains"][0]["questions"]
    questions[0] |= {"options": [{"label": {"zh": "甲"}}, "b", {"key": "c", "label": {"zh": "丙"}}]}
    questions[0]["prompt"] = {"zh": " ", "en": "Security?"}
    questions[1] |= {"kind": "unheard-of"}
    questions[2] |= {"options": "none", "prompt": None}
    questions[3]["options"][1]["points"] = "many"
    del questions[3]["options"][0]["points"]
    del data["sections"][0]["title"]
    data["profile"]["questions"][2]["key"] = 7

    found = {each.key: each for each in subjects(data, ())}

    assert list(found) == ["production-type", "size-class", "security", "planning", "later"]
    assert found["security"].name == Text(zh="Security?", en="Security?")
    assert [o.label for o in found["security"].options] == [Text(zh="丙", en="丙")]
    assert found["planning"].name == Text(zh="planning", en="planning")
    assert found["planning"].options == ()
    assert [o.points for o in found["later"].options] == ["0", "", "2", "3", "4", "5"]
    assert found["later"].page == Text(zh="everything", en="everything")


@pytest.mark.parametrize("value", [None, "字", {}, {"zh": "", "en": 3}])
def test_what_has_no_words_is_no_text(value: Any) -> None:
    assert text_of(value) is None


# ------------------------------------------------------------------- in words


def test_a_condition_is_said_from_the_draft() -> None:
    said = spoken(a_draft(), {"all": [A, {"question": "planning", "at_least": 2}]})

    assert said.zh == (
        "（“关于kind的问题？”选“选项a”），并且（“关于planning的问题？”达到“第2步”或更高）"
    )


@pytest.mark.parametrize(
    ("plain", "english"),
    [
        ({"question": "gone", "in": ["x"]}, "the answer to “gone” is “x”"),
        ({"question": "kind", "in": ["x"]}, "the answer to “What about kind?” is “x”"),
        (AT_NINE, "the answer to “What about planning?” is at least 9"),
        ({"question": "kind"}, "(not complete yet)"),
        ({}, "(not complete yet)"),
        ({"question": 3}, "(not complete yet)"),
        ("kind", "(not complete yet)"),
    ],
)  # fmt: skip
def test_what_a_draft_lacks_is_called_by_its_key(plain: Any, english: str) -> None:
    assert spoken(a_draft(), plain).en == english


# --------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Asked("kind", Way.IN, ("a",)), ""),
        (Asked("planning", Way.AT_LEAST, number="2"), ""),
        (Asked("", Way.IN, ("a",)), "condition-no-question"),
        (Asked("gone", Way.IN, ("a",)), "condition-unknown-question"),
        (Asked("kind", Way.AT_LEAST, number="2"), "condition-other-way"),
        (Asked("kind", Way.IN), "condition-no-option"),
        (Asked("kind", Way.NOT_IN, ("x",)), "condition-unknown-option"),
        (Asked("years", Way.AT_LEAST), "condition-no-number"),
        (Asked("years", Way.BELOW, number="many"), "condition-no-number"),
    ],
)
def test_each_row_says_what_it_lacks(row: Asked, code: str) -> None:
    known = {each.key: each for each in subjects(a_draft(), ())}

    found = dict(faults(Group(parts=(Asked(), row)), known, Group()))

    assert found == ({"1": code} if code else {})


def test_a_fault_in_a_group_is_found_there() -> None:
    group = Group(parts=(Group(Joined.ANY, (Kept("deep"), Asked("gone"))),))

    assert list(faults(group, {}, Group())) == [("0.1", "condition-unknown-question")]


def test_rows_that_were_there_before_are_let_be() -> None:
    before = rows_of({"all": [{"question": "gone", "in": ["x"]}, {"any": [A, "deep"]}]})

    assert list(faults(before, {}, before)) == []


def test_every_condition_of_the_menus_can_be_read_by_the_rules() -> None:
    plain = {"all": [A, {"not": {"any": [B, YEARS, {"not": FINE}]}}]}

    assert Condition.model_validate(condition_of(rows_of(plain))).all_ is not None
