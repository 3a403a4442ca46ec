"""Invitations by link: made, opened, used once, withdrawn, too old.

Who holds the link may join, so only the SHA-256 of its secret part is stored.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from survey.core.errors import NotFound, SurveyError
from survey.core.pages import pages
from survey.core.text import Locale, Text
from survey.services import assessments, audit, sharing
from survey.services.accounts import join, known_scope, own_firm_id
from survey.services.assessments import AlreadySubmitted
from survey.services.banks import bank_by_digest
from survey.services.people import FIRM, MEMBER, OWNER, Actor
from survey.store.db import begin_write, rows_changed
from survey.store.models import Assessment, BankVersion, Firm, Invitation, Membership, User

FEWEST_DAYS, USUAL_DAYS, MOST_DAYS = 1, 7, 30
MOST_OPEN = 50
"""Open links of one firm: a firm has few people, and each link is a door."""

LONGEST_NAME = 120


class State(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Closed(SurveyError):
    """The link does not open any more; `locale` is the language that it was made for."""


class AlreadyUsed(Closed):
    """Somebody has joined by this link; each lets one person in."""

    code = "invitation-used"


class Withdrawn(Closed):
    """The owner has taken the link back, or is no owner any more."""

    code = "invitation-withdrawn"


class Expired(Closed):
    """The link is older than its days."""

    code = "invitation-expired"


class BadDays(SurveyError):
    """A link works for `fewest` to `most` days."""

    code = "invitation-days"


class NameMissing(SurveyError):
    """An invitation says who is meant."""

    code = "invitation-name-missing"


class NameTooLong(SurveyError):
    """The name is longer than `longest` characters."""

    code = "invitation-name-too-long"


class TooManyOpen(SurveyError):
    """There are `most` open links of this firm already."""

    code = "invitations-too-many"


class NotForThisAccount(SurveyError):
    """Consultants and administrators do not answer for a firm."""

    code = "invitation-other-account"


@dataclass(frozen=True, slots=True)
class Line:
    """An invitation as lists show it."""

    id: int
    name: str
    locale: Locale
    scope: str
    pages: int
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    state: State
    accepted_by: str | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody sees who opens a link that works; `given` are the titles of pages."""

    id: int
    firm_id: int
    firm_name: str
    name: str
    locale: Locale
    scope: str
    invited_by: str
    expires_at: datetime
    assessment_id: int | None
    given: tuple[Text, ...]


def invite(
    session: Session,
    actor: Actor,
    *,
    name: str,
    locale: Locale,
    scope: str,
    assessment_id: int | None = None,
    page_keys: Sequence[str] = (),
    days: int = USUAL_DAYS,
    now: datetime,
) -> str:
    """Make a link for one person and return its secret part: this once, it is not stored.

    Raises NotFound (also for pages that there are not), OwnerOnly, AlreadySubmitted, UnknownScope,
    BadDays, NameMissing, NameTooLong, TooManyOpen.
    """
    firm_id = own_firm_id(actor)
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise BadDays(fewest=FEWEST_DAYS, most=MOST_DAYS)
    begin_write(session)
    if (
        sum(line.state is State.OPEN for line in list_for_firm(session, actor, now=now))
        >= MOST_OPEN
    ):
        raise TooManyOpen(most=MOST_OPEN)
    if page_keys or assessment_id is not None:
        _must_be_pages(session, actor, assessment_id, page_keys)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_sha256=_digest(secret),
        firm_id=firm_id,
        assessment_id=assessment_id if page_keys else None,
        page_keys=list(page_keys),
        name=_name(name),
        locale=locale.value,
        scope=known_scope(scope),
        invited_by=actor.user_id,
        invited_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(invitation)
    session.flush()
    _note(session, "invite", invitation.id, firm_id, actor.user_id, now)
    return secret


def list_for_firm(session: Session, actor: Actor, *, now: datetime) -> tuple[Line, ...]:
    """The firm's invitations for its owner, newest first. Raises NotFound, OwnerOnly."""
    firm_id = own_firm_id(actor)
    inviter, joined = aliased(User), aliased(User)
    rows = session.execute(
        select(Invitation, _VOUCHED_FOR, inviter.name, joined.name)
        .join(inviter, inviter.id == Invitation.invited_by)
        .outerjoin(joined, joined.id == Invitation.accepted_by)
        .where(Invitation.firm_id == firm_id)
        .order_by(Invitation.id.desc())
        .execution_options(populate_existing=True)
    )
    return tuple(
        Line(
            id=each.id,
            name=each.name,
            locale=Locale(each.locale),
            scope=each.scope,
            pages=len(each.page_keys),
            invited_by=by,
            invited_at=each.invited_at,
            expires_at=each.expires_at,
            state=_state(each, now, vouched_for=vouched_for),
            accepted_by=who,
            accepted_at=each.accepted_at,
        )
        for each, vouched_for, by, who in rows
    )


def withdraw(session: Session, actor: Actor, invitation_id: int, *, now: datetime) -> None:
    """Take a link back. Twice changes nothing. Raises NotFound, OwnerOnly, AlreadyUsed."""
    firm_id = own_firm_id(actor)
    own = (Invitation.id == invitation_id, Invitation.firm_id == firm_id)
    unused = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    if rows_changed(session, update(Invitation).where(*own, *unused).values(withdrawn_at=now)):
        _note(session, "withdraw-invitation", invitation_id, firm_id, actor.user_id, now)
        return
    accepted_at = session.execute(select(Invitation.accepted_at).where(*own)).one_or_none()
    if accepted_at is None:
        raise NotFound
    if accepted_at[0] is not None:
        raise AlreadyUsed


