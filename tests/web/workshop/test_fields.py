"""The forms follow from the models: every field of a bank has a widget and words."""

from collections.abc import Iterator

import pytest

from survey.core import bank
from survey.core.bank import Frozen, Kind
from survey.web.workshop import field_words
from survey.web.workshop.fields import PAGES, QUESTIONS, Widget, groups_of, specs_of
from survey.web.workshop.part_forms import form_class

PAGES_IN_ORDER: list[type[Frozen]] = sorted(PAGES, key=lambda page: page.__name__)


def models() -> Iterator[type[Frozen]]:
    """Every model of a bank but conditions, which have a builder of their own."""
    for model in vars(bank).values():
        plain = isinstance(model, type) and issubclass(model, Frozen)
        if plain and model not in (Frozen, bank.Condition):
            yield model


@pytest.mark.parametrize("model", list(models()), ids=lambda model: str(model.__name__))
def test_every_field_has_a_widget_and_words(model: type[Frozen]) -> None:
    specs = {spec.name: spec for spec in specs_of(model)}

    assert set(specs) == {info.alias or n for n, info in model.model_fields.items()}
    assert all(str(spec.words.label) for spec in specs.values())
    for spec in specs.values():
        said = field_words.CHOICES[spec.choices] if spec.widget is Widget.CHOICE else {}
        assert {str(value) for value in spec.values} == set(said)


@pytest.mark.parametrize(
    "model",
    [bank.Bank, *PAGES_IN_ORDER],
    ids=str,
)
def test_every_field_of_a_page_stands_in_its_form_once(model: type[Frozen]) -> None:
    fields = [s.name for s in specs_of(model) if s.widget is not Widget.PARTS]

    drawn = [spec.name for _, found in groups_of(model) for spec in found]

    assert sorted(drawn) == sorted(fields)
    assert sorted(form_class(model)()._fields) == sorted(fields)


def test_every_kind_of_question_has_its_model_and_every_page_a_name() -> None:
    pages: list[type[Frozen]] = [*PAGES, bank.Bank]
    named = {"Question" if m in QUESTIONS.values() else m.__name__ for m in pages}

    assert set(QUESTIONS) == set(Kind)
    assert named <= set(field_words.MODELS)


def test_every_list_in_a_form_says_how_to_add_to_it() -> None:
    lists = {
        spec.name
        for model in models()
        for spec in specs_of(model)
        if spec.widget in (Widget.LINES, Widget.TEXTS)
    }

    assert lists <= set(field_words.ADD)


def test_words_stand_for_a_field_that_there_is() -> None:
    names = {spec.name for model in models() for spec in specs_of(model)}

    assert {known.rpartition(".")[2] for known in field_words.FIELDS} <= names
