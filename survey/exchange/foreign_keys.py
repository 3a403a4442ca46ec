"""Codes of other systems as keys of a bank: the same code always gives the same key."""

import re
import unicodedata
from hashlib import sha256

LONGEST = 60
_NO_KEY = re.compile(r"[^a-z0-9]+")


def key_of(code: str, *, otherwise: str) -> str:
    """A key as like the code as may be; a code without Latin letters or digits gets a number."""
    plain = unicodedata.normalize("NFKD", code).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    key = _NO_KEY.sub("-", plain).strip("-")
    if not key:
        key = f"{otherwise}-{sha256(code.encode(errors='replace')).hexdigest()[:8]}"
    return key[:LONGEST].strip("-")


class Keys:
    """Keys that have been given already; the next one differs from all of them."""

    def __init__(self, *taken: str) -> None:
        self.taken = set(taken)
        self.turns: dict[str, int] = {}
        """How often each key was wanted."""

    def give(self, code: str, *, otherwise: str = "q") -> str:
        wanted = key_of(code, otherwise=otherwise)
        key, number = wanted, self.turns.get(wanted, 1)
        while key in self.taken:
            number += 1
            end = f"-{number}"
            key = wanted[: LONGEST - len(end)].strip("-") + end
        self.turns[wanted] = number
        self.taken.add(key)
        return key
