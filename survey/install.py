"""Make this machine able to run the project, with nothing but its own Python to begin with.

Run by the system's python3 (`make run`, `make test`), so it knows the standard library alone and
imports nothing of the project. Every step has a key made from what it depends on; a step whose
key has not changed is passed over, which is why a second run takes no time.
"""

import argparse
import compileall
import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from itertools import chain
from pathlib import Path
from typing import NamedTuple, NoReturn

# The annotations that an older Python could not read are quoted: it must come as far as the
# sentence that says it is too old.
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMMAND = VENV / "bin" / "survey"
VAR = ROOT / "var"
WHEELS = VAR / "wheels"
FONTS = VAR / "fonts"
LOCK = ROOT / "survey" / "requirements.lock"
TEST_LOCK = ROOT / "tests" / "requirements.lock"

NEVER_IMPORTED = re.compile(r"/(pip|setuptools|tests)/")  # by the product: needs no bytecode
BEAT = 5.0  # seconds of silence after which a running step says what it is doing
TELLING = ("Collecting", "Downloading", "Building", "Installing", "Get:", "Unpacking", "Setting up")
KEPT_LINES = 15  # of a failed command's output


class System(NamedTuple):
    """How a kind of system installs what is missing: its command and its package names."""

    install: str
    ensurepip: str
    libraries: str
    chromium: str
    driver: str  # what drives the browser is linked against libatomic
    postgresql: str
    readers: str  # qpdf, pdftotext and pdffonts: they look at the printed report


DEBIAN = System(
    "sudo apt-get install",
    ensurepip="python3-venv",
    libraries="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    chromium="chromium",
    driver="libatomic1",
    postgresql="postgresql",
    readers="qpdf poppler-utils",
)
SYSTEMS = {
    "debian": DEBIAN,
    "ubuntu": DEBIAN._replace(chromium=""),  # there it is a snap: see browser()
    "fedora": System(
        "sudo dnf install",
        ensurepip="python3-pip",
        libraries="pango harfbuzz",
        chromium="chromium",
        driver="libatomic",
        postgresql="postgresql-server",
        readers="qpdf poppler-utils",
    ),
    "alpine": System(
        "apk add",
        ensurepip="python3 py3-pip",
        libraries="pango harfbuzz-subset",
        chromium="chromium",
        driver="libatomic",
        postgresql="postgresql",
        readers="qpdf poppler-utils",
    ),
    "arch": System(
        "sudo pacman -S",
        ensurepip="python",
        libraries="pango harfbuzz",
        chromium="chromium",
        driver="gcc-libs",
        postgresql="postgresql",
        readers="qpdf poppler",
    ),
    "suse": System(
        "sudo zypper install",
        ensurepip="python3-pip",
        libraries="libpango-1_0-0 libharfbuzz-subset0",
        chromium="chromium",
        driver="libatomic1",
        postgresql="postgresql-server",
        readers="qpdf poppler-tools",
    ),
    "macos": System(
        "brew install",
        ensurepip="python3",
        libraries="pango",
        chromium="--cask chromium",
        driver="",
        postgresql="postgresql",
        readers="qpdf poppler",
    ),
}
SOURCE_ONLY = "flask-principal,jsbeautifier"
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
LIBRARY_FOLDERS = ("", "/opt/homebrew/lib/", "/usr/local/lib/")
READERS = ("qpdf", "pdftotext", "pdffonts")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
# Written by survey/install.py. The first lines let sh find a Python whose path may hold spaces.
import sys

from survey.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def stop(zh: str, en: str) -> NoReturn:
    """End with one sentence in each language, and no traceback."""
    print(f"\n{zh}\n{en}", file=sys.stderr)
    sys.exit(1)


def say(started: float, text: str) -> None:
    """Print one line of progress with the seconds since the start."""
    print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)


def digest(*parts: "Path | str") -> str:
    """Hash the texts, files and folders that a step depends on."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            found.update(part.encode() + b"\0")
            continue
        files = sorted(part.rglob("*")) if part.is_dir() else [part]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def is_done(stamp: Path, key: str) -> bool:
    """Tell whether the step was carried out for exactly these inputs."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == key


def mark_done(stamp: Path, key: str) -> None:
    """Remember that the step was carried out for these inputs."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key, encoding="ascii")


def site_packages() -> str:
    """Where the virtual environment keeps its packages."""
    return sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})


def follow(command: "list[str]") -> "tuple[int, list[str]]":
    """Run a command, show now and then what it says; return its code and its last lines."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DEBIAN_FRONTEND": "noninteractive"}
    lines: list[str] = []
    shown = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None  # asked for above
        for line in process.stdout:
            lines = [*lines, line.rstrip()][-KEPT_LINES:]
            if time.monotonic() - shown > BEAT and line.strip().startswith(TELLING):
                shown = time.monotonic()
                print(f"          … {line.strip().split(' (from')[0][:88]}", flush=True)
    return process.returncode, lines


