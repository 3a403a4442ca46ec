"""What a file says that anybody may have sent, found out in a process of its own.

Whatever such a file does to a reader of PDFs ends with that process: it may take so much of a
processor and of memory, and it knows no secret. It is a fresh one, not a copy of the caller:
the caller has threads. `python -m survey.pdf.strangers SECONDS BYTES` is that process; it reads
the file from its input and writes what it found as JSON, or null for a file that is no report.
"""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from survey.core.errors import SurveyError
from survey.pdf import proof
from survey.pdf.proof import NotAReport, Proof

AT_ONCE = 2
"""Files in the hands of one server process."""

CPU_SECONDS = 5
WALL_SECONDS = 15
MEMORY = 384 * 1024 * 1024
"""Bytes of addresses; an ordinary report takes a third of it."""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")
"""The part of the environment that a process needs to start."""

_STARTED = b"\n"
"""Written before the file is touched: whatever ends the process afterwards is the file's doing,
and a process without memory ends in many ways. JSON may begin with it."""

_ROOT = Path(__file__).parents[2]
_PROOF: TypeAdapter[Proof | None] = TypeAdapter(Proof | None)
places = threading.BoundedSemaphore(AT_ONCE)


class Busy(SurveyError):
    """As many files as may be are being looked at already, or the machine has too much to do."""

    code = "checking-busy"


class Broken(Exception):
    """A fault of the program in the other process; the text says where."""


def inspect(content: bytes) -> Proof:
    """Read a file that claims to be a report, as `proof.inspect` does.

    Raises NotAReport, also for a file that takes more than its limits; Busy; Broken.
    """
    if not proof.is_pdf(content):
        raise NotAReport
    if not places.acquire(blocking=False):
        raise Busy
    try:
        found = _PROOF.validate_json(_asked(content))
    finally:
        places.release()
    if found is None:
        raise NotAReport
    return found


def _asked(content: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "survey.pdf.strangers", str(CPU_SECONDS), str(MEMORY)],
            input=content,
            capture_output=True,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Busy from error
    if not done.stdout.startswith(_STARTED):
        raise Broken(done.stderr.decode(errors="replace"))
    if done.returncode:
        raise NotAReport
    return done.stdout


# ---------------------------------------------------------------------- inside


def answer(content: bytes) -> bytes:
    """What the other process writes."""
    try:
        return _PROOF.dump_json(proof.inspect(content))
    except (NotAReport, PydanticSerializationError):  # the latter: half a character in its name
        return _PROOF.dump_json(None)


def _main() -> None:
    seconds, memory = map(int, sys.argv[1:])
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    output = sys.stdout.buffer
    output.write(_STARTED)
    output.flush()
    output.write(answer(sys.stdin.buffer.read()))


if __name__ == "__main__":
    _main()
