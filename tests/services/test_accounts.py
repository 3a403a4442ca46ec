"""People and firms: who may do what, and every refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.core.text import Locale
from survey.services import accounts, assignments, sharing
from survey.services.accounts import (
    AlreadyInAFirm,
    EmailTaken,
    FirmNameMissing,
    FirmNameTooLong,
    FirmRoleFixed,
    LastAdministrator,
    NotAConsultant,
    OwnerAnswersAll,
    OwnerStays,
    UnknownRole,
    UnknownScope,
)
from survey.services.people import (
    ADMINISTRATOR,
    CONSULTANT,
    Actor,
    OwnerOnly,
    actor_of,
    must_see_firm,
    recognise,
)
from survey.services.sharing import Share
from survey.store.models import AuditEvent, ConsultantFirm, User
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


def acts(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


# --------------------------------------------------------------- people, firms


def test_the_person_who_registers_a_firm_owns_it(session: Session) -> None:
    user = a_user(session)

    firm = accounts.register_firm(session, user=user, firm_name="  远山  机械 ", now=NOW)

    assert firm.name == "远山 机械"
    assert actor_of(session, user.id) == Actor(user.id, frozenset({"firm"}), firm.id, owner=True)
    assert accounts.own_firm(session, actor_of(session, user.id)).id == firm.id
    assert acts(session) == ["register-firm"]


def test_a_firm_needs_a_name_of_reasonable_length(session: Session) -> None:
    user = a_user(session)

    with pytest.raises(FirmNameMissing):
        accounts.register_firm(session, user=user, firm_name=" \t", now=NOW)
    with pytest.raises(FirmNameTooLong):
        accounts.register_firm(session, user=user, firm_name="长" * 201, now=NOW)


def test_an_address_has_one_account_however_it_is_written(session: Session) -> None:
    user = a_user(session, email="Li.Min@example.com")

    with pytest.raises(EmailTaken):
        a_user(session, email="li.min@EXAMPLE.com")

    found = accounts.user_by_email(session, " LI.MIN@example.com ")
    assert found is not None
    assert found.id == user.id
    assert accounts.user_by_email(session, "nobody@example.com") is None


def test_an_unknown_role_is_refused(session: Session) -> None:
    with pytest.raises(UnknownRole):
        a_user(session, "director")


def test_a_person_has_a_language(session: Session) -> None:
    assert a_user(session, locale=Locale.EN).locale == "en"


def test_a_person_belongs_to_one_firm_at_most(session: Session) -> None:
    _, owner = a_firm(session)
    _, other_owner = a_firm(session, "另一家公司")
    taken = session.get_one(User, other_owner.user_id)

    with pytest.raises(AlreadyInAFirm):
        accounts.register_firm(session, user=taken, firm_name="第三家公司", now=NOW)
    with pytest.raises(AlreadyInAFirm):
        accounts.add_member(session, owner, user=taken, now=NOW)


def test_the_owner_takes_people_in_and_lets_them_go(session: Session) -> None:
    firm, owner = a_firm(session)
    user = a_user(session)

    accounts.add_member(session, owner, user=user, now=NOW)
    member = actor_of(session, user.id)
    listed = accounts.list_members(session, member)
    accounts.remove_member(session, owner, user_id=user.id, now=LATER)
    session.flush()

    assert (member.firm_id, member.owner) == (firm.id, False)
    assert [person.standing for person in listed] == ["owner", "member"]
    assert actor_of(session, user.id).firm_id is None
    assert acts(session) == ["add-member", "remove-member"]


def test_a_member_leaves_and_what_was_assigned_is_nobodys(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)
    shares = {"everything": Share(member.user_id)}
    sharing.share_out(session, owner, draft.id, shares=shares, now=NOW)

    accounts.leave_firm(session, member, now=LATER)
    session.flush()

    assert actor_of(session, member.user_id).firm_id is None
    assert assignments.of_assessment(session, draft.id) == {}
    assert acts(session)[-1] == "leave-firm"


def test_neither_owners_nor_people_without_a_firm_leave_one(session: Session) -> None:
    _, owner = a_firm(session)
    lonely = actor_of(session, a_user(session).id)

    with pytest.raises(OwnerStays):
        accounts.leave_firm(session, owner, now=NOW)
    with pytest.raises(NotFound):
        accounts.leave_firm(session, lonely, now=NOW)


def test_members_do_not_manage_people(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    user = a_user(session)

    with pytest.raises(OwnerOnly):
        accounts.add_member(session, member, user=user, now=NOW)
    with pytest.raises(OwnerOnly):
        accounts.remove_member(session, member, user_id=owner.user_id, now=NOW)
    with pytest.raises(OwnerOnly):
        accounts.rename_firm(session, member, firm_name="新名称", now=NOW)


def test_the_owner_stays_and_strangers_are_not_found(session: Session) -> None:
    _, owner = a_firm(session)
    _, other_owner = a_firm(session, "另一家公司")

    with pytest.raises(OwnerStays):
        accounts.remove_member(session, owner, user_id=owner.user_id, now=NOW)
    with pytest.raises(NotFound):
        accounts.remove_member(session, owner, user_id=other_owner.user_id, now=NOW)
    with pytest.raises(NotFound):
        accounts.remove_member(session, owner, user_id=99, now=NOW)


def test_people_without_a_firm_have_no_firm_to_manage(session: Session) -> None:
    lonely = actor_of(session, a_user(session).id)

    with pytest.raises(NotFound):
        accounts.list_members(session, lonely)
    with pytest.raises(NotFound):
        accounts.own_firm(session, lonely)
    with pytest.raises(NotFound):
        accounts.rename_firm(session, lonely, firm_name="新名称", now=NOW)
    with pytest.raises(NotFound):
        accounts.add_member(session, lonely, user=a_user(session), now=NOW)


def test_the_owner_renames_the_firm(session: Session) -> None:
    firm, owner = a_firm(session)

    accounts.rename_firm(session, owner, firm_name="新名称", now=NOW)

    assert firm.name == "新名称"
    assert acts(session) == ["rename-firm"]


def test_a_deactivated_person_acts_no_more(session: Session) -> None:
    firm, _ = a_firm(session)
    member, administrator = a_member(session, firm), an_administrator(session)
    before = session.get_one(User, member.user_id).fs_uniquifier

    accounts.deactivate(session, administrator, user_id=member.user_id, now=NOW)
    session.flush()

    with pytest.raises(NotFound):
        actor_of(session, member.user_id)
    assert session.get_one(User, member.user_id).fs_uniquifier != before

    accounts.activate(session, administrator, user_id=member.user_id, now=LATER)
    session.flush()
    assert actor_of(session, member.user_id).firm_id == firm.id


def test_whoever_signs_out_everywhere_is_recognised_nowhere(session: Session) -> None:
    _, owner = a_firm(session)
    before = session.get_one(User, owner.user_id).fs_uniquifier

    accounts.sign_out_everywhere(session, owner, now=NOW)
    session.flush()

    assert recognise(session, before) is None
    assert acts(session) == ["sign-out-everywhere"]


def test_nobody_is_nobody(session: Session) -> None:
    with pytest.raises(NotFound):
        actor_of(session, 99)


# ---------------------------------------------------------- consultants, rights


def test_a_consultant_sees_the_assigned_firms_and_no_others(session: Session) -> None:
    firm, _ = a_firm(session)
    other, _ = a_firm(session, "另一家公司")
    administrator, consultant = an_administrator(session), a_consultant(session)

    for _ in range(2):
        accounts.assign_consultant(
            session, administrator, consultant_id=consultant.user_id, firm_id=firm.id, now=NOW
        )
    session.flush()

    must_see_firm(session, consultant, firm.id)
    assert [line.id for line in accounts.list_firms(session, consultant)] == [firm.id]
    with pytest.raises(NotFound):
        must_see_firm(session, consultant, other.id)

    for _ in range(2):
        accounts.unassign(
            session, administrator, consultant_id=consultant.user_id, firm_id=firm.id, now=NOW
        )
        session.flush()
    with pytest.raises(NotFound):
        must_see_firm(session, consultant, firm.id)
    assert acts(session) == ["assign-consultant", "unassign-consultant"]


def test_only_consultants_are_assigned_to_firms_that_exist(session: Session) -> None:
    firm, owner = a_firm(session)
    administrator, consultant = an_administrator(session), a_consultant(session)

    with pytest.raises(NotAConsultant):
        accounts.assign_consultant(
            session, administrator, consultant_id=owner.user_id, firm_id=firm.id, now=NOW
        )
    for consultant_id, firm_id in ((99, firm.id), (consultant.user_id, 99)):
        with pytest.raises(NotFound):
            accounts.assign_consultant(
                session, administrator, consultant_id=consultant_id, firm_id=firm_id, now=NOW
            )


def test_administrators_see_every_firm_with_its_numbers(session: Session) -> None:
    firm, owner = a_firm(session)
    a_member(session, firm)
    a_submitted_assessment(session, owner)
    a_consultant(session, firm, name="陈顾问")
    a_firm(session, "另一家公司")
    administrator = an_administrator(session)

    lines = {line.name: line for line in accounts.list_firms(session, administrator)}

    line = lines["江海阀门有限公司"]
    assert (line.people, line.assessments, line.latest_submitted) == (2, 1, NOW)
    assert line.consultants == ("陈顾问",)
    assert lines["另一家公司"].latest_submitted is None


def test_a_firms_people_see_no_list_of_firms(session: Session) -> None:
    _, owner = a_firm(session)

    assert accounts.list_firms(session, owner) == ()


def test_administrators_see_people_and_consultants_of_a_firm(session: Session) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm)
    administrator = an_administrator(session)

    assert [p.id for p in accounts.firm_people(session, administrator, firm.id)] == [owner.user_id]
    assert [p.id for p in accounts.consultants_of(session, administrator, firm.id)] == [
        consultant.user_id
    ]
    assert len(accounts.list_users(session, administrator)) == 3
    with pytest.raises(NotFound):
        accounts.firm_people(session, administrator, 99)


def test_a_new_role_replaces_the_old_one_and_what_came_with_it(session: Session) -> None:
    firm, _ = a_firm(session)
    administrator, consultant = an_administrator(session), a_consultant(session, firm)

    accounts.set_role(
        session, administrator, user_id=consultant.user_id, role=ADMINISTRATOR, now=NOW
    )
    session.flush()

    assert actor_of(session, consultant.user_id).roles == {ADMINISTRATOR}
    assert session.scalar(select(ConsultantFirm)) is None
    accounts.set_role(session, administrator, user_id=consultant.user_id, role=CONSULTANT, now=NOW)
    assert acts(session) == ["set-role", "set-role"]


def test_roles_that_cannot_be_given(session: Session) -> None:
    _, owner = a_firm(session)
    administrator = an_administrator(session)

    with pytest.raises(FirmRoleFixed):
        accounts.set_role(session, administrator, user_id=owner.user_id, role=CONSULTANT, now=NOW)
    with pytest.raises(UnknownRole):
        accounts.set_role(
            session, administrator, user_id=administrator.user_id, role="firm", now=NOW
        )
    with pytest.raises(NotFound):
        accounts.set_role(session, administrator, user_id=99, role=CONSULTANT, now=NOW)


def test_two_administrators_cannot_remove_each_other_at_the_same_moment(engine: Engine) -> None:
    with Session(engine) as session:
        one, other = an_administrator(session), an_administrator(session)
        session.commit()

    def demote(session: Session, actor: Actor, user_id: int) -> None:
        accounts.set_role(session, actor, user_id=user_id, role=CONSULTANT, now=NOW)
        session.commit()

    with Session(engine) as first, Session(engine) as second, ThreadPoolExecutor(1) as thread:
        accounts.set_role(first, one, user_id=other.user_id, role=CONSULTANT, now=NOW)
        first.flush()
        waiting = thread.submit(demote, second, other, one.user_id)
        sleep(0.5)
        first.commit()
        with pytest.raises(LastAdministrator):
            waiting.result(timeout=10)


def test_the_last_administrator_stays(session: Session) -> None:
    administrator = an_administrator(session)
    inactive = an_administrator(session)
    accounts.deactivate(session, administrator, user_id=inactive.user_id, now=NOW)
    session.flush()

    with pytest.raises(LastAdministrator):
        accounts.deactivate(session, administrator, user_id=administrator.user_id, now=NOW)
    with pytest.raises(LastAdministrator):
        accounts.set_role(
            session, administrator, user_id=administrator.user_id, role=CONSULTANT, now=NOW
        )


def test_administration_is_not_found_by_anybody_else(session: Session) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm)

    for outsider in (owner, consultant):
        for look in (
            lambda a: accounts.list_users(session, a),
            lambda a: accounts.firm_people(session, a, firm.id),
            lambda a: accounts.consultants_of(session, a, firm.id),
            lambda a: accounts.deactivate(session, a, user_id=owner.user_id, now=NOW),
            lambda a: accounts.activate(session, a, user_id=owner.user_id, now=NOW),
            lambda a: accounts.set_role(
                session, a, user_id=owner.user_id, role=CONSULTANT, now=NOW
            ),
            lambda a: accounts.assign_consultant(
                session, a, consultant_id=consultant.user_id, firm_id=firm.id, now=NOW
            ),
            lambda a: accounts.unassign(
                session, a, consultant_id=consultant.user_id, firm_id=firm.id, now=NOW
            ),
        ):
            with pytest.raises(NotFound):
                look(outsider)


def test_the_owner_says_who_answers_given_pages_only(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)

    accounts.set_scope(session, owner, user_id=member.user_id, scope="assigned", now=LATER)
    given_only = actor_of(session, member.user_id).scope
    accounts.set_scope(session, owner, user_id=member.user_id, scope="all", now=LATER)

    assert (given_only, actor_of(session, member.user_id).scope) == ("assigned", "all")
    assert acts(session) == ["set-scope", "set-scope"]
    assert {p.name: p.scope for p in accounts.list_members(session, owner)} == {
        "王强": "all",
        "赵倩": "all",
    }


def test_what_a_person_answers_is_refused_in_every_wrong_way(session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    member = a_member(session, firm)

    def changes(actor: Actor, user_id: int, scope: str) -> None:
        accounts.set_scope(session, actor, user_id=user_id, scope=scope, now=LATER)

    with pytest.raises(OwnerOnly):
        changes(member, member.user_id, "assigned")
    with pytest.raises(NotFound):
        changes(stranger, member.user_id, "assigned")
    with pytest.raises(NotFound):
        changes(owner, 999_999, "assigned")
    with pytest.raises(OwnerAnswersAll):
        changes(owner, owner.user_id, "assigned")
    with pytest.raises(UnknownScope):
        changes(owner, member.user_id, "nothing")


def test_a_person_can_be_added_for_given_pages_only(session: Session) -> None:
    _, owner = a_firm(session)
    user = a_user(session)

    accounts.add_member(session, owner, user=user, scope="assigned", now=LATER)

    assert actor_of(session, user.id).scope == "assigned"
    with pytest.raises(UnknownScope):
        accounts.add_member(session, owner, user=a_user(session), scope="x", now=LATER)
