"""What the columns and types of an XLSForm are called, in all the ways people write them.

pyxform knows most of them: its tables of other names are taken. The only importer of pyxform.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from pyxform import aliases, constants

from survey.exchange.language_names import tag_of

_WRAPPERS = {"bind", "control", "body", "media"}
_OTHER_NAMES = {
    "relevance": "relevant",
    "readonly": "read_only",
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "calculate": "calculation",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "jr:constraintmsg": "constraint_message",
    "constraining_message": "constraint_message",
    "jr:requiredmsg": "required_message",
    "requiredmsg": "required_message",
    "jr:noapperrorstring": "no_app_error_string",
    "list name": "list_name",
}
MEDIA = ("image", "big-image", "audio", "video")
_MEANINGS = {
    "select one": constants.SELECT_ONE,
    "select multiple": constants.SELECT_ALL_THAT_APPLY,
    **aliases.select,
}
_SELECTS = sorted(_MEANINGS, key=len, reverse=True)
_SELECT = re.compile(
    rf"(?P<command>{'|'.join(map(re.escape, _SELECTS))})"
    r"(?:\s+(?P<list>\S.*?))?(?P<other>\s+(?:or_other|or specify other|or other))?",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"(?P<end>begin|end)[\s_]+(?P<kind>lgroup|looped group|group|repeat|loop)(?:\s.*)?",
    re.IGNORECASE,
)
_TRUE = {name.lower() for name, value in aliases.yes_no.items() if value} | {"1", "y"}
_FALSE = {name.lower() for name, value in aliases.yes_no.items() if not value} | {"0", "n"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is about, and the tag of its language, empty if it names none."""

    field: str
    language: str = ""


def column(head: str) -> Column:
    """Read a head such as ``label::English (en)``, ``media::image::fr``, ``bind:relevant``."""
    marks = "::" if "::" in head else r"(?<!jr):"
    parts = [part.strip() for part in re.split(marks, head) if part.strip()] or [head]
    name = parts.pop(0).lower()
    if name in _WRAPPERS and parts:
        name = parts.pop(0).lower()
    name = _OTHER_NAMES.get(name, name).replace(" ", "_")
    name = _OTHER_NAMES.get(name, name)
    return Column(name, tag_of("::".join(parts)) if parts else "")


class Way(StrEnum):
    """How a question with choices is answered."""

    ONE = "one"
    MANY = "many"
    RANK = "rank"


@dataclass(frozen=True, slots=True)
class Select:
    """A question with choices: the list it names, and whether that is in a file of its own."""

    way: Way
    list_name: str
    has_other: bool
    is_file: bool
    is_external: bool


def select(kind: str) -> Select | None:
    match = _SELECT.fullmatch(kind)
    if match is None:
        return None
    command = match["command"].lower()
    meaning = _MEANINGS[command]
    way = {constants.RANK: Way.RANK, constants.SELECT_ALL_THAT_APPLY: Way.MANY}
    return Select(
        way.get(meaning, Way.ONE),
        (match["list"] or "").strip(),
        has_other=match["other"] is not None,
        is_file=command in aliases.select_from_file,
        is_external=meaning == constants.SELECT_ONE_EXTERNAL,
    )


def group(kind: str) -> tuple[bool, bool] | None:
    """Whether a row begins a group, and whether it is asked again and again; None for others."""
    match = _GROUP.fullmatch(kind)
    if match is None:
        return None
    return match["end"].lower() == "begin", match["kind"].lower() != "group"


def truth(text: str) -> bool | None:
    """True and false as people write them; None for anything else, such as an expression."""
    lower = text.strip().lower()
    if lower in _TRUE or lower in _FALSE:
        return lower in _TRUE
    return None
