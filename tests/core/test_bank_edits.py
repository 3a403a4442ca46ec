"""Parts are added, moved, duplicated and removed, and no key is ever there twice by that."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core import bank, blank_parts, document
from survey.core.bank import Kind
from survey.core.bank_edits import (
    add,
    adding,
    blank,
    duplicated,
    duplicating,
    fresh,
    fresh_code,
    moved,
    moving,
    removed,
    uses,
    uses_of,
)
from survey.core.bank_references import references
from survey.core.places import get, parse, questions, written
from tests.builders import (
    a_profile,
    bank_data,
    choice,
    domain,
    edition,
    eligibility,
    ladder,
    multiple,
    rule_condition,
    section,
)


def a_bank(**changes: Any) -> dict[str, Any]:
    """Two sections; a question of the second is asked by the answer to one of the first."""
    return bank_data(
        section(
            "one",
            "A",
            domain("first", ladder("planning", code="A1", weight=50), ladder("goals", weight=50)),
            weight=50,
        ),
        section(
            "two",
            "B",
            domain(
                "second",
                ladder("meters"),
                ladder("readings", when={"question": "meters", "at_least": 1}),
            ),
            weight=50,
        ),
        **changes,
    )


def keys(data: Any) -> list[str]:
    """The keys of all questions but those of the profile."""
    return [question["key"] for place, question in questions(data) if place[0] != "profile"]


def codes(data: Any) -> set[str]:
    return {problem.code for problem in document.problems(data)}


# ------------------------------------------------------------------- add, remove


@pytest.mark.parametrize(
    ("at", "order"), [(None, "abc"), (0, "cab"), (1, "acb"), (99, "abc"), (-5, "cab")]
)
def test_a_part_is_put_where_it_is_wanted(at: int | None, order: str) -> None:
    data = {"roles": [{"key": "a"}, {"key": "b"}]}

    after = add(data, ("roles",), {"key": "c"}, at)

    assert "".join(part["key"] for part in after["roles"]) == order
    assert len(data["roles"]) == 2


def test_a_list_that_is_missing_begins_with_the_part() -> None:
    assert add({}, ("hints",), blank(("hints",)))["hints"][0]["key"] == "hint"


@pytest.mark.parametrize(
    "place", ["nowhere/questions", "title", "sections/one/domains/x/questions"]
)
def test_nothing_is_added_where_there_is_no_list(place: str) -> None:
    with pytest.raises(KeyError):
        add(a_bank(), parse(place), {"key": "x"})


@pytest.mark.parametrize("kind", list(Kind))
def test_a_new_question_needs_nothing_but_its_texts_and_advice(kind: Kind) -> None:
    place = (
        parse("profile/questions")
        if kind is Kind.CHOICE
        else parse("sections/one/domains/first/questions")
    )
    data = a_bank()

    made = adding(data, place, blank(place, kind))

    assert made.place[-1] == "question"
    assert codes(made.document) <= {"bank-empty-text", "bank-advice-missing"}


def filled(part: Any) -> Any:
    """The part as it is once everything that is still empty has been written."""
    if isinstance(part, dict):
        return {name: filled(value) for name, value in part.items()}
    if isinstance(part, list):
        return [filled(value) for value in part] or ["planning"]
    return part if part != "" else "x"


@pytest.mark.parametrize(
    ("place", "model"),
    [
        ("sections", bank.Section),
        ("sections/one/domains", bank.Domain),
        ("editions", bank.Edition),
        ("eligibility", bank.Eligibility),
        ("eligibility/x/conditions", bank.RuleCondition),
        ("distributions", bank.PublishedDistribution),
        ("hints", bank.Hint),
        ("glossary", bank.Term),
        ("sources", bank.Source),
    ],
)
def test_every_new_part_has_its_right_shape_once_it_is_filled_in(place: str, model: Any) -> None:
    model.model_validate(filled(blank(parse(place))))


def test_a_new_page_of_facts_has_its_right_shape_once_it_is_filled_in() -> None:
    bank.Profile.model_validate(filled(blank_parts.page()))


@pytest.mark.parametrize("place", ["", "title", "editions/short/questions", "x/terms"])
def test_lists_of_keys_and_what_is_no_list_have_no_new_parts(place: str) -> None:
    with pytest.raises(KeyError):
        blank(parse(place))


def test_a_part_or_a_field_is_taken_out() -> None:
    after = removed(a_bank(), parse("sections/one/domains/first/questions/goals"))

    assert keys(after) == ["planning", "meters", "readings"]


# ------------------------------------------------------------------------- moving


def test_a_question_is_moved_to_another_domain_and_keeps_its_key() -> None:
    data = a_bank()

    made = moving(
        data,
        parse("sections/one/domains/first/questions/goals"),
        parse("sections/two/domains/second/questions"),
        1,
    )

    assert keys(made.document) == ["planning", "meters", "goals", "readings"]
    assert written(made.place) == "sections/two/domains/second/questions/goals"
    assert codes(data) == set()
    assert codes(made.document) == {"bank-inner-sum"}


def test_a_part_is_moved_within_its_list() -> None:
    data = {"method": ["a", "b", "c"]}

    assert moved(data, parse("method/#0"), ("method",), 1)["method"] == ["b", "a", "c"]
    assert moved(data, parse("method/#2"), ("method",), 0)["method"] == ["c", "a", "b"]
    assert moved(data, parse("method/#0"), ("method",))["method"] == ["b", "c", "a"]


def test_a_condition_is_moved_into_its_neighbour() -> None:
    data = {"all": [{"question": "a"}, {"any": []}, {"question": "c"}]}

    into = moving(data, parse("all/#0"), parse("all/#1/any"))
    from_behind = moving(data, parse("all/#2"), parse("all/#1/any"))

    assert into.document == {"all": [{"any": [{"question": "a"}]}, {"question": "c"}]}
    assert written(into.place) == "all/#0/any/#0"
    assert written(from_behind.place) == "all/#1/any/#0"


@pytest.mark.parametrize(
    ("place", "list_place"),
    [
        ("sections/one", "sections/one/domains"),
        ("sections/one", "sections/one"),
        ("", "sections"),
        ("title", "sections"),
        ("sections/none", "sections"),
        ("sections/one", "title"),
    ],
)
def test_nothing_is_moved_into_itself_or_nowhere(place: str, list_place: str) -> None:
    with pytest.raises(KeyError):
        moved(a_bank(), parse(place), parse(list_place))


def test_an_option_that_is_moved_to_another_question_gets_a_free_key() -> None:
    data = a_bank(profile=a_profile(choice("size", "small", "large"), choice("type", "small")))

    after = moved(
        data, parse("profile/questions/size/options/small"), parse("profile/questions/type/options")
    )

    found = get(after, parse("profile/questions/type/options"))
    assert [option["key"] for option in found] == ["small", "small-2"]


# ------------------------------------------------------------------------ copying


def test_a_copied_question_has_a_key_and_a_code_of_its_own() -> None:
    made = duplicating(a_bank(), parse("sections/one/domains/first/questions/planning"))

    assert keys(made.document)[:3] == ["planning", "planning-2", "goals"]
    assert get(made.document, made.place)["code"] == "A2"
    assert codes(made.document) == {"bank-inner-sum"}


def test_a_copied_section_asks_its_own_questions() -> None:
    made = duplicating(a_bank(), parse("sections/two"))

    copy = get(made.document, made.place)
    assert (copy["key"], copy["code"]) == ("two-2", "C")
    assert [each["key"] for each in copy["domains"]] == ["second-2"]
    assert keys(made.document)[-2:] == ["meters-2", "readings-2"]
    assert copy["domains"][0]["questions"][1]["when"] == {"question": "meters-2", "at_least": 1}
    assert codes(made.document) == {"bank-weights-sum"}


def test_a_copy_of_a_part_without_a_key_stands_beside_it() -> None:
    assert duplicated({"method": ["a", "b"]}, parse("method/#0"))["method"] == ["a", "a", "b"]
    with pytest.raises(KeyError):
        duplicated(a_bank(), ("title",))
    with pytest.raises(KeyError):
        duplicated(a_bank(), ())


@pytest.mark.parametrize(
    "part",
    [
        {"key": "one", "domains": [1, {"key": "first", "questions": [2, {"key": 3}]}]},
        {"key": None, "code": 4, "domains": "x"},
    ],
)
def test_a_faulty_part_is_added_as_it_is_but_for_its_keys(part: Any) -> None:
    after = add(a_bank(), ("sections",), part)

    assert get(after, ("sections",))[-1]["key"] in ("one-2", None)


def test_keys_are_made_free_in_a_document_of_any_shape() -> None:
    data = {"sections": [1, {"domains": 2}], "roles": [None, {"key": "a"}]}

    assert add(data, ("roles",), {"key": "a"})["roles"][-1]["key"] == "a-2"
    assert add({"sections": 5}, ("roles",), {"key": "a"})["roles"] == [{"key": "a"}]


# --------------------------------------------------------------------- fresh keys


@pytest.mark.parametrize(
    ("key", "taken", "free"),
    [
        ("a", [], "a"),
        ("a", ["a"], "a-2"),
        ("a", ["a", "a-2"], "a-3"),
        ("a-2", ["a-2"], "a-3"),
        ("k" * 60, ["k" * 60], "k" * 58 + "-2"),
        ("k" * 57 + "-kk", ["k" * 57 + "-kk"], "k" * 57 + "-2"),
    ],
)
def test_a_taken_key_gets_the_next_number(key: str, taken: list[str], free: str) -> None:
    assert fresh(key, taken) == free


@given(st.lists(st.sampled_from(["a", "a-2", "b", "b-9", "a-3"])))
def test_however_often_a_key_comes_each_is_another(wanted: list[str]) -> None:
    taken: list[str] = []
    for key in wanted:
        taken.append(fresh(key, taken))

    assert len(set(taken)) == len(wanted)


@pytest.mark.parametrize(
    ("code", "taken", "free"),
    [
        ("A", [], "A"),
        ("A", ["A", "B"], "C"),
        ("B3", ["B3", "B1"], "B2"),
        ("??", ["??"], "A1"),
        ("A9", [f"A{number}" for number in range(100)], None),
    ],
)
def test_a_taken_code_gets_the_next_free_one(code: str, taken: list[str], free: str | None) -> None:
    assert fresh_code(code, taken) == free


def test_where_no_code_is_left_a_copied_question_has_none() -> None:
    many = [ladder(f"q{number}", code=f"A{number}") for number in range(1, 100)]
    data = bank_data(section("one", "A", domain("first", *many)))

    made = duplicating(data, parse("sections/one/domains/first/questions/q1"))

    assert "code" not in get(made.document, made.place)


# --------------------------------------------------------------------------- uses


def test_whoever_deletes_a_question_is_told_who_names_it() -> None:
    data = a_bank(editions=[edition("planning", "meters")])
    place = parse("sections/two/domains/second/questions/meters")

    found = {written(each) for each in uses_of(data, place)}

    assert found == {
        "sections/two/domains/second/questions/readings/when/question",
        "editions/express/questions",
    }
    assert {written(each) for each in uses(data, "meters")} == found


def test_what_a_section_names_in_itself_goes_with_it() -> None:
    data = a_bank(editions=[edition("planning", "meters")])

    assert [written(each) for each in uses_of(data, parse("sections/two"))] == [
        "editions/express/questions"
    ]
    assert uses_of(a_bank(), parse("sections/two")) == ()
    assert uses_of(data, parse("title")) == ()


def weighed() -> dict[str, Any]:
    """Section weights and advice that depend on answers of the profile."""
    data = a_bank(
        profile=a_profile(choice("type", "discrete", "process"), choice("size", "small", "large")),
        weigh_by="type",
        weigh_default="discrete",
        size_by="size",
        small_sizes=["small"],
        sources=[{"key": "gb", "title": {"zh": "标准", "en": "Standard"}, "edition": "2025"}],
        glossary=[{"key": "mes", "term": {"zh": "系统", "en": "MES"}, "meaning": {}}],
    )
    for one in data["sections"]:
        one["weight"] = {"discrete": 50, "process": 50}
    question = data["sections"][0]["domains"][0]["questions"][0]
    question |= {"terms": ["mes"], "leans_on": ["gb"], "source": "gb", "scale": {"source": "gb"}}
    question["advice"][0] |= {"sizes": ["small"], "types": ["process"]}
    return data


def test_whoever_deletes_an_answer_is_told_who_names_it() -> None:
    data = weighed()

    process = uses_of(data, parse("profile/questions/type/options/process"))
    small = uses_of(data, parse("profile/questions/size/options/small"))

    planning = "sections/one/domains/first/questions/planning"
    assert {written(each) for each in process} == {
        "sections/one/weight",
        "sections/two/weight",
        f"{planning}/advice/#0/types",
    }
    assert {written(each) for each in small} == {f"{planning}/advice/#0/sizes", "small_sizes"}


def test_terms_sources_and_roles_are_told_by_what_they_are() -> None:
    data = weighed() | {"eligibility": [eligibility(rule_condition(), source="gb")]}
    planning = "sections/one/domains/first/questions/planning"

    assert {written(each) for each in uses_of(data, ("sources", "gb"))} == {
        f"{planning}/leans_on",
        f"{planning}/scale/source",
        f"eligibility/{data['eligibility'][0]['key']}/source",
    }
    assert [written(each) for each in uses_of(data, ("glossary", "mes"))] == [f"{planning}/terms"]
    assert uses_of(data, ("roles", data["roles"][0]["key"]))
    assert uses_of(data, ("roles", "nobody")) == ()


def test_the_box_that_excludes_all_others_is_named_by_its_question() -> None:
    data = bank_data(section("one", "A", domain("first", multiple("security", none="none"))))
    boxes = parse("sections/one/domains/first/questions/security/options")

    found = uses_of(data, (*boxes, "none"))

    assert [written(each) for each in found] == [written((*boxes[:-1], "none"))]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"weigh_by": 1, "weight": {"a": 1}, "weigh_default": "a"},
        {"in": ["a"], "none": "b", "question": [1, None], "owner": {"x": 1}, "source": "s"},
        {"sections": [{"in": ["a"], "question": 4}], "roles": ["x"]},
    ],
)
def test_what_has_no_shape_names_nothing(data: Any) -> None:
    assert list(references(data)) == []
    assert uses_of(data, ("roles", "#0")) == ()


def test_every_key_that_the_rules_look_up_is_a_reference() -> None:
    """Whatever is renamed makes the check complain about a place that was told before."""
    data = weighed() | {"editions": [edition("planning", "goals")]}
    told = {written(each.place) for each in references(data)}

    assert {"weigh_by", "weigh_default", "size_by", "editions/express/questions"} <= told
