"""Addresses inside a bank's document that stay true when neighbours are added, moved or sorted.

A step is the name of a field; in a list whose parts have keys of their own the key of a part,
in any other list its number (``#0``). Written: ``sections/energy/domains/metering/title/zh``.

The document may be a draft with any fault: two parts with one key, a list where an object should
be. Where parts cannot be told apart by their keys, they are told by their numbers.
"""

from collections.abc import Iterator
from typing import Any

Place = tuple[str, ...]

NUMBER = "#"
"""What the step of a part without a key begins with."""

WHOLE = "bank"
"""What `Problem.place` says of a fault of the whole document."""

_WRITTEN = (("~", "~t"), ("/", "~s"))
_EMPTY = "~e"


def written(place: Place) -> str:
    """The address as one text; `parse` reads it back, whatever the fields are called."""
    return "/".join([_step(step) for step in place])


def parse(text: str) -> Place:
    return tuple(_unwritten(step) for step in text.split("/")) if text else ()


def _step(step: str) -> str:
    if step and "~" not in step and "/" not in step:
        return step
    for plain, instead in _WRITTEN:
        step = step.replace(plain, instead)
    return step or _EMPTY


def _unwritten(step: str) -> str:
    if step == _EMPTY:
        return ""
    for plain, instead in reversed(_WRITTEN):
        step = step.replace(instead, plain)
    return step


# ---------------------------------------------------------------- lists of parts


def keys_of(parts: list[Any]) -> list[str] | None:
    """The keys by which the parts of a list are told apart; None if they cannot be."""
    keys = [part.get("key") if isinstance(part, dict) else None for part in parts]
    told = all(isinstance(key, str) and not key.startswith(NUMBER) for key in keys)
    return keys if told and len(set(keys)) == len(keys) else None  # type: ignore[return-value]  # all are texts


def steps_of(parts: list[Any]) -> list[str]:
    """The step to each part of a list."""
    return keys_of(parts) or [f"{NUMBER}{number}" for number in range(len(parts))]


def children(node: object) -> list[tuple[str, Any]]:
    """The parts of an object or a list, each with its step; nothing for a leaf."""
    if isinstance(node, dict):
        return [(str(name), part) for name, part in node.items()]
    return list(zip(steps_of(node), node, strict=True)) if isinstance(node, list) else []


def _index(parts: list[Any], step: str) -> int:
    """Raises KeyError if no part of the list has this step."""
    try:
        return steps_of(parts).index(step)
    except ValueError:
        raise KeyError(step) from None


# ------------------------------------------------------------- reading, changing


def get(data: Any, place: Place) -> Any:
    """What stands there. Raises KeyError if nothing does."""
    for step in place:
        if isinstance(data, dict):
            data = data[step]
        elif isinstance(data, list):
            data = data[_index(data, step)]
        else:
            raise KeyError(step)
    return data


def find(data: Any, place: Place, otherwise: Any = None) -> Any:
    """What stands there; `otherwise` if nothing does."""
    try:
        return get(data, place)
    except KeyError:
        return otherwise


def put(data: Any, place: Place, value: Any) -> Any:
    """A new document with this value there; a field or part that is missing is added at the end.

    Only the last step may be missing. Raises KeyError if the way to it is.
    """
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(data, dict):
        inside = data[step] if rest else None
        return {**data, step: put(inside, rest, value)}
    if not isinstance(data, list):
        raise KeyError(step)
    if not rest and _is_next(data, step):
        return [*data, value]
    index = _index(data, step)
    return [*data[:index], put(data[index], rest, value), *data[index + 1 :]]


def _is_next(parts: list[Any], step: str) -> bool:
    """Whether a part with this step would be a new one at the end of the list."""
    keys = keys_of(parts)
    if keys is None or not parts:
        return step == f"{NUMBER}{len(parts)}" or (not parts and not step.startswith(NUMBER))
    return step not in keys and not step.startswith(NUMBER)


def removed(data: Any, place: Place) -> Any:
    """A new document without what stands there. Raises KeyError if nothing does."""
    *above, step = place or ("",)
    around = get(data, tuple(above)) if place else None
    if isinstance(around, dict):
        without: Any = {name: part for name, part in around.items() if name != step}
        if len(without) == len(around):
            raise KeyError(step)
    elif isinstance(around, list):
        index = _index(around, step)
        without = [*around[:index], *around[index + 1 :]]
    else:
        raise KeyError(step)
    return put(data, tuple(above), without)


# ------------------------------------------------------------ finding one's way


def of_problem(data: object, dotted: str) -> Place:
    """The place of a fault, which `Problem.place` names by numbers (``sections.0.title.en``).

    What is missing is named all the same: there it has to be filled in. A way that leads into
    something without parts ends there.
    """
    place: list[str] = []
    node: Any = data
    names = dotted.split(".")
    for position, name in enumerate(names):
        if isinstance(node, dict):
            place.append(name)
            if name not in node:
                return () if dotted == WHOLE else tuple(place + names[position + 1 :])
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            place.append(steps_of(node)[int(name)])
            node = node[int(name)]
        else:
            break
    return tuple(place)


def questions(data: object) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every question in reading order: the profile, the sections, the key figures."""
    yield from _questions_in(data, ("profile",))
    for section, part in _parts(data, ("sections",)):
        for domain, _ in _parts(part, ("domains",)):
            yield from _questions_in(data, (*section, *domain))
    yield from _questions_in(data, ("outcomes",))


def question_place(data: object, key: str) -> Place | None:
    """Where the question with this key stands; None if there is none."""
    found = (place for place, question in questions(data) if question.get("key") == key)
    return next(found, None)


def _questions_in(data: object, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    for inside, question in _parts(data, (*place, "questions")):
        if isinstance(question, dict):
            yield inside, question


def _parts(data: object, place: Place) -> Iterator[tuple[Place, Any]]:
    """The parts of the list there with their places; nothing if there is no list."""
    found = find(data, place)
    if isinstance(found, list):
        for step, part in zip(steps_of(found), found, strict=True):
            yield (*place, step), part
