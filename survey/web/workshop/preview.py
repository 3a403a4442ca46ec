"""A version of a bank as a respondent sees it: every page, in each language, with its score.

Nothing is stored. What was answered travels from page to page in a hidden field of the form, as
plain answers by question key; whatever comes back in it is checked like any answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey.core.answers import PlainAnswer
from survey.core.bank import Bank, Question
from survey.core.editions import FULL
from survey.core.pages import BankPage, pages
from survey.core.text import Locale
from survey.i18n import current_locale, ngettext, speaking
from survey.services import previewing
from survey.services.previewing import Preview, Tried
from survey.services.report_inputs import CHINA
from survey.store.site import db
from survey.web.access import Role, allow
from survey.web.answering import said_progress
from survey.web.forms import PageForm, page_form, page_of, shown
from survey.web.language import language_changed, language_wanted

bp = Blueprint("preview", __name__, url_prefix="/admin/banks")

LONGEST = 400_000
"""Characters that the answers of a whole questionnaire never reach."""

RESULT = "_result"
"""The page with the score. No other page can be called so: keys have no underscore."""

FILL = ("least", "most")
"""The buttons that answer what is open."""

Given = Mapping[str, PlainAnswer]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for: a page, an edition and a language of the preview."""

    page: str
    edition: str
    spoken: Locale


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still open on a page; `wrong` are questions whose answer cannot be taken."""

    page: BankPage
    questions: tuple[Question, ...]
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True)
class _NoAssessment:
    """A preview has none: its files are shown without being taken."""

    id: None = None


@dataclass(frozen=True, slots=True)
class _NoFiles:
    """What the templates of questions ask of evidence."""

    assessment: _NoAssessment = _NoAssessment()
    may_add: frozenset[str] = frozenset()

    def of(self, _question_key: str) -> tuple[()]:
        return ()


@bp.route("/<int:version_id>/preview", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def index(version_id: int) -> ResponseReturnValue:
    """Sending changes nothing, so it may be repeated: it ends in a page, not in a redirect."""
    language_changed()
    preview = previewing.opened(db.session(), version_id)
    if preview.bank is None:
        return render_template("workshop/preview.html", version=preview.version, preview=preview)
    asked = _asked()
    bank = previewing.edition_of(preview.bank, asked.edition)
    given = _given(preview.bank, preview.digest) if request.method == "POST" else {}
    if (filling := request.form.get("fill", "")) in FILL:
        tried = previewing.tried(bank, given)
        given = {**given, **previewing.fill(preview, bank, tried, best=filling == FILL[1])}
    return _show(preview, bank, asked, given)


@bp.post("/<int:version_id>/preview/state")
@allow(Role.ADMINISTRATOR)
def state(version_id: int) -> ResponseReturnValue:
    """What applies on the page that is open, with what is typed there: for its script."""
    preview = previewing.opened(db.session(), version_id)
    asked = _asked()
    page_key = request.form.get("from", "")
    if preview.bank is None:
        return {"visible": [], "optional": [], "progress": ""}
    bank = previewing.edition_of(preview.bank, asked.edition)
    tried = previewing.tried(bank, _given(preview.bank, preview.digest))
    counted = tried.progress.pages.get(page_key)
    with speaking(asked.spoken):
        said = "" if counted is None else said_progress(counted.answered, counted.total)
    return {
        "visible": sorted(tried.progress.visible),
        "optional": sorted(tried.progress.optional),
        "progress": said,
    }


def _asked() -> Asked:
    sent = request.form if request.method == "POST" else request.args
    pressed = sent.get("speak") or (language_wanted() or sent.get("spoken", ""))
    spoken = Locale(pressed) if pressed in list(Locale) else current_locale()
    page = sent.get("go") or sent.get("page") or sent.get("from") or ""
    return Asked(page, sent.get("edition", FULL), spoken)


# --------------------------------------------------------------- what was answered


def _given(bank: Bank, digest: str) -> Given:
    """The answers of the other pages, and what this one was sent with, right or wrong."""
    given = dict(_carried(request.form.get("answers", "")))
    for key, field in _sent(bank, digest, request.form).items():
        given.pop(key, None)
        given.update(field)
    return given


def _sent(
    bank: Bank, digest: str, form: MultiDict[str, str]
) -> Mapping[str, Mapping[str, PlainAnswer]]:
    """Each question that was on the page with its answer; nothing where it was left open."""
    page_key = form.get("from", "")
    if page_key not in {page.key for page in pages(bank)}:
        return {}
    sent = page_form(bank, digest, page_key, current_locale())(form)
    sent.validate()
    return {
        key: {} if field.data is None else {key: _kept(field.data, field.typed, field.errors)}
        for key, field in sent.questions.items()
        if field.sent
    }


def _kept(plain: PlainAnswer, typed: Mapping[str, Any], errors: Any) -> PlainAnswer:
    return {"typed": typed} if errors else plain


def _carried(sent_back: str) -> Given:
    """The answers as they came back; what is no answer is left out."""
    try:
        found = json.loads(sent_back[:LONGEST] or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: plain for key, plain in found.items() if _is_plain(plain)}


def _is_plain(plain: Any) -> bool:
    """An answer, or what was typed where one should be: lists of texts by their part."""
    if not isinstance(plain, dict):
        return False
    typed = plain.get("typed", {})
    return isinstance(typed, dict) and all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in typed.values()
    )


# ------------------------------------------------------------------ the reply


def _show(preview: Preview, bank: Bank, asked: Asked, given: Given) -> ResponseReturnValue:
    tried = previewing.tried(bank, given)
    listed = pages(bank)
    known = {page.key for page in listed} | {RESULT}
    page_key = asked.page if asked.page in known else listed[0].key
    with speaking(asked.spoken):
        pane = _pane(preview, bank, page_key, tried, given)
    return render_template(
        "workshop/preview.html",
        version=preview.version,
        preview=preview,
        bank=bank,
        pages=listed,
        page_key=page_key,
        asked=asked,
        tried=tried,
        answers=json.dumps(_known(preview, given), ensure_ascii=False, separators=(",", ":")),
        pane=pane,
        dropped=_said_dropped(preview, given),
    )


def _known(preview: Preview, given: Given) -> Given:
    """What travels on: an edition that does not ask a question keeps its answer all the same."""
    assert preview.bank is not None
    return {key: plain for key, plain in given.items() if key in preview.bank.questions}


def _said_dropped(preview: Preview, given: Given) -> str:
    gone = len(given) - len(_known(preview, given))
    if not gone:
        return ""
    return ngettext(
        "%(num)d answer was left out: the draft no longer has its question.",
        "%(num)d answers were left out: the draft no longer has their questions.",
        gone,
    )


def _pane(preview: Preview, bank: Bank, page_key: str, tried: Tried, given: Given) -> str:
    """The page in the language of the preview, by the templates that firms see."""
    counted = tried.progress.pages
    if page_key == RESULT:
        today = datetime.now(UTC).astimezone(CHINA).date()
        return render_template(
            "workshop/preview_result.html",
            bank=bank,
            preview=preview,
            report=previewing.judged(preview, bank, tried, today=today),
            missing=_missing(bank, tried),
            said_progress=said_progress,
            tried=tried,
        )
    return render_template(
        "workshop/preview_page.html",
        bank=bank,
        section=page_of(bank, page_key),
        page_key=page_key,
        form=_form(bank, preview.digest, page_key, tried, given),
        tried=tried,
        counted=counted[page_key],
        said_progress=said_progress,
        glossary={term.key: term for term in bank.glossary},
        sources={source.key: source for source in bank.sources},
        attached=_NoFiles(),
    )


def _form(bank: Bank, digest: str, page_key: str, tried: Tried, given: Given) -> PageForm:
    """The page's form with what is answered, and what is wrong with it said beside it."""
    form = page_form(bank, digest, page_key, current_locale())(data=shown(given))
    for key, field in form.questions.items():
        if key in tried.wrong:
            field.validate(form)
    return form


def _missing(bank: Bank, tried: Tried) -> list[Missing]:
    wrong = frozenset(tried.progress.wrong)
    wanted = wrong.union(tried.progress.missing)
    every = [
        Missing(page, tuple(q for q in page.questions if q.key in wanted), wrong)
        for page in pages(bank)
    ]
    return [each for each in every if each.questions]
