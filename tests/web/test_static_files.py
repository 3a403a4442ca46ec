"""Files of the pages: compressed beforehand, never stale, kept for a year under their mark."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from survey import application
from survey.config import Settings
from survey.web import static_files

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SHEET = Path(application.__file__).parent / "web" / "static" / "qizhen.css"


def test_the_files_of_a_page_are_compressed_when_the_site_starts(
    app: Flask, settings: Settings
) -> None:
    application.prepare(settings)

    made = {path.suffix for path in (settings.folder / static_files.FOLDER).iterdir()}
    reply = app.test_client().get("/static/qizhen.css", headers={"Accept-Encoding": "gzip, br"})
    assert made == {".br", ".gz"}
    assert reply.content_encoding == "br"
    assert brotli.decompress(reply.data) == SHEET.read_bytes()
    assert len(reply.data) == len(brotli.compress(SHEET.read_bytes(), mode=brotli.MODE_TEXT))
    assert reply.content_type == "text/css; charset=utf-8"


def test_starting_again_makes_nothing_anew_and_drops_what_is_outdated(settings: Settings) -> None:
    application.prepare(settings)
    folder = settings.folder / static_files.FOLDER
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    outdated = folder / "0123.br"
    outdated.write_bytes(b"")

    application.prepare(settings)

    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_file_that_nobody_compressed_beforehand_is_compressed_when_asked_for(app: Flask) -> None:
    reply = app.test_client().get("/static/qizhen.css", headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(reply.data) == SHEET.read_bytes()


def test_a_changed_file_has_another_address_and_other_bytes(app: Flask, tmp_path: Path) -> None:
    page = app.test_client().get("/").text
    address = re.findall(r'"(/static/qizhen\.css\?v=[0-9a-f]{12})"', page)[0]
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "qizhen.css").write_text("a { color: red }")
    app.static_folder = str(changed)

    later = app.test_client().get("/").text
    reply = app.test_client().get("/static/qizhen.css", headers={"Accept-Encoding": "gzip"})

    assert address not in later
    assert gzip.decompress(reply.data) == b"a { color: red }"


def test_a_browser_that_has_the_file_is_told_so(app: Flask) -> None:
    client = app.test_client()
    for encoding in ("gzip", "br", "identity"):
        headers = {"Accept-Encoding": encoding}
        first = client.get("/static/qizhen.css", headers=headers)
        again = client.get(
            "/static/qizhen.css", headers={**headers, "If-None-Match": first.headers["ETag"]}
        )

        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.headers["Vary"]
        first.close()
        again.close()


@pytest.mark.parametrize(
    ("mark", "policy"),
    [
        (static_files.fingerprint_of(SHEET), "public, max-age=31536000, immutable"),
        ("0123456789ab", "no-cache"),
        ("", "no-cache"),
    ],
)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_only_a_files_own_address_is_kept_for_a_year(
    app: Flask, mark: str, policy: str, encoding: str
) -> None:
    reply = app.test_client().get(
        f"/static/qizhen.css?v={mark}", headers={"Accept-Encoding": encoding}
    )

    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == policy
    reply.close()


@pytest.mark.parametrize(
    "address",
    ["/static/..%2fapplication.py", "/static/none.css", "/static/", "/bootstrap/static/none.css"],
)
def test_nothing_beside_the_files_is_given_out(app: Flask, address: str) -> None:
    reply = app.test_client().get(address, headers={"Accept-Encoding": "gzip"})

    assert reply.status_code == 404
