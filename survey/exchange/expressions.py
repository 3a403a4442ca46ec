"""Conditions of other formats, read into one tree: XPath of XLSForm, LimeSurvey, SurveyJS.

The three differ in how they name a question and write an operator, not in what they say. What is
read here is what the usual forms need; anything else is refused, and reported by the caller.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 4000
DEEPEST = 40


class NotRead(Exception):
    """This expression says more than a condition of ours can."""


@dataclass(frozen=True, slots=True)
class Name:
    """A question, or a part of one, as the other format names it."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in quotes, a number or a word as it stands; `is_number` tells a bare number."""

    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """A list: ``['a', 'b']``."""

    values: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or a test that stands behind its name: ``{q} notempty``."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison: one of = != < <= > >=, or a word of SurveyJS such as anyof."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Name | Literal | Several | Call | Test | Every | Either | Not

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>\$\{\s*[^{}]{1,200}\s*\}|\{\s*[^{}]{1,200}\s*\})
    | (?P<text>"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’|’[^’]*’)
    | (?P<number>\d+(?:\.\d+)?|\.\d+)(?![\w])
    | (?P<sign>==|!=|<>|<=|>=|&&|\|\||\*=|[=<>!()\[\],+*/|])
    | (?P<word>[^\W\d][\w:\-]*(?:\.[^\W\d][\w]*)*|\d+X\d+X\d+\w*|-(?=\s*\d)|\.\.?)
    )""",
    re.VERBOSE,
)
_COMPARISONS = {
    "=": "=", "==": "=", "equal": "=", "eq": "=", "is": "=",
    "!=": "!=", "<>": "!=", "notequal": "!=", "ne": "!=",
    "<": "<", "less": "<", "lt": "<", "<=": "<=", "lessorequal": "<=", "le": "<=",
    ">": ">", "greater": ">", "gt": ">", ">=": ">=", "greaterorequal": ">=", "ge": ">=",
    "*=": "contains", "contains": "contains", "contain": "contains",
    "notcontains": "notcontains", "notcontain": "notcontains",
    "anyof": "anyof", "noneof": "noneof", "allof": "allof",
}  # fmt: skip
_BEHIND = {"notempty": "notempty", "empty": "empty"}
_AND, _OR, _NOT = {"and", "&&"}, {"or", "||"}, {"not", "!"}


def parse(text: str) -> Node:
    """Read an expression. Raises NotRead."""
    if len(text) > LONGEST:
        raise NotRead
    return _Reader(list(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotRead
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


class _Reader:
    """Reads tokens from left to right: or, and, not, comparisons, values."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.either()
        if self.at != len(self.tokens):
            raise NotRead
        return node

    def word(self) -> str:
        """The next token as a word or sign in small letters; empty for a value, and at the end."""
        if self.at == len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text.lower() if kind in {"sign", "word"} else ""

    def next(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise NotRead
        self.at += 1
        return self.tokens[self.at - 1]

    def must_be(self, sign: str) -> None:
        if self.next()[1] != sign:
            raise NotRead

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotRead
        parts = [self.every()]
        while self.word() in _OR:
            self.next()
            parts.append(self.every())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def every(self) -> Node:
        parts = [self.negated()]
        while self.word() in _AND:
            self.next()
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def negated(self) -> Node:
        times = 0
        while self.word() in _NOT:
            self.next()
            times += 1
        node = self.tested()
        return Not(node) if times % 2 else node

    def tested(self) -> Node:
        left = self.value()
        word = self.word()
        if word in _BEHIND:
            self.next()
            return Call(_BEHIND[word], (left,))
        if word in _COMPARISONS:
            self.next()
            return Test(_COMPARISONS[word], left, self.value())
        return left

    def value(self) -> Node:
        kind, text = self.next()
        match kind:
            case "name":
                return Name(text.strip("${} \t\n"))
            case "text":
                return Literal(text[1:-1])
            case "number":
                return Literal(text, is_number=True)
            case "word":
                return self.named(text)
            case _:
                return self.bracketed(text)

    def named(self, text: str) -> Node:
        if text == "-":
            kind, digits = self.next()
            if kind != "number":
                raise NotRead
            return Literal(f"-{digits}", is_number=True)
        if self.word() == "(":
            self.next()
            return Call(text.lower(), self.until(")"))
        lower = text.lower()
        if lower in {"true", "false"}:
            return Call(lower, ())
        return Name(text)

    def bracketed(self, sign: str) -> Node:
        if sign == "[":
            return Several(self.until("]"))
        if sign != "(":
            raise NotRead
        inside = self.either()
        self.must_be(")")
        return inside

    def until(self, sign: str) -> tuple[Node, ...]:
        parts: list[Node] = []
        if self.word() == sign:
            self.next()
            return ()
        while True:
            parts.append(self.either())
            closing = self.next()[1]
            if closing == sign:
                return tuple(parts)
            if closing != ",":
                raise NotRead
