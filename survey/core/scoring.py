"""Answers to scores and levels: every question's way to the total.

The rules are those of docs/decisions/0002-scoring.md:

- A question earns 0 to 100. A domain is the mean of its questions by the bank's method, a
  section of its domains, the total of its sections.
- Not applicable is left out of mean and completeness, or counts as zero where the bank says so.
  Don't know and unanswered lower the completeness. Zero is an answer.
- Hidden by a condition, optional and left open, unscored: nowhere counted.
- Arithmetic is decimal with 28 digits; every comparison with a limit happens after rounding
  half up to 6 places.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from survey.core import levels, methods
from survey.core.answers import (
    Answer,
    Answers,
    DontKnow,
    Excluded,
    Picked,
    grade_of,
    is_whole,
)
from survey.core.bank import (
    Bank,
    Domain,
    EvidenceGrade,
    Method,
    NaPolicy,
    Question,
    Requirements,
    Section,
    Weights,
)
from survey.core.conditions import optional, visible
from survey.core.earned import (
    HUNDRED,
    ONE,
    ZERO,
    is_met,
    is_scored,
    level_of_rounded,
    question_score,
    stage_shares,
)
from survey.core.methods import Part
from survey.core.result import (
    APPLICABLE,
    DomainScore,
    ItemScore,
    Result,
    SectionScore,
    Stage,
    Treatment,
)
from survey.core.rounding import rounded

ENGINE = "2"
"""Raised whenever the same answers could score differently."""

_COUNTED = (*APPLICABLE, Treatment.NOT_APPLICABLE)


def score(bank: Bank, answers: Answers) -> Result:
    """Score a firm's answers. Answers to questions that do not apply are ignored.

    The order of answers and the reader's language never matter.
    """
    case = _case(bank, answers)
    drafts = _covered([_section(case, section) for section in bank.sections])
    excluded = _percent(drafts, Treatment.NOT_APPLICABLE, of=_COUNTED) or ZERO
    completeness = _percent(drafts, Treatment.SCORED, of=APPLICABLE) or ZERO
    parts = [draft.part for draft in drafts]
    divided = methods.shares(parts, bank.scoring.method, bank.scoring.not_applicable)
    exact = methods.mean(parts, divided)
    sections = tuple(
        _shared_out(case, draft, share) for draft, share in zip(drafts, divided, strict=True)
    )
    stages: tuple[Stage, ...] = ()
    if bank.scoring.method is Method.STAGED and exact is not None:
        stages = _stages(case, sections)
        sections = tuple(_by_stage(case, section, stages) for section in sections)
        exact = sum((stage.counted for stage in stages), ZERO) / len(stages) * HUNDRED
    capped = excluded > bank.levels.not_applicable_cap
    total = None if exact is None or capped else rounded(exact)
    scored = levels.Scored(
        bank=bank,
        sections=sections,
        applying=frozenset(draft.key for draft in drafts if draft.applies),
        total=total,
        completeness=completeness,
        not_applicable=excluded,
    )
    level, blockers = levels.climb(scored)
    return Result(
        engine=ENGINE,
        bank_key=bank.key,
        bank_version=bank.version,
        total=total,
        provisional=total is not None and completeness < bank.levels.gates.completeness,
        completeness=completeness,
        not_applicable=excluded,
        level=level,
        blockers=blockers,
        sections=sections,
        stages=stages,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One firm's answers to one bank: only what applies, and which weights it chooses."""

    bank: Bank
    answers: Answers
    shown: frozenset[str]
    optional: frozenset[str]
    weighed_as: str

    def weight(self, weights: Weights) -> Decimal:
        """The weight for this firm; in a plain mean everything weighs alike."""
        if self.bank.scoring.method is Method.MEAN:
            return ONE
        return _weight(weights, self.weighed_as)

    def divide(self, parts: Sequence[Part]) -> methods.Shares:
        return methods.shares(parts, self.bank.scoring.method, self.bank.scoring.not_applicable)


def _case(bank: Bank, answers: Answers) -> _Case:
    shown = visible(bank, answers)
    answers = {key: answer for key, answer in answers.items() if key in shown}
    return _Case(
        bank=bank,
        answers=answers,
        shown=shown,
        optional=optional(bank, answers, shown),
        weighed_as=_weighed_as(bank, answers),
    )


def _weighed_as(bank: Bank, answers: Answers) -> str:
    chosen = answers.get(bank.weigh_by or "")
    return (chosen.option if isinstance(chosen, Picked) else bank.weigh_default) or ""


def _weight(weights: Weights, weighed_as: str) -> Decimal:
    return weights if isinstance(weights, Decimal) else weights[weighed_as]


# ------------------------------------------------------------------ first pass


