"""The owner's digest: when it is due, what it says, that it goes out once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, comments, digests, sharing
from survey.services.people import Actor
from survey.services.sharing import Share
from survey.store.models import Assessment, User
from tests.builders import FULL_ANSWERS
from tests.stored import NOW, a_firm, a_member, an_assessment

EVERY = timedelta(hours=24)
QUIET = NOW + timedelta(minutes=90)
"""A while after everybody fell silent."""


class Team:
    """A firm with an owner, a member, and a draft that nobody has answered."""

    def __init__(self, session: Session) -> None:
        self.session = session
        firm, self.owner = a_firm(session)
        self.member = a_member(session, firm)
        self.draft: Assessment = an_assessment(session, self.owner)

    def answers(self, who: Actor, key: str, number: str, *, at: datetime = NOW) -> None:
        present = assessments.hub(self.session, who, self.draft.id).revisions
        given = {key: {"number": number} if key == "years" else {"option": number}}
        saved = assessments.save(
            self.session, who, self.draft.id, given=given, seen={key: present.get(key, 0)}, now=at
        )
        assert saved.saved

    def due(self, now: datetime) -> tuple[int, ...]:
        return digests.due(self.session, now=now, every=EVERY)

    def send(self, now: datetime) -> digests.News | None:
        assert digests.claim(self.session, self.draft.id, now=now, every=EVERY)
        news = digests.news(self.session, self.draft.id)
        assert digests.sent(self.session, self.draft.id, claimed_at=now)
        return news


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session)


def test_a_letter_is_due_once_colleagues_have_been_quiet_for_an_hour(team: Team) -> None:
    team.answers(team.member, "years", "5")

    assert team.due(NOW + timedelta(minutes=59)) == ()
    assert team.due(NOW + timedelta(minutes=60)) == (team.draft.id,)


def test_what_the_owner_did_needs_no_letter(team: Team) -> None:
    team.answers(team.owner, "years", "5")
    comments.add(team.session, team.owner, team.draft.id, "years", text="?", now=NOW)
    shares = {"everything": Share(team.owner.user_id)}
    sharing.share_out(team.session, team.owner, team.draft.id, shares=shares, now=NOW)
    sharing.finish(team.session, team.owner, team.draft.id, "everything", now=NOW)

    assert team.due(QUIET) == ()
    assert digests.news(team.session, team.draft.id) is None


def test_the_letter_says_who_did_how_much_where(team: Team) -> None:
    shares = {"everything": Share(team.member.user_id)}
    sharing.share_out(team.session, team.owner, team.draft.id, shares=shares, now=NOW)
    team.answers(team.member, "years", "5")
    team.answers(team.member, "years", "6")
    team.answers(team.member, "size-class", "small")
    comments.add(team.session, team.member, team.draft.id, "years", text="?", now=NOW)
    sharing.finish(team.session, team.member, team.draft.id, "everything", now=NOW)

    news = digests.news(team.session, team.draft.id)

    assert news is not None
    assert (news.owner_name, news.locale, news.since) == ("王强", Locale.ZH, None)
    assert [(title.en, works) for title, works in news.pages] == [
        ("Profile", (digests.Work("赵倩", answers=1, comments=0, done=False),)),
        ("Section everything", (digests.Work("赵倩", answers=1, comments=1, done=True),)),
    ]


def test_the_next_letter_comes_a_day_later_and_says_what_is_new_alone(team: Team) -> None:
    team.answers(team.member, "years", "5")
    team.send(QUIET)
    afterwards = QUIET + timedelta(minutes=1)
    team.answers(team.member, "size-class", "small", at=afterwards)

    assert team.due(QUIET + timedelta(hours=23)) == ()
    assert team.due(QUIET + timedelta(hours=24)) == (team.draft.id,)
    news = team.send(QUIET + timedelta(hours=24))
    assert news is not None
    assert [title.en for title, _works in news.pages] == ["Profile"]


def test_without_news_there_is_no_letter(team: Team) -> None:
    team.answers(team.member, "years", "5")
    team.send(QUIET)

    assert team.due(QUIET + timedelta(days=30)) == ()


def test_a_letter_that_could_not_be_sent_is_due_again(team: Team) -> None:
    team.answers(team.member, "years", "5")
    assert digests.claim(team.session, team.draft.id, now=QUIET, every=EVERY)

    assert team.due(QUIET + timedelta(minutes=9)) == ()
    assert team.due(QUIET + timedelta(minutes=10)) == (team.draft.id,)
    again = QUIET + timedelta(minutes=10)
    assert digests.claim(team.session, team.draft.id, now=again, every=EVERY)
    assert not digests.sent(team.session, team.draft.id, claimed_at=QUIET)
    assert digests.sent(team.session, team.draft.id, claimed_at=again)


def test_nobody_is_written_to_about_what_is_handed_in_or_withdrawn(team: Team) -> None:
    comment = comments.add(team.session, team.member, team.draft.id, "years", text="?", now=NOW)
    waiting = team.due(QUIET)
    comments.withdraw(team.session, team.member, team.draft.id, comment.id, now=NOW)

    assert waiting == (team.draft.id,)
    assert team.due(QUIET) == ()

    for key, value in FULL_ANSWERS.items():
        assessments.save(
            team.session, team.member, team.draft.id, given={key: value}, seen={}, now=NOW
        )
    assessments.submit(team.session, team.owner, team.draft.id, now=NOW)
    assert team.due(QUIET) == ()
    assert digests.news(team.session, team.draft.id) is None


def test_a_deactivated_owner_is_not_written_to(team: Team) -> None:
    team.answers(team.member, "years", "5")
    team.session.get_one(User, team.owner.user_id).active = False
    team.session.flush()

    assert team.due(QUIET) == ()
    assert digests.news(team.session, team.draft.id) is None


def test_of_several_workers_one_takes_charge(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        team = Team(session)
        team.answers(team.member, "years", "5")
        draft_id = team.draft.id

    def takes_charge(_number: int) -> bool:
        with Session(engine) as session, session.begin():
            return digests.claim(session, draft_id, now=QUIET, every=EVERY)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(takes_charge, range(4)))

    assert sorted(taken) == [False, False, False, True]


def test_a_worker_that_comes_late_does_not_send_again(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        team = Team(session)
        team.answers(team.member, "years", "5")
        team.send(QUIET)

        assert not digests.claim(session, team.draft.id, now=QUIET, every=EVERY)
