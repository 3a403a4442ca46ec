"""What was worked out before, for as long as there is room."""

from threading import Lock
from typing import TypeVar

from typing_extensions import override

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V]):
    """At most `most` things; the one that was put in first is forgotten first.

    Threads may put in and look up together. Only item assignment keeps the bound.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._putting_in = Lock()

    @override
    def __setitem__(self, key: K, value: V) -> None:
        with self._putting_in:  # nobody else changes it between finding the oldest and removing it
            if key not in self and len(self) >= self._most:
                del self[next(iter(self))]
            super().__setitem__(key, value)
