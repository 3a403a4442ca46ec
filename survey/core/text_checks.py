"""What a translation can be told by a program: terms, figures, placeholders, punctuation.

A finding is a hint for the person who reviews, not a fault of the bank: languages count and
name things in more ways than a program knows. Only what can be told apart for sure is found.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from survey.core.errors import Facts
from survey.core.places import children
from survey.core.texts import TextAt
from survey.core.typography import slips, unusual


class Check(StrEnum):
    GLOSSARY = "glossary"
    FIGURES = "figures"
    PLACEHOLDERS = "placeholders"
    TYPOGRAPHY = "typography"


@dataclass(frozen=True, slots=True)
class Finding:
    check: Check
    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgreedTerm:
    """A term as it may be written in Chinese, and as it is agreed in English."""

    place: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    said: str


# ---------------------------------------------------------------------- glossary

_BRACKETS = re.compile(r"\s*[（(]([^（）()]*)[）)]\s*")
_WORDS = re.compile(r"[a-z0-9&]+")


def agreed_terms(data: object) -> tuple[AgreedTerm, ...]:
    """The bank's glossary, longest term first, so far as its terms are in both languages."""
    glossary = data.get("glossary") if isinstance(data, dict) else None
    found = []
    for step, part in children(glossary):
        term = part.get("term") if isinstance(part, dict) else None
        zh, en = (term.get("zh"), term.get("en")) if isinstance(term, dict) else (None, None)
        if isinstance(zh, str) and isinstance(en, str) and zh.strip() and en.strip():
            place = f"glossary/{step}/"
            found.append(AgreedTerm(place, _forms(zh)[:1], _forms(en), en.strip()))
    return tuple(sorted(found, key=lambda each: -len(each.zh[0])))


def _forms(term: str) -> tuple[str, ...]:
    """The term without its brackets, and what stands in them: 制造执行系统（MES）."""
    plain = _BRACKETS.sub(" ", term).strip(' “”"')
    inside = [each.strip() for each in _BRACKETS.findall(term)]
    return tuple(each for each in (plain, *inside) if each) or (term.strip(),)


def _of_terms(text: TextAt, terms: Sequence[AgreedTerm]) -> Iterator[Finding]:
    """Terms of the source whose agreed English is not used; one inside a longer one is not one."""
    source, words = text.zh, _stems(text.en)
    for term in terms:
        found = next((form for form in term.zh if form in source), None)
        if found is None:
            continue
        source = source.replace(found, "\n")
        if not text.place.startswith(term.place) and not any(_in(words, en) for en in term.en):
            yield Finding(Check.GLOSSARY, "text-term", {"term": found, "agreed": term.said})


def _in(words: str, term: str) -> bool:
    return f" {_stems(term).strip()} " in words


def _stems(text: str) -> str:
    """The words without case, plural and hyphens, with spaces around each."""
    return f" {' '.join(_stem(word) for word in _WORDS.findall(text.lower()))} "


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


# ----------------------------------------------------------------------- figures

