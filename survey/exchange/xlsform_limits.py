"""What an XLSForm says of the limits of an answer: constraints, and the parameters of a range."""

import re
from decimal import Decimal

from survey.exchange.bank_questions import MOST_DECIMALS, bare_pattern
from survey.exchange.expressions import Call, Every, Literal, Name, Node, NotRead, Test, parse
from survey.exchange.foreign import Ask, Item, Losses
from survey.exchange.foreign_conditions import number_of

_PARAMETER = re.compile(r"([^\s=,;]+)\s*=\s*([^\s=,;]+)")
_RANGE = {"start": "1", "end": "10", "step": "1"}
"""What a range is without parameters."""


def constrain(item: Item, constraint: str) -> bool:
    """Whether all of a constraint has become limits of the question."""
    try:
        node = parse(constraint)
    except NotRead:
        return False
    parts = node.parts if isinstance(node, Every) else (node,)
    taken = [_taken(item, part) for part in parts]
    return all(taken)


def span(item: Item, parameters: str, losses: Losses, place: str) -> None:
    """The limits of a range, with blanks, commas or semicolons between its parameters."""
    given = {name.lower(): value for name, value in _PARAMETER.findall(parameters)}
    if _PARAMETER.sub("", parameters).strip(" \t\n,;"):
        losses.feature(place, item.code, "parameters", parameters)
    numbers: dict[str, Decimal] = {}
    for name, usual in _RANGE.items():
        said = given.pop(name, usual)
        number = number_of(said)
        if number is None:
            losses.feature(place, item.code, name, said)
        else:
            numbers[name] = number
    item.minimum, item.maximum = numbers.get("start"), numbers.get("end")
    step = numbers.get("step", Decimal(1))
    if step > 0:
        item.decimals = max(0, min(MOST_DECIMALS, -int(step.normalize().as_tuple().exponent)))
    if step != Decimal(1).scaleb(-item.decimals):
        losses.feature(place, item.code, "step", f"{step:f}")
    for name, value in given.items():
        losses.feature(place, item.code, name, value)


def _taken(item: Item, part: Node) -> bool:
    """Whether this part of a constraint is a limit that the question can have."""
    match part:
        case Test(operator, Name("."), Literal(text)) if item.ask is Ask.NUMBER:
            number = number_of(text)
            return number is not None and _limited(item, operator, number)
        case Test(operator, Literal(text), Name(".")) if item.ask is Ask.NUMBER:
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, "")
            number = number_of(text)
            return number is not None and _limited(item, turned, number)
        case Test("=", Name("."), Call("round", (Name("."), Literal(text)))) if (
            item.ask is Ask.NUMBER
        ):
            if not text.isdecimal() or int(text) > MOST_DECIMALS:
                return False
            item.decimals = int(text)
            return True
        case Test("<=" | "<" as operator, Call("string-length", (Name("."),)), Literal(text)):
            number = number_of(text)
            if item.ask is not Ask.TEXT or number is None or number != int(number):
                return False
            item.longest = int(number) - (operator == "<")
            return 1 <= item.longest <= 2000
        case Call("regex", (Name("."), Literal(text))) if item.ask is Ask.TEXT:
            item.pattern = bare_pattern(text)
            return True
        case _:
            return False


def _limited(item: Item, operator: str, number: Decimal) -> bool:
    step = Decimal(1).scaleb(-item.decimals)
    match operator:
        case ">=" | ">":
            lowest = number + step if operator == ">" else number
            item.minimum = lowest if item.minimum is None else max(lowest, item.minimum)
        case "<=" | "<":
            highest = number - step if operator == "<" else number
            item.maximum = highest if item.maximum is None else min(highest, item.maximum)
        case _:
            return False
    return True
