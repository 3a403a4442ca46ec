"""Three colleagues, a bad line, a server and browsers that die: nothing that was typed is lost.

A seed decides who edits what and what goes wrong. Three seeds belong to the tests; `make soak`
tries many more (SURVEY_SOAK=100).
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, Playwright
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.core import document
from survey.core.bank import Kind
from survey.core.editions import FULL
from survey.core.text import Locale
from survey.services import accounts, assessments
from survey.services.people import FIRM, actor_of
from survey.store.db import open_engine
from tests.builders import (
    a_profile,
    bank_data,
    benchmark,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    text,
    two_years,
    words,
    yes_no,
)
from tests.journeys import judge
from tests.journeys.colleagues import SAVED, Colleague
from tests.journeys.conftest import ARGUMENTS, CHROMIUM, PASSWORD, a_person
from tests.journeys.edits import Fields, boxes, choose, edit, fields_on, keys_on
from tests.journeys.judge import Attempt
from tests.journeys.proxy import Fault, Line
from tests.journeys.servers import Server, environment_of
from tests.stored import NOW, a_version

EDITS = 500
PACE = 0.1
"""Delays of the line, and the patience of the pages, are a tenth of what they are outside."""

PAGES = ("profile", "part-1", "part-2", "part-3", "outcomes")
PEOPLE = (
    ("王强", "owner@example.com"),
    ("赵倩", "member@example.com"),
    ("孙洁", "second@example.com"),
)
SEEDS = range(1, 1 + int(os.environ.get("SURVEY_SOAK", "3")))


def one_part(n: int) -> dict[str, Any]:
    """A section with every kind of question, and two that apply only now and then."""
    first = domain(
        f"first-{n}",
        ladder(f"planning-{n}", not_applicable="with-reason"),
        multiple(f"security-{n}"),
        number(f"years-{n}", decimals=2),
        ratio(f"share-{n}"),
    )
    second = domain(
        f"second-{n}",
        matrix(f"systems-{n}"),
        requirements(f"scheduling-{n}"),
        benchmark(f"energy-{n}"),
        yes_no(f"conditions-{n}"),
        words(f"product-{n}", maximum_length=200),
        words(f"site-{n}", when={"question": f"planning-{n}", "at_least": 2}),
        ladder(f"depth-{n}", when={"question": f"years-{n}", "at_least": 25}),
    )
    return section(f"part-{n}", "ABC"[n - 1], first, second, weight=34 if n == 1 else 33)


def the_bank() -> dict[str, Any]:
    turnover = number("turnover", unit=text(), maximum=1000, decimals=2, bands=[], advice=[])
    figures = a_profile(two_years(), turnover)
    return bank_data(*(one_part(n) for n in (1, 2, 3)), outcomes=figures)


# ------------------------------------------------------------------- the storm


@dataclass
class Storm:
    """Everything that takes part, and what has been seen so far."""

    seed: int
    server: Server
    line: Line
    people: list[Colleague]
    user_ids: dict[str, int]
    assessment_id: int
    attempts: list[Attempt] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    stumbles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    # ---------------------------------------------------------------- editing

    def go(self, person: Colleague, page_key: str) -> None:
        place = f"/assessments/{self.assessment_id}/pages/{page_key}"
        person.go(self.line.address + place, PASSWORD)

    def one_edit(self) -> None:
        """Somebody changes something. A page that is just going away is asked once more."""
        person = self.chance.choice(self.people)
        mark = len(self.attempts) + 1
        if self.line.weather is None and self.chance.random() < 0.08:
            self.go(person, self.chance.choice(PAGES))
        asked = boxes(person.page)
        if not asked:
            self.go(person, self.chance.choice(PAGES))
            return
        box = self.chance.choice([b for b in asked if b.clash] * 3 + asked)
        before = fields_on(person.page, box.question)
        if box.clash and self.chance.random() < 0.6:
            choose(person.page, box, self.chance)
            return
        try:
            edit(person.page, box, self.chance, mark, person.name)
        finally:  # an edit that was broken off has replaced what stood there, too
            self._note(person, box.question, before, mark)

    def _note(self, person: Colleague, question: str, before: Fields, mark: int) -> None:
        now = fields_on(person.page, question)
        if now != before:
            self.attempts.append(
                Attempt(
                    mark,
                    person.name,
                    self.user_ids[person.email],
                    person.visit,
                    question,
                    now,
                    time.monotonic(),
                )
            )

    def edits(self, count: int) -> None:
        until = len(self.attempts) + count
        while len(self.attempts) < until:
            try:
                self.one_edit()
            except BrowserError as error:
                self.stumbles.append(error.message)

    # ----------------------------------------------------------------- events

    def order_of_events(self) -> list[Callable[[], None]]:
        """Everything that happens besides the bad line, shuffled."""
        weathers = (Fault.LOST, Fault.SIGNED_OUT, Fault.BROKEN, Fault.BUSY)
        events: list[Callable[[], None]] = [
            *(partial(self.under, weather) for weather in weathers),
            self.restart,
            self.kill_server,
            self.kill_browser,
            self.kill_browser,
            self.close_window,
            self.sign_out,
        ]
        self.chance.shuffle(events)
        return events

    def under(self, weather: Fault) -> None:
        """Every request of a page meets this fault: no page may claim otherwise."""
        self.line.weather = weather
        self.people[0].page.wait_for_timeout(int(8000 * PACE) + 200)
        begun = len(self.attempts)
        self.edits(8)
        for attempt in self.attempts[begun:]:
            person = next(p for p in self.people if p.name == attempt.who)
            if person.visit == attempt.visit and not self._is_told(person, attempt, weather):
                said = person.said_about(attempt.question)
                self.untrue.append(f"under {weather} the page says {said!r} about {attempt}")
        self.line.weather = None

    @staticmethod
    def _is_told(person: Colleague, attempt: Attempt, weather: Fault) -> bool:
        return person.wait_until(lambda: tells(person.said_about(attempt.question), weather), 8)

    def restart(self) -> None:
        self.server.stop()
        self.server.begin()

    def kill_server(self) -> None:
        self.server.kill()
        self.server.begin()

    def kill_browser(self) -> None:
        person = self.chance.choice(self.people)
        self._was_said(person)
        person.kill()
        self._come_back(person)

    def close_window(self) -> None:
        """The window goes without being asked whether it may."""
        person = self.chance.choice(self.people)
        self._was_said(person)
        person.close()
        self._come_back(person)

    def _was_said(self, person: Colleague) -> None:
        """Note which answers of the open page it had said nothing about so far."""
        for attempt in self.attempts:
            if attempt.who == person.name and attempt.visit == person.visit:
                attempt.said = any(
                    claim.at >= attempt.at and claim.question == attempt.question
                    for claim in person.claims
                )

    def _come_back(self, person: Colleague) -> None:
        person.open()
        self.go(person, self.chance.choice(PAGES))

    def sign_out(self) -> None:
        person = self.chance.choice(self.people)
        person.sign_out_unnoticed()
        self.edits(4)
        person.sign_in_beside(self.line.address, PASSWORD)

    # -------------------------------------------------------------- afterwards

    @property
    def picked(self) -> list[str]:
        """The questions that are one group of radio buttons."""
        bank = document.read(the_bank())
        return [q.key for q in bank.questions.values() if q.kind in (Kind.CHOICE, Kind.LADDER)]

    def calm(self) -> None:
        """The faults stop, everybody opens every page once more, and nothing is left to send."""
        self.line.weather = Fault.NONE
        for person in self.people:
            for page_key in PAGES:
                self.go(person, page_key)
            self._has_sent_everything(person)

    @staticmethod
    def _has_sent_everything(person: Colleague) -> None:
        done = person.wait_until(lambda: not unsent(person.page), 20)
        assert done, f"{person.name} still has {unsent(person.page)} to send"

    def shown(self) -> dict[str, Fields]:
        """What every question shows, hidden ones too, in a browser that keeps nothing."""
        found: dict[str, Fields] = {}
        with self.people[0].elsewhere() as fresh:
            for page_key in PAGES:
                self.go(fresh, page_key)
                found |= {key: fields_on(fresh.page, key) for key in keys_on(fresh.page)}
        return found


UNSENT = """async () => {
  const asked = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const database = await asked(indexedDB.open("qizhen"));
  const entries = await asked(database.transaction("outbox").objectStore("outbox").getAll());
  database.close();
  return entries.filter((entry) => entry.state === "waiting"); }"""


def unsent(page: Page) -> list[dict[str, Any]]:
    """The answers that this browser still keeps to be sent; not those that wait for a choice."""
    entries: list[dict[str, Any]] = page.evaluate(UNSENT)
    return entries


WORDS = {
    Fault.LOST: re.compile("(No connection|Cannot reach the site).*kept on this device"),
    Fault.SIGNED_OUT: re.compile("signed out.*kept on this device"),
    Fault.BROKEN: re.compile("is not responding as it should.*kept on this device"),
    Fault.BUSY: re.compile("is not responding as it should.*kept on this device"),
}
"""What a page says under each weather."""


GIVEN_UP = re.compile("Yours is kept on this device and goes into the history")
"""What it says if somebody chose a colleague's answer over one that could not be sent yet."""


