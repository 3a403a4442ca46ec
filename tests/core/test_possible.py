"""Conditions that can never hold are found, and no others."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.bank import Bank, Condition, Question
from survey.core.conditions import holds, visible
from survey.core.possible import MOST_TESTS, asked_of, can_hold
from tests.builders import (
    Data,
    a_profile,
    answers,
    bank_data,
    choice,
    domain,
    ladder,
    level,
    multiple,
    number,
    ratio,
    section,
    yes_no,
)


def picked(key: str, *options: str) -> Data:
    return {"question": key, "in": list(options)}


def reached(key: str, value: object) -> Data:
    return {"question": key, "at_least": value}


def every(*parts: Data) -> Data:
    return {"all": list(parts)}


def some(*parts: Data) -> Data:
    return {"any": list(parts)}


def no(part: Data) -> Data:
    return {"not": part}


DISCRETE, PROCESS, MIXED = (picked("type", kind) for kind in ("discrete", "process", "mixed"))
NO_TYPE = no(picked("type", "discrete", "process", "mixed"))


def a_bank_of(*questions: Data) -> Bank:
    """Without the rules between the parts: these are what is tested here."""
    facts = a_profile(choice("type", "discrete", "process", "mixed"))
    data = bank_data(section("s", "A", domain("d", *questions)), profile=facts, size_by=None)
    return Bank.model_validate(data)


BANK = a_bank_of(
    number("machines", decimals=0),
    number("change", minimum=-10, decimals=1),
    ratio("share"),
    ratio("growth", may_exceed=True),
    multiple("boxes"),
    multiple("open-boxes", none=None),
    ladder("plan"),
    ladder("late", when=PROCESS),
    ladder("later", when=reached("late", 3)),
    ladder("either", when=some(PROCESS, MIXED)),
    ladder("untyped", when=NO_TYPE),
    yes_no("veto"),
)

CASES: list[tuple[str, Data, bool]] = [
    ("one option", DISCRETE, True),
    ("two options of one choice at once", every(DISCRETE, PROCESS), False),
    (
        "two sets of options with one in common",
        every(picked("type", "discrete", "mixed"), picked("type", "process", "mixed")),
        True,
    ),
    ("the same said and denied", every(DISCRETE, no(DISCRETE)), False),
    ("denied twice is said", every(no(no(DISCRETE)), PROCESS), False),
    ("every option denied: by not answering", NO_TYPE, True),
    ("every option denied, and one said", every(NO_TYPE, MIXED), False),
    ("one possible way among impossible ones", some(every(DISCRETE, PROCESS), MIXED), True),
    ("no way of several", some(every(DISCRETE, PROCESS), every(MIXED, no(MIXED))), False),
    ("none of two, and the third", every(no(some(DISCRETE, PROCESS)), MIXED), True),
    ("none of two, and one of them", every(no(some(DISCRETE, PROCESS)), PROCESS), False),
    ("not both", no(every(DISCRETE, PROCESS)), True),
    ("not both of one and the same, and that one", every(no(every(MIXED, MIXED)), MIXED), False),
    # ----------------------------------------------------------------- numbers
    ("the highest number", reached("machines", 100), True),
    ("more than the highest number", reached("machines", "100.5"), False),
    (
        "at least and below the same",
        every(reached("machines", 5), no(reached("machines", 5))),
        False,
    ),
    ("a whole number between", every(reached("machines", 2), no(reached("machines", 3))), True),
    (
        "no whole number between",
        every(reached("machines", "2.5"), no(reached("machines", 3))),
        False,
    ),
    (
        "no such step below zero",
        every(reached("change", "-2.55"), no(reached("change", "-2.5"))),
        False,
    ),
    ("a step below zero", every(reached("change", "-2.55"), no(reached("change", "-2.4"))), True),
    ("below the lowest number", every(reached("change", -10), no(reached("change", -10))), False),
    ("only denied: by not answering", no(reached("change", -10)), True),
    ("a ratio of 100", reached("share", 100), True),
    ("a ratio above 100 that is not permitted", reached("share", "100.1"), False),
    ("a ratio above 100 that is permitted", reached("growth", 250), True),
    ("a ratio between", every(reached("share", 20), no(reached("share", "20.0001"))), True),
    # ----------------------------------------------------------------- ladders
    ("the best step", reached("plan", 5), True),
    ("more than the best step", reached("plan", "5.5"), False),
    (
        "a step by name and by its points",
        every(picked("plan", "level-2"), reached("plan", 2)),
        True,
    ),
    ("a step by name, too low", every(picked("plan", "level-1"), reached("plan", 2)), False),
    ("a step between", every(reached("plan", 1), no(reached("plan", 2))), True),
    # ------------------------------------------------------------------- boxes
    ("two boxes", every(picked("boxes", "a"), picked("boxes", "b")), True),
    ("the box that excludes all others", picked("boxes", "none"), True),
    ("that box and another", every(picked("boxes", "none"), picked("boxes", "a")), False),
    ("that box but no other", every(picked("boxes", "none"), no(picked("boxes", "a"))), True),
    ("another but not that box", every(picked("boxes", "a"), no(picked("boxes", "none"))), True),
    (
        "one of two boxes, the other denied",
        every(picked("boxes", "a", "b"), no(picked("boxes", "a"))),
        True,
    ),
    (
        "one of two boxes, both denied",
        every(picked("boxes", "a", "b"), no(picked("boxes", "a")), no(picked("boxes", "b"))),
        False,
    ),
    (
        "boxes of which none excludes the others",
        every(picked("open-boxes", "none"), picked("open-boxes", "a")),
        True,
    ),
    # ------------------------------------------------ questions with conditions
    ("a question that may be hidden", reached("late", 1), True),
    ("a question where it is hidden", every(DISCRETE, reached("late", 1)), False),
    ("what hangs on it", every(DISCRETE, reached("later", 0)), False),
    (
        "what hangs on it, and that too low",
        every(picked("late", "level-1"), reached("later", 0)),
        False,
    ),
    (
        "what hangs on it, and that high enough",
        every(reached("late", 3), reached("later", 5)),
        True,
    ),
    ("not a question where it is hidden", every(DISCRETE, no(reached("late", 1))), True),
    ("the other way to be asked", every(MIXED, reached("either", 1)), True),
    ("no way to be asked", every(DISCRETE, reached("either", 1)), False),
    ("asked where another is not answered", reached("untyped", 1), True),
    ("asked where another is answered", every(reached("untyped", 1), MIXED), False),
    ("two questions of different ways", every(reached("untyped", 1), reached("late", 1)), False),
    ("a kind that no condition can look at", picked("veto", "registered"), False),
]


@pytest.mark.parametrize(
    ("condition", "possible"),
    [pytest.param(condition, possible, id=name) for name, condition, possible in CASES],
)
def test_a_condition_is_possible_or_not(condition: Data, *, possible: bool) -> None:
    assert can_hold(Condition.model_validate(condition), BANK.questions) is possible


@pytest.mark.parametrize(("more", "possible"), [(0, False), (1, True)])
def test_more_tests_than_can_be_tried_are_not_judged(more: int, *, possible: bool) -> None:
    parts = [DISCRETE, *[PROCESS] * (MOST_TESTS - 1 + more)]

    assert can_hold(Condition.model_validate(every(*parts)), BANK.questions) is possible


@pytest.mark.parametrize(("more", "possible"), [(0, False), (1, True)])
def test_the_tests_of_the_questions_it_rests_upon_count_as_well(
    more: int, *, possible: bool
) -> None:
    """Each question's own condition once: those of ``later`` are its own, and that of ``late``."""
    parts = [*[reached("later", 0)] * (MOST_TESTS - 3 + more), DISCRETE]

    assert can_hold(Condition.model_validate(every(*parts)), BANK.questions) is possible


