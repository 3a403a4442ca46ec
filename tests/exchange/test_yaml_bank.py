"""A bank as a YAML file: problems with their lines, and the same digest after any journey."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey.core import document
from survey.core.bank import Number
from survey.core.errors import BadDocument
from survey.core.trees import parts
from survey.exchange import bank_json, yaml_bank, yaml_file
from tests.builders import bank_data, domain, ladder, number, section

ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "green-factory": ("ab8e57e4866180f6f1effbcb472ac1ee8423d705bbd82c8560efa6fb2736439f",),
    "manufacturing-transformation": (
        "da876453855716b62821b8cffbb083045d5950c7b78136c401e895717cbdbeab",
        "b33702ce7dfa94fca05c09431d1edf7062f5c2ebbfedf451f184ebc51718defb",
        "fc805e10306d22e6c366c10856e41a3594d17e19c16e0f4e69ea224995910b29",
    ),
    "smart-manufacturing-maturity": (
        "2c0db6bf526dc6d101e1445a0f6414d27eb8127035863ba630ea79c2553834d1",
    ),
    "sme-digital-level": ("e8600fe6fa4bf0a4305bdacdafdecee1448e2659f60289f5eb91e60beeac12c3",),
}
"""The digests of the versions that are out, first to last: these files never change again."""
BANKS = sorted((ROOT / "questionnaires").rglob("*.yaml"))


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


def backwards(node: Any, name: str = "") -> Any:
    """The same with the fields of every part turned round; weights by answer have none."""
    if isinstance(node, list):
        return [backwards(part) for part in node]
    if not isinstance(node, dict) or name == "weight":
        return node
    return {name: backwards(part, name) for name, part in reversed(node.items())}


def fields(node: object, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """The names of the fields at each place, as they follow each other."""
    if isinstance(node, dict):
        yield place, list(node)
    for step, part in parts(node):
        yield from fields(part, f"{place}.{step}")


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_bank_of_ours_is_written_with_its_fields_in_the_order_of_its_file(path: Path) -> None:
    data = yaml_file.load(path.read_bytes()).data

    mixed = backwards(data)

    for written in (yaml_bank.write(mixed), bank_json.write(mixed).content.decode()):
        found = yaml_file.load(written.encode()).data
        found.pop("$schema", None)
        assert dict(fields(found)) == dict(fields(data))


@pytest.mark.parametrize("bank", PUBLISHED)
def test_versions_that_are_out_stay_as_they_were_published(bank: str) -> None:
    paths = (
        ROOT / "questionnaires" / bank / f"{n}.yaml" for n in range(1, 1 + len(PUBLISHED[bank]))
    )

    digests = [document.digest(yaml_bank.read(path.read_bytes())[0]) for path in paths]

    assert digests == list(PUBLISHED[bank])


def test_a_likely_range_survives_export_and_import() -> None:
    likely = {"low": "0.5", "high": 30}
    data = bank_data(section("s", "A", domain("d", ladder("q"), number(likely=likely))))

    again, bank = yaml_bank.read(yaml_file.dump(data).encode())

    assert again == data
    years = bank.questions["years"]
    assert isinstance(years, Number)
    assert years.likely is not None
    assert (years.likely.low, years.likely.high) == (Decimal("0.5"), Decimal(30))


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
