"""A condition of another system as one of ours: over earlier questions, in the closed vocabulary.

The meaning is kept, not the words: what is true of an open question there is true of it here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from survey.core.bank import MOST
from survey.core.numerals import as_written
from survey.exchange.expressions import (
    Call,
    Either,
    Every,
    Literal,
    Name,
    Node,
    Not,
    NotRead,
    Several,
    Test,
)
from survey.exchange.foreign import Named, Resolve

Data = dict[str, Any]
Truth = Data | bool

DEEPEST = 12
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ANSWERED = {"notempty"}
_OPEN = {"empty", "is_empty"}
_SEE_THROUGH = {"number", "int", "integer", "floatval", "intval", "string", "trim"}
_COUNTS = {"count-selected", "string-length", "strlen"}


class LooksAhead(Exception):
    """The condition looks at a question that comes later, or at its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A question that stands before, as it became, and what its choices became."""

    question: Data
    choices: Mapping[str, str]
    ignores_case: bool = False

    def key(self, code: str) -> str:
        """What a choice became. Raises NotRead if there is none with this code."""
        code = code if code in self.choices or not self.ignores_case else code.strip().casefold()
        if code not in self.choices:
            raise NotRead
        return self.choices[code]


Look = Callable[[str], Seen | None]
"""An earlier question by its code; None for one that is not asked. Raises LooksAhead."""


def condition(node: Node, resolve: Resolve, look: Look) -> Truth:
    """The condition, or whether it always or never holds. Raises NotRead, LooksAhead."""
    made = _Maker(resolve, look).of(node)
    if isinstance(made, dict) and _depth(made) > DEEPEST:
        raise NotRead
    return made


def both(first: Data | None, second: Data | None) -> Data | None:
    """One condition out of two, either of which may be missing."""
    made = _all([part for part in (first, second) if part is not None])
    return made if isinstance(made, dict) else None


def _depth(made: Data) -> int:
    inner = [*made.get("all", ()), *made.get("any", ())]
    if "not" in made:
        inner.append(made["not"])
    return 1 + max((_depth(part) for part in inner), default=0)


def _all(parts: Sequence[Truth]) -> Truth:
    return _joined(parts, "all", neutral=True)


def _any(parts: Sequence[Truth]) -> Truth:
    return _joined(parts, "any", neutral=False)


def _joined(parts: Sequence[Truth], name: str, *, neutral: bool) -> Truth:
    """Parts joined by "all" or "any"; what always or never holds is worked out."""
    flat: list[Data] = []
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return part
            continue
        flat += part.get(name, [part])
    distinct = [part for at, part in enumerate(flat) if part not in flat[:at]]
    if len(distinct) > MOST:
        raise NotRead
    if not distinct:
        return neutral
    return distinct[0] if len(distinct) == 1 else {name: distinct}


def _not(part: Truth) -> Truth:
    if isinstance(part, bool):
        return not part
    return part["not"] if set(part) == {"not"} else {"not": part}


def number_of(text: str) -> Decimal | None:
    """A number as a bank can hold it, None for anything else."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return None
    return number if number == round(number, 6) else None


