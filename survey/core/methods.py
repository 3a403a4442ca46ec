"""How parts become a whole: each method gives every part its share of the mean around it.

The same rule works at every joint of a bank: questions in a domain, domains in a section,
sections in the total. A new method is one function and one line in the table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from survey.core.bank import Method, NaPolicy

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: its weight and its score of 0–100.

    `score` is None if nothing of it is known; `excluded` tells that all of it was declared
    not applicable.
    """

    weight: Decimal
    score: Decimal | None
    excluded: bool = False


Shares = list[Decimal | None]
"""One entry for each part, adding up to 1; None for a part that does not take part."""


def shares(parts: Sequence[Part], method: Method, policy: NaPolicy = NaPolicy.EXCLUDE) -> Shares:
    """Divide the whole among its parts.

    With the policy ZERO a part that is not applicable keeps its share and earns nothing.
    """
    if policy is NaPolicy.ZERO:
        parts = [Part(part.weight, ZERO) if part.excluded else part for part in parts]
    return _METHODS[method](parts)


def mean(parts: Sequence[Part], divided: Shares) -> Decimal | None:
    """The whole's score of 0–100: neither 0 nor 100 but None if nothing of it is known."""
    known = False
    total = ZERO
    for part, share in zip(parts, divided, strict=True):
        if share is not None and part.score is not None:
            known = True
            total += share * part.score
    return total if known else None


def _weighted(parts: Sequence[Part]) -> Shares:
    """By weight, among the parts that are known."""
    return _divide([None if part.score is None else part.weight for part in parts])


def _plain(parts: Sequence[Part]) -> Shares:
    """Alike, among the parts that are known."""
    return _divide([None if part.score is None else Decimal(1) for part in parts])


def _points(parts: Sequence[Part]) -> Shares:
    """By weight among all that apply: a weight is the most points that a part can earn."""
    return _divide([None if part.excluded else part.weight for part in parts])


def _divide(weights: Sequence[Decimal | None]) -> Shares:
    whole = sum((weight for weight in weights if weight is not None), ZERO)
    if whole == 0:
        return [None] * len(weights)
    return [None if weight is None else weight / whole for weight in weights]


_METHODS: Mapping[Method, Callable[[Sequence[Part]], Shares]] = {
    Method.WEIGHTED: _weighted,
    Method.MEAN: _plain,
    Method.POINTS: _points,
    Method.STAGED: _weighted,
}
