"""A bank document as YAML, the form in which banks are reviewed and exchanged."""

from typing import Any

from survey.core import document
from survey.core.bank import Bank
from survey.core.errors import BadDocument
from survey.exchange import field_order, yaml_file


def read(content: bytes, *, file: str = "") -> tuple[dict[str, Any], Bank]:
    """The document and the bank in it. Raises BadDocument with every fault, line by line."""
    loaded = yaml_file.load(content, file=file)
    found, bank = document.judge(loaded.data)
    if found or bank is None:
        located = [loaded.locate(problem, file=file) for problem in found]
        raise BadDocument(tuple(sorted(located, key=lambda problem: problem.line or 0)))
    return loaded.data, bank


def write(data: dict[str, Any]) -> str:
    """The document as a file has it; the same document gives the same text."""
    return yaml_file.dump(field_order.as_reviewed(data))
