"""What a firm should do next, and in which order."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core.advice import Firm, Plan, Rank, firm_of, next_step, plan
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
    requirements,
    section,
    staged_levels,
    yes_no,
)

ANYBODY = Firm(None, None, None)


def planned(bank: Bank, given: dict[str, Any], **targets: int) -> Plan:
    read = answers(bank, given)
    return plan(bank, read, score(bank, read), targets)


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


@pytest.mark.parametrize(
    ("breadth", "expected", "unblocking"),
    [
        # two of three domains are enough: one answer brings the second one up to level 3
        (60, ["bad", "a", "c", "good"], 1),
        # all three are needed: one answer in each of the two that are behind
        (100, ["c", "bad", "a", "good"], 2),
    ],
)
def test_the_fewest_questions_that_lift_the_domains_in_the_way_come_first(
    breadth: int, expected: list[str], unblocking: int
) -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("strong", ladder("a"), weight="80"),
            domain("weak", ladder("good"), ladder("bad"), weight="10"),
            domain("fair", ladder("c"), weight="10"),
        ),
        levels=levels(breadth=breadth, breadth_below=75),
    )

    found = planned(
        bank, {"a": level(4, half=True), "good": level(3), "bad": level(1), "c": level(2)}
    )

    assert order(found) == expected
    assert [step.unblocks for step in found.short] == [n < unblocking for n in range(4)]


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
    assert "it adds about 20.0 points for a" in said["p"]
    assert said["q"] == "It does not count towards the total at present, but is worth doing."
    assert said["c"] == "One of the blockers of the next level."


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


def test_boxes_gain_what_the_fewest_more_boxes_for_the_level_earn() -> None:
    """Two of four boxes are 50 points; level 3 asks for 60, and the next box earns 75."""
    bank = a_bank(section("s", "A", domain("d", multiple("m"))))

    [step] = planned(bank, {"m": {"options": ["a", "b"]}}).short

    assert step.to == 3
    assert step.gain == 25


# ------------------------------------------------------------------------- urgent


def remedy(**changes: Any) -> Data:
    """What to do about a statement that is not true."""
    [first, *_] = advice(horizon=30, effort="S")
    return {key: value for key, value in first.items() if key != "to"} | changes


def conditions(*remedies: Data | None) -> Data:
    """A block of statements ``s0``, ``s1``, …, some of them with a remedy."""
    statements = [
        {"key": f"s{n}", "label": {"zh": f"前提{n}", "en": f"Condition {n}"}}
        | ({} if each is None else {"remedy": each})
        for n, each in enumerate(remedies)
    ]
    return yes_no("law", statements=statements)


def stated(*states: str) -> Data:
    return {"statements": {f"s{n}": state for n, state in enumerate(states)}}


def with_conditions(*remedies: Data | None, **changes: Any) -> Bank:
    return a_bank(
        section("s", "A", domain("d", ladder("core"), ladder("q"), conditions(*remedies))),
        levels=levels(core=["core"]),
        **changes,
    )


def test_what_is_not_true_of_a_block_comes_before_everything_else() -> None:
    bank = with_conditions(remedy(), remedy(horizon=90), remedy(), remedy(), None)
    given = {"core": level(0), "q": level(3), "law": stated("yes", "no", "unknown", "no", "no")}

    found = planned(bank, given)

    assert [step.key for step in found.short] == ["law.s1", "law.s3", "core", "q"]
    first = found.short[0]
    assert (first.question, first.statement, first.to, first.phase) == ("law", "s1", None, 2)
    assert first.rank is Rank.URGENT
    assert first.gain == first.priority == 0
    assert not first.unblocks
    assert first.because.zh.startswith("这是合规前提，目前没有满足")
    assert first.because.en.startswith("A pre-condition that is not met")


@pytest.mark.parametrize(
    ("size", "statements"),
    [("small", ["s0", "s1"]), ("large", ["s0", "s2"]), (None, ["s0"])],
)
def test_only_remedies_that_fit_the_firm_are_given(size: str | None, statements: list[str]) -> None:
    bank = with_conditions(remedy(), remedy(sizes=["small", "micro"]), remedy(sizes=["large"]))
    given: dict[str, Any] = {"core": level(5), "q": level(5), "law": stated("no", "no", "no")}
    if size:
        given["size-class"] = {"option": size}

    assert [step.statement for step in planned(bank, given).short] == statements


def test_a_block_that_does_not_apply_or_is_open_asks_for_nothing() -> None:
    when = {"question": "size-class", "in": ["large"]}
    bank = a_bank(
        section("s", "A", domain("d", ladder("q"), conditions(remedy()) | {"when": when}))
    )
    given = {"q": level(5), "law": stated("no")}

    assert planned(bank, given | {"size-class": {"option": "small"}}).short == ()
    assert planned(bank, {"q": level(5), "size-class": {"option": "large"}}).short == ()
    assert [
        step.key for step in planned(bank, given | {"size-class": {"option": "large"}}).short
    ] == ["law.s0"]


@pytest.mark.parametrize(("at", "urgent"), [(0, True), (1, True), (2, False), (4, False)])
def test_below_the_floor_of_a_question_its_step_is_urgent(*, at: int, urgent: bool) -> None:
    safety = ladder("safety", weight="10", urgent_below=2)
    bank = a_bank(
        section("s", "A", domain("d", ladder("core", weight="90"), safety)),
        levels=levels(core=["core"]),
    )

    found = planned(bank, {"core": level(0), "safety": level(at)})

    [step] = [step for step in found.short if step.question == "safety"]
    assert (step.rank is Rank.URGENT) is urgent
    assert order(found)[0] == ("safety" if urgent else "core")
    assert step.because.en.startswith("A basic safeguard is missing") is urgent


def test_an_urgent_step_tells_what_it_adds_if_it_adds_anything() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("d", ladder("counts", weight="100", urgent_below=3),
                   ladder("idle", weight="0", urgent_below=3)),
        )
    )  # fmt: skip

    found = planned(bank, {"counts": level(1), "idle": level(1)})

    said = {step.question: step.because for step in found.short}
    assert (
        said["counts"].zh == "安全和合规的底线还没有守住，先于其他改进；完成后总分可提高约20.0分。"
    )
    assert said["counts"].en.endswith("Done, it adds about 20.0 points.")
    assert said["idle"].zh == "安全和合规的底线还没有守住，先于其他改进。"
    assert said["idle"].en.endswith("it comes before any other improvement.")


# --------------------------------------------------------------------- what fits the firm


def for_some(**limits: list[str]) -> Data:
    """A ladder whose first advice is for some firms, with one for all others behind it."""
    steps = advice()
    return ladder("q", advice=[*({**step, **limits} for step in steps[2:3]), *steps[3:]])


SECTORS = choice("industry", "food", "metal")


@pytest.mark.parametrize(
    ("limits", "told", "to"),
    [
        ({"sizes": ["micro"]}, {"size-class": "micro"}, 3),
        ({"sizes": ["micro"]}, {"size-class": "small"}, 4),
        ({"sizes": ["micro"]}, {}, 4),
        ({"types": ["process", "mixed"]}, {"production-type": "mixed"}, 3),
        ({"types": ["process", "mixed"]}, {"production-type": "discrete"}, 4),
        ({"types": ["process"]}, {}, 4),
        ({"sectors": ["food"]}, {"industry": "food"}, 3),
        ({"sectors": ["food"]}, {"industry": "metal"}, 4),
        ({"sectors": ["food"]}, {}, 4),
        ({"sizes": ["micro"], "sectors": ["food"]}, {"size-class": "micro", "industry": "food"}, 3),
        ({"sizes": ["micro"], "sectors": ["food"]}, {"size-class": "micro"}, 4),
    ],
)
def test_the_first_advice_that_fits_size_type_and_sector_is_given(
    limits: dict[str, list[str]], told: dict[str, str], to: int
) -> None:
    bank = a_bank(
        section("s", "A", domain("d", for_some(**limits))),
        profile=a_profile(
            choice("production-type", "discrete", "process", "mixed"),
            choice("size-class", "large", "small", "micro"),
            SECTORS,
        ),
        weigh_by="production-type",
        weigh_default="discrete",
        sector_by="industry",
    )
    given = {"q": level(2)} | {key: {"option": option} for key, option in told.items()}

    [step] = planned(bank, given).short

    assert step.to == to


def test_a_bank_that_asks_for_none_of_it_knows_nothing_about_the_firm() -> None:
    bank = a_bank(size_by=None)
    given = answers(bank, {"size-class": {"option": "small"}})

    assert firm_of(bank, given) == ANYBODY


# ------------------------------------------------------------------------- targets


def two_domains(**changes: Any) -> Bank:
    return a_bank(
        section("s", "A", domain("big", ladder("q"), weight="80"),
                domain("little", ladder("r"), weight="20")),
        **changes,
    )  # fmt: skip


def test_a_domain_that_has_reached_the_firms_own_target_goes_last_and_says_so() -> None:
    bank, given = two_domains(), {"q": level(3), "r": level(3)}

    free, aimed = planned(bank, given), planned(bank, given, big=3, little=4)

    assert order(free) == ["q", "r"]
    assert order(aimed) == ["r", "q"]
    last = aimed.short[-1]
    assert last.rank is Rank.REACHED
    assert last.because.zh == "这个领域已达到企业自己定的目标，可以往后放。"
    assert last.because.en == "This domain has reached the firm's own target, so it can wait."
    assert last.gain == free.short[0].gain


@pytest.mark.parametrize(("target", "first"), [(2, "r"), (3, "r"), (4, "q"), (5, "q")])
def test_a_target_is_reached_at_its_level_exactly(target: int, first: str) -> None:
    found = planned(two_domains(), {"q": level(3), "r": level(3)}, big=target)

    assert order(found)[0] == first


def test_what_blocks_or_is_urgent_does_not_wait_for_a_target() -> None:
    blocking = planned(
        two_domains(levels=levels(core=["q"])), {"q": level(0), "r": level(5)}, big=0
    )
    urgent = planned(
        a_bank(section("s", "A", domain("big", ladder("q", urgent_below=3)))),
        {"q": level(2)},
        big=2,
    )

    assert blocking.short[0].rank is Rank.CORE
    assert urgent.short[0].rank is Rank.URGENT


# ------------------------------------------------------------------- themes and urgency


def test_a_theme_takes_the_place_of_a_step_that_is_not_urgent() -> None:
    urgent = [ladder(f"u{n}", urgent_below=3, weight="1") for n in range(6)]
    bank = a_bank(
        section("s", "A", domain("d", *urgent, ladder("calm-0"), ladder("calm-1")), weight=90),
        a_theme("green", "green", 1, weight=10, effort="L"),
    )
    given = all_at(1, list(bank.questions)[2:]) | {"size-class": {"option": "small"}}
    given["green-0"] = level(4)

    found = planned(bank, given)

    assert order(found) == [*(f"u{n}" for n in range(6)), "green-0"]
    assert [step.question for step in found.rest] == ["calm-0", "calm-1"]


def test_if_all_else_is_urgent_the_last_urgent_step_gives_way_to_a_theme() -> None:
    urgent = [ladder(f"u{n}", urgent_below=3) for n in range(8)]
    bank = a_bank(
        section("s", "A", domain("d", *urgent), weight=90),
        a_theme("green", "green", 1, weight=5, effort="L"),
        a_theme("verve", "service", 1, weight=5, effort="L"),
    )
    given = all_at(1, list(bank.questions)[2:]) | {"size-class": {"option": "small"}}

    found = planned(bank, given)

    assert order(found) == [*(f"u{n}" for n in range(5)), "green-0", "verve-0"]


# ------------------------------------------------------------------------ staged banks


def test_in_a_staged_bank_a_step_gains_what_its_requirements_lack_of_the_level() -> None:
    """Of two levels the first is not met: a lacks half of its 30 %, b a quarter of its 70 %."""
    bank = a_bank(
        section(
            "s", "A", domain("d", requirements("a", weight="30"), requirements("b", weight="70"))
        ),
        scoring={"method": "staged", "met_at": 90},
        levels=staged_levels(90),
    )
    rows = {"list": "met", "plan": "unmet", "model": "unmet"}
    given = {"a": {"rows": rows}, "b": {"rows": rows | {"plan": "partly"}}}

    found = planned(bank, given)

    gains = {step.question: step.gain for step in [*found.short, *found.rest]}
    assert gains == {"a": Decimal("7.5"), "b": Decimal("8.75")}


def test_a_step_to_a_staged_level_that_is_met_already_gains_nothing() -> None:
    """Level 1 is met by both together; a alone is below it, and its next step leads there."""
    bank = a_bank(
        section(
            "s", "A", domain("d", requirements("a", weight="10"), requirements("b", weight="90"))
        ),
        scoring={"method": "staged"},
        levels=staged_levels(),
    )
    low = {"rows": {"list": "unmet", "plan": "unmet", "model": "unmet"}}
    all_met = {"rows": {"list": "met", "plan": "met", "model": "met"}}

    behind = planned(bank, {"a": low, "b": {"rows": all_met["rows"] | {"model": "unmet"}}})
    beyond = planned(bank, {"a": low, "b": all_met})

    [step] = [step for step in behind.short if step.question == "a"]
    assert step.to == 1
    assert step.gain == 0
    assert all(step.gain == 0 for step in beyond.short)  # every level is met


# ------------------------------------------------------------------------------ whole


def test_keys_tell_all_steps_apart_and_twice_is_identical() -> None:
    bank = with_conditions(*(remedy() for _ in range(5)))
    given: dict[str, Any] = {
        "core": level(1),
        "q": level(2),
        "law": stated("no", "no", "yes", "no", "no"),
    }

    one, other = planned(bank, given, d=4), planned(bank, dict(reversed(given.items())), d=4)

    keys = [step.key for step in [*one.short, *one.rest]]
    assert keys == ["law.s0", "law.s1", "law.s3", "law.s4", "core", "q"]
    assert one == other
    assert repr(one) == repr(other)
