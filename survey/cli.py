"""The command line: one command per act. What is wrong is said in a sentence, with exit code 1."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import flask_migrate
from flask_security import hash_password
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from sqlalchemy.orm import Session

from survey import doctor
from survey.application import THREADS, create_app, prepare
from survey.bank_commands import convert
from survey.config import Settings
from survey.core import pairwise, scoring, trace, unblock
from survey.core.errors import BadDocument, Problem
from survey.core.plain import plain
from survey.core.text import Locale
from survey.exchange import bank_formats, comparison_file, yaml_bank
from survey.report_commands import report
from survey.scores_shown import result_lines, weight_lines
from survey.services import accounts, banks, demo, passwords, publishing
from survey.services.people import ADMINISTRATOR
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import BankVersion
from survey.terminal import (
    FILE,
    Refused,
    answers_option,
    bank_option,
    edition_option,
    lines,
    read_given,
    read_settings,
    run_command,
)

WORKER = ("-m", "survey.worker")
"""A program of its own: it does without the site."""

HEADERS_WITHIN_MS = 10_000
"""Who takes longer to send the first lines of a request is cut off."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Nothing that a person can mend shows a traceback."""
    return run_command(survey, arguments, name="survey")


@contextmanager
def _session() -> Iterator[Session]:
    """A database session that is committed if nothing was refused."""
    engine = open_engine(read_settings().database_url)
    try:
        with Session(engine) as session, session.begin():
            yield session
    finally:
        engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def survey() -> None:
    """Qizhen 企诊: a self-assessment for manufacturers, with a bilingual improvement report."""


# --------------------------------------------------------------------- running


@survey.command()
@click.option("--debug", is_flag=True, help="Reload when the code changes; for development.")
def run(*, debug: bool) -> None:
    """Serve the site, with a worker for reports beside it."""
    settings = read_settings()
    if debug:
        settings = replace(settings, debug=True)
        os.environ["SURVEY_DEBUG"] = "1"
    _check(settings)
    prepare(settings)
    click.echo(f"\n  企诊 · Qizhen   {settings.base_url}\n")
    with _session() as session:
        for login in demo.logins(session):
            click.echo(f"  {login}")
    click.echo()
    with _worker_beside():
        Granian(
            "survey.application:served",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=THREADS,
            respawn_failed_workers=True,
            # For a body that stops half-way there is nothing: that takes a proxy in front.
            http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS),
            # Ctrl-C reaches the workers twice, from the terminal and from here; some then wait.
            workers_kill_timeout=3,
            reload=debug,
            log_level=LogLevels.warning,
        ).serve()


def _check(settings: Settings) -> None:
    """Refuse to start with a part out of order, instead of failing at the first request."""
    faults = [finding for finding in doctor.essentials(settings) if not finding.good]
    if faults:
        raise Refused(*(f"{f.remark.zh}\n{f.remark.en}" for f in faults))
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise Refused(
                f"端口{settings.port}已被占用，请先停止占用它的程序，或设置SURVEY_PORT。",
                f"Port {settings.port} is taken. Stop what uses it, or set SURVEY_PORT.",
            )


