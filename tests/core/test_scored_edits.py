"""Edits between two versions of a bank, as far as scores depend on them."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from survey.core.bank import Bank
from survey.core.document import read
from survey.core.scored_edits import Edit, EditKind, between
from tests.builders import (
    a_profile,
    bank_data,
    domain,
    edition,
    ladder,
    levels,
    requirements,
    section,
    staged_levels,
    text,
    two_years,
)

Data = dict[str, Any]


def two_sections() -> Data:
    return bank_data(
        section(
            "first",
            "A",
            domain("plans", ladder("planning"), ladder("review")),
            domain("stock", ladder("stores"), ladder("orders")),
            weight=60,
        ),
        section("second", "B", domain("energy", ladder("metering")), weight=40),
        outcomes=a_profile(two_years()),
    )


def after(change: Callable[[Data], object]) -> tuple[Edit, ...]:
    """What `between` finds after this change of a bank."""
    old = two_sections()
    new = deepcopy(old)
    change(new)
    return between(read(old), Bank.model_validate(new))


def first(data: Data, at: int = 0) -> Data:
    found: Data = data["sections"][0]["domains"][0]["questions"][at]
    return found


def the(kind: EditKind, *questions: str, part: str = "") -> tuple[Edit, ...]:
    return (Edit(kind, part, questions),)


EVERY = ("planning", "review", "stores", "orders", "metering")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: None,
        lambda data: first(data).update(prompt=text("新问法"), short=text("新"), help=text("说明")),
        lambda data: first(data)["options"][0].update(label=text("新说法")),
        lambda data: first(data)["advice"][0].update(effort="L"),
        lambda data: first(data).update(required=True, code="A1", source="新出处"),
        lambda data: data["levels"]["steps"][1].update(title=text("新名称")),
        lambda data: data.update(title=text("新题库"), minutes=9),
        lambda data: data.update(editions=[edition("planning")]),
    ],
    ids=["nothing", "wording", "option", "advice", "required", "level", "bank", "edition"],
)
def test_what_no_score_depends_on_is_no_edit(change: Callable[[Data], object]) -> None:
    assert after(change) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda d: d.update(scoring={"not_applicable": "zero"}), the(EditKind.SCORING)),
        (
            lambda d: d.update(weigh_by="production-type", weigh_default="mixed"),
            the(EditKind.SCORING),
        ),
        (lambda d: d["levels"]["steps"][1].update(threshold=25), the(EditKind.LEVELS)),
        (lambda d: d["levels"]["gates"].update(core=["planning"]), the(EditKind.GATES)),
        (lambda d: d["levels"].update(rated_from=40), the(EditKind.LIMITS)),
        (lambda d: d["levels"].update(not_applicable_cap=30), the(EditKind.LIMITS)),
        (lambda d: d["sections"].reverse(), the(EditKind.ORDER)),
        (
            lambda d: d["sections"][0].update(weight=50),
            the(EditKind.SECTION_WEIGHTS, *EVERY),
        ),
        (
            lambda d: d["sections"][0]["domains"][1].update(weight=2),
            the(EditKind.DOMAIN_WEIGHTS, *EVERY[:4], part="first"),
        ),
        (lambda d: first(d).update(weight=2), the(EditKind.WEIGHT, "planning")),
        (lambda d: first(d)["options"][1].update(points=2), the(EditKind.POINTS, "planning")),
        (lambda d: first(d)["options"][1].update(key="new"), the(EditKind.POINTS, "planning")),
        (lambda d: first(d).update(half_steps=False), the(EditKind.POINTS, "planning")),
        (
            lambda d: first(d, 1).update(when={"question": "planning", "at_least": 1}),
            the(EditKind.CONDITION, "review"),
        ),
        (
            lambda d: first(d, 1).update(optional_when={"question": "planning", "at_least": 1}),
            the(EditKind.CONDITION, "review"),
        ),
    ],
)
def test_one_change_is_one_edit(change: Callable[[Data], object], found: tuple[Edit, ...]) -> None:
    assert after(change) == found


def test_questions_come_and_go_one_by_one_or_with_their_domain() -> None:
    def change(data: Data) -> None:
        data["sections"][0]["domains"][0]["questions"][1] = ladder("audit")
        data["sections"][1]["domains"] = [domain("water", ladder("meters"), ladder("leaks"))]
        data["outcomes"] = None

    assert after(change) == (
        Edit(EditKind.REMOVED, "", ("review",)),
        Edit(EditKind.REMOVED, "energy", ("metering",)),
        Edit(EditKind.REMOVED, "outcomes", ("productivity",)),
        Edit(EditKind.ADDED, "", ("audit",)),
        Edit(EditKind.ADDED, "water", ("meters", "leaks")),
    )


def test_questions_that_move_together_are_one_edit() -> None:
    def change(data: Data) -> None:
        stock = data["sections"][0]["domains"].pop()
        data["sections"][1]["domains"].append(stock)

    assert after(change) == (Edit(EditKind.MOVED, "stock", ("stores", "orders")),)


def test_a_weight_of_what_came_is_no_edit_of_its_own() -> None:
    def change(data: Data) -> None:
        new = section("third", "C", domain("water", ladder("meters")), weight=20)
        data["sections"].append(new)

    assert after(change) == (Edit(EditKind.ADDED, "water", ("meters",)),)


def test_several_changes_of_one_question_are_several_edits() -> None:
    def change(data: Data) -> None:
        first(data, 1).update(weight=2, when={"question": "planning", "at_least": 1})
        first(data, 1)["options"][1].update(points=2)

    kinds = [edit.kind for edit in after(change)]
    assert kinds == [EditKind.CONDITION, EditKind.WEIGHT, EditKind.POINTS]


# ---------------------------------------------------------------------- staged


def staged(*questions: Data, **changes: Any) -> Bank:
    facts: Data = {"scoring": {"method": "staged"}, "levels": staged_levels()}
    return Bank.model_validate(
        bank_data(section("work", "A", domain("all", *questions)), **(facts | changes))
    )


def test_requirements_of_a_staged_bank_are_one_edit() -> None:
    old = staged(requirements("one"), requirements("two"))
    new = staged(requirements("one", met_at=50), requirements("two", met_at=50))

    assert between(old, new) == (Edit(EditKind.POINTS, "", ("one", "two")),)
    assert between(old, old) == ()


def test_another_way_to_count_levels_is_one_edit_with_everything_else() -> None:
    old = staged(requirements("one"))
    new = staged(requirements("one"), scoring={"method": "weighted"}, levels=levels())

    everything = ("production-type", "size-class", "one")
    assert between(old, new) == (Edit(EditKind.SCORING, "", everything),)
