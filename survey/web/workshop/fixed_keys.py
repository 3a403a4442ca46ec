"""Which keys a draft cannot change: those of what has been published. Answers hang on them.

The editor refuses to; a file that is imported may, and then it is said what comes of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from wtforms.form import BaseForm

from survey.core import places
from survey.core.bank_parts import Part
from survey.core.memory import Remembered
from survey.core.places import Place
from survey.core.version_diff import Change, Sort
from survey.services import banks
from survey.store.models import BankVersion
from survey.web.workshop.fields import Widget
from survey.web.workshop.part_lists import LinesField, fields_of
from survey.web.workshop.part_pages import Page, in_reader_s

Named = tuple[str, ...]
"""A key with the list that it stands in; inside of a question with the question's own key."""

_KEPT = Remembered[str, frozenset[Named]](8)
"""By the digest of a version."""


def fixed_keys(session: Session, version: BankVersion) -> frozenset[Named]:
    """The keys of the newest published version of the bank."""
    published = [
        each
        for each in banks.list_versions(session)
        if each.bank_key == version.bank_key and each.published_at is not None
    ]
    if not published:
        return frozenset()
    newest = max(published, key=lambda each: each.number)
    found = _KEPT.get(newest.digest)
    if found is None:
        keys = _keys(banks.document_of(session, newest.id))
        found = _KEPT[newest.digest] = frozenset(keys)
    return found


def _keys(document: Any) -> Iterator[Named]:
    for _, question in places.questions(document):
        yield ("questions", str(question.get("key")))
        for name, parts in question.items():
            yield from ((str(question.get("key")), name, key) for key in _keys_in(parts))
    for name, parts in document.items():
        yield from ((name, key) for key in _keys_in(parts))
    for section in document.get("sections", ()):
        yield from (("domains", key) for key in _keys_in(section.get("domains")))
    for programme in document.get("eligibility", ()):
        yield from (("conditions", key) for key in _keys_in(programme.get("conditions")))


def _keys_in(parts: Any) -> Iterator[str]:
    if isinstance(parts, list):
        yield from (str(part["key"]) for part in parts if isinstance(part, dict) and "key" in part)


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """A question that has been published and has another key in the newer of two documents."""

    name: str
    was: str
    now: str


def rekeyed(changes: Iterable[Change], fixed: frozenset[Named]) -> list[Rekeyed]:
    return [
        Rekeyed(in_reader_s(change.name) or now, was, now)
        for change in changes
        if change.part is Part.QUESTION
        for was, now in _other_keys(change)
        if ("questions", was) in fixed
    ]


def _other_keys(change: Change) -> Iterator[tuple[str, str]]:
    """Each pair of keys once: of two parts that are perhaps the same, the one that is gone."""
    yield from ((line.before, line.after) for line in change.lines if line.sort is Sort.RENAMED)
    if change.perhaps and change.sorts == (Sort.REMOVED,):
        yield change.key, change.perhaps


def own_name(place: Place) -> Named:
    """Under which name the key of the part at this place would be fixed."""
    return place[-2:]


def fix(form: BaseForm, page: Page, fixed: frozenset[Named]) -> None:
    """Mark the fields of the form whose keys cannot be changed."""
    for field in fields_of(form):
        if field.spec.widget is Widget.KEY:
            field.fixed = own_name(page.place) in fixed
        elif isinstance(field, LinesField):
            around = (str(page.raw.get("key")),) if page.is_question else ()
            for line in field.lines:
                for each in line.fields:
                    named = (*around, field.spec.name, str(each.raw))
                    if each.spec.widget is Widget.KEY and line.was is not None:
                        each.fixed = named in fixed
