"""A long form that could not be taken: what was typed comes back, to be sent again.

Without script nobody else keeps it. Where a script runs, outbox.js does for answers, and
workshop-leaving.js does not send what would not be taken.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from survey.web.language import language_changed

PAGES = frozenset(
    {
        "answering.page",
        "discussion.add",
        "invitations.index",
        "packs.save",
        "parts.save",
        "publishing.waive",
        "reopening.give_back",
        "reopening.reopen",
        "sharing.save",
        "weights.save",
        "weighing.index",
        "translations.save",
    }
)
"""The forms that somebody types in, or chooses in, for long."""

KEPT_BACK = frozenset({"csrf_token", "made"})
"""What must lie in no page that waits: the token of its form, and the secret of an invitation."""

OTHERS = frozenset({"csrf_token", "go", "language", "confirm", "clear", "seen", "mark"})
CARRIED = re.compile(r".+\.(seen|clash|keep)|was\..+|made(-to)?|locale|scope|answers|wrong|all")
"""What a page sends beside what was typed."""

CHOSEN = {
    "answering.page": re.compile(r"[^.]+\.(half|state|evidence|row\..+)"),
    "invitations.index": re.compile(r"pages"),
    "packs.save": re.compile(r"keep\..+"),
    "sharing.save": re.compile(r"who\..+"),
}
"""What is ticked or picked from a list on these pages, and sent as a code that nobody typed."""

OPTION = re.compile(r"_[a-z-]+|[a-z]+-[0-9]+")
"""What only options are called. Others could be a word that was typed: only the database knows.

Rather an option is listed than a word hidden.
"""

AWAY = 503
"""The answer while the database is busy or out of reach."""

BROKEN = 500
"""The answer after a fault of ours."""


@dataclass(frozen=True, slots=True)
class Why:
    """What has happened, and what to do, where it was not the form that had expired.

    `reference` leads from the page to what is in the log.
    """

    happened: str
    advice: str
    code: int
    reference: str = ""


def given_back(why: Why | None = None) -> Response | None:
    """What was typed, behind a button; None if this was none of the long forms of this site.

    Also None if nothing was typed into it. Where the site itself fails any form comes back, but
    for files and passwords; then the page does without the database.
    """
    failing = why is not None and why.code in (AWAY, BROKEN)
    if request.method != "POST" or not _from_here():
        return None
    if request.endpoint not in PAGES and not (failing and _may_wait()):
        return None
    sent = list(request.form.items(multi=True))
    if all(name in OTHERS for name, _ in sent):
        return None
    if why is None:  # what has happened is said already, in the language before
        language_changed()
    told = [(name, value) for name, value in sent if value.strip() and _is_told(name, value)]
    page = render_template(
        "firm/unsent.html",
        fields=[(name, value) for name, value in sent if name not in KEPT_BACK],
        typed=[value for name, value in told if not _is_chosen(name, value)],
        chosen=sum(_is_chosen(name, value) for name, value in told),
        address=request.full_path.rstrip("?"),
        why=why,
        bare=failing,
    )
    return make_response(page, why.code if why else 400)


def _is_told(name: str, value: str) -> bool:
    """Whether the page shows what stands in this field, or only counts it."""
    if request.endpoint not in PAGES or name in OTHERS or CARRIED.fullmatch(name):
        return False
    kind, _dot, section = name.partition(".")
    was = request.form.get(f"was.{section}", "").split() if kind in ("who", "due") else ()
    return value not in was


def _is_chosen(name: str, value: str) -> bool:
    codes = CHOSEN.get(request.endpoint or "")
    if codes is not None and codes.fullmatch(name):
        return True
    whole_question = request.endpoint == "answering.page" and "." not in name
    return whole_question and OPTION.fullmatch(value) is not None


def _may_wait() -> bool:
    """Whether all that the form holds may lie in a page for as long as somebody looks at it."""
    secret = request.blueprint == "security" or holds_password()
    return not secret and not request.files


def holds_password() -> bool:
    """Whether the form has a field for a password: such a form lies in no page."""
    return any("password" in name for name in request.form)


def _from_here() -> bool:
    """Nobody elsewhere may put words into a form that waits only for a press."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    here = origin is None or urlsplit(origin).netloc == request.host
    return site == "same-origin" and here