@dataclass(slots=True)
class _Item:
    question: Question
    treatment: Treatment
    weight: Decimal
    exact: Decimal | None
    evidence: EvidenceGrade | None
    cover: Decimal = ZERO

    @property
    def part(self) -> Part:
        return Part(self.weight, self.exact, self.treatment is Treatment.NOT_APPLICABLE)


@dataclass(slots=True)
class _Domain:
    """Questions that are judged together; `counted` are those that are scored and asked."""

    key: str
    weight: Decimal
    items: list[_Item]
    counted: list[_Item]
    divided: methods.Shares
    exact: Decimal | None

    @property
    def part(self) -> Part:
        if not _can_hand_on(self.divided):
            return Part(ZERO, None)
        return Part(self.weight, self.exact, _all_excluded(self.counted))


@dataclass(slots=True)
class _Section:
    """A section before the total is known. It `applies` if enough of its weight does."""

    key: str
    weight: Decimal
    domains: list[_Domain]
    counted: list[_Domain]
    divided: methods.Shares
    exact: Decimal | None
    completeness: Decimal | None
    applies: bool

    @property
    def part(self) -> Part:
        """A section that is not rated, or that has nothing to hand on to, is no part."""
        if not self.applies or not _can_hand_on(self.divided):
            return Part(ZERO, None)
        items = [item for domain in self.counted for item in domain.counted]
        return Part(self.weight, self.exact, _all_excluded(items))


def _can_hand_on(divided: methods.Shares) -> bool:
    return any(share is not None for share in divided)


def _all_excluded(items: Sequence[_Item]) -> bool:
    return all(item.treatment is Treatment.NOT_APPLICABLE for item in items)


def _section(case: _Case, section: Section) -> _Section:
    domains = [_domain(case, domain) for domain in section.domains]
    counted = [domain for domain in domains if domain.counted]
    parts = [domain.part for domain in counted]
    divided = case.divide(parts)
    draft = _Section(
        key=section.key,
        weight=case.weight(section.weight),
        domains=domains,
        counted=counted,
        divided=divided,
        exact=methods.mean(parts, divided),
        completeness=None,
        applies=False,
    )
    _cover(draft, ONE)
    excluded = _percent([draft], Treatment.NOT_APPLICABLE, of=_COUNTED) or ZERO
    draft.completeness = _percent([draft], Treatment.SCORED, of=APPLICABLE)
    as_zero = case.bank.scoring.not_applicable is NaPolicy.ZERO
    draft.applies = as_zero or HUNDRED - excluded >= case.bank.levels.rated_from
    return draft


def _domain(case: _Case, domain: Domain) -> _Domain:
    items = [_item(case, question) for question in domain.questions]
    counted = [item for item in items if item.treatment in _COUNTED]
    parts = [item.part for item in counted]
    divided = case.divide(parts)
    mean = methods.mean(parts, divided)
    return _Domain(domain.key, case.weight(domain.weight), items, counted, divided, mean)


def _item(case: _Case, question: Question) -> _Item:
    answer = case.answers.get(question.key)
    treatment = _treatment(case, question, answer)
    exact, evidence = None, None
    if treatment is Treatment.SCORED and answer is not None:
        exact, evidence = question_score(question, answer), grade_of(answer)
    return _Item(question, treatment, case.weight(question.weight), exact, evidence)


def _treatment(case: _Case, question: Question, answer: Answer | None) -> Treatment:
    if question.key not in case.shown:
        return Treatment.HIDDEN
    if not is_scored(question):
        return Treatment.UNSCORED
    if isinstance(answer, Excluded):
        return Treatment.NOT_APPLICABLE
    if answer is not None and not isinstance(answer, DontKnow) and is_whole(question, answer):
        return Treatment.SCORED
    if question.key in case.optional:
        return Treatment.OPTIONAL
    return Treatment.UNKNOWN if isinstance(answer, DontKnow) else Treatment.UNANSWERED


# -------------------------------------------------------------------- coverage


def _covered(drafts: list[_Section]) -> list[_Section]:
    """Give every question its part of the whole as it would be if everything were known."""
    whole = sum((draft.weight for draft in drafts if draft.counted), ZERO)
    for draft in drafts:
        _cover(draft, draft.weight / whole if whole else ZERO)
    return drafts


def _cover(draft: _Section, share: Decimal) -> None:
    domain_sum = sum((domain.weight for domain in draft.counted), ZERO)
    for domain in draft.counted:
        item_sum = sum((item.weight for item in domain.counted), ZERO)
        if domain_sum and item_sum:
            part = share * domain.weight / domain_sum
            for item in domain.counted:
                item.cover = part * item.weight / item_sum


