"""The site as it is started for real, and readers of it over real connections."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from urllib.parse import urlencode

from flask import Flask
from flask_login.utils import _create_identifier

from survey.config import Settings
from survey.services import demo
from survey.store.models import User

PATIENCE_SECONDS = 60


@contextmanager
def running(settings: Settings, port: int) -> Iterator[int]:
    """`survey run` until the block ends; gives the number of the process."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": settings.queue_url,
        "SECRET_KEY": settings.secret_key,
        "PASSWORD_SALT": settings.password_salt,
        "SURVEY_FOLDER": str(settings.folder),
        "SURVEY_FONTS": str(settings.fonts_folder),
        "SURVEY_PORT": str(port),
        "SURVEY_WORKERS": str(settings.workers),
        "SURVEY_SAVES_A_MINUTE": "1000000",  # these people do not stop to think
    }
    log = settings.folder / "log"
    with program("survey", "run", environment=environment, log=log) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield process


@contextmanager
def program(
    module: str, *arguments: str, environment: Mapping[str, str], log: Path
) -> Iterator[int]:
    command = [sys.executable, "-m", module, *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=file, stderr=file
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(address: str) -> None:
    """Until there is any answer. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=1).close()  # noqa: S310  # our own server
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


def free_port() -> int:
    with closing(socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def cookie_of(app: Flask, user: User, *, agent: str) -> str:
    """The session of somebody who has signed in with this browser, in Chinese."""
    headers = {"User-Agent": agent}
    with app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}, headers=headers):
        identifier = _create_identifier()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(
            _user_id=user.fs_uniquifier,
            _fresh=True,
            _id=identifier,
            fs_cc="set",
            fs_paa=time.time(),
            language="zh",
        )
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"


class Reader:
    """Somebody who has signed in."""

    def __init__(self, port: int, email: str) -> None:
        self._port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
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
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
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


def processor_of(process: int) -> float:
    """Seconds of a processor that a process and those that it started have taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return own + sum(processor_of(int(child)) for child in children.split())


def memory_of(process: int) -> float:
    """What a process and those that it started have in use, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    own = int(found.group(1)) / 1024 if found else 0.0
    return own + sum(memory_of(int(child)) for child in children.split())
