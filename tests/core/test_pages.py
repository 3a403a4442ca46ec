"""The pages of a questionnaire, in reading order."""

from survey.core.pages import pages
from tests.builders import a_bank, a_profile, two_years


def test_the_profile_comes_first_and_the_key_figures_last() -> None:
    with_figures, without = a_bank(outcomes=a_profile(two_years())), a_bank()

    assert [page.key for page in pages(with_figures)] == ["profile", "everything", "outcomes"]
    assert [page.key for page in pages(without)] == ["profile", "everything"]
    assert [page.code for page in pages(without)] == ["", "A"]


def test_every_question_stands_on_one_page() -> None:
    bank = a_bank(outcomes=a_profile(two_years()))

    listed = [question.key for page in pages(bank) for question in page.questions]

    assert sorted(listed) == sorted(bank.questions)
