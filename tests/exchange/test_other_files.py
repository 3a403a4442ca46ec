"""Files that hold no bank: each gets a sentence about what it is, whatever it is called."""

import pytest

from survey.core.text import Locale
from survey.exchange import bank_formats
from survey.exchange.bank_formats import write_yaml
from survey.messages import for_problem
from tests.builders import bank_data
from tests.foreign_files import an_archive

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def old_office(*streams: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le") for name in streams)


def open_document(kind: str) -> bytes:
    """As such files begin: their kind stands in the first of them."""
    return an_archive("mimetype", "content.xml").replace(
        b"mimetype", f"mimetypeapplication/vnd.oasis.opendocument.{kind}".encode(), 1
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n1 0 obj<<>>", "This is a PDF"),
        (b"<html><body>x</body></html>", "This is a web page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<title>x", "This is a web page"),
        (b'<?xml version="1.0"?><!-- a --><!-- b -->\n<HTML xmlns="x">', "This is a web page"),
        (b'<?xml version="1.0"?><svg>', "This is a picture"),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is a picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture"),
        (b"GIF89a\0", "This is a picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "This is a picture"),
        (b"BM\x36\0\0\0\0\0\0\0", "This is a picture"),
        (b"\0\0\0\x18ftypheic", "This is a picture"),
        (old_office("WordDocument"), "This is a text document"),
        (old_office("PowerPoint Document"), "This is a text document"),
        (an_archive("[Content_Types].xml", "word/document.xml"), "This is a text document"),
        (an_archive("[Content_Types].xml", "ppt/slides.xml"), "This is a text document"),
        (open_document("text"), "This is a text document"),
        (
            an_archive("[Content_Types].xml", "word/document.xml", "word/styles.xml")[:-60],
            "This is a text document",
        ),
        (b"{\\rtf1 text}", "This is a text document"),
        (an_archive("bank.yaml", "notes.txt"), "This is an archive with other files"),
        (b"\x1f\x8b\x08\0", "This is an archive with other files"),
        (b"Rar!\x1a\x07", "This is an archive with other files"),
        (an_archive("survey_5.lss", "answers.lsr"), "an archive of a LimeSurvey survey"),
    ],
)
@pytest.mark.parametrize("name", ["bank.yaml", "bank.xlsx", "bank"])
def test_a_file_that_holds_no_bank_is_called_what_it_is(
    content: bytes, said: str, name: str
) -> None:
    found = bank_formats.read(content, name)

    assert found.document is None
    (problem,) = found.problems
    assert said in for_problem(problem, Locale.EN)
    assert bank_formats.detected(content, name) == ""


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        ("你好，这不是题库".encode(), "a.txt", "exchange-unknown-format"),
        (b"Some notes of mine: nothing else.\n", "notes.md", "exchange-unknown-format"),
        (old_office("WordDocument", "Workbook"), "a.xls", "workbook-unreadable"),
        (open_document("spreadsheet"), "a.ods", "workbook-other-format"),
        (an_archive("xl/workboox.xml"), "a.docx", "workbook-other-format"),
        (b"PK\x03\x04 cut off", "a.xlsx", "workbook-unreadable"),
        (b"<document>", "a.xml", "foreign-xml"),
        (b"BMX: 1\nkey: [", "a.yaml", "yaml-syntax"),
    ],
)
def test_what_may_hold_one_is_refused_by_its_own_reader(
    content: bytes, name: str, code: str
) -> None:
    (problem,) = bank_formats.read(content, name).problems

    assert problem.code == code


def test_a_bank_in_yaml_is_known_by_its_fields_whatever_it_is_called() -> None:
    content = write_yaml(bank_data()).content

    for name in ("bank.txt", "bank", "-"):
        assert bank_formats.read(content, name).document == bank_data()


def test_comments_without_number_before_a_page_take_no_time() -> None:
    assert bank_formats.read(b"<!---->" * 500 + b"x", "a.html").document is None
