"""What was said to be saved is there after every process was ended with SIGKILL at once."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from survey.services import assessments
from survey.services.people import actor_of
from survey.store import migrate
from survey.store.db import open_engine
from tests import postgres
from tests.builders import level
from tests.stored import a_firm, an_assessment

SAVES = """
import sys
from sqlalchemy.orm import Session
from survey.services import assessments
from survey.services.people import actor_of
from survey.store.db import open_engine
from tests.builders import level
from tests.stored import NOW

url, user_id, assessment_id = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with Session(open_engine(url)) as session:
    for revision in range(1000):
        saved = assessments.save(
            session,
            actor_of(session, user_id),
            assessment_id,
            given={"planning": level(revision % 6)},
            seen={"planning": revision},
            now=NOW,
        )
        session.commit()
        print(saved.saved["planning"], flush=True)
"""
"""Saves without end, and says each revision once it is stored."""


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database server of our own that keeps every promise, and can be killed."""
    folder = Path(tempfile.mkdtemp(prefix="kill-"))
    try:
        if request.param == "sqlite":
            yield f"sqlite:///{folder / 'qizhen.db'}"
        else:
            yield postgres.start(folder, postgres.DURABLE)
            postgres.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("address", ["sqlite", "postgresql"], indirect=True)
def test_a_saved_answer_outlives_the_end_of_every_process(address: str) -> None:
    engine = open_engine(address)
    migrate.upgrade(engine)
    with Session(engine) as session:
        _, owner = a_firm(session)
        draft = an_assessment(session, owner).id
        session.commit()
    engine.dispose()

    saving = subprocess.Popen(
        [sys.executable, "-c", SAVES, address, str(owner.user_id), str(draft)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert saving.stdout is not None
    said = [saving.stdout.readline() for _ in range(20)]
    saving.send_signal(signal.SIGKILL)
    if address.startswith("postgresql"):
        postgres.kill(Path(address.partition("?host=")[2]))
    said += saving.communicate()[0].splitlines()

    if address.startswith("postgresql"):
        postgres.start(Path(address.partition("?host=")[2]), postgres.DURABLE)
    engine = open_engine(address)
    with Session(engine) as session:
        state = assessments.hub(session, actor_of(session, owner.user_id), draft)
        lines = assessments.history(session, owner, draft, "planning")
    engine.dispose()
    last, there = int(said[-1]), state.revisions["planning"]
    assert there in (last, last + 1)  # the newest may be stored, but not said yet
    assert state.plain["planning"] == level((there - 1) % 6)
    assert [line.revision for line in lines] == list(range(1, there + 1))
