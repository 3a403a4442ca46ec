"""What a reader sees when something is refused or broken: a sentence, a way on, a reference."""

import secrets
import threading
from contextlib import suppress
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
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from survey import messages
from survey.core.errors import NotFound, SurveyError
from survey.core.text import Locale
from survey.i18n import Later, _, current_locale, day, lazy
from survey.services import discarding
from survey.services.assignments import NotYourSection
from survey.services.people import FIRM, OwnerOnly
from survey.store.db import is_away
from survey.store.site import db
from survey.web.access import actor, ask_nobody, reader, signed_in, signed_out, wants_json
from survey.web.addresses import local
from survey.web.copies import UnknownCopy
from survey.web.sending import TRY_AGAIN, TooManyStreams
from survey.web.unsent import AWAY, BROKEN, Why, given_back, holds_password


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
        lazy("You cannot open this page"),
        lazy(
            "Your account has no access to it. If you need it, ask the owner of your firm, or an "
            "administrator."
        ),
    ),
    404: Said(
        lazy("Nothing is here"),
        lazy("Check the address, or start again from the first page."),
    ),
    405: Said(
        lazy("This address cannot be used in this way"),
        lazy("Go back to the page you came from and use its buttons."),
    ),
    410: Said(
        lazy("This is no longer available"),
        lazy("Ask the person who sent you here for a new link."),
    ),
    413: Said(
        lazy("That was too large to send"),
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
NO_FIRM = Said(
    lazy("You do not belong to a firm at the moment"),
    lazy("To come back, or to join another firm, open an invitation link."),
)
"""What whoever left a firm, or was removed from it, reads instead of 403."""

STATES = {403: "not-yours"}
"""What a script of ours goes by; by the others it only tells that something is wrong."""

MOST_HEARD_OUT = 64 * 1024 * 1024
PIECE = 64 * 1024
"""Bytes of a request that is refused for its size."""

LONGEST_HEARD_OUT = 10
"""Seconds."""

ears = threading.BoundedSemaphore(2)
"""As many such requests are heard out at a time by one server process."""

DISCARDED = Said(
    lazy("This assessment has been discarded"),
    lazy("Ask the owner of your firm to restore it."),
)
DATABASE_AWAY = Said(
    lazy("The site cannot answer at the moment"),
    lazy("What you saved before is safe. Try again in a minute."),
)
EXPIRED = Said(
    lazy("This form has expired"),
    lazy("Go back, load the page again and send it once more."),
)
EXPIRED_WITH_SECRETS = Said(
    EXPIRED.title,
    lazy("Go back, copy what you typed, then load the page again."),
)
"""Where something was typed that cannot be given back, because passwords are among it."""

WITH_SECRETS = frozenset({"account.register", "invitations.join"})


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
    said = SAID.get(code, SAID[400 if code < 500 else 500])
    if code == 403 and _is_without_firm():
        answer = _without_firm()
    else:
        answer = _too_large() if code == 413 else _page(said, code, state=STATES.get(code, ""))
    kept = [(k, v) for k, v in error.get_headers() if k in ("Allow", "Retry-After")]
    answer.headers.extend(kept)
    return answer


def _without_firm() -> Response:
    """A page that cannot be opened has lost nothing; what was sent to it has."""
    advice = NO_FIRM.advice
    if request.method == "POST":
        advice = lazy(
            "Nothing was saved. To come back, or to join another firm, open an invitation link."
        )
    on = (url_for("account.settings"), _("My account"))
    return _page(NO_FIRM, 403, sentence=str(advice), on=on, state=STATES[403])


def _too_large() -> Response:
    """In both languages, with the limit and the way back to the form."""
    facts = {"most": current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024}
    here, there = (
        messages.sentence("request-too-large", facts, locale)
        for locale in sorted(Locale, key=lambda locale: locale is not current_locale())
    )
    return _page(SAID[413], 413, sentence=here, other=there, back=_referrer())


def _referrer() -> str:
    """The page of ours that the request came from; nothing for a stranger's."""
    address = request.referrer or ""
    if not address.startswith(request.host_url):
        return ""
    path = "/" + address.removeprefix(request.host_url).partition("?")[0]
    return path if local(path) == path else ""


def _is_without_firm() -> bool:
    return signed_in() and actor().roles == {FIRM} and actor().firm_id is None


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
    if wants_json() and not signed_in():
        return signed_out()
    if (unsent := given_back()) is not None:
        return unsent
    is_lost = request.endpoint in WITH_SECRETS and holds_password()
    said = EXPIRED_WITH_SECRETS if is_lost else EXPIRED
    return _page(said, 400, state="expired")


def _survey_error(error: SurveyError) -> ResponseReturnValue:
    """A refusal that no view expected. What the request had begun is taken back."""
    db.session.rollback()
    if isinstance(error, NotFound):
        return _discarded() or _page(SAID[404], 404)
    if isinstance(error, UnknownCopy):
        return _page(SAID[400], 400, sentence=messages.for_error(error, current_locale()))
    if isinstance(error, OwnerOnly | NotYourSection):
        sentence = messages.for_error(error, current_locale())
        return _page(SAID[403], 403, sentence=sentence, state=STATES[403])
    if isinstance(error, TooManyStreams):
        answer = _page(SAID[503], 503, sentence=messages.for_error(error, current_locale()))
        answer.headers["Retry-After"] = str(TRY_AGAIN)
        return answer
    return _page(SAID[422], 422, sentence=messages.for_error(error, current_locale()))


def _discarded() -> ResponseReturnValue | None:
    """What the firm's own people read instead of 404 where their owner discarded an assessment."""
    assessment_id, person = (request.view_args or {}).get("assessment_id"), reader()
    if assessment_id is None or person is None:
        return None
    found = discarding.found(db.session(), person.actor, assessment_id)
    if found is None:
        return None
    facts = {"name": found.by, "day": day(found.at), "until": day(found.until)}
    if request.method != "POST":
        told = _(
            "%(name)s discarded this assessment on %(day)s. The owner of your firm can restore it "
            "until %(until)s.",
            **facts,
        )
    elif wants_json():
        told = _(
            "Not saved: %(name)s discarded this assessment on %(day)s. If the owner of your firm "
            "restores it by %(until)s, open this page again: what is kept on this device is sent "
            "then.",
            **facts,
        )
    else:
        told = _(
            "%(name)s discarded this assessment on %(day)s, so what you sent was not saved. The "
            "owner of your firm can restore it until %(until)s.",
            **facts,
        )
    if request.method == "POST" and (unsent := given_back(_restored(told))) is not None:
        return unsent
    return _page(DISCARDED, 410, sentence=told, state="discarded")


def _restored(told: str) -> Why:
    advice = _(
        "What you typed is still here: copy it, or send it again once the assessment is restored."
    )
    return Why(told, advice, 410)


def _broken(error: InternalServerError) -> ResponseReturnValue:
    """Flask has logged the fault itself; the reference leads from the reader's page to it."""
    _take_back()
    if is_away(error.original_exception):
        return _away()
    reference = secrets.token_hex(4)
    current_app.logger.error("The fault above has the reference %s.", reference)
    try:
        return _said_broken(reference)
    except SQLAlchemyError:  # nobody can tell now who asks
        ask_nobody()
        return _said_broken(reference)


def _said_broken(reference: str) -> Response:
    why = Why(
        _("Something went wrong on our side, and what you sent may not have been saved."),
        _("What you typed is still here: look whether it was saved before you send it again."),
        BROKEN,
        reference,
    )
    unsent = None if wants_json() else given_back(why)
    return make_response(unsent or _page(SAID[BROKEN], BROKEN, reference=reference))


def _take_back() -> None:
    """Undo what the request had begun, in the cookie as well: nobody stays half signed in."""
    with suppress(SQLAlchemyError):  # there may be no database to tell it
        db.session.rollback()
    before = current_app.session_interface.open_session(current_app, request)
    session.clear()
    session.update(before or {})


def _away() -> ResponseReturnValue:
    """The database is busy or out of reach: nobody is asked here who it is that reads."""
    ask_nobody()
    why = Why(
        _("The site cannot save anything at the moment."),
        _("What you typed is still here: wait a minute, then send it again."),
        AWAY,
    )
    unsent = None if wants_json() else given_back(why)
    back = _referrer() if request.method == "POST" else ""
    answer = unsent or _page(DATABASE_AWAY, AWAY, back=back, state="away")
    answer.headers["Retry-After"] = str(TRY_AGAIN)
    return answer


def _page(
    said: Said,
    code: int,
    *,
    sentence: str = "",
    other: str = "",
    back: str = "",
    on: tuple[str, str] | None = None,
    reference: str = "",
    state: str = "",
) -> Response:
    sentence = sentence or str(said.advice)
    if wants_json():
        facts = {"state": state, "message": sentence, "reference": reference}
        return make_response(jsonify({name: fact for name, fact in facts.items() if fact}), code)
    page = render_template(
        "error.html",
        title=said.title,
        sentence=sentence,
        other=other,
        back=back,
        on=on,
        reference=reference,
        code=code,
        bare=said in (SAID[500], DATABASE_AWAY),
    )
    return make_response(page, code)
