"""A bad line between browser and site, on loopback: it loses, delays, repeats, reorders, lies.

What befalls a request is drawn from the seed and from what the request is (its path, its number
within its page, how often it was tried), not from when it arrives. So a seed means the same
faults even if two requests change places. Only what pages send by script is hit by everything;
going to a page can fail too, and scripts and styles arrive.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

LONGEST_DELAY = 8.0
"""Seconds; multiplied by the line's `pace`, as the patience of the pages is."""

OVERTAKEN_BY = 3
"""So many later requests pass before one that is held back."""

LIMIT = 64 * 1024


class Fault(StrEnum):
    """What can befall a request."""

    NONE = "none"
    LOST = "lost"  # the site never hears of it
    UNANSWERED = "unanswered"  # the site has done it, the reply is lost
    CUT = "cut"  # the reply ends in its middle
    DELAY = "delay"
    LATE_REPLY = "late-reply"
    TWICE = "twice"  # arrives twice at the same moment
    AGAIN = "again"  # arrives once more much later, when newer ones have passed
    HELD = "held"  # later ones overtake it
    SIGNED_OUT = "signed-out"
    BROKEN = "broken"
    BUSY = "busy"


BY_SCRIPT: Mapping[Fault, int] = {
    Fault.NONE: 50,
    Fault.LOST: 8,
    Fault.UNANSWERED: 8,
    Fault.CUT: 4,
    Fault.DELAY: 7,
    Fault.LATE_REPLY: 6,
    Fault.TWICE: 4,
    Fault.AGAIN: 4,
    Fault.HELD: 4,
    Fault.SIGNED_OUT: 1,
    Fault.BROKEN: 2,
    Fault.BUSY: 2,
}
"""In a hundred requests of a script."""

BY_HAND: Mapping[Fault, int] = {Fault.NONE: 94, Fault.LOST: 2, Fault.DELAY: 2, Fault.BUSY: 2}
"""In a hundred pages that somebody goes to."""

_SIGNED_OUT = json.dumps({"state": "signed-out", "message": "Sign in.", "sign_in": "/login"})
_ANSWERS = {
    Fault.SIGNED_OUT: ("401 Unauthorized", "application/json", _SIGNED_OUT),
    Fault.BROKEN: ("500 Internal Server Error", "text/html", "<h1>Internal Server Error</h1>"),
    Fault.BUSY: ("503 Service Unavailable", "text/html", "<h1>Service Unavailable</h1>"),
}
"""What a machine between browser and site says, without asking the site."""


@dataclass
class Exchange:
    """One request, and what became of it. `status` and `reply` are what the site said."""

    method: str
    path: str
    body: bytes
    fault: Fault
    reached: bool = False
    status: int = 0
    reply: bytes = b""
    delivered: bool = False

    @property
    def sent(self) -> dict[str, Any]:
        return _json(self.body)

    @property
    def said(self) -> dict[str, Any]:
        return _json(self.reply.partition(b"\r\n\r\n")[2])


def _json(content: bytes) -> dict[str, Any]:
    """The object that was written; empty for anything else."""
    try:
        read = json.loads(content)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def chances(self) -> Mapping[Fault, int]:
        wanted = dict(self.headers).get("sec-fetch-dest")
        return {"empty": BY_SCRIPT, "document": BY_HAND}.get(wanted or "", {Fault.NONE: 1})

    @property
    def raw(self) -> bytes:
        left_out = ("connection", "accept-encoding")
        kept = [f"{name}: {value}" for name, value in self.headers if name not in left_out]
        lines = [f"{self.method} {self.path} HTTP/1.1", *kept, "connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1") + self.body


class Line:
    """The proxy. `weather` is one fault for everything that scripts send, or None for a mix."""

    def __init__(self, upstream: int, *, seed: int = 0, pace: float = 1.0) -> None:
        self.weather: Fault | None = Fault.NONE
        self.log: list[Exchange] = []
        self.port = 0
        self._upstream, self._seed, self._pace = upstream, seed, pace
        self._tries: Counter[str] = Counter()
        self._passed = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        """Listen on a free port, in a thread of its own."""
        self._thread.start()
        assert self._ready.wait(timeout=10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(timeout=10)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=LIMIT)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._ended.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # whoever hangs up, hangs up: that is what this is about
        with suppress(OSError, EOFError, asyncio.CancelledError):
            request = await _read(reader)
            if not await self._pass_on(request, writer):
                writer.transport.abort()
        self._tasks.discard(task)
        writer.close()

    # --------------------------------------------------------------- each one

    async def _pass_on(self, request: _Request, writer: asyncio.StreamWriter) -> bool:
        """Do what the seed says; False if the browser is to lose its connection."""
        fault, delay = self._befalls(request)
        known = Exchange(request.method, request.path, request.body, fault)
        self.log.append(known)
        if fault is Fault.LOST:
            return False
        if fault in _ANSWERS:
            await _write(writer, _answer(*_ANSWERS[fault]))
            return True
        if fault is Fault.DELAY:
            await asyncio.sleep(delay)
        if fault is Fault.HELD:
            await self._be_overtaken(delay)
        times = 2 if fault is Fault.TWICE else 1
        await asyncio.gather(*(self._ask(request, known) for _ in range(times)))
        self._passed += 1
        if fault is Fault.LATE_REPLY:
            await asyncio.sleep(delay)
        if fault is Fault.UNANSWERED or not known.reply:
            return False
        if fault is Fault.CUT:
            await _write(writer, known.reply[: len(known.reply) - len(known.reply) // 8 - 1])
            return True
        await _write(writer, known.reply)
        known.delivered = True
        if fault is Fault.AGAIN:
            writer.close()
            await asyncio.sleep(delay)
            await self._ask(request, Exchange(request.method, request.path, b"", fault))
        return True

    def _befalls(self, request: _Request) -> tuple[Fault, float]:
        what = f"{request.method} {request.path} {_json(request.body).get('seq')}"
        self._tries[what] += 1
        chance = Random(f"{self._seed} {what} {self._tries[what]}")
        delay = chance.uniform(0, LONGEST_DELAY) * self._pace
        (drawn,) = chance.choices(list(request.chances), list(request.chances.values()))
        if request.chances is BY_SCRIPT:
            return (drawn if self.weather is None else self.weather), delay
        return (drawn if self.weather is None else Fault.NONE), delay

    async def _be_overtaken(self, longest: float) -> None:
        until, later = self._loop.time() + longest, self._passed + OVERTAKEN_BY
        while self._passed < later and self._loop.time() < until:
            await asyncio.sleep(0.01)

    async def _ask(self, request: _Request, known: Exchange) -> None:
        """Hand it to the site and keep the reply; a site that is down says nothing."""
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
            try:
                writer.write(request.raw)
                await writer.drain()
                known.reached = True
                reply = await reader.read(-1)
            finally:
                writer.close()
            status = reply[9:12]
            if status.isdigit():
                known.reply, known.status = reply, int(status)


async def _read(reader: asyncio.StreamReader) -> _Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    length = int(dict(headers).get("content-length", "0"))
    return _Request(method, path, headers, await reader.readexactly(length))


def _answer(status: str, media_type: str, content: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(content)}"
    return f"{head}\r\nconnection: close\r\n\r\n{content}".encode()


async def _write(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()
