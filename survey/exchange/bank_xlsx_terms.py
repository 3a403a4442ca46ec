"""Conditions and limits of a question as an XLSForm writes them, and read back.

What is written is read back exactly. `and`, `or` and `not` over other conditions put each of them
in parentheses; several options of one question are joined by `or` without any. A number that the
document has as text stands in quotes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.core.bank import Kind
from survey.core.errors import SurveyError

DEEPEST = 30
LONGEST = 20_000
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLAIN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]*[1-9]")
_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\$\{[^{}]{0,80}\})|(?P<text>'[^']*'|"[^"]*")"""
    r"""|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<word>[a-z][a-z-]*)|(?P<sign>>=|!=|=|\(|\)|,|\.))"""
)
_LIMITS = re.compile(
    r"""\s*(?:\.\s*(?P<sign>>=|<=)\s*(?P<number>'[^']*'|-?[0-9]+(?:\.[0-9]+)?)"""
    r"""|string-length\(\s*\.\s*\)\s*<=\s*(?P<length>[0-9]{1,9})"""
    r"""|regex\(\s*\.\s*,\s*(?P<pattern>'[^']*'|"[^"]*")\s*\))\s*(?P<more>and\b|$)"""
)

_NUMBER_OF = re.compile(r"^(points_|percent_|_(?=[0-9]))")

Condition = dict[str, Any]


class NotUnderstood(SurveyError):
    """This is not written as it has to be; `at` is where the reading ended."""

    code = "workbook-expression"


def name_of(key: str) -> str:
    """A key as the name of a question: names of an XLSForm begin with no digit."""
    return f"_{key}" if key[:1].isdigit() else key


def key_of(name: str) -> str:
    """The key of the question that a name means, or whose number it means."""
    return _NUMBER_OF.sub("", name)


# -------------------------------------------------------------------- conditions


def condition_text(condition: object, name: Callable[[str], str]) -> str | None:
    """The expression for a condition; `name` is what it calls a question whose number counts.

    None if it is no condition that can be written so.
    """
    if not isinstance(condition, dict):
        return None
    match sorted(condition):
        case ["in", "question"]:
            return _one_of(condition["question"], condition["in"])
        case ["at_least", "question"]:
            number = number_text(condition["at_least"])
            if number is None or not _is_key(condition["question"]):
                return None
            return f"${{{name(condition['question'])}}} >= {number}"
        case ["not"]:
            inner = condition_text(condition["not"], name)
            return None if inner is None else f"not({inner})"
        case ["all"]:
            return _joined(condition["all"], "and", "true()", name)
        case ["any"]:
            return _joined(condition["any"], "or", "false()", name)
        case _:
            return None


def number_text(value: object) -> str | None:
    """A number of a document: as it is, or in quotes where the document has it as odd text."""
    if isinstance(value, str):
        if _FRACTION.fullmatch(value):
            return value
        return f"'{value}'" if _PLAIN.fullmatch(value) else None
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole and _WHOLE.fullmatch(str(value)) else None


def calculation_text(question: Mapping[str, Any]) -> str | None:
    """The expression for the number of a question; None if its answer is a number, or has none."""
    key = question["key"]
    match question.get("kind"):
        case Kind.LADDER:
            options = question.get("options")
            return _points_of(name_of(key), options if isinstance(options, list) else [])
        case Kind.RATIO:
            return f"round(${{numerator_{key}}} div ${{denominator_{key}}} * 100, 4)"
        case _:
            return None


def _points_of(name: str, options: list[Any]) -> str:
    said = "''"
    for option in reversed(options):
        is_named = isinstance(option, dict) and _is_key(option.get("key"))
        points = number_text(option.get("points")) if is_named else None
        if points is not None:
            said = f"if(selected(${{{name}}}, '{option.get('key')}'), {points}, {said})"
    return said


def _one_of(question: object, options: object) -> str | None:
    if not _is_key(question) or not isinstance(options, list) or not options:
        return None
    if not all(map(_is_key, options)):
        return None
    return " or ".join(f"selected(${{{name_of(str(question))}}}, '{key}')" for key in options)


def _joined(parts: object, word: str, alone: str, name: Callable[[str], str]) -> str | None:
    if not isinstance(parts, list) or not parts:
        return None
    said = [condition_text(part, name) for part in parts]
    if None in said:
        return None
    return f" {word} ".join([*(f"({each})" for each in said), *([alone] if len(said) == 1 else [])])


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def condition(text: str) -> Condition:
    """The condition that an expression says. Raises NotUnderstood."""
    if len(text) > LONGEST:
        raise NotUnderstood(at=text[:20])
    reader = _Reader(_tokens(text))
    node = reader.either(0)
    if reader.at < len(reader.tokens) or node.condition is None:
        raise NotUnderstood(at=reader.rest())
    return node.condition


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Node:
    """A condition, or true() and false(), which have none. `is_bare` is one without parentheses."""

    condition: Condition | None
    is_bare: bool = False