def run(command: "list[str]", zh: str, en: str) -> None:
    """Run a command that must succeed; otherwise show the end of its output and the sentence."""
    code, lines = follow(command)
    if code:
        print("\n".join(lines), file=sys.stderr)
        stop(zh, en)


def succeeds(command: "list[str]") -> bool:
    """Tell whether a command ends well, without showing what it says."""
    quiet = subprocess.DEVNULL
    return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet) == 0


def known_system(release: Path = Path("/etc/os-release")) -> "System | None":
    """Find out which of the known systems this is."""
    if sys.platform == "darwin":
        return SYSTEMS["macos"]
    if not release.is_file():
        return None
    facts = dict(
        line.split("=", 1)
        for line in release.read_text(encoding="utf-8").splitlines()
        if "=" in line
    )
    names = f"{facts.get('ID', '')} {facts.get('ID_LIKE', '')}".replace('"', "").split()
    return next((SYSTEMS[name] for name in names if name in SYSTEMS), None)


def has_library(name: str, number: int = 0) -> bool:
    """Tell whether the dynamic linker finds a library."""
    for folder in LIBRARY_FOLDERS:
        for file in (f"lib{name}.so.{number}", f"lib{name}.{number}.dylib", f"lib{name}.dylib"):
            try:
                ctypes.CDLL(folder + file)
            except OSError:
                continue
            return True
    return False


def has_ensurepip() -> bool:
    """Tell whether this Python can put pip into an environment. Debian's cannot at first."""
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def has_postgresql() -> bool:
    """Tell whether PostgreSQL's server programs are here; Debian keeps them off the PATH."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def has_browser() -> bool:
    """Tell whether a Chromium is here that starts; Ubuntu has one that only says it is a snap."""
    found = filter(None, map(shutil.which, BROWSERS))
    return any(succeeds([program, "--version"]) for program in found)


def missing_parts(system: "System | None", *, test: bool) -> "list[str]":
    """Name the fields of System that this machine lacks and the system has packages for."""
    found = {
        "ensurepip": has_ensurepip(),
        "libraries": all(map(has_library, LIBRARIES)),
        "chromium": not test or has_browser(),
        "driver": not test or has_library("atomic", 1),
        "postgresql": not test or has_postgresql(),
        "readers": not test or all(map(shutil.which, READERS)),
    }
    return [
        part for part, here in found.items() if not (here or (system and not getattr(system, part)))
    ]


def apt() -> "list[str] | None":
    """The way to call apt-get here without asking anybody for a password; None if there is none."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return None


def system_parts(started: float, *, test: bool) -> None:
    """Install the system's packages that are missing, or say which to install."""
    system = known_system()
    missing = missing_parts(system, test=test)
    if not missing:
        return
    command = apt()
    if system and command and system.install == DEBIAN.install:
        names = " ".join(getattr(system, part) for part in missing)
        say(started, f"系统组件 · system packages: {names}")
        follow([*command, "update"])
        follow([*command, "install", "--yes", "--no-install-recommends", *names.split()])
        missing = missing_parts(system, test=test)
        if not missing:
            return
    if system:
        line = f"{system.install} {' '.join(getattr(system, part) for part in missing)}"
        stop(
            f"缺少系统组件。请先运行“{line}”，然后重试。",
            f"System packages are missing. Run “{line}”, then try again.",
        )
    wanted = "Python ensurepip, Pango (pango, pangoft2), HarfBuzz (harfbuzz-subset)"
    wanted += ", Chromium, PostgreSQL, qpdf, Poppler" if test else ""
    stop(
        f"缺少系统组件，请先安装后重试：{wanted}。",
        f"System packages are missing; install these and try again: {wanted}.",
    )


def environment(started: float) -> None:
    """Make the virtual environment; make it anew if its Python is gone or the folder has moved.

    Python's own pip is unpacked as it is: installing it with `ensurepip` takes four seconds more.
    """
    stamp, key = VENV / "made-at", f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]}"
    if PYTHON.exists() and is_done(stamp, key):
        return
    say(started, "虚拟环境 · virtual environment")
    run(
        [sys.executable, "-I", "-m", "venv", "--clear", "--without-pip", str(VENV)],
        "无法创建虚拟环境，原因见上。",
        "The virtual environment could not be made; the reason is above.",
    )
    with zipfile.ZipFile(pip_wheel()) as wheel:
        wheel.extractall(site_packages())
    mark_done(stamp, key)


def pip_wheel() -> Path:
    """Find the pip that this Python brings along; systems may keep it in a folder of their own."""
    spec = importlib.util.find_spec("ensurepip")
    assert spec  # system_parts() has seen to it
    own = Path(spec.origin or "").parent / "_bundled"
    folder = Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or own)
    return next(chain(folder.glob("pip-*.whl"), own.glob("pip-*.whl")))


