"""YAML to plain data with the line of every place. The only importer of PyYAML.

Stricter than YAML itself: no aliases (they can blow up a small file), no duplicate keys, no
dates, booleans only as true and false, and fractions as strings, so that nothing is rounded.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from survey.core.errors import BadDocument, Problem

LARGEST = 2 * 1024 * 1024
"""Bytes; a larger file is refused before it is parsed."""

_DEEPEST = 40


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
        node = _compose(text, file)
    except yaml.YAMLError as error:
        raise BadDocument((_syntax_problem(error, file),)) from error
    if node is None:
        raise BadDocument((Problem("yaml-empty", "", {}, file=file),))
    reader = _Reader(file)
    data = reader.value(node, "", 0)
    if reader.problems:
        raise BadDocument(tuple(reader.problems))
    return Loaded(data, reader.lines)


def dump(data: object) -> str:
    """Write plain data as YAML that a person can review and `load` reads back unchanged."""
    return yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100, default_flow_style=False
    )


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, because `load` accepts none."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _compose(text: str, file: str) -> yaml.Node | None:
    """Build the node tree; aliases are refused while scanning, before anything is expanded."""
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            line = token.start_mark.line + 1
            raise BadDocument((Problem("yaml-alias", "", {}, file=file, line=line),))
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    return node


def _syntax_problem(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    return Problem("yaml-syntax", "", {}, file=file, line=mark.line + 1 if mark else None)


class _Reader:
    """Turns a node tree into plain data, noting lines and collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, place: str, depth: int) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if depth > _DEEPEST:
            self._problem("yaml-too-deep", place, node)
            return None
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place, depth)
            case yaml.SequenceNode():
                return [
                    self.value(part, f"{place}.{at}" if place else str(at), depth + 1)
                    for at, part in enumerate(node.value)
                ]
            case yaml.ScalarNode():
                return self._scalar(node, place)
            case _:
                raise TypeError(node)

    def _mapping(self, node: yaml.MappingNode, place: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                self._problem("yaml-key-not-text", place, key_node)
                continue
            inside = f"{place}.{key}" if place else key
            if key in result:
                self._problem("yaml-duplicate-key", inside, key_node, key=key)
            result[key] = self.value(value_node, inside, depth + 1)
        return result

    def _scalar(self, node: yaml.ScalarNode, place: str) -> Any:
        text: str = node.value
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "int":
                return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else text
            case "bool":
                if text in ("true", "false"):
                    return text == "true"
                self._problem("yaml-bare-boolean", place, node, value=text)
                return text
            case "str" | "float" | "timestamp":
                return text
            case _:
                self._problem("yaml-tag", place, node)
                return text

    def _problem(self, code: str, place: str, node: yaml.Node, **facts: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(code, place, facts, file=self.file, line=line))
