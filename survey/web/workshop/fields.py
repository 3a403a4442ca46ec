"""What there is to fill in for each part of a bank, read off the models of `survey.core.bank`.

A model's field becomes a `FieldSpec`: which widget it has, what it can refer to, whether it may
be left out. Nothing about a single field is written down twice: what is added to a model has a
place in the forms, or a test is red.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from survey.core import bank, kind_change
from survey.core.bank import Frozen, Kind
from survey.core.text import Text
from survey.web.workshop import field_words
from survey.web.workshop.field_words import Words


class Widget(StrEnum):
    """How a field is shown and read."""

    FIXED = "fixed"
    KEY = "key"
    CODE = "code"
    TEXT = "text"
    LINE = "line"
    WHOLE = "whole"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    ONE_OF = "one-of"
    SEVERAL = "several"
    FIGURES = "figures"
    WEIGHTS = "weights"
    CONDITION = "condition"
    OBJECT = "object"
    LINES = "lines"
    TEXTS = "texts"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a model.

    `name` is what the document calls it. `item` is the model inside an object or a list, `pool`
    says what a reference can name, `values` what a choice can be. What is `optional` may be left
    out of the document.
    """

    name: str
    widget: Widget
    words: Words
    optional: bool
    default: Any = None
    item: type[Frozen] | None = None
    pool: str = ""
    values: Sequence[str | int] = ()
    choices: str = ""
    brief: bool = False


QUESTIONS = kind_change.MODELS

PAGES: frozenset[type[Frozen]] = frozenset(
    {
        bank.Profile,
        bank.Section,
        bank.Domain,
        *QUESTIONS.values(),
        bank.LevelScheme,
        bank.Edition,
        bank.Term,
        bank.Source,
        bank.Eligibility,
        bank.RuleCondition,
        bank.PublishedDistribution,
        bank.Hint,
    }
)
"""Parts with a form of their own; all others stand in the form of the part around them."""

_FIXED = frozenset({(bank.Bank, "format"), (bank.Bank, "key"), (bank.Bank, "version")})
_LEADING = frozenset({(bank.Advice, "to")})
"""What a part is known by, though its model inherits other fields before it."""

_BRIEF = frozenset(
    {"title", "short", "unit", "denominator_unit", "numerator", "denominator", "term"}
)
"""Texts of one line."""

POOLS: Mapping[str, str] = {
    "owner": "roles",
    "source": "sources",
    "leans_on": "sources",
    "terms": "terms",
    "policy": "policy",
    "sizes": "sizes",
    "small_sizes": "sizes",
    "types": "types",
    "weigh_default": "types",
    "sectors": "sectors",
    "none": "options",
    "weigh_by": "facts",
    "size_by": "facts",
    "sector_by": "facts",
    "core": "scored",
    "scenes": "ladders",
    "mandatory": "ladders",
    "questions": "questions",
}
"""What the keys in a field of this name are the keys of."""

_WHOLE = {bank.Key: Widget.KEY, bank.Code: Widget.CODE, bank.Weights: Widget.WEIGHTS}
_PLAIN: Mapping[object, Widget] = {
    Text: Widget.TEXT,
    str: Widget.LINE,
    bool: Widget.TICK,
    int: Widget.WHOLE,
    Decimal: Widget.NUMBER,
    bank.Condition: Widget.CONDITION,
}


@cache
def specs_of(model: type[Frozen]) -> tuple[FieldSpec, ...]:
    """Every field of the model, in its order, but for what leads."""
    hints = get_type_hints(model, include_extras=True)
    found = [
        _spec(model, field, info.alias or field, hints[field], info)
        for field, info in model.model_fields.items()
    ]
    return tuple(sorted(found, key=lambda spec: (model, spec.name) not in _LEADING))


def words_of(model: type[Frozen], name: str) -> Words:
    """What the field is called: by the model that says it most closely, else by its name alone.

    Raises KeyError if nothing is written down for it.
    """
    for ancestor in model.__mro__:
        found = field_words.FIELDS.get(f"{ancestor.__name__}.{name}")
        if found is not None:
            return found
    return field_words.FIELDS[name]


