"""The command line: one command per act. What is wrong is said in a sentence, with exit code 1."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
import flask_migrate
from flask_security import hash_password
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session
from typing_extensions import override

from survey import create_app, doctor, jobs, messages
from survey.config import ConfigError, Settings
from survey.core import advice, document, editions, pairwise, scoring, trace, unblock
from survey.core.answers import Answer, BadAnswers, read_all
from survey.core.bank import Bank
from survey.core.errors import BadDocument, Problem, SurveyError
from survey.core.plain import plain
from survey.core.text import Languages, Locale
from survey.exchange import answer_file, comparison_file, yaml_bank, yaml_file
from survey.pdf import fonts, render
from survey.scores_shown import result_lines, weight_lines
from survey.services import accounts, banks, demo, making
from survey.services.people import ADMINISTRATOR
from survey.services.reports import CHINA, Inputs
from survey.store import migrate
from survey.store.db import open_engine
from survey.store.models import BankVersion


class Refused(click.ClickException):
    """What is wrong, one line each; the command ends with exit code 1."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Nothing that a person can mend shows a traceback."""
    try:
        code = survey.main(args=arguments, prog_name="survey", standalone_mode=False)
    except click.Abort:
        return 130
    except click.UsageError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
    except BadDocument as error:
        Refused(*_lines(error.problems)).show()
    except SurveyError as error:
        Refused(*(messages.for_error(error, locale) for locale in Locale)).show()
    except ConfigError as error:
        Refused(*error.sentences).show()
    except (OperationalError, ProgrammingError) as error:
        Refused(*_database_sentences(error)).show()
    except jobs.QUEUE_ERRORS as error:
        Refused(*_unusable(error)).show()
    else:
        return code if isinstance(code, int) else 0
    return 1


def _database_sentences(error: OperationalError | ProgrammingError) -> tuple[str, str]:
    reason = str(error.orig).strip().partition("\n")[0]
    return (
        f"数据库无法使用，请检查DATABASE_URL；新库请先运行survey db upgrade（{reason}）。",
        f"The database cannot be used. Check DATABASE_URL; run survey db upgrade once ({reason}).",
    )


def _unusable(error: Exception) -> tuple[str, str]:
    """A file or a queue that cannot be used: which, and why."""
    if isinstance(error, OSError):
        what = f"{error.filename or 'survey'}: {error.strerror}"
        return (f"文件无法使用（{what}）。", f"A file cannot be used ({what}).")
    reason = str(error).strip().partition("\n")[0]
    return (
        f"任务队列无法使用，请检查QUEUE_URL和数据库服务（{reason}）。",
        f"The queue cannot be used. Check QUEUE_URL and the database server ({reason}).",
    )


def _lines(problems: Sequence[Problem]) -> Iterator[str]:
    """``file:line: place: sentence``, in both languages."""
    for problem in problems:
        where = ":".join(str(part) for part in (problem.file, problem.line) if part)
        start = ": ".join(part for part in (where, problem.place) if part)
        for locale in Locale:
            yield f"{start}: {messages.for_problem(problem, locale)}"


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


def _fonts_folder(settings: Settings) -> Path:
    """Where the report's fonts are; refused here, because printing would only say it late."""
    missing = fonts.missing(settings.fonts_folder)
    if missing:
        names = ", ".join(str(path) for path in missing)
        raise Refused(
            f"缺少字体文件，请运行make setup（{names}）。",
            f"The fonts are missing. Run make setup ({names}).",
        )
    return settings.fonts_folder


@contextmanager
def _session() -> Iterator[Session]:
    """A database session that is committed if nothing was refused."""
    engine = open_engine(_settings().database_url)
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
    settings = _settings()
    if debug:
        settings = replace(settings, debug=True)
        os.environ["SURVEY_DEBUG"] = "1"
    _check(settings)
    click.echo(f"\n  企诊 · Qizhen   {settings.base_url}\n")
    with _session() as session:
        for login in demo.logins(session):
            click.echo(f"  {login}")
    click.echo()
    with _worker_beside():
        Granian(
            "survey:create_app",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=1,
            respawn_failed_workers=True,
            # Ctrl-C reaches the workers twice, from the terminal and from here; some then wait.
            workers_kill_timeout=3,
            reload=debug,
            log_level=LogLevels.warning,
        ).serve()


def _check(settings: Settings) -> None:
    """Refuse to start with a part out of order, instead of failing at the first request."""
    faults = [finding for finding in doctor.examine(settings) if not finding.good]
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
                subprocess.Popen(
                    [sys.executable, "-m", "survey", "worker", "--beside"], stdin=subprocess.PIPE
                )
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
@click.option("--beside", is_flag=True, hidden=True, help="Stop when standard input ends.")
def worker(*, beside: bool) -> None:
    """Make reports until told to stop."""
    settings = _settings()
    if beside:
        threading.Thread(target=_stop_with_input, daemon=True).start()
    fonts_folder = _fonts_folder(settings)
    jobs.run_worker(
        settings,
        partial(making.make, fonts_folder),
        warm_up=partial(render.warm_up, fonts_folder=fonts_folder),
    )


def _stop_with_input() -> None:
    """However the site ended, even killed, its worker does not outlive it."""
    os.read(0, 1)  # not sys.stdin: its lock, held here, would break the interpreter's own end
    os.kill(os.getpid(), signal.SIGTERM)


@survey.command()
def seed() -> None:
    """Bring the tables up to date and load the demo; what is there already stays as it is."""
    _upgrade()
    with create_app(_settings()).app_context(), _session() as session:
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
    with create_app(_settings()).app_context(), _session() as session:
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
    findings = list(doctor.examine(_settings()))
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
    engine = open_engine(_settings().database_url)
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()


