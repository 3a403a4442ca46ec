"""The questions as a workbook that is filled in away from the site; packs_read.py takes it back.

A row is found again by what stands in its hidden columns and a column by what stands in the
hidden first row, so that a workbook may be sorted about by the programs it goes through. Options
have their keys on a hidden sheet beside the labels that are chosen from.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from survey.core import blanks
from survey.core.answers import PlainAnswer, typed_of
from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Benchmark,
    Domain,
    Kind,
    Number,
    Profile,
    Question,
)
from survey.core.blanks import GRADE, NOTE, REASON, STATE, Blank, Fill, Options
from survey.core.condition_words import applies, may_stay_open
from survey.core.earned import is_scored
from survey.core.figures import amount
from survey.core.text import Languages, Locale, Text
from survey.exchange import xlsx
from survey.exchange.xlsx import Cell, Look, Sheet

FORMAT = 1
"""Raised when a workbook of before could not be read any more."""

HEAD = "head"
"""The part of the row that asks a question whose blanks stand in the rows below."""

ABOUT, LISTS = "_qizhen", "_lists"
MARK = "qizhen:"
_HIDDEN = ("key", "part", "list", "revision", "fingerprint")
_SHOWN = ("code", "question", "help", "where", "unit", "answer", STATE, REASON, GRADE, NOTE)
_COLUMNS = (*_HIDDEN, *_SHOWN)
_WIDTHS = (14, 12, 6, 8, 18, 8, 46, 44, 34, 14, 38, 12, 24, 18, 30)
LONGEST_LABEL = 240
_LONGEST_TITLE = 31
_EXACT = 15
"""Signs of a number that a spreadsheet keeps; a longer one is written as text."""

DIGITS = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,9})?")

_TITLES: Mapping[str, Text] = {
    "code": Text(zh="编号", en="Code"),
    "question": Text(zh="题目", en="Question"),
    "help": Text(zh="说明", en="Help"),
    "where": Text(zh="到哪里找", en="Where to find it"),
    "unit": Text(zh="单位", en="Unit"),
    "answer": Text(zh="答案", en="Answer"),
    STATE: Text(zh="暂不清楚或不适用", en="Don’t know, not applicable"),
    REASON: Text(zh="不适用的理由", en="Why not applicable"),
    GRADE: Text(zh="证据类型", en="Kind of evidence"),
    NOTE: Text(zh="证据名称", en="Name of the evidence"),
}
_NOTES = Text(zh="填写说明", en="Notes")
_EXAMPLE = Text(zh="例：", en="Example: ")
_DRAFT = Text(
    zh="网站上存的内容还不能采用，已原样列在红色的格子里，请改正。",
    en="The answer on the site cannot be used yet. It is shown in the red cells as it was typed; "
    "please correct it.",
)
_TICK = Text(zh="有的选“是”，其余留空。", en="Choose yes for each that applies; leave the rest.")
_PICK = xlsx.Advice(
    "企诊 Qizhen", "请从列表中选择一项，或清空这一格。 Choose from the list, or clear the cell."
)
_HOW = (
    Text(
        zh="只填黄色的格子，其他格子已锁定。能选的请从下拉列表里选。",
        en="Fill in the yellow cells only; the others are locked. Choose from the lists where "
        "there are any.",
    ),
    Text(
        zh="拿不准的，在“暂不清楚或不适用”一列选“暂不清楚”；与本企业无关的选“不适用于本企业”，"
        "并写明理由。",
        en="If you do not know yet, choose “Don’t know yet” in the column for it. If a question "
        "does not concern the firm, choose “Does not apply to us”, and say why.",
    ),
    Text(
        zh="数字只填数值，单位见“单位”一列。公式不会被计算，只取文件里已有的结果。",
        en="Enter figures without their unit, which is shown beside them. Formulas are not "
        "calculated; only results saved in the file are read.",
    ),
    Text(
        zh="填好后存为.xlsx格式，在网站的“填报准备”页面上传。保存之前会先列出全部改动。",
        en="Save the file as .xlsx and upload it on the site’s preparation page. All changes are "
        "listed before any of them is saved.",
    ),
    Text(
        zh="没有改动的格子不会改变网站上的答案。导出时就空着的格子，留空不会清除任何答案。",
        en="Cells that were not changed change nothing. A cell that was empty from the start "
        "clears nothing.",
    ),
    Text(
        zh="请不要删除或合并行、列和工作表；列宽和行高可以调整。",
        en="Please do not delete or merge rows, columns or sheets. Widths and heights may be "
        "changed.",
    ),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a workbook was made for. Without an assessment and a firm it was fetched before."""

    bank_key: str
    bank_version: int
    bank_digest: str
    edition: str
    assessment_id: int | None = None
    firm_id: int | None = None


