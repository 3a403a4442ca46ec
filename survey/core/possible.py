"""Whether a condition can ever hold: found by going through the ways in which it could.

A condition is turned into alternatives, each a list of tests that must hold together. The tests
of one question are then tried on its possible answers. A test that is denied is also fulfilled
by not answering, so only what is asserted can contradict.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import islice, product

from survey.core.bank import Bank, Choice, Condition, Ladder, Multiple, Number, Question, Ratio


@dataclass(frozen=True, slots=True)
class _Test:
    """One leaf of a condition, asserted or denied."""

    question: str
    condition: Condition
    asserted: bool


_Together = tuple[_Test, ...]
_Questions = Mapping[str, Question]


MOST_TESTS = 12
"""Alternatives multiply: at most 3 to the power of 4 of them can be made of so many tests."""


def can_hold(condition: Condition, questions: _Questions) -> bool:
    """Whether some set of answers fulfils the condition and the conditions it rests upon.

    `questions` are those that stand before it, by their keys; their own conditions must be in
    order. A condition of more than `MOST_TESTS` tests is not judged: it counts as possible.
    """
    tests = islice(_tests(condition, questions, set()), MOST_TESTS + 1)
    if len(list(tests)) > MOST_TESTS:
        return True
    ways = _ways(condition, asserted=True)
    return any(_can_meet(together, frozenset(), questions) for together in ways)


def _tests(condition: Condition, questions: _Questions, seen: set[str]) -> Iterator[str]:
    """The questions tested, one by one, and those that their being asked depends on."""
    for part in (*(condition.all_ or ()), *(condition.any_ or ())):
        yield from _tests(part, questions, seen)
    if condition.not_ is not None:
        yield from _tests(condition.not_, questions, seen)
    if condition.question is not None:
        yield condition.question
        when = questions[condition.question].when
        if when is not None and condition.question not in seen:
            seen.add(condition.question)
            yield from _tests(when, questions, seen)


def _ways(condition: Condition, *, asserted: bool) -> Iterator[_Together]:
    """The alternatives in which the condition is fulfilled, or denied."""
    if condition.not_ is not None:
        yield from _ways(condition.not_, asserted=not asserted)
    elif (parts := condition.all_ or condition.any_) is not None:
        each = [list(_ways(part, asserted=asserted)) for part in parts]
        if (condition.all_ is not None) is asserted:
            yield from (sum(chosen, ()) for chosen in product(*each))
        else:
            yield from (way for ways in each for way in ways)
    else:
        yield (_Test(condition.question or "", condition, asserted),)


def _can_meet(together: _Together, resolved: frozenset[str], questions: _Questions) -> bool:
    """Whether the tests can hold at once, every question that must be answered being asked."""
    needed = {test.question for test in together if test.asserted} - resolved
    for key in sorted(needed):
        when = questions[key].when
        if when is not None:
            return any(
                _can_meet((*together, *way), resolved | {key}, questions)
                for way in _ways(when, asserted=True)
            )
    by_question: dict[str, list[_Test]] = {}
    for test in together:
        by_question.setdefault(test.question, []).append(test)
    return all(
        _can_answer(questions[key], tests)
        for key, tests in by_question.items()
        if any(test.asserted for test in tests)
    )


def _can_answer(question: Question, tests: Sequence[_Test]) -> bool:
    """Whether one answer passes every test of its question."""
    match question:
        case Choice() | Ladder():
            return any(_passes(question, option.key, tests) for option in question.options)
        case Multiple():
            return _can_tick(question, tests)
        case Number():
            step = Decimal(1).scaleb(-question.decimals)
            return _can_reach(question.minimum, question.maximum, step, tests)
        case Ratio():
            highest = Decimal("Infinity") if question.may_exceed else Decimal(100)
            return _can_reach(Decimal(0), highest, Decimal(0), tests)
        case _:
            return False


def _passes(question: Choice | Ladder, option: str, tests: Sequence[_Test]) -> bool:
    points: Mapping[str, Decimal] = {o.key: o.points or Decimal(0) for o in question.options}
    for test in tests:
        wanted = test.condition
        held = (
            option in wanted.in_
            if wanted.in_ is not None
            else points[option] >= (wanted.at_least or Decimal(0))
        )
        if held is not test.asserted:
            return False
    return True


def _can_tick(question: Multiple, tests: Sequence[_Test]) -> bool:
    """Some set of boxes passes: "none" alone, or every other box that no test denies."""
    denied = {key for test in tests if not test.asserted for key in test.condition.in_ or ()}
    boxes = {option.key for option in question.options} - denied
    alone = {question.none} & boxes
    wanted = [set(test.condition.in_ or ()) for test in tests if test.asserted]
    return any(
        all(choice & ticked for choice in wanted) for ticked in (alone, boxes - {question.none})
    )


def _can_reach(lowest: Decimal, highest: Decimal, step: Decimal, tests: Sequence[_Test]) -> bool:
    """Some figure lies at or above every asserted bound and below every denied one."""
    bounds = [(test.condition.at_least or Decimal(0), test.asserted) for test in tests]
    at = max([lowest, *(bound for bound, asserted in bounds if asserted)])
    if step:
        at = (at / step).to_integral_value(rounding=ROUND_CEILING) * step
    return at <= highest and all(at < bound for bound, asserted in bounds if not asserted)


# ------------------------------------------------------- which kinds of firm are asked

_Kinds = frozenset[str]


def asked_of(bank: Bank) -> Mapping[str, _Kinds]:
    """For each question, the answers to `weigh_by` with which it can be asked.

    Only what follows from that one answer counts: any other test may turn out either way. A
    bank that weighs alike for everybody has one kind of firm, the empty text.
    """
    chooser = bank.questions[bank.weigh_by] if bank.weigh_by else None
    every = frozenset(o.key for o in chooser.options) if isinstance(chooser, Choice) else {""}
    asked: dict[str, _Kinds] = {}
    for key, question in bank.questions.items():
        if question.when is None:
            asked[key] = frozenset(every)
        else:
            asked[key], _ = _holding(question.when, bank.weigh_by, frozenset(every), asked)
    return asked


def _holding(
    condition: Condition, chooser: str | None, every: _Kinds, asked: Mapping[str, _Kinds]
) -> tuple[_Kinds, _Kinds]:
    """The kinds of firm for which the condition may hold, and those for which it must."""
    if condition.not_ is not None:
        may, must = _holding(condition.not_, chooser, every, asked)
        return every - must, every - may
    if (parts := condition.all_ or condition.any_) is not None:
        each = [_holding(part, chooser, every, asked) for part in parts]
        mays, musts = [may for may, _ in each], [must for _, must in each]
        if condition.all_ is not None:
            return every.intersection(*mays), every.intersection(*musts)
        return frozenset().union(*mays), frozenset().union(*musts)
    if condition.question == chooser:
        named = every.intersection(condition.in_ or ())
        return named, named
    return asked.get(condition.question or "", every), frozenset()
