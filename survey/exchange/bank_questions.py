"""What formats without scores take from a bank document, whatever faults it may have as a draft.

Pages, parts and questions in reading order, the limits of answers and the conditions, and the
count of what there is no place for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from survey.core.bank import is_key
from survey.core.errors import quoted
from survey.core.numerals import as_written
from survey.core.patterns import is_pattern
from survey.exchange.loss import Loss

Data = Mapping[str, Any]

_FACTS = frozenset({"title", "summary", "questions"})
_SECTION = frozenset({"key", "title", "summary", "domains"})
_DOMAIN = frozenset({"key", "title", "questions"})
_BANK = frozenset({"title", "profile", "sections", "outcomes", "format"})
_QUESTION = frozenset({"key", "kind", "prompt", "help", "required", "when"})
_OF_KIND: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"options"}),
    "ladder": frozenset({"options"}),
    "multiple": frozenset({"options", "none"}),
    "number": frozenset({"unit", "minimum", "maximum", "decimals"}),
    "ratio": frozenset({"numerator", "denominator", "unit", "denominator_unit", "may_exceed"}),
    "matrix": frozenset({"rows", "states"}),
    "yes-no": frozenset({"statements"}),
    "text": frozenset({"maximum_length", "pattern"}),
    "benchmark": frozenset({"unit", "minimum", "maximum"}),
    "requirements": frozenset({"rows", "states"}),
}
"""What both formats have a place for, of a question of each kind."""

_PART = frozenset({"key", "label"})
_CHOSEN = ("options", "states")
_LISTED = (*_CHOSEN, "rows", "statements")
_UNLESS_SAID: Mapping[str, Data] = {"ladder": {"half_steps": True}}
"""What a question asks that does not say so."""

_PLAIN = (("half_steps", False), ("not_applicable", "never"))
"""Values without which a question is the same."""

MOST_DECIMALS = 6
_DEEPEST = 40
_LONGEST_ANSWER = 200
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_OURS_ALONE = re.compile(
    r"\\(?=\w)[^dsSnrtfv]|\(\?(?!:)|\[\^?\]|\[(?:[^\]\\]|\\.)*\["
    r"|[*+?}]\+|&&|--|~~|\$\{|'.*\"|\".*'"
)
"""What other engines for regular expressions read otherwise, or a form could not quote."""

_DIGITS = re.compile(r"(?P<inside>\[(?:[^\]\\]|\\.)*\])|\\d|\\.")


@dataclass(frozen=True, slots=True)
class Block:
    """Questions with a title: a domain, or a whole page without domains."""

    key: str
    title: Data
    questions: tuple[Data, ...]


@dataclass(frozen=True, slots=True)
class Page:
    key: str
    title: Data
    summary: Data
    blocks: tuple[Block, ...]


def dicts(value: object) -> list[Data]:
    """The objects of a list; a draft may have anything else there."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(value: object) -> dict[str, str]:
    """A text of a document, as far as it has one, by language."""
    if not isinstance(value, dict):
        return {}
    found = ((locale, value.get(locale)) for locale in ("zh", "en"))
    return {locale: text for locale, text in found if isinstance(text, str) and text.strip()}


def pages(data: Data) -> Iterator[Page]:
    """Profile, sections and key figures."""
    profile, outcomes = data.get("profile"), data.get("outcomes")
    if isinstance(profile, dict) and dicts(profile.get("questions")):
        yield _facts("profile", profile)
    for section in dicts(data.get("sections")):
        blocks = tuple(
            Block(
                str(domain.get("key", "")),
                words(domain.get("title")),
                tuple(dicts(domain.get("questions"))),
            )
            for domain in dicts(section.get("domains"))
        )
        key, title = str(section.get("key", "")), words(section.get("title"))
        yield Page(key, title, words(section.get("summary")), blocks)
    if isinstance(outcomes, dict) and dicts(outcomes.get("questions")):
        yield _facts("outcomes", outcomes)


def _facts(key: str, page: Data) -> Page:
    title = words(page.get("title"))
    block = Block(key, {}, tuple(dicts(page.get("questions"))))
    return Page(key, title, words(page.get("summary")), (block,))


# --------------------------------------------------------------------- limits


def number(value: object) -> Decimal | None:
    """A number of a document; None for what is none, which a draft may have."""
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return Decimal(written) if _NUMBER.fullmatch(written) else None


