"""The texts of another system's questionnaire in our two languages; what is in others is kept."""

import re
from dataclasses import dataclass, field

from survey.core.errors import quoted
from survey.core.text import Locale
from survey.exchange import language_names
from survey.exchange.foreign import Labels, Losses

_HAS_LETTERS = re.compile(r"[^\W\d_]")
"""Figures and signs are the same in every language."""


def one_line(text: str) -> str:
    """An expression as a sentence can show it, where no line breaks: it means the same."""
    return " ".join(text.split())


@dataclass(slots=True)
class Texts:
    """Makes texts of a document. `language` is that of texts whose tag is empty."""

    language: str
    elsewhere: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)
    guessed: int = 0

    def of(self, labels: Labels, place: str = "") -> dict[str, str]:
        """A text in our languages; the others are counted. Nothing is kept in no language."""
        made: dict[Locale, str] = {}
        left: list[tuple[str, str]] = []
        for tag, words in sorted(labels.items(), key=lambda each: not each[0]):
            if not tag and not _HAS_LETTERS.search(words):
                made = dict.fromkeys(Locale, words) | made
                continue
            own = language_names.ours(tag or self.language)
            if own is None and not tag and not self.language:
                own = language_names.guessed(words)
                self.guessed += own not in made
            if own is not None and made.get(own) == words:
                continue
            if own is None or own in made:
                left.append((tag or self.language, words))
            else:
                made[own] = words
        if not made and left:
            tag, words = left.pop(0)
            made[language_names.guessed(words)] = words
            self.standing[tag] = self.standing.get(tag, 0) + 1
        for tag, words in left:
            self.elsewhere.setdefault(tag, []).append((place, words))
        if not made:
            return {"zh": "", "en": ""}
        return {locale.value: made[locale] for locale in Locale if locale in made}

    def tell(self, losses: Losses) -> None:
        """Which languages had no place, with all their words."""
        for tag, texts in self.elsewhere.items():
            said = quoted(tag or "-")
            losses.keep("loss-language", texts, language=said, count=len(texts))
        for tag, count in self.standing.items():
            losses.add("loss-language-standing", "", language=quoted(tag or "-"), count=count)
        if self.guessed:
            losses.add("loss-language-guessed", "", count=self.guessed)
