"""What one answer earns, by the rule of its question."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from survey.core.answers import read
from survey.core.bank import Question, Ratio
from survey.core.earned import (
    band_score,
    is_met,
    is_scored,
    level_of,
    question_score,
    scale_score,
    staged_sum,
)
from survey.core.rounding import rounded
from tests.builders import (
    Data,
    a_bank,
    benchmark,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    words,
    yes_no,
)

NORM: Data = {"key": "norm", "title": {"zh": "标准", "en": "Standard"}, "edition": "2025"}


def a_question(data: Data) -> Question:
    bank = a_bank(section("s", "A", domain("d", data)), sources=[NORM])
    return bank.questions[data["key"]]


def earned(data: Data, plain: Data) -> Decimal:
    question = a_question(data)
    return question_score(question, read(question, plain))


def a_scale(base: object, lead: object) -> Data:
    return {"base": base, "lead": lead, "source": "norm"}


# ---------------------------------------------------------------------------- ladders


@pytest.mark.parametrize(("chosen", "expected"), [("none", 0), ("some", 50), ("all", 100)])
def test_a_step_earns_its_points_whatever_its_key_is(chosen: str, expected: int) -> None:
    """In the order of the alphabet the highest step comes first."""
    options = [
        {"key": key, "points": points, "label": {"zh": f"程度{points}", "en": f"Degree {points}"}}
        for points, key in enumerate(("none", "some", "all"))
    ]

    assert earned(ladder("q", options=options), {"option": chosen}) == expected


# ---------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("value", "base", "lead", "weight", "expected"),
    [
        ("3.506", "3.9", "2.2", 8, "1.8541"),
        ("45", "18", "55", 8, "5.8378"),
        ("72", "65", "92", 6, "1.5556"),
    ],
)
def test_the_published_figures_earn_the_published_points(
    value: str, base: str, lead: str, weight: int, expected: str
) -> None:
    """vectors.md, base value and leading value (P, GB/T 36132-2025 rule)."""
    score = scale_score(Decimal(value), base=Decimal(base), lead=Decimal(lead))

    assert round(score / 100 * weight, 4) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "forward", "inverse"),
    [("17.999999", 0, 100), ("18", 0, 100), ("36.5", 50, 50), ("55", 100, 0), ("60", 100, 0)],
)
def test_at_the_base_nothing_at_the_lead_everything_and_nothing_beyond(
    value: str, forward: int, inverse: int
) -> None:
    """vectors.md: at base 0, at lead w, beyond clamped."""
    low, high = Decimal(18), Decimal(55)

    assert scale_score(Decimal(value), base=low, lead=high) == forward
    assert scale_score(Decimal(value), base=high, lead=low) == inverse


@pytest.mark.parametrize(
    ("data", "plain", "expected"),
    [
        (number("q", bands=[], scale=a_scale(10, 20), better="higher"), {"number": "12"}, "20"),
        (number("q", bands=[], scale=a_scale(20, 10), better="lower"), {"number": "12"}, "80"),
        (
            ratio("q", bands=[], scale=a_scale(50, 90), better="higher"),
            {"numerator": "7", "denominator": "10"},
            "50",
        ),
        (benchmark("q", scale=a_scale("3.9", "2.2")), {"value": "2.2"}, "100"),
        (
            benchmark("q"),
            {"value": "500", "base": "900", "lead": "100", "source": "行业公报"},
            "50",
        ),
        (
            benchmark("q", better="higher"),
            {"value": "300", "base": "100", "lead": "900", "source": "行业公报"},
            "25",
        ),
    ],
)
def test_a_figure_is_measured_by_the_scale_of_the_bank_or_its_own(
    data: Data, plain: Data, expected: str
) -> None:
    assert earned(data, plain) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "score"),
    [("0", 0), ("0.0000004", 0), ("0.000001", 20), ("19.999999", 20), ("19.9999996", 60)],
)
def test_a_band_begins_at_its_bound_after_rounding(value: str, score: int) -> None:
    """The band after 0 excludes its bound; the band from 20 on includes it."""
    question = a_question(ratio("q"))

    assert isinstance(question, Ratio)
    assert band_score(question.bands, Decimal(value)) == score


# ------------------------------------------------------------------------------ boxes


def boxes(*points: str | None, credit: str, none: str | None = None) -> Data:
    """Boxes ``a`` to ``d`` and ``none`` with these points."""
    options = [
        option | {"points": each}
        for option, each in zip(multiple()["options"], (*points, none), strict=True)
    ]
    return multiple("q", options=options, full_at=None, credit=credit)


@pytest.mark.parametrize(
    ("ticked", "capped", "equal", "own"),
    [
        ("none", "0", "0", "0"),
        ("a", "33.333333", "25", "10"),
        ("d", "33.333333", "25", "50"),
        ("a b", "66.666667", "50", "25"),
        ("a b c", "100", "75", "50"),
        ("a b c d", "100", "100", "100"),
    ],
)
def test_ticked_boxes_earn_by_their_number_up_to_a_cap_alike_or_by_their_points(
    ticked: str, capped: str, equal: str, own: str
) -> None:
    plain: Data = {"options": ticked.split()}
    by_points = boxes("1", "1.5", "2.5", "5", credit="points")

    assert rounded(earned(multiple("q", full_at=3), plain)) == Decimal(capped)
    assert earned(boxes(*[None] * 4, credit="equal"), plain) == Decimal(equal)
    assert earned(by_points, plain) == Decimal(own)


def test_points_of_the_box_that_excludes_all_others_earn_nothing() -> None:
    data = boxes("1", "1", "1", "1", credit="points", none="4")

    assert earned(data, {"options": ["none"]}) == 0
    assert earned(data, {"options": ["a", "b", "c", "d"]}) == 100


@pytest.mark.parametrize(
    "rule",
    [{"full_at": 2}, {"full_at": None, "credit": "equal"}, {"full_at": None, "credit": "points"}],
)
def test_the_box_that_excludes_all_others_is_told_by_its_key_alone(rule: Data) -> None:
    """It stands between the others, by order and by alphabet."""
    options = [
        {"key": key, "points": "1", "label": {"zh": f"选项{key}", "en": f"Option {key}"}}
        for key in ("audits", "none", "training")
    ]
    data = multiple("q", options=options, **rule)

    assert earned(data, {"options": ["none"]}) == 0
    assert earned(data, {"options": ["audits"]}) == 50
    assert earned(data, {"options": ["training"]}) == 50


@pytest.mark.parametrize("count", [3, 6, 7])
def test_all_boxes_together_earn_everything_though_none_is_a_round_part(count: int) -> None:
    options = [
        {"key": f"box-{n}", "points": "1", "label": {"zh": f"第{n}项", "en": f"Box {n}"}}
        for n in range(count)
    ]
    every: Data = {"options": [option["key"] for option in options]}
    parts: Data = {"options": options, "none": None, "full_at": None}

    for credit in ("equal", "points"):
        assert earned(multiple("q", **parts, credit=credit), every) == 100
    assert earned(multiple("q", **parts | {"full_at": count}), every) == 100


# ----------------------------------------------------------------------- requirements


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (".79", ".79"),
        (".80 0", "1.00"),
        ("1 .9 .62", "2.62"),
        ("1 .9 .62 .2", "2.62"),
        ("1 1 .8 .55", "3.55"),
        ("1 1 1 .71", "3.71"),
        (".5 1 1", ".50"),
        ("1 1 1 1 1", "5"),
    ],
)
def test_levels_add_up_to_the_first_that_is_not_met(shares: str, total: str) -> None:
    """vectors.md, staged levels (R, CMMM method): met at 0.8 and above, nothing counts beyond."""
    each = [Decimal(share) for share in shares.split()]

    assert staged_sum(each, Decimal(80)) == Decimal(total)


@pytest.mark.parametrize(
    ("share", "met"), [("0.8", True), ("0.7999999996", True), ("0.799999994", False)]
)
def test_a_level_is_met_at_its_share_after_rounding(share: str, *, met: bool) -> None:
    assert is_met(Decimal(share), Decimal(80)) is met


def rows(*levels: int) -> list[Data]:
    return [
        {"key": f"row-{n}", "level": at, "label": {"zh": f"要求{n}", "en": f"Requirement {n}"}}
        for n, at in enumerate(levels)
    ]


FOUR_STATES = [
    {"key": f"state-{n}", "points": points, "label": {"zh": f"状态{n}", "en": f"State {n}"}}
    for n, points in enumerate(("0", "0.5", "0.8", "1"))
]


def graded(*states: int) -> Data:
    return {"rows": {f"row-{n}": f"state-{state}" for n, state in enumerate(states)}}


def test_requirements_earn_the_mean_of_their_states() -> None:
    """vectors.md: requirement scale 1 / .8 / .5 / 0, answers {1, .8, .5, 0}: mean .575."""
    data = requirements("q", rows=rows(1, 1, 1, 1), states=FOUR_STATES)

    assert earned(data, graded(3, 2, 1, 0)) == Decimal("57.5")


@pytest.mark.parametrize(
    ("states", "staged", "bands"),
    [
        ((0, 0, 0, 0), "0", "0"),
        ((3, 0, 3, 3), "16.666667", "0"),  # half of level 1, and nothing above counts
        ((3, 2, 0, 3), "33.333333", "33.333333"),  # level 1 at 0.9 is met
        ((3, 2, 1, 3), "50", "33.333333"),  # half of level 2
        ((2, 2, 2, 1), "83.333333", "66.666667"),  # exactly 0.8 is met
        ((2, 2, 2, 2), "100", "100"),
        ((3, 3, 3, 3), "100", "100"),
    ],
)
def test_requirements_in_levels_earn_by_stages_or_by_whole_bands(
    states: Sequence[int], staged: str, bands: str
) -> None:
    """Two requirements on level 1, one each on 2 and 3; band n needs band n-1."""
    parts: Data = {"rows": rows(1, 1, 2, 3), "states": FOUR_STATES}

    by_stages = earned(requirements("q", rule="staged", **parts), graded(*states))
    by_bands = earned(requirements("q", rule="bands", **parts), graded(*states))

    assert (rounded(by_stages), rounded(by_bands)) == (Decimal(staged), Decimal(bands))


def test_a_level_may_be_met_at_another_share() -> None:
    parts: Data = {"rows": rows(1, 1, 2, 3), "states": FOUR_STATES, "rule": "bands"}

    assert earned(requirements("q", met_at=50, **parts), graded(3, 0, 1, 1)) == 100
    assert earned(requirements("q", met_at="50.0001", **parts), graded(3, 0, 1, 1)) == 0


# ----------------------------------------------------------------- scored or not, levels


@pytest.mark.parametrize(
    ("data", "scored"),
    [
        (ladder(), True),
        (benchmark(), True),
        (requirements(), True),
        (multiple(), True),
        (multiple(full_at=None, credit="equal"), True),
        (multiple(full_at=None), False),
        (number(), True),
        (number(bands=[]), False),
        (number(bands=[], scale=a_scale(0, 1), better="higher"), True),
        (ratio(), True),
        (ratio(bands=[]), False),
        (matrix(), True),
        (yes_no(), False),
        (words(), False),
    ],
)
def test_what_has_a_rule_for_points_is_scored(data: Data, *, scored: bool) -> None:
    assert is_scored(a_question(data)) is scored


@pytest.mark.parametrize(
    ("score", "level"),
    [("0", 0), ("19.9999994", 0), ("19.9999996", 1), ("20", 1), ("59", 2), ("60", 3), ("100", 5)],
)
def test_each_full_20_points_are_a_level(score: str, level: int) -> None:
    """standard-bank 11.10 (4)."""
    found = level_of(Decimal(score))

    assert found == level
    assert isinstance(found, int)
