"""What a reader sees when something is refused or broken: a sentence, a way on, a reference."""

import secrets
import threading
from dataclasses import dataclass
from typing import IO

from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from survey import messages
from survey.core.errors import NotFound, SurveyError
from survey.i18n import Later, current_locale, lazy
from survey.services.people import OwnerOnly
from survey.store.site import db
from survey.web.access import ask_nobody, wants_json
from survey.web.copies import UnknownCopy
from survey.web.sending import TRY_AGAIN, TooManyStreams


@dataclass(frozen=True, slots=True)
class Said:
    """Title and advice of one kind of refusal."""

    title: Later
    advice: Later


SAID = {
    400: Said(
        lazy("This request could not be understood"),
        lazy("Go back, load the page again and send it once more."),
    ),
    403: Said(
        lazy("This page is for others"),
        lazy("Your account may not open it. If you need it, ask the owner of your firm."),
    ),
    404: Said(
        lazy("Nothing is here"),
        lazy("Check the address, or start again from the first page."),
    ),
    405: Said(
        lazy("This address cannot be used in this way"),
        lazy("Go back to the page you came from and use its buttons."),
    ),
    413: Said(
        lazy("That was too much at once"),
        lazy("Send a smaller file or a shorter text."),
    ),
    422: Said(
        lazy("This cannot be done now"),
        lazy("Go back to the page you came from and look at its present state."),
    ),
    429: Said(
        lazy("Too many attempts"),
        lazy("Wait a minute, then try again."),
    ),
    500: Said(
        lazy("Something went wrong on our side"),
        lazy("What you saved before is safe. Try again in a minute."),
    ),
    503: Said(
        lazy("Too many downloads at once"),
        lazy("Wait half a minute, then try again."),
    ),
}
MOST_HEARD_OUT = 16 * 1024 * 1024
PIECE = 64 * 1024
"""Bytes of a request that is refused for its size."""

LONGEST_HEARD_OUT = 10
"""Seconds."""

ears = threading.BoundedSemaphore(2)
"""As many such requests are heard out at a time by one server process."""

EXPIRED = Said(
    lazy("This form has expired"),
    lazy("Go back, load the page again and send it once more."),
)


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SurveyError, _survey_error)


def _refused(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code == 413:
        _hear_out()
    if error.response is not None or code < 400:
        return error
    answer = _page(SAID.get(code, SAID[400 if code < 500 else 500]), code)
    kept = [(k, v) for k, v in error.get_headers() if k in ("Allow", "Retry-After")]
    answer.headers.extend(kept)
    return answer


def _hear_out() -> None:
    """Take what is still on its way: a browser that is cut off never shows the answer.

    Who sends very much, or slowly, is cut off all the same: nobody else may wait for them.
    """
    if (request.content_length or 0) > MOST_HEARD_OUT or not ears.acquire(blocking=False):
        return
    hearing = threading.Thread(target=_hear, args=(request.environ["wsgi.input"],), daemon=True)
    hearing.start()
    hearing.join(LONGEST_HEARD_OUT)


def _hear(sent: IO[bytes]) -> None:
    left = MOST_HEARD_OUT
    try:
        while left > 0 and (piece := sent.read(min(left, PIECE))):
            left -= len(piece)
    except (OSError, ValueError):  # the sender is gone, or the answer was quicker
        pass
    finally:
        ears.release()


def _expired(_error: CSRFError) -> ResponseReturnValue:
    return _page(EXPIRED, 400)


def _survey_error(error: SurveyError) -> ResponseReturnValue:
    """A refusal that no view expected. What the request had begun is taken back."""
    db.session.rollback()
    if isinstance(error, NotFound):
        return _page(SAID[404], 404)
    if isinstance(error, UnknownCopy):
        return _page(SAID[400], 400, sentence=messages.for_error(error, current_locale()))
    if isinstance(error, OwnerOnly):
        return _page(SAID[403], 403, sentence=messages.for_error(error, current_locale()))
    if isinstance(error, TooManyStreams):
        answer = _page(SAID[503], 503, sentence=messages.for_error(error, current_locale()))
        answer.headers["Retry-After"] = str(TRY_AGAIN)
        return answer
    return _page(SAID[422], 422, sentence=messages.for_error(error, current_locale()))


def _broken(_error: InternalServerError) -> ResponseReturnValue:
    """Flask has logged the fault itself; the reference leads from the reader's page to it."""
    reference = secrets.token_hex(4)
    current_app.logger.error("The fault above has the reference %s.", reference)
    try:
        db.session.rollback()
        return _page(SAID[500], 500, reference=reference)
    except SQLAlchemyError:  # nobody can tell now who asks
        ask_nobody()
        return _page(SAID[500], 500, reference=reference)


def _page(said: Said, code: int, *, sentence: str = "", reference: str = "") -> Response:
    sentence = sentence or str(said.advice)
    if wants_json():
        facts = {"message": sentence} | ({"reference": reference} if reference else {})
        return make_response(jsonify(facts), code)
    page = render_template(
        "error.html", title=said.title, sentence=sentence, reference=reference, code=code
    )
    return make_response(page, code)
