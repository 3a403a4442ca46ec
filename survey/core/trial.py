"""Made-up answers to everything that is open, between the least and the most a question can earn.

For trying out a bank: nobody fills in a whole questionnaire to see what a weight does.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import cycle, repeat

from survey.core.answers import Answer, Answers, PlainAnswer, lines, read
from survey.core.bank import (
    Bank,
    Benchmark,
    Better,
    Choice,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Option,
    Question,
    Ratio,
    Requirements,
    YesNo,
)
from survey.core.conditions import holds
from survey.core.earned import is_scored, question_score
from survey.core.errors import BadAnswer

SOURCE = "—"
"""Where base and leading value of a benchmark come from, if nobody said so."""


def filled(
    bank: Bank, answers: Answers, *, best: bool, leave: AbstractSet[str] = frozenset()
) -> dict[str, PlainAnswer]:
    """An answer for each question that applies and has none, apart from those to `leave`."""
    found, _given = _filled(bank, answers, repeat(best), leave)
    return found


def mixed(bank: Bank) -> Answers:
    """What a firm may answer that is good at some things and has others before it."""
    _found, given = _filled(bank, {}, cycle((True, False)), frozenset())
    return given


def _filled(
    bank: Bank, answers: Answers, best: Iterator[bool], leave: AbstractSet[str]
) -> tuple[dict[str, PlainAnswer], dict[str, Answer]]:
    """What was found, and it all together: for each question the best answer, or the worst.

    Conditions look back, so that one pass in reading order decides which questions apply.
    """
    found: dict[str, PlainAnswer] = {}
    given: dict[str, Answer] = dict(answers)
    shown: set[str] = set()
    for key, question in bank.questions.items():
        if question.when is not None and not holds(question.when, bank, given, shown):
            continue
        shown.add(key)
        if key in given or key in leave:
            continue
        possible = list(_possible(question))
        if possible:
            found[key], given[key] = _chosen(question, possible, best=next(best))
    return found, given


_Possible = tuple[PlainAnswer, Answer]


def _possible(question: Question) -> Iterator[_Possible]:
    """The answers to choose from that the question takes, usually from the least to the most."""
    for plain in _CANDIDATES[question.kind](question):
        try:
            yield plain, read(question, plain)
        except BadAnswer:
            continue


def _chosen(question: Question, possible: list[_Possible], *, best: bool) -> _Possible:
    if not is_scored(question):
        return possible[0]
    scores = [question_score(question, answer) for _, answer in possible]
    return possible[scores.index(max(scores) if best else min(scores))]


# ---------------------------------------------------------------------- by kind


def _options(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Choice | Ladder)
    yield from ({"option": option.key} for option in question.options)


def _boxes(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Multiple)
    boxes = [option.key for option in question.options if option.key != question.none]
    yield {"options": boxes[:1] if question.none is None else [question.none]}
    yield {"options": boxes}


def _figures(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Number)
    for value in (question.minimum, *_marks(question), question.maximum):
        yield {"number": f"{value:f}"}


def _quotients(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Ratio)
    for value in (Decimal(0), *_marks(question), Decimal(100)):
        yield {"numerator": f"{value:f}", "denominator": "100"}


def _marks(question: Number | Ratio) -> Iterator[Decimal]:
    """The figures at which the score changes, or ends to change."""
    yield from (band.from_ for band in question.bands)
    if question.scale is not None:
        yield from (question.scale.base, question.scale.lead)


def _measures(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Benchmark)
    if question.scale is not None:
        for value in (question.scale.base, question.scale.lead):
            yield {"value": f"{value:f}"}
        return
    ends = (question.minimum, question.maximum)
    base, lead = ends if question.better is Better.HIGHER else ends[::-1]
    for value in (base, lead):
        figures = {"value": f"{value:f}", "base": f"{base:f}", "lead": f"{lead:f}"}
        yield figures | {"source": SOURCE}


def _grids(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, Matrix | Requirements)
    for state in sorted(question.states, key=_points):
        yield {"rows": {row.key: state.key for row in lines(question)}}


def _points(option: Option) -> Decimal:
    return option.points or Decimal(0)


def _statements(question: Question) -> Iterator[PlainAnswer]:
    assert isinstance(question, YesNo)
    yield {"statements": {row.key: "yes" for row in lines(question)}}


def _nothing(_question: Question) -> Iterator[PlainAnswer]:
    """What is free to be said is not made up."""
    yield from ()


_CANDIDATES: Mapping[Kind, Callable[[Question], Iterator[PlainAnswer]]] = {
    Kind.CHOICE: _options,
    Kind.LADDER: _options,
    Kind.MULTIPLE: _boxes,
    Kind.NUMBER: _figures,
    Kind.RATIO: _quotients,
    Kind.MATRIX: _grids,
    Kind.YES_NO: _statements,
    Kind.TEXT: _nothing,
    Kind.BENCHMARK: _measures,
    Kind.REQUIREMENTS: _grids,
}
