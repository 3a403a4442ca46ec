"""Files that support answers: sent by the tus protocol or a plain form, listed, handed out.

tus 1.0.0 (https://tus.io/protocols/resumable-upload), core with creation, expiration, checksum
and termination. Pieces are small, so that a slow sender does not hold a thread for long.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import IO

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security.forms import Form
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from survey import messages
from survey.core.errors import NotFound, SurveyError
from survey.exchange.evidence_kinds import BadEvidence
from survey.i18n import _, current_locale, lazy
from survey.services import evidence
from survey.services.assessments import AlreadySubmitted
from survey.services.assignments import NotYourSection
from survey.services.evidence import Attached, Limits, Progress
from survey.store.files import DiskFull
from survey.store.pieces import Busy
from survey.store.site import db
from survey.web.access import Role, actor, allow, somebody_else, wants_json
from survey.web.downloads import save_as
from survey.web.limits import SENDING_EVIDENCE, limiter
from survey.web.sending import LARGEST_WHOLE, Stream, TooManyStreams, slow
from survey.web.wiring import settings

bp = Blueprint("evidence", __name__)

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
PIECE = "application/offset+octet-stream"
BIGGEST_PIECE = 1024 * 1024
CHECKSUMS = ("sha1", "sha256")
LONGEST_NUMBER = 15
MOST_RECEIVED = 2
"""Pieces that one server process takes in at a time: pages need the other threads."""

LONGEST_PIECE = 10.0
TRY_AGAIN = 2
PATIENCE = 5.0
"""Seconds: a script comes again by itself, a form waits for its place."""

SENDER = "X-Signed-In"
"""In this header a page says for whom it was made: its reader may have changed since."""

POLICY = "default-src 'none'; sandbox"
"""For a file that is opened in a browser all the same: it may do nothing."""

_places = threading.BoundedSemaphore(MOST_RECEIVED)
_senders: set[int] = set()
_senders_lock = threading.Lock()


class TooManyPieces(SurveyError):
    """The server takes in as many files as it can at this moment."""

    code = "evidence-busy"


ENDS = {
    evidence.UploadGone: 410,
    evidence.WrongOffset: 409,
    evidence.TooMuchSent: 413,
    evidence.EvidenceTooLarge: 413,
    evidence.FirmFull: 413,
    evidence.QuestionFull: 409,
    AlreadySubmitted: 409,
    NotYourSection: 403,
    Busy: 423,
    TooManyPieces: 503,
    DiskFull: 507,
}
"""What else than 422 a refusal is answered with."""


class FileForm(Form):
    """One file, for browsers without script."""

    file = FileField(lazy("File"), validators=[FileRequired(lazy("Choose a file."))])


def limits() -> Limits:
    return Limits(settings().evidence_folder, settings().evidence_mb * evidence.MEGABYTE)


FILES = "/assessments/<int:assessment_id>/questions/<question_key>/files"


# ------------------------------------------------------------------------------- tus


@bp.route(FILES, methods=["POST", "OPTIONS"], provide_automatic_options=False)
@allow(Role.FIRM)
@limiter.limit(SENDING_EVIDENCE, methods=["POST"])
def add(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """Say what is spoken here, begin an upload, or take a whole file from a form."""
    if request.method == "OPTIONS":
        return _abilities()
    if not _speaks_tus():
        return _from_form(assessment_id, question_key)
    return _answered(lambda: _begun(assessment_id, question_key))


@bp.route(
    "/uploads/<file:upload_id>",
    methods=["HEAD", "PATCH", "DELETE"],
    provide_automatic_options=False,
)
@allow(Role.FIRM)
def upload(upload_id: str) -> ResponseReturnValue:
    """Ask how far an upload is, go on with it, or give it up."""
    acts = {"HEAD": _asked, "PATCH": _received, "DELETE": _given_up}
    return _answered(lambda: acts[request.method](upload_id))


@bp.after_request
def _say_version(response: Response) -> Response:
    if request.endpoint == "evidence.upload" or _speaks_tus() or request.method == "OPTIONS":
        response.headers["Tus-Resumable"] = VERSION
    return response


def _speaks_tus() -> bool:
    return "Tus-Resumable" in request.headers


def _abilities() -> Response:
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(evidence.MOST_BYTES)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


def _answered(act: Callable[[], Response]) -> ResponseReturnValue:
    """Do what is asked in this version of the protocol; a refusal is answered in a sentence."""
    if request.headers.get("Tus-Resumable") != VERSION:
        message = _("This version of the upload protocol is not supported.")
        response = make_response(jsonify(message=message), 412)
        response.headers["Tus-Version"] = VERSION
        return response
    if _is_for_somebody_else():
        return somebody_else()
    try:
        return act()
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        return _refusal(error)


def _refusal(error: SurveyError) -> Response:
    said = messages.for_error(error, current_locale())
    response = make_response(jsonify(message=said), ENDS.get(type(error), 422))
    if isinstance(error, evidence.WrongOffset):
        response.headers["Upload-Offset"] = str(error.facts["received"])
    if isinstance(error, TooManyPieces):
        response.headers["Retry-After"] = str(TRY_AGAIN)
    return response


def _is_for_somebody_else() -> bool:
    return request.headers.get(SENDER, str(actor().user_id)) != str(actor().user_id)


def _begun(assessment_id: int, question_key: str) -> Response:
    begun = evidence.begin(
        db.session(),
        actor(),
        assessment_id,
        question_key,
        name=_name_sent(),
        size=_number("Upload-Length"),
        limits=limits(),
        now=datetime.now(UTC),
    )
    db.session.commit()
    _forget(begun.instead_of)
    response = _progress(begun, 201)
    response.headers["Location"] = url_for(".upload", upload_id=begun.id)
    return response


def _asked(upload_id: str) -> Response:
    response = _progress(_now(upload_id), 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _received(upload_id: str) -> Response:
    if request.mimetype != PIECE:
        abort(415)
    if request.content_length is None:
        abort(411)
    if request.content_length > BIGGEST_PIECE:
        abort(413)
    offset = _number("Upload-Offset")
    folder = settings().evidence_folder
    with _turn(), _place():
        content = _piece()
        if not _is_what_was_sent(content):
            message = _("The file was damaged on its way here. Send it again.")
            return make_response(jsonify(message=message), 460)
        _now(upload_id)
        with evidence.alone(folder, upload_id):
            try:
                so_far = evidence.receive(
                    db.session(),
                    actor(),
                    upload_id,
                    offset=offset,
                    content=content,
                    folder=folder,
                    now=datetime.now(UTC),
                )
                db.session.commit()
            except BadEvidence:
                _give_up(upload_id)
                raise
            except (NotFound, evidence.UploadGone):
                db.session.rollback()
                if evidence.is_left_behind(db.session(), upload_id):
                    evidence.forget(folder, upload_id)
                raise
    return _progress(so_far, 204)


def _given_up(upload_id: str) -> Response:
    _now(upload_id)
    with evidence.alone(settings().evidence_folder, upload_id):
        _give_up(upload_id)
    return Response(status=204)


def _give_up(upload_id: str) -> None:
    db.session.rollback()
    evidence.give_up(db.session(), actor(), upload_id)
    db.session.commit()
    evidence.forget(settings().evidence_folder, upload_id)


def _forget(upload_ids: Iterable[str]) -> None:
    """Remove bytes; of a piece that is written at this moment its own request does."""
    folder = settings().evidence_folder
    for upload_id in upload_ids:
        with suppress(Busy), evidence.alone(folder, upload_id):
            evidence.forget(folder, upload_id)


def _now(upload_id: str) -> Progress:
    folder = settings().evidence_folder
    return evidence.progress(db.session(), actor(), upload_id, folder=folder, now=datetime.now(UTC))


def _progress(upload: Progress, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Length"] = str(upload.size)
    if upload.expires_at is not None:
        response.headers["Upload-Expires"] = http_date(upload.expires_at)
    return response


def _piece() -> bytes:
    """What is sent, unless it stalls: whoever waits for it takes a place and a thread."""
    heard: list[bytes] = []
    hearing = threading.Thread(target=_hear, args=(request.stream, heard), daemon=True)
    hearing.start()
    hearing.join(LONGEST_PIECE)
    if not heard:
        abort(408)
    return heard[0]


def _hear(sent: IO[bytes], heard: list[bytes]) -> None:
    with suppress(OSError, ValueError, HTTPException):  # the sender is gone
        heard.append(sent.read())


@contextmanager
def _turn() -> Iterator[None]:
    """One piece of a person at a time: nobody takes the places of everybody. Raises Busy."""
    sender = actor().user_id
    with _senders_lock:
        if sender in _senders:
            raise Busy
        _senders.add(sender)
    try:
        yield
    finally:
        _senders.discard(sender)


@contextmanager
def _place(patience: float = 0.0) -> Iterator[None]:
    """A place among the few that are taken in at a time. Raises TooManyPieces."""
    with ExitStack() as held:
        for places in (_places, slow):
            if not places.acquire(timeout=patience):
                raise TooManyPieces
            held.callback(places.release)
        yield


def _number(header: str) -> int:
    given = request.headers.get(header, "")
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER):
        abort(400)
    return int(given)


def _name_sent() -> str:
    """The file's name: a key and its value in base 64, among others that are not asked for."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode()
            except ValueError:
                abort(400)
    return ""


