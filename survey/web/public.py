"""What anybody may see: the landing page, the language switch, a schema, a sign of life."""

from decimal import Decimal

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from survey.exchange import bank_schema as bank_shape
from survey.exchange import result_file
from survey.i18n import lazy, points
from survey.pdf.charts import radar
from survey.store.site import db
from survey.web.access import Role, allow, may, signed_in
from survey.web.addresses import local
from survey.web.language import language_changed, page_here

bp = Blueprint("public", __name__)
bp.add_app_template_global(page_here)

SAMPLE = (
    (lazy("Strategy"), Decimal(62)),
    (lazy("Smart"), Decimal(48)),
    (lazy("Green"), Decimal(55)),
    (lazy("Service"), Decimal(30)),
    (lazy("Data and network"), Decimal(58)),
    (lazy("AI and robots"), Decimal(22)),
    (lazy("Innovation"), Decimal(44)),
    (lazy("Specialisation"), Decimal(70)),
)
"""Invented scores for the picture on the first page."""

TOPICS = (
    lazy("Strategy, organisation and people"),
    lazy("Smart manufacturing: planning, execution, quality, equipment"),
    lazy("Green manufacturing: energy, carbon, resources"),
    lazy("Service-oriented manufacturing"),
    lazy("5G, industrial internet and cloud"),
    lazy("Data, network and plant security"),
    lazy("AI, robots and the internet of things"),
    lazy("Innovation and pilot-scale testing"),
    lazy("Specialised and innovative firms, key links of the chain"),
)

HOMES = ("firm.home", "consultant.index", "admin.index")


@bp.get("/")
@allow(Role.PUBLIC)
def index() -> ResponseReturnValue:
    if signed_in():
        home = next((endpoint for endpoint in HOMES if may(endpoint)), None)
        if home is not None:
            return redirect(url_for(home), 303)
    return render_template(
        "public/index.html",
        sample=radar([score for _label, score in SAMPLE]),
        sample_axes=[(label, points(score)) for label, score in SAMPLE],
        topics=TOPICS,
    )


@bp.post("/language")
@allow(Role.PUBLIC)
def language() -> ResponseReturnValue:
    language_changed()
    return redirect(local(request.form.get("next", "")), 303)


@bp.get("/healthz")
@allow(Role.PUBLIC)
def healthz() -> ResponseReturnValue:
    db.session.execute(text("SELECT 1"))
    return {"state": "ok"}


@bp.get("/schemas/result-1.json")
@allow(Role.PUBLIC)
def result_schema() -> ResponseReturnValue:
    """How the JSON of a report is built, for programs that read it."""
    return send_file(result_file.SCHEMA_FILE, mimetype="application/schema+json")


@bp.get("/schemas/bank-1.json")
@allow(Role.PUBLIC)
def bank_schema() -> ResponseReturnValue:
    """The shape of a question bank, for editors that complete and check."""
    return send_file(
        bank_shape.SCHEMA_FILE,
        mimetype="application/schema+json",
        download_name=bank_shape.NAME,  # as a bank in JSON names it, which looks beside itself
    )
