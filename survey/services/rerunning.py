"""Assessments scored by a draft in processes of their own: the site's threads stay free.

`python -m survey.services.rerunning` is such a process. It is told both versions once and then
block after block of assessments; it knows neither the database nor a secret.
"""

import json
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import TypeAdapter

from survey import apart
from survey.core import editions
from survey.core.bank import Bank
from survey.core.rerun import Rerun, Shift
from survey.core.scored_edits import Edit

PROCESSES = 2
LIMITS = apart.Limits(cpu_seconds=120, wall_seconds=180, memory_mb=768)


class Submitted(NamedTuple):
    """One submitted assessment: its result and, by question, its answers, as JSON as stored."""

    id: int
    edition: str
    result: str
    answers: dict[str, str]


Shifts = tuple[Shift | None, ...]
"""What would change for each of a block; None if the edition is not in both versions."""

_EDITS: TypeAdapter[dict[str, tuple[Edit, ...]]] = TypeAdapter(dict[str, tuple[Edit, ...]])
_SHIFTS: TypeAdapter[Shifts] = TypeAdapter(Shifts)


@dataclass(frozen=True, slots=True)
class Scored:
    """A block of assessments, scored; `edits` are those of each edition."""

    block: Sequence[Submitted]
    shifts: Shifts
    edits: Mapping[str, tuple[Edit, ...]]


def rerun(
    old: object,
    new: object,
    keys: Iterable[str],
    blocks: Iterable[Sequence[Submitted]],
    *,
    processes: int = PROCESSES,
) -> Generator[Scored, None, None]:
    """Score blocks of assessments of `old` by `new`; closing it ends the processes.

    `keys` are the editions that occur. Raises `apart.Lost` if they take more than they may.
    """
    first = json.dumps({"old": old, "new": new, "editions": sorted(keys)}).encode()
    with ExitStack() as stack:
        partners = [
            stack.enter_context(closing(apart.Partner("survey.services.rerunning", LIMITS)))
            for _ in range(processes)
        ]
        for partner in partners:
            partner.tell(first)
        *_, edits = [_EDITS.validate_json(partner.hear()) for partner in partners]
        free, busy = deque(partners), deque[tuple[apart.Partner, Sequence[Submitted]]]()
        for block in blocks:
            if not free:
                partner, done = busy.popleft()
                yield Scored(done, _SHIFTS.validate_json(partner.hear()), edits)
                free.append(partner)
            partner = free.popleft()
            partner.tell(json.dumps(block).encode())
            busy.append((partner, block))
        for partner, done in busy:
            yield Scored(done, _SHIFTS.validate_json(partner.hear()), edits)


# ---------------------------------------------------------------------- inside


class Rerunner:
    """What such a process does: line by line, the first of which names both versions."""

    def __init__(self) -> None:
        self._reruns: dict[str, Rerun] | None = None

    def answer(self, line: bytes) -> bytes:
        said = json.loads(line)
        if self._reruns is None:
            self._reruns = dict(_reruns(said["old"], said["new"], said["editions"]))
            return _EDITS.dump_json({key: each.edits for key, each in self._reruns.items()})
        block = (Submitted(*one) for one in said)
        return _SHIFTS.dump_json(tuple(_shift(self._reruns, one) for one in block))


def _reruns(old: object, new: object, keys: Iterable[str]) -> Iterator[tuple[str, Rerun]]:
    # Both were judged where they come from; what is missing in words does not matter here.
    before, after = Bank.model_validate(old), Bank.model_validate(new)
    for key in keys:
        with suppress(KeyError):
            yield key, Rerun(editions.edition(before, key), editions.edition(after, key))


def _shift(reruns: Mapping[str, Rerun], one: Submitted) -> Shift | None:
    found = reruns.get(one.edition)
    return None if found is None else found.shift(one.answers, json.loads(one.result))


if __name__ == "__main__":
    apart.be_a_partner(Rerunner().answer, sys.argv[1:])
