"""Questions to form fields: what a browser sends becomes the plain form of an answer.

A field reads several names: ``q_KEY`` and ``q_KEY.half``, ``.reason``, ``.evidence`` and so on.
`typed` keeps them as they came, so that a refused answer is shown again as it was typed.
Templates draw from the bank; WTForms parses, validates and collects the faults.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Protocol

from typing_extensions import override
from wtforms import Field, Form, ValidationError
from wtforms.form import BaseForm

from survey import messages
from survey.core import answers, likely, wording
from survey.core.answers import (
    Answer,
    Evidence,
    Figure,
    Measured,
    PlainAnswer,
    Quotient,
    Tabular,
)
from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Benchmark,
    Kind,
    Multiple,
    NotApplicable,
    Number,
    Profile,
    Question,
    Ratio,
    Requirements,
    Section,
    YesNo,
)
from survey.core.earned import is_scored, question_score
from survey.core.errors import BadAnswer
from survey.core.figures import amount
from survey.core.parts import Said
from survey.core.said import came_to
from survey.core.text import Locale, Text
from survey.i18n import gap, gettext, points
from survey.services.rounds import Offered

UNKNOWN = "_unknown"
NOT_APPLICABLE = "_not-applicable"
"""Values beside the options. No option can have them: keys have no underscore."""

PREFIX = "q_"

EVIDENCE_PARTS = ("evidence", "note")
MARKS = ("seen", "keep", "clash")
"""What a page says about a question beside its answer."""

OTHER_STATES = 2
"""Without script both boxes beside an answer can be ticked."""

Typed = dict[str, list[str]]
"""The parts as they came: ``""`` for the question's own name, then ``half``, ``row.x`` …"""


@dataclass(frozen=True, slots=True)
class Clash:
    """A colleague's answer and one's own, in words, each with the evidence named for it.

    None means no answer, or no evidence.
    """

    name: str
    own: bool
    time: datetime
    my_time: datetime
    mine: Said | None
    theirs: Said | None
    my_evidence: Evidence | None
    their_evidence: Evidence | None


class FormData(Protocol):
    """What WTForms expects of the values that were sent."""

    def getlist(self, key: str) -> list[str]: ...


