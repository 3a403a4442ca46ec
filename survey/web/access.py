"""Who may call which view. A view that declares nothing answers nobody."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.orm import Session

from survey.i18n import _
from survey.services import people
from survey.services.people import FIRM, Actor, Person
from survey.store.site import db
from survey.web.unsent import given_back


class Role(StrEnum):
    """Whom a view can be declared for."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    FIRM = "firm"
    OWNER = "owner"
    CONSULTANT = "consultant"
    ADMINISTRATOR = "administrator"


_MARK = "_user_id"
"""Where Flask-Login keeps in the session what `User.fs_uniquifier` holds."""

View = Callable[..., ResponseReturnValue]
V = TypeVar("V", bound=View)

Recognise = Callable[[Session, str], Person | None]
"""Who has the mark that a sign-in left in the session; None if it was taken back."""

_OURS: dict[View, frozenset[Role]] = {}
_ASKING: dict[View, Recognise] = {}
_BORROWED: dict[str, frozenset[Role]] = {
    "static": frozenset({Role.PUBLIC}),
    "bootstrap.static": frozenset({Role.PUBLIC}),
}


def allow(*roles: Role, recognise: Recognise = people.recognise) -> Callable[[V], V]:
    """Declare who may call a view; stands directly below the route.

    `recognise` may find out more than who asks, so that the view need not ask once more.
    """
    if not roles:
        raise ValueError("name at least one role")

    def declare(view: V) -> V:
        _OURS[view] = frozenset(roles)
        _ASKING[view] = recognise
        return view

    return declare


def allow_endpoint(endpoint: str, *roles: Role) -> None:
    """Declare who may call a view that another package brings."""
    _BORROWED[endpoint] = frozenset(roles)


def declared(app: Flask, endpoint: str) -> frozenset[Role]:
    """Who may call an endpoint; nobody if it was never said."""
    view = app.view_functions.get(endpoint)
    return _OURS.get(view, frozenset()) if view in _OURS else _BORROWED.get(endpoint, frozenset())


def init_app(app: Flask) -> None:
    app.before_request(_guard)
    app.jinja_env.globals.update(
        may=may, actor=actor, Role=Role, signed_in=signed_in, reader=reader
    )


def reader() -> Person | None:
    """Whoever asks, or None for a stranger. Asked of the database once for each sign-in."""
    mark = session.get(_MARK)
    asked: tuple[str | None, Person | None] | None = g.get("reader")
    if asked is None or asked[0] != mark:
        g.reader = asked = (mark, _recognised(mark))
    return asked[1]


def _recognised(mark: str | None) -> Person | None:
    if mark is None:  # perhaps a cookie that remembers: Flask-Login reads it
        mark = current_user.get_id() if current_user.is_authenticated else None
    if mark is None:
        return None
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return _ASKING.get(view, people.recognise)(db.session(), mark)


def signed_in() -> bool:
    return reader() is not None


def ask_nobody() -> None:
    """Answer the rest of this request as a stranger's, without asking the database who it is."""
    stranger = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # added
    g._login_user = stranger  # noqa: SLF001  # Flask-Login has no public way
    g.reader = (session.get(_MARK), None)


def actor() -> Actor:
    """Whoever asks, as the services know them. Only for requests of signed-in people."""
    person = reader()
    assert person is not None
    return person.actor


def roles_now() -> frozenset[Role]:
    """Everything that the asking person is. The role without a firm gives no rights."""
    person = reader()
    if person is None:
        return frozenset({Role.PUBLIC})
    who = person.actor
    known = {Role(name) for name in who.roles if name != FIRM or who.firm_id is not None}
    owner = {Role.OWNER} if who.owner else set()
    return frozenset({Role.PUBLIC, Role.SIGNED_IN} | known | owner)


def may(endpoint: str) -> bool:
    """Whether a link to this endpoint makes sense for the reader."""
    return not declared(current_app, endpoint).isdisjoint(roles_now())


def wants_json() -> bool:
    """Whether a program asks: our own script, or somebody who accepts only JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return request.is_json or best == "application/json"


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    allowed = declared(current_app, request.endpoint)
    if not allowed:
        current_app.logger.error("%s declares no role: put @allow on it", request.endpoint)
        abort(404)
    if Role.PUBLIC in allowed or not allowed.isdisjoint(roles_now()):
        return None
    if signed_in():
        abort(403)
    if wants_json():
        return signed_out()
    if (unsent := given_back()) is not None:
        return unsent
    if session.pop(_MARK, None) is not None:  # it was good once: all devices were signed out
        flash(_("You have been signed out on this device. Sign in again."), "info")
    return redirect(url_for("security.login", next=_back_to()), 303)


def signed_out() -> ResponseReturnValue:
    """What a script is told whose reader is not signed in any more."""
    message = _("You are signed out. Sign in again in another tab.")
    return jsonify(state="signed-out", message=message, sign_in=url_for("security.login")), 401


def somebody_else() -> ResponseReturnValue:
    """What a script is told whose reader is not the one who is signed in now."""
    message = _("Somebody else is now signed in on this browser. Sign in yourself to go on.")
    return jsonify(state="signed-out", message=message, sign_in=url_for("security.login")), 401


def _back_to() -> str | None:
    """Where signing in should lead: here, unless this address can only be sent to."""
    methods = request.url_rule.methods if request.url_rule else None
    return request.full_path.rstrip("?") if "GET" in (methods or ()) else None
