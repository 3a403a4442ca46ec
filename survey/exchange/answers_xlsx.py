"""The answers, scores and steps of a report as a workbook. The only importer of openpyxl.

The same report gives the same bytes. What people typed is text, never a formula.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain
from typing import cast

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from survey.core.answers import UNPRINTABLE
from survey.core.figures import whole_day
from survey.core.packed import repacked
from survey.core.parts import Report, Said, Step, Typed
from survey.core.text import Languages, Locale, Text, same

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would work out what begins with one of these."""

Value = Text | Said | Typed | Decimal | int | str | None

_HEAD = Font(name="Microsoft YaHei", size=10, bold=True, color="FFFFFF")
_BODY = Font(name="Microsoft YaHei", size=10)
_STRONG = Font(name="Microsoft YaHei", size=10, bold=True)
_DARK = PatternFill("solid", fgColor="0E4A57")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_LINE = Border(bottom=Side("thin", color="C9D3D6"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; with `spoken` there is one for each language."""

    title: Text
    width: int
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; rows whose first value is `strong` are set in bold."""

    title: Text
    columns: Sequence[Column]
    rows: Sequence[tuple[Value, ...]]
    strong: frozenset[int] = frozenset()


_CODE = Column(Text(zh="编号", en="Code"), 8)
_SECTION = Text(zh="板块", en="Section")
_TOTAL = Text(zh="总分", en="Total")
_LATER = Text(zh="以后再做", en="Later")
_ANSWER_COLUMNS = (
    _CODE,
    Column(_SECTION, 20, spoken=True),
    Column(Text(zh="题目", en="Question"), 48, spoken=True),
    Column(Text(zh="答案", en="Answer"), 48, spoken=True),
    Column(Text(zh="得分", en="Points"), 9),
    Column(Text(zh="证据", en="Evidence"), 32, spoken=True),
)
_SCORE_COLUMNS = (
    _CODE,
    Column(_SECTION, 20, spoken=True),
    Column(Text(zh="领域", en="Domain"), 26, spoken=True),
    Column(Text(zh="得分", en="Score"), 9),
    Column(Text(zh="等级", en="Level"), 22, spoken=True),
    Column(Text(zh="权重", en="Weight"), 9),
    Column(Text(zh="完整度（%）", en="Completeness (%)"), 14),
    Column(Text(zh="证据", en="Evidence"), 18, spoken=True),
)
_PLAN_COLUMNS = (
    Column(Text(zh="阶段", en="Phase"), 20, spoken=True),
    _CODE,
    Column(Text(zh="领域", en="Domain"), 22, spoken=True),
    Column(Text(zh="做什么", en="What"), 44, spoken=True),
    Column(Text(zh="为什么", en="Why"), 36, spoken=True),
    Column(Text(zh="责任岗位", en="Owner"), 18, spoken=True),
    Column(Text(zh="工作量", en="Effort"), 12, spoken=True),
    Column(Text(zh="期限", en="When"), 12, spoken=True),
    Column(Text(zh="完成标志", en="Proof of completion"), 36, spoken=True),
)
_ABOUT_COLUMNS = (
    Column(Text(zh="项目", en="Item"), 26, spoken=True),
    Column(Text(zh="内容", en="Content"), 60, spoken=True),
)


def workbook(report: Report, languages: Languages) -> bytes:
    """Write the workbook, with a column for each language where there are words."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    for sheet in (_answers(report), _scores(report), _plan(report), _about(report)):
        _write(book, sheet, languages.locales)
    made = BytesIO()
    book.save(made)
    properties = cast(bytes, tostring(_properties(report, languages).to_tree()))
    return repacked(made.getvalue(), report.issued_on, {"docProps/core.xml": properties})


# ---------------------------------------------------------------------- tables


def _answers(report: Report) -> Sheet:
    rows = [
        (entry.code, group.title, entry.prompt, entry.said, entry.score, entry.evidence)
        for group in report.answers
        for entry in group.entries
    ]
    return Sheet(Text(zh="答案", en="Answers"), _ANSWER_COLUMNS, rows)


def _scores(report: Report) -> Sheet:
    verdict = report.verdict
    rows: list[tuple[Value, ...]] = [
        ("", _TOTAL, None, verdict.total, verdict.level, None, verdict.completeness, None)
    ]
    strong = {0}
    for part in report.sections:
        strong.add(len(rows))
        level, evidence = part.level, part.evidence
        rows.append(
            (part.code, part.title, None, part.score, level, part.weight, part.completeness,
             evidence)
        )  # fmt: skip
        rows += [
            (part.code, part.title, domain.title, domain.score,
             None if domain.level is None else same(str(domain.level)), None, None,
             domain.evidence)
            for domain in part.domains
        ]  # fmt: skip
    return Sheet(Text(zh="得分", en="Scores"), _SCORE_COLUMNS, rows, frozenset(strong))


def _plan(report: Report) -> Sheet:
    roadmap = report.roadmap
    planned = ((phase.title, step) for phase in roadmap.phases for step in phase.steps)
    later = ((_LATER, step) for step in roadmap.later)
    rows = [_step(title, step) for title, step in chain(planned, later)]
    return Sheet(Text(zh="改进计划", en="Plan"), _PLAN_COLUMNS, rows)


def _step(phase: Text, step: Step) -> tuple[Value, ...]:
    return (
        phase, step.code, step.title, step.what, step.because, step.owner, step.effort,
        step.horizon, step.proof,
    )  # fmt: skip


def _about(report: Report) -> Sheet:
    rows: list[tuple[Value, ...]] = [
        (Text(zh="企业", en="Firm"), report.firm),
        (Text(zh="日期", en="Date"), whole_day(report.issued_on)),
        (Text(zh="报告编号", en="Report number"), report.report_id),
        (Text(zh="问卷", en="Questionnaire"), report.bank_title),
        (Text(zh="问卷版本", en="Version"), f"{report.bank_key}/{report.bank_version}"),
        (Text(zh="问卷指纹（SHA-256）", en="Questionnaire digest (SHA-256)"), report.bank_digest),
        (Text(zh="计分规则版本", en="Scoring rules, version"), report.engine),
        (Text(zh="声明", en="Notice"), report.notice),
    ]
    return Sheet(Text(zh="关于本文件", en="About"), _ABOUT_COLUMNS, rows)


# --------------------------------------------------------------------- writing


def _write(book: Workbook, sheet: Sheet, locales: Sequence[Locale]) -> None:
    page = book.create_sheet(_joined(sheet.title, locales))
    columns = [(c, locale) for c in sheet.columns for locale in (locales if c.spoken else [None])]
    for at, (column, locale) in enumerate(columns, start=1):
        _head(page, at, _joined(column.title, locales if locale is None else [locale]))
        page.column_dimensions[page.cell(1, at).column_letter].width = column.width
    for number, values in enumerate(sheet.rows, start=2):
        pairs = zip(sheet.columns, values, strict=True)
        font = _STRONG if number - 2 in sheet.strong else _BODY
        for at, value in enumerate(_across(pairs, locales), start=1):
            _fill(page, number, at, value, font)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _across(
    pairs: Iterator[tuple[Column, Value]], locales: Sequence[Locale]
) -> Iterator[str | Decimal | int | None]:
    for column, value in pairs:
        for locale in locales if column.spoken else locales[:1]:
            yield _cell(value, locale)


def _cell(value: Value, locale: Locale) -> str | Decimal | int | None:
    match value:
        case Text():
            return value.in_(locale)
        case Said():
            return _words(value, locale)
        case Typed():
            return str(value)
        case _:
            return value


def _words(said: Said, locale: Locale) -> str:
    """An answer in one language, with what was typed as it is, a line for each row of a table."""
    colon = "：" if locale is Locale.ZH else ": "
    rows = [f"{row.label.in_(locale)}{colon}{row.state.in_(locale)}" for row in said.rows]
    text = [] if said.text is None else [said.text.in_(locale)]
    typed = [] if said.typed is None else [str(said.typed)]
    return "\n".join(rows) if rows else " ".join(text + typed)


def _head(page: Worksheet, at: int, title: str) -> None:
    cell = page.cell(1, at, title)
    cell.font, cell.fill, cell.alignment = _HEAD, _DARK, _WRAPPED


def _fill(
    page: Worksheet, row: int, at: int, value: str | Decimal | int | None, font: Font
) -> None:
    cell = page.cell(row, at)
    cell.font, cell.alignment, cell.border = font, _WRAPPED, _LINE
    if isinstance(value, str):
        cell.value = UNPRINTABLE.sub("", value)
        cell.data_type = "s"
        if value.startswith(RUNS):
            cell.quotePrefix = True
    elif value is not None:
        cell.value = value
        cell.number_format = "0.0#"


def _joined(text: Text, locales: Sequence[Locale]) -> str:
    return " ".join(text.in_(locale) for locale in locales)


def _properties(report: Report, languages: Languages) -> DocumentProperties:
    day = _midnight(report.issued_on)
    locales = languages.locales
    return DocumentProperties(
        creator=_joined(Text(zh="企诊", en="Qizhen"), locales),
        title=UNPRINTABLE.sub("", report.firm),
        identifier=report.report_id,
        language=locales[0].html_lang,
        created=day,
        modified=day,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # openpyxl writes it as UTC
