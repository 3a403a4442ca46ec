"""The way from every answer to the total, as a tree that a person can read.

Each node tells its score of 0–100, its share of the whole, what it adds to the total, why, and
what would be needed next. The contributions of the leaves add up to the total exactly: what
rules and rounding add or take has leaves of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from survey.core import trace_words, wording
from survey.core.answers import (
    Answer,
    Answers,
    Boxes,
    DontKnow,
    Figure,
    Measured,
    Picked,
    Quotient,
)
from survey.core.bank import (
    Bank,
    Domain,
    Kind,
    Ladder,
    Method,
    Multiple,
    Number,
    Question,
    Ratio,
    Requirements,
    Section,
)
from survey.core.earned import HUNDRED, ZERO, is_met, stage_shares
from survey.core.figures import amount
from survey.core.result import (
    BlockerKind,
    DomainScore,
    ItemScore,
    Result,
    SectionScore,
    Treatment,
)
from survey.core.said import came_to
from survey.core.steps import names_level
from survey.core.text import Text
from survey.core.unblock import PER_LEVEL

HIGHEST = 5
"""Domains have levels up to this one (source: standard-bank 11.10)."""


class NodeKind(StrEnum):
    """What a node of the tree stands for."""

    TOTAL = "total"
    SECTION = "section"
    DOMAIN = "domain"
    QUESTION = "question"
    STAGE = "stage"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Node:
    """One step on the way. `share` is 0–1; `contribution` is in points of the total.

    Both are None for what takes no part. `ahead` says what the next level or step needs.
    """

    kind: NodeKind
    key: str
    code: str
    label: Text
    score: Decimal | None
    share: Decimal | None
    contribution: Decimal | None
    because: Text
    ahead: Text | None = None
    children: tuple["Node", ...] = ()

    @property
    def leaves(self) -> Iterator["Node"]:
        """The ends of the tree, in reading order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves


@dataclass(frozen=True, slots=True)
class Trace:
    """The tree of the total, and what stands between it and the next level."""

    total: Node
    gates: tuple[Text, ...]


def explain(bank: Bank, answers: Answers, result: Result) -> Trace:
    """Say how `result` follows from these answers.

    Without a total nothing has a share of it, and nothing adds to it.
    """
    taking = result.sections if result.total is not None else map(_without_share, result.sections)
    scores = {score.key: score for score in taking}
    children = [_section(bank, section, scores[section.key], answers) for section in bank.sections]
    if result.total is None:
        because = wording.TRACE_WITHOUT_TOTAL
    else:
        children += _stages(result)
        children.append(_rounding(result.total, children))
        counted = sum(1 for score in result.sections if score.share is not None)
        if result.stages:
            met = sum(stage.met for stage in result.stages)
            because = trace_words.stages_because(result.total, met)
        else:
            because = trace_words.total_because(result.total, counted)
    total = Node(
        kind=NodeKind.TOTAL,
        key=bank.key,
        code="",
        label=bank.title,
        score=result.total,
        share=None if result.total is None else Decimal(1),
        contribution=result.total,
        because=because,
        ahead=_next_level(bank, result),
        children=tuple(children),
    )
    return Trace(total, tuple(wording.blocked(bank, blocker) for blocker in result.blockers))


def _without_share(section: SectionScore) -> SectionScore:
    domains = tuple(
        replace(
            domain,
            share=None,
            items=tuple(replace(item, share=None, contribution=None) for item in domain.items),
        )
        for domain in section.domains
    )
    return replace(section, share=None, domains=domains)


_BEFORE_ANY_LEVEL = (BlockerKind.COMPLETENESS, BlockerKind.NOT_APPLICABLE_CAP)


def _next_level(bank: Bank, result: Result) -> Text | None:
    if result.total is None:
        return None
    missing = [each for each in result.blockers if each.kind in _BEFORE_ANY_LEVEL]
    if missing:
        said = [wording.blocked(bank, each) for each in missing]
        return Text(zh="".join(each.zh for each in said), en=" ".join(each.en for each in said))
    above = [s for s in bank.levels.steps if result.level is None or s.number > result.level]
    if not above:
        return None
    return trace_words.level_needs(above[0], result.total)


