"""The form of one part of a draft: every field of it, both languages side by side.

What can be stored is stored, with its faults; a draft may be incomplete. What cannot is said
beside its field, and the form comes back as it was typed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from survey import messages
from survey.core import document as documents
from survey.core import places
from survey.core.errors import BadDocument, NotFound, Problem
from survey.core.places import Place, written
from survey.core.renaming import renamed
from survey.core.text import Locale
from survey.i18n import _, choose, current_locale, gettext, ngettext
from survey.services import banks, drafts
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.workshop import edits, field_words, fixed_keys, problem_words
from survey.web.workshop.fields import groups_of
from survey.web.workshop.fixed_keys import Named
from survey.web.workshop.part_fields import (
    ConditionField,
    Fault,
    Unreadable,
    ValueField,
    anchor,
)
from survey.web.workshop.part_forms import part_form
from survey.web.workshop.part_lists import (
    faults_of,
    fields_of,
    lists_in,
    merged,
    nearest,
    place_anew,
)
from survey.web.workshop.part_pages import Page, Pools, name_of, page_of, page_place, trail
from survey.web.workshop.versions_shown import Shown, shown

bp = Blueprint("parts", __name__, url_prefix="/admin/banks")

LINE = "line"
"""The button that adds, moves or removes a line: ``add options``, ``up options 3``."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form with what was typed, and the document that it was typed over."""

    document: dict[str, Any]
    page: Page
    form: Form

    @property
    def place(self) -> Place:
        """Where the part will stand: its key may have been changed."""
        before, key = self.page.place, self.page.raw.get("key")
        if "key" not in self.form or not before or before[-1] != key:
            return before
        return (*before[:-1], self.form["key"].data)

    @property
    def after(self) -> dict[str, Any]:
        """The document with what was typed; what names a part follows its new key."""
        before, now = self.page.place, self.place
        data = self.document if now == before else renamed(self.document, before, now[-1])
        changed: dict[str, Any] = places.put(data, now, merged(self.form, self.page.raw))
        return changed


class _NotStored(Exception):
    """The form has to be shown again."""

    def __init__(self, typed: Typed) -> None:
        super().__init__()
        self.typed = typed


# ------------------------------------------------------------------ one page


@bp.get("/<int:version_id>/parts/", defaults={"place": ""})
@bp.get("/<int:version_id>/parts/<path:place>")
@allow(Role.ADMINISTRATOR)
def edit(version_id: int, place: str) -> ResponseReturnValue:
    """The form of the part at a place; an address inside of a part leads to its field."""
    now = shown(version_id)
    steps = places.parse(place)
    page = page_of(now.document, steps)
    if page.place != steps and _is_list_of_pages(steps):
        return redirect(url_for("tree.index", version_id=version_id))
    if page.place != steps:
        there = url_for(".edit", version_id=version_id, place=written(page.place))
        return redirect(f"{there}#{anchor(steps)}")
    form = part_form(page.model, now.document, page.place, page.raw, None)
    return _drawn(now, Typed(now.document, page, form))


def _is_list_of_pages(place: Place) -> bool:
    return page_place((*place, "part")) == (*place, "part")


@bp.post("/<int:version_id>/parts/", defaults={"place": ""})
@bp.post("/<int:version_id>/parts/<path:place>")
@allow(Role.ADMINISTRATOR)
def save(version_id: int, place: str) -> ResponseReturnValue:
    session = db.session()
    now = shown(version_id)
    fixed = fixed_keys.fixed_keys(session, now.version)
    found: list[Typed] = []

    def change(document: dict[str, Any]) -> dict[str, Any]:
        typed = _typed(document, places.parse(place), fixed)
        found.append(typed)
        if _only_asks(typed.form) or not _sound(typed):
            raise _NotStored(typed)
        return typed.after

    try:
        edited = edits.edit(now, change, act="set", place=place)
    except _NotStored as again:
        db.session.rollback()
        return _again(shown(version_id), again.typed)
    except drafts.NotADraft as error:  # a moment ago: what was typed is shown
        db.session.rollback()
        gone = [("", messages.for_error(error, current_locale()))]
        return _drawn(shown(version_id), _typed(now.document, places.parse(place), fixed), gone)
    except BadDocument as error:
        db.session.rollback()
        return _drawn(shown(version_id), found[-1], _sentences(error))
    here = url_for(".edit", version_id=version_id, place=place)
    there = url_for(".edit", version_id=version_id, place=written(found[0].place))
    return edits.settled(now, edited, done=_("Saved."), there=there, back=here, tab="tree.index")


def _sentences(error: BadDocument) -> list[tuple[str, str]]:
    locale = current_locale()
    return [("", messages.for_problem(problem, locale)) for problem in error.problems]


def _named(fault: Fault) -> str:
    """The sentence with the field that it is about before it."""
    where = " › ".join(fault.where)
    return f"{where}{gettext(': ')}{fault.sentence}" if where else fault.sentence


def _typed(document: Any, place: Place, fixed: frozenset[Named]) -> Typed:
    page = page_of(document, place)
    if page.place != place:
        raise NotFound
    form = part_form(page.model, document, page.place, page.raw, request.form)
    fixed_keys.fix(form, page, fixed)
    return Typed(document, page, form)


