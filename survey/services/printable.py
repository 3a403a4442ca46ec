"""Whether what people type can be printed: asked when they type it, so that no report gets stuck.

After an assessment is submitted, nobody could replace a character that the fonts lack.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from survey.core.errors import Problem, SurveyError
from survey.core.trees import parts
from survey.pdf import fonts, glyphs


class Unprintable(SurveyError):
    """The report's fonts have no shape for a character: ``character`` and ``codepoint``."""

    code = "text-unprintable"


def must_be_printable(text: str, fonts_folder: Path) -> None:
    """Raises Unprintable. Without fonts nothing is refused: `survey doctor` says what to do."""
    if _has_fonts(fonts_folder):
        _must_have_shapes(text, fonts_folder)


def problems(values: Mapping[str, object], fonts_folder: Path) -> tuple[Problem, ...]:
    """Of plain answers by question, those that cannot be printed, each with its first fault."""
    if not _has_fonts(fonts_folder):
        return ()
    found = []
    for key, value in values.items():
        try:
            _must_have_shapes("".join(_texts(value)), fonts_folder)
        except Unprintable as error:
            found.append(Problem("answer-unprintable", key, {"question": key, **error.facts}))
    return tuple(found)


def document_problems(data: object, fonts_folder: Path) -> tuple[Problem, ...]:
    """Every text of a bank's document that cannot be printed, each with its first fault."""
    return tuple(_in_document(data, "", fonts_folder)) if _has_fonts(fonts_folder) else ()


def _in_document(node: object, place: str, fonts_folder: Path) -> Iterator[Problem]:
    if isinstance(node, str):
        try:
            _must_have_shapes(node, fonts_folder)
        except Unprintable as error:
            yield Problem("bank-glyph-missing", place, error.facts)
    for key, part in parts(node):
        yield from _in_document(part, f"{place}.{key}" if place else str(key), fonts_folder)


def can_tell(fonts_folder: Path) -> bool:
    """Whether the fonts are there, without which nothing is refused."""
    return _has_fonts(fonts_folder)


_COMPLETE: set[Path] = set()


def _has_fonts(folder: Path) -> bool:
    """Looked for until they are there: every answer that is saved asks."""
    if folder not in _COMPLETE and not fonts.missing(folder):
        _COMPLETE.add(folder)
    return folder in _COMPLETE


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
