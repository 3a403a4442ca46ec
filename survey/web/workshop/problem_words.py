"""Problems of a document as its editor reads them: with the names that the pages use."""

from dataclasses import replace
from typing import Any

from survey import messages
from survey.core.errors import Problem
from survey.core.places import Place, of_problem
from survey.core.text import Locale
from survey.i18n import gettext
from survey.web.workshop.part_pages import label_of, model_at, told

_LANGUAGES = frozenset(locale.value for locale in Locale)


def sentence(document: Any, problem: Problem, locale: Locale) -> str:
    """Its sentence, with the field called as the forms call it."""
    field = problem.facts.get("field")
    if isinstance(field, str):
        called = _called(document, of_problem(document, problem.place), field)
        problem = replace(problem, facts={**problem.facts, "field": called})
    return messages.for_problem(problem, locale)


def where(document: Any, place: Place, page: Place = ()) -> str:
    """The field at a place, from the page that has it inwards; the language in brackets."""
    language = place[-1] if place[-1:] and place[-1] in _LANGUAGES else ""
    field = place[:-1] if language else place
    around = told(document, page)
    said = told(document, field).removeprefix(around).removeprefix(" › ")
    if not language or not said:
        return said
    own_name = Locale(language).own_name
    return gettext("%(field)s (%(language)s)", field=said, language=own_name)


def _called(document: Any, place: Place, field: str) -> str:
    if field in _LANGUAGES:
        return Locale(field).own_name
    around = (place[:length] for length in range(len(place), -1, -1))
    model = next((model for each in around if (model := model_at(document, each))), None)
    return label_of(model, field)
