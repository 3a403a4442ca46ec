"""What differs between two versions of a bank as far as scores depend on it, edit by edit.

An edit is what an administrator would call one: a question's weight, its points, its condition;
the weights of the sections; the gates. Wording is none. `survey.core.mixed` has the banks with
only some of the edits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Domain,
    Method,
    Question,
    Requirements,
    Section,
)
from survey.core.text import is_text


class EditKind(StrEnum):
    """What an edit changes. Those up to `ORDER` concern the whole bank."""

    SCORING = "scoring"
    LEVELS = "levels"
    GATES = "gates"
    LIMITS = "limits"
    ORDER = "order"
    SECTION_WEIGHTS = "section-weights"
    DOMAIN_WEIGHTS = "domain-weights"
    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    CONDITION = "condition"
    WEIGHT = "weight"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: `questions` are those it concerns, `part` the section or domain that it is one of.

    Questions that come or go with their whole domain, or move together, are one edit.
    """

    kind: EditKind
    part: str = ""
    questions: tuple[str, ...] = ()


Spot = tuple[str, str]
"""The section and the domain that a question stands in; profile and outcomes have no domains."""


def between(old: Bank, new: Bank) -> tuple[Edit, ...]:
    """Every edit that a score can depend on, those of the whole bank first.

    Ways to count levels cannot be mixed: if they differ, all is one edit.
    """
    if _stages(old) != _stages(new):
        return (Edit(EditKind.SCORING, questions=tuple(new.questions)),)
    return (*_of_the_whole(old, new), *_of_places(old, new), *_of_questions(old, new))


def spots(bank: Bank) -> dict[str, Spot]:
    """Where each question stands, in reading order."""
    found = {question.key: (PROFILE, "") for question in bank.profile.questions}
    for section in bank.sections:
        for domain in section.domains:
            found |= {question.key: (section.key, domain.key) for question in domain.questions}
    outcomes = bank.outcomes.questions if bank.outcomes else ()
    return found | {question.key: (OUTCOMES, "") for question in outcomes}


# --------------------------------------------------------------- the whole bank

_WHOLE: Mapping[EditKind, Callable[[Bank], object]] = {
    EditKind.SCORING: lambda bank: (bank.scoring, bank.weigh_by, bank.weigh_default),
    EditKind.LEVELS: lambda bank: [(step.number, step.threshold) for step in bank.levels.steps],
    EditKind.GATES: lambda bank: _without_texts(bank.levels.gates.model_dump()),
    EditKind.LIMITS: lambda bank: (bank.levels.not_applicable_cap, bank.levels.rated_from),
}


def _of_the_whole(old: Bank, new: Bank) -> Iterator[Edit]:
    for kind, part in _WHOLE.items():
        if part(old) != part(new):
            yield Edit(kind)
    if _staying(old, new) != _staying(new, old):
        yield Edit(EditKind.ORDER)
    if _differ(old.sections, new.sections):
        asked = (question.key for section in new.sections for question in section.questions)
        yield Edit(EditKind.SECTION_WEIGHTS, questions=tuple(asked))
    before = {section.key: section.domains for section in old.sections}
    for section in new.sections:
        if _differ(before.get(section.key, ()), section.domains):
            keys = tuple(question.key for question in section.questions)
            yield Edit(EditKind.DOMAIN_WEIGHTS, section.key, keys)


def _staying(bank: Bank, other: Bank) -> list[str]:
    """The questions that stand in the same domain in both versions, in this one's order."""
    there = spots(other)
    return [key for key, spot in spots(bank).items() if there.get(key) == spot]


def _differ(
    old: Iterable[Section] | Iterable[Domain], new: Iterable[Section] | Iterable[Domain]
) -> bool:
    """Whether a part of both weighs otherwise: one that came or went is an edit of its own."""
    before = {part.key: part.weight for part in old}
    return any(part.weight != before.get(part.key, part.weight) for part in new)


def _stages(bank: Bank) -> frozenset[int]:
    """The levels that a staged bank counts by."""
    if bank.scoring.method is not Method.STAGED:
        return frozenset()
    asked = (each for each in bank.questions.values() if isinstance(each, Requirements))
    return frozenset(row.level for question in asked for row in question.rows)


# ----------------------------------------------------------------------- places


def _of_places(old: Bank, new: Bank) -> Iterator[Edit]:
    before, after = spots(old), spots(new)
    gone = {key: spot for key, spot in before.items() if key not in after}
    come = {key: spot for key, spot in after.items() if key not in before}
    yield from _grouped(EditKind.REMOVED, gone, set(after.values()))
    yield from _grouped(EditKind.ADDED, come, set(before.values()))
    moves: dict[tuple[Spot, Spot], list[str]] = {}
    for key, spot in after.items():
        if before.get(key, spot) != spot:
            moves.setdefault((before[key], spot), []).append(key)
    for (_, spot), keys in moves.items():
        yield Edit(EditKind.MOVED, _name(spot), tuple(keys))


def _grouped(kind: EditKind, at: Mapping[str, Spot], others: AbstractSet[Spot]) -> Iterator[Edit]:
    """One edit for each domain that only one version has, one for each question elsewhere."""
    whole: dict[Spot, list[str]] = {}
    for key, spot in at.items():
        if spot in others:
            yield Edit(kind, questions=(key,))
        else:
            whole.setdefault(spot, []).append(key)
    for spot, keys in whole.items():
        yield Edit(kind, _name(spot), tuple(keys))


def _name(spot: Spot) -> str:
    section, domain = spot
    return domain or section


# -------------------------------------------------------------------- questions

_APART = ("weight", "when", "optional_when")
_NEVER_SCORED_BY = (
    "advice", "code", "leans_on", "likely", "likely_each", "policy", "required", "source",
    "statements", "terms", "urgent_below",
)  # fmt: skip


def _of_questions(old: Bank, new: Bank) -> Iterator[Edit]:
    """Requirements of a staged bank are scored together, so their points are one edit."""
    rescored: list[str] = []
    for key, now in new.questions.items():
        then = old.questions.get(key, now)
        if (then.when, then.optional_when) != (now.when, now.optional_when):
            yield Edit(EditKind.CONDITION, questions=(key,))
        if then.weight != now.weight:
            yield Edit(EditKind.WEIGHT, questions=(key,))
        if then is not now and _rule(then) != _rule(now):
            rescored.append(key)
    at_once = [tuple(rescored)] if rescored and _stages(new) else [(key,) for key in rescored]
    yield from (Edit(EditKind.POINTS, questions=keys) for keys in at_once)


def _rule(question: Question) -> Any:
    """What the same answer is read and scored by."""
    return _without_texts(question.model_dump(exclude={*_APART, *_NEVER_SCORED_BY}))


def _without_texts(node: Any) -> Any:
    if is_text(node):
        return None
    if isinstance(node, Mapping):
        return {key: _without_texts(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_without_texts(value) for value in node]
    return node
