"""The attached result: what it says, its published form, and that it can be scored again."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from survey.core import document, editions, scoring
from survey.core.answers import read_all
from survey.core.bank import Bank
from survey.core.copies import LARGEST_RESULT
from survey.core.errors import BadDocument
from survey.exchange import answer_file, result_file, yaml_bank
from survey.exchange.result_file import ResultFile

ROOT = Path(__file__).parents[2]
FIRMS = sorted((ROOT / "seeds" / "answers").glob("*.yaml"))
BANKS = sorted((ROOT / "questionnaires").rglob("*.yaml"))
SCHEMA = json.loads(result_file.SCHEMA_FILE.read_bytes())


@cache
def a_bank(path: Path) -> tuple[Any, Bank]:
    return yaml_bank.read(path.read_bytes())


def of_firm(path: Path) -> tuple[bytes, Bank]:
    """The file of a demo firm, and the whole bank that it answered."""
    given = answer_file.read(path.read_bytes())
    return written((ROOT / "questionnaires" / f"{given.bank}.yaml"), given.edition, given.answers)


def written(path: Path, edition: str, plain: Any) -> tuple[bytes, Bank]:
    data, whole = a_bank(path)
    asked, answers = editions.edition(whole, edition), read_all(whole, plain)
    content = result_file.document(
        report_id="0" * 32,
        issued_on=date(2026, 1, 2),
        firm_name="砺洲阀门",
        bank=asked,
        bank_digest=document.digest(data),
        edition=edition,
        answers=answers,
        result=scoring.score(asked, answers),
    )
    return content, whole


@pytest.fixture
def lizhou() -> tuple[bytes, Bank]:
    return of_firm(ROOT / "seeds" / "answers" / "lizhou-valve.yaml")


@pytest.mark.parametrize("path", FIRMS, ids=lambda path: path.stem)
def test_the_answers_of_every_demo_firm_scored_again_give_its_result(path: Path) -> None:
    content, whole = of_firm(path)

    given = result_file.read(content)

    assert result_file.agrees(given, whole)


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_of_every_bank_and_edition_has_the_published_form(path: Path) -> None:
    _, whole = a_bank(path)
    for edition in ("", *(each.key for each in whole.editions)):
        content, _ = written(path, edition, {})

        jsonschema.validate(json.loads(content), SCHEMA, cls=jsonschema.Draft202012Validator)

        assert result_file.agrees(result_file.read(content), whole)


@pytest.mark.parametrize("path", FIRMS, ids=lambda path: path.stem)
def test_the_file_of_every_demo_firm_has_the_published_form(path: Path) -> None:
    content, _ = of_firm(path)

    jsonschema.validate(
        json.loads(content),
        SCHEMA,
        cls=jsonschema.Draft202012Validator,
        format_checker=jsonschema.FormatChecker(),
    )


def test_the_published_form_is_closed_and_described() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    for part in parts(SCHEMA):
        if part.get("type") == "object" and "properties" in part:
            assert part["additionalProperties"] is False
            assert set(part.get("required", ())) <= set(part["properties"])
    assert all(part["description"] for part in SCHEMA["$defs"].values())


def parts(value: Any) -> list[dict[str, Any]]:
    """Every object inside a JSON value, itself included."""
    if isinstance(value, dict):
        return [value, *(inner for part in value.values() for inner in parts(part))]
    return [inner for part in value for inner in parts(part)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.update(more=1),
        lambda data: data["bank"].pop("digest"),
        lambda data: data["result"].update(total=46.3),
        lambda data: data["result"]["sections"][0].update(note="x"),
        lambda data: data["answers"].update({"planning-scheduling": {"option": "a", "unknown": 1}}),
        lambda data: data["trace"]["total"].update(kind="other"),
    ],
    ids=["more", "no digest", "a float", "deep inside", "two answers in one", "a kind"],
)
def test_the_published_form_and_the_reader_refuse_the_same(
    lizhou: tuple[bytes, Bank], spoil: Callable[[Any], object]
) -> None:
    data = json.loads(lizhou[0])
    spoil(data)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert not is_taken(json.dumps(data, ensure_ascii=False).encode(), lizhou[1])


def is_taken(content: bytes, bank: Bank) -> bool:
    """Whether the reader reads it and the answers in it give the result."""
    try:
        return result_file.agrees(result_file.read(content), bank)
    except BadDocument:
        return False


def test_the_same_report_has_the_same_bytes_and_no_fraction_but_in_strings(
    lizhou: tuple[bytes, Bank],
) -> None:
    again, _ = of_firm(ROOT / "seeds" / "answers" / "lizhou-valve.yaml")

    assert again == lizhou[0]
    assert not any(isinstance(value, float) for value in leaves(json.loads(again)))


def leaves(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value
    return (
        [x for part in inner for x in leaves(part)] if isinstance(value, dict | list) else [value]
    )


def test_only_what_the_edition_asks_is_written() -> None:
    content, whole = of_firm(ROOT / "seeds" / "answers" / "aqiao-stamping.yaml")

    given = result_file.read(content)

    assert given.bank.edition == "express"
    assert set(given.answers) <= set(editions.edition(whole, "express").questions)


def test_spaces_and_order_are_free(lizhou: tuple[bytes, Bank]) -> None:
    data = json.loads(lizhou[0])
    pretty = json.dumps(data, ensure_ascii=True, indent=2, sort_keys=True).encode()

    assert result_file.read(pretty) == result_file.read(lizhou[0])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" " * (LARGEST_RESULT + 1), "result-too-large"),
        (b"\xff\xfe", "result-not-json"),
        (b"{", "result-not-json"),
        (b'{"format": 1, "format": 1}', "result-not-json"),
        (b'{"format": 1.0}', "result-not-json"),
        (b'{"format": NaN}', "result-not-json"),
        (b"[" * 200_000, "result-not-json"),
        (b"{}", "result-form"),
        (b"[]", "result-form"),
        (b"null", "result-form"),
    ],
)
def test_what_is_no_result_file_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(BadDocument) as refusal:
        result_file.read(content, file="result.json")

    (problem,) = refusal.value.problems
    assert (problem.code, problem.file) == (code, "result.json")


def test_a_place_that_does_not_fit_is_named(lizhou: tuple[bytes, Bank]) -> None:
    data = json.loads(lizhou[0])
    data["bank"]["digest"] = "abc"

    with pytest.raises(BadDocument) as refusal:
        result_file.read(json.dumps(data).encode())

    assert refusal.value.problems[0].place == "bank.digest"


def test_what_would_be_written_otherwise_is_refused(lizhou: tuple[bytes, Bank]) -> None:
    content = lizhou[0].replace(b'"provisional":false', b'"provisional":"no"')

    with pytest.raises(BadDocument) as refusal:
        result_file.read(content)

    assert refusal.value.problems[0].code == "result-form"


def other_total(given: ResultFile) -> None:
    object.__setattr__(given.result, "total", given.result.completeness)


def other_answer(given: ResultFile) -> None:
    given.answers["planning-scheduling"] = {"option": "level-5"}


def unknown_question(given: ResultFile) -> None:
    given.answers["nothing-of-the-kind"] = {"unknown": True}


def unknown_edition(given: ResultFile) -> None:
    object.__setattr__(given.bank, "edition", "nowhere")


@pytest.mark.parametrize("change", [other_total, other_answer, unknown_question, unknown_edition])
def test_a_result_that_does_not_follow_from_the_answers_is_found(
    lizhou: tuple[bytes, Bank], change: Callable[[ResultFile], None]
) -> None:
    given = result_file.read(lizhou[0])
    change(given)

    assert not result_file.agrees(given, lizhou[1])
