"""Files are named by their content, whole or not there, and written once."""

import hashlib
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


def test_nothing_half_written_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(OSError, match="No space"):
        files.put(tmp_path, b"content")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "a" * 63, ""])
def test_only_a_digest_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.path(tmp_path, name)
