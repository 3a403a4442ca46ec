"""64 people at their browsers, in a process of their own: the clients of the throughput run.

Reads an `Order` as JSON from the standard input and writes a `Tally` as JSON. It speaks HTTP
by hand over one connection for each person and knows the standard library alone, so that it
takes little of the processors from the server; what it takes is in the tally.
"""

import asyncio
import dataclasses
import json
import re
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from typing_extensions import override

AGENT = "crowd"
SAVES = 10
PATIENCE = 60.0
"""Seconds after which an answer counts as failed."""


@dataclass(frozen=True, slots=True)
class Person:
    cookie: str
    assessment: int
    page: str


@dataclass(frozen=True, slots=True)
class Order:
    """What to do, and for how many seconds.

    `pages` has for each page the page after it and the questions that are answered: each with
    two answers that it can take, as the value of the question's own field. `doing` is journey,
    get or save; `rate` is how many requests a second all together make, 0 for as many as the
    server takes. `encodings` is sent as Accept-Encoding.
    """

    port: int
    people: Sequence[Person]
    pages: Mapping[str, "Plan"]
    doing: str
    seconds: float
    rate: float = 0.0
    encodings: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    following: str
    questions: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Tally:
    """Milliseconds of every request by its kind (get, save, page), and what went wrong.

    `cpu` is the share of one processor that the clients took, `last` a reply to a save.
    """

    seconds: float
    times: Mapping[str, list[float]]
    failures: list[str]
    cpu: float
    last: str


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    head: bytes
    body: bytes


