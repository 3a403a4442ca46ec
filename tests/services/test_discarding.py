"""A draft that is discarded: found by nobody, taken back as it was, or erased in the end."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from typing_extensions import override

from survey.core.errors import NotFound, SurveyError
from survey.services import (
    accounts,
    assessments,
    comments,
    digests,
    discarding,
    evidence,
    glance,
    invitations,
    moving,
    overview,
    presence,
    reopening,
    rounds,
    sharing,
    targets,
)
from survey.services.discarding import HELD, KEPT, AnotherUnderWay, Contents, WasSubmitted
from survey.services.people import Actor, OwnerOnly
from survey.services.sharing import Share
from survey.store.models import (
    AnswerChange,
    AnswerRow,
    Assessment,
    AuditEvent,
    EvidenceFile,
    Firm,
    Invitation,
    Presence,
    Target,
    Upload,
)
from tests.builders import a_profile, bank_data, level, words
from tests.stored import (
    NOW,
    a_consultant,
    a_file,
    a_firm,
    a_link,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)

LATER = NOW + timedelta(days=1)


def a_full_draft(session: Session, firm: Firm, owner: Actor) -> tuple[Assessment, Actor]:
    """A draft that has moved, with something in every table, and a colleague who works on it."""
    member = a_member(session, firm)
    draft = an_assessment(session, owner, answers={"planning": level(1)})
    a_version(session, bank_data(version=2))
    mark = moving.offer(session, owner, draft.id).mark
    moving.move(session, owner, draft.id, mark=mark, now=NOW)
    given = {"years": {"number": "5"}}
    assessments.save(session, member, draft.id, given=given, seen={}, now=NOW)
    comments.add(session, member, draft.id, "planning", text="?", now=NOW)
    a_file(session, member, draft.id)
    session.add(
        Upload(
            id="u" * 32,
            assessment_id=draft.id,
            question_key="years",
            name="a.pdf",
            size=9,
            started_by=member.user_id,
            touched_at=NOW,
        )
    )
    facts = {"assessment_id": draft.id, "domain_key": "first", "level": 3}
    session.add(Target(author_id=owner.user_id, at=NOW, **facts))
    shares = {"everything": Share(member.user_id)}
    sharing.share_out(session, owner, draft.id, shares=shares, now=NOW)
    presence.seen(session, member, draft.id, "everything", now=NOW)
    a_link(session, owner, draft.id)
    session.flush()
    return draft, member


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


def rows(session: Session) -> dict[str, int]:
    """How many rows each table has that belongs to assessments."""
    tables = (*HELD, Assessment, Presence)
    return {
        table.__tablename__: session.scalars(select(func.count()).select_from(table)).one()
        for table in tables
    }


def test_an_empty_one_is_gone_and_can_be_begun_again(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)

    discarding.discard(session, owner, draft.id, now=NOW)

    again = assessments.start(session, owner, version_id=draft.bank_version_id, now=NOW)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.act, event.subject) == ("discard-assessment", f"firm:{firm.id}")
    assert event.facts == {"assessment": draft.id}
    assert again.id != draft.id


def test_its_owner_is_told_what_is_in_it(session: Session) -> None:
    firm, owner = a_firm(session)
    draft, member = a_full_draft(session, firm, owner)
    cleared = {"years": None}
    assessments.save(session, member, draft.id, given=cleared, seen={"years": 1}, now=NOW)

    inside = discarding.contents(session, owner, draft.id)

    assert inside == Contents(answers=1, files=1, comments=1, colleagues=1)


def test_nobody_finds_a_discarded_one(session: Session) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm)
    draft, member = a_full_draft(session, firm, owner)
    file_id = session.scalars(select(EvidenceFile.id)).one()
    session.flush()

    discarding.discard(session, owner, draft.id, now=NOW)

    given = {"planning": level(2)}
    for act in (
        lambda: assessments.hub(session, owner, draft.id),
        lambda: assessments.save(session, member, draft.id, given=given, seen={}, now=LATER),
        lambda: assessments.submit(session, owner, draft.id, now=LATER),
        lambda: glance.whole_glance(session, member, draft.id, "everything")[0],
        lambda: comments.add(session, member, draft.id, "planning", text="!", now=LATER),
        lambda: evidence.open_file(session, owner, file_id),
        lambda: evidence.attached(session, owner, draft.id),
        lambda: evidence.remove(session, owner, file_id, now=LATER),
        lambda: moving.list_for(session, owner, draft.id),
        lambda: targets.set_targets(session, owner, draft.id, targets={"first": 4}, now=LATER),
        lambda: discarding.contents(session, owner, draft.id),
        lambda: discarding.discard(session, owner, draft.id, now=LATER),
    ):
        with pytest.raises(NotFound):
            act()
    assert assessments.list_for_firm(session, owner, firm.id) == []
    assert overview.standings(session, consultant, [firm.id]) == ()
    assert [line.assessments for line in accounts.list_firms(session, consultant)] == [0]
    assert overview.numbers(session, an_administrator(session)).under_way == 0
    assert digests.due(session, now=NOW + timedelta(days=2), every=timedelta(hours=1)) == ()
    assert digests.news(session, draft.id) is None


def test_facts_in_a_discarded_one_are_not_offered(session: Session) -> None:
    _, owner = a_firm(session)
    profile = {"profile": a_profile(words("main-product")), "size_by": None}
    first = a_version(session, bank_data(**profile, key="one"))
    held = an_assessment(session, owner, version=first, answers={"main-product": {"text": "阀门"}})
    other = an_assessment(session, owner, version=a_version(session, bank_data(**profile)))
    keys = ["main-product"]
    before = rounds.answered_elsewhere(session, other.id, keys)

    discarding.discard(session, owner, held.id, now=NOW)

    state = assessments.hub(session, owner, other.id)
    assert before
    assert not rounds.answered_elsewhere(session, other.id, keys)
    assert rounds.offered(session, state.assessment, state.bank, now=NOW) == {}


def test_the_newer_version_is_offered_where_its_own_draft_is_discarded(session: Session) -> None:
    _, owner = a_firm(session)
    old = an_assessment(session, owner)
    newer = an_assessment(session, owner, version=a_version(session, bank_data(version=2)))
    mine = [assessments.hub(session, owner, old.id).assessment]
    before = moving.newer(session, mine)

    discarding.discard(session, owner, newer.id, now=NOW)

    assert before == {}
    assert moving.newer(session, mine).keys() == {old.id}


def test_a_link_that_promised_sections_of_it_still_lets_in(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    secret = a_link(session, owner, draft.id)

    discarding.discard(session, owner, draft.id, now=NOW)

    opened = invitations.open_link(session, secret, now=NOW)
    assert (opened.assessment_id, opened.given) == (None, ())


def test_it_comes_back_as_it_was(session: Session) -> None:
    firm, owner = a_firm(session)
    draft, member = a_full_draft(session, firm, owner)
    before, held = assessments.hub(session, owner, draft.id).plain, rows(session)

    discarding.discard(session, owner, draft.id, now=NOW)
    (line,) = discarding.discarded(session, owner)
    discarding.restore(session, owner, line.id, now=LATER)

    assert (line.by, line.at, line.until) == ("王强", NOW, NOW + timedelta(days=30))
    assert (line.title.en, line.number) == ("Test bank", 2)
    assert discarding.discarded(session, owner) == ()
    assert assessments.hub(session, member, draft.id).plain == before
    assert rows(session) == held
    assert acts(session)[-2:] == ["discard-assessment", "restore-assessment"]


def test_it_does_not_come_back_beside_another_one_of_the_same_questions(session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    discarding.discard(session, owner, draft.id, now=NOW)
    assessments.start(session, owner, version_id=draft.bank_version_id, now=NOW)

    with pytest.raises(AnotherUnderWay):
        discarding.restore(session, owner, draft.id, now=LATER)


def test_after_its_time_it_is_erased_with_everything_and_nothing_else_is(session: Session) -> None:
    firm, owner = a_firm(session)
    other = a_submitted_assessment(session, a_firm(session, "别家企业")[1])
    kept = rows(session)
    draft, _ = a_full_draft(session, firm, owner)
    files = set(session.scalars(select(EvidenceFile.id))) | {"u" * 32}
    discarding.discard(session, owner, draft.id, now=NOW)
    draft_id = draft.id

    early = discarding.sweep(session, now=NOW + KEPT - timedelta(seconds=1))
    there = session.get(Assessment, draft_id) is not None
    erased = discarding.sweep(session, now=NOW + KEPT)
    session.expire_all()

    assert (list(early), there) == ([], True)
    assert set(erased) == files
    assert rows(session) == kept
    assert session.scalars(select(Assessment.id)).all() == [other.id]
    promise = session.scalars(select(Invitation)).one()
    assert (promise.assessment_id, promise.page_keys) == (None, [])
    assert acts(session)[-1] == "erase-assessment"
    with pytest.raises(NotFound):
        discarding.restore(session, owner, draft_id, now=NOW + KEPT)


class Meanwhile(threading.Thread):
    """An act in a transaction of its own, beside the one of the test; `ended` is how it ended."""

    def __init__(self, engine: Engine, act: Callable[[Session], None]) -> None:
        super().__init__(daemon=True)
        self.engine, self.act, self.ended = engine, act, ""
        self.start()
        self.join(0.5)  # by then it waits for the other one

    @override
    def run(self) -> None:
        try:
            with Session(self.engine) as session:
                self.act(session)
                session.commit()
            self.ended = "done"
        except SurveyError as error:
            self.ended = type(error).__name__


def test_what_is_being_erased_is_not_taken_back(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        draft_id = an_assessment(session, owner).id
        comments.add(session, owner, draft_id, "planning", text="?", now=NOW)
        discarding.discard(session, owner, draft_id, now=NOW)
        session.commit()
    others: list[Meanwhile] = []

    def restored(session: Session) -> None:
        discarding.restore(session, owner, draft_id, now=LATER)

    def between(*asked: Any) -> None:
        if asked[2].startswith("DELETE") and not others:
            others.append(Meanwhile(engine, restored))

    with Session(engine) as session:
        event.listen(session.connection(), "before_cursor_execute", between)
        discarding.sweep(session, now=NOW + KEPT)
        session.commit()
    others[0].join()

    assert others[0].ended == "NotFound"


def test_one_is_not_taken_back_while_a_colleague_begins_another(engine: Engine) -> None:
    with Session(engine) as session:
        _, owner = a_firm(session)
        draft = an_assessment(session, owner)
        draft_id, version_id = draft.id, draft.bank_version_id
        discarding.discard(session, owner, draft_id, now=NOW)
        session.commit()

    with Session(engine) as session:
        assessments.start(session, owner, version_id=version_id, now=NOW)
        other = Meanwhile(engine, lambda own: discarding.restore(own, owner, draft_id, now=LATER))
        session.commit()
    other.join()

    assert other.ended == "AnotherUnderWay"


@pytest.mark.parametrize("table", ["answer", "answer_change"])
def test_the_database_lets_nothing_be_erased_that_is_not_discarded(
    session: Session, table: str
) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner, answers={"planning": level(1)})
    session.commit()

    with pytest.raises(Exception, match="only grows"):
        session.execute(text(f"DELETE FROM {table}"))  # no input of anybody's
    session.rollback()

    assert session.scalars(select(AnswerRow.revision)).all() == [1]
    assert session.scalars(select(AnswerChange.revision)).all() == [1]


def _reopened(session: Session, owner: Actor) -> Assessment:
    done = a_submitted_assessment(session, owner)
    return reopening.reopen(session, owner, done.id, reason="?", now=NOW)


@pytest.mark.parametrize("make", [_reopened, a_submitted_assessment])
def test_what_was_ever_submitted_is_kept(
    session: Session, make: Callable[[Session, Actor], Assessment]
) -> None:
    _, owner = a_firm(session)
    kept = make(session, owner)

    for refused in (
        lambda: discarding.contents(session, owner, kept.id),
        lambda: discarding.discard(session, owner, kept.id, now=NOW),
    ):
        with pytest.raises(WasSubmitted):
            refused()
    assert kept.discarded_at is None


def test_only_the_owner_discards_and_restores(session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "另一家公司")
    member = a_member(session, firm)
    first = an_assessment(session, owner)
    second = an_assessment(session, owner, version=a_version(session, bank_data(version=2)))
    discarding.discard(session, owner, second.id, now=NOW)

    for act, place in ((discarding.discard, first.id), (discarding.restore, second.id)):
        with pytest.raises(OwnerOnly):
            act(session, member, place, now=NOW)
        for outsider in (stranger, a_consultant(session, firm)):
            with pytest.raises(NotFound):
                act(session, outsider, place, now=NOW)
    with pytest.raises(OwnerOnly):
        discarding.discarded(session, member)
    with pytest.raises(NotFound):
        discarding.discarded(session, a_consultant(session, firm))
    assert discarding.found(session, stranger, second.id) is None
    assert discarding.found(session, member, first.id) is None
    assert discarding.found(session, member, second.id) is not None
