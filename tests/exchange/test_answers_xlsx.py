"""The workbook of a report: every answer, nothing that runs, the same bytes again."""

import zipfile
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey.core import advice, document, editions, report, scoring
from survey.core.answers import read_all
from survey.core.parts import Report, Said, Typed
from survey.core.text import Languages
from survey.exchange import answer_file, answers_xlsx, yaml_bank

ROOT = Path(__file__).parents[2]


@cache
def a_report(name: str = "lizhou-valve") -> Report:
    given = answer_file.read((ROOT / "seeds" / "answers" / f"{name}.yaml").read_bytes())
    data, whole = yaml_bank.read((ROOT / "questionnaires" / f"{given.bank}.yaml").read_bytes())
    bank, answers = editions.edition(whole, given.edition), read_all(whole, given.answers)
    result = scoring.score(bank, answers)
    return report.build(
        bank=bank,
        answers=answers,
        result=result,
        plan=advice.plan(bank, answers, result),
        firm_name=given.firm.zh,
        report_id="1" * 32,
        issued_on=date(2026, 1, 2),
        bank_digest=document.digest(data),
    )


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(content))


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("languages", "sheets", "head"),
    [
        (Languages.ZH, ["答案", "得分", "改进计划", "关于本文件"], ["编号", "板块", "题目"]),
        (Languages.EN, ["Answers", "Scores", "Plan", "About"], ["Code", "Section", "Question"]),
        (
            Languages.BOTH,
            ["答案 Answers", "得分 Scores", "改进计划 Plan", "关于本文件 About"],
            ["编号 Code", "板块", "Section"],
        ),
    ],
)
def test_sheets_and_heads_are_in_the_languages_asked_for(
    languages: Languages, sheets: list[str], head: list[str]
) -> None:
    book = opened(answers_xlsx.workbook(a_report(), languages))

    assert book.sheetnames == sheets
    assert list(rows(book.worksheets[0])[0][:3]) == head
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert all(cell.alignment.wrap_text for row in sheet for cell in row)
        assert all(5 <= width.width <= 60 for width in sheet.column_dimensions.values())


def test_every_answer_score_and_step_of_the_report_is_there() -> None:
    made = a_report()
    book = opened(answers_xlsx.workbook(made, Languages.EN))
    answers, scores, plan, about = (rows(sheet)[1:] for sheet in book)
    entries = [entry for group in made.answers for entry in group.entries]
    steps = [*(s for phase in made.roadmap.phases for s in phase.steps), *made.roadmap.later]

    assert [row[2] for row in answers] == [entry.prompt.en for entry in entries]
    assert [row[4] for row in answers] == [
        None if entry.score is None else pytest.approx(float(entry.score)) for entry in entries
    ]
    assert scores[0][3] == pytest.approx(float(made.verdict.total or 0))
    assert len(scores) == 1 + sum(1 + len(section.domains) for section in made.sections)
    assert [row[3] for row in plan] == [step.what.en for step in steps]
    assert ("Questionnaire digest (SHA-256)", made.bank_digest) in about
    assert ("Firm", made.firm) in about


def test_an_answer_is_written_as_it_is_said() -> None:
    made = a_report()
    book = opened(answers_xlsx.workbook(made, Languages.ZH))
    said = {row[2]: (row[3], row[5]) for row in rows(book.worksheets[0])[1:]}

    for entry in (entry for group in made.answers for entry in group.entries):
        answer, _ = said[entry.prompt.zh]
        if entry.said.rows:
            lines = [f"{row.label.zh}：{row.state.zh}" for row in entry.said.rows]
            assert answer == "\n".join(lines)
        elif entry.said.typed:
            assert entry.said.typed in answer
        elif entry.said.text is not None:
            assert answer == entry.said.text.zh


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    words = f'{start}HYPERLINK("http://example.com","x")'

    book = opened(answers_xlsx.workbook(with_answer(words), Languages.ZH))

    cell = book.worksheets[0]["D2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (words, "s", True)
    assert all(each.data_type != "f" for sheet in book for row in sheet for each in row)


def test_control_characters_do_not_break_the_file() -> None:
    book = opened(answers_xlsx.workbook(with_answer("a\x00b\rc\x1b"), Languages.ZH))

    assert book.worksheets[0]["D2"].value == "abc"


def with_answer(words: str) -> Report:
    """The report with these words as its first answer."""
    made = a_report()
    group = made.answers[0]
    entry = replace(group.entries[0], said=Said(None, Typed(words)))
    group = replace(group, entries=(entry, *group.entries[1:]))
    return replace(made, answers=(group, *made.answers[1:]))


def test_the_same_report_has_the_same_bytes_and_its_own_date() -> None:
    content = answers_xlsx.workbook(a_report(), Languages.BOTH)
    with zipfile.ZipFile(BytesIO(content)) as package:
        dates = {part.date_time for part in package.infolist()}
    properties = opened(content).properties

    assert content == answers_xlsx.workbook(a_report(), Languages.BOTH)
    assert dates == {(2026, 1, 2, 0, 0, 0)}
    assert properties.created == properties.modified == datetime(2026, 1, 2)  # noqa: DTZ001
    assert properties.identifier == "1" * 32


def test_a_firm_without_a_total_has_a_workbook_too() -> None:
    made = a_report("weizhou-furniture")
    empty = replace(made, verdict=replace(made.verdict, total=None), firm=Typed(""))

    book = opened(answers_xlsx.workbook(empty, Languages.EN))

    assert rows(book.worksheets[1])[1][3] is None