_WIDE = {ord("０") + n: str(n) for n in range(10)} | str.maketrans("％．", "%.")
_FIGURE = (
    r"(?<![A-Za-z0-9])([0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(\.[0-9]+)?(?![GD](?![A-Za-z]))"
)
_ZH_SCALES = {"千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}
_EN_SCALES = {"k": 1000, "thousand": 1000, "million": 10**6, "billion": 10**9}
_ZH_FIGURE = re.compile(
    _FIGURE + r"\s*(百万|千万|万亿|千(?![克瓦米帕伏卡赫焦乏字])|万|亿)?\s*(%|个?百分点)?"
)
_EN_FIGURE = re.compile(
    _FIGURE + r"\s*(k\b|thousand|million|billion)?\s*(%|per\s?cent|percentage points?)?",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(?:[~～–—,、，和或至到-]|(?:,\s*)?(?:to|and|or))\s*", re.IGNORECASE)
"""What stands between figures that share what follows the last of them: 66、71和80%."""

_IN_10K = re.compile(r"10k|10,000|ten thousand", re.IGNORECASE)
_ZH_TENTHS = re.compile(r"([一二三四五六七八九])成")
_ZH_PER_CENT = re.compile(r"百分之([零一二三四五六七八九十百]+)")
_ZH_NUMERAL = re.compile(r"[零一二三四五六七八九十百千两]+万?")
_ZH_DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_ZH_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_MONTHS = "january february march april may june july august september october november december"
_OTHERS = {"none": 0, "no": 0, "once": 1, "a": 1, "both": 2, "twice": 2, "double": 2, "pair": 2}


def _numbered(words: str, *, first: int = 0, step: int = 1) -> Mapping[str, int]:
    return {word: first + step * n for n, word in enumerate(words.split())}


_EN_TENS = _numbered(_TENS, first=20, step=10)
_VALUES = {
    **_numbered(_NUMERALS),
    **_EN_TENS,
    **_numbered(_ORDINALS, first=1),
    **_numbered(_MONTHS, first=1),
    **_OTHERS,
}

Value = tuple[Decimal, bool]
"""A figure, and whether it is in per cent."""


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure as it is written, and what it may mean: the 5 of 5~10万 is 5 or 50,000.

    `unscaled` is what it means without the 万 that follows it.
    """

    said: str
    means: frozenset[Value]
    unscaled: frozenset[Value]


def _figures(text: TextAt, _terms: Sequence[AgreedTerm]) -> Iterator[Finding]:
    chinese, english = (_PLACEHOLDER.sub("_", each).translate(_WIDE) for each in (text.zh, text.en))
    source = [*_written(chinese, _ZH_FIGURE, _ZH_SCALES), *_per_cents(chinese)]
    translation = list(_written(english, _EN_FIGURE, _EN_SCALES))
    if _IN_10K.search(english):  # 8000万元 may be 8,000, in a unit of CNY 10,000
        source = [_Figure(each.said, each.means | each.unscaled, each.unscaled) for each in source]
    in_source = _meant(source) | _may_mean(_chinese_numerals(chinese)) | _tenths(chinese)
    in_translation = _meant(translation) | _may_mean(_english_numerals(english))
    if "万" in chinese:
        in_source |= _may_mean({10**4})
    for figures, others, code in (
        (source, in_translation, "text-figure-missing"),
        (translation, in_source, "text-figure-added"),
    ):
        unmatched = (each.said for each in figures if not each.means & others)
        for said in dict.fromkeys(unmatched):
            yield Finding(Check.FIGURES, code, {"figure": said})


def _meant(figures: Sequence[_Figure]) -> frozenset[Value]:
    return frozenset[Value]().union(*(each.means for each in figures))


def _may_mean(numbers: set[int]) -> frozenset[Value]:
    return frozenset((Decimal(number), False) for number in numbers)


def _written(text: str, figure: re.Pattern[str], scales: Mapping[str, int]) -> Iterator[_Figure]:
    """From the last to the first, as those before may share what follows the last."""
    shared, percent_shared, start = 1, False, -1
    for match in reversed(list(figure.finditer(text))):
        whole, fraction, name, sign = match.groups()
        number = Decimal(whole.replace(",", "") + (fraction or ""))
        scale, percent = scales.get((name or "").lower(), 1), sign is not None
        means = {(number * scale, percent)}
        if start >= 0 and not (name or sign) and _JOINED.fullmatch(text[match.end() : start]):
            means.add((number * shared, percent_shared))
        else:
            shared, percent_shared = scale, percent
        start = match.start()
        yield _Figure(match.group().strip(), frozenset(means), frozenset({(number, percent)}))


def _per_cents(text: str) -> Iterator[_Figure]:
    for found in _ZH_PER_CENT.finditer(text):
        means = frozenset({(Decimal(_chinese(found.group(1))), True)})
        yield _Figure(found.group(), means, means)


def _tenths(text: str) -> frozenset[Value]:
    """九成 is 90%; 一半 and 半数 are half."""
    found = {(Decimal(10 * _ZH_DIGITS[each]), True) for each in _ZH_TENTHS.findall(text)}
    return frozenset(
        found | {(Decimal(50), True), (Decimal("0.5"), False)} if "半" in text else found
    )


def _chinese_numerals(text: str) -> set[int]:
    """What may be numerals; in 十分 or 一般 they are none, so nothing is asked of them."""
    found = {_chinese(numeral) for numeral in _ZH_NUMERAL.findall(text)}
    return found | {_ZH_DIGITS[sign] for sign in text if sign in _ZH_DIGITS}


def _chinese(numeral: str) -> int:
    """The value of 二百五十 or 三万; of signs that are no numeral whatever comes out."""
    if numeral.endswith("万"):
        return 10_000 * _chinese(numeral[:-1])
    total, digit = 0, 0
    for sign in numeral:
        if sign in _ZH_TENS:
            total += (digit or 1) * _ZH_TENS[sign]
            digit = 0
        else:
            digit = _ZH_DIGITS[sign]
    return total + digit


def _english_numerals(text: str) -> set[int]:
    """What words may mean: three, third, twenty, March, ten thousand."""
    words = re.findall(r"[a-z]+", text.lower())
    found = {_VALUES[word] for word in words if word in _VALUES}
    for one, other in pairwise(words):
        if one in _VALUES and other in _EN_SCALES:
            found.add(_VALUES[one] * _EN_SCALES[other])
        if one in _EN_TENS and other in _VALUES:
            found.add(_VALUES[one] + _VALUES[other])
    return found


# ------------------------------------------------------------------ placeholders

_PLACEHOLDER = re.compile(
    r"%\([A-Za-z0-9_]+\)[a-z]|(?<![0-9%])%(?:[1-9]\$)?[sdif](?![A-Za-z])"
    r"|\{\{[^{}\n]{1,60}\}\}|\$?\{[A-Za-z0-9_.-]{0,60}\}"
)
_WITHOUT_NAME = re.compile(r"%[sdif]|\{\}")
"""Placeholders that are told apart by nothing but how many there are."""


def _placeholders(text: TextAt, _terms: Sequence[AgreedTerm]) -> Iterator[Finding]:
    source, translation = (Counter(_PLACEHOLDER.findall(each)) for each in (text.zh, text.en))
    for found, others, code in (
        (source, translation, "text-placeholder-missing"),
        (translation, source, "text-placeholder-added"),
    ):
        for placeholder, count in found.items():
            needed = count if _WITHOUT_NAME.fullmatch(placeholder) else 1
            if others[placeholder] < needed:
                yield Finding(Check.PLACEHOLDERS, code, {"placeholder": placeholder})


# ------------------------------------------------------------------------- all


def _typography(text: TextAt, _terms: Sequence[AgreedTerm]) -> Iterator[Finding]:
    for slip in slips({"zh": text.zh, "en": text.en}):
        yield Finding(Check.TYPOGRAPHY, slip.code, slip.facts)
    for code, facts in unusual(text.zh):
        yield Finding(Check.TYPOGRAPHY, code, facts)


_CHECKS: Mapping[Check, Callable[[TextAt, Sequence[AgreedTerm]], Iterator[Finding]]] = {
    Check.GLOSSARY: _of_terms,
    Check.FIGURES: _figures,
    Check.PLACEHOLDERS: _placeholders,
    Check.TYPOGRAPHY: _typography,
}
_OF_ONE = (Check.TYPOGRAPHY,)
"""What there is to look at in one language alone."""


def findings(
    text: TextAt, terms: Sequence[AgreedTerm], checks: Iterable[Check] = tuple(Check)
) -> tuple[Finding, ...]:
    """What strikes about one text; only its punctuation if it is missing in one language."""
    there = text.zh and text.en
    return tuple(
        finding
        for check in checks
        if there or check in _OF_ONE
        for finding in _CHECKS[check](text, terms)
    )
