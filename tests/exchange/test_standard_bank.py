"""What the standard bank says beside the score, and that its last versions score alike."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from survey.core import version_diff
from survey.core.answers import read_all
from survey.core.bank import Bank, Benchmark, Choice, Number, Ratio
from survey.core.bank_parts import Part
from survey.core.likely import unlikely
from survey.core.parts import Report
from survey.core.version_diff import Sort
from survey.exchange import answer_file, yaml_bank
from tests.builders import a_report, last_round

ROOT = Path(__file__).parents[2]
NOW = 4
DEMO = sorted(
    path.stem
    for path in (ROOT / "seeds" / "answers").glob("*.yaml")
    if "manufacturing-transformation/" in path.read_text(encoding="utf-8")
)


@cache
def version(number: int) -> Bank:
    path = ROOT / "questionnaires" / "manufacturing-transformation" / f"{number}.yaml"
    return yaml_bank.read(path.read_bytes(), file=str(path))[1]


@cache
def answered(firm: str) -> dict[str, Any]:
    path = ROOT / "seeds" / "answers" / f"{firm}.yaml"
    return dict(answer_file.read(path.read_bytes(), file=str(path)).answers)


def report_of(firm: str, **changes: Any) -> Report:
    return a_report(version(NOW), answered(firm) | changes)


@pytest.mark.parametrize("earlier", [2, 3])
def test_rounds_on_the_last_versions_can_be_compared_directly(earlier: int) -> None:
    previous = last_round(version(earlier), answered("lizhou-valve-2025"))

    comparison = a_report(version(NOW), answered("lizhou-valve"), previous=previous).comparison

    assert comparison is not None
    assert comparison.note.en.startswith("Both rounds had the same questions")


def test_nothing_that_scores_differs_from_version_3() -> None:
    old, new = (version(number).model_dump(mode="json", by_alias=True) for number in (3, NOW))

    found = version_diff.between(old, new)

    questions = {sort for each in found if each.part is Part.QUESTION for sort in each.sorts}
    others = {each.part for each in found if each.part is not Part.QUESTION}
    assert questions == {Sort.REWORDED, Sort.ANNOTATED}
    assert others == {Part.TERM}


def test_the_codes_follow_the_order_of_the_pages() -> None:
    codes = {s.code: [question.code for question in s.questions] for s in version(NOW).sections}

    assert codes == {
        letter: [f"{letter}{n}" for n in range(1, len(given) + 1)]
        for letter, given in codes.items()
    }


def test_every_question_has_help_and_says_where_to_look() -> None:
    questions = version(NOW).questions.values()

    lacking = {question.key for question in questions if not (question.help and question.evidence)}

    assert not lacking


def test_every_figure_whose_slips_show_has_a_likely_range() -> None:
    figures = [
        question
        for question in version(NOW).questions.values()
        if isinstance(question, Number | Ratio | Benchmark)
    ]

    without = {
        question.key
        for question in figures
        if question.likely is None and getattr(question, "likely_each", None) is None
    }

    assert without == {"export-share"}  # any per cent is possible


@pytest.mark.parametrize("firm", DEMO)
def test_no_answer_of_a_demo_firm_is_unlikely(firm: str) -> None:
    bank = version(NOW)

    asked = {
        key: sentence.zh
        for key, answer in read_all(bank, answered(firm)).items()
        if (sentence := unlikely(bank.questions[key], answer))
    }

    assert not asked


@pytest.mark.parametrize(
    ("key", "slip"),
    [
        ("revenue", {"number": "80000000"}),
        ("revenue", {"number": "0.8"}),
        ("headcount", {"number": "160000"}),
        ("founding-year", {"number": "1905"}),
        ("transformation-spend", {"numerator": "120", "denominator": "80000000"}),
        ("rd-intensity", {"numerator": "6000", "denominator": "6000"}),
        ("renewable-share", {"numerator": "200", "denominator": "16000000"}),
        ("solid-waste-use", {"numerator": "430000", "denominator": "5000000"}),
        ("first-pass-yield", {"numerator": "19", "denominator": "2000"}),
        ("equipment-effectiveness", {"numerator": "1195", "denominator": "1200"}),
        ("energy-intensity", {"numerator": "190", "denominator": "20"}),
        ("time-to-production", {"numerator": "300", "denominator": "375"}),
        ("output-per-head", {"numerator": "600000", "denominator": "540000"}),
        ("cost-per-hundred", {"numerator": "0.84", "denominator": "0.86"}),
        ("on-time-delivery", {"numerator": "0.94", "denominator": "0.90"}),
        ("defect-rate", {"numerator": "98.5", "denominator": "98"}),
        ("development-cycle", {"numerator": "270", "denominator": "360"}),
    ],
)
def test_a_slip_of_unit_or_of_a_power_of_ten_is_asked_about(key: str, slip: dict[str, str]) -> None:
    bank = version(NOW)

    assert unlikely(bank.questions[key], read_all(bank, {key: slip})[key]) is not None


def test_every_word_of_the_glossary_is_used_and_has_its_meaning_once() -> None:
    bank = version(NOW)
    used = {term for question in bank.questions.values() for term in question.terms}

    assert {term.key for term in bank.glossary} - used == {"self-assessment"}  # of the bank itself
    for said in ("zh", "en"):
        terms = Counter(getattr(term.term, said) for term in bank.glossary)
        assert max(terms.values()) == 1


@pytest.mark.parametrize("key", ["production-type", "industry"])
def test_firms_of_each_type_and_industry_are_told_something_of_their_own(key: str) -> None:
    question = version(NOW).questions[key]
    assert isinstance(question, Choice)
    general = {"other-manufacturing", "other-industry"}

    hints = {hint.text for hint in version(NOW).hints}

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
