"""64 people fill their assessments at once: the real server against a bare Flask application.

Both are served by Granian with as many processes and threads, on SQLite and on PostgreSQL, and
are asked in turn by the same clients (`benchmarks.crowd`), which run on the same machine. The
journey is: open a section, ten answers, save the page, open the next.
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from benchmarks import bare
from benchmarks.crowd import AGENT, Order, Person, Plan
from benchmarks.servers import cookie_of, free_port, processor_of, program, running, wait_for
from benchmarks.site import apart
from survey.application import create_app
from survey.config import Settings
from survey.core.answers import PlainAnswer
from survey.core.bank import Bank, Choice, Ladder, Question
from survey.core.conditions import mentions
from survey.core.text import Locale
from survey.exchange import answer_file, yaml_bank
from survey.services import accounts, assessments, banks
from survey.services.assessments import State
from survey.services.people import FIRM, actor_of
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import User
from survey.web.forms import questions_of
from tests import postgres
from tests.emptied import administer

FIRMS = 16
PAGES = ("profile", "smart-manufacturing", "green-manufacturing", "connectivity")
"""Each firm has one person at each of these."""

ROUNDS = 3
SECONDS = 5.0
JOURNEY_SECONDS = 15.0
SHARE = 0.6
"""Of the highest load, at which the answers have to be quick."""

BANK = Path("questionnaires/manufacturing-transformation/4.yaml")
ANSWERS = Path("seeds/answers/hengyao-motors.yaml")


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds that half, 95 % and 99 % of the answers took at most."""

    half: float
    most: float
    nearly_all: float


@dataclass(frozen=True, slots=True)
class Act:
    """How many a second; `floor` is the bare application's number, `ratio` ours of it.

    `thrift` is the same for requests per second of processor that the servers took: it tells the
    same on a machine of one's own, and more where others work beside.
    """

    ours: float
    floor: float
    ratio: float
    thrift: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was measured on one database. `eased` is at 60 % of the load, all kinds of requests.

    `clients` is the largest share of one processor that the clients took in any phase.
    """

    section: Act
    packed: Act
    save: Act
    journey: float
    saves: Spread
    eased: Spread
    saved: int
    failures: tuple[str, ...]
    clients: float


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: int


@dataclass(frozen=True, slots=True)
class Site:
    people: tuple[Person, ...]
    pages: Mapping[str, Plan]


def on_sqlite(settings: Settings) -> Throughput:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return _measured(
            settings, folder, f"sqlite:///{folder / 'site.db'}", f"sqlite:///{folder / 'bare.db'}"
        )


def on_postgresql(settings: Settings) -> Throughput:
    """On a throw-away server that keeps every promise a real one keeps."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as server:
        Path(server).chmod(0o755)
        url = make_url(postgres.start(Path(server), postgres.DURABLE))
        try:
            for name in ("site", "bare"):
                administer(url.render_as_string(hide_password=False), "CREATE DATABASE {}", name)
            return _measured(
                settings,
                Path(folder),
                url.set(database="site").render_as_string(hide_password=False),
                url.set(database="bare").render_as_string(hide_password=False),
            )
        finally:
            postgres.stop(Path(server))


def _measured(settings: Settings, folder: Path, ours: str, floor: str) -> Throughput:
    settings = replace(apart(settings, folder), database_url=ours, workers=2)
    site = _site(settings)
    port, bare_port = free_port(), free_port()
    with running(settings, port) as process:
        captured = folder / "bare"
        captured.mkdir()
        _capture(site, port, captured)
        _fill(floor, site)
        with _bare_running(floor, captured, bare_port, folder) as bare_process:
            return _run(site, Server(port, process), Server(bare_port, bare_process))


# -------------------------------------------------------------------- the run


