"""Demo people, firms and answers from seeds/: what is there already stays as it is.

Everything is done by the same acts as in the product, so that the demo is never a state that
the product could not have reached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from typing_extensions import override

from survey.core.answers import BadAnswers
from survey.core.errors import NotFound
from survey.core.text import Locale
from survey.exchange import answer_file, demo_file, yaml_bank
from survey.exchange.answer_file import AnswerFile
from survey.exchange.demo_file import DemoFile, DemoFirm, DemoPerson
from survey.services import accounts, assessments, banks, targets
from survey.services.people import ADMINISTRATOR, CONSULTANT, FIRM, Actor, actor_of
from survey.store.models import Assessment, Role, User, role_of_user

PASSWORD = "qizhen-demo-2026"  # noqa: S105  # printed on every start, for a demo only
DOMAIN = "@example.com"
ROUND = timedelta(days=365)
"""How long before the others an earlier round was submitted."""

_ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = _ROOT / "seeds"
QUESTIONNAIRES = _ROOT / "questionnaires"

_ROLES = {"administrator": ADMINISTRATOR, "consultant": CONSULTANT}


@dataclass(frozen=True, slots=True)
class Login:
    """A demo person whom a visitor can be."""

    role: str
    email: str

    @override
    def __str__(self) -> str:
        return f"{self.role:<14} {self.email:<28} {PASSWORD}"


def load(
    session: Session,
    *,
    hash_password: Callable[[str], str],
    now: datetime,
    seeds: Path = SEEDS,
    questionnaires: Path = QUESTIONNAIRES,
) -> None:
    """Publish the banks, then add the people, firms, answers and submissions that are missing.

    Raises BadDocument, BadAnswers if the files have faults.
    """
    path = seeds / "demo.yaml"
    demo = demo_file.read(path.read_bytes(), file=str(path))
    for file in sorted(questionnaires.rglob("*.yaml")):
        _publish(session, file, now)
    _people(session, demo, hash_password, now)
    for firm in demo.firms:
        _firm(session, demo, firm, seeds / "answers", now)


def logins(session: Session) -> Iterator[Login]:
    """One demo person of each role, if the demo was loaded here."""
    for role in (FIRM, CONSULTANT, ADMINISTRATOR):
        email = session.scalar(
            select(User.email)
            .join(role_of_user, role_of_user.c.user_id == User.id)
            .join(Role, Role.id == role_of_user.c.role_id)
            .where(Role.name == role, User.active.is_(True), User.email.endswith(DOMAIN))
            .order_by(User.id)
            .limit(1)
        )
        if email is not None:
            yield Login(role, email)


def _publish(session: Session, file: Path, now: datetime) -> None:
    data, bank = yaml_bank.read(file.read_bytes(), file=str(file))
    try:
        banks.find_version(session, bank_key=bank.key, number=bank.version)
    except NotFound:
        version = banks.store_reviewed(session, data=data, now=now)
        banks.publish(session, version.id, now=now)


def _people(
    session: Session, demo: DemoFile, hash_password: Callable[[str], str], now: datetime
) -> None:
    missing = [p for p in demo.people if accounts.user_by_email(session, p.email) is None]
    if not missing:
        return
    password_hash = hash_password(PASSWORD)  # slow by intention: once for all of them
    for person in missing:
        accounts.create_user(
            session,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            roles=[_ROLES[person.role]] if person.role in _ROLES else [],
            locale=Locale.ZH,
            now=now,
        )


def _firm(session: Session, demo: DemoFile, firm: DemoFirm, folder: Path, now: datetime) -> None:
    given = _given(folder / firm.answers)
    staff = [person for person in demo.people if person.firm == firm.key]
    owner = _owner(session, staff, given.firm.zh, now)
    _assign(session, demo, owner, firm, now)
    if session.scalar(select(exists().where(Assessment.firm_id == owner.firm_id))):
        return
    if firm.before is not None:
        earlier = now - ROUND
        before = _answered(session, owner, _given(folder / firm.before), now=earlier)
        assessments.submit(session, owner, before.id, now=earlier)
    assessment = _answered(session, owner, given, now=now)
    if firm.targets:
        targets.set_targets(session, owner, assessment.id, targets=firm.targets, now=now)
    if firm.submitted:
        assessments.submit(session, owner, assessment.id, now=now)


def _given(path: Path) -> AnswerFile:
    return answer_file.read(path.read_bytes(), file=str(path))


def _answered(session: Session, owner: Actor, given: AnswerFile, *, now: datetime) -> Assessment:
    """An assessment of the bank that the file names, with its answers."""
    key, _, number = given.bank.rpartition("/")
    version = banks.find_version(session, bank_key=key, number=int(number))
    assessment = assessments.start(
        session, owner, version_id=version.id, edition=given.edition, now=now
    )
    saved = assessments.save(session, owner, assessment.id, given=given.answers, seen={}, now=now)
    if saved.refused:
        raise BadAnswers(saved.refused)
    return assessment


def _owner(session: Session, staff: list[DemoPerson], firm_name: str, now: datetime) -> Actor:
    """The firm's owner, after firm and memberships are there."""
    (owner,) = (_user(session, p.email) for p in staff if p.role == "owner")
    if actor_of(session, owner.id).firm_id is None:
        accounts.register_firm(session, user=owner, firm_name=firm_name, now=now)
    actor = actor_of(session, owner.id)
    for member in (_user(session, p.email) for p in staff if p.role == "member"):
        if actor_of(session, member.id).firm_id is None:
            accounts.add_member(session, actor, user=member, now=now)
    return actor


def _assign(session: Session, demo: DemoFile, owner: Actor, firm: DemoFirm, now: datetime) -> None:
    email = next(person.email for person in demo.people if person.role == "administrator")
    administrator = actor_of(session, _user(session, email).id)
    assert owner.firm_id is not None
    for consultant in firm.consultants:
        accounts.assign_consultant(
            session,
            administrator,
            consultant_id=_user(session, consultant).id,
            firm_id=owner.firm_id,
            now=now,
        )


def _user(session: Session, email: str) -> User:
    user = accounts.user_by_email(session, email)
    if user is None:
        raise NotFound
    return user
