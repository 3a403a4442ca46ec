"""Conditions in words, for those who read the questions before answering any."""

from typing import Any

import pytest

from survey.core.bank import Condition
from survey.core.condition_words import applies, matters_if, may_stay_open, met_if, said_if
from survey.core.text import Text
from tests.builders import a_bank, a_profile, choice, domain, ladder, multiple, number, section

TYPE = "“关于production-type的问题？”"


def a_condition(**parts: Any) -> Condition:
    return Condition.model_validate(parts)


def a_profile_with(*questions: dict[str, Any]) -> dict[str, Any]:
    sizes = choice("size-class", "large", "medium", "small", "micro")
    types = choice("production-type", "discrete", "process", "mixed")
    return a_profile(types, sizes, *questions)


BANK = a_bank(
    section("everything", "A", domain("first", ladder(), multiple(), number())),
    profile=a_profile_with(choice("kind", "a", "b")),
)
MANY_YEARS = {"question": "years", "at_least": 3}
KIND_A, KIND_B = {"question": "kind", "in": ["a"]}, {"question": "kind", "in": ["b"]}


@pytest.mark.parametrize(
    ("condition", "chinese", "english"),
    [
        (
            {"question": "production-type", "in": ["process"]},
            f"{TYPE}选“选项process”",
            "the answer to “What about production-type?” is “process”",
        ),
        (
            {"question": "kind", "in": ["a", "b"]},
            "“关于kind的问题？”选“选项a”或“选项b”",
            "the answer to “What about kind?” is “a” or “b”",
        ),
        (
            {"question": "security", "in": ["a"]},
            "“关于security的问题？”选“措施a”",
            "the answer to “What about security?” is “Measure a”",
        ),
        (
            {"question": "years", "at_least": 12000},
            "“关于years的问题？”不小于12,000",
            "the answer to “What about years?” is at least 12,000",
        ),
        (
            {"question": "planning", "at_least": 2},
            "“关于planning的问题？”达到“第2步”或更高",
            "the answer to “What about planning?” is “Step 2” or higher",
        ),
        (
            {"not": {"question": "kind", "in": ["a"]}},
            "不是（“关于kind的问题？”选“选项a”）",
            "it is not so that (the answer to “What about kind?” is “a”)",
        ),
        (
            {"all": [{"question": "kind", "in": ["a"]}]},
            "“关于kind的问题？”选“选项a”",
            "the answer to “What about kind?” is “a”",
        ),
        (
            {"all": [KIND_A, {"any": [MANY_YEARS, KIND_B]}]},
            (
                "（“关于kind的问题？”选“选项a”），并且（（“关于years的问题？”不小于3），"
                "或者（“关于kind的问题？”选“选项b”））"
            ),
            (
                "(the answer to “What about kind?” is “a”) and ((the answer to “What about "
                "years?” is at least 3) or (the answer to “What about kind?” is “b”))"
            ),
        ),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_both_languages(
    condition: dict[str, Any], chinese: str, english: str
) -> None:
    said = a_condition(**condition)

    assert applies(BANK, said).zh == f"只在{chinese}时填写。"
    assert applies(BANK, said).en == f"Only if {english}."
    assert may_stay_open(BANK, said).zh == f"{chinese}时可以不填。"
    assert may_stay_open(BANK, said).en == f"May be left open if {english}."


def test_a_question_is_called_by_its_short_name_if_it_has_one() -> None:
    short = choice("kind", "a", "b", short={"zh": "类型", "en": "Kind"})
    bank = a_bank(profile=a_profile_with(short))

    said = applies(bank, a_condition(question="kind", **{"in": ["a"]}))

    assert said.zh == "只在“类型”选“选项a”时填写。"


def test_the_sentence_fits_what_depends_on_the_condition() -> None:
    said = Text(zh="甲", en="this")

    assert said_if(said) == Text(zh="只在甲时说明。", en="Said only if this.")
    assert matters_if(said) == Text(zh="只在甲时相关。", en="Matters only if this.")
    assert met_if(said) == Text(zh="甲时视为满足。", en="Met if this.")
