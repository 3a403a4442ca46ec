"""The set-up's decisions; that it works as a whole is shown by running it on a bare system."""

import ast
import sys
from pathlib import Path

import pytest

from survey import install

SOURCE = Path(install.__file__)
DEBIAN = "ID=debian\n"
MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'
UNKNOWN = "ID=plan9\n"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine that lacks the libraries and lets nobody install anything."""
    monkeypatch.setattr(
        install, "missing_parts", lambda system, *, test: ["ensurepip", "libraries"]
    )
    monkeypatch.setattr(install, "apt", lambda: None)
    return monkeypatch


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        install.system_parts(0, test=False)

    assert end.value.code == 1
    return capsys.readouterr().err


def test_it_can_be_read_by_a_python_that_is_too_old_to_run_it() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    # the launcher's own import is text, not code, and so is not seen here
    assert names <= sys.stdlib_module_names


def test_an_old_python_is_refused_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))

    with pytest.raises(SystemExit) as end:
        install.main()

    assert end.value.code == 1
    said = capsys.readouterr().err
    assert "需要Python 99.0或更高版本" in said
    assert "Python 99.0 or later is needed" in said


@pytest.mark.parametrize(
    ("release", "expected"),
    [(DEBIAN, "debian"), (MINT, "ubuntu"), ("ID=fedora\n", "fedora"), ("ID=alpine\n", "alpine")],
)
def test_a_system_is_known_by_its_name_or_its_kin(
    release: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "os-release").write_text(release, encoding="utf-8")

    assert install.known_system(tmp_path / "os-release") is install.SYSTEMS[expected]


def test_an_unknown_system_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "os-release").write_text(UNKNOWN, encoding="utf-8")

    assert install.known_system(tmp_path / "os-release") is None
    assert install.known_system(tmp_path / "missing") is None


@pytest.mark.parametrize("name", sorted(install.SYSTEMS))
def test_each_known_system_is_told_its_packages_in_one_line(
    name: str, bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = install.SYSTEMS[name]
    bare.setattr(install, "known_system", lambda: system)

    said = refusal(capsys)

    line = f"{system.install} {system.ensurepip} {system.libraries}"
    assert said.count(line) == 2  # once in each language
    assert "缺少系统组件" in said
    assert "System packages are missing" in said


def test_an_unknown_system_is_told_what_the_libraries_are_called(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare.setattr(install, "known_system", lambda: None)

    said = refusal(capsys)

    assert said.count("Pango (pango, pangoft2), HarfBuzz (harfbuzz-subset)") == 2


def test_a_step_is_done_again_when_something_it_depends_on_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    folder, stamp = tmp_path / "inputs", tmp_path / "stamps" / "step"
    folder.mkdir()
    (folder / "a").write_text("one", encoding="utf-8")
    install.mark_done(stamp, install.digest(folder))

    assert install.is_done(stamp, install.digest(folder))
    (folder / "a").write_text("two", encoding="utf-8")
    assert not install.is_done(stamp, install.digest(folder))
    (folder / "a").rename(folder / "b")
    assert not install.is_done(stamp, install.digest(folder))


def test_a_failing_command_shows_its_last_lines_and_the_sentence(
    capfd: pytest.CaptureFixture[str],
) -> None:
    program = "for i in range(50): print('line', i)\nraise SystemExit(3)"

    with pytest.raises(SystemExit) as end:
        install.run([sys.executable, "-c", program], "失败。", "It failed.")

    said = capfd.readouterr().err
    assert end.value.code == 1
    assert "line 49" in said
    assert "line 10\n" not in said
    assert said.endswith("失败。\nIt failed.\n")


def test_the_libraries_that_printing_needs_are_found_on_this_machine() -> None:
    assert all(install.has_library(name) for name in install.LIBRARIES)
    assert not install.has_library("no-such-library")
