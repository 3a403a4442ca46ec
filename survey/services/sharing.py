"""Sharing an assessment out: the owner gives pages to people, who say when they are done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.services import assessments, assignments
from survey.services.assessments import AlreadySubmitted, State
from survey.services.assignments import Assigned, NotYourSection
from survey.services.people import Actor, must_own
from survey.store.db import begin_write, insert_if_absent, rows_changed
from survey.store.models import Assessment, Assignment, Membership


class NotAColleague(SurveyError):
    """Pages are given to people of the firm alone."""

    code = "not-a-colleague"


class SharedMeanwhile(SurveyError):
    """Somebody else gave these pages out, or took them back, since they were looked at."""

    code = "section-shared-meanwhile"

    def __init__(self, page_keys: Sequence[str]) -> None:
        super().__init__(section=page_keys[0])
        self.page_keys = tuple(page_keys)


@dataclass(frozen=True, slots=True)
class Share:
    """Whose a page is to be; None takes it back. A day is for somebody."""

    user_id: int | None
    due_on: date | None = None


def share_out(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    shares: Mapping[str, Share],
    now: datetime,
    seen: Mapping[str, Share] | None = None,
) -> None:
    """Give pages to people. Whoever keeps a page keeps the word about being done.

    What is `seen` of a page must still hold, unless it is already what it is to be; otherwise
    nothing is given out.

    Raises NotFound (also for a page that there is not), OwnerOnly, AlreadySubmitted,
    NotAColleague, SharedMeanwhile.
    """
    begin_write(session)
    state = assessments.hub(session, actor, assessment_id)
    must_own(actor, state.assessment.firm_id)
    _must_be_draft(state)
    if not shares.keys() <= state.progress.pages.keys():
        raise NotFound
    wanted = {share.user_id for share in shares.values()} - {None}
    if not wanted <= _colleagues(session, state.assessment.firm_id):
        raise NotAColleague
    present = assignments.of_assessment(session, assessment_id)
    shown = seen or {}
    known = {key: _share(present.get(key)) for key in shares}
    if changed := [
        key
        for key in state.progress.pages
        if key in shown and known[key] not in (shown[key], shares[key])
    ]:
        raise SharedMeanwhile(changed)
    for page_key in sorted(shares):
        share, before = shares[page_key], present.get(page_key)
        if not _give(session, assessment_id, page_key, share, before, actor.user_id, now):
            raise SharedMeanwhile([page_key])


def give_to_newcomer(
    session: Session,
    *,
    assessment_id: int,
    page_keys: list[str],
    user_id: int,
    promised_by: int,
    promised_at: datetime,
    now: datetime,
) -> None:
    """Keep what an invitation promised, unless the owner decided otherwise since.

    Of a submitted assessment nothing is given out. Whoever asks has asked for permission before.
    """
    draft = session.scalar(
        select(Assessment.id).where(
            Assessment.id == assessment_id, Assessment.submitted_at.is_(None)
        )
    )
    if draft is None:
        return
    for page_key in sorted(page_keys):
        session.execute(
            delete(Assignment).where(
                Assignment.assessment_id == assessment_id,
                Assignment.page_key == page_key,
                Assignment.assigned_at <= promised_at,
            ),
            execution_options={"synchronize_session": False},
        )
        insert_if_absent(
            session,
            Assignment,
            assessment_id=assessment_id,
            page_key=page_key,
            user_id=user_id,
            assigned_by=promised_by,
            assigned_at=now,
        )


def finish(
    session: Session, actor: Actor, assessment_id: int, page_key: str, *, now: datetime
) -> None:
    """Say that one's part is done; open questions are no hindrance. Twice changes nothing.

    Raises NotFound, AlreadySubmitted, NotYourSection for everybody but the one it was given to.
    """
    _say(session, actor, assessment_id, page_key, now)


def take_up_again(session: Session, actor: Actor, assessment_id: int, page_key: str) -> None:
    """Say that one's part is not done after all. Raises as `finish` does."""
    _say(session, actor, assessment_id, page_key, None)


def _say(
    session: Session,
    actor: Actor,
    assessment_id: int,
    page_key: str,
    done_at: datetime | None,
) -> None:
    begin_write(session)
    state = assessments.hub(session, actor, assessment_id)
    _must_be_draft(state)
    if page_key not in state.progress.pages:
        raise NotFound
    mine = assignments.of_assessment(session, assessment_id).get(page_key)
    if mine is None or mine.user_id != actor.user_id:
        raise NotYourSection
    if (mine.done_at is None) == (done_at is None):
        return
    _change(session, assessment_id, page_key, actor.user_id, {"done_at": done_at})


def _must_be_draft(state: State) -> None:
    if state.assessment.submitted_at is not None:
        raise AlreadySubmitted


def _colleagues(session: Session, firm_id: int) -> set[int | None]:
    return set(session.scalars(select(Membership.user_id).where(Membership.firm_id == firm_id)))


def _share(given: Assigned | None) -> Share:
    return Share(None) if given is None else Share(given.user_id, given.due_on)


def _give(
    session: Session,
    assessment_id: int,
    page_key: str,
    share: Share,
    before: Assigned | None,
    by: int,
    now: datetime,
) -> bool:
    """False if somebody else was quicker: it is not as it was `before`."""
    if _share(before) == share:
        return True
    if before is not None and before.user_id == share.user_id:
        return _change(session, assessment_id, page_key, before.user_id, {"due_on": share.due_on})
    if before is not None and not _taken_back(session, assessment_id, page_key, before.user_id):
        return False
    return share.user_id is None or insert_if_absent(
        session,
        Assignment,
        assessment_id=assessment_id,
        page_key=page_key,
        user_id=share.user_id,
        due_on=share.due_on,
        assigned_by=by,
        assigned_at=now,
    )


def _taken_back(session: Session, assessment_id: int, page_key: str, user_id: int) -> bool:
    statement = delete(Assignment).where(*_place(assessment_id, page_key, user_id))
    return rows_changed(session, statement) == 1


def _change(
    session: Session, assessment_id: int, page_key: str, user_id: int, values: Mapping[str, object]
) -> bool:
    statement = update(Assignment).where(*_place(assessment_id, page_key, user_id))
    return rows_changed(session, statement.values(**values)) == 1


def _place(assessment_id: int, page_key: str, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Assignment.assessment_id == assessment_id,
        Assignment.page_key == page_key,
        Assignment.user_id == user_id,
    )
