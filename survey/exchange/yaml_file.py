"""YAML to plain data with the line of every place. The only importer of PyYAML.

Stricter than YAML itself: no aliases (they can blow up a small file), no tags, no duplicate
keys, no dates, booleans only as true and false, and fractions as strings, so that nothing is
rounded. Whatever is not null, true, false or a plain whole number is text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from typing_extensions import override

from survey.core.bank import LONGEST_KEY
from survey.core.errors import BadDocument, Problem, quoted

LARGEST = 2 * 1024 * 1024
"""Bytes; a larger file is refused before it is parsed."""

MOST_PARTS = 100_000
"""Entries and lists in one file: several times the largest bank, and still read at once."""

DEEPEST = 40
"""Lists and mappings inside each other; the parser itself breaks down at some thousands."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Plain data (JSON types) and the line of every place in it."""

    data: Any
    lines: dict[str, int]

    def locate(self, problem: Problem, *, file: str) -> Problem:
        """Give a problem the file and line of its place, or of the nearest part around it."""
        place = problem.place
        while place and place not in self.lines:
            place = place.rpartition(".")[0]
        line = self.lines.get(place)
        return Problem(problem.code, problem.place, problem.facts, file=file, line=line)


def load(content: bytes, *, file: str = "") -> Loaded:
    """Read one YAML document. Raises BadDocument if it is not one we accept."""
    if len(content) > LARGEST:
        raise BadDocument((Problem("yaml-too-large", "", {"most": LARGEST}, file=file),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadDocument((Problem("yaml-not-utf8", "", {}, file=file, line=line),)) from error
    try:
        refused = tuple(_refusals(text, file))
        if refused:
            raise BadDocument(refused)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise BadDocument((_syntax_problem(error, file),)) from error
    if node is None:
        raise BadDocument((Problem("yaml-empty", "", {}, file=file),))
    reader = _Reader(file)
    data = reader.value(node, "")
    if reader.problems:
        raise BadDocument(tuple(reader.problems))
    return Loaded(data, reader.lines)


def dump(data: object) -> str:
    """Write plain data as YAML that a person can review and `load` reads back unchanged."""
    return yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_flow_style=False,
    )


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, because `load` accepts none, and escapes what would be folded away."""

    @override
    def ignore_aliases(self, data: object) -> bool:
        return True

    @override
    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if _ODD_LINE_BREAK.search(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)
_ODD_LINE_BREAK = re.compile("[\x85\u2028\u2029]")


def _refusals(text: str, file: str) -> Iterator[Problem]:
    """What we refuse of YAML, found event by event before anything is built or expanded."""
    depth = count = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        assert event.start_mark is not None
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            yield Problem("yaml-too-deep", "", {"most": DEEPEST}, file=file, line=line)
            return
        count += isinstance(event, yaml.NodeEvent)
        if count > MOST_PARTS:
            yield Problem("yaml-too-many-parts", "", {"most": MOST_PARTS}, file=file, line=line)
            return
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            yield Problem("yaml-alias", "", {}, file=file, line=line)
        if getattr(event, "tag", None) is not None:
            yield Problem("yaml-tag", "", {}, file=file, line=line)


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    return Problem("yaml-syntax", "", {}, file=file, line=mark.line + 1 if mark else None)


_WHOLE_NUMBER = re.compile("-?(0|[1-9][0-9]{0,14})")
"""Written so, a number means the same to everybody; ``010`` and ``1_000`` do not."""


class _Reader:
    """Turns a node tree into plain data, noting lines and collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, place: str) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(part, f"{place}.{at}" if place else str(at))
                for at, part in enumerate(node.value)
            ]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self._problem("yaml-key-not-text", place, key_node)
                continue
            if len(key) > LONGEST_KEY:  # every place in a file is written with the keys around it
                most = str(LONGEST_KEY)
                self._problem("yaml-key-too-long", place, key_node, key=quoted(key), most=most)
                continue
            inside = f"{place}.{key}" if place else key
            if key in result:
                self._problem("yaml-duplicate-key", inside, key_node, key=quoted(key))
            result[key] = self.value(value_node, inside)
        return result

    def _scalar(self, node: yaml.Node, place: str) -> Any:
        text: str = node.value
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "int":
                return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
            case "bool":
                if text in ("true", "false"):
                    return text == "true"
                self._problem("yaml-bare-boolean", place, node, value=text)
                return text
            case _:
                return text

    def _problem(self, code: str, place: str, node: yaml.Node, **facts: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(code, place, facts, file=self.file, line=line))
