"""The printed report: read back as a reader's programme reads it, and refused if not perfect."""

import base64
import ctypes
import dataclasses
import gc
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from survey.core.copies import Copy, Extent
from survey.core.parts import Report, Typed
from survey.core.text import Languages, Locale, Text
from survey.pdf import fonts, labels, page, render, signing
from survey.pdf.look import Logo, Look
from survey.pdf.page import Page
from survey.pdf.render import BidiControl, MissingGlyph, RendererComplaint
from tests.pdf.conftest import (
    EMPTY,
    LOOK,
    NAMES,
    PERFECT,
    ROOT,
    TYPICAL,
    Printed,
    a_firms_report,
    pages_of,
)

EDITIONS = [(name, languages) for name in NAMES for languages in Languages]
CHINESE = Copy(Languages.ZH)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
SHORT = Copy(Languages.ZH, Extent.SHORT)


# --------------------------------------------------------------------- content


@pytest.mark.parametrize(("name", "languages"), EDITIONS)
def test_a_report_has_the_pages_it_says_and_not_too_many(
    printed: Printed, name: str, languages: Languages
) -> None:
    made = printed(name, Copy(languages))
    pages = pages_of(made.content)

    assert made.pages == len(pages)
    assert 12 <= len(pages) <= (80 if languages is Languages.BOTH else 56)  # of 76 questions
    assert all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages[1:], 2))


@pytest.mark.parametrize(("name", "languages"), EDITIONS)
def test_the_summary_is_exactly_one_page(printed: Printed, name: str, languages: Languages) -> None:
    document = pypdfium2.PdfDocument(printed(name, Copy(languages)).content)
    chapters = [mark.get_dest().get_index() for mark in document.get_toc() if mark.level == 0]
    document.close()

    assert chapters[1] - chapters[0] == 1


@pytest.mark.parametrize("languages", list(Languages))
def test_each_part_of_the_report_is_in_the_text(printed: Printed, languages: Languages) -> None:
    made = a_firms_report(TYPICAL)
    # A reader's programme gives U+FFFE for a hyphen at the end of a line.
    text = "".join(pages_of(printed(TYPICAL, Copy(languages)).content))
    text = "".join(text.replace("\ufffe", "").replace("-", "").split())

    for locale in Locale:
        wanted = [
            *made.verdict.headline,
            *(block.sentence for block in made.blocks.items),
            *(finding.prompt for finding in (*made.strengths.items, *made.gaps.items)),
            *(step.what for step in (*made.roadmap.first, *made.roadmap.later)),
            *(step.proof for step in made.roadmap.first),
            *(entry.prompt for group in made.answers for entry in group.entries),
            made.trace.summary,
            *made.method,
            made.notice,
        ]
        if locale in languages.locales:
            missing = [t for t in wanted if flat(t, locale) not in text]
            assert [t for t in missing if not cut_once(t, locale, text)] == []
        else:
            assert [t for t in wanted if flat(t, locale) in text] == []
    assert str(made.firm) in text


def cut_once(text: Text, locale: Locale, found: str) -> bool:
    """Whether only one sentence of a long paragraph is missing: a page ends in its middle."""
    mark = "。" if locale is Locale.ZH else "."
    sentences = [part for part in flat(text, locale).split(mark) if part]
    return len(sentences) > 2 and sum(part not in found for part in sentences) == 1


def flat(text: Text, locale: Locale) -> str:
    """Without spaces and hyphens, as lines end elsewhere; quotes as English is set."""
    words = "".join(text.in_(locale).replace("-", "").split())
    if locale is Locale.EN:
        words = words.translate(str.maketrans("‘’“”", "''\"\""))
    return words


def test_bookmarks_and_contents_lead_to_the_chapters(printed: Printed) -> None:
    document = pypdfium2.PdfDocument(printed(TYPICAL, Copy(Languages.BOTH)).content)
    marks = [mark for mark in document.get_toc() if mark.level == 0]
    pages = pages_of(printed(TYPICAL, Copy(Languages.BOTH)).content)

    found = page.chapters(a_firms_report(TYPICAL), Extent.FULL).values()
    assert [mark.get_title() for mark in marks] == [
        f"{it.number} {it.title.zh} {it.title.en}" for it in found
    ]
    contents = "".join(pages[1].split())
    for mark, it in zip(marks, found, strict=True):
        place = mark.get_dest().get_index()
        assert it.title.zh in pages[place]
        assert "".join(f"{it.number}{it.title.zh}{it.title.en}{place + 1}".split()) in contents
    document.close()


def test_a_report_is_tagged_and_says_its_language_and_title(printed: Printed) -> None:
    for languages, lang in ((Languages.ZH, "zh-CN"), (Languages.EN, "en")):
        document = pypdfium2.PdfDocument(printed(TYPICAL, Copy(languages)).content)
        assert document.is_tagged()
        assert labels.REPORT.in_(languages.locales[0]) in document.get_metadata_value("Title")
        assert language_of(document) == lang
        document.close()


