"""What could not be carried over between two formats, each with its place in the source."""

from dataclasses import dataclass, field

from survey.core.errors import Facts


@dataclass(frozen=True, slots=True)
class Loss:
    """One feature that the other format has no place for, or that was changed on the way.

    `code` has its sentence in `survey.messages`. `place` is said in the terms of the file: sheet
    and cell, an element and its code, a line, or a path into JSON. `texts` are words that have no
    place in the other format, by where they stood: the report is all that keeps them.
    """

    code: str
    place: str
    facts: Facts = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()

    def to_plain(self) -> dict[str, object]:
        plain: dict[str, object] = {
            "code": self.code,
            "place": self.place,
            "facts": dict(self.facts),
        }
        if self.texts:
            plain["texts"] = [{"place": place, "text": text} for place, text in self.texts]
        return plain
