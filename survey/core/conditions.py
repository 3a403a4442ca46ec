"""When a question applies: a closed vocabulary, evaluated on the answers given so far.

A condition over a question that has no usable answer (unanswered, don't know, not
applicable, or itself hidden) does not hold; `not` turns this round.
"""

from collections.abc import Iterator
from decimal import Decimal

from survey.core.answers import Answers, Boxes, Figure, Picked, Quotient
from survey.core.bank import Bank, Condition, Ladder, Question


def visible(bank: Bank, answers: Answers) -> frozenset[str]:
    """The keys of all questions that apply, given these answers.

    Questions are decided in reading order and a condition may only look back
    (`document.problems` checks it), so a hidden question's answer never counts.
    """
    shown: set[str] = set()
    for question in bank.questions.values():
        if question.when is None or holds(question.when, bank, answers, shown):
            shown.add(question.key)
    return frozenset(shown)


def holds(condition: Condition, bank: Bank, answers: Answers, shown: set[str]) -> bool:
    """Whether the condition is met by the answers to questions in `shown`."""
    if condition.all_ is not None:
        return all(holds(part, bank, answers, shown) for part in condition.all_)
    if condition.any_ is not None:
        return any(holds(part, bank, answers, shown) for part in condition.any_)
    if condition.not_ is not None:
        return not holds(condition.not_, bank, answers, shown)
    key = condition.question
    if key is None or key not in shown:
        return False
    answer = answers.get(key)
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
            return quotient.percent >= condition.at_least
        case Picked(option, _):
            points = _points(bank.questions[key], option)
            return points is not None and points >= condition.at_least
        case _:
            return False


def mentioned(condition: Condition) -> Iterator[Condition]:
    """Every innermost condition: the ones that name a question."""
    for part in (*(condition.all_ or ()), *(condition.any_ or ())):
        yield from mentioned(part)
    if condition.not_ is not None:
        yield from mentioned(condition.not_)
    if condition.question is not None:
        yield condition


def _points(question: Question, option: str) -> Decimal | None:
    if not isinstance(question, Ladder):
        return None
    return next(o.points for o in question.options if o.key == option)
