"""What an answer can be, how it is written down, and which answers a question refuses.

An answer has one plain form (what JSON columns and answer files hold) and one value form
(what the rules work with). Unanswered, don't know, not applicable and zero are four things:
an unanswered question has no entry at all. What a question cannot take is no answer, but kept as
a draft, as it was typed, until somebody corrects it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from string import ascii_lowercase, ascii_uppercase
from typing import Any, assert_never

from survey.core.bank import (
    Bank,
    Benchmark,
    Better,
    Choice,
    EvidenceGrade,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    NotApplicable,
    Number,
    Open,
    Option,
    Question,
    Ratio,
    Requirements,
    Row,
    YesNo,
)
from survey.core.errors import BadAnswer, Problem, SurveyError, in_both, quoted
from survey.core.numerals import half_width, half_width_text, tidy
from survey.core.patterns import matches
from survey.core.text import Text

PlainAnswer = Mapping[str, Any]
LONGEST_REASON = 500
LONGEST_NOTE = 200
LONGEST_DRAFT = 20_000
STATEMENT_STATES = ("yes", "no", "unknown", "not-applicable")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What supports an answer: a document of the firm's own, or of a third party, by its name."""

    grade: EvidenceGrade
    note: str


GRADES: Mapping[str, EvidenceGrade] = {
    "document": EvidenceGrade.DOCUMENT,
    "third-party": EvidenceGrade.THIRD_PARTY,
}
"""What a firm can name; a figure is recognised by itself."""


@dataclass(frozen=True, slots=True)
class DontKnow:
    """The firm does not know yet. Lowers completeness, never the score."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """The question does not concern this firm, for the reason given."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer proper, perhaps with the evidence that the firm names for it."""

    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Picked(Given):
    """One option; `half` means "partly at the next step as well"."""

    option: str
    half: bool = False


@dataclass(frozen=True, slots=True)
class Boxes(Given):
    """The ticked boxes, in the question's order."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure(Given):
    """A number in the question's unit."""

    number: Decimal


@dataclass(frozen=True, slots=True)
class Quotient(Given):
    """A numerator and a denominator in the question's unit."""

    numerator: Decimal
    denominator: Decimal

    @property
    def percent(self) -> Decimal:
        return self.numerator / self.denominator * 100


@dataclass(frozen=True, slots=True)
class Measured(Given):
    """A figure with the base and the leading value it is measured by.

    `source` says where both come from; it is empty where the bank itself gives them.
    """

    value: Decimal
    base: Decimal
    lead: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Grid(Given):
    """The state of each row of a table, or of each statement of a yes/no block."""

    rows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words(Given):
    """Free text."""

    text: str


MEASURED_BY: Mapping[str, Text] = {
    "value": Text(zh="本企业数值", en="Our figure"),
    "base": Text(zh="基准值（得0分）", en="Base value (scores 0)"),
    "lead": Text(zh="引领值（得100分）", en="Leading value (scores 100)"),
}
"""What the figures of a measurement are called wherever they are asked for."""


Supported = Picked | Boxes | Figure | Quotient | Measured | Grid | Words
Answer = DontKnow | Excluded | Supported
Answers = Mapping[str, Answer]
Tabular = Matrix | YesNo | Requirements


Typed = Mapping[str, Sequence[str]]
"""What stands in the parts of a question on its page: ``""`` is the question's own."""


class BadAnswers(SurveyError):
    """Several answers were refused; nothing was taken."""

    code = "bad-answers"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems


# ------------------------------------------------------------------- reading


def read(question: Question, plain: PlainAnswer) -> Answer:
    """Turn the plain form into a value.

    Raises BadAnswer (code, ``question`` and what would be right) if the question cannot take it.
    """
    if not isinstance(plain, Mapping):
        raise BadAnswer("answer-wrong-form", question=question.key)
    match dict(plain):
        case {"unknown": True, **rest} if not rest:
            return DontKnow()
        case {"not_applicable": str(reason), **rest} if not rest:
            return _excluded(question, reason)
        case {"evidence": evidence, **proper}:
            answer = _READERS[question.kind](question, proper)
            return replace(answer, evidence=_evidence(question, evidence))
        case given:
            return _READERS[question.kind](question, given)


