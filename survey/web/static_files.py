"""Files that are the same for everybody: named by their content, compressed beforehand.

An address carries the fingerprint of the file, so that a browser keeps it for a year. The
compressed forms stand in the site's folder under the SHA-256 of what they hold: a changed file
has another one, so that none is ever stale. `prepare` makes them when the site starts.
"""

import hashlib
import secrets
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join
from werkzeug.utils import get_content_type

from survey.config import Settings
from survey.web.compression import ENCODINGS, TEXTS, Encoding, wanted

STATIC = frozenset({"static", "bootstrap.static"})
BESIDE = ("css/bootstrap.min.css",)
"""What our pages use of the files that Bootstrap-Flask brings."""

FOLDER = "static"
ONE_YEAR = 365 * 24 * 3600
_MIMETYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def init_app(app: Flask) -> None:
    """Call after all blueprints are there."""
    app.url_defaults(_fingerprint)
    for endpoint in STATIC:
        plain = cast(Callable[..., ResponseReturnValue], app.view_functions[endpoint])
        app.view_functions[endpoint] = _packed_view(plain, endpoint)


def prepare(app: Flask, settings: Settings) -> None:
    """Compress every file of our pages thoroughly, unless that was done; drop what is outdated."""
    folder = settings.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ours = [path for path in _folder_of(app, "static").rglob("*") if _mimetype(path) in TEXTS]
    theirs = [_folder_of(app, "bootstrap.static") / name for name in BESIDE]
    made = set()
    for content in (path.read_bytes() for path in (*ours, *theirs)):
        for encoding in ENCODINGS.values():
            packed = folder / f"{hashlib.sha256(content).hexdigest()}.{encoding.ending}"
            made.add(packed)
            if not packed.exists():
                _write(packed, encoding.thoroughly(content))
    for outdated in set(folder.iterdir()) - made:
        outdated.unlink(missing_ok=True)


def cache_policy(status: int) -> str:
    """A file asked for by its own fingerprint never changes; any other is asked for again."""
    if status in (200, 304) and "v" in request.args and request.args["v"] == _asked_for():
        return f"public, max-age={ONE_YEAR}, immutable"
    return "no-cache"


def _asked_for() -> str | None:
    """The fingerprint of the file that is being sent: a new page may have come from elsewhere."""
    name = str((request.view_args or {}).get("filename", ""))
    found = safe_join(str(_folder_of(current_app, request.endpoint or "")), name)
    return None if found is None else fingerprint_of(Path(found))


def _packed_view(
    plain: Callable[..., ResponseReturnValue], endpoint: str
) -> Callable[..., ResponseReturnValue]:
    def static(filename: str) -> ResponseReturnValue:
        found = safe_join(str(_folder_of(current_app, endpoint)), filename)
        encoding = wanted()
        path = Path(found or "")
        if encoding is not None and found and _mimetype(path) in TEXTS and path.is_file():
            return _packed(path, encoding)
        answer = make_response(plain(filename=filename))
        answer.vary.add("Accept-Encoding")
        return answer

    return static


def _packed(path: Path, encoding: Encoding) -> Response:
    digest = _digest(path, path.stat().st_mtime_ns)
    settings: Settings = current_app.extensions["settings"]
    packed = settings.folder / FOLDER / f"{digest}.{encoding.ending}"
    answer = Response(_content(path, packed, encoding.name, digest))
    answer.content_type = get_content_type(_mimetype(path), "utf-8")
    answer.content_encoding = encoding.name
    answer.vary.add("Accept-Encoding")
    answer.set_etag(f"{digest}-{encoding.name}")
    answer.make_conditional(request.environ)
    return answer


@lru_cache(maxsize=128)
def _content(path: Path, packed: Path, encoding: str, _digest: str) -> bytes:
    """What `prepare` has made; while a file is being worked on, it is compressed here."""
    if packed.is_file():
        return packed.read_bytes()
    return ENCODINGS[encoding].quickly(path.read_bytes())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: several processes may be starting."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.write_bytes(content)
    draft.replace(path)


def _mimetype(path: Path) -> str:
    return _MIMETYPES.get(path.suffix, "")


def _folder_of(app: Flask, endpoint: str) -> Path:
    blueprint = app.blueprints.get(endpoint.removesuffix(".static"))
    return Path((blueprint or app).static_folder or "")


def _fingerprint(endpoint: str, values: dict[str, object]) -> None:
    if endpoint not in STATIC or "v" in values:
        return
    path = _folder_of(current_app, endpoint) / str(values.get("filename", ""))
    if (mark := fingerprint_of(path)) is not None:
        values["v"] = mark


def fingerprint_of(path: Path) -> str | None:
    """None if there is no such file."""
    return _digest(path, path.stat().st_mtime_ns)[:12] if path.is_file() else None


@cache
def _digest(path: Path, _changed: int) -> str:
    """The content's SHA-256; a time of change tells edits apart."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
