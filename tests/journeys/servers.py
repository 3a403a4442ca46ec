"""The real server as a program: started, stopped politely, killed with everything it started."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

PATIENCE_SECONDS = 60


class Server:
    """`survey run` in a session of its own, so that all of its processes can be killed at once."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return int(self._environment["SURVEY_PORT"])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it without waiting until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "survey", "run"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError with its log if it never does."""
        self.begin()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.running:
            if self.answers():
                return
            time.sleep(0.1)
        raise RuntimeError(
            f"the site does not answer:\n{self._log.read_text(encoding='utf-8', errors='replace')}"
        )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/healthz", timeout=1).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def stop(self) -> None:
        """SIGTERM to the server, as at every restart of a service."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End every process with SIGKILL: the server, its workers, and the worker beside it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=20)


def environment_of(folder: Path, database_url: str, **changes: str) -> dict[str, str]:
    """The settings of a site that has its own folder and a free port."""
    fonts = os.environ.get("SURVEY_FONTS", str(Path("var/fonts").absolute()))
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "for journeys only, and long enough to be taken",
        "PASSWORD_SALT": "for journeys only, and long enough to be taken",
        "SURVEY_FOLDER": str(folder),
        "SURVEY_FONTS": fonts,
        "SURVEY_PORT": str(free_port()),
        "SURVEY_WORKERS": "1",
        "SURVEY_SWEEP_SECONDS": "2",
        **changes,
    }


def free_port() -> int:
    """Below those of connections, so that a server that starts again finds it free."""
    while True:
        port = secrets.choice(range(15_000, 32_000))
        with closing(socket.socket()) as listening, suppress(OSError):
            listening.bind(("127.0.0.1", port))
            return port