def _spec(model: type[Frozen], field: str, name: str, hint: object, info: FieldInfo) -> FieldSpec:
    widget, item, values, choices = _described(hint)
    if (model, field) in _FIXED:
        widget = Widget.FIXED
    if widget is Widget.KEY and name != "key":
        widget = Widget.ONE_OF
    referring = widget in (Widget.ONE_OF, Widget.SEVERAL)
    return FieldSpec(
        name,
        widget,
        words_of(model, name),
        optional=not info.is_required(),
        default=info.default,
        item=item,
        pool=POOLS[name] if referring else "",
        values=values,
        choices=choices or ("Horizon" if values else ""),
        brief=name in _BRIEF,
    )


_Described = tuple[Widget, type[Frozen] | None, Sequence[str | int], str]


def _described(hint: object) -> _Described:
    """Widget, model inside, values and the name of their words."""
    hint = _given(hint)
    for whole, widget in _WHOLE.items():
        if hint == whole:
            return widget, None, (), ""
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(bare) is tuple:
        return _list_of(get_args(bare)[0])
    if bare in _PLAIN:
        return _PLAIN[bare], None, (), ""
    if get_origin(bare) is Literal:
        return _literal(get_args(bare))
    assert isinstance(bare, type), f"{bare} has no widget: give it one here"
    if issubclass(bare, Enum):
        return Widget.CHOICE, None, tuple(each.value for each in bare), bare.__name__
    assert issubclass(bare, Frozen), f"{bare} has no widget: give it one here"
    return Widget.PARTS if bare in PAGES else Widget.OBJECT, bare, (), ""


def _literal(values: tuple[Any, ...]) -> _Described:
    if isinstance(values[0], Kind) or len(values) == 1:
        return Widget.FIXED, None, (), ""
    return Widget.CHOICE, None, values, ""


def _list_of(item: object) -> _Described:
    if item == bank.Key:
        return Widget.SEVERAL, None, (), ""
    bare = get_args(item)[0] if get_origin(item) is Annotated else item
    if bare is Text:
        return Widget.TEXTS, None, (), ""
    if bare is int:
        return Widget.FIGURES, None, (), ""
    if not isinstance(bare, type) or bare in PAGES:
        return Widget.PARTS, None, (), ""
    return Widget.LINES, bare, (), ""


def _given(hint: object) -> object:
    """The type of a field that is given: without None."""
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(bare) not in (Union, UnionType) or NoneType not in get_args(bare):
        return hint
    (inner,) = (each for each in get_args(bare) if each is not NoneType)
    return _given(inner)


# ----------------------------------------------------------------------- order

_QUESTION_GROUPS = (
    ("", ("key", "code", "kind", "short", "prompt")),
    ("wording", ("help", "example", "evidence")),
    (
        "answers",
        (
            *("options", "none", "rows", "states", "statements", "numerator", "denominator"),
            *("unit", "denominator_unit", "minimum", "maximum", "decimals", "may_exceed"),
            *("likely", "likely_each", "maximum_length", "pattern"),
        ),
    ),
    (
        "scoring",
        (
            *("weight", "half_steps", "credit", "full_at", "better", "bands", "scale"),
            *("rule", "met_at"),
        ),
    ),
    ("asking", ("required", "not_applicable", "when", "optional_when")),
    ("advice", ("urgent_below", "advice")),
    ("references", ("source", "leans_on", "policy", "terms")),
)
_GROUPS: Mapping[type[Frozen], Sequence[tuple[str, Sequence[str]]]] = {
    bank.Bank: (
        ("", ("key", "version", "format", "title", "summary", "minutes")),
        ("wording", ("banner", "notice", "method")),
        ("scoring", ("scoring",)),
        (
            "depends",
            ("weigh_by", "weigh_default", "size_by", "small_sizes", "sector_by"),
        ),
        ("references", ("roles",)),
    ),
    bank.LevelScheme: (
        ("levels", ("title", "steps", "not_applicable_cap", "rated_from")),
        ("gates", ("gates",)),
    ),
}


@cache
def groups_of(model: type[Frozen]) -> tuple[tuple[str, tuple[FieldSpec, ...]], ...]:
    """The fields of a form under their headings; what no group names comes first, or alone."""
    groups = _QUESTION_GROUPS if issubclass(model, bank.QuestionBase) else _GROUPS.get(model, ())
    specs = {spec.name: spec for spec in specs_of(model) if spec.widget is not Widget.PARTS}
    named = {name for _, names in groups for name in names}
    rest = tuple(spec for name, spec in specs.items() if name not in named)
    found = [(head, tuple(specs[n] for n in names if n in specs)) for head, names in groups]
    return tuple(
        (head, fields) for head, fields in [("rest" if groups else "", rest), *found] if fields
    )
