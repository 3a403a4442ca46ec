"""The pages of consultants: the firms assigned to them, and these firms' assessments."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from survey.services import accounts, overview
from survey.store.site import db
from survey.web.access import Role, actor, allow

bp = Blueprint("consultant", __name__)


@bp.get("/consultant")
@allow(Role.CONSULTANT)
def index() -> ResponseReturnValue:
    session = db.session()
    firms = accounts.list_firms(session, actor())
    standings = overview.standings(session, actor(), [firm.id for firm in firms])
    by_firm = {firm.id: [each for each in standings if each.firm_id == firm.id] for firm in firms}
    return render_template("consultant/index.html", firms=firms, by_firm=by_firm)


@bp.get("/consultant/firms/<int:firm_id>")
@allow(Role.CONSULTANT)
def firm(firm_id: int) -> ResponseReturnValue:
    session = db.session()
    name = overview.firm_name(session, actor(), firm_id)
    standings = overview.standings(session, actor(), [firm_id])
    return render_template("consultant/firm.html", name=name, standings=standings)
