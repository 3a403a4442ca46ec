"""Plain XLSForms and SurveyJS definitions: each field of a bank is written there, or told."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from io import BytesIO
from typing import Any, get_args

import pytest
from openpyxl import load_workbook
from pydantic import BaseModel

from survey.core import bank, document
from survey.core.bank import Kind
from survey.exchange import surveyjs, surveyjs_write, xlsform, xlsform_write
from survey.exchange.bank_parts import Written
from tests.builders import (
    a_profile,
    bank_data,
    benchmark,
    choice,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    two_years,
    words,
    yes_no,
)
from tests.foreign_files import Data, a_form, codes, draft, lost, questions

Write = Callable[[Data], Written]

FORMATS: Mapping[str, Write] = {"XLSForm": xlsform_write.write, "SurveyJS": surveyjs_write.write}

NEW = {"zh": "新的词句", "en": "Other words"}
ONLY = {"zh": "唯一的词句", "en": "The only words"}
KEPT_KIND = {"format", "kind"}
"""What makes a document one of ours and a question one of its kind: it is never another."""

VALUES: Mapping[str, Any] = {
    "key": "another", "code": "Z", "source": "Standard 5", "edition": "2025",
    "weight": "2.5", "minimum": "1.5", "maximum": "77.5", "decimals": 3, "maximum_length": 33,
    "pattern": "[0-9]{6}", "none": "a", "required": True, "may_exceed": True, "half_steps": False,
    "not_applicable": "with-reason", "urgent_below": 3, "full_at": 1, "credit": "equal",
    "better": "higher", "rule": "bands", "met_at": 70, "level": 4, "points": 99, "version": 9,
    "minutes": 55, "theme": "green", "weigh_by": "production-type", "weigh_default": "discrete",
    "size_by": "production-type", "sector_by": "production-type", "small_sizes": ["tiny"],
    "when": {"question": "production-type", "in": ["process"]},
    "optional_when": {"question": "production-type", "in": ["process"]},
    "likely": {"low": 1, "high": 9}, "likely_each": {"low": 1, "high": 9},
    "bands": [{"from": 5, "score": 55}], "scale": {"base": 0, "lead": 9, "source": "standard"},
    "advice": [{"to": 2, "what": NEW}], "remedy": {"what": NEW}, "policy": ["green"],
    "leans_on": ["standard"], "terms": ["word"], "method": [NEW], "roles": [{"key": "r"}],
    "scoring": {"method": "mean"}, "levels": {"title": NEW}, "editions": [{"key": "short"}],
    "eligibility": [{"key": "e"}], "distributions": [{"key": "d"}], "hints": [{"key": "h"}],
    "glossary": [{"key": "g"}], "sources": [{"key": "s"}],
}  # fmt: skip
"""For each field of a model another value than the builders give; a text is another text."""


def a_full_bank() -> Data:
    """One question of each kind, each with a help, in a domain of its own; pages of every sort."""
    asked = (
        ladder(), multiple(), number(), ratio(), matrix(), yes_no(), words(), benchmark(),
        requirements(),
    )  # fmt: skip
    helped = [each | {"help": {"zh": "请看。", "en": "Look."}} for each in asked]
    pages = section("all", "A", *(domain(f"d{at}", each) for at, each in enumerate(helped)))
    outcomes = {"title": NEW, "summary": NEW, "questions": [two_years()]}
    profile = a_profile(
        choice("production-type", "discrete", "process"),
        choice("size-class", "small", "large"),
        choice("fact", "x", "y"),
    )
    return bank_data(pages, profile=profile, outcomes=outcomes)


def parts(data: Data) -> Iterator[tuple[type[BaseModel], Data]]:
    """A part of each model that the writers go through."""
    first = data["sections"][0]
    asked = {each["questions"][0]["kind"]: each["questions"][0] for each in first["domains"]}
    asked["choice"] = data["profile"]["questions"][-1]
    yield bank.Bank, data
    yield bank.Profile, data["profile"]
    yield bank.Profile, data["outcomes"]
    yield bank.Section, first
    yield bank.Domain, first["domains"][0]
    for model in get_args(get_args(bank.Question)[0]):
        yield model, asked[get_args(model.model_fields["kind"].annotation)[0].value]
    for kind, name, model in (
        ("choice", "options", bank.Option), ("ladder", "options", bank.Option),
        ("multiple", "options", bank.Option), ("matrix", "rows", bank.Row),
        ("matrix", "states", bank.Option), ("yes-no", "statements", bank.Statement),
        ("requirements", "rows", bank.Requirement), ("requirements", "states", bank.Option),
    ):  # fmt: skip
        yield model, asked[kind][name][-1]


def fields() -> list[tuple[int, str, str]]:
    """Each field: the number of its part, the name that documents have for it, and a label."""
    return [
        (at, field.alias or name, f"{model.__name__}.{field.alias or name}")
        for at, (model, _) in enumerate(parts(a_full_bank()))
        for name, field in model.model_fields.items()
        if name not in KEPT_KIND
    ]


def changed(at: int, name: str) -> Data:
    """The bank with another value in one field; a list of parts gets one more."""
    data = a_full_bank()
    _, part = list(parts(data))[at]
    before: Any = deepcopy(part.get(name))
    if name in VALUES:
        part[name] = VALUES[name]
    elif name in {"profile", "outcomes", "sections", "domains", "questions", "options", "rows",
                  "states", "statements"}:  # fmt: skip
        part[name] = (
            before | {"title": {"zh": "别的", "en": "Else"}}
            if isinstance(before, dict)
            else [*before, deepcopy(before[0]) | {"key": "one-more"}]
        )
    else:
        part[name] = ONLY
    assert part[name] != before
    return data


def told(written: Written) -> set[tuple[str, str, Any]]:
    return {(each.code, each.place, each.facts.get("field")) for each in written.losses}


def said(written: Written) -> str:
    """All words of a file."""
    if not written.content.startswith(b"PK"):
        return written.content.decode()
    sheets = load_workbook(BytesIO(written.content)).worksheets
    cells = (cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row)
    return "\n".join(str(value) for value in cells if value is not None)


def test_the_bank_of_these_tests_has_no_faults_and_every_kind() -> None:
    data = a_full_bank()

    assert document.problems(data) == ()
    assert {question.kind for question in document.read(data).questions.values()} == {*Kind}


@pytest.mark.parametrize("name", FORMATS)
def test_each_field_of_a_bank_changes_what_is_written_or_is_told(name: str) -> None:
    write = FORMATS[name]
    plain = write(a_full_bank())
    silent = []

    for at, field, label in fields():
        data = changed(at, field)
        written = write(data)
        is_told = any(str(each[2]).split("/")[0] == field for each in told(written))
        is_same = written.content == plain.content and told(written) == told(plain)
        new = [text for text in ONLY.values() if text in str(data)]
        if not is_told and (is_same or not all(text in said(written) for text in new)):
            silent.append(label)

    assert silent == [], "write these fields, or leave them to left_out()"


@pytest.mark.parametrize("name", FORMATS)
def test_units_stand_beside_their_figures_in_both_languages(name: str) -> None:
    helped = number(help={"zh": "满一年算一年。", "en": "Count whole years."})
    cars = ratio(denominator_unit={"zh": "辆", "en": "vehicles"})
    tons = benchmark(unit={"zh": "吨煤", "en": "tons of coal"})

    found = said(FORMATS[name](bank_data(section("s", "A", domain("d", helped, cars, tons)))))

    for words_ in ("单位：年", "Unit: years", "Count whole years.", "联网设备数（台）",
                   "Networked machines (machines)", "设备总数（辆）", "All machines (vehicles)",
                   "单位：吨煤", "Unit: tons of coal"):  # fmt: skip
        assert words_ in found.replace("\\n", "\n")


def test_what_limits_an_answer_is_written_as_a_form_checks_it() -> None:
    asked = (
        words("code", pattern="[0-9]{6}"), words("quoted", pattern="it's|no"), ratio("part"),
        ratio("more", may_exceed=True), number("n", decimals=3), benchmark("b"),
        {"key": "long", "kind": "text", "prompt": NEW},
    )  # fmt: skip
    data = bank_data(section("s", "A", domain("d", *asked)))

    book = load_workbook(BytesIO(xlsform_write.write(data).content))
    heads, *rows = book["survey"].iter_rows(values_only=True)
    limits = {row[heads.index("name")]: row[heads.index("constraint")] for row in rows}

    assert limits["code"] == "string-length(.) <= 20 and regex(., '^(?:[0-9]{6})$')"
    assert limits["quoted"] == 'string-length(.) <= 20 and regex(., "^(?:it\'s|no)$")'
    assert limits["part_denominator"] == ". > 0 and not(${part_numerator} > .)"
    assert limits["more_denominator"] == ". > 0"
    assert limits["n"] == ". >= 0 and . <= 100 and . = round(., 3)"
    assert limits["b"] == ". >= 0 and . <= 1000 and . = round(., 6)"
    assert limits["long"] == "string-length(.) <= 200"


def test_what_limits_an_answer_is_written_as_surveyjs_checks_it() -> None:
    asked = (
        words("code", pattern="[0-9]{6}"), ratio("part", required=True),
        ratio("more", may_exceed=True), number("n", decimals=3), benchmark("b"),
        matrix("m", required=True),
    )  # fmt: skip
    data = bank_data(section("s", "A", domain("d", *asked)))

    pages = json.loads(surveyjs_write.write(data).content)["pages"]
    made = {each["name"]: each for each in pages[-1]["elements"][0]["elements"]}

    assert made["code"]["validators"] == [{"type": "regex", "regex": "^(?:[0-9]{6})$"}]
    assert made["part"]["validators"][0]["expression"] == (
        "{part.numerator} empty or {part.denominator} empty "
        "or {part.numerator} <= {part.denominator}"
    )
    assert [item["isRequired"] for item in made["part"]["items"]] == [True, True]
    assert "validators" not in made["more"]
    assert made["more"]["items"][1]["validators"][0]["expression"] == "{more.denominator} > 0"
    assert (made["n"]["step"], made["b"]["step"], made["b"]["min"]) == (0.001, 0.000001, 0)
    assert made["m"]["isAllRowRequired"] is True


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "pattern",
    [
        r"\w+",
        r"(?i)abc",
        r"\p{Han}+",
        "[a-z&&[^b]]",
        "a++",
        'it\'s "so"',
        "[",
        "${1}",
        "[^]]",
        "[]a]",
        r"\D",
    ],
)
def test_a_pattern_that_others_read_otherwise_is_told(name: str, pattern: str) -> None:
    data = bank_data(section("s", "A", domain("d", words(pattern=pattern))))

    written = FORMATS[name](data)

    assert ("loss-no-place", "questions", "pattern") in told(written)
    assert "regex" not in said(written)


@pytest.mark.parametrize(
    "pattern", ["[0-9]{6}", "^[0-9]{6}$", "a|b", "^a|b$", r"^a\$", r"[0-9]{3}-\S", "^(?:a)(?:b)$"]
)
def test_limits_are_read_back_as_they_were(pattern: str) -> None:
    figure = number("n", decimals=3, minimum="0.5", maximum="99.125")
    data = bank_data(section("s", "A", domain("d", words("w", pattern=pattern), figure)))

    for made in read_back(data):
        assert made["w"]["pattern"] == pattern
        assert made["w"]["maximum_length"] == 20
        assert [made["n"][name] for name in ("decimals", "minimum", "maximum")] == [
            3, "0.5", "99.125"
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "written"),
    [(r"\d{3}", "[0-9]{3}"), (r"[\dA-F\]]+", r"[0-9A-F\]]+"), (r"\\d\[\d", r"\\d\[[0-9]")],
)
def test_digits_are_written_as_those_that_every_engine_takes(pattern: str, written: str) -> None:
    data = bank_data(section("s", "A", domain("d", words("w", pattern=pattern))))

    assert [made["w"]["pattern"] for made in read_back(data)] == [written] * 2


@pytest.mark.parametrize("places", ["7", "-1", "'two'"])
def test_decimals_that_no_bank_has_are_a_loss_of_a_limit(places: str) -> None:
    heads = ("type", "name", "label", "constraint")

    form = a_form(("decimal", "n", "How much?", f". = round(., {places})"), heads=heads)

    assert "loss-constraint" in lost(form)


def read_back(data: Data) -> Iterator[dict[str, Data]]:
    """The questions of both formats as our own readers take them."""
    yield questions(draft(xlsform.read(xlsform_write.write(data).content)))
    yield questions(draft(surveyjs.read(surveyjs_write.write(data).content)))


@pytest.mark.parametrize(
    ("when", "back"),
    [
        ({"question": "a", "in": ["low"]}, None),
        ({"question": "l", "in": ["level-3"]}, None),
        ({"question": "m", "in": ["b"]}, None),
        ({"question": "n", "at_least": 5}, None),
        ({"question": "n", "at_least": 0}, None),
        ({"not": {"question": "a", "in": ["low"]}}, None),
        ({"all": [{"question": "a", "in": ["low"]}, {"question": "n", "at_least": "1.5"}]}, None),
        ({"any": [{"question": "a", "in": ["low"]}, {"question": "n", "at_least": "1.5"}]}, None),
        ({"question": "l", "at_least": 5}, {"question": "l", "in": ["level-5"]}),
    ],
)
def test_a_condition_is_read_back_as_it_was(when: Data, back: Data | None) -> None:
    before = (choice("a", "very-low", "low"), ladder("l"), multiple("m"), number("n", decimals=1))
    data = bank_data(section("s", "A", domain("d", *before, words("last", when=when))))

    for made in read_back(data):
        assert made["last"]["when"] == (back or when)


def test_several_options_are_read_back_with_the_same_meaning() -> None:
    several = {"question": "a", "in": ["x", "y"]}
    last = words("last", when=several)
    data = bank_data(section("s", "A", domain("d", choice("a", "x", "y", "z"), last)))

    of_a_form, of_a_definition = read_back(data)

    assert of_a_definition["last"]["when"] == several
    assert of_a_form["last"]["when"] == {
        "any": [{"question": "a", "in": ["x"]}, {"question": "a", "in": ["y"]}]
    }


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "when",
    [
        5,
        {},
        {"all": []},
        {"any": [{"question": "a", "in": ["x"]}, {"question": "later", "in": ["x"]}]},
        {"not": {"all": [{"question": "a", "in": ["x"]}, 5]}},
        {"question": "a", "at_least": 5},
        {"question": "a", "in": []},
        {"question": "a", "in": ["it's"]},
        {"question": "a", "in": ["x"], "at_least": 5},
        {"question": "w", "in": ["x"]},
        {"question": "n", "at_least": "five"},
    ],
)
def test_a_condition_with_a_fault_is_told_and_no_part_of_it_is_written(
    name: str, when: Any
) -> None:
    before = (choice("a", "x", "y"), number("n"), words("w"), words("asked", when=when))
    data = bank_data(section("s", "A", domain("d", *before, choice("later", "x", "y"))))

    written = FORMATS[name](data)

    assert ("loss-condition", "questions/asked", None) in told(written)
    assert "visibleIf" not in said(written)
    assert "selected(" not in said(written)


def test_a_help_inside_of_a_group_is_read_back_without_a_loss_of_its_condition() -> None:
    when = {"question": "a", "in": ["x"]}
    table = matrix("m", help={"zh": "逐行选择。", "en": "Line by line."}, when=when)
    data = bank_data(section("s", "A", domain("d", choice("a", "x", "y"), table)))

    form = xlsform.read(xlsform_write.write(data).content)

    first = questions(draft(form))["m-erp"]
    assert (first["help"]["en"], first["when"]) == ("Line by line.", when)
    assert "loss-condition" not in codes(form.losses.all())


def test_an_answer_that_is_hidden_again_does_not_count_in_surveyjs_either() -> None:
    written = surveyjs_write.write(bank_data())

    assert json.loads(written.content)["clearInvisibleValues"] == "onHidden"
    losses = surveyjs.read(written.content).losses.all()
    assert "loss-setting" not in {each.code for each in losses}


@pytest.mark.parametrize("name", FORMATS)
def test_half_steps_are_told_unless_a_ladder_has_none(name: str) -> None:
    def halves(**changes: Any) -> bool:
        data = bank_data(section("s", "A", domain("d", ladder(**changes))))
        return ("loss-no-place", "questions", "half_steps") in told(FORMATS[name](data))

    assert (halves(), halves(half_steps=True), halves(half_steps=False)) == (True, True, False)


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_draft_does_not_have_as_it_should_is_told(name: str) -> None:
    asked = (number(minimum="low", maximum=True), multiple(none="nobody"))
    page = {"title": NEW, "summary": NEW, "questions": []}
    data = bank_data(section("s", "A", domain("d", *asked)), outcomes=page)

    found = told(FORMATS[name](data))

    assert {("loss-no-place", "outcomes", each) for each in ("title", "summary")} <= found
    assert {
        ("loss-no-place", "questions", each) for each in ("minimum", "maximum", "none")
    } <= found
