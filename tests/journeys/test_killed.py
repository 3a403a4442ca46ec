"""A saved answer survives the sudden end of every process right after its reply."""

import json
import re
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.services import accounts
from survey.services.people import FIRM, actor_of
from survey.store.db import open_engine
from survey.store.models import AnswerRow
from tests.journeys.conftest import PASSWORD, a_person
from tests.journeys.servers import Server, environment_of
from tests.stored import NOW, an_assessment

ROUNDS = 3


class Program:
    """A browser without pages: it signs in, and saves answers as pages do."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self._jar.open(f"{self._address}{path}", timeout=20) as reply:
            return str(reply.read(), "utf-8")

    def sign_in(self, email: str) -> None:
        sent = {"email": email, "password": PASSWORD, "csrf_token": self.token("/login")}
        self._jar.open(f"{self._address}/login", urlencode(sent).encode(), timeout=20).close()

    def token(self, path: str) -> str:
        found = re.search('name="csrf_token"[^>]* value="([^"]+)"', self.get(path))
        assert found is not None
        return found[1]

    def save(self, place: str, token: str, fields: list[list[str]], seq: int) -> dict[str, str]:
        body = json.dumps({"fields": fields, "client": str(uuid4()), "seq": seq})
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": token,
            "Idempotency-Key": str(uuid4()),
        }
        asked = urllib.request.Request(f"{self._address}{place}", body.encode(), headers)
        with self._jar.open(asked, timeout=20) as reply:
            said: dict[str, str] = json.loads(reply.read())
        return said


def test_a_saved_answer_survives_the_end_of_every_process(database: str, tmp_path: Path) -> None:
    environment = environment_of(tmp_path, database, SURVEY_WORKERS="2")
    assessment_id = begun(Settings.from_environment(environment))
    server = Server(environment, tmp_path / "log")
    program = Program(server.address)
    place = f"/assessments/{assessment_id}/answers/product?page=everything"
    seen = "0."
    try:
        for number in range(1, ROUNDS + 1):
            server.start()
            if number == 1:
                program.sign_in("owner@example.com")
            token = program.token(f"/assessments/{assessment_id}/pages/everything")
            fields = [["q_product", f"阀门{number}"], ["q_product.seen", seen]]

            said = program.save(place, token, fields, 1)
            server.kill()

            assert said["state"] == "saved"
            seen = said["seen"]
            assert kept(database, assessment_id) == {"text": f"阀门{number}"}
    finally:
        server.kill()


def begun(settings: Settings) -> int:
    """A firm that has begun to answer."""
    app = application.create_app(settings)
    engine = open_engine(settings.database_url)
    with app.app_context(), Session(engine) as session:
        user = a_person(session, "owner@example.com", "王强", FIRM)
        accounts.register_firm(session, user=user, firm_name="江海阀门有限公司", now=NOW)
        assessment_id = an_assessment(session, actor_of(session, user.id)).id
        session.commit()
    engine.dispose()
    return assessment_id


def kept(database: str, assessment_id: int) -> object:
    """What the database holds for the product, asked while no process of the site lives."""
    engine = open_engine(database)
    with Session(engine) as session:
        row = session.get_one(AnswerRow, (assessment_id, "product"))
        plain = row.plain
    engine.dispose()
    return plain
