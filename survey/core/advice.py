"""A result to improvements, best first: what a firm should do next, and why that first.

Order (docs/decisions/0002-scoring.md): what is urgent, that is compliance that is not met and
safety or security below the floor that the bank sets; then what blocks the next level, core
questions first; then the points of the total that a step can bring, divided by its effort. What
has reached the firm's own target can wait. The short list has at most 7 steps for small firms and
12 for others, with at least one for each of the themes smart, green and service that has a step
to offer. The same answers always give the same order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from survey.core import advice_words, wording
from survey.core.answers import Answer, Answers, Grid, Picked
from survey.core.bank import (
    Action,
    Advice,
    Bank,
    Effort,
    Method,
    Question,
    Requirements,
    Section,
    Theme,
    YesNo,
)
from survey.core.conditions import visible
from survey.core.earned import HUNDRED, ZERO, stage_shares
from survey.core.levels import domain_threshold
from survey.core.result import BlockerKind, ItemScore, Result, Treatment
from survey.core.rounding import rounded
from survey.core.steps import at_least
from survey.core.text import Text
from survey.core.unblock import PER_LEVEL, ways

SHORT_FOR_SMALL = 7
SHORT_FOR_OTHERS = 12
PHASE_OF = {30: 1, 90: 2, 365: 3}
_EFFORT = {Effort.S: Decimal(1), Effort.M: Decimal(2), Effort.L: Decimal(4)}
_ALWAYS = (Theme.SMART, Theme.GREEN, Theme.SERVICE)


class Rank(IntEnum):
    """How pressing a step is: the lower the number, the earlier."""

    URGENT = 0
    CORE = 1
    UNBLOCKS = 2
    GAIN = 3
    REACHED = 4


@dataclass(frozen=True, slots=True)
class Improvement:
    """One step up for one question, or the remedy for one statement that is not true.

    `to` is the level that the step leads to, None for a remedy. `gain` is what it adds to the
    total (points of 0–100, 6 places), if nothing else changes; `priority` is gain over effort.
    """

    question: str
    statement: str | None
    section: str
    theme: Theme
    action: Action
    to: int | None
    phase: int
    rank: Rank
    gain: Decimal
    priority: Decimal
    because: Text

    @property
    def key(self) -> str:
        """Tells the steps of one plan apart."""
        return self.question if self.statement is None else f"{self.question}.{self.statement}"

    @property
    def unblocks(self) -> bool:
        """Whether the next level waits for it."""
        return self.rank in (Rank.CORE, Rank.UNBLOCKS)


@dataclass(frozen=True, slots=True)
class Plan:
    """The short list to act on, best first, and the steps that can wait."""

    short: tuple[Improvement, ...]
    rest: tuple[Improvement, ...]

    def phase(self, number: int) -> tuple[Improvement, ...]:
        """The steps of the short list in phase 1 (30 days), 2 (90 days) or 3 (365 days)."""
        return tuple(step for step in self.short if step.phase == number)


@dataclass(frozen=True, slots=True)
class Firm:
    """What advice is fitted to: the firm's size, production type and sector, where known."""

    size: str | None
    type: str | None
    sector: str | None

    def fits(self, action: Action) -> bool:
        """Whether the action is meant for such a firm; what is not known fits only all."""
        return all(
            not limits or answer in limits
            for limits, answer in (
                (action.sizes, self.size),
                (action.types, self.type),
                (action.sectors, self.sector),
            )
        )


def plan(
    bank: Bank, answers: Answers, result: Result, targets: Mapping[str, int] | None = None
) -> Plan:
    """Choose and order the next steps. What is unknown or does not apply gets no advice.

    `targets` are the levels that the firm wants its domains to reach; without one, the next.
    """
    case = _Case(
        bank,
        answers,
        result,
        targets or {},
        firm_of(bank, answers),
        _blocking(bank, answers, result),
    )
    steps = sorted(_steps(case), key=lambda step: (step.rank, -step.priority))
    limit = SHORT_FOR_SMALL if case.firm.size in bank.small_sizes else SHORT_FOR_OTHERS
    short = _with_every_theme(steps, limit)
    return Plan(
        short=tuple(step for step in steps if step.key in short),
        rest=tuple(step for step in steps if step.key not in short),
    )


def firm_of(bank: Bank, answers: Answers) -> Firm:
    """What the firm's answers say about its size, type and sector."""
    shown = visible(bank, answers)

    def chosen(key: str | None) -> str | None:
        answer = answers.get(key or "") if key in shown else None
        return answer.option if isinstance(answer, Picked) else None

    return Firm(chosen(bank.size_by), chosen(bank.weigh_by), chosen(bank.sector_by))


def next_step(question: Question, level: int, firm: Firm) -> Advice | None:
    """The advice for the first step above this level, of what fits the firm."""
    above = [each for each in question.advice if each.to > level and firm.fits(each)]
    return min(above, key=lambda each: each.to, default=None)


# ------------------------------------------------------------------------- steps


@dataclass(frozen=True, slots=True)
class _Case:
    bank: Bank
    answers: Answers
    result: Result
    targets: Mapping[str, int]
    firm: Firm
    blocking: Mapping[str, Rank]


