"""Colours: what is one, and which are dark enough for white words."""

import pytest

from survey.core import colour


@pytest.mark.parametrize("text", ["#0e4a57", "#ABCDEF", "#000000"])
def test_a_colour_has_six_hexadecimal_digits(text: str) -> None:
    assert colour.is_colour(text)


@pytest.mark.parametrize(
    "text", ["", "0e4a57", "#0e4a5", "#0e4a577", "#0e4a5g", "teal", "#0e4a57\n"]
)
def test_anything_else_is_none(text: str) -> None:
    assert not colour.is_colour(text)


@pytest.mark.parametrize(
    ("one", "other", "contrast"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#123456", "#123456", 1.0),
    ],
)
def test_the_contrast_is_that_of_the_guidelines(one: str, other: str, contrast: float) -> None:
    assert colour.contrast(one, other) == pytest.approx(contrast, abs=0.01)


def test_white_words_need_a_dark_ground() -> None:
    assert colour.is_dark_enough(colour.ACCENT)
    assert colour.is_dark_enough("#767676")
    assert not colour.is_dark_enough("#777777")
    assert not colour.is_dark_enough("#ffee00")
