"""Each command does its act, or says in a sentence what is wrong and ends with exit code 1."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey import cli, doctor, worker
from survey.services import demo
from survey.terminal import run_command
from tests.builders import bank_data

ROOT = Path(__file__).parent.parent
BANK = "manufacturing-transformation/4"
ANSWERS = str(ROOT / "seeds" / "answers" / "lizhou-valve.yaml")

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty installation in a folder of its own, on SQLite."""
    monkeypatch.setenv("SURVEY_FOLDER", str(tmp_path))
    monkeypatch.setenv("SURVEY_FONTS", str(ROOT / "var" / "fonts"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def survey(installation: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command; give its exit code, what it said, and what it complained about."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def bank_file(tmp_path: Path) -> Path:
    path = tmp_path / "bank.yaml"
    path.write_text(json.dumps(bank_data(), ensure_ascii=False), encoding="utf-8")
    return path


def test_the_demo_data_are_loaded_once_and_again_changes_nothing(survey: Command) -> None:
    assert survey("db", "upgrade")[0] == 0

    first, second = survey("seed"), survey("seed")

    assert first[0] == second[0] == 0
    assert survey("bank", "export", BANK)[1].startswith("format: 1")


def test_doctor_finds_a_fresh_installation_in_order(survey: Command) -> None:
    survey("db", "upgrade")

    code, said, _ = survey("doctor")

    assert code == 0
    assert said.count("✓") == 13
    assert "✗" not in said


def test_doctor_names_every_part_out_of_order_and_ends_with_one(
    survey: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SURVEY_FONTS", str(tmp_path / "nowhere"))
    monkeypatch.setenv("MAIL_SERVER", "127.0.0.1")
    monkeypatch.setenv("MAIL_PORT", str(_free_port()))
    monkeypatch.setattr(doctor, "LIBRARIES", ("libnothing-here.so.9",))

    code, said, _ = survey("doctor")

    assert code == 1
    assert said.count("✗") == 4
    for remedy in ("make setup", "libnothing-here", "survey db upgrade", "MAIL_*"):
        assert remedy in said


def test_doctor_says_that_the_database_does_not_answer(
    survey: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:secret@127.0.0.1:{_free_port()}/x")

    code, said, _ = survey("doctor")

    assert code == 1
    assert "DATABASE_URL" in said
    assert "QUEUE_URL" in said
    assert "secret" not in said


@pytest.mark.parametrize("command", [("seed",), ("run",), ("db", "upgrade")])
def test_an_unreachable_database_is_a_sentence_and_no_traceback(
    survey: Command, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:secret@127.0.0.1:{_free_port()}/x")

    code, _, complaint = survey(*command)

    assert code == 1
    assert "_URL" in complaint
    assert "Traceback" not in complaint
    assert "secret" not in complaint


@pytest.mark.parametrize("module", ["survey.worker", "survey"])
def test_a_worker_without_its_database_ends_with_a_sentence(
    installation: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:secret@127.0.0.1:{_free_port()}/x")
    arguments = [] if module == "survey.worker" else ["worker"]

    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True, cwd=ROOT, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "_URL" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr


def test_a_worker_loads_nothing_of_the_site() -> None:
    program = "import sys, survey.worker; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, cwd=ROOT, text=True, check=True
    ).stdout.split()

    assert "survey.pdf.render" in loaded
    assert not [name for name in loaded if name.startswith(("survey.web", "survey.application"))]


def test_a_worker_without_its_queue_says_so(
    installation: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:secret@127.0.0.1:{_free_port()}/x")

    code = run_command(worker.worker, [], name="survey worker")

    assert code == 1
    assert "QUEUE_URL" in capfd.readouterr().err


def test_a_setting_that_cannot_be_used_is_a_sentence(
    survey: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_PORT", "many")

    code, _, complaint = survey("doctor")

    assert code == 1
    assert "SURVEY_PORT" in complaint


def test_a_taken_port_is_named_before_anything_starts(
    survey: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey("db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("SURVEY_PORT", str(port))

        code, _, complaint = survey("run")

    assert code == 1
    assert f"Port {port} is taken" in complaint


def test_an_administrator_is_added_and_a_second_one_with_the_address_refused(
    survey: Command,
) -> None:
    survey("db", "upgrade")
    command = ("administrator", "first@example.com", "First", "--password")

    assert survey(*command, "short")[0] == 1
    assert survey(*command, demo.PASSWORD)[0] == 0
    assert survey(*command, demo.PASSWORD)[0] == 1


def test_a_bank_is_checked_imported_published_and_exported(
    survey: Command, bank_file: Path, tmp_path: Path
) -> None:
    survey("db", "upgrade")
    copy = tmp_path / "copy.yaml"

    assert survey("bank", "check", str(bank_file))[0] == 0
    assert survey("bank", "import", str(bank_file))[1] == "test-bank/1\n"
    assert survey("bank", "publish", "test-bank/1")[0] == 0
    assert survey("bank", "export", "test-bank/1", "-o", str(copy))[0] == 0
    assert survey("bank", "check", str(copy))[0] == 0


def test_banks_that_come_with_the_program_are_published_one_after_the_other(
    survey: Command,
) -> None:
    survey("db", "upgrade")
    folder = demo.QUESTIONNAIRES / "manufacturing-transformation"

    for number in (1, 2):
        assert survey("bank", "import", str(folder / f"{number}.yaml"))[0] == 0
        assert survey("bank", "publish", f"manufacturing-transformation/{number}")[0] == 0


def test_what_a_file_would_undo_is_named_and_has_to_be_confirmed(
    survey: Command, bank_file: Path, tmp_path: Path
) -> None:
    survey("db", "upgrade")
    survey("bank", "import", str(bank_file))
    survey("bank", "publish", "test-bank/1")
    for number, minutes in ((2, 33), (3, 5)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(json.dumps(bank_data(version=number, minutes=minutes)), encoding="utf-8")
        assert survey("bank", "import", str(path))[0] == 0
    assert survey("bank", "publish", "test-bank/2")[0] == 0

    code, _, complaint = survey("bank", "publish", "test-bank/3")
    other, _, _ = survey("bank", "publish", "test-bank/3", "--go-back", "1")
    confirmed, _, _ = survey("bank", "publish", "test-bank/3", "--go-back", "2")

    assert [code, other, confirmed] == [1, 1, 0]
    assert "minutes" in complaint
    assert "--go-back 2" in complaint


def test_a_file_with_a_translation_older_than_its_source_is_not_published(
    survey: Command, bank_file: Path, tmp_path: Path
) -> None:
    survey("db", "upgrade")
    survey("bank", "import", str(bank_file))
    survey("bank", "publish", "test-bank/1")
    changed = bank_data(version=2, title={"zh": "全新的标题", "en": bank_data()["title"]["en"]})
    path = tmp_path / "2.yaml"
    path.write_text(json.dumps(changed, ensure_ascii=False), encoding="utf-8")

    assert survey("bank", "import", str(path))[0] == 0
    code, _, complaint = survey("bank", "publish", "test-bank/2")

    assert code == 1
    assert "Traceback" not in complaint


def test_every_problem_of_a_bank_is_named_in_both_languages(
    survey: Command, tmp_path: Path
) -> None:
    data = bank_data()
    del data["title"]
    data["sections"][0]["weight"] = -1
    path = tmp_path / "bad.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    code, _, complaint = survey("bank", "check", str(tmp_path))

    assert code == 1
    assert "Traceback" not in complaint
    assert len(complaint.splitlines()) >= 4
    assert "bad.yaml:1: " in complaint


def test_an_unknown_version_or_a_crooked_one_is_refused(survey: Command) -> None:
    survey("db", "upgrade")

    assert survey("bank", "publish", "nothing/9")[0] == 1
    assert survey("bank", "publish", "nothing")[0] == 1
    assert survey("bank", "import", "no-such-file.yaml")[0] == 1
    assert survey("bank", "check", "no-such-folder")[0] == 1


@pytest.mark.parametrize("command", ["check", "import"])
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bank.pdf", b"%PDF-1.7\n", "This is a PDF"),
        ("bank.lss", b"<?xml version='1.0'?><document/>", "not written in YAML"),
        ("hello.txt", b"Hello, this is no bank.\n", "none of the formats that can be read"),
        ("hello.txt", b"Hello, this is no bank.\n", "无法识别这个文件的格式"),
        ("bank.xlsx", b"PK\x03\x04 cut off", "it is damaged"),
        ("bank.docx", b"PK\x03\x04" + b"." * 26 + b"word/document", "This is a text document"),
        ("bank.yaml", "format: 1\n".encode("utf-16"), "not written in UTF-8"),
        ("bank.draft", b"keys: a\nsection: []\n", "“sections” is missing"),
        ("bank.draft", b"", "The file is empty"),
    ],
)
def test_a_file_in_another_format_is_called_what_it_is(
    survey: Command, tmp_path: Path, command: str, name: str, content: bytes, told: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    code, _, complaint = survey("bank", command, str(file))

    assert code == 1
    assert complaint.startswith(f"{file}:")
    assert told in complaint


def test_score_shows_the_trace_and_gives_it_as_json(survey: Command) -> None:
    code, said, _ = survey("score", "--bank", BANK, "--answers", ANSWERS)
    printed = json.loads(survey("score", "--bank", BANK, "--answers", ANSWERS, "--json")[1])

    assert code == 0
    assert "Total: it is 46.3; level 3 needs 60.0" in said
    assert "energy-management: 提高到40.0分（第2级水平） · raise to 40.0 points (level 2)" in said
    assert set(printed) == {"result", "ways", "trace"}
    assert printed["result"]["total"] == printed["trace"]["total"]["contribution"]
    assert f"+{Decimal(printed['result']['total']):.4f}" in said
    assert sum(contributions(printed["trace"]["total"])) == Decimal(printed["result"]["total"])
    kinds = [blocker["kind"] for blocker in printed["result"]["blockers"]]
    assert [way["blocker"]["kind"] for way in printed["ways"]] == kinds
    assert "threshold" in kinds


def contributions(node: dict[str, Any]) -> Iterator[Decimal]:
    """What the ends of a printed trace add to the total."""
    if not node["children"] and node["contribution"] is not None:
        yield Decimal(node["contribution"])
    for child in node["children"]:
        yield from contributions(child)


def test_score_asks_only_what_an_edition_asks(survey: Command) -> None:
    asked = ("score", "--bank", BANK, "--answers", ANSWERS, "--json", "--edition")

    whole, express = (json.loads(survey(*asked, key)[1])["result"] for key in ("", "express"))

    assert (items(whole), items(express)) == (76, 20)
    assert whole["total"] != express["total"]


def items(result: dict[str, Any]) -> int:
    return sum(
        len(domain["items"]) for section in result["sections"] for domain in section["domains"]
    )


def test_the_edition_of_the_answer_file_is_the_one_that_is_scored(survey: Command) -> None:
    path = str(ROOT / "seeds" / "answers" / "aqiao-stamping.yaml")
    asked = ("score", "--bank", BANK, "--answers", path, "--json")

    by_file, by_hand = survey(*asked)[1], survey(*asked, "--edition", "express")[1]

    assert by_file == by_hand
    assert items(json.loads(by_file)["result"]) == 20


@pytest.mark.parametrize("command", ["score", "report"])
def test_an_unknown_edition_is_refused_with_those_that_there_are(
    survey: Command, tmp_path: Path, command: str
) -> None:
    output = ("-o", str(tmp_path / "x.pdf")) if command == "report" else ()

    code, _, complaint = survey(
        command, "--bank", BANK, "--answers", ANSWERS, "--edition", "short", *output
    )

    assert code == 1
    assert "short: 这个题库没有这个版本，可选：express。" in complaint
    assert "short: the bank has no such edition; it has: express." in complaint


def test_a_bank_without_editions_says_so(survey: Command, bank_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("bank: test-bank/1\nfirm: {zh: 甲, en: A}\nanswers: {}\n", encoding="utf-8")

    code, _, complaint = survey(
        "score", "--bank", str(bank_file), "--answers", str(path), "--edition", "express"
    )

    assert code == 1
    assert "可选：无" in complaint
    assert "it has: none" in complaint


def test_without_a_total_nothing_adds_to_one(
    survey: Command, bank_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("bank: test-bank/1\nfirm: {zh: 甲, en: A}\nanswers: {}\n", encoding="utf-8")

    code, said, _ = survey("score", "--bank", str(bank_file), "--answers", str(path))

    assert code == 0
    assert said.startswith("总分 total —   等级 level —   完整度 complete 0.0 %")
    assert "There is no total" in said
    assert "+0.0000" not in said
    assert "security: 补上答案 · give an answer" in said


# ------------------------------------------------------------------------ weights

COMPARED = "things: [quality, energy, delivery]\nmatrix: [[1, 3, 5], [1/3, 1, 2], [1/5, 1/2, 1]]\n"
CROOKED = "things: [quality, energy, delivery]\nmatrix: [[1, 9, 1/9], [1/9, 1, 9], [9, 1/9, 1]]\n"


@pytest.fixture
def comparison(tmp_path: Path) -> Callable[[str], str]:
    """Write a file of comparisons and give its path."""

    def written(content: str) -> str:
        path = tmp_path / "comparison.yaml"
        path.write_text(content, encoding="utf-8")
        return str(path)

    return written


def test_weights_are_worked_out_from_comparisons(
    survey: Command, comparison: Callable[[str], str]
) -> None:
    path = comparison(COMPARED)

    code, said, _ = survey("bank", "weights", path)
    printed = json.loads(survey("bank", "weights", path, "--json")[1])

    assert code == 0
    assert [line.split()[1] for line in said.splitlines()[:3]] == ["quality", "energy", "delivery"]
    assert "不超过0.1，可以采用" in said
    assert "not above 0.1: acceptable" in said
    assert list(printed["weights"]) == ["quality", "energy", "delivery"]
    assert sum(map(Decimal, printed["weights"].values())) == 1
    assert [line.split()[0] for line in said.splitlines()[:3]] == list(printed["weights"].values())
    assert printed["consistency_ratio"] in said


def test_comparisons_that_contradict_each_other_are_pointed_out(
    survey: Command, comparison: Callable[[str], str]
) -> None:
    code, said, _ = survey("bank", "weights", comparison(CROOKED))

    assert code == 0
    assert "互相矛盾，请复核" in said
    assert "the comparisons contradict each other" in said


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (COMPARED.replace("1/3", "thrice"), "comparison.yaml:2: matrix.1.0: “thrice” is not"),
        (COMPARED.replace("1/3", "1/4"), "Row 1, column 2 is not the reciprocal"),
        ("matrix: [[1]]\n", "comparison.yaml:1: A comparison has two entries"),
    ],
)
def test_comparisons_that_cannot_be_used_are_refused_in_a_sentence(
    survey: Command, comparison: Callable[[str], str], content: str, complaint: str
) -> None:
    code, said, complained = survey("bank", "weights", comparison(content))

    assert (code, said) == (1, "")
    assert complaint in complained
    assert len(complained.splitlines()) == 2


def test_an_answer_that_cannot_be_taken_is_named_with_its_line(
    survey: Command, tmp_path: Path
) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(
        f"bank: {BANK}\nfirm: {{zh: 甲, en: A}}\nanswers:\n  no-such-question: {{option: a}}\n",
        encoding="utf-8",
    )

    code, _, complaint = survey("score", "--bank", BANK, "--answers", str(path))

    assert code == 1
    assert "answers.yaml:4: answers.no-such-question" in complaint


def test_an_unknown_bank_is_refused(survey: Command) -> None:
    code, _, complaint = survey("score", "--bank", "nothing/1", "--answers", ANSWERS)

    assert code == 1
    assert "nothing/1" in complaint


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
