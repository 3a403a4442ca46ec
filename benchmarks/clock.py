"""Timing two things in turn, so that a machine that slows down slows both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS_OF_LOOP = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Median milliseconds of ours and of the floor, and the median of their ratios."""

    ours: float
    floor: float
    ratio: float


def in_turn(
    ours: Callable[[], object], floor: Callable[[], object], *, rounds: int, warm_up: int
) -> Pair:
    """Call both `warm_up` times, then `rounds` times in turn."""
    for _ in range(warm_up):
        ours()
        floor()
    times = [(_milliseconds(ours), _milliseconds(floor)) for _ in range(rounds)]
    return Pair(
        ours=statistics.median(ours for ours, _ in times),
        floor=statistics.median(floor for _, floor in times),
        ratio=statistics.median(ours / floor for ours, floor in times),
    )


def cpu_seconds(act: Callable[[], object]) -> float:
    """What this process spends on one act, whatever else the machine is doing."""
    started = time.process_time()
    act()
    return time.process_time() - started


def loop() -> int:
    """The calibration loop: a million rounds of attribute, dictionary, list and integer work.

    It knows no library and allocates little, so that it tells how fast this Python runs here.
    """
    counts: dict[int, int] = {}
    last = [0]
    for at in range(ROUNDS_OF_LOOP):
        key = at * 31 % 1009
        counts[key] = counts.get(key, 0) + at % 7
        last[0] = counts[key] ^ at
    return last[0]


def _milliseconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
