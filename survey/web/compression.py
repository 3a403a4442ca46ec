"""Text goes over the wire compressed, as far as the reader's browser understands it.

What is made for one reader is compressed quickly, what is the same for all thoroughly
(`static_files`). Why a page with a secret may be compressed: decision 0019.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import brotli
from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

TEXTS = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/schema+json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)

SHORTEST = 500
"""Bytes: below that nothing is won."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to compress: its name in HTTP, the ending of such files, quickly or thoroughly."""

    name: str
    ending: str
    quickly: Callable[[bytes], bytes]
    thoroughly: Callable[[bytes], bytes]


def _gzip(content: bytes, level: int) -> bytes:
    made = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return made.compress(content) + made.flush()


def _brotli(content: bytes, quality: int) -> bytes:
    packed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality)
    return packed


ENCODINGS: Mapping[str, Encoding] = {
    each.name: each
    for each in (
        Encoding("br", "br", lambda text: _brotli(text, 1), lambda text: _brotli(text, 11)),
        Encoding("gzip", "gz", lambda text: _gzip(text, 2), lambda text: _gzip(text, 9)),
    )
}
"""Best first."""


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def wanted() -> Encoding | None:
    """The best of our encodings that the reader takes."""
    return _best(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def _best(header: str) -> Encoding | None:
    taken = parse_accept_header(header, Accept)
    return next((ENCODINGS[name] for name in ENCODINGS if taken.quality(name) > 0), None)


def _compress(response: Response) -> Response:
    """Compress what is held whole; what is sent as a stream or in parts goes as it is."""
    if response.mimetype not in TEXTS or response.direct_passthrough or not response.is_sequence:
        return response
    response.vary.add("Accept-Encoding")
    encoding = wanted()
    if encoding is None or response.status_code in (206, 304) or response.content_encoding:
        return response
    content = response.get_data()
    if len(content) >= SHORTEST:
        response.set_data(encoding.quickly(content))
        response.content_encoding = encoding.name
    return response