def language_of(document: pypdfium2.PdfDocument) -> str:
    size = pypdfium2.raw.FPDFCatalog_GetLanguage(document, None, 0)
    found = ctypes.create_string_buffer(size)
    pypdfium2.raw.FPDFCatalog_GetLanguage(
        document, ctypes.cast(found, ctypes.POINTER(ctypes.c_ushort)), size
    )
    return found.raw.decode("utf-16-le").rstrip("\0")


def test_no_line_begins_with_closing_punctuation(printed: Printed) -> None:
    bad = []
    for text in pages_of(printed(TYPICAL, CHINESE).content):
        bad += [line for line in text.splitlines() if line[:1] in set("。，、；：！？）》”’")]

    assert bad == []


@pytest.mark.parametrize("name", [EMPTY, PERFECT])
def test_nothing_leaves_the_page(fonts_folder: Path, name: str) -> None:
    """Even a name without a single place to break."""
    made = dataclasses.replace(a_firms_report(name), firm=Typed("Wwwwwwwwww" * 20))
    content = render.pdf_bytes(made, Copy(Languages.BOTH), fonts_folder=fonts_folder).content

    document = pypdfium2.PdfDocument(content)
    for number, sheet in enumerate(document):
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        for i in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(i)
            if number and right > left:  # the cover has margins of its own
                assert 40 <= left <= right <= width - 40, (number, text.get_text_range(i, 1))
                assert 0 <= bottom <= top <= height
    document.close()


# ----------------------------------------------------------------- same bytes


def test_the_same_report_gives_the_same_bytes_in_another_process(
    fonts_folder: Path, tmp_path: Path
) -> None:
    programme = (
        "import hashlib, sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from survey.core.copies import Copy, Extent\n"
        "from survey.core.text import Languages, Text\n"
        "from survey.pdf import render, signing; from survey.pdf.attachments import Attachment\n"
        "from survey.pdf.look import Logo, Look\n"
        "from tests.pdf.conftest import EMPTY, LOOK, a_firms_report\n"
        "from tests.pdf.test_render import PIXEL\n"
        "fonts, certificate = map(Path, sys.argv[1:])\n"
        "inside = Attachment('a.json', 'application/json', Text('文件', 'File'), b'{}')\n"
        "look = Look(logos=(Logo(PIXEL, 'image/png', 'A'),), verify_url=LOOK.verify_url)\n"
        "signer = signing.load(certificate, '', lambda: datetime(2026, 11, 28, tzinfo=UTC))\n"
        "made = render.pdf_bytes(a_firms_report(EMPTY), Copy(Languages.BOTH, Extent.SHORT), look,\n"
        "    fonts_folder=fonts, attachments=[inside], signer=signer)\n"
        "print(made.unsigned_sha256, hashlib.sha256(made.content).hexdigest())\n"
    )
    certificate = tmp_path / "certificate.p12"
    signing.self_made(certificate, lambda: datetime(2026, 11, 1, tzinfo=UTC))

    found = [
        subprocess.run(
            [sys.executable, "-c", programme, str(fonts_folder), str(certificate)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[-2:]
        for seed, zone in (("0", "Asia/Tokyo"), ("1", "America/Lima"))
    ]

    assert found[0] == found[1]


def test_another_language_is_another_document(printed: Printed) -> None:
    assert len({printed(EMPTY, Copy(languages)).content for languages in Languages}) == 3


def test_the_signature_is_the_only_part_that_a_clock_changes(
    printed: Printed, fonts_folder: Path
) -> None:
    certificate = fonts_folder / "certificate.p12"
    signing.self_made(certificate)
    signer = signing.load(certificate, "")

    made = render.pdf_bytes(
        a_firms_report(EMPTY), SHORT, LOOK, fonts_folder=fonts_folder, signer=signer
    )
    end = made.content.index(b"%%EOF") + 6

    assert hashlib.sha256(made.content[:end]).hexdigest() == made.unsigned_sha256


def test_progress_rises_and_leaves_the_last_steps_to_the_reader(fonts_folder: Path) -> None:
    heard: list[int] = []

    render.pdf_bytes(a_firms_report(EMPTY), SHORT, fonts_folder=fonts_folder, progress=heard.append)

    assert heard == sorted(set(heard))
    assert heard[-1] == 96
    assert len(heard) > 10


def test_garbage_collection_goes_on_afterwards(fonts_folder: Path) -> None:
    render.warm_up(fonts_folder)
    assert gc.isenabled()

    gc.disable()
    try:
        render.warm_up(fonts_folder)
        assert not gc.isenabled()
    finally:
        gc.enable()


# -------------------------------------------------------------------- refusals


def with_reason(made: Report, reason: str) -> Report:
    """The report with one answer replaced by words that the firm typed."""
    group = made.answers[0]
    entry = group.entries[0]
    changed = dataclasses.replace(
        entry, said=dataclasses.replace(entry.said, typed=Typed(reason), rows=())
    )
    first = dataclasses.replace(group, entries=(changed, *group.entries[1:]))
    return dataclasses.replace(made, answers=(first, *made.answers[1:]))


def test_a_missing_glyph_stops_the_job_with_character_and_place(fonts_folder: Path) -> None:
    made = with_reason(a_firms_report(TYPICAL), "我们用😀打分")

    with pytest.raises(MissingGlyph) as caught:
        render.pdf_bytes(made, CHINESE, fonts_folder=fonts_folder)

    assert caught.value.facts == {
        "character": "😀",
        "codepoint": "U+1F600",
        "place": made.answers[0].entries[0].key,
    }


def test_a_missing_glyph_in_the_firms_name_names_the_firm(fonts_folder: Path) -> None:
    made = dataclasses.replace(a_firms_report(TYPICAL), firm=Typed("公司\U0001f3ed"))

    with pytest.raises(MissingGlyph) as caught:
        render.pdf_bytes(made, Copy(Languages.EN), fonts_folder=fonts_folder)

    assert caught.value.facts["place"] == "firm"


def test_a_missing_glyph_in_the_issuers_name_names_the_setting(fonts_folder: Path) -> None:
    look = Look(issuer="服务中心😀")

    with pytest.raises(MissingGlyph) as caught:
        render.pdf_bytes(a_firms_report(EMPTY), Copy(Languages.ZH), look, fonts_folder=fonts_folder)

    assert caught.value.facts["place"] == "SURVEY_ISSUER"


@pytest.mark.parametrize("sign", ["\u202e", "\u202a", "\u2066", "\u200f", "\u061c"])
def test_a_sign_that_turns_the_order_of_a_text_stops_the_job(fonts_folder: Path, sign: str) -> None:
    """Else “100” typed behind it is printed as 001."""
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed(f"宏远{sign}100公司"))

    with pytest.raises(BidiControl) as caught:
        render.pdf_bytes(made, SHORT, fonts_folder=fonts_folder)

    assert caught.value.facts == {"codepoint": f"U+{ord(sign):04X}", "place": "firm"}


@pytest.mark.parametrize("sign", ["\ufe0f", "\U000e0100", "\x0b", "\u05d0", "\ue000"])
def test_a_sign_without_a_shape_is_never_left_out_silently(fonts_folder: Path, sign: str) -> None:
    """Variation selectors, control characters, foreign scripts, private use."""
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed(f"葛{sign}公司"))

    with pytest.raises(MissingGlyph):
        render.pdf_bytes(made, SHORT, fonts_folder=fonts_folder)


