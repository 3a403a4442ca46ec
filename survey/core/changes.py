"""What differs between two versions of a bank, question by question."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from survey.core.bank import Bank, Question


@dataclass(frozen=True, slots=True)
class Changes:
    """Question keys, each in the reading order of the version that has them.

    `reworded`: a text differs. `reruled`: weight, points, bands, condition, kind or options
    differ, so that the same answer may score differently. A key may be in both.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    reworded: tuple[str, ...]
    reruled: tuple[str, ...]
    weights: bool
    levels: bool

    def __bool__(self) -> bool:
        lists = (self.added, self.removed, self.reworded, self.reruled)
        return any(lists) or self.weights or self.levels


def between(before: Bank, after: Bank) -> Changes:
    """Compare two versions of one bank."""
    common = [key for key in after.questions if key in before.questions]
    pairs = {key: (_parts(before.questions[key]), _parts(after.questions[key])) for key in common}
    return Changes(
        added=tuple(key for key in after.questions if key not in before.questions),
        removed=tuple(key for key in before.questions if key not in after.questions),
        reworded=tuple(key for key, (old, new) in pairs.items() if old.words != new.words),
        reruled=tuple(key for key, (old, new) in pairs.items() if old.rules != new.rules),
        weights=_weights(before) != _weights(after),
        levels=before.levels != after.levels,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    words: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]


def _parts(question: Question) -> _Parts:
    """The texts of a question and everything else in it, each with its place."""
    leaves = tuple(_leaves(question.model_dump(mode="json", by_alias=True), ""))
    words = tuple((place, value) for place, value, said in leaves if said)
    return _Parts(words, tuple((place, value) for place, value, said in leaves if not said))


def _leaves(node: Any, place: str) -> Iterator[tuple[str, str, bool]]:
    """Every plain value: its place, how it reads, and whether it is somebody's wording."""
    if isinstance(node, dict):
        said = set(node) == {"zh", "en"}
        for key, value in node.items():
            if said:
                yield f"{place}.{key}", str(value), True
            else:
                yield from _leaves(value, f"{place}.{key}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from _leaves(value, f"{place}.{at}")
    else:
        yield place, str(node), place.rpartition(".")[2] == "source"


def _weights(bank: Bank) -> dict[str, Any]:
    sections = {section.key: section.weight for section in bank.sections}
    domains = {domain.key: domain.weight for s in bank.sections for domain in s.domains}
    return {"sections": sections, "domains": domains}
