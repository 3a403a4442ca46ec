"""The site as it is started for real, and readers of it over real connections."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from survey.config import Settings
from survey.services import demo

PATIENCE = 60
"""Seconds until the site must answer."""


def environment(folder: Path, settings: Settings) -> dict[str, str]:
    """An installation of its own in `folder`, with one process that serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    others = {k: v for k, v in os.environ.items() if not k.startswith(("SURVEY_", "DATABASE_"))}
    return {
        **others,
        "SURVEY_FOLDER": str(folder),
        "SURVEY_FONTS": str(settings.fonts_folder),
        "SURVEY_PORT": str(port),
        "SURVEY_WORKERS": "1",
    }


@contextmanager
def running(given: dict[str, str]) -> Iterator[int]:
    """Serve until the block ends; gives the number of the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "survey", "run"], env=given, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(int(given["SURVEY_PORT"]))
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


class Reader:
    """Somebody who has signed in."""

    def __init__(self, port: int, email: str) -> None:
        self._port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._cookie = ""
        page = self.get("/login")[1].decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        form = {"csrf_token": token.group(1), "email": email, "password": demo.PASSWORD}
        assert self._ask("POST", "/login", urlencode(form))[0] in (302, 303)

    def get(self, url: str) -> tuple[int, bytes]:
        return self._ask("GET", url)

    def slowly(self, url: str, *, megabytes_per_second: int) -> int:
        """Download over a connection of its own; gives the bytes."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection.request("GET", url, headers={"Cookie": self._cookie})
        reply = connection.getresponse()
        assert reply.status == 200
        size = 0
        while piece := reply.read(256 * 1024):
            size += len(piece)
            time.sleep(len(piece) / 1024 / 1024 / megabytes_per_second)
        connection.close()
        return size

    def _ask(self, method: str, url: str, form: str | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": self._cookie, "Referer": f"http://127.0.0.1:{self._port}{url}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, url, form, headers)
        reply = self._connection.getresponse()
        if new := reply.headers.get("Set-Cookie"):
            self._cookie = new.partition(";")[0]
        return reply.status, reply.read()


def memory_of(process: int) -> float:
    """What a process and those that it started have in use, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    own = int(found.group(1)) / 1024 if found else 0.0
    return own + sum(memory_of(int(child)) for child in children.split())


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        except OSError:
            assert time.monotonic() < deadline, "the site does not answer"
            time.sleep(0.2)
        else:
            return
