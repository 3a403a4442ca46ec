"""What to do, for the Word document: next level, conditions, plan, comparisons, open data."""

from survey.core.figures import digits, whole_day
from survey.core.parts import (
    Change,
    Comparison,
    Distribution,
    Preconditions,
    Report,
    Step,
)
from survey.core.text import Text
from survey.pdf import labels
from survey.pdf import word_cells as cells
from survey.pdf.word_paper import (
    FLAG,
    STRONG,
    Cell,
    Column,
    Paper,
    Row,
)

MARKS = {"met": "●", "not-met": "○", "unknown": "?", "not-applicable": "–"}
PERIODS = (labels.DAYS_30, labels.DAYS_90, labels.DAYS_365)


def blocks(paper: Paper, report: Report) -> None:
    _next_level(paper, report, named=True)


def brief_blocks(paper: Paper, report: Report) -> None:
    _next_level(paper, report, named=False)


def _next_level(paper: Paper, report: Report, *, named: bool) -> None:
    blocks = report.blocks
    paper.say(blocks.opening, "Lead")
    if blocks.note is not None:
        paper.say(blocks.note, "Hint")
    for block in blocks.items:
        paper.bullet(block.sentence)
        if block.fewest is not None:
            paper.say(block.fewest, "Hint")
        if named:
            for part in block.changes or block.parts:
                line = [*cells.name(paper, part.code, part.label), *paper.plain(" ")]
                paper.paragraph("ListBullet2", [*line, *paper.words(part.note, STRONG)])


def conditions(paper: Paper, report: Report) -> None:
    paper.say(labels.PRECONDITION_NOTE, "Hint")
    for it in report.preconditions:
        _condition_head(paper, it)
        rows = []
        for line in it.lines:
            said = [*paper.lines(line.label)]
            if line.note is not None:
                said += paper.lines(line.note)
            mark = paper.plain(f"{MARKS[line.state.value]} ", STRONG)
            rows.append(Row([Cell(said), Cell([[*mark, *paper.words(line.said)]])]))
        paper.table([Column(labels.CONDITION, 70), Column(labels.STATE, 30)], rows)
        if it.caution is not None:
            paper.say(it.caution, "Hint")


def brief_conditions(paper: Paper, report: Report) -> None:
    paper.say(labels.PRECONDITION_NOTE, "Hint")
    for it in report.preconditions:
        _condition_head(paper, it)
        if it.caution is not None:
            paper.say(it.caution, "Hint")


def _condition_head(paper: Paper, it: Preconditions) -> None:
    paper.heading(2, it.title, it.code)
    if it.rule is not None:
        rule = [*paper.words(labels.RULE), *paper.plain(" "), *paper.words(it.rule)]
        paper.paragraph("Hint", [*rule, *paper.plain(f" {it.edition}", STRONG)])
    paper.say(it.counted, "Lead")


def plan(paper: Paper, report: Report) -> None:
    roadmap = report.roadmap
    paper.say(roadmap.opening, "Lead")
    if roadmap.phases:
        paper.heading(2, labels.TIMELINE)
        shown = [
            Cell([cells.name(paper, step.code, step.title) for step in phase.steps]
                 or [paper.plain(cells.NOTHING)])
            for phase in roadmap.phases
        ]  # fmt: skip
        columns = [Column(PERIODS[at], 100 / len(shown)) for at in range(len(shown))]
        paper.table(columns, [Row(shown)])
    _effect(paper, report)


def _effect(paper: Paper, report: Report) -> None:
    effect = report.roadmap.effect
    if effect is None:
        return
    paper.heading(2, labels.EFFECT)
    paper.say(effect.opening)
    rows = [
        Row(
            [
                cells.spoken(paper, it.title),
                cells.score(paper, it.total),
                cells.spoken(paper, it.level),
            ]
        )
        for it in effect.stages
    ]
    columns = [
        Column(labels.STAGE, 36),
        Column(labels.TOTAL, 14, right=True),
        Column(labels.LEVEL, 50),
    ]
    paper.table(columns, rows)
    paper.say(effect.note, "Hint")


def phases(paper: Paper, report: Report) -> None:
    columns = [
        Column(labels.STEP, 40), Column(labels.PROOF, 38), Column(labels.OWNER, 22),
    ]  # fmt: skip
    for phase in report.roadmap.phases:
        paper.heading(2, phase.title)
        if phase.steps:
            paper.table(columns, [_step_row(paper, step) for step in phase.steps])
        else:
            paper.say(phase.empty)


def _step_row(paper: Paper, step: Step) -> Row:
    name = cells.step_name(paper, step)
    flag = labels.URGENT if step.urgent else labels.UNBLOCKS if step.unblocks else None
    if flag is not None:
        name = [*name, paper.words(flag, FLAG)]
    proof = paper.labelled_lines(labels.PROOF, step.proof)
    why = paper.labelled_lines(labels.WHY, step.because)
    effort = [*paper.words(labels.EFFORT), *paper.plain(" "), *paper.words(step.effort, STRONG)]
    who = [*paper.lines(step.owner), effort, paper.words(step.horizon)]
    return Row([Cell([*name, *paper.lines(step.what)]), Cell([*proof, *why]), Cell(who)])