def test_what_a_firm_types_is_never_taken_for_html(fonts_folder: Path) -> None:
    name = "<b>A&amp;B</b> “C” 'D' {{ 7*7 }} <img src=x>"
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed(name))

    content = render.pdf_bytes(made, SHORT, fonts_folder=fonts_folder).content

    assert "".join(name.split()) in "".join("".join(pages_of(content)).split())


def test_an_unreadable_logo_stops_the_job(fonts_folder: Path) -> None:
    look = Look(logos=(Logo(b"no picture", "image/png", "A"),))

    with pytest.raises(RendererComplaint):
        render.pdf_bytes(a_firms_report(EMPTY), SHORT, look, fonts_folder=fonts_folder)


def test_rare_names_foreign_letters_and_invisible_marks_are_printed(fonts_folder: Path) -> None:
    made = with_reason(a_firms_report(EMPTY), "㛃䶮𬭸 Ångström Łódź Завод\u200b\ufeff")

    made = dataclasses.replace(made, firm=Typed("䶮\u200b公司"))
    content = render.pdf_bytes(made, CHINESE, fonts_folder=fonts_folder).content

    assert "Завод" in "".join(pages_of(content))


def test_every_fixed_word_has_its_glyphs(fonts_folder: Path) -> None:
    known = fonts.covered(fonts_folder)
    texts = [value for value in vars(labels).values() if isinstance(value, Text)]
    words = "".join(text.zh + text.en for text in texts)

    assert set(map(ord, words)) <= known


@pytest.mark.parametrize(
    "fault",
    [
        '<img src="nowhere.png" alt="x">',
        '<p style="colour: red">x</p>',
        '<a href="#nowhere">x</a>',
        '<img src="http://127.0.0.1:9/x.png" alt="x">',
        '<img src="data:image/svg+xml,%3Csvg%3E%3C/svg%3E" alt="x">',
        '<img src="report-image:1" alt="x">',
        "<p>\U0001f600</p>",
    ],
)
def test_any_complaint_of_the_renderer_stops_the_job(
    fonts_folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    html = f'<html lang="zh-CN"><title>x</title><body>{fault}</body></html>'
    monkeypatch.setattr(page, "html", lambda report, copy, look: Page(html, {}))

    with pytest.raises(RendererComplaint):
        render.pdf_bytes(a_firms_report(EMPTY), SHORT, fonts_folder=fonts_folder)