def read_all(bank: Bank, plain: Mapping[str, PlainAnswer]) -> dict[str, Answer]:
    """Read every answer of a firm. Raises BadAnswers with every refusal, in file order."""
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for key, value in plain.items():
        question = bank.questions.get(key)
        if question is None:
            problems.append(Problem("answer-unknown-question", key, {"question": quoted(key)}))
        else:
            try:
                answers[key] = read(question, value)
            except BadAnswer as error:
                problems.append(Problem(error.code, key, error.facts))
    if problems:
        raise BadAnswers(tuple(problems))
    return answers


def _excluded(question: Question, reason: str) -> Excluded:
    if question.not_applicable is NotApplicable.NEVER:
        raise BadAnswer("answer-never-not-applicable", question=question.key)
    return Excluded(_text(question, reason, LONGEST_REASON, "answer-reason-missing"))


def _evidence(question: Question, plain: object) -> Evidence:
    if not isinstance(plain, Mapping) or set(plain) != {"grade", "note"}:
        raise BadAnswer("answer-wrong-form", question=question.key)
    if not isinstance(plain["grade"], str) or plain["grade"] not in GRADES:
        raise BadAnswer("answer-unknown-grade", question=question.key, grade=quoted(plain["grade"]))
    note = _text(question, plain["note"], LONGEST_NOTE, "answer-note-missing")
    return Evidence(GRADES[plain["grade"]], note)


def _picked(question: Question, plain: PlainAnswer) -> Picked:
    assert isinstance(question, Choice | Ladder)
    _only(question, plain, "option", "half")
    if plain.get("half") is True and not plain.get("option"):
        raise BadAnswer("answer-half-alone", question=question.key)
    option = _one_of(question, plain.get("option"), question.options)
    half = plain.get("half", False)
    if not isinstance(half, bool):
        raise BadAnswer("answer-wrong-form", question=question.key)
    if half and (
        not isinstance(question, Ladder)
        or not question.half_steps
        or option == question.options[-1].key
    ):
        raise BadAnswer("answer-no-half-step", question=question.key)
    return Picked(option, half)


def _boxes(question: Question, plain: PlainAnswer) -> Boxes:
    assert isinstance(question, Multiple)
    _only(question, plain, "options")
    given = plain.get("options")
    if not isinstance(given, list | tuple) or not given:
        raise BadAnswer("answer-no-box", question=question.key)
    ticked = {_one_of(question, key, question.options) for key in given}
    if question.none in ticked and len(ticked) > 1:
        none = next(option.label for option in question.options if option.key == question.none)
        raise BadAnswer("answer-none-and-others", question=question.key, **in_both("none", none))
    return Boxes(tuple(option.key for option in question.options if option.key in ticked))


def _figure(question: Question, plain: PlainAnswer) -> Figure:
    assert isinstance(question, Number)
    _only(question, plain, "number")
    number = _within(question, _decimal(question, plain.get("number")))
    if question.decimals == 0 and _decimals(number) > 0:
        raise BadAnswer("answer-not-whole", question=question.key)
    if _decimals(number) > question.decimals:
        raise BadAnswer(
            "answer-too-many-decimals", question=question.key, decimals=question.decimals
        )
    return Figure(number)


def _within(question: Number | Benchmark, number: Decimal) -> Decimal:
    if not question.minimum <= number <= question.maximum:
        raise BadAnswer(
            "answer-out-of-range",
            question=question.key,
            minimum=f"{question.minimum:f}",
            maximum=f"{question.maximum:f}",
        )
    return number


def _measured(question: Question, plain: PlainAnswer) -> Measured:
    """The figure, and the base and leading value unless the bank gives them."""
    assert isinstance(question, Benchmark)
    if question.scale is not None:
        _only(question, plain, "value")
        value = _within(question, _decimal(question, plain.get("value")))
        return Measured(value, question.scale.base, question.scale.lead, "")
    _only(question, plain, "value", "base", "lead", "source")
    value, base, lead = (
        _within(question, _figure_called(question, plain.get(part), called))
        for part, called in MEASURED_BY.items()
    )
    if not on_the_right_sides(question.better, base, lead):
        higher = question.better is Better.HIGHER
        code = "answer-lead-not-higher" if higher else "answer-lead-not-lower"
        raise BadAnswer(code, question=question.key)
    source = _text(question, plain.get("source"), LONGEST_NOTE, "answer-source-missing")
    return Measured(value, base, lead, source)


def on_the_right_sides(better: Better, base: Decimal, lead: Decimal) -> bool:
    """Whether the leading value is on the better side of the base value, and not equal to it."""
    return lead > base if better is Better.HIGHER else lead < base


