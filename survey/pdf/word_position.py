"""Where the firm stands, for the Word document: summary, position, section by section."""

from collections.abc import Sequence

from survey.core.figures import digits, one_decimal
from survey.core.parts import (
    Finding,
    Report,
    SectionPart,
)
from survey.core.text import Text
from survey.pdf import labels, page
from survey.pdf import word_cells as cells
from survey.pdf.word_paper import (
    CODE,
    STRONG,
    Cell,
    Column,
    Line,
    Paper,
    Row,
    Run,
    run,
)

FEWEST_AXES = 2
STEP_WIDTH = 4.6
STEPS = range(1, 6)


def summary(paper: Paper, report: Report) -> None:
    verdict = report.verdict
    for text in verdict.headline:
        paper.say(text, "Lead")
    paper.table(
        [
            Column(labels.TOTAL, 16),
            Column(labels.LEVEL, 32),
            Column(labels.COMPLETENESS, 18, right=True),
            Column(labels.NOT_APPLICABLE, 18, right=True),
            Column(labels.TO_COLLECT, 16, right=True),
        ],
        [
            Row(
                [
                    Cell([cells.total(paper, report)]),
                    Cell(paper.lines(verdict.level)),
                    cells.percent(paper, verdict.completeness),
                    cells.percent(paper, verdict.not_applicable),
                    Cell([paper.plain(str(len(report.unknowns.items)))]),
                ],
                strong=True,
            )
        ],
    )
    _scale(paper, report)
    paper.heading(2, labels.BLOCKING)
    paper.say(report.blocks.opening)
    for block in report.blocks.items[: page.MOST_BRIEF_BLOCKS]:
        paper.bullet(block.sentence)
    if len(report.blocks.items) > page.MOST_BRIEF_BLOCKS:
        paper.say(labels.MORE_BLOCKS, "Hint")
    _brief_findings(paper, labels.STRENGTHS, report.strengths.opening, report.strengths.items)
    _brief_findings(paper, labels.GAPS, report.gaps.opening, report.gaps.items)
    _first_acts(paper, report)


def _scale(paper: Paper, report: Report) -> None:
    """The levels in a row, filled up to the one reached."""
    reached = report.verdict.level_number
    shown = []
    for step in report.levels:
        there = reached is not None and step.number <= reached
        fill = paper.shades.light if there else ""
        fill = paper.shades.middle if step.number == reached else fill
        digit = paper.plain(str(step.number), STRONG)
        titles = [[run(step.title.in_(locale), locale)] for locale in paper.locales]
        shown.append(Cell([digit, *titles], fill))
    columns = [Column("", 100 / len(shown)) for _ in shown]
    paper.table(columns, [Row(shown)], headless=True)


def _brief_findings(paper: Paper, title: Text, opening: Text, items: Sequence[Finding]) -> None:
    paper.heading(2, title)
    if not items:
        paper.say(opening)
        return
    rows = [
        Row(
            [
                cells.named(paper, it.code, it.title),
                Cell([paper.plain(one_decimal(it.score), STRONG)]),
            ]
        )
        for it in items
    ]
    columns = [Column(labels.QUESTION, 86), Column(labels.SCORE, 14, right=True)]
    paper.table(columns, rows)


def _first_acts(paper: Paper, report: Report) -> None:
    """What to find out, to do and to keep first, as far as the summary says it."""
    steps = report.roadmap.first[: page.MOST_BRIEF]
    if page.find_out_first(report):
        paper.heading(2, labels.COLLECT_FIRST)
        for it in report.unknowns.first:
            paper.bullet(it.prompt, it.code)
            if it.where is not None:
                paper.labelled(labels.WHERE, it.where, "ListContinue")
    elif steps:
        proofs = page.with_proofs(report, paper.locales)
        paper.heading(2, labels.FIRST_STEPS)
        rows = [
            Row([Cell([*cells.step_name(paper, step),
                       *(paper.labelled_lines(labels.PROOF, step.proof) if proofs else [])]),
                 cells.spoken(paper, step.owner), cells.spoken(paper, step.horizon)])
            for step in steps
        ]  # fmt: skip
        columns = [
            Column(labels.STEP, 54), Column(labels.OWNER, 26), Column(labels.HORIZON, 20),
        ]  # fmt: skip
        paper.table(columns, rows)
    kept = report.roadmap.keep[: max(page.MOST_BRIEF - len(steps), 0)]
    if kept:
        paper.heading(2, labels.KEEP_FIRST)
        for item in kept:
            paper.bullet(item.title, item.code)


# -------------------------------------------------------------------- position


def position(paper: Paper, report: Report) -> None:
    for text in report.picture:
        paper.say(text, "Lead")
    if len(report.sections) > FEWEST_AXES:
        names = [section.short for section in report.sections]
        scores = [section.score for section in report.sections]
        paper.radar(names, scores, labels.RADAR)
        paper.say(labels.RADAR_HINT, "Hint")
    paper.table(
        [
            Column(labels.SECTION, 29),
            *_step_columns("20", "40", "60", "80", "100"),
            Column(labels.SCORE, 9, right=True),
            Column(labels.LEVEL, 13, right=True),
            Column(labels.WEIGHT, 10, right=True),
            Column(labels.COMPLETENESS, 16, right=True),
        ],
        [_section_row(paper, section) for section in report.sections],
    )


