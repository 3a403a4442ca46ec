"""A shortened file shows and says what the long one does, and every reader still takes it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pydyf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from survey.core.copies import Copy
from survey.core.text import Languages
from survey.pdf import compact, conformance, render, signing
from survey.pdf.signing import State
from tests.pdf.conftest import LOOK, TYPICAL, a_firms_report
from tests.pdf.test_conformance import failed, structure

COPY = Copy(Languages.BOTH)
SHARPNESS = 2
VISIBLE, FEW = 80, 1 / 500
"""Shades out of 255, and the share of a page that may differ by more: pdfium sets each line on
whole pixels, so that one in a hundred falls upon the next."""
REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


class Pair(NamedTuple):
    long: bytes
    short: bytes
    objects: list[Any]
    """Those of the short one, before it is written."""


@pytest.fixture(scope="module")
def pair(fonts_folder: Path) -> Pair:
    """One report as WeasyPrint writes it, and as we do."""

    def printed() -> bytes:
        return render.pdf_bytes(
            a_firms_report(TYPICAL), COPY, LOOK, fonts_folder=fonts_folder
        ).content

    objects: list[Any] = []

    def watched(pdf: Any) -> None:
        compact.compact(pdf)
        objects.extend(pdf.objects)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conformance, "compact", lambda pdf: None)
        long = printed()
        patch.setattr(conformance, "compact", watched)
        return Pair(long, printed(), objects)


def test_it_is_a_tenth_shorter_at_least(pair: Pair) -> None:
    assert len(pair.short) < 0.9 * len(pair.long)


def test_every_page_looks_the_same(pair: Pair) -> None:
    for long, short in zip(pictures(pair.long), pictures(pair.short), strict=True):
        counts = ImageChops.difference(long, short).histogram()
        assert sum(counts[VISIBLE:]) <= FEW * sum(counts)


def pictures(content: bytes) -> Iterator[Image.Image]:
    """Grey pages: an edge that moves by a thousandth of a point changes a shade, no more."""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        yield page.render(scale=SHARPNESS).to_pil().convert("L")
    document.close()


def test_two_extractors_find_the_same_words(pair: Pair, tmp_path: Path) -> None:
    assert by_pdfium(pair.short) == by_pdfium(pair.long)
    assert by_poppler(pair.short, tmp_path) == by_poppler(pair.long, tmp_path)


def by_pdfium(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    words = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return words


def by_poppler(content: bytes, folder: Path) -> bytes:
    path = folder / "read.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return done.stdout


def test_it_fails_no_rule_and_its_table_is_whole(pair: Pair, tmp_path: Path) -> None:
    assert failed(pair.short) == {"3a": [], "ua1": []}
    assert structure(pair.short, tmp_path) == ""


def test_nothing_leads_to_a_place_that_became_free(pair: Pair) -> None:
    free = {obj.number for obj in pair.objects if obj.free == "f"}
    named = {int(number) for obj in pair.objects for number in REFERENCE.findall(words_of(obj))}

    assert not named & free
    assert named


def words_of(obj: Any) -> bytes:
    """An object as it is written, without the content of a stream; of a free one nothing is."""
    if obj.free == "f":
        return b""
    if isinstance(obj, pydyf.Stream):
        return bytes(pydyf.Dictionary(obj.extra).data)
    return bytes(obj.data)


def test_lines_that_say_nothing_are_gone_and_languages_stay(pair: Pair) -> None:
    spans = [words_of(obj) for obj in pair.objects if b"/S /Span" in words_of(obj)]

    assert spans
    assert any(b"/Lang" in span for span in spans)


def test_it_can_be_signed_and_a_change_is_found(fonts_folder: Path, tmp_path: Path) -> None:
    signing.self_made(tmp_path / "certificate.p12")
    signer = signing.load(tmp_path / "certificate.p12", "")

    made = render.pdf_bytes(
        a_firms_report(TYPICAL), COPY, LOOK, fonts_folder=fonts_folder, signer=signer
    )
    at = len(made.content) // 2
    changed = made.content[:at] + bytes([made.content[at] ^ 1]) + made.content[at + 1 :]

    assert signing.opened(made.content).signature.state is State.INTACT
    assert signing.opened(changed).signature.state is State.BROKEN
