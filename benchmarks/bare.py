"""The floor of the throughput run: a bare Flask application on the same server and database.

It answers the addresses of the site with the site's own bytes and does nothing that is not
needed for them: it knows nobody, checks nothing and keeps no history.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from survey.application import THREADS
from survey.store.db import open_engine

DATABASE, FOLDER, PORT, WORKERS = "BARE_DATABASE", "BARE_FOLDER", "BARE_PORT", "BARE_WORKERS"

ANSWER = Table(
    "bare_answer",
    MetaData(),
    Column("assessment_id", Integer, primary_key=True),
    Column("question_key", String(60), primary_key=True),
    Column("plain", JSON),
    Column("revision", Integer),
)

_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def create_app() -> Flask:
    """What it answers stands in the folder: PAGE.html, PAGE.gzip, and reply.json."""
    app = Flask("bare")
    engine = open_engine(os.environ[DATABASE])
    folder = Path(os.environ[FOLDER])
    pages = {path.name: path.read_bytes() for path in folder.iterdir()}
    insert = _INSERT[engine.dialect.name]

    @app.get("/assessments/<int:assessment_id>/pages/<page>")
    def show(assessment_id: int, page: str) -> ResponseReturnValue:
        with engine.connect() as connection:
            connection.execute(select(ANSWER).filter_by(assessment_id=assessment_id)).all()
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            answer = Response(pages[f"{page}.gzip"], mimetype="text/html")
            answer.headers["Content-Encoding"] = "gzip"
            return answer
        return Response(pages[f"{page}.html"], mimetype="text/html")

    @app.post("/assessments/<int:assessment_id>/pages/<page>")
    def save_page(assessment_id: int, page: str) -> ResponseReturnValue:
        rows = [
            _row(assessment_id, key, value) for key, value in request.form.items() if "." not in key
        ]
        with engine.begin() as connection:
            connection.execute(_upsert(insert, rows))
        return redirect(page, 303)

    @app.post("/assessments/<int:assessment_id>/answers/<key>")
    def save(assessment_id: int, key: str) -> ResponseReturnValue:
        value = request.get_json()["fields"][0][1]
        with engine.begin() as connection:
            connection.execute(_upsert(insert, [_row(assessment_id, key, value)]))
        return Response(pages["reply.json"], mimetype="application/json")

    return app


def _row(assessment_id: int, key: str, value: str) -> dict[str, Any]:
    return {
        "assessment_id": assessment_id,
        "question_key": key,
        "plain": {"option": value},
        "revision": 1,
    }


def _upsert(insert: Any, rows: list[dict[str, Any]]) -> Any:
    statement = insert(ANSWER).values(rows)
    return statement.on_conflict_do_update(
        index_elements=["assessment_id", "question_key"],
        set_={"plain": statement.excluded.plain, "revision": ANSWER.c.revision + 1},
    )


def main() -> None:
    Granian(
        "benchmarks.bare:create_app",
        factory=True,
        port=int(os.environ[PORT]),
        interface=Interfaces.WSGI,
        workers=int(os.environ[WORKERS]),
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
