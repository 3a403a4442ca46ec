"""The condition builder: a field that any form of the workshop can have, drawn from menus.

`shown` makes the field from the document, `sent` from a form; `workshop/condition.html` draws it.
Names in the form begin with the field's prefix: ``when.joined``, ``when.0.question``,
``when.1.0.in``; ``when.do`` is a button that asks for another row and stores nothing.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, takewhile
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey import messages
from survey.core import condition_words, places
from survey.core.condition_parts import (
    Asked,
    Group,
    Joined,
    Kept,
    Subject,
    Way,
    condition_of,
    faults,
    rows_of,
    spoken,
    subjects,
)
from survey.core.errors import SurveyError
from survey.core.places import Place
from survey.core.text import Text
from survey.i18n import current_locale
from survey.services import drafts
from survey.store.site import db
from survey.web.access import Role, allow

bp = Blueprint("conditions", __name__, url_prefix="/admin/banks")

LONGEST = 20_000
"""Characters of a condition that is carried along as it is."""

_SAID: Mapping[tuple[str, str], Callable[[Text], Text]] = {
    ("questions", "when"): condition_words.asked_if,
    ("questions", "optional_when"): condition_words.open_if,
    ("conditions", "when"): condition_words.matters_if,
    ("conditions", "holds"): condition_words.met_if,
    ("hints", "when"): condition_words.said_if,
}
"""The sentence by the list that the part stands in, and the field."""


class UnreadableCondition(SurveyError):
    """A hidden field of the form does not hold what the page had put into it."""

    code = "condition-unreadable"


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A condition in a form. `plain` is what it says if there are no `errors`.

    `pressed` tells that a button of the field was pressed: show the form again, store nothing.
    `faults` has the sentence for each row (``0``, ``1.2``).
    """

    prefix: str
    place: Place
    group: Group
    was: Any
    subjects: Mapping[str, Subject]
    faults: Mapping[str, str]
    said: Text
    pressed: bool = False
    fault: str = ""

    @property
    def plain(self) -> Any:
        """Untouched rows give back what was there, in whatever way it was written."""
        return self.was if rows_of(self.was) == self.group else condition_of(self.group)

    @property
    def errors(self) -> list[str]:
        return [*([self.fault] if self.fault else []), *self.faults.values()]

    @property
    def id(self) -> str:
        return "f-" + self.address.replace("/", "--")

    @property
    def address(self) -> str:
        return places.written(self.place)

    @property
    def looks_back(self) -> bool:
        """Whether only questions before its own can be asked for."""
        return "questions" in self.place

    @property
    def carried(self) -> str:
        return _json(self.was)

    def carried_part(self, part: Kept) -> str:
        return _json(part.condition)

    def pages(self) -> list[tuple[Text, list[Subject]]]:
        """The questions to choose from, by the page they stand on."""
        found: list[tuple[Text, list[Subject]]] = []
        for subject in self.subjects.values():
            if not found or found[-1][0] != subject.page:
                found.append((subject.page, []))
            found[-1][1].append(subject)
        return found

    def ways(self, test: Asked) -> tuple[Way, ...]:
        subject = self.subjects.get(test.question)
        known = tuple(Way) if subject is None else subject.ways
        return known if test.way in known else (*known, test.way)

    def strangers(self, test: Asked) -> list[str]:
        """Chosen answers that the question does not have, or no longer."""
        subject = self.subjects.get(test.question)
        known = {option.key for option in subject.options} if subject else set()
        return [key for key in test.options if key not in known]


def shown(document: Any, place: Place, *, prefix: str = "") -> ConditionField:
    """The condition at a place of the document: ``(…, "questions", "energy", "when")``."""
    plain = places.find(document, place)
    return _field(document, place, prefix or place[-1], rows_of(plain), plain)


def sent(
    document: Any, place: Place, form: MultiDict[str, str], *, prefix: str = ""
) -> ConditionField:
    """The condition as a form has sent it; as it stands in the document if it has not."""
    prefix = prefix or place[-1]
    if f"{prefix}.was" not in form:
        return shown(document, place, prefix=prefix)
    try:
        was = _carried(form.get(f"{prefix}.was", ""))
        group = _group(form, prefix, outer=True)
    except UnreadableCondition as error:
        field = shown(document, place, prefix=prefix)
        return replace(field, fault=messages.for_error(error, current_locale()))
    wanted = form.get(f"{prefix}.do", "")
    group = _fitting(group, form, prefix, {s.key: s for s in subjects(document, place)})
    field = _field(document, place, prefix, _pressed(group, wanted), was)
    if wanted:
        return replace(field, pressed=True)
    before = rows_of(was)
    locale = current_locale()
    found = {
        row: messages.sentence(code, {}, locale)
        for row, code in faults(field.group, field.subjects, before)
    }
    return replace(field, faults=found)


