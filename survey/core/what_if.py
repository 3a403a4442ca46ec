"""Two results of one bank beside each other: what other answers would change.

Which answers differ is not asked here: a question can also move because the weight of another
one was shared out among fewer or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from survey.core.result import Blocker, Result
from survey.core.rounding import rounded

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure before and after; None where there is none. `key` is a question's or a section's."""

    key: str
    before: Decimal | None
    after: Decimal | None

    @property
    def by(self) -> Decimal:
        """The difference, for which no figure counts as 0."""
        return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two results.

    `sections` has the score of every section, moved or not, in the bank's order; `questions`
    the points of the total of those that moved, the furthest first. A blocker is the same one
    as long as it names the same condition of the same level.
    """

    sections: tuple[Moved, ...]
    questions: tuple[Moved, ...]
    vanished: tuple[Blocker, ...]
    appeared: tuple[Blocker, ...]


def compare(before: Result, after: Result) -> Difference:
    """Set two results of the same bank beside each other."""
    old, new = _contributions(before), _contributions(after)
    moved = [Moved(key, old[key], new[key]) for key in old if old[key] != new[key]]
    return Difference(
        sections=tuple(
            Moved(now.key, now.score if now.rated else None, then.score if then.rated else None)
            for now, then in zip(before.sections, after.sections, strict=True)
        ),
        questions=tuple(sorted(moved, key=lambda each: -abs(each.by))),
        vanished=_only_in(before, after),
        appeared=_only_in(after, before),
    )


def _contributions(result: Result) -> Mapping[str, Decimal | None]:
    """What each question adds to the total; nothing adds to a total that is not given."""
    return {
        key: None
        if result.total is None or item.contribution is None
        else rounded(item.contribution)
        for key, item in result.items.items()
    }


def _only_in(one: Result, other: Result) -> tuple[Blocker, ...]:
    known = {(blocker.kind, blocker.level) for blocker in other.blockers}
    return tuple(b for b in one.blockers if (b.kind, b.level) not in known)
