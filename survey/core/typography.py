"""Slips that no reader should see: punctuation of the wrong width, unprintable characters.

And what strikes in Chinese without being a fault of a bank.
"""

import re
from collections.abc import Iterator

from survey.core.answers import UNPRINTABLE
from survey.core.errors import Facts, Problem
from survey.core.trees import parts

_HALF_WIDTH_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])[,;:!?.()]|[,;:!?.()](?=[\u4e00-\u9fff])")
_AS_EVERYWHERE = re.compile(r"/\([^()\n]*\)|\.(?=[A-Za-z0-9])|(?m:^[0-9]{1,2}\.)")
"""Half-width in any language: brackets of a unit, 吨/(人·年), the dot of a file name, 模板.xlsx,
or of a version, and the number of a paragraph, 1."""
_STRAIGHT_QUOTE = re.compile(
    r"""(?<=[\u4e00-\u9fff，。；：！？、（）])["']|["'](?=[\u4e00-\u9fff，。；：！？、（）])"""
)
_WIDE_SIGN = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
_SPACE_IN_CHINESE = re.compile(
    r"([\u4e00-\u9fff])[ \u00a0]+([A-Za-z0-9])|([A-Za-z0-9%])[ \u00a0]+([\u4e00-\u9fff])"
)
_FULL_WIDTH_IN_ENGLISH = re.compile(r"[\u3000-\u303f\uff01-\uff5e\u4e00-\u9fff]")


def slips(node: object, place: str = "") -> Iterator[Problem]:
    """Half-width punctuation beside Han characters, and full-width characters in English."""
    if isinstance(node, dict) and {"zh", "en"} & set(node):
        chinese, english = node.get("zh"), node.get("en")
        if isinstance(chinese, str):
            chinese = _AS_EVERYWHERE.sub("_", chinese)
        yield from _slip(chinese, _HALF_WIDTH_IN_CHINESE, f"{place}.zh", "bank-half-width")
        yield from _slip(english, _FULL_WIDTH_IN_ENGLISH, f"{place}.en", "bank-full-width")
        return
    for key, part in parts(node):
        yield from slips(part, f"{place}.{key}" if place else str(key))


def unusual(chinese: str) -> Iterator[tuple[str, Facts]]:
    """What is rarely meant in Chinese, with its code; a bank may have it all the same.

    A space between Han characters is none: titles of standards have them.
    """
    if quote := _STRAIGHT_QUOTE.search(chinese):
        yield "text-straight-quote", {"character": quote.group()}
    if wide := _WIDE_SIGN.search(chinese):
        yield "text-wide-sign", {"characters": wide.group()}
    if space := _SPACE_IN_CHINESE.search(chinese):
        before, after = filter(None, space.groups())
        yield "text-space-in-chinese", {"before": before, "after": after}


def unprintable(node: object, place: str = "") -> Iterator[Problem]:
    """Characters that no page can show, or that turn the reading direction of what follows.

    Halves of characters are not even text: the shape of the bank has named them already.
    """
    found = UNPRINTABLE.search(node) if isinstance(node, str) else None
    if found and not "\ud800" <= found.group() <= "\udfff":
        yield Problem("bank-unprintable", place, {"character": f"U+{ord(found.group()):04X}"})
    for key, part in parts(node):
        yield from unprintable(part, f"{place}.{key}" if place else str(key))


def _slip(text: object, slips: re.Pattern[str], place: str, code: str) -> Iterator[Problem]:
    slip = slips.search(text) if isinstance(text, str) else None
    if slip:
        yield Problem(code, place, {"character": slip.group()})
