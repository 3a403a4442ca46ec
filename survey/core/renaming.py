"""A part that is not published yet gets another key; whatever names it follows."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from survey.core.bank_references import Target, references
from survey.core.patches import Patch, applied
from survey.core.places import Place, find, get, written

_LISTS = {
    "questions": Target.QUESTION,
    "options": Target.OPTION,
    "glossary": Target.TERM,
    "sources": Target.SOURCE,
    "roles": Target.ROLE,
}
"""The lists of all parts that others name; nothing names a section, only what is inside it."""


def renamed(data: Any, place: Place, key: str) -> Any:
    """The document with this key for the part at the place. Raises KeyError if there is none."""
    return all_renamed(data, {place: key})


def all_renamed(data: Any, keys: Mapping[Place, str]) -> Any:
    """The document with these keys for the parts at the places, which are those of before.

    It is walked once, however many they are. Raises KeyError if one of them is not there.
    """
    olds = {place: str(get(data, (*place, "key"))) for place in keys}
    news = {_named_as(data, place, old): place for place, old in olds.items()}
    uses: dict[Place, dict[str, str]] = defaultdict(dict)
    for each in references(data) if keys else ():
        place = news.get((each.target, each.key, each.question))
        if place is not None and each.place[: len(place)] != place:
            uses[each.place][each.key] = keys[place]
    changes = [(use, _named(get(data, use), names)) for use, names in uses.items()]
    changes += [((*place, "key"), key) for place, key in keys.items()]
    return applied(data, [Patch(written(place), None, after) for place, after in changes])


def _named_as(data: Any, place: Place, key: str) -> tuple[Target | None, str, str]:
    """What others name the part as; an option by its question as well."""
    target = _LISTS.get(place[-2])
    around = find(data, (*place[:-2], "key"), "") if target is Target.OPTION else ""
    return target, key, str(around)


def _named(value: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [keys.get(each, each) if isinstance(each, str) else each for each in value]
    if isinstance(value, dict):
        return {keys.get(each, each): inner for each, inner in value.items()}
    return keys[value]
