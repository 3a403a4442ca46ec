"""A Report to one HTML page, in the languages asked for; every fragment carries its language.

The same chapters serve paper and screen: `html` is what the renderer prints, `screen` stands by
itself in a browser.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import jinja2

from survey.core.copies import Copy, Extent
from survey.core.figures import digits, one_decimal, whole_day
from survey.core.parts import Fact, GlossaryTerm, Report, Said, Standing, Typed
from survey.core.text import Locale, Text
from survey.pdf import charts, columns, labels, qr
from survey.pdf.look import Logo, Look, palette

HERE = Path(__file__).resolve().parent
PRINT_STYLE = "report.css"
SCREEN_STYLE = "screen.css"
IMAGES = "report-image"
"""Pictures of a report are named by this scheme; they come from memory, never from a file."""

MOST_BRIEF = 5
MOST_BRIEF_BLOCKS = 3
"""What the summary page holds: titles and single sentences, so that it stays one page."""

BRIEF_LINES = 16
"""Lines that sentences may take on the summary page before those on proof are left out."""

COVER_FACTS = 6
LONGEST_FACT = 22
"""What the cover says of the firm: facts of a few words, as wide as so many Chinese characters."""

MOST_LINES = 4
"""Lines of an answer that are shown beside a finding; all of them stand among the answers."""

_SEPARATORS = Text(zh="；", en="; ")
_NAMES = re.compile("[（）()、,]")

# In a Chinese font these are as wide as a character: English is set with the narrow ones.
_NARROW = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


@dataclass(frozen=True, slots=True)
class Page:
    """A page for the renderer; `images` are its pictures by their address."""

    html: str
    images: Mapping[str, Logo]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text in one language, ready to be printed with its `lang`."""

    lang: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter that this copy has; appendices are lettered."""

    key: str
    number: str
    title: Text

    @property
    def appendix(self) -> bool:
        return self.number.isalpha()


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo where it stands."""

    address: str
    alt: str


def html(report: Report, copy: Copy, look: Look) -> Page:
    """Write the page for the renderer. A name that a template does not know is an error."""
    images = {f"{IMAGES}:{at}": logo for at, logo in enumerate(look.logos)}
    pictures = [Picture(address, logo.alt) for address, logo in images.items()]
    return Page(_write("report.html", report, copy, look, pictures), images)


def screen(report: Report, copy: Copy, look: Look, *, nonce: str = "") -> str:
    """Write the edition for a browser: one file that asks nobody for anything.

    Its only style element carries `nonce`, no element has styles of its own, and logos are data
    addresses: a policy of `style-src 'nonce-…'; img-src data:` is enough.
    """
    pictures = [Picture(_inline(logo), logo.alt) for logo in look.logos]
    style = colours(SCREEN_STYLE, look.accent)
    return _write("screen.html", report, copy, look, pictures, style=style, nonce=nonce)


@lru_cache(maxsize=8)
def colours(style: str, accent: str) -> str:
    """A style sheet with the accent's shades in the places kept for them."""
    text = (HERE / style).read_text(encoding="utf-8")
    shades = palette(accent)
    for name in ("accent", "middle", "light", "pale"):
        text = text.replace(f"var(--{name})", getattr(shades, name))
    return text


def _inline(logo: Logo) -> str:
    return f"data:{logo.media_type};base64,{base64.b64encode(logo.content).decode()}"


