"""A bank as plain data (JSON types): every fault at once, reading, and the digest.

Fractions are strings in a document (``"1.875"``), so that no reader turns them into floats
and equal documents have equal digests.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from pydantic import TypeAdapter, ValidationError

from survey.core import rules
from survey.core.bank import Bank, Question
from survey.core.errors import BadDocument, Problem
from survey.core.kind_rules import by_itself
from survey.core.shape import shape_problems, with_texts
from survey.core.trees import longest_list, parts, too_deep
from survey.core.typography import slips, unprintable

DEEPEST = 40
LONGEST_LIST = 1000
"""More parts than that fit on no page that shows a list with all its parts."""
MOST_PROBLEMS = 1000
"""Nobody mends more at a time, and a hostile document could have millions."""


def problems(data: object) -> tuple[Problem, ...]:
    """List every fault. An empty tuple means: may be published."""
    found, _ = judge(data)
    return found


def read(data: object) -> Bank:
    """Read a document. Raises BadDocument with every fault found."""
    found, bank = judge(data)
    if found or bank is None:
        raise BadDocument(found)
    return bank


def judge(data: object) -> tuple[tuple[Problem, ...], Bank | None]:
    """Every fault, and the bank, None if its parts have not the right shape.

    If only texts are missing or are no texts, the rules between parts are checked all the same.
    Beside any other fault of shape they cannot be; each question's own rules and the typography
    of every text are.
    """
    if too_much := too_large(data):
        return too_much, None
    try:
        bank = Bank.model_validate(data)
    except ValidationError as error:
        shape = tuple(islice(shape_problems(error), MOST_PROBLEMS + 1))
        return _first((*shape, *_beside(shape, data)), data), None
    return _first(rules.between_parts(bank), data), bank


def too_large(data: object) -> tuple[Problem, ...]:
    """What forbids to look at the document any closer, if anything does."""
    if too_deep(data, DEEPEST):
        return (Problem("bank-too-deep", "bank", {"most": DEEPEST}),)
    if longest_list(data) > LONGEST_LIST:
        return (Problem("bank-too-long-list", "bank", {"most": LONGEST_LIST}),)
    return ()


def _first(found: Iterable[Problem], data: object) -> tuple[Problem, ...]:
    """All faults, of too many the first ones."""
    every = tuple(islice(chain(found, slips(data), unprintable(data)), MOST_PROBLEMS + 1))
    if len(every) <= MOST_PROBLEMS:
        return every
    more = Problem("bank-too-many-problems", "bank", {"most": MOST_PROBLEMS})
    return (*every[:MOST_PROBLEMS], more)


def _beside(shape: Sequence[Problem], data: object) -> Iterator[Problem]:
    """What else is wrong with a document that has these faults of shape."""
    try:
        bank = Bank.model_validate(with_texts(data, shape))
    except ValidationError:
        return _lone_questions(data)
    return rules.between_parts(bank)


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