def _quotient(question: Question, plain: PlainAnswer) -> Quotient:
    assert isinstance(question, Ratio)
    _only(question, plain, "numerator", "denominator")
    numerator = _figure_called(question, plain.get("numerator"), question.numerator)
    denominator = _figure_called(question, plain.get("denominator"), question.denominator)
    if numerator < 0 or denominator <= 0:
        raise BadAnswer("answer-ratio-not-positive", question=question.key)
    if numerator > denominator and not question.may_exceed:
        raise BadAnswer("answer-numerator-too-large", question=question.key)
    return Quotient(numerator, denominator)


def _matrix(question: Question, plain: PlainAnswer) -> Grid:
    assert isinstance(question, Matrix)
    return _grid(question, plain, "rows", tuple(state.key for state in question.states))


def _statements(question: Question, plain: PlainAnswer) -> Grid:
    assert isinstance(question, YesNo)
    return _grid(question, plain, "statements", STATEMENT_STATES)


def _requirements(question: Question, plain: PlainAnswer) -> Grid:
    assert isinstance(question, Requirements)
    return _grid(question, plain, "rows", tuple(state.key for state in question.states))


def _grid(question: Tabular, plain: PlainAnswer, name: str, states: tuple[str, ...]) -> Grid:
    _only(question, plain, name)
    given = plain.get(name)
    if not isinstance(given, Mapping) or not given:
        raise BadAnswer("answer-no-row", question=question.key)
    known = tuple(row.key for row in lines(question))
    for row, state in given.items():
        if row not in known:
            raise BadAnswer("answer-unknown-row", question=question.key, row=quoted(row))
        if state not in states:
            raise BadAnswer("answer-unknown-option", question=question.key, option=quoted(state))
    return Grid({row: given[row] for row in known if row in given})


def lines(question: Tabular) -> Sequence[Row]:
    """What is answered one by one: the rows of a table, or the statements."""
    return question.statements if isinstance(question, YesNo) else question.rows


def _words(question: Question, plain: PlainAnswer) -> Words:
    assert isinstance(question, Open)
    _only(question, plain, "text")
    text = _text(question, plain.get("text"), question.maximum_length, "answer-text-missing")
    return Words(text if question.pattern is None else _in_form(question, question.pattern, text))


_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def _in_form(question: Open, pattern: str, text: str) -> str:
    """The text if it has the form; else written with half-width signs, or capitals, if that has."""
    half = half_width_text(text)
    for each in (text, half, half.translate(_CAPITALS)):
        if matches(pattern, each):
            return each
    raise BadAnswer("answer-text-pattern", question=question.key)


_READERS: Mapping[Kind, Callable[[Question, PlainAnswer], Supported]] = {
    Kind.CHOICE: _picked,
    Kind.LADDER: _picked,
    Kind.MULTIPLE: _boxes,
    Kind.NUMBER: _figure,
    Kind.RATIO: _quotient,
    Kind.MATRIX: _matrix,
    Kind.YES_NO: _statements,
    Kind.TEXT: _words,
    Kind.BENCHMARK: _measured,
    Kind.REQUIREMENTS: _requirements,
}


def _only(question: Question, plain: PlainAnswer, *names: str) -> None:
    if not set(plain) <= set(names):
        raise BadAnswer("answer-wrong-form", question=question.key)


def _one_of(question: Question, key: object, options: tuple[Option, ...]) -> str:
    if isinstance(key, str) and any(option.key == key for option in options):
        return key
    raise BadAnswer("answer-unknown-option", question=question.key, option=quoted(key))


def _figure_called(question: Question, given: object, called: Text) -> Decimal:
    """One figure of several: one that is not there is asked for by its name."""
    if given is None or (isinstance(given, str) and not given.strip()):
        raise BadAnswer("answer-figure-missing", question=question.key, **in_both("figure", called))
    return _decimal(question, given)


def _decimal(question: Question, given: object) -> Decimal:
    """Read a number as typed: full-width digits, and thousands set apart, are understood."""
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise BadAnswer("answer-not-a-number", question=question.key)
    if not is_figure(str(given)):
        raise BadAnswer("answer-not-a-number", question=question.key)
    return Decimal(tidy(str(given))) + 0  # which makes -0 a 0


def is_figure(typed: str) -> bool:
    """Whether it is a number as people write them."""
    return _NUMBER.fullmatch(half_width(typed)) is not None


_NUMBER = re.compile(
    r"[-+]?([0-9]{1,15}|[0-9]{1,3}((,[0-9]{3}){1,4}|( [0-9]{3}){1,4}))(\.[0-9]{1,9})?"
)


