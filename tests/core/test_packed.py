"""Packages have the dates they are given, and the parts they had."""

import zipfile
from datetime import date
from io import BytesIO

from survey.core.packed import repacked


def a_package(**parts: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, words in parts.items():
            package.writestr(name, words)
    return made.getvalue()


def test_parts_keep_order_and_words_and_get_the_date() -> None:
    content = repacked(a_package(b="two", a="one"), date(2026, 3, 4))

    with zipfile.ZipFile(BytesIO(content)) as package:
        assert package.namelist() == ["b", "a"]
        assert package.read("a") == b"one"
        assert {part.date_time for part in package.infolist()} == {(2026, 3, 4, 0, 0, 0)}


def test_the_same_parts_packed_another_day_are_the_same_bytes() -> None:
    package = a_package(a="one")

    assert repacked(package, date(2026, 3, 4)) == repacked(package, date(2026, 3, 4))


def test_a_changed_part_takes_the_place_of_the_old_one() -> None:
    content = repacked(a_package(a="one", b="two"), date(2026, 3, 4), {"a": b"", "b": b"three"})

    with zipfile.ZipFile(BytesIO(content)) as package:
        assert (package.read("a"), package.read("b")) == (b"", b"three")
