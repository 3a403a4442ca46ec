"""The table of the trace: every question's part of the total, in figures that add up.

The tree of `survey.core.trace` says why; this table says how much, with two decimals, rounded so
that every column adds up to its sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from survey.core import trace, wording
from survey.core.answers import Answers
from survey.core.bank import Bank, Domain
from survey.core.figures import apportioned
from survey.core.parts import Trace, TraceDomain, TraceExtra, TraceRow, TraceSection
from survey.core.result import DomainScore, ItemScore, Result, SectionScore
from survey.core.said import name_of
from survey.core.text import Text
from survey.core.trace import Node, NodeKind

ZERO = Decimal(0)
HUNDRED = Decimal("100.00")
_TWO_PLACES = Decimal("0.01")


def table(bank: Bank, answers: Answers, result: Result) -> Trace:
    """Every question's way to the total."""
    facts = _Facts(bank, answers, _nodes(trace.explain(bank, answers, result).total))
    rule = wording.trace_rule(bank.scoring.method)
    if result.total is None:
        sections = tuple(_section(facts, score, None, None) for score in result.sections)
        return Trace(wording.TRACE_WITHOUT_TOTAL, rule, sections, (), None, None)
    total = result.total.quantize(_TWO_PLACES, rounding=ROUND_HALF_UP)
    stages = [node for (kind, _), node in facts.nodes.items() if kind is NodeKind.STAGE]
    adding = [_contribution(score) for score in result.sections]
    adding += [node.contribution or ZERO for node in stages]
    contributions = apportioned(adding, total)
    shares = apportioned([(score.share or ZERO) * 100 for score in result.sections], HUNDRED)
    count = len(result.sections)
    sections = tuple(
        _section(facts, score, share if score.share is not None else None, contribution)
        for score, share, contribution in zip(
            result.sections, shares, contributions[:count], strict=True
        )
    )
    extras = tuple(
        TraceExtra(node.label, node.because, contribution)
        for node, contribution in zip(stages, contributions[count:], strict=True)
    )
    summary = wording.trace_summary(result.total, total)
    return Trace(summary, rule, sections, extras, HUNDRED, total)


@dataclass(frozen=True, slots=True)
class _Facts:
    bank: Bank
    answers: Answers
    nodes: Mapping[tuple[NodeKind, str], Node]


def _nodes(root: Node) -> dict[tuple[NodeKind, str], Node]:
    """Every node of the tree by its kind and key, in reading order."""
    found = {(root.kind, root.key): root}
    for child in root.children:
        found |= _nodes(child)
    return found


def _contribution(score: SectionScore) -> Decimal:
    return sum((item.contribution or ZERO for item in score.items), ZERO)


def _section(
    facts: _Facts, score: SectionScore, share: Decimal | None, contribution: Decimal | None
) -> TraceSection:
    section = facts.bank.section(score.key)
    counted = [item for item in score.items if item.contribution is not None]
    shares: Mapping[str, Decimal] = {}
    contributions: Mapping[str, Decimal] = {}
    if share is not None and contribution is not None:
        keys = [item.key for item in counted]
        apart = apportioned([(item.share or ZERO) * 100 for item in counted], share)
        shares = dict(zip(keys, apart, strict=True))
        apart = apportioned([item.contribution or ZERO for item in counted], contribution)
        contributions = dict(zip(keys, apart, strict=True))
    parts = {domain.key: domain for domain in section.domains}
    return TraceSection(
        key=section.key,
        code=section.code,
        title=section.title,
        weight=score.weight,
        score=score.score if score.rated else None,
        share=share,
        contribution=contribution if share is not None else None,
        domains=tuple(_domain(facts, each, parts[each.key].title) for each in score.domains),
        rows=tuple(
            _row(facts, domain, item, shares, contributions, part=parts[domain.key])
            for domain in score.domains
            for item in domain.items
        ),
    )


def _domain(facts: _Facts, score: DomainScore, title: Text) -> TraceDomain:
    node = facts.nodes[NodeKind.DOMAIN, score.key]
    return TraceDomain(score.key, title, score.score, node.because, node.ahead)


def _row(
    facts: _Facts,
    domain: DomainScore,
    item: ItemScore,
    shares: Mapping[str, Decimal],
    contributions: Mapping[str, Decimal],
    *,
    part: Domain,
) -> TraceRow:
    node = facts.nodes[NodeKind.QUESTION, item.key]
    return TraceRow(
        key=item.key,
        code=node.code,
        label=name_of(facts.bank.questions[item.key], part),
        domain=domain.key,
        weights=wording.weights_of(domain.weight, item.weight),
        treatment=item.treatment,
        state=trace.state_of(item, facts.answers.get(item.key)),
        score=item.score,
        share=shares.get(item.key),
        contribution=contributions.get(item.key),
        because=node.because,
        ahead=node.ahead,
    )
