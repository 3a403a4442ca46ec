"""The fields of a part's form: what a browser sends becomes the plain value of a document.

A field that shows what it had shown keeps what the document has, whatever that is: to open a form
and save it changes nothing. A field that was not sent at all keeps it, too.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from typing_extensions import override
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.form import BaseForm

from survey import messages
from survey.core.bank import LONGEST_KEY, is_key
from survey.core.errors import Problem
from survey.core.patches import ABSENT
from survey.core.places import Place, written
from survey.i18n import current_locale
from survey.web.workshop import conditions
from survey.web.workshop.conditions import ConditionField as Builder
from survey.web.workshop.fields import FieldSpec, Widget

_CODE = re.compile(r"[A-Z][0-9]{0,2}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
LANGUAGES = ("zh", "en")


def is_whole(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


class FormData(Protocol):
    """What was sent, as WTForms hands it on."""

    def getlist(self, key: str) -> list[str]: ...

    def __iter__(self) -> Iterator[str]: ...


class Unreadable(Exception):
    """What was typed cannot be stored at all; `code` has a sentence."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class Fault(NamedTuple):
    """What cannot be stored: the id of its field, what the field is called, and the sentence."""

    id: str
    where: tuple[str, ...]
    sentence: str

    def inside(self, *around: str) -> "Fault":
        return self._replace(where=(*around, *self.where))


def anchor(place: Place) -> str:
    """The id of the field at a place."""
    return "f-" + re.sub(r"\s", "_", written(place).replace("/", "--"))


def normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class PartField(Field):
    """One field of a document. `raw` is what the document has there, `data` what it gets.

    `place` is where it stood when the page was opened, `now` where it will stand.
    """

    typed: Any

    def __init__(self, spec: FieldSpec, **kwargs: Any) -> None:
        super().__init__(label=spec.words.label, **kwargs)
        self.spec = spec
        self.raw: Any = ABSENT
        self.sent = False
        self.place: Place = ()
        self.now: Place = ()
        self.fixed = False

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        self.errors: list[str] = []
        self.raw = data if self._given(data) else ABSENT
        self.sent = formdata is not None and any(formdata.getlist(mark) for mark in self.marks)
        self.typed = (
            self.taken(formdata) if formdata is not None and self.sent else self.shown(self.raw)
        )
        self.data = self.raw

    @staticmethod
    def _given(data: Any) -> bool:
        """WTForms has a mark of its own for a value that is not there."""
        return data is None or isinstance(data, str | int | float | list | dict)

    @property
    def marks(self) -> tuple[str, ...]:
        """The names whose presence tells that the field was on the page."""
        return (str(self.name),)

    def taken(self, formdata: FormData) -> Any:
        raise NotImplementedError

    def shown(self, raw: Any) -> Any:
        raise NotImplementedError

    def read(self) -> Any:
        """The value that was typed. Raises Unreadable."""
        raise NotImplementedError

    def read_unless_fixed(self) -> Any:
        if self.fixed:
            raise Unreadable("key-fixed", key=str(self.raw)[:LONGEST_KEY])
        return self.read()

    @property
    def blank(self) -> bool:
        """Whether nothing at all is typed here."""
        raise NotImplementedError

    @property
    def changed(self) -> bool:
        return self.sent and bool(self.typed != self.shown(self.raw))

    @override
    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        self.errors = []
        self.data = self.raw
        if self.changed:
            try:
                self.data = self.read_unless_fixed()
            except Unreadable as fault:
                self.refuse(fault)
        return not self.errors

    def refuse(self, fault: Unreadable) -> None:
        problem = Problem(fault.code, "", fault.facts)
        self.errors.append(messages.for_problem(problem, current_locale()))

    def put_at(self, place: Place, _document: Any) -> None:
        """Say where in which document the field stands; its id follows from it."""
        self.place = place
        self.id = anchor(place)

    @property
    def word(self) -> str:
        """What the field is called; nothing if it is the whole of what it stands in."""
        return str(self.spec.words.label) if self.spec.name else ""

    def faulty(self) -> Iterator[Fault]:
        """Everything here that cannot be stored."""
        where = (self.word,) if self.word else ()
        yield from (Fault(self.id, where, sentence) for sentence in self.errors)


# ------------------------------------------------------------------ one value


