"""The weights of a draft, joint by joint, with their sums and their shares in per cent.

A joint is the sections of the bank, the domains of a section or the questions of a domain.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core import places, weight_sheet
from survey.core.bank import Method
from survey.core.errors import NotFound
from survey.core.places import Place, written
from survey.core.weight_sheet import Line, Sheet, weight_of
from survey.i18n import _, current_locale, points
from survey.services import drafts
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.language import language_changed
from survey.web.workshop import edits
from survey.web.workshop.versions_shown import Shown, shown

bp = Blueprint("weights", __name__, url_prefix="/admin/banks")

Cells = Mapping[str, Mapping[str, str]]
"""What stands in the fields: by the part's step, then by column."""


@bp.get("/<int:version_id>/weights", defaults={"place": ""})
@bp.get("/<int:version_id>/weights/<path:place>")
@allow(Role.ADMINISTRATOR)
def index(version_id: int, place: str) -> ResponseReturnValue:
    now = shown(version_id)
    sheet = sheet_of(now.document, places.parse(place), each="each" in request.args)
    return _drawn(now, sheet, {line.step: line.cells for line in sheet.lines})


@bp.post("/<int:version_id>/weights", defaults={"place": ""})
@bp.post("/<int:version_id>/weights/<path:place>")
@allow(Role.ADMINISTRATOR)
def save(version_id: int, place: str) -> ResponseReturnValue:
    now = shown(version_id)
    each = "each" in request.form
    sheet = sheet_of(as_seen(version_id), places.parse(place), each=each)
    cells = _sent(sheet)
    if language_changed():
        return _drawn(now, sheet, cells)
    faults = dict(_faults(sheet, cells))
    if faults:
        return _drawn(now, sheet, cells, faults)
    try:
        return stored(now, place, cells, each=each)
    except drafts.NotADraft as error:
        db.session.rollback()
        gone = {"": messages.for_error(error, current_locale())}
        return _drawn(shown(version_id), sheet, cells, gone)


def as_seen(version_id: int) -> dict[str, Any]:
    """What the page that was sent was made from: its fields are those of that draft.

    Raises UnknownRevision.
    """
    return drafts.as_seen(db.session(), version_id, edits.seen())


def sheet_of(document: Any, place: Place, *, each: bool) -> Sheet:
    """Raises NotFound."""
    try:
        return weight_sheet.sheet(document, place, each=each)
    except KeyError:
        raise NotFound from None


def stored(now: Shown, place: str, cells: Cells, *, each: bool) -> ResponseReturnValue:
    """Store the weights and go back to the sheet, or show what somebody else has changed.

    Raises NotADraft, DiscardedDraft.
    """
    change = _change(places.parse(place), cells, each=each)
    edited = edits.edit(now, change, act="weights", place=place)
    here = url_for("weights.index", version_id=now.version.id, place=place)
    return edits.settled(now, edited, done=_("Saved."), there=here, tab="weights.index")


def _change(place: Place, cells: Cells, *, each: bool) -> Callable[[Any], Any]:
    def change(document: Any) -> Any:
        return weight_sheet.with_weights(document, sheet_of(document, place, each=each), cells)

    return change


# --------------------------------------------------------------------- the fields


def field_name(line: Line, column: str) -> str:
    return f"w.{line.step}.{column}"


def _sent(sheet: Sheet) -> Cells:
    """What was typed; what the page did not have stays as it is."""
    return {
        line.step: {
            column: request.form.get(field_name(line, column), was).strip()
            for column, was in line.cells.items()
        }
        for line in sheet.weighed
    }


def _faults(sheet: Sheet, cells: Cells) -> Iterator[tuple[str, str]]:
    """The fields that do not hold a weight, each with a sentence. Rows left alone are let be."""
    sentence = messages.sentence("weight-unreadable", {}, current_locale())
    for line in sheet.weighed:
        if cells[line.step] == line.cells:
            continue
        for column, typed in cells[line.step].items():
            if weight_of(typed) is None:
                yield field_name(line, column), sentence


# ------------------------------------------------------------------ the reply


def _drawn(
    now: Shown, sheet: Sheet, cells: Cells, faults: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    asked = request.method == "POST"
    totals = {column.key: sheet.total(column.key, cells) for column in sheet.columns}
    html = render_template(
        "workshop/weights.html",
        version=now.version,
        tab="weights.index",
        now=now,
        sheet=sheet,
        cells=cells,
        place=written(sheet.place),
        joints=[(written(place), len(place), title) for place, title in _joints(now.document)],
        sums={column.key: _sum(sheet, column.key, cells) for column in sheet.columns},
        shares={(line.step, c.key): _share(line, c.key, cells, totals) for line, c in _all(sheet)},
        name=field_name,
        may_differ=weight_sheet.may_differ(now.document),
        each=len(sheet.columns) > 1,
        counts=sheet.method is not Method.MEAN,
        most=weight_sheet.MOST_COMPARED,
        faults=list((faults or {}).items()),
        wrong=faults or {},
        seen=edits.seen() if asked else now.revision,
        page_form="weights" if now.editable else None,
    )
    return html, 422 if faults else 200


def _joints(document: Any) -> list[tuple[Place, Any]]:
    return list(weight_sheet.joints(document))


def _all(sheet: Sheet) -> Iterator[tuple[Line, Any]]:
    return ((line, column) for line in sheet.weighed for column in sheet.columns)


def _sum(sheet: Sheet, column: str, cells: Cells) -> tuple[str, str, bool]:
    """The sum of a column as it is, as it should be, and whether that is right."""
    expected = sheet.expected.get(column)
    wanted = "" if expected is None else plain(expected)
    return plain(sheet.total(column, cells)), wanted, sheet.sound(column, cells)


def _share(line: Line, column: str, cells: Cells, totals: Mapping[str, Decimal]) -> str:
    total = totals[column]
    weight = weight_of(cells.get(line.step, {}).get(column, ""))
    if weight is None or not total:
        return "–"
    return f"{points(weight / total * 100)}%"


def plain(number: Decimal) -> str:
    """As it is typed: no separators, no zeros at the end."""
    return f"{number.normalize():f}" if number else "0"
