"""The answers, scores and steps of a report as a workbook.

The same report gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from survey.core.figures import whole_day
from survey.core.parts import Report, Said, Step, Typed
from survey.core.text import Languages, Locale, Text, same
from survey.exchange import xlsx
from survey.exchange.xlsx import Cell, Look, Properties

Value = Text | Said | Typed | Decimal | int | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; with `spoken` there is one for each language."""

    title: Text
    width: int
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Table:
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
    tables = (_answers(report), _scores(report), _plan(report), _about(report))
    sheets = [_sheet(table, languages.locales) for table in tables]
    return xlsx.written(sheets, _properties(report, languages))


# ---------------------------------------------------------------------- tables


def _answers(report: Report) -> Table:
    rows = [
        (entry.code, group.title, entry.prompt, entry.said, entry.score, entry.evidence)
        for group in report.answers
        for entry in group.entries
    ]
    return Table(Text(zh="答案", en="Answers"), _ANSWER_COLUMNS, rows)


def _scores(report: Report) -> Table:
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
    return Table(Text(zh="得分", en="Scores"), _SCORE_COLUMNS, rows, frozenset(strong))


def _plan(report: Report) -> Table:
    roadmap = report.roadmap
    planned = ((phase.title, step) for phase in roadmap.phases for step in phase.steps)
    later = ((_LATER, step) for step in roadmap.later)
    rows = [_step(title, step) for title, step in chain(planned, later)]
    return Table(Text(zh="改进计划", en="Plan"), _PLAN_COLUMNS, rows)


def _step(phase: Text, step: Step) -> tuple[Value, ...]:
    return (
        phase, step.code, step.title, step.what, step.because, step.owner, step.effort,
        step.horizon, step.proof,
    )  # fmt: skip


def _about(report: Report) -> Table:
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
    return Table(Text(zh="关于本文件", en="About"), _ABOUT_COLUMNS, rows)


# --------------------------------------------------------------------- writing


def _sheet(table: Table, locales: Sequence[Locale]) -> xlsx.Sheet:
    columns = [(c, locale) for c in table.columns for locale in (locales if c.spoken else [None])]
    heads = [
        Cell(_joined(column.title, locales if locale is None else [locale]), Look.HEAD)
        for column, locale in columns
    ]
    rows = [heads]
    for number, values in enumerate(table.rows):
        pairs = zip(table.columns, values, strict=True)
        look = Look.STRONG if number in table.strong else Look.BODY
        rows.append([Cell(value, look) for value in _across(pairs, locales)])
    return xlsx.Sheet(_joined(table.title, locales), [c.width for c, _ in columns], rows)


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


def _joined(text: Text, locales: Sequence[Locale]) -> str:
    return " ".join(text.in_(locale) for locale in locales)


def _properties(report: Report, languages: Languages) -> Properties:
    locales = languages.locales
    return Properties(
        creator=_joined(Text(zh="企诊", en="Qizhen"), locales),
        title=report.firm,
        identifier=report.report_id,
        language=locales[0].html_lang,
        day=report.issued_on,
    )
