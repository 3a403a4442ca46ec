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
from survey.core import answers, wording
from survey.core.answers import Evidence, Measured, PlainAnswer, Quotient, Tabular
from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Benchmark,
    EvidenceGrade,
    Kind,
    NotApplicable,
    Question,
    Ratio,
    YesNo,
)
from survey.core.earned import is_scored, question_score
from survey.core.errors import BadAnswer
from survey.core.parts import Said
from survey.core.text import Locale
from survey.i18n import points

UNKNOWN = "_unknown"
NOT_APPLICABLE = "_not-applicable"
"""Values beside the options. No option can have them: keys have no underscore."""

PREFIX = "q_"

EVIDENCE_PARTS = ("evidence", "note")

Typed = dict[str, list[str]]
"""The parts as they came: ``""`` for the question's own name, then ``half``, ``row.x`` …"""


@dataclass(frozen=True, slots=True)
class Clash:
    """A colleague's answer and one's own, in words, each with the evidence named for it.

    None means no answer, or no evidence.
    """

    name: str
    time: datetime
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

    def __init__(self, question: Question, locale: Locale, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.question = question
        self.locale = locale
        self.typed: Typed = {}
        self.sent = False
        self.seen = ""
        self.keep = ""
        self.clash = False
        self.meant = False
        self.conflict: Clash | None = None

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        """Take the typed parts if the question was on the page, else the stored answer."""
        self.process_errors = []
        stored: PlainAnswer | None = data if isinstance(data, Mapping) else None
        self.sent = formdata is not None and bool(formdata.getlist(f"{self.name}.seen"))
        if formdata is None or not self.sent:
            self.data, self.typed = stored, self.shown(stored)
            return
        self.seen = formdata.getlist(f"{self.name}.seen")[0]
        self.keep = "".join(formdata.getlist(f"{self.name}.keep")[:1])
        self.clash = bool(formdata.getlist(f"{self.name}.clash"))
        sent = {part: formdata.getlist(self.part_name(part)) for part in self.all_parts()}
        self.typed = {
            part: [value.replace("\r\n", "\n") for value in values]
            for part, values in sent.items()
            if any(values)
        }
        self.data = self.plain()

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

    def part_name(self, part: str) -> str:
        return f"{self.name}.{part}" if part else self.name

    def all_parts(self) -> Sequence[str]:
        return (*self.parts, *EVIDENCE_PARTS)

    def one(self, part: str) -> str:
        return self.typed.get(part, [""])[0]

    def plain(self) -> dict[str, Any] | None:
        """What was typed, answer and evidence; raises nothing, validation follows."""
        return (self.answer() or {}) | self.evidence() or None

    @property
    def grades(self) -> tuple[tuple[str, EvidenceGrade], ...]:
        """The kinds of evidence to choose from, as they are sent and as they count."""
        return tuple(answers.GRADES.items())

    def evidence(self) -> dict[str, Any]:
        """The evidence that was named, perhaps by half; empty if there is none."""
        grade, note = self.one("evidence"), self.one("note").strip()
        return {"evidence": {"grade": grade, "note": note}} if grade or note else {}

    def answer(self) -> dict[str, Any] | None:
        """The answer that was typed, without its evidence."""
        state = self.one("state")
        if state == UNKNOWN:
            return {"unknown": True} | self.value()
        if state == NOT_APPLICABLE:
            return {"not_applicable": self.one("reason")} | self.value()
        return self.value() or None

    def value(self) -> dict[str, Any]:
        """The answer proper, without don't know and not applicable; empty if there is none."""
        raise NotImplementedError

    def shown(self, plain: PlainAnswer | None) -> Typed:
        """The parts that show a stored answer."""
        if plain is None:
            return {}
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
            raise ValidationError(sentence(self.question, error, self.locale)) from None

    def _read(self, plain: PlainAnswer) -> None:
        if ("unknown" in plain or "not_applicable" in plain) and self.value():
            raise BadAnswer("answer-both", question=self.question.key)
        if "evidence" in plain:
            supported = plain.keys() - {"evidence", "unknown", "not_applicable"}
            if supported != plain.keys() - {"evidence"} or not supported:
                raise BadAnswer("answer-evidence-alone", question=self.question.key)
            if not plain["evidence"]["grade"]:
                raise BadAnswer("answer-grade-missing", question=self.question.key)
        answers.read(self.question, plain)

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
        return fingerprint(self.data) != self.seen.partition(".")[2]

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
                return {"unknown": True}
            case "_not-applicable":
                return {"not_applicable": self.one("reason")}
            case option if self.one("half"):
                return {"option": option, "half": True}
            case option:
                return {"option": option}

    @override
    def value(self) -> dict[str, Any]:
        """Nothing can stand beside don't know: a radio button excludes the others."""
        return {}

    @override
    def shown(self, plain: PlainAnswer | None) -> Typed:
        typed = super().shown(plain)
        return typed | {"": typed.pop("state")} if "state" in typed else typed

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        half = {"half": ["1"]} if plain.get("half") else {}
        return {"": [str(plain.get("option", ""))], **half}


class BoxesField(AnswerField):
    """Several boxes."""

    @override
    def value(self) -> dict[str, Any]:
        return {"options": self.typed[""]} if "" in self.typed else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {"": list(plain.get("options", ()))}


class FigureField(AnswerField):
    """A number."""

    @override
    def value(self) -> dict[str, Any]:
        return {"number": self.one("").strip()} if self.one("").strip() else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {"": [str(plain.get("number", ""))]}


class QuotientField(AnswerField):
    """A numerator and a denominator."""

    parts = ("numerator", "denominator", "state", "reason")

    @override
    def value(self) -> dict[str, Any]:
        upper, lower = self.one("numerator").strip(), self.one("denominator").strip()
        return {"numerator": upper, "denominator": lower} if upper or lower else {}

    @override
    def shown_value(self, plain: PlainAnswer) -> Typed:
        return {part: [str(plain.get(part, ""))] for part in ("numerator", "denominator")}

    @property
    @override
    def share(self) -> str:
        """The quotient in per cent or the change between two years, if both figures are right."""
        try:
            given = answers.read(self.question, self.value())
        except BadAnswer:
            return ""
        assert isinstance(self.question, Ratio)
        assert isinstance(given, Quotient)
        if self.question.compares_years:
            return wording.changed(given.percent).in_(self.locale)
        return f"{points(given.percent)}%"


class MeasuredField(AnswerField):
    """A figure, and the base and leading value that it is measured by unless the bank has them."""

    parts = ("value", "base", "lead", "source", "state", "reason")

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
            ours.conflict = theirs.conflict


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


@lru_cache(maxsize=256)
def _built(wanted: _Wanted) -> type[PageForm]:
    fields = {PREFIX + q.key: _FIELDS[q.kind](q, wanted.locale) for q in wanted.questions}
    return type("PageForm", (PageForm,), fields)


def questions_of(bank: Bank, page_key: str) -> tuple[Question, ...]:
    """The questions of a section, the profile or the key figures. Raises KeyError for others."""
    if page_key == PROFILE:
        return bank.profile.questions
    if page_key == OUTCOMES and bank.outcomes is not None:
        return bank.outcomes.questions
    return bank.section(page_key).questions


def shown(plain: Mapping[str, PlainAnswer]) -> dict[str, PlainAnswer]:
    """Stored answers under the names of their fields."""
    return {PREFIX + key: answer for key, answer in plain.items()}


def seen_mark(revision: int, plain: PlainAnswer | None) -> str:
    """What the page remembers of a stored answer: which revision, and what it said.

    With the second part a page that is sent again unchanged changes nothing, even if a
    colleague has saved another answer meanwhile.
    """
    return f"{revision}.{fingerprint(plain)}"


def fingerprint(plain: PlainAnswer | None) -> str:
    """A short mark that is equal for equal answers; empty for none."""
    if plain is None:
        return ""
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def sentence(question: Question, error: BadAnswer, locale: Locale) -> str:
    """Why an answer is refused, naming the question as the reader knows it."""
    facts = {**error.facts, "question": question.prompt.in_(locale)}
    return messages.sentence(error.code, facts, locale)