def workbook(
    bank: Bank,
    stamp: Stamp,
    languages: Languages,
    *,
    plain: Mapping[str, PlainAnswer],
    revisions: Mapping[str, int],
    page_key: str | None,
    day: date,
) -> bytes:
    """The workbook, of one page or of all. The bank is the edition that is asked."""
    locales = languages.locales
    lists = _Lists(locales)
    pages = [(key, page) for key, page in _pages(bank) if page_key in (None, key)]
    titles = _sheet_titles(pages, locales[0])
    asked = [
        _question_sheet(bank, titles[key], page, locales, lists, plain, revisions)
        for key, page in pages
    ]
    sheets = [
        _notes(bank, stamp, locales, [(titles[key], page.title) for key, page in pages]),
        *asked,
        lists.sheet(),
        _about(stamp, titles),
    ]
    properties = xlsx.Properties(
        creator=_joined(Text(zh="企诊", en="Qizhen"), locales, " "),
        title=_joined(bank.title, locales, " "),
        identifier=stamp.bank_digest,
        language=locales[0].html_lang,
        day=day,
    )
    return xlsx.written(sheets, properties, advice=_PICK)


def _pages(bank: Bank) -> Iterator[tuple[str, Any]]:
    yield PROFILE, bank.profile
    for section in bank.sections:
        yield section.key, section
    if bank.outcomes is not None:
        yield OUTCOMES, bank.outcomes


def _sheet_titles(pages: Sequence[tuple[str, Any]], locale: Locale) -> dict[str, str]:
    """The name of each page's sheet: short, without signs that names must not have, once each."""
    titles: dict[str, str] = {}
    for key, page in pages:
        name = page.title if isinstance(page, Profile) else page.short
        code = "" if isinstance(page, Profile) else f"{page.code} "
        title = re.sub(r"[\[\]:*?/\\']", " ", f"{code}{name.in_(locale)}")[:_LONGEST_TITLE].strip()
        while title in titles.values():
            title = f"{title[: _LONGEST_TITLE - 2]} 2"
        titles[key] = title
    return titles


class _Lists:
    """The lists that cells are chosen from, each once: a label and its key in two columns."""

    def __init__(self, locales: Sequence[Locale]) -> None:
        self._locales = locales
        self._lists: dict[Options, tuple[int, list[str]]] = {}

    def reference(self, options: Options) -> str:
        number, labels = self._number(options)
        column = xlsx.letter(2 * number - 1)
        return f"'{LISTS}'!${column}$2:${column}${len(labels) + 1}"

    def number(self, options: Options) -> int:
        return self._number(options)[0]

    def label(self, options: Options, key: str) -> str:
        """The label of an option; what is none, in a draft, as it is."""
        labels = self._number(options)[1]
        known = (name for name, _ in options)
        return dict(zip(known, labels, strict=True)).get(key, key)

    def _number(self, options: Options) -> tuple[int, list[str]]:
        if options not in self._lists:
            labels = [_joined(text, self._locales, " / ")[:LONGEST_LABEL] for _, text in options]
            if len(set(labels)) < len(labels):
                labels = [f"{at}. {label}" for at, label in enumerate(labels, start=1)]
            self._lists[options] = (len(self._lists) + 1, labels)
        return self._lists[options]

    def sheet(self) -> Sheet:
        known = list(self._lists.items())
        longest = max((len(options) for options, _ in known), default=0)
        rows: list[list[Cell]] = [
            [Cell(value) for _, (number, _) in known for value in (str(number), "key")]
        ]
        for at in range(longest):
            row = []
            for options, (_, labels) in known:
                there = at < len(options)
                row += [
                    Cell(labels[at] if there else None),
                    Cell(options[at][0] if there else None),
                ]
            rows.append(row)
        return Sheet(LISTS, [30] * (2 * len(known)), rows, hidden=True, is_protected=True)


