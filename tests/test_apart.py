"""A call in a process of its own: what it returns, how it can end, and what outlives it."""

import faulthandler
import mmap
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from survey import apart
from survey.apart import Broken, Limits, Lost, OutOfMemory, OutOfTime, Progress, Refused
from survey.core.errors import SurveyError

ROOT = Path(__file__).resolve().parent.parent
ENOUGH = Limits(cpu_seconds=20, wall_seconds=20, memory_mb=512)

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")


class Complaint(SurveyError):
    code = "page-complaint"


def call(
    work: Callable[[Progress], object],
    limits: Limits = ENOUGH,
    *,
    hear: Progress = lambda percent: None,
    beat: Callable[[], None] = lambda: None,
    every: float = 0.05,
) -> object:
    return apart.call(work, limits, hear=hear, beat=beat, every=every)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> set[str]:
    """The processes below this one, ended ones that nobody has waited for included."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended has none
            found.update((task / "children").read_text().split())
    return found


@pytest.fixture
def before() -> set[str]:
    """Other tests of this run may have left a browser or a database server."""
    return children()


def test_a_call_returns_what_was_made_elsewhere(before: set[str]) -> None:
    made = call(lambda tell: (os.getpid(), bytes(3_000_000)))

    assert isinstance(made, tuple)
    process, content = made
    assert process != os.getpid()
    assert len(content) == 3_000_000
    assert children() <= before


def test_nothing_that_is_done_inside_changes_anything_outside() -> None:
    here: list[int] = []

    call(lambda tell: here.append(1))

    assert here == []


def test_progress_is_heard_in_order_while_the_call_goes_on() -> None:
    heard: list[int] = []

    def work(tell: Progress) -> str:
        for percent in (1, 50, 99):
            tell(percent)
        return "done"

    assert call(work, hear=heard.append) == "done"
    assert heard == [1, 50, 99]


def test_the_caller_gives_signs_of_life_however_silent_the_call_is() -> None:
    enough, beat = seen_alive()

    call(lambda tell: enough.wait(), beat=beat)


def test_the_caller_gives_signs_of_life_however_talkative_the_call_is() -> None:
    enough, beat = seen_alive()

    def work(tell: Progress) -> None:
        while not enough.is_set():
            tell(1)

    call(work, beat=beat)


def seen_alive() -> tuple[Event, Callable[[], None]]:
    """What a call waits for, and a beat that grants it at the fifth time."""
    enough, times = multiprocessing.get_context("fork").Event(), count(1)

    def beat() -> None:
        if next(times) == 5:
            enough.set()

    return enough, beat


def test_a_refusal_is_told_with_its_code_and_facts() -> None:
    def work(tell: Progress) -> None:
        raise Complaint(character="𠮷")

    with pytest.raises(Refused) as refused:
        call(work)

    assert (refused.value.code, refused.value.facts) == ("page-complaint", {"character": "𠮷"})


def test_a_fault_of_the_program_is_told_with_its_place() -> None:
    def work(tell: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(Broken, match=r"test_apart(.|\n)*ZeroDivisionError"):
        call(work)


def crash(number: signal.Signals) -> None:
    """End this process as a library in C does; what it would print is of no use here."""
    faulthandler.disable()
    os.kill(os.getpid(), number)


def test_a_call_that_ends_its_own_process_is_a_fault_of_the_program() -> None:
    with pytest.raises(Broken, match="ended with 3"):
        call(lambda tell: os._exit(3))
    with pytest.raises(Broken, match="ended with -6"):
        call(lambda tell: crash(signal.SIGABRT))
    with pytest.raises(Broken, match="ended with 1"):
        call(lambda tell: sys.exit(7))


def test_what_cannot_be_told_outside_is_a_fault_of_the_program() -> None:
    with pytest.raises(Broken, match="ended with 1"):
        call(lambda tell: lambda: None)


def test_a_process_that_was_killed_is_not_to_blame() -> None:
    with pytest.raises(Lost):
        call(lambda tell: os.kill(os.getpid(), signal.SIGKILL))


def test_a_call_without_end_is_ended_by_the_processor_it_takes(before: set[str]) -> None:
    def work(tell: Progress) -> None:
        while True:
            pass

    with pytest.raises(OutOfTime) as refused:
        call(work, Limits(cpu_seconds=1, wall_seconds=120, memory_mb=512))

    assert refused.value.facts == {"seconds": 1, "setting": "SURVEY_REPORT_CPU_SECONDS"}
    assert children() <= before


@pytest.mark.parametrize("talkative", [True, False])
def test_a_call_without_end_is_ended_by_the_clock(*, talkative: bool, before: set[str]) -> None:
    def work(tell: Progress) -> None:
        while True:
            time.sleep(0.01)
            if talkative:
                tell(1)

    with pytest.raises(OutOfTime) as refused:
        call(work, Limits(cpu_seconds=20, wall_seconds=1, memory_mb=512))

    assert refused.value.facts == {"seconds": 1, "setting": "SURVEY_REPORT_WALL_SECONDS"}
    assert children() <= before


def test_a_call_that_wants_too_much_memory_is_refused_it() -> None:
    with pytest.raises(OutOfMemory) as refused:
        call(lambda tell: bytes(400_000_000), Limits(20, 20, memory_mb=100))

    assert refused.value.facts == {"megabytes": 100, "setting": "SURVEY_REPORT_MEMORY_MB"}


def test_a_library_that_crashes_for_want_of_memory_is_told_from_one_that_crashes() -> None:
    def work(tell: Progress) -> None:
        with mmap.mmap(-1, 80_000_000) as fresh:  # not memory that is free in this process
            fresh.write(bytes(80_000_000))
            crash(signal.SIGSEGV)

    with pytest.raises(OutOfMemory):
        call(work, Limits(20, 20, memory_mb=100))
    with pytest.raises(Broken, match="-11"):
        call(work, Limits(20, 20, memory_mb=1000))


def test_the_limits_are_those_of_the_call_alone() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)

    inside = call(lambda tell: resource.getrlimit(resource.RLIMIT_CPU)[0])

    assert inside == ENOUGH.cpu_seconds
    assert (
        resource.getrlimit(resource.RLIMIT_AS),
        resource.getrlimit(resource.RLIMIT_CPU),
    ) == before


@pytest.mark.parametrize("kind", [KeyboardInterrupt, Complaint])
def test_a_caller_that_loses_interest_ends_the_process(
    kind: type[BaseException], before: set[str]
) -> None:
    files = open_files()

    def beat() -> None:
        raise kind

    began = time.monotonic()
    with pytest.raises(kind):
        call(lambda tell: time.sleep(30), beat=beat)

    assert time.monotonic() - began < 15
    assert children() <= before
    assert open_files() == files


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_to_the_whole_group_are_the_callers_business(number: signal.Signals) -> None:
    def work(tell: Progress) -> str:
        os.kill(os.getpid(), number)
        time.sleep(0.1)
        return "unmoved"

    assert call(work) == "unmoved"


def test_no_file_stays_open_however_often_it_is_called() -> None:
    call(lambda tell: None)
    files = open_files()

    for _ in range(5):
        call(lambda tell: None)

    assert open_files() == files


ORPHAN = """
import os, time
from survey import apart
def work(tell):
    print(os.getpid(), flush=True)
    time.sleep(60)
