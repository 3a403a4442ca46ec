"""What becomes of answers when their assessment moves to another version of its bank.

Nothing is dropped silently: every answer is kept, changed or dropped, and says which. It is
changed if it reads otherwise than before, or if its question does; then somebody has to look.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from survey.core import answers, editions, version_diff
from survey.core.answers import PlainAnswer, typed_of
from survey.core.bank import Bank, Question
from survey.core.errors import BadAnswer
from survey.core.version_diff import Line, Sort


class Fate(StrEnum):
    """What becomes of one answer."""

    KEPT = "kept"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Carried:
    """One answer: its question as it was and as it is asked, what is stored and what will be.

    `was` and `becomes` may be drafts; `becomes` is None if the new question cannot take it, or
    `after` is None because there is none. `sorts` tells in what the question differs.
    """

    key: str
    fate: Fate
    before: Question
    after: Question | None
    was: PlainAnswer
    becomes: PlainAnswer | None
    sorts: tuple[Sort, ...] = ()

    @property
    def to_correct(self) -> bool:
        """Whether it was an answer and will be a draft."""
        return typed_of(self.becomes) is not None and typed_of(self.was) is None

    @property
    def partly(self) -> bool:
        """Whether only a part of it is still possible."""
        kept = self.becomes is not None and not self.to_correct
        return kept and self.becomes != self.was


@dataclass(frozen=True, slots=True)
class Carrying:
    """All answers in reading order of the old bank; `unknown` are stored under keys it lacks.

    `new` are the questions that only the new version asks; `altered` those that are not answered
    and read otherwise now.
    """

    answers: tuple[Carried, ...]
    new: tuple[str, ...]
    altered: tuple[str, ...]

    def of(self, fate: Fate) -> tuple[Carried, ...]:
        return tuple(each for each in self.answers if each.fate is fate)


def carried(
    old: Bank, new: Bank, plain: Mapping[str, PlainAnswer], *, edition: str = editions.FULL
) -> Carrying:
    """Carry stored answers and drafts from one version of a bank to another.

    `edition` is the one that is answered; both banks come whole.
    """
    asked = editions.edition(new, edition_in(new, edition)).questions
    before = editions.edition(old, edition).questions
    found = tuple(
        _carried(question, new.questions.get(key), plain[key])
        for key, question in old.questions.items()
        if key in plain
    )
    return Carrying(
        answers=found,
        new=tuple(key for key in asked if key not in before),
        altered=tuple(
            key
            for key in asked
            if key in before and key not in plain and differences(before[key], asked[key])
        ),
    )


def edition_in(bank: Bank, edition: str) -> str:
    """The same edition, or the whole bank if it has none of this name."""
    known = any(each.key == edition for each in bank.editions)
    return edition if known else editions.FULL


def differences(before: Question, after: Question) -> tuple[Sort, ...]:
    """In what two forms of a question differ that whoever answered has to look at."""
    if before == after:
        return ()
    lines = version_diff.of_questions(_plain(before), _plain(after))
    sorts = {line.sort for line in lines if _concerns(line)}
    return tuple(sort for sort in Sort if sort in sorts)


def asks_the_same(before: Question, after: Question) -> bool:
    """Whether an answer to the one says the same about a firm as an answer to the other.

    They may stand in different banks and differ in their help, limits and points. What is
    asked, the unit and what each common option says must be equal, in both languages.
    """
    if before.kind is not after.kind or before.prompt != after.prompt:
        return False
    if getattr(before, "unit", None) != getattr(after, "unit", None):
        return False
    labels = {option.key: option.label for option in getattr(before, "options", ())}
    return all(
        labels.get(option.key, option.label) == option.label
        for option in getattr(after, "options", ())
    )


def replacement(before: Question, new: Iterable[Question]) -> Question | None:
    """The one of these questions that asks the same, under whatever key."""
    return next((each for each in new if asks_the_same(before, each)), None)


def _plain(question: Question) -> dict[str, Any]:
    return question.model_dump(mode="json", by_alias=True)


_BESIDE = frozenset({"short", "evidence", "advice", "source"})
_LIMITS = frozenset(
    {"required", "not_applicable", "minimum", "maximum", "decimals", "maximum_length", "pattern"}
)
"""What decides whether an answer can be taken, and not how it reads."""


def _concerns(line: Line) -> bool:
    steps = line.field.split("/")
    if line.sort is Sort.REWORDED:
        return steps[0] not in _BESIDE and "remedy" not in steps
    if line.sort is Sort.ANSWERING:
        return steps[0] not in _LIMITS
    return line.sort is Sort.RESCORED


def _carried(before: Question, after: Question | None, was: PlainAnswer) -> Carried:
    if after is None:
        return Carried(before.key, Fate.DROPPED, before, None, was, None)
    sorts = differences(before, after)
    becomes = _becomes(before, after, was)
    if becomes is None:
        return Carried(before.key, Fate.DROPPED, before, after, was, None, sorts)
    fate = Fate.CHANGED if sorts or becomes != was else Fate.KEPT
    return Carried(before.key, fate, before, after, was, becomes, sorts)


def _becomes(before: Question, after: Question, was: PlainAnswer) -> PlainAnswer | None:
    """The answer as the new question takes it, as much of it as possible; else what was typed."""
    if typed_of(was) is not None:
        return was if before.kind is after.kind else None
    for plain in (was, *_less(after, was)):
        try:
            return answers.to_plain(after, answers.read(after, plain))
        except BadAnswer:
            continue
    typed = _typed(was) if before.kind is after.kind else {}
    return answers.draft(after.key, typed)


def _less(after: Question, was: PlainAnswer) -> Iterator[PlainAnswer]:
    """The same answer without what the new question does not know."""
    if "half" in was:
        yield {name: part for name, part in was.items() if name != "half"}
    match was:
        case {"options": list(ticked)}:
            known = [option.key for option in getattr(after, "options", ())]
            yield {**was, "options": [key for key in ticked if key in known]}
        case {"rows": dict(states)}:
            rows = {row.key for row in getattr(after, "rows", ())}
            known = [state.key for state in getattr(after, "states", ())]
            yield {**was, "rows": _some(states, rows, known)}
        case {"statements": dict(states)}:
            rows = {row.key for row in getattr(after, "statements", ())}
            yield {**was, "statements": _some(states, rows, answers.STATEMENT_STATES)}
        case {"value": str()}:
            yield {name: part for name, part in was.items() if name in ("value", "evidence")}


def _some(
    states: Mapping[str, Any], rows: Collection[str], known: Collection[str]
) -> dict[str, Any]:
    return {row: state for row, state in states.items() if row in rows and state in known}


_TYPED = {"number": "", "text": ""}
"""Under which part a page shows a value, where it is not called the same."""
_AS_CALLED = ("numerator", "denominator", "value", "base", "lead", "source")


def _typed(was: PlainAnswer) -> dict[str, list[str]]:
    """What somebody would have typed to give this answer; nothing for what is chosen."""
    parts = {part: [str(was[name])] for name, part in _TYPED.items() if name in was}
    parts |= {name: [str(was[name])] for name in _AS_CALLED if name in was}
    if parts and "evidence" in was:
        named = was["evidence"]
        parts |= {"evidence": [str(named["grade"])], "note": [str(named["note"])]}
    return parts
