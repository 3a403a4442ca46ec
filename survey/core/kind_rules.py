"""What must hold within one question, by its kind, whatever the rest of the bank says."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from survey.core.answers import on_the_right_sides
from survey.core.bank import (
    Band,
    Benchmark,
    Better,
    Choice,
    Credit,
    Kind,
    Ladder,
    Likely,
    Matrix,
    Multiple,
    Number,
    Open,
    Option,
    Question,
    Ratio,
    Requirements,
    Scale,
    YesNo,
)
from survey.core.errors import Facts, Problem, quoted
from survey.core.patterns import is_pattern

LONGEST_OPTION_ZH = 40
LONGEST_OPTION_EN = 25
FULL = Decimal(100)


def by_itself(question: Question, place: str) -> Iterator[Problem]:
    """What must hold of one question alone."""
    name = "states" if isinstance(question, Matrix | Requirements) else "options"
    yield from _repeated_in(options_of(question), f"{place}.{name}")
    for at, option in enumerate(options_of(question)):
        yield from _option_length(option, f"{place}.{name}.{at}.label")
    yield from _KIND_RULES[question.kind](question, place)


def options_of(question: Question) -> tuple[Option, ...]:
    """What is chosen from: options, or the states of a row."""
    match question:
        case Choice() | Ladder() | Multiple():
            return question.options
        case Matrix() | Requirements():
            return question.states
        case _:
            return ()


class Keyed(Protocol):
    """Any part of a bank that has a key."""

    @property
    def key(self) -> str: ...


def _repeated_in(parts: Sequence[Keyed], place: str) -> Iterator[Problem]:
    return repeated((f"{place}.{at}.key", part.key) for at, part in enumerate(parts))


def repeated(keys: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Each key that has been there before, at the place where it comes again."""
    seen = set()
    for place, key in keys:
        if key in seen:
            yield Problem("bank-duplicate-key", place, {"key": key})
        seen.add(key)


def _option_length(option: Option, place: str) -> Iterator[Problem]:
    if len(option.label.zh) > LONGEST_OPTION_ZH:
        facts = {"length": len(option.label.zh), "longest": LONGEST_OPTION_ZH}
        yield Problem("bank-option-too-long-zh", f"{place}.zh", facts)
    words = len(option.label.en.split())
    if words > LONGEST_OPTION_EN:
        facts = {"length": words, "longest": LONGEST_OPTION_EN}
        yield Problem("bank-option-too-long-en", f"{place}.en", facts)


# ------------------------------------------------------------------- the kinds


def _no_rule(_question: Question, _place: str) -> Iterator[Problem]:
    return iter(())


def _ladder_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Ladder)
    yield from _rising(question.options, f"{place}.options")


def _rising(options: Sequence[Option], place: str) -> Iterator[Problem]:
    points = [option.points for option in options]
    if None in points:
        yield Problem("bank-points-missing", place, {})
        return
    known = [value for value in points if value is not None]
    if known[0] != 0 or any(low >= high for low, high in pairwise(known)):
        yield Problem("bank-points-not-rising", place, {"points": ", ".join(map(str, known))})


def _multiple_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Multiple)
    keys = [option.key for option in question.options]
    if question.none is not None and question.none not in keys:
        yield Problem("bank-unknown-key", f"{place}.none", {"key": question.none})
    boxes = [option for option in question.options if option.key != question.none]
    if question.full_at is not None and question.full_at > len(boxes):
        yield Problem("bank-full-at-too-high", f"{place}.full_at", {"most": len(boxes)})
    if (question.earns is Credit.CAPPED) != (question.full_at is not None):
        yield Problem("bank-full-at-and-credit", f"{place}.credit", {})
    if question.earns is Credit.POINTS and not all(option.points for option in boxes):
        yield Problem("bank-points-missing", f"{place}.options", {})


def _number_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Number)
    if question.minimum >= question.maximum:
        yield Problem("bank-range-empty", f"{place}.minimum", {})
        return
    possible = _Range(question.minimum, question.maximum)
    yield from _figure(question, possible, place)
    yield from _likely(question.likely, possible, f"{place}.likely")


def _ratio_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Ratio)
    highest = None if question.may_exceed else FULL
    possible = _Range(Decimal(0), highest)
    yield from _figure(question, possible, place)
    shown = _Range(-FULL, None) if question.compares_years else possible
    yield from _likely(question.likely, shown, f"{place}.likely")
    yield from _likely(question.likely_each, _Range(Decimal(0), None), f"{place}.likely_each")


@dataclass(frozen=True, slots=True)
class _Range:
    """What a firm can enter; without a highest value anything from the lowest on."""

    lowest: Decimal
    highest: Decimal | None

    def outside(self, value: Decimal, place: str) -> Iterator[Problem]:
        if value < self.lowest:
            yield Problem("bank-too-low", place, _limit(value, self.lowest))
        if self.highest is not None and value > self.highest:
            yield Problem("bank-too-high", place, _limit(value, self.highest))


