"""Who has a page of the questionnaire open at this moment: a hint, and soon forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey.services.assessments import must_have_page
from survey.services.people import Actor
from survey.store.db import insert_if_absent, rows_changed
from survey.store.models import Presence, User

FORGOTTEN_AFTER = timedelta(seconds=90)


def seen(
    session: Session, actor: Actor, assessment_id: int, page_key: str, *, now: datetime
) -> tuple[str, ...]:
    """Note that the actor has this page open, and name the others who have, by name.

    Raises NotFound for everybody but the firm's own people, and for a page that there is not.
    """
    must_have_page(session, actor, assessment_id, page_key)
    own = {"assessment_id": assessment_id, "page_key": page_key, "user_id": actor.user_id}
    again = update(Presence).filter_by(**own).values(seen_at=now)
    if rows_changed(session, again) == 0:
        insert_if_absent(session, Presence, **own, seen_at=now)
    here = Presence.seen_at > now - FORGOTTEN_AFTER
    session.execute(delete(Presence).where(Presence.assessment_id == assessment_id, ~here))
    names = (
        select(User.name)
        .join(Presence, Presence.user_id == User.id)
        .where(
            here,
            Presence.assessment_id == assessment_id,
            Presence.page_key == page_key,
            User.id != actor.user_id,
        )
        .order_by(User.name, User.id)
    )
    return tuple(session.scalars(names))
