"""The demo people and firms as a YAML file: what `survey seed` reads."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from survey.core.errors import BadDocument, Problem
from survey.exchange import yaml_file

Name = Annotated[str, Field(min_length=1, max_length=120)]


class Part(BaseModel):
    """A part of the file: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoPerson(Part):
    """Somebody who can sign in; owners and members name their firm."""

    email: Name
    name: Name
    role: Literal["administrator", "consultant", "owner", "member"]
    firm: Name | None = None

    @model_validator(mode="after")
    def _firm_fits(self) -> Self:
        if (self.role in ("owner", "member")) != (self.firm is not None):
            raise ValueError("owners and members have a firm, others have none")
        return self


class DemoFirm(Part):
    """A firm, the file with its answers, and the e-mail addresses of its consultants.

    `before` names the answers of its round a year earlier, `targets` the levels that it wants
    its domains to reach.
    """

    key: Name
    answers: Name
    before: Name | None = None
    targets: Mapping[Name, int] = Field(default_factory=dict)
    submitted: bool
    consultants: tuple[Name, ...]


class DemoFile(Part):
    """Everybody and every firm, in reading order."""

    people: tuple[DemoPerson, ...]
    firms: tuple[DemoFirm, ...]


def read(content: bytes, *, file: str = "") -> DemoFile:
    """Raises BadDocument with every part that has not the form."""
    loaded = yaml_file.load(content, file=file)
    try:
        return DemoFile.model_validate(loaded.data)
    except ValidationError as error:
        places = [".".join(str(step) for step in fault["loc"]) for fault in error.errors()]
        raise BadDocument(
            tuple(loaded.locate(Problem("demo-file-form", place), file=file) for place in places)
        ) from error
