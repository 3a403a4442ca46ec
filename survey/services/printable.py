"""Whether what people type can be printed: asked when they type it, so that no report gets stuck.

After an assessment is submitted, nobody could replace a character that the fonts lack.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from survey.core.errors import Problem, SurveyError
from survey.pdf import fonts, glyphs


class Unprintable(SurveyError):
    """The report's fonts have no shape for a character: ``character`` and ``codepoint``."""

    code = "text-unprintable"


def must_be_printable(text: str, fonts_folder: Path) -> None:
    """Raises Unprintable. Without fonts nothing is refused: `survey doctor` says what to do."""
    if not fonts.missing(fonts_folder):
        _must_have_shapes(text, fonts_folder)


def problems(values: Mapping[str, object], fonts_folder: Path) -> tuple[Problem, ...]:
    """Of plain answers by question, those that cannot be printed, each with its first fault."""
    if fonts.missing(fonts_folder):
        return ()
    found = []
    for key, value in values.items():
        try:
            _must_have_shapes("".join(_texts(value)), fonts_folder)
        except Unprintable as error:
            found.append(Problem("answer-unprintable", key, {"question": key, **error.facts}))
    return tuple(found)


def _must_have_shapes(text: str, fonts_folder: Path) -> None:
    character = glyphs.unprintable(text, fonts_folder)
    if character is not None:
        raise Unprintable(character=character, codepoint=glyphs.codepoint(character))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
