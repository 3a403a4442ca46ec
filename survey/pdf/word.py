"""The report as a Word document, for consultants who edit before they deliver.

The same chapters, items and figures as on paper; the radar is a chart that Word draws.
"""

from collections.abc import Callable, Mapping, Sequence

from survey.core.copies import Copy, Extent
from survey.core.figures import whole_day
from survey.core.parts import Report, Typed
from survey.pdf import labels, page, word_appendices, word_plan, word_position
from survey.pdf import word_cells as cells
from survey.pdf.look import Look
from survey.pdf.word_paper import (
    STRONG,
    Cell,
    Column,
    Line,
    Paper,
    Row,
    run,
)


def docx_bytes(report: Report, copy: Copy, look: Look) -> bytes:
    """Write the report as a Word document. The same report gives the same bytes."""
    paper = Paper(copy.languages.locales, look.accent, report.issued_on)
    full = copy.extent is Extent.FULL
    _cover(paper, report, look, copy)
    if full:
        _front(paper, report)
    for key, chapter in page.chapters(report, copy.extent).items():
        paper.chapter(chapter.number, chapter.title)
        for writer in _CHAPTERS[key] if full else _BRIEF[key]:
            writer(paper, report)
    if not full:
        _notice(paper, report)
    _about(paper, report, look)
    return paper.content(
        title=page.document_title(report, copy),
        subject=cells.joined(paper, report.bank_title),
        author=cells.joined(paper, labels.PRODUCT),
        number=report.report_id,
    )


def _cover(paper: Paper, report: Report, look: Look, copy: Copy) -> None:
    title = labels.REPORT if copy.extent is Extent.FULL else labels.SHORT_REPORT
    paper.paragraph("CoverProduct", _issuer(paper, look))
    for at, locale in enumerate(paper.locales):
        words = run(title.in_(locale), locale)
        paper.paragraph("Subtitle" if at else "Title", [words])
    paper.paragraph("Subtitle", paper.plain_words(report.bank_title))
    paper.logos(look.logos)
    paper.paragraph("CoverFirm", _firm(paper, report))
    _result(paper, report)
    for fact in page.cover_facts(report, look):
        said = cells.said(paper, fact.said)
        line = [*paper.words(fact.label, STRONG), *paper.plain(" ")]
        paper.paragraph(
            "Hint", [*line, *(part for each in said for part in [*each, *paper.plain(" ")])]
        )
    paper.say(labels.SELF_DECLARED, "Lead")
    paper.say(labels.NOT_OFFICIAL, "Hint")
    version = f"{report.bank_key}/{report.bank_version}"
    paper.paragraph("Hint", cells.pair(paper, labels.QUESTIONNAIRE, version))
    paper.paragraph("Hint", cells.pair(paper, labels.REPORT_NUMBER, report.report_id))
    paper.new_page()
    paper.running(_firm(paper, report), _identity(paper, report))


def _firm(paper: Paper, report: Report) -> Line:
    return paper.typed(report.firm) if report.firm else paper.words(labels.UNNAMED)


def _identity(paper: Paper, report: Report) -> list[Line]:
    """What the document is worth, and which one it is."""
    engine = [*paper.words(labels.ENGINE_SHORT), *paper.plain(f" {report.engine}")]
    bank = f"{report.bank_key}/{report.bank_version} · {report.bank_digest[:12]} · "
    number = f" · {report.report_id}" if report.report_id else ""
    which = [*paper.plain(bank), *engine, *paper.plain(number)]
    return [paper.words(report.banner or labels.SELF_DECLARED), which]


def _result(paper: Paper, report: Report) -> None:
    """Total, level and date side by side."""
    verdict = report.verdict
    total = Cell([cells.total(paper, report)], style="CoverFigure")
    level = Cell(paper.lines(verdict.level), style="CoverWords")
    if report.round is None:
        day = paper.lines(whole_day(report.issued_on))
    else:
        day = [*paper.lines(report.round), *paper.lines(whole_day(report.issued_on))]
    columns = [
        Column(labels.TOTAL, 30),
        Column(labels.LEVEL, 40),
        Column(labels.ISSUED, 30),
    ]
    paper.table(columns, [Row([total, level, Cell(day, style="CoverWords")])])


def _front(paper: Paper, report: Report) -> None:
    """Contents, how to read, and who the firm is."""
    paper.contents(labels.CONTENTS)
    paper.paragraph("FrontTitle", paper.words(labels.HOW_TO_READ))
    for text in report.reading:
        paper.say(text)
    if report.profile:
        paper.paragraph("FrontTitle", paper.words(labels.FIRM))
        rows = [
            Row([Cell(paper.lines(fact.label)), Cell(cells.said(paper, fact.said))])
            for fact in report.profile
        ]
        paper.table([Column("", 36), Column("", 64)], rows, headless=True)
    paper.new_page()


def _notice(paper: Paper, report: Report) -> None:
    paper.paragraph("FrontTitle", paper.words(labels.NOTICE))
    paper.say(report.notice)


def _issuer(paper: Paper, look: Look) -> Line:
    return paper.typed(Typed(look.issuer)) if look.issuer else paper.words(labels.PRODUCT)


def _about(paper: Paper, report: Report, look: Look) -> None:
    """Who issued the document, which one it is, and where it can be checked."""
    paper.paragraph("FrontTitle", paper.words(labels.DOCUMENT))
    issued_by = [*paper.words(labels.ISSUER, STRONG), *paper.plain(" "), *_issuer(paper, look)]
    paper.paragraph("BodyText", issued_by)
    paper.labelled(labels.QUESTIONNAIRE, report.bank_title)
    for label, words in (
        (labels.VERSION, f"{report.bank_key}/{report.bank_version}"),
        (labels.ENGINE, report.engine),
        (labels.REPORT_NUMBER, report.report_id),
        (labels.DIGEST, report.bank_digest),
    ):
        paper.paragraph("BodyText", cells.pair(paper, label, words))
    if look.verify_url:
        paper.paragraph("BodyText", paper.words(labels.VERIFY, STRONG))
        paper.link(look.verify_url)


Writer = Callable[[Paper, Report], None]

_CHAPTERS: Mapping[str, Sequence[Writer]] = {
    "summary": (word_position.summary,),
    "collect": (word_plan.collect,),
    "position": (
        word_position.position,
        word_position.heat_map_with_grades,
        word_position.key_figures,
    ),
    "sections": (word_position.sections,),
    "next-level": (word_plan.blocks,),
    "conditions": (word_plan.conditions,),
    "plan": (word_plan.plan, word_plan.phases, word_plan.later),
    "beside": (word_plan.comparison, word_plan.targets, word_plan.distributions),
    "answers": (word_appendices.answers,),
    "trace": (word_appendices.trace,),
    "method": (word_appendices.method,),
    "glossary": (word_appendices.glossary,),
    "sources": (word_appendices.sources, _notice),
}

_BRIEF: Mapping[str, Sequence[Writer]] = {
    "summary": (word_position.summary,),
    "position": (word_position.position, word_position.heat_map),
    "next-level": (word_plan.brief_blocks,),
    "conditions": (word_plan.brief_conditions,),
    "plan": (word_plan.plan,),
    "beside": (word_plan.comparison_in_short, word_plan.targets_in_short),
}
