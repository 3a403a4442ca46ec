"""One file that is PDF/A-3a and PDF/UA-1, as validators see it and as a screen reader hears it."""

import io
import re
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import page as validator
import pytest
import weasyprint
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader

from survey.core.copies import Copy, Extent
from survey.core.text import Languages, Text
from survey.pdf import labels, render, signing
from survey.pdf.attachments import Attachment
from survey.pdf.look import Logo, Look
from tests.pdf.conftest import EMPTY, LOOK, PERFECT, TYPICAL, a_firms_report
from tests.pdf.test_render import PIXEL

ALT = "宏远阀门 & <Co>"
INSIDE = (Attachment("result.json", "application/json", Text("答案", "Answers"), b"{}"),)
COPIES = [
    (EMPTY, Copy(Languages.ZH, Extent.SHORT)),
    (TYPICAL, Copy(Languages.BOTH)),
    (PERFECT, Copy(Languages.EN)),
]


@pytest.fixture(scope="module")
def signed(fonts_folder: Path) -> Any:
    """Print a demo firm's report with everything a file can have; each copy once."""
    path = fonts_folder / "certificate.p12"
    signing.self_made(path)
    signer = signing.load(path, "")
    look = Look(logos=(Logo(PIXEL, "image/png", ALT),), verify_url=LOOK.verify_url)

    @cache
    def make(name: str, copy: Copy) -> bytes:
        return render.pdf_bytes(
            a_firms_report(name),
            copy,
            look,
            fonts_folder=fonts_folder,
            attachments=INSIDE,
            signer=signer,
        ).content

    return make


def failed(content: bytes) -> dict[str, list[str]]:
    """The rules that a file fails, by standard."""
    reports = {name: validator.validate_pdf_bytes(content, profile=name) for name in ("3a", "ua1")}
    assert all(report.rules.total > 100 for report in reports.values())
    return {
        name: sorted({failure.rule_id for failure in report.failures})
        for name, report in reports.items()
    }


# ------------------------------------------------------------ the validators themselves


GOOD = (
    '<html lang="en"><head><title>A page</title></head><body><h1>One</h1><h2>Two</h2>'
    '<table><tr><th scope="col">A</th></tr><tr><td>1</td></tr></table></body></html>'
)


def written(html: str, variant: str | None) -> bytes:
    """A page as WeasyPrint writes it for one standard, or for none."""
    content: bytes = weasyprint.HTML(string=html).write_pdf(
        pdf_variant=variant, pdf_identifier=b"1", uncompressed_pdf=True
    )
    return content


def test_the_validators_accept_a_good_file(fonts_folder: Path) -> None:
    style = GOOD.replace("</head>", face(fonts_folder))

    assert failed(written(style, "pdf/a-3a"))["3a"] == []
    assert failed(written(style, "pdf/ua-1"))["ua1"] == []


def face(folder: Path) -> str:
    font = (folder / "QizhenSans-400.ttf").as_uri()
    return f"<style>@font-face{{font-family:z;src:url({font})}} *{{font-family:z}}</style></head>"


def test_the_validators_find_what_is_wrong_with_a_bad_file(fonts_folder: Path, signed: Any) -> None:
    style = GOOD.replace("</head>", face(fonts_folder))
    fine = signed(EMPTY, COPIES[0][1])
    plain = failed(written(style, None))

    assert plain["3a"]
    assert plain["ua1"]
    assert (
        "PDFUA1-HEADING-NESTING-001"
        in failed(written(style.replace("h2>", "h4>"), "pdf/ua-1"))["ua1"]
    )
    assert failed(fine.replace(b"pdfuaid:part=", b"pdfuaid:pert=", 1))["ua1"]
    assert failed(re.sub(rb"pdfaid:part=\"3\"", b'pdfaid:part="2"', fine, count=1))["3a"]


def test_the_check_of_the_file_structure_finds_a_broken_table(signed: Any, tmp_path: Path) -> None:
    fine = signed(EMPTY, COPIES[0][1])
    place = fine.rindex(b"startxref")

    assert structure(fine, tmp_path) == ""
    assert structure(fine[:place] + b"startxref\n17\n%%EOF\n", tmp_path) != ""


