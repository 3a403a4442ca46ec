"""HTML in imported texts as plain words: nothing of it reaches a page. The only importer of nh3.

The product shows texts without tags, so the few that stand for a break become one. Whatever runs,
listens or loads from elsewhere is named, so that it can be reported.

Texts are escaped once: those of LimeSurvey are HTML (in a .lss file the XML around them has been
read before), those of SurveyJS and XLSForms are plain or Markdown, in which HTML and its entities
mean the same. So ``&lt;b&gt;`` is a ``<b>`` for people to read. Only what would run is looked for
below that as well: not every program that gets our export escapes it.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3

from survey.core.answers import UNPRINTABLE

LONGEST = 4000
"""Signs of one text, as in a bank."""

LONGEST_RAW = 20_000
"""Signs of one text with its markup; beyond that nobody wrote it."""

_RUNNING = {
    "template",
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "applet",
    "meta",
    "link",
    "base",
}
_SHOWN_ELSEWHERE = {"img", "audio", "video", "source", "picture", "svg", "math", "canvas", "track"}
_FORMS = {"form", "input", "button", "select", "option", "textarea", "label", "fieldset", "legend"}
_BREAKS = {"br", "hr"}
_CELLS = {"td", "th"}
_BLOCKS = {
    "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tfoot", "tr",
    "caption", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article",
    "header", "footer", "main", "nav", "aside", "address", "figure", "figcaption", "center",
}  # fmt: skip
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "details", "dfn",
    "em", "font", "i", "ins", "kbd", "mark", "marquee", "nobr", "o:p", "q", "rp", "rt", "ruby",
    "s", "samp", "small", "span", "strike", "strong", "sub", "summary", "sup", "td", "th", "time",
    "tt", "u", "var", "wbr", "html", "body", "head", "title", "noscript", "colgroup",
    "col", "map", "area", "dialog", "frame", "frameset", "param", "data", "output", "slot",
}  # fmt: skip
_KNOWN = _RUNNING | _SHOWN_ELSEWHERE | _FORMS | _BREAKS | _BLOCKS | _INLINE
_UNSHOWN = {"script", "style"}

_MAYBE_WORDS = {
    "title", "time", "address", "data", "output", "map", "area", "dialog", "summary", "details",
    "object", "source", "link", "base", "label", "code", "main", "header", "footer", "section",
    "article", "picture", "video", "audio", "track", "button", "param", "template", "mark",
}  # fmt: skip
"""Elements whose names people also write as placeholders: they are words if nothing ends them."""

_PLACEHOLDER = re.compile(r"<(?=/?([^\W\d_][\w .]{0,60})>)")
"""``<your name>`` is no element but what somebody wrote for people to read."""

_FOR_LOOKS = {
    "b", "big", "blockquote", "br", "cite", "code", "del", "div", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "table", "td", "th", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
"""Elements that do nothing at all if they are written without an attribute."""

_OPENING = re.compile(
    rf"<(?!/?(?:{'|'.join(sorted(_FOR_LOOKS))})\s?/?>)"
    rf"(?=/?(?:(?:{'|'.join(sorted(_KNOWN))})\b|{'|'.join(sorted(_RUNNING | {'svg'}))}"
    r"""|[a-z][^>]{0,300}[\s"'/]on[a-z]+\s{0,20}=))""",
    re.IGNORECASE,
)
"""What could still begin an element that does something once all rounds are done."""

_LOOKS_LIKE_HTML = re.compile(r"<[!/?a-zA-Z]|&[#a-zA-Z][a-zA-Z0-9]*;")
_ROUNDS = 5
"""How often escaped HTML may have been escaped once more."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The words of a text, and what was taken out of it.

    `dropped` names elements and attributes that run, listen or load from elsewhere, `lost` are
    words that went with an element; `signs` counts characters that no page can show; `cut` counts
    those beyond the longest text.
    """

    text: str
    dropped: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    signs: int = 0
    cut: int = 0


def plain(raw: str) -> Plain:
    """The text without its tags, its entities read, breaks kept as line breaks."""
    found: list[str] = []
    lost: list[str] = []
    text, signs = _printable(raw[:LONGEST_RAW])
    if _LOOKS_LIKE_HTML.search(text):
        text = _without_tags(text, found, lost)
        for _ in range(_ROUNDS):
            if not _would_run(text):
                break
            text = _without_tags(text, found, lost)
    text, more = _printable(_OPENING.sub("< ", text))
    tidy = _tidy(text.replace("\t", " ").replace("\xa0", " ").replace("\xad", ""))
    cut = max(0, len(tidy) - LONGEST) + max(0, len(raw) - LONGEST_RAW)
    dropped, gone = tuple(dict.fromkeys(found)), tuple(dict.fromkeys(lost))
    return Plain(tidy[:LONGEST].rstrip(), dropped, gone, signs + more, cut)


