"""A bank as plain data (JSON types): every fault at once, reading, and the digest.

Fractions are strings in a document (``"1.875"``), so that no reader turns them into floats
and equal documents have equal digests.
"""

import hashlib
import json
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from survey.core import rules
from survey.core.bank import Bank, Question
from survey.core.errors import BadDocument, Problem
from survey.core.kind_rules import by_itself
from survey.core.shape import shape_problems
from survey.core.trees import parts, too_deep
from survey.core.typography import slips, unprintable

DEEPEST = 40


def problems(data: object) -> tuple[Problem, ...]:
    """List every fault. An empty tuple means: may be published.

    If a part has not the right shape, the rules between parts cannot be checked; each
    question's own rules and the typography of every text are checked all the same.
    """
    if too_deep(data, DEEPEST):
        return (Problem("bank-too-deep", "bank", {"most": DEEPEST}),)
    try:
        bank = Bank.model_validate(data)
    except ValidationError as error:
        found = [*shape_problems(error), *_lone_questions(data)]
    else:
        found = list(rules.between_parts(bank))
    return (*found, *slips(data), *unprintable(data))


def read(data: object) -> Bank:
    """Read a document. Raises BadDocument with every fault found."""
    found = problems(data)
    if found:
        raise BadDocument(found)
    return Bank.model_validate(data)


def digest(data: object) -> str:
    """The SHA-256 of the document's canonical JSON, in hexadecimal."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


def _lone_questions(data: object, place: str = "") -> Iterator[Problem]:
    """The faults of each question that has the right shape, wherever it stands."""
    for key, part in parts(data):
        inside = f"{place}.{key}" if place else str(key)
        if place.endswith("questions"):
            try:
                question = _QUESTION.validate_python(part)
            except ValidationError:
                continue
            yield from by_itself(question, inside)
        else:
            yield from _lone_questions(part, inside)
