"""Whether a password is one of the first that anybody would try. The only importer of zxcvbn.

Judged here, offline: zxcvbn brings lists of common passwords, words and names, and knows rows of
keys, dates, repeats and letters in disguise.
"""

import re
from collections.abc import Iterable, Iterator

from zxcvbn import zxcvbn

ENOUGH = 3
"""Of 0 to 4; 3 means that at least 100 million tries are needed."""

LOOKED_AT = 32
"""Characters. One that is strong so far is strong; to look at 128 may take zxcvbn eight seconds."""

WORD, ELSE = 4, 6
"""Letters of a word that others know, and letters that there must be beside such words."""

COMMON_HERE = (
    "woaini",
    "woaini1314",
    "5201314",
    "1314520",
    "admin@123",
    "root@123",
    "test@123",
    "qq123456",
    "zxc123",
    "woaizhongguo",
    "zhongguo",
    "qizhen",
    "qiye",
    "gongsi",
    "mima",
)
"""Favourites in China and of this site, which the lists of zxcvbn lack."""


def guessable(password: str, known: Iterable[str]) -> bool:
    """`known` is what others know of the person: name, address, firm."""
    words = [word for text in known for word in _words(text)]
    if _little_else(password, words):
        return True
    judged = zxcvbn(password[:LOOKED_AT], [*COMMON_HERE, *words], LOOKED_AT)
    return bool(judged["score"] < ENOUGH)


def _little_else(password: str, words: Iterable[str]) -> bool:
    """Whether it is hardly more than such words: a year and a sign do not hide a name."""
    letters = rest = _letters(password)
    for word in sorted(map(_letters, words), key=len, reverse=True):
        if len(word) >= WORD:
            rest = rest.replace(word, "")
    return rest != letters and len(rest) < ELSE


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalpha())


def _words(text: str) -> Iterator[str]:
    """A name or an address in all the ways in which it would be put into a password."""
    name, _at, host = text.partition("@")
    for part in (text, name, host, host.rpartition(".")[0]):
        pieces = re.split(r"[\W_]+", part)
        words = (part, "".join(pieces), *pieces)
        yield from (word[:LOOKED_AT] for word in words if len(word) > 1)