def _about(stamp: Stamp, titles: Mapping[str, str]) -> Sheet:
    facts = {
        "format": str(FORMAT),
        "bank": stamp.bank_key,
        "version": str(stamp.bank_version),
        "digest": stamp.bank_digest,
        "edition": stamp.edition,
        "assessment": "" if stamp.assessment_id is None else str(stamp.assessment_id),
        "firm": "" if stamp.firm_id is None else str(stamp.firm_id),
    }
    rows = [[Cell(name), Cell(value)] for name, value in facts.items()]
    rows += [[Cell("sheet"), Cell(title), Cell(key)] for key, title in titles.items()]
    return Sheet(ABOUT, (14, 70, 30), rows, frozen="A1", hidden=True, is_protected=True)


def _notes(
    bank: Bank, stamp: Stamp, locales: Sequence[Locale], pages: Sequence[tuple[str, Text]]
) -> Sheet:
    version = Text(
        zh=f"问卷{stamp.bank_key}，版本{stamp.bank_version}",
        en=f"Questionnaire {stamp.bank_key}, version {stamp.bank_version}",
    )
    rows = [[Cell(_joined(bank.title, locales, "\n"), Look.HEAD), Cell("", Look.HEAD)]]
    rows.append([Cell(_joined(version, locales, "\n"), Look.QUIET)])
    rows.append([Cell(_joined(_NOTES, locales, " "), Look.BAND), Cell("", Look.BAND)])
    rows += [
        [Cell(f"{at}. {_joined(text, locales, chr(10))}")] for at, text in enumerate(_HOW, start=1)
    ]
    head = Text(zh="工作表", en="Sheets")
    rows.append([Cell(_joined(head, locales, " "), Look.BAND), Cell("", Look.BAND)])
    rows += [[Cell(_joined(title, locales, " ")), Cell(sheet)] for sheet, title in pages]
    title = _joined(_NOTES, locales, " ")
    return Sheet(title, (96, 30), rows, frozen="A2", is_protected=True, is_tall=True)


def _question_sheet(
    bank: Bank,
    title: str,
    page: Any,
    locales: Sequence[Locale],
    lists: _Lists,
    plain: Mapping[str, PlainAnswer],
    revisions: Mapping[str, int],
) -> Sheet:
    rows = [
        [Cell(f"{MARK}{name}", Look.QUIET) for name in _COLUMNS],
        [
            Cell(_joined(_TITLES[n], locales, "\n") if n in _TITLES else n, Look.HEAD)
            for n in _COLUMNS
        ],
    ]
    for domain, questions in _groups(page):
        if domain is not None:
            rows.append(_band(_joined(domain.title, locales, " ")))
        for question in questions:
            given = plain.get(question.key)
            revision = revisions.get(question.key, 0)
            rows += _rows(bank, question, locales, lists, given, revision)
    return Sheet(
        title,
        _WIDTHS,
        rows,
        frozen=f"{xlsx.letter(_COLUMNS.index('question') + 1)}3",
        heads=2,
        hidden_columns=len(_HIDDEN),
        hidden_rows=1,
        is_protected=True,
        is_tall=True,
    )


def _groups(page: Any) -> Iterator[tuple[Domain | None, Sequence[Question]]]:
    if isinstance(page, Profile):
        yield None, page.questions
        return
    for domain in page.domains:
        yield domain, domain.questions


def _band(title: str) -> list[Cell]:
    return [Cell(title if name == "question" else "", Look.BAND) for name in _COLUMNS]


def _rows(
    bank: Bank,
    question: Question,
    locales: Sequence[Locale],
    lists: _Lists,
    given: PlainAnswer | None,
    revision: int,
) -> Iterator[list[Cell]]:
    """A row that asks, with what the question itself asks for, and one for each other blank."""
    asked = blanks.blanks(question)
    parts = blanks.filled(question, given) if given is not None else {}
    is_draft = typed_of(given) is not None
    cells: dict[str, Cell] = {
        "key": Cell(question.key),
        "revision": Cell(str(revision)),
        "fingerprint": Cell(blanks.fingerprint(parts)),
        "code": Cell(question.code or "", Look.STRONG),
        "question": Cell(_asked(bank, question, locales, is_draft=is_draft), Look.STRONG),
        "help": Cell(_help(question, locales), Look.QUIET),
        "where": Cell(_spoken(question.evidence, locales), Look.QUIET),
    } | _beside(question, lists, parts)
    own, others = (asked[:1], asked[1:]) if len(asked) == 1 or not asked[0].label else ((), asked)
    for blank in own:
        cells |= _blank(blank, locales, lists, parts)
        cells["unit"] = Cell(_unit(question, locales), Look.QUIET)
    marked = _marked if is_draft else dict
    yield _row(marked({"part": Cell(HEAD)} | cells))
    for blank in others:
        label = {"question": Cell(_spoken(blank.label, locales))}
        row = {"key": Cell(question.key)} | label | _blank(blank, locales, lists, parts)
        yield _row(marked(row))


