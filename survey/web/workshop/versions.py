"""Every version of every bank: the list, one version, and what begins or ends a version's life."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from survey import messages
from survey.core import places
from survey.core.bank import Bank
from survey.core.errors import BadDocument, NotFound, SurveyError
from survey.core.text import Text
from survey.exchange import yaml_origin
from survey.i18n import _, current_locale
from survey.services import bank_list, bank_rows, banks, drafts, imports, overview, publishing
from survey.services.bank_list import Listed
from survey.store.models import BankVersion
from survey.store.site import db
from survey.web.access import Role, actor, allow
from survey.web.workshop import compare

bp = Blueprint("versions", __name__, url_prefix="/admin/banks")


@bp.get("")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    session = db.session()
    every = bank_list.listed(session)
    kept = [each for each in every if each.version.discarded_at is None]
    return render_template(
        "workshop/versions.html",
        banks=[list(each) for _key, each in groupby(kept, lambda one: one.version.bank_key)],
        discarded=[each for each in every if each.version.discarded_at is not None],
        uses=overview.uses(session, actor()),
    )


# ----------------------------------------------------------------- one version


@bp.get("/<int:version_id>")
@allow(Role.ADMINISTRATOR)
def show(version_id: int) -> ResponseReturnValue:
    session = db.session()
    every = bank_list.listed(session)
    own = _own(every, version_id)
    data = banks.document_of(session, version_id)
    now = _bank(version_id)
    family = [each for each in every if each.version.bank_key == own.version.bank_key]
    earlier = publishing.before(session, own.version)
    return render_template(
        "workshop/version.html",
        version=own.version,
        tab="versions.show",
        own=own,
        bank=now,
        based_on=next((e for e in family if e.version.id == own.version.based_on_id), None),
        drafts=[each for each in family if _is_open(each.version) and each is not own],
        compared=None if earlier is None else compare.counts(earlier, own.version),
        counts=_counts(data),
        options=_weigh_options(now) if now is not None else {},
        uses=overview.uses(session, actor()).get(version_id, 0),
    )


def _own(every: Iterable[Listed], version_id: int) -> Listed:
    for each in every:
        if each.version.id == version_id:
            return each
    raise NotFound


def _is_open(version: BankVersion) -> bool:
    return version.published_at is None and version.discarded_at is None


def _bank(version_id: int) -> Bank | None:
    """The bank; None for a draft whose parts have not the right shape yet."""
    try:
        return banks.bank_of(db.session(), version_id)
    except BadDocument:
        return None


def _weigh_options(bank: Bank) -> dict[str, Text]:
    """What the answers are called that section weights depend on."""
    question = bank.questions.get(bank.weigh_by or "")
    return {option.key: option.label for option in getattr(question, "options", ())}


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a bank is, whatever is wrong with it."""

    sections: int
    questions: int
    facts: int
    advice: int


def _counts(data: dict[str, Any]) -> Counts:
    every = list(places.questions(data))
    return Counts(
        sections=_length(data.get("sections")),
        questions=sum(place[0] == "sections" for place, _question in every),
        facts=sum(place[0] == "profile" for place, _question in every),
        advice=sum(_length(question.get("advice")) for _place, question in every),
    )


def _length(parts: object) -> int:
    return len(parts) if isinstance(parts, list) else 0


@bp.get("/<int:version_id>/file")
@allow(Role.ADMINISTRATOR)
def file(version_id: int) -> ResponseReturnValue:
    version = bank_rows.with_document(db.session(), version_id)
    content = yaml_origin.written(version.document, imports.origin_of(version))
    name = f"{version.bank_key}-{version.number}.yaml"
    return send_file(BytesIO(content), "application/yaml", as_attachment=True, download_name=name)


# ------------------------------------------------------------------ life of one


@bp.post("/<int:version_id>/draft")
@allow(Role.ADMINISTRATOR)
def begin(version_id: int) -> ResponseReturnValue:
    draft = drafts.begin(
        db.session(), source_id=version_id, by=actor().user_id, now=datetime.now(UTC)
    )
    there = url_for("tree.index", version_id=draft.id)
    db.session.commit()
    flash(_("This draft is a copy. Change what you like: nobody sees it until you publish it."))
    return redirect(there, 303)


@bp.post("/<int:version_id>/discard")
@allow(Role.ADMINISTRATOR)
def discard(version_id: int) -> ResponseReturnValue:
    done = _("Discarded. The draft and its history are kept, and it can be restored.")
    return _act(drafts.discard, version_id, done)


@bp.post("/<int:version_id>/restore")
@allow(Role.ADMINISTRATOR)
def restore(version_id: int) -> ResponseReturnValue:
    return _act(drafts.restore, version_id, _("Restored. The draft is as it was."))


@bp.post("/<int:version_id>/retire")
@allow(Role.ADMINISTRATOR)
def retire(version_id: int) -> ResponseReturnValue:
    done = _("Retired. No new assessments can be started with it; those under way go on.")
    return _act(banks.retire, version_id, done)


def _act(act: Callable[..., BankVersion], version_id: int, done: str) -> ResponseReturnValue:
    try:
        act(db.session(), version_id, by=actor().user_id, now=datetime.now(UTC))
    except NotFound:
        raise
    except SurveyError as error:
        db.session.rollback()
        flash(messages.for_error(error, current_locale()), "danger")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for(".show", version_id=version_id), 303)
