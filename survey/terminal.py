"""What several commands share: how they end, refusals, banks and answers from files."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from typing_extensions import override

from survey import jobs, messages
from survey.config import ConfigError, Settings
from survey.core import document, editions
from survey.core.answers import Answer, BadAnswers, read_all
from survey.core.bank import Bank
from survey.core.errors import BadDocument, Problem, SurveyError
from survey.core.text import Locale
from survey.exchange import answer_file, yaml_bank
from survey.exchange.answer_file import AnswerFile
from survey.pdf import fonts
from survey.services import demo


class Refused(click.ClickException):
    """What is wrong, one line each; the command ends with exit code 1."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


def run_command(command: click.Command, arguments: Sequence[str] | None, *, name: str) -> int:
    """Run a command and return its exit code. Nothing that a person can mend shows a traceback."""
    try:
        code = command.main(args=arguments, prog_name=name, standalone_mode=False)
    except click.Abort:
        return 130
    except click.UsageError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
    except BadDocument as error:
        Refused(*lines(error.problems)).show()
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


def read_settings() -> Settings:
    return Settings.from_environment(os.environ)


def lines(problems: Sequence[Problem]) -> Iterator[str]:
    """``file:line: place: sentence``, in both languages."""
    for problem in problems:
        where = ":".join(str(part) for part in (problem.file, problem.line) if part)
        start = ": ".join(part for part in (where, problem.place) if part)
        for locale in Locale:
            yield ": ".join(filter(None, (start, messages.for_problem(problem, locale))))


def usable_fonts(given: Settings) -> Path:
    """Where the report's fonts are; refused here, because printing would only say it late."""
    missing = fonts.missing(given.fonts_folder)
    if missing:
        names = [str(path) for path in missing]
        raise Refused(
            f"缺少字体文件，请运行make setup（{'、'.join(names)}）。",
            f"The fonts are missing. Run make setup ({', '.join(names)}).",
        )
    return given.fonts_folder


# ------------------------------------------------------------- banks and answers


def bank_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--bank", "bank_name", required=True, help=BANK_HELP)(command)


def answers_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--answers", "answers_path", required=True, type=FILE)(command)


def edition_option(command: click.decorators.FC) -> click.decorators.FC:
    return click.option("--edition", help=EDITION_HELP)(command)


class _File(click.ParamType[Path]):
    """The path of a file; where there is none, that is said in both languages."""

    name = "file"

    @override
    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        path = Path(value)
        if not path.is_file():
            raise Refused(f"{path}: 没有这个文件。", f"{path}: there is no such file.")
        return path


FILE = _File()
BANK_HELP = "A YAML file, or key/number in questionnaires/."
EDITION_HELP = "Which edition of the bank, empty for all of it; else the file says it."


@dataclass(frozen=True, slots=True)
class Given:
    """A bank as it is asked, and what one firm answered."""

    digest: str
    bank: Bank
    edition: str
    file: AnswerFile
    answers: dict[str, Answer]


def read_given(bank_name: str, answers_path: Path, edition: str | None) -> Given:
    """Raises Refused for a bank or an edition that there is not, BadDocument for bad answers."""
    digest, bank = read_bank(bank_name)
    file, answers = _read_answers(answers_path, bank)
    chosen = file.edition if edition is None else edition
    return Given(digest, _edition(bank, chosen), chosen, file, answers)


def read_bank(name: str) -> tuple[str, Bank]:
    """The digest and the bank of a file, or of a version below questionnaires/."""
    path = bank_path(name)
    data, found = yaml_bank.read(path.read_bytes(), file=str(path))
    return document.digest(data), found


def bank_path(name: str) -> Path:
    path = Path(name) if name.endswith((".yaml", ".yml")) else demo.QUESTIONNAIRES / f"{name}.yaml"
    if not path.is_file():
        raise Refused(f"{name}: 没有这个题库。", f"{name}: there is no such bank.")
    return path


def _edition(found: Bank, key: str) -> Bank:
    try:
        return editions.edition(found, key)
    except KeyError:
        known = [edition.key for edition in found.editions]
        raise Refused(
            f"{key}: 这个题库没有这个版本，可选：{'、'.join(known) or '无'}。",
            f"{key}: the bank has no such edition; it has: {', '.join(known) or 'none'}.",
        ) from None


def _read_answers(path: Path, found: Bank) -> tuple[AnswerFile, dict[str, Answer]]:
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