# ----------------------------------------------------------- against trying everything

SMALL = a_bank_of(
    multiple("boxes", options=multiple()["options"][2:]),
    number("machines", minimum=0, maximum=2),
    ladder("late", options=ladder()["options"][:3], when=some(PROCESS, reached("machines", 1))),
)
GIVEN: Mapping[str, Sequence[Data | None]] = {
    "type": [None, *({"option": kind} for kind in ("discrete", "process", "mixed"))],
    "boxes": [None, *({"options": ticked} for ticked in (["c"], ["d"], ["c", "d"], ["none"]))],
    "machines": [None, *({"number": str(n)} for n in range(3))],
    "late": [None, *(level(n) for n in range(3))],
}
EVERYTHING = [
    answers(SMALL, {k: a for k, a in zip(GIVEN, given, strict=True) if a is not None})
    for given in product(*GIVEN.values())
]


def subsets(*options: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(options), min_size=1, unique=True).map(tuple)


TESTS: st.SearchStrategy[Data] = st.one_of(
    subsets("discrete", "process", "mixed").map(lambda keys: picked("type", *keys)),
    subsets("c", "d", "none").map(lambda keys: picked("boxes", *keys)),
    st.sampled_from(["0", "0.5", "1", "2", "2.5"]).map(lambda least: reached("machines", least)),
    st.sampled_from(["0", "1", "1.5", "2", "3"]).map(lambda least: reached("late", least)),
    subsets("level-0", "level-1", "level-2").map(lambda keys: picked("late", *keys)),
)
CONDITIONS: st.SearchStrategy[Any] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: every(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: some(*parts)),
        inner.map(no),
    ),
    max_leaves=6,
)
SHOWN = [visible(SMALL, given_answers) for given_answers in EVERYTHING]


