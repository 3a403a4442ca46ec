"""The Word document: the same items and figures as the PDF, real styles, the same bytes again."""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import docx
import html5lib
import pypdfium2
import pytest
from docx.oxml.ns import qn

from survey.core.copies import Copy, Extent, Format
from survey.core.figures import one_decimal
from survey.core.parts import Typed
from survey.core.text import Languages, Locale, Text
from survey.pdf import labels, page, word
from survey.pdf.look import Logo, Look
from tests.pdf.conftest import EMPTY, LOOK, NAMES, TYPICAL, Printed, a_firms_report

COPIES = [Copy(languages, extent) for languages in Languages for extent in Extent]
FULL = Copy(Languages.BOTH)
CHART_VALUE = "{http://schemas.openxmlformats.org/drawingml/2006/chart}v"
HAN = re.compile("[\u4e00-\u9fff]")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63606060000000040001f61738550000000049454e44ae426082"
)


def written(name: str, copy: Copy, look: Look = LOOK) -> bytes:
    return word.docx_bytes(a_firms_report(name), replace(copy, format=Format.DOCX), look)


def opened(content: bytes) -> Any:
    return docx.Document(BytesIO(content))


def words_of_docx(content: bytes) -> str:
    """Everything that a reader of the document sees, head and foot apart; the radar's words too."""
    document = opened(content)
    words = [part.text or "" for part in document.element.body.iter(qn("w:t"))]
    return "".join(words) + "".join(_of_chart(document))


def _of_chart(document: Any) -> Iterator[str]:
    for part in document.part.package.iter_parts():
        if part.partname.startswith("/word/charts/"):
            yield from (v.text or "" for v in ET.fromstring(part.blob).iter(CHART_VALUE))


def words_of_pdf(content: bytes) -> str:
    """Everything between head and foot of every page."""
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(
            each.get_textpage().get_text_bounded(bottom=52, top=each.get_height() - 45)
            for each in document
        )
    finally:
        document.close()


def flat(words: str) -> str:
    """Without spaces and hyphens, as lines end elsewhere; quotes as English is set on paper."""
    narrow = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\ufffe": "", "-": ""})
    return "".join(words.translate(narrow).replace("…", "...").split())


def texts(value: object, place: str = "report") -> Iterator[tuple[str, Text]]:
    """Every text of a report with its place."""
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, tuple):
        for at, part in enumerate(value):
            yield from texts(part, f"{place}.{at}")
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{place}.{field.name}")


def stands_in(words: str, whole: str) -> bool:
    """Whether the words are there, perhaps cut once by the end of a page."""
    said = flat(words)
    if said in whole:
        return True
    if len(said) <= 20 or said[:4] not in whole or said[-4:] not in whole:
        return False
    longest = next((cut for cut in range(5, len(said)) if said[:cut] not in whole), len(said)) - 1
    return any(said[cut:] in whole for cut in range(longest, 3, -1)[:40])


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: f"{copy.languages}-{copy.extent}")
@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_same_items_as_the_pdf(printed: Printed, name: str, copy: Copy) -> None:
    on_paper, in_word = (
        flat(words_of_pdf(printed(name, copy).content)),
        flat(words_of_docx(written(name, copy))),
    )

    different = {
        (place, locale.value, text.in_(locale))
        for place, text in texts(a_firms_report(name))
        for locale in Locale
        if len(flat(text.in_(locale))) > 3
        and stands_in(text.in_(locale), on_paper) != stands_in(text.in_(locale), in_word)
    }

    assert different == set()


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: f"{copy.languages}-{copy.extent}")
@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_same_figures_as_the_pdf(printed: Printed, name: str, copy: Copy) -> None:
    figures = re.compile(r"\d+\.\d+")

    on_paper = set(figures.findall(words_of_pdf(printed(name, copy).content)))
    in_word = set(figures.findall(spaced(written(name, copy))))

    assert on_paper == in_word


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: f"{copy.languages}-{copy.extent}")
@pytest.mark.parametrize("name", NAMES)
def test_each_row_of_a_table_has_the_figures_of_the_same_row_on_paper(
    name: str, copy: Copy
) -> None:
    """Sections, domains, targets, changes and the trace, each found by its code and title."""
    on_paper = figures_by_row(rows_on_paper(name, copy))
    in_word = figures_by_row(rows_in_word(name, copy))

    different = [
        (title, figures, in_word[title])
        for title, rows in on_paper.items()
        for figures in rows
        if figures not in in_word[title]
    ]

    assert different == []
    assert len(on_paper) > (100 if copy.extent is Extent.FULL else 35)