def _decimals(number: Decimal) -> int:
    """How many digits behind the point matter: 2 for 1.250."""
    _, _, fraction = f"{number:f}".partition(".")
    return len(fraction.rstrip("0"))


UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and new line
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # direction and zero width
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # no characters at all
)


def _text(question: Question, given: object, longest: int, missing: str) -> str:
    """Free text without control characters and direction overrides, at most `longest` long."""
    if not isinstance(given, str):
        raise BadAnswer("answer-wrong-form", question=question.key)
    text = cleaned(given).strip()
    if not text:
        raise BadAnswer(missing, question=question.key)
    if len(text) > longest:
        raise BadAnswer("answer-too-long", question=question.key, longest=longest)
    return text


def cleaned(text: str) -> str:
    """Text without control characters, direction overrides and halves of characters.

    No database and no page should get them. Lines end alike.
    """
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


# -------------------------------------------------------------------- drafts


def draft(question_key: str, typed: Typed) -> dict[str, Any] | None:
    """The plain form of what a question cannot take, or None if nothing is left of it.

    Raises BadAnswer if it has more than LONGEST_DRAFT characters in all.
    """
    parts = {cleaned(part): [cleaned(value) for value in typed[part]] for part in typed}
    length = sum(len(part) + sum(map(len, values)) for part, values in parts.items())
    if length > LONGEST_DRAFT:
        raise BadAnswer("answer-far-too-long", question=question_key, longest=LONGEST_DRAFT)
    parts = {part: values for part, values in parts.items() if any(values)}
    return {"typed": parts} if parts else None


def typed_of(plain: PlainAnswer | None) -> Typed | None:
    """What was typed, if this is a draft and not an answer; `read` refuses a draft."""
    return None if plain is None else plain.get("typed")


# ------------------------------------------------------------------- writing


def to_plain(question: Question, answer: Answer) -> dict[str, Any]:
    """The plain form of an answer; `read` gives the same answer back."""
    match answer:
        case DontKnow():
            return {"unknown": True}
        case Excluded(reason):
            return {"not_applicable": reason}
        case _:
            return _proper(question, answer) | _supporting(answer.evidence)


def _supporting(evidence: Evidence | None) -> dict[str, Any]:
    if evidence is None:
        return {}
    grade = next(name for name, grade in GRADES.items() if grade is evidence.grade)
    return {"evidence": {"grade": grade, "note": evidence.note}}


def _proper(question: Question, answer: Supported) -> dict[str, Any]:
    match answer:
        case Picked(option, half):
            return {"option": option, "half": True} if half else {"option": option}
        case Boxes(options):
            return {"options": list(options)}
        case Figure(number):
            return {"number": f"{number:f}"}
        case Quotient(numerator, denominator):
            return {"numerator": f"{numerator:f}", "denominator": f"{denominator:f}"}
        case Measured(value, base, lead, source):
            given = {"value": f"{value:f}"}
            if source:
                given |= {"base": f"{base:f}", "lead": f"{lead:f}", "source": source}
            return given
        case Grid(rows):
            return {"statements" if question.kind is Kind.YES_NO else "rows": dict(rows)}
        case Words(text):
            return {"text": text}
        case _:
            assert_never(answer)


# -------------------------------------------------------------------- the same


def same(one: PlainAnswer | None, other: PlainAnswer | None) -> bool:
    """Whether two plain forms say the same, however their numbers are written: 5 is 5.00."""
    return one == other or _by_value(one) == _by_value(other)


def _by_value(plain: PlainAnswer | None) -> dict[str, Any] | None:
    if plain is None:
        return None
    return {part: Decimal(value) if part in _NUMBERS else value for part, value in plain.items()}


_NUMBERS = frozenset({"number", "numerator", "denominator", "value", "base", "lead"})


# ------------------------------------------------------------- what is missing


def is_whole(question: Question, answer: Answer | None) -> bool:
    """Whether nothing of the question is left open: every row and statement has a state."""
    if isinstance(answer, Grid) and isinstance(question, Tabular):
        return len(answer.rows) == len(lines(question))
    return answer is not None


def grade_of(answer: Answer) -> EvidenceGrade:
    """How well the answer is supported: by what is named for it, else by being a figure."""
    if isinstance(answer, DontKnow | Excluded):
        return EvidenceGrade.STATEMENT
    if answer.evidence is not None:
        return answer.evidence.grade
    if isinstance(answer, Figure | Quotient | Measured):
        return EvidenceGrade.FIGURE
    return EvidenceGrade.STATEMENT
