"""How far a firm has come: what is answered, what is open, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from survey.core.answers import Answers, DontKnow, is_whole
from survey.core.bank import OUTCOMES, PROFILE, Bank, Question
from survey.core.conditions import optional, visible


class PageState(StrEnum):
    """Where a page of the questionnaire stands."""

    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class PageProgress:
    """Counts of one page's applicable questions.

    `begun` counts every question with an answer, `answered` only those answered as a whole;
    a table with open rows makes the difference. `missing` lists the questions still open.
    A question that is optional for this firm counts only once it is answered as a whole.
    """

    total: int
    begun: int
    answered: int
    unknown: int
    missing: tuple[str, ...]

    @property
    def state(self) -> PageState:
        if self.total and not self.begun:
            return PageState.NOT_STARTED
        return PageState.IN_PROGRESS if self.missing else PageState.COMPLETE


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of every page, in reading order: profile, sections, key figures.

    The profile has the page key ``profile``, the key figures ``outcomes``. `optional` holds the
    questions that this firm may leave open, answered or not.
    """

    pages: Mapping[str, PageProgress]
    optional: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(key for page in self.pages.values() for key in page.missing)

    @property
    def total(self) -> int:
        return sum(page.total for page in self.pages.values())

    @property
    def answered(self) -> int:
        return sum(page.answered for page in self.pages.values())


def progress(bank: Bank, answers: Answers) -> Progress:
    """Count what applies. Don't know is an answer here: it is said, not forgotten.

    Of the profile only the required facts can be missing, of the key figures nothing.
    """
    shown = visible(bank, answers)
    free = optional(bank, answers, shown)
    asked = shown - {key for key in free if not is_whole(bank.questions[key], answers.get(key))}
    facts = bank.profile.questions
    required = frozenset(question.key for question in facts if question.required)
    pages = {PROFILE: _page(facts, answers, asked, needed=required)}
    for section in bank.sections:
        pages[section.key] = _page(section.questions, answers, asked, needed=asked)
    if bank.outcomes is not None:
        pages[OUTCOMES] = _page(bank.outcomes.questions, answers, asked, needed=frozenset())
    return Progress(pages, free)


def _page(
    questions: tuple[Question, ...],
    answers: Answers,
    counted: frozenset[str],
    *,
    needed: frozenset[str],
) -> PageProgress:
    asked = [question for question in questions if question.key in counted]
    whole = [question.key for question in asked if is_whole(question, answers.get(question.key))]
    return PageProgress(
        total=len(asked),
        begun=sum(question.key in answers for question in asked),
        answered=len(whole),
        unknown=sum(isinstance(answers.get(key), DontKnow) for key in whole),
        missing=tuple(
            question.key
            for question in asked
            if question.key in needed and question.key not in whole
        ),
    )
