"""The text taken out of a PDF is the text that went in, whoever takes it out."""

import dataclasses
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

from survey.core.copies import Copy, Extent
from survey.core.parts import Entry, Report, Typed
from survey.core.text import Languages
from survey.pdf import render
from tests.pdf.conftest import EMPTY, TYPICAL, Printed, a_firms_report, pages_of

PUNCTUATION = (
    "，。、；：？！“”‘’（）《》〈〉【】〔〕『』「」—…·"
    "～％＋－＝／＆＃＠＊０１２３４５６７８９ＡＺａｚ￥℃①⑩ⅠⅫ"
)
RARE = "㛃䶮𬭸㙍㵑䜣䢺䥽䦃䲟𫖯𫍯𫓹𫘧𬱖𬬻𡎚鿍鿎鿏〇镕喆堃珺龘"
# Radicals and compatibility forms share shapes with these; extractors like to mix them up.
TWINS = (
    "一丨丿乙二人儿入八冂几刀力匕十卜厂又口囗土士夂夕大女子宀寸小尢尸山巛工己巾干幺广弓心戈户"
    "手支文斗斤方无日曰月木欠止歹毋比毛氏气水火爪父爻片牙牛犬玄玉瓜瓦甘生用田疋白皮皿目矛矢石"
    "示禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舟艮色艸虍虫血行衣西見角言谷豆豕貝赤走足身車"
    "辛辰邑酉采里金長門阜隶雨青非面革韋音頁風飛食首香馬骨高鬥鬲鬼魚鳥鹵鹿麥麻黃黍黑黹鼎鼓鼠鼻"
    "齊齒龍龜不来李行"
)


def gb_2312() -> str:
    """All 6,763 characters of the two levels of GB 2312."""
    rows = range(0xB0, 0xF8)
    pairs = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", "ignore") for pair in pairs)


def with_words(made: Report, words: list[str]) -> Report:
    """The report with what a firm typed in place of its first answers."""
    group = made.answers[0]
    entry = group.entries[0]

    def saying(at: int, typed: str) -> Entry:
        said = dataclasses.replace(entry.said, typed=Typed(typed), rows=())
        return dataclasses.replace(entry, key=f"typed-{at}", said=said)

    entries = tuple(saying(at, typed) for at, typed in enumerate(words))
    return dataclasses.replace(
        made, answers=(dataclasses.replace(group, entries=entries), *made.answers[1:])
    )


def by_poppler(content: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(content)
    return subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()


def by_pdfium(content: bytes) -> str:
    # PDFium gives U+FFFE for a hyphen at the end of a line.
    return "\n".join(pages_of(content)).replace("\ufffe", "-")


@pytest.fixture(scope="module")
def every_character(fonts_folder: Path) -> bytes:
    characters = gb_2312()
    parts = [characters[at : at + 500] for at in range(0, len(characters), 500)]
    made = with_words(a_firms_report(EMPTY), [*parts, PUNCTUATION, RARE, TWINS])
    return render.pdf_bytes(made, Copy(Languages.ZH), fonts_folder=fonts_folder).content


def test_the_table_of_characters_is_complete() -> None:
    assert len(set(gb_2312())) == 6763


@pytest.mark.parametrize("extractor", ["pdfium", "poppler"])
def test_every_character_comes_out_as_it_went_in(
    every_character: bytes, tmp_path: Path, extractor: str
) -> None:
    found = read(every_character, tmp_path, extractor)

    for part in (gb_2312(), PUNCTUATION, RARE, TWINS):
        assert sorted(set(part) - set(found)) == []
    assert [c for c in sorted(set(found)) if is_a_twin(c)] == []


def is_a_twin(character: str) -> bool:
    """A radical or a compatibility form that nobody typed."""
    in_block = "\u2e80" <= character <= "\u2fdf" or "\uf900" <= character <= "\ufaff"
    return in_block or unicodedata.category(character) == "Co"


@pytest.mark.parametrize("extractor", ["pdfium", "poppler"])
def test_characters_come_out_in_the_order_they_went_in(
    every_character: bytes, tmp_path: Path, extractor: str
) -> None:
    found = flat(read(every_character, tmp_path, extractor))
    characters = gb_2312()

    lines = [characters[at : at + 10] for at in range(0, len(characters), 500)]
    assert [line for line in lines if line not in found] == []


@pytest.mark.parametrize("extractor", ["pdfium", "poppler"])
def test_a_radical_that_a_firm_pasted_changes_no_other_word(
    fonts_folder: Path, tmp_path: Path, extractor: str
) -> None:
    """Words copied from another PDF often hold radicals; they share shapes with characters."""
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed("⼈⼯智能⾦属\uf967来公司"))
    copy = Copy(Languages.ZH, Extent.SHORT)

    content = render.pdf_bytes(made, copy, fonts_folder=fonts_folder).content
    found = flat(read(content, tmp_path, extractor))

    assert "人工智能金属不来公司" in found
    assert [character for character in found if is_a_twin(character)] == []


@pytest.mark.parametrize("languages", list(Languages))
@pytest.mark.parametrize("extractor", ["pdfium", "poppler"])
def test_what_a_report_says_comes_out_in_full(
    printed: Printed, tmp_path: Path, languages: Languages, extractor: str
) -> None:
    report = a_firms_report(TYPICAL)
    found = letters(read(printed(TYPICAL, Copy(languages)).content, tmp_path, extractor))
    prompts = [entry.prompt for group in report.answers for entry in group.entries]
    texts = [*prompts, *report.method, *report.verdict.headline, report.notice]

    wanted = [text.in_(each) for text in texts for each in languages.locales]
    assert len(wanted) > 50
    assert [text for text in wanted if not comes_out(text, found)] == []
    assert "\ufffd" not in found
    assert [character for character in found if is_a_twin(character)] == []


def comes_out(text: str, found: str) -> bool:
    """Whether all its sentences are there; at most one is parted by the end of a page."""
    sentences = [letters(part) for part in re.split("[。.；;：:]", text)]
    return sum(sentence not in found for sentence in sentences) <= (len(sentences) > 2)


def letters(text: str) -> str:
    """Letters and figures alone: lines end elsewhere, and English is set with plain quotes."""
    return "".join(filter(str.isalnum, text))


def flat(text: str) -> str:
    return "".join(text.split())


def read(content: bytes, folder: Path, extractor: str) -> str:
    return by_pdfium(content) if extractor == "pdfium" else by_poppler(content, folder)
