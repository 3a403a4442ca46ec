"""Answers to scores, levels and blockers, with a trace from every answer to the total.

The rules are those of docs/decisions/0002-scoring.md:

- A question earns 0 to 100. A domain is the weighted mean of its known, applicable questions,
  a section of its rated domains, the total of its rated sections.
- Not applicable is left out of mean and completeness; its weight goes to the questions beside it.
  Don't know and unanswered are left out of the mean and lower the completeness. Zero is an answer.
- Hidden by a condition, and unscored: nowhere counted.
- Arithmetic is decimal with 28 digits; every comparison with a limit happens after rounding
  half up to 6 places.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from survey.core.answers import (
    Answer,
    Answers,
    Boxes,
    DontKnow,
    Excluded,
    Figure,
    Grid,
    Picked,
    Quotient,
    is_whole,
)
from survey.core.bank import (
    Band,
    Bank,
    Domain,
    Gates,
    Kind,
    Ladder,
    Level,
    Matrix,
    Multiple,
    Number,
    Question,
    Ratio,
    Section,
)
from survey.core.conditions import visible
from survey.core.rounding import rounded

ENGINE = "1"
"""Raised whenever the same answers could score differently."""

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class Treatment(StrEnum):
    """What became of a question in the score."""

    SCORED = "scored"
    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"
    NOT_APPLICABLE = "not-applicable"
    HIDDEN = "hidden"
    UNSCORED = "unscored"


class NaPolicy(StrEnum):
    """What a missing part of a weighted mean does."""

    EXCLUDE = "exclude"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One question: its score of 0–100, its weight, and its part of the total.

    `share` is the question's effective part of the whole (0–1) after redistribution, and
    ``contribution = share × score`` in points of the total; both are None if it did not count.
    """

    key: str
    treatment: Treatment
    weight: Decimal
    score: Decimal | None
    level: int | None
    share: Decimal | None
    contribution: Decimal | None


@dataclass(frozen=True, slots=True)
class DomainScore:
    """One domain; `score` is None if nothing in it is known and applicable."""

    key: str
    weight: Decimal
    score: Decimal | None
    level: int | None
    share: Decimal | None
    items: tuple[ItemScore, ...]


@dataclass(frozen=True, slots=True)
class SectionScore:
    """One section.

    `rated` is False if too little of it applies for the bank's limit, or nothing of it is known.
    `completeness` is None if nothing of it applies.
    """

    key: str
    weight: Decimal
    score: Decimal | None
    level: int | None
    completeness: Decimal | None
    rated: bool
    share: Decimal | None
    domains: tuple[DomainScore, ...]

    @property
    def items(self) -> tuple[ItemScore, ...]:
        return tuple(item for domain in self.domains for item in domain.items)


class BlockerKind(StrEnum):
    """Which condition of a level does not hold."""

    THRESHOLD = "threshold"
    BREADTH = "breadth"
    BREADTH_BELOW = "breadth-below"
    CORE = "core"
    COMPLETENESS = "completeness"
    NOT_APPLICABLE_CAP = "not-applicable-cap"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why `level` is not reached: what is there, what is needed, and which parts fall short.

    `keys` are domain keys for breadth, question keys for core, completeness and the cap.
    """

    kind: BlockerKind
    level: int
    actual: Decimal | None
    needed: Decimal | None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that the answers say. All scores are 0–100, rounded to 6 places.

    `total` is None if nothing is known or the cap on not applicable is exceeded.
    `level` is None if no level can be given; `provisional` marks a total below the
    completeness that a level needs. `blockers` belong to the level after the present one.
    """

    engine: str
    bank_key: str
    bank_version: int
    total: Decimal | None
    provisional: bool
    completeness: Decimal
    not_applicable: Decimal
    level: int | None
    blockers: tuple[Blocker, ...]
    sections: tuple[SectionScore, ...]

    @property
    def items(self) -> Mapping[str, ItemScore]:
        return {item.key: item for section in self.sections for item in section.items}


