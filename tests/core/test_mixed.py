"""Banks with some of the edits between two versions: always scorable, and exact at both ends."""

import random
from copy import deepcopy
from typing import Any

import pytest

from survey.core import scoring
from survey.core.answers import Answer, read
from survey.core.bank import Bank
from survey.core.errors import BadAnswer
from survey.core.mixed import merged, mixed
from survey.core.rerun import standing
from survey.core.scored_edits import Edit, EditKind, between
from tests.builders import (
    a_profile,
    bank_data,
    choice,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    section,
    two_years,
)

Data = dict[str, Any]

GIVEN: Data = {
    "production-type": {"option": "discrete"},
    "planning": level(3),
    "review": level(1),
    "stores": level(5),
    "orders": level(2),
    "security": {"options": ["a", "b"]},
    "systems": {"rows": {"erp": "linked", "mes": "alone"}},
    "gone": level(4),
}


def old_data() -> Data:
    return bank_data(
        section(
            "first",
            "A",
            domain("plans", ladder("planning", weight={"discrete": 1, "process": 2, "mixed": 3})),
            domain("stock", ladder("stores"), ladder("orders"), ladder("gone")),
            weight=60,
        ),
        section("second", "B", domain("people", multiple(), ladder("review")), weight=40),
        weigh_by="production-type",
        weigh_default="mixed",
        levels=levels(core=["planning", "gone"]),
    )


def new_data() -> Data:
    """Everything is otherwise: weights by another question, a page more, gates, places, order."""
    above = {"question": "stores", "at_least": 1}
    scenes = {
        "scenes": ["stores", "added"],
        "mandatory": ["added"],
        "steps": [{"level": 1, "scenes": 1, "mandatory": 1}],
    }
    return bank_data(
        section("third", "C", domain("systems", matrix()), weight=20),
        section(
            "first",
            "A",
            domain("stock", ladder("orders"), ladder("stores", weight=4), weight=3),
            domain(
                "plans",
                ladder("planning", weight={"large": 5, "micro": 1}),
                ladder("review", when=above),
                ladder("added", weight={"large": 2, "micro": 3}),
            ),
            weight={"large": 50, "micro": 30},
        ),
        section("second", "B", domain("people", multiple(full_at=2)), weight=30),
        profile=a_profile(
            choice("production-type", "discrete", "mixed"), choice("size-class", "large", "micro")
        ),
        outcomes=a_profile(two_years()),
        weigh_by="size-class",
        weigh_default="micro",
        levels=levels(core=["planning", "added"], scenes=scenes, breadth=50),
        scoring={"not_applicable": "zero"},
    )


def a_pair() -> tuple[Bank, Bank]:
    return Bank.model_validate(old_data()), Bank.model_validate(new_data())


def answers(bank: Bank) -> dict[str, Answer]:
    """What the bank can take of `GIVEN`."""
    found = {}
    for key, question in bank.questions.items():
        if key in GIVEN:
            try:
                found[key] = read(question, GIVEN[key])
            except BadAnswer:
                continue
    return found


def test_without_an_edit_it_is_the_old_version() -> None:
    old, new = a_pair()

    bank = mixed(old, new, frozenset())

    assert standing(scoring.score(bank, answers(old))) == standing(scoring.score(old, answers(old)))


@pytest.mark.parametrize("backwards", [False, True])
def test_with_all_edits_it_scores_as_the_new_version(*, backwards: bool) -> None:
    old, new = reversed(a_pair()) if backwards else a_pair()

    bank = mixed(old, new, frozenset(between(old, new)))

    assert standing(scoring.score(bank, answers(new))) == standing(scoring.score(new, answers(new)))
    assert list(bank.questions) == list(new.questions)


@pytest.mark.parametrize("seed", range(40))
def test_with_any_edits_it_can_be_scored(seed: int) -> None:
    chance = random.Random(seed)  # the same banks every time
    old, new = a_pair() if seed % 2 else reversed(a_pair())
    chosen = frozenset(edit for edit in between(old, new) if chance.random() < 0.5)

    bank = mixed(old, new, chosen)

    assert scoring.score(bank, answers(bank)).total is not None


def test_every_kind_of_edit_occurs_here() -> None:
    found = {edit.kind for edit in (*between(*a_pair()), *between(*reversed(a_pair())))}

    assert found >= set(EditKind) - {EditKind.LEVELS, EditKind.LIMITS}


def test_an_edit_brings_only_what_it_says() -> None:
    old_bank = old_data()
    changed = deepcopy(old_bank)
    question = changed["sections"][0]["domains"][1]["questions"][0]
    question.update(weight=7)
    question["options"][1]["points"] = 2
    changed["levels"]["not_applicable_cap"] = 30
    changed["levels"]["steps"][1]["threshold"] = 25
    old, new = Bank.model_validate(old_bank), Bank.model_validate(changed)

    bank = mixed(old, new, {Edit(EditKind.WEIGHT, "", ("stores",)), Edit(EditKind.LIMITS)})

    assert bank.questions["stores"].weight == 7
    assert bank.questions["stores"].options == old.questions["stores"].options  # type: ignore[union-attr]
    assert bank.levels.not_applicable_cap == 30
    assert bank.levels.steps == old.levels.steps


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("abc", "abc", "abc"),
        ("abc", "axbc", "axbc"),
        ("abc", "xabc", "xabc"),
        ("", "ab", "ab"),
        ("abc", "cxa", "abcx"),
        ("ab", "axyb", "axyb"),
    ],
)
def test_what_only_one_order_has_follows_what_it_follows_there(
    one: str, other: str, both: str
) -> None:
    assert "".join(merged(one, other)) == both
