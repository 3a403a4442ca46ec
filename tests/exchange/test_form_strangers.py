"""Forms as workbooks of both formats, read in a process of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from survey.exchange import form_strangers, xlsform
from survey.exchange.xlsx import BadWorkbook, Holds, LargeWorkbook, RawSheet
from survey.exchange.xlsx_strangers import Busy, places
from tests.foreign_files import YES_NO, a_workbook_form

ROWS = (("select_one l", "q", "Q", "问"), ("integer", "n", 1.5, True), ("date", "d", "D", None))
CHOICES = [YES_NO[0], ("l", 1, "One", "一"), ("l", True, "True", "真")]
ANSWER: TypeAdapter[tuple[RawSheet, ...] | str] = TypeAdapter(tuple[RawSheet, ...] | str)


@pytest.fixture(scope="module")
def old_workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The form as a spreadsheet program writes it in the format of before 2007."""
    if shutil.which("soffice") is None:
        pytest.skip("needs LibreOffice Calc")
    folder: Path = tmp_path_factory.mktemp("old")
    source = folder / "form.xlsx"
    source.write_bytes(a_workbook_form(*ROWS, choices=CHOICES))
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "xls", "--outdir", str(folder), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "form.xls").read_bytes()


def test_a_workbook_of_before_2007_is_read_like_one_of_today(old_workbook: bytes) -> None:
    today = xlsform.read(a_workbook_form(*ROWS, choices=CHOICES))
    before = xlsform.read(old_workbook)

    assert list(before.items()) == list(today.items())
    assert [choice.code for choice in next(before.items()).choices] == ["1", "TRUE"]


def test_every_kind_of_cell_of_an_old_workbook_is_told(old_workbook: bytes) -> None:
    sheets = ANSWER.validate_json(form_strangers.answer(old_workbook))

    assert not isinstance(sheets, str)
    survey, choices = sheets
    assert survey.rows[3][3].holds is Holds.NUMBER
    assert (survey.rows[3][4].is_truth, choices.rows[3][2].value) == (True, "yes")


@pytest.mark.parametrize("size", [600, 2000, 6000])
def test_a_broken_workbook_of_before_2007_is_refused(old_workbook: bytes, size: int) -> None:
    broken = old_workbook[:512] + b"\xfe" * size + old_workbook[512 + size :]

    for content in (broken, old_workbook[:size]):
        with pytest.raises(BadWorkbook):
            xlsform.read(content)


def test_too_many_cells_are_refused(old_workbook: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_strangers, "MOST_CELLS", 3)

    for content in (old_workbook, a_workbook_form(*ROWS)):
        assert ANSWER.validate_json(form_strangers.answer(content)) == LargeWorkbook.code


def test_no_more_than_two_are_looked_into_at_once() -> None:
    taken = [places.acquire(blocking=False) for _ in range(2)]

    with pytest.raises(Busy):
        form_strangers.looked_into(a_workbook_form(*ROWS))

    for _ in filter(None, taken):
        places.release()


def test_the_process_reads_what_a_spreadsheet_holds() -> None:
    sheets = form_strangers.looked_into(a_workbook_form(*ROWS))

    assert [sheet.title for sheet in sheets] == ["survey", "choices"]
