"""What there is to fill in for a question, blank by blank: the same on paper and in a workbook."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from survey.core import answers, wording
from survey.core.answers import PlainAnswer, Typed, typed_of
from survey.core.bank import (
    Benchmark,
    Better,
    Choice,
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
    YesNo,
)
from survey.core.earned import is_scored
from survey.core.errors import BadAnswer, Facts, Problem, quoted
from survey.core.text import Text

STATE, REASON, GRADE, NOTE = "state", "reason", "grade", "note"
"""The parts beside the answer proper: don't know and not applicable, and the evidence."""

HALF, ROW, BOX = "half", "row.", "box."
UNKNOWN, NOT_APPLICABLE = "unknown", "not-applicable"
YES, NO = "yes", "no"

Parts = Mapping[str, str]
"""What stands in the blanks of one question; an empty one has no entry."""

Options = tuple[tuple[str, Text], ...]

YES_OR_NO: Options = ((YES, wording.STATES["yes"]), (NO, wording.STATES["no"]))
GRADES: Options = (
    ("document", Text(zh="本企业文件", en="Document of our own")),
    ("third-party", Text(zh="第三方证明", en="Third-party proof")),
)
FORMER_GRADES: Options = (
    ("document", Text(zh="本企业的文件或记录", en="A document or record of our own")),
    ("third-party", Text(zh="第三方出具的证明", en="Proof from a third party")),
)
"""What workbooks that were downloaded earlier offer instead."""
PARTLY_NEXT = Text(zh="此外，下一级已部分做到", en="In addition, the next step is partly in place")
DONT_KNOW = Text(zh="暂不清楚", en="Don’t know yet")
NOT_OURS = Text(zh="不适用于本企业", en="Does not apply to us")
BOTH = "暂不清楚，不适用于本企业 / Don’t know yet, does not apply to us"
"""What stands in a cell for a draft that says both."""

SOURCE = Text(zh="基准值和引领值的来源", en="Where both values come from")


class Fill(StrEnum):
    """What goes into a blank."""

    OPTION = "option"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Blank:
    """One thing to fill in. Without a `label` it is what the question itself asks for."""

    part: str
    fill: Fill
    label: Text | None = None
    unit: Text | None = None
    options: Options = ()


def blanks(question: Question) -> tuple[Blank, ...]:
    """The blanks of the answer proper, in the order in which they are filled in."""
    return _BLANKS[question.kind](question)


def states(question: Question) -> Options:
    """What can be said instead of an answer."""
    unknown = ((UNKNOWN, DONT_KNOW),)
    not_applicable = ((NOT_APPLICABLE, NOT_OURS),)
    return (unknown if is_scored(question) else ()) + (
        () if question.not_applicable is NotApplicable.NEVER else not_applicable
    )


def _options(options: tuple[Option, ...]) -> Options:
    return tuple((option.key, option.label) for option in options)


def _choice(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Choice)
    return (Blank("", Fill.OPTION, options=_options(question.options)),)


def _ladder(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Ladder)
    step = Blank("", Fill.OPTION, options=_options(question.options))
    half = Blank(HALF, Fill.OPTION, PARTLY_NEXT, options=YES_OR_NO)
    return (step, half) if question.half_steps else (step,)


def _multiple(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Multiple)
    return tuple(
        Blank(f"{BOX}{option.key}", Fill.OPTION, option.label, options=YES_OR_NO)
        for option in question.options
    )


def _number(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Number)
    return (Blank("", Fill.NUMBER, unit=question.unit),)


def _ratio(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Ratio)
    below = question.denominator_unit or question.unit
    return (
        Blank("numerator", Fill.NUMBER, question.numerator, question.unit),
        Blank("denominator", Fill.NUMBER, question.denominator, below),
    )


def _table(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Matrix | Requirements)
    return tuple(
        Blank(f"{ROW}{row.key}", Fill.OPTION, row.label, options=_options(question.states))
        for row in question.rows
    )


def _statements(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, YesNo)
    options = tuple(wording.STATES.items())
    return tuple(
        Blank(f"{ROW}{statement.key}", Fill.OPTION, statement.label, options=options)
        for statement in question.statements
    )


def _words(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Open)
    return (Blank("", Fill.TEXT),)


def _benchmark(question: Question) -> tuple[Blank, ...]:
    assert isinstance(question, Benchmark)
    figures = tuple(
        Blank(part, Fill.NUMBER, called, question.unit)
        for part, called in answers.MEASURED_BY.items()
    )
    return (
        figures[:1]
        if question.scale is not None
        else (*figures, Blank("source", Fill.TEXT, SOURCE))
    )


