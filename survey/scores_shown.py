"""Scores, traces and weights as lines for a terminal, in both languages."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from survey.core import trace, wording
from survey.core.answers import Answers
from survey.core.bank import Bank
from survey.core.figures import short_of
from survey.core.pairwise import ACCEPTABLE, Weighing
from survey.core.result import Result
from survey.core.text import Text
from survey.core.trace import Node
from survey.core.unblock import ways


def result_lines(bank: Bank, answers: Answers, result: Result) -> Iterator[str]:
    """The result, what blocks the next level, and the whole way from answer to total."""
    level = "—" if result.level is None else str(result.level)
    complete = _one(short_of(result.completeness, bank.levels.gates.completeness))
    total = _one(result.total)
    yield f"总分 total {total}   等级 level {level}   完整度 complete {complete} %"
    for way in ways(bank, answers, result):
        yield f"  ← {_both(wording.blocked(bank, way.blocker))}"
        if way.changes:
            yield f"    {_both(wording.fewest_changes(len(way.changes)))}"
        for change in way.changes:
            said = _both(wording.change(change.act, change.score, change.level))
            yield f"      {change.question}: {said}"
    yield ""
    yield from _branch(trace.explain(bank, answers, result).total, depth=0)


def weight_lines(things: Sequence[str], weighing: Weighing) -> Iterator[str]:
    """Each thing with its weight, and whether the comparisons agree with each other."""
    for thing, weight in zip(things, weighing.weights, strict=True):
        yield f"{weight:f}  {thing}"
    ratio, limit = f"{weighing.consistency_ratio:f}", f"{ACCEPTABLE:f}"
    if weighing.consistent:
        yield f"一致性比率{ratio}，不超过{limit}，可以采用。"
        yield f"Consistency ratio {ratio}, not above {limit}: acceptable."
    else:
        yield f"一致性比率{ratio}，超过{limit}：各项比较互相矛盾，请复核。"
        yield f"Consistency ratio {ratio}, above {limit}: the comparisons contradict each other."


def _branch(node: Node, *, depth: int) -> Iterator[str]:
    indent = "  " * depth
    code = f"{node.code} " if node.code else ""
    adds = "" if node.contribution is None else f"  {_four(node.contribution)}"
    yield f"{indent}{code}{_both(node.label)}{adds}"
    yield f"{indent}  {_both(node.because)}"
    if node.ahead is not None:
        yield f"{indent}  → {_both(node.ahead)}"
    for child in node.children:
        yield from _branch(child, depth=depth + 1)


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} · {text.en}"


def _one(value: Decimal | None) -> str:
    return "—" if value is None else str(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def _four(value: Decimal) -> str:
    """With its sign; what rounding takes is less than nothing."""
    return f"{value.quantize(Decimal('0.0001'), rounding=ROUND_HALF_UP) + 0:+f}"