# --------------------------------------------------------------- the two joints


def _section(bank: Bank, section: Section, score: SectionScore, answers: Answers) -> Node:
    domains = {domain.key: domain for domain in section.domains}
    children = tuple(
        _domain(bank, section, domains[each.key], each, answers) for each in score.domains
    )
    return Node(
        kind=NodeKind.SECTION,
        key=section.key,
        code=section.code,
        label=section.title,
        score=score.score if score.rated else None,
        share=score.share,
        contribution=_sum(children) if score.share is not None else None,
        because=_joint(bank, score, score.score if score.rated else None, _sum(children)),
        children=children,
    )


def _domain(
    bank: Bank, section: Section, domain: Domain, score: DomainScore, answers: Answers
) -> Node:
    children = tuple(
        _question(bank, section, question, item, answers.get(question.key))
        for question, item in zip(domain.questions, score.items, strict=True)
    )
    return Node(
        kind=NodeKind.DOMAIN,
        key=domain.key,
        code=section.code,
        label=domain.title,
        score=score.score,
        share=score.share,
        contribution=_sum(children) if score.share is not None else None,
        because=_joint(bank, score, score.score, _sum(children)),
        ahead=_domain_ahead(bank, score),
        children=children,
    )


def _joint(
    bank: Bank, part: SectionScore | DomainScore, score: Decimal | None, contribution: Decimal
) -> Text:
    """Why a section or a domain has its part of the total."""
    if not part.weight:
        return trace_words.WITHOUT_WEIGHT
    if part.share is None:
        return trace_words.NOTHING_RATED if score is None else trace_words.LEFT_OUT_OF_TOTAL
    if score is None:
        return trace_words.keeps_its_points(part.share * HUNDRED)
    match bank.scoring.method:
        case Method.WEIGHTED:
            return trace_words.joint_because(score, part.share * HUNDRED, part.weight)
        case Method.MEAN:
            return trace_words.mean_because(score, part.share * HUNDRED)
        case Method.POINTS:
            return trace_words.points_because(contribution, part.share * HUNDRED)
        case Method.STAGED:
            return trace_words.staged_because(score, part.share * HUNDRED, contribution)
        case _:
            assert_never(bank.scoring.method)


def _domain_ahead(bank: Bank, score: DomainScore) -> Text | None:
    """What the domain's next level needs; published rules give domains no levels."""
    if not bank.parts_have_levels:
        return None
    if score.score is None or score.level is None or score.level >= HIGHEST:
        return None
    needed = PER_LEVEL * (score.level + 1)
    return trace_words.domain_needs(score.level + 1, needed, needed - score.score)


def _sum(nodes: Sequence[Node]) -> Decimal:
    return sum((node.contribution or ZERO for node in nodes), ZERO)


# ------------------------------------------------------------------- adjustments


def _stages(result: Result) -> list[Node]:
    """What a met level lacks of 1 is added: it counts as full."""
    return [
        Node(
            kind=NodeKind.STAGE,
            key=f"stage-{stage.level}",
            code="",
            label=trace_words.stage_label(stage.level),
            score=stage.score * HUNDRED,
            share=None,
            contribution=(stage.counted - stage.score) / len(result.stages) * HUNDRED,
            because=trace_words.STAGE_COUNTS_FULL,
        )
        for stage in result.stages
        if stage.met and stage.counted != stage.score
    ]


def _rounding(total: Decimal, nodes: Sequence[Node]) -> Node:
    """What is between the total and its leaves, also where 28 digits cannot hold a third."""
    leaves = [leaf for node in nodes for leaf in node.leaves]
    return Node(
        kind=NodeKind.ROUNDING,
        key="rounding",
        code="",
        label=trace_words.ROUNDING,
        score=None,
        share=None,
        contribution=total - _sum(leaves),
        because=trace_words.ROUNDED_TO_SIX,
    )