class AnswerField(Field):
    """One question. `data` is the plain answer, or None if nothing was answered."""

    parts: ClassVar[tuple[str, ...]] = ("", "state", "reason")
    figure_parts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, question: Question, locale: Locale, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.question = question
        self.locale = locale
        self.typed: Typed = {}
        self.sent = False
        self.twice = False
        self.seen = ""
        self.keep = ""
        self.clash = False
        self.old_reason = ""
        self.meant = False
        self.refusal = ""
        self.kept = False
        self.conflict: Clash | None = None
        self.theirs: PlainAnswer | None = None
        self.offered: Offered | None = None
        self.offered_said: Said | None = None
        self.offered_evidence: Evidence | None = None
        self.registered = False

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        """Take the typed parts if the question was on the page, else the stored answer."""
        self.process_errors = []
        stored: PlainAnswer | None = data if isinstance(data, Mapping) else None
        self.old_reason = "" if stored is None else str(stored.get("not_applicable", ""))
        self.sent = formdata is not None and bool(formdata.getlist(f"{self.name}.seen"))
        if formdata is None or not self.sent:
            self.typed = self.shown(stored)
            draft = stored is not None and answers.typed_of(stored) is not None
            self.data = self.plain() if draft else stored
            return
        marks = {mark: formdata.getlist(f"{self.name}.{mark}") for mark in MARKS}
        self.seen, self.keep = ("".join(marks[mark][:1]) for mark in ("seen", "keep"))
        self.clash = bool(marks["clash"])
        sent = {part: formdata.getlist(self.part_name(part)) for part in self.all_parts()}
        self.twice = any(len(values) > 1 for values in marks.values()) or any(
            len(values) > self.most(part) for part, values in sent.items()
        )
        self.typed = filled(
            {part: [v.replace("\r\n", "\n") for v in values] for part, values in sent.items()}
        )
        self.data = self.plain()

    def most(self, part: str) -> int:
        """How many values a page sends for one part; more of them are no answer to it."""
        return OTHER_STATES if part == "state" else 1

    @property
    def offers_unknown(self) -> bool:
        """Facts about the firm are left empty instead; yes/no blocks have it in each line."""
        return is_scored(self.question)

    @property
    def offers_not_applicable(self) -> bool:
        return self.question.not_applicable is not NotApplicable.NEVER

    @property
    def offers_evidence(self) -> bool:
        """Only what is scored needs support; what is stored is shown whatever the question."""
        return is_scored(self.question) or bool(self.evidence())

    @property
    def share(self) -> str:
        """What the page computes from the figures, for reading; empty for most kinds."""
        return ""

    @property
    def live_share(self) -> str:
        """Whether a script may compute it while it is typed: "part", "any" for more than all."""
        return ""

    def figures_typed(self) -> Iterable[tuple[str, Decimal, Text]]:
        """Each figure of the answer: as it was typed, as it is understood, its unit."""
        return ()

    @property
    def understood(self) -> str:
        """The figures with separators and units, if they were typed in any other way."""
        figures = list(self.figures_typed())
        if all(typed == amount(number) for typed, number, _unit in figures):
            return ""
        said = [
            wording.with_unit(number, unit).in_(self.locale) for _typed, number, unit in figures
        ]
        return gettext("Understood as: %(figures)s", figures=" / ".join(said))

    @property
    def unlikely(self) -> str:
        """A question whether a rare value is meant; empty for the others."""
        asked = likely.unlikely(self.question, self.given())
        return "" if asked is None else asked.in_(self.locale)

    def pairs(self, plain: PlainAnswer | None) -> list[tuple[str, str]]:
        """Names and values that show an answer."""
        shown = self.shown(plain)
        return [(self.part_name(part), value) for part in shown for value in shown[part]]

    def part_name(self, part: str) -> str:
        return f"{self.name}.{part}" if part else self.name

    def all_parts(self) -> Sequence[str]:
        return (*self.parts, *EVIDENCE_PARTS)

    @property
    def names(self) -> frozenset[str]:
        """Every name under which a page sends something about this question."""
        return frozenset(self.part_name(part) for part in (*self.all_parts(), *MARKS))

    def one(self, part: str) -> str:
        return self.typed.get(part, [""])[0]

    def answer_with(self, plain: PlainAnswer | None) -> None:
        """As if it had been typed."""
        self.typed = self.shown(plain)
        self.data = self.plain()

    def has(self, part: str, value: str) -> bool:
        """Whether a box or a radio button is ticked."""
        return value in self.typed.get(part, ())

    def plain(self) -> dict[str, Any] | None:
        """What was typed, answer and evidence; raises nothing, validation follows."""
        found = (self.answer() or {}) | self.evidence()
        reason = self.one("reason").strip()
        if reason not in ("", self.old_reason) and "not_applicable" not in found:
            found["reason"] = reason
        return found or None

    @property
    def place(self) -> str:
        """The id of the input to fill in or, once the answer was refused, to correct."""
        part = self.faulty_figure() if self.refusal in _NO_FIGURE else _CORRECTED.get(self.refusal)
        return f"{self.name}-{part}" if part else self.name

    def faulty_figure(self) -> str:
        """Of several figures the first that is none; empty for the one with the field's own id."""
        given = self.value()
        wrong = [part for part in self.figure_parts if not answers.is_figure(given.get(part, ""))]
        return wrong[0] if wrong and wrong[0] != self.figure_parts[0] else ""

    def evidence(self) -> dict[str, Any]:
        """The evidence that was named, perhaps by half; empty if there is none."""
        grade, note = self.one("evidence"), self.one("note").strip()
        return {"evidence": {"grade": grade, "note": note}} if grade or note else {}

    def answer(self) -> dict[str, Any] | None:
        """The answer that was typed, without its evidence."""
        state = self.one("state")
        if len(self.typed.get("state", ())) > 1:
            return {"unknown": True, "not_applicable": self.one("reason")} | self.value()
        if state == UNKNOWN:
            return {"unknown": True} | self.value()
        if state == NOT_APPLICABLE:
            return {"not_applicable": self.one("reason")} | self.value()
        return self.value() or None

    def value(self) -> dict[str, Any]:
        """The answer proper, without don't know and not applicable; empty if there is none."""
        raise NotImplementedError

    def shown(self, plain: PlainAnswer | None) -> Typed:
        """The parts that show a stored answer, or what was typed and could not be taken."""
        if plain is None:
            return {}
        if (draft := answers.typed_of(plain)) is not None:
            return {part: list(values) for part, values in draft.items()}
        return filled(self.shown_answer(plain))

    def shown_answer(self, plain: PlainAnswer) -> Typed:
        if "unknown" in plain:
            return {"state": [UNKNOWN]}
        if "not_applicable" in plain:
            return {"state": [NOT_APPLICABLE], "reason": [str(plain["not_applicable"])]}
        typed = self.shown_value(plain)
        if "evidence" in plain:
            named = plain["evidence"]
            typed |= {"evidence": [str(named["grade"])], "note": [str(named["note"])]}
        return typed

    def shown_value(self, plain: PlainAnswer) -> Typed:
        raise NotImplementedError

    @override
    def pre_validate(self, _form: BaseForm) -> None:
        """Say our sentence if the question cannot take this answer."""
        if self.data is None:
            return
        try:
            self._read(self.data)
        except BadAnswer as error:
            self.refusal = error.code
            raise ValidationError(sentence(self.question, error, self.locale)) from None

    def given(self) -> Answer | None:
        """The answer as the rules see it; None without one, and for what cannot be taken."""
        try:
            return None if self.data is None else self._read(self.data)
        except BadAnswer:
            return None

    def _read(self, plain: PlainAnswer) -> Answer:
        said_twice = {"unknown", "not_applicable"} <= plain.keys()
        if said_twice or ({"unknown", "not_applicable"} & plain.keys() and self.value()):
            raise BadAnswer("answer-both", question=self.question.key)
        if "reason" in plain:
            raise BadAnswer("answer-reason-alone", question=self.question.key)
        if "evidence" in plain:
            supported = plain.keys() - {"evidence", "unknown", "not_applicable"}
            if supported != plain.keys() - {"evidence"} or not supported:
                raise BadAnswer("answer-evidence-alone", question=self.question.key)
            if not plain["evidence"]["grade"]:
                raise BadAnswer("answer-grade-missing", question=self.question.key)
        return answers.read(self.question, plain)

    @property
    def changed(self) -> bool:
        """Whether there is anything to save: the answer differs from what the page had shown.

        Of two conflicting answers, keeping the colleague's leaves nothing to save. An answer
        sent by itself is `meant`, also if it went back to what the page had shown.
        """
        if not self.sent or self.keep == "theirs":
            return False
        if self.meant:
            return True
        return fingerprint(self.typed) != self.seen.partition(".")[2]

    def seen_at(self, revision: int) -> str:
        """What the page remembers of what it shows: which revision, and what was typed.

        With the second part a page that is sent again unchanged changes nothing, even if a
        colleague has saved another answer meanwhile.
        """
        return seen_mark(revision, self.typed)

    @property
    def seen_revision(self) -> int:
        """The revision that the page had shown; 0 for none, and for anything odd.

        Also 0 while a conflict is undecided, so that it is reported once more.
        """
        if self.clash and self.keep != "mine":
            return 0
        number = self.seen.partition(".")[0]
        return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


