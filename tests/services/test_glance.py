"""The short look at an assessment says what the long one says, to the same people."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey.core.bank import PROFILE
from survey.core.errors import NotFound
from survey.services import assessments, comments, glance
from survey.services.people import ASSIGNED, actor_of, recognise
from survey.store.models import Assessment, Membership, User
from tests.builders import FULL_ANSWERS, bank_data, edition, level
from tests.stored import (
    NOW,
    a_consultant,
    a_file,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)

PAGE = "everything"


def test_it_finds_the_bank_and_the_answers_that_the_long_look_finds(session: Session) -> None:
    _, owner = a_firm(session)
    begun = an_assessment(session, owner, answers={"planning": level(2), "years": {"number": "3"}})

    seen, rows, counted = glance.whole_glance(session, owner, begun.id, PAGE)

    opened = assessments.open_page(session, owner, begun.id, PAGE)
    assert seen.bank is opened.bank
    assert (seen.answerable, seen.offers, seen.files) == (True, False, False)
    assert counted == opened.progress
    assert {key: row.revision for key, row in rows.items()} == opened.revisions


def test_what_is_counted_follows_every_change(session: Session) -> None:
    _, owner = a_firm(session)
    begun = an_assessment(session, owner)
    before = glance.whole_glance(session, owner, begun.id, PAGE)[2]
    assessments.save(session, owner, begun.id, given={"planning": level(2)}, seen={}, now=NOW)

    after = glance.whole_glance(session, owner, begun.id, PAGE)[2]

    assert (before.answered, after.answered) == (0, 1)
    assert after == assessments.hub(session, owner, begun.id).progress


def test_it_sees_the_edition_that_is_answered(session: Session) -> None:
    _, owner = a_firm(session)
    version = a_version(session, bank_data(editions=[edition("planning", "share")]))
    begun = an_assessment(session, owner, version=version, edition="express")

    seen = glance.whole_glance(session, owner, begun.id, PAGE)[0]

    assert set(seen.bank.questions) == set(assessments.hub(session, owner, begun.id).bank.questions)


def test_a_submitted_one_takes_no_answers(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner, answers=FULL_ANSWERS)

    assert not glance.whole_glance(session, owner, done.id, PAGE)[0].answerable


def test_a_page_that_is_given_to_somebody_else_takes_no_answers(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    begun = an_assessment(session, owner)
    session.execute(
        update(Membership).where(Membership.user_id == member.user_id).values(scope=ASSIGNED)
    )

    seen = glance.whole_glance(session, actor_of(session, member.user_id), begun.id, PAGE)[0]

    assert not seen.answerable


def test_one_with_another_before_it_offers_answers(session: Session) -> None:
    _, owner = a_firm(session)
    before = a_submitted_assessment(session, owner, answers=FULL_ANSWERS)
    begun = assessments.start(session, owner, version_id=before.bank_version_id, now=NOW)

    assert session.get_one(Assessment, begun.id).previous_id == before.id
    assert glance.whole_glance(session, owner, begun.id, PAGE)[0].offers


def test_what_was_said_and_sent_matters_to_the_page_of_its_question(session: Session) -> None:
    _, owner = a_firm(session)
    begun = an_assessment(session, owner)
    a_file(session, owner, begun.id, question_key="planning")
    comments.add(session, owner, begun.id, "planning", text="谁来填？", now=NOW)

    here = glance.whole_glance(session, owner, begun.id, PAGE)[0]
    elsewhere = glance.whole_glance(session, owner, begun.id, PROFILE)[0]

    assert (here.files, here.talk) == (True, True)
    assert (elsewhere.files, elsewhere.talk) == (False, False)


def test_nobody_else_finds_it_and_no_page_is_invented(session: Session) -> None:
    firm, owner = a_firm(session)
    begun = an_assessment(session, owner)
    others = (a_firm(session)[1], a_consultant(session, firm), an_administrator(session))

    for actor in others:
        with pytest.raises(NotFound):
            glance.whole_glance(session, actor, begun.id, PAGE)[0]
    for assessment_id, page in ((999_999, PAGE), (begun.id, "nowhere"), (begun.id, "")):
        with pytest.raises(NotFound):
            glance.whole_glance(session, owner, assessment_id, page)[0]


def test_whoever_is_signed_in_is_recognised_with_the_rights_of_this_moment(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm, name="赵倩")
    user = session.get_one(User, member.user_id)

    known = recognise(session, user.fs_uniquifier)
    assert known is not None
    assert (known.name, known.email) == ("赵倩", user.email)
    assert known.actor == actor_of(session, member.user_id)
    assert recognise(session, "somebody else") is None

    session.execute(
        update(Membership).where(Membership.user_id == member.user_id).values(scope=ASSIGNED)
    )
    later = recognise(session, user.fs_uniquifier)
    assert later is not None
    assert later.actor.scope == ASSIGNED
    assert owner.owner

    user.active = False
    session.flush()
    assert recognise(session, user.fs_uniquifier) is None