def _only_asks(form: Form) -> bool:
    """Whether another button than that for saving was pressed."""
    pressed = any(f.built.pressed for f in fields_of(form) if isinstance(f, ConditionField))
    return pressed or LINE in request.form or "language" in request.form


def _sound(typed: Typed) -> bool:
    """Whether everything that was typed can be stored."""
    if not typed.form.validate():
        return False
    key = next((each for each in typed.form if each.short_name == "key"), None)
    if not isinstance(key, ValueField) or not key.changed:
        return True
    if key.blank:
        key.data = key.raw
        key.refuse(Unreadable("bank-missing", field="key"))
    elif _taken(typed, key.data):
        key.refuse(Unreadable("bank-duplicate-key", key=key.data))
    return not key.errors


def _taken(typed: Typed, key: str) -> bool:
    """Whether a neighbour has the key already; of questions, any one in the bank."""
    if typed.page.is_question and places.question_place(typed.document, key) is not None:
        return True
    beside = places.get(typed.document, typed.page.place[:-1])
    return any(isinstance(part, dict) and part.get("key") == key for part in beside)


def _again(now: Shown, typed: Typed) -> ResponseReturnValue:
    """The form as it was typed: after a button that only asks, or with what cannot be stored."""
    if (language := request.form.get("language", "")) in list(Locale):
        choose(Locale(language))
    act, _space, rest = request.form.get(LINE, "").partition(" ")
    name, _space, line = rest.partition(" ")
    for field in lists_in(typed.form):
        if field.name == name:
            field.act(act, line)
    return _drawn(now, typed)


def _drawn(now: Shown, typed: Typed, faults: Sequence[tuple[str, str]] = ()) -> ResponseReturnValue:
    page, form = typed.page, typed.form
    if now.editable:
        fixed_keys.fix(form, page, fixed_keys.fixed_keys(db.session(), now.version))
    place_anew(form, page.place, page.raw)
    asked = request.method == "POST"
    problems = [] if asked else list(_problems(now.problems, now.document, page, form))
    drawn = render_template(
        "workshop/part.html",
        version=now.version,
        tab="tree.index",
        now=now,
        page=page,
        name=name_of(page.raw),
        trail=[(written(each), word) for each, word in trail(typed.document, page.place)],
        form=form,
        groups=[(_heading(head), [form[f.name] for f in found]) for head, found in _groups(page)],
        pools=Pools(typed.document, page.raw),
        problems=_by_field(problems),
        listed=problems,
        faults=[*faults, *((fault.id, _named(fault)) for fault in faults_of(form))],
        seen=edits.seen() if asked else now.revision,
        asked=asked,
        words=field_words,
        place=written(page.place),
        page_form="part" if now.editable else None,
    )
    return drawn, 422 if asked else 200


def _groups(page: Page) -> Sequence[tuple[str, Sequence[Any]]]:
    return groups_of(page.model)


def _heading(head: str) -> str:
    return str(field_words.GROUPS[head]) if head else ""


# -------------------------------------------------------------------- problems


@dataclass(frozen=True, slots=True)
class Told:
    """A problem of this part: the id of the field it is about, its sentence, and its name."""

    id: str
    sentence: str
    where: str


def _problems(problems: Sequence[Problem], document: Any, page: Page, form: Form) -> Iterator[Told]:
    """The problems of the part itself, not those of parts inside it that have their own page."""
    locale = current_locale()
    for problem in problems:
        place = places.of_problem(document, problem.place)
        if page_place(place) == page.place:
            said = problem_words.sentence(document, problem, locale)
            yield Told(nearest(form, place), said, problem_words.where(document, place, page.place))


def _by_field(problems: Sequence[Told]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for told in problems:
        found.setdefault(told.id, []).append(told.sentence)
    return found


@bp.post("/<int:version_id>/check/", defaults={"place": ""})
@bp.post("/<int:version_id>/check/<path:place>")
@allow(Role.ADMINISTRATOR)
def check(version_id: int, place: str) -> ResponseReturnValue:
    """What would be wrong if this were saved now: for a page that is being typed in."""
    session = db.session()
    draft = drafts.opened(session, version_id)
    fixed = fixed_keys.fixed_keys(session, banks.get_version(session, version_id))
    typed = _typed(draft.document, places.parse(place), fixed)
    _sound(typed)
    refused = [Told(fault.id, fault.sentence, "") for fault in faults_of(typed.form)]
    after = typed.after
    value = places.get(after, typed.place)
    place_anew(typed.form, typed.place, value)
    page = replace(typed.page, place=typed.place, raw=value)
    problems, _bank = drafts.checked(replace(draft, document=after, digest=documents.digest(after)))
    found = list(_problems(problems, after, page, typed.form))
    return jsonify(
        refused=[{"id": each.id, "text": each.sentence} for each in refused],
        problems=[{"id": each.id, "text": each.sentence} for each in found],
        said=_count(len(refused) + len(found)),
        changed=gettext(
            "Somebody else has changed this draft meanwhile. Saving brings both together."
        )
        if draft.revision != edits.seen()
        else "",
    )


def _count(number: int) -> str:
    if not number:
        return gettext("No problems in this part.")
    return ngettext("%(num)d problem in this part.", "%(num)d problems in this part.", number)
