"""Questionnaires of other systems, built as their programs write them, for tests."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

from openpyxl import Workbook

from survey.core import document
from survey.exchange import foreign_bank, form_tables, xlsform
from survey.exchange.foreign import Questionnaire
from survey.exchange.loss import Loss

Cells = Sequence[Any]
Data = dict[str, Any]

HEADS = ("type", "name", "label::English (en)", "label::中文 (zh)", "relevant")
YES_NO = (
    ("list_name", "name", "label::English (en)", "label::中文 (zh)"),
    ("yn", "yes", "Yes", "是"),
    ("yn", "no", "No", "否"),
)


def a_form(*rows: Cells, heads: Cells = HEADS, **sheets: Sequence[Cells]) -> Questionnaire:
    """An XLSForm of these rows; `choices` are yes and no unless they are given or not needed."""
    needs_choices = any(" yn" in str(row[0]) for row in rows if row)
    listed = ({"choices": YES_NO} if needs_choices else {}) | sheets
    tables = [form_tables.of_rows("survey", [heads, *rows])]
    tables += [form_tables.of_rows(name, lines) for name, lines in listed.items()]
    return xlsform.of_tables(tables)


def an_archive(*names: str) -> bytes:
    """A ZIP file with these in it, each of them empty."""
    made = BytesIO()
    with ZipFile(made, "w") as packed:
        for name in names:
            packed.writestr(name, "")
    return made.getvalue()


def a_workbook_form(*rows: Cells, heads: Cells = HEADS, **sheets: Sequence[Cells]) -> bytes:
    """The same as a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in ({"survey": [heads, *rows], "choices": YES_NO} | sheets).items():
        page = book.create_sheet(title)
        for line in lines:
            page.append(line)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def an_lss(tables: Mapping[str, Sequence[Mapping[str, object]]], *, language: str = "en") -> bytes:
    """A survey's structure with these tables and rows."""
    parts = [f"<languages><language>{language}</language></languages>"]
    for name, rows in tables.items():
        lines = "".join(
            "<row>"
            + "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in row.items())
            + "</row>"
            for row in rows
        )
        parts.append(f"<{name}><rows>{lines}</rows></{name}>")
    start = '<?xml version="1.0" encoding="UTF-8"?><document>'
    return (
        f"{start}<LimeSurveyDocType>Survey</LimeSurveyDocType>{''.join(parts)}</document>".encode()
    )


def a_question(qid: int, kind: str, title: str, **more: object) -> Data:
    """A row of LimeSurvey's questions, in the one group there is."""
    shared = {"sid": 5, "gid": 1, "question_order": qid, "parent_qid": 0, "relevance": 1}
    return {"qid": qid, "type": kind, "title": title} | shared | more


GROUPS = [{"gid": 1, "sid": 5, "group_order": 0, "group_name": "Group", "language": "en"}]


def a_txt(*rows: Mapping[str, str], encoding: str = "utf-8-sig") -> bytes:
    """A tab-separated structure; each row is given by the names of its columns."""
    heads = [
        "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language",
        "validation", "mandatory", "other", "default", "same_default", "hidden", "suffix",
    ]  # fmt: skip
    lines = ["\t".join(heads)]
    lines += ["\t".join(row.get(head, "") for head in heads) for row in rows]
    return ("\n".join(lines) + "\n").encode(encoding)


def a_definition(*elements: object, **root: object) -> bytes:
    """A SurveyJS definition with one page of these elements."""
    page = {"name": "page1", "title": "Page", "elements": list(elements)}
    return json.dumps({"title": "Survey", "pages": [page]} | root, ensure_ascii=False).encode()


def draft(questionnaire: Questionnaire) -> Data:
    return foreign_bank.document(questionnaire)


def questions(made: Data) -> dict[str, Data]:
    """Every question of a draft by its key."""
    pages = [made["profile"], *(d for s in made["sections"] for d in s["domains"])]
    return {each["key"]: each for page in pages for each in page["questions"]}


def codes(losses: Sequence[Loss]) -> list[str]:
    """The codes of losses, but for that of the defaults, which every draft has."""
    return [loss.code for loss in losses if loss.code != "loss-defaults"]


def lost(questionnaire: Questionnaire) -> list[str]:
    """What was lost, up to the draft."""
    draft(questionnaire)
    return codes(questionnaire.losses.all())


def faults(made: Data) -> set[str]:
    return {problem.code for problem in document.problems(made)}
