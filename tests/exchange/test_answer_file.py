"""A firm's answers as a file."""

import pytest

from survey.core.editions import FULL
from survey.core.errors import BadDocument
from survey.core.text import Locale, Text
from survey.exchange import answer_file
from survey.messages import for_problem

GOOD = """\
bank: test-bank/1
firm: {zh: " 砺洲阀门 ", en: Lizhou Valve}
answers:
  planning: {option: level-2}
  years: {number: "1.50"}
"""


def test_an_answer_file_names_the_bank_the_firm_and_the_answers() -> None:
    found = answer_file.read(GOOD.encode())

    assert found.bank == "test-bank/1"
    assert found.firm == Text(zh="砺洲阀门", en="Lizhou Valve")
    assert found.answers == {"planning": {"option": "level-2"}, "years": {"number": "1.50"}}
    assert found.loaded.lines["answers.years"] == 5


def test_without_an_edition_the_whole_bank_was_answered() -> None:
    assert answer_file.read(GOOD.encode()).edition == FULL


def test_an_edition_may_stand_beside_the_bank() -> None:
    assert answer_file.read(f"edition: express\n{GOOD}".encode()).edition == "express"


def test_a_firm_may_have_answered_nothing_yet() -> None:
    empty = GOOD.partition("answers:")[0] + "answers: {}"

    assert answer_file.read(empty.encode()).answers == {}


@pytest.mark.parametrize(
    "content",
    [
        "just text",
        "[]",
        GOOD.replace("bank: test-bank/1\n", ""),
        GOOD.replace("test-bank/1", "1"),
        GOOD.replace("en: Lizhou Valve", 'en: " "'),
        GOOD.replace("en: Lizhou Valve", 'fr: "x"'),
        GOOD.replace("en: Lizhou Valve", "en: Lizhou Valve, fr: Vannes"),
        GOOD.replace('{zh: " 砺洲阀门 ", en: Lizhou Valve}', "Lizhou"),
        GOOD.partition("answers:")[0],
        GOOD.partition("answers:")[0] + "answers:",
        GOOD.partition("answers:")[0] + "answers: [planning]",
        GOOD + "note: more\n",
        GOOD + "edition: express\nnote: more\n",
        GOOD + "edition: [express]\n",
        GOOD + "edition: 3\n",
    ],
)
def test_a_file_of_another_form_is_refused(content: str) -> None:
    with pytest.raises(BadDocument) as caught:
        answer_file.read(content.encode(), file="answers.yaml")

    [problem] = caught.value.problems
    assert (problem.code, problem.file, problem.line) == ("answer-file-form", "answers.yaml", 1)
    assert for_problem(problem, Locale.EN).endswith(".")


def test_what_is_no_yaml_is_refused_as_such() -> None:
    with pytest.raises(BadDocument) as caught:
        answer_file.read(b"bank: &a 1", file="answers.yaml")

    assert [problem.code for problem in caught.value.problems] == ["yaml-alias"]
