"""Which links a reader is offered: only pages that exist and that they may open."""

from flask import Flask

from survey.i18n import Later, lazy
from survey.web.access import may

PAGES = (
    ("firm.home", lazy("Assessments")),
    ("account.people", lazy("People")),
    ("logos.firm", lazy("Logo")),
    ("consultant.index", lazy("My firms")),
    ("admin.index", lazy("Overview")),
    ("versions.index", lazy("Question banks")),
    ("admin.firms", lazy("Firms")),
    ("admin.users", lazy("Users")),
    ("archives.index", lazy("Archives")),
    ("admin.log", lazy("Audit log")),
    ("doctor.index", lazy("System state")),
)
ACCOUNT = (
    ("account.settings", lazy("My account")),
    ("logos.consultant", lazy("My logo")),
)

Links = list[tuple[str, Later]]


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(menu=menu, account_menu=account_menu)


def menu() -> Links:
    return [(endpoint, label) for endpoint, label in PAGES if may(endpoint)]


def account_menu() -> Links:
    return [(endpoint, label) for endpoint, label in ACCOUNT if may(endpoint)]
