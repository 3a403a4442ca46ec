"""What version 3 of the standard bank says beside the score, and that it scores as version 2."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from survey.core.bank import Bank, Choice
from survey.core.parts import Report
from survey.exchange import answer_file, yaml_bank
from tests.builders import a_report, last_round

ROOT = Path(__file__).parents[2]


@cache
def version(number: int) -> Bank:
    path = ROOT / "questionnaires" / "manufacturing-transformation" / f"{number}.yaml"
    return yaml_bank.read(path.read_bytes(), file=str(path))[1]


@cache
def answered(firm: str) -> dict[str, Any]:
    path = ROOT / "seeds" / "answers" / f"{firm}.yaml"
    return dict(answer_file.read(path.read_bytes(), file=str(path)).answers)


def report_of(firm: str, **changes: Any) -> Report:
    return a_report(version(3), answered(firm) | changes)


def test_it_scores_as_version_2_so_rounds_on_either_can_be_compared() -> None:
    before, now = version(2), version(3)
    previous = last_round(before, answered("lizhou-valve-2025"))

    comparison = a_report(now, answered("lizhou-valve"), previous=previous).comparison

    assert (now.sections, now.scoring, now.levels) == (
        before.sections,
        before.scoring,
        before.levels,
    )
    assert comparison is not None
    assert comparison.note.en.startswith("Both rounds had the same questions")


@pytest.mark.parametrize("key", ["production-type", "industry"])
def test_firms_of_each_type_and_industry_are_told_something_of_their_own(key: str) -> None:
    question = version(3).questions[key]
    assert isinstance(question, Choice)
    general = {"other-manufacturing", "other-industry"}

    hints = {hint.text for hint in version(3).hints}

    told = {
        option.key: hints & {*report_of("lizhou-valve", **{key: {"option": option.key}}).reading}
        for option in question.options
    }

    assert {option: len(texts) for option, texts in told.items()} == {
        option: 1 if option in general else 2 for option in told
    }


def test_a_large_firm_is_told_that_a_programme_for_small_ones_is_not_for_it() -> None:
    small, large = (
        next(each for each in report_of(firm).preconditions if each.key == "srdi-sme")
        for firm in ("lizhou-valve", "hengyao-motors")
    )

    assert Counter(line.state.value for line in small.lines) == {"met": 5, "unknown": 4}
    assert Counter(line.state.value for line in large.lines) == {"not-met": 1, "not-applicable": 8}


@pytest.mark.parametrize(
    ("key", "answer", "state"),
    [
        ("revenue", {"number": "1500"}, "met"),
        ("revenue", {"number": "1499.99"}, "unknown"),
        ("niche-years", {"number": "3"}, "met"),
        ("niche-years", {"number": "2"}, "unknown"),
        ("rd-intensity", {"numerator": "3", "denominator": "100"}, "met"),
        ("rd-intensity", {"numerator": "2.99", "denominator": "100"}, "not-met"),
        ("intellectual-property", {"number": "1"}, "met"),
        ("intellectual-property", {"number": "0"}, "unknown"),
    ],
)
def test_the_thresholds_are_those_of_the_rule(key: str, answer: dict[str, str], state: str) -> None:
    lines = {"niche-years": "niche", "rd-intensity": "rd-share"}

    made = report_of("lizhou-valve", **{key: answer})

    programme = next(each for each in made.preconditions if each.key == "srdi-sme")
    found = next(line for line in programme.lines if line.key == lines.get(key, key))
    assert found.state.value == state


def test_pre_conditions_name_the_green_factory_rule_with_its_edition() -> None:
    first, srdi, connected = report_of("lizhou-valve").preconditions

    assert (first.code, first.edition) == ("C1", "GB/T 36132-2025")
    assert (srdi.edition, connected.edition) == ("2026", "2022")


def test_published_distributions_are_whole_and_mark_no_firm_by_another_models_levels() -> None:
    made = report_of("lizhou-valve").distributions

    assert [(each.year, sum(share.percent for share in each.shares)) for each in made] == [
        (2020, 100),
        (2022, 100),
    ]
    assert not any(share.here for each in made for share in each.shares)