class ValueField(PartField):
    """One text as it is typed: keys, numbers, choices, texts in one language, ticks."""

    typed: str

    @override
    def taken(self, formdata: FormData) -> str:
        return normal(formdata.getlist(self.name)[-1])

    @override
    def shown(self, raw: Any) -> str:
        if raw is ABSENT and self.spec.optional:
            raw = self.spec.default
        if isinstance(raw, bool):
            return "1" if raw else ""
        return normal(str(raw)) if raw is not ABSENT and self._plain(raw) else ""

    @staticmethod
    def _plain(raw: Any) -> bool:
        return raw is not None and not isinstance(raw, dict | list | tuple)

    @override
    def read(self) -> Any:
        written_down = self.typed.strip()
        if self.spec.widget is Widget.TICK:
            return bool(written_down)
        if not written_down:
            return ABSENT
        return _READERS[self.spec.widget](self, written_down)

    @property
    @override
    def blank(self) -> bool:
        return not self.typed.strip()


def _key(_: ValueField, text: str) -> str:
    if not is_key(text):
        raise Unreadable("bank-bad-key", value=text[:LONGEST_KEY])
    return text


def _code(_: ValueField, text: str) -> str:
    if _CODE.fullmatch(text) is None:
        raise Unreadable("bank-bad-code", value=text[:LONGEST_KEY])
    return text