@contextmanager
def _worker_beside() -> Iterator[None]:
    """Keep one worker process alive for as long as the site is served."""
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep_alive() -> None:
        while not stopping.is_set():
            # The pipe is never written to: its end tells the worker that the site is gone.
            running[:] = [
                subprocess.Popen([sys.executable, *WORKER, "--beside"], stdin=subprocess.PIPE)
            ]
            running[0].wait()
            stopping.wait(1)

    keeper = threading.Thread(target=keep_alive, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for process in running:
            process.terminate()
        keeper.join(timeout=10)


@survey.command()
def worker() -> None:
    """Make reports until told to stop."""
    os.execv(sys.executable, [sys.executable, *WORKER])  # noqa: S606  # takes this one's place


@survey.command()
def seed() -> None:
    """Bring the tables up to date and load the demo; what is there already stays as it is."""
    _upgrade()
    with create_app(read_settings()).app_context(), _session() as session:
        demo.load(session, hash_password=hash_password, now=datetime.now(UTC))
    click.echo("演示数据已就绪 · The demo data are in place")


@survey.command()
@click.argument("email")
@click.argument("name")
@click.password_option(help="Asked for if it is not given.")
def administrator(email: str, name: str, password: str) -> None:
    """Add an administrator: the first person of an installation without demo data."""
    if len(password) < accounts.SHORTEST_PASSWORD:
        raise Refused(
            f"密码至少需要{accounts.SHORTEST_PASSWORD}个字符。",
            f"Use a password of at least {accounts.SHORTEST_PASSWORD} characters.",
        )
    if passwords.guessable(password, (email, name)):
        raise Refused(
            "这个密码太容易猜到，请换一个：不要用常见密码，也不要用姓名或邮箱拼成。",
            "Choose a password that is harder to guess: no common one, and none made of the name or"
            " the e-mail address.",
        )
    with create_app(read_settings()).app_context(), _session() as session:
        accounts.create_user(
            session,
            email=email,
            name=name,
            password_hash=hash_password(password),
            roles=[ADMINISTRATOR],
            locale=Locale.ZH,
            now=datetime.now(UTC),
        )


@survey.command(name="doctor")
def examine() -> None:
    """Say in one screen whether everything is in order."""
    findings = list(doctor.examine(read_settings()))
    for finding in findings:
        mark = "✓" if finding.good else "✗"
        click.echo(f"{mark} {finding.part.zh} · {finding.part.en}: {finding.remark.zh}")
        if finding.remark.en != finding.remark.zh:
            click.echo(f"    {finding.remark.en}")
    if not all(finding.good for finding in findings):
        raise click.exceptions.Exit(1)


# -------------------------------------------------------------------- database


@survey.group()
def db() -> None:
    """The database's tables."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date."""
    _upgrade()


def _upgrade() -> None:
    engine = open_engine(read_settings().database_url)
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()


@db.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration from the difference between models and tables."""
    with create_app(read_settings()).app_context():
        flask_migrate.migrate(message=message)


# ----------------------------------------------------------------------- banks


@survey.group()
def bank() -> None:
    """Question banks."""


@bank.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(paths: Sequence[Path]) -> None:
    """Name every problem of these bank files, or of all banks in these folders."""
    files = [file for path in paths for file in _bank_files(path)]
    problems: list[Problem] = []
    for file in files:
        try:
            bank_formats.bank_of_yaml(file.read_bytes(), str(file))
        except BadDocument as error:
            problems += error.problems
    if problems:
        raise Refused(*lines(problems))
    click.echo(f"没有问题的题库：{len(files)} · Banks without problems: {len(files)}")


def _bank_files(path: Path) -> list[Path]:
    if not path.exists():
        raise Refused(
            f"{path}: 没有这个文件或文件夹。", f"{path}: there is no such file or folder."
        )
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


@bank.command(name="import")
@click.argument("path", type=FILE)
def import_(path: Path) -> None:
    """Store a bank file as a draft."""
    data, _ = bank_formats.bank_of_yaml(path.read_bytes(), str(path))
    is_ours = path.resolve().is_relative_to(demo.QUESTIONNAIRES)
    store = banks.store_reviewed if is_ours else banks.store_draft
    with _session() as session:
        version = store(session, data=data, now=datetime.now(UTC))
        click.echo(f"{version.bank_key}/{version.number}")


@bank.command()
@click.argument("version")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
def export(version: str, output: Path | None) -> None:
    """Write a stored version (key/number) as YAML."""
    with _session() as session:
        stored = banks.document_of(session, _stored(session, version).id)
    content = yaml_bank.write(stored)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_text(content, encoding="utf-8")


@bank.command()
@click.argument("version")
@click.option(
    "--go-back",
    type=int,
    metavar="N",
    help="Undo what version N changed and the draft lacks; N is the newest published version.",
)
def publish(version: str, *, go_back: int | None) -> None:
    """Freeze a draft (key/number) so that firms can answer it."""
    with _session() as session:
        publishing.publish(
            session,
            _stored(session, version).id,
            confirmed=go_back,
            now=datetime.now(UTC),
            fonts_folder=read_settings().fonts_folder,
        )


@bank.command()
@click.argument("path", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the weights as JSON.")
def weights(path: Path, *, as_json: bool) -> None:
    """Work out weights from a file of pairwise comparisons, and how consistent they are."""
    comparison = comparison_file.read(path.read_bytes(), file=str(path))
    weighing = pairwise.weigh(comparison.matrix)
    if as_json:
        found = dict(zip(comparison.things, weighing.weights, strict=True))
        said = {"weights": found, "consistency_ratio": weighing.consistency_ratio}
        click.echo(json.dumps(plain(said), ensure_ascii=False, indent=2))
        return
    for line in weight_lines(comparison.things, weighing):
        click.echo(line)


bank.add_command(convert)


def _stored(session: Session, version: str) -> BankVersion:
    key, _, number = version.rpartition("/")
    if not number.isdecimal():
        raise Refused(
            f"{version}: 请写成题库名/版本号，例如manufacturing-transformation/1。",
            f"{version}: give the key and the number of a bank: manufacturing-transformation/1.",
        )
    return banks.find_version(session, bank_key=key, number=int(number))


# ------------------------------------------------------------ scores and reports


@survey.command(name="score")
@bank_option
@answers_option
@edition_option
@click.option("--json", "as_json", is_flag=True, help="Print result, ways and trace as JSON.")
def score(bank_name: str, answers_path: Path, *, edition: str | None, as_json: bool) -> None:
    """Score answers and show where every number comes from. Needs no database."""
    given = read_given(bank_name, answers_path, edition)
    found, answers = given.bank, given.answers
    result = scoring.score(found, answers)
    if as_json:
        whole = {
            "result": plain(result),
            "ways": plain(unblock.ways(found, answers, result)),
            "trace": plain(trace.explain(found, answers, result)),
        }
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    for line in result_lines(found, answers, result):
        click.echo(line)


survey.add_command(report)


if __name__ == "__main__":
    sys.exit(main())