def pip(action: "list[str]", requirements: Path) -> None:
    """Download or install what a lock names, each file checked against its hash.

    What is published as source alone is built with the setuptools of the lock: by itself pip
    would fetch one that no hash vouches for.
    """
    run(
        [
            *(str(PYTHON), "-I", "-m", "pip", *action, "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
            *("--no-binary", SOURCE_ONLY, "--no-build-isolation", "--use-pep517"),
            *("--progress-bar", "off", "--requirement", str(requirements)),
        ],
        "依赖包安装失败，请检查网络与pip设置后重试。",
        "The packages could not be installed; check the network and pip's settings and try again.",
    )


def packages(started: float, *, test: bool) -> None:
    """Install exactly what the lock names; the downloads are kept, for a second time offline."""
    lock = TEST_LOCK if test else LOCK
    stamp, key = VENV / f"packages-{lock.parent.name}", digest(lock)
    if is_done(stamp, key):
        return
    download = ["download", "--dest", str(WHEELS)]
    install = ["install", "--no-index", "--find-links", str(WHEELS), "--no-compile"]
    first = VENV / "first.lock"
    entries = lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    first.write_text("\n".join(line for line in entries if line.startswith("setuptools==")))
    here = WHEELS / f"made-from-{lock.parent.name}"
    there = f"{key} {sysconfig.get_platform()} {sys.version_info[0]}.{sys.version_info[1]}"
    if not is_done(here, there):
        say(started, "下载依赖包 · downloads")
        if here.exists():
            shutil.rmtree(WHEELS)
        pip(download, first)
        pip(install, first)
        pip(download, lock)
        mark_done(here, there)
    say(started, "安装依赖包 · packages")
    pip(install, first)
    pip(install, lock)
    say(started, "字节码 · bytecode")
    compileall.compile_dir(site_packages(), quiet=2, workers=0, rx=NEVER_IMPORTED)
    mark_done(stamp, key)


def command(started: float) -> None:
    """Make `survey` importable and give it a command, without building a package."""
    compileall.compile_dir(str(ROOT / "survey"), quiet=2)
    text = LAUNCHER.format(python=PYTHON)
    path_file = Path(site_packages()) / "survey.pth"
    if COMMAND.is_file() and path_file.is_file() and COMMAND.read_text(encoding="utf-8") == text:
        return
    say(started, "命令 · command")
    path_file.write_text(f"{ROOT}\n", encoding="utf-8")
    COMMAND.write_text(text, encoding="utf-8")
    COMMAND.chmod(0o755)


def browser(started: float) -> None:
    """Take Playwright's own Chromium for the tests where the system has none."""
    if has_browser():
        return
    say(started, "浏览器 · browser")
    with_libraries = ["--with-deps"] if apt() else []
    run(
        [str(PYTHON), "-I", "-m", "playwright", "install", *with_libraries, "chromium"],
        "找不到能运行的 Chromium。请先安装（Ubuntu：sudo snap install chromium），然后重试。",
        "No working Chromium found. Install one (Ubuntu: sudo snap install chromium), "
        "then try again.",
    )


def fonts(started: float) -> None:
    """Make the report's fonts from the package that holds their source."""
    script = ROOT / "survey" / "pdf" / "fonts.py"
    stamp, key = FONTS / "made-from", digest(script, LOCK, str(FONTS))
    if is_done(stamp, key):
        return
    say(started, "字体 · fonts")
    run(
        [str(PYTHON), "-I", str(script), str(FONTS)],
        "中文字体生成失败，原因见上。",
        "The Chinese fonts could not be made; the reason is above.",
    )
    mark_done(stamp, key)


def data(started: float) -> None:
    """Bring the tables up to date and load the demo data; what is there already stays as it is.

    Passed over only for the embedded database: another one may have changed since.
    """
    stamp = VAR / "stamps" / "data"
    key = digest(ROOT / "survey" / "store" / "migrations", ROOT / "seeds", ROOT / "questionnaires")
    if "DATABASE_URL" not in os.environ and (VAR / "qizhen.db").is_file() and is_done(stamp, key):
        return
    say(started, "数据库与演示数据 · database and demo data")
    run(
        [str(COMMAND), "seed"],
        "数据库升级或演示数据载入失败，原因见上。",
        "The database or its demo data could not be made ready; the reason is above.",
    )
    mark_done(stamp, key)


def main() -> None:
    """Carry out every step that is not done yet."""
    if sys.version_info < OLDEST:
        found = "{}.{}".format(*sys.version_info[:2])
        wanted = "{}.{}".format(*OLDEST)
        stop(
            f"需要Python {wanted}或更高版本，当前的python3是{found}。",
            f"Python {wanted} or later is needed; this python3 is {found}.",
        )
    for stream in (sys.stdout, sys.stderr):  # a terminal may know no Chinese
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text streams
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="what the tests need; no demo data")
    parser.add_argument("--without-demo", action="store_true", help="no database, no demo data")
    asked = parser.parse_args()
    test = asked.test
    started = time.monotonic()
    system_parts(started, test=test)
    environment(started)
    packages(started, test=test)
    command(started)
    fonts(started)
    if test:
        browser(started)
    elif not asked.without_demo:
        data(started)
    say(started, "准备就绪 · ready")


if __name__ == "__main__":
    main()
