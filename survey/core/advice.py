"""A result to improvements, best first: what a firm should do next, and why that first.

Order (docs/decisions/0002-scoring.md): what blocks the next level comes before everything else,
core questions first; then the points of the total that a step can bring, divided by its effort.
The short list has at most 7 steps for small firms and 12 for others, with at least one for each
of the themes smart, green and service that has a step to offer. The same answers always give the
same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from survey.core.answers import Answers, Picked
from survey.core.bank import Advice, Bank, Effort, Question, Section, Theme
from survey.core.conditions import visible
from survey.core.figures import one_decimal
from survey.core.rounding import rounded
from survey.core.scoring import BlockerKind, ItemScore, Result, Treatment
from survey.core.text import Text

SHORT_FOR_SMALL = 7
SHORT_FOR_OTHERS = 12
SMALL = ("small", "micro")
PHASE_OF = {30: 1, 90: 2, 365: 3}
_EFFORT = {Effort.S: Decimal(1), Effort.M: Decimal(2), Effort.L: Decimal(4)}
_ALWAYS = (Theme.SMART, Theme.GREEN, Theme.SERVICE)


@dataclass(frozen=True, slots=True)
class Improvement:
    """One step up for one question.

    `gain` is what the step adds to the total (points of 0–100, 6 places), if nothing else
    changes; `priority` is gain over effort; `unblocks` tells that the next level waits for it.
    """

    question: str
    section: str
    theme: Theme
    advice: Advice
    phase: int
    gain: Decimal
    priority: Decimal
    unblocks: bool
    because: Text


@dataclass(frozen=True, slots=True)
class Plan:
    """The short list to act on, best first, and the steps that can wait."""

    short: tuple[Improvement, ...]
    rest: tuple[Improvement, ...]

    def phase(self, number: int) -> tuple[Improvement, ...]:
        """The steps of the short list in phase 1 (30 days), 2 (90 days) or 3 (365 days)."""
        return tuple(step for step in self.short if step.phase == number)


def plan(bank: Bank, answers: Answers, result: Result) -> Plan:
    """Choose and order the next steps. What is unknown or does not apply gets no advice."""
    core = frozenset(_core(result))
    steps = sorted(
        _steps(bank, result),
        key=lambda step: (step.question not in core, not step.unblocks, -step.priority),
    )
    limit = _limit(bank, answers)
    short = _with_every_theme(steps, limit)
    return Plan(
        short=tuple(step for step in steps if step.question in short),
        rest=tuple(step for step in steps if step.question not in short),
    )


def next_step(question: Question, level: int) -> Advice | None:
    """The advice for the first step above this level, if the bank has one."""
    above = [advice for advice in question.advice if advice.to > level]
    return min(above, key=lambda advice: advice.to, default=None)


def _steps(bank: Bank, result: Result) -> Iterator[Improvement]:
    blocking = frozenset(_blocking(result))
    items = result.items
    for section in bank.sections:
        for question in section.questions:
            item = items[question.key]
            if item.treatment is Treatment.SCORED and item.level is not None:
                advice = next_step(question, item.level)
                if advice is not None:
                    unblocks = question.key in blocking
                    yield _improvement(section, item, advice, unblocks=unblocks)


def _improvement(
    section: Section, item: ItemScore, advice: Advice, *, unblocks: bool
) -> Improvement:
    score = item.score or Decimal(0)
    gain = rounded((item.share or Decimal(0)) * (advice.to * 20 - score))
    return Improvement(
        question=item.key,
        section=section.key,
        theme=section.theme,
        advice=advice,
        phase=PHASE_OF[advice.horizon],
        gain=gain,
        priority=rounded(gain / _EFFORT[advice.effort]),
        unblocks=unblocks,
        because=_because(gain, unblocks=unblocks),
    )


def _because(gain: Decimal, *, unblocks: bool) -> Text:
    points = one_decimal(gain)
    if unblocks and not gain:
        return Text(
            zh="目前正是这一项卡住了下一级。",
            en="It keeps the next level out of reach.",
        )
    if not gain:
        return Text(
            zh="这一项目前不计入总分，但仍值得去做。",
            en="It does not count towards the total at present, but is worth doing.",
        )
    if unblocks:
        return Text(
            zh=f"目前正是这一项卡住了下一级；完成后总分约提高{points}分。",
            en=f"It keeps the next level out of reach; done, it adds about {points} points.",
        )
    return Text(
        zh=f"按投入大小衡量，这一步较为划算；完成后总分约提高{points}分。",
        en=f"It brings much for its effort; done, it adds about {points} points.",
    )


def _core(result: Result) -> Iterator[str]:
    """The core questions that hold the next level back: each alone is enough to do so."""
    for blocker in result.blockers:
        if blocker.kind is BlockerKind.CORE:
            yield from blocker.keys


def _blocking(result: Result) -> Iterator[str]:
    """The questions that hold the next level back: core ones, and the weak ones of a domain."""
    yield from _core(result)
    for blocker in result.blockers:
        match blocker.kind:
            case BlockerKind.BREADTH:
                yield from _weak(result, blocker.keys, blocker.level)
            case BlockerKind.BREADTH_BELOW:
                yield from _weak(result, blocker.keys, blocker.level - 1)
            case _:
                pass


def _weak(result: Result, domains: Sequence[str], floor: int) -> Iterator[str]:
    """The questions of these domains that are below the level which the domain should reach."""
    for section in result.sections:
        for domain in section.domains:
            if domain.key in domains:
                yield from (item.key for item in domain.items if (item.level or 0) < floor)


def _limit(bank: Bank, answers: Answers) -> int:
    size = answers.get(bank.size_by or "") if bank.size_by in visible(bank, answers) else None
    small = isinstance(size, Picked) and size.option in SMALL
    return SHORT_FOR_SMALL if small else SHORT_FOR_OTHERS


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
        chosen.remove(dispensable[-1])
        chosen.append(candidate)
    return frozenset(step.question for step in chosen)
