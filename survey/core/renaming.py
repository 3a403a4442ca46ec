"""A part that is not published yet gets another key; whatever names it follows."""

from typing import Any

from survey.core.bank_references import uses_of
from survey.core.places import Place, get, put


def renamed(data: Any, place: Place, key: str) -> Any:
    """The document with this key for the part at the place. Raises KeyError if there is none."""
    old = get(data, (*place, "key"))
    for use in uses_of(data, place):
        value = get(data, use)
        named = [key if each == old else each for each in value] if isinstance(value, list) else key
        data = put(data, use, named)
    return put(data, (*place, "key"), key)