def tells(said: str, weather: Fault) -> bool:
    """Whether the words are true of this fault, and say what they should."""
    told = WORDS[weather].search(said) or GIVEN_UP.search(said)
    return not SAVED.match(said) and told is not None


# -------------------------------------------------------------------- the test


@contextmanager
def storm(seed: int, database_url: str, folder: Path, playwright: Playwright) -> Iterator[Storm]:
    """A site on a bad line, and three people who have a page open."""
    environment = environment_of(folder, database_url)
    assessment_id, user_ids = three_people(Settings.from_environment(environment))
    server = Server(environment, folder / "log")
    line = Line(server.port, seed=seed, pace=PACE)
    people = [
        Colleague(playwright, launch(folder / f"profile-{n}"), name=name, email=email, pace=PACE)
        for n, (name, email) in enumerate(PEOPLE)
    ]
    with ExitStack() as after:
        after.callback(server.kill)
        server.start()
        line.start()
        after.callback(line.stop)
        for person in people:
            after.callback(person.close)
            person.open()
        yield Storm(seed, server, line, people, user_ids, assessment_id)


def launch(profile: Path) -> dict[str, Any]:
    return {
        "user_data_dir": str(profile),
        "executable_path": CHROMIUM,
        "args": list(ARGUMENTS),
        "locale": "en-GB",
        "viewport": {"width": 640, "height": 400},
    }