def _row(cells: Mapping[str, Cell]) -> list[Cell]:
    return [cells.get(name, Cell()) for name in _COLUMNS]


def _marked(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The filled cells of a draft, to be mended."""
    return {
        name: replace(cell, look=Look.TO_MEND)
        if cell.look is Look.TO_FILL_IN and cell.value is not None
        else cell
        for name, cell in cells.items()
    }


def _asked(bank: Bank, question: Question, locales: Sequence[Locale], *, is_draft: bool) -> str:
    said = [_joined(question.prompt, locales, "\n")]
    if question.when is not None:
        said.append(f"（{_joined(applies(bank, question.when), locales, ' ')}）")
    if question.optional_when is not None:
        said.append(f"（{_joined(may_stay_open(bank, question.optional_when), locales, ' ')}）")
    if question.kind is Kind.MULTIPLE:
        said.append(_joined(_TICK, locales, "\n"))
    if is_draft:
        said.append(_joined(_DRAFT, locales, "\n"))
    return "\n".join(said)


def _help(question: Question, locales: Sequence[Locale]) -> str:
    said = []
    for locale in locales:
        if question.help is not None:
            said.append(question.help.in_(locale))
        if question.example is not None:
            said.append(f"{_EXAMPLE.in_(locale)}{question.example.in_(locale)}")
    return "\n".join(said)


def _blank(
    blank: Blank, locales: Sequence[Locale], lists: _Lists, parts: Mapping[str, str]
) -> dict[str, Cell]:
    value = parts.get(blank.part)
    cells = {"part": Cell(blank.part or "answer")}
    if blank.unit is not None:
        cells["unit"] = Cell(_joined(blank.unit, locales, "\n"), Look.QUIET)
    if not blank.options:
        is_number = blank.fill is Fill.NUMBER and value is not None and _is_exact(value)
        number = Decimal(value or 0) if is_number else value
        return cells | {"answer": Cell(number, Look.TO_FILL_IN)}
    label = None if value is None else lists.label(blank.options, value)
    return cells | {
        "list": Cell(str(lists.number(blank.options))),
        "answer": Cell(label, Look.TO_FILL_IN, lists.reference(blank.options)),
    }


def _beside(question: Question, lists: _Lists, parts: Mapping[str, str]) -> dict[str, Cell]:
    """The cells for don't know, not applicable and evidence, as far as the question has them."""
    cells: dict[str, Cell] = {}
    states = blanks.states(question)
    if states or STATE in parts:
        value = lists.label(states, parts[STATE]) if STATE in parts else None
        choices = lists.reference(states) if states else ""
        cells[STATE] = Cell(value, Look.TO_FILL_IN, choices)
    if REASON in parts or any(key == blanks.NOT_APPLICABLE for key, _ in states):
        cells[REASON] = Cell(parts.get(REASON), Look.TO_FILL_IN)
    if is_scored(question) or GRADE in parts or NOTE in parts:
        grade = lists.label(blanks.GRADES, parts[GRADE]) if GRADE in parts else None
        cells[GRADE] = Cell(grade, Look.TO_FILL_IN, lists.reference(blanks.GRADES))
        cells[NOTE] = Cell(parts.get(NOTE), Look.TO_FILL_IN)
    return cells


def _is_exact(value: str) -> bool:
    """Whether a spreadsheet keeps this number as it is; a draft may hold anything else."""
    return len(value) <= _EXACT and DIGITS.fullmatch(value) is not None


def _joined(text: Text, locales: Sequence[Locale], between: str) -> str:
    """Both languages, or once what reads alike in both."""
    return between.join(dict.fromkeys(text.in_(locale) for locale in locales))


def _spoken(text: Text | None, locales: Sequence[Locale]) -> str:
    return "" if text is None else _joined(text, locales, "\n")


def _unit(question: Question, locales: Sequence[Locale]) -> str:
    """The unit of a single figure, and the numbers that are taken."""
    match question:
        case Number():
            taken = f"{amount(question.minimum)}–{amount(question.maximum)}"
            return f"{_spoken(question.unit, locales)}\n{taken}"
        case Benchmark():
            return _spoken(question.unit, locales)
        case _:
            return ""
