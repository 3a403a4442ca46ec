"""Who is acting, and whose data they may see. Another firm's data is "not found"."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.store.models import ConsultantFirm, Membership, Role, User, role_of_user

FIRM, CONSULTANT, ADMINISTRATOR = "firm", "consultant", "administrator"
OWNER, MEMBER = "owner", "member"


class OwnerOnly(SurveyError):
    """Only the firm's owner may do this."""

    code = "owner-only"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the rights held at this moment."""

    user_id: int
    roles: frozenset[str]
    firm_id: int | None
    owner: bool

    @property
    def is_administrator(self) -> bool:
        return ADMINISTRATOR in self.roles

    @property
    def is_consultant(self) -> bool:
        return CONSULTANT in self.roles


def actor_of(session: Session, user_id: int) -> Actor:
    """Read a person's rights. Raises NotFound for somebody unknown or deactivated."""
    rows = session.execute(
        select(Role.name, Membership.firm_id, Membership.standing)
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
    )


def must_see_firm(session: Session, actor: Actor, firm_id: int) -> None:
    """Members see their firm, consultants the firms assigned to them, administrators all.

    Raises NotFound for everybody else.
    """
    if actor.is_administrator or actor.firm_id == firm_id:
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
