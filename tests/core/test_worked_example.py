"""The worked example of the README: its numbers are recomputed here from the bank itself."""

from decimal import Decimal
from pathlib import Path

import pytest

from survey.core.answers import Answers, read_all
from survey.core.bank import Bank
from survey.core.result import Result
from survey.core.scoring import score
from survey.exchange import answer_file, yaml_bank

ROOT = Path(__file__).parents[2]

EXAMPLE = {
    "energy-management": {"option": "level-2"},
    "energy-intensity": {"numerator": "96", "denominator": "100"},
    "renewable-share": {"numerator": "6", "denominator": "100"},
}


@pytest.fixture(scope="module")
def bank() -> Bank:
    path = ROOT / "questionnaires" / "manufacturing-transformation" / "4.yaml"
    return yaml_bank.read(path.read_bytes(), file=str(path))[1]


@pytest.fixture(scope="module")
def known(bank: Bank) -> Answers:
    """A discrete manufacturer that has answered everything, with the example's three answers."""
    path = ROOT / "seeds" / "answers" / "hengyao-motors.yaml"
    given = answer_file.read(path.read_bytes(), file=str(path))
    return read_all(bank, {**given.answers, **EXAMPLE})


def told(number: Decimal, places: str) -> str:
    return f"{number.quantize(Decimal(places)):f}"


def written() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text[text.index("## How the score comes about") : text.index("## Settings")]


def test_the_example_is_a_firm_that_knows_everything(bank: Bank, known: Answers) -> None:
    result = score(bank, known)

    assert result.completeness == 100
    assert all(section.rated for section in result.sections)


def test_the_answers_earn_what_the_table_says(bank: Bank, known: Answers) -> None:
    items = score(bank, known).items

    for key, code in zip(EXAMPLE, ("C2", "C3", "C4"), strict=True):
        row = next(line for line in written().splitlines() if line.startswith(f"| {code} "))
        assert row.split("|")[3:5] == [f" {items[key].score:.0f} ", f" {items[key].weight:f} "]


def test_the_domain_its_share_and_what_it_adds_are_as_told(bank: Bank, known: Answers) -> None:
    energy = score(bank, known).domains["energy"]
    assert energy.score is not None
    assert energy.share is not None

    assert f"**{told(energy.score, '0.1')}** points: level {energy.level}" in written()
    assert f"so {told(60 - energy.score, '0.1')} are missing" in written()
    assert f"{told(energy.share * 100, '0.01')} % of the total" in written()
    assert f"adds **{told(energy.share * energy.score, '0.001')}** points" in written()


def test_one_more_step_brings_what_is_told(bank: Bank, known: Answers) -> None:
    higher = {**known, **read_all(bank, {"energy-management": {"option": "level-3"}})}

    gain = total(score(bank, higher)) - total(score(bank, known))

    assert f"would add {told(gain, '0.001')}" in written()


def test_what_is_unknown_is_left_out_and_lowers_the_completeness(
    bank: Bank, known: Answers
) -> None:
    unknown = {**known, **read_all(bank, {"renewable-share": {"unknown": True}})}

    result = score(bank, unknown)

    assert (
        f"**{told(result.domains['energy'].score or Decimal(0), '0.1')}**: not knowing" in written()
    )
    assert f"But {told(100 - result.completeness, '0.001')} % of the weight" in written()


def total(result: Result) -> Decimal:
    assert result.total is not None
    return result.total
