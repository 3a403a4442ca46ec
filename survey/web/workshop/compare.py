"""Any two versions side by side: what was added, removed, reworded, scored otherwise, moved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.core import version_diff
from survey.core.bank_parts import Part
from survey.core.places import parse
from survey.core.version_diff import Change, Named, Sort
from survey.i18n import Later
from survey.services import banks, drafts, publishing
from survey.services.bank_rows import is_mark
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.addresses import row_number
from survey.web.workshop.diffs import SORTS, Showing, ShownChange

bp = Blueprint("compare", __name__, url_prefix="/admin/banks")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions and what differs, perhaps only what is of one sort.

    `counts` has for each sort how many parts differ so, questions alone and all.
    """

    version: BankVersion
    other: BankVersion
    changes: Sequence[Change]
    counts: Sequence[tuple[Sort, Later, int, int]]
    groups: Sequence[tuple[Later, Sequence[ShownChange]]]


@bp.get("/<int:version_id>/compare")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    session = db.session()
    chosen = request.args.get("version", version_id, type=row_number)
    if chosen != version_id:
        address = url_for(".index", version_id=chosen, other=request.args.get("other"))
        return redirect(address, 303)
    version = banks.get_version(session, version_id)
    other_id = request.args.get("other", type=row_number)
    if other_id is not None:
        other: BankVersion | None = banks.get_version(session, other_id)
    else:
        other = publishing.before(session, version)
    compared = None if other is None else between(other, version, sort=_sort())
    return render_template(
        "workshop/compare.html",
        version=version,
        tab="versions.show",
        versions=banks.list_versions(session),
        other=other,
        compared=compared,
        sort=_sort(),
    )


def between(other: BankVersion, version: BankVersion, *, sort: Sort | None = None) -> Compared:
    """What makes `version` out of `other`."""
    old, new = (_document(each) for each in (other, version))
    every = version_diff.between(old, new, _renamed(other, version))
    chosen = [change for change in every if sort is None or sort in change.sorts]
    showing = Showing(old, new, version.id)
    return Compared(version, other, every, _counts(every), showing.groups(chosen))


def counts(other: BankVersion, version: BankVersion) -> Compared:
    """The same without what is shown of each change."""
    old, new = (_document(each) for each in (other, version))
    every = version_diff.between(old, new, _renamed(other, version))
    return Compared(version, other, every, _counts(every), ())


def _counts(changes: Sequence[Change]) -> list[tuple[Sort, Later, int, int]]:
    questions = Counter(
        sort for each in changes if each.part is Part.QUESTION for sort in each.sorts
    )
    everything = Counter(sort for each in changes for sort in each.sorts)
    return [
        (sort, SORTS[sort], questions[sort], everything[sort]) for sort in Sort if everything[sort]
    ]


def _renamed(other: BankVersion, version: BankVersion) -> dict[Named, str]:
    """The older keys of what was renamed, where every edit from one to the other is on record."""
    if version.based_on_id != other.id:
        return {}
    lines = drafts.edits(db.session(), version.id, most=version.revision)
    own = (
        ([patch for patch in line.patches if not is_mark(patch)], parse(line.place))
        for line in reversed(lines)
    )
    return version_diff.renames(own)


def _sort() -> Sort | None:
    wanted = request.args.get("sort", "")
    return Sort(wanted) if wanted in set(Sort) else None


def _document(version: BankVersion) -> dict[str, Any]:
    return banks.document_of(db.session(), version.id)
