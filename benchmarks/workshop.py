"""The workshop at 76 items of six options: its pages, and the dry run of a thousand assessments.

The floor of each is the calibration loop, run in turn. The draft is the worst that a day's work
makes of the largest bank: every question reworded in Chinese, so that its translation is stale,
the weights of each domain exchanged, and the core questions of the gates taken out.
"""

import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.clock import loop
from benchmarks.rescoring import plain_answers
from benchmarks.servers import cookie_of
from benchmarks.site import apart
from survey.application import create_app
from survey.config import Settings
from survey.core import scoring
from survey.core.answers import read_all
from survey.core.places import questions, written
from survey.core.plain import plain
from survey.core.text import Locale
from survey.exchange import yaml_bank
from survey.services import accounts, banks, drafts
from survey.services.people import ADMINISTRATOR
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import AnswerRow, Assessment, Firm, User

BANK = Path("questionnaires/manufacturing-transformation/4.yaml")
ASSESSMENTS = 1_000
DIFFERENT = 100
ROUNDS = 5
AGENT = "benchmark"

SLOWEST = 1.0
"""Seconds, in the median."""

LARGEST = 300_000
"""Bytes as they are sent, compressed with gzip."""

DRY_RUN = 10.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page: its median in seconds, that as a ratio to the loop, and its bytes as sent."""

    name: str
    seconds: float
    ratio: float
    size: int

    @property
    def broken(self) -> bool:
        return self.seconds > SLOWEST or self.size > LARGEST


@dataclass(frozen=True, slots=True)
class Tried:
    """A dry run: seconds, the same as a ratio to the loop, and how often it told how far it is.

    `processor` are the seconds that all its processes worked, whatever else the machine did.
    """

    seconds: float
    processor: float
    ratio: float
    told: int

    @property
    def broken(self) -> bool:
        return self.seconds > DRY_RUN


@dataclass(frozen=True, slots=True)
class Workshop:
    pages: tuple[Drawn, ...]
    tried: Tried

    @property
    def broken(self) -> bool:
        return self.tried.broken or any(page.broken for page in self.pages)


def measured(settings: Settings) -> Workshop:
    with tempfile.TemporaryDirectory() as name:
        settings = apart(settings, Path(name))
        app = create_app(settings)
        version_id, draft_id, cookie, document = _filled(settings, app)
        client = app.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = cookie
        client.environ_base["HTTP_USER_AGENT"] = AGENT
        client.environ_base["HTTP_ACCEPT_ENCODING"] = "gzip"
        pages = _pages(version_id, draft_id, document)
        drawn = tuple(_drawn(client, name, address) for name, address in pages.items())
        return Workshop(drawn, _tried(client, draft_id))


def _pages(version_id: int, draft_id: int, document: Any) -> Mapping[str, str]:
    at = f"/admin/banks/{draft_id}"
    biggest = max(questions(document), key=lambda found: len(json.dumps(found[1])))
    section = max(document["sections"], key=lambda part: len(json.dumps(part)))
    return {
        "contents": f"{at}/contents",
        "biggest question": f"{at}/parts/{written(biggest[0])}",
        "levels and gates": f"{at}/parts/levels",
        "translations": f"{at}/translations",
        "weights of sections": f"{at}/weights",
        "weights of a section": f"{at}/weights/sections/{section['key']}",
        "weighing in pairs": f"{at}/weighing",
        "preview": f"{at}/preview?page={section['key']}",
        "compare": f"{at}/compare?other={version_id}",
        "check and publish": f"{at}/publishing",
        "history": f"{at}/history",
        "files": f"{at}/files",
        "all versions": "/admin/banks",
        "one version": at,
    }


def _drawn(client: FlaskClient, name: str, address: str) -> Drawn:
    times, ratios, size = [], [], 0
    for at in range(ROUNDS + 1):
        calibration = _seconds(loop)
        started = time.perf_counter()
        answer = client.get(address)
        size = len(answer.data)
        taken = time.perf_counter() - started
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        if at:  # the first one compiles templates
            times.append(taken)
            ratios.append(taken / calibration)
    return Drawn(name, statistics.median(times), statistics.median(ratios), size)


def _tried(client: FlaskClient, draft_id: int) -> Tried:
    calibration = _seconds(loop)
    started, worked = time.perf_counter(), _worked()
    answer = client.get(f"/admin/banks/{draft_id}/dry-run/result", buffered=True)
    taken, processor = time.perf_counter() - started, _worked() - worked
    html = answer.data.decode() if answer.status_code == 200 else ""
    if "data-dry-run-done" not in html:
        raise RuntimeError("the dry run did not end")
    return Tried(taken, processor, taken / calibration, html.count('<p class="dry-step">'))


def _worked() -> float:
    """Seconds that this process and those that it has ended spent on a processor."""
    every = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in every)


def _seconds(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


# --------------------------------------------------------------------- the site


def _filled(settings: Settings, app: Flask) -> tuple[int, int, str, Any]:
    """The published bank with its assessments, the draft, and an administrator's cookie."""
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    data, _bank = yaml_bank.read(BANK.read_bytes(), file=BANK.name)
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        user = accounts.create_user(
            session,
            email="administrator@example.com",
            name="管理员",
            password_hash="!",  # noqa: S106  # no password has it
            roles=[ADMINISTRATOR],
            locale=Locale.ZH,
            now=now,
        )
        stored = banks.store_draft(session, data=data, now=now)
        version = banks.publish(session, stored.id, now=now)
        _answered(session, version.id, user, now)
        draft = drafts.begin(session, source_id=version.id, by=user.id, now=now)
        drafts.edit(
            session, draft.id, seen=1, change=_worked_over, act="set", place="", by=user.id, now=now
        )
        document = drafts.opened(session, draft.id).document
        found = version.id, draft.id, cookie_of(app, user, agent=AGENT), document
    engine.dispose()
    return found


