"""What every answer says to the browser: nothing foreign, nothing inline, nothing framed."""

from flask import Flask, Response, request

from survey.web.access import signed_in
from survey.web.static_files import ONE_YEAR, STATIC, cache_policy

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
ASKED_AGAIN = frozenset(
    {"reports.file", "evidence.file", "logos.firm_picture", "logos.consultant_picture"}
)
"""Files that a browser may keep, if it asks every time whether the reader may still see them."""


def init_app(app: Flask) -> None:
    app.after_request(_protect)


def policy_for(nonce: str) -> str:
    """The policy of a page that brings one style sheet with it, which carries the nonce."""
    return _POLICY.format(style=f"'nonce-{nonce}'")


def _protect(response: Response) -> Response:
    present = set(response.headers.keys(lower=True))
    for name, value in HEADERS.items():
        if name.lower() not in present:
            response.headers.add(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
    if request.endpoint in STATIC:
        response.headers["Cache-Control"] = cache_policy(response.status_code)
    elif request.endpoint in ASKED_AGAIN and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = "private, no-cache"
    elif request.endpoint is None or signed_in():
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "no-cache, private")
    return response
