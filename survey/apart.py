"""One call in a process of its own, within limits, so that whatever it meets ends there.

For `call` the process is a copy of this one: what was loaded here need not be loaded again, and
what it fills is given back when it ends. It does not outlive its caller, however that ends.

For `ask_a_fresh_one` it is a fresh one, which knows no secret and may be started beside threads:
it looks into what a stranger has sent.
"""

import ctypes
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from survey.core.errors import Facts, SurveyError

Progress = Callable[[int], None]
T = TypeVar("T")

_PDEATHSIG = 1
_PROGRESS = "progress"
_NO_MEMORY = 12
"""How a process ends that was refused more memory."""

_CRASHES = (-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGSEGV, -signal.SIGBUS)
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may take: of a processor, of the clock, and of memory on top of ours."""

    cpu_seconds: int
    wall_seconds: int
    memory_mb: int


class OutOfTime(SurveyError):
    """The call took more than `seconds`, of the kind that `setting` limits."""

    code = "report-out-of-time"


class OutOfMemory(SurveyError):
    """The call wanted more than `megabytes`."""

    code = "report-out-of-memory"


class Refused(SurveyError):
    """A refusal inside, as it is told outside."""

    def __init__(self, code: str, facts: Facts) -> None:
        self.code = code
        super().__init__(**facts)


class Broken(Exception):
    """A fault of the program inside; the text says where."""


class Lost(Exception):
    """The process was ended from outside: the call itself is not to blame."""


def call(
    work: Callable[[Progress], T],
    limits: Limits,
    *,
    hear: Progress,
    beat: Callable[[], None],
    every: float,
) -> T:
    """Call `work` and return what it returns, which must be picklable.

    `hear` is told the per cents that `work` tells; `beat` is called every so many seconds.
    If either raises, the process is ended.

    Raises OutOfTime, OutOfMemory, Refused for a SurveyError, Broken, Lost.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    caller, before = os.getpid(), _memory()
    child = os.fork()
    if child == 0:
        receiver.close()
        _inside(work, limits, sender, caller, before)
    sender.close()
    with receiver:
        try:
            answer = _listen(receiver, hear, beat, every, limits.wall_seconds)
        except EOFError:
            raise _verdict(*_ended(child), limits, before) from None
        except BaseException:
            _kill(child)
            raise
    if answer is None:
        _kill(child)
        raise OutOfTime(seconds=limits.wall_seconds, setting="SURVEY_REPORT_WALL_SECONDS")
    _ended(child)
    value: T = _told(*answer)
    return value


# --------------------------------------------------------------------- outside


def _listen(
    receiver: Connection, hear: Progress, beat: Callable[[], None], every: float, seconds: float
) -> tuple[str, Any] | None:
    """What the process answers; None if it has not within so many seconds.

    Raises EOFError if it ended without an answer.
    """
    now = time.monotonic()
    end, next_beat = now + seconds, now + every
    while now < end:
        if receiver.poll(max(0.0, min(next_beat, end) - now)):
            kind, value = receiver.recv()
            if kind != _PROGRESS:
                return kind, value
            hear(value)
        now = time.monotonic()
        if now >= next_beat:
            beat()
            next_beat = now + every
    return None


def _told(kind: str, value: Any) -> Any:
    match kind:
        case "made":
            return value
        case "refused":
            raise Refused(*value)
        case _:
            raise Broken(value)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _ended(child: int) -> tuple[int, resource.struct_rusage]:
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage


def _verdict(
    code: int, usage: resource.struct_rusage, limits: Limits, before: "_Memory"
) -> Exception:
    """Why a process ended that did not answer. Libraries in C crash for want of memory."""
    grown = usage.ru_maxrss * 1024 - before.written
    if code == -signal.SIGXCPU or usage.ru_utime + usage.ru_stime >= limits.cpu_seconds:
        return OutOfTime(seconds=limits.cpu_seconds, setting="SURVEY_REPORT_CPU_SECONDS")
    if code == _NO_MEMORY or (code in _CRASHES and grown > limits.memory_mb * _MEGABYTE / 2):
        return OutOfMemory(megabytes=limits.memory_mb, setting="SURVEY_REPORT_MEMORY_MB")
    if code == -signal.SIGKILL:
        return Lost(f"process killed after growing by {grown // _MEGABYTE} MB")
    return Broken(f"the process ended with {code}")


# ---------------------------------------------------------------------- inside


