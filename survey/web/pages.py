"""The pages of a questionnaire as the firm's own pages list them, each with how far it is."""

from dataclasses import dataclass

from survey.core.pages import BankPage, pages
from survey.core.progress import PageProgress
from survey.services.assessments import State


@dataclass(frozen=True, slots=True)
class Listed(BankPage):
    """One page of the questionnaire in the list of all."""

    counted: PageProgress


def listed(state: State) -> list[Listed]:
    """Every page in reading order: the profile first, the key figures last."""
    return [
        Listed(
            each.key,
            each.code,
            each.title,
            each.summary,
            each.questions,
            state.progress.pages[each.key],
        )
        for each in pages(state.bank)
    ]
