"""The whole assessment over a poor connection: 50 kB/s, 800 ms there and back, 2 % loss.

A real browser goes through a gate of ours. All connections share 50 kB/s in each direction.
A connection that is opened waits once for the way there and back, as for TCP's handshake. Of
the pieces of 1460 bytes, 2 in 100 are lost: such a piece and what follows it on its connection
come 1 s later, which is how a reader meets a loss that TCP repairs. Which are lost is always
the same. Exits with 1 if a budget of bytes is broken.
"""

import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from sqlalchemy.orm import Session

from benchmarks.servers import cookie_of, free_port, running
from benchmarks.site import apart
from survey.application import create_app
from survey.config import Settings
from survey.core.answers import PlainAnswer
from survey.core.bank import Bank
from survey.core.text import Locale
from survey.exchange import answer_file, yaml_bank
from survey.services import accounts, assessments, banks
from survey.services.people import FIRM, actor_of
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import Assessment
from survey.web.forms import page_form, questions_of, shown

RATE = 50_000
"""Bytes a second, in each direction."""

ROUND_TRIP = 0.8
LOSS = 0.02
REPAIRED_AFTER = 1.0
"""Seconds."""

SEGMENT = 1460
SEED = 5
AGENT = "slow-link"

FIRST_PAGE, NEXT_PAGE, SCRIPTS = 100_000, 30_000, 50_000
"""Bytes over the wire: a first page of questions with all it needs, any other, all scripts."""

BANKS = Path("questionnaires/manufacturing-transformation")
BANK = max(BANKS.glob("*.yaml"), key=lambda path: int(path.stem))
"""The newest version."""

ANSWERS = Path("seeds/answers/hengyao-motors.yaml")
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE = 120_000
"""Milliseconds."""

FILL = """(fields) => {
  const form = document.getElementById("answers");
  let filled = 0;
  for (const [name, values] of fields)
    for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (input.closest("fieldset").disabled) continue;
      const box = /^(radio|checkbox)$/.test(input.type);
      const now = box ? input.checked : input.value;
      const due = box ? values.includes(input.value) : values[0];
      if (now === due) continue;
      input[box ? "checked" : "value"] = due;
      input.dispatchEvent(new Event("input", {bubbles: true}));
      input.dispatchEvent(new Event("change", {bubbles: true}));
      filled += 1;
    }
  return filled;
}"""

SAVED = """() => {
  const { saving } = JSON.parse(document.getElementById("outbox").dataset.words);
  return ![...document.querySelectorAll("p.state")].some((line) => line.textContent === saving);
}"""


class Gate:
    """The poor connection: a port that leads to another one, slowly."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._free_at = {"up": 0.0, "down": 0.0}
        self._chance = random.Random(SEED)  # noqa: S311  # the same losses every time
        self._loop = asyncio.new_event_loop()
        self.bytes = {"up": 0, "down": 0}
        self.lost = 0
        self.port = free_port()

    def run(self) -> None:
        """For a thread of its own, until `stop`."""
        asyncio.set_event_loop(self._loop)
        opening = asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self._loop.run_until_complete(opening)
        self._loop.run_forever()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(ROUND_TRIP)
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(self._carry("up", reader, back), self._carry("down", there, writer))

    async def _carry(
        self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Read on while earlier pieces are still on their way: they overlap, in order."""
        arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(arriving, writer))
        latest = 0.0
        try:
            while piece := await reader.read(SEGMENT):
                self.bytes[way] += len(piece)
                now = self._loop.time()
                self._free_at[way] = max(now, self._free_at[way]) + len(piece) / RATE
                due = self._free_at[way] + ROUND_TRIP / 2
                if self._chance.random() < LOSS:
                    self.lost += 1
                    due += REPAIRED_AFTER
                latest = max(latest, due)
                arriving.put_nowait((latest, piece))
                await asyncio.sleep(self._free_at[way] - now)
        except OSError:
            pass
        arriving.put_nowait((latest, b""))
        await delivery

    async def _deliver(
        self, arriving: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
    ) -> None:
        while True:
            due, piece = await arriving.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)


@dataclass(slots=True)
class Wire:
    """Bytes of every answer that the browser was sent, by address without what follows the ?."""

    answers: dict[str, int]

    def listen(self, page: Page) -> None:
        """Ask the browser itself: bytes as they came, heads included."""
        session = page.context.new_cdp_session(page)
        addresses: dict[str, str] = {}
        session.send("Network.enable")
        session.on(
            "Network.responseReceived",
            lambda event: addresses.update({event["requestId"]: event["response"]["url"]}),
        )
        session.on("Network.loadingFinished", lambda event: self._note(addresses, event))

    def _note(self, addresses: dict[str, str], event: dict[str, object]) -> None:
        address = addresses.get(str(event["requestId"]), "").partition("?")[0]
        size = event["encodedDataLength"]
        assert isinstance(size, int | float)
        self.answers[address] = max(self.answers.get(address, 0), int(size))

    def sizes(self, part: str) -> list[int]:
        return [size for address, size in self.answers.items() if part in address]


@dataclass(frozen=True, slots=True)
class Measured:
    """`first` is the largest page of questions with all files, `following` the largest alone."""

    questions: int
    seconds: float
    down: int
    up: int
    lost: int
    first: int
    following: int
    scripts: int

    @property
    def broken(self) -> bool:
        return self.first > FIRST_PAGE or self.following > NEXT_PAGE or self.scripts > SCRIPTS