class PickedField(AnswerField):
    """One option, perhaps partly the next: all of it in one group of radio buttons."""

    parts = ("", "half", "reason")

    @override
    def answer(self) -> dict[str, Any] | None:
        match self.one(""):
            case "" if self.one("half"):
                return {"half": True}
            case "":
                return None
            case "_unknown":
                return {"unknown": True} | self.value()
            case "_not-applicable":
                return {"not_applicable": self.one("reason")} | self.value()
            case option if self.one("half"):
                return {"option": option, "half": True}
            case option:
                return {"option": option}

    @override
    def value(self) -> dict[str, Any]:
        """Beside don't know only the half step can stand: a radio button excludes the others."""
        return {"half": True} if self.one("half") else {}

    @override
    def shown_answer(self, plain: PlainAnswer) -> Typed:
        typed = super().shown_answer(plain)
        return typed | {"": typed.pop("state")} if "state" in typed else typed

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        half = {"half": ["1"]} if plain.get("half") else {}
        return {"": [str(plain.get("option", ""))], **half}


class BoxesField(AnswerField):
    """Several boxes."""

    @override
    def most(self, part: str) -> int:
        assert isinstance(self.question, Multiple)
        return super().most(part) if part else len(self.question.options)

    @override
    def value(self) -> dict[str, Any]:
        return {"options": self.typed[""]} if "" in self.typed else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {"": list(plain.get("options", ()))}