def _inside(
    work: Callable[[Progress], object], limits: Limits, sender: Connection, caller: int,
    before: "_Memory",
) -> NoReturn:  # fmt: skip
    status = 1
    try:
        _end_with(caller)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # ending us is the caller's business
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_CPU, limits.cpu_seconds)
        _lower(resource.RLIMIT_AS, before.virtual + limits.memory_mb * _MEGABYTE)
        sender.send(_answer(work, lambda percent: sender.send((_PROGRESS, percent))))
        status = 0
    except MemoryError:
        status = _NO_MEMORY
    finally:
        os._exit(status)


def _answer(work: Callable[[Progress], object], tell: Progress) -> tuple[str, Any]:
    try:
        return "made", work(tell)
    except SurveyError as error:
        return "refused", (error.code, dict(error.facts))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # whatever it was, it is told outside
        return "broken", traceback.format_exc()


def _end_with(caller: int) -> None:
    """Ask the system to kill this process when the caller is gone, however it went."""
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != caller:  # it went before we had asked
        os._exit(1)


def _lower(limit: int, value: int) -> None:
    _, most = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if most == resource.RLIM_INFINITY else min(value, most), most))


# -------------------------------------------------------------- a fresh process

_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")
"""The part of the environment that a process needs to start."""

_STARTED = b"\n"
"""Written before the content is touched: whatever ends the process afterwards is the content's
doing, and a process without memory ends in many ways. JSON may begin with it."""

_ROOT = Path(__file__).parents[1]


class Late(Exception):
    """The machine has too much to do: there was no answer in time."""


def ask_a_fresh_one(module: str, content: bytes, limits: Limits) -> bytes | None:
    """What `python -m module` answers to the content; None if that ended it.

    Its memory is all that it may have. Raises Late, Broken.
    """
    memory = str(limits.memory_mb * _MEGABYTE)
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, str(limits.cpu_seconds), memory],
            input=content,
            capture_output=True,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Late from error
    if not done.stdout.startswith(_STARTED):
        raise Broken(done.stderr.decode(errors="replace"))
    return None if done.returncode else done.stdout


def be_a_fresh_one(answer: Callable[[bytes], bytes], arguments: Sequence[str]) -> None:
    """Answer what stands on the input, within the limits that the arguments name."""
    _limit_a_fresh_one(arguments, nice=10)
    output = sys.stdout.buffer
    output.write(_STARTED)
    output.flush()
    output.write(answer(sys.stdin.buffer.read()))


def _limit_a_fresh_one(arguments: Sequence[str], *, nice: int) -> None:
    seconds, memory = map(int, arguments)
    os.nice(nice)
    _lower(resource.RLIMIT_CORE, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


# ------------------------------------------------------------- a conversation


class Partner:
    """A fresh process that answers line after line, as one that stays; closing it ends it.

    What it writes to its error output goes to ours. Its memory is all that it may have.
    """

    def __init__(self, module: str, limits: Limits) -> None:
        memory = str(limits.memory_mb * _MEGABYTE)
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(limits.cpu_seconds), memory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
        self._end = threading.Timer(limits.wall_seconds, self._process.kill)
        self._end.daemon = True
        self._end.start()

    def tell(self, line: bytes) -> None:
        """Hand it a line without its end. Raises Lost if it has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Lost(str(error)) from error

    def hear(self) -> bytes:
        """What it answers to the first line that was not answered yet. Raises Lost."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise Lost(f"the process ended with {self._process.wait()}")
        return line

    def close(self) -> None:
        self._end.cancel()
        self._process.kill()
        with suppress(OSError):  # what was not written yet
            self._process.communicate()


def be_a_partner(answer: Callable[[bytes], bytes], arguments: Sequence[str]) -> None:
    """Answer each line of the input with one, within the limits that the arguments name."""
    _limit_a_fresh_one(arguments, nice=5)  # somebody waits for it
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(line.removesuffix(b"\n")) + b"\n")
        sys.stdout.buffer.flush()


# ---------------------------------------------------------------------- memory


def give_back_memory() -> None:
    """Give memory that is free back to the system, as far as its C library can (musl cannot)."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What a process has, in bytes: addresses, and what it has written to memory of its own."""

    virtual: int
    written: int


def _memory() -> _Memory:
    pages = map(int, Path("/proc/self/statm").read_text(encoding="ascii").split())
    virtual, resident, shared, *_ = (count * resource.getpagesize() for count in pages)
    return _Memory(virtual, resident - shared)
