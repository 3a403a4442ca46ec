"""The fewest answers that would have to change for a blocker to go.

Each blocker is looked at alone, and as if the questions asked stayed the same. What is unknown
stays unknown, unless it is the completeness that blocks, a part has no answer at all, or what is
open keeps its share (points). What no answers can remove has no changes. The number of changes is
the smallest possible; how far each answer must rise is the least that an answer can earn and
still be enough, the last ones first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from survey.core import methods
from survey.core.answers import Answers
from survey.core.bank import Bank, Method, Question, Requirements
from survey.core.earned import HUNDRED, ZERO, stage_shares
from survey.core.methods import Part
from survey.core.result import (
    APPLICABLE,
    OPEN,
    Blocker,
    BlockerKind,
    DomainScore,
    ItemScore,
    Result,
    Treatment,
)
from survey.core.rounding import rounded
from survey.core.steps import at_least, level_at, names_level

PER_LEVEL = Decimal(20)


class Act(StrEnum):
    """What has to be done about an answer."""

    RAISE = "raise"
    ANSWER = "answer"
    PROVE = "prove"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Change:
    """One answer to change.

    `score` is what it must earn at least (0–100), None if any answer will do; `level` is the
    level of that score, or the level whose requirements must be met.
    """

    question: str
    act: Act
    score: Decimal | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one blocker could be removed; no change helps against a ceiling."""

    blocker: Blocker
    changes: tuple[Change, ...]


def ways(bank: Bank, answers: Answers, result: Result) -> tuple[Way, ...]:
    """One way for each blocker of the result, in the same order."""
    case = _Case(bank, answers, result)
    return tuple(
        Way(blocker, tuple(_WAYS[blocker.kind](case, blocker))) for blocker in result.blockers
    )


@dataclass(frozen=True, slots=True)
class _Case:
    bank: Bank
    answers: Answers
    result: Result

    def question(self, key: str) -> Question:
        return self.bank.questions[key]

    def reach(self, key: str, needed: Decimal) -> Change:
        """Bring one question to at least `needed` points."""
        question = self.question(key)
        score = at_least(question, needed)
        known = self.result.items[key].treatment is Treatment.SCORED
        level = level_at(question, score) if names_level(self.bank, question) else None
        return Change(key, Act.RAISE if known else Act.ANSWER, score, level)


@dataclass(frozen=True, slots=True)
class _Lever:
    """A question that can be raised: its share of the whole (0–1) and its present score."""

    key: str
    share: Decimal
    score: Decimal

    @property
    def gain(self) -> Decimal:
        return self.share * (HUNDRED - self.score)


def _fewest(case: _Case, levers: Iterable[_Lever], missing: Decimal) -> list[Change] | None:
    """The fewest levers that together bring `missing` points; None if all are not enough."""
    chosen: list[_Lever] = []
    brought = ZERO
    for lever in sorted(levers, key=lambda lever: -lever.gain):
        if rounded(brought - missing) >= 0:
            break
        chosen.append(lever)
        brought += lever.gain
    if rounded(brought - missing) < 0:
        return None
    spare = max(brought - missing, ZERO)
    changes = []
    for lever in reversed(chosen):
        change = case.reach(lever.key, rounded(HUNDRED - spare / lever.share))
        assert change.score is not None
        spare -= lever.share * (HUNDRED - change.score)
        changes.append(change)
    return changes[::-1]


# ------------------------------------------------------------------ the blockers


def _threshold(case: _Case, blocker: Blocker) -> Iterable[Change]:
    missing = _missing(blocker)
    if case.bank.scoring.method is Method.STAGED:
        return _stage(case, blocker.level)
    levers = [
        _Lever(item.key, item.share, item.score or ZERO)
        for item in case.result.items.values()
        if item.share and item.treatment in APPLICABLE
    ]
    return _fewest(case, levers, missing) or ()


def _missing(blocker: Blocker) -> Decimal:
    return (blocker.needed or ZERO) - (blocker.actual or ZERO)


def _stage(case: _Case, level: int) -> Iterable[Change]:
    """The questions whose requirements of this level bring most, until the level is met."""
    stage = next(stage for stage in case.result.stages if stage.level == level)
    missing = case.bank.scoring.met_at / HUNDRED - stage.score
    gains = []
    for item in case.result.items.values():
        question = case.question(item.key)
        if item.share and item.treatment is Treatment.SCORED:
            assert isinstance(question, Requirements)  # a staged bank scores nothing else
            shares = stage_shares(question, case.answers[item.key])
            gains.append((item.share * (1 - shares[level - 1]), item.key))
    chosen = _until_enough(gains, missing)
    return [Change(key, Act.STAGE, level=level) for key in chosen or ()]


def _until_enough(parts: Sequence[tuple[Decimal, str]], missing: Decimal) -> list[str] | None:
    """The keys of the largest parts, until they make up what is missing; None if all do not."""
    chosen = []
    for part, key in sorted(parts, key=lambda pair: -pair[0]):
        if rounded(missing) <= 0:
            break
        missing -= part
        chosen.append(key)
    return chosen if rounded(missing) <= 0 else None