class _Maker:
    def __init__(self, resolve: Resolve, look: Look) -> None:
        self.resolve = resolve
        self.look = look

    def of(self, node: Node) -> Truth:
        match node:
            case Every(parts):
                return _all([self.of(part) for part in parts])
            case Either(parts):
                return _any([self.of(part) for part in parts])
            case Not(part):
                return _not(self.of(part))
            case Test(operator, left, right):
                return self.test(operator, left, right)
            case Call(function, arguments):
                return self.call(function, arguments)
            case Literal(text, is_number):
                return self.constant(text, is_number=is_number)
            case Name(text):
                return self.ticked(text)
            case Several():
                raise NotRead

    def constant(self, text: str, *, is_number: bool) -> bool:
        if not is_number:
            raise NotRead
        return Decimal(text) != 0

    def asked(self, text: str) -> tuple[Named, Seen]:
        named = self.resolve(text)
        seen = self.look(named.item) if named is not None else None
        if named is None or seen is None:
            raise NotRead
        return named, seen

    def ticked(self, text: str) -> Truth:
        """A name alone: one box, or a question answered with "true"."""
        named, seen = self.asked(text)
        return _one_of(seen, [seen.key(named.choice or "true")])

    def call(self, function: str, arguments: Sequence[Node]) -> Truth:
        match function, list(arguments):
            case ("true", []):
                return True
            case ("false", []):
                return False
            case ("not", [part]):
                return _not(self.of(part))
            case ("boolean", [part]):
                return self.of(part)
            case ("selected", [Name() | Call() as name, Literal() as value]):
                return self.test("contains", name, value)
            case (name, [part]) if name in _ANSWERED:
                return self.test("!=", part, Literal(""))
            case (name, [part]) if name in _OPEN:
                return self.test("=", part, Literal(""))
            case _:
                raise NotRead

    def test(self, operator: str, left: Node, right: Node) -> Truth:
        left, right = _bare(left), _bare(right)
        if isinstance(left, Literal) and isinstance(right, Name | Call):
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        if isinstance(left, Literal) and isinstance(right, Literal):
            return _between_literals(operator, left.text, right.text)
        if isinstance(right, Call) and right.function in {"true", "false"}:
            right = Literal(right.function)
        if isinstance(left, Call) and left.function in _COUNTS and len(left.arguments) == 1:
            return self.counted(operator, left.arguments[0], right)
        if isinstance(left, Call | Every | Either | Not | Test):
            return self.judged(operator, left, right)
        if not isinstance(left, Name):
            raise NotRead
        named, seen = self.asked(left.text)
        if named.choice:
            return _of_a_box(operator, right, seen, named.choice)
        values = [_text(value) for value in right.values] if isinstance(right, Several) else None
        if seen.question["kind"] == "number":
            return _of_a_number(operator, seen, values or [_text(right)])
        if seen.question["kind"] in {"choice", "ladder", "multiple"}:
            return _of_choices(operator, seen, [_text(right)] if values is None else values)
        raise NotRead

    def counted(self, operator: str, part: Node, right: Node) -> Truth:
        """Whether anything was chosen or typed, written as a comparison of its number with 0."""
        match operator, _text(right):
            case (">", "0") | (">=", "1") | ("!=", "0"):
                return self.test("!=", part, Literal(""))
            case ("=", "0") | ("<", "1") | ("<=", "0"):
                return self.test("=", part, Literal(""))
            case _:
                raise NotRead

    def judged(self, operator: str, left: Node, right: Node) -> Truth:
        """A condition compared with true or false: ``selected(...) = 'true'``."""
        truth = {"true": True, "1": True, "false": False, "0": False}.get(_text(right).lower())
        if truth is None or operator not in {"=", "!="}:
            raise NotRead
        holds = self.of(left)
        return holds if truth is (operator == "=") else _not(holds)


def _bare(node: Node) -> Node:
    """Without the functions that only change the type of a value."""
    while isinstance(node, Call) and node.function in _SEE_THROUGH and len(node.arguments) == 1:
        node = node.arguments[0]
    return node


def _text(node: Node) -> str:
    if isinstance(node, Literal):
        return node.text
    if isinstance(node, Call) and node.function in {"true", "false"}:
        return node.function
    raise NotRead


def _between_literals(operator: str, left: str, right: str) -> bool:
    one, other = number_of(left), number_of(right)
    if operator in {"=", "!="}:
        same = left == right or (one is not None and one == other)
        return same is (operator == "=")
    if one is None or other is None:
        raise NotRead
    return _ordered(operator, one, other)


def _ordered(operator: str, one: Decimal, other: Decimal) -> bool:
    match operator:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case ">=":
            return one >= other
        case _:
            raise NotRead


def _one_of(seen: Seen, keys: Sequence[str]) -> Truth:
    if not keys:
        return False
    if len(keys) > MOST:
        raise NotRead
    return {"question": seen.question["key"], "in": list(keys)}