def _steps(case: _Case) -> Iterator[Improvement]:
    items, shown = case.result.items, visible(case.bank, case.answers)
    for section in case.bank.sections:
        for domain in section.domains:
            reached = _has_reached(case, domain.key)
            for question in domain.questions:
                item = items[question.key]
                if isinstance(question, YesNo) and question.key in shown:
                    yield from _remedies(case, section, question)
                elif item.treatment is Treatment.SCORED and item.level is not None:
                    advice = next_step(question, item.level, case.firm)
                    if advice is not None:
                        yield _step(case, section, question, item, advice, reached=reached)


def _has_reached(case: _Case, domain: str) -> bool:
    target = case.targets.get(domain)
    if target is None:
        return False
    return (case.result.domains[domain].score or ZERO) >= domain_threshold(case.bank, target)


def _remedies(case: _Case, section: Section, question: YesNo) -> Iterator[Improvement]:
    """What to do about each statement that is known not to be true."""
    answer: Answer | None = case.answers.get(question.key)
    states = answer.rows if isinstance(answer, Grid) else {}
    for statement in question.statements:
        remedy = statement.remedy
        if states.get(statement.key) == "no" and remedy is not None and case.firm.fits(remedy):
            yield Improvement(
                question=question.key,
                statement=statement.key,
                section=section.key,
                theme=section.theme,
                action=remedy,
                to=None,
                phase=PHASE_OF[remedy.horizon],
                rank=Rank.URGENT,
                gain=ZERO,
                priority=ZERO,
                because=advice_words.NOT_MET,
            )


def _step(
    case: _Case,
    section: Section,
    question: Question,
    item: ItemScore,
    advice: Advice,
    *,
    reached: bool,
) -> Improvement:
    gain = rounded(_gain(case, question, item, advice.to))
    rank = case.blocking.get(question.key, Rank.REACHED if reached else Rank.GAIN)
    if item.level is not None and question.urgent_below is not None:
        rank = Rank.URGENT if item.level < question.urgent_below else rank
    return Improvement(
        question=question.key,
        statement=None,
        section=section.key,
        theme=section.theme,
        action=advice,
        to=advice.to,
        phase=PHASE_OF[advice.horizon],
        rank=rank,
        gain=gain,
        priority=rounded(gain / _EFFORT[advice.effort]),
        because=_because(rank, gain, advice.effort),
    )


def _gain(case: _Case, question: Question, item: ItemScore, to: int) -> Decimal:
    """The points of the total that a step to this level brings."""
    share, score = item.share or ZERO, item.score or ZERO
    if case.bank.scoring.method is not Method.STAGED:
        return share * max(at_least(question, PER_LEVEL * to) - score, ZERO)
    assert isinstance(question, Requirements)  # a staged bank scores nothing else
    unmet = next((stage for stage in case.result.stages if not stage.met), None)
    if unmet is None or to < unmet.level:
        return ZERO
    missing = 1 - stage_shares(question, case.answers[question.key])[unmet.level - 1]
    return share * missing * HUNDRED / len(case.result.stages)


def _because(rank: Rank, gain: Decimal, effort: Effort) -> Text:
    match rank:
        case Rank.URGENT:
            return advice_words.urgent(gain)
        case Rank.CORE | Rank.UNBLOCKS:
            return advice_words.unblocks(gain)
        case Rank.REACHED:
            return advice_words.TARGET_REACHED
        case _:
            return advice_words.worth(gain, wording.EFFORTS[effort])


# ------------------------------------------------------------- what comes first

_UNBLOCKING = {
    BlockerKind.CORE: Rank.CORE,
    BlockerKind.BREADTH: Rank.UNBLOCKS,
    BlockerKind.BREADTH_BELOW: Rank.UNBLOCKS,
    BlockerKind.SCENES: Rank.UNBLOCKS,
    BlockerKind.MANDATORY_SCENES: Rank.UNBLOCKS,
}


def _blocking(bank: Bank, answers: Answers, result: Result) -> Mapping[str, Rank]:
    """The fewest questions that hold the next level back. A core question alone is enough to."""
    found: dict[str, Rank] = {}
    for way in ways(bank, answers, result):
        rank = _UNBLOCKING.get(way.blocker.kind)
        if rank is not None:
            for change in way.changes:
                found[change.question] = min(rank, found.get(change.question, rank))
    return found


def _with_every_theme(steps: Sequence[Improvement], limit: int) -> frozenset[str]:
    """The first `limit` steps, the last of them exchanged for themes that would be left out."""
    chosen = list(steps[:limit])
    for theme in _ALWAYS:
        candidate = next((step for step in steps if step.theme is theme), None)
        if candidate is None or any(step.theme is theme for step in chosen):
            continue
        dispensable = [
            step
            for step in chosen
            if step.theme not in _ALWAYS or sum(s.theme is step.theme for s in chosen) > 1
        ]
        calm = [step for step in dispensable if step.rank is not Rank.URGENT]
        chosen.remove((calm or dispensable)[-1])
        chosen.append(candidate)
    return frozenset(step.key for step in chosen)
