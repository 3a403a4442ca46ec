"""How often one address may try: signing in, registering, reports, checking files.

And how many answers one person may save. Counted in the memory of each server process, so with N
processes up to N times as many tries pass.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request
from flask.typing import RouteCallable
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from survey.core.memory import Remembered
from survey.i18n import _
from survey.web.access import actor
from survey.web.wiring import settings

LIMITED = {
    "security.login": "10 per minute; 60 per hour",
    "security.forgot_password": "5 per minute; 20 per hour",
    "security.reset_password": "10 per minute; 30 per hour",
    "security.change_password": "10 per minute; 30 per hour",
    "security.two_factor_token_validation": "10 per minute; 60 per hour",
    "security.two_factor_rescue": "5 per minute; 20 per hour",
    "security.two_factor_setup": "20 per minute",
    "security.two_factor_setup_validate": "10 per minute; 60 per hour",
    "security.mf_recovery": "5 per minute; 20 per hour",
    "security.verify": "10 per minute; 60 per hour",
}
"""Views that another package brings; ours carry ``@limiter.limit`` themselves."""

COMMENTING = "20 per minute; 200 per hour"
INVITING = "30 per minute; 200 per hour"
JOINING = "30 per minute; 120 per hour"
"""People of one plant join from one address; a link has 256 bits that nobody guesses."""

OPENING_LINKS = "30 per minute; 300 per hour"
REGISTERING = "5 per minute; 30 per hour"
FILLING_IN = "30 per minute; 300 per hour"
"""A form that is given back, because something is missing in it, has registered nobody."""

ASKING_FOR_REPORTS = "20 per minute; 200 per hour"
READING_REPORTS = "30 per minute; 300 per hour"
VERIFYING = "30 per minute; 300 per hour"
ASKING_FOR_ARCHIVES = "10 per minute; 60 per hour"
DRY_RUNNING = "20 per minute; 200 per hour"
ASKING_FOR_PACKS = "20 per minute; 200 per hour"
SENDING_WORKBOOKS = "20 per minute; 200 per hour"
SENDING_LOGOS = "10 per minute; 60 per hour"
SENDING_EVIDENCE = "60 per minute; 600 per hour"

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)


def is_taken(answer: Response) -> bool:
    """Whether a form leads on: it was not given back to be corrected, or in the other language."""
    return answer.status_code == HTTPStatus.SEE_OTHER


UNLIMITED = frozenset({"answering.page", "answering.answer", "answering.present"})
"""Views that have no limits and are called all the time: they are not looked for there."""


@limiter.request_filter
def _is_unlimited() -> bool:
    return request.endpoint in UNLIMITED


View = Callable[..., Any]
V = TypeVar("V", bound=View)


def no_faster_than_people(view: V) -> V:
    """Refuse what no person does: a script that runs wild would fill the history for ever.

    Each person is counted, whatever the address: a plant has one. Ours is a counter of its own:
    the limiter looks up in each request which of all limits apply, and its store starts a thread
    for nearly every hit, to forget what has expired.
    """

    @wraps(view)
    def paced(*args: Any, **kwargs: Any) -> Any:
        if _saves_of(actor().user_id) <= settings().saves_a_minute:
            return view(*args, **kwargs)
        told = _("Too many answers in one minute. What you typed is sent again a little later.")
        return {"state": "too-fast", "message": told}, 429, {"Retry-After": "60"}

    return cast(V, paced)


_PEOPLE = 10_000
"""Who saved first is forgotten first, and counted anew."""


def _saves_of(user_id: int) -> int:
    """How many answers this person has sent, with this one, in a minute that began with one."""
    counts: Counts = current_app.extensions[_SAVES]
    now = monotonic()
    with _counting:
        begun, count = counts.get(user_id, (now, 0))
        if now - begun >= _MINUTE:
            begun, count = now, 0
        counts[user_id] = (begun, count + 1)
    return count + 1


_counting = Lock()
_MINUTE = 60.0
_SAVES = "saves-a-minute"
Counts = Remembered[int, tuple[float, int]]
"""When a person's minute began, and how many answers came in it."""


def init_app(app: Flask) -> None:
    """Call after all views are there."""
    app.extensions[_SAVES] = Counts(_PEOPLE)
    limiter.init_app(app)
    for endpoint, rule in LIMITED.items():
        view = app.view_functions.get(endpoint)
        if view is not None:
            limited = limiter.limit(rule, methods=["POST"])(view)
            app.view_functions[endpoint] = cast(RouteCallable, limited)
