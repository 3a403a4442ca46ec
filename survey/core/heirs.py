"""Where parts of a bank that are gone live on: in the parts that have their questions now."""

from collections import Counter
from collections.abc import Hashable, Mapping


def heirs(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """For each part that is not there any more, the one that has most of its questions now.

    Both name the part that each question stands in. Of several with as many, the first.
    """
    there = frozenset(after.values())
    found: dict[str, Counter[str]] = {}
    for question, part in before.items():
        if part not in there and question in after:
            found.setdefault(part, Counter())[after[question]] += 1
    return {part: counted.most_common(1)[0][0] for part, counted in found.items()}


def handed_over(held: Mapping[str, Hashable], heirs: Mapping[str, str]) -> dict[str, str]:
    """Which parts hand over what they hold, and to which heir.

    To one that holds nothing itself, and only if all that could hand over to it hold the same.
    """
    offered: dict[str, set[Hashable]] = {}
    for part, heir in heirs.items():
        if part in held:
            offered.setdefault(heir, set()).add(held[part])
    return {
        part: heir
        for part, heir in heirs.items()
        if part in held and heir not in held and len(offered[heir]) == 1
    }
