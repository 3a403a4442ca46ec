"""HTML to PDF, strictly: the only place that knows WeasyPrint.

Nothing is fetched but the project's own files, and the first complaint of the renderer ends the
job: a report with a hole in it never leaves. The same report gives the same bytes.
"""

import gc
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import weasyprint
from typing_extensions import override
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from survey.core.parts import Report, to_json
from survey.core.text import Languages
from survey.pdf import fonts, glyphs, page
from survey.pdf.glyphs import BadPage, MissingGlyph

__all__ = ["BadPage", "MissingGlyph", "Rendered", "RendererComplaint", "pdf_bytes", "warm_up"]

_HERE = Path(__file__).resolve().parent
_COMPLAINTS = logging.getLogger("weasyprint")
_STEPS = logging.getLogger("weasyprint.progress")
# WeasyPrint tells its progress through this logger only; nobody else is to hear it.
_STEPS.setLevel(logging.INFO)
_STEPS.propagate = False

Progress = Callable[[int], None]


def _silence(percent: int) -> None:
    """For callers that show no progress."""
    del percent


class RendererComplaint(BadPage):
    """WeasyPrint logged a warning or an error; ``complaint`` says which."""

    code = "renderer-complaint"


class Refused(FatalURLFetchingError):  # type: ignore[misc]  # WeasyPrint has no types
    """A page asked for something that is not one of the project's own files."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF."""

    content: bytes
    pages: int


class OwnFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves files below the given folders, after resolving links and dots; refuses the rest."""

    def __init__(self, *folders: Path) -> None:
        super().__init__(allowed_protocols=["file"], allow_redirects=False)
        self._folders = tuple(folder.resolve() for folder in folders)

    @override
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise Refused(f"not a file of the project: {url[:200]}")
        path = Path(unquote(parts.path)).resolve()
        if not any(path.is_relative_to(folder) for folder in self._folders) or not path.is_file():
            raise Refused(f"not a file of the project: {url[:200]}")
        return URLFetcherResponse(url, path.read_bytes())


def pdf_bytes(
    report: Report,
    languages: Languages,
    *,
    fonts_folder: Path,
    progress: Progress = _silence,
) -> Rendered:
    """Print a report.

    `progress` hears rising per cents. Raises MissingGlyph if the fonts lack a character of the
    report, RendererComplaint if WeasyPrint finds fault with anything.
    """
    glyphs.check(report, fonts_folder)
    html = page.html(report, languages)
    progress(5)
    content, pages = _print(html, fonts_folder, _identity(report, languages), progress)
    progress(100)
    return Rendered(content, pages)


def warm_up(fonts_folder: Path) -> None:
    """Load fonts and style once, so that the first report is as fast as the others."""
    _print('<html lang="zh-CN"><title>.</title><p>起 a</p></html>', fonts_folder, b"0", _silence)


def _identity(report: Report, languages: Languages) -> bytes:
    """The PDF's own identifier, from what is printed instead of from the clock."""
    plain = json.dumps([to_json(report), languages], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:32].encode()


def _print(html: str, fonts_folder: Path, identity: bytes, progress: Progress) -> tuple[bytes, int]:
    folder = fonts_folder.resolve()
    style, configuration = _style(folder)
    fetcher = OwnFiles(_HERE, folder)
    with _strictly(), _listening(progress), _without_garbage_collection():
        try:
            source = weasyprint.HTML(
                string=html, base_url=_HERE.as_uri() + "/", url_fetcher=fetcher
            )
            document = source.render(font_config=configuration, stylesheets=[style])
            content = document.write_pdf(pdf_tags=True, pdf_identifier=identity)
        except Refused as refusal:
            raise RendererComplaint(complaint=str(refusal)) from refusal
    return content, len(document.pages)


@lru_cache(maxsize=2)
def _style(folder: Path) -> tuple[weasyprint.CSS, FontConfiguration]:
    """The style sheet with the fonts of the installation, parsed once per process."""
    fonts.use_no_others(folder)
    configuration = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "{fonts.FAMILY}"; font-weight: {weight}; '
        f'src: url("{path.as_uri()}") }}\n'
        for weight, path in fonts.faces(folder)
    )
    text = faces + (_HERE / page.CSS_FILE).read_text(encoding="utf-8")
    with _strictly():
        style = weasyprint.CSS(
            string=text, font_config=configuration, url_fetcher=OwnFiles(_HERE, folder)
        )
    return style, configuration


class _FirstComplaint(logging.Handler):
    """Keeps the first complaint of this thread; a beating heart beside it is not our business."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first: str | None = None
        self._thread = threading.get_ident()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if self.first is None and record.thread == self._thread:
            self.first = record.getMessage()


@contextmanager
def _strictly() -> Iterator[None]:
    """Raises RendererComplaint at the end if WeasyPrint has logged a warning or worse."""
    handler = _FirstComplaint()
    _COMPLAINTS.addHandler(handler)
    try:
        yield
    finally:
        _COMPLAINTS.removeHandler(handler)
    if handler.first is not None:
        raise RendererComplaint(complaint=handler.first[:500])


class _Steps(logging.Handler):
    """Turns WeasyPrint's steps into per cents; how many pages come is not known beforehand."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self._progress = progress
        self._thread = threading.get_ident()
        self._left = 1.0
        self._told = 5

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        step = record.getMessage()
        self._left *= 0.95 if step.startswith("Step 5") else 0.98
        percent = 95 if step.startswith("Step 7") else int(5 + 85 * (1 - self._left))
        if percent > self._told:
            self._told = percent
            self._progress(percent)


@contextmanager
def _listening(progress: Progress) -> Iterator[None]:
    handler = _Steps(progress)
    _STEPS.addHandler(handler)
    try:
        yield
    finally:
        _STEPS.removeHandler(handler)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Layout makes millions of small objects that all live until the end: looking is a waste."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
