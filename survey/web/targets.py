"""The targets of a firm, domain by domain: the table of score, level, target and gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.core.bank import Bank
from survey.core.errors import quoted
from survey.core.result import Result
from survey.core.text import Text
from survey.i18n import _
from survey.services import assessments, targets
from survey.services.targets import HIGHEST, POINTS_OF_A_LEVEL, Chosen, UnknownLevel
from survey.store.db import db
from survey.web.access import Role, actor, allow

bp = Blueprint("targets", __name__)

PREFIX = "target_"
LEVELS = tuple((level, level * POINTS_OF_A_LEVEL) for level in range(HIGHEST + 1))
"""What can be chosen: each level, and the points that it begins at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One domain: where it stands, and what the firm wants. None where there is nothing."""

    key: str
    code: str
    title: Text
    score: Decimal | None
    level: int | None
    target: int | None
    gap: Decimal | None


@dataclass(frozen=True, slots=True)
class Table:
    """Every domain that can have a target, and the target that was chosen last."""

    lines: tuple[Line, ...]
    levels: tuple[tuple[int, int], ...]
    newest: Chosen | None


@bp.get("/assessments/<int:assessment_id>/targets")
@allow(Role.FIRM)
def choose(assessment_id: int) -> ResponseReturnValue:
    """For an assessment under way; after submitting, the result has the same table."""
    session, who = db.session(), actor()
    state = assessments.hub(session, who, assessment_id)
    if state.assessment.submitted_at is not None:
        return redirect(url_for("firm.result", assessment_id=assessment_id) + "#targets", 303)
    chosen = targets.targets_of(session, who, assessment_id)
    return render_template("firm/targets.html", state=state, table=table(state.bank, None, chosen))


@bp.post("/assessments/<int:assessment_id>/targets")
@allow(Role.FIRM)
def save(assessment_id: int) -> ResponseReturnValue:
    wanted = {
        name.removeprefix(PREFIX): _level(typed)
        for name, typed in request.form.items()
        if name.startswith(PREFIX)
    }
    now = datetime.now(UTC)
    targets.set_targets(db.session(), actor(), assessment_id, targets=wanted, now=now)
    db.session.commit()
    flash(_("The targets are saved."), "success")
    return redirect(url_for(".choose", assessment_id=assessment_id), 303)


def table(bank: Bank, result: Result | None, chosen: Mapping[str, Chosen]) -> Table:
    """The domains in reading order. Without a result nobody knows yet how far it is."""
    known = targets.domains_of(bank)
    return Table(
        lines=tuple(
            _line(domain.key, section.code, domain.title, result, chosen)
            for section in bank.sections
            for domain in section.domains
            if domain.key in known
        ),
        levels=LEVELS,
        newest=max(chosen.values(), key=lambda each: each.at, default=None),
    )


def _line(
    key: str, code: str, title: Text, result: Result | None, chosen: Mapping[str, Chosen]
) -> Line:
    found = None if result is None else result.domains[key]
    score = None if found is None else found.score
    target = chosen[key].level if key in chosen else None
    return Line(
        key=key,
        code=code,
        title=title,
        score=score,
        level=None if found is None else found.level,
        target=target,
        gap=None if target is None else targets.gap(target, score),
    )


def _level(typed: str) -> int | None:
    """The level that a field names, None for an empty one. Raises UnknownLevel."""
    if not typed:
        return None
    if typed not in {str(level) for level, _points in LEVELS}:
        raise UnknownLevel(level=quoted(typed), highest=HIGHEST)
    return int(typed)
