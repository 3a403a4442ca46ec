"""The two languages of the product, and a sentence that exists in both."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, StringConstraints

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Locale(StrEnum):
    """A language we speak. The only place where language names are converted."""

    ZH = "zh"
    EN = "en"

    @property
    def html_lang(self) -> str:
        """The BCP 47 tag for HTML and PDF: without it Chinese gets Japanese glyph shapes."""
        return {"zh": "zh-CN", "en": "en"}[self.value]

    @property
    def folder(self) -> str:
        """The catalogue's folder name, which is also Babel's locale identifier."""
        return {"zh": "zh_CN", "en": "en"}[self.value]

    @property
    def own_name(self) -> str:
        """How the language calls itself."""
        return {"zh": "简体中文", "en": "English"}[self.value]


class Languages(StrEnum):
    """What a reader can ask a report for."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"

    @property
    def locales(self) -> tuple[Locale, ...]:
        """The languages to print, in reading order: Chinese comes first."""
        return (Locale.ZH, Locale.EN) if self is Languages.BOTH else (Locale(self.value),)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages; neither may be empty."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    zh: Sentence
    en: Sentence

    def in_(self, locale: Locale) -> str:
        return self.zh if locale is Locale.ZH else self.en


def is_text(node: object) -> bool:
    """Whether plain data is a text, as a draft has it: perhaps in one language alone."""
    return isinstance(node, dict) and bool(node) and node.keys() <= set(Locale)


def text_of(value: object) -> Text | None:
    """A text of a draft; where one language is missing the other stands in. None without any."""
    inside = value if isinstance(value, dict) else {}
    said = (inside.get(locale) for locale in (Locale.ZH, Locale.EN))
    zh, en = (text.strip() if isinstance(text, str) else "" for text in said)
    return Text(zh=zh or en, en=en or zh) if zh or en else None


def cut_to_bytes(text: str, most: int) -> str:
    """As much of the beginning as fits into so many bytes of UTF-8; no character is cut."""
    return text.encode()[:most].decode(errors="ignore")


def same(value: str) -> Text:
    """A text that reads alike in both languages, such as a code or a number."""
    return Text(zh=value, en=value)
