"""People and firms: who is there, who belongs where, who looks after whom.

Passwords arrive here as hashes: making and checking them is the accounts library's business.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from survey.core.errors import NotFound, SurveyError, quoted
from survey.core.text import Locale
from survey.services import audit
from survey.services.people import (
    ADMINISTRATOR,
    ALL,
    ASSIGNED,
    CONSULTANT,
    FIRM,
    MEMBER,
    OWNER,
    Actor,
    must_administer,
    must_own,
)
from survey.store.db import begin_write, rows_changed
from survey.store.models import (
    Assessment,
    Assignment,
    ConsultantFirm,
    Firm,
    Invitation,
    Membership,
    Role,
    User,
    role_of_user,
)

LONGEST_NAME = 200


SHORTEST_PASSWORD = 12
"""Characters; long beats complicated."""


class EmailTaken(SurveyError):
    """There is an account with this address already."""

    code = "email-taken"


class FirmNameMissing(SurveyError):
    """A firm needs a name."""

    code = "firm-name-missing"


class FirmNameTooLong(SurveyError):
    """The name is longer than `longest` characters."""

    code = "firm-name-too-long"


class AlreadyInAFirm(SurveyError):
    """This person belongs to a firm already; a person belongs to one at most."""

    code = "already-in-a-firm"


class NotAConsultant(SurveyError):
    """Only consultants can be given firms to look after."""

    code = "not-a-consultant"


class UnknownRole(SurveyError):
    """`role` is none of firm, consultant, administrator."""

    code = "unknown-role"


class FirmRoleFixed(SurveyError):
    """Somebody who belongs to a firm stays there: the role cannot be changed."""

    code = "firm-role-fixed"


class OwnerStays(SurveyError):
    """A firm keeps its owner: the owner cannot be removed."""

    code = "owner-stays"


class OwnerAnswersAll(SurveyError):
    """The owner hands the whole in, and so may answer all of it."""

    code = "owner-answers-all"


class UnknownScope(SurveyError):
    """`scope` is neither all nor assigned."""

    code = "unknown-scope"


class LastAdministrator(SurveyError):
    """Without this person nobody could administer the installation."""

    code = "last-administrator"


@dataclass(frozen=True, slots=True)
class FirmLine:
    """A firm as lists show it. `latest_submitted` is its newest submitted assessment."""

    id: int
    name: str
    created_at: datetime
    people: int
    assessments: int
    latest_submitted: datetime | None
    consultants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as lists show them."""

    id: int
    name: str
    email: str
    active: bool
    roles: frozenset[str]
    firm_id: int | None
    firm_name: str | None
    standing: str | None
    scope: str
    created_at: datetime


