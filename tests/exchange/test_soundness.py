"""Plain data from a file that is not taken at all."""

import json
from typing import Any

import pytest

from survey.core import document
from survey.exchange import bank_formats, soundness, surveyjs_json
from survey.exchange.foreign import Questionnaire
from tests.builders import bank_data
from tests.foreign_files import a_definition

HALF, CONTROL = "\ud800", "\x0b"


def as_json(data: object) -> bytes:
    return json.dumps(data).encode()


@pytest.mark.parametrize("name", ["bank.json", "bank.yaml"])
@pytest.mark.parametrize(
    ("sign", "code"), [(HALF, "U+D800"), (CONTROL, "U+000B"), ("\0", "U+0000")]
)
def test_a_sign_that_is_no_text_is_refused_where_it_stands(name: str, sign: str, code: str) -> None:
    data = bank_data(title={"zh": "题库", "en": f"Bank{sign}"})

    told = bank_formats.read(as_json(data), name)

    assert told.document is None
    assert [(each.code, each.place) for each in told.problems] == [("bank-unprintable", "title.en")]
    assert told.problems[0].facts == {"character": code}


def test_such_a_sign_in_a_name_is_refused_as_well() -> None:
    told = bank_formats.read(as_json(bank_data() | {f"a{HALF}": 1}), "bank.json")

    assert told.document is None
    assert [each.place for each in told.problems] == ["a\ufffd"]


@pytest.mark.parametrize("name", ["title", "description", "HALF", "html", "visibleIf", "name"])
def test_the_definition_of_another_system_never_brings_such_a_sign(name: str) -> None:
    content = a_definition({"type": "text", "name": "q"} | {name: "aHALFb"})

    told = bank_formats.read(content.replace(b"HALF", b"\\ud800"), "survey.json")

    document.digest([told.document, [each.to_plain() for each in told.losses]])
    assert told.losses or told.problems


def test_yaml_as_it_is_written_by_hand_is_refused_with_its_line() -> None:
    told = bank_formats.read(b'format: 1\nkey: a\nnote: "\\0"\n', "bank.yaml")

    assert [(each.code, each.line) for each in told.problems] == [("bank-unprintable", 3)]


def many(count: int, start: str) -> bytes:
    names = ",".join(f'"a{number}":1' for number in range(count))
    return f"{{{start},{names}}}".encode()


@pytest.mark.parametrize("start", ['"format":1,"sections":[]', '"pages":[]'])
def test_an_object_without_end_is_refused(start: str) -> None:
    told = bank_formats.read(many(soundness.MOST_NAMES, start), "a.json")

    assert told.document is None
    assert [each.code for each in told.problems] == ["json-too-many-names"]


def test_a_hundred_thousand_names_of_which_some_are_there_twice_are_told_for_the_first_ones() -> (
    None
):
    names = ",".join(f'"a{number}":1' for number in range(50_000))
    content = f'{{"format":1,"sections":[],{names},{names}}}'.encode()

    told = bank_formats.read(content, "a.json")

    assert told.document is None
    assert {each.code for each in told.problems} == {"json-twice"}
    assert len(told.problems) == soundness.MOST_TOLD


def test_a_repeated_name_of_a_definition_is_a_loss() -> None:
    made = Questionnaire("surveyjs")

    surveyjs_json.load(b'{"pages": [], "title": 1, "title": 2}', made)

    assert [each.code for each in made.losses.all()] == ["loss-json-twice"]


def test_what_is_too_deep_is_left_to_whoever_refuses_it_for_that() -> None:
    data: Any = HALF
    for _ in range(100):
        data = [data]

    assert soundness.unsound(data, "") == ()