def limits(question: Data) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and the highest answer; a benchmark does not go below 0 unless it says so."""
    lowest = question.get("minimum", 0 if question.get("kind") == "benchmark" else None)
    return number(lowest), number(question.get("maximum"))


def decimals(question: Data) -> int:
    """How many a figure may have."""
    given = question.get("decimals", 0) if question.get("kind") == "number" else MOST_DECIMALS
    is_known = type(given) is int and 0 <= given <= MOST_DECIMALS
    return given if is_known else 0


def longest(question: Data) -> int:
    given = question.get("maximum_length")
    return given if type(given) is int else _LONGEST_ANSWER


def units(question: Data) -> tuple[dict[str, str], dict[str, str]]:
    """Of the numerator and the denominator."""
    unit = words(question.get("unit"))
    return unit, words(question.get("denominator_unit")) or unit


def with_unit(texts: Mapping[str, str], unit: Mapping[str, str]) -> dict[str, str]:
    """A text in each language, with its unit in brackets."""
    shapes = {"zh": "{}（{}）", "en": "{} ({})"}
    return {
        locale: shapes[locale].format(text, unit[locale]) if locale in unit else text
        for locale, text in texts.items()
    }


def help_and_unit(question: Data) -> dict[str, str]:
    """What stands below a figure: how to answer, then what it is counted in."""
    said, unit = words(question.get("help")), words(question.get("unit"))
    shapes = {"zh": "单位：{}", "en": "Unit: {}"}
    lines = {locale: shapes[locale].format(text) for locale, text in unit.items()}
    return {
        locale: "\n".join(each[locale] for each in (said, lines) if locale in each)
        for locale in ("zh", "en")
        if locale in said or locale in lines
    }


def whole_pattern(question: Data) -> str | None:
    """The pattern of an answer, for engines that look for it inside of a text.

    None if there is none, or none that all engines read alike.
    """
    pattern = question.get("pattern")
    if not isinstance(pattern, str) or not is_pattern(pattern) or _OURS_ALONE.search(pattern):
        return None
    ends = pattern.endswith("$") and not pattern.endswith("\\$")
    is_whole = pattern.startswith("^") and ends and "|" not in pattern
    said = _DIGITS.sub(_with_digits, pattern)
    return said if is_whole else f"^(?:{said})$"


def _with_digits(match: re.Match[str]) -> str:
    r"""`\d` as the digits from 0 to 9: some engines take those of other scripts for digits too."""
    if match["inside"]:
        return re.sub(r"\\d|\\.", lambda each: "0-9" if each[0] == r"\d" else each[0], match[0])
    return "[0-9]" if match[0] == r"\d" else match[0]


def bare_pattern(pattern: str) -> str:
    """A pattern without what `whole_pattern` has put around it: ours is for the whole text."""
    inner = pattern.removeprefix("^(?:").removesuffix(")$")
    return inner if pattern == f"^(?:{inner})$" and is_pattern(inner) else pattern


def excluding(question: Data) -> str | None:
    """The box that excludes all others."""
    none = question.get("none")
    keys = [option.get("key") for option in dicts(question.get("options"))]
    return none if isinstance(none, str) and is_key(none) and none in keys else None


# ----------------------------------------------------------------- conditions


class NotSaid(Exception):
    """This is no condition over the questions before, which a draft may have."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How a format says the parts of a condition.

    `one_of` gets a question and keys of its options, `reaches` a number or a ratio and a value.
    """

    one_of: Callable[[Data, Sequence[str]], str]
    reaches: Callable[[Data, str], str]
    denied: str
    never: str


@dataclass(slots=True)
class Conditions:
    """Says conditions over the questions before, and gathers those that cannot be said."""

    speech: Speech
    losses: list[Loss]
    before: dict[str, Data] = field(default_factory=dict)

    def of(self, question: Data) -> str:
        """The condition of the next question; nothing if it is always asked."""
        key = str(question.get("key", ""))
        try:
            said = "" if question.get("when") is None else self._said(question["when"], 0)
        except NotSaid:
            facts = {"question": key, "condition": quoted(question["when"], longest=1000)}
            self.losses.append(Loss("loss-condition", f"questions/{key}", facts))
            said = ""
        self.before[key] = question
        return said

    def _said(self, when: object, depth: int) -> str:
        given = _given(when)
        if depth > _DEEPEST or len(given) != (2 if "question" in given else 1):
            raise NotSaid
        match given:
            case {"all": [_, *_] as parts}:
                return " and ".join(f"({self._said(part, depth + 1)})" for part in parts)
            case {"any": [_, *_] as parts}:
                return " or ".join(f"({self._said(part, depth + 1)})" for part in parts)
            case {"not": part}:
                return self.speech.denied.format(self._said(part, depth + 1))
            case {"question": str(key), "in": [_, *_] as keys} if key in self.before:
                return self._one_of(self.before[key], keys)
            case {"question": str(key), "at_least": least} if key in self.before:
                return self._at_least(self.before[key], number(least))
            case _:
                raise NotSaid

    def _one_of(self, question: Data, keys: Sequence[object]) -> str:
        if question.get("kind") not in {"choice", "ladder", "multiple"}:
            raise NotSaid
        named = [key for key in keys if isinstance(key, str) and is_key(key)]
        if len(named) < len(keys):
            raise NotSaid
        return self.speech.one_of(question, named)

    def _at_least(self, question: Data, least: Decimal | None) -> str:
        if least is None:
            raise NotSaid
        match question.get("kind"):
            case "number" | "ratio":
                return self.speech.reaches(question, str(as_written(least)))
            case "ladder":
                return self._steps(question, least)
            case _:
                raise NotSaid

    def _steps(self, question: Data, least: Decimal) -> str:
        """The steps of a ladder that have the points."""
        steps = dicts(question.get("options"))
        fitting = [each.get("key") for each in steps if (number(each.get("points")) or 0) >= least]
        return self._one_of(question, fitting) if fitting else self.speech.never


def _given(when: object) -> Data:
    found = when.items() if isinstance(when, dict) else ()
    return {name: value for name, value in found if value is not None}


# --------------------------------------------------------------------- losses


@dataclass(frozen=True, slots=True)
class Taken:
    """The fields that one format has a place for, beyond those that both have."""

    bank: frozenset[str]
    chosen: frozenset[str] = frozenset()
    """Of options and states."""


def left_out(data: Data, format_name: str, taken: Taken) -> list[Loss]:
    """One loss for each field that there is no place for, with the number of its places."""
    counts: dict[tuple[str, str], int] = {}
    for place, part, known in _parts(data, taken):
        for name, value in part.items():
            says_nothing = value in (None, [], {}, "") or (name, value) in _PLAIN
            if name not in known and not says_nothing:
                counts[place, name] = counts.get((place, name), 0) + 1
    return [
        Loss("loss-no-place", place, {"format": format_name, "field": name, "count": count})
        for (place, name), count in counts.items()
    ]


def _parts(data: Data, taken: Taken) -> Iterator[tuple[str, Data, frozenset[str]]]:
    yield "bank", data, _BANK | taken.bank
    for name in ("profile", "outcomes"):
        page = data.get(name)
        if isinstance(page, dict):
            asked = dicts(page.get("questions"))
            yield name, page, _FACTS if asked else frozenset()
            yield from _of_questions(asked, taken)
    for section in dicts(data.get("sections")):
        yield "sections", section, _SECTION
        for domain in dicts(section.get("domains")):
            yield "domains", domain, _DOMAIN
            yield from _of_questions(dicts(domain.get("questions")), taken)


def _of_questions(
    questions: Sequence[Data], taken: Taken
) -> Iterator[tuple[str, Data, frozenset[str]]]:
    for question in questions:
        kind = str(question.get("kind"))
        asked = {**_UNLESS_SAID.get(kind, {}), **question}
        known = _QUESTION | _OF_KIND.get(kind, frozenset())
        yield "questions", asked, known - _unsaid(question)
        for name in _LISTED:
            for part in dicts(question.get(name)):
                more = taken.chosen if name in _CHOSEN else frozenset()
                yield f"questions/{name}", part, _PART | more


def _unsaid(question: Data) -> frozenset[str]:
    """The limits that a draft does not have as they should be, or that only we understand."""
    lowest, highest = limits(question)
    said = {
        "pattern": whole_pattern(question),
        "none": excluding(question),
        "minimum": lowest,
        "maximum": highest,
    }
    return frozenset(name for name, value in said.items() if value is None)
