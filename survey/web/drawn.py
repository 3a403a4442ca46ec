"""A page of questions, put together from pieces that were drawn before.

The templates stay the only place that knows the markup: they draw each question once for every
answer that it can show, and the frame once for every kind of reader. Where readers differ they
are given marks, and there the pieces are cut open. What is rare is not kept: a draft, files, an
offer of last year's answer, a notice. Such a page is left to the templates.
"""

import itertools
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app, render_template, session
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from survey.core.answers import typed_of
from survey.core.bank import Bank, Profile, Section
from survey.core.memory import Remembered
from survey.core.progress import Progress
from survey.i18n import current_locale
from survey.services.glance import Glance, Present
from survey.services.people import Actor, Person
from survey.services.rounds import FIRM_NAME
from survey.web.access import reader, roles_now
from survey.web.forms import AnswerField, fingerprint, page_of, question_form, questions_of, shown

_SECRET = secrets.token_hex(12)
_HERE, _WHO = (str(10**17 + secrets.randbelow(9 * 10**17)) for _ in range(2))
_CSRF, _NAME, _PROGRESS, _SEEN = (f"{_SECRET}{letter}Z" for letter in "abcd")
_CUT = re.compile(f"({_SECRET}[a-z0-9-]+Z|{_HERE}|{_WHO})")
"""Marks that nobody can type, because nobody knows them: they are new in every process.

`_HERE` stands for the assessment and `_WHO` for the reader where a number is needed.
"""

_TEMPLATES = Path(__file__).parent / "templates"
_MOST = 4000
"""Pieces of each kind that are kept: about 20 MB."""

_LONGEST = 400
"""Characters of an answer, stored as JSON, that is likely to be met again."""

_QUESTIONS = Remembered[tuple[object, ...], "Drawn"](_MOST)
_FRAMES = Remembered[tuple[object, ...], "Drawn"](_MOST)
_PAGES: dict[tuple[object, ...], int] = {}
"""A number for each page as it can be asked for: of whatever is drawn it is a part of the name."""

_NUMBERS = itertools.count(1)
"""Never the same twice, also for threads that ask at the same moment."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Markup that is the same for many, as it is sent, with the places where it is not."""

    pieces: tuple[bytes, ...]
    holes: tuple[tuple[int, str], ...]
    fingerprint: str = ""

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        pieces = list(self.pieces)
        for place, mark in self.holes:
            pieces[place] = values[mark]
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Somewhere:
    """The number of any assessment; none of these is submitted."""

    id: int = int(_HERE)
    submitted_at: None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """What the templates ask of the assessment that is open."""

    bank: Bank
    page: Section | Profile
    visible: frozenset[str]
    progress: Progress
    assessment: _Somewhere = _Somewhere()


@dataclass(frozen=True, slots=True)
class _NoFiles:
    """What the templates ask of evidence where there is none."""

    may_add: frozenset[str]
    assessment: _Somewhere = _Somewhere()

    def of(self, _question_key: str) -> tuple[()]:
        return ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the view gives to the templates, apart from the form: equal for all readers."""

    page_key: str
    following: str | None
    back: str | None


def page(
    seen: Glance, rows: Mapping[str, Present], counted: Progress, facts: Facts, progress_said: str
) -> bytes | None:
    """The whole page, or None if something is to be shown that is not kept."""
    if not seen.answerable or seen.offers or seen.files or seen.talk or "_flashes" in session:
        return None
    person, locale = reader(), current_locale()
    assert person is not None
    said = {
        _HERE: str(seen.assessment_id),
        _WHO: str(person.actor.user_id),
        _NAME: escape(person.name or person.email),
        _CSRF: generate_csrf(),
        _PROGRESS: progress_said,
    }
    values = {mark: text.encode() for mark, text in said.items()}
    drawn_from = (seen.digest, seen.edition, locale, facts, _changed_at())
    here = _PAGES.get(drawn_from) or _PAGES.setdefault(drawn_from, next(_NUMBERS))
    opened = _Opened(seen.bank, page_of(seen.bank, facts.page_key), counted.visible, counted)
    for question in questions_of(seen.bank, facts.page_key):
        key = question.key
        row = rows.get(key)
        if key == FIRM_NAME and (row is None or not row.revision):
            return None
        stored = None if row is None else row.stored
        place = (here, key, stored, key in counted.visible, key in counted.optional)
        drawn = _QUESTIONS.get(place)
        if drawn is None:
            drawn = _question(seen, opened, key, stored, facts)
            if drawn is None:
                return None
            if stored is None or len(stored) <= _LONGEST:
                _QUESTIONS[place] = drawn
        values[_SEEN] = f"{0 if row is None else row.revision}.{drawn.fingerprint}".encode()
        values[_mark_of(key)] = drawn.filled(values)
    reader_like_this = (here, roles_now())
    frame = _FRAMES.get(reader_like_this)
    if frame is None:
        frame = _FRAMES[reader_like_this] = _frame(opened, facts)
    return frame.filled(values)


def _changed_at() -> int:
    """While the site is worked on, what was drawn before the last change is not shown any more."""
    if not current_app.debug:
        return 0
    return max(path.stat().st_mtime_ns for path in _TEMPLATES.rglob("*.html"))


def _question(
    seen: Glance, opened: _Opened, key: str, stored: str | None, facts: Facts
) -> Drawn | None:
    plain = None if stored is None else json.loads(stored)
    if plain is not None and typed_of(plain) is not None:
        return None
    form = question_form(seen.bank, seen.digest, key, current_locale())
    field: AnswerField = form(data=shown({} if plain is None else {key: plain})).questions[key]
    mark = fingerprint(field.typed)
    field.seen = _SEEN
    html = render_template("firm/question.html", field=field, **_context(opened, facts))
    return _cut(html, mark)


def _frame(opened: _Opened, facts: Facts) -> Drawn:
    marks = {q.key: _mark_of(q.key) for q in questions_of(opened.bank, facts.page_key)}
    who = Actor(int(_WHO), frozenset(), None, owner=False)
    html = render_template(
        "firm/page.html",
        drawn=marks,
        offered=0,
        faults=(),
        locked="",
        following=facts.following,
        back=facts.back,
        counted=opened.progress.pages[facts.page_key],
        said_progress=lambda *_counts: _PROGRESS,
        csrf_token=lambda: _CSRF,
        reader=lambda: Person(_NAME, "", who),
        actor=lambda: who,
        **_context(opened, facts),
    )
    return _cut(html)


def _context(opened: _Opened, facts: Facts) -> dict[str, Any]:
    return {
        "opened": opened,
        "page_key": facts.page_key,
        "glossary": {term.key: term for term in opened.bank.glossary},
        "sources": {source.key: source for source in opened.bank.sources},
        "talk": {},
        "attached": _NoFiles(frozenset({facts.page_key})),
    }


def _mark_of(question_key: str) -> str:
    return f"{_SECRET}q-{question_key}Z"


def _cut(html: str, mark: str = "") -> Drawn:
    pieces = _CUT.split(html)
    holes = tuple(enumerate(pieces))[1::2]
    return Drawn(tuple(piece.encode() for piece in pieces), holes, mark)