def _percent(
    drafts: Sequence[_Section], treatment: Treatment, *, of: Sequence[Treatment]
) -> Decimal | None:
    """How much of the weight treated as one of `of` is treated so; None if there is no such."""
    whole = part = ZERO
    for draft in drafts:
        for domain in draft.counted:
            for item in domain.counted:
                if item.treatment in of:
                    whole += item.cover
                if item.treatment is treatment:
                    part += item.cover
    return rounded(part / whole * HUNDRED) if whole else None


# ----------------------------------------------------------------- second pass


def _shared_out(case: _Case, draft: _Section, share: Decimal | None) -> SectionScore:
    """Hand the section's share of the total down to its domains and questions."""
    share = share if draft.applies and _can_hand_on(draft.divided) else None
    handed = dict(zip([domain.key for domain in draft.counted], draft.divided, strict=True))
    domains = tuple(
        _domain_score(domain, _times(share, handed.get(domain.key))) for domain in draft.domains
    )
    score = _rounded(draft.exact)
    level = _level(score)
    highest = levels.highest_claim(case.bank, domains)
    return SectionScore(
        key=draft.key,
        weight=draft.weight,
        score=score,
        level=level if level is None or highest is None else min(level, highest),
        unverified=level is not None and levels.is_unverified(case.bank, domains, level),
        completeness=draft.completeness,
        rated=draft.applies and draft.exact is not None,
        share=share,
        domains=domains,
    )


def _domain_score(domain: _Domain, share: Decimal | None) -> DomainScore:
    handed = dict(zip([item.question.key for item in domain.counted], domain.divided, strict=True))
    items = tuple(
        _item_score(item, _times(share, handed.get(item.question.key))) for item in domain.items
    )
    score = _rounded(domain.exact)
    grades = [item.evidence for item in items if item.evidence is not None]
    return DomainScore(
        key=domain.key,
        weight=domain.weight,
        score=score,
        level=_level(score),
        evidence=min(grades, default=None),
        share=share,
        items=items,
    )


def _item_score(item: _Item, share: Decimal | None) -> ItemScore:
    score = _rounded(item.exact)
    return ItemScore(
        key=item.question.key,
        treatment=item.treatment,
        weight=item.weight,
        score=score,
        level=_level(score),
        evidence=item.evidence,
        cover=item.cover,
        share=share,
        contribution=None if share is None else share * (item.exact or ZERO),
    )


def _times(share: Decimal | None, part: Decimal | None) -> Decimal | None:
    return None if share is None or part is None else share * part


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value)


def _level(score: Decimal | None) -> int | None:
    return None if score is None else level_of_rounded(score)


# ---------------------------------------------------------------------- stages


def _stages(case: _Case, sections: Sequence[SectionScore]) -> tuple[Stage, ...]:
    """Each level of a staged bank: the mean of its requirements over all questions.

    A met level counts 1, the first unmet one its score, what stands above it nothing.
    Source: GB/T 39117-2020, totalling of levels.
    """
    met_at = case.bank.scoring.met_at
    by_question = [
        (share, stage_shares(question, case.answers[question.key]))
        for question, share in _requirements(case, sections)
    ]
    reached, found = True, []
    for at in range(max(len(each) for _, each in by_question)):
        mean = sum((share * each[at] for share, each in by_question), ZERO)
        met = reached and is_met(mean, met_at)
        found.append(
            Stage(at + 1, rounded(mean), met, ONE if met else rounded(mean) if reached else ZERO)
        )
        reached = met
    return tuple(found)


def _requirements(
    case: _Case, sections: Sequence[SectionScore]
) -> list[tuple[Requirements, Decimal]]:
    """The answered questions of a staged bank with their shares of the whole."""
    return [
        (question, item.share)
        for section in sections
        for item in section.items
        if item.treatment is Treatment.SCORED and item.share is not None
        if isinstance(question := case.bank.questions[item.key], Requirements)
    ]


def _by_stage(case: _Case, section: SectionScore, stages: Sequence[Stage]) -> SectionScore:
    """The same section, its questions contributing what they add to the levels that count."""
    counting = [at for at, stage in enumerate(stages) if stage.met or stage.counted]
    domains = tuple(
        replace(
            domain,
            items=tuple(
                replace(item, contribution=_in_stages(case, item, counting, len(stages)))
                for item in domain.items
            ),
        )
        for domain in section.domains
    )
    return replace(section, domains=domains)


def _in_stages(
    case: _Case, item: ItemScore, counting: Sequence[int], levels_in_all: int
) -> Decimal | None:
    question = case.bank.questions[item.key]
    if item.share is None or item.treatment is not Treatment.SCORED:
        return item.contribution
    assert isinstance(question, Requirements)  # a staged bank scores nothing else
    earned = stage_shares(question, case.answers[item.key])
    return item.share * sum((earned[at] for at in counting), ZERO) * HUNDRED / levels_in_all
