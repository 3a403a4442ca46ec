"""What is stored for a question, as a page shows it: an answer in words, or a draft as typed.

The templates have the words that stand beside every question from where the workbook has them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask

from survey.core import answers, blanks
from survey.core.answers import PlainAnswer, Typed, read, typed_of
from survey.core.bank import Choice, Ladder, Multiple, Question
from survey.core.blanks import Blank
from survey.core.errors import BadAnswer
from survey.core.parts import Said
from survey.core.said import said
from survey.i18n import _, say

_EVIDENCE = ("evidence", "note")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        beside={
            "unknown": blanks.DONT_KNOW,
            "not_applicable": blanks.NOT_OURS,
            "half": blanks.PARTLY_NEXT,
            "source": blanks.SOURCE,
        },
        measured_by=answers.MEASURED_BY,
        grades=blanks.GRADES,
        grade_words={answers.GRADES[key]: text for key, text in blanks.GRADES},
    )


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
    """Every part of a draft as its page calls it; what was chosen, in the words of the list."""
    return tuple(_words(question, typed))


def _words(question: Question, typed: Typed) -> Iterator[str]:
    """In the order of the page: a database may have sorted the parts."""
    labels = _labels(question)
    asked = {blank.part: blank for blank in blanks.blanks(question)}
    others = [part for part in typed if part not in asked and part not in ("", *_EVIDENCE)]
    for part in dict.fromkeys(("", *asked, *others)):
        for value in filter(None, typed.get(part, ())):
            blank = asked.get(part)
            if blank is None or blank.label is None:
                yield labels.get(value, value) if part in ("", blanks.STATE) else value
            else:
                yield _named(blank, say(blank.label), value)
    yield from _evidence(*("".join(typed.get(part, ())) for part in _EVIDENCE))


def _named(blank: Blank, label: str, value: str) -> str:
    """A part with a name of its own; of a box the name says it all."""
    if blank.part == blanks.HALF:
        return label
    chosen = dict(blank.options).get(value)
    return f"{label}{_(': ')}{value if chosen is None else say(chosen)}"


def _evidence(grade: str, note: str) -> Iterator[str]:
    kinds = {key: say(text) for key, text in blanks.GRADES}
    kind = kinds.get(grade, grade)
    if note.strip():
        yield f"{kind or _('Evidence')}{_(': ')}{note}"
    elif kind:
        yield kind


def _labels(question: Question) -> Mapping[str, str]:
    others = {"_unknown": say(blanks.DONT_KNOW), "_not-applicable": say(blanks.NOT_OURS)}
    if isinstance(question, Choice | Ladder | Multiple):
        return others | {option.key: say(option.label) for option in question.options}
    return others