def open_link(session: Session, secret: str, *, now: datetime) -> Opened:
    """What the link says, to whoever holds it.

    Raises NotFound, AlreadyUsed, Withdrawn, Expired.
    """
    invitation = _open(session, secret, now)
    firm = session.get_one(Firm, invitation.firm_id)
    assessment = _assessment(session, invitation)
    return Opened(
        id=invitation.id,
        firm_id=firm.id,
        firm_name=firm.name,
        name=invitation.name,
        locale=Locale(invitation.locale),
        scope=invitation.scope,
        invited_by=session.get_one(User, invitation.invited_by).name,
        expires_at=invitation.expires_at,
        assessment_id=None if assessment is None else assessment.id,
        given=_titles(session, invitation),
    )


def accept(session: Session, secret: str, *, user: User, now: datetime) -> None:
    """Make this person a colleague. Of two who do it at the same moment one is refused.

    Whoever calls takes back what it began for the one who is refused, a new account for example.

    Raises NotFound, AlreadyUsed, Withdrawn, Expired, AlreadyInAFirm, NotForThisAccount.
    """
    begin_write(session)
    session.flush()
    invitation = _open(session, secret, now)
    if {role.name for role in user.roles} - {FIRM}:
        raise NotForThisAccount
    unused = (Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
    taken = update(Invitation).where(Invitation.id == invitation.id, *unused)
    if rows_changed(session, taken.values(accepted_at=now, accepted_by=user.id)) != 1:
        _open(session, secret, now)
        raise AlreadyUsed(locale=invitation.locale)
    join(session, user, invitation.firm_id, MEMBER, invitation.scope)
    if invitation.assessment_id is not None:
        sharing.give_to_newcomer(
            session,
            assessment_id=invitation.assessment_id,
            page_keys=invitation.page_keys,
            user_id=user.id,
            promised_by=invitation.invited_by,
            promised_at=invitation.invited_at,
            now=now,
        )
    _note(session, "accept-invitation", invitation.id, invitation.firm_id, user.id, now)


def may_join(session: Session, user: User) -> bool:
    """Whether this account could belong to a firm and does not yet."""
    free = session.get(Membership, user.id) is None
    return free and not {role.name for role in user.roles} - {FIRM}


_VOUCHED_FOR = exists().where(
    User.id == Invitation.invited_by,
    User.active.is_(True),
    Membership.user_id == User.id,
    Membership.firm_id == Invitation.firm_id,
    Membership.standing == OWNER,
)
"""Whoever made the link may let people in at this moment."""


def _open(session: Session, secret: str, now: datetime) -> Invitation:
    """Looked up by digest, so that how long it takes tells nothing of the secret.

    Raises NotFound, AlreadyUsed, Withdrawn, Expired.
    """
    found = session.execute(
        select(Invitation, _VOUCHED_FOR)
        .where(Invitation.token_sha256 == _digest(secret))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    invitation: Invitation = found[0]
    closed = _CLOSED.get(_state(invitation, now, vouched_for=found[1]))
    if closed is not None:
        raise closed(locale=invitation.locale)
    return invitation


_CLOSED: dict[State, type[Closed]] = {
    State.USED: AlreadyUsed,
    State.WITHDRAWN: Withdrawn,
    State.EXPIRED: Expired,
}


def _state(invitation: Invitation, now: datetime, *, vouched_for: bool) -> State:
    if invitation.accepted_at is not None:
        return State.USED
    if invitation.withdrawn_at is not None or not vouched_for:
        return State.WITHDRAWN
    return State.EXPIRED if invitation.expires_at <= now else State.OPEN


def _must_be_pages(
    session: Session, actor: Actor, assessment_id: int | None, page_keys: Sequence[str]
) -> None:
    if assessment_id is None:
        raise NotFound
    state = assessments.hub(session, actor, assessment_id)
    if state.assessment.submitted_at is not None:
        raise AlreadySubmitted
    if not set(page_keys) <= state.progress.pages.keys():
        raise NotFound


def _assessment(session: Session, invitation: Invitation) -> Assessment | None:
    """Whose sections the link promises, unless it is discarded."""
    assessment = session.get(Assessment, invitation.assessment_id or 0)
    return None if assessment is None or assessment.discarded_at is not None else assessment


def _titles(session: Session, invitation: Invitation) -> tuple[Text, ...]:
    assessment = _assessment(session, invitation)
    if assessment is None:
        return ()
    version = session.get_one(BankVersion, assessment.bank_version_id)
    bank = bank_by_digest(session, version.id, version.digest, assessment.edition)
    return tuple(page.title for page in pages(bank) if page.key in invitation.page_keys)


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name:
        raise NameMissing
    if len(name) > LONGEST_NAME:
        raise NameTooLong(longest=LONGEST_NAME)
    return name


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _note(
    session: Session, act: str, invitation_id: int, firm_id: int, by: int, now: datetime
) -> None:
    facts = {"invitation": invitation_id}
    audit.note(session, act=act, subject=f"firm:{firm_id}", by=by, now=now, facts=facts)
