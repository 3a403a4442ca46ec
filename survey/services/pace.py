"""How long a question takes, measured: from the time between answers that people gave.

Only first answers count: the time from one question's first answer to the next one's, by the
same person in the same assessment. What was saved at one moment shares the time before it:
nobody answers faster than in `SHORTEST_GAP`, so what follows at once was answered before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey.store.models import AnswerChange, Assessment, BankVersion

SHORTEST_GAP = timedelta(seconds=2)
"""Answers that follow each other faster were confirmed together, or sent after a pause."""

LONGEST_GAP = timedelta(minutes=5)
"""Whoever is silent for longer does something else."""

OWN_GAPS, ALL_GAPS = 10, 30
"""So many must have been measured before anything is said: by the firm itself, by all firms."""

NEWEST = 25
"""Assessments that are looked at, the newest ones: the cost does not grow with the years."""


def seconds_per_question(session: Session, *, firm_id: int, bank_key: str) -> float | None:
    """The firm's own pace with these questions, else that of all firms, else None.

    Whoever asks has asked for permission before; nothing of another firm can be told from it.
    """
    these = (
        select(Assessment.id)
        .join(BankVersion, BankVersion.id == Assessment.bank_version_id)
        .where(BankVersion.bank_key == bank_key, Assessment.discarded_at.is_(None))
        .order_by(Assessment.id.desc())
        .limit(NEWEST)
    )
    own = _gaps(session, these.where(Assessment.firm_id == firm_id))
    if len(own) >= OWN_GAPS:
        return median(own)
    everybodys = _gaps(session, these)
    return median(everybodys) if len(everybodys) >= ALL_GAPS else None


def minutes(seconds_each: float | None, questions: int) -> int | None:
    """What so many questions take, in whole minutes, 0 for less; None while it is not known."""
    return None if seconds_each is None else int(seconds_each * questions / 60 + 0.5)


def _gaps(session: Session, assessments: Select[int]) -> list[float]:
    together: dict[tuple[int, int], list[datetime]] = {}
    rows = session.execute(
        select(AnswerChange.assessment_id, AnswerChange.author_id, AnswerChange.at).where(
            AnswerChange.assessment_id.in_(assessments),
            AnswerChange.revision == 1,
            AnswerChange.outcome == "saved",
        )
    )
    for assessment_id, author_id, at in rows:
        together.setdefault((assessment_id, author_id), []).append(at)
    return [gap for saved in together.values() for gap in _between(_moments(sorted(saved)))]


@dataclass(slots=True)
class _Moment:
    """Answers that were saved together."""

    first: datetime
    last: datetime
    answers: int = 1


def _moments(saved: list[datetime]) -> list[_Moment]:
    moments: list[_Moment] = []
    for at in saved:
        if moments and at - moments[-1].last < SHORTEST_GAP:
            moments[-1].last = at
            moments[-1].answers += 1
        else:
            moments.append(_Moment(at, at))
    return moments


def _between(moments: list[_Moment]) -> Iterator[float]:
    for before, after in pairwise(moments):
        gap = after.first - before.last
        if gap <= LONGEST_GAP:
            yield gap.total_seconds() / after.answers
