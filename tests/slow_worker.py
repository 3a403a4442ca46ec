"""A real worker whose renderer takes as long as it is told and writes down what it does.

Run as ``python -m tests.slow_worker LOG SECONDS [FAULT]`` with an installation's environment.
Each line of LOG is: what, report, process.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from survey.config import Settings
from survey.core.errors import SurveyError
from survey.jobs import run_worker
from survey.services.reports import Inputs, Made


class Complaint(SurveyError):
    """What a renderer raises that found a fault in the page."""

    code = "page-complaint"


def render(
    log: Path, seconds: float, fault: str, inputs: Inputs, progress: Callable[[int], None]
) -> Made:
    note(log, "begin", inputs.report_id)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(0.05)
        if fault != "silent":
            progress(int(100 - 100 * left / seconds))
    if fault == "complaint":
        raise Complaint(character="𠮷")
    if fault == "bug":
        raise ZeroDivisionError
    note(log, "end", inputs.report_id)
    content = f"report of {inputs.firm_name} in {inputs.languages}".encode()
    return Made(content, 1, {"firm": inputs.firm_name})


def note(log: Path, what: str, report_id: str) -> None:
    """Append one line in one write, so that several processes never mix."""
    line = f"{what} {report_id} {os.getpid()}\n".encode()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, line)
    os.close(descriptor)


if __name__ == "__main__":
    path, duration, *more = sys.argv[1:]
    fault = more[0] if more else ""
    run_worker(
        Settings.from_environment(os.environ), partial(render, Path(path), float(duration), fault)
    )
