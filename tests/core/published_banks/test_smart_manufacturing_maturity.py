"""The staged rule of GB/T 39117-2020, by itself and through the whole maturity bank.

The cases are those of the project's table "Staged levels" (R: computed from the published rule).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.core import document
from survey.core.answers import Grid, read_all
from survey.core.bank import Bank, Requirements, Section
from survey.core.conditions import visible
from survey.core.earned import stage_shares, staged_sum, stages
from survey.core.result import BlockerKind, Result, Treatment
from survey.core.rounding import rounded
from survey.core.scoring import score
from survey.exchange import yaml_file
from tests.builders import Data, a_bank, domain, levels, requirements, section

FILE = Path(__file__).parents[3] / "questionnaires" / "smart-manufacturing-maturity" / "1.yaml"
FULLY, MOSTLY, PARTLY, NOT = "fully-met", "mostly-met", "partly-met", "not-met"
MET_AT = Decimal(80)
TYPES = ("discrete", "process", "mixed")
ONLY_FOR_PRODUCTS = ("product-design", "product-service")

some = settings(
    max_examples=40,
    deadline=None,  # the machine may be busy
    derandomize=True,  # the same cases in every run
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def d(value: str) -> Decimal:
    return Decimal(value)


def read() -> Bank:
    return document.read(yaml_file.load(FILE.read_bytes(), file=FILE.name).data)


BANK = read()

States = tuple[str, ...]
"""The states of one level's requirements, over and over if there are more of them."""

LevelStates = States | Mapping[str, States]
"""One level: the same states everywhere, or by the key of a section or of a question.

The question's own key comes first; what is not named is not met.
"""


def questions(bank: Bank) -> Sequence[tuple[Section, Requirements]]:
    return [
        (section, question)
        for section in bank.sections
        for question in section.questions
        if isinstance(question, Requirements)
    ]


def states_of(given: LevelStates, element: str, question: str) -> States:
    if isinstance(given, tuple):
        return given
    return given.get(question, given.get(element, (NOT,)))


def filled_in(*by_level: LevelStates, kind: str = "discrete", bank: Bank = BANK) -> Data:
    """Plain answers of a firm to every question, from level 1 up; the levels above are not met."""
    plain: Data = {"production-type": {"option": kind}, "size-class": {"option": "medium"}}
    given = [*by_level, *[(NOT,)] * (5 - len(by_level))]
    for element, question in questions(bank):
        if kind == "process" and question.key in ONLY_FOR_PRODUCTS:
            continue
        rows: dict[str, str] = {}
        for at, of_level in zip(given, stages(question), strict=True):
            states = states_of(at, element.key, question.key)
            rows |= {row.key: state for row, state in zip(of_level, cycle(states), strict=False)}
        plain[question.key] = {"rows": rows}
    return plain


def scored(plain: Mapping[str, Any], bank: Bank = BANK) -> Result:
    return score(bank, read_all(bank, plain))


def sum_of_levels(result: Result) -> Decimal:
    """S on the scale of 5, as the published rule says it."""
    assert result.total is not None
    return result.total / 20


# ------------------------------------------------------------------ the reference table


@dataclass(frozen=True)
class Case:
    """Level scores with the states that give them, S and the level (0 is none)."""

    scores: str
    states: tuple[LevelStates, ...]
    total: str
    level: int

    @property
    def shares(self) -> tuple[Decimal, ...]:
        return tuple(d(each) for each in self.scores.split())


ALL = (FULLY,)
NINE_TENTHS = (FULLY, MOSTLY)
SIXTY_TWO: LevelStates = {
    "personnel": (MOSTLY,),
    "technology": (FULLY, MOSTLY),
    "resources": (MOSTLY,),
    "manufacturing": (PARTLY,),
}
"""10 × .8 + 15 × .9 + 10 × .8 + 65 × .5 = 62, by the weights of a discrete firm."""
SEVENTY_NINE: LevelStates = {
    "personnel": ALL,
    "technology": (MOSTLY,),
    "resources": (PARTLY,),
    "manufacturing": (MOSTLY,),
}
TWENTY: LevelStates = {"personnel": ALL, "resources": ALL}
FIFTY_FIVE: LevelStates = {
    "personnel": ALL,
    "technology": (PARTLY,),
    "resources": (PARTLY,),
    "manufacturing": (PARTLY,),
}
SEVENTY_ONE: LevelStates = {
    "personnel": ALL,  # 10
    "data": ALL,  # 15 × .40 = 6
    "equipment": (PARTLY,),  # 10 × .60 × .5 = 3
    "manufacturing": (MOSTLY,),  # 52
}

