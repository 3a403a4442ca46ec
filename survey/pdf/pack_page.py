"""The questions of a bank as a page to print: what is asked, where to find it, room to write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey.core import blanks
from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Benchmark,
    Kind,
    Number,
    Open,
    Profile,
    Question,
    Section,
    Term,
)
from survey.core.blanks import HALF, Blank, Fill
from survey.core.condition_words import applies, may_stay_open
from survey.core.earned import is_scored
from survey.core.figures import amount
from survey.core.text import Languages, Locale, Text
from survey.pdf import columns, labels, pack_labels
from survey.pdf.look import palette
from survey.pdf.page import PRINT_STYLE, Page, environment, spoken

STYLES = (PRINT_STYLE, "pack.css")

_SHORT = 13
"""Options no wider than so many Chinese characters stand beside each other."""

_LONGEST_WHOLE = 14
"""Lines to answer in that are kept on one page with their question."""

_MOST_TOGETHER = 4
"""Lines to answer in that are kept with their question also where both languages need room."""

_ONE_LINE = 120
"""A text of so many characters gets one line to write on; a longer one gets three."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, ready to be printed: its words, and the room to answer in."""

    question: Question
    conditions: tuple[Text, ...]
    blanks: tuple[Blank, ...]
    has_half: bool
    is_table: bool
    are_short: bool
    lines: int
    limits: Text | None
    states: frozenset[str]
    has_evidence: bool

    @property
    def is_whole(self) -> bool:
        """Whether it is short enough to be kept together on one page."""
        return self.are_short or self._to_answer <= _LONGEST_WHOLE

    @property
    def is_long(self) -> bool:
        """Whether in both languages it may go on overleaf, where its code is said again."""
        return self.question.code is not None and self._to_answer > _MOST_TOGETHER

    @property
    def _to_answer(self) -> int:
        return len(self.blanks[0].options) if len(self.blanks) == 1 else len(self.blanks)

    @property
    def how(self) -> Text:
        return pack_labels.HOW_TO[self.question.kind]


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of a domain; a page of facts has one group without a title."""

    title: Text | None
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the questionnaire."""

    key: str
    code: str
    title: Text
    summary: Text
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.asked) for group in self.groups)


def html(bank: Bank, digest: str, languages: Languages, keys: Sequence[str], accent: str) -> Page:
    """Write the page for the renderer. The bank is the edition that is asked."""
    locales = languages.locales
    wanted = frozenset(keys)
    chapters = [chapter for chapter in _chapters(bank, wanted, locales) if chapter.groups]
    words = (
        environment()
        .get_template("pack.html")
        .render(
            bank=bank,
            digest=digest,
            languages=languages,
            bilingual=len(locales) > 1,
            root_lang=locales[0].html_lang,
            root_langs=[locale.html_lang for locale in locales],
            spoken=lambda text: spoken(text, locales),
            plain=lambda text: " ".join(part.words for part in spoken(text, locales)),
            chapters=chapters,
            count=sum(chapter.count for chapter in chapters),
            terms=_terms(bank, wanted),
            shades=palette(accent),
            issuer="",
            Fill=Fill,
            L=labels,
            P=pack_labels,
        )
    )
    return Page(words, {})


def _chapters(bank: Bank, wanted: frozenset[str], locales: Sequence[Locale]) -> Iterator[Chapter]:
    yield _of_facts(bank, PROFILE, bank.profile, wanted, locales)
    for section in bank.sections:
        yield _of_section(bank, section, wanted, locales)
    if bank.outcomes is not None:
        yield _of_facts(bank, OUTCOMES, bank.outcomes, wanted, locales)


def _of_facts(
    bank: Bank, key: str, page: Profile, wanted: frozenset[str], locales: Sequence[Locale]
) -> Chapter:
    asked = _all_asked(bank, page.questions, wanted, locales)
    return Chapter(key, "", page.title, page.summary, (Group(None, asked),) if asked else ())


def _of_section(
    bank: Bank, section: Section, wanted: frozenset[str], locales: Sequence[Locale]
) -> Chapter:
    groups = [
        Group(domain.title, asked)
        for domain in section.domains
        if (asked := _all_asked(bank, domain.questions, wanted, locales))
    ]
    return Chapter(section.key, section.code, section.title, section.summary, tuple(groups))


def _all_asked(
    bank: Bank,
    questions: Sequence[Question],
    wanted: frozenset[str],
    locales: Sequence[Locale],
) -> tuple[Asked, ...]:
    return tuple(_asked(bank, each, locales) for each in questions if each.key in wanted)


def _asked(bank: Bank, question: Question, locales: Sequence[Locale]) -> Asked:
    every = blanks.blanks(question)
    proper = tuple(blank for blank in every if blank.part != HALF)
    conditions = []
    if question.when is not None:
        conditions.append(applies(bank, question.when))
    if question.optional_when is not None:
        conditions.append(may_stay_open(bank, question.optional_when))
    offered = [text for _, text in proper[0].options]
    if question.kind is Kind.MULTIPLE:
        offered = [blank.label or question.prompt for blank in proper]
    return Asked(
        question=question,
        conditions=tuple(conditions),
        blanks=proper,
        has_half=len(proper) < len(every),
        is_table=question.kind in (Kind.MATRIX, Kind.YES_NO, Kind.REQUIREMENTS),
        are_short=all(_width(text, locales) <= _SHORT for text in offered),
        lines=3 if isinstance(question, Open) and question.maximum_length > _ONE_LINE else 1,
        limits=_limits(question),
        states=frozenset(key for key, _ in blanks.states(question)),
        has_evidence=is_scored(question),
    )


def _width(text: Text, locales: Sequence[Locale]) -> float:
    return sum(columns.width(text.in_(locale)) for locale in locales)


def _limits(question: Question) -> Text | None:
    if not isinstance(question, Number | Benchmark):
        return None
    return pack_labels.between(amount(question.minimum), amount(question.maximum))


def _terms(bank: Bank, wanted: frozenset[str]) -> list[Term]:
    """The words of the glossary that these questions use."""
    used = {key for each in bank.questions.values() if each.key in wanted for key in each.terms}
    return [term for term in bank.glossary if term.key in used]
