"""What if: a result beside the one that other answers would give, section by section.

Nothing is stored. What was changed in one section travels to the next in a hidden field of the
form, as plain answers by question key; whatever comes back in it is checked like any answer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey import messages
from survey.core import wording
from survey.core.answers import BadAnswers, PlainAnswer
from survey.core.bank import Bank, Section
from survey.core.errors import BadAnswer, Problem, SurveyError
from survey.core.figures import short_of
from survey.core.parts import Said
from survey.core.result import Result
from survey.core.said import said
from survey.core.text import Text
from survey.core.what_if import Moved
from survey.i18n import _, current_locale, points, say, two
from survey.services.what_if import WhatIf, what_if
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.firm import report_of
from survey.web.forms import PageForm, page_form, sentence, shown
from survey.web.language import language_changed

bp = Blueprint("what_if", __name__)

LONGEST = 100_000
"""Characters that the changes of a whole questionnaire never reach."""

ONE_PLACE, TWO_PLACES = Decimal("0.1"), Decimal("0.01")

Changes = Mapping[str, PlainAnswer | None]
Fault = tuple[str, str]
"""The id of a field, or nothing, and a sentence."""


class Unreadable(SurveyError):
    """The hidden field with the earlier changes does not hold what we put into it."""

    code = "what-if-unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure now and with the changes, in words; `by` is empty where it did not move."""

    label: str
    before: str
    after: str
    by: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that is answered differently; None means no answer."""

    prompt: Text
    before: Said | None
    after: Said | None


@bp.route("/assessments/<int:assessment_id>/what-if/<section_key>", methods=["GET", "POST"])
@allow(Role.FIRM, Role.CONSULTANT, Role.ADMINISTRATOR)
def page(assessment_id: int, section_key: str) -> ResponseReturnValue:
    """Sending changes nothing, so it may be repeated: it ends in a page, not in a redirect."""
    language_changed()
    if request.method != "POST":
        return _show(_supposed(assessment_id, {}), section_key)
    try:
        earlier = _supposed(assessment_id, _sent_changes())
    except (Unreadable, BadAnswers) as error:
        stored = _supposed(assessment_id, {})
        return _show(stored, section_key, faults=list(_sentences(stored.before.bank, error)))
    sent_from = request.form.get("from", section_key)
    form = _form(earlier, sent_from, request.form)
    if not form.validate():
        faults = [(f.name, fault) for f in form.questions.values() for fault in f.errors]
        return _show(earlier, sent_from, form=form, faults=faults)
    here = {key: field.data for key, field in form.questions.items() if field.sent}
    return _show(_supposed(assessment_id, {**earlier.changes, **here}), section_key)


def _supposed(assessment_id: int, changes: Changes) -> WhatIf:
    return what_if(db.session(), actor(), assessment_id, changes=changes)


def _sent_changes() -> Changes:
    """The earlier changes as they came back: a JSON object. Raises Unreadable."""
    sent = request.form.get("changes", "")
    if len(sent) > LONGEST:
        raise Unreadable
    try:
        changes = json.loads(sent or "{}")
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(changes, dict):
        raise Unreadable
    return changes


def _sentences(bank: Bank, error: Unreadable | BadAnswers) -> Iterator[Fault]:
    locale = current_locale()
    yield "", messages.for_error(Unreadable(), locale)
    for problem in error.problems if isinstance(error, BadAnswers) else ():
        yield "", _sentence(bank, problem)


def _sentence(bank: Bank, problem: Problem) -> str:
    question = bank.questions.get(problem.place)
    if question is None:
        return messages.for_problem(problem, current_locale())
    return sentence(question, BadAnswer(problem.code, **problem.facts), current_locale())


def _section(bank: Bank, key: str) -> Section:
    try:
        return bank.section(key)
    except KeyError:
        abort(404)


def _form(supposed: WhatIf, section_key: str, sent: MultiDict[str, str] | None = None) -> PageForm:
    """The section's form, filled with what was sent or else with stored and changed answers."""
    bank = supposed.before.bank
    key = _section(bank, section_key).key
    built = page_form(bank, supposed.before.bank_digest, key, current_locale())
    return built(sent, data=shown(supposed.supposed.plain))


