"""What the dry run says: edits, levels and questions in words, and the chart of the totals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey.core.bank import OUTCOMES, PROFILE, Bank, Profile
from survey.core.rerun import Loss
from survey.core.rerun_sums import BINS, Distribution
from survey.core.scored_edits import Edit, EditKind
from survey.i18n import Later, _, lazy, ngettext, say

LOSSES: Mapping[Loss, Later] = {
    Loss.REMOVED: lazy("The question is removed"),
    Loss.UNREADABLE: lazy("The question cannot take this answer any more"),
}

_WHOLE: Mapping[EditKind, Later] = {
    EditKind.SCORING: lazy("The way of scoring"),
    EditKind.LEVELS: lazy("The points that levels begin at"),
    EditKind.GATES: lazy("The gates of the levels"),
    EditKind.LIMITS: lazy("How much may be declared not applicable"),
    EditKind.ORDER: lazy("The order of the questions"),
    EditKind.SECTION_WEIGHTS: lazy("The weights of the sections"),
}

_OF_QUESTION: Mapping[EditKind, Later] = {
    EditKind.REMOVED: lazy("Removed: %(question)s"),
    EditKind.ADDED: lazy("Added: %(question)s"),
    EditKind.MOVED: lazy("Moved: %(question)s"),
    EditKind.CONDITION: lazy("When it is asked: %(question)s"),
    EditKind.WEIGHT: lazy("Weight: %(question)s"),
    EditKind.POINTS: lazy("What its answers earn: %(question)s"),
}


_PAGES: Mapping[str, Callable[[Bank], Profile | None]] = {
    PROFILE: lambda bank: bank.profile,
    OUTCOMES: lambda bank: bank.outcomes,
}


def edit(edit: Edit, old: Bank, new: Bank) -> str:
    """What was edited, in the words of whoever did so."""
    if edit.kind in _WHOLE:
        return str(_WHOLE[edit.kind])
    if edit.kind is EditKind.DOMAIN_WEIGHTS:
        return _("The weights of the domains of “%(section)s”", section=_part(edit.part, new, old))
    if edit.part:
        name = _part(edit.part, new, old)
        count = len(edit.questions)
        about = ngettext(
            "%(part)s (%(num)d question)", "%(part)s (%(num)d questions)", count, part=name
        )
    else:
        name = question(edit.questions[0], new, old)
        more = len(edit.questions) - 1
        about = name
        if more:
            about = ngettext(
                "%(name)s and %(num)d more", "%(name)s and %(num)d more", more, name=name
            )
    return str(_OF_QUESTION[edit.kind]) % {"question": about}


def question(key: str, *banks: Bank) -> str:
    """The short name of a question, with its code, in the first bank that has it."""
    found = next((bank.questions[key] for bank in banks if key in bank.questions), None)
    if found is None:
        return key
    name = say(found.short or found.prompt)
    return f"{found.code} {name}" if found.code else name


def _part(key: str, *banks: Bank) -> str:
    """The title of a page, a section or a domain, in the first bank that has it."""
    for bank in banks:
        page = _PAGES[key](bank) if key in _PAGES else None
        if page is not None:
            return say(page.title)
        for section in bank.sections:
            if section.key == key:
                return say(section.title)
            for domain in section.domains:
                if domain.key == key:
                    return say(domain.title)
    return key


def level(number: int | None, bank: Bank) -> str:
    if number is None:
        return _("No level")
    return next((say(step.title) for step in bank.levels.steps if step.number == number), "–")


# ------------------------------------------------------------------------ the chart

WIDTH, HEIGHT, LEFT, TOP = 640, 200, 8, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, and the count that stands above it."""

    x: float
    y: float
    width: float
    height: float
    count: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Bin:
    """The totals from `low` up to `high`, before and after."""

    low: int
    high: int
    before: Bar
    after: Bar


def chart(before: Distribution, after: Distribution) -> list[Bin]:
    """Two bars for each bin, as high as their share of the highest."""
    highest = max(*before.bins, *after.bins, 1)
    step = (WIDTH - 2 * LEFT) / BINS
    bar = step * 0.4

    def drawn(at: int, count: int, shift: float) -> Bar:
        height = HEIGHT * count / highest
        x = LEFT + step * at + step * 0.08 + shift
        return Bar(
            round(x, 2), round(TOP + HEIGHT - height, 2), round(bar, 2), round(height, 2), count
        )

    width = 100 // BINS
    return [
        Bin(
            low=at * width,
            high=(at + 1) * width,
            before=drawn(at, before.bins[at], 0),
            after=drawn(at, after.bins[at], bar * 1.1),
        )
        for at in range(BINS)
    ]
