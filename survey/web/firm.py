"""A firm's own journey around the questions: its assessments, the hub, check, submit, result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from survey import messages
from survey.core import report
from survey.core.answers import BadAnswers
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.errors import BadAnswer, Problem, SurveyError
from survey.core.likely import unlikely
from survey.core.parts import Report
from survey.core.said import said
from survey.core.text import Text
from survey.i18n import _, current_locale, ngettext, points, say
from survey.pdf.charts import radar
from survey.services import (
    accounts,
    assessments,
    assignments,
    banks,
    comments,
    discarding,
    evidence,
    going_on,
    moving,
    pace,
    reopening,
    report_rows,
    reports,
)
from survey.services.assessments import (
    AlreadySubmitted,
    NotComplete,
    NotSubmitted,
    Outcome,
    State,
)
from survey.services.going_on import GoneOn
from survey.services.report_inputs import CHINA
from survey.services.targets import targets_of
from survey.store.models import Assessment, BankVersion
from survey.store.models import Report as MadeReport
from survey.store.site import db
from survey.web import hub as overview
from survey.web.access import Role, actor, allow
from survey.web.addresses import row_number
from survey.web.answer_words import typed_words
from survey.web.answering import said_progress
from survey.web.forms import sentence
from survey.web.pages import listed
from survey.web.reports import deliver_later, reopened
from survey.web.targets import table
from survey.web.wiring import settings

bp = Blueprint("firm", __name__)

FEWEST_AXES = 3
"""A radar needs so many sections; with fewer the table stands alone."""


LATELY = timedelta(days=7)
"""So long a comment is counted as a new one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One edition of a bank that can be started; `edition` is empty for the whole.

    `answered` is an assessment whose answers need not be given again: going on from its result
    copies them. The answers of `before`, the last round, are offered again one by one.
    """

    version_id: int
    edition: str
    bank: Bank
    answered: int | None
    before: Assessment | None

    @property
    def questions(self) -> int:
        return sum(len(section.questions) for section in self.bank.sections)


@bp.get("/firm")
@allow(Role.FIRM)
def home() -> ResponseReturnValue:
    session, who = db.session(), actor()
    firm = accounts.own_firm(session, who)
    mine = assessments.list_for_firm(session, who, firm.id)
    under_way = {one.bank_version_id for one in mine if one.submitted_at is None}
    offered = [v for v in banks.open_versions(session) if v.id not in under_way]
    offered.sort(key=_prominence)
    drafts = [one.id for one in mine if one.submitted_at is None]
    return render_template(
        "firm/home.html",
        firm=firm,
        assessments=[(one, _bank(one.bank_version, one.edition)) for one in mine],
        offered=[offer for version in offered for offer in _offers(version, mine)],
        newer=moving.newer(session, mine) if who.owner else {},
        for_reading={one for one in drafts if not assignments.answers_any(session, who, one)},
        discarded=discarding.discarded(session, who) if who.owner else (),
    )


@bp.post("/firm/assessments")
@allow(Role.FIRM)
def start() -> ResponseReturnValue:
    begun = assessments.start(
        db.session(),
        actor(),
        version_id=request.form.get("version", 0, type=row_number),
        edition=request.form.get("edition", FULL),
        now=datetime.now(UTC),
    )
    there = url_for(".hub", assessment_id=begun.id)  # after the commit it may be gone
    db.session.commit()
    return redirect(there, 303)


@bp.post("/assessments/<int:assessment_id>/go-on")
@allow(Role.FIRM)
def go_on(assessment_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    further = going_on.go_on(db.session(), actor(), assessment_id, now=now)
    there = url_for(".hub", assessment_id=further.assessment.id)
    db.session.commit()
    _say_further(further)
    return redirect(there, 303)


def _say_further(further: GoneOn) -> None:
    """Tell what going on has changed."""
    if further.copied and not further.begun:
        sentence = ngettext(
            "%(num)d answer was copied into the assessment under way, which asks all the "
            "questions. What was answered there stays as it is.",
            "%(num)d answers were copied into the assessment under way, which asks all the "
            "questions. What was answered there stays as it is.",
            further.copied,
        )
        flash(sentence, "success")
    elif further.begun or further.widened:
        flash(_("All the questions are here now. The answers you gave are kept."), "success")
    else:
        flash(_("This assessment is under way already. Go on with it."), "info")


@bp.get("/assessments/<int:assessment_id>")
@allow(Role.FIRM)
def hub(assessment_id: int) -> ResponseReturnValue:
    state = assessments.hub(db.session(), actor(), assessment_id)
    if state.assessment.submitted_at is not None:
        return redirect(url_for(".result", assessment_id=assessment_id), 303)
    session, who = db.session(), actor()
    given = assignments.of_assessment(session, assessment_id)
    seconds = pace.seconds_per_question(
        session, firm_id=state.assessment.firm_id, bank_key=state.bank.key
    )
    talk = comments.counts(session, assessment_id)
    rows = overview.rows(state, who, given, seconds, talk, datetime.now(CHINA).date())
    return render_template(
        "firm/hub.html",
        state=state,
        rows=rows,
        next_page=overview.next_page(rows),
        shared=bool(given),
        groups=overview.groups(state, who, given),
        minutes=pace.minutes(seconds, len(state.progress.missing) + len(state.progress.wrong)),
        said=comments.newest(session, assessment_id),
        said_lately=comments.recent(
            session,
            who,
            state,
            {row.page.key for row in rows if row.may},
            since=datetime.now(UTC) - LATELY,
        ),
        reopened=reopening.list_for(session, who, assessment_id)[-1:],
        newer=moving.newer(session, [state.assessment]) if who.owner else {},
        moved=moving.list_for(session, who, assessment_id)[:1],
        said_progress=said_progress,
        whole=_whole(state.assessment),
    )


@bp.get("/assessments/<int:assessment_id>/missing")
@allow(Role.FIRM)
def missing(assessment_id: int) -> ResponseReturnValue:
    state = assessments.hub(db.session(), actor(), assessment_id)
    if state.assessment.submitted_at is not None:
        return redirect(url_for(".result", assessment_id=assessment_id), 303)
    given = assignments.of_assessment(db.session(), assessment_id)
    groups = overview.groups(state, actor(), given)
    return render_template(
        "firm/missing.html", state=state, groups=groups, places=overview.places(state)
    )


@bp.get("/assessments/<int:assessment_id>/check")
@allow(Role.FIRM)
def check(assessment_id: int) -> ResponseReturnValue:
    return _check(assessments.hub(db.session(), actor(), assessment_id), fault="", status=200)


@bp.post("/assessments/<int:assessment_id>/submit")
@allow(Role.OWNER)
def submit(assessment_id: int) -> ResponseReturnValue:
    session = db.session()
    try:
        assessments.submit(
            session,
            actor(),
            assessment_id,
            now=datetime.now(UTC),
            fonts_folder=settings().fonts_folder,
        )
    except NotComplete as error:
        session.rollback()
        state = assessments.hub(session, actor(), assessment_id)
        return _check(state, fault=messages.for_error(error, current_locale()), status=422)
    except BadAnswers as error:
        session.rollback()
        state = assessments.hub(session, actor(), assessment_id)
        return _check(state, fault=_first_fault(state, error), status=422, wrong=error.problems)
    except AlreadySubmitted:
        session.rollback()
    else:
        session.commit()
        flash(_("Your answers are in. Here is the result."), "success")
        _make_beforehand(assessment_id)
    return redirect(url_for(".result", assessment_id=assessment_id), 303)


def _make_beforehand(assessment_id: int) -> None:
    """Have the usual copy made, so that asking for it later is reading a file.

    What was submitted stays submitted, whatever goes wrong here.
    """
    try:
        report = reports.ask_beforehand(
            db.session(), assessment_id, by=actor().user_id, now=datetime.now(UTC)
        )
        report_id = report.id
        db.session.commit()
        deliver_later(report_id)
    except (SurveyError, SQLAlchemyError):
        db.session.rollback()
        current_app.logger.exception("no report was ordered for assessment %s", assessment_id)


@bp.get("/assessments/<int:assessment_id>/result")
@allow(Role.FIRM, Role.CONSULTANT, Role.ADMINISTRATOR)
def result(assessment_id: int) -> ResponseReturnValue:
    session, who = db.session(), actor()
    try:
        outcome = assessments.outcome(session, who, assessment_id)
    except NotSubmitted:
        return reopened(assessment_id)
    said = report_of(outcome)
    scores = [section.score for section in said.sections]
    own = who.firm_id == outcome.firm.id
    chosen = targets_of(session, who, assessment_id)
    return render_template(
        "firm/result.html",
        outcome=outcome,
        report=said,
        radar=radar(scores) if len(scores) >= FEWEST_AXES else None,
        axes=[(say(s.short), "" if s.score is None else points(s.score)) for s in said.sections],
        usual=_usual(assessment_id),
        own=own,
        reopened=reopening.list_for(session, who, assessment_id),
        targets=table(outcome.bank, outcome.answers, outcome.result, chosen),
        whole=_whole(outcome.assessment),
        under_way=assessments.under_way(session, who, outcome.assessment.bank_version_id),
        adds_to_draft=own and going_on.adds_to_draft(session, who, assessment_id),
    )


@bp.get("/assessments/<int:assessment_id>/trace")
@allow(Role.FIRM, Role.CONSULTANT, Role.ADMINISTRATOR)
def trace(assessment_id: int) -> ResponseReturnValue:
    outcome = assessments.outcome(db.session(), actor(), assessment_id)
    return render_template("firm/trace.html", outcome=outcome, report=report_of(outcome))


def _prominence(version: BankVersion) -> tuple[bool, int]:
    """First the banks that have a short form, and of these the fullest."""
    whole = _bank(version, FULL)
    return not whole.editions, -sum(len(section.questions) for section in whole.sections)


def _offers(version: BankVersion, mine: Sequence[Assessment]) -> list[Offer]:
    """The editions of a bank, shortest first, and then the whole. `mine` come newest first."""
    whole = _bank(version, FULL)
    shorter = sorted(whole.editions, key=lambda edition: len(edition.questions))
    answered = next(
        (one.id for one in mine if one.bank_version_id == version.id and one.edition != FULL), None
    )
    before = next(
        (one for one in mine if one.submitted_at and one.bank_version.bank_key == whole.key), None
    )
    return [
        *(Offer(version.id, each.key, _bank(version, each.key), None, before) for each in shorter),
        Offer(version.id, FULL, whole, answered, before),
    ]


def _usual(assessment_id: int) -> MadeReport | None:
    """The copy that need not be asked for, unless it is of an earlier state."""
    session, who = db.session(), actor()
    digest = reports.digest_now(session, who, assessment_id)
    return next(
        (
            one
            for one in reports.list_for_assessment(session, who, assessment_id)
            if one.input_digest == digest and report_rows.copy_of(one) == reports.USUAL
        ),
        None,
    )


def _bank(version: BankVersion, edition: str) -> Bank:
    return banks.bank_by_digest(db.session(), version.id, version.digest, edition)


def _whole(assessment: Assessment) -> Bank | None:
    """What an assessment of an edition can go on to."""
    return None if assessment.edition == FULL else _bank(assessment.bank_version, FULL)


def _check(
    state: State, *, fault: str, status: int, wrong: Sequence[Problem] = ()
) -> ResponseReturnValue:
    given = assignments.of_assessment(db.session(), state.assessment.id)
    html = render_template(
        "firm/check.html",
        attached=evidence.attached_to(db.session(), actor(), state.assessment, state.bank),
        state=state,
        pages=listed(state),
        fault=fault,
        wrong=[problem.place for problem in wrong],
        places=overview.places(state),
        said=said,
        typed={
            key: typed_words(state.bank.questions[key], typed)
            for key, typed in state.wrong.items()
            if key in state.bank.questions
        },
        unlikely=_unlikely(state),
        may={key: assignments.may_answer(actor(), given, key) for key in state.progress.pages},
        talk=comments.counts(db.session(), state.assessment.id),
    )
    return html, status


def _unlikely(state: State) -> dict[str, Text]:
    """What is worth a second look: figures outside of where those of most firms lie."""
    asked = {
        key: unlikely(state.bank.questions[key], state.answers.get(key))
        for key in state.bank.questions
        if key in state.visible
    }
    return {key: question for key, question in asked.items() if question is not None}


def _first_fault(state: State, error: BadAnswers) -> str:
    problem = error.problems[0]
    facts = BadAnswer(problem.code, **problem.facts)
    return sentence(state.bank.questions[problem.place], facts, current_locale())


def report_of(outcome: Outcome) -> Report:
    """What the document says too: page and document never disagree."""
    assert outcome.assessment.submitted_at is not None  # there is an outcome
    return report.build(
        bank=outcome.bank,
        answers=outcome.answers,
        result=outcome.result,
        plan=outcome.plan,
        firm_name=outcome.firm.name,
        report_id="",
        issued_on=outcome.assessment.submitted_at.astimezone(CHINA).date(),
        bank_digest=outcome.bank_digest,
    )
