"""Which level a score amounts to, and what stands in the way of the next one.

A level needs points, and every gate of the bank: without them a firm could reach a level by a
few strong areas alone. A new gate is one function and one line in the table.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from survey.core.bank import Bank, Ladder, Level
from survey.core.result import (
    APPLICABLE,
    OPEN,
    Blocker,
    BlockerKind,
    DomainScore,
    ItemScore,
    SectionScore,
    Treatment,
)
from survey.core.rounding import rounded
from survey.core.unblock import PER_LEVEL

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Scored:
    """What the gates look at. `applying` names the sections of which enough applies."""

    bank: Bank
    sections: tuple[SectionScore, ...]
    applying: frozenset[str]
    total: Decimal | None
    completeness: Decimal
    not_applicable: Decimal

    @cached_property
    def items(self) -> Mapping[str, ItemScore]:
        return {
            item.key: item
            for section in self.sections
            for domain in section.domains
            for item in domain.items
        }

    @cached_property
    def domains(self) -> tuple[DomainScore, ...]:
        """The domains of the sections that count."""
        return tuple(
            domain
            for section in self.sections
            if section.key in self.applying
            for domain in section.domains
        )

    @cached_property
    def broad(self) -> tuple[tuple[str, int], ...]:
        """The domains that breadth is measured by, with their levels.

        A domain of which nothing is known applies nevertheless, and is as good as level 0: else
        a firm could reach a level by not knowing its weak domains.
        """
        return tuple(
            (domain.key, domain.level or 0)
            for domain in self.domains
            if domain.key in self.bank.ladder_domains
            and domain.weight
            and any(item.treatment in APPLICABLE for item in domain.items)
        )


def climb(scored: Scored) -> tuple[int | None, tuple[Blocker, ...]]:
    """Climb from the lowest level until a gate does not hold (no leapfrog).

    Returns the level reached, None if there is none, and the blockers of the next one.
    """
    steps = scored.bank.levels.steps
    general = tuple(_general(scored, steps[0].number))
    if scored.total is None or general:
        return None, general
    reached: int | None = None
    for step in steps:
        blockers = tuple(blocker for gate in _GATES for blocker in gate(scored, step))
        if blockers:
            return reached, blockers
        reached = step.number
    return reached, ()


def _general(scored: Scored, level: int) -> Iterable[Blocker]:
    """What stands in the way of any level at all."""
    scheme = scored.bank.levels
    if scored.completeness < scheme.gates.completeness:
        yield Blocker(
            BlockerKind.COMPLETENESS,
            level,
            scored.completeness,
            scheme.gates.completeness,
            _treated(scored, OPEN),
        )
    if scored.not_applicable > scheme.not_applicable_cap:
        yield Blocker(
            BlockerKind.NOT_APPLICABLE_CAP,
            level,
            scored.not_applicable,
            scheme.not_applicable_cap,
            _treated(scored, (Treatment.NOT_APPLICABLE,)),
        )


def _treated(scored: Scored, treatments: Sequence[Treatment]) -> tuple[str, ...]:
    return tuple(item.key for item in scored.items.values() if item.treatment in treatments)


# ----------------------------------------------------------------------- gates


def _threshold(scored: Scored, step: Level) -> Iterable[Blocker]:
    assert scored.total is not None
    if scored.total < step.threshold:
        yield Blocker(BlockerKind.THRESHOLD, step.number, scored.total, step.threshold)


def _breadth(scored: Scored, step: Level) -> Iterable[Blocker]:
    needed = scored.bank.levels.gates.breadth
    yield from _enough_domains(scored, BlockerKind.BREADTH, step.number, step.number, needed)


def _breadth_below(scored: Scored, step: Level) -> Iterable[Blocker]:
    kind, needed = BlockerKind.BREADTH_BELOW, scored.bank.levels.gates.breadth_below
    yield from _enough_domains(scored, kind, step.number, step.number - 1, needed)


def _enough_domains(
    scored: Scored, kind: BlockerKind, step: int, floor: int, needed: Decimal
) -> Iterable[Blocker]:
    """Whether enough of the applicable domains that have a ladder question are at `floor`."""
    behind = tuple(key for key, level in scored.broad if level < floor)
    if not behind:
        return
    whole = len(scored.broad)
    reached = rounded(Decimal(whole - len(behind)) / whole * HUNDRED)
    if reached < needed:
        yield Blocker(kind, step, reached, needed, behind)


def _core(scored: Scored, step: Level) -> Iterable[Blocker]:
    """Whether every core question is at most one level behind; an unknown one is not."""
    core = scored.bank.levels.gates.core
    items = scored.items
    behind = tuple(
        key
        for key in core
        if (item := items[key]).treatment in APPLICABLE
        and (item.level is None or item.level < step.number - 1)
    )
    if behind and step.number >= 1:
        lowest = min(Decimal(items[key].level or 0) for key in behind)
        yield Blocker(BlockerKind.CORE, step.number, lowest, Decimal(step.number - 1), behind)


def _evidence(scored: Scored, step: Level) -> Iterable[Blocker]:
    gate = scored.bank.levels.gates.evidence
    if gate is None or step.number < gate.from_level:
        return
    lacking = [
        item
        for domain in scored.domains
        for item in domain.items
        if _is_unsupported(scored.bank, item)
    ]
    if lacking:
        lowest = min(Decimal(item.evidence or 0) for item in lacking)
        keys = tuple(item.key for item in lacking)
        yield Blocker(BlockerKind.EVIDENCE, step.number, lowest, Decimal(gate.grade), keys)


def _is_unsupported(bank: Bank, item: ItemScore) -> bool:
    """Whether it is a ladder question whose evidence is below what the bank asks for.

    One that is not known has none: else not knowing would lift the level.
    """
    gate = bank.levels.gates.evidence
    return (
        gate is not None
        and item.treatment in APPLICABLE
        and (item.evidence or 0) < gate.grade
        and isinstance(bank.questions[item.key], Ladder)
    )


def is_unverified(bank: Bank, domains: Sequence[DomainScore], level: int) -> bool:
    """Whether a section's answers lack the evidence that this level asks for."""
    gate = bank.levels.gates.evidence
    return (
        gate is not None
        and level >= gate.from_level
        and any(_is_unsupported(bank, item) for domain in domains for item in domain.items)
    )


