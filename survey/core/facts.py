"""What the parts of a report are decided from, and the questions that several of them ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from survey.core.advice import Plan, firm_of
from survey.core.answers import Answers
from survey.core.bank import Bank, Domain, Level, Question, Section
from survey.core.parts import Standing
from survey.core.result import ItemScore, Result, Treatment
from survey.core.unblock import Way

WEAK = Decimal(40)
STRONG = Decimal(60)
PROVEN = Decimal(80)
UNEVEN = Decimal(25)
"""From so many points between best and weakest section on, a profile is called uneven."""

_WITHOUT_ANSWER = (Treatment.UNKNOWN, Treatment.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Previous:
    """The firm's round before this one, with the bank that it was scored by."""

    bank: Bank
    result: Result
    issued_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the parts are decided from. `targets` are levels by domain key."""

    bank: Bank
    answers: Answers
    result: Result
    plan: Plan
    shown: frozenset[str]
    questions: Mapping[str, tuple[Section, Domain, Question]]
    standing: Standing
    ways: tuple[Way, ...]
    issued_on: date
    previous: Previous | None
    targets: Mapping[str, int]

    @property
    def small(self) -> bool:
        """Whether the firm says of itself that it is one of the small ones."""
        return firm_of(self.bank, self.answers).size in self.bank.small_sizes

    def item(self, key: str) -> ItemScore:
        return self.result.items[key]


def step_of(bank: Bank, level: int | None) -> Level | None:
    return next((step for step in bank.levels.steps if step.number == level), None)


def scored(facts: Facts) -> list[ItemScore]:
    """The questions that earned points, or could have."""
    return [
        item
        for item in facts.result.items.values()
        if item.treatment is Treatment.SCORED and item.score is not None
    ]


def code_of(section: Section, question: Question) -> str:
    return question.code or section.code


def points_of(value: Decimal | None) -> Decimal:
    return value or Decimal(0)


def without_answer(facts: Facts) -> list[ItemScore]:
    return [item for item in facts.result.items.values() if item.treatment in _WITHOUT_ANSWER]
