"""The policy directions, and that the banks answer to them."""

from pathlib import Path

import pytest

from survey.core.bank import Bank, Question
from survey.core.earned import is_scored
from survey.core.errors import BadDocument
from survey.exchange import policy_file, yaml_bank

SEEDS = Path(__file__).parents[2] / "seeds" / "policy.yaml"
BANKS = Path(__file__).parents[2] / "questionnaires"

BEFORE_POLICY = {"manufacturing-transformation/1"}
"""Published before questions named their directions."""


PATHS = [
    p for p in sorted(BANKS.glob("*/*.yaml")) if f"{p.parent.name}/{p.stem}" not in BEFORE_POLICY
]


def read(path: Path) -> Bank:
    return yaml_bank.read(path.read_bytes(), file=str(path))[1]


def asked(bank: Bank) -> list[Question]:
    return [question for section in bank.sections for question in section.questions]


@pytest.fixture(scope="module")
def policy() -> policy_file.Policy:
    return policy_file.load(SEEDS.read_bytes(), file=str(SEEDS))


def test_each_direction_has_a_question_of_the_standard_bank(
    policy: policy_file.Policy, standard: Bank
) -> None:
    served = {key for question in asked(standard) for key in question.policy}

    assert served == {direction.key for direction in policy.directions}


@pytest.fixture(scope="module")
def standard() -> Bank:
    return read(BANKS / "manufacturing-transformation" / "4.yaml")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_question_serves_a_direction_and_names_the_model_it_leans_on(
    path: Path, policy: policy_file.Policy
) -> None:
    known = {direction.key for direction in policy.directions}

    for question in asked(read(path)):
        assert question.policy, f"{question.key}: name its directions under `policy`"
        assert set(question.policy) <= known, question.key
        assert question.leans_on, f"{question.key}: name its model under `leans_on`"


def test_the_source_of_the_directions_is_a_source_of_the_standard_bank(
    policy: policy_file.Policy, standard: Bank
) -> None:
    assert policy.source in {source.key for source in standard.sources}


def test_the_standard_bank_has_advice_for_every_step_of_every_question(standard: Bank) -> None:
    for question in asked(standard):
        if is_scored(question):
            steps = {advice.to for advice in question.advice if not advice.sizes + advice.types}
            assert steps == {1, 2, 3, 4, 5}, question.key


def test_a_fault_of_the_file_is_named_with_its_line() -> None:
    content = b"format: 1\nsource: policy-commentary\ndirections:\n  - {key: Bad Key}\n"

    with pytest.raises(BadDocument) as refusal:
        policy_file.load(content, file="policy.yaml")

    assert [(p.code, p.place, p.line) for p in refusal.value.problems] == [
        ("bank-bad-key", "directions.0.key", 4),
        ("bank-missing", "directions.0.title", 4),
        ("bank-missing", "directions.0.meaning", 4),
    ]
