"""A bank document as JSON, with the name of its schema, which is no part of the document."""

import json
from typing import Any

from survey.core import document
from survey.core.errors import Problem, quoted
from survey.exchange import bank_schema, field_order, soundness
from survey.exchange.bank_parts import Read, Written

LARGEST = 4 * 1024 * 1024
_SCHEMA = "$schema"


def write(data: dict[str, Any]) -> Written:
    """The same document gives the same bytes."""
    named = {_SCHEMA: bank_schema.NAME, **field_order.as_reviewed(data)}
    return Written((json.dumps(named, ensure_ascii=False, indent=2) + "\n").encode())


def read(content: bytes, file: str) -> Read:
    """The document with the faults that a draft may have."""
    if len(content) > LARGEST:
        facts = {"megabytes": LARGEST // 1024**2}
        return Read(None, (Problem("foreign-too-large", "", facts, file=file),))
    twice: list[Problem] = []

    def no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs) and len(twice) < soundness.MOST_TOLD:
            twice.extend(
                Problem("json-twice", quoted(name), {"name": quoted(name)}, file=file)
                for name in soundness.repeated(pairs)
            )
        return found

    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text, object_pairs_hook=no_name_twice, parse_float=str)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Read(None, (Problem("foreign-not-utf8", "", {"line": line}, file=file, line=line),))
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno}
        return Read(None, (Problem("foreign-json", "", facts, file=file, line=error.lineno),))
    except (RecursionError, ValueError):
        return Read(None, (Problem("foreign-json", "", {"line": 1}, file=file),))
    if twice or not isinstance(data, dict):
        shape = Problem("bank-wrong-value", "bank", {"value": quoted(data)}, file=file)
        return Read(None, tuple(twice) or (shape,))
    data.pop(_SCHEMA, None)
    if unsound := soundness.unsound(data, file):
        return Read(None, unsound)
    return Read(data, document.problems(data))
