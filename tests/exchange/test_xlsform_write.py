"""A bank becomes a plain XLSForm that a converter accepts, with what it lost on the way."""

from io import BytesIO
from typing import Any

import pytest
from pyxform.xls2xform import convert

from survey.exchange import xlsform, xlsform_write
from tests.builders import bank_data, choice, domain, ladder, matrix, number, ratio, section
from tests.exchange.test_surveyjs import a_full_bank
from tests.foreign_files import draft, questions

ABOVE, BELOW = "${r_numerator}", "${r_denominator}"


def form(data: dict[str, Any]) -> dict[str, Any]:
    """The survey's rows by name, read back."""
    return {item.code: item for item in xlsform.read(xlsform_write.write(data).content).items()}


def test_a_converter_accepts_a_bank_with_every_kind_of_question() -> None:
    written = xlsform_write.write(a_full_bank())

    converted = convert(BytesIO(written.content), file_type=".xlsx", validate=False)

    assert converted.warnings == []
    assert "中文 (zh)" in converted.xform
    assert written.content == xlsform_write.write(a_full_bank()).content


def test_keys_words_and_choices_are_read_back() -> None:
    made = questions(draft(xlsform.read(xlsform_write.write(bank_data()).content)))

    assert [o["key"] for o in made["planning"]["options"]] == [f"level-{n}" for n in range(6)]
    assert made["production-type"]["prompt"]["zh"] == "关于production-type的问题？"
    assert (made["years"]["minimum"], made["years"]["maximum"]) == (0, 100)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"question": "a", "in": ["x", "y"]}, "selected(${a}, 'x') or selected(${a}, 'y')"),
        ({"question": "n", "at_least": 5}, "${n} >= 5"),
        ({"question": "r", "at_least": 5},
         f"{ABOVE} >= 0 and {BELOW} > 0 and round(100 * {ABOVE} div {BELOW}, 6) >= 5"),
        ({"question": "l", "at_least": 4},
         "selected(${l}, 'level-4') or selected(${l}, 'level-5')"),
        ({"question": "l", "at_least": 6}, "false()"),
        ({"not": {"question": "n", "at_least": 5}}, "not(${n} >= 5)"),
        ({"any": [{"question": "n", "at_least": 5}, {"question": "a", "in": ["x"]}]},
         "(${n} >= 5) or (selected(${a}, 'x'))"),
        ({"question": "a", "at_least": 5}, ""),
        ({"question": "nobody", "at_least": 5}, ""),
        ({"not": 5}, ""),
    ],
)  # fmt: skip
def test_a_condition_is_written_in_xpath(when: dict[str, Any], said: str) -> None:
    last = choice("last", "x", "y", when=when)
    before = (choice("a", "x", "y"), number("n"), ratio("r"), ladder("l"))
    data = bank_data(section("s", "A", domain("d", *before, last)))

    assert form(data)["last"].relevant == said


def test_a_whole_table_and_what_helps_with_it_are_seen_by_those_who_fill_it_in() -> None:
    helped = matrix("m", help={"zh": "逐行选择。", "en": "Choose in every line."})
    written = xlsform_write.write(bank_data(section("s", "A", domain("d", helped))))

    converted = convert(BytesIO(written.content), file_type=".xlsx", validate=False).xform

    assert "Choose in every line." in converted
    assert "/part_d/table_m/help_m:label')" in converted


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"sections": [{"domains": [{"questions": [{"kind": 5, "options": "x"}]}]}]},
        {"profile": {"questions": [{"kind": "text", "key": "1", "maximum_length": "x"}]}},
        {"profile": {"questions": [{"kind": "multiple", "none": "n", "minimum": True}]}},
    ],
)
def test_a_draft_with_faults_is_written_as_far_as_it_goes(data: dict[str, Any]) -> None:
    assert xlsform_write.write(data).content.startswith(b"PK")