class Connection(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._head = b""
        self._pieces: list[bytes] = []
        self._left = -1

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def connection_lost(self, _exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server hung up"))

    async def ask(self, request: bytes) -> Reply:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._head, self._pieces, self._left = b"", [], -1
        self._transport.write(request)
        return await asyncio.wait_for(self._waiting, PATIENCE)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @override
    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._head = head
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            self._left = int(length.group(1)) if length else 0
        self._pieces.append(data)
        self._left -= len(data)
        if self._left == 0 and self._waiting is not None and not self._waiting.done():
            status = int(self._head[9:12])
            self._waiting.set_result(Reply(status, self._head, b"".join(self._pieces)))


class Visitor:
    """One person working; `times` and `failures` are shared by all of them."""

    def __init__(
        self,
        order: Order,
        person: Person,
        number: int,
        times: dict[str, list[float]],
        failures: list[str],
    ) -> None:
        self._order, self._person = order, person
        self._times, self._failures = times, failures
        self._until = time.perf_counter() + order.seconds
        self._pause = len(order.people) / order.rate if order.rate else 0.0
        self._turn = time.perf_counter() + self._pause * number / len(order.people)
        self._connection = Connection()
        self._cookie, self._token = person.cookie, ""
        self._seen: dict[str, str] = {}
        self._client, self._sequence = "", 0
        self._round = 0
        self._saves = number % (SAVES + 1)
        self.last = ""

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        _, self._connection = await loop.create_connection(
            Connection, "127.0.0.1", self._order.port
        )
        await self._open(self._person.page)
        self._until = time.perf_counter() + self._order.seconds
        try:
            while time.perf_counter() < self._until:
                await self._act()
        finally:
            self._connection.close()

    async def _act(self) -> None:
        match self._order.doing:
            case "get":
                await self._open(self._person.page)
            case "save":
                await self._save()
            case _:
                await self._journey()

    async def _journey(self) -> None:
        """The first is shorter for some than for others: people do not walk in step."""
        await self._open(self._person.page)
        saves, self._saves = self._saves, SAVES
        for _ in range(saves):
            await self._save()
            if time.perf_counter() > self._until:
                return
        await self._send_page()
        await self._open(self._plan.following)

    @property
    def _plan(self) -> Plan:
        return self._order.pages[self._person.page]

    async def _open(self, page: str) -> None:
        reply = await self._ask("get", f"/assessments/{self._person.assessment}/pages/{page}")
        if reply.status != 200:
            self._failures.append(f"get {reply.status}")
        elif page == self._person.page and b"content-encoding" not in reply.head.lower():
            html = reply.body.decode()
            self._seen = dict(re.findall(r'name="(q_[^"]*)\.seen" value="([^"]*)"', html))
            token = re.search(r'name="csrf_token" value="([^"]*)"', html)
            self._token = token.group(1) if token else ""
            self._client, self._sequence = str(uuid.uuid4()), 0

    async def _save(self) -> None:
        self._round += 1
        questions = self._plan.questions
        name, one, other = questions[self._round % len(questions)]
        value = one if self._round // len(questions) % 2 else other
        self._sequence += 1
        sent = {
            "fields": [[name, value], [f"{name}.seen", self._seen.get(name, "0.")]],
            "client": self._client,
            "seq": self._sequence,
        }
        address = (
            f"/assessments/{self._person.assessment}/answers/{name.removeprefix('q_')}"
            f"?page={self._person.page}"
        )
        more = (
            f"Content-Type: application/json\r\nAccept: application/json\r\n"
            f"X-CSRFToken: {self._token}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        )
        reply = await self._ask("save", address, more, json.dumps(sent).encode())
        if reply.status != 200:
            self._failures.append(f"save {reply.status} {reply.body[:200]!r}")
            return
        self.last = reply.body.decode()
        said = json.loads(self.last)
        self._seen[name] = said["seen"]
        if said["state"] != "saved":
            self._failures.append(f"save {said}")

    async def _send_page(self) -> None:
        fields = [("csrf_token", self._token)]
        questions = self._plan.questions
        for at, (name, one, other) in enumerate(questions):
            last = self._round - (self._round - at) % len(questions)
            if last > 0:
                value = one if last // len(questions) % 2 else other
                fields += [(f"{name}.seen", self._seen.get(name, "0.")), (name, value)]
        address = f"/assessments/{self._person.assessment}/pages/{self._person.page}"
        more = "Content-Type: application/x-www-form-urlencoded\r\n"
        reply = await self._ask("page", address, more, urlencode(fields).encode())
        if reply.status != 303:
            self._failures.append(f"page {reply.status}")

    async def _ask(self, kind: str, address: str, more: str = "", body: bytes = b"") -> Reply:
        encodings = self._order.encodings
        head = (
            f"{'POST' if more else 'GET'} {address} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self._order.port}\r\nUser-Agent: {AGENT}\r\n"
            f"Cookie: {self._cookie}\r\nContent-Length: {len(body)}\r\n{more}"
            f"{f'Accept-Encoding: {encodings}' + chr(13) + chr(10) if encodings else ''}\r\n"
        )
        started = time.perf_counter()
        if self._pause:
            await asyncio.sleep(max(0.0, self._turn - started))
            started = max(self._turn, started) if self._turn > started else self._turn
            self._turn += self._pause
        try:
            reply = await self._connection.ask(head.encode() + body)
        except (OSError, TimeoutError) as error:
            self._failures.append(f"{kind} {error!r}")
            raise
        if cookie := re.search(rb"(?i)\r\nset-cookie: *(qizhen=[^;]*)", reply.head):
            self._cookie = cookie.group(1).decode()
        self._times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
        return reply


async def _work(order: Order) -> Tally:
    times: dict[str, list[float]] = {}
    failures: list[str] = []
    started, used = time.perf_counter(), time.process_time()
    visitors = [
        Visitor(order, person, number, times, failures)
        for number, person in enumerate(order.people)
    ]
    await asyncio.gather(*(visitor.work() for visitor in visitors), return_exceptions=True)
    seconds = time.perf_counter() - started
    cpu = (time.process_time() - used) / seconds
    return Tally(seconds, times, failures, cpu, visitors[0].last)


def order_from(plain: Mapping[str, Any]) -> Order:
    people = [Person(**person) for person in plain["people"]]
    pages = {key: Plan(**page) for key, page in plain["pages"].items()}
    return Order(**{**plain, "people": people, "pages": pages})


def main() -> None:
    tally = asyncio.run(_work(order_from(json.load(sys.stdin))))
    json.dump(dataclasses.asdict(tally), sys.stdout)


if __name__ == "__main__":
    main()