def later(paper: Paper, report: Report) -> None:
    roadmap = report.roadmap
    if roadmap.later:
        paper.heading(2, labels.LATER)
        paper.say(roadmap.later_opening)
        for step in roadmap.later:
            name = [*cells.name(paper, step.code, step.title), *paper.plain(" ")]
            paper.paragraph("ItemName", [*name, *paper.words(step.climbs)])
            paper.say(step.what)
    if roadmap.keep:
        paper.heading(2, labels.KEEP)
        paper.say(roadmap.keep_opening)
        for it in roadmap.keep:
            paper.paragraph("ItemName", cells.name(paper, it.code, it.title))
            paper.say(it.proof)


# ------------------------------------------------------------- beside, collect


def comparison_in_short(paper: Paper, report: Report) -> None:
    if report.comparison is not None:
        _comparison_words(paper, report.comparison)
        paper.say(report.comparison.note, "Hint")


def comparison(paper: Paper, report: Report) -> None:
    it = report.comparison
    if it is None:
        return
    _comparison_words(paper, it)
    total = Row(
        [
            cells.spoken(paper, labels.TOTAL),
            cells.score(paper, it.before.total),
            cells.score(paper, it.now.total),
        ],
        strong=True,
    )
    rows = [_changed(paper, change) for change in it.sections]
    paper.table(_rounds(labels.SECTION, report, it), [total, *rows])
    for title, moves in ((labels.RISEN, it.risen), (labels.FALLEN, it.fallen)):
        if moves:
            paper.table(_rounds(title, report, it), [_changed(paper, change) for change in moves])
    paper.say(it.note, "Hint")


def _changed(paper: Paper, it: Change) -> Row:
    scores = (cells.score(paper, value) for value in (it.before, it.after))
    return Row([cells.named(paper, it.code, it.title), *scores])


def _rounds(title: Text, report: Report, it: Comparison) -> list[Column]:
    """A table's columns: what it lists, then each round with its day."""
    days = ((it.before.title, it.before_on), (it.now.title, report.issued_on))
    rounds = (cells.beside(name, whole_day(day)) for name, day in days)
    return [Column(title, 52), *(Column(each, 24, right=True) for each in rounds)]


def _comparison_words(paper: Paper, it: Comparison) -> None:
    paper.heading(2, labels.LAST_AND_NOW)
    paper.say(it.opening, "Lead")
    for text in it.moved:
        paper.say(text)


def targets_in_short(paper: Paper, report: Report) -> None:
    if report.targets is not None:
        paper.heading(2, labels.TARGETS)
        paper.say(report.targets.opening)


def targets(paper: Paper, report: Report) -> None:
    targets_in_short(paper, report)
    if report.targets is None:
        return
    rows = [
        Row(
            [
                cells.named(paper, line.code, line.title),
                Cell([paper.plain(cells.NOTHING if line.level is None else str(line.level))]),
                Cell([paper.plain(str(line.target))]),
                cells.spoken(paper, line.state),
            ]
        )
        for line in report.targets.lines
    ]
    columns = [
        Column(labels.DOMAIN, 46), Column(labels.LEVEL, 12, right=True),
        Column(labels.TARGET, 12, right=True), Column(labels.STATE, 30, right=True),
    ]  # fmt: skip
    paper.table(columns, rows)


def distributions(paper: Paper, report: Report) -> None:
    if not report.distributions:
        return
    paper.heading(2, labels.OTHERS)
    for it in report.distributions:
        _distribution(paper, it)


def _distribution(paper: Paper, it: Distribution) -> None:
    year = paper.plain(f" ({it.year})")
    paper.paragraph("Heading3", [*paper.words(it.title), *year])
    paper.paragraph("Hint", [*paper.words(labels.BASE), *paper.plain(" "), *paper.words(it.base)])
    rows = [
        Row(
            [
                cells.spoken(paper, share.label),
                Cell([paper.plain(f"{digits(share.percent)}%")]),
            ],
            strong=share.here,
        )
        for share in it.shares
    ]
    paper.table([Column("", 80), Column("", 20, right=True)], rows, headless=True)
    paper.say(it.caution, "Hint")
    source = [*paper.words(labels.SOURCE), *paper.plain(" "), *paper.words(it.source)]
    paper.paragraph("Hint", source)


def collect(paper: Paper, report: Report) -> None:
    paper.say(report.unknowns.opening, "Lead")
    rows = [
        Row(
            [
                cells.named(paper, it.code, it.prompt),
                cells.spoken(paper, it.state),
                cells.spoken(paper, it.where),
            ]
        )
        for it in report.unknowns.items
    ]
    columns = [
        Column(labels.QUESTION, 46), Column(labels.STATE, 16), Column(labels.WHERE, 38),
    ]  # fmt: skip
    paper.table(columns, rows)
