"""The site on SQLite: opening a section and saving an answer, against a bare Flask application.

The floor of the page answers the same bytes; the floor of the save inserts one row into a
SQLite file with the same settings and answers as short a JSON.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.clock import Pair, in_turn
from survey import create_app
from survey.config import Settings
from survey.services import demo
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import Assessment

OWNER = "owner.weizhou@example.com"
SECTION = "smart-manufacturing"
QUESTION = "planning-scheduling"


def section_and_save(settings: Settings, folder: Path) -> tuple[Pair, Pair]:
    """The pair for the section page and the pair for one answer's save."""
    settings = replace(settings, database_url=f"sqlite:///{folder / 'site.db'}")
    app = create_app(settings)
    assessment = _seeded(app, settings)
    client = _signed_in(app)
    url = f"/assessments/{assessment}/pages/{SECTION}"
    page = client.get(url).get_data(as_text=True)
    floor = _bare(page, folder).test_client()
    return (
        in_turn(_get(client, url), _get(floor, "/page"), rounds=200, warm_up=20),
        in_turn(
            _save(client, assessment, page),
            lambda: floor.post("/save", json={"option": "level-1"}),
            rounds=200,
            warm_up=20,
        ),
    )


def _seeded(app: Flask, settings: Settings) -> int:
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    with app.app_context(), Session(engine) as session, session.begin():
        demo.load(session, hash_password=hash_password, now=datetime.now(UTC))
        found = session.scalar(select(Assessment.id).where(Assessment.submitted_at.is_(None)))
    engine.dispose()
    assert found is not None
    return found


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = _hidden(client.get("/login").get_data(as_text=True), "csrf_token")
    form = {"csrf_token": token, "email": OWNER, "password": demo.PASSWORD}
    assert client.post("/login", data=form).status_code in (302, 303)
    return client


def _get(client: FlaskClient, url: str) -> Callable[[], None]:
    def get() -> None:
        assert client.get(url).status_code == 200

    return get


def _save(client: FlaskClient, assessment: int, page: str) -> Callable[[], None]:
    """Change one answer to and fro, each time with the mark of the answer before."""
    url = f"/assessments/{assessment}/answers/{QUESTION}?page={SECTION}"
    headers = {"X-CSRFToken": _hidden(page, "csrf_token")}
    name = f"q_{QUESTION}"
    seen = [_hidden(page, f"{name}.seen")]
    levels = itertools.cycle(("level-1", "level-2"))

    def save() -> None:
        fields = [[name, next(levels)], [f"{name}.seen", seen[0]]]
        reply = client.post(url, json={"fields": fields}, headers=headers)
        assert reply.status_code == 200, reply.get_data(as_text=True)
        seen[0] = reply.get_json()["seen"]

    return save


def _hidden(page: str, name: str) -> str:
    """The value of a hidden field, whatever the order of its attributes."""
    field = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)
    assert field is not None, name
    value = re.search(r'value="([^"]*)"', field.group())
    assert value is not None, name
    return value.group(1).replace("&#34;", '"')


def _bare(page: str, folder: Path) -> Flask:
    app = Flask("floor")
    engine = open_engine(f"sqlite:///{folder / 'floor.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE answer (id INTEGER PRIMARY KEY, plain TEXT)"))

    @app.get("/page")
    def same_bytes() -> str:
        return page

    @app.post("/save")
    def save() -> dict[str, str]:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO answer (plain) VALUES ('level-1')"))
        return {"state": "saved"}

    return app
