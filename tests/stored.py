"""People, firms, banks and assessments in a database: functions with defaults."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from survey.core import places
from survey.core.editions import FULL
from survey.core.text import Locale
from survey.services import accounts, assessments, banks, drafts, invitations
from survey.services.people import (
    ADMINISTRATOR,
    ASSIGNED,
    CONSULTANT,
    FIRM,
    MEMBER,
    OWNER,
    Actor,
    actor_of,
)
from survey.store.models import (
    Assessment,
    BankVersion,
    ConsultantFirm,
    EvidenceFile,
    Firm,
    Membership,
    User,
)
from tests.builders import FULL_ANSWERS, bank_data

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
_number = count(1)


def a_user(session: Session, *roles: str, name: str = "李敏", **facts: Any) -> User:
    """A person who can sign in; the password is not a usable one."""
    email = facts.pop("email", f"person{next(_number)}@example.com")
    password = facts.pop("password_hash", "!")
    return accounts.create_user(
        session,
        email=email,
        name=name,
        password_hash=password,
        roles=roles,
        locale=facts.pop("locale", Locale.ZH),
        now=NOW,
        **facts,
    )


def a_firm(session: Session, name: str = "江海阀门有限公司") -> tuple[Firm, Actor]:
    """A firm and its owner."""
    firm = Firm(name=name, created_at=NOW)
    session.add(firm)
    session.flush()
    return firm, _person_of(session, firm, OWNER, "王强")


def a_member(session: Session, firm: Firm, name: str = "赵倩") -> Actor:
    return _person_of(session, firm, MEMBER, name)


def a_consultant(session: Session, *firms: Firm, name: str = "陈顾问") -> Actor:
    """A consultant who looks after these firms."""
    user = a_user(session, CONSULTANT, name=name)
    session.add_all(ConsultantFirm(consultant_id=user.id, firm_id=firm.id) for firm in firms)
    session.flush()
    return actor_of(session, user.id)


def an_administrator(session: Session, name: str = "管理员") -> Actor:
    return actor_of(session, a_user(session, ADMINISTRATOR, name=name).id)


def a_version(session: Session, data: dict[str, Any] | None = None) -> BankVersion:
    """A published bank version."""
    version = banks.store_draft(session, data=data or bank_data(), by=None, now=NOW)
    return banks.publish(session, version.id, by=None, now=NOW)


def an_assessment(
    session: Session,
    actor: Actor,
    *,
    version: BankVersion | None = None,
    edition: str = FULL,
    answers: Mapping[str, dict[str, Any]] | None = None,
) -> Assessment:
    """An assessment under way, with these answers at revision 1."""
    version = version or a_version(session)
    assessment = assessments.start(session, actor, version_id=version.id, edition=edition, now=NOW)
    saved = assessments.save(session, actor, assessment.id, given=answers or {}, seen={}, now=NOW)
    assert not saved.refused, saved.refused
    return assessment


def a_submitted_assessment(session: Session, actor: Actor, **facts: Any) -> Assessment:
    """An assessment with every question answered, handed in by its firm's owner."""
    assessment = an_assessment(session, actor, **({"answers": FULL_ANSWERS} | facts))
    return assessments.submit(session, actor, assessment.id, now=NOW)


def a_file(session: Session, actor: Actor, assessment_id: int, **facts: Any) -> EvidenceFile:
    """A file that supports an answer, as a row alone: there are no bytes of it."""
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "assessment_id": assessment_id,
        "question_key": "years",
        "name": "能源台账.pdf",
        "media_type": "application/pdf",
        "size": 1000,
        "sha256": "0" * 64,
        "added_by": actor.user_id,
        "added_at": NOW,
    }
    file = EvidenceFile(**(values | facts))
    session.add(file)
    session.flush()
    return file


def a_link(session: Session, owner: Actor, assessment_id: int) -> str:
    """The secret of a link that promises one section of an assessment."""
    return invitations.invite(
        session,
        owner,
        name="赵倩",
        locale=Locale.ZH,
        scope=ASSIGNED,
        assessment_id=assessment_id,
        page_keys=["everything"],
        now=NOW,
    )


def retitled(session: Session, version: BankVersion, words: str) -> None:
    """Give a draft another English title, in an edit of its own."""
    session.refresh(version)
    drafts.edit(
        session,
        version.id,
        seen=version.revision,
        change=lambda data: places.put(data, ("title", "en"), words),
        act="set",
        place="title/en",
        by=None,
        now=NOW,
    )
    session.refresh(version)


def _person_of(session: Session, firm: Firm, standing: str, name: str) -> Actor:
    user = a_user(session, FIRM, name=name)
    session.add(Membership(user_id=user.id, firm_id=firm.id, standing=standing))
    session.flush()
    return actor_of(session, user.id)