CASES = [
    Case(".79", (SEVENTY_NINE,), ".79", 0),
    Case(".80 0", ((MOSTLY,),), "1.00", 1),
    Case("1 .9 .62", (ALL, NINE_TENTHS, SIXTY_TWO), "2.62", 2),
    Case("1 .9 .62 .2", (ALL, NINE_TENTHS, SIXTY_TWO, TWENTY), "2.62", 2),
    Case("1 1 .8 .55", (ALL, ALL, (MOSTLY,), FIFTY_FIVE), "3.55", 3),
    Case("1 1 1 .71", (ALL, ALL, ALL, SEVENTY_ONE), "3.71", 3),
    Case(".5 1 1", ((PARTLY,), ALL, ALL), ".50", 0),
]
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.scores)


@cases
def test_levels_are_added_up_to_the_first_that_is_not_met(case: Case) -> None:
    """vectors.md, staged levels: S of the rule by itself."""
    assert staged_sum(case.shares, MET_AT) == d(case.total)


@cases
def test_the_whole_bank_gives_the_reference_levels(case: Case) -> None:
    """vectors.md, staged levels: the same level scores, reached with answers to all questions."""
    result = scored(filled_in(*case.states))

    assert [stage.score for stage in result.stages][: len(case.shares)] == list(case.shares)
    assert sum_of_levels(result) == d(case.total)
    assert (result.level or 0) == case.level


@cases
def test_contributions_and_what_met_levels_lack_make_up_the_total(case: Case) -> None:
    """GB/T 39117-2020, totalling: a met level counts 1 though its own score may be less."""
    result = scored(filled_in(*case.states))

    contributions = sum((item.contribution or d("0") for item in result.items.values()), d("0"))
    lacking = sum((1 - stage.score for stage in result.stages if stage.met), d("0")) * 20
    assert rounded(contributions + lacking) == result.total


# -------------------------------------------------------------- requirements and levels


def test_four_requirements_one_in_each_state_have_a_mean_of_575_thousandths() -> None:
    """vectors.md, requirement scale 1 / .8 / .5 / 0, with the states of the bank."""
    states = [
        {"key": state.key, "points": f"{state.points:f}", "label": state.label}
        for state in questions(BANK)[0][1].states
    ]
    rows = [
        {"key": f"r{at}", "level": 1, "label": {"zh": f"要求{at}", "en": f"Requirement {at}"}}
        for at in range(4)
    ]
    bank = a_bank(
        section("s", "A", domain("d", requirements("q", rows=rows, states=states))),
        levels=levels(),
    )
    question = bank.questions["q"]
    assert isinstance(question, Requirements)

    answer = Grid({"r0": FULLY, "r1": MOSTLY, "r2": PARTLY, "r3": NOT})

    assert stage_shares(question, answer) == (d(".575"),)


def test_there_are_twenty_subdomains_in_four_elements_with_requirements_of_every_level() -> None:
    """assessment-models.md 1.1 and 1.3: four elements of 2, 3, 2 and 13 subdomains, five levels."""
    assert [len(section.questions) for section in BANK.sections] == [2, 3, 2, 13]
    for _, question in questions(BANK):
        assert {row.level for row in question.rows} == {1, 2, 3, 4, 5}
        assert [state.points for state in question.states] == [0, 5, 8, 10]
        assert question.met_at == MET_AT


def test_the_bands_begin_at_eight_tenths_of_every_level() -> None:
    """vectors.md: bands start at .8, 1.8, 2.8, 3.8, 4.8 on the scale of 5."""
    bands = {step.number: step.threshold / 20 for step in BANK.levels.steps}

    assert bands == {1: d(".8"), 2: d("1.8"), 3: d("2.8"), 4: d("3.8"), 5: d("4.8")}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_level_is_met_at_eight_tenths_and_not_at_79_hundredths(number: int) -> None:
    """The lower bound of each band is part of it; just below, the former level remains."""
    below = [ALL] * (number - 1)

    at_the_bound = scored(filled_in(*below, (MOSTLY,)))
    short_of_it = scored(filled_in(*below, SEVENTY_NINE))

    assert at_the_bound.level == number
    assert sum_of_levels(at_the_bound) == number
    assert (short_of_it.level or 0) == number - 1
    assert sum_of_levels(short_of_it) == number - 1 + d(".79")
    assert [blocker.kind for blocker in short_of_it.blockers] == [BlockerKind.THRESHOLD]


