"""The pages of a questionnaire in reading order: profile, sections, key figures."""

from dataclasses import dataclass

from survey.core.bank import OUTCOMES, PROFILE, Bank, Question
from survey.core.text import Text


@dataclass(frozen=True, slots=True)
class BankPage:
    """One page; profile and key figures have no code."""

    key: str
    code: str
    title: Text
    summary: Text
    questions: tuple[Question, ...]


def pages(bank: Bank) -> tuple[BankPage, ...]:
    facts = bank.profile
    found = [BankPage(PROFILE, "", facts.title, facts.summary, facts.questions)]
    found += [
        BankPage(each.key, each.code, each.title, each.summary, each.questions)
        for each in bank.sections
    ]
    if (figures := bank.outcomes) is not None:
        found.append(BankPage(OUTCOMES, "", figures.title, figures.summary, figures.questions))
    return tuple(found)
