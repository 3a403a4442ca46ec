"""Forms over documents with faults: what is not touched stays as it is, whatever it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from survey.core import bank
from survey.core.bank import Frozen
from survey.core.patches import ABSENT
from survey.web.workshop.part_fields import (
    ConditionField,
    FixedField,
    KeysField,
    PartField,
    TextField,
    WeightsField,
)
from survey.web.workshop.part_forms import part_form
from survey.web.workshop.part_lists import (
    LinesField,
    ObjectField,
    faults_of,
    fields_of,
    merged,
    nearest,
    place_anew,
)

PLACE = ("profile", "questions", "x")


def sent_by(form: BaseForm) -> Iterator[tuple[str, str]]:
    """What a browser sends of a form that nobody touches."""
    for field in fields_of(form):
        yield from _sent(field)


def _sent(field: PartField) -> Iterator[tuple[str, str]]:
    match field:
        case FixedField() | ConditionField():
            pass
        case TextField():
            yield from ((f"{field.name}-{each}", text) for each, text in field.typed.items())
        case KeysField():
            yield from ((field.name, key) for key in ["", *field.typed])
        case WeightsField():
            yield f"{field.name}-how", field.typed["how"]
            yield from ((f"{field.name}{k}", v) for k, v in field.typed.items() if k != "how")
        case ObjectField():
            yield from sent_by(field.form)
        case LinesField():
            yield field.name, ""
            for line in field.lines:
                yield from [(field.name, line.name), (f"{field.name}-{line.name}-was", line.name)]
                yield from sent_by(line.form)
        case _:
            yield field.name, field.typed


def resent(
    model: type[Frozen], raw: Any, **changes: str | list[str] | None
) -> tuple[Any, BaseForm]:
    """What becomes of the part if its form is sent with these changes."""
    shown = part_form(model, {}, PLACE, raw, None)
    form = MultiDict(list(sent_by(shown)))
    for name, value in changes.items():
        form.poplist(name)
        form.setlist(name, [value] if isinstance(value, str) else list(value or ()))
    again = part_form(model, {}, PLACE, raw, form)
    again.validate()
    return merged(again, raw), again


FAULTY: dict[str, Any] = {
    "key": 3,
    "code": ["A"],
    "prompt": "no text",
    "help": {"zh": 5, "fr": "aide"},
    "options": "none",
    "weight": [1],
    "required": "yes",
    "not_applicable": "perhaps",
    "advice": [1, {"what": 5, "sizes": "all"}, None],
    "terms": {"a": 1},
    "leans_on": [1, "x"],
    "urgent_below": 1.5,
    "bogus": {},
}


@pytest.mark.parametrize(
    ("model", "raw"),
    [
        (bank.Ladder, FAULTY),
        (bank.Number, {"likely": 4, "scale": {"base": None}, "bands": [{"from": True}, []]}),
        (bank.LevelScheme, {"gates": [], "steps": {"number": 1}}),
        (bank.LevelScheme, {"gates": {"scenes": 3, "core": None}, "steps": [3]}),
        (bank.PublishedDistribution, {"shares": [{"levels": "one"}, {"levels": [1, "x"]}]}),
        (bank.Bank, {"method": ["text", {"zh": "字"}, 3], "small_sizes": 1, "scoring": "mean"}),
        (bank.Section, {"weight": {"a": "x", "b": []}, "theme": 3}),
    ],
)
def test_what_is_not_touched_stays_whatever_it_is(model: type[Frozen], raw: Any) -> None:
    after, form = resent(model, raw)

    assert after is raw
    assert not list(faults_of(form))


def test_one_field_is_mended_and_the_other_faults_stay() -> None:
    after, _ = resent(
        bank.Ladder, FAULTY, **{"prompt-zh": "题目", "help-zh": "说明", "weight": "2"}
    )

    assert after["prompt"] == {"zh": "题目", "en": ""}
    assert after["help"] == {"zh": "说明", "fr": "aide"}
    assert after["weight"] == 2
    assert {k: v for k, v in after.items() if k not in ("prompt", "help", "weight")} == {
        k: v for k, v in FAULTY.items() if k not in ("prompt", "help", "weight")
    }


def test_a_field_that_was_not_sent_keeps_what_it_has() -> None:
    raw = {"key": "x", "prompt": {"zh": "字", "en": "a"}, "options": [{"key": "a"}], "terms": ["t"]}
    form = part_form(bank.Ladder, {}, PLACE, raw, MultiDict({"code": "B1"}))

    assert form.validate()
    assert merged(form, raw) == raw | {"code": "B1"}


def test_a_list_is_emptied_and_a_default_comes_back() -> None:
    raw = {"advice": [{"to": 1}], "half_steps": False}

    after, _ = resent(bank.Ladder, raw, advice=[""], half_steps=["", "1"])
    sizes, _ = resent(bank.Bank, {}, small_sizes=[""])
    number, _ = resent(bank.Requirements, {"met_at": 60}, met_at="")

    assert after == {"advice": [], "half_steps": True}
    assert sizes == {"small_sizes": []}
    assert number == {}


def test_defaults_are_shown_but_not_written_down() -> None:
    form = part_form(bank.Bank, {}, (), {}, None)
    scoring = form["scoring"]

    assert isinstance(scoring, ObjectField)
    assert {field.typed for field in fields_of(scoring.form)} == {"weighted", "exclude", "80"}
    assert resent(bank.Bank, {})[0] == {}


def test_of_an_object_with_defaults_only_the_difference_is_kept() -> None:
    after, _ = resent(bank.Bank, {}, **{"scoring-method": "points"})

    assert after == {"scoring": {"method": "points"}}


@pytest.mark.parametrize(
    ("model", "raw", "changes"),
    [
        (bank.Section, {}, {"weight": "ten"}),
        (bank.Section, {"weight": {"a": 1}}, {"weight-each-a": "x"}),
        (bank.Edition, {}, {"questions": ["", "Not A Key"]}),
        (bank.Edition, {}, {"questions": ["", "k" * 61]}),
        (bank.Term, {"key": "a"}, {"key": "k" * 61}),
        (bank.Edition, {}, {"minutes": "12345678901"}),
    ],
)
def test_what_is_refused_leaves_the_document_as_it_was(
    model: type[Frozen], raw: Any, changes: dict[str, Any]
) -> None:
    after, form = resent(model, raw, **changes)

    assert after is raw
    assert len(list(faults_of(form))) == 1


def test_a_weight_for_each_answer_can_be_taken_away() -> None:
    one, _ = resent(bank.Domain, {"weight": {"a": 1}}, **{"weight-how": "one", "weight": ""})
    none, _ = resent(bank.Domain, {"weight": {"a": 1}}, **{"weight-each-a": ""})

    assert one == none == {}


def test_keys_are_made_of_english_words_or_of_the_list() -> None:
    lines = {"options": ["", "0", "1", "2", "junk", "1"]}
    named = {"options-0-label-en": "All of it!", "options-1-label-en": "All of it!"}

    after, _ = resent(bank.Ladder, {}, **lines, **named, **{"options-2-points": "3"})

    assert [option["key"] for option in after["options"]] == [
        "all-of-it",
        "all-of-it-2",
        "options-1",
    ]


def test_a_fault_is_nearest_to_the_field_that_it_names() -> None:
    raw = {"options": [{"key": "a", "label": {}}], "likely": {"low": 1}}
    form = part_form(bank.Number, {}, PLACE, raw, None)
    ladder = part_form(bank.Ladder, {}, PLACE, raw, None)
    for each in (form, ladder):
        place_anew(each, PLACE, raw)
    own = "f-profile--questions--x"

    assert nearest(form, (*PLACE, "likely", "high")) == f"{own}--likely--high"
    assert nearest(form, (*PLACE, "likely")) == f"{own}--likely"
    assert nearest(ladder, (*PLACE, "options", "a", "label", "zh")) == f"{own}--options--a--label"
    assert nearest(ladder, (*PLACE, "options", "a")) == f"{own}--options--a"
    assert nearest(ladder, (*PLACE, "options")) == f"{own}--options"
    assert not nearest(ladder, (*PLACE, "bogus"))


def test_what_was_never_given_is_absent() -> None:
    form = part_form(bank.Term, {}, PLACE, {}, None)

    assert all(field.raw is ABSENT and field.blank for field in fields_of(form))
