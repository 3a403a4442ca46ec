"""The translation workbench: every text beside its translation, with what is in doubt about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from survey import messages
from survey.core.text import Locale
from survey.core.text_checks import Check, Finding
from survey.core.texts import State, TextKind, completeness
from survey.core.translation_rows import LONGEST, without_source
from survey.core.word_diff import Span, spans
from survey.i18n import _, current_locale
from survey.services import banks, drafts, translations
from survey.services.drafts import NotADraft
from survey.services.translations import Chosen, Entry, Filters, Translated
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.sending import LARGEST_FILE
from survey.web.workshop import clashes, edits, translation_words
from survey.web.workshop.versions_shown import shown

bp = Blueprint("translations", __name__, url_prefix="/admin/banks")

PAGE = 50
"""Texts on one page."""

MOST_WITHOUT_SOURCE = 20
"""Texts without Chinese that are named beside the files; how many there are is said."""

LONGEST_SEARCH = 100
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Row:
    """One text as the page shows it; `typed` are the words of a form that could not be stored."""

    entry: Entry
    where: str
    diff: tuple[Span, ...]
    told: tuple[str, ...]
    typed: Mapping[str, str]
    fault: str = ""

    @property
    def anchor(self) -> str:
        return _anchor(self.entry.text.place)


@dataclass(frozen=True, slots=True)
class Sourceless:
    """A text without its Chinese, as a link to where it is written."""

    place: str
    where: str

    @property
    def anchor(self) -> str:
        return _anchor(self.place)


@dataclass(frozen=True, slots=True)
class Work:
    """A version and the texts of it that were asked for."""

    version: BankVersion
    now: Translated
    filters: Filters
    editable: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What came from one text's fields."""

    place: str
    words: Mapping[str, str]
    reviewed: bool


