"""What stands in the cells of the Word document: names, figures, answers."""

from decimal import Decimal

from survey.core.figures import one_decimal
from survey.core.parts import (
    Report,
    Said,
    Step,
)
from survey.core.text import Text
from survey.pdf import labels
from survey.pdf.word_paper import (
    CODE,
    SECOND,
    STRONG,
    Cell,
    Line,
    Paper,
    colon,
    run,
)

NOTHING = "–"


def name(paper: Paper, code: str, title: Text) -> Line:
    return [*paper.plain(f"{code} " if code else "", CODE), *paper.words(title)]


def named(paper: Paper, code: str, title: Text) -> Cell:
    return Cell([name(paper, code, title)])


def spoken(paper: Paper, text: Text | None) -> Cell:
    return Cell([paper.plain(NOTHING)] if text is None else paper.lines(text))


def score(paper: Paper, value: Decimal | None) -> Cell:
    return Cell([paper.plain(NOTHING if value is None else one_decimal(value))])


def two(paper: Paper, value: Decimal | None) -> Cell:
    return Cell([paper.plain(NOTHING if value is None else f"{value:.2f}")])


def percent(paper: Paper, value: Decimal) -> Cell:
    return Cell([paper.plain(f"{one_decimal(value)}%")])


def empty(count: int) -> list[Cell]:
    return [Cell([]) for _ in range(count)]


def said(paper: Paper, said: Said) -> list[Line]:
    """An answer: what was typed as it is, a line for each row of a table."""
    if said.rows:
        return [
            [
                run(f"{row.label.in_(locale)}{colon(locale)}", locale, SECOND if at else ""),
                run(row.state.in_(locale), locale, STRONG),
            ]
            for row in said.rows
            for at, locale in enumerate(paper.locales)
        ]
    if said.typed is not None:
        before = [] if said.text is None else [*paper.words(said.text), *paper.plain(" ")]
        return [[*before, *paper.typed(said.typed)]]
    return [] if said.text is None else paper.lines(said.text)


def pair(paper: Paper, label: Text, words: str) -> Line:
    return [*paper.words(label, STRONG), *paper.plain(f" {words}")]


def beside(one: Text, other: Text) -> Text:
    return Text(zh=f"{one.zh} {other.zh}", en=f"{one.en} {other.en}")


def joined(paper: Paper, text: Text) -> str:
    return " ".join(text.in_(locale) for locale in paper.locales)


def step_name(paper: Paper, step: Step) -> list[Line]:
    return [name(paper, step.code, step.title), paper.words(step.climbs)]


def total(paper: Paper, report: Report) -> Line:
    verdict = report.verdict
    if verdict.total is None:
        return paper.words(labels.NO_TOTAL)
    figure = paper.plain(one_decimal(verdict.total))
    if verdict.provisional:
        figure += [*paper.plain(" "), *paper.words(labels.PROVISIONAL)]
    return figure
