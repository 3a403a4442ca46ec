"""What is stored for a question, in words: answers, drafts, and what can be read no more."""

from typing import Any

import pytest
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


@pytest.mark.parametrize(
    ("key", "typed", "chinese", "english"),
    [
        (
            "planning",
            {"": ["level-3"], "evidence": ["document"], "half": ["1"], "note": ["三年规划"]},
            ("第3步", "此外，下一级已部分做到", "本企业文件：三年规划"),
            (
                "Step 3",
                "In addition, the next step is partly in place",
                "Document of our own: 三年规划",
            ),
        ),
        ("planning", {"note": ["level-3"]}, ("证据：level-3",), ("Evidence: level-3",)),
        ("planning", {"evidence": ["third-party"]}, ("第三方证明",), ("Third-party proof",)),
        (
            "planning",
            {"": ["_not-applicable"], "reason": ["没有"]},
            ("不适用于本企业", "没有"),
            ("Does not apply to us", "没有"),
        ),
        (
            "systems",  # the database may have sorted the parts
            {"row.mes": ["alone"], "row.erp": ["5"], "row.gone": ["5"]},
            ("ERP：5", "MES：单独使用", "5"),
            ("ERP: 5", "MES: Stand-alone", "5"),
        ),
        (
            "share",
            {"denominator": ["viele"], "numerator": ["5"], "state": ["_unknown"]},
            ("联网设备数：5", "设备总数：viele", "暂不清楚"),
            ("Networked machines: 5", "All machines: viele", "Don’t know yet"),
        ),
    ],
)  # fmt: skip
def test_every_part_of_a_draft_is_said_as_its_page_calls_it(
    app: Flask, key: str, typed: Any, chinese: tuple[str, ...], english: tuple[str, ...]
) -> None:
    said = {}
    for language in ("zh", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            said[language] = typed_words(QUESTIONS[key], typed)

    assert said == {"zh": chinese, "en": english}


def test_what_its_question_cannot_take_any_more_is_no_answer(app: Flask) -> None:
    with app.test_request_context():
        assert value_of(QUESTIONS["years"], {"option": "gone"}) == Value(None)
        assert value_of(QUESTIONS["years"], None) == Value(None)