@bp.get("/<int:version_id>/translations")
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    work = _work(version_id)
    chosen = translations.chosen(work.now, work.filters)
    last = max(1, -(-len(chosen.entries) // PAGE))
    number = min(_page(), last)
    entries = chosen.entries[(number - 1) * PAGE : number * PAGE]
    return _drawn(work, chosen, rows_of(work.now, entries), at=(number, last))


@bp.post("/<int:version_id>/translations")
@allow(Role.ADMINISTRATOR)
def save(version_id: int) -> ResponseReturnValue:
    """Store what was changed on the page, and mark what was ticked as reviewed."""
    sent = _sent()
    faults = {each.place: fault for each in sent if (fault := _fault(each))}
    if faults:
        return _again(version_id, sent, faults)
    session = db.session()
    now = shown(version_id)
    try:
        edited = translations.translate(
            session,
            version_id,
            seen=edits.seen(),
            changed={each.place: each.words for each in sent},
            reviewed=[each.place for each in sent if each.reviewed or "all" in request.form],
            by=actor().user_id,
            now=datetime.now(UTC),
            choices=clashes.choices(now.revision),
        )
    except NotADraft as error:
        session.rollback()
        return _again(version_id, sent, {}, messages.for_error(error, current_locale()))
    here = url_for(".index", version_id=version_id, **asked(request.args))
    return edits.settled(now, edited, done=_("Saved."), there=here, tab="translations.index")


# ------------------------------------------------------------------- what is asked


def asked(given: Mapping[str, str]) -> dict[str, Any]:
    """The filters and the page of an address, for another one."""
    names = ("state", "section", "kind", "check", "q", "page")
    return {name: given[name] for name in names if given.get(name)}


def _filters() -> Filters:
    return Filters(
        state=_one_of(State, "state"),
        section=request.args["section"] if request.args.get("section") else None,
        kind=_one_of(TextKind, "kind"),
        check=_one_of(Check, "check"),
        words=request.args.get("q", "").strip()[:LONGEST_SEARCH],
    )


def _one_of(choices: type[_Choice], name: str) -> _Choice | None:
    """What nobody offered is no filter."""
    given = request.args.get(name, "")
    return choices(given) if given in list(choices) else None


def _page() -> int:
    given = request.args.get("page", "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def _work(version_id: int) -> Work:
    session = db.session()
    version = banks.get_version(session, version_id)
    try:
        drafts.opened(session, version_id)
    except NotADraft:
        editable = False
    else:
        editable = True
    return Work(version, translations.translated(session, version_id), _filters(), editable)


# ---------------------------------------------------------------------- what is sent


def _sent() -> list[Sent]:
    found = []
    for number in range(PAGE):
        place = request.form.get(f"place.{number}")
        if place is None:
            break
        words = {
            locale.value: request.form[name].replace("\r\n", "\n").strip()
            for locale in Locale
            if (name := f"{locale.value}.{number}") in request.form
        }
        found.append(Sent(place, words, f"reviewed.{number}" in request.form))
    if not found:
        raise BadRequest
    return found


def _fault(sent: Sent) -> str:
    if all(len(words) <= LONGEST for words in sent.words.values()):
        return ""
    return messages.sentence("text-too-long", {"most": LONGEST}, current_locale())


def _again(
    version_id: int, sent: Sequence[Sent], faults: Mapping[str, str], gone: str = ""
) -> ResponseReturnValue:
    """The texts that were sent, as they were typed, in the draft that they were typed in.

    `gone` says why nothing can be stored in it any more. Raises UnknownRevision.
    """
    work = _work(version_id)
    then = replace(work.now, document=drafts.as_seen(db.session(), version_id, edits.seen()))
    typed = {each.place: each.words for each in sent}
    every = translations.chosen(then, Filters())
    entries = tuple(entry for entry in every.entries if entry.text.place in typed)
    rows = rows_of(then, entries, typed=typed, faults=faults)
    return _drawn(work, replace(every, entries=entries), rows, at=(1, 1), status=422, gone=gone)


# --------------------------------------------------------------------- what is shown

_NOTHING: Mapping[str, Any] = {}


def rows_of(
    now: Translated,
    entries: Sequence[Entry],
    *,
    typed: Mapping[str, Mapping[str, str]] = _NOTHING,
    faults: Mapping[str, str] = _NOTHING,
) -> list[Row]:
    strikes = translations.findings_of(now, entries)
    return [
        Row(
            entry,
            translation_words.where(now.document, entry.text.place),
            spans(entry.was, entry.text.zh) if entry.state is State.STALE else (),
            tuple(_said(finding) for finding in strikes[entry.text.place]),
            typed.get(entry.text.place, {}),
            faults.get(entry.text.place, ""),
        )
        for entry in entries
    ]


def _anchor(place: str) -> str:
    return place.replace("/", "--")


def _said(finding: Finding) -> str:
    return messages.sentence(finding.code, finding.facts, current_locale())


def _drawn(
    work: Work,
    chosen: Chosen,
    rows: Sequence[Row],
    *,
    at: tuple[int, int],
    status: int = 200,
    gone: str = "",
) -> ResponseReturnValue:
    sourceless = without_source(work.now.document)
    drawn = render_template(
        "workshop/translations.html",
        version=work.version,
        tab="translations.index",
        rows=rows,
        found=len(chosen.entries),
        number=at[0],
        last=at[1],
        filters=work.filters,
        query=asked(request.args),
        counts=chosen.counts,
        complete=completeness(work.now.document, work.now.ledger),
        sections=[
            (each, translation_words.section_name(work.now.document, each))
            for each in chosen.sections
            if each
        ],
        words=translation_words,
        editable=work.editable,
        sourceless=[
            Sourceless(text.place, translation_words.where(work.now.document, text.place))
            for text in sourceless[:MOST_WITHOUT_SOURCE]
        ],
        without_source=len(sourceless),
        gone=gone,
        seen=edits.seen() if status != 200 else work.version.revision,
        most_bytes=LARGEST_FILE,
        State=State,
    )
    return drawn, status
