"""A question becomes one of another kind: what both have carries over, the rest is named."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from survey.core.bank import Kind, Question
from survey.core.blank_parts import question as blank_question
from survey.core.kind_change import MODELS, converted

LABEL = {"zh": "甲", "en": "A"}
_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


def filled(node: Any) -> Any:
    """The same with words in every text."""
    if isinstance(node, dict):
        if node == {"zh": "", "en": ""}:
            return LABEL
        return {name: filled(part) for name, part in node.items()}
    return [filled(part) for part in node] if isinstance(node, list) else node


def test_every_kind_has_its_model() -> None:
    assert set(MODELS) == set(Kind)


@pytest.mark.parametrize("before", list(Kind))
@pytest.mark.parametrize("after", list(Kind))
def test_any_kind_becomes_any_other_and_has_the_right_shape(before: Kind, after: Kind) -> None:
    made = converted(filled(blank_question(before)), after)

    assert _QUESTION.validate_python(filled(made.question)).kind == after


def test_the_same_kind_changes_nothing() -> None:
    question = filled(blank_question(Kind.MATRIX))

    made = converted(question, Kind.MATRIX)

    assert made.question == question
    assert not made.dropped


def test_the_steps_of_a_ladder_become_the_states_of_a_matrix() -> None:
    ladder = blank_question(Kind.LADDER) | {"half_steps": False, "weight": 3}

    made = converted(ladder, Kind.MATRIX)

    assert made.question["states"] == ladder["options"]
    assert made.question["weight"] == 3
    assert made.carried == ("key", "prompt", "weight", "states")
    assert made.dropped == ("half_steps",)


def test_requirements_lose_their_levels_and_statements_their_remedies() -> None:
    requirements = blank_question(Kind.REQUIREMENTS)
    statements = blank_question(Kind.YES_NO)
    statements["statements"][0]["remedy"] = {"what": LABEL}

    rows = converted(requirements, Kind.MATRIX)
    lines = converted(statements, Kind.REQUIREMENTS)

    assert rows.dropped == ("rule", "level")
    assert rows.question["rows"] == [{"key": "requirement", "label": {"zh": "", "en": ""}}]
    assert lines.dropped == ("remedy",)
    assert lines.question["rows"][0]["level"] == 1


def test_what_is_empty_is_not_missed_and_what_is_faulty_is_kept() -> None:
    question = {"key": "x", "kind": "matrix", "rows": ["?", {"key": "a"}], "bands": []}

    made = converted(question, Kind.YES_NO)
    odd = converted({"key": "x", "kind": "matrix", "rows": "none"}, Kind.REQUIREMENTS)

    assert made.question["statements"] == ["?", {"key": "a"}]
    assert made.dropped == ()
    assert odd.question["rows"] == "none"