def _likely(likely: Likely | None, possible: _Range, place: str) -> Iterator[Problem]:
    if likely is None:
        return
    if likely.low >= likely.high:
        yield Problem("bank-range-empty", f"{place}.low", {})
    yield from possible.outside(likely.low, f"{place}.low")
    yield from possible.outside(likely.high, f"{place}.high")


def _limit(value: Decimal, limit: Decimal) -> Facts:
    return {"value": f"{value:f}", "limit": f"{limit:f}"}


def _figure(question: Number | Ratio, possible: _Range, place: str) -> Iterator[Problem]:
    """Bands or a scale, not both, within the range and the way that is better."""
    yield from _bands(question.bands, possible, f"{place}.bands")
    if question.better is not None and len(question.bands) > 1:
        rising = question.bands[-1].score > question.bands[0].score
        if rising != (question.better is Better.HIGHER):
            yield Problem("bank-bands-wrong-way", f"{place}.bands", {"better": question.better})
    if question.scale is None:
        return
    if question.bands:
        yield Problem("bank-bands-and-scale", f"{place}.scale", {})
    if question.better is None:
        yield Problem("bank-missing", f"{place}.better", {"field": "better"})
    yield from _scale(question.scale, question.better, possible, f"{place}.scale")


def _scale(scale: Scale, better: Better | None, possible: _Range, place: str) -> Iterator[Problem]:
    if scale.base == scale.lead or (
        better is not None and not on_the_right_sides(better, scale.base, scale.lead)
    ):
        facts = {"base": f"{scale.base:f}", "lead": f"{scale.lead:f}", "better": better or ""}
        yield Problem("bank-scale-sides", place, facts)
    yield from possible.outside(scale.base, f"{place}.base")
    yield from possible.outside(scale.lead, f"{place}.lead")


def _benchmark_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Benchmark)
    if question.minimum >= question.maximum:
        yield Problem("bank-range-empty", f"{place}.minimum", {})
        return
    possible = _Range(question.minimum, question.maximum)
    if question.scale is not None:
        yield from _scale(question.scale, question.better, possible, f"{place}.scale")
    yield from _likely(question.likely, possible, f"{place}.likely")


def _requirements_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Requirements)
    yield from _repeated_in(question.rows, f"{place}.rows")
    yield from _rising(question.states, f"{place}.states")
    levels = sorted({row.level for row in question.rows})
    if levels != list(range(1, len(levels) + 1)):
        facts = {"levels": ", ".join(map(str, levels))}
        yield Problem("bank-requirements-gap", f"{place}.rows", facts)


def _bands(bands: Sequence[Band], possible: _Range, place: str) -> Iterator[Problem]:
    """Rising and within the range, the scores one way only, and an answer that earns all."""
    if not bands:
        return
    lowest = possible.lowest
    if bands[0].from_ > lowest or (bands[0].above and bands[0].from_ == lowest):
        yield Problem("bank-bands-start-late", place, {"lowest": f"{lowest:f}"})
    for at, band in enumerate(bands):
        yield from possible.outside(band.from_, f"{place}.{at}.from")
        if band.above and band.from_ == possible.highest:
            yield Problem("bank-band-out-of-reach", f"{place}.{at}", {"value": f"{band.from_:f}"})
    edges = [(band.from_, band.above) for band in bands]
    if edges != sorted(set(edges)):
        yield Problem("bank-bands-not-rising", place, {})
    scores = [band.score for band in bands]
    if scores not in (sorted(set(scores)), sorted(set(scores), reverse=True)):
        yield Problem("bank-bands-not-monotone", place, {"scores": ", ".join(map(str, scores))})
    if max(scores) != FULL:
        yield Problem("bank-bands-not-full", place, {"best": f"{max(scores):f}"})


def _matrix_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Matrix)
    yield from _repeated_in(question.rows, f"{place}.rows")
    yield from _rising(question.states, f"{place}.states")
    if question.full_at is not None and question.full_at > len(question.rows):
        yield Problem("bank-full-at-too-high", f"{place}.full_at", {"most": len(question.rows)})


def _yes_no_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, YesNo)
    yield from _repeated_in(question.statements, f"{place}.statements")


def _text_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Open)
    if question.pattern is not None and not is_pattern(question.pattern):
        yield Problem("bank-bad-pattern", f"{place}.pattern", {"value": quoted(question.pattern)})


_KIND_RULES: dict[Kind, Callable[[Question, str], Iterator[Problem]]] = {
    Kind.CHOICE: _no_rule,
    Kind.LADDER: _ladder_rule,
    Kind.MULTIPLE: _multiple_rule,
    Kind.NUMBER: _number_rule,
    Kind.RATIO: _ratio_rule,
    Kind.MATRIX: _matrix_rule,
    Kind.YES_NO: _yes_no_rule,
    Kind.TEXT: _text_rule,
    Kind.BENCHMARK: _benchmark_rule,
    Kind.REQUIREMENTS: _requirements_rule,
}