def three_people(settings: Settings) -> tuple[int, dict[str, int]]:
    """A firm of three who answer one assessment."""
    app = application.create_app(settings)
    engine = open_engine(settings.database_url)
    with app.app_context(), Session(engine) as session:
        users = [a_person(session, email, name, FIRM, locale=Locale.EN) for name, email in PEOPLE]
        accounts.register_firm(session, user=users[0], firm_name="江海阀门有限公司", now=NOW)
        owner = actor_of(session, users[0].id)
        for user in users[1:]:
            accounts.add_member(session, owner, user=user, now=NOW)
        version = a_version(session, the_bank())
        begun = assessments.start(session, owner, version_id=version.id, edition=FULL, now=NOW)
        session.commit()
        found = begun.id, {user.email: user.id for user in users}
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("seed", "database"),
    [(seed, "sqlite" if seed % 2 else "postgresql") for seed in SEEDS],
    indirect=["database"],
)
def test_nothing_is_lost_whatever_fails(
    seed: int, database: str, tmp_path: Path, playwright: Playwright
) -> None:
    with storm(seed, database, tmp_path, playwright) as it:
        for person in it.people:
            it.go(person, it.chance.choice(PAGES))
        for act in it.order_of_events():
            it.line.weather = None
            it.edits(EDITS // 12)
            act()
        it.edits(EDITS - len(it.attempts))

        it.calm()
        shown = it.shown()
        kept = judge.stored(database, it.assessment_id, it.picked)

    faults = [
        *it.untrue,
        *judge.faults(it.attempts, it.line.log, kept),
        *judge.false_claims(it.people, it.line.log),
    ]
    assert not faults, "\n".join([f"seed {seed}:", *faults])
    assert shown == {key: kept.present.get(key, (0, frozenset()))[1] for key in shown}
