"""Invitations by link: who makes them, who joins by them, and every refusal."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.core.text import Locale
from survey.services import accounts, assignments, invitations, sharing
from survey.services.accounts import AlreadyInAFirm, UnknownScope
from survey.services.assessments import AlreadySubmitted
from survey.services.invitations import (
    AlreadyUsed,
    BadDays,
    Expired,
    NameMissing,
    NameTooLong,
    NotForThisAccount,
    State,
    TooManyOpen,
    Withdrawn,
)
from survey.services.people import FIRM, Actor, OwnerOnly, actor_of
from survey.services.sharing import Share
from survey.store.models import AuditEvent, Invitation, Membership, User
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_user,
    an_administrator,
    an_assessment,
)

LATER = NOW + timedelta(days=1)


def a_link(session: Session, actor: Actor, **facts: Any) -> str:
    usual: dict[str, Any] = {"name": "周 明", "locale": Locale.EN, "scope": "all", "now": NOW}
    return invitations.invite(session, actor, **(usual | facts))


def the_only(session: Session, owner: Actor) -> invitations.Line:
    (line,) = invitations.list_for_firm(session, owner, now=LATER)
    return line


def test_whoever_opens_a_link_reads_who_invites_into_which_firm(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)

    secret = a_link(session, owner, assessment_id=draft.id, page_keys=["everything"])
    opened = invitations.open_link(session, secret, now=LATER)

    assert (opened.firm_name, opened.name, opened.invited_by) == (firm.name, "周 明", "王强")
    assert opened.locale is Locale.EN
    assert [title.en for title in opened.given] == ["Section everything"]


def test_the_secret_itself_is_stored_nowhere(session: Session) -> None:
    _, owner = a_firm(session)

    secret = a_link(session, owner)

    row = session.scalars(select(Invitation)).one()
    assert secret not in str(vars(row))
    assert len(row.token_sha256) == 64


def test_a_newcomer_joins_with_the_scope_and_the_sections_of_the_link(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    secret = a_link(
        session, owner, scope="assigned", assessment_id=draft.id, page_keys=["everything"]
    )
    user = a_user(session, FIRM, name="周明")

    invitations.accept(session, secret, user=user, now=LATER)

    newcomer = actor_of(session, user.id)
    assert (newcomer.firm_id, newcomer.owner, newcomer.scope) == (firm.id, False, "assigned")
    given = assignments.of_assessment(session, draft.id)
    assert {key: each.user_id for key, each in given.items()} == {"everything": user.id}
    line = the_only(session, owner)
    assert (line.state, line.accepted_by, line.accepted_at) == (State.USED, "周明", LATER)


def test_what_the_owner_decided_after_the_invitation_stays(session: Session) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    member = a_member(session, firm)
    keys = ["everything", "profile"]
    before = {"profile": Share(member.user_id)}
    sharing.share_out(session, owner, draft.id, shares=before, now=NOW - timedelta(days=1))
    secret = a_link(session, owner, assessment_id=draft.id, page_keys=keys)
    after = {"everything": Share(member.user_id)}
    sharing.share_out(session, owner, draft.id, shares=after, now=NOW + timedelta(hours=1))
    user = a_user(session, FIRM)

    invitations.accept(session, secret, user=user, now=LATER)

    given = assignments.of_assessment(session, draft.id)
    assert given["everything"].user_id == member.user_id
    assert given["profile"].user_id == user.id


def test_sections_of_an_assessment_that_was_submitted_meanwhile_are_not_given(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    secret = a_link(session, owner, assessment_id=draft.id, page_keys=["everything"])
    draft.submitted_at, draft.submitted_by, draft.result = NOW, owner.user_id, {}
    session.flush()
    user = a_user(session, FIRM)

    invitations.accept(session, secret, user=user, now=LATER)

    assert assignments.of_assessment(session, draft.id) == {}
    assert actor_of(session, user.id).firm_id == owner.firm_id


def test_a_link_lets_one_person_in(session: Session) -> None:
    _, owner = a_firm(session)
    secret = a_link(session, owner)
    invitations.accept(session, secret, user=a_user(session, FIRM), now=LATER)

    with pytest.raises(AlreadyUsed) as refused:
        invitations.accept(session, secret, user=a_user(session, FIRM), now=LATER)
    with pytest.raises(AlreadyUsed):
        invitations.open_link(session, secret, now=LATER)

    assert refused.value.facts["locale"] == "en"


def test_a_withdrawn_link_lets_nobody_in(session: Session) -> None:
    _, owner = a_firm(session)
    secret = a_link(session, owner)
    line = the_only(session, owner)

    for _twice in range(2):
        invitations.withdraw(session, owner, line.id, now=LATER)

    with pytest.raises(Withdrawn):
        invitations.open_link(session, secret, now=LATER)
    with pytest.raises(Withdrawn):
        invitations.accept(session, secret, user=a_user(session, FIRM), now=LATER)
    assert the_only(session, owner).state is State.WITHDRAWN


def test_whoever_is_not_an_active_owner_any_more_lets_nobody_in(session: Session) -> None:
    _, owner = a_firm(session)
    secret = a_link(session, owner)
    user = session.get_one(User, owner.user_id)
    membership = session.get_one(Membership, owner.user_id)
    elsewhere, _ = a_firm(session, "远山机械有限公司")
    own = membership.firm_id

    def outcome(*, active: bool, standing: str, firm_id: int) -> str:
        user.active, membership.standing, membership.firm_id = active, standing, firm_id
        session.flush()
        try:
            invitations.open_link(session, secret, now=LATER)
        except Withdrawn:
            with pytest.raises(Withdrawn):
                invitations.accept(session, secret, user=a_user(session, FIRM), now=LATER)
            return "withdrawn"
        return "open"

    assert outcome(active=False, standing="owner", firm_id=own) == "withdrawn"
    assert outcome(active=True, standing="member", firm_id=own) == "withdrawn"
    assert outcome(active=True, standing="owner", firm_id=elsewhere.id) == "withdrawn"
    assert outcome(active=True, standing="owner", firm_id=own) == "open"


def test_closing_an_account_withdraws_its_open_links_for_good(session: Session) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    administrator = an_administrator(session)
    a_link(session, owner, days=1)
    used, secret, theirs = a_link(session, owner), a_link(session, owner), a_link(session, other)
    invitations.accept(session, used, user=a_user(session, FIRM), now=NOW)

    withdrawn = accounts.deactivate(session, administrator, user_id=owner.user_id, now=LATER)
    accounts.activate(session, administrator, user_id=owner.user_id, now=LATER)

    assert withdrawn == 1  # one is used, one has expired
    with pytest.raises(Withdrawn):
        invitations.open_link(session, secret, now=LATER)
    with pytest.raises(AlreadyUsed):
        invitations.open_link(session, used, now=LATER)
    assert invitations.open_link(session, theirs, now=LATER).invited_by == "王强"


def test_a_used_link_cannot_be_withdrawn(session: Session) -> None:
    _, owner = a_firm(session)
    secret = a_link(session, owner)
    invitations.accept(session, secret, user=a_user(session, FIRM), now=LATER)

    with pytest.raises(AlreadyUsed):
        invitations.withdraw(session, owner, the_only(session, owner).id, now=LATER)


def test_a_link_works_until_its_last_moment(session: Session) -> None:
    _, owner = a_firm(session)
    secret = a_link(session, owner, days=1)
    last = NOW + timedelta(days=1)

    invitations.open_link(session, secret, now=last - timedelta(seconds=1))

    with pytest.raises(Expired):
        invitations.open_link(session, secret, now=last)
    with pytest.raises(Expired):
        invitations.accept(session, secret, user=a_user(session, FIRM), now=last)
    assert invitations.list_for_firm(session, owner, now=last)[0].state is State.EXPIRED


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "a" * 200])
def test_an_unknown_secret_opens_nothing(session: Session, secret: str) -> None:
    a_link(session, a_firm(session)[1])

    with pytest.raises(NotFound):
        invitations.open_link(session, secret, now=NOW)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"days": 0}, BadDays),
        ({"days": 31}, BadDays),
        ({"name": " "}, NameMissing),
        ({"name": "明" * 121}, NameTooLong),
        ({"scope": "some"}, UnknownScope),
        ({"page_keys": ["everything"]}, NotFound),
        ({"assessment_id": 1, "page_keys": ["nothing"]}, NotFound),
        ({"assessment_id": 999}, NotFound),
    ],
)
def test_an_invitation_with_a_fault_is_refused(
    session: Session, facts: dict[str, Any], refusal: type[SurveyError]
) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner)

    with pytest.raises(refusal):
        a_link(session, owner, **facts)

    assert session.scalars(select(Invitation)).all() == []


def test_sections_of_a_submitted_assessment_cannot_be_promised(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)

    with pytest.raises(AlreadySubmitted):
        a_link(session, owner, assessment_id=done.id, page_keys=["everything"])


def test_a_firm_has_a_limited_number_of_open_links(session: Session) -> None:
    _, owner = a_firm(session)
    for _each in range(invitations.MOST_OPEN):
        a_link(session, owner)

    with pytest.raises(TooManyOpen):
        a_link(session, owner)


def test_only_the_owner_has_to_do_with_a_firms_links(session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    member = a_member(session, firm)
    a_link(session, owner)
    line = the_only(session, owner)

    with pytest.raises(OwnerOnly):
        a_link(session, member)
    with pytest.raises(OwnerOnly):
        invitations.list_for_firm(session, member, now=NOW)
    with pytest.raises(OwnerOnly):
        invitations.withdraw(session, member, line.id, now=NOW)
    with pytest.raises(NotFound):
        invitations.withdraw(session, stranger, line.id, now=NOW)
    with pytest.raises(NotFound):
        a_link(session, a_consultant(session, firm))


def test_whoever_belongs_to_a_firm_or_looks_after_firms_cannot_join(session: Session) -> None:
    firm, owner = a_firm(session)
    member, consultant = a_member(session, firm), a_consultant(session)
    secret = a_link(session, owner)
    users = [session.get_one(User, each.user_id) for each in (member, consultant)]

    with pytest.raises(AlreadyInAFirm):
        invitations.accept(session, secret, user=users[0], now=LATER)
    session.rollback()
    _, owner = a_firm(session)
    secret = a_link(session, owner)
    consultant = a_consultant(session)
    with pytest.raises(NotForThisAccount):
        invitations.accept(
            session, secret, user=session.get_one(User, consultant.user_id), now=LATER
        )


def test_who_may_join_is_said_before_trying(session: Session) -> None:
    firm, owner = a_firm(session)
    free, taken = a_user(session, FIRM), session.get_one(User, owner.user_id)
    consultant = session.get_one(User, a_consultant(session, firm).user_id)

    said = [invitations.may_join(session, user) for user in (free, taken, consultant)]

    assert said == [True, False, False]


def test_making_using_and_withdrawing_are_noted(session: Session) -> None:
    _, owner = a_firm(session)
    used, withdrawn = a_link(session, owner), a_link(session, owner)
    invitations.accept(session, used, user=a_user(session, FIRM), now=LATER)
    newest = invitations.list_for_firm(session, owner, now=LATER)[0]
    invitations.withdraw(session, owner, newest.id, now=LATER)
    session.flush()

    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()

    assert [each.act for each in events] == [
        "invite",
        "invite",
        "accept-invitation",
        "withdraw-invitation",
    ]
    assert withdrawn not in str([each.facts for each in events])


def outcomes_of(engine: Engine, secrets: Sequence[str], email: str) -> list[str]:
    """What becomes of people who join at the same moment by these links, all with one address."""

    def joins(secret: str) -> str:
        with Session(engine) as session:
            user = session.scalars(select(User).where(User.email == email)).one_or_none()
            start.wait()
            try:
                user = user or accounts.create_user(
                    session,
                    email=email,
                    name="新人",
                    password_hash="!",
                    roles=[FIRM],
                    locale=Locale.ZH,
                    now=LATER,
                )
                invitations.accept(session, secret, user=user, now=LATER)
                session.commit()
            except SurveyError as error:
                session.rollback()
                return error.code
            return "joined"

    start = Barrier(len(secrets), timeout=30)
    with ThreadPoolExecutor(len(secrets)) as pool:
        return sorted(pool.map(joins, secrets))


def test_of_two_who_join_with_one_address_at_the_same_moment_one_does(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        firm, owner = a_firm(session)
        firm_id, secrets = firm.id, [a_link(session, owner), a_link(session, owner)]

    outcomes = outcomes_of(engine, secrets, "new@example.com")

    with Session(engine) as session:
        newcomer = session.scalars(select(User).where(User.email == "new@example.com")).one()
        assert session.get_one(Membership, newcomer.id).firm_id == firm_id
    assert outcomes == ["email-taken", "joined"]


def test_nobody_joins_two_firms_at_the_same_moment(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        secrets = [a_link(session, a_firm(session, name)[1]) for name in ("甲厂", "乙厂")]
        a_user(session, FIRM, email="both@example.com")

    outcomes = outcomes_of(engine, secrets, "both@example.com")

    assert outcomes == ["already-in-a-firm", "joined"]


def test_of_two_who_use_a_link_at_the_same_moment_one_joins(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        firm, owner = a_firm(session)
        firm_id, secret = firm.id, a_link(session, owner)

    def joins(number: int) -> bool:
        with Session(engine) as session:
            try:
                user = accounts.create_user(
                    session,
                    email=f"n{number}@example.com",
                    name="新人",
                    password_hash="!",
                    roles=[FIRM],
                    locale=Locale.ZH,
                    now=LATER,
                )
                invitations.accept(session, secret, user=user, now=LATER)
            except AlreadyUsed:
                session.rollback()
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(4) as pool:
        joined: Sequence[bool] = list(pool.map(joins, range(4)))

    with Session(engine) as session:
        members = session.scalars(
            select(Membership.user_id).where(Membership.firm_id == firm_id)
        ).all()
        strangers = session.scalars(select(User).where(User.email.like("n%@example.com"))).all()
    assert sorted(joined) == [False, False, False, True]
    assert len(members) == 2
    assert len(strangers) == 1