def _write(
    template: str,
    report: Report,
    copy: Copy,
    look: Look,
    pictures: Sequence[Picture],
    *,
    style: str = "",
    nonce: str = "",
) -> str:
    locales = copy.languages.locales
    rated = [section.score for section in report.sections]
    told = _told(report)
    radar = charts.radar(rated) if len(rated) > 2 else None
    return (
        environment()
        .get_template(template)
        .render(
            report=report,
            languages=copy.languages,
            full=copy.extent is Extent.FULL,
            bilingual=len(locales) > 1,
            root_lang=locales[0].html_lang,
            root_langs=[locale.html_lang for locale in locales],
            spoken=lambda text: spoken(text, locales),
            joined=_joined,
            plain=lambda text: " ".join(fragment.words for fragment in spoken(text, locales)),
            chapters=chapters(report, copy.extent),
            brief_steps=report.roadmap.first[:MOST_BRIEF],
            brief_keep=report.roadmap.keep[: max(MOST_BRIEF - len(report.roadmap.first), 0)],
            brief_blocks=report.blocks.items[:MOST_BRIEF_BLOCKS],
            title=document_title(report, copy),
            issued=whole_day(report.issued_on),
            radar=radar,
            places=places(radar, len(report.levels)),
            find_out_first=find_out_first(report),
            cover_facts=cover_facts(report, look),
            with_proofs=with_proofs(report, locales),
            terms=terms(report),
            shortened=shortened,
            followed=followed,
            bands=lambda items: columns.bands(items, locales),
            later=[step for step in report.roadmap.later if step.key not in told],
            told_later=[step for step in report.roadmap.later if step.key in told],
            pictures=pictures,
            verify_url=look.verify_url,
            issuer=Typed(look.issuer) if look.issuer else None,
            previous_day=whole_day(report.comparison.before_on) if report.comparison else None,
            code=qr.code(look.verify_url) if look.verify_url else None,
            shades=palette(look.accent),
            style=style,
            nonce=nonce,
            L=labels,
        )
    )


def places(radar: charts.Radar | None, levels: int) -> str:
    """Where labels stand and how long bars are, as classes: paper and screen share them."""
    rules = [f".w{percent}{{width:{percent}%}}" for percent in range(1, 101)]
    rules.append(f".of-{levels}{{width:{9999 // levels / 100}%}}")
    for at, axis in enumerate(radar.axes if radar else (), start=1):
        left, top = axis.label.x / charts.SIZE, axis.label.y / charts.SIZE
        rules.append(f".axis-{at}{{left:{left:.2%};top:{top:.2%}}}")
    return "".join(rules)


def find_out_first(report: Report) -> bool:
    """Whether so little is known that collecting data comes before everything else."""
    return report.standing in (Standing.UNKNOWN, Standing.INCOMPLETE)


def chapters(report: Report, extent: Extent) -> dict[str, Chapter]:
    """The chapters in reading order. One without content is left out, and not counted."""
    full = extent is Extent.FULL
    first = find_out_first(report)
    collect = ("collect", labels.COLLECT, bool(report.unknowns.items) and full)
    beside = bool(report.comparison or report.targets or report.distributions)
    body = [
        ("summary", labels.SUMMARY, True),
        *([collect] if first else []),
        ("position", labels.POSITION, True),
        ("sections", labels.SECTION_BY_SECTION, full),
        ("next-level", labels.NEXT_LEVEL, True),
        ("conditions", labels.CONDITIONS, bool(report.preconditions)),
        ("plan", labels.PLAN, True),
        ("beside", labels.BESIDE, beside and (full or report.comparison is not None)),
        *([] if first else [collect]),
    ]
    appendices = [
        ("answers", labels.ANSWERS, True),
        ("trace", labels.TRACE, True),
        ("method", labels.METHOD, True),
        ("glossary", labels.GLOSSARY, bool(terms(report))),
        ("sources", labels.SOURCES, True),
    ]
    numbered = [(key, title) for key, title, there in body if there]
    lettered = [(key, title) for key, title, there in appendices if there and full]
    found = [Chapter(key, str(i), title) for i, (key, title) in enumerate(numbered, start=1)]
    found += [Chapter(key, chr(65 + i), title) for i, (key, title) in enumerate(lettered)]
    return {chapter.key: chapter for chapter in found}


