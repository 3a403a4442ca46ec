"""The dry run: what a draft would do to assessments that were submitted by an earlier version.

The answer is sent while it is made, so that its progress shows with and without scripts. The
scoring itself happens in other processes (`survey.services.rerunning`), and nothing is stored.
"""

import threading
from collections.abc import Generator, Iterator

from flask import (
    Blueprint,
    Response,
    make_response,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session
from typing_extensions import override

from survey import apart, messages
from survey.core.errors import SurveyError
from survey.core.places import question_place, written
from survey.core.rerun_sums import rank
from survey.i18n import current_locale
from survey.services import banks, dry_run
from survey.services.dry_run import DryRun, NothingSubmitted, NotScorable
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web import sending
from survey.web.access import Role, allow
from survey.web.addresses import row_number
from survey.web.limits import DRY_RUNNING, limiter
from survey.web.workshop import dry_run_words as words

bp = Blueprint("dry_run", __name__, url_prefix="/admin/banks")

AT_ONCE = 1
"""Dry runs of one server process."""

MOST_EDITS = 20
MOST_QUESTIONS = 30
"""Lines in the lists of what makes the difference."""

_HERE = "<!-- here -->"

places = threading.BoundedSemaphore(AT_ONCE)


class DryRunBusy(SurveyError):
    """As many dry runs as may be are under way in this process."""

    code = "dry-run-busy"


@bp.get("/<int:version_id>/dry-run")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    return _page(banks.get_version(db.session(), version_id))


@bp.get("/<int:version_id>/dry-run/result")
@allow(Role.ADMINISTRATOR)
@limiter.limit(DRY_RUNNING)
def result(version_id: int) -> ResponseReturnValue:
    """Changes nothing, so it may be asked for again. With `inside`: what another page takes in."""
    session = db.session()
    version = banks.get_version(session, version_id)
    basis_id = request.args.get("basis", type=row_number)
    try:
        run = dry_run.prepare(session, version_id, basis_id=basis_id)
        frame = "" if "inside" in request.args else _frame(version)
        pieces = _encoded(stream_with_context(_said(run, version_id, frame)))
        session.rollback()  # what follows takes long and reads in a session of its own
        response = Response(_Running(pieces), mimetype="text/html")
    except (NotScorable, NothingSubmitted) as error:
        return _page(version, error, 422)
    except (DryRunBusy, sending.TooManyStreams):
        answer = make_response(_page(version, DryRunBusy(), 503))
        answer.headers["Retry-After"] = str(sending.TRY_AGAIN)
        return answer
    response.headers["X-Accel-Buffering"] = "no"  # a proxy would hold the progress back
    return response


class _Running(sending.Stream):
    """A dry run on its way to its reader. If that breaks off, its processes end at once.

    Raises DryRunBusy, TooManyStreams.
    """

    def __init__(self, pieces: Generator[bytes, None, None]) -> None:
        if not places.acquire(blocking=False):
            raise DryRunBusy
        try:
            super().__init__(pieces)
        except sending.TooManyStreams:
            places.release()
            raise
        self._making = pieces

    @override
    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._making
        finally:
            self.close()  # at once: the reader may want another one

    @override
    def close(self) -> None:
        if self._open:
            self._making.close()
            places.release()
        super().close()


def _page(
    version: BankVersion, error: SurveyError | None = None, status: int = 200
) -> ResponseReturnValue:
    """Where a dry run is begun, or why there can be none."""
    session = db.session()
    html = render_template(
        "workshop/dry_run.html",
        version=version,
        bases=dry_run.bases(session, version.id),
        most=dry_run.MOST,
        fault=error and messages.for_error(error, current_locale()),
        faulty=isinstance(error, NotScorable),
    )
    return html, status


# ----------------------------------------------------------------------- the stream


def _frame(version: BankVersion) -> str:
    """The page around the progress and the result."""
    return render_template("workshop/dry_run.html", version=version, going=Markup(_HERE))  # noqa: S704


def _encoded(pieces: Iterator[str]) -> Generator[bytes, None, None]:
    for piece in pieces:
        yield piece.encode()


def _said(run: DryRun, version_id: int, frame: str) -> Iterator[str]:
    head, _, tail = frame.partition(_HERE)
    yield head + render_template("workshop/dry_run_begun.html")
    try:
        with Session(db.engine) as session:
            for done in dry_run.steps(session, run):
                yield render_template("workshop/dry_run_step.html", done=done, run=run)
    except apart.Lost:
        yield render_template("workshop/dry_run_lost.html")
    else:
        yield _result(run, version_id)
    yield tail


def _result(run: DryRun, version_id: int) -> str:
    old, new = run.banks
    sums = run.sums

    def address(key: str) -> str | None:
        place = question_place(run.documents[1], key)
        if not place:
            return None
        return url_for("parts.edit", version_id=version_id, place=written(place))

    return render_template(
        "workshop/dry_run_result.html",
        run=run,
        sums=sums,
        chart=words.chart(sums.before, sums.after),
        level=words.level,
        levels=sorted(
            ((*pair, count) for pair, count in sums.levels.items()),
            key=lambda row: (rank(row[0]), rank(row[1])),
        ),
        rank=rank,
        old=old,
        new=new,
        edit=lambda edit: words.edit(edit, old, new),
        question=lambda key: words.question(key, new, old),
        address=address,
        blamed=sums.blamed[:MOST_EDITS],
        weightiest=sums.weightiest[:MOST_QUESTIONS],
        loss=words.LOSSES,
    )
