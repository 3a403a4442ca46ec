"""The answers as they would be once steps of a plan are done: its effect is computed from them.

A step lifts its question to the score it aims at by the least change of its kind: the next rung,
the first boxes still open, the first figure of the band. Its proof counts as a named document,
because a step is done only when its proof exists. Nothing is ever lowered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from survey.core.advice import Improvement
from survey.core.answers import (
    Answer,
    Answers,
    Boxes,
    Evidence,
    Figure,
    Grid,
    Measured,
    Picked,
    Quotient,
    Supported,
)
from survey.core.bank import (
    Band,
    Bank,
    Benchmark,
    EvidenceGrade,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Question,
    Ratio,
    Requirements,
    Scale,
    YesNo,
)
from survey.core.earned import HUNDRED, question_score
from survey.core.rounding import rounded
from survey.core.unblock import PER_LEVEL


def after(bank: Bank, answers: Answers, steps: Iterable[Improvement]) -> Answers:
    """The answers with every one of the steps done; other answers stay as they are."""
    changed = dict(answers)
    for step in steps:
        question, answer = bank.questions[step.question], changed.get(step.question)
        if step.to is None:
            changed[step.question] = _remedied(question, answer, step.statement)
        elif isinstance(answer, Supported):
            changed[step.question] = _lifted(question, answer, step)
    return changed


def _remedied(question: Question, answer: Answer | None, statement: str | None) -> Answer:
    assert isinstance(question, YesNo)
    assert isinstance(answer, Grid)  # a remedy stands for a statement answered no
    return replace(answer, rows={**answer.rows, statement or "": "yes"})


def _lifted(question: Question, answer: Supported, step: Improvement) -> Answer:
    needed = PER_LEVEL * (step.to or 0)
    if isinstance(question, Requirements):
        found: Supported | None = _requirements_met(question, answer, step.to or 0)
    else:
        candidates = _RISING[question.kind](question, answer, needed)
        found = next(
            (each for each in candidates if rounded(question_score(question, each)) >= needed), None
        )
    if found is None or question_score(question, found) <= question_score(question, answer):
        return answer
    return replace(found, evidence=_proven(answer.evidence, step))


def _proven(evidence: Evidence | None, step: Improvement) -> Evidence:
    if evidence is not None and evidence.grade >= EvidenceGrade.DOCUMENT:
        return evidence
    return Evidence(EvidenceGrade.DOCUMENT, step.action.proof.zh)


# --------------------------------------------------------------------- by kind


def _rungs(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    del answer, needed
    assert isinstance(question, Ladder)
    return (Picked(option.key) for option in question.options)


def _boxes(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    """One box more at a time, in the question's order."""
    del needed
    assert isinstance(question, Multiple)
    assert isinstance(answer, Boxes)
    ticked = [key for key in answer.options if key != question.none]
    open_ = [o.key for o in question.options if o.key != question.none and o.key not in ticked]
    for count in range(len(open_) + 1):
        chosen = {*ticked, *open_[:count]}
        yield Boxes(tuple(o.key for o in question.options if o.key in chosen))


def _rows(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    """One row more at its best state, the first rows first."""
    del needed
    assert isinstance(question, Matrix)
    assert isinstance(answer, Grid)
    best = max(question.states, key=lambda state: state.points or 0).key
    for count in range(len(question.rows) + 1):
        lifted = {row.key: best for row in question.rows[:count]}
        yield Grid({**answer.rows, **lifted})


def _numbers(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    del answer
    assert isinstance(question, Number)
    step = Decimal(1).scaleb(-question.decimals)
    return (Figure(value) for value in _values(question.bands, question.scale, needed, step))


def _ratios(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    assert isinstance(question, Ratio)
    assert isinstance(answer, Quotient)
    step = Decimal("0.000001")
    return (
        Quotient(value * answer.denominator / HUNDRED, answer.denominator)
        for value in _values(question.bands, question.scale, needed, step)
    )


def _values(
    bands: Iterable[Band], scale: Scale | None, needed: Decimal, step: Decimal
) -> Sequence[Decimal]:
    """The figures to try: where each band begins, or the point of the scale."""
    if scale is not None:
        return [scale.base + (scale.lead - scale.base) * needed / HUNDRED]
    rising = sorted(bands, key=lambda band: band.score)
    return [band.from_ + step if band.above else band.from_ for band in rising]


def _measures(question: Question, answer: Answer, needed: Decimal) -> Iterable[Supported]:
    assert isinstance(question, Benchmark)
    assert isinstance(answer, Measured)
    value = answer.base + (answer.lead - answer.base) * needed / HUNDRED
    return [replace(answer, value=value)]


def _requirements_met(question: Requirements, answer: Supported, to: int) -> Supported:
    assert isinstance(answer, Grid)
    best = max(question.states, key=lambda state: state.points or 0).key
    lifted = {row.key: best for row in question.rows if row.level <= to}
    return Grid({**answer.rows, **lifted})


_RISING: Mapping[Kind, Callable[[Question, Answer, Decimal], Iterable[Supported]]] = {
    Kind.LADDER: _rungs,
    Kind.MULTIPLE: _boxes,
    Kind.MATRIX: _rows,
    Kind.NUMBER: _numbers,
    Kind.RATIO: _ratios,
    Kind.BENCHMARK: _measures,
}
