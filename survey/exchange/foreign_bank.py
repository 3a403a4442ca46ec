"""A questionnaire of another system as a draft of a bank: groups, questions, choices, conditions.

The draft may have faults: what the file does not say, such as a translation, stays missing. What
a bank needs and no questionnaire has (weights, levels) gets the plainest value there is, which the
losses say once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from survey.core.bank import Theme
from survey.core.document import LONGEST_LIST
from survey.core.errors import quoted
from survey.exchange import foreign_conditions
from survey.exchange.foreign import Ask, Group, Item, Labels, Questionnaire, kept
from survey.exchange.foreign_conditions import Data
from survey.exchange.foreign_keys import Keys
from survey.exchange.foreign_questions import Questions, stacked
from survey.exchange.foreign_texts import Texts

FIRST_LETTER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FACTS = {Ask.ONE, Ask.MANY, Ask.NUMBER, Ask.TEXT, Ask.NOTE}
"""What a page of the profile can ask."""

_NOTICE = {
    "zh": "本题库由其他系统的文件导入，尚未审核。",
    "en": "This bank was imported from another system and has not been reviewed yet.",
}
_PROFILE = {"zh": "基本情况", "en": "Profile"}
_FACTS_FIRST = {"zh": "请先填写几项基本事实。", "en": "A few facts first."}
_LEVELS = {"zh": "等级", "en": "Levels"}
_LEVEL = {"zh": "等级1", "en": "Level 1"}
_MEANING = {"zh": "导入的文件未规定等级。", "en": "The imported file has no levels."}


def document(questionnaire: Questionnaire) -> Data:
    """The draft. What it could not take is added to the questionnaire's losses."""
    texts = Texts(questionnaire.language)
    known = frozenset(item.code for item in questionnaire.items())
    return _Draft(questionnaire, texts, Questions(questionnaire, texts, known)).whole()