# ------------------------------------------------------------------ the reply


def _show(
    supposed: WhatIf,
    section_key: str,
    *,
    form: PageForm | None = None,
    faults: Sequence[Fault] = (),
) -> ResponseReturnValue:
    """The page. With a fault nothing is compared: what was typed is not understood yet."""
    bank, difference = supposed.before.bank, supposed.difference
    html = render_template(
        "firm/what_if.html",
        supposed=supposed,
        bank=bank,
        section=_section(bank, section_key),
        form=form or _form(supposed, section_key),
        faults=faults,
        carried=json.dumps(supposed.changes, ensure_ascii=False, separators=(",", ":")),
        compared=bool(supposed.changes) and not faults,
        report=report_of(supposed.supposed),
        figures=_figures(supposed),
        moved=[_moved(bank, each) for each in difference.questions],
        changed=[_changed(supposed, key) for key in bank.questions if key in supposed.changes],
        vanished=[wording.blocked(bank, each) for each in difference.vanished],
        appeared=[wording.blocked(bank, each) for each in difference.appeared],
        glossary={term.key: term for term in bank.glossary},
        sources={source.key: source for source in bank.sources},
    )
    return html, 422 if faults else 200


def _figures(supposed: WhatIf) -> list[Line]:
    """Total, level and completeness, then every section."""
    bank, old, new = supposed.before.bank, supposed.before.result, supposed.after
    sections, needed = supposed.difference.sections, bank.levels.gates.completeness
    known = Moved("", *(short_of(each.completeness, needed) for each in (old, new)))
    return [
        _line(_("Total"), Moved("", old.total, new.total), none=_("Not given")),
        Line(_("Level"), _level(bank, old), _level(bank, new), ""),
        _line(_("Completeness"), known, unit="%"),
        *(_line(say(bank.section(each.key).title), each, none=_("not rated")) for each in sections),
    ]


def _level(bank: Bank, result: Result) -> str:
    step = next((step for step in bank.levels.steps if step.number == result.level), None)
    return say(wording.NO_LEVEL if step is None else wording.level_reached(step))


def _moved(bank: Bank, moved: Moved) -> Line:
    """What a question adds to the total, to two places as in the trace."""
    question = bank.questions[moved.key]
    code = question.code or bank.section(bank.place_of[moved.key]).code
    return replace(_line(say(question.prompt), moved, places=TWO_PLACES), code=code)


def _line(
    label: str, moved: Moved, *, places: Decimal = ONE_PLACE, none: str = "–", unit: str = ""
) -> Line:
    """What is shown as moved is the difference of what is shown as before and after."""
    before, after = _at(moved.before, places), _at(moved.after, places)
    by = Moved(moved.key, before, after).by
    return Line(
        label=label,
        before=none if before is None else _written(before, places) + unit,
        after=none if after is None else _written(after, places) + unit,
        by="" if by == 0 else f"{'−' if by < 0 else '+'}{_written(abs(by), places)}",
    )


def _at(value: Decimal | None, places: Decimal) -> Decimal | None:
    return None if value is None else value.quantize(places, rounding=ROUND_HALF_UP)


def _written(value: Decimal, places: Decimal) -> str:
    return two(value) if places == TWO_PLACES else points(value)


def _changed(supposed: WhatIf, key: str) -> Changed:
    question = supposed.before.bank.questions[key]
    before, after = (
        None if (answer := outcome.answers.get(key)) is None else said(question, answer)
        for outcome in (supposed.before, supposed.supposed)
    )
    return Changed(question.prompt, before, after)