def _breadth(case: _Case, blocker: Blocker) -> Iterable[Change]:
    return _domains(case, blocker, blocker.level)


def _breadth_below(case: _Case, blocker: Blocker) -> Iterable[Change]:
    return _domains(case, blocker, blocker.level - 1)


def _domains(case: _Case, blocker: Blocker, floor: int) -> Iterable[Change]:
    """Raise the domains that need the fewest answers, as many of them as are missing."""
    found = (_domain(case, case.result.domains[key], PER_LEVEL * floor) for key in blocker.keys)
    possible = sorted((changes for changes in found if changes is not None), key=len)
    missing = _domains_missing(blocker)
    if len(possible) < missing:
        return ()
    return [change for changes in possible[:missing] for change in changes]


def _domains_missing(blocker: Blocker) -> int:
    """How many more domains make the share that is needed; the share tells how many there are."""
    behind, actual = len(blocker.keys), blocker.actual or ZERO
    whole = (behind / (1 - actual / HUNDRED)).to_integral_value()
    return next(
        more
        for more in range(1, behind + 1)
        if rounded((whole - behind + more) / whole * HUNDRED) >= (blocker.needed or ZERO)
    )


def _domain(case: _Case, domain: DomainScore, needed: Decimal) -> list[Change] | None:
    """The fewest answers that bring a domain to `needed` points; None if all are not enough."""
    asked = [item for item in domain.items if item.treatment in APPLICABLE]
    if domain.score is None and case.bank.scoring.method is not Method.POINTS:
        heaviest = max(asked, key=lambda item: item.weight)
        return [case.reach(heaviest.key, needed)]
    counted = [*asked, *(i for i in domain.items if i.treatment is Treatment.NOT_APPLICABLE)]
    scoring = case.bank.scoring
    divided = methods.shares(
        [Part(i.weight, i.score, i.treatment is Treatment.NOT_APPLICABLE) for i in counted],
        scoring.method,
        scoring.not_applicable,
    )
    levers = [
        _Lever(item.key, share, item.score or ZERO)
        for item, share in zip(counted, divided, strict=True)
        if share and item.treatment in APPLICABLE
    ]
    return _fewest(case, levers, needed - (domain.score or ZERO))


def _core(case: _Case, blocker: Blocker) -> Iterable[Change]:
    needed = PER_LEVEL * (blocker.needed or ZERO)
    return [case.reach(key, needed) for key in blocker.keys]


def _completeness(case: _Case, blocker: Blocker) -> Iterable[Change]:
    items = case.result.items.values()
    whole = sum((item.cover for item in items if item.treatment in APPLICABLE), ZERO)
    covers = [(item.cover, item.key) for item in items if item.treatment in OPEN]
    return _answered(covers, _missing(blocker) / HUNDRED * whole)


def _not_applicable(case: _Case, blocker: Blocker) -> Iterable[Change]:
    items = case.result.items.values()
    excluded = [(i.cover, i.key) for i in items if i.treatment is Treatment.NOT_APPLICABLE]
    whole = sum((i.cover for i in items if i.treatment in APPLICABLE), ZERO)
    whole += sum((cover for cover, _ in excluded), ZERO)
    return _answered(excluded, -_missing(blocker) / HUNDRED * whole)


def _answered(covers: Sequence[tuple[Decimal, str]], missing: Decimal) -> Iterable[Change]:
    """Answer what covers most, until the missing part of the whole is covered."""
    return [Change(key, Act.ANSWER) for key in _until_enough(covers, missing) or ()]


def _evidence(case: _Case, blocker: Blocker) -> Iterable[Change]:
    known = case.result.items
    return [
        Change(key, Act.ANSWER if known[key].treatment in OPEN else Act.PROVE)
        for key in blocker.keys
    ]


def _scenes(case: _Case, blocker: Blocker) -> Iterable[Change]:
    """The scenes that are nearest; mandatory ones first, because they serve both conditions."""
    gate = case.bank.levels.gates.scenes
    mandatory = gate.mandatory if gate is not None else ()

    def distance(key: str) -> tuple[bool, int]:
        return key not in mandatory, -(_level(case.result.items[key]))

    nearest = sorted(blocker.keys, key=distance)[: int(_missing(blocker))]
    return [case.reach(key, PER_LEVEL * blocker.level) for key in nearest]


def _level(item: ItemScore) -> int:
    return item.level or 0


def _nothing(_case: _Case, _blocker: Blocker) -> Iterable[Change]:
    return ()


_WAYS: Mapping[BlockerKind, Callable[[_Case, Blocker], Iterable[Change]]] = {
    BlockerKind.THRESHOLD: _threshold,
    BlockerKind.BREADTH: _breadth,
    BlockerKind.BREADTH_BELOW: _breadth_below,
    BlockerKind.CORE: _core,
    BlockerKind.COMPLETENESS: _completeness,
    BlockerKind.NOT_APPLICABLE_CAP: _not_applicable,
    BlockerKind.EVIDENCE: _evidence,
    BlockerKind.SCENES: _scenes,
    BlockerKind.MANDATORY_SCENES: _scenes,
    BlockerKind.CEILING: _nothing,
}
