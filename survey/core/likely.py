"""Whether a figure lies where those of most firms lie. It asks, and never refuses or scores."""

from decimal import Decimal

from survey.core import likely_words, wording
from survey.core.answers import Answer, Figure, Measured, Quotient
from survey.core.bank import Benchmark, Likely, Number, Question, Ratio
from survey.core.figures import as_seen
from survey.core.said import change_of
from survey.core.text import Text, same

PER_CENT = same("%")


def unlikely(question: Question, answer: Answer | None) -> Text | None:
    """A sentence that asks whether the figure is right; None where there is nothing to ask."""
    match answer:
        case Figure(number):
            assert isinstance(question, Number)
            return _figure(question.likely, number, question.unit)
        case Measured(value):
            assert isinstance(question, Benchmark)
            return _figure(question.likely, value, question.unit)
        case Quotient():
            assert isinstance(question, Ratio)
            return _part(question, answer) or _result(question, answer)
        case _:
            return None


def _figure(likely: Likely | None, number: Decimal, unit: Text) -> Text | None:
    if likely is None or likely.low <= number <= likely.high:
        return None
    said = wording.with_unit(number, unit)
    if number > likely.high:
        return likely_words.high(said, wording.with_unit(likely.high, unit))
    return likely_words.low(said, wording.with_unit(likely.low, unit))


def _part(question: Ratio, answer: Quotient) -> Text | None:
    """Numerator and denominator by themselves; the latter only where it has the same unit."""
    likely, unit = question.likely_each, question.unit
    if likely is None:
        return None
    parts = [(question.numerator, answer.numerator)]
    if question.other_unit is None:
        parts.append((question.denominator, answer.denominator))
    for name, number in parts:
        said = wording.with_unit(number, unit)
        if number > likely.high:
            return likely_words.part_high(name, said, wording.with_unit(likely.high, unit))
        if number < likely.low:
            return likely_words.part_low(name, said, wording.with_unit(likely.low, unit))
    return None


def _result(question: Ratio, answer: Quotient) -> Text | None:
    if question.likely is None:
        return None
    if question.compares_years:
        return _change(question, question.likely, answer)
    return _share(question, question.likely, as_seen(answer.percent))


def _share(question: Ratio, likely: Likely, percent: Decimal) -> Text | None:
    """In per cent; two units by so many of the one per hundred of the other."""
    other = question.other_unit
    if other is None:
        said = wording.per_cent(percent)
        least, most = (wording.with_unit(each, PER_CENT) for each in (likely.low, likely.high))
    else:
        said, least, most = (
            wording.per_hundred(each, question.unit, other)
            for each in (percent, likely.low, likely.high)
        )
    if percent > likely.high:
        return likely_words.share_high(said, most)
    if percent < likely.low:
        return likely_words.share_low(said, least)
    return None


def _change(question: Ratio, likely: Likely, answer: Quotient) -> Text | None:
    """By per cent of the earlier figure; percentages by percentage points."""
    if question.counts_points:
        by = answer.numerator - answer.denominator
    else:
        by = as_seen(answer.percent - 100)
    if likely.low <= by <= likely.high:
        return None
    least, most = (
        wording.moved_by(limit) if question.counts_points else wording.changed(limit + 100)
        for limit in (likely.low, likely.high)
    )
    return likely_words.change(change_of(question, answer), least, most)
