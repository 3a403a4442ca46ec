"""What must be true after a storm: nothing lost, nothing claimed that was not so.

What the site confirmed is read from the line's log, what pages claimed from their own words, what
is kept from the database, and what is shown from pages opened afresh.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.store.db import open_engine
from survey.store.models import AnswerChange, AnswerRow
from tests.journeys.colleagues import Colleague
from tests.journeys.edits import Fields, fields_of, fields_of_plain
from tests.journeys.proxy import Exchange

TAKEN = ("saved", "kept")
TAKEN_IN_HAND = (200, 409)
"""Replies of a site that has looked at the answer: it is stored, or a choice is asked for."""


@dataclass
class Attempt:
    """One edit that left its field: who made it, on which opened page, and what stood there.

    `said` is false if the browser was killed before the page had said anything about it.
    """

    number: int
    who: str
    user_id: int
    visit: int
    question: str
    fields: Fields
    at: float
    said: bool = True
    claims: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """One line of the history."""

    question: str
    revision: int
    after: Fields
    author_id: int
    outcome: str


@dataclass(frozen=True)
class Confirmed:
    """A reply that reached a browser and said that the site has the answer."""

    question: str
    revision: int
    fields: Fields


@dataclass(frozen=True)
class Stored:
    """What the database holds: the present answers with their revisions, and the history."""

    present: Mapping[str, tuple[int, Fields]]
    history: Sequence[Kept]


def stored(database_url: str, assessment_id: int, picked: Iterable[str]) -> Stored:
    """Read it; `picked` are the questions that are one group of radio buttons."""
    groups = set(picked)
    engine = open_engine(database_url)
    with Session(engine) as session:
        rows = session.scalars(select(AnswerRow).filter_by(assessment_id=assessment_id))
        present = {
            row.question_key: (
                row.revision,
                fields_of_plain(row.plain, picked=row.question_key in groups),
            )
            for row in rows
        }
        changes = session.scalars(
            select(AnswerChange).filter_by(assessment_id=assessment_id).order_by(AnswerChange.id)
        )
        history = [
            Kept(
                line.question_key,
                line.revision,
                fields_of_plain(line.after, picked=line.question_key in groups),
                line.author_id,
                line.outcome,
            )
            for line in changes
        ]
    engine.dispose()
    return Stored(present, history)


def saves_in(log: Iterable[Exchange]) -> list[tuple[str, Exchange]]:
    """The requests that save an answer, with their question."""
    return [
        (each.path.partition("/answers/")[2].partition("?")[0], each)
        for each in log
        if each.method == "POST" and "/answers/" in each.path
    ]


def confirmed_in(log: Iterable[Exchange]) -> list[Confirmed]:
    return [
        Confirmed(
            question,
            int(str(each.said["seen"]).partition(".")[0]),
            fields_of(each.sent["fields"]),
        )
        for question, each in saves_in(log)
        if each.delivered and each.status == 200 and each.said.get("state") in TAKEN
    ]


def faults(attempts: Sequence[Attempt], log: Sequence[Exchange], kept: Stored) -> list[str]:
    """Every way in which something was lost or a wrong value is in force."""
    confirmed = confirmed_in(log)
    return [
        *_odd_replies(log),
        *_not_in_force(confirmed, kept),
        *_taken_back(confirmed, kept),
        *_lost(attempts, log, kept),
    ]


def _odd_replies(log: Sequence[Exchange]) -> list[str]:
    """What the site itself must never say to these pages."""
    return [
        f"{question}: the site answered {each.status} {each.said} to {each.sent}"
        for question, each in saves_in(log)
        if each.status not in (0, 200, 401, 409)
        and not (each.status == 400 and each.said.get("state") == "expired")
    ]


def _not_in_force(confirmed: Sequence[Confirmed], kept: Stored) -> list[str]:
    """The present value is what somebody's page was told last, by the site's own count."""
    found = []
    for question in sorted({c.question for c in confirmed} | set(kept.present)):
        revision, fields = kept.present.get(question, (0, frozenset()))
        heard = [c for c in confirmed if c.question == question]
        newest = max((c.revision for c in heard), default=0)
        if newest != revision or Confirmed(question, revision, fields) not in heard:
            found.append(
                f"{question}: {sorted(fields)} is in force at revision {revision}, but pages were"
                f" told {[sorted(c.fields) for c in heard if c.revision == newest]} at {newest}"
            )
    return found


def _taken_back(confirmed: Sequence[Confirmed], kept: Stored) -> list[str]:
    """Whatever was confirmed stands in the history under that revision."""
    written = {
        (line.question, line.revision, line.after)
        for line in kept.history
        if line.outcome in ("saved", "cleared")
    }
    return [
        f"{c.question}: revision {c.revision} was confirmed as {sorted(c.fields)} and is gone"
        for c in confirmed
        if (c.question, c.revision, c.fields) not in written and (c.revision or c.fields)
    ]


def _lost(attempts: Sequence[Attempt], log: Sequence[Exchange], kept: Stored) -> list[str]:
    """Values that left their field and are nowhere.

    One that the person replaced on the same page, before the site had taken it in hand, was
    superseded: of it the page had said that it waits on this device, or that one has to sign in.
    One whose browser was killed before its page said anything was not yet given.
    """
    own = {(line.question, line.author_id, line.after) for line in kept.history}
    anybody = {(line.question, line.after) for line in kept.history}
    answered = {
        (q, fields_of(e.sent["fields"])) for q, e in saves_in(log) if e.status in TAKEN_IN_HAND
    }
    last = {(a.user_id, a.visit, a.question): a.number for a in attempts}
    found = []
    for attempt in attempts:
        value = (attempt.question, attempt.fields)
        if (attempt.question, attempt.user_id, attempt.fields) in own:
            continue
        if value in answered and (value in anybody or not attempt.fields):
            continue  # it was stored already when it arrived
        superseded = last[attempt.user_id, attempt.visit, attempt.question] > attempt.number
        if (superseded and value not in answered) or not attempt.said:
            continue
        found.append("\n    ".join([f"lost: {attempt}", *_trail(attempt.question, log)]))
    return found


def _trail(question: str, log: Sequence[Exchange]) -> list[str]:
    """What was sent for a question, in order, and what became of it."""
    return [
        f"{each.fault.value} {each.status or '-'} {each.said.get('state', '')}"
        f" {each.said.get('seen', '')} delivered={each.delivered}"
        f" client={str(each.sent['client'])[:4]} seq={each.sent['seq']}"
        f" {sorted(fields_of(each.sent['fields']))}"
        for key, each in saves_in(log)
        if key == question
    ]


def false_claims(people: Iterable[Colleague], log: Sequence[Exchange]) -> list[str]:
    """Pages that said "saved" of what no reply had confirmed to anybody there."""
    heard = {(c.question, c.fields) for c in confirmed_in(log)}
    return [
        f"{person.name} was told that {claim.question} is saved as {sorted(claim.fields)}"
        for person in people
        for claim in person.claims
        if claim.saved and (claim.question, claim.fields) not in heard
    ]