class FigureField(AnswerField):
    """A number."""

    @override
    def figures_typed(self) -> Iterable[tuple[str, Decimal, Text]]:
        given = self.given()
        if isinstance(given, Figure):
            assert isinstance(self.question, Number)
            yield self.one("").strip(), given.number, self.question.unit

    @override
    def value(self) -> dict[str, Any]:
        assert isinstance(self.question, Number)
        number = figure_of(self.one(""), self.question.unit)
        return {"number": number} if self.one("").strip() else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {"": [str(plain.get("number", ""))]}


class QuotientField(AnswerField):
    """A numerator and a denominator."""

    @property
    @override
    def live_share(self) -> str:
        assert isinstance(self.question, Ratio)
        if self.question.compares_years or self.question.other_unit is not None:
            return ""
        return "any" if self.question.may_exceed else "part"

    @override
    def figures_typed(self) -> Iterable[tuple[str, Decimal, Text]]:
        given = self.given()
        if isinstance(given, Quotient):
            assert isinstance(self.question, Ratio)
            other = self.question.denominator_unit or self.question.unit
            yield self.one("numerator").strip(), given.numerator, self.question.unit
            yield self.one("denominator").strip(), given.denominator, other

    parts = ("numerator", "denominator", "state", "reason")
    figure_parts = ("numerator", "denominator")

    @override
    def value(self) -> dict[str, Any]:
        assert isinstance(self.question, Ratio)
        unit = self.question.unit
        upper = figure_of(self.one("numerator"), unit)
        lower = figure_of(self.one("denominator"), self.question.denominator_unit or unit)
        return {"numerator": upper, "denominator": lower} if upper or lower else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {part: [str(plain.get(part, ""))] for part in ("numerator", "denominator")}

    @property
    @override
    def share(self) -> str:
        """What both figures come to if they are right."""
        try:
            given = answers.read(self.question, self.value())
        except BadAnswer:
            return ""
        assert isinstance(self.question, Ratio)
        assert isinstance(given, Quotient)
        return came_to(self.question, given).in_(self.locale)


class MeasuredField(AnswerField):
    """A figure, and the base and leading value that it is measured by unless the bank has them."""

    parts = ("value", "base", "lead", "source", "state", "reason")
    figure_parts = ("value", "base", "lead")

    @property
    def asked(self) -> tuple[str, ...]:
        """What the firm fills in."""
        assert isinstance(self.question, Benchmark)
        return ("value", "base", "lead", "source") if self.question.scale is None else ("value",)

    @property
    def figures(self) -> tuple[str, ...]:
        """The ids of the inputs that the score follows from; the first has the field's own."""
        others = tuple(f"{self.name}-{part}" for part in self.asked if part in ("base", "lead"))
        return (self.name, *others)

    @override
    def figures_typed(self) -> Iterable[tuple[str, Decimal, Text]]:
        given = self.given()
        if isinstance(given, Measured):
            assert isinstance(self.question, Benchmark)
            yield self.one("value").strip(), given.value, self.question.unit
            if self.question.scale is None:
                yield self.one("base").strip(), given.base, self.question.unit
                yield self.one("lead").strip(), given.lead, self.question.unit

    def with_unit(self, figure: Decimal) -> str:
        """A figure of the bank, as it stands in the report."""
        assert isinstance(self.question, Benchmark)
        return wording.with_unit(figure, self.question.unit).in_(self.locale)

    @override
    def value(self) -> dict[str, Any]:
        given = {part: self.one(part).strip() for part in self.asked}
        return given if any(given.values()) else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {part: [str(plain.get(part, ""))] for part in self.asked}

    @property
    @override
    def share(self) -> str:
        """Where the figure stands between base (0) and leading value (100), if all are right."""
        try:
            given = answers.read(self.question, self.value())
        except BadAnswer:
            return ""
        assert isinstance(given, Measured)
        return points(question_score(self.question, given))


