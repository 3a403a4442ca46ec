"""The printed page itself: where words stand, and what no page may look like."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from survey.core import advice, report, scoring
from survey.core.copies import Copy, Extent
from survey.core.document import digest
from survey.core.parts import Report, Typed
from survey.core.text import Languages
from survey.exchange import yaml_bank
from survey.pdf import render
from survey.pdf.look import Logo, Look
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
from tests.pdf.stress import RARE, an_extreme_report, easy_answers

MILLIMETRE = 72 / 25.4
TOP, BOTTOM, SIDE = 24, 21, 19
NEVER_FIRST = set("。，、）」』；：？！》”’】,.;:!?)]")
NEVER_LAST = set("（“‘「『《【([")

FULL = [
    (TYPICAL, Languages.ZH),
    (TYPICAL, Languages.EN),
    (TYPICAL, Languages.BOTH),
    (EMPTY, Languages.BOTH),
    (PERFECT, Languages.ZH),
]
SHORT = [(name, languages) for name in NAMES for languages in Languages]


@dataclass(frozen=True, slots=True)
class Letter:
    """A character of a page and its box, in millimetres from the top left."""

    char: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its letters in reading order, and the bookmarks that point to it."""

    letters: tuple[Letter, ...]
    marks: tuple[tuple[int, float], ...]

    @property
    def body(self) -> tuple[Letter, ...]:
        return tuple(each for each in self.letters if TOP - 2 < each.top < 297 - BOTTOM)

    def lines(self) -> Iterator[tuple[Letter, ...]]:
        """Letters that stand on one line and belong to one run of text."""
        line: list[Letter] = []
        for letter in self.letters:
            if line and not _goes_on(line[-1], letter):
                yield tuple(line)
                line = []
            line.append(letter)
        if line:
            yield tuple(line)


def _goes_on(one: Letter, other: Letter) -> bool:
    same_line = other.top < one.bottom and one.top < other.bottom
    return same_line and -1 < other.left - one.right < 2.5


@cache
def sheets_of(content: bytes) -> list[Sheet]:
    document = pypdfium2.PdfDocument(content)
    try:
        marks: dict[int, list[tuple[int, float]]] = {}
        for mark in document.get_toc():
            target = mark.get_dest()
            assert target is not None
            top = 297 - target.get_view()[1][1] / MILLIMETRE
            marks.setdefault(target.get_index(), []).append((mark.level, top))
        return [
            Sheet(tuple(_letters(page)), tuple(marks.get(at, ())))
            for at, page in enumerate(document)
        ]
    finally:
        document.close()


def _letters(page: pypdfium2.PdfPage) -> Iterator[Letter]:
    words = page.get_textpage()
    for at in range(words.count_chars()):
        char = words.get_text_range(at, 1)
        if char.strip():
            left, bottom, right, top = (
                each / MILLIMETRE for each in words.get_charbox(at, loose=True)
            )
            yield Letter(char, left, 297 - top, right, 297 - bottom)


def the_chapters(content: bytes) -> list[int]:
    """On which page each chapter begins, counted from 0."""
    return [
        at for at, sheet in enumerate(sheets_of(content)) for level, _ in sheet.marks if level == 0
    ]


@pytest.mark.parametrize(("name", "languages"), FULL)
def test_the_summary_is_exactly_one_page(printed: Printed, name: str, languages: Languages) -> None:
    first, second, *_ = the_chapters(printed(name, Copy(languages)).content)

    assert (first, second) == (2, 3)


@pytest.mark.parametrize(("name", "languages"), SHORT)
def test_the_short_edition_has_at_most_six_pages(
    printed: Printed, name: str, languages: Languages
) -> None:
    made = printed(name, Copy(languages, Extent.SHORT))

    assert made.pages <= 6
    assert the_chapters(made.content)[:2] == [1, 2]


@pytest.mark.parametrize(("name", "languages"), FULL)
def test_the_full_edition_is_dense(printed: Printed, name: str, languages: Languages) -> None:
    most = {Languages.ZH: 24, Languages.EN: 28, Languages.BOTH: 37}

    assert printed(name, Copy(languages)).pages <= most[languages]


@pytest.mark.parametrize(("name", "languages"), FULL)
def test_no_page_is_nearly_empty(printed: Printed, name: str, languages: Languages) -> None:
    sheets = sheets_of(printed(name, Copy(languages)).content)
    height = 297 - TOP - BOTTOM

    low = [
        at
        for at, sheet in enumerate(sheets[1:-1], start=2)
        if (max(letter.bottom for letter in sheet.body) - TOP) / height < 0.5
    ]

    assert low == []


@pytest.mark.parametrize(("name", "languages"), FULL)
def test_no_heading_is_the_last_thing_on_a_page(
    printed: Printed, name: str, languages: Languages
) -> None:
    widows = [
        (at, mark)
        for at, sheet in enumerate(sheets_of(printed(name, Copy(languages)).content), start=1)
        for mark in sheet.marks
        if not any(letter.top > mark[1] + 9 for letter in sheet.body)
    ]

    assert widows == []


