"""A version as the workshop's pages show it: a draft that can be worked on, or only read."""

from dataclasses import dataclass
from typing import Any

from survey.core.errors import Problem
from survey.services import banks, drafts
from survey.services.drafts import Draft, NotADraft
from survey.store.models import BankVersion
from survey.store.site import db


@dataclass(frozen=True, slots=True)
class Shown:
    """One version. Without a `draft` nothing of it can be changed."""

    version: BankVersion
    document: dict[str, Any]
    draft: Draft | None
    problems: tuple[Problem, ...]
    ledger: dict[str, Any]
    revision: int
    """When it was read: the row goes on with every edit."""

    @property
    def editable(self) -> bool:
        return self.draft is not None


def shown(version_id: int) -> Shown:
    """Raises NotFound."""
    session = db.session()
    version = banks.get_version(session, version_id)
    try:
        draft = drafts.opened(session, version_id)
    except NotADraft:
        return Shown(
            version, banks.document_of(session, version_id), None, (), {}, version.revision
        )
    problems, _bank = drafts.checked(draft)
    return Shown(version, draft.document, draft, problems, draft.ledger, draft.revision)
