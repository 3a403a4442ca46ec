"""The policy directions that banks answer to, as they stand in ``seeds/policy.yaml``."""

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from survey.core.bank import Frozen, Key
from survey.core.errors import BadDocument
from survey.core.shape import shape_problems
from survey.core.text import Text
from survey.exchange import yaml_file


class Direction(Frozen):
    """One direction: its name and what it means, in our own words."""

    key: Key
    title: Text
    meaning: Text


class Policy(Frozen):
    """The directions; `source` names the entry of a bank's sources that they come from."""

    format: Literal[1]
    source: Key
    directions: Annotated[tuple[Direction, ...], Field(min_length=1)]


def load(content: bytes, *, file: str = "") -> Policy:
    """Raises BadDocument with every fault, each with file and line."""
    loaded = yaml_file.load(content, file=file)
    try:
        return Policy.model_validate(loaded.data)
    except ValidationError as error:
        found = tuple(loaded.locate(problem, file=file) for problem in shape_problems(error))
        raise BadDocument(found) from error
