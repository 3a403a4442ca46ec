"""The JSON of a SurveyJS definition; what no reader has taken of an element is a loss by itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from survey.core.errors import quoted
from survey.exchange import soundness
from survey.exchange.foreign import LARGEST, Kept, Losses, NotReadable, Questionnaire, within
from survey.exchange.foreign_conditions import number_of

Data = dict[str, Any]


def load(content: bytes, made: Questionnaire) -> object:
    if len(content) > LARGEST:
        raise NotReadable("foreign-too-large", megabytes=LARGEST // 1024**2)

    def no_name_twice(pairs: list[tuple[str, object]]) -> Data:
        found = dict(pairs)
        if len(found) != len(pairs):
            for name in soundness.repeated(pairs):
                made.losses.add("loss-json-twice", quoted(name), name=quoted(name))
        return found

    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
        data = json.loads(text, object_pairs_hook=no_name_twice)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise NotReadable("foreign-not-utf8", line=line) from error
    except json.JSONDecodeError as error:
        raise NotReadable("foreign-json", line=error.lineno) from error
    except (RecursionError, ValueError) as error:  # too deep, or a number of thousands of digits
        raise NotReadable("foreign-json", line=1) from error
    for problem in soundness.unsound(data, ""):
        if problem.code != "bank-unprintable":  # such signs are taken out, which is a loss
            raise NotReadable(problem.code, **problem.facts)
    return data


def value_of(value: object) -> str:
    """A value as a code: true, 1, 1.5 and "1" as people write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str | int):
        return str(value)[:1000]
    return quoted(value)


def says(data: object, tag: str) -> bool:
    """Whether any text of a definition is given in this language."""
    waiting = [data]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            if any(name.lower() == tag and isinstance(text, str) for name, text in inner.items()):
                return True
            waiting += inner.values()
        elif isinstance(inner, list):
            waiting += inner
    return False


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def number_in(value: object) -> Decimal | None:
    is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
    return number_of(str(value)) if is_number else None


@dataclass(slots=True)
class Element:
    """An object of a definition, and what of it has been taken."""

    data: Data
    place: str
    taken: set[str] = field(default_factory=set)

    def get(self, name: str, otherwise: object = None) -> Any:
        """What stands under a name; it is taken with that."""
        self.taken.add(name)
        return self.data.get(name, otherwise)

    def has(self, name: str) -> bool:
        return name in self.data

    def text(self, name: str) -> str:
        """A text; anything else that stands there is not taken."""
        value = self.data.get(name)
        return self.get(name) if isinstance(value, str) else ""

    def true(self, name: str) -> bool:
        """Whether it is switched on; what is neither on nor off is not taken."""
        value = self.data.get(name)
        return self.get(name) is True if isinstance(value, bool) else False

    def number(self, name: str) -> Decimal | None:
        """A number; anything else that stands there is not taken."""
        number = number_in(self.data.get(name))
        if number is not None:
            self.taken.add(name)
        return number

    def left(self) -> Iterator[tuple[str, object]]:
        for name, value in self.data.items():
            if name not in self.taken and value not in (None, "", [], {}):
                yield name, value

    def rest(self) -> Kept:
        """Everything that has not been taken, taken with that."""
        texts = tuple(text for name, value in self.left() for text in within(name, value))
        self.taken.update(self.data)
        return texts

    def tell(self, losses: Losses, code: str, prefix: str = "") -> None:
        """What nobody has taken, each by its name."""
        for name, value in self.left():
            losses.feature(self.place, code, f"{prefix}{name}", value)
