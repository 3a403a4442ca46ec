"""The questionnaires of other systems as formats that a draft can be read from."""

from collections.abc import Callable
from pathlib import PurePath

from survey.core import document
from survey.core.errors import Problem
from survey.exchange import (
    foreign_bank,
    limesurvey_lss,
    limesurvey_txt,
    soundness,
    surveyjs,
    xlsform,
)
from survey.exchange.bank_parts import Read
from survey.exchange.foreign import NotReadable, Questionnaire
from survey.exchange.xlsx import BadWorkbook


def read_xlsform(content: bytes, file: str) -> Read:
    return _draft(xlsform.read, content, file)


def read_lss(content: bytes, file: str) -> Read:
    return _draft(limesurvey_lss.read, content, file)


def read_txt(content: bytes, file: str) -> Read:
    return _draft(limesurvey_txt.read, content, file)


def read_surveyjs(content: bytes, file: str) -> Read:
    return _draft(surveyjs.read, content, file)


def _draft(reader: Callable[[bytes], Questionnaire], content: bytes, file: str) -> Read:
    """The draft with its faults and losses; without one, why nothing could be read."""
    try:
        questionnaire = reader(content)
    except (NotReadable, BadWorkbook) as error:
        return Read(None, (Problem(error.code, "", error.facts, file=file),))
    if not questionnaire.code:
        questionnaire.code = PurePath(file).stem
    made = foreign_bank.document(questionnaire)
    if unsound := soundness.unsound(made, file):
        return Read(None, unsound)
    return Read(made, document.problems(made), questionnaire.losses.all())
