"""The targets of a firm, domain by domain: the table of score, level, target and gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.core.answers import Answers
from survey.core.bank import Bank
from survey.core.errors import quoted
from survey.core.levels import domain_threshold
from survey.core.result import Result
from survey.core.text import Text
from survey.i18n import _
from survey.services import assessments, targets
from survey.services.targets import Chosen, UnknownLevel
from survey.store.site import db
from survey.web.access import Role, actor, allow

bp = Blueprint("targets", __name__)

PREFIX = "target_"


@dataclass(frozen=True, slots=True)
class Choice:
    """A level that can be chosen, and the points of a domain that it begins at."""

    number: int
    title: Text
    points: Decimal


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
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every domain that can have a target, and the target that was chosen last.

    `levelled` tells whether the score of a domain can be called a level.
    """

    lines: tuple[Line, ...]
    levelled: bool
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
    return render_template(
        "firm/targets.html", state=state, table=table(state.bank, state.answers, None, chosen)
    )


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


def table(
    bank: Bank, answers: Answers, result: Result | None, chosen: Mapping[str, Chosen]
) -> Table:
    """The domains in reading order. Without a result nobody knows yet how far it is."""
    known = targets.domains_of(bank, answers)
    return Table(
        lines=tuple(
            _line(bank, domain.key, section.code, domain.title, result, chosen)
            for section in bank.sections
            for domain in section.domains
            if domain.key in known
        ),
        levelled=bank.parts_have_levels,
        newest=max(chosen.values(), key=lambda each: each.at, default=None),
    )


def _line(
    bank: Bank,
    key: str,
    code: str,
    title: Text,
    result: Result | None,
    chosen: Mapping[str, Chosen],
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
        gap=None if target is None else targets.gap(bank, target, score),
        choices=_choices(bank, target),
    )


def _choices(bank: Bank, target: int | None) -> tuple[Choice, ...]:
    """What is offered, and the present target even if it is not offered any more."""
    offered = targets.offered_levels(bank)
    return tuple(
        Choice(step.number, step.title, domain_threshold(bank, step.number))
        for step in bank.levels.steps
        if step in offered or step.number == target
    )


def _level(typed: str) -> int | None:
    """The level that a field names, None for an empty one. Raises UnknownLevel."""
    if not typed:
        return None
    if not (len(typed) == 1 and "0" <= typed <= "9"):
        raise UnknownLevel(level=quoted(typed))
    return int(typed)
