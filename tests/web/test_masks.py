"""What a stranger reads of a firm's name."""

import pytest

from survey.web.masks import masked


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("砺洲阀门有限公司", "砺洲****"),
        ("Lizhou Valve Co., Ltd.", "Li***"),
        ("江海", "江****"),
        ("AB", "A***"),
        ("  砺洲阀门", "砺洲****"),
    ],
)
def test_a_masked_name_shows_its_beginning_and_not_its_length(name: str, expected: str) -> None:
    assert masked(name) == expected