# --------------------------------------------------------------------- questions


def _question(
    bank: Bank, section: Section, question: Question, item: ItemScore, answer: Answer | None
) -> Node:
    return Node(
        kind=NodeKind.QUESTION,
        key=question.key,
        code=question.code or section.code,
        label=question.prompt,
        score=item.score,
        share=item.share,
        contribution=item.contribution,
        because=_because(question, item, answer),
        ahead=_ahead(bank, question, item, answer),
    )


def state_of(item: ItemScore, answer: Answer | None) -> Text:
    """What became of a question, in words."""
    if item.treatment is Treatment.UNANSWERED and answer is not None:
        return wording.PARTLY_ANSWERED
    if item.treatment is Treatment.OPTIONAL and isinstance(answer, DontKnow):
        return wording.OPTIONAL_UNKNOWN
    return wording.TREATMENTS[item.treatment]


def _because(question: Question, item: ItemScore, answer: Answer | None) -> Text:
    if item.treatment is not Treatment.SCORED or answer is None or item.score is None:
        if item.share is not None:
            return trace_words.earned_nothing(state_of(item, answer), item.share * HUNDRED)
        return trace_words.untaken(item.treatment, state_of(item, answer), item.cover * HUNDRED)
    earned = _HOW[question.kind](question, answer, item.score)
    if item.share is None:
        return trace_words.earned_outside(earned)
    return trace_words.earned_inside(earned, item.share * HUNDRED, item.contribution or ZERO)


def _ahead(bank: Bank, question: Question, item: ItemScore, answer: Answer | None) -> Text | None:
    """What the next step is; for a ladder in the words of its own option."""
    if item.score is None or item.score >= HUNDRED:
        return None
    if isinstance(question, Ladder) and isinstance(answer, Picked):
        at = _place(question, answer)
        return trace_words.next_option(at + 1, question.options[at + 1].label)
    if not names_level(bank, question):
        return None
    return trace_words.next_points(PER_LEVEL * ((item.level or 0) + 1))


def _place(question: Ladder, answer: Picked) -> int:
    return next(at for at, option in enumerate(question.options) if option.key == answer.option)


def _ladder(question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(question, Ladder)
    assert isinstance(answer, Picked)
    at, top = _place(question, answer), len(question.options) - 1
    return trace_words.on_ladder(at, top, score, half=answer.half)


def _boxes(question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(question, Multiple)
    assert isinstance(answer, Boxes)
    ticked = sum(1 for key in answer.options if key != question.none)
    return trace_words.with_boxes(ticked, question.full_at, score)


def _number(question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(question, Number)
    assert isinstance(answer, Figure)
    return trace_words.with_figure(wording.with_unit(answer.number, question.unit), score)


def _ratio(question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(question, Ratio)
    assert isinstance(answer, Quotient)
    if question.compares_years:  # its bands are over per cents, even where percentages moved
        return trace_words.with_figure(wording.changed(answer.percent), score)
    return trace_words.with_figure(came_to(question, answer), score)


def _rows(_question: Question, _answer: Answer, score: Decimal) -> Text:
    return trace_words.with_rows(score)


def _benchmark(_question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(answer, Measured)
    figures = (amount(answer.value), amount(answer.base), amount(answer.lead))
    return trace_words.between_base_and_lead(*figures, score)


def _requirements(question: Question, answer: Answer, score: Decimal) -> Text:
    assert isinstance(question, Requirements)
    met = 0
    for share in stage_shares(question, answer):
        if not is_met(share, question.met_at):
            break
        met += 1
    return trace_words.requirements_met(met, score)


_HOW: Mapping[Kind, Callable[[Question, Answer, Decimal], Text]] = {
    Kind.LADDER: _ladder,
    Kind.MULTIPLE: _boxes,
    Kind.NUMBER: _number,
    Kind.RATIO: _ratio,
    Kind.MATRIX: _rows,
    Kind.BENCHMARK: _benchmark,
    Kind.REQUIREMENTS: _requirements,
}