class GridField(AnswerField):
    """A state for each row of a table or each statement of a yes/no block."""

    @property
    def rows(self) -> tuple[str, ...]:
        assert isinstance(self.question, Tabular)
        return tuple(row.key for row in answers.lines(self.question))

    @property
    def next_row(self) -> str:
        """The row that is to be filled in: the first open one as the page has them."""
        keys = self.rows
        if isinstance(self.question, Requirements):
            by_level = sorted(self.question.rows, key=lambda row: row.level)
            keys = tuple(row.key for row in by_level)
        return next((key for key in keys if not self.one(f"row.{key}")), keys[0])

    @property
    def states(self) -> tuple[tuple[str, str], ...]:
        """What each row can be, with its label."""
        if isinstance(self.question, YesNo):
            return tuple((key, label.in_(self.locale)) for key, label in wording.STATES.items())
        assert isinstance(self.question, Tabular)
        return tuple((s.key, s.label.in_(self.locale)) for s in self.question.states)

    @property
    def plain_name(self) -> str:
        return "statements" if isinstance(self.question, YesNo) else "rows"

    @override
    def all_parts(self) -> Sequence[str]:
        return (*super().all_parts(), *(f"row.{row}" for row in self.rows))

    @override
    def value(self) -> dict[str, Any]:
        chosen = {row: self.one(f"row.{row}") for row in self.rows if self.one(f"row.{row}")}
        return {self.plain_name: chosen} if chosen else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {f"row.{row}": [state] for row, state in plain.get(self.plain_name, {}).items()}


class WordsField(AnswerField):
    """Free text."""

    @override
    def value(self) -> dict[str, Any]:
        return {"text": self.one("")} if self.one("").strip() else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {"": [str(plain.get("text", ""))]}


_FIELDS: Mapping[Kind, type[AnswerField]] = {
    Kind.CHOICE: PickedField,
    Kind.LADDER: PickedField,
    Kind.MULTIPLE: BoxesField,
    Kind.NUMBER: FigureField,
    Kind.RATIO: QuotientField,
    Kind.MATRIX: GridField,
    Kind.YES_NO: GridField,
    Kind.TEXT: WordsField,
    Kind.BENCHMARK: MeasuredField,
    Kind.REQUIREMENTS: GridField,
}


