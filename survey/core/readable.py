"""A draft with faults as a bank that can be looked at: what can be shown is shown.

A text that lacks a language borrows the other one; a part that cannot be read is left out, the
smallest that is possible; so is a rule inside a question that would not work. Only for looking
at: a bank with faults is never published, and what it would score is a guess.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from survey.core import places, rules
from survey.core.bank import Bank
from survey.core.errors import Problem
from survey.core.places import Place
from survey.core.shape import shape_problems, with_texts

BLANK = "……"
"""What stands where a text has neither language."""

_ROUNDS = 30
_LANGUAGES = {"zh": "en", "en": "zh"}
_LACKING = frozenset(
    {"bank-missing-language", "bank-empty-text", "bank-text-too-long", "bank-wrong-value"}
)
_REMOVABLE = frozenset(
    {"when", "optional_when", "scale", "pattern", "bands", "full_at", "credit", "none"}
    | {"likely", "likely_each"}
)
"""Fields that a question can do without, and that can break it if they are wrong."""

_TOLD_APART = frozenset({"questions", "options", "rows", "states", "statements"})


@dataclass(frozen=True, slots=True)
class Readable:
    """The bank as far as it can be read, None if not even its frame can.

    `left_out` are the places of the questions that are not in it.
    """

    bank: Bank | None
    left_out: tuple[Place, ...] = ()


def readable(data: object) -> Readable:
    """The bank of a document that may have any fault. Nothing is changed in the document."""
    copy = _with_other_language(data)
    bank = _shaped(copy)
    if bank is not None:
        unsound = [_part_to_remove(problem) for problem in rules.between_parts(bank)]
        bank = _shaped(copy) if _take_out(copy, unsound) else bank
    return Readable(bank, () if bank is None else tuple(_left_out(data, bank)))


def _left_out(data: object, bank: Bank) -> Iterator[Place]:
    found: set[object] = set()
    for place, question in places.questions(data):
        key = question.get("key")
        if key not in bank.questions or key in found:
            yield place
        found.add(key)


def _with_other_language(data: object) -> Any:
    """A copy in which every text that lacks one language says it in the other."""
    copy = deepcopy(data)
    try:
        Bank.model_validate(copy)
    except ValidationError as error:
        faults = tuple(shape_problems(error))
        before, copy = copy, with_texts(copy, faults)
        for fault in faults:
            *path, last = fault.place.split(".")
            if fault.code in _LACKING and last in _LANGUAGES:
                _lend(_at(before, path), _at(copy, path), last)
            else:
                _blank(_at(copy, [*path, last]))
    return copy


def _lend(before: Any, text: Any, language: str) -> None:
    other = before.get(_LANGUAGES[language]) if isinstance(before, dict) else None
    borrowed = other.strip() if isinstance(other, str) else ""
    with suppress(TypeError):  # no text stands there
        text[language] = borrowed or BLANK


def _blank(text: Any) -> None:
    if isinstance(text, dict) and set(text) == set(_LANGUAGES):
        text.update(dict.fromkeys(_LANGUAGES, BLANK))


def _shaped(copy: Any, rounds: int = _ROUNDS) -> Bank | None:
    """The bank, after everything that cannot be read has been taken out of the copy."""
    try:
        return Bank.model_validate(copy)
    except ValidationError as error:
        unreadable = [_unreadable(copy, fault) for fault in shape_problems(error)]
    return _shaped(copy, rounds - 1) if rounds and _take_out(copy, unreadable) else None


def _unreadable(copy: Any, fault: Problem) -> Sequence[str]:
    """The part to take out: the value itself, or whatever a missing one belongs to."""
    path = fault.place.split(".")
    if _at(copy, path) is not None:
        return path
    numbers = [at for at, step in enumerate(path) if step.isdecimal()]
    return path[: numbers[-1] + 1] if numbers else ()


def _part_to_remove(problem: Problem) -> Sequence[str]:
    """The rule in a question that does not work, or the second part of the same key."""
    path = problem.place.split(".")
    if problem.code == "bank-duplicate-key" and len(path) > 2 and path[-3] in _TOLD_APART:
        return path[:-1]
    inside = [at for at, step in enumerate(path) if step == "questions"]
    field = inside[-1] + 2 if inside else len(path)
    return path[: field + 1] if path[field : field + 1] and path[field] in _REMOVABLE else ()


def _take_out(copy: Any, unwanted: Iterable[Sequence[str]]) -> bool:
    """Remove these parts, the last ones first, so that numbers keep their meaning."""
    taken = [_removed(copy, path) for path in sorted(set(map(tuple, unwanted)), key=_order)[::-1]]
    return any(taken)


def _order(path: Sequence[str]) -> list[tuple[int, str]]:
    return [(int(step), "") if step.isdecimal() else (-1, step) for step in path]


def _removed(copy: Any, path: Sequence[str]) -> bool:
    around: Any = _at(copy, path[:-1]) if path else None
    with suppress(LookupError, TypeError, ValueError):  # it went with what was around it
        del around[int(path[-1]) if isinstance(around, list) else path[-1]]
        return True
    return False


def _at(node: Any, path: Iterable[str]) -> Any:
    """What stands there; None if nothing does."""
    for step in path:
        match node:
            case dict():
                node = node.get(step)
            case list() if step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            case _:
                return None
    return node