@pytest.mark.parametrize(("name", "languages"), [pair for pair in FULL if pair[1] != Languages.EN])
def test_no_line_begins_or_ends_with_the_wrong_punctuation(
    printed: Printed, name: str, languages: Languages
) -> None:
    bad = [
        (at, "".join(letter.char for letter in line)[:30])
        for at, sheet in enumerate(sheets_of(printed(name, Copy(languages)).content), start=1)
        for line in sheet.lines()
        if len(line) > 1  # a sign by itself stands for a state
        if line[0].char in NEVER_FIRST or line[-1].char in NEVER_LAST
    ]

    assert bad == []


@pytest.mark.parametrize(("name", "languages"), FULL)
def test_nothing_leaves_the_type_area(printed: Printed, name: str, languages: Languages) -> None:
    assert list(outside(printed(name, Copy(languages)).content)) == []


def outside(content: bytes) -> Iterator[tuple[int, Letter]]:
    """Letters beyond the margins, but for the page's own head and foot."""
    for at, sheet in enumerate(sheets_of(content)[1:], start=2):
        for letter in sheet.letters:
            if letter.left < SIDE - 0.6 or letter.right > 210 - SIDE + 1.2:
                yield at, letter


def test_no_two_words_are_printed_over_each_other(printed: Printed) -> None:
    for at, sheet in enumerate(sheets_of(printed(TYPICAL, Copy(Languages.BOTH)).content), start=1):
        assert list(_overlaps(sheet)) == [], f"page {at}"


def _overlaps(sheet: Sheet) -> Iterator[tuple[Letter, Letter]]:
    """Letters whose middles are nearer than any two letters of a line can be."""
    seen: dict[tuple[int, int], Letter] = {}
    for letter in sheet.letters:
        place = (round((letter.left + letter.right) / 0.8), round(letter.top + letter.bottom))
        if place in seen and seen[place].left != letter.left:  # a ligature has one box
            yield seen[place], letter
        seen[place] = letter


# ---------------------------------------------------------------- what comes from outside


def a_logo(width: int, height: int, alt: str) -> Logo:
    file = BytesIO()
    Image.new("RGB", (width, height), "#c02020").save(file, "PNG")
    return Logo(file.getvalue(), "image/png", alt)


STRESSED = Look(
    accent="#5a2a6b",
    logos=(a_logo(1200, 150, "Firm"), a_logo(150, 600, "Consultant")),
    verify_url=LOOK.verify_url,
)


@pytest.mark.parametrize("copy", [Copy(Languages.BOTH), Copy(Languages.EN, Extent.SHORT)])
def test_an_extreme_report_prints_within_its_margins(fonts_folder: Path, copy: Copy) -> None:
    made = render.pdf_bytes(an_extreme_report(), copy, STRESSED, fonts_folder=fonts_folder)
    sheets = sheets_of(made.content)

    assert list(outside(made.content)) == []
    assert all(letter.left > 0 and letter.right < 210 for letter in sheets[0].letters)
    assert RARE in pages_of(made.content)[0]
    chapters = the_chapters(made.content)
    assert chapters[1] - chapters[0] == 1


def test_logos_and_accent_appear_on_the_cover(fonts_folder: Path) -> None:
    made = render.pdf_bytes(
        a_firms_report(EMPTY), Copy(Languages.ZH, Extent.SHORT), STRESSED, fonts_folder=fonts_folder
    )
    document = pypdfium2.PdfDocument(made.content)

    picture = document[0].render(scale=1).to_pil().convert("RGB")
    colours = {colour for _, colour in picture.getcolors(1_000_000)}
    document.close()

    assert picture.getpixel((5, 5)) == (0x5A, 0x2A, 0x6B)
    assert (0xC0, 0x20, 0x20) in colours


@pytest.mark.parametrize(
    "bank", ["green-factory/1", "sme-digital-level/1", "smart-manufacturing-maturity/1"]
)
@pytest.mark.parametrize("best", [False, True])
def test_every_bank_prints_in_both_languages(fonts_folder: Path, bank: str, best: bool) -> None:  # noqa: FBT001
    made = a_banks_report(bank, best=best)

    short = render.pdf_bytes(
        made, Copy(Languages.BOTH, Extent.SHORT), LOOK, fonts_folder=fonts_folder
    )

    assert short.pages <= 6
    assert the_chapters(short.content)[:2] == [1, 2]
    assert list(outside(short.content)) == []


def a_banks_report(name: str, *, best: bool) -> Report:
    data, bank = yaml_bank.read((ROOT / "questionnaires" / f"{name}.yaml").read_bytes())
    found = easy_answers(bank, best=best)
    result = scoring.score(bank, found)
    made = report.build(
        bank=bank,
        answers=found,
        result=result,
        plan=advice.plan(bank, found, result),
        firm_name="示例",
        report_id="0f3b9c5e7d6148a2b1c4d5e6f7a8b9c0",
        issued_on=a_firms_report(EMPTY).issued_on,
        bank_digest=digest(data),
    )
    return dataclasses.replace(made, firm=Typed("示例阀门有限公司"))
