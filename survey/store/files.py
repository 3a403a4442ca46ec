"""Files named by their content: written once, whole or not at all, never changed."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")


def put(folder: Path, content: bytes) -> str:
    """Keep the content and return its SHA-256. It is on the disk when this returns.

    Putting the same content twice is one file, also when two processes do it at once.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    target = path(folder, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return sha256
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
    _sync_folder(target.parent)
    return sha256


def path(folder: Path, sha256: str) -> Path:
    """Where the content lies. Raises ValueError if this is not a SHA-256."""
    if not _NAME.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return folder / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    """Make the new name durable as well, not only the bytes behind it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
