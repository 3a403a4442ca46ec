"""How other formats name languages, and which of them are ours."""

import re

from survey.core.text import Locale

_TAG = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*")
_IN_BRACKETS = re.compile(r"[(（\[]\s*([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*)\s*[)）\]]\s*$")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")

_NAMES = {
    "中文": "zh", "简体中文": "zh", "中文简体": "zh", "汉语": "zh", "简体": "zh", "普通话": "zh",
    "chinese": "zh", "simplified chinese": "zh", "chinese simplified": "zh", "mandarin": "zh",
    "chinese (simplified)": "zh", "zhongwen": "zh", "chinois": "zh", "chinesisch": "zh",
    "繁體中文": "zh-hant", "繁体中文": "zh-hant", "中文繁體": "zh-hant", "正體中文": "zh-hant",
    "traditional chinese": "zh-hant", "chinese (traditional)": "zh-hant",
    "english": "en", "英文": "en", "英语": "en", "英語": "en", "anglais": "en", "englisch": "en",
    "inglés": "en", "ingles": "en", "inglês": "en", "eng": "en", "cmn": "zh", "zho": "zh",
    "chi": "zh", "french": "fr", "français": "fr", "francais": "fr", "spanish": "es",
    "español": "es", "espanol": "es", "german": "de", "deutsch": "de", "portuguese": "pt",
    "português": "pt", "arabic": "ar", "العربية": "ar", "russian": "ru", "русский": "ru",
    "japanese": "ja", "日本語": "ja", "korean": "ko", "한국어": "ko", "italian": "it",
    "italiano": "it", "dutch": "nl", "nederlands": "nl", "vietnamese": "vi", "thai": "th",
    "hindi": "hi", "swahili": "sw", "kiswahili": "sw", "indonesian": "id", "turkish": "tr",
}  # fmt: skip
_NOT_OURS = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def tag_of(name: str) -> str:
    """A short, lower-case tag for a language's name; a name nobody knows stays as it is."""
    name = " ".join(name.split())
    inside = _IN_BRACKETS.search(name)
    if inside:
        return inside[1].lower().replace("_", "-")
    lower = name.lower()
    if lower in _NAMES:
        return _NAMES[lower]
    if _TAG.fullmatch(lower):
        return lower.replace("_", "-")
    first = re.split(r"[(（\[_\-/]", lower, maxsplit=1)[0].strip()
    return _NAMES.get(first, lower)


def ours(tag: str) -> Locale | None:
    """Which of our two languages a tag stands for; traditional Chinese is another language."""
    if tag.startswith(_NOT_OURS):
        return None
    head = tag.split("-", maxsplit=1)[0]
    return {"zh": Locale.ZH, "en": Locale.EN}.get(head)


def guessed(text: str) -> Locale:
    """The language of a text without a tag, by its script."""
    is_chinese = _HAN.search(text) and not _KANA_OR_HANGUL.search(text)
    return Locale.ZH if is_chinese else Locale.EN