# --------------------------------------------------------------------- people


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    roles: Iterable[str],
    locale: Locale,
    now: datetime,
) -> User:
    """Add a person. Raises EmailTaken, UnknownRole."""
    user = User(
        email=email.strip(),
        name=name.strip(),
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        locale=locale.value,
        created_at=now,
        roles=[_role(session, role) for role in roles],
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise EmailTaken from None
    return user


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def spend_code(session: Session, *, user_id: int, counter: int) -> bool:
    """Take a second-step code: once each, and none that is older. False: it is spent already."""
    unspent = or_(User.tf_last_counter.is_(None), User.tf_last_counter < counter)
    statement = update(User).where(User.id == user_id, unspent).values(tf_last_counter=counter)
    return rows_changed(session, statement) == 1


def register_firm(session: Session, *, user: User, firm_name: str, now: datetime) -> Firm:
    """Open a firm with this person as its owner.

    Raises FirmNameMissing, FirmNameTooLong, AlreadyInAFirm.
    """
    firm = Firm(name=_firm_name(firm_name), created_at=now)
    session.add(firm)
    session.flush()
    join(session, user, firm.id, OWNER)
    audit.note(
        session,
        act="register-firm",
        subject=f"firm:{firm.id}",
        by=user.id,
        now=now,
        facts={"name": firm.name},
    )
    return firm


def firm_name_of(session: Session, user_id: int) -> str:
    """What the firm of a person is called; empty for people without one. Asks nobody."""
    own = select(Firm.name).join(Membership, Membership.firm_id == Firm.id)
    return session.scalar(own.where(Membership.user_id == user_id)) or ""


def own_firm(session: Session, actor: Actor) -> Firm:
    """The firm that the actor belongs to. Raises NotFound for people without a firm."""
    if actor.firm_id is None:
        raise NotFound
    return session.get_one(Firm, actor.firm_id)


def rename_firm(session: Session, actor: Actor, *, firm_name: str, now: datetime) -> Firm:
    """Change the name of the actor's firm. Raises NotFound, OwnerOnly, FirmNameMissing."""
    firm = session.get(Firm, actor.firm_id) if actor.firm_id is not None else None
    if firm is None:
        raise NotFound
    must_own(actor, firm.id)
    before, firm.name = firm.name, _firm_name(firm_name)
    audit.note(
        session,
        act="rename-firm",
        subject=f"firm:{firm.id}",
        by=actor.user_id,
        now=now,
        facts={"before": before, "name": firm.name},
    )
    return firm


def add_member(
    session: Session, actor: Actor, *, user: User, scope: str = ALL, now: datetime
) -> None:
    """Take a person into the actor's firm who has agreed to it already.

    Nobody is asked here: it is for demo people and tests. On the site people come in by their own
    act alone, by opening an invitation (`invitations.accept`), so no view calls this.

    Raises NotFound, OwnerOnly, AlreadyInAFirm, UnknownScope.
    """
    firm_id = own_firm_id(actor)
    join(session, user, firm_id, MEMBER, known_scope(scope))
    audit.note(
        session,
        act="add-member",
        subject=f"firm:{firm_id}",
        by=actor.user_id,
        now=now,
        facts={"user": user.id},
    )


def remove_member(session: Session, actor: Actor, *, user_id: int, now: datetime) -> None:
    """End a person's membership; the account stays, what it answered stays.

    Raises NotFound (also for another firm's people), OwnerOnly, OwnerStays.
    """
    firm_id = own_firm_id(actor)
    membership = _membership(session, firm_id, user_id)
    _end(session, membership)
    audit.note(
        session,
        act="remove-member",
        subject=f"firm:{firm_id}",
        by=actor.user_id,
        now=now,
        facts={"user": user_id},
    )


def leave_firm(session: Session, actor: Actor, *, now: datetime) -> None:
    """End one's own membership; the account stays, what it answered stays with the firm.

    Raises NotFound without a firm, OwnerStays.
    """
    if actor.firm_id is None:
        raise NotFound
    _end(session, _membership(session, actor.firm_id, actor.user_id))
    audit.note(
        session,
        act="leave-firm",
        subject=f"firm:{actor.firm_id}",
        by=actor.user_id,
        now=now,
        facts={},
    )


def set_scope(session: Session, actor: Actor, *, user_id: int, scope: str, now: datetime) -> None:
    """Say whether a person of the actor's firm answers all pages or only those assigned.

    Raises NotFound (also for another firm's people), OwnerOnly, OwnerAnswersAll, UnknownScope.
    """
    firm_id = own_firm_id(actor)
    membership = _membership(session, firm_id, user_id)
    if membership.standing == OWNER:
        raise OwnerAnswersAll
    membership.scope = known_scope(scope)
    audit.note(
        session,
        act="set-scope",
        subject=f"firm:{firm_id}",
        by=actor.user_id,
        now=now,
        facts={"user": user_id, "scope": scope},
    )


def list_members(session: Session, actor: Actor) -> tuple[Person, ...]:
    """The people of the actor's own firm, owner first. Raises NotFound without a firm."""
    if actor.firm_id is None:
        raise NotFound
    people = _people(session, firm_id=actor.firm_id)
    return tuple(sorted(people, key=lambda person: (person.standing != OWNER, person.id)))


def own_firm_id(actor: Actor) -> int:
    """The firm that the actor owns. Raises NotFound, OwnerOnly."""
    if actor.firm_id is None:
        raise NotFound
    must_own(actor, actor.firm_id)
    return actor.firm_id


def known_scope(scope: str) -> str:
    """Raises UnknownScope."""
    if scope not in (ALL, ASSIGNED):
        raise UnknownScope(scope=quoted(scope))
    return scope


def _membership(session: Session, firm_id: int, user_id: int) -> Membership:
    membership = session.get(Membership, user_id)
    if membership is None or membership.firm_id != firm_id:
        raise NotFound
    return membership


def _end(session: Session, membership: Membership) -> None:
    """Somebody belongs to a firm no more. Raises OwnerStays."""
    if membership.standing == OWNER:
        raise OwnerStays
    session.delete(membership)
    _take_back(session, membership.firm_id, membership.user_id)


def _take_back(session: Session, firm_id: int, user_id: int) -> None:
    """Pages given to somebody who leaves are nobody's again; of what is submitted nothing is."""
    drafts = select(Assessment.id).where(
        Assessment.firm_id == firm_id, Assessment.submitted_at.is_(None)
    )
    session.execute(
        delete(Assignment).where(
            Assignment.user_id == user_id, Assignment.assessment_id.in_(drafts)
        ),
        execution_options={"synchronize_session": False},
    )


def join(session: Session, user: User, firm_id: int, standing: str, scope: str = ALL) -> None:
    """Membership and role together: one without the other gives no rights.

    Whoever asks has asked for permission before. Raises AlreadyInAFirm.
    """
    session.flush()
    if session.get(Membership, user.id) is not None:
        raise AlreadyInAFirm
    firm_role = _role(session, FIRM)
    if firm_role not in user.roles:
        user.roles.append(firm_role)
    session.flush()
    membership = Membership(user_id=user.id, firm_id=firm_id, standing=standing, scope=scope)
    try:
        with session.begin_nested():
            session.add(membership)
    except IntegrityError:
        raise AlreadyInAFirm from None


def _firm_name(given: str) -> str:
    name = " ".join(given.split())
    if not name:
        raise FirmNameMissing
    if len(name) > LONGEST_NAME:
        raise FirmNameTooLong(longest=LONGEST_NAME)
    return name


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        raise UnknownRole(role=name)
    return role


# ----------------------------------------------------------- consultants' firms


def assign_consultant(
    session: Session, actor: Actor, *, consultant_id: int, firm_id: int, now: datetime
) -> None:
    """Let a consultant look after a firm. Doing it twice changes nothing.

    Raises NotFound (also for everybody but administrators), NotAConsultant.
    """
    must_administer(actor)
    consultant = session.get(User, consultant_id)
    if consultant is None or session.get(Firm, firm_id) is None:
        raise NotFound
    if all(role.name != CONSULTANT for role in consultant.roles):
        raise NotAConsultant
    if session.get(ConsultantFirm, (consultant_id, firm_id)) is not None:
        return
    session.add(ConsultantFirm(consultant_id=consultant_id, firm_id=firm_id))
    _note_assignment(session, actor, "assign-consultant", consultant_id, firm_id, now)


def unassign(
    session: Session, actor: Actor, *, consultant_id: int, firm_id: int, now: datetime
) -> None:
    """End it. Doing it twice changes nothing. Raises NotFound for all but administrators."""
    must_administer(actor)
    assignment = session.get(ConsultantFirm, (consultant_id, firm_id))
    if assignment is None:
        return
    session.delete(assignment)
    _note_assignment(session, actor, "unassign-consultant", consultant_id, firm_id, now)


def _note_assignment(
    session: Session, actor: Actor, act: str, consultant_id: int, firm_id: int, now: datetime
) -> None:
    audit.note(
        session,
        act=act,
        subject=f"firm:{firm_id}",
        by=actor.user_id,
        now=now,
        facts={"consultant": consultant_id},
    )


# ----------------------------------------------------------------------- lists


def list_firms(session: Session, actor: Actor) -> tuple[FirmLine, ...]:
    """Every firm for administrators, the assigned ones for consultants, none for others."""
    submitted = func.max(Assessment.submitted_at).label("submitted")
    query = (
        select(
            Firm,
            select(func.count())
            .select_from(Membership)
            .where(Membership.firm_id == Firm.id)
            .scalar_subquery()
            .label("people"),
            func.count(Assessment.id).label("assessments"),
            submitted,
        )
        .outerjoin(
            Assessment,
            and_(Assessment.firm_id == Firm.id, Assessment.discarded_at.is_(None)),
        )
        .group_by(Firm.id)
        .order_by(Firm.name, Firm.id)
    )
    if not actor.is_administrator:
        query = query.where(
            exists().where(
                ConsultantFirm.firm_id == Firm.id, ConsultantFirm.consultant_id == actor.user_id
            )
        )
        if not actor.is_consultant:
            return ()
    names = _consultant_names(session)
    return tuple(
        FirmLine(
            id=firm.id,
            name=firm.name,
            created_at=firm.created_at,
            people=people,
            assessments=assessments,
            latest_submitted=latest,
            consultants=names.get(firm.id, ()),
        )
        for firm, people, assessments, latest in session.execute(query)
    )


def _consultant_names(session: Session) -> dict[int, tuple[str, ...]]:
    names: dict[int, tuple[str, ...]] = {}
    for firm_id, name in session.execute(
        select(ConsultantFirm.firm_id, User.name)
        .join(User, User.id == ConsultantFirm.consultant_id)
        .order_by(User.name)
    ):
        names[firm_id] = (*names.get(firm_id, ()), name)
    return names


def firm_people(session: Session, actor: Actor, firm_id: int) -> tuple[Person, ...]:
    """The people of any firm, for administrators. Raises NotFound for others."""
    must_administer(actor)
    if session.get(Firm, firm_id) is None:
        raise NotFound
    return _people(session, firm_id=firm_id)


def consultants_of(session: Session, actor: Actor, firm_id: int) -> tuple[Person, ...]:
    """Who looks after the firm, for administrators. Raises NotFound for others."""
    must_administer(actor)
    assigned = frozenset(
        session.scalars(
            select(ConsultantFirm.consultant_id).where(ConsultantFirm.firm_id == firm_id)
        )
    )
    return tuple(person for person in _people(session) if person.id in assigned)


def list_users(session: Session, actor: Actor) -> tuple[Person, ...]:
    """Everybody, for administrators. Raises NotFound for others."""
    must_administer(actor)
    return _people(session)


def _people(session: Session, firm_id: int | None = None) -> tuple[Person, ...]:
    query = (
        select(User, Membership, Firm.name)
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(Firm, Firm.id == Membership.firm_id)
        .options(selectinload(User.roles))
        .order_by(User.name, User.id)
    )
    if firm_id is not None:
        query = query.where(Membership.firm_id == firm_id)
    return tuple(
        Person(
            id=user.id,
            name=user.name,
            email=user.email,
            active=user.active,
            roles=frozenset(role.name for role in user.roles),
            firm_id=membership.firm_id if membership else None,
            firm_name=firm_name,
            standing=membership.standing if membership else None,
            scope=membership.scope if membership else ALL,
            created_at=user.created_at,
        )
        for user, membership, firm_name in session.execute(query)
    )


# ---------------------------------------------------------------------- rights


def set_role(session: Session, actor: Actor, *, user_id: int, role: str, now: datetime) -> None:
    """Make somebody a consultant or an administrator, instead of what they were.

    A consultant who becomes something else loses the firms looked after.
    Raises NotFound (also for all but administrators), UnknownRole, FirmRoleFixed,
    LastAdministrator.
    """
    must_administer(actor)
    user = _user(session, user_id)
    if role not in (CONSULTANT, ADMINISTRATOR):
        raise UnknownRole(role=role[:60])
    if session.get(Membership, user_id) is not None:
        raise FirmRoleFixed
    if role != ADMINISTRATOR:
        _keep_an_administrator(session, user_id)
    if role != CONSULTANT:
        session.execute(delete(ConsultantFirm).where(ConsultantFirm.consultant_id == user_id))
    before = ", ".join(sorted(known.name or "" for known in user.roles))
    user.roles = [_role(session, role)]
    audit.note(
        session,
        act="set-role",
        subject=f"user:{user_id}",
        by=actor.user_id,
        now=now,
        facts={"before": before, "role": role},
    )


def deactivate(session: Session, actor: Actor, *, user_id: int, now: datetime) -> int:
    """Shut somebody out at once, running sessions included. What they wrote stays.

    Their open invitations are withdrawn for good: returns how many there were.

    Raises NotFound (also for all but administrators), LastAdministrator.
    """
    must_administer(actor)
    user = _user(session, user_id)
    _keep_an_administrator(session, user_id)
    user.active = False
    user.fs_uniquifier = secrets.token_hex(32)
    withdrawn = rows_changed(
        session,
        update(Invitation)
        .where(
            Invitation.invited_by == user_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(withdrawn_at=now),
    )
    _note_user(session, actor, "deactivate", user_id, now, invitations=withdrawn)
    return withdrawn


def activate(session: Session, actor: Actor, *, user_id: int, now: datetime) -> None:
    """Let somebody in again. Raises NotFound (also for all but administrators)."""
    must_administer(actor)
    _user(session, user_id).active = True
    _note_user(session, actor, "activate", user_id, now)


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def _keep_an_administrator(session: Session, user_id: int) -> None:
    """Raises LastAdministrator if nobody else who is active could administer."""
    begin_write(session)
    # One at a time, and only then look: who waited must see what the other one changed.
    session.scalar(select(Role.id).where(Role.name == ADMINISTRATOR).with_for_update())
    administrators = session.scalars(
        select(User.id)
        .join(role_of_user, role_of_user.c.user_id == User.id)
        .join(Role, Role.id == role_of_user.c.role_id)
        .where(Role.name == ADMINISTRATOR, User.active.is_(True))
    ).all()
    if list(administrators) == [user_id]:
        raise LastAdministrator


def sign_out_everywhere(session: Session, actor: Actor, *, now: datetime) -> None:
    """End every session of one's own account, on whatever device, copied cookies included."""
    session.get_one(User, actor.user_id).fs_uniquifier = secrets.token_hex(32)
    _note_user(session, actor, "sign-out-everywhere", actor.user_id, now)


def _note_user(
    session: Session, actor: Actor, act: str, user_id: int, now: datetime, **facts: int
) -> None:
    audit.note(session, act=act, subject=f"user:{user_id}", by=actor.user_id, now=now, facts=facts)
