"""A file that anybody may have sent is looked at elsewhere, and does no harm here."""

import json
import resource
import sys
from pathlib import Path

import pytest

from survey.apart import Broken
from survey.pdf import proof, strangers
from survey.pdf.proof import NotAReport
from survey.pdf.strangers import Busy
from tests.pdf.small import a_pdf, with_file


def a_report(engine: str = "2") -> bytes:
    bank = {"key": "a-bank", "version": 1, "digest": "0" * 64}
    return with_file(json.dumps({"report_id": "f" * 32, "engine": engine, "bank": bank}).encode())


def an_array(megabytes: int) -> bytes:
    """It takes two seconds for each megabyte, and a hundred times its size."""
    return a_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 3 0 R]>>>>>>",
        b"[" + b"1 " * (megabytes * 500_000) + b"]",
    )


def peak() -> int:
    """Megabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def taken_elsewhere() -> float:
    """Seconds of a processor that the processes took which this one has started."""
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken.ru_utime + taken.ru_stime


def test_a_report_is_read() -> None:
    assert strangers.inspect(a_report()) == proof.inspect(a_report())


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"%PDF-1.7\n%%EOF\n"])
def test_anything_else_is_no_report(content: bytes) -> None:
    with pytest.raises(NotAReport):
        strangers.inspect(content)


def test_a_file_that_takes_its_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "CPU_SECONDS", 1)
    monkeypatch.setattr(strangers, "WALL_SECONDS", 120)
    monkeypatch.setattr(proof, "inspect", None)  # in this process; the other has its own
    before = taken_elsewhere()

    with pytest.raises(NotAReport):
        strangers.inspect(an_array(16))  # it would take half a minute

    assert taken_elsewhere() - before < 5


def test_a_file_that_fills_the_memory_fills_no_memory_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strangers, "MEMORY_MB", 160)
    content, before = an_array(8), peak()

    with pytest.raises(NotAReport):
        strangers.inspect(content)

    assert peak() - before < 32


def test_a_machine_that_has_too_much_to_do_says_nothing_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strangers, "WALL_SECONDS", 0.01)

    with pytest.raises(Busy):
        strangers.inspect(a_report())


def test_no_more_files_are_looked_at_than_there_are_places() -> None:
    with strangers.places, strangers.places, pytest.raises(Busy):
        strangers.inspect(a_report())


def test_a_place_is_free_again_whatever_came_of_the_file() -> None:
    for _ in range(strangers.AT_ONCE + 1):
        with pytest.raises(NotAReport):
            strangers.inspect(b"%PDF-1.7\n")

    assert strangers.inspect(a_report()).engine == "2"


def test_half_a_character_makes_no_report() -> None:
    assert strangers.answer(a_report(engine="\ud800")) == b"null"


def test_a_fault_of_the_program_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", a_program(tmp_path, "echo this is wrong >&2; exit 1"))

    with pytest.raises(Broken, match="this is wrong"):
        strangers.inspect(a_report())


def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SURVEY_SECRET_KEY", "very secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@somewhere/")
    seen = tmp_path / "environment"
    monkeypatch.setattr(sys, "executable", a_program(tmp_path, f"env >{seen}; echo; echo null"))

    with pytest.raises(NotAReport):
        strangers.inspect(a_report())

    assert "PATH=" in seen.read_text(encoding="utf-8")
    assert "secret" not in seen.read_text(encoding="utf-8")


def a_program(folder: Path, does: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\ncat >/dev/null\n{does}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)
