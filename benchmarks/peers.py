"""The same report printed by other engines, to know the distance. Those not here are left out.

Typst gets the words in the installation's own fonts, tagged, a table's row as a line, without our
design; Chromium gets our page and style. Neither adds attachments, a signature or PDF/A.
"""

import importlib.util
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from typing_extensions import override

UNSEEN = frozenset({"style", "title"})
BLOCKS = frozenset({"h1", "h2", "h3", "p", "li", "tr", "div"}) | UNSEEN
MARKS = frozenset("#*_`$<>@\\[]~=-+/'\"")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Peer:
    """CPU seconds of one engine, start of its process included."""

    name: str
    seconds: float


def peers(html: str, fonts_folder: Path) -> Iterator[Peer]:
    """Print the page with every engine that is installed here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if importlib.util.find_spec("typst"):
            source = folder / "report.typ"
            source.write_text(_typst(html), encoding="utf-8")
            yield Peer("Typst", _cpu(*_typst_command(source, fonts_folder)))
        browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
        if browser:
            page = folder / "report.html"
            page.write_text(html, encoding="utf-8")
            yield Peer("Chromium", _cpu(*_chromium_command(browser, page)))


def _typst_command(source: Path, fonts_folder: Path) -> tuple[str, ...]:
    program = "import sys, typst; typst.compile(sys.argv[1], sys.argv[2], font_paths=[sys.argv[3]])"
    made = source.with_suffix(".pdf")
    return (sys.executable, "-c", program, str(source), str(made), str(fonts_folder))


def _chromium_command(browser: str, page: Path) -> tuple[str, ...]:
    return (
        browser, "--headless", "--no-sandbox", "--disable-gpu",
        f"--print-to-pdf={page.with_suffix('.pdf')}", page.as_uri(),
    )  # fmt: skip


def _cpu(*command: str) -> float:
    """The CPU seconds of a command and its children; the best of three runs."""
    return min(_once(*command) for _ in range(3))


def _once(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class _Words(HTMLParser):
    """Headings, paragraphs and cells of a page, in reading order, each as one line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []
        self._tag = "p"
        self._open: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._end()
            self._tag = tag

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end()
            self._tag = "p"

    @override
    def handle_data(self, data: str) -> None:
        self._open.append(data)

    def _end(self) -> None:
        words = " ".join("".join(self._open).split())
        if words and self._tag not in UNSEEN:
            self.lines.append((self._tag, words))
        self._open = []


def _typst(html: str) -> str:
    words = _Words()
    words.feed(html)
    marks = {"h1": "= ", "h2": "== ", "h3": "=== "}
    head = '#set text(font: ("Noto Sans SC", "Noto Sans"), size: 9.4pt, lang: "zh")\n#outline()\n'
    return head + "\n\n".join(marks.get(tag, "") + _escaped(line) for tag, line in words.lines)


def _escaped(line: str) -> str:
    """Typst's marks as their code points, so that they stay words."""
    return "".join(f"\\u{{{ord(sign):x}}}" if sign in MARKS else sign for sign in line)
