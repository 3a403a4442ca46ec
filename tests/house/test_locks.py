"""What is installed is exactly what the locks name, wherever the packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = (ROOT / "survey" / "requirements.lock", ROOT / "tests" / "requirements.lock")
ENTRY = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)( ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def locked(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock names; several where they depend on the Python."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if entry := ENTRY.fullmatch(line):
            found.setdefault(entry["name"], set()).add(entry["version"])
    return found


def project() -> tuple[list[Requirement], list[Requirement]]:
    """What pyproject.toml asks for: to run, and to test."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, test = data["project"]["dependencies"], data["dependency-groups"]["test"]
    return [Requirement(line) for line in run], [Requirement(line) for line in test]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_holds_versions_and_hashes_and_names_no_package_host(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()

    strange = [line for line in lines if not ENTRY.fullmatch(line) and not HASH.fullmatch(line)]

    assert strange == []
    assert len(locked(lock)) > 50


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml", ".ci/run", "survey/install.py"])
def test_the_set_up_names_no_package_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert "://" not in text
    assert "index-url" not in text


def test_the_locks_hold_what_the_project_asks_for() -> None:
    run, test = project()

    for lock, wanted in ((LOCKS[0], run), (LOCKS[1], run + test)):
        found = locked(lock)
        late = [
            str(one)
            for one in wanted
            if not any(one.specifier.contains(version) for version in found.get(one.name, ()))
        ]
        assert late == [], "run: make lock"


def test_tests_run_with_the_versions_that_are_delivered() -> None:
    delivered, tested = locked(LOCKS[0]), locked(LOCKS[1])

    assert {name: tested.get(name) for name in delivered} == delivered, "run: make lock"


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    run, _ = project()

    open_ended = [
        str(one) for one in run if not {mark.operator for mark in one.specifier} & {"<", "=="}
    ]

    assert open_ended == []
