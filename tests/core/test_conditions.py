"""When a question applies: every form of a condition, over every kind of answer."""

from typing import Any

import pytest

from survey.core.bank import Condition
from survey.core.conditions import mentions, optional, visible
from tests.builders import (
    Data,
    a_bank,
    a_profile,
    answers,
    choice,
    domain,
    ladder,
    level,
    multiple,
    number,
    ratio,
    section,
)


def applies(when: Data, given: dict[str, Data]) -> bool:
    """Whether a question under this condition applies, after one of each kind to look at."""
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d",
                ladder("step", not_applicable="with-reason"),
                multiple("boxes"),
                number("staff", maximum=1000),
                ratio("share"),
                ladder("asked", when=when),
            ),
        ),
        profile=a_profile(choice("type", "discrete", "process")),
        size_by=None,
    )
    return "asked" in visible(bank, answers(bank, given))


DISCRETE = {"question": "type", "in": ["discrete"]}
TWENTY = {"question": "staff", "at_least": 20}
THIRD = {"question": "step", "at_least": 3}
TWO_THIRDS = {"question": "share", "at_least": "66.666667"}
ONE_THIRD = {"question": "share", "at_least": "33.333333"}


@pytest.mark.parametrize(
    ("when", "given", "expected"),
    [
        # one of these options
        (DISCRETE, {"type": {"option": "discrete"}}, True),
        (DISCRETE, {"type": {"option": "process"}}, False),
        (
            {"question": "type", "in": ["process", "discrete"]},
            {"type": {"option": "process"}},
            True,
        ),
        ({"question": "boxes", "in": ["a", "b"]}, {"boxes": {"options": ["b", "c"]}}, True),
        ({"question": "boxes", "in": ["a", "b"]}, {"boxes": {"options": ["c"]}}, False),
        ({"question": "step", "in": ["level-2"]}, {"step": level(2)}, True),
        ({"question": "step", "in": ["level-2"]}, {"step": level(3)}, False),
        # a number reaches a value: the bound counts
        (TWENTY, {"staff": {"number": "19"}}, False),
        (TWENTY, {"staff": {"number": "20"}}, True),
        (TWENTY, {"staff": {"number": "21"}}, True),
        # a ladder's points; half a step more is not the next step
        (THIRD, {"step": level(2)}, False),
        (THIRD, {"step": level(2, half=True)}, False),
        (THIRD, {"step": level(3)}, True),
        # zero is an answer, and the lowest step has no points
        ({"question": "step", "at_least": 0}, {"step": level(0)}, True),
        ({"question": "step", "at_least": 1}, {"step": level(0)}, False),
        # a ratio's per cent, compared at six places
        (ONE_THIRD, {"share": {"numerator": "1", "denominator": "2"}}, True),
        (ONE_THIRD, {"share": {"numerator": "1", "denominator": "3"}}, True),
        (ONE_THIRD, {"share": {"numerator": "33", "denominator": "100"}}, False),
        (TWO_THIRDS, {"share": {"numerator": "2", "denominator": "3"}}, True),
        # combinations
        ({"all": [DISCRETE, TWENTY]}, {"type": {"option": "discrete"}}, False),
        (
            {"all": [DISCRETE, TWENTY]},
            {"type": {"option": "discrete"}, "staff": {"number": "20"}},
            True,
        ),
        ({"any": [DISCRETE, TWENTY]}, {"type": {"option": "discrete"}}, True),
        ({"any": [DISCRETE, TWENTY]}, {"type": {"option": "process"}}, False),
        ({"all": [THIRD, THIRD]}, {"step": level(3)}, True),
        ({"any": [DISCRETE, THIRD]}, {"step": level(3)}, True),
        ({"not": DISCRETE}, {"type": {"option": "process"}}, True),
        ({"not": DISCRETE}, {"type": {"option": "discrete"}}, False),
        ({"not": {"any": [DISCRETE, TWENTY]}}, {"staff": {"number": "3"}}, True),
        # no usable answer: the condition does not hold, `not` turns this round
        (DISCRETE, {}, False),
        (DISCRETE, {"type": {"unknown": True}}, False),
        ({"not": DISCRETE}, {}, True),
        (TWENTY, {"staff": {"unknown": True}}, False),
        (THIRD, {"step": {"not_applicable": "没有"}}, False),
    ],
)
def test_a_question_applies_if_its_condition_holds(
    *, when: Data, given: dict[str, Data], expected: bool
) -> None:
    assert applies(when, given) is expected


def test_a_question_behind_a_hidden_one_is_hidden_though_an_answer_is_kept() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d",
                ladder("second", when={"question": "type", "in": ["process"]}),
                ladder("third", when={"question": "second", "at_least": 1}),
                ladder("not-third", when={"not": {"question": "second", "at_least": 1}}),
            ),
        ),
        profile=a_profile(choice("type", "discrete", "process")),
        size_by=None,
    )
    kept: dict[str, Any] = {"second": level(5), "third": level(5)}

    hidden = visible(bank, answers(bank, kept | {"type": {"option": "discrete"}}))
    shown = visible(bank, answers(bank, kept | {"type": {"option": "process"}}))

    assert hidden == {"type", "not-third"}
    assert shown == {"type", "second", "third"}


@pytest.mark.parametrize(("chosen", "expected"), [("none", False), ("some", False), ("all", True)])
def test_a_step_counts_by_its_points_whatever_its_key_is(chosen: str, *, expected: bool) -> None:
    """In the order of the alphabet the highest step comes first."""
    options = [
        {"key": key, "points": points, "label": {"zh": f"程度{points}", "en": f"Degree {points}"}}
        for points, key in enumerate(("none", "some", "all"))
    ]
    asked = ladder("asked", when={"question": "step", "at_least": 2})
    bank = a_bank(section("s", "A", domain("d", ladder("step", options=options), asked)))

    shown = visible(bank, answers(bank, {"step": {"option": chosen}}))

    assert ("asked" in shown) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (DISCRETE, {"type"}),
        ({"not": TWENTY}, {"staff"}),
        ({"all": [DISCRETE, {"any": [TWENTY, {"not": THIRD}]}]}, {"type", "staff", "step"}),
        ({"any": [{"all": [ONE_THIRD, DISCRETE]}, ONE_THIRD]}, {"share", "type"}),
    ],
)
def test_a_condition_tells_which_questions_it_looks_at(when: Data, expected: set[str]) -> None:
    assert mentions(Condition.model_validate(when)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": {"option": "discrete"}, "staff": {"number": "20"}}, {"relieved"}),
        ({"type": {"option": "discrete"}, "staff": {"number": "19"}}, set()),
        ({"type": {"option": "discrete"}, "first": level(3)}, {"relieved"}),
        ({"type": {"option": "process"}, "staff": {"number": "20"}}, set()),
        ({}, set()),
    ],
)
def test_a_question_may_be_left_open_if_it_is_shown_and_its_condition_holds(
    given: dict[str, Data], expected: set[str]
) -> None:
    steps = {"any": [TWENTY, {"question": "first", "at_least": 3}]}
    questions = (
        ladder("first"),
        ladder("relieved", when=DISCRETE, optional_when=steps),
        ladder("asked"),
    )
    bank = a_bank(
        section("s", "A", domain("d", number("staff", maximum=1000), *questions)),
        profile=a_profile(choice("type", "discrete", "process")),
        size_by=None,
    )
    known = answers(bank, given)

    assert optional(bank, known, visible(bank, known)) == expected


def test_without_conditions_everything_applies() -> None:
    bank = a_bank()

    assert visible(bank, {}) == set(bank.questions)