def measured(settings: Settings) -> Measured:
    """Answer the assessment and submit it."""
    with tempfile.TemporaryDirectory() as name:
        settings = apart(settings, Path(name))
        assessment_id, cookie = _begun(settings)
        port = free_port()
        with running(settings, port), _gate(port) as gate, sync_playwright() as playwright:
            program = next(path for path in BROWSERS if Path(path).exists())
            browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
            context = browser.new_context(locale="zh-CN", user_agent=AGENT)
            _sign_in(context, gate.port, cookie)
            wire = Wire({})
            started = time.monotonic()
            questions = _answer_all(context.new_page(), wire, gate.port, assessment_id)
            seconds = time.monotonic() - started
            browser.close()
        assert _is_submitted(settings, assessment_id)
    pages, scripts = wire.sizes("/pages/"), wire.sizes(".js")
    files = sum(wire.sizes("/static/"))
    return Measured(
        questions=questions,
        seconds=seconds,
        down=gate.bytes["down"],
        up=gate.bytes["up"],
        lost=gate.lost,
        first=max(pages) + files,
        following=max(pages),
        scripts=sum(scripts),
    )


@contextmanager
def _gate(port: int) -> Iterator[Gate]:
    gate = Gate(port)
    thread = threading.Thread(target=gate.run, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        gate.stop()
        thread.join(timeout=10)


def _begun(settings: Settings) -> tuple[int, str]:
    """A firm whose owner has just started; nothing is answered."""
    engine = open_engine(settings.database_url)
    migrate.upgrade(engine)
    data, _bank = yaml_bank.read(BANK.read_bytes(), file=str(BANK))
    now = datetime.now(UTC)
    with Session(engine) as session, session.begin():
        draft = banks.store_draft(session, data=data, now=now)
        version = banks.publish(session, draft.id, now=now)
        user = accounts.create_user(
            session,
            email="owner@example.com",
            name="王强",
            password_hash="!",  # noqa: S106  # no password has it
            roles=[FIRM],
            locale=Locale.ZH,
            now=now,
        )
        accounts.register_firm(session, user=user, firm_name="示例企业", now=now)
        owner = actor_of(session, user.id)
        begun = assessments.start(session, owner, version_id=version.id, now=now)
        session.flush()
        found = begun.id, cookie_of(create_app(settings), user, agent=AGENT)
    engine.dispose()
    return found


def _sign_in(context: BrowserContext, port: int, cookie: str) -> None:
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])


def _answer_all(page: Page, wire: Wire, port: int, assessment_id: int) -> int:
    """Page by page, as far as questions show; returns how many were answered."""
    page.set_default_timeout(PATIENCE)
    wire.listen(page)
    _, bank = yaml_bank.read(BANK.read_bytes(), file=str(BANK))
    given = answer_file.read(ANSWERS.read_bytes(), file=str(ANSWERS)).answers
    here = f"http://127.0.0.1:{port}/assessments/{assessment_id}"
    page.goto(f"{here}/pages/profile")
    answered = 0
    while "/pages/" in page.url:
        key = page.url.partition("?")[0].partition("#")[0].rpartition("/")[2]
        wanted = {q.key: given[q.key] for q in questions_of(bank, key) if q.key in given}
        while page.evaluate(FILL, _fields(bank, key, wanted)):
            page.wait_for_function(SAVED)
        answered += len(wanted)
        page.click("form#answers .acts button.btn-primary")
        page.wait_for_url(lambda address: f"/pages/{key}" not in address)  # noqa: B023  # at once
        print(f"  {key}: {answered} answers", file=sys.stderr, flush=True)
    page.click("form[action$='/submit'] button")
    page.wait_for_url("**/result**")
    return answered


def _fields(bank: Bank, key: str, wanted: dict[str, PlainAnswer]) -> list[tuple[str, list[str]]]:
    """What stands in the page once these answers are given."""
    form = page_form(bank, "", key, Locale.ZH)(data=shown(wanted))
    return [
        (field.part_name(part), values)
        for name, field in form.questions.items()
        if name in wanted
        for part, values in field.typed.items()
    ]


def _is_submitted(settings: Settings, assessment_id: int) -> bool:
    engine = open_engine(settings.database_url)
    with Session(engine) as session:
        found = session.get_one(Assessment, assessment_id).submitted_at is not None
    engine.dispose()
    return found


def lines(found: Measured) -> Iterator[str]:
    """What was measured, for a terminal."""
    yield (
        f"{found.questions} answers at 50 kB/s, 800 ms, 2 % loss: {found.seconds:.0f} s,"
        f" {found.down / 1000:.0f} kB down, {found.up / 1000:.0f} kB up, {found.lost} pieces lost"
    )
    budgets = (
        ("first page of questions", found.first, FIRST_PAGE),
        ("any other", found.following, NEXT_PAGE),
        ("scripts", found.scripts, SCRIPTS),
    )
    for what, size, most in budgets:
        verdict = "" if size <= most else "  TOO MUCH"
        yield f"  {what:<24}{size / 1000:7.1f} kB of {most / 1000:.0f}{verdict}"


def main() -> int:
    found = measured(Settings.from_environment(os.environ))
    for line in lines(found):
        print(line, flush=True)
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
