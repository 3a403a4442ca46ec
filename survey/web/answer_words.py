"""What is stored for a question, as a page shows it: an answer in words, or a draft as typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey.core.answers import PlainAnswer, Typed, read, typed_of
from survey.core.bank import Choice, Ladder, Multiple, Question
from survey.core.errors import BadAnswer
from survey.core.parts import Said
from survey.core.said import said
from survey.i18n import _, say


@dataclass(frozen=True, slots=True)
class Value:
    """An answer in words, or else a draft as it was typed; neither of them: no answer."""

    said: Said | None
    typed: tuple[str, ...] = ()


def value_of(question: Question, plain: PlainAnswer | None) -> Value:
    typed = typed_of(plain)
    if typed is not None:
        return Value(None, typed_words(question, typed))
    if plain is None:
        return Value(None)
    try:
        return Value(said(question, read(question, plain)))
    except BadAnswer:  # it was written when the question was read otherwise
        return Value(None)


def typed_words(question: Question, typed: Typed) -> tuple[str, ...]:
    """Every part of a draft; what was chosen from a list by the words of the list."""
    labels = _labels(question)
    return tuple(labels.get(value, value) for values in typed.values() for value in values if value)


def _labels(question: Question) -> Mapping[str, str]:
    others = {"_unknown": _("Don’t know yet"), "_not-applicable": _("Does not apply to us")}
    if isinstance(question, Choice | Ladder | Multiple):
        return others | {option.key: say(option.label) for option in question.options}
    return others