def _whole(_: ValueField, text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise Unreadable("bank-not-a-whole-number", value=text[:LONGEST_KEY])
    return int(text)


def number(text: str) -> int | str:
    """A whole number as one, a fraction as the text that it is in a document."""
    if _NUMBER.fullmatch(text) is None:
        raise Unreadable("bank-not-a-number", value=text[:LONGEST_KEY])
    return text if "." in text else int(text)


def _chosen(field: ValueField, text: str) -> str | int:
    for value in field.spec.values:
        if str(value) == text:
            return value
    expected = ", ".join(str(value) for value in field.spec.values)
    raise Unreadable("bank-not-one-of", value=text[:LONGEST_KEY], expected=expected)


_READERS: Mapping[Widget, Callable[[ValueField, str], Any]] = {
    Widget.KEY: _key,
    Widget.ONE_OF: _key,
    Widget.CODE: _code,
    Widget.LINE: lambda _, text: text,
    Widget.WHOLE: _whole,
    Widget.NUMBER: lambda _, text: number(text),
    Widget.CHOICE: _chosen,
}


class FixedField(PartField):
    """What is shown and never typed."""

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        super().process(None, data)

    @override
    def shown(self, raw: Any) -> str:
        return str(raw) if isinstance(raw, str | int) else ""

    @property
    @override
    def blank(self) -> bool:
        return True


# ------------------------------------------------------------ several languages


class TextField(PartField):
    """A text in both languages, each of which may still be missing."""

    typed: dict[str, str]

    @property
    @override
    def marks(self) -> tuple[str, ...]:
        return tuple(f"{self.name}-{each}" for each in LANGUAGES)

    @override
    def taken(self, formdata: FormData) -> dict[str, str]:
        sent = {each: formdata.getlist(f"{self.name}-{each}")[-1:] for each in LANGUAGES}
        before = self.shown(self.raw)
        return {each: normal(sent[each][0]) if sent[each] else before[each] for each in LANGUAGES}

    @override
    def shown(self, raw: Any) -> dict[str, str]:
        inside = raw if isinstance(raw, dict) else {}
        found = {each: inside.get(each) for each in LANGUAGES}
        return {each: normal(t) if isinstance(t, str) else "" for each, t in found.items()}

    @override
    def read(self) -> Any:
        if self.blank:
            return ABSENT if self.spec.optional else dict.fromkeys(LANGUAGES, "")
        before = self.shown(self.raw)
        value = dict(self.raw) if isinstance(self.raw, dict) else {}
        for each in LANGUAGES:
            if self.typed[each] != before[each] or not isinstance(self.raw, dict):
                value[each] = self.typed[each].strip()
        return value

    @property
    @override
    def blank(self) -> bool:
        return not any(text.strip() for text in self.typed.values())


# ------------------------------------------------------------------ several keys


class KeysField(PartField):
    """Several references: boxes for what there is, and a line for anything else."""

    typed: list[str]

    @override
    def taken(self, formdata: FormData) -> list[str]:
        more = " ".join(formdata.getlist(f"{self.name}-more"))
        keys = [*formdata.getlist(self.name), *re.split(r"[\s,，、]+", more)]
        return list(dict.fromkeys(key for key in keys if key))

    @override
    def shown(self, raw: Any) -> list[str]:
        if raw is ABSENT:
            raw = self.spec.default
        found = raw if isinstance(raw, list | tuple) else ()
        return list(dict.fromkeys(key for key in found if isinstance(key, str)))

    @property
    @override
    def changed(self) -> bool:
        return self.sent and set(self.typed) != set(self.shown(self.raw))

    @override
    def read(self) -> Any:
        for key in self.typed:
            if not is_key(key):
                raise Unreadable("bank-bad-key", value=key[:LONGEST_KEY])
        stay = [key for key in self.shown(self.raw) if key in self.typed]
        found = [*stay, *(key for key in self.typed if key not in stay)]
        return found or (ABSENT if self.spec.optional and not self.spec.default else [])

    @property
    @override
    def blank(self) -> bool:
        return not self.typed


class FiguresField(PartField):
    """Whole numbers with commas between them."""

    typed: str

    @override
    def taken(self, formdata: FormData) -> str:
        return formdata.getlist(self.name)[-1]

    @override
    def shown(self, raw: Any) -> str:
        return ", ".join(str(each) for each in raw) if isinstance(raw, list) else ""

    @override
    def read(self) -> Any:
        figures = [each for each in re.split(r"[\s,，、]+", self.typed) if each]
        for each in figures:
            if _WHOLE.fullmatch(each) is None:
                raise Unreadable("bank-not-a-whole-number", value=each[:LONGEST_KEY])
        return [int(each) for each in figures] or ABSENT

    @property
    @override
    def blank(self) -> bool:
        return not self.typed.strip()


class WeightsField(PartField):
    """One weight for every firm, or one for each answer to the bank's `weigh_by` question."""

    typed: dict[str, str]

    @override
    def taken(self, formdata: FormData) -> dict[str, str]:
        how = formdata.getlist(f"{self.name}-how")
        names = [name for name in formdata if name.startswith(self.each)]
        each = {name.removeprefix(self.name): formdata.getlist(name)[-1].strip() for name in names}
        return {
            "how": "each" if how[-1:] == ["each"] else "one",
            "": formdata.getlist(self.name)[-1].strip(),
            **each,
        }

    @property
    def each(self) -> str:
        return f"{self.name}-each-"

    @override
    def shown(self, raw: Any) -> dict[str, str]:
        if raw is ABSENT and self.spec.optional:
            raw = self.spec.default
        if isinstance(raw, dict):
            each = {f"-each-{key}": str(value) for key, value in raw.items()}
            return {"how": "each", "": "", **each}
        known = raw is not ABSENT and raw is not None and not isinstance(raw, list)
        return {"how": "one", "": str(raw) if known else ""}

    def for_each(self) -> dict[str, str]:
        """What is typed for each answer."""
        return {k.removeprefix("-each-"): v for k, v in self.typed.items() if k not in {"", "how"}}

    @property
    @override
    def changed(self) -> bool:
        return self.sent and self._meant(self.typed) != self._meant(self.shown(self.raw))

    @staticmethod
    def _meant(typed: Mapping[str, str]) -> dict[str, str]:
        """Only what counts: the one weight, or those for each answer."""
        if typed["how"] == "one":
            return {"": typed[""]}
        return {key: value for key, value in typed.items() if key not in {"", "how"} and value}

    @override
    def read(self) -> Any:
        if self.typed["how"] == "one":
            return number(self.typed[""]) if self.typed[""] else ABSENT
        return {key: number(value) for key, value in self.for_each().items() if value} or ABSENT

    @property
    @override
    def blank(self) -> bool:
        return not any(value for key, value in self.typed.items() if key != "how")


class ConditionField(PartField):
    """A condition, built from menus; `built` is the builder's own field."""

    built: Builder

    @override
    def process(self, formdata: FormData | None, data: Any = None, *_: Any, **__: Any) -> None:
        self.formdata = formdata
        super().process(formdata, data)

    @property
    @override
    def marks(self) -> tuple[str, ...]:
        return (f"{self.name}.was",)

    @override
    def taken(self, formdata: FormData) -> None:
        """The builder takes it, once it knows the document."""

    @override
    def shown(self, raw: Any) -> None:
        """The builder shows it, once it knows the document."""

    @override
    def put_at(self, place: Place, document: Any) -> None:
        super().put_at(place, document)
        if self.formdata is None or not self.sent:
            self.built = conditions.shown(document, place, prefix=self.name)
        else:
            assert isinstance(self.formdata, MultiDict)
            self.built = conditions.sent(document, place, self.formdata, prefix=self.name)

    @override
    def validate(self, form: BaseForm, extra_validators: Sequence[Any] = ()) -> bool:
        self.errors = list(self.built.errors) if self.sent else []
        self.data = self.raw
        plain = ABSENT if self.built.plain is None else self.built.plain
        if self.sent and not self.errors and not (plain is ABSENT and self.raw is None):
            self.data = plain
        return not self.errors

    @property
    @override
    def blank(self) -> bool:
        return self.built.plain is None