def _run(site: Site, ours: Server, floor: Server) -> Throughput:
    order = Order(ours.port, site.people, site.pages, "journey", 3.0)
    tallies = [_asked(order), _asked(replace(order, port=floor.port))]
    section = _act(site, (ours, floor), "get", tallies)
    packed = _act(site, (ours, floor), "get", tallies, encodings="gzip")
    save = _act(site, (ours, floor), "save", tallies)
    whole = _asked(replace(order, seconds=JOURNEY_SECONDS))
    highest = sum(map(len, whole["times"].values())) / whole["seconds"]
    eased = _asked(replace(order, seconds=JOURNEY_SECONDS, rate=highest * SHARE))
    tallies += [whole, eased]
    return Throughput(
        section=section,
        packed=packed,
        save=save,
        journey=highest,
        saves=_spread(whole["times"]["save"]),
        eased=_spread([each for times in eased["times"].values() for each in times]),
        saved=sum(len(tally["times"].get("save", ())) for tally in tallies),
        failures=tuple(failure for tally in tallies for failure in tally["failures"]),
        clients=max(tally["cpu"] for tally in tallies),
    )


def _act(
    site: Site, servers: tuple[Server, Server], doing: str, tallies: list[Any], encodings: str = ""
) -> Act:
    """Both in turn, so that a machine that slows down slows both."""
    pairs = []
    for _ in range(ROUNDS):
        pair = []
        for server in servers:
            order = Order(server.port, site.people, site.pages, doing, SECONDS, 0.0, encodings)
            before = processor_of(server.process)
            tally = _asked(order)
            count = len(tally["times"][doing])
            taken = processor_of(server.process) - before
            pair.append((count / tally["seconds"], count / taken))
            tallies.append(tally)
        pairs.append(pair)
    return Act(
        ours=statistics.median(ours[0] for ours, _ in pairs),
        floor=statistics.median(floor[0] for _, floor in pairs),
        ratio=statistics.median(ours[0] / floor[0] for ours, floor in pairs),
        thrift=statistics.median(ours[1] / floor[1] for ours, floor in pairs),
    )


def _asked(order: Order) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crowd"],
        input=json.dumps(dataclasses.asdict(order)).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    tally: dict[str, Any] = json.loads(done.stdout)
    return tally


def _spread(times: list[float]) -> Spread:
    cuts = statistics.quantiles(times, n=100)
    return Spread(cuts[49], cuts[94], cuts[98])


# ------------------------------------------------------------------- the site


def _site(settings: Settings) -> Site:
    """16 firms of four people, each firm with an assessment that is filled in already."""
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    app = create_app(settings)
    given = answer_file.read(ANSWERS.read_bytes(), file=str(ANSWERS)).answers
    data, bank = yaml_bank.read(BANK.read_bytes(), file=str(BANK))
    now = datetime.now(UTC)
    people: list[Person] = []
    states: list[State] = []
    with Session(engine) as session, session.begin():
        stored = banks.store_draft(session, data=data, now=now)
        version = banks.publish(session, stored.id, now=now)
        for number in range(FIRMS):
            staff = [_user(session, f"{page}.{number}", now) for page in PAGES]
            accounts.register_firm(session, user=staff[0], firm_name=f"示例企业{number}", now=now)
            owner = actor_of(session, staff[0].id)
            for colleague in staff[1:]:
                accounts.add_member(session, owner, user=colleague, now=now)
            started = assessments.start(session, owner, version_id=version.id, now=now)
            assessments.save(session, owner, started.id, given=given, seen={}, now=now)
            for page, user in zip(PAGES, staff, strict=True):
                people.append(Person(cookie_of(app, user, agent=AGENT), started.id, page))
            states.append(assessments.hub(session, owner, started.id))
    engine.dispose()
    return Site(tuple(people), _plans(bank, states[0], given))


def _user(session: Session, name: str, now: datetime) -> User:
    return accounts.create_user(
        session,
        email=f"{name}@example.com",
        name=name,
        password_hash="!",  # noqa: S106  # no password has it
        roles=[FIRM],
        locale=Locale.ZH,
        now=now,
    )


def _plans(bank: Bank, state: State, given: Mapping[str, PlainAnswer]) -> dict[str, Plan]:
    """What is answered on each page: questions with options, on which no other depends."""
    leading = {key for condition in bank.conditions.values() for key in mentions(condition)}
    order = list(state.progress.pages)
    return {
        page: Plan(
            order[order.index(page) + 1],
            [
                _two(question, given[question.key])
                for question in questions_of(bank, page)
                if question.key in state.visible - leading and isinstance(question, Choice | Ladder)
            ],
        )
        for page in PAGES
    }


