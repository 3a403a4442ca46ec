"""Two administrators changed the same place: both sides, and a choice for each place.

What was sent is carried along in the page, so that nothing typed is lost whatever is chosen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey.core import places, version_diff
from survey.core.condition_parts import spoken
from survey.core.patches import ABSENT, CONDITIONS, MINE, ORDER, THEIRS
from survey.core.places import Place
from survey.core.text import is_text
from survey.i18n import _, current_locale
from survey.services import drafts
from survey.services.drafts import Clash, Edited, UnknownRevision
from survey.store.site import db
from survey.web.workshop.diffs import Showing, ShownChange, said
from survey.web.workshop.part_pages import in_reader_s, name_of, told
from survey.web.workshop.versions_shown import Shown

AT = "clash.at"
"""The revision that the page with the choices was about."""

_OURS = "clash."


@dataclass(frozen=True, slots=True)
class Side:
    """What one person made of the place.

    Texts by their languages, one plain value, a list item by item, or a part by its name and by
    what differs from what both had seen.
    """

    texts: Mapping[str, str]
    plain: str = ""
    gone: bool = False
    name: str = ""
    items: Sequence[str] = ()
    changes: Sequence[ShownChange] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One place to choose for."""

    clash: Clash
    said: str
    base: Side
    theirs: Side
    mine: Side
    chosen: str


def choices(revision: int) -> dict[str, str]:
    """What was chosen for each place; nothing if somebody has changed the draft since."""
    if request.form.get(AT) != str(revision):
        return {}
    found: dict[str, str] = {}
    for number in range(len(request.form)):
        place = request.form.get(f"{_OURS}{number}.place")
        chosen = request.form.get(f"{_OURS}{number}.keep")
        if place is None:
            break
        if chosen in (MINE, THEIRS):
            found[place] = chosen
    return found


def page(now: Shown, edited: Edited, *, action: str, back: str, tab: str) -> ResponseReturnValue:
    """Show both sides of every place; 422, as nothing was stored."""
    chosen = choices(now.revision)
    known = [*_as_seen(now), now.document]
    found = [_choice(known, each, chosen.get(each.place, "")) for each in edited.clashes]
    left = {each.place for each in edited.clashes}
    settled = [(place, keep) for place, keep in chosen.items() if place not in left]
    return (
        render_template(
            "workshop/clash.html",
            version=now.version,
            tab=tab,
            choices=found,
            carried=[*_carried(), *_kept(settled, after=len(found))],
            action=action,
            back=back,
            at=edited.revision,
        ),
        422,
    )


def _carried() -> Iterator[tuple[str, str]]:
    for name, values in request.form.lists():
        if name != "csrf_token" and not name.startswith(_OURS):
            yield from ((name, value) for value in values)


def _kept(settled: Sequence[tuple[str, str]], *, after: int) -> Iterator[tuple[str, str]]:
    """What was chosen already, behind the places that are still to be chosen for."""
    for number, (place, keep) in enumerate(settled, start=after):
        yield f"{_OURS}{number}.place", place
        yield f"{_OURS}{number}.keep", keep


def _as_seen(now: Shown) -> Iterator[Any]:
    """The draft that the page was made from; nothing if it does not say which that was."""
    seen = request.form.get("seen", 0, type=int)
    try:
        yield drafts.as_seen(db.session(), now.version.id, seen)
    except UnknownRevision:
        return


def _choice(known: Sequence[Any], clash: Clash, chosen: str) -> Choice:
    """A place is told in the first of these documents that has it."""
    place = places.parse(clash.place)
    around = place[:-1] if place[-1:] == (ORDER,) else place
    having = (each for each in known if places.find(each, around, ABSENT) is not ABSENT)
    document = next(having, known[-1])
    base, theirs, mine = (
        _side(document, place, each, clash.base) for each in (clash.base, clash.theirs, clash.mine)
    )
    words = told(document, place) or clash.place
    return Choice(clash, words, base, theirs, mine, chosen)


def _side(document: Any, place: Place, value: Any, base: Any) -> Side:
    step = place[-1] if place else ""
    is_condition = step in CONDITIONS and not _is_key(document, place)
    if value is ABSENT or (value is None and is_condition):
        return Side({}, gone=True, name=_name(base))
    if is_condition:
        return Side({current_locale().value: _sentence(document, value)})
    if is_text(value):
        return Side({key: str(text) for key, text in value.items()})
    if step == ORDER:
        row = dict(places.children(places.find(document, place[:-1])))
        return Side({}, items=[_name(row.get(key)) or key for key in value])
    if isinstance(value, list):
        return Side({}, items=[_item(document, each) for each in value])
    if isinstance(value, dict) and _name(value):
        return Side({}, name=_name(value), changes=_changes(document, place, base, value))
    return Side({}, said(value, step))


def _is_key(document: Any, place: Place) -> bool:
    """Whether the last step is the key of a part, and no name of a field."""
    return isinstance(places.find(document, place[:-1]), list)


def _name(value: Any) -> str:
    """What a part is called; nothing for what is none."""
    name = name_of(value)
    return "" if name == "–" else name


def _item(document: Any, value: Any) -> str:
    named = _name(value)
    if not named:
        return in_reader_s(value) or said(value)
    facts = said(
        {
            name: _sentence(document, each) if name in CONDITIONS else each
            for name, each in value.items()
            if not is_text(each)
        }
    )
    return named if facts == "–" else _("%(name)s (%(facts)s)", name=named, facts=facts)


def _sentence(document: Any, condition: Any) -> str:
    return spoken(document, condition).in_(current_locale())


def _changes(document: Any, place: Place, base: Any, value: Any) -> Sequence[ShownChange]:
    """What differs in a part, as far as the document has a place for it."""
    try:
        old, new = (places.put(document, place, each) for each in (base, value))
    except KeyError:
        return ()
    showing = Showing(old, new, 0)
    return [replace(showing.change(each), address="") for each in version_diff.between(old, new)]
