"""When a question applies: a closed vocabulary, evaluated on the answers given so far.

A condition over a question that has no usable answer (unanswered, don't know, not
applicable, or itself hidden) does not hold; `not` turns this round.
"""

from collections.abc import Set as AbstractSet
from decimal import Decimal

from survey.core.answers import Answers, Boxes, Figure, Picked, Quotient
from survey.core.bank import Bank, Condition, Ladder, Question
from survey.core.rounding import rounded


def visible(bank: Bank, answers: Answers) -> frozenset[str]:
    """The keys of all questions that apply, given these answers.

    Questions are decided in reading order and a condition may only look back
    (`document.problems` checks it), so a hidden question's answer never counts.
    """
    shown = set(bank.unconditional)
    for key, condition in bank.conditions.items():
        if holds(condition, bank, answers, shown):
            shown.add(key)
    return frozenset(shown)


def optional(bank: Bank, answers: Answers, shown: AbstractSet[str]) -> frozenset[str]:
    """The keys of the shown questions that this firm may leave open without a trace."""
    return frozenset(
        key
        for key, condition in bank.options_to_skip.items()
        if key in shown and holds(condition, bank, answers, shown)
    )


def holds(condition: Condition, bank: Bank, answers: Answers, shown: AbstractSet[str]) -> bool:
    """Whether the condition is met by the answers to questions in `shown`."""
    if condition.all_ is not None:
        return all(holds(part, bank, answers, shown) for part in condition.all_)
    if condition.any_ is not None:
        return any(holds(part, bank, answers, shown) for part in condition.any_)
    if condition.not_ is not None:
        return not holds(condition.not_, bank, answers, shown)
    key = condition.question or ""
    answer = answers.get(key) if key in shown else None
    if condition.in_ is not None:
        match answer:
            case Picked(option, _):
                return option in condition.in_
            case Boxes(options):
                return not set(options).isdisjoint(condition.in_)
            case _:
                return False
    assert condition.at_least is not None
    match answer:
        case Figure(number):
            return number >= condition.at_least
        case Quotient() as quotient:
            return rounded(quotient.percent) >= condition.at_least
        case Picked(option, _):
            return _points(bank.questions[key], option) >= condition.at_least
        case _:
            return False


def _points(question: Question, option: str) -> Decimal:
    assert isinstance(question, Ladder)
    return next(o.points or Decimal(0) for o in question.options if o.key == option)


def mentions(condition: Condition) -> frozenset[str]:
    """The questions that the condition looks at."""
    parts = (*(condition.all_ or ()), *(condition.any_ or ()), condition.not_)
    own = {condition.question} if condition.question is not None else set()
    return frozenset(own).union(*(mentions(part) for part in parts if part is not None))
