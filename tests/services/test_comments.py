"""Comments on questions: said, withdrawn, counted, and every refusal."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.services import comments
from survey.services.assessments import AlreadySubmitted
from survey.services.comments import CommentMissing, CommentTooLong, NotYourComment
from survey.services.people import Actor
from survey.store.models import Comment
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_administrator,
    an_assessment,
)

LATER = NOW + timedelta(hours=1)


def say(session: Session, who: Actor, assessment_id: int, text: str = "去年的数？") -> Comment:
    return comments.add(session, who, assessment_id, "years", text=text, now=NOW)


def test_colleagues_read_what_was_said_in_its_order(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)

    say(session, member, draft.id, "去年的数？")
    say(session, owner, draft.id, "是的。")

    lines = comments.of_question(session, owner, draft.id, "years")
    assert [(line.author, line.text) for line in lines] == [
        ("赵倩", "去年的数？"),
        ("王强", "是的。"),
    ]
    assert comments.counts(session, draft.id) == {"years": 2}


def test_a_withdrawn_comment_leaves_its_place_and_not_its_words(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    comment = say(session, owner, draft.id)

    for _twice in range(2):
        comments.withdraw(session, owner, draft.id, comment.id, now=LATER)

    (line,) = comments.of_question(session, owner, draft.id, "years")
    assert (line.withdrawn, line.text) == (True, "")
    assert comments.counts(session, draft.id) == {}


def test_nobody_withdraws_what_somebody_else_said(session: Session) -> None:
    firm, owner = a_firm(session)
    draft, other = an_assessment(session, owner), an_assessment(session, a_firm(session)[1])
    comment = say(session, a_member(session, firm), draft.id)

    with pytest.raises(NotYourComment):
        comments.withdraw(session, owner, draft.id, comment.id, now=LATER)
    for assessment_id, comment_id in ((other.id, comment.id), (draft.id, 999)):
        with pytest.raises(NotFound):
            comments.withdraw(session, owner, assessment_id, comment_id, now=LATER)


def test_only_the_firms_own_people_read_and_write(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    others = (
        a_firm(session, "远山机械有限公司")[1],
        a_consultant(session, firm),
        an_administrator(session),
    )

    for other in others:
        with pytest.raises(NotFound):
            say(session, other, draft.id)
        with pytest.raises(NotFound):
            comments.of_question(session, other, draft.id, "years")


def test_a_comment_needs_words_a_question_and_not_too_many_signs(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    for empty in ("", " \n ", "\x00\u202e"):
        with pytest.raises(CommentMissing):
            say(session, owner, draft.id, empty)
    with pytest.raises(CommentTooLong):
        say(session, owner, draft.id, "长" * 2001)
    with pytest.raises(NotFound):
        comments.add(session, owner, draft.id, "no-question", text="?", now=NOW)
    assert comments.counts(session, draft.id) == {}


def test_odd_signs_are_kept_or_left_out_but_never_break_anything(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    say(session, owner, draft.id, "一\r\n\x00二\u202e三 👩\u200d🔧 𠮷\ud800\u3000四")

    (line,) = comments.of_question(session, owner, draft.id, "years")
    assert line.text == "一\n二三 👩\u200d🔧 𠮷\u3000四"


def test_after_submission_comments_are_for_reading(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    with pytest.raises(AlreadySubmitted):
        say(session, owner, done.id)
    assert comments.of_question(session, owner, done.id, "years") == ()


def test_a_comment_made_before_submission_cannot_be_withdrawn_after_it(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    comment = say(session, owner, draft.id)
    draft.submitted_at, draft.submitted_by, draft.result = NOW, owner.user_id, {}
    session.flush()

    with pytest.raises(AlreadySubmitted):
        comments.withdraw(session, owner, draft.id, comment.id, now=LATER)
