"""A pairwise comparison as a file."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from survey.core.errors import BadDocument, Problem
from survey.core.text import Locale
from survey.exchange import comparison_file
from survey.messages import for_problem

GOOD = """\
things: [quality, 碳排放, 2024]
matrix:
  - [1, 3, "2.5"]
  - [1/3, 1, 2]
  - [0.4, 1/2, 1]
"""


def problems(content: str) -> Sequence[Problem]:
    with pytest.raises(BadDocument) as caught:
        comparison_file.read(content.encode(), file="comparison.yaml")
    return caught.value.problems


def test_a_comparison_has_names_and_exact_values() -> None:
    found = comparison_file.read(GOOD.encode())

    assert found.things == ("quality", "碳排放", "2024")
    assert found.matrix == (
        (Fraction(1), Fraction(3), Fraction(5, 2)),
        (Fraction(1, 3), Fraction(1), Fraction(2)),
        (Fraction(2, 5), Fraction(1, 2), Fraction(1)),
    )


@pytest.mark.parametrize(
    "content",
    [
        "just text",
        "[]",
        "things: [a]",
        "matrix: [[1]]",
        "things: a\nmatrix: [[1]]",
        "things: [[a]]\nmatrix: [[1]]",
        "things: [a]\nmatrix: 1",
        "things: [a]\nmatrix: [1]",
        GOOD + "note: more\n",
    ],
)
def test_a_file_of_another_form_is_refused(content: str) -> None:
    [problem] = problems(content)

    assert (problem.code, problem.file, problem.line) == ("comparison-form", "comparison.yaml", 1)
    assert "things" in for_problem(problem, Locale.EN)


@pytest.mark.parametrize(
    "value", ["thrice", "0", "-3", "1/0", "0/1", "1 / 3", "1e3", "1.1234567", "[3]", "true", "1000"]
)
def test_a_value_that_is_no_number_or_fraction_is_named_with_its_line(value: str) -> None:
    [problem] = problems(GOOD.replace("[1/3, 1, 2]", f"[{value}, 1, 2]"))

    assert (problem.code, problem.place, problem.line) == ("comparison-value", "matrix.1.0", 4)
    assert "1/3" in for_problem(problem, Locale.ZH)


def test_every_fault_is_named_at_once() -> None:
    content = GOOD.replace("碳排放, 2024", "quality").replace("[0.4, 1/2", "[x, y")

    found = problems(content)

    assert [(problem.code, problem.place) for problem in found] == [
        ("comparison-value", "matrix.2.0"),
        ("comparison-value", "matrix.2.1"),
        ("comparison-twice", "things.1"),
        ("comparison-names", "things"),
    ]
    assert "“quality” appears twice" in for_problem(found[2], Locale.EN)
    assert "There are 2 names and 3 rows" in for_problem(found[3], Locale.EN)
    assert "2个名称" in for_problem(found[3], Locale.ZH)
