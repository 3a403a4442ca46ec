"""Answers, result and trace of one report as JSON: attached to its PDF, and read back to check it.

The same report gives the same bytes. The form is published as `result-1.schema.json`.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from survey.core import editions, scoring
from survey.core import trace as traces
from survey.core.answers import Answers, BadAnswers, read_all, to_plain
from survey.core.bank import Bank, Key
from survey.core.copies import LARGEST_RESULT
from survey.core.errors import BadDocument, Problem
from survey.core.plain import plain
from survey.core.result import Result
from survey.core.trace import Trace

FORMAT: Literal[1] = 1
SCHEMA: Literal["urn:qizhen:result:1"] = "urn:qizhen:result:1"
SCHEMA_FILE = Path(__file__).with_name("result-1.schema.json")

Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Number = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BankName(_Part):
    """Which bank was answered; an empty edition is the whole of it."""

    key: Key
    version: int
    digest: Digest
    edition: Key | Literal[""]


class ResultFile(_Part):
    """What the file says; `answers` in their plain form, by question."""

    schema_: Literal["urn:qizhen:result:1"] = Field(SCHEMA, alias="$schema")
    format: Literal[1] = FORMAT
    report_id: Number
    issued_on: date
    firm: str
    bank: BankName
    engine: str
    answers: dict[str, dict[str, Any]]
    result: Result
    trace: Trace


def document(
    *,
    report_id: str,
    issued_on: date,
    firm_name: str,
    bank: Bank,
    bank_digest: str,
    edition: str,
    answers: Answers,
    result: Result,
) -> bytes:
    """The file of one report. `bank` is narrowed to `edition`; only what it asks is written."""
    said = ResultFile(
        report_id=report_id,
        issued_on=issued_on,
        firm=firm_name,
        bank=BankName(key=bank.key, version=bank.version, digest=bank_digest, edition=edition),
        engine=result.engine,
        answers={
            key: to_plain(question, answers[key])
            for key, question in bank.questions.items()
            if key in answers
        },
        result=result,
        trace=traces.explain(bank, answers, result),
    )
    return (json.dumps(_plain(said), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def read(content: bytes, *, file: str = "") -> ResultFile:
    """Read the file back. Raises BadDocument if it is not exactly what `document` writes.

    Spaces between the parts and their order in an object are free.
    """
    if len(content) > LARGEST_RESULT:
        raise BadDocument((Problem("result-too-large", "", {"most": LARGEST_RESULT}, file=file),))
    try:
        data = json.loads(
            content.decode(),
            object_pairs_hook=_once,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise BadDocument((Problem("result-not-json", "", {}, file=file),)) from error
    try:
        found = _FILE.validate_json(content)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"][:4])
        raise BadDocument((Problem("result-form", place, {}, file=file),)) from error
    if _plain(found) != data:
        raise BadDocument((Problem("result-form", "", {}, file=file),))
    return found


def agrees(given: ResultFile, bank: Bank) -> bool:
    """Whether the answers, scored again, give the result and the trace of the file.

    `bank` is the whole bank of the file's digest. Answers that it cannot take do not agree.
    """
    try:
        asked = editions.edition(bank, given.bank.edition)
        answers = read_all(asked, given.answers)
    except (KeyError, BadAnswers):
        return False
    result = scoring.score(asked, answers)
    return result == given.result and traces.explain(asked, answers, result) == given.trace


_FILE = TypeAdapter(ResultFile)


def _plain(said: ResultFile) -> dict[str, Any]:
    return {
        "$schema": said.schema_,
        "format": said.format,
        "report_id": said.report_id,
        "issued_on": plain(said.issued_on),
        "firm": said.firm,
        "bank": plain(said.bank),
        "engine": said.engine,
        "answers": plain(said.answers),
        "result": plain(said.result),
        "trace": plain(said.trace),
    }


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """An object whose names are all different."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(number: str) -> None:
    raise ValueError(f"{number} is not written as a string")
