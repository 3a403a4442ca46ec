"""What every answer says to the browser: nothing foreign, nothing inline, nothing framed."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request

from survey.web.access import signed_in

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
POLICY = _POLICY.format(style="'self'")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = frozenset({"static", "bootstrap.static"})
ONE_YEAR = 365 * 24 * 3600
ASKED_AGAIN = frozenset({"reports.file", "logos.firm_picture", "logos.consultant_picture"})
"""Files that a browser may keep, if it asks every time whether the reader may still see them."""


def init_app(app: Flask) -> None:
    app.after_request(_protect)
    app.url_defaults(_fingerprint)


def policy_for(nonce: str) -> str:
    """The policy of a page that brings one style sheet with it, which carries the nonce."""
    return _POLICY.format(style=f"'nonce-{nonce}'")


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
    if request.endpoint in STATIC:
        _cache(response)
    elif request.endpoint in ASKED_AGAIN and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = "private, no-cache"
    elif request.endpoint is None or signed_in():
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "no-cache, private")
    return response


def _cache(response: Response) -> None:
    """A file asked for by its fingerprint never changes; any other is asked for again."""
    if response.status_code in (200, 304) and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _fingerprint(endpoint: str, values: dict[str, object]) -> None:
    if endpoint not in STATIC or "v" in values:
        return
    blueprint = current_app.blueprints.get(endpoint.removesuffix(".static"))
    folder = (blueprint or current_app).static_folder
    path = Path(folder or "") / str(values.get("filename", ""))
    if path.is_file():
        values["v"] = _digest(path, path.stat().st_mtime_ns)


@cache
def _digest(path: Path, _changed: int) -> str:
    """The first 12 hex digits of the content's SHA-256; a time of change tells edits apart."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