@db.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write a new migration from the difference between models and tables."""
    with create_app(_settings()).app_context():
        flask_migrate.migrate(message=message)


# ----------------------------------------------------------------------- banks


@survey.group()
def bank() -> None:
    """Question banks."""


@bank.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def check(paths: Sequence[Path]) -> None:
    """Name every problem of these bank files, or of all banks in these folders."""
    files = [file for path in paths for file in _bank_files(path)]
    problems: list[Problem] = []
    for file in files:
        try:
            yaml_bank.read(file.read_bytes(), file=str(file))
        except BadDocument as error:
            problems += error.problems
    if problems:
        raise Refused(*_lines(problems))
    click.echo(f"没有问题的题库：{len(files)} · Banks without problems: {len(files)}")


def _bank_files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


@bank.command(name="import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(path: Path) -> None:
    """Store a bank file as a draft."""
    data, _ = yaml_bank.read(path.read_bytes(), file=str(path))
    with _session() as session:
        version = banks.store_draft(session, data=data, by=None, now=datetime.now(UTC))
        click.echo(f"{version.bank_key}/{version.number}")


@bank.command()
@click.argument("version")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
def export(version: str, output: Path | None) -> None:
    """Write a stored version (key/number) as YAML."""
    with _session() as session:
        stored = banks.document_of(session, _stored(session, version).id)
    content = yaml_file.dump(stored)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_text(content, encoding="utf-8")


@bank.command()
@click.argument("version")
def publish(version: str) -> None:
    """Freeze a draft (key/number) so that firms can answer it."""
    with _session() as session:
        banks.publish(session, _stored(session, version).id, by=None, now=datetime.now(UTC))


@bank.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
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


def _stored(session: Session, version: str) -> BankVersion:
    key, _, number = version.rpartition("/")
    if not number.isdecimal():
        raise click.UsageError("A version is a key and a number: manufacturing-transformation/1.")
    return banks.find_version(session, bank_key=key, number=int(number))


# ------------------------------------------------------------ scores and reports


def _bank_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--bank", "bank_name", required=True, help="A YAML file, or key/number in questionnaires/."
    )(command)


def _answers_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--answers",
        "answers_path",
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )(command)


def _edition_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--edition", help="Which edition of the bank, empty for all of it; else the file says it."
    )(command)


def _edition(found: Bank, key: str) -> Bank:
    try:
        return editions.edition(found, key)
    except KeyError:
        known = ", ".join(edition.key for edition in found.editions)
        raise Refused(
            f"{key}: 这个题库没有这个版本，可选：{known or '无'}。",
            f"{key}: the bank has no such edition; it has: {known or 'none'}.",
        ) from None


def _read_bank(name: str) -> tuple[str, Bank]:
    """The digest and the bank of a file, or of a version below questionnaires/."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else demo.QUESTIONNAIRES / f"{name}.yaml"
    if not path.is_file():
        raise Refused(f"{name}: 没有这个题库。", f"{name}: there is no such bank.")
    data, found = yaml_bank.read(path.read_bytes(), file=str(path))
    return document.digest(data), found


def _read_answers(path: Path, found: Bank) -> tuple[answer_file.AnswerFile, dict[str, Answer]]:
    """Raises BadDocument with every answer that was refused, and its line."""
    given = answer_file.read(path.read_bytes(), file=str(path))
    if given.bank.partition("/")[0] != found.key:
        raise Refused(
            f"{path}: 这些答案属于题库{given.bank}，不是{found.key}。",
            f"{path}: these answers belong to the bank {given.bank}, not to {found.key}.",
        )
    try:
        return given, read_all(found, given.answers)
    except BadAnswers as error:
        located = (
            given.loaded.locate(replace(problem, place=f"answers.{problem.place}"), file=str(path))
            for problem in error.problems
        )
        raise BadDocument(tuple(located)) from error


@survey.command(name="score")
@_bank_option
@_answers_option
@_edition_option
@click.option("--json", "as_json", is_flag=True, help="Print result, ways and trace as JSON.")
def score(bank_name: str, answers_path: Path, *, edition: str | None, as_json: bool) -> None:
    """Score answers and show where every number comes from. Needs no database."""
    _, found = _read_bank(bank_name)
    given, answers = _read_answers(answers_path, found)
    found = _edition(found, given.edition if edition is None else edition)
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


@survey.command(name="report")
@_bank_option
@_answers_option
@_edition_option
@click.option("--language", type=click.Choice([each.value for each in Languages]), default="both")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The report's date.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path)
)
def print_report(
    bank_name: str,
    answers_path: Path,
    edition: str | None,
    language: str,
    day: datetime | None,
    output: Path,
) -> None:
    """Print the improvement report as PDF. Needs no database."""
    languages = Languages(language)
    digest, found = _read_bank(bank_name)
    given, answers = _read_answers(answers_path, found)
    found = _edition(found, given.edition if edition is None else edition)
    result = scoring.score(found, answers)
    inputs = Inputs(
        report_id=document.digest([digest, given.answers, given.firm.zh])[:32],
        languages=languages,
        firm_name=given.firm.in_(languages.locales[0]),
        issued_on=(day or datetime.now(CHINA)).date(),
        bank=found,
        bank_digest=digest,
        answers=answers,
        result=result,
        plan=advice.plan(found, answers, result),
    )
    made = making.make(_fonts_folder(_settings()), inputs, lambda _progress: None)
    output.write_bytes(made.content)
    click.echo(f"{output}: {made.pages} 页 · pages")


if __name__ == "__main__":
    sys.exit(main())
