"""A part is renamed together with everything that names it."""

import pytest

from survey.core.places import get, parse
from survey.core.renaming import renamed
from tests.builders import bank_data, domain, edition, ladder, section

WHEN = {"question": "size-class", "in": ["large"]}


def test_conditions_and_lists_follow_the_new_key() -> None:
    asked = ladder("second", when={"question": "planning", "at_least": 2})
    data = bank_data(
        section("everything", "A", domain("first", ladder("planning"), asked)),
        editions=[edition("planning", "second")],
    )
    place = parse("sections/everything/domains/first/questions/planning")

    after = renamed(data, place, "plans")

    questions = get(after, parse("sections/everything/domains/first/questions"))
    assert [question["key"] for question in questions] == ["plans", "second"]
    assert questions[1]["when"] == {"question": "plans", "at_least": 2}
    assert after["editions"][0]["questions"] == ["plans", "second"]


def test_the_document_before_is_untouched_and_other_keys_stay() -> None:
    data = bank_data(
        section("everything", "A", domain("first", ladder("planning", when=WHEN))),
        size_by="size-class",
    )

    after = renamed(data, parse("profile/questions/size-class"), "size")

    assert data["size_by"] == "size-class"
    assert after["size_by"] == "size"
    assert after["sections"][0]["domains"][0]["questions"][0]["when"]["question"] == "size"


def test_what_does_not_exist_cannot_be_renamed() -> None:
    with pytest.raises(KeyError):
        renamed(bank_data(), parse("glossary/none"), "some")


def test_weights_by_the_answer_follow_the_new_key_of_an_option() -> None:
    weights = {"discrete": 1, "process": 2, "mixed": 1}
    data = bank_data(
        section("everything", "A", domain("first", ladder("planning", weight=weights))),
        weigh_by="production-type",
        weigh_default="discrete",
    )

    after = renamed(data, parse("profile/questions/production-type/options/discrete"), "pieces")

    question = get(after, parse("sections/everything/domains/first/questions/planning"))
    assert question["weight"] == {"pieces": 1, "process": 2, "mixed": 1}
    assert after["weigh_default"] == "pieces"


def test_what_names_a_question_is_let_be_when_its_domain_is_renamed() -> None:
    asked = ladder("second", when={"question": "planning", "at_least": 2})
    first, second = domain("planning", ladder("planning")), domain("other", asked)
    data = bank_data(section("everything", "A", first, second))

    after = renamed(data, parse("sections/everything/domains/planning"), "plans")

    assert [each["key"] for each in after["sections"][0]["domains"]] == ["plans", "other"]
    assert get(after, parse("sections/everything/domains/other")) == second
