"""The JSON Schema of a bank document, made from the models that read one.

It is published as `bank-1.schema.json`, so that an editor completes and checks while somebody
types; `python -m survey.exchange.bank_schema` writes it anew. It describes the shape alone: what
must hold between the parts is checked when a file is read.
"""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import override

from survey.core.bank import Bank
from survey.exchange.bank_schema_words import FIELDS

SCHEMA_FILE = Path(__file__).with_name("bank-1.schema.json")
NAME = "bank-1.schema.json"
_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"


class _Numbers(GenerateJsonSchema):
    """Numbers as documents hold them: whole, or a fraction as text, which no reader rounds."""

    @override
    def decimal_schema(self, _schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        fraction = {"type": "string", "pattern": _NUMBER, "examples": ["1.875"]}
        return {"anyOf": [{"type": "integer"}, fraction]}

    @override
    def encode_default(self, dft: Any) -> Any:
        made = super().encode_default(dft)
        whole = isinstance(made, str) and made.lstrip("-").isdigit()
        return int(made) if whole else made


_LIMITS = {"ge": "minimum", "le": "maximum"}


def _with_limits(node: Any) -> Any:
    """The limits of numbers in the words of JSON Schema; a fraction is text, so they leave it."""
    if isinstance(node, list):
        return [_with_limits(part) for part in node]
    if not isinstance(node, dict):
        return node
    is_number = "anyOf" in node and bool(_LIMITS.keys() & node.keys())
    return {
        (_LIMITS.get(name, name) if is_number else name): _with_limits(part)
        for name, part in node.items()
        if name != "decimal_places"
    }


def _described(node: Any) -> Any:
    """Every field with what it is about, unless it says so itself."""
    if isinstance(node, list):
        return [_described(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {name: _described(part) for name, part in node.items()}
    fields = found.get("properties")
    if isinstance(fields, dict):
        for name, shape in fields.items():
            if name in FIELDS and isinstance(shape, dict):
                shape.pop("title", None)
                shape.setdefault("description", FIELDS[name])
    return found


def made() -> dict[str, Any]:
    """The schema as it ought to be."""
    shape = _described(
        _with_limits(Bank.model_json_schema(by_alias=True, schema_generator=_Numbers))
    )
    properties = {
        "$schema": {"type": "string", "description": "Where this schema is; for editors alone."}
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:qizhen:bank:1",
        "title": "Qizhen question bank, format 1",
        "description": shape.pop("description"),
        "type": shape.pop("type"),
        "additionalProperties": shape.pop("additionalProperties"),
        "required": shape.pop("required"),
        "properties": properties | shape.pop("properties"),
        "$defs": shape["$defs"],
    }


def written() -> str:
    return json.dumps(made(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(written(), encoding="utf-8")
