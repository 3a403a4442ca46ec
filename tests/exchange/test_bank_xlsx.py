"""A bank as a workbook: nothing lost on the way there and back, and an XLSForm all the time."""

import copy
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from survey.core import document, patches
from survey.core.bank import Kind
from survey.exchange import bank_formats, bank_xlsx_read, bank_xlsx_write, xlsx, yaml_file
from survey.exchange.bank_parts import Origin, Read
from tests.builders import (
    a_profile,
    bank_data,
    benchmark,
    choice,
    domain,
    edition,
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

ROOT = Path(__file__).parents[2]
BANKS = sorted(ROOT.glob("questionnaires/*/*.yaml"))
Data = dict[str, Any]


def shipped(path: Path) -> Data:
    data: Data = yaml_file.load(path.read_bytes()).data
    return data


def read(content: bytes) -> Read:
    return bank_xlsx_read.taken(xlsx.looked_into(content), "bank.xlsx")


def rich_data() -> Data:
    """A bank with something in every column."""
    text = {"zh": "中文", "en": "English"}
    rule = {
        "key": "size",
        "label": text,
        "when": {"not": {"question": "size-class", "in": ["large"]}},
        "holds": {
            "any": [
                {"question": "planning", "at_least": 3},
                {"question": "years", "at_least": "2.5"},
            ]
        },
        "where": text,
        "other_way": text,
    }
    statements: list[Data] = yes_no()["statements"]
    remedy = {
        "what": text, "proof": text, "owner": "manager", "effort": "S", "horizon": 30,
        "sizes": ["small", "micro"],
    }  # fmt: skip
    statements[0]["remedy"] = remedy
    figures = {"low": 0, "high": "10.5"}
    first = domain(
        "first",
        ladder(
            code="A1", short=text, help=text, example=text, evidence=text, half_steps=False,
            urgent_below=2, source="=SUM(A1)", leans_on=["guide"], terms=["plan"],
            policy=["technical-upgrade"], not_applicable="with-reason",
        ),
        multiple(when={"all": [{"question": "planning", "at_least": 2}]}, credit="capped"),
        number(decimals=2, likely=figures, better="higher"),
        weight={"discrete": 1, "process": "2.5", "mixed": 3},
    )  # fmt: skip
    second = domain(
        "second",
        ratio(unit=text, denominator_unit=text, likely_each=figures),
        matrix(full_at=1),
        yes_no(statements=statements),
        words(pattern="^[a-z']+$", optional_when={"question": "share", "at_least": 20}),
        benchmark(scale={"base": 10, "lead": "2.5", "source": "guide"}),
        benchmark("water"),
        requirements(met_at=75),
    )
    return bank_data(
        section("everything", "A", first, second),
        banner=text,
        weigh_by="production-type",
        weigh_default="mixed",
        small_sizes=["small"],
        scoring={"method": "weighted", "not_applicable": "exclude", "met_at": 80},
        outcomes=a_profile(two_years()),
        editions=[edition("planning", ceiling=3, ceiling_reason=text)],
        eligibility=[{"key": "srdi", "title": text, "source": "guide", "conditions": [rule]}],
        distributions=[
            {
                "key": "levels", "title": text, "year": 2024, "base": text, "source": "guide",
                "caution": text, "shares": [{"label": text, "percent": 100, "levels": [1, 2]}],
            }
        ],
        hints=[{"key": "all", "text": text}],
        glossary=[{"key": "plan", "term": text, "meaning": text}],
        sources=[{"key": "guide", "title": text, "edition": "2024", "note": text}],
    )  # fmt: skip


# ------------------------------------------------------------------- there and back


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_bank_of_ours_comes_back_as_it_was(path: Path) -> None:
    data = shipped(path)

    first = bank_xlsx_write.write(data).content
    found = read(first)

    assert found.problems == ()
    assert found.losses == ()
    assert found.document is not None
    assert document.digest(found.document) == document.digest(data)
    assert bank_xlsx_write.write(found.document).content == first


def test_a_bank_with_something_in_every_field_comes_back_as_it_was() -> None:
    data = rich_data()

    found = read(bank_xlsx_write.write(data).content)

    assert found.document == data
    assert "rest" not in [sheet.title for sheet in xlsx.looked_into(written(data))]


def written(data: Data) -> bytes:
    return bank_xlsx_write.write(data).content


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every part of the document with the one that it is in."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for name, part in inside:
        found.append((data, name))
        if isinstance(part, dict | list):
            found += places(part)
    return found


def text_of(most: int) -> st.SearchStrategy[str]:
    """Without what no file may bring: see `survey.exchange.soundness`."""
    refused = [chr(code) for code in (*range(32), 127) if chr(code) not in "\t\n\r"]
    signs = st.characters(exclude_categories=["Cs"], exclude_characters=refused)
    return st.text(signs, max_size=most)


LONG = "".join(map(str, range(9000)))
"""More than one cell can hold."""

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    text_of(20),
    st.sampled_from(["=1+1", "+1", "-1", "@x", "\tx", "1", "1.50", "２", " a ", "a\r\nb", "_x0041_",
                     "#N/A", "TRUE", "2024-01-01", "${x}", "'", LONG]),
    st.lists(text_of(5), max_size=3),
    st.dictionaries(st.sampled_from(["zh", "en", "key", "a b", ""]), text_of(5)),
)  # fmt: skip