def cover_facts(report: Report, look: Look) -> list[Fact]:
    """The facts that say in a few words who the firm is: whole rows of three, one beside logos."""
    most = COVER_FACTS // 2 if look.logos else COVER_FACTS
    short = [fact for fact in report.profile[1:] if _is_short(fact)][:most]
    return short[: len(short) // 3 * 3]


def _is_short(fact: Fact) -> bool:
    text, typed = fact.said.text, fact.said.typed
    words = [typed] if typed else [text.zh, text.en] if text else []
    return bool(words) and sum(map(columns.width, words)) <= LONGEST_FACT


def with_proofs(report: Report, locales: Sequence[Locale]) -> bool:
    """Whether the summary page has room to say what proves each of its steps."""
    sentences = [block.sentence for block in report.blocks.items[:MOST_BRIEF_BLOCKS]]
    sentences += [step.proof for step in report.roadmap.first[:MOST_BRIEF]]
    return sum(columns.lines_beside(text, locales) for text in sentences) <= BRIEF_LINES


def terms(report: Report) -> tuple[GlossaryTerm, ...]:
    """The words of the glossary that the report uses itself, by their name or their letters."""
    whole = "\n".join(_all_words(replace(report, glossary=())))
    lower = whole.lower()
    return tuple(
        term
        for term in report.glossary
        if any(name in whole for name in _names(term.term.zh))
        or term.term.en.partition(" (")[0].lower() in lower
    )


def _names(term: str) -> list[str]:
    return [name.strip() for name in _NAMES.split(term) if len(name.strip()) > 1]


def _all_words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _all_words(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _all_words(getattr(value, field.name))


def shortened(said: Said) -> tuple[Said, Text | None]:
    """An answer beside a finding: its first lines, and how many more there are."""
    if len(said.rows) > MOST_LINES + 1:
        more = labels.more_lines(len(said.rows) - MOST_LINES)
        return replace(said, rows=said.rows[:MOST_LINES]), more
    if said.text is None:
        return said, None
    zh, en = said.text.zh.split(_SEPARATORS.zh), said.text.en.split(_SEPARATORS.en)
    if len(zh) != len(en) or len(zh) <= MOST_LINES + 1:
        return said, None
    first = Text(zh=_SEPARATORS.zh.join(zh[:MOST_LINES]), en=_SEPARATORS.en.join(en[:MOST_LINES]))
    return replace(said, text=first), labels.more_lines(len(zh) - MOST_LINES)


def followed(one: Text | None, other: Text | None) -> Text | None:
    """A figure's change and what it means, as one line."""
    if one is None or other is None:
        return one or other
    return Text(zh=f"{one.zh}，{other.zh}", en=f"{one.en}, {other.en}")


def document_title(report: Report, copy: Copy) -> str:
    """The title for the window of a PDF reader: the firm, then the report's name."""
    label = labels.REPORT if copy.extent is Extent.FULL else labels.SHORT_REPORT
    name = " ".join(fragment.words for fragment in spoken(label, copy.languages.locales))
    return f"{report.firm} - {name}" if report.firm else name


def _joined(texts: Sequence[Text]) -> Text:
    """Whole sentences behind one another, as one paragraph of each language."""
    return Text(zh="".join(text.zh for text in texts), en=" ".join(text.en for text in texts))


def spoken(text: Text, locales: Iterable[Locale]) -> list[Fragment]:
    """One fragment for each language."""
    return [_fragment(text, locale) for locale in locales]


def _fragment(text: Text, locale: Locale) -> Fragment:
    words = text.in_(locale)
    return Fragment(locale.html_lang, words if locale is Locale.ZH else words.translate(_NARROW))


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Where templates are found, and what they may ask for."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("survey.pdf"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["score"] = one_decimal
    made.filters["two"] = _two_decimals
    made.filters["figure"] = digits
    return made


def _told(report: Report) -> frozenset[str]:
    """The steps that the chapter on the sections says in full: not said again among the later."""
    domains = (domain for section in report.sections for domain in section.domains)
    return frozenset(domain.next_step.key for domain in domains if domain.next_step)


def _two_decimals(value: Decimal) -> str:
    return f"{value:.2f}"