_BLANKS: Mapping[Kind, Callable[[Question], tuple[Blank, ...]]] = {
    Kind.CHOICE: _choice,
    Kind.LADDER: _ladder,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.RATIO: _ratio,
    Kind.MATRIX: _table,
    Kind.YES_NO: _statements,
    Kind.TEXT: _words,
    Kind.BENCHMARK: _benchmark,
    Kind.REQUIREMENTS: _table,
}


# ------------------------------------------------------------------- filled in


def filled(question: Question, plain: PlainAnswer) -> dict[str, str]:
    """What a stored answer puts into the blanks. Numbers have no idle zeros.

    A draft puts there what was typed, so that nothing of it is lost.
    """
    if (typed := typed_of(plain)) is not None:
        return _drafted(question, typed)
    if "unknown" in plain:
        return {STATE: UNKNOWN}
    if "not_applicable" in plain:
        return {STATE: NOT_APPLICABLE, REASON: str(plain["not_applicable"])}
    parts = _FILLED[question.kind](plain)
    evidence = plain.get("evidence")
    if evidence is not None:
        parts |= {GRADE: str(evidence["grade"]), NOTE: str(evidence["note"])}
    return parts


def _drafted(question: Question, typed: Typed) -> dict[str, str]:
    """What a draft puts into the blanks: each value as it was typed, right or wrong."""
    asked = blanks(question)
    parts = {REASON: _one(typed, "reason"), GRADE: _one(typed, "evidence"), NOTE: _one(typed, NOTE)}
    said = [*typed.get("", ()), *typed.get(STATE, ())]
    states = [name for mark, name in _MARKS.items() if mark in said]
    if states:
        parts[STATE] = BOTH if len(states) > 1 else states[0]
    own = [value for value in typed.get("", ()) if value not in _MARKS]
    for blank in asked:
        if blank.part.startswith(BOX):
            parts[blank.part] = YES if blank.part.removeprefix(BOX) in own else ""
        elif blank.part == HALF:
            parts[HALF] = YES if _one(typed, HALF) else ""
        elif blank.part == "":
            parts[""] = " ".join(own)
        else:
            parts[blank.part] = _one(typed, blank.part)
        if blank.fill is Fill.NUMBER and _DIGITS.fullmatch(parts[blank.part]):
            parts[blank.part] = _idle_free(parts[blank.part])
    return {part: value for part, value in parts.items() if value.strip()}


_MARKS = {"_unknown": UNKNOWN, "_not-applicable": NOT_APPLICABLE}
"""What a page sends instead of an answer."""

_DIGITS = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


def _one(typed: Typed, part: str) -> str:
    return next(iter(typed.get(part, ())), "")


def _filled_step(plain: PlainAnswer) -> dict[str, str]:
    return {"": str(plain["option"])} | ({HALF: YES} if plain.get("half") else {})


def _filled_boxes(plain: PlainAnswer) -> dict[str, str]:
    return {f"{BOX}{key}": YES for key in plain["options"]}


def _filled_figures(plain: PlainAnswer) -> dict[str, str]:
    parts = {part: _idle_free(plain[part]) for part in plain if part not in ("evidence", "source")}
    return parts | ({"source": str(plain["source"])} if "source" in plain else {})


def _idle_free(number: object) -> str:
    """12.50 as 12.5, and 1200 as it is."""
    text = f"{Decimal(str(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _filled_rows(plain: PlainAnswer) -> dict[str, str]:
    rows = plain["rows"] if "rows" in plain else plain["statements"]
    return {f"{ROW}{key}": str(state) for key, state in rows.items()}


_FILLED: Mapping[Kind, Callable[[PlainAnswer], dict[str, str]]] = {
    Kind.CHOICE: _filled_step,
    Kind.LADDER: _filled_step,
    Kind.MULTIPLE: _filled_boxes,
    Kind.NUMBER: lambda plain: {"": _idle_free(plain["number"])},
    Kind.RATIO: _filled_figures,
    Kind.MATRIX: _filled_rows,
    Kind.YES_NO: _filled_rows,
    Kind.TEXT: lambda plain: {"": str(plain["text"])},
    Kind.BENCHMARK: _filled_figures,
    Kind.REQUIREMENTS: _filled_rows,
}


