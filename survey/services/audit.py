"""Write down who changed rights, banks and firms."""

from datetime import datetime

from sqlalchemy.orm import Session

from survey.core.errors import Facts
from survey.store.models import AuditEvent


def note(
    session: Session, *, act: str, subject: str, by: int | None, now: datetime, facts: Facts
) -> None:
    """Add one line to the log; `by` is None for an act of the installation itself."""
    session.add(AuditEvent(at=now, user_id=by, act=act, subject=subject, facts=dict(facts)))