# ------------------------------------------------------------------- the whole


def score(bank: Bank, answers: Answers) -> Result:
    """Score a firm's answers. Answers to questions that do not apply are ignored.

    The order of answers and the reader's language never matter.
    """
    shown = visible(bank, answers)
    answers = {key: answer for key, answer in answers.items() if key in shown}
    drafts = [
        _section(section, section_weight(bank, section, answers), answers, shown, bank)
        for section in bank.sections
    ]
    weight_sum = sum((draft.weight for draft in drafts if draft.counts), ZERO)
    sections = tuple(
        _share_out(draft, draft.weight / weight_sum if draft.counts and weight_sum else None)
        for draft in drafts
    )
    exact = weighted_mean([(draft.weight, draft.exact) for draft in drafts if draft.counts])
    coverage = _coverage(drafts)
    capped = coverage.not_applicable > bank.levels.not_applicable_cap
    total = None if exact is None or capped else rounded(exact)
    completeness = coverage.known or ZERO
    applying = frozenset(draft.key for draft in drafts if draft.rated)
    level, blockers = _level(
        _Facts(bank, sections, applying, total, completeness, coverage.not_applicable)
    )
    return Result(
        engine=ENGINE,
        bank_key=bank.key,
        bank_version=bank.version,
        total=total,
        provisional=total is not None and completeness < bank.levels.gates.completeness,
        completeness=completeness,
        not_applicable=coverage.not_applicable,
        level=level,
        blockers=blockers,
        sections=sections,
    )


def weighted_mean(
    parts: Sequence[tuple[Decimal, Decimal | None]], policy: NaPolicy = NaPolicy.EXCLUDE
) -> Decimal | None:
    """The mean of (weight, score) pairs; a score of None is left out, or counted as zero.

    None if nothing is left to average: neither 0 nor 100.
    """
    if policy is NaPolicy.ZERO and any(value is not None for _, value in parts):
        parts = [(weight, value or ZERO) for weight, value in parts]
    known = [(weight, value) for weight, value in parts if value is not None]
    weight_sum = sum((weight for weight, _ in known), ZERO)
    if weight_sum == 0:
        return None
    return sum((weight * value for weight, value in known), ZERO) / weight_sum


def section_weight(bank: Bank, section: Section, answers: Answers) -> Decimal:
    """The section's weight for this firm, by its answer to the bank's `weigh_by` question."""
    if isinstance(section.weight, Decimal):
        return section.weight
    chosen = answers.get(bank.weigh_by or "")
    key = chosen.option if isinstance(chosen, Picked) else bank.weigh_default
    return section.weight[key or ""]


def is_scored(question: Question) -> bool:
    """Whether an answer to this question can earn points."""
    match question:
        case Ladder():
            return True
        case Multiple():
            return question.full_at is not None
        case Number() | Ratio():
            return bool(question.bands)
        case Matrix():
            return any(state.points for state in question.states)
        case _:
            return False


