"""Going on from an edition to the whole bank, with every answer and target given so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey.core.editions import FULL
from survey.core.errors import SurveyError
from survey.services import assessments, assignments, targets
from survey.services.answer_rows import Attempt, Writer, rows_of
from survey.services.people import Actor, must_belong
from survey.store.db import begin_write
from survey.store.models import Assessment


class AlreadyFull(SurveyError):
    """A submitted assessment of the whole bank has nothing to go on to."""

    code = "already-full"


@dataclass(frozen=True, slots=True)
class GoneOn:
    """The assessment to go on with, and what became of it.

    `begun` tells that it is new, `widened` that it was under way and asked fewer questions
    before; `copied` counts the answers that it took over.
    """

    assessment: Assessment
    begun: bool
    widened: bool
    copied: int


def go_on(session: Session, actor: Actor, assessment_id: int, *, now: datetime) -> GoneOn:
    """Go on from an edition to the whole bank, with every answer and target given so far.

    A draft only changes its edition, and one of the whole bank stays as it is. A submitted
    assessment stays too: its answers are copied into the assessment of the same version that is
    under way, whatever the edition of that one was, or into a new one. Each is copied with a
    line of history; what was answered or cleared there already stays as it is.

    Raises NotFound for everybody but the firm's own people, NotAllSections, AlreadyFull,
    BankNotOpen.
    """
    begin_write(session)
    assessment = assessments.assessment_of(session, assessment_id, alone=True)
    must_belong(actor, assessment.firm_id)
    assignments.must_answer_all(actor)
    if assessment.submitted_at is None:
        return GoneOn(assessment, begun=False, widened=_widen(session, assessment), copied=0)
    if assessment.edition == FULL:
        raise AlreadyFull
    version, begun = assessment.bank_version, False
    draft = assessments.under_way_alone(session, actor.firm_id, version.id)
    if draft is None:
        assessments.must_be_open(session, version, FULL)
        before = assessment.previous_id  # its own answers come along
        draft, begun = assessments.begin_new(session, actor, version.id, FULL, before, now)
    widened = _widen(session, draft)
    writer = Writer(session, draft.id, actor.user_id, now)
    missing = _missing_in(session, assessment_id, draft.id)
    present = rows_of(session, draft.id)
    for key in sorted(missing):
        writer.take(Attempt(key, missing[key], 0), present.get(key))
    targets.copy(session, assessment_id, draft.id, by=actor.user_id, now=now)
    return GoneOn(draft, begun=begun, widened=widened, copied=len(missing))


def adds_to_draft(session: Session, actor: Actor, assessment_id: int) -> bool:
    """Whether going on from a submitted edition would change the assessment that is under way.

    No without one. Raises NotFound for everybody but the firm's own people.
    """
    assessment = assessments.assessment_of(session, assessment_id)
    must_belong(actor, assessment.firm_id)
    draft = assessments.under_way(session, actor, assessment.bank_version_id)
    if draft is None or assessment.submitted_at is None or assessment.edition == FULL:
        return False
    return draft.edition != FULL or bool(_missing_in(session, assessment_id, draft.id))


def _widen(session: Session, draft: Assessment) -> bool:
    """Make it ask the whole bank; say whether that is more than before."""
    if draft.edition == FULL:
        return False
    draft.edition = FULL
    session.flush()
    return True


def _missing_in(session: Session, source_id: int, draft_id: int) -> dict[str, dict[str, Any]]:
    """The answers that a draft lacks. One that was cleared there was taken away on purpose."""
    present = rows_of(session, draft_id)
    return {
        key: row.plain
        for key, row in rows_of(session, source_id).items()
        if row.plain is not None and (key not in present or not present[key].revision)
    }
