"""`create_app` wires the parts together: the only place that knows all of them."""

import os
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
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
    answering,
    archives,
    consultant,
    doctor,
    errors,
    firm,
    headers,
    limits,
    logos,
    menu,
    public,
    reports,
    sending,
    targets,
    verify,
    what_if,
)

PARTS = (
    public,
    account,
    firm,
    targets,
    what_if,
    answering,
    reports,
    verify,
    archives,
    logos,
    consultant,
    admin,
    doctor,
)
"""Each brings a blueprint."""

BIGGEST_REQUEST = (4 * 1024 + 64) * 1024
"""A file of 4 MB, and what a form puts around it."""

BIGGEST_FIELDS = 1024 * 1024
MOST_FIELDS = 2000
THREADS = sending.THREADS
"""Requests that each process of the site works on at a time."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application. Raises ConfigError if the environment cannot be understood."""
    settings = settings or Settings.from_environment(os.environ)
    app = Flask(
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
    account.init_app(app)
    for part in PARTS:
        app.register_blueprint(part.bp)
    headers.init_app(app)
    limits.init_app(app)
    return app


def _config(settings: Settings) -> dict[str, object]:
    """Flask's own keys; every part that brings an extension sets the extension's."""
    secure = not (settings.debug or urlsplit(settings.base_url).hostname in LOOPBACK)
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
