"""The form of each part: one class per model, made of the model's fields, and kept."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from werkzeug.datastructures import MultiDict
from wtforms import Form

from survey.core.bank import Frozen
from survey.core.places import Place
from survey.web.workshop.field_words import PARAGRAPH
from survey.web.workshop.fields import FieldSpec, Widget, specs_of
from survey.web.workshop.part_fields import (
    ConditionField,
    FiguresField,
    FixedField,
    KeysField,
    PartField,
    TextField,
    ValueField,
    WeightsField,
)
from survey.web.workshop.part_lists import LinesField, ObjectField, TextsField, put_fields

FormClass: TypeAlias = type[Form]

_FIELDS: Mapping[Widget, type[PartField]] = {
    Widget.FIXED: FixedField,
    Widget.KEY: ValueField,
    Widget.CODE: ValueField,
    Widget.TEXT: TextField,
    Widget.LINE: ValueField,
    Widget.WHOLE: ValueField,
    Widget.NUMBER: ValueField,
    Widget.TICK: ValueField,
    Widget.CHOICE: ValueField,
    Widget.ONE_OF: ValueField,
    Widget.SEVERAL: KeysField,
    Widget.FIGURES: FiguresField,
    Widget.WEIGHTS: WeightsField,
    Widget.CONDITION: ConditionField,
    Widget.OBJECT: ObjectField,
    Widget.LINES: LinesField,
    Widget.TEXTS: TextsField,
}
_PARAGRAPH = FieldSpec("", Widget.TEXT, PARAGRAPH, optional=False)


@cache
def form_class(model: type[Frozen]) -> FormClass:
    """The form of a model. Parts with a form of their own have no field in it."""
    fields = {
        spec.name: _field(spec) for spec in specs_of(model) if spec.widget is not Widget.PARTS
    }
    return type(f"{model.__name__}Form", (Form,), fields)


@cache
def _paragraph_form() -> FormClass:
    return type("ParagraphForm", (Form,), {"text": TextField(_PARAGRAPH)})


def _field(spec: FieldSpec) -> PartField:
    if spec.widget is Widget.TEXTS:
        return TextsField(spec, _paragraph_form())
    if spec.item is not None:
        assert spec.widget in (Widget.OBJECT, Widget.LINES)
        made = ObjectField if spec.widget is Widget.OBJECT else LinesField
        return made(spec, form_class(spec.item))
    return _FIELDS[spec.widget](spec)


def part_form(
    model: type[Frozen], document: Any, place: Place, raw: Any, formdata: MultiDict[str, str] | None
) -> Form:
    """The form of the part at a place: as the document has it, or as it was typed."""
    form = form_class(model)(formdata, data=raw if isinstance(raw, dict) else {})
    put_fields(form, place, document)
    return form
