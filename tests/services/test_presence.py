"""Who has a page open: colleagues of the same page, named for a while, seen by nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.services import presence
from survey.store.models import Presence
from tests.stored import NOW, a_consultant, a_firm, a_member, an_administrator, an_assessment

SOON = NOW + timedelta(seconds=89)
TOO_LATE = NOW + timedelta(seconds=90)


def test_others_on_the_same_page_are_named_and_oneself_is_not(session: Session) -> None:
    firm, owner = a_firm(session)
    here, elsewhere = a_member(session, firm, "赵倩"), a_member(session, firm, "孙丽")
    draft = an_assessment(session, owner).id
    presence.seen(session, here, draft, "everything", now=NOW)
    presence.seen(session, elsewhere, draft, "profile", now=NOW)

    assert presence.seen(session, owner, draft, "everything", now=SOON) == ("赵倩",)
    assert presence.seen(session, here, draft, "everything", now=SOON) == ("王强",)


def test_who_gave_no_sign_for_a_while_is_forgotten(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner).id
    presence.seen(session, a_member(session, firm), draft, "everything", now=NOW)

    assert presence.seen(session, owner, draft, "profile", now=TOO_LATE) == ()
    assert session.scalar(select(func.count()).select_from(Presence)) == 1


def test_every_sign_counts_anew(session: Session) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm)
    draft = an_assessment(session, owner).id
    presence.seen(session, colleague, draft, "everything", now=NOW)
    presence.seen(session, colleague, draft, "everything", now=SOON)

    assert presence.seen(session, owner, draft, "everything", now=TOO_LATE) == ("赵倩",)


def test_only_the_firms_own_people_look_and_are_seen(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner).id
    _, stranger = a_firm(session, "另一家公司")

    for outsider in (stranger, a_consultant(session, firm), an_administrator(session)):
        with pytest.raises(NotFound):
            presence.seen(session, outsider, draft, "everything", now=NOW)
    assert presence.seen(session, owner, draft, "everything", now=NOW) == ()


def test_a_page_or_an_assessment_that_there_is_not_is_not_found(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner).id

    for assessment_id, page in ((draft, "no-such-page"), (99, "everything")):
        with pytest.raises(NotFound):
            presence.seen(session, owner, assessment_id, page, now=NOW)
