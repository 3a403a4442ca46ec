"""One edit of a draft, as the pages send it: the revision they had seen, and what follows it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from survey.i18n import _
from survey.services import drafts
from survey.services.drafts import Edited
from survey.store.site import db
from survey.web.access import actor
from survey.web.workshop import clashes
from survey.web.workshop.versions_shown import Shown, shown

Document = dict[str, Any]


def seen() -> int:
    """The revision that the page was made from; 0 is none."""
    return request.form.get("seen", 0, type=int)


def edit(now: Shown, change: Callable[[Document], Document], *, act: str, place: str) -> Edited:
    """Apply the change to the draft as the page had seen it, in the name of who sent it.

    Raises what `drafts.edit` raises.
    """
    return drafts.edit(
        db.session(),
        now.version.id,
        seen=seen(),
        change=change,
        act=act,
        place=place,
        by=actor().user_id,
        now=datetime.now(UTC),
        choices=clashes.choices(now.revision),
    )


def settled(
    now: Shown,
    edited: Edited,
    *,
    done: str,
    there: str,
    tab: str,
    back: str = "",
    nothing: str = "",
) -> ResponseReturnValue:
    """Store the edit and go `there`, saying what was done; or show both sides where it clashed.

    `now` is the draft as it was before, `back` where dropping the change leads, else `there` too.
    """
    if edited.clashes:
        db.session.rollback()
        action = request.full_path.rstrip("?")
        return clashes.page(
            shown(now.version.id), edited, action=action, back=back or there, tab=tab
        )
    db.session.commit()
    if edited.revision == now.revision:
        flash(nothing or _("Nothing was changed."), "info")
    elif done:
        flash(done, "success")
    return redirect(there, 303)