def _worked_over(data: Any) -> Any:
    new = deepcopy(data)
    for _, question in questions(new):
        question["prompt"]["zh"] = f"现在，{question['prompt']['zh']}"
    for section in new["sections"]:
        for domain in section["domains"]:
            weights = [question.get("weight") for question in domain["questions"]]
            for question, weight in zip(domain["questions"], reversed(weights), strict=True):
                if weight is not None and "weight" in question:
                    question["weight"] = weight
    new["levels"]["gates"]["core"] = []
    return new


def _answered(session: Session, version_id: int, user: User, now: datetime) -> None:
    """A firm and a submitted assessment for each of the thousand."""
    bank = banks.bank_of(session, version_id)
    chance = random.Random(11)  # noqa: S311  # the same firms every time
    given = [plain_answers(bank, chance) for _ in range(DIFFERENT)]
    results = [plain(scoring.score(bank, read_all(bank, each))) for each in given]
    firms = [{"id": at, "name": f"示例企业{at}", "created_at": now} for at in _numbers()]
    session.execute(insert(Firm), firms)
    rows = [
        {
            "id": at, "firm_id": at, "bank_version_id": version_id, "edition": "",
            "started_at": now, "started_by": user.id, "submitted_at": now,
            "submitted_by": user.id, "result": results[at % DIFFERENT],
        }
        for at in _numbers()
    ]  # fmt: skip
    session.execute(insert(Assessment), rows)
    for at in _numbers():
        answers = [
            {
                "assessment_id": at, "question_key": key, "plain": answer, "revision": 1,
                "author_id": user.id, "saved_at": now,
            }
            for key, answer in given[at % DIFFERENT].items()
        ]  # fmt: skip
        session.execute(insert(AnswerRow), answers)


def _numbers() -> Iterator[int]:
    return iter(range(1, ASSESSMENTS + 1))


# ------------------------------------------------------------------------ words


def lines(found: Workshop) -> Iterator[str]:
    """What was measured, for a terminal; what is over its limit is marked."""
    for page in found.pages:
        yield (
            f"workshop, {page.name:<22}{page.seconds * 1000:8.0f} ms   {page.ratio:6.2f} × the"
            f" calibration loop, {page.size / 1000:.0f} kB compressed{_over(page.broken)}"
        )
    tried = found.tried
    yield (
        f"dry run of {ASSESSMENTS} assessments{tried.seconds:11.1f} s    {tried.ratio:6.1f} × the"
        f" calibration loop, {tried.processor:.1f} s of processor, told {tried.told} times how far"
        f" it is{_over(tried.broken)}"
    )


def _over(broken: bool) -> str:  # noqa: FBT001  # a word for it
    return "   OVER THE LIMIT" if broken else ""


def main() -> None:
    for line in lines(measured(Settings.from_environment(os.environ))):
        print(line, flush=True)


if __name__ == "__main__":
    main()