def rows_on_paper(name: str, copy: Copy) -> list[list[str]]:
    html = page.html(a_firms_report(name), copy, LOOK).html
    rows = html5lib.parse(html, namespaceHTMLElements=False).iter("tr")
    return [
        ["".join(cell.itertext()) for cell in row]
        for row in rows
        if row.find("th[@scope='row']") is not None
    ]


def rows_in_word(name: str, copy: Copy) -> list[list[str]]:
    tables = opened(written(name, copy)).tables
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows]


def figures_by_row(rows: list[list[str]]) -> dict[str, list[list[str]]]:
    """What the cells beside a code and title hold of figures, for each row with this title."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for first, *others in rows:
        if not re.match(r"[A-I]\d*\s", first.strip()):
            continue
        figures = [each for cell in others for each in re.findall(r"\d+(?:\.\d+)?", cell)]
        found[flat(first)].append(sorted(figures))
    return found


def spaced(content: bytes) -> str:
    """The words with a space between runs, so that figures beside each other stay apart."""
    body = opened(content).element.body
    return " ".join(part.text or "" for part in body.iter(qn("w:t")))


def test_what_the_firm_typed_and_who_it_is_stand_in_both_as_they_are(printed: Printed) -> None:
    report = a_firms_report(TYPICAL)
    typed = {
        value for group in report.answers for entry in group.entries
        for said in (entry.said, entry.evidence) if said is not None
        if (value := said.typed) is not None
    }  # fmt: skip

    on_paper = flat(words_of_pdf(printed(TYPICAL, FULL).content))
    in_word = flat(words_of_docx(written(TYPICAL, FULL)))

    assert typed
    for words in (*typed, report.firm, report.report_id):
        assert stands_in(words, on_paper)
        assert flat(words) in in_word


@pytest.mark.parametrize(
    ("languages", "foreign"), [(Languages.ZH, Locale.EN), (Languages.EN, Locale.ZH)]
)
def test_one_language_holds_no_sentence_of_the_other(languages: Languages, foreign: Locale) -> None:
    in_word = flat(words_of_docx(written(EMPTY, Copy(languages))))

    for _, text in texts(a_firms_report(EMPTY)):
        if text.zh != text.en and len(flat(text.in_(foreign))) > 30:
            assert flat(text.in_(foreign)) not in in_word


def test_every_run_names_its_language_and_every_table_row_stays_whole() -> None:
    body = opened(written(TYPICAL, FULL)).element.body

    for each in body.iter(qn("w:r")):
        words = "".join(part.text or "" for part in each.iter(qn("w:t")))
        lang = each.find(f".//{qn('w:lang')}")
        assert lang is not None or not words
        if HAN.search(words) and lang is not None:
            assert lang.get(qn("w:eastAsia")) == "zh-CN"
    assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in body.iter(qn("w:tr")))
    headed = [table for table in body.iter(qn("w:tbl")) if "w:tblHeader" in table.xml]
    assert len(headed) > 20


@pytest.mark.parametrize("copy", COPIES, ids=lambda copy: f"{copy.languages}-{copy.extent}")
def test_its_styles_are_real_and_its_chapters_are_those_of_the_pdf(copy: Copy) -> None:
    document = opened(written(TYPICAL, copy))
    known = {style.style_id for style in document.styles}
    used = {each.get(qn("w:val")) for each in document.element.body.iter(qn("w:pStyle"))}
    heads = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]

    assert used <= known
    assert {"Heading1", "Heading2", "ListBullet", "BodyText"} <= used
    locale = copy.languages.locales[0]
    assert [head.split("\u2003")[0] for head in heads] == [
        chapter.number for chapter in page.chapters(a_firms_report(TYPICAL), copy.extent).values()
    ]
    assert labels.SUMMARY.in_(locale) in heads[0]


def test_the_contents_are_a_field_that_names_the_chapters() -> None:
    document = opened(written(TYPICAL, FULL))
    codes = [each.text for each in document.element.body.iter(qn("w:instrText"))]
    marks = {each.get(qn("w:name")) for each in document.element.body.iter(qn("w:bookmarkStart"))}
    links = document.element.body.iter(qn("w:hyperlink"))
    leads = [anchor for link in links if (anchor := link.get(qn("w:anchor")))]

    assert [code.split()[0] for code in codes] == ["TOC"]
    assert len(leads) == len(page.chapters(a_firms_report(TYPICAL), Extent.FULL))
    assert set(leads) == marks


def test_head_and_foot_say_who_and_which_on_every_page_but_the_cover() -> None:
    report = a_firms_report(TYPICAL)
    section = opened(written(TYPICAL, FULL)).sections[0]

    assert section.different_first_page_header_footer
    assert section.header.paragraphs[0].text == report.firm
    worth, foot = section.footer.paragraphs
    assert report.banner is not None
    assert report.banner.zh in worth.text
    assert report.report_id in foot.text
    assert report.bank_digest[:12] in foot.text
    assert [each.text.strip() for each in foot._p.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]


def test_it_says_who_issued_it_and_leads_to_the_page_that_checks_it() -> None:
    look = replace(LOOK, issuer="砺洲市服务中心")

    document = opened(written(TYPICAL, FULL, look))

    (link,) = [
        each.get(qn("r:id"))
        for each in document.element.body.iter(qn("w:hyperlink"))
        if each.get(qn("r:id"))
    ]
    assert document.part.rels[link].target_ref == LOOK.verify_url
    assert document.paragraphs[0].text == "砺洲市服务中心"
    assert "出具 Issued by 砺洲市服务中心" in [each.text for each in document.paragraphs]


def test_it_says_when_the_round_before_was_and_which_answers_moved() -> None:
    comparison = a_firms_report(TYPICAL).comparison
    assert comparison is not None

    said = words_of_docx(written(TYPICAL, FULL))

    assert "2025年11月20日" in said
    assert labels.RISEN.en in said
    assert all(change.title.zh in said for change in comparison.risen)
    assert labels.FALLEN.zh not in said


def test_the_radar_is_a_chart_of_the_section_scores_with_words_beside_it() -> None:
    document = opened(written(TYPICAL, FULL))
    shown = list(_of_chart(document))
    sections = a_firms_report(TYPICAL).sections

    assert shown[: len(sections)] == [f"{each.short.zh}\n{each.short.en}" for each in sections]
    assert shown[len(sections) :] == [one_decimal(each.score) for each in sections if each.score]
    (drawing,) = document.element.body.iter(qn("wp:docPr"))
    assert labels.RADAR.zh in drawing.get("descr")


def test_logos_have_words_for_those_who_cannot_see_them() -> None:
    look = replace(LOOK, logos=(Logo(PIXEL, "image/png", "砺洲阀门"),))

    body = opened(written(TYPICAL, FULL, look)).element.body

    said = [each.get("descr") for each in body.iter(qn("wp:docPr"))]
    assert said[0] == "砺洲阀门"


def test_the_same_report_has_the_same_bytes_and_its_own_date() -> None:
    content = written(TYPICAL, FULL)
    with zipfile.ZipFile(BytesIO(content)) as package:
        dates = {part.date_time for part in package.infolist()}
    properties = opened(content).core_properties

    assert content == written(TYPICAL, FULL)
    assert dates == {(2026, 11, 23, 0, 0, 0)}
    assert str(properties.created) == str(properties.modified) == "2026-11-23 00:00:00+00:00"
    assert properties.identifier == a_firms_report(TYPICAL).report_id


def test_what_is_not_there_is_said_or_left_out() -> None:
    """A report without total, round, name, number, plan and rules is written all the same."""
    report = a_firms_report(EMPTY)
    bare = replace(
        report,
        firm=Typed(""),
        report_id="",
        round=None,
        banner=None,
        profile=(),
        outcomes=(),
        preconditions=(),
        distributions=(),
        verdict=replace(report.verdict, total=None, level_number=None, provisional=True),
        trace=replace(report.trace, total=None, share=None),
        roadmap=replace(report.roadmap, phases=(), first=(), later=(), keep=(), effect=None),
    )

    said = words_of_docx(word.docx_bytes(bare, FULL, LOOK))

    assert labels.UNNAMED.zh in said
    assert labels.NO_TOTAL.en in said
    assert labels.TIMELINE.zh not in said
