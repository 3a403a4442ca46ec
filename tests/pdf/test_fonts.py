"""The fonts hold what a firm can be expected to type, in two weights that differ."""

import os
from pathlib import Path

import pytest

from survey.pdf import fonts

KANA = range(0x3041, 0x3097)
FULL_WIDTH = range(0xFF01, 0xFF5F)
SIGNS = "〇·—…“”‘’（）《》【】、。→←↑↓■□●○▲△◆◇★☆√×÷±≤≥℃‰㎡㎏①②③ⅠⅡⅢ│─┌┐└┘█░"
LATIN = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1EA0, 0x1EFA))  # Polish to Vietnamese
GREEK = (*range(0x391, 0x3A2), *range(0x3A3, 0x3CF))
CYRILLIC = range(0x400, 0x460)
RARE_NAMES = (
    "㙘㛃㬎䶮龦𫚭𬇹𬭸"  # in the national list of standard characters, beyond the first block
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    return folder


def gb2312() -> frozenset[int]:
    """Every character of GB 2312, by its rows and cells."""
    cells = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return frozenset(ord(text) for cell in cells if (text := cell.decode("gb2312", "ignore")))


def test_the_fonts_hold_chinese_letters_and_signs(folder: Path) -> None:
    held = fonts.covered(folder)

    assert gb2312() <= held
    assert frozenset(range(0x4E00, 0x9FA6)) <= held  # the 20,902 of the first block
    assert frozenset((*LATIN, *GREEK, *CYRILLIC, *KANA, *FULL_WIDTH)) <= held
    assert frozenset(map(ord, SIGNS + RARE_NAMES)) <= held
    assert not held & {ord("😀"), 0x2028}


def test_there_are_two_weights_that_differ(folder: Path) -> None:
    regular, bold = ({p.read_bytes() for w, p in fonts.faces(folder) if w == n} for n in (400, 700))

    assert len(regular) == len(bold) == len(fonts.SOURCES)
    assert not regular & bold


def test_the_fonts_are_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    fonts.make(tmp_path)

    for (_, first), (_, second) in zip(fonts.faces(folder), fonts.faces(tmp_path), strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_the_licences_lie_beside_the_fonts(folder: Path) -> None:
    for source in fonts.SOURCES:
        assert "SIL OPEN FONT LICENSE" in (folder / source.licence).read_text(encoding="utf-8")


def test_fontconfig_is_shown_no_other_font(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "of the host")

    fonts.use_no_others(folder)

    text = Path(os.environ["FONTCONFIG_FILE"]).read_text(encoding="utf-8")
    assert text.count("<dir>") == 1
    assert f"<dir>{folder}</dir>" in text


def test_what_the_set_up_has_yet_to_make_is_named(folder: Path, tmp_path: Path) -> None:
    assert fonts.missing(folder) == ()
    assert len(fonts.missing(tmp_path)) == 2 * len(fonts.SOURCES) + len(fonts.SOURCES) + 1
