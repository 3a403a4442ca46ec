"""Weights from comparing the parts of a joint in pairs.

The menus, how consistent the comparisons are, the weights that follow, and taking them over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core import pairwise, places, weight_sheet
from survey.core.pairwise import Weighing
from survey.core.places import written
from survey.core.weight_sheet import HUNDRED, Line, Sheet
from survey.i18n import current_locale
from survey.services import drafts
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.language import language_changed
from survey.web.workshop import edits
from survey.web.workshop.versions_shown import Shown, shown
from survey.web.workshop.weights import as_seen, plain, sheet_of, stored

bp = Blueprint("weighing", __name__, url_prefix="/admin/banks")

DECIMALS = (0, 1, 2, 4)
USUAL_DECIMALS = 1

SCALE = (*(str(n) for n in range(9, 0, -1)), *(f"1/{n}" for n in range(2, 10)))
"""From "the first is extremely more important" to "the second is"."""

ALIKE = "1"

NEVERTHELESS = "nevertheless"
"""The tick that takes weights over although the comparisons contradict each other."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parts to compare. `contrary` marks one that contradicts the others."""

    name: str
    first: Line
    second: Line
    chosen: str
    contrary: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What follows from the comparisons: by column the weights by the part's step, and their sum.

    The columns may need different sums.
    """

    weighing: Weighing
    weights: Mapping[str, Mapping[str, Decimal]]
    totals: Mapping[str, Decimal]


@bp.route("/<int:version_id>/weighing", methods=["GET", "POST"], defaults={"place": ""})
@bp.route("/<int:version_id>/weighing/<path:place>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def index(version_id: int, place: str) -> ResponseReturnValue:
    """Compare, and see the weights that follow. Only the button below them stores anything."""
    now = shown(version_id)
    document = as_seen(version_id) if request.method == "POST" else now.document
    sheet = sheet_of(document, places.parse(place), each="each" in request.values)
    if not 2 <= len(sheet.weighed) <= weight_sheet.MOST_COMPARED:
        abort(404)
    language_changed()
    proposal = _proposal(sheet) if request.method == "POST" else None
    if proposal is None or request.form.get("do") != "apply":
        return _drawn(now, sheet, proposal)
    if not proposal.weighing.consistent and NEVERTHELESS not in request.form:
        fault = messages.sentence("weights-contradict", {}, current_locale())
        return _drawn(now, sheet, proposal, [(NEVERTHELESS, fault)]), 422
    cells = {
        line.step: {
            **line.cells,
            **{column: plain(found[line.step]) for column, found in proposal.weights.items()},
        }
        for line in sheet.weighed
    }
    try:
        return stored(now, place, cells, each=len(sheet.columns) > 1)
    except drafts.NotADraft as error:
        db.session.rollback()
        fault = messages.for_error(error, current_locale())
        return _drawn(shown(version_id), sheet, proposal, [("", fault)]), 422


def _columns(sheet: Sheet) -> tuple[str, ...]:
    """The columns to fill in: the one that was chosen, or all of them."""
    known = tuple(column.key for column in sheet.columns)
    chosen = request.values.get("column")
    return (chosen,) if chosen in known else known


def _decimals() -> int:
    chosen = request.form.get("decimals", USUAL_DECIMALS, type=int)
    return chosen if chosen in DECIMALS else USUAL_DECIMALS


def _name(first: Line, second: Line) -> str:
    return f"c:{first.step}:{second.step}"


def _chosen(first: Line, second: Line) -> str:
    chosen = request.form.get(_name(first, second), ALIKE)
    return chosen if chosen in SCALE else ALIKE


def _matrix(sheet: Sheet) -> list[list[Fraction]]:
    """How much each part outweighs each other one; what was not compared counts as alike."""
    lines = sheet.weighed
    matrix = [[Fraction(1)] * len(lines) for _ in lines]
    for i, first in enumerate(lines):
        for j, second in enumerate(lines[i + 1 :], start=i + 1):
            matrix[i][j] = Fraction(_chosen(first, second))
            matrix[j][i] = 1 / matrix[i][j]
    return matrix


def _proposal(sheet: Sheet) -> Proposal:
    weighing = pairwise.weigh(_matrix(sheet))
    totals = {column: sheet.expected.get(column, HUNDRED) for column in _columns(sheet)}
    steps = [line.step for line in sheet.weighed]
    weights = {
        column: dict(
            zip(steps, weight_sheet.scaled(weighing.weights, total, _decimals()), strict=True)
        )
        for column, total in totals.items()
    }
    return Proposal(weighing, weights, totals)


# ------------------------------------------------------------------ the reply


def _drawn(
    now: Shown, sheet: Sheet, proposal: Proposal | None, faults: Sequence[tuple[str, str]] = ()
) -> str:
    asked = request.method == "POST"
    return render_template(
        "workshop/weighing.html",
        version=now.version,
        tab="weights.index",
        now=now,
        sheet=sheet,
        place=written(sheet.place),
        pairs=_pairs(sheet, proposal),
        scale=SCALE,
        columns=_columns(sheet),
        proposal=proposal,
        plain=plain,
        decimals=_decimals() if asked else USUAL_DECIMALS,
        all_decimals=DECIMALS,
        acceptable=pairwise.ACCEPTABLE,
        seen=edits.seen() if asked else now.revision,
        page_form="weighing",
        faults=faults,
        nevertheless=NEVERTHELESS,
    )


def _pairs(sheet: Sheet, proposal: Proposal | None) -> list[Pair]:
    lines = sheet.weighed
    contrary: tuple[tuple[int, int], ...] = ()
    if proposal is not None and not proposal.weighing.consistent:
        contrary = pairwise.most_contrary(_matrix(sheet), proposal.weighing.weights)
    return [
        Pair(_name(first, second), first, second, _chosen(first, second), (i, j) in contrary)
        for i, first in enumerate(lines)
        for j, second in enumerate(lines[i + 1 :], start=i + 1)
    ]
