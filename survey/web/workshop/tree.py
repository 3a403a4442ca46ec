"""The contents of a version: what there is, what is amiss; parts are added, moved and deleted."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.core import bank_edits, blank_parts, kind_change, places
from survey.core.bank import Kind
from survey.core.bank_edits import Made
from survey.core.errors import NotFound
from survey.core.places import Place, written
from survey.i18n import _
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.workshop import edits, field_words, fixed_keys
from survey.web.workshop.fields import QUESTIONS
from survey.web.workshop.outline import outline
from survey.web.workshop.part_fields import anchor
from survey.web.workshop.part_pages import (
    Page,
    label_of,
    name_of,
    page_of,
    page_place,
    told,
    trail,
)
from survey.web.workshop.versions_shown import Shown, shown

bp = Blueprint("tree", __name__, url_prefix="/admin/banks")

MOST_FOUND = 50
LONGEST_SOUGHT = 80

_STEPS = {"up": -1, "down": 1}
_DELETABLE = ("outcomes",)
"""Parts that stand alone and may be left out."""


@bp.get("/<int:version_id>/contents")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    now = shown(version_id)
    sought = request.args.get("q", "").strip()[:LONGEST_SOUGHT]
    return render_template(
        "workshop/tree.html",
        version=now.version,
        tab="tree.index",
        now=now,
        outline=outline(now),
        words=field_words,
        sought=sought,
        found=_found(now.document, sought) if sought else [],
    )


def _found(document: Any, sought: str) -> list[tuple[str, str, str]]:
    """The questions with these signs in their code, their key or a name: place, code and name."""
    wanted = sought.casefold()
    found = (
        (written(place), str(question.get("code") or ""), name_of(question))
        for place, question in places.questions(document)
        if wanted in " ".join(_searched(question)).casefold()
    )
    return list(islice(found, MOST_FOUND))


def _searched(question: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(question.get(name) or "") for name in ("code", "key"))
    for name in ("short", "prompt"):
        text = question.get(name)
        yield from (str(each) for each in text.values()) if isinstance(text, dict) else ()


# ------------------------------------------------------------------------ acts


@bp.post("/<int:version_id>/contents/add")
@allow(Role.ADMINISTRATOR)
def add(version_id: int) -> ResponseReturnValue:
    """A new part at the end of a list, with empty texts; its form is opened."""
    here = _sent_place("list")
    kind = request.form.get("kind", Kind.LADDER.value)
    if here in {(name,) for name in _DELETABLE}:
        return _act(version_id, "add", here, lambda data: _whole(data, here), to_part=True)
    if not _is_list(here) or kind not in list(Kind):
        abort(400)
    part = bank_edits.blank(here, Kind(kind))

    def change(data: dict[str, Any]) -> Made:
        return bank_edits.adding(data, here, part)

    return _act(version_id, "add", here, change, to_part=True)


def _whole(data: dict[str, Any], place: Place) -> Made:
    """The document with the page of key figures, unless it has one."""
    if place[0] in data:
        return Made(data, place)
    return Made(places.put(data, place, blank_parts.page()), place)


@bp.post("/<int:version_id>/contents/move")
@allow(Role.ADMINISTRATOR)
def move(version_id: int) -> ResponseReturnValue:
    """Up or down by a button (``move=up PLACE``), or to a number of any list that fits."""
    way, _space, address = request.form.get("move", "").partition(" ")
    if way in _STEPS:
        place = _part_place(address)
        return _act(version_id, "move", place, lambda data: _stepped(data, place, _STEPS[way]))
    place, target = _part_place(request.form.get("place", "")), _sent_place("list")
    at = request.form.get("at", type=int)
    if target not in {each for each, _word in _targets(shown(version_id).document, place)}:
        abort(400)
    return _act(version_id, "move", place, lambda data: bank_edits.moving(data, place, target, at))


def _stepped(data: dict[str, Any], place: Place, step: int) -> Made:
    """One place up or down among its neighbours; where there is none it stays."""
    steps = places.steps_of(places.get(data, place[:-1]))
    at = min(max(steps.index(place[-1]) + step, 0), len(steps) - 1)
    return bank_edits.moving(data, place, place[:-1], at)


@bp.post("/<int:version_id>/contents/duplicate")
@allow(Role.ADMINISTRATOR)
def duplicate(version_id: int) -> ResponseReturnValue:
    place = _part_place(request.form.get("place", ""))
    return _act(
        version_id,
        "duplicate",
        place,
        lambda data: bank_edits.duplicating(data, place),
        to_part=True,
    )


@bp.get("/<int:version_id>/contents/move/<path:place>")
@allow(Role.ADMINISTRATOR)
def moving(version_id: int, place: str) -> ResponseReturnValue:
    """Where a part can go: without a mouse, and across the whole questionnaire."""
    now = shown(version_id)
    page = _page(now, place)
    return render_template(
        "workshop/moving.html",
        version=now.version,
        tab="tree.index",
        now=now,
        place=place,
        name=name_of(page.raw),
        word=page.word,
        own_list=written(page.place[:-1]),
        targets=[(written(each), word) for each, word in _targets(now.document, page.place)],
    )


@bp.get("/<int:version_id>/contents/delete/<path:place>")
@allow(Role.ADMINISTRATOR)
def deleting(version_id: int, place: str) -> ResponseReturnValue:
    """What would go, and everything that names it."""
    now = shown(version_id)
    page = _page(now, place)
    fixed = fixed_keys.own_name(page.place) in fixed_keys.fixed_keys(db.session(), now.version)
    uses = bank_edits.uses_of(now.document, page.place)
    return render_template(
        "workshop/deleting.html",
        version=now.version,
        tab="tree.index",
        now=now,
        place=place,
        name=name_of(page.raw),
        key=page.raw.get("key", ""),
        trail=" › ".join(word for _place, word in trail(now.document, page.place)),
        word=page.word,
        inside=_questions_inside(now.document, page.place),
        fixed=fixed,
        uses=[(written(each), told(now.document, each)) for each in uses],
    )


@bp.post("/<int:version_id>/contents/delete")
@allow(Role.ADMINISTRATOR)
def delete(version_id: int) -> ResponseReturnValue:
    place = _part_place(request.form.get("place", ""))

    def change(data: dict[str, Any]) -> Made:
        return Made(bank_edits.removed(data, place), place[:-1])

    return _act(version_id, "delete", place, change)


def _questions_inside(document: Any, place: Place) -> int:
    return sum(
        each[: len(place)] == place and each != place for each, _ in places.questions(document)
    )


# ------------------------------------------------------------- another kind


@bp.get("/<int:version_id>/contents/kind/<path:place>")
@allow(Role.ADMINISTRATOR)
def kind(version_id: int, place: str) -> ResponseReturnValue:
    """What a question would keep and lose as one of another kind."""
    now = shown(version_id)
    page = _page(now, place)
    if not page.is_question:
        raise NotFound
    wanted = request.args.get("to", "")
    made = kind_change.converted(page.raw, Kind(wanted)) if wanted in list(Kind) else None
    model = QUESTIONS[Kind(wanted)] if made else page.model
    return render_template(
        "workshop/kind.html",
        version=now.version,
        tab="tree.index",
        now=now,
        place=place,
        name=name_of(page.raw),
        kinds=field_words.CHOICES["Kind"],
        present=str(page.raw.get("kind", "")),
        wanted=wanted if made else "",
        kept=[label_of(model, each) for each in made.carried] if made else [],
        dropped=[label_of(page.model, each) for each in made.dropped] if made else [],
    )


@bp.post("/<int:version_id>/contents/kind")
@allow(Role.ADMINISTRATOR)
def change_kind(version_id: int) -> ResponseReturnValue:
    place, wanted = _part_place(request.form.get("place", "")), request.form.get("to", "")
    if wanted not in list(Kind):
        abort(400)

    def change(data: dict[str, Any]) -> Made:
        page = page_of(data, place)
        if page.place != place or not page.is_question:
            raise NotFound
        made = kind_change.converted(page.raw, Kind(wanted))
        return Made(places.put(data, place, made.question), place)

    return _act(version_id, "set", place, change, to_part=True)


# --------------------------------------------------------------------- together


def _act(
    version_id: int,
    act: str,
    place: Place,
    change: Callable[[dict[str, Any]], Made],
    *,
    to_part: bool = False,
) -> ResponseReturnValue:
    """Do it to the draft as it was seen, and go where the part is now."""
    made: list[Made] = []

    def changed(data: dict[str, Any]) -> dict[str, Any]:
        try:
            made.append(change(data))
        except (KeyError, ValueError):
            raise NotFound from None
        document: dict[str, Any] = made[-1].document
        return document

    now = shown(version_id)
    edited = edits.edit(now, changed, act=act, place=written(place))
    contents = url_for(".index", version_id=version_id)
    there = made[-1].place
    if to_part:
        address = url_for("parts.edit", version_id=version_id, place=written(there))
    else:
        way = request.form.get("move", "").partition(" ")[0]
        arrow = f"-{way}" if _goes_on(made[-1], way) else ""
        address = f"{contents}#{anchor(there)}{arrow}"
    return edits.settled(
        now, edited, done=_done(act), there=address, back=contents, tab="tree.index"
    )


def _done(act: str) -> str:
    """What is said of an act; of the others the page that it leads to says enough."""
    match act:
        case "duplicate":
            return _("This is the copy. Give it its own key, title and weight.")
        case "delete":
            return _("Deleted. The history can bring it back.")
        case "move":
            return _("Moved.")
        case _:
            return ""


def _goes_on(made: Made, way: str) -> bool:
    """Whether the arrow that was pressed is still there to be pressed again."""
    if way not in _STEPS:
        return False
    steps = places.steps_of(places.get(made.document, made.place[:-1]))
    return bool(0 <= steps.index(made.place[-1]) + _STEPS[way] < len(steps))


def _sent_place(name: str) -> Place:
    return places.parse(request.form.get(name, ""))


def _part_place(address: str) -> Place:
    """The place of one part of a list, or of a page that may be left out; all else is no act."""
    place = places.parse(address)
    if place not in {(name,) for name in _DELETABLE} and (
        page_place(place) != place or len(place) < 2
    ):
        abort(400)
    return place


def _is_list(place: Place) -> bool:
    """Whether new parts with a page can stand there."""
    return page_place((*place, "new")) == (*place, "new")


def _page(now: Shown, address: str) -> Page:
    """The page of a draft that is to be moved, deleted or made another kind of."""
    place = places.parse(address)
    page = page_of(now.document, place)
    if page.place != place or not now.editable:
        raise NotFound
    if len(place) < 2 and place not in {(name,) for name in _DELETABLE}:
        raise NotFound
    return page


def _targets(document: Any, place: Place) -> list[tuple[Place, str]]:
    """The lists that a part can stand in, each with its name."""
    own = place[:-1]
    if own[-1:] == ("questions",):
        wide = [("profile",), *_domains(document), ("outcomes",)]
        return [
            ((*each, "questions"), told(document, each)) for each in wide if _is(document, each)
        ]
    if own[-1:] == ("domains",):
        sections = [("sections", step) for step in _steps(document, ("sections",))]
        return [((*each, "domains"), told(document, each)) for each in sections]
    return [(own, told(document, own))]


def _domains(document: Any) -> list[Place]:
    return [
        ("sections", section, "domains", domain)
        for section in _steps(document, ("sections",))
        for domain in _steps(document, ("sections", section, "domains"))
    ]


def _steps(document: Any, place: Place) -> list[str]:
    found = places.find(document, place)
    return places.steps_of(found) if isinstance(found, list) else []


def _is(document: Any, place: Place) -> bool:
    return place[0] in document
