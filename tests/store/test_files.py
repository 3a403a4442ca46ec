"""Files are named by their content, whole or not there, and written once."""

import errno
import hashlib
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from survey.store import files


def test_a_file_is_found_by_the_digest_of_its_content(tmp_path: Path) -> None:
    sha256 = files.put(tmp_path, b"content")

    assert sha256 == hashlib.sha256(b"content").hexdigest()
    assert files.path(tmp_path, sha256).read_bytes() == b"content"


def test_the_same_content_is_one_file_written_once(tmp_path: Path) -> None:
    first = files.path(tmp_path, files.put(tmp_path, b"content"))
    written = first.stat().st_mtime_ns

    files.put(tmp_path, b"content")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [first]
    assert first.stat().st_mtime_ns == written


@pytest.mark.parametrize("damaged", [b"", b"cont", b"CONTENT"])
def test_a_file_that_was_damaged_is_replaced_by_what_is_put(tmp_path: Path, damaged: bytes) -> None:
    sha256 = files.put(tmp_path, b"content")
    files.path(tmp_path, sha256).write_bytes(damaged)
    before = files.is_whole(tmp_path, sha256)

    files.put(tmp_path, b"content")

    assert not before
    assert files.read(tmp_path, sha256) == b"content"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_what_is_not_there_is_not_whole(tmp_path: Path) -> None:
    assert not files.is_whole(tmp_path, "a" * 64)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_nothing_half_written_stays_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("os.fsync", failing(number))

    with pytest.raises(files.DiskFull):
        files.put(tmp_path, b"content")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_may_not_grow_any_more_is_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"")

    with limited_files(), pytest.raises(files.DiskFull):
        files.put(tmp_path / "reports", b"content" * 100)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "small"]


def test_another_fault_of_the_disk_is_not_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", failing(errno.EIO))

    with pytest.raises(OSError, match="Input/output"):
        files.put(tmp_path, b"content")


def failing(number: int) -> Callable[[int], None]:
    def fsync(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    return fsync


@contextmanager
def limited_files() -> Iterator[None]:
    """No file may grow beyond 100 bytes: what a process meets on a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_what_was_put_is_read_back(tmp_path: Path) -> None:
    assert files.read(tmp_path, files.put(tmp_path, b"content")) == b"content"


def test_what_was_changed_on_the_disk_is_not_read(tmp_path: Path) -> None:
    sha256 = files.put(tmp_path, b"content")
    files.path(tmp_path, sha256).write_bytes(b"another")

    with pytest.raises(files.Damaged):
        files.read(tmp_path, sha256)


def test_what_is_gone_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path, "a" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "a" * 63, ""])
def test_only_a_digest_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.path(tmp_path, name)
