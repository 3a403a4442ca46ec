"""The conditions of rules: four states, with the answers behind them and the rule's edition."""

from collections.abc import Mapping
from typing import Any

import pytest

from survey.core.bank import Bank
from survey.core.editions import edition
from survey.core.parts import ConditionLine, ConditionState, Preconditions
from survey.core.text import Text
from tests import builders as b

NORM = {"key": "norm", "title": {"zh": "某标准", "en": "A norm"}, "edition": "2025"}
GUIDE = {"key": "guide", "title": {"zh": "某指南", "en": "A guide"}, "edition": "2022"}
WHERE = {"zh": "见资产负债表。", "en": "See the balance sheet."}
OTHER_WAY = {"zh": "另有融资一条路。", "en": "Equity is accepted instead."}
UNKNOWN = {"unknown": True}


def a_bank_with(*conditions: dict[str, Any], **changes: Any) -> Bank:
    return b.a_bank(sources=[GUIDE, NORM], eligibility=[b.eligibility(*conditions)], **changes)


def programme(bank: Bank, plain: Mapping[str, Any]) -> Preconditions:
    *_, found = b.a_report(bank, plain).preconditions
    return found


def line_of(condition: dict[str, Any], plain: Mapping[str, Any]) -> ConditionLine:
    [line] = programme(a_bank_with(condition), plain).lines
    return line


YEARS = {"question": "years", "at_least": 3}
DISCRETE = {"question": "production-type", "in": ["discrete"]}
MEASURES = [{"question": "security", "in": [name]} for name in ("a", "b")]
TYPE = {"production-type": {"option": "discrete"}}


@pytest.mark.parametrize(
    ("condition", "plain", "state"),
    [
        ({"holds": YEARS}, {"years": {"number": "3"}}, "met"),
        ({"holds": YEARS}, {"years": {"number": "2"}}, "not-met"),
        ({"holds": YEARS}, {"years": UNKNOWN}, "unknown"),
        ({"holds": YEARS}, {}, "unknown"),
        ({"holds": None, "where": WHERE}, {"years": {"number": "3"}}, "unknown"),
        ({"holds": YEARS, "other_way": OTHER_WAY}, {"years": {"number": "2"}}, "unknown"),
        ({"holds": YEARS, "other_way": OTHER_WAY}, {"years": {"number": "3"}}, "met"),
        ({"holds": YEARS, "when": DISCRETE}, TYPE | {"years": {"number": "3"}}, "met"),
        ({"when": DISCRETE}, {"production-type": {"option": "process"}}, "not-applicable"),
        ({"when": DISCRETE}, {"years": {"number": "2"}}, "not-met"),
        (
            {"holds": {"question": "planning", "at_least": 3}},
            {"planning": {"not_applicable": "没有计划"}},
            "not-applicable",
        ),
        ({"holds": {"all": MEASURES}}, {"security": {"options": ["a", "b"]}}, "met"),
        ({"holds": {"all": MEASURES}}, {"security": {"options": ["a"]}}, "not-met"),
        ({"holds": {"all": [YEARS, MEASURES[0]]}}, {"years": {"number": "3"}}, "unknown"),
        ({"holds": {"all": [YEARS, MEASURES[0]]}}, {"years": {"number": "2"}}, "not-met"),
        ({"holds": {"any": [YEARS, MEASURES[0]]}}, {"years": {"number": "3"}}, "met"),
        ({"holds": {"any": [YEARS, MEASURES[0]]}}, {"years": {"number": "2"}}, "unknown"),
        ({"holds": {"not": YEARS}}, {"years": {"number": "2"}}, "met"),
        ({"holds": {"not": YEARS}}, {}, "unknown"),
    ],
)
def test_a_condition_is_in_one_of_four_states(
    condition: dict[str, Any], plain: dict[str, Any], state: str
) -> None:
    line = line_of(b.rule_condition(**condition), plain)

    assert line.state == ConditionState(state)


