"""Acts on a bank's document: add, move, duplicate, remove. Each returns a new document.

The document may be a draft with any fault. What does not exist is a KeyError.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from survey.core.bank import LONGEST_KEY, OUTCOMES, PROFILE
from survey.core.bank_references import uses, uses_of
from survey.core.blank_parts import blank
from survey.core.places import Place, find, get, parse, put, questions, steps_of, written
from survey.core.places import removed as without

__all__ = ["add", "blank", "duplicated", "fresh", "moved", "removed", "uses", "uses_of"]

_NUMBERED = re.compile(r"(.*?)-[0-9]+")
_CODE = re.compile(r"([A-Z])[0-9]{0,2}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Made:
    """A new document and where the part now stands in it."""

    document: Any
    place: Place


def add(data: Any, list_place: Place, part: Any, at: int | None = None) -> Any:
    """Put a part into a list, at the end or before the one at this number."""
    return adding(data, list_place, part, at).document


def moved(data: Any, place: Place, list_place: Place, at: int | None = None) -> Any:
    """Take a part to this number of a list, the same or another of its kind."""
    return moving(data, place, list_place, at).document


def duplicated(data: Any, place: Place) -> Any:
    """A copy of a part right after it, with keys and codes of its own."""
    return duplicating(data, place).document


def removed(data: Any, place: Place) -> Any:
    """The document without this part or field; whatever names it still does."""
    return without(data, place)


def adding(data: Any, list_place: Place, part: Any, at: int | None = None) -> Made:
    """The same as `add`; a list that is missing begins with the part.

    Keys and codes that are taken get a number: all inside the part, and what names them there.
    """
    parts = _list_at(data, list_place)
    own = _Renaming(data, list_place).of(part)
    number = len(parts) if at is None else min(max(at, 0), len(parts))
    grown = [*parts[:number], own, *parts[number:]]
    return Made(put(data, list_place, grown), (*list_place, steps_of(grown)[number]))


def moving(data: Any, place: Place, list_place: Place, at: int | None = None) -> Made:
    """The same as `moved`. Raises KeyError also for a part that would go into itself."""
    part = get(data, place)
    if not place or list_place[: len(place)] == place or not _is_list(data, place[:-1]):
        raise KeyError(written(list_place))
    beside = list_place[: len(place) - 1] == place[:-1] and len(list_place) >= len(place)
    if beside:  # into a part of the same list: its number would change if the part left first
        made = adding(data, list_place, part, at)
        return Made(without(made.document, place), _after_leaving(made, place))
    return adding(without(data, place), list_place, part, at)


def duplicating(data: Any, place: Place) -> Made:
    """The same as `duplicated`."""
    part = get(data, place)
    if not place or not _is_list(data, place[:-1]):
        raise KeyError(written(place))
    number = steps_of(get(data, place[:-1])).index(place[-1])
    return adding(data, place[:-1], part, number + 1)


def _after_leaving(made: Made, place: Place) -> Place:
    """Where the part stands once the list that both went through is shorter by one."""
    depth = len(place) - 1
    around = get(made.document, place[:depth])
    steps = steps_of(around)
    through, left = steps.index(made.place[depth]), steps.index(place[depth])
    shorter = [*around[:left], *around[left + 1 :]]
    step = steps_of(shorter)[through - (left < through)]
    return (*place[:depth], step, *made.place[depth + 1 :])


def _list_at(data: Any, list_place: Place) -> list[Any]:
    try:
        found = get(data, list_place)
    except KeyError:
        get(data, list_place[:-1])
        return []
    if not isinstance(found, list):
        raise KeyError(written(list_place))
    return found


def _is_list(data: Any, place: Place) -> bool:
    return isinstance(get(data, place), list)


# ------------------------------------------------------------------- fresh keys


def fresh(key: str, taken: Iterable[str]) -> str:
    """This key, or the next one with a number (``x-2``) that is not taken."""
    known = set(taken)
    found = _NUMBERED.fullmatch(key)
    stem, number, candidate = found[1] if found else key, 1, key
    while candidate in known:
        number += 1
        suffix = f"-{number}"
        candidate = stem[: LONGEST_KEY - len(suffix)].rstrip("-") + suffix
    return candidate


def fresh_code(code: str, taken: Iterable[str]) -> str | None:
    """This code, or the first free one: its letter with a number, or another letter."""
    known = set(taken)
    if code not in known:
        return code
    letter = code[0] if _CODE.fullmatch(code) else _LETTERS[0]
    numbered = [f"{letter}{number}" for number in range(1, 100)]
    candidates = [*_LETTERS, *numbered] if len(code) == 1 else numbered
    return next((each for each in candidates if each not in known), None)


class _Renaming:
    """Gives a part that comes into a list the keys and codes that are still free there."""

    def __init__(self, data: Any, list_place: Place) -> None:
        self.list_place = list_place
        self.questions = {str(question.get("key")) for _, question in questions(data)}
        self.codes = {str(question.get("code")) for _, question in questions(data)}
        self.domains = set(_keys_in(data, "domains"))
        self.beside = {str(part.get("key")) for part in _parts_at(data, list_place)}
        self.beside_codes = {str(part.get("code")) for part in _parts_at(data, list_place)}
        self.renamed: dict[str, str] = {}

    def of(self, part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        name = self.list_place[-1] if self.list_place else ""
        own = self.named(part, name, self.beside, self.beside_codes)
        return _pointing(own, self.renamed) if self.renamed else own

    def named(
        self, part: dict[str, Any], name: str, beside: set[str], beside_codes: set[str]
    ) -> dict[str, Any]:
        if name == "questions":
            return self.question(part)
        own = dict(part)
        taken = self.domains if name == "domains" else beside
        if name == "sections":
            taken = taken | {PROFILE, OUTCOMES}
        if isinstance(part.get("key"), str):
            own["key"] = fresh(part["key"], taken)
            taken.add(own["key"])
        if isinstance(part.get("code"), str):
            own["code"] = fresh_code(part["code"], beside_codes) or part["code"]
        for inside in ("domains", "questions"):
            if isinstance(part.get(inside), list) and name in {"sections", "domains"}:
                own[inside] = [self.inner(each, inside) for each in part[inside]]
        return own

    def inner(self, part: Any, name: str) -> Any:
        return self.named(part, name, set(), set()) if isinstance(part, dict) else part

    def question(self, part: dict[str, Any]) -> dict[str, Any]:
        own = dict(part)
        if isinstance(part.get("key"), str):
            own["key"] = fresh(part["key"], self.questions)
            self.questions.add(own["key"])
            if own["key"] != part["key"]:
                self.renamed[part["key"]] = own["key"]
        if isinstance(part.get("code"), str):
            code = fresh_code(part["code"], self.codes)
            if code is None:
                del own["code"]
            else:
                own["code"] = code
                self.codes.add(code)
        return own


def _pointing(node: Any, renamed: dict[str, str]) -> Any:
    """The part with its conditions over the copies of the questions that were copied with it."""
    if isinstance(node, list):
        return [_pointing(part, renamed) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        name: renamed.get(value, value)
        if name == "question" and isinstance(value, str)
        else _pointing(value, renamed)
        for name, value in node.items()
    }


def _parts_at(data: Any, place: Place) -> Iterator[dict[str, Any]]:
    found = find(data, place)
    yield from (part for part in found if isinstance(part, dict)) if isinstance(found, list) else ()


def _keys_in(data: Any, name: str) -> Iterator[str]:
    """The keys of every section's parts of this name."""
    for section in _parts_at(data, parse("sections")):
        yield from (str(part.get("key")) for part in _parts_at(section, (name,)))
