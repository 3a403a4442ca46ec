"""Files in pieces: at their place, for our eyes alone, one writer at a time."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from survey.store import pieces
from survey.store.files import DiskFull
from survey.store.pieces import Busy
from tests.store.test_files import limited_files

ID = "0123456789abcdef" * 2


def test_pieces_stand_where_they_were_put(tmp_path: Path) -> None:
    with pieces.alone(tmp_path, ID):
        pieces.write(tmp_path, ID, 0, b"abcdef")
        pieces.write(tmp_path, ID, 3, b"DE")

    assert pieces.read(tmp_path, ID) == b"abcDE"
    assert pieces.size(tmp_path, ID) == 5
    assert pieces.path(tmp_path, ID).stat().st_mode & 0o777 == 0o600
    pieces.forget(tmp_path, ID)
    pieces.forget(tmp_path, ID)
    assert pieces.size(tmp_path, ID) == 0


@pytest.mark.parametrize("name", ["", "../" * 5, "0" * 31, "G" * 32, "0" * 31 + "\n"])
def test_only_an_id_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        pieces.path(tmp_path, name)


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    with pieces.alone(tmp_path, ID), pytest.raises(Busy), pieces.alone(tmp_path, ID):
        pass

    with pieces.alone(tmp_path, ID):
        pass


def test_who_is_killed_holds_up_nobody(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path; from survey.store import pieces\n"
        "with pieces.alone(Path(sys.argv[1]), sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)"
    )

    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path), ID], check=False)

    assert killed.returncode == -9
    with pieces.alone(tmp_path, ID):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"kept")
    place = pieces.path(tmp_path, ID)
    place.parent.mkdir()
    place.symlink_to(target)

    with pytest.raises(OSError, match="symbolic"), pieces.alone(tmp_path, ID):
        pass


def test_a_full_disk_is_said_and_the_piece_can_be_sent_again(tmp_path: Path) -> None:
    with pieces.alone(tmp_path, ID):
        pieces.write(tmp_path, ID, 0, b"a")

        with limited_files(), pytest.raises(DiskFull):
            pieces.write(tmp_path, ID, 1, b"content" * 10_000)
        pieces.write(tmp_path, ID, 1, b"bc")

    assert pieces.read(tmp_path, ID) == b"abc"


def test_what_was_not_touched_is_found_in_its_part(tmp_path: Path) -> None:
    old, new = "ab" * 16, "ab" + "cd" * 15
    for each in (old, new):
        with pieces.alone(tmp_path, each):
            pass
    os.utime(pieces.path(tmp_path, old), (0, 0))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    assert pieces.untouched_since(tmp_path, an_hour_ago, share=0xAB) == [old]
    assert pieces.untouched_since(tmp_path, an_hour_ago, share=0xAC) == []
