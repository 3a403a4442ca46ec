"""The fonts hold what a firm can be expected to type, in two weights that differ."""

from pathlib import Path

import pytest

from survey.pdf import fonts

KANA = range(0x3041, 0x3097)
FULL_WIDTH = range(0xFF01, 0xFF5F)
SIGNS = "〇·—…“”‘’（）《》【】、。→←↑↓■□●○▲△◆◇★☆√×÷±≤≥℃‰㎡㎏①②③ⅠⅡⅢ│─┌┐└┘█░"
LATIN = "ABCabc012àéîõüßøåçñ€£¥āēěīōū"
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


@pytest.mark.parametrize("weight", [400, 700])
def test_a_weight_holds_chinese_latin_and_signs(folder: Path, weight: int) -> None:
    held = fonts.covered(fonts.paths(folder)[weight])

    assert gb2312() <= held
    assert frozenset(range(0x4E00, 0x9FA6)) <= held  # the 20,902 of the first block
    assert frozenset((*KANA, *FULL_WIDTH)) <= held
    assert frozenset(map(ord, SIGNS + LATIN + RARE_NAMES)) <= held
    assert ord("😀") not in held


def test_both_weights_hold_the_same_characters_in_different_shapes(folder: Path) -> None:
    regular, bold = fonts.paths(folder).values()

    assert fonts.covered(regular) == fonts.covered(bold)
    assert regular.read_bytes() != bold.read_bytes()


def test_the_fonts_are_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    fonts.make(tmp_path)

    for weight, path in fonts.paths(folder).items():
        assert path.read_bytes() == fonts.paths(tmp_path)[weight].read_bytes()


def test_the_licence_lies_beside_the_fonts(folder: Path) -> None:
    assert "SIL OPEN FONT LICENSE" in (folder / fonts.LICENCE).read_text(encoding="utf-8")


def test_fontconfig_is_shown_no_other_font(folder: Path) -> None:
    text = (folder / fonts.FONTCONFIG).read_text(encoding="utf-8")

    assert text.count("<dir>") == 1
    assert f"<dir>{folder}</dir>" in text


def test_what_the_set_up_has_yet_to_make_is_named(folder: Path, tmp_path: Path) -> None:
    assert fonts.missing(folder) == ()
    assert len(fonts.missing(tmp_path)) == 4


def test_a_font_without_weights_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="not a variable font"):
        fonts.cut(fonts.paths(folder)[400], 700)