def _of_a_box(operator: str, right: Node, seen: Seen, choice: str) -> Truth:
    """LimeSurvey and SurveyJS: a box of its own, "Y" if it is ticked and empty if not."""
    ticked = _one_of(seen, [seen.key(choice)])
    is_set = _text(right).lower() in {"y", "1", "true"}
    if not is_set and _text(right) not in {"", "N", "0", "false"}:
        raise NotRead
    if operator not in {"=", "!="}:
        raise NotRead
    return ticked if is_set is (operator == "=") else _not(ticked)


def _of_choices(operator: str, seen: Seen, values: Sequence[str]) -> Truth:
    if operator in {"=", "!="} and values == [""]:
        answered = _one_of(seen, list(dict.fromkeys(seen.choices.values())))
        return answered if operator == "!=" else _not(answered)
    if operator in {"<", "<=", ">", ">="}:
        return _of_ordered_codes(operator, seen, values)
    keys = [seen.key(value) for value in values]
    is_one = seen.question["kind"] != "multiple"
    match operator:
        case "=" if is_one and len(keys) == 1:
            return _one_of(seen, keys)
        case "!=" if is_one and len(keys) == 1:
            return _not(_one_of(seen, keys))
        case "anyof":
            return _one_of(seen, keys)
        case "noneof":
            return _not(_one_of(seen, keys))
        case "contains" | "allof":
            return _all([_one_of(seen, [key]) for key in keys])
        case "notcontains":
            return _not(_all([_one_of(seen, [key]) for key in keys]))
        case _:
            raise NotRead


def _of_ordered_codes(operator: str, seen: Seen, values: Sequence[str]) -> Truth:
    """Codes that are numbers, compared as numbers."""
    bound = number_of(values[0]) if len(values) == 1 else None
    codes = {code: number_of(code) for code in seen.choices}
    if bound is None or seen.question["kind"] == "multiple":
        raise NotRead
    fitting: list[str] = []
    for code, number in codes.items():
        if number is None:
            raise NotRead
        if _ordered(operator, number, bound):
            fitting.append(seen.choices[code])
    return _one_of(seen, list(dict.fromkeys(fitting)))


def _of_a_number(operator: str, seen: Seen, values: Sequence[str]) -> Truth:
    question = seen.question
    if values == [""] and operator in {"=", "!="}:
        answered = _at_least(seen, Decimal(str(question["minimum"])))
        return answered if operator == "!=" else _not(answered)
    numbers = [number_of(value) for value in values]
    if operator in {"anyof", "noneof"}:
        found = _any([_exactly(seen, _must(number)) for number in numbers])
        return found if operator == "anyof" else _not(found)
    if len(numbers) != 1:
        raise NotRead
    number = _must(numbers[0])
    match operator:
        case "=":
            return _exactly(seen, number)
        case "!=":
            return _not(_exactly(seen, number))
        case ">=":
            return _at_least(seen, number)
        case ">":
            return _at_least(seen, _next(seen, number))
        case "<":
            return _below(seen, number)
        case "<=":
            return _below(seen, _next(seen, number))
        case _:
            raise NotRead


def _must(number: Decimal | None) -> Decimal:
    if number is None:
        raise NotRead
    return number


def _at_least(seen: Seen, number: Decimal) -> Data:
    return {"question": seen.question["key"], "at_least": as_written(number)}


def _below(seen: Seen, number: Decimal) -> Truth:
    """An answer below the number: an open question is not below anything."""
    lowest = Decimal(str(seen.question["minimum"]))
    if number <= lowest:
        return False
    return _all([_at_least(seen, lowest), _not(_at_least(seen, number))])


def _exactly(seen: Seen, number: Decimal) -> Truth:
    return _all([_at_least(seen, number), _not(_at_least(seen, _next(seen, number)))])


def _next(seen: Seen, number: Decimal) -> Decimal:
    """The smallest answer above this number, as exact as the question is."""
    step = Decimal(1).scaleb(-int(seen.question.get("decimals", 0)))
    return (number / step).to_integral_value(ROUND_FLOOR) * step + step
