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
    """One version; `who` is empty for the installation itself."""

    version: BankVersion
    who: str
    completeness: Completeness


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
    known = _completeness(session, [version for version, _who, _edit in rows])
    return [Listed(version, who, known[version.id]) for version, who, _edit in rows]


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
