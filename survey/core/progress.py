"""How far a firm has come: what is answered, what is open, page by page."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override

from survey.core.answers import Answers, DontKnow, is_whole
from survey.core.bank import OUTCOMES, PROFILE, Bank, Question
from survey.core.conditions import optional, visible


class PageState(StrEnum):
    """Where a page of the questionnaire stands."""

    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    COMPLETE = "complete"
    NEEDS_A_LOOK = "needs-a-look"


@dataclass(frozen=True, slots=True)
class PageProgress:
    """Counts of one page's applicable questions.

    `begun` counts every question with an answer or a draft, `answered` only those answered as a
    whole; a table with open rows makes the difference. `missing` lists the questions still open,
    `wrong` those where something is typed that they cannot take, which are in neither.
    A question that is optional for this firm counts only once it is answered as a whole or wrong.
    """

    total: int
    begun: int
    answered: int
    unknown: int
    missing: tuple[str, ...]
    wrong: tuple[str, ...] = ()

    @property
    def state(self) -> PageState:
        if self.wrong:
            return PageState.NEEDS_A_LOOK
        if self.total and not self.begun:
            return PageState.NOT_STARTED
        return PageState.IN_PROGRESS if self.missing else PageState.COMPLETE


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of every page, in reading order: profile, sections, key figures.

    The profile has the page key ``profile``, the key figures ``outcomes``. `visible` holds the
    questions that apply, `optional` those that this firm may leave open, answered or not.
    """

    pages: Mapping[str, PageProgress]
    visible: frozenset[str]
    optional: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(key for page in self.pages.values() for key in page.missing)

    @property
    def wrong(self) -> tuple[str, ...]:
        return tuple(key for page in self.pages.values() for key in page.wrong)

    @property
    def total(self) -> int:
        return sum(page.total for page in self.pages.values())

    @property
    def answered(self) -> int:
        return sum(page.answered for page in self.pages.values())


def progress(bank: Bank, answers: Answers, wrong: AbstractSet[str] = frozenset()) -> Progress:
    """Count what applies. Don't know is an answer here: it is said, not forgotten.

    Of the profile only the required facts can be missing, of the key figures nothing. `wrong` are
    the questions with a draft instead of an answer, whether they apply or not.
    """
    shown = visible(bank, answers)
    free = optional(bank, answers, shown)
    asked = shown - {
        key for key in free - wrong if not is_whole(bank.questions[key], answers.get(key))
    }
    return Progress(_Pages(bank, answers, wrong, asked), shown, free)


class _Pages(Mapping[str, PageProgress]):
    """Each page is counted when it is asked for: who saves one answer asks for one page."""

    def __init__(
        self, bank: Bank, answers: Answers, wrong: AbstractSet[str], asked: frozenset[str]
    ) -> None:
        outcomes = () if bank.outcomes is None else (OUTCOMES,)
        self._keys = (PROFILE, *(section.key for section in bank.sections), *outcomes)
        self._bank, self._answers, self._wrong, self._asked = bank, answers, wrong, asked
        self._counted: dict[str, PageProgress] = {}

    @override
    def __getitem__(self, key: str) -> PageProgress:
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._counted:
            questions, needed = self._questions(key)
            self._counted[key] = _page(
                questions, self._answers, self._wrong, self._asked, needed=needed
            )
        return self._counted[key]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    @override
    def __len__(self) -> int:
        return len(self._keys)

    def _questions(self, key: str) -> tuple[tuple[Question, ...], frozenset[str]]:
        """What the page asks, and which of it has to be answered."""
        if key == PROFILE:
            facts = self._bank.profile.questions
            return facts, frozenset(question.key for question in facts if question.required)
        if key == OUTCOMES and self._bank.outcomes is not None:
            return self._bank.outcomes.questions, frozenset()
        return self._bank.section(key).questions, self._asked


def _page(
    questions: tuple[Question, ...],
    answers: Answers,
    wrong: AbstractSet[str],
    counted: frozenset[str],
    *,
    needed: frozenset[str],
) -> PageProgress:
    asked = [question for question in questions if question.key in counted]
    whole = {question.key for question in asked if is_whole(question, answers.get(question.key))}
    return PageProgress(
        total=len(asked),
        begun=sum(question.key in answers or question.key in wrong for question in asked),
        answered=len(whole),
        unknown=sum(isinstance(answers.get(key), DontKnow) for key in whole),
        missing=tuple(
            question.key
            for question in asked
            if question.key in needed and question.key not in whole and question.key not in wrong
        ),
        wrong=tuple(question.key for question in asked if question.key in wrong),
    )
