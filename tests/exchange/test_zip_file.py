"""ZIP archives: made while they are sent, of a size known beforehand, in little memory."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from survey.exchange.zip_file import Entry, stream


def test_an_archive_holds_its_files_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"from the disk")

    made = stream([Entry("报告.pdf", tmp_path / "file"), Entry("manifest.csv", b"from memory")])
    content = b"".join(made.pieces)

    assert len(content) == made.size
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.read("报告.pdf") == b"from the disk"
    assert archive.read("manifest.csv") == b"from memory"
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_an_archive_of_nothing_is_an_archive() -> None:
    made = stream([])

    assert zipfile.ZipFile(io.BytesIO(b"".join(made.pieces))).namelist() == []


def test_a_file_that_is_not_there_is_noticed_at_the_beginning(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stream([Entry("x", tmp_path / "nothing")])


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(2_000_000))
    entries = [Entry(f"{number}.pdf", tmp_path / "file") for number in range(100)]

    tracemalloc.start()
    made = stream(entries)
    sent = sum(len(piece) for piece in made.pieces)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent == made.size > 200_000_000
    assert peak < 4_000_000