@pytest.mark.parametrize(
    ("condition", "plain", "note"),
    [
        ({"holds": YEARS}, {"years": {"number": "5"}}, "By the answer: 5 years"),
        ({"holds": YEARS}, {}, "Open until the question behind it is answered."),
        ({"holds": YEARS, "where": WHERE}, {}, "See the balance sheet."),
        ({"holds": None, "where": WHERE}, {}, "See the balance sheet."),
        (
            {"holds": YEARS, "other_way": OTHER_WAY},
            {"years": {"number": "2"}},
            "Equity is accepted instead.",
        ),
        (
            {"holds": YEARS, "when": DISCRETE},
            {"production-type": {"option": "process"}, "years": {"number": "5"}},
            "By the answer: process",
        ),
        (
            {"holds": {"all": [*MEASURES, YEARS]}},
            {"security": {"options": ["a", "b"]}, "years": {"number": "5"}},
            "By the answer: Measure a; Measure b; 5 years",
        ),
    ],
)
def test_a_state_names_the_answers_behind_it_or_how_to_find_out(
    condition: dict[str, Any], plain: dict[str, Any], note: str
) -> None:
    line = line_of(b.rule_condition(**condition), plain)

    assert line.note is not None
    assert line.note.en == note


def test_what_the_firm_excludes_is_not_applicable_without_half_a_sentence() -> None:
    holds = {"question": "planning", "at_least": 3}

    line = line_of(b.rule_condition(holds=holds), {"planning": {"not_applicable": "没有计划"}})

    assert (line.state, line.note) == (ConditionState.NOT_APPLICABLE, None)


def test_what_an_edition_does_not_ask_is_open_and_says_why() -> None:
    bank = a_bank_with(
        b.rule_condition("years"),
        b.rule_condition("both", holds={"all": [MEASURES[0], YEARS]}),
        editions=[b.edition("planning", "security")],
    )

    found = programme(edition(bank, "express"), {"security": {"options": ["b"]}})

    years, both = found.lines
    assert years.state is ConditionState.UNKNOWN
    assert years.note is not None
    assert years.note.en.startswith("Not asked in this edition")
    assert both.state is ConditionState.NOT_MET
    assert both.note == Text(zh="依据答案：措施b", en="By the answer: Measure b")


def test_a_programme_names_its_rule_with_the_edition_and_its_limits() -> None:
    caution = {"zh": "以原文为准。", "en": "The text itself decides."}
    bank = b.a_bank(sources=[NORM], eligibility=[b.eligibility(caution=caution)])

    found = programme(bank, {})

    assert (found.title.en, found.rule, found.edition) == (
        "A programme",
        Text(zh="某标准", en="A norm"),
        "2025",
    )
    assert found.caution == Text(**caution)


@pytest.mark.parametrize(
    ("plain", "counted", "ends"),
    [
        (
            {"years": {"number": "2"}},
            "1项未满足，1项待查实。",
            "先看未满足的条件能不能补上。",
        ),
        ({}, "2项待查实。", "先查实待查实的条件。"),
        (
            {"years": {"number": "3"}, "security": {"options": ["a"]}},
            "2项已满足。",
            "以规则的现行文本和审核为准。",
        ),
    ],
)
def test_a_programme_counts_its_states_and_never_approves(
    plain: dict[str, Any], counted: str, ends: str
) -> None:
    bank = a_bank_with(b.rule_condition(), b.rule_condition("measure", holds=MEASURES[0]))

    found = programme(bank, plain)

    assert found.counted.zh.startswith(counted)
    assert found.counted.zh.endswith(ends)


def test_statements_name_the_first_model_that_they_lean_on() -> None:
    statements = b.yes_no(leans_on=["norm", "guide"], short={"zh": "前提", "en": "Conditions"})
    bank = b.a_bank(
        b.section("s", "A", b.domain("law", statements), b.domain("d", b.ladder("q0"))),
        sources=[GUIDE, NORM],
    )

    [found] = b.a_report(bank, {}).preconditions

    assert (found.title.en, found.rule, found.edition) == (
        "Conditions",
        Text(zh="某标准", en="A norm"),
        "2025",
    )


def test_statements_that_lean_on_nothing_have_no_rule() -> None:
    [found] = b.a_report(b.a_bank(), {}).preconditions

    assert (found.rule, found.edition) == (None, "")


def test_statements_of_which_none_applies_are_not_called_met() -> None:
    states = dict.fromkeys(("registered", "permit"), "not-applicable")

    [found] = b.a_report(b.a_bank(), {"conditions": {"statements": states}}).preconditions

    assert found.counted.zh == "所列各项对本企业都不适用。"
