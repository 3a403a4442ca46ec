"""What a file may be called: nothing that a disk trips over, or a reader is misled by."""

import unicodedata

from survey.core.text import cut_to_bytes

LONGEST = 240
"""Bytes of UTF-8: disks take 255, and a browser may add a number."""

LONGEST_SUFFIX = 10

_NOT_IN_NAMES = frozenset('<>:"/\\|?*%')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_words(name: str) -> str:
    """A name without signs that disks refuse or nobody sees, such as those that turn it round."""
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", name)
        if sign not in _NOT_IN_NAMES and unicodedata.category(sign) not in _INVISIBLE
    )
    return " ".join(kept.split())


def clean(name: str) -> str:
    """The name of a file that somebody sends, without a path; its suffix survives shortening.

    Empty if nothing of it can be kept.
    """
    words = plain_words(name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, suffix = words.rpartition(".")
    if not dot or len(suffix) > LONGEST_SUFFIX:
        return cut_to_bytes(words, LONGEST).strip(" .")
    room = LONGEST - len(f".{suffix}".encode())
    return f"{cut_to_bytes(stem, room).strip()}.{suffix}"


def with_suffix(name: str, suffixes: tuple[str, ...]) -> str:
    """The name with a suffix that tells the truth: one of these, or else the first is added."""
    if name.lower().endswith(tuple(f".{suffix}" for suffix in suffixes)):
        return name
    return clean(f"{cut_to_bytes(name, LONGEST - LONGEST_SUFFIX)}.{suffixes[0]}")
