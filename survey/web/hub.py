"""What the overview of an assessment says: where each section stands, whose it is, what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from survey.core.bank import Question
from survey.i18n import current_locale
from survey.services import pace
from survey.services.assessments import State
from survey.services.assignments import Assigned, may_answer
from survey.services.people import Actor
from survey.web.forms import question_form, shown
from survey.web.pages import Listed, listed


@dataclass(frozen=True, slots=True)
class Row:
    """One section in the overview; `minutes` where its reader answers and a pace is known.

    `comments` counts what colleagues say about its questions.
    """

    page: Listed
    given: Assigned | None
    mine: bool
    may: bool
    overdue: bool
    minutes: int | None
    comments: int

    @property
    def open(self) -> int:
        return len(self.page.counted.missing) + len(self.page.counted.wrong)

    @property
    def percent(self) -> int | None:
        """Rounded down, so that nothing is whole before it is; None where nothing is asked."""
        counted = self.page.counted
        return 100 * counted.answered // counted.total if counted.total else None


@dataclass(frozen=True, slots=True)
class Item:
    """A question that is open, or has something that it cannot take."""

    page: Listed
    question: Question
    wrong: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What is open of one person; without a name it is nobody's."""

    name: str
    mine: bool
    items: tuple[Item, ...]

    @property
    def pages(self) -> list[tuple[Listed, list[Item]]]:
        """The same, page by page."""
        return [(page, list(items)) for page, items in groupby(self.items, lambda each: each.page)]


def rows(
    state: State,
    actor: Actor,
    given: Mapping[str, Assigned],
    seconds_each: float | None,
    comments: Mapping[str, int],
    today: date,
) -> list[Row]:
    """In the questionnaire's order; whoever answers only given sections reads those first."""
    found = [_row(page, actor, given, seconds_each, comments, today) for page in listed(state)]
    return sorted(found, key=lambda row: not row.may)


def next_page(found: Sequence[Row]) -> str | None:
    """The first page that is one's own and not complete, else the first that is nobody's."""
    left = [row for row in found if row.may and row.open and (row.mine or row.given is None)]
    left.sort(key=lambda row: not row.mine)
    return left[0].page.key if left else None


def _row(
    page: Listed,
    actor: Actor,
    given: Mapping[str, Assigned],
    seconds_each: float | None,
    comments: Mapping[str, int],
    today: date,
) -> Row:
    whose, counted = given.get(page.key), page.counted
    left = len(counted.missing) + len(counted.wrong)
    due_on = None if whose is None or whose.done_at else whose.due_on
    may = may_answer(actor, given, page.key)
    return Row(
        page=page,
        given=whose,
        mine=whose is not None and whose.user_id == actor.user_id,
        may=may,
        overdue=due_on is not None and due_on < today and left > 0,
        minutes=pace.minutes(seconds_each, left) if may and left else None,
        comments=sum(comments.get(question.key, 0) for question in page.questions),
    )


def groups(state: State, actor: Actor, given: Mapping[str, Assigned]) -> list[Group]:
    """Everything open, by person: one's own first, then the others by name, nobody's last."""
    items: dict[int | None, list[Item]] = {}
    for page in listed(state):
        whose = given.get(page.key)
        counted = page.counted
        items.setdefault(None if whose is None else whose.user_id, []).extend(
            Item(page, question, wrong=question.key in counted.wrong)
            for question in page.questions
            if question.key in counted.missing or question.key in counted.wrong
        )
    names = {each.user_id: each.name for each in given.values()}
    found = [
        (user_id, Group(names.get(user_id or 0, ""), user_id == actor.user_id, tuple(open_items)))
        for user_id, open_items in items.items()
        if open_items
    ]
    found.sort(key=lambda each: (each[0] is None, not each[1].mine, each[1].name, each[0] or 0))
    return [group for _user_id, group in found]


def places(state: State) -> dict[str, str]:
    """Where the page of an answer that cannot be taken has the input to correct."""
    digest, locale = state.assessment.bank_version.digest, current_locale()
    found = {}
    for key in state.progress.wrong:
        typed = shown({key: {"typed": state.wrong[key]}})
        form = question_form(state.bank, digest, key, locale)(data=typed)
        form.validate()
        found[key] = form.questions[key].place
    return found
