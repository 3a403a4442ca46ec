"""A PostgreSQL of our own for one test run: started in a temporary folder, thrown away after.

The server refuses to run as root, so root starts it as an unprivileged user.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

USERS = ("postgres", "nobody")
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=100"
DURABLE = "-c max_connections=100"
"""For measuring: every promise is kept, as on a real server."""


def binaries() -> Path:
    """The folder of the newest initdb. Raises FileNotFoundError with the remedy."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    if newest is None:
        raise FileNotFoundError("PostgreSQL is missing: install the package postgresql.")
    return newest.parent


def start(folder: Path, settings: str = FAST) -> str:
    """The address of the server's database ``postgres``; started if it is not running yet.

    Several processes of one test run ask at once and share one server. There is no port,
    only a socket in the folder.
    """
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").exists():
            _start(folder, settings)
    return f"postgresql+psycopg://test@/postgres?host={folder}"


def stop(folder: Path) -> None:
    """End the server if one was started."""
    data = folder / "data"
    if (data / "postmaster.pid").exists():
        _run(_unprivileged(folder), "pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def kill(folder: Path) -> None:
    """End every process of the server with SIGKILL, as if the machine had run out of memory."""
    pid_file = folder / "data" / "postmaster.pid"
    server = int(pid_file.read_text(encoding="ascii").split()[0])
    processes = [server, *_children(server)]
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while any(Path(f"/proc/{pid}").exists() for pid in processes):
        time.sleep(0.05)
    pid_file.unlink()


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            facts = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            if int(facts.split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _start(folder: Path, settings: str) -> None:
    user, data = _unprivileged(folder), folder / "data"
    if not data.exists():
        _run(user, "initdb", "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8",
             "--no-locale", "--no-sync")  # fmt: skip
    options = f"-c listen_addresses= -c unix_socket_directories={folder} {settings}"
    _run(user, "pg_ctl", "-D", str(data), "-o", options, "-w", "-l", str(folder / "log"), "start")


def _unprivileged(folder: Path) -> str | None:
    """Give the folder to a user who may run the server; None if we may ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in USERS if name in known)
    shutil.chown(folder, user)
    return user


def _run(user: str | None, program: str, *arguments: str) -> None:
    as_user: Sequence[str] = ("runuser", "-u", user, "--") if user else ()
    command = (*as_user, str(binaries() / program), *arguments)
    # pg_ctl leaves the server running: it must not inherit a pipe that we would wait for.
    done = subprocess.run(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {' '.join(command)}")
