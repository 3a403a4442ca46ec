"""The printed report: read back as a reader's programme reads it, and refused if not perfect."""

import ctypes
import dataclasses
import gc
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from survey.core.parts import Report, Typed
from survey.core.text import Languages, Locale, Text
from survey.pdf import fonts, labels, page, render
from survey.pdf.render import MissingGlyph, OwnFiles, Refused, RendererComplaint
from tests.pdf.conftest import (
    EMPTY,
    NAMES,
    PERFECT,
    ROOT,
    TYPICAL,
    Printed,
    a_firms_report,
    pages_of,
)

EDITIONS = [(name, languages) for name in NAMES for languages in Languages]


# --------------------------------------------------------------------- content


@pytest.mark.parametrize(("name", "languages"), EDITIONS)
def test_a_report_has_the_pages_it_says_and_not_too_many(
    printed: Printed, name: str, languages: Languages
) -> None:
    made = printed(name, languages)
    pages = pages_of(made.content)

    assert made.pages == len(pages)
    assert 12 <= len(pages) <= (60 if languages is Languages.BOTH else 36)  # of 76 questions
    assert all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages[1:], 2))


@pytest.mark.parametrize(("name", "languages"), EDITIONS)
def test_the_summary_is_exactly_one_page(printed: Printed, name: str, languages: Languages) -> None:
    pages = pages_of(printed(name, languages).content)
    second = list(page.chapters(a_firms_report(name)).values())[1]

    assert labels.SUMMARY.in_(languages.locales[0]) in pages[2]
    assert second.title.in_(languages.locales[0]) in pages[3].replace("\r\n", "")[:120]


@pytest.mark.parametrize("languages", list(Languages))
def test_each_part_of_the_report_is_in_the_text(printed: Printed, languages: Languages) -> None:
    made = a_firms_report(TYPICAL)
    # A reader's programme gives U+FFFE for a hyphen at the end of a line.
    text = "".join(pages_of(printed(TYPICAL, languages).content))
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
    document = pypdfium2.PdfDocument(printed(TYPICAL, Languages.BOTH).content)
    marks = [mark for mark in document.get_toc() if mark.level == 0]
    pages = pages_of(printed(TYPICAL, Languages.BOTH).content)

    found = page.chapters(a_firms_report(TYPICAL)).values()
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
        document = pypdfium2.PdfDocument(printed(TYPICAL, languages).content)
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
    for text in pages_of(printed(TYPICAL, Languages.ZH).content):
        bad += [line for line in text.splitlines() if line[:1] in set("。，、；：！？）》”’")]

    assert bad == []


@pytest.mark.parametrize("name", [EMPTY, PERFECT])
def test_nothing_leaves_the_page(fonts_folder: Path, name: str) -> None:
    """Even a name without a single place to break."""
    made = dataclasses.replace(a_firms_report(name), firm=Typed("Wwwwwwwwww" * 20))
    content = render.pdf_bytes(made, Languages.BOTH, fonts_folder=fonts_folder).content

    document = pypdfium2.PdfDocument(content)
    for number, sheet in enumerate(document):
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        for i in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(i)
            if number and right > left:  # the cover has margins of its own
                assert 62 <= left <= right <= width - 57, (number, text.get_text_range(i, 1))
                assert 0 <= bottom <= top <= height
    document.close()


# ----------------------------------------------------------------- same bytes


def test_the_same_report_gives_the_same_bytes_in_another_process(
    printed: Printed, fonts_folder: Path
) -> None:
    here = hashlib.sha256(printed(EMPTY, Languages.ZH).content).hexdigest()
    programme = (
        "import hashlib, sys; from pathlib import Path\n"
        "from survey.core.text import Languages; from survey.pdf import render\n"
        "from tests.pdf.conftest import EMPTY, a_firms_report\n"
        "made = render.pdf_bytes(a_firms_report(EMPTY), Languages.ZH, "
        "fonts_folder=Path(sys.argv[1]))\n"
        "print(hashlib.sha256(made.content).hexdigest())\n"
    )

    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    there = subprocess.run(
        [sys.executable, "-c", programme, str(fonts_folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert there.stdout.split()[-1] == here


def test_another_language_is_another_document(printed: Printed) -> None:
    assert len({printed(EMPTY, languages).content for languages in Languages}) == 3


def test_progress_rises_to_a_hundred(fonts_folder: Path) -> None:
    heard: list[int] = []

    render.pdf_bytes(
        a_firms_report(EMPTY), Languages.ZH, fonts_folder=fonts_folder, progress=heard.append
    )

    assert heard == sorted(set(heard))
    assert heard[-1] == 100
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
        render.pdf_bytes(made, Languages.ZH, fonts_folder=fonts_folder)

    assert caught.value.facts == {
        "character": "😀",
        "codepoint": "U+1F600",
        "place": made.answers[0].entries[0].key,
    }


def test_a_missing_glyph_in_the_firms_name_names_the_firm(fonts_folder: Path) -> None:
    made = dataclasses.replace(a_firms_report(TYPICAL), firm=Typed("公司\U0001f3ed"))

    with pytest.raises(MissingGlyph) as caught:
        render.pdf_bytes(made, Languages.EN, fonts_folder=fonts_folder)

    assert caught.value.facts["place"] == "firm"


def test_rare_names_foreign_letters_and_invisible_marks_are_printed(fonts_folder: Path) -> None:
    made = with_reason(a_firms_report(EMPTY), "㛃䶮𬭸 Ångström Łódź Завод\u200b\ufeff")

    made = dataclasses.replace(made, firm=Typed("䶮\u200b公司"))
    content = render.pdf_bytes(made, Languages.ZH, fonts_folder=fonts_folder).content

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
        "<p>\U0001f600</p>",
    ],
)
def test_any_complaint_of_the_renderer_stops_the_job(
    fonts_folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    html = f'<html lang="zh-CN"><title>x</title><body>{fault}</body></html>'
    monkeypatch.setattr(page, "html", lambda report, languages: html)

    with pytest.raises(RendererComplaint):
        render.pdf_bytes(a_firms_report(EMPTY), Languages.ZH, fonts_folder=fonts_folder)


def test_only_files_below_the_folders_are_fetched(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (own / "fine.css").write_text("p {}")
    (other / "secret").write_text("secret")
    (own / "link").symlink_to(other / "secret")
    fetcher = OwnFiles(own)

    assert fetcher.fetch((own / "fine.css").as_uri()).read() == b"p {}"
    for url in (
        (other / "secret").as_uri(),
        (own / "link").as_uri(),
        f"{own.as_uri()}/../other/secret",
        f"{own.as_uri()}/%2e%2e/other/secret",
        own.as_uri(),
        "file://example.org/etc/passwd",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.org/",
        "ftp://example.org/",
        "data:text/plain,x",
        "x",
        f"file://{own}-beside/x",
    ):
        with pytest.raises(Refused):
            fetcher.fetch(url)
