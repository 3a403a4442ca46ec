"""The appendices of the Word document: answers, trace, method, glossary, sources."""

from collections.abc import Iterable

from survey.core.figures import digits, one_decimal
from survey.core.parts import (
    Report,
    TraceSection,
)
from survey.core.text import Text
from survey.pdf import labels, page
from survey.pdf import word_cells as cells
from survey.pdf.word_paper import (
    CODE,
    SECOND,
    STRONG,
    Cell,
    Column,
    Line,
    Paper,
    Row,
    run,
)


def answers(paper: Paper, report: Report) -> None:
    columns = [Column(labels.ANSWER, 88), Column(labels.SCORE, 12, right=True)]
    for group in report.answers:
        paper.heading(2, group.title, group.code)
        rows = []
        for entry in group.entries:
            lines = [*_prompt(paper, entry.code, entry.prompt), *cells.said(paper, entry.said)]
            if entry.evidence is not None:
                proof = cells.said(paper, entry.evidence)
                lines.append([*paper.words(labels.EVIDENCE, STRONG), *paper.plain(" "), *proof[0]])
                lines += proof[1:]
            score = [] if entry.score is None else paper.plain(one_decimal(entry.score), STRONG)
            rows.append(Row([Cell(lines), Cell([score])]))
        paper.table(columns, rows)


def _prompt(paper: Paper, code: str, prompt: Text) -> list[Line]:
    first, *others = [
        [run(prompt.in_(locale), locale, SECOND if at else STRONG)]
        for at, locale in enumerate(paper.locales)
    ]
    return [[*paper.plain(f"{code} ", CODE), *first], *others]


def trace(paper: Paper, report: Report) -> None:
    trace = report.trace
    paper.say(trace.summary, "Lead")
    paper.say(trace.rule)
    rows = [row for section in trace.sections for row in _trace_rows(paper, section)]
    for extra in trace.extras:
        name = [*paper.words(extra.label), *paper.plain(" · "), *paper.words(extra.because)]
        rows.append(Row([Cell([name]), *cells.empty(3), cells.two(paper, extra.contribution)]))
    if trace.total is not None:
        total = [cells.spoken(paper, labels.TOTAL), *cells.empty(2)]
        rows.append(
            Row([*total, cells.two(paper, trace.share), cells.two(paper, trace.total)], strong=True)
        )
    columns = [
        Column(labels.QUESTION, 46), Column(labels.WEIGHT, 12, right=True),
        Column(labels.SCORE, 14, right=True), Column(labels.SHARE, 12, right=True),
        Column(labels.CONTRIBUTION, 16, right=True),
    ]  # fmt: skip
    paper.table(columns, rows)


def _trace_rows(paper: Paper, section: TraceSection) -> Iterable[Row]:
    yield Row(
        [
            cells.named(paper, section.code, section.title),
            Cell([paper.plain(digits(section.weight))]),
            cells.score(paper, section.score),
            cells.two(paper, section.share),
            cells.two(paper, section.contribution),
        ],
        strong=True,
    )
    for row in section.rows:
        score = Cell(paper.lines(row.state)) if row.score is None else cells.score(paper, row.score)
        yield Row(
            [
                cells.named(paper, row.code, row.label),
                Cell([paper.plain(row.weights.zh)]),
                score,
                cells.two(paper, row.share),
                cells.two(paper, row.contribution),
            ]
        )


def method(paper: Paper, report: Report) -> None:
    for text in report.method:
        paper.say(text)
    paper.heading(2, report.levels_title)
    rows = [
        Row(
            [
                Cell([[*paper.plain(f"{step.number} ", CODE), *paper.words(step.title)]]),
                Cell([paper.plain(digits(step.threshold))]),
                cells.spoken(paper, step.meaning),
            ]
        )
        for step in report.levels
    ]
    columns = [
        Column(labels.LEVEL, 26), Column(labels.THRESHOLD, 14, right=True),
        Column(labels.MEANING, 60),
    ]  # fmt: skip
    paper.table(columns, rows)


def glossary(paper: Paper, report: Report) -> None:
    paper.say(labels.USED_TERMS, "Hint")
    for it in page.terms(report):
        paper.labelled(it.term, it.meaning)


def sources(paper: Paper, report: Report) -> None:
    for it in report.sources:
        edition = paper.plain(f" {it.edition}", STRONG)
        paper.paragraph("BodyText", [*paper.words(it.title), *edition])
        if it.note is not None:
            paper.say(it.note, "Hint")
