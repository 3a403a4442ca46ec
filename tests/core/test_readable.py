"""A draft with faults as a bank to look at: what can be shown is shown, nothing is changed."""

from copy import deepcopy
from typing import Any

import pytest

from survey.core import document
from survey.core.readable import BLANK, readable
from survey.core.text import Text
from tests.builders import bank_data, domain, ladder, multiple, number, section, words


def a_draft(*questions: dict[str, Any]) -> dict[str, Any]:
    asked = questions or (ladder(), multiple(), number())
    return bank_data(section("everything", "A", domain("first", *asked)))


def questions_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data["sections"][0]["domains"][0]["questions"]
    return found


def keys(data: dict[str, Any]) -> list[str]:
    bank = readable(data).bank
    assert bank is not None
    return [question.key for question in bank.sections[0].questions]


def left_out(data: dict[str, Any]) -> list[str]:
    return [place[-1] for place in readable(data).left_out]


def test_a_sound_bank_is_read_as_it_is() -> None:
    data = a_draft()

    assert readable(data).bank == document.read(data)
    assert readable(data).left_out == ()


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ({"zh": "题"}, Text(zh="题", en="题")),
        ({"en": "Q"}, Text(zh="Q", en="Q")),
        ({"zh": " ", "en": "Q"}, Text(zh="Q", en="Q")),
        ({"zh": "", "en": ""}, Text(zh=BLANK, en=BLANK)),
        ({"zh": 3}, Text(zh=BLANK, en=BLANK)),
        ({}, Text(zh=BLANK, en=BLANK)),
        (None, Text(zh=BLANK, en=BLANK)),
    ],
)
def test_a_text_borrows_the_language_that_it_has(prompt: Any, shown: Text) -> None:
    data = a_draft(ladder(prompt=prompt))

    bank = readable(data).bank

    assert bank is not None
    assert bank.sections[0].questions[0].prompt == shown


def test_nothing_is_changed_in_the_document() -> None:
    data = a_draft(ladder(prompt={"zh": "题"}), multiple(kind="unheard-of"))
    before = deepcopy(data)

    readable(data)

    assert data == before


def test_a_question_that_cannot_be_read_is_left_out() -> None:
    data = a_draft(ladder(), multiple(kind="unheard-of"), number(minimum="low"), ladder("last"))

    assert keys(data) == ["planning", "last"]
    assert left_out(data) == ["security", "years"]


def test_a_field_that_is_not_known_is_no_reason_to_leave_a_question_out() -> None:
    assert keys(a_draft(ladder(colour="green"))) == ["planning"]


def test_a_domain_without_questions_is_left_out() -> None:
    data = bank_data(
        section("everything", "A", domain("first", ladder()), domain("second", {"key": "half"}))
    )

    bank = readable(data).bank

    assert bank is not None
    assert [each.key for each in bank.sections[0].domains] == ["first"]


def test_a_condition_that_cannot_work_is_left_out() -> None:
    ahead = {"question": "years", "at_least": 1}
    data = a_draft(ladder(when=ahead), number(optional_when={"question": "gone", "in": ["a"]}))

    bank = readable(data).bank

    assert bank is not None
    assert [question.when for question in bank.sections[0].questions] == [None, None]
    assert [question.optional_when for question in bank.sections[0].questions] == [None, None]


def test_a_pattern_that_cannot_work_is_left_out() -> None:
    bank = readable(a_draft(ladder(), words(pattern="("))).bank

    assert bank is not None
    assert bank.questions["product"].model_dump()["pattern"] is None


def test_of_two_questions_with_one_key_the_first_is_shown() -> None:
    data = a_draft(ladder(), number(), ladder())

    assert keys(data) == ["planning", "years"]
    assert len(left_out(data)) == 1


@pytest.mark.parametrize("data", [None, [], "bank", {}, {"key": "demo"}, {"profile": []}])
def test_without_a_frame_there_is_nothing_to_show(data: Any) -> None:
    assert readable(data).bank is None


def test_a_bank_whose_parts_come_apart_one_by_one_is_given_up_in_the_end() -> None:
    data = a_draft()
    data["levels"] = {"title": 3, "steps": [], "gates": {}}

    assert readable(data).bank is None
