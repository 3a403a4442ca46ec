"""Weights from pairwise comparison (analytic hierarchy process).

The weights are the principal eigenvector of the matrix of comparisons, not the means of its
rows; the consistency ratio tells how far the comparisons contradict each other.
Source: T. L. Saaty, Decision making with the analytic hierarchy process (2008).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import log

from survey.core.errors import SurveyError

FEWEST, MOST = 1, 15
LARGEST = 9
"""The scale of comparison runs from 1/9 to 9."""

WORST = 3
"""So many comparisons are named as contrary; more would hide which ones matter."""

ACCEPTABLE = Decimal("0.1")
"""Up to this consistency ratio the comparisons are usually accepted (Saaty)."""

_RANDOM_INDEX = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    *(1.51, 1.48, 1.56, 1.57, 1.59),
)
"""The mean consistency index of random matrices of 1 to 15 things (Saaty)."""

_ENOUGH = 1e-13
"""On a scale of 1/9 to 9 each round shrinks the way to the eigenvector by 2 % at least (Birkhoff),
so that some 1,500 rounds always reach it; usually 20 do.
"""


class BadComparison(SurveyError):
    """The matrix cannot be used; the facts say where."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


@dataclass(frozen=True, slots=True)
class Weighing:
    """The weights (adding up to 1, six places) and how consistent the comparisons are."""

    weights: tuple[Decimal, ...]
    consistency_ratio: Decimal

    @property
    def consistent(self) -> bool:
        return self.consistency_ratio <= ACCEPTABLE


def weigh(matrix: Sequence[Sequence[Fraction]]) -> Weighing:
    """Weights from a matrix in which row i, column j says how much i outweighs j.

    Raises BadComparison if the matrix is not square, has other than 1 to 15 rows, a value
    beyond the scale of 1/9 to 9, a diagonal other than 1, or values that are not each other's
    reciprocal.
    """
    _check(matrix)
    size = len(matrix)
    values = [[float(value) for value in row] for row in matrix]
    vector, largest, moved = [1 / size] * size, float(size), 1.0
    while moved > _ENOUGH:
        product = [sum(a * b for a, b in zip(row, vector, strict=True)) for row in values]
        largest = sum(product)
        following = [value / largest for value in product]
        moved = max(abs(a - b) for a, b in zip(vector, following, strict=True))
        vector = following
    index = (largest - size) / (size - 1) if size > 1 else 0.0
    random_index = _RANDOM_INDEX[size - 1]
    ratio = index / random_index if random_index else 0.0
    return Weighing(_six_places(vector), Decimal(f"{max(ratio, 0.0):.6f}"))


def most_contrary(
    matrix: Sequence[Sequence[Fraction]], weights: Sequence[Decimal]
) -> tuple[tuple[int, int], ...]:
    """The comparisons that fit the weights least, worst first: those to look at again.

    A comparison fits if the weights have its ratio; up to half as much again is let pass.
    """
    size = len(matrix)
    off = {
        (i, j): abs(log(float(matrix[i][j]) * float(weights[j]) / float(weights[i])))
        for i in range(size)
        for j in range(i + 1, size)
    }
    far = [pair for pair, by in off.items() if by > log(1.5)]
    return tuple(sorted(far, key=lambda pair: -off[pair])[:WORST])


def _six_places(vector: Sequence[float]) -> tuple[Decimal, ...]:
    """Rounded so that they add up to 1 exactly: the largest takes up what is left."""
    rounded = [Decimal(f"{value:.6f}") for value in vector]
    rounded[rounded.index(max(rounded))] += 1 - sum(rounded)
    return tuple(rounded)


def _check(matrix: Sequence[Sequence[Fraction]]) -> None:
    size = len(matrix)
    if not FEWEST <= size <= MOST:
        raise BadComparison("comparison-size", fewest=FEWEST, most=MOST, given=size)
    for at, row in enumerate(matrix, start=1):
        if len(row) != size:
            raise BadComparison("comparison-not-square", row=at, needed=size, given=len(row))
    for i in range(size):
        for j in range(size):
            place = {"row": i + 1, "column": j + 1}
            if not Fraction(1, LARGEST) <= matrix[i][j] <= LARGEST:
                raise BadComparison("comparison-off-scale", value=str(matrix[i][j]), **place)
            if matrix[i][j] * matrix[j][i] != 1:
                raise BadComparison("comparison-not-reciprocal", **place)