def _tokens(text: str) -> list[_Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotUnderstood(at=text[at:].strip()[:20])
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found[kind]))
        at = found.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    """Reads an expression from left to right."""

    tokens: list[_Token]
    at: int = 0

    def rest(self) -> str:
        """Where the reading ended, to show."""
        return " ".join(token.text for token in self.tokens[self.at : self.at + 4])[:20] or "…"

    def either(self, depth: int) -> _Node:
        return self._list("or", "any", self._all, depth)

    def _all(self, depth: int) -> _Node:
        return self._list("and", "all", self._one, depth)

    def _list(self, word: str, form: str, part: Callable[[int], _Node], depth: int) -> _Node:
        if depth > DEEPEST:
            raise NotUnderstood(at=self.rest())
        nodes = [part(depth)]
        while self._takes("word", word):
            nodes.append(part(depth))
        if len(nodes) == 1:
            return nodes[0]
        told = [node for node in nodes if node.condition is not None]
        conditions = _together(told) if form == "any" else [each.condition for each in told]
        if not conditions:
            raise NotUnderstood(at=self.rest())
        if len(conditions) == 1 and len(told) == len(nodes):
            return _Node(conditions[0])
        return _Node({form: conditions})

    def _one(self, depth: int) -> _Node:
        token = self._next()
        match token:
            case _Token("sign", "("):
                inner = self.either(depth + 1)
                self._must("sign", ")")
                return _Node(inner.condition)
            case _Token("ref", _):
                return self._compared(token.text[2:-1].strip())
            case _Token("word", "true" | "false"):
                self._must("sign", "(")
                self._must("sign", ")")
                return _Node(None)
            case _Token("word", "not"):
                self._must("sign", "(")
                inner = self.either(depth + 1)
                self._must("sign", ")")
                if inner.condition is not None:
                    return _Node({"not": inner.condition})
            case _Token("word", "selected"):
                self._must("sign", "(")
                name = self._must("ref")[2:-1].strip()
                self._must("sign", ",")
                option = self._must("text")[1:-1]
                self._must("sign", ")")
                return _Node({"question": key_of(name), "in": [option]}, is_bare=True)
        self.at -= 1
        raise NotUnderstood(at=self.rest())

    def _compared(self, name: str) -> _Node:
        key = key_of(name)
        match self._next():
            case _Token("sign", "="):
                return _Node({"question": key, "in": [self._must("text")[1:-1]]}, is_bare=True)
            case _Token("sign", "!="):
                return _Node({"not": {"question": key, "in": [self._must("text")[1:-1]]}})
            case _Token("sign", ">="):
                token = self._next()
                if token.kind in {"number", "text"}:
                    return _Node({"question": key, "at_least": number(token.text)})
        self.at -= 1
        raise NotUnderstood(at=self.rest())

    def _next(self) -> _Token:
        token = self.tokens[self.at] if self.at < len(self.tokens) else _Token("end", "")
        self.at += 1
        return token

    def _takes(self, kind: str, text: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == _Token(kind, text)
        self.at += found
        return found

    def _must(self, kind: str, text: str | None = None) -> str:
        token = self._next()
        if token.kind != kind or (text is not None and token.text != text):
            self.at -= 1
            raise NotUnderstood(at=self.rest())
        return token.text


def _together(nodes: list[_Node]) -> list[Condition]:
    """Options of one question that stand side by side without parentheses are one condition."""
    conditions: list[Condition] = []
    last: _Node | None = None
    for node in nodes:
        assert node.condition is not None
        before = conditions[-1] if conditions else {}
        is_more = node.is_bare and last is not None and last.is_bare
        if is_more and before["question"] == node.condition["question"]:
            conditions[-1] = {**before, "in": [*before["in"], *node.condition["in"]]}
        else:
            conditions.append(node.condition)
        last = node
    return conditions


def number(text: str) -> int | str:
    """A number in an expression as a document has it. Raises NotUnderstood."""
    bare = text.strip("'\"")
    if not _PLAIN.fullmatch(bare):
        raise NotUnderstood(at=text[:20])
    return bare if bare != text or "." in bare else int(bare)


# ------------------------------------------------------------------------ limits


def limits_text(question: Mapping[str, object]) -> str | None:
    """What limits the answer: its range, its pattern, its length. None if nothing does."""
    least, most = (number_text(question.get(name)) for name in ("minimum", "maximum"))
    length = question.get("maximum_length")
    parts = [
        f". >= {least}" if least is not None else "",
        f". <= {most}" if most is not None else "",
        _pattern_text(question.get("pattern")),
        f"string-length(.) <= {length}" if type(length) is int and 0 <= length < 10**9 else "",
    ]
    return " and ".join(filter(None, parts)) or None


def _pattern_text(pattern: object) -> str:
    if not isinstance(pattern, str) or ("'" in pattern and '"' in pattern):
        return ""
    quote = '"' if "'" in pattern else "'"
    return f"regex(., {quote}{pattern}{quote})"


def limits(text: str) -> dict[str, int | str]:
    """The fields of a question that an expression limits. Raises NotUnderstood."""
    fields: dict[str, int | str] = {}
    at, goes_on = 0, True
    while goes_on:
        found = _LIMITS.match(text, at)
        if found is None:
            raise NotUnderstood(at=text[at:].strip()[:20] or "…")
        name, value = _limit(found)
        if name in fields:
            raise NotUnderstood(at=text[at:].strip()[:20])
        fields[name] = value
        at, goes_on = found.end(), found["more"] == "and"
    return fields


def _limit(found: re.Match[str]) -> tuple[str, int | str]:
    if found["length"] is not None:
        return "maximum_length", int(found["length"])
    if found["pattern"] is not None:
        return "pattern", found["pattern"][1:-1]
    return ("minimum" if found["sign"] == ">=" else "maximum"), number(found["number"])
