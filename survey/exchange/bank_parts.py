"""What passes between a question bank and the formats that it is written in."""

from dataclasses import dataclass
from typing import Any

from survey.core.errors import Problem
from survey.exchange.loss import Loss


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what it could not hold."""

    content: bytes
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The version that a file was made from, as it was at a revision; `digest` tells whether."""

    bank: str
    number: int
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds. Without a document it is refused, and the problems say why.

    With one, the problems are faults of the document that a draft may have, each with its place
    in the file; the losses are what the format has and a bank has not.
    """

    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()
    losses: tuple[Loss, ...] = ()
    origin: Origin | None = None
