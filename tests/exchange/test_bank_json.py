"""A bank as JSON: exact there and back, and described by a schema that is up to date."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from survey.core import document
from survey.exchange import bank_json, bank_schema, yaml_bank
from tests.builders import bank_data, points_bank_data

FOLDERS = sorted((Path(__file__).parents[2] / "questionnaires").iterdir())
BANKS = [max(folder.glob("*.yaml")) for folder in FOLDERS]
"""The newest version of each."""


def validator() -> Draft202012Validator:
    schema = json.loads(bank_schema.SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_published_schema_is_what_the_models_say() -> None:
    published = bank_schema.SCHEMA_FILE.read_text(encoding="utf-8")

    assert published == bank_schema.written(), "run: python -m survey.exchange.bank_schema"


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_bank_fits_the_schema_and_comes_back_with_its_digest(path: Path) -> None:
    data, _ = yaml_bank.read(path.read_bytes())

    written = bank_json.write(data)
    back = bank_json.read(written.content, path.name)

    assert not written.losses
    assert not back.problems
    assert document.digest(back.document) == document.digest(data)
    assert not list(validator().iter_errors(json.loads(written.content)))


@pytest.mark.parametrize(
    "change",
    [
        {"sections": []},
        {"minutes": "5"},
        {"minutes": 601},
        {"key": "No Key"},
        {"unknown": 1},
        {"title": {"zh": "字"}},
        {"scoring": {"met_at": 80.5}},
        {"scoring": {"met_at": 101}},
        {"scoring": {"method": "guess"}},
    ],
)
def test_what_no_bank_can_have_does_not_fit_the_schema(change: dict[str, Any]) -> None:
    assert list(validator().iter_errors(bank_data() | change))


def test_both_methods_of_scoring_fit_the_schema() -> None:
    assert not list(validator().iter_errors(points_bank_data()))


def test_a_draft_with_faults_is_read_with_them() -> None:
    data = bank_data(title={"zh": "字"})

    back = bank_json.read(bank_json.write(data).content, "bank.json")

    assert back.document == data
    assert [problem.code for problem in back.problems] == ["bank-missing-language"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "foreign-json"),
        (b"[" * 100_000, "foreign-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "foreign-json"),
        (b"\xff{}", "foreign-not-utf8"),
        (b"[]", "bank-wrong-value"),
        (b'{"key": "a", "key": "b"}', "json-twice"),
        (b" " * (5 * 1024 * 1024), "foreign-too-large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    back = bank_json.read(content, "bank.json")

    assert back.document is None
    assert [problem.code for problem in back.problems] == [code]


def test_a_fraction_that_is_no_text_is_read_as_one() -> None:
    back = bank_json.read(b'{"weight": 1.10}', "bank.json")

    assert back.document == {"weight": "1.10"}
