"""A part that is not published yet gets another key; whatever names it follows."""

from typing import Any

from survey.core.bank_references import uses_of
from survey.core.places import Place, get, put

_NAMELESS = frozenset({"sections", "domains"})
"""Nothing names these parts, only what is inside them."""


def renamed(data: Any, place: Place, key: str) -> Any:
    """The document with this key for the part at the place. Raises KeyError if there is none."""
    old = get(data, (*place, "key"))
    for use in () if place[-2] in _NAMELESS else uses_of(data, place):
        data = put(data, use, _named(get(data, use), old, key))
    return put(data, (*place, "key"), key)


def _named(value: Any, old: str, key: str) -> Any:
    if isinstance(value, list):
        return [key if each == old else each for each in value]
    if isinstance(value, dict):
        return {key if each == old else each: inner for each, inner in value.items()}
    return key
