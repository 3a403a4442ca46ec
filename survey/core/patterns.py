"""Regular expressions that come with a bank, matched in time linear to the text.

Python's own engine can be kept busy for hours by a pattern like ``(a+)+b``; the engine inside
pydantic cannot. In return it knows neither look-around nor references back.
"""

from functools import lru_cache
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError

LONGEST = 300


def is_pattern(pattern: str) -> bool:
    """Whether `matches` can use it."""
    if len(pattern) > LONGEST:
        return False
    try:
        for form in (pattern, _whole(pattern)):
            _compiled(form)
    except SchemaError:
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern describes the whole text."""
    try:
        _compiled(_whole(pattern)).validate_python(text)
    except ValidationError:
        return False
    return True


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