def highest_claim(bank: Bank, domains: Sequence[DomainScore]) -> int | None:
    """The highest level that a section may claim: by its evidence, and by what the bank can judge.

    None if there is no limit.
    """
    gates = bank.levels.gates
    limits = [] if gates.ceiling is None else [gates.ceiling]
    if gates.evidence is not None and is_unverified(bank, domains, gates.evidence.from_level):
        limits.append(gates.evidence.from_level - 1)
    return min(limits, default=None)


def _scenes(scored: Scored, step: Level) -> Iterable[Blocker]:
    """Whether enough scenes, and enough of the mandatory ones, are at this level themselves.

    What is not asked is not among those that could still get there.
    """
    gate = scored.bank.levels.gates.scenes
    if gate is None:
        return
    items = scored.items
    for needed in gate.steps:
        if needed.level != step.number:
            continue
        for kind, keys, least in (
            (BlockerKind.SCENES, gate.scenes, needed.scenes),
            (BlockerKind.MANDATORY_SCENES, gate.mandatory, needed.mandatory),
        ):
            there = [key for key in keys if (items[key].level or 0) >= step.number]
            behind = tuple(
                key for key in keys if key not in there and items[key].treatment in APPLICABLE
            )
            reached = len(there)
            if reached < least:
                yield Blocker(kind, step.number, Decimal(reached), Decimal(least), behind)


def _ceiling(scored: Scored, step: Level) -> Iterable[Blocker]:
    ceiling = scored.bank.levels.gates.ceiling
    if ceiling is not None and step.number > ceiling:
        yield Blocker(BlockerKind.CEILING, step.number, None, Decimal(ceiling))


_GATES: Sequence[Callable[[Scored, Level], Iterable[Blocker]]] = (
    _threshold,
    _breadth,
    _breadth_below,
    _core,
    _evidence,
    _scenes,
    _ceiling,
)


# --------------------------------------------------------------------- domains


def domain_threshold(bank: Bank, number: int) -> Decimal:
    """The points of 0–100 from which a domain is as good as level `number`.

    20 for each level where domains have levels (source: standard-bank 11.10). Elsewhere the
    threshold of the bank's own step, and 0 below the lowest.
    """
    if bank.parts_have_levels:
        return PER_LEVEL * number
    reached = (step.threshold for step in bank.levels.steps if step.number <= number)
    return max(reached, default=Decimal(0))