def structure(content: bytes, folder: Path) -> str:
    """What qpdf has to say against a file."""
    path = folder / "checked.pdf"
    path.write_bytes(content)
    done = subprocess.run(
        ["qpdf", "--check", "--warning-exit-0", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in (done.stdout + done.stderr).splitlines() if "WARNING" in line]
    return "\n".join(found) if done.returncode == 0 else done.stderr or "failed"


# ------------------------------------------------------------------------ our files


@pytest.mark.parametrize(("name", "copy"), COPIES)
def test_a_report_fails_no_rule_before_and_after_it_is_signed(
    signed: Any, tmp_path: Path, name: str, copy: Copy
) -> None:
    after = signed(name, copy)
    before = after[: after.index(b"%%EOF") + 6]

    for content in (before, after):
        assert failed(content) == {"3a": [], "ua1": []}
        assert structure(content, tmp_path) == ""


def test_a_report_without_signature_logo_and_attachment_fails_no_rule(
    printed: Any, tmp_path: Path
) -> None:
    content = printed(EMPTY, COPIES[0][1]).content

    assert failed(content) == {"3a": [], "ua1": []}
    assert structure(content, tmp_path) == ""


@pytest.mark.parametrize(("name", "copy"), COPIES)
def test_all_fonts_are_embedded_subsets_that_know_their_characters(
    signed: Any, tmp_path: Path, name: str, copy: Copy
) -> None:
    path = tmp_path / "checked.pdf"
    path.write_bytes(signed(name, copy))

    said = subprocess.run(
        ["pdffonts", str(path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]

    assert said
    for line in said:
        assert re.match(r"[A-Z]{6}\+", line)
        assert line.split()[-5:-2] == ["yes", "yes", "yes"]


# ------------------------------------------------------------------- what is heard


def elements(content: bytes) -> Iterator[tuple[DictionaryObject, DictionaryObject]]:
    """Every tag with the tag around it, in reading order."""

    def walk(element: DictionaryObject, parent: DictionaryObject) -> Any:
        yield element, parent
        kids = element.get("/K")
        for kid in kids if isinstance(kids, ArrayObject) else [kids]:
            inner: Any = getattr(kid, "get_object", lambda: None)()
            if isinstance(inner, DictionaryObject) and "/S" in inner:
                yield from walk(inner, element)

    # pyHanko unpacks a packed object anew each time it is looked at.
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        command = ["qpdf", "--object-streams=disable", file.name, "-"]
        loose = subprocess.run(command, capture_output=True, check=True).stdout
    root = PdfFileReader(io.BytesIO(loose)).root["/StructTreeRoot"]
    whole = root["/K"][0]
    yield from walk(whole, root)


@pytest.mark.parametrize(("name", "copy"), COPIES[:2])
def test_headings_tables_lists_and_pictures_are_told(signed: Any, name: str, copy: Copy) -> None:
    tags = list(elements(signed(name, copy)))
    levels = [int(tag["/S"][2]) for tag, _ in tags if re.fullmatch("/H[1-6]", tag["/S"])]
    steps = pairwise(levels)

    assert levels[0] == 1
    assert [step for step in steps if step[1] > step[0] + 1] == []
    for tag, parent in tags:
        if tag["/S"] == "/TH":
            assert tag["/A"]["/Scope"] in ("/Row", "/Column")
        if tag["/S"] == "/Figure":
            assert tag["/Alt"]
        if parent.get("/S") == "/L":
            assert tag["/S"] in ("/LI", "/L", "/Caption")
    assert ALT in [tag["/Alt"] for tag, _ in tags if "/Alt" in tag]
    assert [tag["/S"] for tag, _ in tags].count("/Form") == 1


def test_every_text_in_a_second_language_is_marked_as_such(signed: Any) -> None:
    content = signed(*COPIES[1])
    reader = PdfFileReader(io.BytesIO(content))
    marked = [tag["/Lang"] for tag, _ in elements(content) if "/Lang" in tag]

    assert reader.root["/Lang"] == "zh-CN"
    assert marked.count("en") > 100


def test_the_window_shows_the_title_and_running_heads_are_not_read_out(signed: Any) -> None:
    content = signed(*COPIES[0])
    root = PdfFileReader(io.BytesIO(content)).root
    page = root["/Pages"]["/Kids"][2]

    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert labels.SHORT_REPORT.zh in PdfFileReader(io.BytesIO(content)).trailer["/Info"]["/Title"]
    assert page["/Contents"].data.count(b"/Artifact") >= 2


def test_a_stream_that_ends_in_a_carriage_return_has_the_length_it_says(
    fonts_folder: Path, tmp_path: Path
) -> None:
    """One in 256 does; its last byte would be taken for a part of the end of the line."""
    unlucky = next(
        content
        for content in (f'{{"a":{number}}}'.encode() for number in range(5000))
        if zlib.compress(content, 9).endswith(b"\r")
    )
    inside = Attachment("a.json", "application/json", Text("答案", "Answers"), unlucky)

    content = render.pdf_bytes(
        a_firms_report(EMPTY), COPIES[0][1], LOOK, fonts_folder=fonts_folder, attachments=[inside]
    ).content

    assert content.count(b"\r\r\nendstream") == 1
    assert failed(content) == {"3a": [], "ua1": []}
    assert structure(content, tmp_path) == ""
    assert signing.opened(content).attachments == {"a.json": unlucky}


def test_an_attachment_is_named_once_as_data_of_the_whole(signed: Any) -> None:
    root = PdfFileReader(io.BytesIO(signed(*COPIES[0]))).root

    assert len(root["/AF"]) == 1
    assert root["/AF"][0]["/UF"] == "result.json"
    assert root["/AF"][0]["/AFRelationship"] == "/Data"
