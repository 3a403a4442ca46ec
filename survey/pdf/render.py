"""HTML to PDF, strictly: the only place that knows WeasyPrint.

Nothing is fetched but the project's own files, and the first complaint of the renderer ends the
job: a report with a hole in it never leaves. The same report gives the same bytes.
"""

import gc
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import weasyprint
from typing_extensions import override
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from survey.core.copies import Copy
from survey.core.parts import Report, to_json
from survey.pdf import conformance, fonts, glyphs, labels, page, thrift
from survey.pdf.attachments import Attachment
from survey.pdf.glyphs import BadPage, BidiControl, MissingGlyph
from survey.pdf.look import ACCENT, Logo, Look
from survey.pdf.page import Page
from survey.pdf.signing import Signer

conformance.install()
thrift.install()

__all__ = [
    "BadPage",
    "BidiControl",
    "MissingGlyph",
    "Rendered",
    "RendererComplaint",
    "pdf_bytes",
    "warm_up",
]

_HERE = Path(__file__).resolve().parent
_COMPLAINTS = logging.getLogger("weasyprint")
_STEPS = logging.getLogger("weasyprint.progress")
# WeasyPrint tells its progress through this logger only; nobody else is to hear it.
_STEPS.setLevel(logging.INFO)
_STEPS.propagate = False

Progress = Callable[[int], None]
_WRITTEN = 96


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
    """A finished PDF. `unsigned_sha256` is of the bytes before the signature, which repeat."""

    content: bytes
    pages: int
    unsigned_sha256: str


class OwnFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves pictures from memory and files below the given folders; refuses the rest.

    Links and dots in a path are resolved before it is looked at.
    """

    def __init__(self, *folders: Path, images: Mapping[str, Logo] = MappingProxyType({})) -> None:
        super().__init__(allowed_protocols=["file"], allow_redirects=False)
        self._folders = tuple(folder.resolve() for folder in folders)
        self._images = images

    @override
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        image = self._images.get(url)
        if image is not None:
            return URLFetcherResponse(url, image.content, {"Content-Type": image.media_type})
        path = self._own(url)
        if path is None:
            raise Refused(f"not a file of the project: {url[:200]}")
        return URLFetcherResponse(url, path.read_bytes())

    def _own(self, url: str) -> Path | None:
        try:
            parts = urlsplit(url)
            path = Path(unquote(parts.path)).resolve()
            is_there = path.is_file()
        except (OSError, RuntimeError, ValueError):  # a loop, a name too long, a null byte
            return None
        is_local = parts.scheme == "file" and parts.netloc in ("", "localhost")
        is_below = any(path.is_relative_to(folder) for folder in self._folders)
        return path if is_local and is_below and is_there else None


def pdf_bytes(
    report: Report,
    copy: Copy,
    look: Look = Look(),  # noqa: B008  # frozen
    *,
    fonts_folder: Path,
    attachments: Sequence[Attachment] = (),
    signer: Signer | None = None,
    progress: Progress = _silence,
) -> Rendered:
    """Print a report.

    `progress` hears rising per cents; the last few are left to whoever reads the file back.
    Raises MissingGlyph and BidiControl for characters that cannot be printed, RendererComplaint
    if WeasyPrint finds fault with anything, and what `signer` raises.
    """
    glyphs.check(report, look, fonts_folder)
    if signer is not None:
        signer.must_be_valid(signer.clock())
    made = _with_plain_characters(page.html(report, copy, look), fonts_folder)
    progress(5)
    content, pages = _print(
        made,
        fonts_folder,
        look.accent,
        _identity(report, copy, look),
        progress,
        [_inside(each, copy, report) for each in attachments],
        _finisher(signer, copy),
    )
    unsigned = hashlib.sha256(content).hexdigest()
    if signer is not None:
        content = signer.sign(content)
    progress(_WRITTEN)
    return Rendered(content, pages, unsigned)


def page_bytes(
    made: Page,
    *,
    fonts_folder: Path,
    accent: str,
    style: tuple[str, ...],
    identity: bytes,
    progress: Progress = _silence,
) -> Rendered:
    """Print a page of our own words, with these style sheets one after the other, unsigned.

    `identity` is the PDF's own identifier: 32 hexadecimal digits that follow from the page.
    Raises RendererComplaint if WeasyPrint finds fault with anything, also a missing glyph.
    """
    progress(5)
    content, pages = _print(
        _with_plain_characters(made, fonts_folder),
        fonts_folder,
        accent,
        identity,
        progress,
        [],
        style=style,
    )
    return Rendered(content, pages, hashlib.sha256(content).hexdigest())


def _with_plain_characters(made: Page, fonts_folder: Path) -> Page:
    """A radical that looks like a character is printed as this character: see `fonts.doubles`."""
    doubles = fonts.doubles(fonts_folder)
    if doubles.keys().isdisjoint(map(ord, set(made.html))):
        return made
    return Page(made.html.translate(doubles), made.images)


def _finisher(signer: Signer | None, copy: Copy) -> Callable[[Any, Any], None]:
    """What is done to a file at last: a signature needs a place that is tagged before."""
    if signer is None:
        return conformance.finish
    words = " ".join(labels.SIGNATURE.in_(locale) for locale in copy.languages.locales)
    return partial(conformance.finish_for_signature, label=words)


def warm_up(fonts_folder: Path, accent: str = ACCENT) -> None:
    """Load fonts and style once, so that the first report is as fast as the others."""
    fonts.covered(fonts_folder)
    fonts.doubles(fonts_folder)
    blank = Page('<html lang="zh-CN"><title>.</title><p>起 a</p></html>', {})
    _print(blank, fonts_folder, accent, b"0", _silence, [])


def _identity(report: Report, copy: Copy, look: Look) -> bytes:
    """The PDF's own identifier, from what is printed instead of from the clock."""
    logos = [hashlib.sha256(logo.content).hexdigest() for logo in look.logos]
    facts = [to_json(report), copy.languages, copy.extent, look.accent, look.verify_url, logos]
    plain = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:32].encode()


