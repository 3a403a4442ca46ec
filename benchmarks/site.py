"""A finished report downloaded again, against a bare Flask application with the same bytes.

`benchmarks.throughput` has what is done all day: opening sections and saving answers.
"""

import os
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, Response
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.clock import Pair, in_turn
from survey.application import create_app
from survey.config import Settings
from survey.core.copies import Copy
from survey.core.text import Languages
from survey.services import demo, report_jobs, reports
from survey.services.people import actor_of
from survey.store import files, migrate
from survey.store.db import open_engine
from survey.store.models import Assessment, User

FINISHED = "owner.lizhou@example.com"
REPORT_SIZE = 460 * 1024


def downloaded(settings: Settings, folder: Path) -> Pair:
    """Measure a fresh installation with the demo data, in `folder`."""
    settings = apart(settings, folder)
    app = create_app(settings)
    seeded(app, settings)
    report = os.urandom(REPORT_SIZE)
    address = f"/reports/{_kept(settings, report)}/file"
    return in_turn(
        _get(signed_in(app, FINISHED), address),
        _get(_bare(report).test_client(), "/file"),
        rounds=200,
        warm_up=20,
    )


def apart(settings: Settings, folder: Path) -> Settings:
    """An installation of its own in `folder`."""
    return replace(
        settings,
        folder=folder,
        reports_folder=folder / "reports",
        logos_folder=folder / "logos",
        mail_folder=folder,
        certificate=folder / "certificate.p12",
        database_url=f"sqlite:///{folder / 'site.db'}",
        queue_url=f"sqlite:///{folder / 'queue.db'}",
    )


def _kept(settings: Settings, content: bytes) -> str:
    """The number of a finished report with this file."""
    engine = open_engine(settings.database_url)
    sha256 = files.put(settings.reports_folder, content)
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        user = session.scalars(select(User).filter_by(email=FINISHED)).one()
        owner = actor_of(session, user.id)
        found = session.scalars(select(Assessment).filter_by(firm_id=owner.firm_id)).first()
        assert found is not None
        report = reports.ask(session, owner, found.id, Copy(Languages.BOTH), now=now)
        claim = uuid.uuid4().hex
        report_jobs.claim(session, report.id, token=claim, now=now, lease=timedelta(minutes=1))
        report_jobs.finish(
            session, report.id, token=claim, sha256=sha256, size=len(content), pages=22,
            content={}, now=now,
        )  # fmt: skip
        number = report.id
    engine.dispose()
    return number


def seeded(app: Flask, settings: Settings) -> int:
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    with app.app_context(), Session(engine) as session, session.begin():
        demo.load(session, hash_password=hash_password, now=datetime.now(UTC))
        found = session.scalar(select(Assessment.id).where(Assessment.submitted_at.is_(None)))
    engine.dispose()
    assert found is not None
    return found


def signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    token = _hidden(client.get("/login").get_data(as_text=True), "csrf_token")
    form = {"csrf_token": token, "email": email, "password": demo.PASSWORD}
    assert client.post("/login", data=form).status_code in (302, 303)
    return client


def _get(client: FlaskClient, url: str) -> Callable[[], None]:
    def get() -> None:
        assert client.get(url).status_code == 200

    return get


def _hidden(page: str, name: str) -> str:
    """The value of a hidden field, whatever the order of its attributes."""
    field = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)
    assert field is not None, name
    value = re.search(r'value="([^"]*)"', field.group())
    assert value is not None, name
    return value.group(1).replace("&#34;", '"')


def _bare(report: bytes) -> Flask:
    app = Flask("floor")

    @app.get("/file")
    def same_file() -> Response:
        return Response(report, mimetype="application/pdf")

    return app