def fingerprint(parts: Parts) -> str:
    """The same blanks have the same one; nothing filled in has the empty one."""
    if not parts:
        return ""
    text = json.dumps(dict(parts), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# ------------------------------------------------------------------ read again


def plain_of(question: Question, parts: Parts) -> dict[str, Any] | None:
    """The answer that filled-in blanks make, in its normal form; None if there is none.

    Raises BadAnswer with the first fault; `problems` has them all.
    """
    if not parts:
        return None
    proper = {part: value for part, value in parts.items() if part not in _BESIDE}
    evidence = {name: parts[name] for name in (GRADE, NOTE) if name in parts}
    state = parts.get(STATE)
    if state is not None:
        return _instead(question, state, parts, proper)
    given = _GIVEN[question.kind](question, proper)
    if REASON in parts:
        raise BadAnswer("answer-reason-alone", question=question.key)
    if evidence:
        if given is None:
            raise BadAnswer("answer-evidence-alone", question=question.key)
        if GRADE not in evidence:
            raise BadAnswer("answer-grade-missing", question=question.key)
        given |= {"evidence": {"grade": evidence[GRADE], "note": evidence.get(NOTE, "")}}
    return None if given is None else _normal(question, given)


_BESIDE = frozenset({STATE, REASON, GRADE, NOTE})


def _instead(question: Question, state: str, parts: Parts, proper: Parts) -> dict[str, Any]:
    if proper:
        raise BadAnswer("answer-both", question=question.key)
    if GRADE in parts or NOTE in parts:
        raise BadAnswer("answer-evidence-alone", question=question.key)
    if state == NOT_APPLICABLE:
        return _normal(question, {"not_applicable": parts.get(REASON, "")})
    if REASON in parts:
        raise BadAnswer("answer-reason-alone", question=question.key)
    return _normal(question, {"unknown": True})


def _normal(question: Question, plain: PlainAnswer) -> dict[str, Any]:
    return answers.to_plain(question, answers.read(question, plain))


def _given_step(_: Question, parts: Parts) -> dict[str, Any] | None:
    half = {"half": True} if parts.get(HALF) == YES else {}
    return ({"option": parts[""]} if "" in parts else {}) | half or None


def _given_boxes(_: Question, parts: Parts) -> dict[str, Any] | None:
    ticked = [part.removeprefix(BOX) for part, value in parts.items() if value == YES]
    return {"options": ticked} if parts else None


def _given_figures(question: Question, parts: Parts) -> dict[str, Any] | None:
    """All of the figures that are asked for, so that the one that is missing is named."""
    if not parts:
        return None
    return {blank.part: parts.get(blank.part, "") for blank in blanks(question)}


def _given_rows(question: Question, parts: Parts) -> dict[str, Any] | None:
    name = "statements" if question.kind is Kind.YES_NO else "rows"
    return (
        {name: {part.removeprefix(ROW): state for part, state in parts.items()}} if parts else None
    )


def _given_as(name: str) -> Callable[[Question, Parts], dict[str, Any] | None]:
    return lambda _, parts: {name: parts[""]} if "" in parts else None


_GIVEN: Mapping[Kind, Callable[[Question, Parts], dict[str, Any] | None]] = {
    Kind.CHOICE: _given_step,
    Kind.LADDER: _given_step,
    Kind.MULTIPLE: _given_boxes,
    Kind.NUMBER: _given_as("number"),
    Kind.RATIO: _given_figures,
    Kind.MATRIX: _given_rows,
    Kind.YES_NO: _given_rows,
    Kind.TEXT: _given_as("text"),
    Kind.BENCHMARK: _given_figures,
    Kind.REQUIREMENTS: _given_rows,
}


# -------------------------------------------------------------- what is wrong


def problems(question: Question, parts: Parts, unread: Collection[str] = ()) -> tuple[Problem, ...]:
    """Everything that is wrong, at most one thing in each blank; the place is the blank's part.

    What stands in an `unread` blank cannot be read; the others are checked as if it were right.
    If nothing is unread and nothing wrong, `plain_of` has the answer.
    """
    found: dict[str, Problem] = {}
    for problem in (
        *_wrong_proper(question, parts, unread),
        *_wrong_beside(question, parts, unread),
        *_wrong_evidence_and_reason(question, parts),
    ):
        found.setdefault(problem.place, problem)
    if not found and not unread:
        try:
            plain_of(question, parts)
        except BadAnswer as error:
            return (_problem(error, _WHERE.get(error.code, "")),)
    return tuple(found.values())


def _problem(error: BadAnswer, part: str) -> Problem:
    return Problem(error.code, part, error.facts)


def _wrong_proper(question: Question, parts: Parts, unread: Collection[str]) -> Iterator[Problem]:
    """Of the answer proper. What is still missing is wrong only if nothing is said instead."""
    proper = {part: value for part, value in parts.items() if part not in _BESIDE}
    illegible = _proper_parts(question) & set(unread)
    is_alone = STATE not in parts and STATE not in unread
    match question:
        case Ratio() | Benchmark():
            must = is_alone and bool(proper or illegible)
            asked = [blank.part for blank in blanks(question)]
            checked = [p for p in asked if p in proper or (must and p not in illegible)]
            yield from _wrong_figures(question, {part: proper.get(part, "") for part in checked})
        case Matrix() | YesNo() | Requirements():
            for part, value in proper.items():
                if error := _refusal(question, {part: value}):
                    yield _problem(error, part)
        case _:
            error = _refusal(question, proper)
            if error and (error.code not in _UNFINISHED or (is_alone and not illegible)):
                filled_in = (blank.part for blank in blanks(question) if blank.part in proper)
                yield _problem(error, _WHERE.get(error.code) or next(filled_in, ""))


def _proper_parts(question: Question) -> set[str]:
    return {blank.part for blank in blanks(question)} - _BESIDE


_UNFINISHED = frozenset({"answer-half-alone", "answer-no-box"})
"""What is put right by filling in more."""


def _wrong_figures(question: Ratio | Benchmark, figures: Parts) -> Iterator[Problem]:
    """Each figure beside others that are surely right, then the two that belong together."""
    right = _right_figures(question)
    fit: dict[str, str] = {}
    for part, value in figures.items():
        error = _refusal(question, right | {part: value})
        if error is None or error.code in _BETWEEN:
            fit[part] = value
        else:
            yield _problem(error, part)
    between = _refusal(question, right | fit)
    for code, pair in _BETWEEN.items():
        if between is not None and between.code == code and fit.keys() >= set(pair):
            yield _problem(between, pair[0])


_BETWEEN: Mapping[str, tuple[str, str]] = {
    "answer-lead-not-higher": ("lead", "base"),
    "answer-lead-not-lower": ("lead", "base"),
    "answer-numerator-too-large": ("numerator", "denominator"),
}
"""What is wrong between two figures, and in the blank of which one it is said."""


def _right_figures(question: Ratio | Benchmark) -> dict[str, str]:
    if isinstance(question, Ratio):
        return {"numerator": "0", "denominator": "1"}
    low, high = f"{question.minimum:f}", f"{question.maximum:f}"
    base, lead = (low, high) if question.better is Better.HIGHER else (high, low)
    return {"value": low, "base": base, "lead": lead, "source": "-"}


def _refusal(question: Question, proper: Parts) -> BadAnswer | None:
    given = _GIVEN[question.kind](question, proper)
    try:
        if given is not None:
            answers.read(question, given)
    except BadAnswer as error:
        return error
    return None


def _wrong_beside(question: Question, parts: Parts, unread: Collection[str]) -> Iterator[Problem]:
    """What the blanks beside the answer and the answer are to each other, if that can be told."""
    if STATE in unread:
        return
    there = {*parts, *unread}
    support = [part for part in (NOTE, GRADE) if part in there]
    supporting = next(iter(support), "")
    wrong: Mapping[str, tuple[bool, str]]
    if STATE in parts:
        is_excluded = parts[STATE] == NOT_APPLICABLE
        wrong = {
            "answer-both": (bool(there - _BESIDE), STATE),
            "answer-reason-missing": (is_excluded and REASON not in there, REASON),
            "answer-reason-alone": (not is_excluded and REASON in there, REASON),
            "answer-evidence-alone": (bool(support), supporting),
        }
    else:
        proper = {part: value for part, value in parts.items() if part not in _BESIDE}
        given = _GIVEN[question.kind](question, proper)
        is_answered = given is not None or not _proper_parts(question).isdisjoint(unread)
        wrong = {
            "answer-reason-alone": (REASON in there, REASON),
            "answer-evidence-alone": (bool(support) and not is_answered, supporting),
            "answer-grade-missing": (is_answered and support == [NOTE], GRADE),
            "answer-note-missing": (is_answered and support == [GRADE], NOTE),
        }
    for code, (is_wrong, part) in wrong.items():
        if is_wrong:
            yield Problem(code, part, {"question": question.key})


def _wrong_evidence_and_reason(question: Question, parts: Parts) -> Iterator[Problem]:
    """Each by itself, whatever it stands beside."""
    grade = parts.get(GRADE)
    if grade is not None and grade not in answers.GRADES:
        facts: Facts = {"question": question.key, "grade": quoted(grade)}
        yield Problem("answer-unknown-grade", GRADE, facts)
    for part, longest, missing in (
        (REASON, answers.LONGEST_REASON, "answer-reason-missing"),
        (NOTE, answers.LONGEST_NOTE, "answer-note-missing"),
    ):
        length = len(answers.cleaned(parts[part]).strip()) if part in parts else 1
        if not length:
            yield Problem(missing, part, {"question": question.key})
        elif length > longest:
            facts = {"question": question.key, "longest": longest}
            yield Problem("answer-too-long", part, facts)


_WHERE: Mapping[str, str] = {
    "answer-half-alone": HALF,
    "answer-never-not-applicable": STATE,
    "answer-no-half-step": HALF,
}
"""The blank to mend, where it is not the first of the answer."""
