"""What the translation workbench calls states, kinds of texts, checks and chapters."""

from collections.abc import Mapping
from typing import Any

from survey.core import places
from survey.core.text_checks import Check
from survey.core.texts import State, TextKind
from survey.i18n import Later, lazy
from survey.services.translation_import import Fate
from survey.web.workshop.part_pages import told

STATES: Mapping[State, Later] = {
    State.MISSING: lazy("Text missing"),
    State.STALE: lazy("Stale"),
    State.DRAFT: lazy("Not reviewed"),
    State.REVIEWED: lazy("Reviewed"),
}
MARKS: Mapping[State, str] = {
    State.MISSING: "look",
    State.STALE: "look",
    State.DRAFT: "doing",
    State.REVIEWED: "done",
}
KINDS: Mapping[TextKind, Later] = {
    TextKind.TITLE: lazy("Titles and names"),
    TextKind.SUMMARY: lazy("Introductions"),
    TextKind.PROMPT: lazy("Questions"),
    TextKind.HELP: lazy("Help and examples"),
    TextKind.OPTION: lazy("Options"),
    TextKind.ROW: lazy("Rows and statements"),
    TextKind.UNIT: lazy("Units and quantities"),
    TextKind.ADVICE: lazy("Advice"),
    TextKind.TERM: lazy("Glossary"),
    TextKind.NOTE: lazy("Other texts"),
}
CHECKS: Mapping[Check, Later] = {
    Check.GLOSSARY: lazy("Terms of the glossary"),
    Check.FIGURES: lazy("Figures"),
    Check.PLACEHOLDERS: lazy("Placeholders"),
    Check.TYPOGRAPHY: lazy("Punctuation"),
}
FATES: Mapping[Fate, Later] = {
    Fate.CHANGED: lazy("New translations"),
    Fate.REVIEWED: lazy("Marked as reviewed"),
    Fate.SOURCE_CHANGED: lazy("The source has changed since the file was made"),
    Fate.TRANSLATION_CHANGED: lazy("Somebody else has changed the translation meanwhile"),
    Fate.UNKNOWN: lazy("There is no such place in this draft"),
    Fate.EMPTY: lazy("No translation in the file"),
    Fate.SAME: lazy("As in the draft"),
}
_THE_BANK = lazy("The bank itself")


def where(document: Any, place: str) -> str:
    """The place of a text in words; a text that is one of several without names by its number."""
    steps = places.parse(place)
    said = told(document, steps)
    number = steps[-1].removeprefix(places.NUMBER)
    if number != steps[-1] and number.isdecimal():
        return f"{said.removesuffix('–')}{int(number) + 1}"
    return said or place


def section_name(document: Any, section: str) -> str:
    """What a section or chapter is called; the name of a section stands in the bank."""
    return (told(document, places.parse(section)) or section) if section else str(_THE_BANK)
