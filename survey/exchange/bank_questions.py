"""What formats without scores take from a bank document, whatever faults it may have as a draft.

Pages, parts and questions in reading order, and the count of what there is no place for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.exchange.loss import Loss

Data = Mapping[str, Any]

_PAGE = frozenset({"key", "title", "summary", "domains", "questions"})
_DOMAIN = frozenset({"key", "title", "questions"})
_BANK = frozenset({"key", "title", "summary", "profile", "sections", "outcomes", "format"})
_QUESTION = frozenset({
    "key", "kind", "prompt", "help", "required", "when", "options", "none", "unit", "minimum",
    "maximum", "decimals", "numerator", "denominator", "denominator_unit", "rows", "states",
    "statements", "maximum_length", "pattern",
})  # fmt: skip
_PART = frozenset({"key", "label"})


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


def left_out(data: Data, format_name: str, taken: frozenset[str] = frozenset()) -> list[Loss]:
    """One loss for each field that there is no place for, with the number of its places."""
    counts: dict[tuple[str, str], int] = {}
    for place, part, known in _parts(data):
        for field, value in part.items():
            if field not in known and field not in taken and value not in (None, [], {}, ""):
                counts[place, field] = counts.get((place, field), 0) + 1
    return [
        Loss("loss-no-place", place, {"format": format_name, "field": field, "count": count})
        for (place, field), count in counts.items()
    ]


def _parts(data: Data) -> Iterator[tuple[str, Data, frozenset[str]]]:
    yield "bank", data, _BANK
    for name in ("profile", "outcomes"):
        page = data.get(name)
        if isinstance(page, dict):
            yield name, page, _PAGE
            yield from _of_questions(dicts(page.get("questions")))
    for section in dicts(data.get("sections")):
        yield "sections", section, _PAGE
        for domain in dicts(section.get("domains")):
            yield "domains", domain, _DOMAIN
            yield from _of_questions(dicts(domain.get("questions")))


def _of_questions(questions: Sequence[Data]) -> Iterator[tuple[str, Data, frozenset[str]]]:
    for question in questions:
        yield "questions", question, _QUESTION
        for name in ("options", "rows", "states", "statements"):
            for part in dicts(question.get(name)):
                yield f"questions/{name}", part, _PART
