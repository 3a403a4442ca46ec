"""Sharing an assessment out: whose a page is, who may answer it, who is done."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.services import accounts, assessments, assignments, sharing
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import Assigned, NotYourSection, may_answer, must_answer
from survey.services.people import Actor, OwnerOnly, actor_of
from survey.services.sharing import NotAColleague, Share, SharedMeanwhile
from survey.store.models import Assessment
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_assessment,
)

LATER = NOW + timedelta(hours=1)
DUE = date(2026, 3, 31)


class Team:
    """A firm with an owner and a member who answers given pages only, and a draft."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.firm, self.owner = a_firm(session)
        member = a_member(session, self.firm)
        accounts.set_scope(session, self.owner, user_id=member.user_id, scope="assigned", now=NOW)
        session.flush()
        self.member = actor_of(session, member.user_id)
        self.draft: Assessment = an_assessment(session, self.owner)

    def gives(self, who: Actor | None, due_on: date | None = None) -> None:
        share = Share(None if who is None else who.user_id, due_on)
        sharing.share_out(
            self.session, self.owner, self.draft.id, shares={"everything": share}, now=NOW
        )

    @property
    def given(self) -> dict[str, Assigned]:
        return assignments.of_assessment(self.session, self.draft.id)


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session)


def test_a_page_is_given_to_a_person_with_a_day(team: Team) -> None:
    team.gives(team.member, DUE)

    assert team.given == {"everything": Assigned(team.member.user_id, "赵倩", DUE, None)}


def test_a_page_is_taken_back(team: Team) -> None:
    team.gives(team.member)

    team.gives(None)

    assert team.given == {}


def test_another_day_keeps_the_word_about_being_done(team: Team) -> None:
    team.gives(team.member)
    sharing.finish(team.session, team.member, team.draft.id, "everything", now=LATER)

    team.gives(team.member, DUE)

    assert team.given["everything"] == Assigned(team.member.user_id, "赵倩", DUE, LATER)


def test_another_person_begins_anew(team: Team) -> None:
    team.gives(team.member, DUE)
    sharing.finish(team.session, team.member, team.draft.id, "everything", now=LATER)

    team.gives(team.owner)

    assert team.given["everything"] == Assigned(team.owner.user_id, "王强", None, None)


def test_what_was_seen_must_still_hold_or_nothing_is_given(team: Team) -> None:
    team.gives(team.member, DUE)
    shares = {"everything": Share(team.owner.user_id), "profile": Share(team.owner.user_id)}

    for seen in (Share(None), Share(team.member.user_id), Share(team.owner.user_id, DUE)):
        with pytest.raises(SharedMeanwhile) as refused:
            sharing.share_out(
                team.session, team.owner, team.draft.id,
                shares=shares, seen={"profile": Share(None), "everything": seen}, now=LATER,
            )  # fmt: skip
        assert refused.value.page_keys == ("everything",)
    before = team.given
    sharing.share_out(
        team.session, team.owner, team.draft.id,
        shares=shares, seen={"everything": Share(team.member.user_id, DUE)}, now=LATER,
    )  # fmt: skip

    assert before == {"everything": Assigned(team.member.user_id, "赵倩", DUE, None)}
    assert {key: each.name for key, each in team.given.items()} == dict.fromkeys(shares, "王强")


def test_whoever_is_quicker_by_a_moment_loses_nothing(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL lets somebody join between the look and the change."""
    team.gives(team.member)
    looked_at = team.given
    team.gives(team.owner)
    monkeypatch.setattr(assignments, "of_assessment", lambda *_: looked_at)
    with pytest.raises(SharedMeanwhile):
        team.gives(None)
    with pytest.raises(SharedMeanwhile):
        team.gives(team.member, DUE)
    monkeypatch.setattr(assignments, "of_assessment", lambda *_: {})
    with pytest.raises(SharedMeanwhile):
        team.gives(team.member)
    monkeypatch.undo()

    assert team.given["everything"].user_id == team.owner.user_id


def test_whoever_has_a_page_says_when_it_is_done_and_when_it_is_not(team: Team) -> None:
    team.gives(team.member)

    for _twice in range(2):
        sharing.finish(team.session, team.member, team.draft.id, "everything", now=LATER)
    done = team.given["everything"].done_at
    for _twice in range(2):
        sharing.take_up_again(team.session, team.member, team.draft.id, "everything")

    assert done == LATER
    assert team.given["everything"].done_at is None


def test_nobody_else_says_that_a_page_is_done(team: Team) -> None:
    team.gives(team.member)

    for page_key in ("everything", "profile"):
        with pytest.raises(NotYourSection):
            sharing.finish(team.session, team.owner, team.draft.id, page_key, now=LATER)
    with pytest.raises(NotFound):
        sharing.finish(team.session, team.member, team.draft.id, "nothing", now=LATER)


def test_only_the_owner_gives_pages_and_only_to_colleagues(team: Team) -> None:
    _, stranger = a_firm(team.session, "远山机械有限公司")
    consultant = a_consultant(team.session, team.firm)
    share = {"everything": Share(team.member.user_id)}

    with pytest.raises(OwnerOnly):
        sharing.share_out(team.session, team.member, team.draft.id, shares=share, now=NOW)
    for other in (stranger, consultant):
        with pytest.raises(NotFound):
            sharing.share_out(team.session, other, team.draft.id, shares=share, now=NOW)
        with pytest.raises(NotAColleague):
            team.gives(other)
    unknown = {"nothing": Share(team.member.user_id)}
    with pytest.raises(NotFound):
        sharing.share_out(team.session, team.owner, team.draft.id, shares=unknown, now=NOW)
    assert team.given == {}


def test_of_a_submitted_assessment_nothing_is_given_and_nothing_done(team: Team) -> None:
    done = a_submitted_assessment(team.session, team.owner)
    shares = {"everything": Share(team.member.user_id)}

    with pytest.raises(AlreadySubmitted):
        sharing.share_out(team.session, team.owner, done.id, shares=shares, now=NOW)
    with pytest.raises(AlreadySubmitted):
        sharing.finish(team.session, team.owner, done.id, "everything", now=NOW)


def test_who_answers_given_pages_only_saves_nothing_elsewhere(team: Team) -> None:
    team.gives(team.member)

    def saves(key: str, value: dict[str, object]) -> None:
        assessments.save(
            team.session, team.member, team.draft.id, given={key: value}, seen={}, now=LATER
        )

    saves("years", {"number": "5"})
    with pytest.raises(NotYourSection):
        saves("size-class", {"option": "small"})

    stored = assessments.hub(team.session, team.owner, team.draft.id).plain
    assert stored == {"years": {"number": "5"}}


def test_who_answers_all_pages_answers_also_those_of_others(team: Team) -> None:
    team.gives(team.member)
    pages = ["everything", "profile"]

    must_answer(team.session, team.owner, team.draft.id, pages)
    must_answer(team.session, team.member, team.draft.id, ["everything"])
    with pytest.raises(NotYourSection):
        must_answer(team.session, team.member, team.draft.id, pages)

    assert [may_answer(team.owner, team.given, page) for page in pages] == [True, True]
    assert [may_answer(team.member, team.given, page) for page in pages] == [True, False]


def test_pages_of_somebody_who_leaves_are_nobodys_again(team: Team) -> None:
    team.gives(team.member)
    submitted = a_submitted_assessment(team.session, a_firm(team.session, "别家公司")[1])

    accounts.remove_member(team.session, team.owner, user_id=team.member.user_id, now=LATER)

    assert team.given == {}
    assert submitted.submitted_at is not None