@settings(max_examples=12, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(st.data())
def test_a_draft_with_any_fault_comes_back_as_it_was(draw: st.DataObject) -> None:
    data = copy.deepcopy(rich_data())
    for _ in range(draw.draw(st.integers(1, 5))):
        around, name = draw.draw(st.sampled_from(places(data)))
        if draw.draw(st.booleans()):
            around[name] = draw.draw(ODD)
        else:
            del around[name]

    first = written(data)
    found = bank_xlsx_read.understood(xlsx.looked_into(first))

    assert patches.between(found.document, data) == ()
    assert written(found.document) == first


MADE = Origin("test-bank", 7, 31, "0a" * 32)


def test_a_workbook_of_a_stored_version_says_which_and_is_the_same_bank() -> None:
    data = bank_data(version=7)

    found = bank_xlsx_read.read(bank_xlsx_write.write(data, MADE).content, "bank.xlsx")

    assert found.origin == MADE
    assert found.document == data
    assert (found.problems, found.losses) == ((), ())


@pytest.mark.parametrize("revision", ["0", "-1", "1.5", "many", "", "9999999999"])
def test_a_workbook_that_does_not_say_its_revision_is_read_all_the_same(revision: str) -> None:
    book = load_workbook(BytesIO(bank_xlsx_write.write(bank_data(), MADE).content))
    book["_qizhen"]["B3"] = revision or None
    saved = BytesIO()
    book.save(saved)

    found = bank_xlsx_read.read(saved.getvalue(), "bank.xlsx")

    assert found.origin is None
    assert found.document == bank_data()


def test_a_workbook_of_no_stored_version_says_nothing_of_one() -> None:
    content = bank_xlsx_write.write(bank_data()).content

    assert bank_xlsx_read.read(content, "bank.xlsx").origin is None
    assert "_qizhen" not in load_workbook(BytesIO(content)).sheetnames


def test_the_reference_takes_a_workbook_that_says_its_revision() -> None:
    made = convert(BytesIO(bank_xlsx_write.write(bank_data(), MADE).content))

    assert made.warnings == []


def test_the_template_holds_a_small_bank_without_fault_that_shows_the_usual_parts() -> None:
    found = bank_xlsx_read.taken(xlsx.looked_into(bank_xlsx_write.template()), "template.xlsx")

    assert (found.problems, found.losses) == ((), ())
    assert found.document == yaml_file.load(bank_xlsx_write.EXAMPLE.read_bytes()).data
    bank = document.read(found.document)
    kinds = {question.kind for question in bank.questions.values()}
    assert kinds == set(Kind) - {Kind.BENCHMARK, Kind.REQUIREMENTS}
    assert len(bank.sections) == 2
    assert [key for key, question in bank.questions.items() if question.when is not None]
    notes = load_workbook(BytesIO(bank_xlsx_write.template()))["notes"]
    assert [row for row in notes.iter_rows(values_only=True) if "example-bank" in str(row[2:])]


def test_a_workbook_without_a_bank_can_be_read_and_says_what_is_missing() -> None:
    found = bank_xlsx_read.taken(xlsx.looked_into(written({"format": 1})), "empty.xlsx")

    assert found.document == {"format": 1}
    assert {"bank-missing"} == {problem.code for problem in found.problems}


def test_cells_that_a_spreadsheet_would_run_are_text_with_a_mark() -> None:
    data = rich_data()
    data["title"] = {"zh": "=1+1", "en": "@SUM(A1)"}

    book = load_workbook(BytesIO(written(data)))

    assert not [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
        or (isinstance(cell.value, str) and cell.value.startswith(xlsx.RUNS)
            and not cell.quotePrefix)
    ]  # fmt: skip
    again = read(written(data)).document
    assert again is not None
    assert again["title"] == data["title"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc")
def test_a_workbook_saved_by_another_program_is_the_same_bank(tmp_path: Path) -> None:
    data = rich_data()
    (tmp_path / "bank.xlsx").write_bytes(written(data))

    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "xlsx", "--outdir", tmp_path / "saved", tmp_path / "bank.xlsx",
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    found = read((tmp_path / "saved" / "bank.xlsx").read_bytes())

    assert found.document == data


# ----------------------------------------------------------------------- an XLSForm


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_workbook_is_an_xlsform_that_the_reference_takes(path: Path) -> None:
    made = convert(BytesIO(written(shipped(path))))

    assert made.warnings == []
    assert "中文 (zh)" in made.xform
    assert "English (en)" in made.xform


def test_an_xlsform_has_conditions_limits_and_choices() -> None:
    made = convert(BytesIO(written(rich_data()))).xform

    assert "selected( /data/section_everything" in made  # the points of a ladder
    assert 'constraint=". &gt;= 0 and . &lt;= 100"' in made
    assert "level-3" in made


def test_a_question_whose_key_begins_with_a_digit_has_a_name_that_may() -> None:
    data = bank_data(section("a", "A", domain("b", ladder("5s"), ladder(
        "next", when={"question": "5s", "at_least": 2}))))  # fmt: skip

    content = written(data)

    assert convert(BytesIO(content)).warnings == []
    assert read(content).document == data


# ------------------------------------------------------------------------- for people


def test_a_person_finds_lists_frozen_headers_wrapped_text_and_notes_in_both_languages() -> None:
    book = load_workbook(BytesIO(bank_xlsx_write.template()))

    survey = book["survey"]
    offered = {str(each.sqref): each.formula1 for each in survey.data_validations.dataValidation}
    kind = next(cell.column_letter for cell in survey[1] if cell.value == "kind")
    assert offered[f"{kind}2:{kind}{survey.max_row + 2000}"].startswith("lists!")
    assert survey.freeze_panes == "D2"
    assert survey["E1"].alignment.wrap_text
    assert survey.column_dimensions["E"].width > 30
    notes = [str(cell.value) for row in book["notes"].iter_rows() for cell in row if cell.value]
    assert "怎样填写" in notes
    assert "How to fill it in" in notes


def test_the_format_is_found_by_what_is_in_the_file() -> None:
    assert bank_formats.detected(written(rich_data()), "x.bin") == "xlsx"
    assert bank_formats.detected(b"key: a\n", "bank.yaml") == "yaml"
    assert bank_formats.detected(b"\xef\xbb\xbf{}", "x") == "surveyjs"
    assert bank_formats.detected(b"<?xml version='1.0'?><document/>", "x") == "lss"
    assert bank_formats.detected(b"\0\0", "x") == ""


def test_choices_of_one_list_may_serve_several_questions() -> None:
    data = bank_data(profile=a_profile(choice("one", "a", "b"), choice("two", "a", "b")))
    book = load_workbook(BytesIO(written(data)))
    kept = [row for row in book["choices"].iter_rows(min_row=2) if row[0].value == "two"]
    for row in kept:
        for cell in row:
            cell.value = None
    for cell in book["survey"]["A"]:
        if cell.value == "select_one two":
            cell.value = "select_one one"
    saved = BytesIO()
    book.save(saved)

    found = read(saved.getvalue())

    assert found.document == data
