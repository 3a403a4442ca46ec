"""Our values as JSON types, for columns, files and `--json`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel


def plain(value: object) -> Any:
    """JSON types only: decimals and dates as strings, dataclasses and mappings as objects.

    Raises TypeError for a value that is none of ours.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude_none=True)
        case Mapping():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple() | frozenset():
            return [plain(part) for part in value]
        case _ if is_dataclass(value):
            return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
        case _:
            raise TypeError(type(value).__name__)
