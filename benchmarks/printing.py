"""Printing reports: processor time, memory and size, each report in a process of its own.

Warm, on one core, garbage collection as in the product; with conformance, attachments and
signature. The processor time is told as a ratio to the calibration loop and to an empty page of
the same engine, measured in turn with it.
"""

import multiprocessing
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.clock import cpu_seconds, loop
from survey import apart, jobs
from survey.core import advice, document, editions, scoring
from survey.core.answers import read_all
from survey.core.colour import ACCENT
from survey.core.copies import Copy
from survey.core.parts import Entry, Typed
from survey.core.text import Languages
from survey.exchange import answer_file, yaml_bank
from survey.pdf import fonts, page, render, signing
from survey.pdf.look import Look
from survey.services import making, saying
from survey.services.demo import QUESTIONNAIRES, SEEDS
from survey.services.making import Printing
from survey.services.report_inputs import Inputs, Made

ROUNDS = 5
COMMENT = "每条产线按班次记录停机原因，每月汇总并由车间主任签字，复印件存档三年。" * 55


@dataclass(frozen=True, slots=True)
class Printed:
    """Medians of processor seconds; `size` is in KB, memory in MB.

    `program` is what a worker has in use before its first report. `peak` is what the copy of it
    that made a report had at most, all that it shares with the worker included; `own` is what it
    had for itself.
    """

    pages: int
    seconds: float
    loop: float
    empty: float
    program: float
    peak: float
    own: float
    size: float

    @property
    def per_page(self) -> float:
        """In units of the loop, so that two of them can be compared."""
        return self.seconds / self.loop / self.pages


def shorter(fonts_folder: Path) -> Printed:
    """The express edition in both languages: about 22 pages."""
    return _apart(fonts_folder, "express", "")


def longer(fonts_folder: Path) -> Printed:
    """The whole bank of 76 questions in both languages."""
    return _apart(fonts_folder, "", "")


def longest(fonts_folder: Path) -> Printed:
    """The whole bank with a long comment under every answer: 91 pages or more."""
    return _apart(fonts_folder, "", COMMENT)


def shorter_page(fonts_folder: Path) -> str:
    """The page of the express edition with its style and fonts, for other engines."""
    inputs = _inputs("express")
    html = page.html(saying.said(inputs), inputs.copy, Look()).html
    faces = "".join(
        f'@font-face {{ font-family: "{fonts.FAMILY}"; font-weight: {weight}; '
        f'src: url("{path.resolve().as_uri()}") }}\n'
        for weight, path in fonts.faces(fonts_folder)
    )
    style = f"<style>{faces}{page.colours(page.PRINT_STYLE, ACCENT)}</style></head>"
    return html.replace("</head>", style, 1)


def _apart(fonts_folder: Path, edition: str, comment: str) -> Printed:
    """In a fresh process: a used one has a peak already."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        return pool.submit(_measured, fonts_folder, edition, comment).result()


def _measured(fonts_folder: Path, edition: str, comment: str) -> Printed:
    """As a worker does it: warmed up once, each report in a copy of this process."""
    inputs = _inputs(edition)
    with tempfile.TemporaryDirectory() as name:
        certificate = Path(name) / "certificate.p12"
        signing.self_made(certificate)
        signer = signing.load(certificate, "")
    printing = Printing(fonts_folder, ACCENT, "https://report.example.com", signer)
    empty = partial(render.warm_up, fonts_folder, ACCENT)
    jobs.warmed_up(empty)
    program = _memory("status", "VmRSS")
    make = partial(_made, printing, inputs, comment)
    rounds = [(_in_a_copy(make), cpu_seconds(loop), cpu_seconds(empty)) for _ in range(ROUNDS)]
    return Printed(
        pages=rounds[0][0].pages,
        seconds=statistics.median(copy.seconds for copy, _, _ in rounds),
        loop=statistics.median(seconds for _, seconds, _ in rounds),
        empty=statistics.median(seconds for _, _, seconds in rounds),
        program=program,
        peak=max(copy.peak for copy, _, _ in rounds),
        own=max(copy.own for copy, _, _ in rounds),
        size=rounds[0][0].size,
    )


@dataclass(frozen=True, slots=True)
class _Copy:
    """What one report took in the process that made it; megabytes, and `size` in KB."""

    pages: int
    seconds: float
    peak: float
    own: float
    size: float


def _in_a_copy(make: Callable[[], Made]) -> _Copy:
    limits = apart.Limits(cpu_seconds=600, wall_seconds=600, memory_mb=4096)
    return apart.call(
        lambda _progress: _counted(make), limits, hear=_ignored, beat=lambda: None, every=1.0
    )


def _counted(make: Callable[[], Made]) -> _Copy:
    started = time.process_time()
    made = make()
    seconds = time.process_time() - started
    assert made.pages is not None
    return _Copy(
        pages=made.pages,
        seconds=seconds,
        peak=_memory("status", "VmHWM"),
        own=_memory("smaps_rollup", "Private_Dirty"),
        size=len(made.content) / 1024,
    )


def _made(printing: Printing, inputs: Inputs, comment: str) -> Made:
    """With the same comment under every answer, if there is one."""
    if not comment:
        return making.make(printing, inputs, _ignored)
    built = saying.said(inputs)
    groups = tuple(
        replace(group, entries=tuple(_commented(entry, comment) for entry in group.entries))
        for group in built.answers
    )
    look = Look(verify_url=printing.base_url)
    return making.printed(printing, inputs, replace(built, answers=groups), look, _ignored)


def _commented(entry: Entry, comment: str) -> Entry:
    return replace(entry, said=replace(entry.said, typed=Typed(comment)))


def _ignored(_percent: int) -> None:
    """Nobody watches."""


def _memory(file: str, name: str) -> float:
    """What this process has, or ever had, in MB; `getrusage` counts its parent's too."""
    status = Path(f"/proc/self/{file}").read_text(encoding="ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) / 1024


def _inputs(edition: str) -> Inputs:
    bank_path = QUESTIONNAIRES / "manufacturing-transformation" / "4.yaml"
    data, whole = yaml_bank.read(bank_path.read_bytes(), file=bank_path.name)
    bank = editions.edition(whole, edition)
    answers_path = SEEDS / "answers" / "lizhou-valve.yaml"
    given = answer_file.read(answers_path.read_bytes(), file=answers_path.name)
    answers = read_all(whole, given.answers)
    result = scoring.score(bank, answers)
    return Inputs(
        report_id="0" * 32,
        copy=Copy(Languages.BOTH),
        firm_name=given.firm.zh,
        issued_on=date(2026, 1, 1),
        bank=bank,
        bank_digest=document.digest(data),
        edition=edition,
        answers=answers,
        result=result,
        plan=advice.plan(bank, answers, result),
    )
