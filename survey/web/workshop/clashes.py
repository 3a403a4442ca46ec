"""Two administrators changed the same place: both sides, and a choice for each place.

What was sent is carried along in the page, so that nothing typed is lost whatever is chosen.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey.core import places
from survey.core.patches import ABSENT, MINE, THEIRS
from survey.core.text import is_text
from survey.services.drafts import Clash, Edited
from survey.web.workshop.part_pages import told
from survey.web.workshop.versions_shown import Shown

AT = "clash.at"
"""The revision that the page with the choices was about."""

_OURS = "clash."


@dataclass(frozen=True, slots=True)
class Side:
    """What one person made of the place: texts by their languages, or one plain value."""

    texts: Mapping[str, str]
    plain: str
    gone: bool


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
    found = [_choice(now.document, each, chosen.get(each.place, "")) for each in edited.clashes]
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


def _choice(document: Any, clash: Clash, chosen: str) -> Choice:
    said = told(document, places.parse(clash.place)) or clash.place
    base, theirs, mine = (_side(each) for each in (clash.base, clash.theirs, clash.mine))
    return Choice(clash, said, base, theirs, mine, chosen)


def _side(value: Any) -> Side:
    if value is ABSENT:
        return Side({}, "", gone=True)
    if is_text(value):
        return Side({key: str(text) for key, text in value.items()}, "", gone=False)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return Side({}, "\n".join(value), gone=False)
    if isinstance(value, dict | list):
        return Side({}, json.dumps(value, ensure_ascii=False, indent=1), gone=False)
    return Side({}, str(value), gone=False)
