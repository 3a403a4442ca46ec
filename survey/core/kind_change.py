"""A question of another kind: what carries over, what begins anew, what would be dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.core import bank
from survey.core.bank import Kind
from survey.core.blank_parts import question as blank_question

MODELS: Mapping[Kind, type[bank.QuestionBase]] = {
    Kind.CHOICE: bank.Choice,
    Kind.LADDER: bank.Ladder,
    Kind.MULTIPLE: bank.Multiple,
    Kind.NUMBER: bank.Number,
    Kind.RATIO: bank.Ratio,
    Kind.MATRIX: bank.Matrix,
    Kind.YES_NO: bank.YesNo,
    Kind.TEXT: bank.Open,
    Kind.BENCHMARK: bank.Benchmark,
    Kind.REQUIREMENTS: bank.Requirements,
}

_SAME_USE = {"options": "states", "states": "options", "rows": "statements", "statements": "rows"}
"""Lists of one kind that are another's under another name."""

_LINES: Mapping[Kind, Mapping[str, type[bank.Frozen]]] = {
    Kind.MATRIX: {"rows": bank.Row},
    Kind.YES_NO: {"statements": bank.Statement},
    Kind.REQUIREMENTS: {"rows": bank.Requirement},
}


@dataclass(frozen=True, slots=True)
class Converted:
    """The question as it would be.

    `carried` names its fields that have something of the old question, `dropped` the fields
    of the old one whose content has no place in it.
    """

    question: dict[str, Any]
    carried: tuple[str, ...]
    dropped: tuple[str, ...]


def converted(question: Mapping[str, Any], kind: Kind) -> Converted:
    """The question as one of this kind. The draft question may have any fault."""
    fresh = blank_question(kind)
    made: dict[str, Any] = {}
    carried: list[str] = []
    dropped: list[str] = []
    used = {"kind"}
    for name in names_of(MODELS[kind]):
        source = name if name in question else _SAME_USE.get(name, name)
        if name == "kind":
            made[name] = kind.value
        elif source in question:
            used.add(source)
            carried.append(name)
            made[name], lost = _lines(question[source], _LINES.get(kind, {}).get(name))
            dropped += lost
        elif name in fresh and name != "weight":
            made[name] = fresh[name]
    rest = [name for name in question if name not in used and _says_something(question[name])]
    return Converted(made, tuple(carried), tuple(dict.fromkeys([*rest, *dropped])))


def names_of(model: type[bank.Frozen]) -> tuple[str, ...]:
    """What a document calls the model's fields."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _lines(value: Any, model: type[bank.Frozen] | None) -> tuple[Any, list[str]]:
    """Lines with the fields that they have in the new kind, and the names of those they lose."""
    if model is None or not isinstance(value, list):
        return value, []
    known = names_of(model)
    lost: list[str] = []
    lines: list[Any] = []
    for line in value:
        inside = line if isinstance(line, dict) else {}
        lost += [name for name in inside if name not in known]
        kept = {name: each for name, each in inside.items() if name in known}
        level = {"level": 1} if model is bank.Requirement and "level" not in kept else {}
        lines.append(level | kept if inside else line)
    return lines, lost


def _says_something(value: Any) -> bool:
    return value not in (None, [], {}, "")
