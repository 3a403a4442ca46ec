"""What a file may be called, whatever somebody calls it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.file_names import LONGEST, clean, with_suffix

NAMES = {
    "台账.pdf": "台账.pdf",
    "/etc/passwd": "passwd",
    "C:\\fakepath\\台账.pdf": "台账.pdf",
    "..": "",
    " . ": "",
    "a\tb\x7f\u200bc.pdf": "abc.pdf",
    "gnp.\u202eexe": "gnp.exe",
    "a:b*c?.pdf": "abc.pdf",
    "  two   spaces .pdf": "two spaces.pdf",
    "é.pdf": "é.pdf",
    "no suffix at all": "no suffix at all",
    "能" * 100: "能" * 80,
    "能" * 100 + ".pdf": "能" * 78 + ".pdf",
    "a." + "b" * 300: "a." + "b" * 238,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_cleaned(name: str) -> None:
    assert clean(name) == NAMES[name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.pdf", "a.pdf"), ("a.PDF", "a.PDF"), ("a.exe", "a.exe.pdf"), ("pdf", "pdf.pdf")],
)
def test_a_suffix_tells_the_truth(name: str, expected: str) -> None:
    assert with_suffix(name, ("pdf",)) == expected


@given(st.text())
def test_whatever_is_typed_a_disk_takes_it(name: str) -> None:
    cleaned = clean(name)

    assert len(cleaned.encode()) <= LONGEST
    assert cleaned == clean(cleaned)
    assert not set(cleaned) & set("/\\\0\n\r\u202e")
    assert len(with_suffix(cleaned or "file", ("jpeg",)).encode()) <= LONGEST
