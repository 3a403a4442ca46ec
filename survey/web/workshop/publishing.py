"""The page before publishing: everything that forbids it, what would be new, and the button.

The button is there only when nothing forbids it, and publishes only what the page has shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core import places
from survey.core.errors import BadDocument, NotFound, Problem, SurveyError
from survey.core.texts import State
from survey.core.waivers import LONGEST_REASON, OpenText, Waiver
from survey.core.word_diff import Span, spans
from survey.i18n import Later, _, current_locale, in_a_row, lazy, ngettext
from survey.services import banks, overview, publishing
from survey.services.banks import TranslationsOpen
from survey.services.publishing import (
    Check,
    GoingBack,
    WaivedAlready,
    WaiverRefused,
    WouldGoBack,
)
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web.access import Role, actor, allow, may
from survey.web.copies import LANGUAGES
from survey.web.language import language_changed
from survey.web.wiring import settings
from survey.web.workshop import compare, fixed_keys, problem_words, trials
from survey.web.workshop.compare import Compared
from survey.web.workshop.diffs import Showing, ShownChange, part_address
from survey.web.workshop.part_pages import told

bp = Blueprint("publishing", __name__, url_prefix="/admin/banks")

MOST = 100
"""Lines of one list on the page. What is mended makes room for the rest."""

MOST_CHANGED = 100
"""Places whose differences are drawn on the page; of more there is a page of its own."""

STATES = {
    State.MISSING: lazy("missing"),
    State.STALE: lazy("stale"),
    State.DRAFT: lazy("not reviewed"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem with the place where it can be mended."""

    sentence: str
    where: str
    address: str


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text that is not reviewed; `source` marks what is new in it since it was translated."""

    text: OpenText
    state: str
    where: str
    address: str
    source: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver with the names of who gave it and who took it back."""

    waiver: Waiver
    where: str
    name: str
    at: datetime
    withdrawn_by: str
    mark: str


@dataclass(frozen=True, slots=True)
class Back:
    """What would go back from the newest published version; `more` parts are not shown."""

    going: GoingBack
    count: int
    groups: Sequence[tuple[Later, Sequence[ShownChange]]]
    more: int


@bp.get("/<int:version_id>/publishing")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    return _show(version_id)


@bp.post("/<int:version_id>/publishing")
@allow(Role.ADMINISTRATOR)
def publish(version_id: int) -> ResponseReturnValue:
    """Publish what was shown; the page comes back if it would be anything else."""
    try:
        publishing.publish(
            db.session(),
            version_id,
            confirmed=request.form.get("back", type=int),
            seen=request.form.get("seen", -1, type=int),
            by=actor().user_id,
            now=datetime.now(UTC),
            fonts_folder=settings().fonts_folder,
        )
    except NotFound:
        raise
    except (BadDocument, TranslationsOpen):
        db.session.rollback()
        return _show(version_id, fault=_("It cannot be published yet. This page says why."))
    except WouldGoBack:
        db.session.rollback()
        fault = _(
            "Nothing was published. Look at what would go back, and confirm it if it is meant."
        )
        return _show(version_id, fault=fault)
    except SurveyError as error:
        db.session.rollback()
        return _show(version_id, fault=messages.for_error(error, current_locale()))
    db.session.commit()
    flash(_("Published. Firms can start it now."), "success")
    return redirect(url_for(".index", version_id=version_id), 303)


@bp.post("/<int:version_id>/publishing/waive")
@allow(Role.ADMINISTRATOR)
def waive(version_id: int) -> ResponseReturnValue:
    marks, reason = request.form.getlist("mark"), request.form.get("reason", "")
    if language_changed():
        if marks or reason:
            return _show(version_id, chosen=marks, reason=reason)
        return redirect(url_for(".index", version_id=version_id), 303)
    try:
        count = publishing.waive(
            db.session(),
            version_id,
            marks=marks,
            reason=reason,
            by=actor().user_id,
            now=datetime.now(UTC),
        )
    except WaivedAlready as error:
        db.session.rollback()
        fault = _waived_already(error.waivers)
        return _show(version_id, waiver_fault=fault, chosen=marks, reason=reason)
    except WaiverRefused as error:
        db.session.rollback()
        fault = messages.for_error(error, current_locale())
        return _show(version_id, waiver_fault=fault, chosen=marks, reason=reason)
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        fault = messages.for_error(error, current_locale())
        return _show(version_id, fault=fault, chosen=marks, reason=reason)
    db.session.commit()
    flash(ngettext("%(num)d text is waived.", "%(num)d texts are waived.", count), "success")
    return redirect(url_for(".index", version_id=version_id, _anchor="translations"), 303)


def _waived_already(waivers: Sequence[Waiver]) -> str:
    known = publishing.names_of(db.session(), waivers)
    names = sorted({known.get(waiver["by"], _("The installation")) for waiver in waivers})
    return ngettext(
        "%(num)d of the chosen texts has been waived already, by %(names)s. Your reason was not "
        "saved, and nothing was waived now.",
        "%(num)d of the chosen texts have been waived already, by %(names)s. Your reason was not "
        "saved, and nothing was waived now.",
        len(waivers),
        names=in_a_row(names),
    )


