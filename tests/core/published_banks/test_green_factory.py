"""The green factory bank: the published cases of GB/T 36132-2025 and what holds around them."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey.core.answers import read
from survey.core.bank import Bank, Benchmark, Better, Method, Multiple, YesNo
from survey.core.errors import BadAnswer
from survey.core.result import BlockerKind, Result, Treatment
from survey.core.scoring import score
from survey.exchange import yaml_bank
from tests.builders import Data, answers, level

FILE = Path(__file__).parents[3] / "questionnaires" / "green-factory" / "1.yaml"
_, BANK = yaml_bank.read(FILE.read_bytes(), file=FILE.name)

VETO = "green-preconditions"
FUNCTIONS = "energy-carbon-functions"
DESIGN = "green-design"
FOOTPRINT = "product-carbon-footprint"
UNKNOWN = {"unknown": True}
PUBLISHED_POINTS = {
    "energy": {
        "energy-intensity": 8,
        "carbon-intensity": 8,
        "renewable-utilisation": 8,
        FUNCTIONS: 6,
    },
    "resources": {
        "green-materials": 8,
        "water-intake-intensity": 8,
        "water-reuse": 8,
        "solid-waste-utilisation": 6,
    },
    "clean-production": {
        "advanced-equipment": 6,
        "green-retrofit-investment": 4,
        "pollutant-intensity": 6,
    },
    "product": {DESIGN: 8, FOOTPRINT: 8},
    "land": {"land-output": 8},
}
LESS_IS_BETTER = {
    "energy-intensity",
    "carbon-intensity",
    "water-intake-intensity",
    "pollutant-intensity",
}


def measured(value: str, *, base: str, lead: str) -> Data:
    return {"value": value, "base": base, "lead": lead, "source": "本行业评价要求，测试用"}


def indicators(bank: Bank = BANK) -> list[Benchmark]:
    return [each for each in bank.questions.values() if isinstance(each, Benchmark)]


def between(question: Benchmark, value: str) -> Data:
    """The figure `value`, with 20 as the worse and 60 as the better end of the scale."""
    higher = question.better is Better.HIGHER
    return measured(value, base="20" if higher else "60", lead="60" if higher else "20")


def boxes(key: str, number: int) -> Data:
    """The first `number` boxes of a question."""
    question = BANK.questions[key]
    assert isinstance(question, Multiple)
    return {"options": [each.key for each in question.options][:number]}


def everything_at_lead() -> dict[str, Data]:
    at_lead = {
        each.key: between(each, "60" if each.better is Better.HIGHER else "20")
        for each in indicators()
    }
    return {
        **at_lead,
        FUNCTIONS: boxes(FUNCTIONS, 8),
        DESIGN: boxes(DESIGN, 6),
        FOOTPRINT: level(5),
    }


def scores(plain: Mapping[str, Any]) -> Result:
    return score(BANK, answers(BANK, plain))


def points(result: Result, key: str) -> Decimal:
    """What a question adds to the total, with the four decimals of the published cases."""
    contribution = result.items[key].contribution
    assert contribution is not None
    return contribution.quantize(Decimal("0.0001"))


# ------------------------------------------------------------------- the table


def test_the_points_are_those_of_the_published_table() -> None:
    """assessment-models.md 4.2: five primary and 14 secondary indicators, 100 points."""
    found = {
        section.key: {each.key: each.weight for each in section.questions if each.key != VETO}
        for section in BANK.sections
    }

    assert BANK.scoring.method is Method.POINTS
    assert found == PUBLISHED_POINTS
    assert [section.weight for section in BANK.sections] == [30, 30, 16, 16, 8]


def test_less_is_better_for_intensities_and_emissions_only() -> None:
    """assessment-models.md 4.2, column "Kind": inverse."""
    found = {each.key for each in indicators() if each.better is Better.LOWER}

    assert found == LESS_IS_BETTER


def test_the_bank_holds_no_base_or_leading_value_of_its_own() -> None:
    """standard-bank.md 13: industry values were not collected; the firm enters them."""
    assert all(each.scale is None for each in indicators())


# --------------------------------------------------------- the published cases


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("energy-intensity", measured("3.506", base="3.9", lead="2.2"), "1.8541"),
        ("water-reuse", measured("45", base="18", lead="55"), "5.8378"),
        ("solid-waste-utilisation", measured("72", base="65", lead="92"), "1.5556"),
    ],
)
def test_a_published_case_earns_its_points(key: str, given: Data, expected: str) -> None:
    """vectors.md, base value and leading value (P): the three cases with their weights."""
    result = scores({key: given})

    assert points(result, key) == Decimal(expected)
    assert result.total is not None
    assert result.total.quantize(Decimal("0.0001")) == Decimal(expected)


def test_the_published_cases_add_up() -> None:
    """vectors.md, base value and leading value (P): 1.8541 + 5.8378 + 1.5556, as points do."""
    result = scores(
        {
            "energy-intensity": measured("3.506", base="3.9", lead="2.2"),
            "water-reuse": measured("45", base="18", lead="55"),
            "solid-waste-utilisation": measured("72", base="65", lead="92"),
        }
    )

    assert result.total == Decimal("9.247511")
    assert result.completeness == 22


@pytest.mark.parametrize("question", indicators(), ids=lambda question: question.key)
def test_base_earns_nothing_lead_everything_and_beyond_is_clamped(question: Benchmark) -> None:
    """vectors.md, base value and leading value: at base 0, at lead w, beyond clamped."""
    earned = {
        value: points(scores({question.key: between(question, value)}), question.key)
        for value in ("10", "20", "40", "60", "70")
    }

    worst_first = sorted(earned, reverse=question.better is Better.LOWER)
    full = question.weight
    assert isinstance(full, Decimal)
    assert [earned[value] for value in worst_first] == [0, 0, full / 2, full, full]


@pytest.mark.parametrize("question", indicators(), ids=lambda question: question.key)
@pytest.mark.parametrize("same", [False, True], ids=["swapped", "equal"])
def test_base_and_lead_on_the_wrong_sides_are_refused(question: Benchmark, *, same: bool) -> None:
    """vectors.md, base value and leading value: a fault, never a silent 0."""
    given = between(question, "40")
    given |= {"base": given["lead"]} if same else {"base": given["lead"], "lead": given["base"]}

    with pytest.raises(BadAnswer) as caught:
        read(question, given)

    higher = question.better is Better.HIGHER
    assert caught.value.code == ("answer-lead-not-higher" if higher else "answer-lead-not-lower")


# ----------------------------------------------------------------- the whole


@pytest.mark.parametrize(
    ("ticked", "expected"), [(1, "0.75"), (4, "3"), (7, "5.25"), (8, "6"), (12, "6")]
)
def test_eight_of_the_twelve_functions_earn_the_full_points(ticked: int, expected: str) -> None:
    """assessment-models.md 4.2: energy-carbon platform functions, lead 8 of 12."""
    question = BANK.questions[FUNCTIONS]

    result = scores({FUNCTIONS: boxes(FUNCTIONS, ticked)})

    assert isinstance(question, Multiple)
    assert question.none is not None
    assert len(question.options) == 12 + 1
    assert points(result, FUNCTIONS) == Decimal(expected)


def test_everything_at_lead_and_eight_functions_give_a_hundred() -> None:
    """assessment-models.md 4.2: the points of all 14 indicators add up to 100."""
    result = scores(everything_at_lead())

    assert result.total == 100
    assert result.completeness == 100
    assert not result.provisional
    assert result.level == 3


def test_everything_at_base_and_no_box_give_nothing() -> None:
    """vectors.md, base value and leading value: at base 0; zero is an answer."""
    at_base = {each.key: between(each, "20" if each.better is Better.HIGHER else "60")
               for each in indicators()}  # fmt: skip
    none = {"options": ["none"]}

    result = scores({**at_base, FUNCTIONS: none, DESIGN: none, FOOTPRINT: level(0)})

    assert result.total == 0
    assert result.completeness == 100
    assert result.level == 0


@pytest.mark.parametrize("state", ["yes", "no", "unknown", "not-applicable"])
def test_the_basic_requirements_never_change_the_score(state: str) -> None:
    """assessment-models.md 4.3: certification readiness is kept apart from performance."""
    veto = BANK.questions[VETO]
    assert isinstance(veto, YesNo)
    given = everything_at_lead() | {"land-output": UNKNOWN}
    without = scores(given)

    result = scores({**given, VETO: {"statements": {each.key: state for each in veto.statements}}})

    assert len(veto.statements) == 8
    assert all(each.remedy for each in veto.statements)
    assert result.items[VETO].treatment is Treatment.UNSCORED
    assert (result.total, result.level) == (without.total, without.level)
    assert (result.completeness, result.blockers) == (without.completeness, without.blockers)


def test_the_basic_requirements_alone_give_no_score() -> None:
    """assessment-models.md 4.3: readiness is no performance."""
    veto = BANK.questions[VETO]
    assert isinstance(veto, YesNo)

    result = scores({VETO: {"statements": {each.key: "yes" for each in veto.statements}}})

    assert result.total is None
    assert result.completeness == 0


def test_an_unknown_indicator_earns_nothing_and_lowers_the_completeness_by_its_points() -> None:
    """Contract of this bank: points stay in the full score until base and lead are found."""
    result = scores(everything_at_lead() | {"energy-intensity": UNKNOWN})

    assert result.items["energy-intensity"].treatment is Treatment.UNKNOWN
    assert points(result, "energy-intensity") == 0
    assert result.total == 92
    assert result.completeness == 92
    assert not result.provisional


def test_more_than_twenty_points_unknown_make_the_total_provisional() -> None:
    """standard-bank.md 11.8: with a completeness below 80 % there is no level."""
    unknown = ("energy-intensity", "carbon-intensity", "water-reuse")

    result = scores(everything_at_lead() | dict.fromkeys(unknown, UNKNOWN))

    assert result.total == 76
    assert result.completeness == 76
    assert result.provisional
    assert result.level is None
    assert [each.kind for each in result.blockers] == [BlockerKind.COMPLETENESS]
    assert set(result.blockers[0].keys) == set(unknown)


def test_an_indicator_cannot_be_declared_not_applicable() -> None:
    """assessment-models.md 4.2 gives no rule for it, so the points may not be redistributed."""
    for question in BANK.questions.values():
        with pytest.raises(BadAnswer) as caught:
            read(question, {"not_applicable": "没有这项"})

        assert caught.value.code == "answer-never-not-applicable"
