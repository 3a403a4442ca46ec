"""`make bench`: every benchmark, one line each."""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks import slow_link, throughput, workshop
from benchmarks.archive import FIRMS as ARCHIVED
from benchmarks.archive import streamed
from benchmarks.clock import Pair
from benchmarks.peers import peers
from benchmarks.printing import Printed, longer, longest, shorter, shorter_page
from benchmarks.rescoring import FIRMS, many_firms, one_firm
from benchmarks.site import downloaded
from survey.config import Settings


def main() -> int:
    settings = Settings.from_environment(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        again = downloaded(settings, folder)
        scored, advised = one_firm(folder)
        everybody = many_firms(folder)
    with tempfile.TemporaryDirectory() as name:
        archive = streamed(settings, Path(name))
    _say("download a report again", again, "bare Flask, same bytes")
    _say("score with trace", scored, "reading the answers from SQLite")
    _say("ways and advice", advised, "reading the answers from SQLite")
    print(
        f"re-score {FIRMS} firms{everybody.ours:19.1f} s    {everybody.ratio:8.1f} × "
        f"reading the answers from SQLite ({everybody.floor:.2f} s), peak {everybody.peak:.0f} MB",
        flush=True,
    )
    print(
        f"stream {ARCHIVED} reports at once{archive.size:15.0f} MB   memory grew by "
        f"{archive.grew:.0f} MB; 95 % of the pages meanwhile within {archive.page:.0f} ms "
        f"({archive.alone:.0f} ms without)",
        flush=True,
    )
    short = shorter(settings.fonts_folder)
    _say_printed(short)
    for print_it in (longer, longest):
        long = print_it(settings.fonts_folder)
        _say_printed(long)
        ratio = long.per_page / short.per_page
        print(f"{'  each of its pages':<30}{ratio:25.2f} × a page of the shortest", flush=True)
    for peer in peers(shorter_page(settings.fonts_folder), settings.fonts_folder):
        print(
            f"{peer.name + ', comparable content':<30}{peer.seconds * 1000:9.0f} ms   "
            f"{peer.seconds / short.seconds:8.2f} × ours, in processor time",
            flush=True,
        )
    for name, measure in throughput.MEASURES.items():
        for line in throughput.lines(name, measure(settings)):
            print(line, flush=True)
    work = workshop.measured(settings)
    for line in workshop.lines(work):
        print(line, flush=True)
    poor = slow_link.measured(settings)
    for line in slow_link.lines(poor):
        print(line, flush=True)
    return 1 if poor.broken or work.broken else 0


def _say_printed(printed: Printed) -> None:
    print(
        f"{f'print {printed.pages} pages, signed':<30}{printed.seconds * 1000:9.0f} ms   "
        f"{printed.seconds / printed.loop:8.1f} × the calibration loop ({printed.loop:.3f} s), "
        f"{printed.seconds / printed.empty:.0f} × an empty page, "
        f"peak {printed.peak:.0f} MB, {printed.own:.0f} MB of it its own "
        f"(a worker at rest {printed.program:.0f} MB), "
        f"{printed.size:.0f} KB",
        flush=True,
    )


def _say(what: str, pair: Pair, floor: str) -> None:
    print(
        f"{what:<30}{pair.ours:9.1f} ms   {pair.ratio:8.1f} × {floor} ({pair.floor:.2f} ms)",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