@bp.post("/<int:version_id>/publishing/withdraw")
@allow(Role.ADMINISTRATOR)
def withdraw(version_id: int) -> ResponseReturnValue:
    mark, now = request.form.get("mark", ""), datetime.now(UTC)
    try:
        publishing.withdraw(db.session(), version_id, mark=mark, by=actor().user_id, now=now)
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        return _show(version_id, fault=messages.for_error(error, current_locale()))
    db.session.commit()
    flash(_("The waiver is withdrawn."), "success")
    return redirect(url_for(".index", version_id=version_id, _anchor="translations"), 303)


# --------------------------------------------------------------------- the page


def _show(
    version_id: int,
    *,
    fault: str = "",
    waiver_fault: str = "",
    chosen: Sequence[str] = (),
    reason: str = "",
) -> ResponseReturnValue:
    session = db.session()
    found = publishing.check(session, version_id, fonts_folder=settings().fonts_folder)
    before = publishing.before(session, found.version)
    compared = None if before is None else _compared(before, found)
    missing, problems = _of(found, missing=True), _beside_missing(found)
    published = fixed_keys.fixed_keys(session, found.version)
    page = render_template(
        "workshop/publishing.html",
        version=found.version,
        tab="publishing.index",
        found=found,
        most=MOST,
        faults=[_fault(found, problem) for problem in problems[:MOST]],
        faults_all=len(problems),
        unprintable=[_fault(found, problem) for problem in found.unprintable[:MOST]],
        missing=[_text(found, each) for each in missing[:MOST]],
        missing_all=len(missing),
        doubtful=[_text(found, each) for each in _of(found, missing=False)[:MOST]],
        doubtful_all=len(_of(found, missing=False)),
        waived=_waivers(found, [each.waiver for each in found.waived if each.waiver]),
        void=_waivers(found, found.void),
        trials=trials.lines(found.version),
        languages=LANGUAGES,
        compared=compared,
        successor=before is not None and before.published_at is not None,
        back=_back(found),
        rekeyed=fixed_keys.rekeyed(compared.changes, published) if compared else (),
        uses=overview.uses(session, actor()).get(version_id, 0),
        fault=fault,
        waiver_fault=waiver_fault,
        chosen=chosen,
        reason=reason,
        longest=LONGEST_REASON,
    )
    return page, 422 if fault or waiver_fault else 200


def _compared(before: BankVersion, found: Check) -> Compared:
    """What differs, and the differences themselves unless there are too many for this page."""
    compared = compare.counts(before, found.version)
    if sum(len(change.lines) for change in compared.changes) > MOST_CHANGED:
        return compared
    old = banks.document_of(db.session(), before.id)
    showing = Showing(old, found.document, found.version.id)
    return replace(compared, groups=showing.groups(compared.changes))


def _back(found: Check) -> Back | None:
    going = publishing.going_back(db.session(), found.version)
    if going is None:
        return None
    every = going.changes
    ends = accumulate(len(change.lines) for change in every)
    shown = max(1, sum(end <= MOST_CHANGED for end in ends))
    groups = Showing(going.document, found.document, found.version.id).groups(every[:shown])
    return Back(going, len(every), groups, max(0, len(every) - shown))


def _of(found: Check, *, missing: bool) -> list[OpenText]:
    return [each for each in found.unsettled if (each.state is State.MISSING) is missing]


def _beside_missing(found: Check) -> Sequence[Problem]:
    """The problems without those that are told as missing texts."""
    missing = {
        (*places.parse(text.place), locale.value)
        for text in _of(found, missing=True)
        for locale in text.missing_in
    }
    return [
        problem
        for problem in found.problems
        if places.of_problem(found.document, problem.place) not in missing
    ]


def _fault(found: Check, problem: Problem) -> Fault:
    place = places.of_problem(found.document, problem.place)
    return Fault(
        problem_words.sentence(found.document, problem, current_locale()),
        told(found.document, place) or problem.place,
        _address(found, place),
    )


def _text(found: Check, text: OpenText) -> TextLine:
    place = places.parse(text.place)
    marks = spans(text.was or text.source, text.source)
    where, address = told(found.document, place), _address(found, place)
    return TextLine(text, str(STATES[text.state]), where, address, marks)


def _address(found: Check, place: places.Place) -> str:
    return part_address(found.version.id, place) if may("parts.edit") else ""


def _waivers(found: Check, kept: Sequence[Waiver]) -> list[WaiverLine]:
    names = publishing.names_of(db.session(), kept)
    marks = {_named(each.waiver): each.mark for each in found.waived if each.waiver}
    return [
        WaiverLine(
            waiver=waiver,
            where=told(found.document, places.parse(waiver["place"])) or waiver["place"],
            name=names.get(waiver["by"], "") if waiver["by"] is not None else "",
            at=datetime.fromisoformat(waiver["at"]),
            withdrawn_by=names.get(waiver.get("withdrawn_by", 0), ""),
            mark=marks.get(_named(waiver), ""),
        )
        for waiver in kept
    ]


def _named(waiver: Waiver) -> tuple[Any, ...]:
    return waiver["place"], waiver["at"]
