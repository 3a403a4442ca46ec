"""survey bank convert: a bank or a questionnaire from one format into another."""

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from survey import messages
from survey.core.errors import Problem, SurveyError
from survey.core.text import Locale
from survey.exchange import bank_formats
from survey.exchange.bank_formats import FORMATS, UNKNOWN, Format
from survey.exchange.bank_parts import Read, Written
from survey.exchange.loss import Loss
from survey.terminal import Refused, lines

_READABLE = sorted(name for name, each in FORMATS.items() if each.read is not None)
_WRITABLE = sorted(name for name, each in FORMATS.items() if each.write is not None)
_BY_EXTENSION = {"yml": "yaml"} | {
    FORMATS[name].extension: name for name in ("yaml", "json", "xlsx")
}
STANDARD = "-"
"""Standard input as IN, standard output as OUT."""


@click.command()
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option(
    "--from",
    "from_",
    type=click.Choice(_READABLE),
    help="The format of IN; else its content says it.",
)
@click.option(
    "--to",
    type=click.Choice(_WRITABLE),
    help="The format of OUT; else its extension says it: .yaml, .json or .xlsx.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Say everything as JSON, on standard error too."
)
def convert(source: str, target: str, *, from_: str | None, to: str | None, as_json: bool) -> None:
    """Write IN, whatever its format, as OUT; what could not be carried over is said.

    IN is one of ours (YAML, JSON, XLSX), an XLSForm (.xlsx, .xls, .csv), a LimeSurvey structure
    (.lss, .txt) or a SurveyJS definition (.json). IN and OUT may be "-" for standard input and
    output. The report of losses goes to standard error and changes nothing about the exit code,
    which is 0 unless IN cannot be read or OUT cannot be written.
    """
    facts = {"in": source, "out": target}
    try:
        read, losses = _converted(facts, from_, to)
    except (Refused, SurveyError, OSError) as error:
        if not as_json:
            raise
        raise Refused(_as_json({**facts, "refused": True, **_why(error)})) from error
    problems = read.problems
    if read.document is None:
        said = {**facts, "refused": True, **_report(losses, problems)}
        raise Refused(*([_as_json(said)] if as_json else lines(problems)))
    if as_json:
        click.echo(_as_json({**facts, "refused": False, **_report(losses, problems)}), err=True)
        return
    for line in (*_loss_lines(source, losses), *_fault_lines(target, problems)):
        click.echo(line, err=True)


def _converted(
    facts: dict[str, str], from_: str | None, to: str | None
) -> tuple[Read, tuple[Loss, ...]]:
    """What was read, and all losses; OUT is written if there is a document. Fills in the facts."""
    source, target = facts["in"], facts["out"]
    content = _content(source)
    facts["from"] = from_ or bank_formats.detected(content, Path(source).name)
    facts["to"], writer = _writer(target, to)
    read = _read(content, source, facts["from"])
    if read.document is None:
        return read, read.losses
    written = writer.write(read.document) if writer.write is not None else Written(b"")
    _put(target, written.content)
    return read, (*read.losses, *written.losses)


def _content(source: str) -> bytes:
    if source == STANDARD:
        return sys.stdin.buffer.read()
    path = Path(source)
    if path.is_dir():
        raise Refused(
            f"{source}: 这是文件夹，请指定其中的文件。",
            f"{source}: this is a folder. Name a file in it.",
        )
    if not path.exists():
        raise Refused(f"{source}: 没有这个文件。", f"{source}: there is no such file.")
    return path.read_bytes()


def _read(content: bytes, source: str, name: str) -> Read:
    read = bank_formats.read(content, source, name)
    if any(each.code == UNKNOWN for each in read.problems):
        raise Refused(
            f"{source}: 无法识别这个文件的格式，请用--from指明：{'、'.join(_READABLE)}。",
            f"{source}: the format of this file is not clear. Name it with --from: "
            f"{', '.join(_READABLE)}.",
        )
    return read


def _writer(target: str, wanted: str | None) -> tuple[str, Format]:
    name = wanted or _BY_EXTENSION.get(target.rpartition(".")[2].lower())
    if name is None:
        raise Refused(
            f"{target}: 请用--to指明要写成的格式：{'、'.join(_WRITABLE)}。",
            f"{target}: name the format to write with --to: {', '.join(_WRITABLE)}.",
        )
    return name, FORMATS[name]


def _put(target: str, content: bytes) -> None:
    """Write the file whole or not at all: what was there stays until the new one is complete.

    A link stays one: the file behind it is written. A device or a pipe is written into.
    """
    if target == STANDARD:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = _place(target)
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        half.write_bytes(content)
        if path.exists():
            half.chmod(stat.S_IMODE(path.stat().st_mode))
        half.replace(path)
    except OSError:
        with suppress(OSError):
            half.unlink()
        raise


def _place(target: str) -> Path:
    """Where OUT is in truth. Raises Refused where no file can be."""
    try:
        path = Path(target).resolve()
    except RuntimeError as error:  # links in a circle
        raise Refused(
            f"{target}: 这个链接指向它自己，请换一个。",
            f"{target}: this link leads to itself. Name another file.",
        ) from error
    if path.is_dir():
        raise Refused(
            f"{target}: 这是文件夹，请写上文件名。",
            f"{target}: this is a folder. Add the name of a file.",
        )
    if not path.parent.is_dir():
        raise Refused(
            f"文件无法使用（{target}：没有文件夹{path.parent}）。请先建立文件夹。",
            f"A file cannot be used ({target}: there is no folder {path.parent}). Make it first.",
        )
    return path


def _loss_lines(source: str, losses: Sequence[Loss]) -> Iterator[str]:
    for loss in losses:
        start = ": ".join(part for part in (source, loss.place) if part)
        for locale in Locale:
            yield f"{start}: {messages.sentence(loss.code, loss.facts, locale)}"
    if losses:
        count = len(losses)
        yield f"未能完整转换之处：{count} · Things not carried over as they were: {count}"


def _fault_lines(target: str, problems: Sequence[Problem]) -> Iterator[str]:
    """What is still to be mended in the draft; of one in YAML `survey bank check` says the line."""
    yield from lines(problems)
    if problems:
        count = len(problems)
        yield f"{target}: 题库草稿中有待修正的问题：{count}，用survey bank check查看。"
        yield f"{target}: problems of the draft, which survey bank check names: {count}."


def _report(losses: Sequence[Loss], problems: Sequence[Problem]) -> dict[str, object]:
    return {
        "losses": [
            {**loss.to_plain(), "sentence": _both(loss.code, loss.facts)} for loss in losses
        ],
        "problems": [
            {
                "code": each.code,
                "place": each.place,
                "facts": dict(each.facts),
                "sentence": _both(each.code, each.facts),
            }
            for each in problems
        ],
    }


def _why(error: Refused | SurveyError | OSError) -> dict[str, object]:
    """A refusal without places: of the command line, of the file system, of a busy machine."""
    match error:
        case SurveyError():
            return {"code": error.code, "sentence": _both(error.code, error.facts)}
        case OSError():
            what = f"{error.filename or ''}: {error.strerror}"
            said = (f"文件无法使用（{what}）。", f"A file cannot be used ({what}).")
        case _:
            chinese, _, english = error.message.partition("\n")
            said = (chinese, english)
    return {"sentence": dict(zip(("zh", "en"), said, strict=True))}


def _as_json(whole: Mapping[str, object]) -> str:
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _both(code: str, facts: Mapping[str, str | int]) -> dict[str, str]:
    return {locale.value: messages.sentence(code, facts, locale) for locale in Locale}