apart.call(work, apart.Limits(60, 60, 512), hear=print, beat=lambda: None, every=1)
"""


def test_no_process_outlives_a_caller_that_was_killed() -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert caller.stdout is not None
    orphan = int(caller.stdout.readline())

    caller.kill()
    caller.wait()
    caller.stdout.close()

    end = time.monotonic() + 30
    while Path(f"/proc/{orphan}/stat").exists() and time.monotonic() < end:
        if Path(f"/proc/{orphan}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    assert time.monotonic() < end


def test_a_caller_that_is_gone_already_is_noticed() -> None:
    child = os.fork()
    if child == 0:
        apart._end_with(1)
        os._exit(0)

    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 1


# -------------------------------------------------------------- a fresh process


def test_a_fresh_process_answers_within_the_limits_that_it_is_told() -> None:
    def answered(tell: Progress) -> tuple[bytes, int, int, int]:
        output = BytesIO()
        sys.stdin, sys.stdout = TextIOWrapper(BytesIO(b"abc")), TextIOWrapper(output)
        apart.be_a_fresh_one(bytes.upper, ["30", str(8 * 1024**3)])
        sys.stdout.flush()
        cpu, _ = resource.getrlimit(resource.RLIMIT_CPU)
        memory, _ = resource.getrlimit(resource.RLIMIT_AS)
        return output.getvalue(), cpu, memory, os.nice(0)

    made = call(answered)

    assert isinstance(made, tuple)
    content, cpu, memory, politeness = made
    assert content == b"\nABC"
    assert (cpu, memory) == (30, 8 * 1024**3)
    assert politeness >= 10


def test_a_fresh_process_that_cannot_start_is_a_fault_of_the_program() -> None:
    with pytest.raises(Broken, match="No module named"):
        apart.ask_a_fresh_one("survey.there_is_no_such_module", b"", ENOUGH)


# -------------------------------------------------------------- a conversation


def listener(monkeypatch: pytest.MonkeyPatch, folder: Path, does: str) -> str:
    """A module whose process does so with each line."""
    first = "import os, sys, time; from survey import apart"
    text = f"{first}\napart.be_a_partner({does}, sys.argv[1:])\n"
    (folder / "listening.py").write_text(text, encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "listening"


def test_a_partner_answers_line_after_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: set[str]
) -> None:
    partner = apart.Partner(listener(monkeypatch, tmp_path, "bytes.upper"), ENOUGH)

    partner.tell(b"one")
    partner.tell(b"two")
    heard = [partner.hear(), partner.hear()]
    partner.close()

    assert heard == [b"ONE\n", b"TWO\n"]
    assert children() <= before


def test_a_partner_that_ended_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: set[str]
) -> None:
    partner = apart.Partner(listener(monkeypatch, tmp_path, "lambda line: os._exit(3)"), ENOUGH)

    partner.tell(b"one")
    with pytest.raises(Lost, match="ended with 3"):
        partner.hear()
    with pytest.raises(Lost):
        partner.tell(b"two")
    partner.close()

    assert children() <= before


def test_a_partner_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limits = Limits(cpu_seconds=20, wall_seconds=1, memory_mb=512)
    partner = apart.Partner(listener(monkeypatch, tmp_path, "lambda line: time.sleep(60)"), limits)

    partner.tell(b"one")
    with pytest.raises(Lost):
        partner.hear()
    partner.close()


def test_a_partner_within_its_limits_is_polite() -> None:
    def answered(_tell: Progress) -> tuple[bytes, int, int]:
        sys.stdin = TextIOWrapper(BytesIO(b"abc\n"))
        sys.stdout = TextIOWrapper(output := BytesIO())
        apart.be_a_partner(bytes.upper, ["30", str(8 * 1024**3)])
        return output.getvalue(), resource.getrlimit(resource.RLIMIT_CPU)[0], os.nice(0)

    made = call(answered)

    assert isinstance(made, tuple)
    content, cpu, politeness = made
    assert (content, cpu) == (b"ABC\n", 30)
    assert politeness >= 5