def _field(document: Any, place: Place, prefix: str, group: Group, was: Any) -> ConditionField:
    known = {subject.key: subject for subject in subjects(document, place)}
    plain = was if rows_of(was) == group else condition_of(group)
    return ConditionField(prefix, place, group, was, known, {}, _said(document, place, plain))


def _said(document: Any, place: Place, plain: Any) -> Text:
    if plain is None:
        return condition_words.WITHOUT
    around = place[-3] if len(place) > 2 else ""
    sentence = _SAID.get((around, place[-1]), condition_words.asked_if)
    return sentence(spoken(document, plain))


# ------------------------------------------------------------- what a form sends


def _group(form: MultiDict[str, str], name: str, *, outer: bool) -> Group:
    """Only the outer group has groups among its rows."""
    joined = form.get(f"{name}.joined", "")
    parts = [part for row in _rows(form, name) if (part := _row(form, row, outer=outer))]
    return Group(Joined(joined) if joined in list(Joined) else Joined.ALL, tuple(parts))


def _rows(form: MultiDict[str, str], name: str) -> Iterator[str]:
    """The names of the rows of a group, without a gap."""
    return takewhile(lambda row: f"{row}.kind" in form, (f"{name}.{n}" for n in count()))


def _row(form: MultiDict[str, str], name: str, *, outer: bool) -> Asked | Group | Kept | None:
    match form.get(f"{name}.kind"):
        case "test":
            way = form.get(f"{name}.way", "")
            return Asked(
                question=form.get(f"{name}.question", ""),
                way=Way(way) if way in list(Way) else Way.IN,
                options=tuple(form.getlist(f"{name}.in")),
                number=form.get(f"{name}.number", ""),
            )
        case "group" if outer:
            return _group(form, name, outer=False)
        case "kept":
            return Kept(_carried(form.get(f"{name}.kept", "")))
        case _:
            return None


def _fitting(
    group: Group, form: MultiDict[str, str], name: str, known: Mapping[str, Subject]
) -> Group:
    """Rows as their questions can be tested, where the page had shown another question's menus."""
    parts: list[Asked | Group | Kept] = []
    for row, part in zip(_rows(form, name), group.parts, strict=False):
        if isinstance(part, Group):
            parts.append(_fitting(part, form, row, known))
        elif isinstance(part, Asked) and form.get(f"{row}.shown", "") != part.question:
            parts.append(_fresh(part, known.get(part.question)))
        else:
            parts.append(part)
    return replace(group, parts=tuple(parts))


def _fresh(test: Asked, subject: Subject | None) -> Asked:
    if subject is None:
        return replace(test, options=())
    options = {option.key for option in subject.options}
    return replace(
        test,
        way=test.way if test.way in subject.ways else subject.ways[0],
        options=tuple(key for key in test.options if key in options),
    )


def _pressed(group: Group, wanted: str) -> Group:
    """The rows after a button: ``add``, ``add-group``, ``add:1``, ``remove:1.0``."""
    act, _, row = wanted.partition(":")
    steps = [int(step) for step in row.split(".") if re.fullmatch("[0-9]{1,5}", step)]
    if act == "add" and not steps:
        return replace(group, parts=(*group.parts, Asked()))
    if act == "add-group":
        return replace(group, parts=(*group.parts, Group(Joined.ANY, (Asked(),))))
    if act in {"add", "remove"} and steps and steps[0] < len(group.parts):
        at, rest = steps[0], ".".join(map(str, steps[1:]))
        inner = group.parts[at]
        if act == "remove" and not rest:
            return replace(group, parts=(*group.parts[:at], *group.parts[at + 1 :]))
        if isinstance(inner, Group):
            changed = _pressed(inner, f"{act}:{rest}" if rest else act)
            return replace(group, parts=(*group.parts[:at], changed, *group.parts[at + 1 :]))
    return group


def _carried(sent_back: str) -> Any:
    """What the page carried along. Raises UnreadableCondition."""
    if len(sent_back) > LONGEST:
        raise UnreadableCondition
    try:
        plain = json.loads(sent_back or "null")
        _json(plain).encode()  # half a character cannot be stored
    except (ValueError, RecursionError):
        raise UnreadableCondition from None
    return plain


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


# --------------------------------------------------------------- while one types


@bp.post("/<int:version_id>/conditions")
@allow(Role.ADMINISTRATOR)
def draw(version_id: int) -> ResponseReturnValue:
    """The field drawn anew, and its sentence: for a page that is being worked on."""
    draft = drafts.opened(db.session(), version_id)
    place, prefix = places.parse(request.args.get("place", "")), request.args.get("prefix", "")
    if not place or f"{prefix}.was" not in request.form:
        abort(400)
    field = sent(draft.document, place, request.form, prefix=prefix)
    html = render_template("workshop/condition_drawn.html", field=field, version_id=version_id)
    return {"html": html, "zh": field.said.zh, "en": field.said.en}
