"""Who is acting, and whose data they may see. Another firm's data is "not found"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.store.models import ConsultantFirm, Membership, Role, User, role_of_user

FIRM, CONSULTANT, ADMINISTRATOR = "firm", "consultant", "administrator"
OWNER, MEMBER = "owner", "member"
ALL, ASSIGNED = "all", "assigned"


class OwnerOnly(SurveyError):
    """Only the firm's owner may do this."""

    code = "owner-only"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the rights held at this moment.

    With the scope ``assigned`` a member answers only the pages given to that member.
    """

    user_id: int
    roles: frozenset[str]
    firm_id: int | None
    owner: bool
    scope: str = ALL

    @property
    def is_administrator(self) -> bool:
        return ADMINISTRATOR in self.roles

    @property
    def is_consultant(self) -> bool:
        return CONSULTANT in self.roles


def actor_of(session: Session, user_id: int) -> Actor:
    """Read a person's rights. Raises NotFound for somebody unknown or deactivated."""
    rows = session.execute(
        select(Role.name, Membership.firm_id, Membership.standing, Membership.scope)
        .select_from(User)
        .outerjoin(role_of_user, role_of_user.c.user_id == User.id)
        .outerjoin(Role, Role.id == role_of_user.c.role_id)
        .outerjoin(Membership, Membership.user_id == User.id)
        .where(User.id == user_id, User.active.is_(True))
    ).all()
    if not rows:
        raise NotFound
    return Actor(
        user_id=user_id,
        roles=frozenset(row.name for row in rows if row.name is not None),
        firm_id=rows[0].firm_id,
        owner=rows[0].standing == OWNER,
        scope=rows[0].scope or ALL,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in: how to call them, and their rights at this moment."""

    name: str
    email: str
    actor: Actor


_PERSON = User.__table__.c
_ROLE = Role.__table__.c
_MEMBER = Membership.__table__.c
SIGNED_IN = (
    select(
        _PERSON.id,
        _PERSON.name,
        _PERSON.email,
        _ROLE.name.label("role"),
        _MEMBER.firm_id,
        _MEMBER.standing,
        _MEMBER.scope,
    )
    .select_from(User.__table__)
    .outerjoin(role_of_user, role_of_user.c.user_id == _PERSON.id)
    .outerjoin(Role.__table__, _ROLE.id == role_of_user.c.role_id)
    .outerjoin(Membership.__table__, _MEMBER.user_id == _PERSON.id)
    .where(_PERSON.fs_uniquifier == bindparam("mark"), _PERSON.active.is_(True))
)
"""Written once and without the mapped classes: every request of the site begins with it."""


def recognise(session: Session, mark: str) -> Person | None:
    """Whoever was given this mark when signing in; None if it was taken back or never given."""
    return person_of(session.connection().execute(SIGNED_IN, {"mark": mark}).all())


def person_of(rows: Sequence[Any]) -> Person | None:
    """What `SIGNED_IN` has found: a row for each role."""
    if not rows:
        return None
    first = rows[0]
    actor = Actor(
        user_id=first.id,
        roles=frozenset(row.role for row in rows if row.role is not None),
        firm_id=first.firm_id,
        owner=first.standing == OWNER,
        scope=first.scope or ALL,
    )
    return Person(first.name, first.email, actor)


def must_see_firm(session: Session, actor: Actor, firm_id: int) -> None:
    """Members see their firm, consultants the firms assigned to them, administrators all.

    Raises NotFound for everybody else.
    """
    if not actor.is_administrator:
        must_serve_firm(session, actor, firm_id)


def must_serve_firm(session: Session, actor: Actor, firm_id: int) -> None:
    """Members of the firm and the consultants it is assigned to, nobody else.

    Raises NotFound for everybody else, administrators among them.
    """
    if actor.firm_id == firm_id:
        return
    if actor.is_consultant and session.scalar(
        select(
            exists().where(
                ConsultantFirm.consultant_id == actor.user_id, ConsultantFirm.firm_id == firm_id
            )
        )
    ):
        return
    raise NotFound


def must_belong(actor: Actor, firm_id: int) -> None:
    """Only the firm's own people write its answers. Raises NotFound for everybody else."""
    if actor.firm_id != firm_id:
        raise NotFound


def must_own(actor: Actor, firm_id: int) -> None:
    """Raises NotFound for another firm's people, OwnerOnly for members of this one."""
    must_belong(actor, firm_id)
    if not actor.owner:
        raise OwnerOnly


def must_administer(actor: Actor) -> None:
    """Raises NotFound for everybody but administrators."""
    if not actor.is_administrator:
        raise NotFound
