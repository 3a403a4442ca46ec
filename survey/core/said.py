"""Answers in words, as the question's own labels say them."""

from collections.abc import Mapping
from typing import assert_never

from survey.core import wording
from survey.core.answers import (
    Answer,
    Boxes,
    DontKnow,
    Excluded,
    Figure,
    Grid,
    Measured,
    Picked,
    Quotient,
    Tabular,
    Words,
    lines,
)
from survey.core.bank import (
    Benchmark,
    Choice,
    Domain,
    Ladder,
    Multiple,
    Number,
    Question,
    Ratio,
    YesNo,
)
from survey.core.parts import Said, SaidRow, Typed
from survey.core.text import Text


def name_of(question: Question, domain: Domain) -> Text:
    """A short name of a question: its own, its domain's if it is alone there, or all its words."""
    if question.short is not None:
        return question.short
    return domain.title if len(domain.questions) == 1 else question.prompt


def said(question: Question, answer: Answer | None) -> Said:
    """The answer in words, as the question's own labels say it."""
    match answer:
        case None:
            return Said(wording.NOT_ANSWERED)
        case DontKnow():
            return Said(wording.DONT_KNOW)
        case Excluded(reason):
            return Said(wording.DOES_NOT_APPLY, Typed(reason))
        case Picked():
            return _said_option(question, answer)
        case Boxes(options):
            assert isinstance(question, Multiple)
            labels = [option.label for option in question.options if option.key in options]
            return Said(
                Text(
                    zh="；".join(label.zh for label in labels),
                    en="; ".join(label.en for label in labels),
                )
            )
        case Figure(number):
            assert isinstance(question, Number)
            return Said(wording.with_unit(number, question.unit))
        case Quotient():
            return Said(_said_quotient(question, answer))
        case Measured(value, base, lead, source):
            assert isinstance(question, Benchmark)
            given = wording.measured(value, base, lead, question.unit)
            return Said(given, Typed(source) if source else None)
        case Grid(rows):
            return _said_rows(question, rows)
        case Words(text):
            return Said(None, Typed(text))
        case _:
            assert_never(answer)


def _said_option(question: Question, answer: Picked) -> Said:
    assert isinstance(question, Choice | Ladder)
    label = next(option.label for option in question.options if option.key == answer.option)
    return Said(wording.with_half_step(label) if answer.half else label)


def _said_quotient(question: Question, answer: Quotient) -> Text:
    assert isinstance(question, Ratio)
    other = question.denominator_unit or question.unit
    return wording.quotient(
        question.numerator,
        wording.with_unit(answer.numerator, question.unit),
        question.denominator,
        wording.with_unit(answer.denominator, other),
        value=came_to(question, answer),
    )


def came_to(question: Ratio, answer: Quotient) -> Text:
    """What both figures make: a change, so many of one unit per hundred of another, or per cent."""
    if question.compares_years:
        return change_of(question, answer)
    if question.other_unit is not None:
        return wording.per_hundred(answer.percent, question.unit, question.other_unit)
    return wording.per_cent(answer.percent)


def change_of(question: Ratio, answer: Quotient) -> Text:
    """How one year stands to the year before: in per cent, percentages in percentage points."""
    if question.counts_points:
        return wording.moved_by(answer.numerator - answer.denominator)
    return wording.changed(answer.percent)


def _said_rows(question: Question, rows: Mapping[str, str]) -> Said:
    assert isinstance(question, Tabular)
    states: Mapping[str, Text] = wording.STATES
    if not isinstance(question, YesNo):
        states = {state.key: state.label for state in question.states}
    return Said(
        None,
        rows=tuple(
            SaidRow(row.label, states[rows[row.key]] if row.key in rows else wording.NOT_ANSWERED)
            for row in lines(question)
        ),
    )
