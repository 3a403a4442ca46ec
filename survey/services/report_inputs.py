"""What a report is made from, and what comes of it: plain values, known by no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from typing import Any

from survey.core import advice
from survey.core.answers import Answer
from survey.core.bank import Bank
from survey.core.copies import Copy
from survey.core.facts import Previous
from survey.core.result import Result
from survey.pdf.look import Logo

CHECKED_FROM = 96
"""From so many per cent on, the finished document is looked at once more."""

CHINA = timezone(timedelta(hours=8))
"""Reports carry the date of submission as it was in China."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a report is made from. The same inputs give the same bytes."""

    report_id: str
    copy: Copy
    firm_name: str
    issued_on: date
    bank: Bank
    bank_digest: str
    edition: str
    answers: Mapping[str, Answer]
    result: Result
    plan: advice.Plan
    previous: Previous | None = None
    targets: Mapping[str, int] = field(default_factory=dict)
    logos: tuple[Logo, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The finished document: its bytes, its pages if it has any, and what it says as JSON."""

    content: bytes
    pages: int | None
    said: dict[str, Any]
