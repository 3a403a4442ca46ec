"""A Report to one HTML page, in the languages asked for; every fragment carries its language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import jinja2

from survey.core.figures import one_decimal, whole_day
from survey.core.parts import Keep, Report, Standing, Step
from survey.core.text import Languages, Locale, Text
from survey.pdf import charts, labels

CSS_FILE = "report.css"
TEMPLATE = "report.html"
MOST_BRIEF_STEPS = 5
ROOM_FOR_STEPS = {Locale.ZH: 700, Locale.EN: 1250}
LONG_STORY = 500
"""What the summary page holds, in characters of story and steps: measured, not computed."""

# In a Chinese font these are as wide as a character: English is set with the narrow ones.
_NARROW = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text in one language, ready to be printed with its `lang`."""

    lang: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter that this report has; appendices are lettered."""

    key: str
    number: str
    title: Text


def brief_steps(report: Report, languages: Languages) -> list[tuple[Step, bool]]:
    """The steps for the summary page, and whether there is room to say what each one is.

    The summary must stay one page whatever the bank says: long stories leave less room, and
    two languages none.
    """
    steps = report.roadmap.first[:MOST_BRIEF_STEPS]
    blocking = [block.sentence for block in report.blocks.items[:3]]
    story = [*report.verdict.headline, *report.picture, *blocking]
    if len(languages.locales) > 1:
        long = sum(len(text.en) for text in story) > LONG_STORY
        return [(step, False) for step in (steps[:3] if long else steps)]
    locale = languages.locales[0]
    room = ROOM_FOR_STEPS[locale] - sum(len(text.in_(locale)) for text in story)
    chosen = []
    for step in steps:
        room -= len(step.what.in_(locale))
        chosen.append((step, room >= 0))
    return chosen


def brief_keep(report: Report, languages: Languages) -> Sequence[Keep]:
    """The proof to keep that the summary page has room for beside the first steps."""
    room = 4 if len(languages.locales) == 1 else 2
    return report.roadmap.keep[: max(room - len(report.roadmap.first), 0)]


def find_out_first(report: Report) -> bool:
    """Whether so little is known that collecting data comes before everything else."""
    return report.standing in (Standing.UNKNOWN, Standing.INCOMPLETE)


def chapters(report: Report) -> dict[str, Chapter]:
    """The chapters in reading order. One without content is left out, and not counted."""
    collect = ("collect", labels.COLLECT, bool(report.unknowns.items))
    body = [
        ("summary", labels.SUMMARY, True),
        *([collect] if find_out_first(report) else []),
        ("position", labels.POSITION, True),
        ("next-level", labels.NEXT_LEVEL, True),
        ("findings", labels.FINDINGS, True),
        ("conditions", labels.CONDITIONS, bool(report.preconditions)),
        ("plan", labels.PLAN, True),
        *([] if find_out_first(report) else [collect]),
    ]
    appendices = [
        ("answers", labels.ANSWERS, True),
        ("trace", labels.TRACE, True),
        ("method", labels.METHOD, True),
        ("glossary", labels.GLOSSARY, bool(report.glossary)),
        ("sources", labels.SOURCES, True),
    ]
    numbered = [(key, title) for key, title, there in body if there]
    lettered = [(key, title) for key, title, there in appendices if there]
    found = [Chapter(key, str(i), title) for i, (key, title) in enumerate(numbered, start=1)]
    found += [Chapter(key, chr(65 + i), title) for i, (key, title) in enumerate(lettered)]
    return {chapter.key: chapter for chapter in found}


def html(report: Report, languages: Languages) -> str:
    """Write the page. A name that a template does not know is an error."""
    locales = languages.locales
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            languages=languages,
            bilingual=len(locales) > 1,
            root_lang=locales[0].html_lang,
            spoken=lambda text: [_fragment(text, locale) for locale in locales],
            plain=lambda text: " ".join(fragment.words for fragment in _spoken(text, locales)),
            chapters=chapters(report),
            details=_details,
            brief_steps=brief_steps(report, languages),
            brief_keep=brief_keep(report, languages),
            title=document_title(report, languages),
            issued=whole_day(report.issued_on),
            radar=charts.radar([section.score for section in report.sections])
            if len(report.sections) > 2
            else None,
            find_out_first=find_out_first(report),
            proving=report.standing is Standing.PROVING,
            L=labels,
        )
    )


def _details(step: Step) -> list[tuple[Text, Text]]:
    """What stands below a step; a long answer is not repeated here, the appendix has it."""
    details = [(labels.PROOF, step.proof), (labels.WHY, step.because)]
    if step.said.text is not None and step.said.typed is None:
        details.append((labels.NOW, step.said.text))
    return details


def document_title(report: Report, languages: Languages) -> str:
    """The title for the window of a PDF reader: the firm, then the report's name."""
    name = " ".join(fragment.words for fragment in _spoken(labels.REPORT, languages.locales))
    return f"{report.firm} - {name}" if report.firm else name


def _spoken(text: Text, locales: Iterable[Locale]) -> list[Fragment]:
    return [_fragment(text, locale) for locale in locales]


def _fragment(text: Text, locale: Locale) -> Fragment:
    words = text.in_(locale)
    return Fragment(locale.html_lang, words if locale is Locale.ZH else words.translate(_NARROW))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("survey.pdf"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["score"] = one_decimal
    environment.filters["two"] = _two_decimals
    environment.filters["figure"] = _figure
    return environment


def _two_decimals(value: Decimal) -> str:
    return f"{value:.2f}"


def _figure(value: Decimal) -> str:
    """A weight or a threshold: as few digits as it needs."""
    return f"{value.normalize():f}"