def level_of(value: Decimal) -> int:
    """The level of an item or a domain: one per full 20 points (source: standard-bank 11.10)."""
    return int(rounded(value) // 20)


# ---------------------------------------------------------------- one question


def question_score(question: Question, answer: Answer) -> Decimal:
    """The score of 0–100 that a usable answer earns.

    Raises KeyError for a question that is not scored.
    """
    return _SCORERS[question.kind](question, answer)


def _ladder_score(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Ladder)
    assert isinstance(answer, Picked)
    points = [option.points or ZERO for option in question.options]
    at = next(i for i, option in enumerate(question.options) if option.key == answer.option)
    earned = (points[at] + points[at + 1]) / 2 if answer.half else points[at]
    return earned / points[-1] * HUNDRED


def _multiple_score(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Multiple)
    assert isinstance(answer, Boxes)
    ticked = sum(1 for key in answer.options if key != question.none)
    return min(Decimal(ticked) / Decimal(question.full_at or 1), Decimal(1)) * HUNDRED


def _number_score(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Number)
    assert isinstance(answer, Figure)
    return band_score(question.bands, answer.number)


def _ratio_score(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Ratio)
    assert isinstance(answer, Quotient)
    return band_score(question.bands, answer.percent)


def _matrix_score(question: Question, answer: Answer) -> Decimal:
    assert isinstance(question, Matrix)
    assert isinstance(answer, Grid)
    points = {state.key: state.points or ZERO for state in question.states}
    best = max(points.values())
    earned = sum((points[state] for state in answer.rows.values()), ZERO) / best
    return min(earned / Decimal(question.full_at or len(question.rows)), Decimal(1)) * HUNDRED


_SCORERS: Mapping[Kind, Callable[[Question, Answer], Decimal]] = {
    Kind.LADDER: _ladder_score,
    Kind.MULTIPLE: _multiple_score,
    Kind.NUMBER: _number_score,
    Kind.RATIO: _ratio_score,
    Kind.MATRIX: _matrix_score,
}


def band_score(bands: Sequence[Band], value: Decimal) -> Decimal:
    """The score of the last band that the value has reached, compared at 6 places; 0 below all."""
    value = rounded(value)
    reached = [
        band for band in bands if value > band.from_ or (value == band.from_ and not band.above)
    ]
    return reached[-1].score if reached else ZERO


def _treatment(question: Question, answer: Answer | None, shown: frozenset[str]) -> Treatment:
    if question.key not in shown:
        return Treatment.HIDDEN
    if not is_scored(question):
        return Treatment.UNSCORED
    match answer:
        case None:
            return Treatment.UNANSWERED
        case DontKnow():
            return Treatment.UNKNOWN
        case Excluded():
            return Treatment.NOT_APPLICABLE
        case _:
            return Treatment.SCORED if is_whole(question, answer) else Treatment.UNANSWERED


# --------------------------------------------------- domains, sections, shares


@dataclass(frozen=True, slots=True)
class _DraftItem:
    key: str
    weight: Decimal
    treatment: Treatment
    exact: Decimal | None


@dataclass(frozen=True, slots=True)
class _DraftDomain:
    key: str
    weight: Decimal
    items: tuple[_DraftItem, ...]
    exact: Decimal | None


@dataclass(frozen=True, slots=True)
class _Coverage:
    """Weights in per cent: what is known of what applies, and what was declared out.

    `known` is None if nothing applies.
    """

    known: Decimal | None
    not_applicable: Decimal


@dataclass(frozen=True, slots=True)
class _DraftSection:
    key: str
    weight: Decimal
    domains: tuple[_DraftDomain, ...]
    exact: Decimal | None
    coverage: _Coverage
    rated: bool

    @property
    def counts(self) -> bool:
        return self.rated and self.exact is not None


def _section(
    section: Section, weight: Decimal, answers: Answers, shown: frozenset[str], bank: Bank
) -> _DraftSection:
    domains = tuple(_domain(domain, answers, shown) for domain in section.domains)
    coverage = _weigh([(Decimal(1), domains)])
    return _DraftSection(
        key=section.key,
        weight=weight,
        domains=domains,
        exact=weighted_mean([(domain.weight, domain.exact) for domain in domains]),
        coverage=coverage,
        rated=HUNDRED - coverage.not_applicable >= bank.levels.rated_from,
    )


def _domain(domain: Domain, answers: Answers, shown: frozenset[str]) -> _DraftDomain:
    items = tuple(_item(question, answers, shown) for question in domain.questions)
    mean = weighted_mean([(item.weight, item.exact) for item in items])
    return _DraftDomain(domain.key, domain.weight, items, mean)


def _item(question: Question, answers: Answers, shown: frozenset[str]) -> _DraftItem:
    answer = answers.get(question.key)
    treatment = _treatment(question, answer, shown)
    exact = None
    if treatment is Treatment.SCORED and answer is not None:
        exact = question_score(question, answer)
    return _DraftItem(question.key, question.weight, treatment, exact)


def _coverage(sections: Sequence[_DraftSection]) -> _Coverage:
    return _weigh([(section.weight, section.domains) for section in sections])


_APPLICABLE = (Treatment.SCORED, Treatment.UNKNOWN, Treatment.UNANSWERED)
_COUNTED = (*_APPLICABLE, Treatment.NOT_APPLICABLE)


def _weigh(groups: Sequence[tuple[Decimal, Sequence[_DraftDomain]]]) -> _Coverage:
    """Add up, by treatment, each question's share before any redistribution."""
    by_treatment = dict.fromkeys(_COUNTED, ZERO)
    for weight, domains in groups:
        counted = [
            (domain.weight, items)
            for domain in domains
            if (items := [item for item in domain.items if item.treatment in _COUNTED])
        ]
        domain_sum = sum((domain_weight for domain_weight, _ in counted), ZERO)
        for domain_weight, items in counted:
            item_sum = sum((item.weight for item in items), ZERO)
            for item in items:
                if domain_sum and item_sum:
                    share = weight * (domain_weight / domain_sum) * (item.weight / item_sum)
                    by_treatment[item.treatment] += share
    excluded = by_treatment[Treatment.NOT_APPLICABLE]
    everything = sum(by_treatment.values(), ZERO)
    applicable = everything - excluded
    return _Coverage(
        known=_percent(by_treatment[Treatment.SCORED], applicable) if applicable else None,
        not_applicable=_percent(excluded, everything),
    )


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return rounded(part / whole * HUNDRED) if whole else ZERO


def _share_out(draft: _DraftSection, share: Decimal | None) -> SectionScore:
    """Hand the section's share of the total down to its domains and questions."""
    weight_sum = sum((d.weight for d in draft.domains if d.exact is not None), ZERO)
    domains = []
    for domain in draft.domains:
        part = None
        if share is not None and domain.exact is not None:
            part = share * domain.weight / weight_sum
        domains.append(_domain_score(domain, part))
    return SectionScore(
        key=draft.key,
        weight=draft.weight,
        score=_rounded(draft.exact),
        level=_level_of(draft.exact),
        completeness=draft.coverage.known,
        rated=draft.counts,
        share=share,
        domains=tuple(domains),
    )


def _domain_score(domain: _DraftDomain, share: Decimal | None) -> DomainScore:
    weight_sum = sum((item.weight for item in domain.items if item.exact is not None), ZERO)
    items = []
    for item in domain.items:
        part = None
        if share is not None and item.exact is not None:
            part = share * item.weight / weight_sum
        items.append(
            ItemScore(
                key=item.key,
                treatment=item.treatment,
                weight=item.weight,
                score=_rounded(item.exact),
                level=_level_of(item.exact),
                share=part,
                contribution=None if part is None or item.exact is None else part * item.exact,
            )
        )
    return DomainScore(
        key=domain.key,
        weight=domain.weight,
        score=_rounded(domain.exact),
        level=_level_of(domain.exact),
        share=share,
        items=tuple(items),
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value)


def _level_of(value: Decimal | None) -> int | None:
    return None if value is None else level_of(value)


# ---------------------------------------------------------------------- levels


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the gates look at. `applying` names the sections of which enough applies."""

    bank: Bank
    sections: tuple[SectionScore, ...]
    applying: frozenset[str]
    total: Decimal | None
    completeness: Decimal
    not_applicable: Decimal

    def keys(self, *treatments: Treatment) -> tuple[str, ...]:
        """The questions that were treated so, in reading order."""
        return tuple(
            item.key
            for section in self.sections
            for item in section.items
            if item.treatment in treatments
        )


def _level(facts: _Facts) -> tuple[int | None, tuple[Blocker, ...]]:
    """Climb from the lowest level until a gate does not hold (no leapfrog)."""
    scheme = facts.bank.levels
    first = scheme.steps[0].number
    general = _general_blockers(facts, first)
    if facts.total is None or general:
        return None, general
    reached: int | None = None
    for step in scheme.steps:
        blockers = _blockers(facts, step)
        if blockers:
            return reached, blockers
        reached = step.number
    return reached, ()


def _general_blockers(facts: _Facts, level: int) -> tuple[Blocker, ...]:
    """What stands in the way of any level at all."""
    scheme = facts.bank.levels
    found = []
    if facts.completeness < scheme.gates.completeness:
        found.append(
            Blocker(
                BlockerKind.COMPLETENESS,
                level,
                facts.completeness,
                scheme.gates.completeness,
                facts.keys(Treatment.UNKNOWN, Treatment.UNANSWERED),
            )
        )
    if facts.not_applicable > scheme.not_applicable_cap:
        found.append(
            Blocker(
                BlockerKind.NOT_APPLICABLE_CAP,
                level,
                facts.not_applicable,
                scheme.not_applicable_cap,
                facts.keys(Treatment.NOT_APPLICABLE),
            )
        )
    return tuple(found)


def _blockers(facts: _Facts, step: Level) -> tuple[Blocker, ...]:
    """Every condition of this level that does not hold, in the order of the rules."""
    gates = facts.bank.levels.gates
    found = []
    assert facts.total is not None
    if facts.total < step.threshold:
        found.append(Blocker(BlockerKind.THRESHOLD, step.number, facts.total, step.threshold))
    found += _breadth(facts, BlockerKind.BREADTH, step.number, step.number, gates.breadth)
    found += _breadth(
        facts, BlockerKind.BREADTH_BELOW, step.number, step.number - 1, gates.breadth_below
    )
    found += _core(facts, gates, step.number)
    if gates.ceiling is not None and step.number > gates.ceiling:
        found.append(Blocker(BlockerKind.CEILING, step.number, None, Decimal(gates.ceiling)))
    return tuple(found)


def _breadth(
    facts: _Facts, kind: BlockerKind, step: int, floor: int, needed: Decimal
) -> list[Blocker]:
    """Whether enough of the applicable domains that have a ladder question are at `floor`.

    A domain of which nothing is known applies nevertheless, and is as good as level 0: else
    a firm could reach a level by not knowing its weak domains.
    """
    ladders = {
        domain.key
        for section in facts.bank.sections
        for domain in section.domains
        if any(isinstance(question, Ladder) for question in domain.questions)
    }
    applicable = [
        domain
        for section in facts.sections
        if section.key in facts.applying
        for domain in section.domains
        if domain.key in ladders and any(item.treatment in _APPLICABLE for item in domain.items)
    ]
    behind = [domain.key for domain in applicable if (domain.level or 0) < floor]
    if not applicable:
        return []
    actual = _percent(Decimal(len(applicable) - len(behind)), Decimal(len(applicable)))
    return [Blocker(kind, step, actual, needed, tuple(behind))] if actual < needed else []


def _core(facts: _Facts, gates: Gates, step: int) -> list[Blocker]:
    """Whether every core question is at most one level behind; an unknown one is not."""
    items = {item.key: item for section in facts.sections for item in section.items}
    behind = tuple(
        key
        for key in gates.core
        if (item := items[key]).treatment not in (Treatment.HIDDEN, Treatment.NOT_APPLICABLE)
        and (item.level is None or item.level < step - 1)
    )
    if not behind or step < 1:
        return []
    lowest = min(Decimal(items[key].level or 0) for key in behind)
    return [Blocker(BlockerKind.CORE, step, lowest, Decimal(step - 1), behind)]