def test_levels_above_an_unmet_one_earn_nothing() -> None:
    """assessment-models.md 1.4, no leapfrog: everything but level 1 fully met gives no level."""
    result = scored(filled_in((NOT,), ALL, ALL, ALL, ALL))

    assert result.total == 0
    assert result.level is None


def never_within_two_tenths_below(total: Decimal, met: int) -> bool:
    return total == met or met < total < met + d(".8")


@given(st.lists(st.integers(0, 1000), min_size=5, max_size=5))
@some
def test_a_sum_of_levels_never_lies_within_two_tenths_below_the_next(shares: list[int]) -> None:
    """assessment-models.md 1.4, consequence: with N levels met, S is not in [N+0.8, N+1)."""
    parts = [Decimal(each) / 1000 for each in shares]
    met = next((at for at, each in enumerate(parts) if each < d(".8")), 5)

    assert never_within_two_tenths_below(staged_sum(parts, MET_AT), met)


@given(st.data())
@some
def test_no_answers_to_the_bank_give_a_sum_within_two_tenths_below_a_level(
    data: st.DataObject,
) -> None:
    """assessment-models.md 1.4, consequence; and the total is always made up of its parts."""
    pair = st.tuples(*[st.sampled_from([FULLY, FULLY, FULLY, MOSTLY, PARTLY, NOT])] * 2)
    by_section = st.fixed_dictionaries({section.key: pair for section in BANK.sections})
    kind = data.draw(st.sampled_from(TYPES))

    result = scored(filled_in(*data.draw(st.lists(by_section, max_size=5)), kind=kind))

    met = sum(stage.met for stage in result.stages)
    assert (result.level or 0) == met
    assert never_within_two_tenths_below(sum_of_levels(result), met)
    contributions = sum((item.contribution or d("0") for item in result.items.values()), d("0"))
    lacking = sum((1 - stage.score for stage in result.stages if stage.met), d("0")) * 20
    assert result.total is not None
    assert abs(contributions + lacking - result.total) < d("0.0001")  # stages are rounded


# ------------------------------------------------------------------- production types


@pytest.mark.parametrize("kind", TYPES)
def test_the_shares_of_all_questions_asked_make_one_whole(kind: str) -> None:
    """The weights are ours; they add up for every production type."""
    result = scored(filled_in(ALL, ALL, ALL, ALL, ALL, kind=kind))

    shares = [item.share for item in result.items.values() if item.share is not None]
    assert sum(shares, d("0")) == 1
    assert all(shares)
    assert len(shares) == (18 if kind == "process" else 20)
    assert result.total == 100
    assert result.level == 5


def test_process_firms_are_not_asked_about_product_design_and_product_service() -> None:
    """assessment-models.md 1.3: for process firms both may be left out."""
    plain = filled_in(ALL, kind="process")

    result = scored(plain)

    assert not set(ONLY_FOR_PRODUCTS) & visible(BANK, read_all(BANK, plain))
    assert {result.items[key].treatment for key in ONLY_FOR_PRODUCTS} == {Treatment.HIDDEN}
    assert result.completeness == 100
    assert result.level == 1


@pytest.mark.parametrize("kind", ["discrete", "mixed"])
def test_other_firms_are_asked_about_products(kind: str) -> None:
    """assessment-models.md 1.3: for discrete firms every subdomain applies."""
    plain = filled_in(ALL, kind=kind)
    for key in ONLY_FOR_PRODUCTS:
        del plain[key]

    result = scored(plain)

    assert set(ONLY_FOR_PRODUCTS) <= visible(BANK, read_all(BANK, plain))
    assert result.completeness < 100


def test_answers_about_products_do_not_count_once_the_firm_is_a_process_firm() -> None:
    """A firm that corrects its production type keeps its answers, but they are not scored."""
    as_discrete = filled_in(ALL, {"manufacturing": ALL})
    corrected = as_discrete | {"production-type": {"option": "process"}}

    assert scored(corrected) == scored(filled_in(ALL, {"manufacturing": ALL}, kind="process"))


def test_with_too_much_unknown_there_is_a_provisional_total_but_no_level() -> None:
    """The one gate of the bank besides points: completeness of 80 per cent."""
    plain = filled_in(ALL, ALL)
    for question in BANK.section("manufacturing").questions[:8]:
        plain[question.key] = {"unknown": True}

    result = scored(plain)

    assert result.provisional
    assert sum_of_levels(result) == 2
    assert result.level is None
    assert [blocker.kind for blocker in result.blockers] == [BlockerKind.COMPLETENESS]
