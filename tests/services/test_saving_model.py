"""Saving against a plain model: three people, several open pages, requests in any order.

What is delayed is sent later, or twice, or after the person's rights or the assessment changed.
The model knows nothing of revisions in rows: it keeps what the last person confirmed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from typing_extensions import override

from survey.services import assessments, autosave, glance, reopening
from survey.services.answer_rows import Sent
from survey.services.assessments import AlreadySubmitted, NotComplete, Saved
from survey.services.glance import Before
from survey.services.people import Actor
from survey.store.models import AnswerChange, AnswerRow, Assessment, User
from tests.builders import bank_data, domain, ladder, level, number, section
from tests.stored import NOW, a_firm, a_member, a_version, an_assessment

BANK = bank_data(
    section(
        "one",
        "A",
        domain(
            "first",
            ladder(),
            ladder("schedule", when={"question": "planning", "at_least": 3}),
            number(),
        ),
    )
)
"""`schedule` is hidden below step 3 of `planning`; `years` can be wrong."""

ASKED = ("planning", "schedule", "years")
OWNERS_OF_PAGES = (0, 0, 1, 2)
"""Three people have four pages open; two tabs of one person count as two."""

PAGES = st.integers(0, len(OWNERS_OF_PAGES) - 1)
REQUIRED = {"production-type": {"option": "mixed"}}

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "planning": st.sampled_from([None, level(1), level(2), level(4)]),
    "schedule": st.sampled_from([None, level(0), level(5)]),
    "years": st.sampled_from([None, {"number": "3"}, {"number": "7"}, "many", "4.5.6"]),
}
"""None clears; text is what `years` cannot take."""


@dataclass
class Request:
    """One attempt on its way: what a page sends, and sends again, word for word.

    `line` is what the history says of it, `before` what stood when it was typed: far too old to
    go by when it arrives, which must be noticed. Those without are saved behind the lock.
    """

    who: int
    question: str
    value: Any
    seen: int
    sent: Sent
    before: Before | None = None
    arrived: bool = False
    line: str = ""

    @property
    def stored(self) -> Any:
        """The value as it stands in the database."""
        return {"typed": {"": [self.value]}} if isinstance(self.value, str) else self.value


@dataclass
class OpenPage:
    """A page that somebody has open: what it shows, and how it counts its values."""

    name: str
    who: int
    seen: dict[str, int]
    seq: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ASKED, 0))


class Saving(RuleBasedStateMachine):
    engine: ClassVar[Engine]

    @initialize()
    def begin(self) -> None:
        self.session = Session(self.engine)
        firm, owner = a_firm(self.session)
        self.people: list[Actor] = [
            owner,
            a_member(self.session, firm, "赵倩"),
            a_member(self.session, firm, "孙丽"),
        ]
        version = a_version(self.session, BANK)
        draft = an_assessment(self.session, owner, version=version, answers=REQUIRED)
        self.draft = draft.id
        self.marks = [
            self.session.get_one(User, each.user_id).fs_uniquifier for each in self.people
        ]
        self.session.flush()
        self.confirmed: dict[str, Any] = dict.fromkeys(ASKED)
        self.revision: dict[str, int] = dict.fromkeys(ASKED, 0)
        self.newest: dict[tuple[str, str], int] = {}
        self.attempts: list[Request] = []
        self.submitted = False
        self.count = 0
        self.pages: dict[int, OpenPage] = {}
        for page, who in enumerate(OWNERS_OF_PAGES):
            self._open(page, who)

    @override
    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    # ------------------------------------------------------------------- people

    @rule(page=PAGES, question=st.sampled_from(ASKED), data=st.data())
    def type_in(self, page: int, question: str, data: st.DataObject) -> None:
        """Something is typed; when it arrives, and how often, is another matter."""
        self._typed(page, question, data.draw(VALUES[question]))

    @rule(page=PAGES, question=st.sampled_from(ASKED), data=st.data())
    def type_and_send(self, page: int, question: str, data: st.DataObject) -> None:
        """It arrives at once, before anything else that is on its way."""
        self._arrive(self._typed(page, question, data.draw(VALUES[question])))

    @rule(page=PAGES, question=st.sampled_from(ASKED), data=st.data())
    def type_twice(self, page: int, question: str, data: st.DataObject) -> None:
        """The second value overtakes the first; the page may have typed what is stored."""
        first = self._typed(page, question, data.draw(VALUES[question]))
        self._arrive(self._typed(page, question, data.draw(VALUES[question])))
        if data.draw(st.booleans()):
            self._arrive(first)

    @precondition(lambda self: self._on_their_way(arrived=False))
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        self._arrive(data.draw(st.sampled_from(self._on_their_way(arrived=False))))

    @precondition(lambda self: self._on_their_way(arrived=True))
    @rule(data=st.data())
    def arrive_again(self, data: st.DataObject) -> None:
        self._arrive(data.draw(st.sampled_from(self._on_their_way(arrived=True))))

    def _on_their_way(self, *, arrived: bool) -> list[Request]:
        return [each for each in self.attempts if each.arrived is arrived]

    @rule(page=PAGES)
    def look_again(self, page: int) -> None:
        """The page learns what is stored, as by a reply or a conflict that was shown."""
        self.pages[page].seen = dict(self.revision)

    @rule(page=PAGES)
    def open_again(self, page: int) -> None:
        """The person loads the page anew: it has another name, and has seen what is stored."""
        self._open(page, self.pages[page].who)

    def _open(self, page: int, who: int) -> None:
        self.count += 1
        self.pages[page] = OpenPage(f"page-{self.count}", who, dict(self.revision))

    def _typed(self, page: int, question: str, value: Any) -> Request:
        here = self.pages[page]
        here.seq[question] += 1
        self.count += 1
        sent = Sent(f"key-{self.count}", here.name, here.seq[question])
        before = self._look(here.who, question, sent) if self.count % 3 else None
        request = Request(here.who, question, value, here.seen[question], sent, before)
        self.attempts.append(request)
        return request

    def _look(self, who: int, question: str, sent: Sent) -> Before:
        _, found = glance.recognise_sender(
            self.session, self.marks[who], self.draft, "one", question, sent.key
        )
        assert found is not None
        return glance.before_saving(self.session, found, question)

    # ----------------------------------------------------------------- requests

    def _arrive(self, request: Request) -> None:
        if self.submitted and not request.line:
            with pytest.raises(AlreadySubmitted):
                self._save(request)
            return
        known, new = self.confirmed[request.question] == request.stored, not request.line
        expected = self._expected(request, known=known)
        assert _fate(request.question, self._save(request)) == expected, request
        request.arrived = True
        if new and not known:
            request.line = expected
            if expected == "saved":
                self._write(request)
        if new and expected == "saved":
            place = (request.question, request.sent.client)
            self.newest[place] = max(self.newest.get(place, 0), request.sent.seq)

    def _expected(self, request: Request, *, known: bool) -> str:
        """What a reader of the decision would say becomes of it."""
        if known or request.line == "saved":
            return "saved"
        if request.line:
            return request.line
        last = self.newest.get((request.question, request.sent.client), 0)
        if last >= request.sent.seq:
            return "late"
        if last or request.seen == self.revision[request.question]:
            return "saved"
        return "conflict"

    def _write(self, request: Request) -> None:
        """What pages sent before the new revision is of no interest any more."""
        self.confirmed[request.question] = request.stored
        self.revision[request.question] += 1
        self.newest = {key: seq for key, seq in self.newest.items() if key[0] != request.question}

    @precondition(lambda self: not self.submitted)
    @rule(page=PAGES, question=st.sampled_from(ASKED), data=st.data())
    def send_whole_form(self, page: int, question: str, data: st.DataObject) -> None:
        """A page without script sends once, and has no names for what it sends."""
        here, value = self.pages[page], data.draw(VALUES[question])
        sent = Sent("", "", 0)
        request = Request(here.who, question, value, here.seen[question], sent, arrived=True)
        known = self.confirmed[question] == request.stored
        expected = "saved" if known or request.seen == self.revision[question] else "conflict"
        assert _fate(question, self._save(request, named=False)) == expected
        if expected == "saved" and not known:
            self._write(request)

    def _save(self, request: Request, *, named: bool = True) -> Saved:
        wrong = isinstance(request.value, str)
        facts: dict[str, Any] = {
            "given": {request.question: {"number": request.value} if wrong else request.value},
            "typed": {request.question: {"": [request.value]}} if wrong else {},
            "seen": {request.question: request.seen},
            "sent": {request.question: request.sent} if named else {},
            "now": NOW,
        }
        who = self.people[request.who]
        if request.before is None:
            return assessments.save(self.session, who, self.draft, **facts)
        return autosave.save(self.session, who, request.before, **facts)

    # ---------------------------------------------------------- submit and reopen

    @precondition(lambda self: not self.submitted)
    @rule()
    def submit(self) -> None:
        planning = self.confirmed["planning"]
        shown = {"planning", "years"} | ({"schedule"} if planning == level(4) else set())
        open_ones = {
            key for key in shown if self.confirmed[key] is None or "typed" in self.confirmed[key]
        }
        if open_ones:
            with pytest.raises(NotComplete) as refused:
                assessments.submit(self.session, self.people[0], self.draft, now=NOW)
            assert {*refused.value.missing, *refused.value.wrong} == open_ones
            return
        assessments.submit(self.session, self.people[0], self.draft, now=NOW)
        self.submitted = True

    @precondition(lambda self: self.submitted)
    @rule()
    def reopen(self) -> None:
        reopening.reopen(self.session, self.people[0], self.draft, reason="x", now=NOW)
        self.submitted = False

    # --------------------------------------------------------------- what holds

    @invariant()
    def what_is_stored_is_what_was_confirmed_last(self) -> None:
        if not hasattr(self, "draft"):
            return
        rows = self.session.execute(
            select(AnswerRow.question_key, AnswerRow.plain, AnswerRow.revision).where(
                AnswerRow.assessment_id == self.draft, AnswerRow.question_key.in_(ASKED)
            )
        )
        found = {key: (plain, revision) for key, plain, revision in rows}
        for key in ASKED:
            assert found.get(key, (None, 0)) == (self.confirmed[key], self.revision[key])

    @invariant()
    def every_attempt_that_arrived_is_stored_or_in_the_history(self) -> None:
        if not hasattr(self, "draft"):
            return
        lines = self.session.execute(
            select(AnswerChange.question_key, AnswerChange.before, AnswerChange.after).where(
                AnswerChange.assessment_id == self.draft
            )
        ).all()
        known = [(key, value) for key, *both in lines for value in both]
        known += [(key, self.confirmed[key]) for key in ASKED]
        for request in self.attempts:
            if request.arrived:
                assert request.stored is None or (request.question, request.stored) in known

    @invariant()
    def revisions_rise_one_by_one_and_each_is_in_the_history(self) -> None:
        if not hasattr(self, "draft"):
            return
        for key in ASKED:
            revisions = self.session.scalars(
                select(AnswerChange.revision)
                .where(
                    AnswerChange.assessment_id == self.draft,
                    AnswerChange.question_key == key,
                    AnswerChange.outcome.in_(("saved", "cleared")),
                )
                .order_by(AnswerChange.id)
            )
            assert list(revisions) == list(range(1, self.revision[key] + 1))

    @invariant()
    def what_is_hidden_or_wrong_never_counts(self) -> None:
        if not hasattr(self, "draft"):
            return
        state = assessments.hub(self.session, self.people[0], self.draft)
        planning = self.confirmed["planning"]
        asked = {"planning", "years"} | ({"schedule"} if planning == level(4) else set())
        right = {
            key
            for key in asked
            if self.confirmed[key] is not None and "typed" not in self.confirmed[key]
        }
        assert state.visible & set(ASKED) == asked
        assert state.progress.pages["one"].answered == len(right)
        assert state.plain.keys() >= right

    @invariant()
    def what_is_submitted_is_what_its_result_says(self) -> None:
        if not hasattr(self, "draft") or not self.submitted:
            return
        kept = self.session.get_one(Assessment, self.draft).result
        outcome = assessments.outcome(self.session, self.people[0], self.draft)
        assert kept is not None
        assert str(outcome.result.total) == kept["total"]


def _fate(question: str, saved: Saved) -> str:
    if saved.conflicts:
        return "conflict"
    return "late" if question in saved.late else "saved"


@contextmanager
def _on(engine: Engine) -> Iterator[None]:
    Saving.engine = engine
    yield
    del Saving.engine


def test_saving_does_what_the_model_says(engine: Engine) -> None:
    with _on(engine):
        run_state_machine_as_test(
            Saving,
            settings=settings(
                max_examples=40,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )
