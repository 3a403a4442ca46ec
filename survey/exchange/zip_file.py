"""Many files as one ZIP archive that is made while it is sent. The only importer of zipstream-ng.

Nothing is compressed again (a PDF is compressed already), so the size is known beforehand and
no more than one piece of one file is in memory at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zipstream import ZIP_STORED, ZipStream


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: its name there, and its bytes or where they lie."""

    name: str
    source: Path | bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """An archive to send: `size` bytes, in pieces, once."""

    size: int
    pieces: Iterator[bytes]


def stream(entries: Iterable[Entry]) -> Stream:
    """Begin an archive. Raises FileNotFoundError if one of the files is not there."""
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for entry in entries:
        if isinstance(entry.source, bytes):
            archive.add(entry.source, entry.name)
        else:
            archive.add_path(entry.source, entry.name, recurse=False)
    return Stream(len(archive), iter(archive))