@given(CONDITIONS)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_what_is_possible_is_what_some_set_of_answers_fulfils(plain: Data) -> None:
    condition = Condition.model_validate(plain)
    questions: Mapping[str, Question] = SMALL.questions

    fulfilled = any(
        holds(condition, SMALL, given_answers, shown)
        for given_answers, shown in zip(EVERYTHING, SHOWN, strict=True)
    )

    assert can_hold(condition, questions) is fulfilled


# ------------------------------------------------------- which kinds of firm are asked

KINDS = {"discrete", "process", "mixed"}
LATE = reached("late", 3)  # a question that is asked of a process firm only


@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        (None, KINDS),
        (PROCESS, {"process"}),
        (no(PROCESS), {"discrete", "mixed"}),
        (picked("type", "process", "mixed"), {"process", "mixed"}),
        (some(PROCESS, MIXED), {"process", "mixed"}),
        (every(some(PROCESS, MIXED), no(MIXED)), {"process"}),
        (no(every(PROCESS, no(MIXED))), {"discrete", "mixed"}),
        (no(no(DISCRETE)), {"discrete"}),
        (every(DISCRETE, PROCESS), set()),
        # what another answer decides may turn out either way
        (reached("machines", 5), KINDS),
        (no(reached("machines", 5)), KINDS),
        (every(PROCESS, reached("machines", 5)), {"process"}),
        (some(PROCESS, reached("machines", 5)), KINDS),
        (no(every(PROCESS, reached("machines", 5))), KINDS),
        (no(some(PROCESS, reached("machines", 5))), {"discrete", "mixed"}),
        # but it cannot be given where its own question is hidden
        (LATE, {"process"}),
        (some(LATE, MIXED), {"process", "mixed"}),
        (no(LATE), KINDS),
    ],
)
def test_a_question_is_asked_of_the_kinds_of_firm_that_its_condition_leaves(
    when: Data | None, kinds: set[str]
) -> None:
    data = bank_data(
        section(
            "s", "A", domain("d", number("machines"), ladder("late", when=PROCESS), yes_no("v"))
        ),
        section("t", "B", domain("e", ladder("asked", when=when))),
        profile=a_profile(choice("type", "discrete", "process", "mixed")),
        weigh_by="type",
        weigh_default="mixed",
        size_by=None,
    )

    asked = asked_of(Bank.model_validate(data))

    assert asked["asked"] == kinds
    assert asked["late"] == {"process"}
    assert asked["machines"] == KINDS


def test_where_all_firms_weigh_alike_there_is_one_kind_of_firm() -> None:
    asked = asked_of(a_bank_of(ladder("p", when=PROCESS), ladder("q")))

    assert asked["p"] == {""}
    assert asked["type"] == {""}
