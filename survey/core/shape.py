"""Faults of a document's shape, as pydantic finds them, with a place inside the document."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from survey.core.bank import Kind
from survey.core.errors import Facts, Problem, quoted

_SHAPE_CODES = {
    "missing": "bank-missing",
    "extra_forbidden": "bank-unknown-field",
    "unexpected_keyword_argument": "bank-unknown-field",
    "dataclass_type": "bank-not-both-languages",
    "string_too_short": "bank-empty-text",
    "string_too_long": "bank-text-too-long",
    "string_pattern_mismatch": "bank-bad-key",
    "union_tag_invalid": "bank-unknown-kind",
    "union_tag_not_found": "bank-missing-kind",
    "enum": "bank-not-one-of",
    "literal_error": "bank-not-one-of",
    "too_short": "bank-too-few",
    "too_long": "bank-too-many",
    "value_error": "bank-not-a-number",
    "int_type": "bank-not-a-whole-number",
    "bool_type": "bank-not-true-or-false",
    "decimal_max_places": "bank-too-many-decimals",
    "greater_than_equal": "bank-too-low",
    "less_than_equal": "bank-too-high",
}
_LIMITS = {
    "string_too_long": "max_length",
    "too_long": "max_length",
    "decimal_max_places": "decimal_places",
    "greater_than_equal": "ge",
    "less_than_equal": "le",
}


def shape_problems(error: ValidationError) -> Iterator[Problem]:
    """Every fault that pydantic found, in its order."""
    for fault in error.errors(include_url=False):
        given, context = fault["input"], fault.get("ctx", {})
        if fault["type"] == "too_short" and len(given) >= context["min_length"]:
            continue  # long enough, but for the faulty parts that are reported themselves
        yield _shape_problem(fault["type"], _path(fault["loc"]), given, context)


_TEXT_FAULTS = {
    "bank-missing",
    "bank-missing-language",
    "bank-not-both-languages",
    "bank-empty-text",
    "bank-text-too-long",
    "bank-wrong-value",
}
_SIGN = "_"


def with_texts(data: object, faults: Sequence[Problem]) -> object:
    """A copy of the document with a text of one sign wherever one may be missing or is none.

    What is missing there may be no text at all; then the copy has not the right shape either.
    """
    copy = deepcopy(data)
    for fault in faults:
        *path, last = fault.place.split(".")
        if fault.code in _TEXT_FAULTS:
            text: object = {"zh": _SIGN, "en": _SIGN} if last not in {"zh", "en"} else _SIGN
            with suppress(LookupError, TypeError, ValueError):  # a key with a dot leads nowhere
                _put(copy, path, last, text)
    return copy


def _put(node: Any, path: Sequence[str], last: str, value: object) -> None:
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[int(last) if isinstance(node, list) else last] = value


def _shape_problem(
    kind: str, path: Sequence[str], given: object, context: Mapping[str, Any]
) -> Problem:
    field = path[-1] if path else "bank"
    code = _SHAPE_CODES.get(kind, "bank-wrong-value")
    if code == "bank-missing" and field in {"zh", "en"}:
        code = "bank-missing-language"
    if code == "bank-bad-key" and field == "code":
        code = "bank-bad-code"
    if code == "bank-unknown-kind":
        path, given = [*path, "kind"], context["tag"]
    kinds = ", ".join(Kind) if code in {"bank-unknown-kind", "bank-missing-kind"} else ""
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    facts: Facts = {
        "field": quoted(field),
        "value": quoted(given),
        "expected": kinds or expected,
        "limit": str(context.get(_LIMITS.get(kind, ""), "")),
    }
    return Problem(code, ".".join(path) or "bank", facts)


def _path(parts: Sequence[int | str]) -> list[str]:
    """The path inside the document: without what pydantic adds to tell the forms of a part."""
    return [
        str(part)
        for at, part in enumerate(parts)
        if part != "[key]"
        and not (at > 1 and parts[at - 2] == "questions" and isinstance(parts[at - 1], int))
        and not (at > 0 and parts[at - 1] == "weight" and part in {"one", "each"})
    ]