def _inside(attachment: Attachment, copy: Copy, report: Report) -> weasyprint.Attachment:
    """The attachment as WeasyPrint takes it; its dates are the report's."""
    locales = copy.languages.locales
    day = datetime(report.issued_on.year, report.issued_on.month, report.issued_on.day, tzinfo=UTC)
    return weasyprint.Attachment(
        file_obj=BytesIO(attachment.content),
        name=attachment.name,
        description=" ".join(attachment.description.in_(locale) for locale in locales),
        created=day,
        modified=day,
        relationship="Data",
    )


def _print(
    made: Page,
    fonts_folder: Path,
    accent: str,
    identity: bytes,
    progress: Progress,
    attachments: Sequence[weasyprint.Attachment],
    finisher: Callable[[Any, Any], None] = conformance.finish,
    style: tuple[str, ...] = (page.PRINT_STYLE,),
) -> tuple[bytes, int]:
    folder = fonts_folder.resolve()
    sheet, configuration = _style(folder, accent, style)
    fetcher = OwnFiles(_HERE, folder, images=made.images)
    with _strictly(), _listening(progress), _without_garbage_collection():
        try:
            source = weasyprint.HTML(
                string=made.html, base_url=_HERE.as_uri() + "/", url_fetcher=fetcher
            )
            document = source.render(font_config=configuration, stylesheets=[sheet])
            _must_attach_nothing(document)
            conformance.prepare(document)
            content = document.write_pdf(
                pdf_variant=conformance.VARIANT,
                pdf_identifier=identity,
                attachments=list(attachments),
                finisher=finisher,
            )
        except Refused as refusal:
            raise RendererComplaint(complaint=str(refusal)) from refusal
    return content, len(document.pages)


def _must_attach_nothing(document: weasyprint.Document) -> None:
    """A page cannot put files into the PDF: what is attached, its caller decides."""
    linked = any(kind == "attachment" for page in document.pages for kind, *_ in page.links)
    if linked or document.metadata.attachments:
        raise Refused("the page asks for an attachment")


@lru_cache(maxsize=4)
def _style(
    folder: Path, accent: str, names: tuple[str, ...]
) -> tuple[weasyprint.CSS, FontConfiguration]:
    """The style sheets with the fonts of the installation, parsed once per process."""
    fonts.use_no_others(folder)
    configuration = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "{fonts.FAMILY}"; font-weight: {weight}; '
        f'src: url("{path.as_uri()}") }}\n'
        for weight, path in fonts.faces(folder)
    )
    text = faces + "".join(page.colours(name, accent) for name in names)
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
