"""Text is sent compressed to who understands it, and reads the same to everybody else."""

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from survey.web.access import Role, allow

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}


def asked(app: Flask, address: str, encodings: str) -> TestResponse:
    return app.test_client().get(address, headers={"Accept-Encoding": encodings})


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_page_reads_the_same_compressed(app: Flask, encoding: str) -> None:
    app.add_url_rule("/long", "long", allow(Role.PUBLIC)(lambda: "企诊，读起来一样。" * 99))

    plain = asked(app, "/long", "")
    packed = asked(app, "/long", encoding)

    assert not plain.content_encoding
    assert packed.content_encoding == encoding
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 10
    assert UNPACK[encoding](packed.data) == plain.data


@pytest.mark.parametrize(
    ("encodings", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0.5, br;q=0.1", "br"),
        ("identity", None),
        ("gzip;q=0", None),
        ("odd;;;=q, \x7f", None),
    ],
)
def test_only_what_the_browser_accepts_is_used(
    app: Flask, encodings: str, chosen: str | None
) -> None:
    reply = asked(app, "/verify", encodings)

    assert reply.status_code == 200
    assert reply.content_encoding == chosen
    assert "Accept-Encoding" in reply.headers["Vary"]


def test_what_is_short_streamed_partial_or_no_text_goes_as_it_is(app: Flask) -> None:
    views: dict[str, Callable[[], ResponseReturnValue]] = {
        "short": lambda: "short",
        "streamed": lambda: Response(iter(["x" * 2000]), mimetype="text/html"),
        "partial": lambda: Response("x" * 2000, 206, mimetype="text/html"),
        "picture": lambda: Response(b"x" * 2000, mimetype="image/png"),
        "ready": lambda: Response(b"x" * 2000, headers={"Content-Encoding": "other"}),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, allow(Role.PUBLIC)(view))

    for name in views:
        reply = asked(app, f"/{name}", "gzip, br")
        assert reply.content_encoding == ("other" if name == "ready" else None), name
        reply.close()


def test_a_refusal_is_compressed_too(app: Flask) -> None:
    reply = asked(app, "/no-such-page", "gzip")

    assert reply.status_code == 404
    assert "<h1" in gzip.decompress(reply.data).decode()