def _is_what_was_sent(content: bytes) -> bool:
    given = request.headers.get("Upload-Checksum")
    if given is None:
        return True
    algorithm, _space, value = given.partition(" ")
    if algorithm not in CHECKSUMS:
        abort(400)
    found = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return base64.b64encode(found).decode() == value


# ----------------------------------------------------------------------------- pages


@bp.get(FILES, provide_automatic_options=False)
@allow(Role.FIRM)
def question(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """The files of one question, with a form for browsers without script."""
    return _question_page(assessment_id, question_key, FileForm())


@bp.get(f"{FILES}/list")
@allow(Role.FIRM)
def listed(assessment_id: int, question_key: str) -> ResponseReturnValue:
    """The same list as a piece of a page."""
    found = _attached(assessment_id, question_key)
    return render_template("firm/files_list.html", lines=found.of(question_key))


@bp.get("/assessments/<int:assessment_id>/files")
@allow(Role.FIRM, Role.CONSULTANT)
def index(assessment_id: int) -> ResponseReturnValue:
    """Every file of an assessment, by section and question."""
    found = evidence.attached(db.session(), actor(), assessment_id)
    return render_template(
        "firm/all_files.html", found=found, own=found.assessment.firm_id == actor().firm_id
    )


def _from_form(assessment_id: int, question_key: str) -> ResponseReturnValue:
    form = FileForm()
    if not form.validate():
        return _question_page(assessment_id, question_key, form)
    try:
        with _place(PATIENCE):
            added = _added(assessment_id, question_key, form.file.data)
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        form.file.errors = [messages.for_error(error, current_locale())]
        return _question_page(assessment_id, question_key, form)
    _forget(added.instead_of)
    flash(_("The file has been saved."), "success")
    return redirect(
        url_for(".question", assessment_id=assessment_id, question_key=question_key), 303
    )


def _added(assessment_id: int, question_key: str, sent: FileStorage) -> Progress:
    with sent.stream as stream:
        content = stream.read()
    added = evidence.add(
        db.session(),
        actor(),
        assessment_id,
        question_key,
        name=sent.filename or "",
        content=content,
        limits=limits(),
        now=datetime.now(UTC),
    )
    db.session.commit()
    return added


def _question_page(assessment_id: int, question_key: str, form: FileForm) -> ResponseReturnValue:
    found = _attached(assessment_id, question_key)
    html = render_template(
        "firm/question_files.html",
        found=found,
        question=found.bank.questions[question_key],
        page_key=found.bank.place_of[question_key],
        lines=found.of(question_key),
        form=form,
        most=evidence.MOST_PER_QUESTION,
    )
    return html, 422 if form.errors else 200


def _attached(assessment_id: int, question_key: str) -> Attached:
    found = evidence.attached(db.session(), actor(), assessment_id)
    if question_key not in found.bank.questions:
        raise NotFound
    return found


# ----------------------------------------------------------------------------- files


@bp.get("/files/<file:file_id>")
@allow(Role.FIRM, Role.CONSULTANT)
def file(file_id: str) -> ResponseReturnValue:
    """Hand a file out: to be saved, never to be shown by the browser."""
    found = evidence.open_file(db.session(), actor(), file_id)
    path = evidence.path(settings().evidence_folder, file_id)
    if not path.is_file():
        abort(404)
    response = send_file(
        path, mimetype=found.media_type, etag=found.sha256, last_modified=found.added_at
    )
    save_as(response, found.name, f"evidence.{found.name.rpartition('.')[2]}")
    response.headers["Content-Security-Policy"] = POLICY
    return _in_turn(response)


def _in_turn(response: Response) -> Response:
    """A large one is read while it is sent, for few readers at a time."""
    if request.method == "GET" and (response.content_length or 0) > LARGEST_WHOLE:
        whole = response.response
        try:
            response.response = Stream(iter(whole))  # type: ignore[arg-type]  # pieces of bytes
        except TooManyStreams:
            response.close()
            raise
        response.direct_passthrough = False
        response.call_on_close(whole.close)  # type: ignore[union-attr]  # a wrapped file
    return response


@bp.post("/files/<file:file_id>/remove")
@allow(Role.FIRM)
def remove(file_id: str) -> ResponseReturnValue:
    if _is_for_somebody_else():
        return somebody_else()
    assessment_id, question_key = evidence.remove(
        db.session(), actor(), file_id, now=datetime.now(UTC)
    )
    db.session.commit()
    evidence.forget(settings().evidence_folder, file_id)
    said = _("The file has been removed.")
    if wants_json():
        return {"message": said}
    flash(said, "success")
    return redirect(
        url_for(".question", assessment_id=assessment_id, question_key=question_key), 303
    )
