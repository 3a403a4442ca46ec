"""Who may call which view. A view that declares nothing answers nobody."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask, abort, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from survey.i18n import _
from survey.services import people
from survey.services.people import FIRM, Actor
from survey.store.site import db


class Role(StrEnum):
    """Whom a view can be declared for."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    FIRM = "firm"
    OWNER = "owner"
    CONSULTANT = "consultant"
    ADMINISTRATOR = "administrator"


View = Callable[..., ResponseReturnValue]
V = TypeVar("V", bound=View)

_OURS: dict[View, frozenset[Role]] = {}
_BORROWED: dict[str, frozenset[Role]] = {
    "static": frozenset({Role.PUBLIC}),
    "bootstrap.static": frozenset({Role.PUBLIC}),
}


def allow(*roles: Role) -> Callable[[V], V]:
    """Declare who may call a view; stands directly below the route."""
    if not roles:
        raise ValueError("name at least one role")

    def declare(view: V) -> V:
        _OURS[view] = frozenset(roles)
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
    app.jinja_env.globals.update(may=may, actor=actor, Role=Role, signed_in=signed_in)


def signed_in() -> bool:
    return bool(current_user.is_authenticated)


def ask_nobody() -> None:
    """Answer the rest of this request as a stranger's, without asking the database who it is."""
    stranger = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # added
    g._login_user = stranger  # noqa: SLF001  # Flask-Login has no public way


def actor() -> Actor:
    """Whoever asks, as the services know them. Only for requests of signed-in people."""
    if "actor" not in g:
        g.actor = people.actor_of(db.session(), current_user.id)
    found: Actor = g.actor
    return found


def roles_now() -> frozenset[Role]:
    """Everything that the asking person is. The role without a firm gives no rights."""
    if not signed_in():
        return frozenset({Role.PUBLIC})
    known = {Role(name) for name in actor().roles if name != FIRM or actor().firm_id is not None}
    owner = {Role.OWNER} if actor().owner else set()
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
        return jsonify(message=_("You are signed out. Sign in again in another tab.")), 401
    return redirect(url_for("security.login", next=_back_to()), 303)


def _back_to() -> str | None:
    """Where signing in should lead: here, unless this address can only be sent to."""
    methods = request.url_rule.methods if request.url_rule else None
    return request.full_path.rstrip("?") if "GET" in (methods or ()) else None