def _two(question: Question, given: PlainAnswer) -> tuple[str, str, str]:
    """Its field and two options. The second comes first, and is not what is stored."""
    assert isinstance(question, Choice | Ladder)
    other, one = sorted(
        (option.key for option in question.options[-2:]), key=lambda key: given == {"option": key}
    )
    return f"q_{question.key}", one, other


# ------------------------------------------------------------------- the floor


@contextmanager
def _bare_running(database: str, captured: Path, port: int, folder: Path) -> Iterator[int]:
    environment = {
        bare.DATABASE: database,
        bare.FOLDER: str(captured),
        bare.PORT: str(port),
        bare.WORKERS: "2",
    }
    with program("benchmarks.bare", environment=environment, log=folder / "bare.log") as process:
        wait_for(f"http://127.0.0.1:{port}/")
        yield process


def _capture(site: Site, port: int, captured: Path) -> None:
    """What the site answers, for the bare application to answer too."""
    for person in site.people[-len(PAGES) :]:
        plan = site.pages[person.page]
        for page in {person.page, plan.following}:
            address = f"http://127.0.0.1:{port}/assessments/{person.assessment}/pages/{page}"
            for ending, encoding in (("html", "identity"), ("gzip", "gzip")):
                headers = {
                    "Cookie": person.cookie, "User-Agent": AGENT, "Accept-Encoding": encoding
                }  # fmt: skip
                request = urllib.request.Request(address, headers=headers)
                with urllib.request.urlopen(request) as reply:  # noqa: S310  # our own server
                    (captured / f"{page}.{ending}").write_bytes(reply.read())
    (captured / "reply.json").write_bytes(_reply(site, port))


def _reply(site: Site, port: int) -> bytes:
    """What the site answers to a save of the longest page."""
    order = Order(port, site.people[1:2], site.pages, "save", 0.5)
    reply: str = _asked(order)["last"]
    return reply.encode()


def _fill(database: str, site: Site) -> None:
    """As many rows as the site has."""
    given = answer_file.read(ANSWERS.read_bytes(), file=str(ANSWERS)).answers
    engine = open_engine(database)
    bare.ANSWER.metadata.create_all(engine)
    with engine.begin() as connection:
        for assessment in {person.assessment for person in site.people}:
            rows = [
                {
                    "assessment_id": assessment,
                    "question_key": key,
                    "plain": plain,
                    "revision": 1,
                }
                for key, plain in given.items()
            ]
            connection.execute(insert(bare.ANSWER), rows)
    engine.dispose()


# ------------------------------------------------------------------------ words


def lines(name: str, measured: Throughput) -> Iterator[str]:
    """What was measured, for a terminal."""
    acts = (
        ("open a section", measured.section),
        ("  sent compressed", measured.packed),
        ("save an answer", measured.save),
    )
    for what, act in acts:
        yield (
            f"{what}, {name:<12}{act.ours:8.0f} a second   {act.ratio:6.2f} × bare Flask, same"
            f" bytes ({act.floor:.0f} a second); {act.thrift:.2f} × for the same processor time"
        )
    saves, eased = measured.saves, measured.eased
    yield (
        f"64 people, {name}: {measured.journey:.0f} requests a second; saves took"
        f" {saves.half:.0f}, {saves.most:.0f}, {saves.nearly_all:.0f} ms (50, 95, 99 %),"
        f" p99 = {saves.nearly_all / saves.half:.1f} × p50"
    )
    yield (
        f"  at {SHARE:.0%} of it 50 % within {eased.half:.0f}, 95 % within {eased.most:.0f} ms;"
        f" {len(measured.failures)} of {measured.saved} saves and pages failed;"
        f" clients took {measured.clients:.0%} of one processor"
    )
    for failure in measured.failures[:5]:
        yield f"  {failure}"


MEASURES = {"SQLite": on_sqlite, "PostgreSQL": on_postgresql}


def main() -> None:
    settings = Settings.from_environment(os.environ)
    for name in sys.argv[1:] or MEASURES:
        for line in lines(name, MEASURES[name](settings)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
