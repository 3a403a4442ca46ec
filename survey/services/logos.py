"""Logos of firms and consultants: checked when they come in, printed on every later report."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.pdf import pictures
from survey.pdf.look import Logo as Printed
from survey.services import audit
from survey.services.people import Actor, must_own
from survey.store import files
from survey.store.db import begin_write
from survey.store.models import ConsultantFirm, Firm, Logo, User

MOST_ON_A_COVER = 3


class LogoMissing(SurveyError):
    """The file of a logo is gone or cannot be read; `owner` says whose it is."""

    code = "logo-missing"


@dataclass(frozen=True, slots=True)
class LogoRow:
    """A logo as it is stored; `alt` is the name of its owner."""

    sha256: str
    media_type: str
    width: int
    height: int
    alt: str


def set_for_firm(
    session: Session, actor: Actor, content: bytes, filename: str, *, folder: Path, now: datetime
) -> None:
    """Print this picture on the firm's reports from now on; finished ones stay as they are.

    `filename` is what the file was called: it goes into the log and decides nothing.

    Raises NotFound for people without a firm, OwnerOnly, and what `pictures.clean` raises.
    """
    firm_id = _own_firm(actor)
    picture = pictures.clean(content)
    _set(session, actor, {"firm_id": firm_id}, picture, filename, folder, now)


def set_for_consultant(
    session: Session, actor: Actor, content: bytes, filename: str, *, folder: Path, now: datetime
) -> None:
    """Print this picture on the reports of the firms in the consultant's care.

    Raises NotFound for everybody but consultants, and what `pictures.clean` raises.
    """
    _must_consult(actor)
    picture = pictures.clean(content)
    _set(session, actor, {"consultant_id": actor.user_id}, picture, filename, folder, now)


def remove_for_firm(session: Session, actor: Actor, *, now: datetime) -> None:
    """Print no logo of the firm any more. Raises NotFound, OwnerOnly."""
    _remove(session, actor, {"firm_id": _own_firm(actor)}, now)


def remove_for_consultant(session: Session, actor: Actor, *, now: datetime) -> None:
    """Print no logo of the consultant any more. Raises NotFound."""
    _must_consult(actor)
    _remove(session, actor, {"consultant_id": actor.user_id}, now)


def of_own_firm(session: Session, actor: Actor) -> LogoRow | None:
    """The logo that the actor's firm has set."""
    if actor.firm_id is None:
        return None
    return _first(session, Logo.firm_id == actor.firm_id)


def of_consultant(session: Session, actor: Actor) -> LogoRow | None:
    """The logo that this consultant has set."""
    return _first(session, Logo.consultant_id == actor.user_id)


def for_firm(session: Session, firm_id: int) -> tuple[LogoRow, ...]:
    """What the cover of a firm's report carries: its own logo, then those of its consultants.

    Consultants of one house have one logo: it is printed once. Asks nobody for permission.
    """
    care = select(ConsultantFirm.consultant_id).where(ConsultantFirm.firm_id == firm_id)
    rows = _rows(session, or_(Logo.firm_id == firm_id, Logo.consultant_id.in_(care)))
    once = {row.sha256: row for row in reversed(rows)}
    return tuple(row for row in rows if once[row.sha256] is row)[:MOST_ON_A_COVER]


def read(folder: Path, rows: tuple[LogoRow, ...]) -> tuple[Printed, ...]:
    """The pictures as they are printed. Raises LogoMissing."""
    return tuple(Printed(_content(folder, row), row.media_type, row.alt) for row in rows)


def _content(folder: Path, row: LogoRow) -> bytes:
    try:
        return files.read(folder, row.sha256)
    except (OSError, files.Damaged) as error:
        raise LogoMissing(owner=row.alt) from error


def _rows(session: Session, condition: Any) -> list[LogoRow]:
    """The firm's comes first; the consultants' follow in the order in which they came to us."""
    found = session.execute(
        select(Logo, Firm.name, User.name)
        .outerjoin(Firm, Firm.id == Logo.firm_id)
        .outerjoin(User, User.id == Logo.consultant_id)
        .where(condition)
        .order_by(Logo.firm_id.is_(None), Logo.consultant_id)
    )
    return [
        LogoRow(logo.sha256, logo.media_type, logo.width, logo.height, firm or consultant)
        for logo, firm, consultant in found
    ]


def _first(session: Session, condition: Any) -> LogoRow | None:
    return next(iter(_rows(session, condition)), None)


def _own_firm(actor: Actor) -> int:
    if actor.firm_id is None:
        raise NotFound
    must_own(actor, actor.firm_id)
    return actor.firm_id


def _must_consult(actor: Actor) -> None:
    if not actor.is_consultant:
        raise NotFound


def _set(
    session: Session,
    actor: Actor,
    owner: dict[str, int],
    picture: pictures.Picture,
    filename: str,
    folder: Path,
    now: datetime,
) -> None:
    sha256 = files.put(folder, picture.content)
    _alone(session, actor)
    session.execute(delete(Logo).filter_by(**owner))
    session.add(
        Logo(
            **owner,
            sha256=sha256,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            set_by=actor.user_id,
            set_at=now,
        )
    )
    session.flush()
    _note(session, actor, "set-logo", owner, now, file=filename[:120], sha256=sha256)


def _remove(session: Session, actor: Actor, owner: dict[str, int], now: datetime) -> None:
    _alone(session, actor)
    session.execute(delete(Logo).filter_by(**owner))
    _note(session, actor, "remove-logo", owner, now)


def _alone(session: Session, actor: Actor) -> None:
    """Let one person change one thing at a time: a second click waits for the first."""
    begin_write(session)
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())


_KINDS = {"firm_id": "firm", "consultant_id": "user"}


def _note(
    session: Session, actor: Actor, act: str, owner: dict[str, int], now: datetime, **facts: str
) -> None:
    ((kind, number),) = owner.items()
    subject = f"{_KINDS[kind]}:{number}"
    audit.note(session, act=act, subject=subject, by=actor.user_id, now=now, facts=facts)
