"""The formats of other systems as one finds them: by content, with a draft or with the reason."""

import pytest

from survey.exchange import bank_formats
from survey.exchange.bank_formats import FORMATS
from tests.exchange.test_limesurvey_lss import SOUND
from tests.foreign_files import a_definition, a_txt, a_workbook_form

TXT = a_txt({"class": "Q", "type/scale": "S", "name": "q", "text": "Q", "language": "en"})
ROW = ("text", "q", "Q", "问")


@pytest.mark.parametrize(
    ("content", "file", "name"),
    [
        (a_workbook_form(ROW), "My form.xlsx", "xlsform"),
        (a_definition({"type": "text", "name": "q"}), "survey.json", "surveyjs"),
        (SOUND, "survey.lss", "lss"),
        (TXT, "survey.txt", "limesurvey-txt"),
        (b"survey,,\n,type,name\n,text,q\n", "form.csv", "xlsform"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "form.xls", "xlsform"),
    ],
)
def test_a_format_is_told_by_what_is_in_the_file(content: bytes, file: str, name: str) -> None:
    assert bank_formats.detected(content, file) == name


def test_a_draft_is_named_by_its_file_where_the_file_says_nothing() -> None:
    found = FORMATS["surveyjs"].read
    assert found is not None

    read = found(a_definition({"type": "text", "name": "q"}), "folder/Energy Check.json")

    assert read.document is not None
    assert read.document["key"] == "energy-check"
    assert [loss.code for loss in read.losses][-1] == "loss-defaults"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("xlsform", "foreign-no-survey"),
        ("surveyjs", "foreign-json"),
        ("lss", "foreign-xml"),
        ("limesurvey-txt", "foreign-not-limesurvey"),
    ],
)
def test_a_file_that_cannot_be_read_gives_no_draft_but_the_reason(name: str, code: str) -> None:
    found = FORMATS[name].read
    assert found is not None

    read = found(b"nothing", "file")

    assert read.document is None
    assert [problem.code for problem in read.problems] == [code]
