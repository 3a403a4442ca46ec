"""Every version of every bank as administrators look at them: complete, and changed by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from survey.core import texts
from survey.core.memory import Remembered
from survey.core.texts import Completeness
from survey.store.models import BankEdit, BankVersion, User


@dataclass(frozen=True, slots=True)
class Listed:
    """One version; `who` is empty for the installation itself.

    `missed` is the newest published version, if a draft was begun from another or before.
    """

    version: BankVersion
    who: str
    completeness: Completeness
    missed: BankVersion | None = None


def listed(session: Session) -> Sequence[Listed]:
    """Every version of every bank, newest version of each first."""
    editor, creator = aliased(User), aliased(User)
    rows = session.execute(
        select(BankVersion, func.coalesce(editor.name, creator.name, ""), BankEdit.id)
        .outerjoin(
            BankEdit,
            and_(BankEdit.version_id == BankVersion.id, BankEdit.revision == BankVersion.revision),
        )
        .outerjoin(editor, editor.id == BankEdit.by)
        .outerjoin(creator, and_(creator.id == BankVersion.created_by, BankEdit.id.is_(None)))
        .order_by(BankVersion.bank_key, BankVersion.number.desc())
    ).all()
    versions = [version for version, _who, _edit in rows]
    known = _completeness(session, versions)
    return [
        Listed(version, who, known[version.id], _missed(version, versions))
        for version, who, _edit in rows
    ]


def _missed(version: BankVersion, versions: Iterable[BankVersion]) -> BankVersion | None:
    """The newest version published below a draft, if it was not begun from that."""
    if version.published_at or version.discarded_at or version.based_on_id is None:
        return None
    for each in versions:
        is_below = each.bank_key == version.bank_key and each.number < version.number
        if is_below and each.published_at is not None:
            is_base = each.id == version.based_on_id and each.published_at <= version.created_at
            return None if is_base else each
    return None


# --------------------------------------------------------------- how complete

_COUNTED = Remembered[tuple[int, int, str, datetime], Completeness](500)
"""By version, revision, digest and moment: counting takes reading the whole document."""


def _completeness(session: Session, versions: Iterable[BankVersion]) -> dict[int, Completeness]:
    return {version.id: _counted(session, version) for version in versions}


def _counted(session: Session, version: BankVersion) -> Completeness:
    mark = (version.id, version.revision, version.digest, version.changed_at)
    known = _COUNTED.get(mark)
    if known is None:
        row = session.execute(
            select(BankVersion.document, BankVersion.ledger).where(BankVersion.id == version.id)
        ).one()
        known = _COUNTED[mark] = texts.completeness(row.document, row.ledger)
    return known