@dataclass(slots=True)
class _Draft:
    source: Questionnaire
    texts: Texts
    asked: Questions
    domains: Keys = field(default_factory=Keys)
    pages: Keys = field(default_factory=lambda: Keys("profile", "outcomes"))

    def whole(self) -> Data:
        source = self.source
        title = self.texts.of(source.labels) if source.labels else _both(source.code or "…")
        facts, pages = self.pages_of(title)
        profile = self.asked.questions(facts, None)
        asking = self.not_too_many(list(self.asking(pages)))
        sections = [self.section(at, page, title) for at, page in enumerate(asking)]
        made: Data = {
            "format": 1,
            "key": Keys().give(source.code, otherwise="imported"),
            "version": 1,
            "title": title,
            "summary": self.texts.of(source.hints) if source.hints else dict(title),
            "notice": dict(_NOTICE),
            "method": [],
            "minutes": min(600, max(1, len(self.asked.known) // 2)),
            "roles": [],
            "profile": {
                "title": dict(_PROFILE),
                "summary": dict(_FACTS_FIRST),
                "questions": profile,
            },
            "sections": sections,
            "levels": _levels(),
        }
        _spread_weights(made["sections"])
        self.texts.tell(source.losses)
        source.losses.add("loss-defaults", "")
        return made

    # ------------------------------------------------------------------ pages

    def pages_of(self, title: Data) -> tuple[list[Item], list[Group]]:
        """The facts in front, and the groups that become pages, each loose run one of its own."""
        facts: list[Item] = []
        pages: list[Group] = []
        loose: Group | None = None
        has_groups = any(isinstance(part, Group) for part in self.source.parts)
        for part in self.source.parts:
            if isinstance(part, Group):
                loose = None
                pages.append(part)
            elif has_groups and not pages and part.ask in _FACTS and len(facts) < LONGEST_LIST:
                facts.append(part)
            else:
                if loose is None:
                    labels = {locale: words for locale, words in title.items() if words}
                    loose = Group("questions", part.place, labels)
                    pages.append(loose)
                loose.parts.append(part)
        if facts and pages and not Group("", "", parts=[*facts]).asks():
            pages[0] = replace(pages[0], parts=[*facts, *pages[0].parts])
            facts = []
        return facts, pages

    def asking(self, pages: Sequence[Group]) -> Iterator[Group]:
        """The pages that ask anything; the report keeps the others."""
        for page in pages:
            if page.asks():
                yield page
            else:
                self.left_out(page)

    def not_too_many(self, groups: Sequence[Group]) -> Sequence[Group]:
        """As many groups as a list of a bank can have; the report keeps the words of the others."""
        left = groups[LONGEST_LIST:]
        if left:
            texts = [text for group in left for text in kept(group.code, group.labels)]
            texts += [
                text
                for group in left
                for item in group.items()
                for text in kept(item.code, item.labels)
            ]
            facts = {"most": LONGEST_LIST, "count": len(left)}
            self.source.losses.add("loss-groups-cut", left[0].place, tuple(texts), **facts)
        return groups[:LONGEST_LIST]

    def left_out(self, group: Group) -> None:
        """A group of notes alone, or of nothing: its words and its condition are kept."""
        texts = kept("label", group.labels) + kept("hint", group.hints)
        if group.relevant:
            texts += (("condition", group.relevant),)
        name = quoted(_any(group.labels) or group.code)
        texts += (("name", group.code),)
        self.source.losses.add("loss-group-empty", group.place, texts, group=name)
        for part in group.parts:
            if isinstance(part, Group):
                self.left_out(part)
            else:
                self.asked.note_left_out(part)

    def section(self, at: int, page: Group, title: Data) -> Data:
        page = self.summarised(page)
        when = self.asked.condition(page.relevant, page.code, page.place)
        name = self.texts.of(page.labels, page.place) if page.labels else dict(title)
        key = self.pages.give(page.code, otherwise="group")
        self.asked.say_code("loss-group-code", page.place, page.code, key)
        return {
            "key": key,
            "code": _letter(at),
            "title": name,
            "short": dict(name),
            "summary": self.texts.of(page.hints, page.place) if page.hints else dict(name),
            "theme": Theme.DIGITAL.value,
            "weight": 0,
            "domains": list(self.section_domains(page, name, when)),
        }

    def summarised(self, page: Group) -> Group:
        """Notes in front of a page's first group are what the page is about."""
        notes = list(takewhile(lambda part: isinstance(part, Item) and _is_note(part), page.parts))
        rest = page.parts[len(notes) :]
        if page.hints or not notes or not rest or isinstance(rest[0], Item):
            return page
        hints: Labels = {}
        for note in notes:
            assert isinstance(note, Item)
            self.source.losses.add("loss-note-summary", note.place, note=note.code)
            self.asked.note_moved(note)
            hints = stacked([hints, note.labels, note.hints])
        return replace(page, hints=hints, parts=rest)

    def section_domains(self, page: Group, name: Data, when: Data | None) -> Iterator[Data]:
        run: list[Item] = []
        for part in page.parts:
            if isinstance(part, Item):
                run.append(part)
                continue
            yield from self.domain(page.code, name, run, when)
            run = []
            if not part.asks():
                self.left_out(part)
                continue
            inner = self.texts.of(part.labels, part.place) if part.labels else dict(name)
            both = self.inner_condition(part, when)
            if part.hints:
                words, texts = _any(part.hints), kept("hint", part.hints)
                self.source.losses.feature(part.place, part.code, "description", words, texts)
            yield from self.domain(part.code, inner, list(self.flat(part)), both, part.place)
        yield from self.domain(page.code, name, run, when)

    def inner_condition(self, group: Group, when: Data | None) -> Data | None:
        own = self.asked.condition(group.relevant, group.code, group.place)
        return foreign_conditions.both(when, own)

    def flat(self, group: Group) -> Iterator[Item]:
        """The questions of a group and of those inside it, whose names have no place here."""
        for part in group.parts:
            if isinstance(part, Item):
                yield part
                continue
            texts = (("name", part.code), *kept("label", part.labels), *kept("hint", part.hints))
            name = quoted(_any(part.labels) or part.code)
            self.source.losses.add("loss-group-flattened", part.place, texts, group=name)
            for item in self.flat(part):
                yield replace(item, around=(*part.around, part.relevant, *item.around))

    def domain(
        self, code: str, title: Data, items: Sequence[Item], when: Data | None, place: str = ""
    ) -> Iterator[Data]:
        """A part of a page. With a place it is a group of the file, whose code is its own."""
        questions = self.asked.questions(items, when)
        if not questions:
            return
        for start in range(0, len(questions), LONGEST_LIST):
            key = self.domains.give(code, otherwise="group")
            if place and not start:
                self.asked.say_code("loss-group-code", place, code, key)
            part = questions[start : start + LONGEST_LIST]
            yield {"key": key, "title": dict(title), "weight": 1, "questions": part}


def _both(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _is_note(item: Item) -> bool:
    return item.ask is Ask.NOTE


def _letter(at: int) -> str:
    """A to Z, then A1 to Z1, and so on."""
    turn, letter = divmod(at, len(FIRST_LETTER))
    return FIRST_LETTER[letter] + (str(turn) if turn else "")


def _any(labels: Labels) -> str:
    return next(iter(labels.values()), "")


def _spread_weights(sections: Sequence[Data]) -> None:
    """A hundred in equal whole parts; the first ones take what is left over."""
    if not sections:
        return
    each, more = divmod(100, len(sections))
    for at, section in enumerate(sections):
        section["weight"] = each + (at < more)


def _levels() -> dict[str, Any]:
    return {
        "title": dict(_LEVELS),
        "steps": [{"number": 0, "threshold": 0, "title": dict(_LEVEL), "meaning": dict(_MEANING)}],
        "gates": {"breadth": 0, "breadth_below": 0},
    }
