"""How often one address may try: signing in, registering, reports, checking files.

Counted in the memory of each server process, so with N processes up to N times as many tries pass.
"""

from typing import cast

from flask import Flask
from flask.typing import RouteCallable
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

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

REGISTERING = "5 per minute; 30 per hour"
ASKING_FOR_REPORTS = "20 per minute; 200 per hour"
READING_REPORTS = "30 per minute; 300 per hour"
VERIFYING = "30 per minute; 300 per hour"
ASKING_FOR_ARCHIVES = "10 per minute; 60 per hour"
SENDING_LOGOS = "10 per minute; 60 per hour"

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)


def init_app(app: Flask) -> None:
    """Call after all views are there."""
    limiter.init_app(app)
    for endpoint, rule in LIMITED.items():
        view = app.view_functions.get(endpoint)
        if view is not None:
            limited = limiter.limit(rule, methods=["POST"])(view)
            app.view_functions[endpoint] = cast(RouteCallable, limited)
