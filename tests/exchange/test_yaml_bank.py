"""A bank as a YAML file: problems with their lines, and the same digest after any journey."""

from pathlib import Path

import pytest

from survey.core import document
from survey.core.errors import BadDocument
from survey.exchange import yaml_bank, yaml_file
from tests.builders import bank_data, domain, ladder, section

BANKS = sorted((Path(__file__).parents[2] / "questionnaires").rglob("*.yaml"))


def test_export_of_import_has_the_same_digest() -> None:
    data = bank_data(
        section("s", "A", domain("d", ladder("q", weight="1.875"), ladder("r", weight="98.125")))
    )

    written = yaml_file.dump(data)
    again, bank = yaml_bank.read(written.encode())

    assert again == data
    assert document.digest(again) == document.digest(data)
    assert bank == document.read(data)
    assert yaml_file.dump(again) == written


def test_our_own_banks_are_there_to_be_tried() -> None:
    assert BANKS


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_bank_of_ours_is_good_and_survives_export_and_import(path: Path) -> None:
    data, bank = yaml_bank.read(path.read_bytes(), file=path.name)

    again, _ = yaml_bank.read(yaml_file.dump(data).encode())

    assert document.digest(again) == document.digest(data)
    assert (bank.key, str(bank.version)) == (path.parent.name, path.stem)


def test_all_problems_come_in_the_order_of_the_file_with_their_lines() -> None:
    data = bank_data(section("s", "A", domain("d", ladder("q"), ladder("p"))), roles=[])
    data["sections"][0]["domains"][0]["questions"][1]["options"][2]["points"] = 9
    data["levels"]["steps"][1]["threshold"] = 0
    data["title"]["en"] = "标题"
    written = yaml_file.dump(data)
    lines = written.splitlines()

    with pytest.raises(BadDocument) as caught:
        yaml_bank.read(written.encode(), file="mine.yaml")

    found = [(problem.code, problem.line or 0) for problem in caught.value.problems]
    owners = [n for n, line in enumerate(lines, 1) if line.strip() == "owner: manager"]
    options = [n for n, line in enumerate(lines, 1) if line.strip() == "options:"]
    assert found == [
        ("bank-full-width", lines.index("  en: 标题") + 1),
        *(("bank-unknown-key", line) for line in owners),
        ("bank-points-not-rising", options[-1] + 1),
        ("bank-levels-not-rising", lines.index("  steps:") + 2),
    ]
    assert {problem.file for problem in caught.value.problems} == {"mine.yaml"}


def test_a_missing_part_has_the_line_of_the_part_it_is_missing_in() -> None:
    data = bank_data()
    del data["sections"][0]["domains"][1]["title"]
    written = yaml_file.dump(data)

    with pytest.raises(BadDocument) as caught:
        yaml_bank.read(written.encode())

    [problem] = caught.value.problems
    assert (problem.code, problem.place) == ("bank-missing", "sections.0.domains.1.title")
    assert written.splitlines()[(problem.line or 0) - 1].strip() == "- key: second"