class PageForm(Form):
    """The questions of one page. The CSRF token is checked before any view is called."""

    @property
    def questions(self) -> Mapping[str, AnswerField]:
        """The fields by question key."""
        return {
            name.removeprefix(PREFIX): field
            for name, field in self._fields.items()
            if isinstance(field, AnswerField)
        }

    def keep_typed(self, sent: "PageForm", keys: Iterable[str]) -> None:
        """Show these questions as they were typed and refused, not as they are stored."""
        for key in keys:
            ours, theirs = self.questions[key], sent.questions[key]
            ours.typed, ours.errors, ours.seen = theirs.typed, theirs.errors, theirs.seen
            ours.data, ours.conflict = theirs.data, theirs.conflict
            ours.refusal = theirs.refusal


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What tells form classes apart: digest and keys stand for the questions.

    An edition of a bank has the bank's digest, but not all of its questions.
    """

    digest: str
    keys: tuple[str, ...]
    locale: Locale
    questions: tuple[Question, ...] = dataclass_field(compare=False)


def page_form(bank: Bank, digest: str, page_key: str, locale: Locale) -> type[PageForm]:
    """The form class of one page, built once per bank digest, choice of questions and language.

    Raises KeyError if the bank has no such page.
    """
    questions = questions_of(bank, page_key)
    keys = tuple(question.key for question in questions)
    return _built(_Wanted(digest, keys, locale, questions))


@lru_cache(maxsize=2048)
def _built(wanted: _Wanted) -> type[PageForm]:
    fields = {PREFIX + q.key: _FIELDS[q.kind](q, wanted.locale) for q in wanted.questions}
    return type("PageForm", (PageForm,), fields)


def page_of(bank: Bank, page_key: str) -> Section | Profile:
    """A section, the profile or the key figures. Raises KeyError for others."""
    if page_key == PROFILE:
        return bank.profile
    if page_key == OUTCOMES and bank.outcomes is not None:
        return bank.outcomes
    return bank.section(page_key)


def questions_of(bank: Bank, page_key: str) -> tuple[Question, ...]:
    return page_of(bank, page_key).questions


def question_form(bank: Bank, digest: str, key: str, locale: Locale) -> type[PageForm]:
    """The form class of one question alone. Raises KeyError if the bank has no such question."""
    return _built(_Wanted(digest, (key,), locale, (bank.questions[key],)))


def shown(plain: Mapping[str, PlainAnswer]) -> dict[str, PlainAnswer]:
    """Stored answers under the names of their fields."""
    return {PREFIX + key: answer for key, answer in plain.items()}


def seen_mark(revision: int, typed: Typed) -> str:
    return f"{revision}.{fingerprint(typed)}"


def fingerprint(typed: Typed) -> str:
    """A short mark that is equal for equal parts; empty for none."""
    if not (present := filled(typed)):
        return ""
    canonical = json.dumps(present, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def figure_of(typed: str, unit: Text) -> str:
    """A figure without the unit that stands beside its box, if somebody typed that as well."""
    typed = typed.strip()
    units = (each.casefold() for each in (unit.zh, unit.en) if each)
    found = next((each for each in units if typed.casefold().endswith(each)), "")
    return typed.removesuffix(typed[len(typed) - len(found) :]).rstrip() if found else typed


def filled(typed: Typed) -> Typed:
    """Only the parts in which something was typed."""
    return {part: values for part, values in typed.items() if any(values)}


_SAID_OF_BOXES = {
    "answer-ratio-not-positive": "answer-boxes-not-positive",
    "answer-numerator-too-large": "answer-box-too-large",
}
"""On a page the two figures of a ratio have names of their own."""


_NO_FIGURE = frozenset({"answer-figure-missing", "answer-not-a-number"})
"""What is wrong with one of several figures, and is corrected there."""

_CORRECTED = {
    "answer-grade-missing": "evidence",
    "answer-note-missing": "note",
    "answer-reason-alone": "reason",
    "answer-reason-missing": "reason",
    "answer-source-missing": "source",
    "answer-unknown-grade": "evidence",
}
"""Where an answer is corrected that was refused for one of its parts alone."""


def sentence(question: Question, error: BadAnswer, locale: Locale) -> str:
    """Why an answer is refused, naming the question as the reader knows it."""
    facts = {**error.facts, **_names_in(question, locale)}
    said = messages.sentence(_SAID_OF_BOXES.get(error.code, error.code), facts, locale)
    if error.code == "answer-text-pattern" and question.help is not None:
        said += gap(locale) + question.help.in_(locale)
    return said


def _names_in(question: Question, locale: Locale) -> dict[str, str]:
    """What a sentence about an answer may name: the question, and its parts as the page does."""
    names = {"question": question.prompt.in_(locale)}
    if isinstance(question, Ratio):
        names["numerator"] = question.numerator.in_(locale)
        names["denominator"] = question.denominator.in_(locale)
    return names
