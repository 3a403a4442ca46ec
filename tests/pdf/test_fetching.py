"""Nothing that stands in a page makes the renderer ask anybody for anything."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from typing_extensions import override

from survey.pdf import page, render
from survey.pdf.look import Logo
from survey.pdf.page import Page
from survey.pdf.render import OwnFiles, Refused, RendererComplaint
from tests.pdf.conftest import EMPTY, a_firms_report
from tests.pdf.test_render import SHORT


class Listener:
    """A server that hears every request, and would send whoever asks on to a secret."""

    def __init__(self) -> None:
        heard: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.heard = heard
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    return path


# Where an address can stand, and WeasyPrint asks for it.
PROBES = {
    "img": '<img src="ADDRESS" alt="x">',
    "img-srcset": '<img srcset="ADDRESS 1x" src="ADDRESS" alt="x">',
    "object": '<object data="ADDRESS"></object>',
    "embed": '<embed src="ADDRESS">',
    "import": "<style>@import url(ADDRESS);</style>",
    "style-in-import": "<style>@import 'ADDRESS';</style>",
    "font-face": "<style>@font-face{font-family:z;src:url(ADDRESS)} p{font-family:z}</style>"
    "<p>x</p>",
    "stylesheet": '<link rel="stylesheet" href="ADDRESS">',
    "link-attachment": '<link rel="attachment" href="ADDRESS">',
    "a-attachment": '<p><a rel="attachment" href="ADDRESS">x</a></p>',
    "background": '<p style="background:url(ADDRESS)">x</p>',
    "border-image": '<p style="border:1px solid;border-image:url(ADDRESS) 1">x</p>',
    "list-style": '<ul><li style="display:list-item;list-style-image:url(ADDRESS)">x</li></ul>',
    "content": "<style>p::before{content:url(ADDRESS)}</style><p>x</p>",
    "page-background": "<style>@page{background:url(ADDRESS)}</style><p>x</p>",
    "margin-content": "<style>@page{@top-left{content:url(ADDRESS)}}</style><p>x</p>",
    "svg-image": '<svg viewBox="0 0 9 9" width="9"><title>x</title>'
    '<image href="ADDRESS" width="9" height="9"/></svg>',
    "svg-xlink": '<svg viewBox="0 0 9 9" width="9" xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<title>x</title><image xlink:href="ADDRESS" width="9" height="9"/></svg>',
}

# Where WeasyPrint does not look: the page is printed as if the address were not there.
UNHEARD = {
    "iframe": '<iframe src="ADDRESS"></iframe>',
    "script": '<script src="ADDRESS"></script>',
    "base": '<base href="ADDRESS"><p>x</p>',
    "video": '<video src="ADDRESS" poster="ADDRESS"></video>',
    "cursor": '<p style="cursor:url(ADDRESS),auto">x</p>',
    "svg-use": '<svg viewBox="0 0 9 9" width="9"><title>x</title><use href="ADDRESS#a"/></svg>',
    "svg-fe-image": '<svg viewBox="0 0 9 9" width="9"><title>x</title><filter id="f">'
    '<feImage href="ADDRESS"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>',
    "svg-style": '<svg viewBox="0 0 9 9" width="9"><title>x</title>'
    "<style>@import url(ADDRESS);</style></svg>",
    "link": '<p><a href="ADDRESS">x</a></p>',
    "meta": '<meta http-equiv="refresh" content="0;url=ADDRESS"><p>x</p>',
}


def printed(html: str, fonts_folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    whole = f'<html lang="zh-CN"><head><title>x</title></head><body>{html}</body></html>'
    monkeypatch.setattr(page, "html", lambda report, copy, look: Page(whole, {}))
    return render.pdf_bytes(a_firms_report(EMPTY), SHORT, fonts_folder=fonts_folder).content


@pytest.mark.parametrize("probe", PROBES)
def test_an_address_in_a_page_ends_the_job_and_nobody_is_asked(
    fonts_folder: Path,
    listener: Listener,
    secret: Path,
    monkeypatch: pytest.MonkeyPatch,
    probe: str,
) -> None:
    for address in (f"{listener.address}/{probe}", secret.as_uri(), "file:///etc/passwd"):
        with pytest.raises(RendererComplaint):
            printed(PROBES[probe].replace("ADDRESS", address), fonts_folder, monkeypatch)

    assert listener.heard == []


@pytest.mark.parametrize("probe", UNHEARD)
def test_an_address_that_the_renderer_passes_over_is_asked_by_nobody(
    fonts_folder: Path,
    listener: Listener,
    secret: Path,
    monkeypatch: pytest.MonkeyPatch,
    probe: str,
) -> None:
    for address in (f"{listener.address}/{probe}", secret.as_uri()):
        try:
            content = printed(UNHEARD[probe].replace("ADDRESS", address), fonts_folder, monkeypatch)
        except RendererComplaint:
            content = b""
        assert b"/EmbeddedFile" not in content

    assert listener.heard == []


def test_the_server_of_these_tests_does_hear(listener: Listener) -> None:
    with pytest.raises(URLError):
        urlopen(f"{listener.address}/heard")

    assert listener.heard.pop() == "/heard"


def test_only_files_below_the_folders_are_fetched(tmp_path: Path, listener: Listener) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (own / "fine.css").write_text("p {}")
    (other / "secret").write_text("secret")
    (own / "link").symlink_to(other / "secret")
    (own / "folder").symlink_to(other)
    fetcher = OwnFiles(own)

    assert fetcher.fetch((own / "fine.css").as_uri()).read() == b"p {}"
    for url in (
        (other / "secret").as_uri(),
        (own / "link").as_uri(),
        (own / "folder" / "secret").as_uri(),
        f"{own.as_uri()}/../other/secret",
        f"{own.as_uri()}/%2e%2e/other/secret",
        f"{own.as_uri()}/%2E%2E%2Fother/secret",
        f"{own.as_uri()}/..%00/fine.css",
        f"{own.as_uri()}/nothing.css",
        f"{own.as_uri()}/{'x' * 5000}",
        "file://[/x",
        own.as_uri(),
        "file://example.org/etc/passwd",
        f"file://127.0.0.1{own}/fine.css",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file:////127.0.0.1/share/secret",
        "\\\\127.0.0.1\\share\\secret",
        "//127.0.0.1/share/secret",
        f"{listener.address}/",
        "https://example.org/",
        "ftp://example.org/",
        "gopher://example.org/",
        "data:text/plain,x",
        "javascript:alert(1)",
        "report-image:0",
        "",
        "x",
        f"file://{own}-beside/x",
    ):
        with pytest.raises(Refused):
            fetcher.fetch(url)
    assert listener.heard == []


def test_a_picture_comes_from_memory_by_its_own_name_alone() -> None:
    fetcher = OwnFiles(images={"report-image:0": Logo(b"x", "image/png", "A")})

    assert fetcher.fetch("report-image:0").read() == b"x"
    with pytest.raises(Refused):
        fetcher.fetch("report-image:00")
