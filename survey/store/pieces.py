"""Files that arrive in pieces, each under a random id that its row in the database has too.

How much of a file counts is said by its row alone: bytes behind that are of an attempt that
died before it was committed, and the next one writes over them. Nobody but we may read them.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from survey.core.errors import SurveyError
from survey.store.files import room, sync_folder

SHARES = 256
"""Parts of the folder: the first two digits of an id."""

_ID = re.compile(r"[0-9a-f]{32}")


class Busy(SurveyError):
    """Somebody is writing to this file at this moment."""

    code = "upload-busy"


def new_id() -> str:
    return secrets.token_hex(16)


def path(folder: Path, file_id: str) -> Path:
    """Where the file lies. Raises ValueError if this is no id."""
    if not _ID.fullmatch(file_id):
        raise ValueError("not an id")
    return folder / file_id[:2] / file_id


@contextmanager
def alone(folder: Path, file_id: str) -> Iterator[None]:
    """Let nobody else write to this file meanwhile, whichever process they are in.

    The system ends it if this process is killed. Raises Busy, DiskFull.
    """
    target = path(folder, file_id)
    with room():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield
    finally:
        os.close(descriptor)


def write(folder: Path, file_id: str, offset: int, content: bytes) -> None:
    """Put bytes at their place and forget what stood behind; they are on the disk afterwards.

    The file is there already (`alone`). Raises DiskFull.
    """
    target = path(folder, file_id)
    with room(), target.open("r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if offset == 0:
        sync_folder(target.parent)


def size(folder: Path, file_id: str) -> int:
    """Bytes that are there; none if there is no file."""
    try:
        return path(folder, file_id).stat().st_size
    except FileNotFoundError:
        return 0


def read(folder: Path, file_id: str) -> bytes:
    return path(folder, file_id).read_bytes()


def forget(folder: Path, file_id: str) -> None:
    path(folder, file_id).unlink(missing_ok=True)


def untouched_since(folder: Path, moment: datetime, *, share: int) -> list[str]:
    """The files in one part of the folder to which nothing was written since."""
    part = folder / f"{share:02x}"
    if not part.is_dir():
        return []
    return [
        each.name
        for each in part.iterdir()
        if _ID.fullmatch(each.name) and each.stat().st_mtime < moment.timestamp()
    ]