def _printable(text: str) -> tuple[str, int]:
    """The text without the characters that no page can show, and how many there were."""
    return UNPRINTABLE.subn("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _tidy(text: str) -> str:
    """No line of spaces, no spaces around lines, no more than one empty line."""
    lines = [re.sub(r" {2,}", " ", line).strip() for line in text.strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _without_tags(text: str, found: list[str], lost: list[str]) -> str:
    text = _PLACEHOLDER.sub(_kept_if_unknown, _UNCLOSED.sub(_kept_if_unclosed, text))
    names, words = _watched(text)
    found.extend(names)
    cleaned = nh3.clean(
        text,
        tags=_BREAKS | _BLOCKS | _CELLS,
        attributes={},
        clean_content_tags=_UNSHOWN,
        link_rel=None,
        strip_comments=True,
    )
    shown = html.unescape(re.sub(r"<(?:br|hr)\s*/?>|</?([a-z0-9]+)>", _break, cleaned))
    lost.extend(_gone(words, shown))
    return shown


def _would_run(text: str) -> bool:
    """Whether words that were escaped are more than words, however often they were escaped."""
    for _ in range(_ROUNDS):
        if not _LOOKS_LIKE_HTML.search(text):
            break
        if _watched(_PLACEHOLDER.sub(_kept_if_unknown, _UNCLOSED.sub(_kept_if_unclosed, text)))[0]:
            return True
        text = html.unescape(text)
    return False


def _gone(before: Sequence[str], after: str) -> Iterator[str]:
    """Words that stood between the tags and stand nowhere now."""
    left = _bare(after)
    if _bare("".join(before)) == left:
        return
    for words in before:
        if _bare(words) not in left:
            yield html.unescape(words).strip()


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", html.unescape(text))


_UNCLOSED = re.compile(r"<(?=/?[a-zA-Z])")
_TAG = re.compile(r"""(?:=\s{0,20}"[^"]*"|=\s{0,20}'[^']*'|[^<>])*""")
"""The rest of a tag: up to its end, which is none inside quotation marks."""


def _kept_if_unclosed(match: re.Match[str]) -> str:
    """``a<b or c``: what no ``>`` ends is no element."""
    rest = _TAG.match(match.string, match.end())
    end = rest.end() if rest else match.end()
    return "<" if match.string[end : end + 1] == ">" else "&lt;"


def _kept_if_unknown(match: re.Match[str]) -> str:
    name = match[1].split(" ", maxsplit=1)[0].lower()
    is_word = name in _MAYBE_WORDS and name == match[1].lower() and _stands_alone(match, name)
    return "<" if name in _KNOWN and not is_word else "&lt;"


def _stands_alone(match: re.Match[str], name: str) -> bool:
    """Whether the element begins without ending."""
    return match.string[match.end() : match.end() + 1] != "/" and not re.search(
        rf"</{name}\s*>", match.string, re.IGNORECASE
    )


def _break(match: re.Match[str]) -> str:
    if match[1] in _CELLS:
        return " "
    if match[1] == "li" and not match[0].startswith("</"):
        return "\n- "
    return "\n"


_START = re.compile(r"<(?:(!--)|/?([a-zA-Z][^\s/<>]{0,60}))")
_ATTRIBUTE = re.compile(
    r"""[\s"'/]([a-zA-Z]{2,30})\s{0,20}=\s{0,20}(?:"([^"]{0,60})|'([^']{0,60})|([^\s"'<>]{0,60}))"""
)
_NAMED = {"href", "src", "srcset", "action", "data", "formaction", "poster", "alt"}


def _watched(text: str) -> tuple[list[str], list[str]]:
    """The names of what is dropped for more than its looks, and the words between the tags.

    One pass over the text, however odd it is.
    """
    names: list[str] = []
    words: list[str] = []
    at = 0
    while match := _START.search(text, at):
        words.append(text[at : match.start()])
        if match[1]:
            at = _behind("-->", text, match.end())
            continue
        tag = match[2].lower()
        rest = _TAG.match(text, match.end())
        at = rest.end() if rest else match.end()
        at += text[at : at + 1] == ">"
        if text[match.start() + 1] == "/":
            continue
        if tag in _RUNNING or tag in _SHOWN_ELSEWHERE or tag in _FORMS or tag not in _KNOWN:
            names.append(f"<{tag[:30]}>")
        for name, *values in _ATTRIBUTE.findall(text[match.end() : at]):
            if name.lower().startswith("on"):
                names.append(name.lower())
            elif name.lower() in _NAMED:
                names.append(f"{name.lower()}={''.join(values).strip()}")
        if tag in _UNSHOWN:
            at = _behind(f"</{tag}", text, at)
    words.append(text[at:])
    return names, [part for part in words if part.strip()]


def _behind(end: str, text: str, at: int) -> int:
    """Where something that begins here has ended."""
    found = re.compile(re.escape(end), re.IGNORECASE).search(text, at)
    return found.end() if found else len(text)
