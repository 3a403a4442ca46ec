"""What can go wrong, as facts. Sentences for readers stand in `survey.messages`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from survey.core.text import Locale, Text

Facts = Mapping[str, str | int]
"""What a sentence needs. ``name.zh`` and ``name.en`` are one fact, each for its own language."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document: which kind, where, and what the sentence needs to say so.

    `place` is the path inside the document (``sections.0.domains.1.questions.2.options.0.label``);
    `file` and `line` are known when the document was read from a file.
    """

    code: str
    place: str
    facts: Facts = field(default_factory=dict)
    file: str = ""
    line: int | None = None


def in_both(name: str, text: Text) -> dict[str, str]:
    """A fact that each sentence says in its own language."""
    return {f"{name}.{locale}": text.in_(locale) for locale in Locale}


def quoted(value: object, *, longest: int = 40) -> str:
    """A value as a sentence can show it: short, and printable whatever was sent."""
    try:
        said = value if isinstance(value, str) else _start(value, longest + 1)
    except (TypeError, ValueError, RecursionError):
        said = type(value).__name__
    said = said[: longest + 1]
    said = "".join(character if character.isprintable() else "\ufffd" for character in said)
    return said if len(said) <= longest else said[: longest - 1] + "…"


def _start(value: object, most: int) -> str:
    """The JSON of a value as far as it is needed: a value may be a whole document."""
    return "".join(islice(json.JSONEncoder(ensure_ascii=False).iterencode(value), most))


class SurveyError(Exception):
    """A refusal with a code that has a sentence, and the facts this sentence needs."""

    code = "error"

    def __init__(self, **facts: str | int) -> None:
        super().__init__(self.code, facts)
        self.facts: Facts = facts


class NotFound(SurveyError):
    """There is no such thing, or it belongs to somebody else: both look the same."""

    code = "not-found"


class BadAnswer(SurveyError):
    """An answer that its question cannot take; `question` is among the facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


class BadDocument(SurveyError):
    """A bank document with faults; nothing of it was stored."""

    code = "bad-document"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems
