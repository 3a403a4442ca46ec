"""What is stored for a question, in words: answers, drafts, and what can be read no more."""

from flask import Flask

from survey.core.bank import Multiple
from survey.core.document import read
from survey.web.answer_words import Value, typed_words, value_of
from tests.builders import bank_data

QUESTIONS = read(bank_data()).questions


def test_what_was_chosen_in_a_draft_is_said_in_the_words_of_the_list(app: Flask) -> None:
    question = QUESTIONS["security"]
    assert isinstance(question, Multiple)
    option = question.options[0]

    with app.test_request_context(headers={"Accept-Language": "en"}):
        words = typed_words(question, {"": [option.key, "", "x"]})

    assert words == (option.label.en, "x")


def test_what_its_question_cannot_take_any_more_is_no_answer(app: Flask) -> None:
    with app.test_request_context():
        assert value_of(QUESTIONS["years"], {"option": "gone"}) == Value(None)
        assert value_of(QUESTIONS["years"], None) == Value(None)
