"""Conditions and limits in the words of an XLSForm, written and read back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.exchange import bank_xlsx_terms as terms
from survey.exchange.bank_xlsx_terms import NotUnderstood

KEYS = st.from_regex(r"[a-z0-9]{1,4}(-[a-z0-9]{1,3})?", fullmatch=True)
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6), st.sampled_from(["1.5", "-0.25", "20", "1.50", "-3"])
)
LEAVES = st.one_of(
    st.fixed_dictionaries({"question": KEYS, "in": st.lists(KEYS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"question": KEYS, "at_least": NUMBERS}),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_every_condition_is_read_back_exactly(condition: dict[str, Any]) -> None:
    text = terms.condition_text(condition, terms.name_of)

    assert text is not None
    assert terms.condition(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("${a} = 'x'", {"question": "a", "in": ["x"]}),
        ('${a}="x" or ${a}="y"', {"question": "a", "in": ["x", "y"]}),
        ("${a} != 'x'", {"not": {"question": "a", "in": ["x"]}}),
        ("(${a} >= 3)", {"question": "a", "at_least": 3}),
        ("${points_a} >= 3 and ${_5s} = 'x'",
         {"all": [{"question": "a", "at_least": 3}, {"question": "5s", "in": ["x"]}]}),
        ("selected(${a}, 'x') or ${b} = 'x'",
         {"any": [{"question": "a", "in": ["x"]}, {"question": "b", "in": ["x"]}]}),
        ("not(selected(${a}, 'x'))", {"not": {"question": "a", "in": ["x"]}}),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(text: str, condition: dict[str, Any]) -> None:
    assert terms.condition(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "${a}", "${a} > 3", "${a} = 3", "${a} >= 'x'", "${a} = 'x' or", "true()",
        "true() and true()", "not(true())", "selected(${a})", "(${a} = 'x'", "${a} = 'x')",
        "count(${a})", "${a} § 3", "(" * 100 + "${a} = 'x'" + ")" * 100, "x" * 30_000,
        "selected('a', 'x')",
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        terms.condition(text)


@pytest.mark.parametrize(
    "condition",
    [
        None, "x", {}, {"question": "a"}, {"question": "A b", "in": ["x"]}, {"all": []},
        {"question": "a", "in": []}, {"question": "a", "in": ["A"]}, {"not": None},
        {"question": "a", "at_least": None}, {"question": 1, "at_least": 1},
        {"question": "a", "at_least": True}, {"any": [None]}, {"question": "a", "at_least": "x"},
    ],
)  # fmt: skip
def test_what_a_draft_has_instead_of_a_condition_is_not_written(condition: object) -> None:
    assert terms.condition_text(condition, terms.name_of) is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ({"minimum": 0, "maximum": "10.5"}, ". >= 0 and . <= 10.5"),
        ({"minimum": "5"}, ". >= '5'"),
        ({"pattern": "^'$", "maximum_length": 20}, 'regex(., "^\'$") and string-length(.) <= 20'),
        ({"pattern": "^a and b$"}, "regex(., '^a and b$')"),
    ],
)
def test_limits_are_read_back_exactly(question: dict[str, Any], text: str) -> None:
    assert terms.limits_text(question) == text
    assert terms.limits(text) == question


def test_a_pattern_with_both_quotes_is_not_written() -> None:
    assert terms.limits_text({"pattern": "'\""}) is None


@pytest.mark.parametrize("text", ["", "1", ". >= 1 and", ". > 1", ". >= 1 and . >= 2", ". >= 'x'"])
def test_what_are_no_limits_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        terms.limits(text)
