"""What a firm should do next, and in which order."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core.advice import Firm, Plan, next_step, plan
from survey.core.bank import Bank
from survey.core.scoring import score
from tests.builders import (
    Data,
    a_bank,
    a_profile,
    advice,
    all_at,
    answers,
    choice,
    domain,
    ladder,
    level,
    levels,
    multiple,
    section,
)

ANYBODY = Firm(None, None, None)


def planned(bank: Bank, given: dict[str, Any]) -> Plan:
    read = answers(bank, given)
    return plan(bank, read, score(bank, read))


def order(found: Plan) -> list[str]:
    return [step.question for step in found.short]


def a_theme(key: str, theme: str, count: int, *, effort: str = "M", **parts: Any) -> Data:
    """A section of this theme with `count` ladders: smart-0, smart-1, …."""
    questions = [ladder(f"{key}-{n}", advice=advice(effort=effort)) for n in range(count)]
    return section(key, key[0].upper(), domain(f"d-{key}", *questions), theme=theme, **parts)


# -------------------------------------------------------------------------- order


def test_what_brings_more_points_comes_first() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d",
                ladder("light", weight="20"),
                ladder("heavy", weight="50"),
                ladder("mid", weight="30"),
            ),
        )
    )

    found = planned(bank, all_at(2, ["light", "heavy", "mid"]))

    assert order(found) == ["heavy", "mid", "light"]
    assert [step.gain for step in found.short] == [
        Decimal(10),
        Decimal(6),
        Decimal(4),
    ]


def test_effort_divides_the_points_by_one_two_or_four() -> None:
    questions = [ladder(f"q-{effort.lower()}", advice=advice(effort=effort)) for effort in "LMS"]
    bank = a_bank(section("s", "A", domain("d", *questions)))

    found = planned(bank, all_at(1, ["q-l", "q-m", "q-s"]))

    assert order(found) == ["q-s", "q-m", "q-l"]
    assert [step.priority for step in found.short] == [
        Decimal("6.666667"),
        Decimal("3.333334"),
        Decimal("1.666667"),
    ]


def test_equal_priorities_keep_the_reading_order() -> None:
    keys = [f"q{n}" for n in range(9)]
    bank = a_bank(section("s", "A", domain("d", *(ladder(key) for key in keys))))

    assert order(planned(bank, all_at(3, keys))) == keys


def test_a_core_question_that_blocks_the_next_level_comes_first() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("big", weight="95"), ladder("core", weight="5"))),
        levels=levels(core=["core"]),
    )

    found = planned(bank, {"big": level(4), "core": level(2)})

    assert order(found) == ["core", "big"]
    assert [step.unblocks for step in found.short] == [True, False]
    assert "next level" in found.short[0].because.en
    assert "下一级" in found.short[0].because.zh


def test_in_a_domain_that_blocks_the_next_level_its_weak_questions_come_first() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("strong", ladder("a"), weight="80"),
            domain("weak", ladder("good"), ladder("bad"), weight="10"),
            domain("fair", ladder("c"), weight="10"),
        ),
        levels=levels(breadth=60, breadth_below=75),
    )

    found = planned(
        bank, {"a": level(4, half=True), "good": level(3), "bad": level(1), "c": level(2)}
    )

    assert order(found) == ["c", "bad", "a", "good"]
    assert [step.unblocks for step in found.short] == [True, True, False, False]


def test_a_domain_below_the_level_before_blocks_by_what_is_below_that_level() -> None:
    """Level 4 is next: two of three domains reach it, but the third is below 3."""
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d0", ladder("q0"), weight="47.5"),
            domain("d1", ladder("q1"), weight="47.5"),
            domain("d2", ladder("fair"), ladder("weak"), weight="5"),
        ),
        levels=levels(breadth=60, breadth_below=75),
    )

    found = planned(bank, {"q0": level(4), "q1": level(4), "fair": level(3), "weak": level(1)})

    assert [step.question for step in found.short if step.unblocks] == ["weak"]
    assert order(found)[0] == "weak"


# ---------------------------------------------------------------------- what is left out


def test_what_is_unknown_open_hidden_or_perfect_gets_no_advice() -> None:
    when = {"question": "size-class", "in": ["large"]}
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d",
                ladder("low", weight="80"),
                ladder("top", weight="4"),
                ladder("unknown", weight="4"),
                ladder("open", weight="4"),
                ladder("excluded", weight="4", not_applicable="with-reason"),
                ladder("hidden", weight="4", when=when),
            ),
        )
    )
    given: dict[str, Any] = {
        "low": level(2),
        "top": level(5),
        "unknown": {"unknown": True},
        "excluded": {"not_applicable": "没有"},
        "hidden": level(0),
    }

    assert order(planned(bank, given)) == ["low"]


def test_without_answers_there_is_no_plan() -> None:
    assert planned(a_bank(), {}) == Plan((), ())


@pytest.mark.parametrize(
    ("at", "half", "to", "gain"),
    [(0, False, 1, 20), (2, False, 3, 20), (2, True, 3, 10), (4, True, 5, 10)],
)
def test_a_step_leads_to_the_next_level_and_no_further(
    *, at: int, half: bool, to: int, gain: int
) -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("q"))))

    [step] = planned(bank, {"q": level(at, half=half)}).short

    assert step.to == to
    assert step.gain == gain


def test_advice_may_skip_a_step() -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("q", advice=[advice()[2], advice()[4]]))))
    question = bank.questions["q"]

    reached = [next_step(question, at, ANYBODY) for at in range(6)]

    assert [step.to if step else None for step in reached] == [3, 3, 3, 5, 5, None]


def test_a_step_that_adds_no_points_at_present_says_so() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain(
                "d", ladder("p", weight="100"), ladder("q", weight="0"), ladder("c", weight="0")
            ),
        ),
        levels=levels(core=["c"]),
    )

    found = planned(bank, {"p": level(3), "q": level(1), "c": level(0)})

    said = {step.question: step.because.en for step in found.short}
    assert said["p"].endswith("it adds about 20.0 points.")
    assert said["q"] == "It does not count towards the total at present, but is worth doing."
    assert said["c"] == "It keeps the next level out of reach."


# -------------------------------------------------------------------------- how many


@pytest.mark.parametrize(
    ("size", "most"),
    [("micro", 7), ("small", 7), ("medium", 12), ("large", 12), (None, 12)],
)
def test_small_firms_get_seven_steps_and_others_twelve(size: str | None, most: int) -> None:
    keys = [f"q{n:02}" for n in range(20)]
    bank = a_bank(section("s", "A", domain("d", *(ladder(key) for key in keys))))
    given: dict[str, Any] = all_at(1, keys)
    if size:
        given["size-class"] = {"option": size}

    found = planned(bank, given)

    assert order(found) == keys[:most]
    assert [step.question for step in found.rest] == keys[most:]


def test_a_size_that_does_not_apply_is_not_looked_at() -> None:
    keys = [f"q{n:02}" for n in range(20)]
    when = {"question": "production-type", "in": ["process"]}
    bank = a_bank(
        section("s", "A", domain("d", *(ladder(key) for key in keys))),
        profile=a_profile(
            choice("production-type", "discrete", "process"),
            choice("size-class", "large", "small", when=when),
        ),
    )

    assert len(planned(bank, all_at(1, keys) | {"size-class": {"option": "small"}}).short) == 12


def test_a_bank_that_does_not_ask_for_the_size_gives_twelve() -> None:
    keys = [f"q{n:02}" for n in range(20)]
    bank = a_bank(section("s", "A", domain("d", *(ladder(key) for key in keys))), size_by=None)

    assert len(planned(bank, all_at(1, keys)).short) == 12


# ---------------------------------------------------------------------------- themes


def test_smart_green_and_service_are_each_in_the_short_list() -> None:
    bank = a_bank(
        a_theme("digital", "digital", 12, weight=40, effort="S"),
        a_theme("smart", "smart", 2, weight=20, effort="L"),
        a_theme("green", "green", 2, weight=20, effort="L"),
        a_theme("verve", "service", 2, weight=20, effort="L"),
    )
    given = all_at(
        1, [key for key in bank.questions if key not in {"production-type", "size-class"}]
    )
    given["green-0"] = level(0, half=True)  # half a step to go: green-1 brings more

    found = planned(bank, given | {"size-class": {"option": "small"}})

    assert len(found.short) == 7
    assert {"smart-0", "green-1", "verve-0"} <= set(order(found))
    assert [key for key in order(found) if key.startswith("digital")] == [
        f"digital-{n}" for n in range(4)
    ]
    assert order(found) == [
        step.question for step in sorted(found.short, key=lambda step: -step.priority)
    ]
    assert set(order(found)).isdisjoint(step.question for step in found.rest)


def test_a_theme_that_has_nothing_to_offer_takes_no_place() -> None:
    bank = a_bank(
        a_theme("digital", "digital", 12, weight=60),
        a_theme("green", "green", 1, weight=40),
    )
    given = all_at(1, [f"digital-{n}" for n in range(12)]) | {"green-0": level(5)}

    assert all(key.startswith("digital") for key in order(planned(bank, given)))


def test_every_step_names_its_section_theme_and_phase() -> None:
    horizons = dict(zip(("a", "b", "c"), (30, 90, 365), strict=True))
    questions = [ladder(key, advice=advice(horizon=days)) for key, days in horizons.items()]
    bank = a_bank(section("s", "A", domain("d", *questions), theme="green"))

    found = planned(bank, all_at(1, ["a", "b", "c"]))

    assert [(step.section, step.theme, step.phase) for step in found.short] == [
        ("s", "green", 1),
        ("s", "green", 2),
        ("s", "green", 3),
    ]
    assert [[step.question for step in found.phase(n)] for n in (1, 2, 3)] == [["a"], ["b"], ["c"]]


def test_the_same_answers_in_any_order_give_the_same_plan() -> None:
    bank = a_bank(
        a_theme("smart", "smart", 9, weight=50),
        a_theme("green", "green", 9, weight=50),
        levels=levels(breadth=60, breadth_below=75, core=["smart-3"]),
    )
    given: dict[str, Any] = {
        key: level(n % 5)
        for n, key in enumerate(bank.questions)
        if "-" in key and key[-1].isdigit()
    }

    assert planned(bank, given) == planned(bank, dict(reversed(given.items())))


def test_boxes_get_advice_by_the_level_they_reach() -> None:
    bank = a_bank(section("s", "A", domain("d", multiple("m"))))

    [step] = planned(bank, {"m": {"options": ["a", "b"]}}).short

    assert step.to == 3
    assert step.gain == 10
