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
from survey.jobs import Reports, run_worker
from survey.pdf import render
from survey.pdf.look import ACCENT
from survey.pdf.page import Page
from survey.services.report_inputs import Inputs, Made


class Complaint(SurveyError):
    """What a renderer raises that found a fault in the page."""

    code = "page-complaint"


def slowly(
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
    if fault in RUNAWAYS:
        RUNAWAYS[fault]()
    note(log, "end", inputs.report_id)
    content = f"report of {inputs.firm_name} in {inputs.copy.languages}".encode()
    return Made(content, 1, {"firm": inputs.firm_name})


def paragraph() -> None:
    """A text without an end, in the middle of a page."""
    print_page(f"<p>{'企业自评报告' * 70_000}</p>")


def rows() -> None:
    print_page(f"<table>{'<tr><td>甲</td><td>1</td></tr>' * 200_000}</table>")


def print_page(body: str) -> None:
    made = Page(f'<html lang="zh-CN"><title>.</title>{body}</html>', {})
    fonts_folder = Settings.from_environment(os.environ).fonts_folder
    render._print(made, fonts_folder, ACCENT, b"0", lambda percent: None, [])


RUNAWAYS = {"paragraph": paragraph, "rows": rows}


def note(log: Path, what: str, report_id: str) -> None:
    """Append one line in one write, so that several processes never mix."""
    line = f"{what} {report_id} {os.getpid()}\n".encode()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, line)
    os.close(descriptor)


if __name__ == "__main__":
    path, duration, *more = sys.argv[1:]
    fault = more[0] if more else ""
    settings = Settings.from_environment(os.environ)
    run_worker(settings, Reports(settings, partial(slowly, Path(path), float(duration), fault)))