def _section_row(paper: Paper, section: SectionPart) -> Row:
    score = section.score
    filled = [score is not None and score >= 20 * step for step in STEPS]
    shades = [paper.shades.middle if full else "" for full in filled]
    said = paper.lines(labels.NOT_RATED) if score is None else [paper.plain(one_decimal(score))]
    return Row(
        [
            cells.named(paper, section.code, section.title),
            *(Cell([], shade) for shade in shades),
            Cell(said),
            cells.spoken(paper, section.level),
            Cell([paper.plain(digits(section.weight))]),
            cells.percent(paper, section.completeness),
        ]
    )


def _step_columns(*names: str) -> list[Column]:
    return [Column(name, STEP_WIDTH, right=True) for name in names]


def heat_map(paper: Paper, report: Report) -> None:
    paper.heading(2, labels.HEAT_MAP)
    paper.table(_heat_columns(grades=False), _heat_rows(paper, report, grades=False))
    paper.say(labels.HEAT_MAP_HINT, "Hint")


def heat_map_with_grades(paper: Paper, report: Report) -> None:
    paper.heading(2, labels.HEAT_MAP)
    paper.table(_heat_columns(grades=True), _heat_rows(paper, report, grades=True))
    paper.say(labels.HEAT_MAP_HINT, "Hint")
    paper.say(labels.EVIDENCE_HINT, "Hint")


def _heat_columns(*, grades: bool) -> list[Column]:
    last = [Column(labels.EVIDENCE, 20)] if grades else []
    return [
        Column(labels.DOMAIN, 45 if grades else 65),
        *_step_columns(*map(str, STEPS)),
        Column(labels.SCORE, 12, right=True),
        *last,
    ]


def _heat_rows(paper: Paper, report: Report, *, grades: bool) -> list[Row]:
    rows = []
    for section in report.sections:
        for domain in section.domains:
            boxes = [_box(paper, domain.column, step) for step in STEPS]
            last = [cells.spoken(paper, domain.evidence)] if grades else []
            name = cells.named(paper, section.code, domain.title)
            rows.append(Row([name, *boxes, cells.score(paper, domain.score), *last]))
    return rows


def _box(paper: Paper, column: int | None, step: int) -> Cell:
    """One level of a domain: filled if reached; the figure stands in the last one reached."""
    if column is None or step > max(column, 1):
        return Cell([])
    figure = paper.plain(str(column), STRONG) if step == max(column, 1) else []
    return Cell([figure], paper.shades.middle if step <= column else "")


def key_figures(paper: Paper, report: Report) -> None:
    if not report.outcomes:
        return
    paper.heading(2, labels.KEY_FIGURES)
    columns = [
        Column(labels.FIGURE, 40), Column(labels.LATEST, 20), Column(labels.YEAR_BEFORE, 20),
        Column(labels.CHANGE, 20),
    ]  # fmt: skip
    rows = [
        Row([cells.spoken(paper, text) for text in (it.label, it.latest, it.before, change)])
        for it in report.outcomes
        for change in [page.followed(it.change, it.moved)]
    ]
    paper.table(columns, rows)


# ---------------------------------------------------------- section by section


def sections(paper: Paper, report: Report) -> None:
    for section in report.sections:
        paper.heading(2, section.title, section.code)
        paper.paragraph("Lead", _section_facts(paper, section))
        for text in section.story:
            paper.say(text)
        _findings(paper, labels.WORKS, section.strengths)
        _findings(paper, labels.LACKS, section.gaps)
        _next_steps(paper, section)


def _section_facts(paper: Paper, section: SectionPart) -> list[Run]:
    if section.score is None:
        facts = paper.words(labels.NOT_RATED, STRONG)
    else:
        facts = paper.plain(one_decimal(section.score), STRONG)
    for text in filter(None, (section.level,)):
        facts += [*paper.plain("\u2003"), *paper.words(text)]
    if section.evidence is not None:
        facts += [*paper.plain("\u2003"), *paper.words(labels.EVIDENCE), *paper.plain(" ")]
        facts += paper.words(section.evidence, STRONG)
    facts += [*paper.plain("\u2003"), *paper.words(labels.COMPLETENESS)]
    return facts + paper.plain(f" {one_decimal(section.completeness)}%", STRONG)


def _findings(paper: Paper, title: Text, items: Sequence[Finding]) -> None:
    if not items:
        return
    paper.heading(3, title)
    rows = [
        Row([Cell(_found(paper, it)), Cell([paper.plain(one_decimal(it.score), STRONG)])])
        for it in items
    ]
    columns = [Column(labels.ANSWER, 86), Column(labels.SCORE, 14, right=True)]
    paper.table(columns, rows)


def _found(paper: Paper, it: Finding) -> list[Line]:
    said, more = page.shortened(it.said)
    lines = [cells.name(paper, it.code, it.title), *cells.said(paper, said)]
    return lines if more is None else [*lines, *paper.lines(more)]


def _next_steps(paper: Paper, section: SectionPart) -> None:
    rows = [
        Row(
            [
                cells.spoken(paper, domain.title),
                Cell([paper.plain(step.code, CODE), *paper.lines(step.what)]),
                Cell([*paper.lines(step.owner), paper.words(step.horizon)]),
            ]
        )
        for domain in section.domains
        if (step := domain.next_step) is not None
    ]
    if rows:
        paper.heading(3, labels.NEXT_STEPS)
        columns = [
            Column(labels.DOMAIN, 24), Column(labels.STEP, 54), Column(labels.OWNER, 22),
        ]  # fmt: skip
        paper.table(columns, rows)
