"""What workers do with the row of a document: take charge, give signs of life, hand in, give up.

The row is the truth about the job of making it, whatever it is a row of. Every step is a
compare-and-set, so that a job delivered twice, or by a worker that was thought dead, is done once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, select, true, update
from sqlalchemy.orm import Session

from survey.core.errors import Facts
from survey.services.report_inputs import CHECKED_FROM
from survey.store.db import rows_changed
from survey.store.models import Pack, Report

QUEUED, RENDERING, CHECKING = "queued", "rendering", "checking"
READY, FAILED = "ready", "failed"

PATIENCE = timedelta(seconds=60)
"""How long the queue may take to deliver before the sweep delivers again."""

LONG_PATIENCE = timedelta(minutes=15)
"""How long one may wait in a queue that is not empty before it is delivered again."""

MOST_ATTEMPTS = 5
"""A document that ended its worker this often is given up."""

GAVE_UP = "report-gave-up"


@dataclass(frozen=True, slots=True)
class JobRows:
    """The rows of one table, or `only` some. While it is checked, a document is `checking`."""

    table: type[Report] | type[Pack]
    checking: str
    only: ColumnElement[bool] = field(default_factory=true)

    @property
    def at_work(self) -> tuple[str, ...]:
        return (RENDERING, self.checking)

    def change(
        self, session: Session, document_id: str, condition: ColumnElement[bool], **values: Any
    ) -> bool:
        """Change the row if the condition still holds, and say whether it did."""
        same = self.table.id == document_id
        statement = update(self.table).where(same, self.only, condition).values(**values)
        return rows_changed(session, statement) == 1

    def held_by(self, token: str) -> ColumnElement[bool]:
        return self.table.state.in_(self.at_work) & (self.table.claim == token)

    def claim(
        self, session: Session, document_id: str, *, token: str, now: datetime, lease: timedelta
    ) -> bool:
        """Take charge of what is queued, or whose worker gave no sign of life in time."""
        table = self.table
        return self.change(
            session,
            document_id,
            (table.state == QUEUED) | (table.state.in_(self.at_work) & (table.lease_until <= now)),
            state=RENDERING,
            progress=0,
            claim=token,
            lease_until=now + lease,
            attempts=table.attempts + 1,
        )

    def heartbeat(
        self,
        session: Session,
        document_id: str,
        *,
        token: str,
        progress: int,
        now: datetime,
        lease: timedelta,
    ) -> bool:
        """Say that the work goes on. False: stop, it was cancelled or somebody took it over."""
        table = self.table
        return self.change(
            session,
            document_id,
            self.held_by(token),
            state=self.checking if progress >= CHECKED_FROM else RENDERING,
            progress=case((table.progress < progress, progress), else_=table.progress),
            lease_until=now + lease,
        )

    def finish(
        self, session: Session, document_id: str, *, token: str, now: datetime, **file: Any
    ) -> bool:
        """Hand in the file. False: nothing was changed, for it was cancelled or taken over."""
        return self.change(
            session,
            document_id,
            self.held_by(token),
            state=READY,
            progress=100,
            claim=None,
            lease_until=None,
            finished_at=now,
            **file,
        )

    def fail(
        self,
        session: Session,
        document_id: str,
        *,
        token: str,
        code: str,
        facts: Facts,
        now: datetime,
    ) -> bool:
        """Give the reason why there is no document. False: it was cancelled or taken over."""
        return self._failed(session, document_id, self.held_by(token), code, facts, now)

    def give_back(self, session: Session, document_id: str, *, token: str, now: datetime) -> bool:
        """Put back what a stopping worker could not finish: no fault of the document.

        True: it is to be delivered again.
        """
        attempts = self.table.attempts - 1
        return self.change(
            session, document_id, self.held_by(token), **released(now), attempts=attempts
        )

    def put_back(self, session: Session, document_id: str, *, token: str, now: datetime) -> bool:
        """Put back what was ended from outside while it was made; too often, and it is given up.

        True: it is to be tried again.
        """
        self._give_up(session, self.held_by(token), now)
        return self.change(session, document_id, self.held_by(token), **released(now))

    def sweep(self, session: Session, *, now: datetime, queue_is_empty: bool) -> tuple[str, ...]:
        """Find what nobody has charge of and return what is to be delivered again.

        What waits in a long queue need not be lost: only when the queue is empty is a queued one
        lost for certain. One that ended its worker too often becomes failed.
        """
        late = self.table.lease_until <= now
        self._give_up(session, late, now)
        states = (QUEUED, *self.at_work) if queue_is_empty else self.at_work
        return self._to_deliver(session, self.table.state.in_(states) & late, now)

    def sweep_long_queue(self, session: Session, *, now: datetime) -> tuple[str, ...]:
        """Find what may be lost although the queue is not empty, and return it.

        Each so rarely that deliveries do not pile up: a second one finds nothing to do.
        """
        waits_long = self.table.lease_until <= now - LONG_PATIENCE
        return self._to_deliver(session, (self.table.state == QUEUED) & waits_long, now)

    def _to_deliver(
        self, session: Session, lost: ColumnElement[bool], now: datetime
    ) -> tuple[str, ...]:
        return tuple(
            document_id
            for document_id in session.scalars(select(self.table.id).where(self.only, lost)).all()
            if self.change(session, document_id, lost, **released(now))
        )

    def _give_up(self, session: Session, ended: ColumnElement[bool], now: datetime) -> None:
        table = self.table
        hopeless = table.state.in_(self.at_work) & ended & (table.attempts >= MOST_ATTEMPTS)
        facts = {"attempts": MOST_ATTEMPTS}
        for document_id in session.scalars(select(table.id).where(self.only, hopeless)).all():
            self._failed(session, document_id, hopeless, GAVE_UP, facts, now)

    def _failed(
        self,
        session: Session,
        document_id: str,
        condition: ColumnElement[bool],
        code: str,
        facts: Facts,
        now: datetime,
    ) -> bool:
        return self.change(
            session,
            document_id,
            condition,
            state=FAILED,
            claim=None,
            lease_until=None,
            finished_at=now,
            reason_code=code,
            reason_facts=dict(facts),
        )


def released(now: datetime) -> dict[str, Any]:
    """Nobody has charge of it, and the queue has it for a while."""
    return {"state": QUEUED, "progress": 0, "claim": None, "lease_until": now + PATIENCE}
