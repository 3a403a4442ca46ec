"""Files named by their content: written once, whole or not at all, never changed."""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.core.errors import SurveyError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NAME = re.compile(r"[0-9a-f]{64}")


class DiskFull(SurveyError):
    """There is no room for the file; nothing of it was kept."""

    code = "disk-full"


class Damaged(Exception):
    """What lies under this name is not what was put there."""


def put(folder: Path, content: bytes) -> str:
    """Keep the content and return its SHA-256. It is on the disk when this returns.

    Putting the same content twice is one file, also when two processes do it at once. A file
    that was damaged on the disk is replaced.

    Raises DiskFull, and nothing is left behind.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    target = path(folder, sha256)
    if is_whole(folder, sha256):
        return sha256
    with room():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, content)
    return sha256


def read(folder: Path, sha256: str) -> bytes:
    """The content that was put there. Raises Damaged, or OSError if it cannot be read."""
    content = path(folder, sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(sha256)
    return content


def is_whole(folder: Path, sha256: str) -> bool:
    """Whether the content is there as it was put."""
    try:
        read(folder, sha256)
    except (OSError, Damaged):
        return False
    return True


def path(folder: Path, sha256: str) -> Path:
    """Where the content lies. Raises ValueError if this is not a SHA-256."""
    if not _NAME.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return folder / sha256[:2] / sha256


def forget(folder: Path, sha256: str) -> None:
    """Remove a file that nothing names any more; without one nothing happens."""
    path(folder, sha256).unlink(missing_ok=True)


@contextmanager
def room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        raise


def _write(target: Path, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the new name durable as well, not only the bytes behind it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
