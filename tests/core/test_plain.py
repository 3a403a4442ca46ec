"""Our values as JSON types."""

import json
from datetime import date
from decimal import Decimal

import pytest

from survey.core.plain import plain
from survey.core.scoring import score
from survey.core.text import Locale, Text
from tests.builders import FULL_ANSWERS, a_bank, answers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        ("字", "字"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.10"), "0.10"),
        (date(2026, 11, 23), "2026-11-23"),
        (Locale.ZH, "zh"),
        (Text(zh="中", en="en"), {"zh": "中", "en": "en"}),
        ({Locale.EN: (1, [Decimal(2)])}, {"en": [1, ["2"]]}),
    ],
)
def test_a_value_becomes_plain(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_a_part_of_a_bank_becomes_plain() -> None:
    band = plain(a_bank().questions["years"])["bands"][1]

    assert band == {"from": "3", "above": False, "score": "50"}


def test_a_whole_result_can_be_written_as_json() -> None:
    bank = a_bank()

    written = json.loads(json.dumps(plain(score(bank, answers(bank, FULL_ANSWERS)))))

    assert written["bank_key"] == "test-bank"
    assert written["sections"][0]["domains"][0]["items"][0]["score"] == "60.000000"


@pytest.mark.parametrize("value", [1.5, object(), b"bytes", {1, 2}])
def test_what_is_none_of_ours_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)
