"""What a new version would change for all firms together: totals, levels, causes, questions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from survey.core.rerun import Loss, Shift, Why
from survey.core.scored_edits import Edit, EditKind

ZERO = Decimal(0)

BINS = 10
"""Each of 10 points; the last one has its upper bound too."""

MOST_NAMED = 200
"""Firms that are named; all are counted."""

_BY_PLACE = (EditKind.SECTION_WEIGHTS, EditKind.DOMAIN_WEIGHTS)


@dataclass(slots=True)
class Distribution:
    """How many totals there are in each bin, and how many firms have none."""

    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    without: int = 0

    def add(self, total: Decimal | None) -> None:
        if total is None:
            self.without += 1
        else:
            self.bins[min(int(total) * BINS // 100, BINS - 1)] += 1


@dataclass(slots=True)
class Effect:
    """What one question moves: points in all, whichever way, and how many firms each way."""

    moved: Decimal = ZERO
    up: int = 0
    down: int = 0

    def add(self, by: Decimal) -> None:
        self.moved += abs(by)
        if by > 0:
            self.up += 1
        else:
            self.down += 1


@dataclass(slots=True)
class Blame:
    """How many firms an edit lifts and lowers by itself, and for how many it is one of several."""

    up: int = 0
    down: int = 0
    together: int = 0


@dataclass(frozen=True, slots=True)
class Mover:
    """A firm whose level would change, and the edits that do it."""

    assessment_id: int
    firm: str
    shift: Shift
    edits: tuple[Edit, ...]


@dataclass(slots=True)
class Sums:
    """Everything that was added so far.

    `levels` counts the firms by their level before and after; None is no level. `gone` counts
    those that no new result can be told for: the edition that they answered is not in the draft.
    """

    count: int = 0
    gone: int = 0
    before: Distribution = field(default_factory=Distribution)
    after: Distribution = field(default_factory=Distribution)
    levels: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    questions: dict[str, Effect] = field(default_factory=dict)
    blames: dict[Edit, Blame] = field(default_factory=dict)
    together: int = 0
    unknown: int = 0
    movers: list[Mover] = field(default_factory=list)
    lost: dict[str, Counter[Loss]] = field(default_factory=dict)
    opened: Counter[str] = field(default_factory=Counter)

    def add(self, assessment_id: int, firm: str, shift: Shift, edits: Sequence[Edit]) -> None:
        """Add what would change for one firm; `edits` are those of its edition."""
        self.count += 1
        (total, level), (new_total, new_level) = shift.before, shift.after
        self.before.add(total)
        self.after.add(new_total)
        self.levels[level, new_level] += 1
        for key, by in shift.points.items():
            self.questions.setdefault(key, Effect()).add(by)
        for key, loss in shift.lost.items():
            self.lost.setdefault(key, Counter())[loss] += 1
        self.opened.update(shift.opened)
        if shift.why is not Why.SAME:
            causes = tuple(edits[at] for at in shift.causes)
            self._blame(shift, causes)
            if len(self.movers) < MOST_NAMED:
                self.movers.append(Mover(assessment_id, firm, shift, causes))

    def _blame(self, shift: Shift, causes: Sequence[Edit]) -> None:
        self.together += shift.why is Why.TOGETHER
        self.unknown += shift.why is Why.UNKNOWN
        for edit in causes:
            blame = self.blames.setdefault(_name(edit), Blame())
            if shift.why is Why.TOGETHER:
                blame.together += 1
            elif rank(shift.after[1]) > rank(shift.before[1]):
                blame.up += 1
            else:
                blame.down += 1

    @property
    def up(self) -> int:
        return sum(n for (old, new), n in self.levels.items() if rank(new) > rank(old))

    @property
    def down(self) -> int:
        return sum(n for (old, new), n in self.levels.items() if rank(new) < rank(old))

    @property
    def same(self) -> int:
        return self.count - self.up - self.down

    @property
    def without_level(self) -> int:
        """Firms that would have no level."""
        return sum(n for (_, new), n in self.levels.items() if new is None)

    @property
    def weightiest(self) -> list[tuple[str, Effect]]:
        """The questions by what they move in all, most first."""
        return sorted(self.questions.items(), key=lambda each: (-each[1].moved, each[0]))

    @property
    def blamed(self) -> list[tuple[Edit, Blame]]:
        """The edits by the firms that they move, alone first."""

        def moved(each: tuple[Edit, Blame]) -> tuple[int, int]:
            return -(each[1].up + each[1].down), -each[1].together

        return sorted(self.blames.items(), key=moved)


def rank(level: int | None) -> int:
    """Levels in their order; no level is the lowest."""
    return -1 if level is None else level


def _name(edit: Edit) -> Edit:
    """The same edit in every edition, whichever questions that asks."""
    return replace(edit, questions=()) if edit.kind in _BY_PLACE else edit
