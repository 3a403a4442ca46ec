"""`create_app` wires the parts together: the only place that knows all of them."""

import gc
import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from typing_extensions import override
from werkzeug.middleware.proxy_fix import ProxyFix

from survey import doctor as installation
from survey import i18n, jobs
from survey.config import Settings
from survey.store.db import MIGRATIONS
from survey.store.site import attach, db
from survey.web import (
    access,
    account,
    addresses,
    admin,
    answer_words,
    answering,
    archives,
    compression,
    consultant,
    discarding,
    discussion,
    doctor,
    errors,
    evidence,
    firm,
    headers,
    invitations,
    limits,
    logos,
    menu,
    moving,
    packs,
    public,
    reopening,
    reports,
    sending,
    sharing,
    static_files,
    targets,
    verify,
    what_if,
)
from survey.web.workshop import (
    compare,
    conditions,
    dry_run,
    exchange,
    history,
    parts,
    preview,
    publishing,
    translation_files,
    translations,
    tree,
    trials,
    versions,
    weighing,
    weights,
)

PARTS = (
    public,
    account,
    invitations,
    firm,
    sharing,
    discussion,
    reopening,
    discarding,
    moving,
    targets,
    what_if,
    answering,
    evidence,
    packs,
    reports,
    verify,
    archives,
    logos,
    consultant,
    admin,
    doctor,
    versions,
    publishing,
    trials,
    compare,
    history,
    exchange,
    conditions,
    tree,
    parts,
    translation_files,
    translations,
    preview,
    dry_run,
    weights,
    weighing,
)
"""Each brings a blueprint."""

BIGGEST_REQUEST = sending.LARGEST_FILE + 64 * 1024
"""A file, and what a form puts around it."""

BIGGEST_FIELDS = 1024 * 1024
MOST_FIELDS = 2000
THREADS = sending.THREADS
"""Requests that each process of the site works on at a time."""


class _Site(Flask):
    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """None of our functions is a coroutine: to look is a twentieth of opening a page."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application. Raises ConfigError if the environment cannot be understood."""
    settings = settings or Settings.from_environment(os.environ)
    app = _Site(
        "survey",
        template_folder="web/templates",
        static_folder="web/static",
        static_url_path="/static",
    )
    app.response_class = sending.Answer
    app.config.from_mapping(_config(settings))
    addresses.init_app(app)
    app.extensions["settings"] = settings
    app.extensions[reports.DELIVER] = jobs.deliverer(settings)
    app.extensions[reports.DELIVER_LATER] = jobs.deliverer(settings, priority=jobs.BEFOREHAND)
    app.extensions[packs.DELIVER] = jobs.deliverer(settings, task=jobs.Packs.name)
    app.extensions[trials.DELIVER] = jobs.deliverer(settings, task=jobs.Trials.name)
    app.extensions[doctor.EXAMINE] = partial(installation.examine, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as its documentation says
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    attach(app, settings.database_url)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    i18n.init_app(app)
    Bootstrap5(app)
    CSRFProtect(app)
    errors.init_app(app)
    access.init_app(app)
    menu.init_app(app)
    answer_words.init_app(app)
    account.init_app(app)
    for part in PARTS:
        app.register_blueprint(part.bp)
    static_files.init_app(app)
    headers.init_app(app)
    compression.init_app(app)
    limits.init_app(app)
    return app


def served() -> Flask:
    """The application of a process that serves it from now on.

    What stands by now stays, and is not looked through for cycles again. Each request leaves some
    hundred objects in cycles: with Python's own threshold every request would be stopped to look
    for them, which took a twelfth of saving an answer. What a request brought with it may be held
    by them, so that the bodies of some twenty requests wait to be freed.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    return app


_YOUNG = 3_000
"""Objects that are born before the youngest are looked through."""


def prepare(settings: Settings) -> None:
    """What the site needs once before it is served."""
    static_files.prepare(create_app(settings), settings)


def _config(settings: Settings) -> dict[str, object]:
    """Flask's own keys; every part that brings an extension sets the extension's."""
    secure = not settings.debug and settings.is_public
    return {
        "SECRET_KEY": settings.secret_key,
        "DEBUG": settings.debug,
        "MAX_CONTENT_LENGTH": BIGGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": BIGGEST_FIELDS,
        "MAX_FORM_PARTS": MOST_FIELDS,
        "SESSION_COOKIE_NAME": "qizhen",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=7),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "BOOTSTRAP_SERVE_LOCAL": True,
    }
