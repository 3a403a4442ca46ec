"""The history of a version: who changed what, from what to what; any edit can be taken back."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.core.edit_changes import How
from survey.core.word_diff import Op
from survey.i18n import _
from survey.services import banks, drafts
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.workshop import clashes, edits, history_words
from survey.web.workshop.versions_shown import shown

bp = Blueprint("history", __name__, url_prefix="/admin/banks")

PAGE = 10


@bp.get("/<int:version_id>/history")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    session = db.session()
    version = banks.get_version(session, version_id)
    before = request.args.get("before", type=row_number)
    lines = drafts.edits(session, version_id, before=before, most=PAGE)
    every = drafts.with_documents(session, version_id, lines)
    return render_template(
        "workshop/history.html",
        version=version,
        tab="history.index",
        edits=[history_words.shown(*each) for each in every],
        may_undo=version.published_at is None and version.discarded_at is None,
        newest=before is None,
        older=lines[-1].id if len(lines) == PAGE and lines[-1].revision > 2 else None,
        How=How,
        Op=Op,
    )


@bp.post("/<int:version_id>/history/<int:edit_id>/undo")
@allow(Role.ADMINISTRATOR)
def undo(version_id: int, edit_id: int) -> ResponseReturnValue:
    """Take one edit back, or show both sides of what was changed again since."""
    now = shown(version_id)
    edited = drafts.undo(
        db.session(),
        version_id,
        edit_id=edit_id,
        by=actor().user_id,
        now=datetime.now(UTC),
        choices=clashes.choices(now.revision),
    )
    return edits.settled(
        now,
        edited,
        done=_("Undone. This stands in the history too, and can be undone itself."),
        nothing=_("There is nothing to undo here: the draft is as it was before this edit."),
        there=url_for(".index", version_id=version_id),
        tab="history.index",
    )
