"""survey bank convert: formats by content and extension, losses on standard error, whole files."""

import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest

from survey import bank_commands, cli
from survey.core import document
from survey.exchange import xlsx_strangers, yaml_bank
from tests.foreign_files import a_definition, a_workbook_form, an_archive

BANK = Path(__file__).parents[1] / "questionnaires" / "sme-digital-level" / "1.yaml"
ROW = ("geopoint", "q", "Q", "问")


def given(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_a_bank_goes_into_json_and_back_without_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, back = str(tmp_path / "bank.json"), tmp_path / "bank.yml"

    codes = [
        cli.main(["bank", "convert", str(BANK), there]),
        cli.main(["bank", "convert", there, str(back)]),
    ]

    before, _ = yaml_bank.read(BANK.read_bytes())
    after, _ = yaml_bank.read(back.read_bytes())
    assert codes == [0, 0]
    assert document.digest(after) == document.digest(before)
    assert capsys.readouterr() == ("", "")


def test_a_file_is_read_as_the_format_that_the_report_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = given(tmp_path, "yaml", b"#" * 5000 + b"\n" + BANK.read_bytes())

    code = cli.main(["bank", "convert", source, str(tmp_path / "bank.json"), "--json"])

    report = json.loads(capsys.readouterr().err)
    assert (code, report["from"], report["refused"]) == (0, "yaml", False)


def test_a_questionnaire_becomes_a_draft_and_its_losses_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = given(tmp_path, "form.xlsx", a_workbook_form(ROW))

    code = cli.main(["bank", "convert", source, str(tmp_path / "bank.yaml")])

    said = capsys.readouterr()
    assert code == 0
    assert said.out == ""
    assert f"{source}: survey!A2: “q” is of the kind “geopoint”" in said.err
    assert "problems of the draft, which survey bank check names: 1." in said.err
    assert b"key: q\n" in (tmp_path / "bank.yaml").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["form.xlsx", "bank.yaml"] or len(
        list(tmp_path.iterdir())
    ) == 2


def test_the_report_can_be_json_and_the_file_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = given(tmp_path, "survey.json", a_definition({"type": "file", "name": "q"}))

    code = cli.main(["bank", "convert", source, "-", "--to", "surveyjs", "--json"])

    said = capfdbinary.readouterr()
    report = json.loads(said.err)
    assert code == 0
    assert json.loads(said.out)["pages"][0]["name"] == "page1"
    assert (report["from"], report["to"], report["out"]) == ("surveyjs", "surveyjs", "-")
    assert report["losses"][0]["code"] == "loss-kind"
    assert report["losses"][0]["place"] == "pages[0].elements[0]"
    assert set(report["losses"][0]["sentence"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("a.lss", b"<document>", [], "XML is broken at line 1"),
        ("a.xlsx", b"PK cut off", ["--from", "xlsform"], "damaged"),
        ("a.json", b'{"pages": 5}', [], "neither pages nor elements"),
        ("a.bin", b"\x00\x01", [], "Name it with --from"),
        ("a.lsa", an_archive("survey_5.lss"), [], "archive of a LimeSurvey survey"),
        ("a.pdf", b"%PDF-1.7\n", [], "This is a PDF"),
        ("a.pdf", b"%PDF-1.7\n", ["--from", "yaml"], "This is a PDF"),
    ],
)
def test_a_file_that_cannot_be_read_ends_in_a_sentence_and_nothing_is_written(
    name: str, content: bytes, options: list[str], said: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    target = tmp_path / "out.yaml"
    target.write_text("what was there", encoding="utf-8")

    code = cli.main(["bank", "convert", given(tmp_path, name, content), str(target), *options])

    assert code == 1
    assert said in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "what was there"


def test_an_extension_that_says_no_format_needs_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["bank", "convert", str(BANK), str(tmp_path / "out.doc")])

    assert code == 1
    assert "name the format to write with --to" in capsys.readouterr().err


def test_a_format_that_is_only_read_cannot_be_asked_for(tmp_path: Path) -> None:
    assert cli.main(["bank", "convert", str(BANK), str(tmp_path / "out"), "--to", "lss"]) == 2


def test_a_folder_that_is_not_there_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["bank", "convert", str(BANK), str(tmp_path / "nowhere" / "out.json")])

    assert code == 1
    assert "A file cannot be used" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_one_and_the_file_behind_it_keeps_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "old.yaml", tmp_path / "link.yaml"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    link.symlink_to("old.yaml")

    code = cli.main(["bank", "convert", str(BANK), str(link)])

    assert code == 0
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes().startswith(b"format: 1")


def test_a_pipe_is_written_into_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    code = cli.main(["bank", "convert", str(BANK), str(pipe), "--to", "yaml"])

    reader.join()
    assert code == 0
    assert pipe.is_fifo()
    assert got[0].startswith(b"format: 1")


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nothing.yaml", "out.json", "there is no such file"),
        (".", "out.json", "this is a folder"),
        (str(BANK), "folder.json", "this is a folder"),
        (str(BANK), "nowhere/out.json", "there is no folder"),
        (str(BANK), "loop.json", "leads to itself"),
        ("broken.json", "out.yaml", "JSON is broken at line 1"),
        ("half.json", "out.yaml", "U+D800"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_every_refusal_is_said_and_as_json_where_that_is_wanted(
    source: str, target: str, said: str, as_json: bool, tmp_path: Path,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "loop.json").symlink_to("loop.json")
    given(tmp_path, "broken.json", b'{"format": 1, ')
    given(tmp_path, "half.json", b'{"format": 1, "sections": [], "key": "\\ud800"}')

    code = cli.main(["bank", "convert", source, target, *(["--json"] if as_json else [])])

    told = capsys.readouterr().err
    assert code == 1
    assert said in told
    if as_json:
        assert json.loads(told)["refused"] is True
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "broken.json", "folder.json", "half.json", "loop.json",
    ]  # fmt: skip


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), xlsx_strangers.Busy()])
def test_a_machine_that_cannot_is_said_as_json_as_well(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_content: bytes, _source: str, _wanted: str | None) -> None:
        raise error

    monkeypatch.setattr(bank_commands, "_read", refuse)

    code = cli.main(["bank", "convert", str(BANK), "-", "--to", "json", "--json"])

    assert code == 1
    assert set(json.loads(capsys.readouterr().err)["sentence"]) == {"zh", "en"}


def test_a_bank_comes_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with BANK.open("rb") as opened, io.TextIOWrapper(opened) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code = cli.main(["bank", "convert", "-", str(tmp_path / "out.json")])

    assert code == 0
    assert b'"format": 1' in (tmp_path / "out.json").read_bytes()
