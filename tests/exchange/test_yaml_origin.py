"""The first line of a draft's YAML: which draft it was made from."""

import pytest

from survey.exchange import yaml_bank, yaml_origin
from survey.exchange.bank_parts import Origin
from tests.builders import bank_data

MADE = Origin("test-bank", 7, 31, "0a" * 32)
FILE = yaml_origin.written(bank_data(), MADE)


@pytest.mark.parametrize(
    "content",
    [FILE, b"\xef\xbb\xbf" + FILE, FILE.replace(b"\n", b"\r\n")],
    ids=["own", "bom", "crlf"],
)
def test_a_file_says_what_it_was_made_from_and_is_the_same_bank(content: bytes) -> None:
    assert yaml_origin.origin(content) == MADE
    assert yaml_bank.read(content)[0] == bank_data()


def test_what_is_reviewed_like_code_has_no_such_line() -> None:
    assert yaml_origin.written(bank_data(), None) == yaml_bank.write(bank_data()).encode()


@pytest.mark.parametrize(
    "content",
    [b"", b"key: a\n" + FILE, FILE.replace(b"31", b"0"), FILE.replace(b"0a", b"xy"), b"\xff\xfe"],
)
def test_another_first_line_says_nothing(content: bytes) -> None:
    assert yaml_origin.origin(content) is None
