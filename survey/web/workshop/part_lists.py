"""Fields with fields inside: objects, lists of parts, and walking through a form of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from typing_extensions import override
from wtforms.form import BaseForm

from survey.core.bank_edits import fresh
from survey.core.document import LONGEST_LIST
from survey.core.patches import ABSENT, same
from survey.core.places import Place, steps_of
from survey.web.workshop.fields import FieldSpec
from survey.web.workshop.part_fields import (
    Fault,
    FormData,
    PartField,
    TextField,
    Unreadable,
    anchor,
    is_whole,
)

_STEPS = {"up": -1, "down": 1}


# ---------------------------------------------------------------- parts inside


def merged(form: BaseForm, raw: Any) -> Any:
    """The part with everything that was typed; what has no field here stays."""
    value = dict(raw) if isinstance(raw, dict) else {}
    changed = False
    for field in form:
        assert isinstance(field, PartField)
        name = field.spec.name
        if same(field.data, field.raw):
            continue
        changed = True
        if field.data is ABSENT:
            value.pop(name, None)
        else:
            value[name] = field.data
    return value if changed else raw


FormOf = Callable[..., BaseForm]


class ObjectField(PartField):
    """A part with one set of fields. An optional one is there if anything is filled in."""

    form: BaseForm

    def __init__(self, spec: FieldSpec, form_class: FormOf, **kwargs: Any) -> None:
        super().__init__(spec, **kwargs)
        self.form_class = form_class

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        self.errors = []
        self.raw = data if self._given(data) else ABSENT
        inside = self.raw if isinstance(self.raw, dict) else {}
        self.form = self.form_class(formdata, prefix=f"{self.name}-", data=inside)
        self.sent = any(field.sent for field in fields_of(self.form))
        self.data = self.raw

    @override
    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        sound = self.form.validate()
        self.errors = [fault.sentence for fault in faults_of(self.form)]
        touched = any(not same(field.data, field.raw) for field in fields_of(self.form))
        gone = touched and self.spec.optional and self.blank and not self._has_defaults
        self.data = ABSENT if gone else merged(self.form, self.raw)
        return bool(sound)

    @property
    def _has_defaults(self) -> bool:
        return self.spec.default not in (None, ())

    @property
    @override
    def blank(self) -> bool:
        return all(field.blank for field in fields_of(self.form))

    @override
    def put_at(self, place: Place, document: Any) -> None:
        super().put_at(place, document)
        put_fields(self.form, place, document)

    @override
    def faulty(self) -> Iterator[Fault]:
        yield from (fault.inside(self.word) for fault in faults_of(self.form))


class Line:
    """One part of a list. `was` is its number in the document, None for a new one."""

    def __init__(self, form: BaseForm, *, name: str, was: int | None, raw: Any) -> None:
        self.form = form
        self.name = name
        self.was = was
        self.raw = raw
        self.place: Place = ()
        self.now: Place = ()
        self.id = ""

    @property
    def fields(self) -> list[PartField]:
        return fields_of(self.form)

    @property
    def empty(self) -> bool:
        """Whether it is a new one that nobody filled in."""
        return self.was is None and all(field.blank for field in self.fields)


class LinesField(PartField):
    """A list of parts; each line sends its name in the order of the page, and where it was."""

    lines: list[Line]
    most_lines: ClassVar[int] = LONGEST_LIST + 1
    """One more than a draft may have: that one is refused, no line is left out silently."""

    def __init__(self, spec: FieldSpec, form_class: FormOf, **kwargs: Any) -> None:
        super().__init__(spec, **kwargs)
        self.form_class = form_class

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        self.errors = []
        self.raw = data if self._given(data) else ABSENT
        self.sent = formdata is not None and bool(formdata.getlist(self.name))
        stored = self.raw if isinstance(self.raw, list) else []
        make = partial(self._line, stored)
        if formdata is None or not self.sent:
            self.lines = [make(None, str(number), number) for number in range(len(stored))]
        else:
            names = [n for n in formdata.getlist(self.name) if is_whole(n)]
            names = list(dict.fromkeys(names))[: self.most_lines]
            self.lines = [make(formdata, n, self._was(formdata, n, stored)) for n in names]
        self.data = self.raw

    def _was(self, formdata: FormData, name: str, stored: list[Any]) -> int | None:
        sent = formdata.getlist(f"{self.name}-{name}-was")[-1:]
        known = sent and is_whole(sent[0]) and 0 <= int(sent[0]) < len(stored)
        return int(sent[0]) if known else None

    def _line(
        self, stored: list[Any], formdata: FormData | None, name: str, was: int | None
    ) -> Line:
        raw = ABSENT if was is None else stored[was]
        form = self.form_class(
            formdata, prefix=f"{self.name}-{name}-", data=raw if isinstance(raw, dict) else {}
        )
        return Line(form, name=name, was=was, raw=raw)

    @property
    def next_name(self) -> str:
        return str(max((int(line.name) for line in self.lines), default=-1) + 1)

    def act(self, act: str, name: str) -> None:
        """Add an empty line, move one or take one away, as a button says that was pressed."""
        at = next((n for n, line in enumerate(self.lines) if line.name == name), None)
        if act == "add":
            line = self._line([], None, self.next_name, None)
            _place_line(line, (*self.place, f"+{line.name}"), None)
            self.lines.append(line)
        elif at is not None and act == "remove":
            del self.lines[at]
        elif at is not None and act in _STEPS:
            line = self.lines.pop(at)
            self.lines.insert(max(0, at + _STEPS[act]), line)

    def prototype(self) -> Line:
        """The line from which a script makes new ones."""
        line = self._line([], None, "__new__", None)
        _place_line(line, (*self.place, "+__new__"), None)
        return line

    @override
    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        self.data = self.raw
        if not self.sent:
            self.errors = []
            return True
        kept = [line for line in self.lines if not line.empty]
        for line in kept:
            line.form.validate()
        self._keys(kept)
        self.errors = [fault.sentence for fault in self.faulty()]
        found = [self._value(line) for line in kept]
        if not same(found, self.raw) and (found or isinstance(self.raw, list)):
            self.data = found
        return not self.errors

    def _value(self, line: Line) -> Any:
        value = merged(line.form, line.raw)
        return {} if value is ABSENT else value

    def _keys(self, kept: list[Line]) -> None:
        """Make keys where none was typed, and refuse the same key twice."""
        fields = [(line, f) for line in kept for f in line.fields if f.spec.name == "key"]
        taken = [f.data for _, f in fields]
        for line, field in fields:
            if field.blank and not field.errors and (line.was is None or field.changed):
                known = (key for key in taken if isinstance(key, str))
                field.data = fresh(suggested(line.form) or f"{self.spec.name}-1", known)
                taken.append(field.data)
            elif field.changed and not field.errors and taken.count(field.data) > 1:
                field.refuse(Unreadable("bank-duplicate-key", key=str(field.data)))

    @property
    @override
    def blank(self) -> bool:
        return all(line.empty for line in self.lines)

    @override
    def put_at(self, place: Place, document: Any) -> None:
        super().put_at(place, document)
        steps = steps_of(self.raw) if isinstance(self.raw, list) else []
        for line in self.lines:
            step = f"+{line.name}" if line.was is None else steps[line.was]
            _place_line(line, (*place, step), document)

    @override
    def faulty(self) -> Iterator[Fault]:
        for number, line in enumerate(self.lines, 1):
            yield from (fault.inside(self.word, str(number)) for fault in faults_of(line.form))


class TextsField(LinesField):
    """A list of texts: each line has one field, which is the whole part."""

    @override
    def _line(
        self, stored: list[Any], formdata: FormData | None, name: str, was: int | None
    ) -> Line:
        raw = ABSENT if was is None else stored[was]
        inside = {} if raw is ABSENT else {"text": raw}
        form = self.form_class(formdata, prefix=f"{self.name}-{name}-", data=inside)
        return Line(form, name=name, was=was, raw=raw)

    @override
    def _value(self, line: Line) -> Any:
        return line.fields[0].data

    @override
    def _keys(self, kept: list[Line]) -> None:
        """Texts have none."""


def _place_line(line: Line, place: Place, document: Any) -> None:
    line.place = place
    whole = any(not field.spec.name for field in line.fields)
    line.id = f"{anchor(place)}-line" if whole else anchor(place)
    put_fields(line.form, place, document)


# --------------------------------------------------------------------- walking


def fields_of(form: BaseForm) -> list[PartField]:
    return [field for field in form if isinstance(field, PartField)]


def put_fields(form: BaseForm, place: Place, document: Any) -> None:
    """Tell every field of a form where in the document it stands."""
    for field in fields_of(form):
        own = field.spec.name
        field.put_at((*place, own) if own else place, document)


def lists_in(form: BaseForm) -> Iterator[LinesField]:
    """Every list of the form, those inside objects and lines too."""
    for field in fields_of(form):
        if isinstance(field, ObjectField):
            yield from lists_in(field.form)
        elif isinstance(field, LinesField):
            yield field
            for line in field.lines:
                yield from lists_in(line.form)


def faults_of(form: BaseForm) -> Iterator[Fault]:
    for field in fields_of(form):
        yield from field.faulty()


def suggested(form: BaseForm) -> str:
    """A key made of what the part is called in English; empty if it is not called anything."""
    for field in fields_of(form):
        if isinstance(field, TextField) and field.typed["en"].strip():
            words = re.findall(r"[a-z0-9]+", field.typed["en"].lower())
            return "-".join(words)[:40].strip("-")
    return ""


def place_anew(form: BaseForm, place: Place, value: Any) -> None:
    """Tell every field where it stands in the part as it will be: lines may have moved."""
    inside = value if isinstance(value, dict) else {}
    for field in fields_of(form):
        own = field.spec.name
        field.now = (*place, own) if own else place
        if isinstance(field, ObjectField):
            place_anew(field.form, field.now, inside.get(own))
        elif isinstance(field, LinesField):
            parts = inside.get(own)
            parts = parts if isinstance(parts, list) else []
            kept = [line for line in field.lines if not line.empty]
            for line, step, part in zip(kept, steps_of(parts), parts, strict=False):
                line.now = (*field.now, step)
                place_anew(line.form, line.now, part)


def nearest(form: BaseForm, place: Place) -> str:
    """The id of the field or line that a fault at this place is about; empty for none."""
    for field in fields_of(form):
        if place[: len(field.now)] != field.now:
            continue
        if isinstance(field, ObjectField):
            return nearest(field.form, place) or field.id
        if isinstance(field, LinesField):
            for line in field.lines:
                if line.now and place[: len(line.now)] == line.now:
                    return nearest(line.form, place) or line.id
        return field.id
    return ""
