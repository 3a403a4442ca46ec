"""`make bench`: every benchmark, one line each."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.clock import Pair
from benchmarks.printing import report_and_empty_page
from benchmarks.rescoring import FIRMS, many_firms, one_firm
from benchmarks.site import section_and_save
from survey.config import Settings


def main() -> None:
    settings = Settings.from_environment(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        apart = replace(settings, folder=folder, reports_folder=folder, mail_folder=folder)
        section, save = section_and_save(apart, folder)
        scored, advised = one_firm(folder)
        everybody = many_firms(folder)
    _say("open a section", section, "bare Flask, same bytes")
    _say("save an answer", save, "bare Flask, one row into SQLite")
    _say("score with trace", scored, "reading the answers from SQLite")
    _say("ways and advice", advised, "reading the answers from SQLite")
    print(
        f"re-score {FIRMS} firms{everybody.ours:19.1f} s    {everybody.ratio:8.1f} × "
        f"reading the answers from SQLite ({everybody.floor:.2f} s), peak {everybody.peak:.0f} MB",
        flush=True,
    )
    report, pages = report_and_empty_page(settings.fonts_folder)
    _say(f"print a report of {pages} pages", report, "an empty page")


def _say(what: str, pair: Pair, floor: str) -> None:
    print(
        f"{what:<30}{pair.ours:9.1f} ms   {pair.ratio:8.1f} × {floor} ({pair.floor:.2f} ms)",
        flush=True,
    )


if __name__ == "__main__":
    main()
