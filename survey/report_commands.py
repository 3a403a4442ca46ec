"""`survey report`: print a report from files, verify a printed one, print those of the demo."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import click
from typing_extensions import override

from survey.config import Settings
from survey.core import advice, colour, document, scoring
from survey.core.bank import Bank
from survey.core.copies import Copy, Extent, Format
from survey.core.facts import Previous
from survey.core.figures import one_decimal
from survey.core.plain import plain
from survey.core.progress import progress
from survey.core.text import Languages, Text
from survey.exchange import answer_file, yaml_bank
from survey.pdf import pictures, signing
from survey.pdf.look import Logo
from survey.pdf.proof import Signature, State
from survey.pdf.signing import Signer
from survey.services import demo, making, verifying
from survey.services.making import Printing
from survey.services.report_inputs import CHINA, Inputs
from survey.services.verifying import Rescored, Verified
from survey.terminal import (
    BANK_HELP,
    EDITION_HELP,
    FILE,
    Given,
    Refused,
    bank_path,
    read_given,
    read_settings,
    usable_fonts,
)

E = TypeVar("E", bound=StrEnum)

YEAR = timedelta(days=365)


class _OneOf(click.ParamType[E]):
    """A word of ours; another one is refused in both languages."""

    def __init__(self, known: type[E], zh: str, en: str) -> None:
        self.name = en
        self._known, self._zh, self._en = known, zh, en

    @override
    def convert(self, value: Any, param: Any, ctx: Any) -> E:
        try:
            return self._known(value)
        except ValueError:
            known = [each.value for each in self._known]
            raise Refused(
                f"{value}: 没有这种{self._zh}，可选：{'、'.join(known)}。",
                f"{value}: there is no such {self._en}; choose one of: {', '.join(known)}.",
            ) from None


LANGUAGE = _OneOf(Languages, "语言", "language")
EXTENT = _OneOf(Extent, "篇幅", "extent")
FORMAT = _OneOf(Format, "格式", "format")


class _Fingerprint(click.ParamType[str]):
    """A SHA-256, however its digits are spaced or parted by colons."""

    name = "sha256"

    @override
    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        digits = "".join(str(value).replace(":", "").split()).lower()
        if not re.fullmatch("[0-9a-f]{64}", digits):
            raise Refused(
                f"{value}: 请给出完整的指纹，即64个0至9、a至f的字符。",
                f"{value}: give the whole fingerprint: 64 characters, digits and letters a to f.",
            )
        return digits


FINGERPRINT = _Fingerprint()


# -------------------------------------------------------------------- printing


@click.group(invoke_without_command=True)
@click.option("--bank", "bank_name", help=BANK_HELP)
@click.option("--answers", "answers_path", type=FILE, help="A firm's answers, as YAML.")
@click.option("--edition", help=EDITION_HELP)
@click.option("--language", type=LANGUAGE, default="both", help="zh, en or both.")
@click.option("--extent", type=EXTENT, default="full", help="full, or short for managers.")
@click.option("--format", "form", type=FORMAT, default="pdf", help="pdf, docx, html, json or xlsx.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The report's date.")
@click.option("--previous", type=FILE, help="The firm's answers of the round before.")
@click.option(
    "--previous-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="When that round was; a year before the report if it is not said.",
)
@click.option("--logo", "logos", type=FILE, multiple=True, help="PNG or JPEG; the firm's first.")
@click.option("--accent", help="A dark colour as #rrggbb; else the installation's.")
@click.option(
    "--sign/--no-sign",
    "sign",
    default=None,
    help="Sign a PDF; else it is signed if the installation has a certificate.",
)
@click.option("--unfinished", is_flag=True, help="Print although questions are still open.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def report(
    context: click.Context,
    *,
    bank_name: str | None,
    answers_path: Path | None,
    edition: str | None,
    language: Languages,
    extent: Extent,
    form: Format,
    day: datetime | None,
    previous: Path | None,
    previous_date: datetime | None,
    logos: Sequence[Path],
    accent: str | None,
    sign: bool | None,
    unfinished: bool,
    output: Path | None,
) -> None:
    """Print the improvement report of one firm. Needs no database."""
    if context.invoked_subcommand is not None:
        return
    if bank_name is None or answers_path is None or output is None:
        raise Refused(
            "请给出--bank、--answers和-o，或使用子命令verify或samples；"
            "说明见survey report --help。",
            "Give --bank, --answers and -o, or use one of the commands verify and samples; "
            "see survey report --help.",
        )
    given = read_given(bank_name, answers_path, edition)
    if not unfinished:
        _must_be_finished(given, answers_path)
    issued_on = (day or datetime.now(CHINA)).date()
    inputs = _inputs(given, Copy(language, extent, form), issued_on)
    inputs = replace(inputs, logos=tuple(map(_logo, logos)))
    if previous is not None:
        before = previous_date.date() if previous_date else issued_on - YEAR
        inputs = replace(inputs, previous=_previous(given, bank_name, previous, before))
    printing = _printing(read_settings(), accent, sign=sign)
    made = making.make(printing, inputs, lambda _percent: None)
    _keep(output, made.content)
    pages = f": {made.pages} 页 · pages" if made.pages else ""
    click.echo(f"{output}{pages}")


def _must_be_finished(given: Given, path: Path) -> None:
    missing = progress(given.bank, given.answers).missing
    if missing:
        first, more = missing[:5], " …" if len(missing) > 5 else ""
        raise Refused(
            f"{path}: 还有{len(missing)}题没有回答（{'、'.join(first)}{more}），请补全，"
            "或加上--unfinished。",
            f"{path}: {len(missing)} questions are open ({', '.join(first)}{more}). Answer them, "
            "or add --unfinished.",
        )


def _inputs(given: Given, copy: Copy, issued_on: date) -> Inputs:
    result = scoring.score(given.bank, given.answers)
    facts = [given.digest, given.edition, given.file.answers, given.file.firm.zh, str(issued_on)]
    return Inputs(
        report_id=document.digest(facts)[:32],
        copy=copy,
        firm_name=given.file.firm.in_(copy.languages.locales[0]),
        issued_on=issued_on,
        bank=given.bank,
        bank_digest=given.digest,
        edition=given.edition,
        answers=given.answers,
        result=result,
        plan=advice.plan(given.bank, given.answers, result),
    )


def _previous(given: Given, bank_name: str, path: Path, issued_on: date) -> Previous:
    """The round before, scored by the bank that its own file names."""
    named = answer_file.read(path.read_bytes(), file=str(path))
    if named.bank.partition("/")[0] != given.bank.key or named.firm != given.file.firm:
        raise Refused(
            f"{path}: 这不是同一家企业、同一题库的上一轮答案。",
            f"{path}: this is not an earlier round of the same firm and bank.",
        )
    before = read_given(bank_name if named.bank == given.file.bank else named.bank, path, None)
    return Previous(before.bank, scoring.score(before.bank, before.answers), issued_on)


def _logo(path: Path) -> Logo:
    """A logo, drawn anew as those of an installation are. Raises what `pictures.clean` does."""
    drawn = pictures.clean(path.read_bytes())
    return Logo(drawn.content, drawn.media_type, path.stem)


def _printing(given: Settings, accent: str | None, *, sign: bool | None) -> Printing:
    chosen = accent or given.accent
    if not colour.is_colour(chosen) or not colour.is_dark_enough(chosen):
        raise Refused(
            f"{chosen}: 请用#rrggbb形式的深色，使白色文字清晰可读。",
            f"{chosen}: give a dark colour as #rrggbb, on which white words can be read.",
        )
    signer = _signer(given, sign=sign)
    # No site knows these reports, so none is named where they could be checked.
    return Printing(usable_fonts(given), chosen.lower(), "", signer, given.issuer)


def _signer(given: Settings, *, sign: bool | None) -> Signer | None:
    """The installation's signer; made for the occasion if a signature is asked for."""
    if sign:
        signing.self_made(given.certificate)
    elif sign is False or not given.certificate.is_file():
        return None
    return signing.load(given.certificate, given.certificate_password)


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


# ------------------------------------------------------------------- verifying


@report.command()
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--bank", "bank_name", help="The bank that was answered; else it is looked for.")
@click.option("--certificate", type=FILE, help="The issuer's certificate, as PEM or DER.")
@click.option("--fingerprint", type=FINGERPRINT, help="Or the SHA-256 of it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(
    path: Path,
    bank_name: str | None,
    certificate: Path | None,
    fingerprint: str | None,
    *,
    as_json: bool,
) -> None:
    """Say whether a PDF is a report as it was issued. Needs no network and no database.

    It is good if it is whole, its answers give its scores, and the issuer is known: as this
    installation, or by the certificate or fingerprint that you name.
    """
    named = signing.fingerprint_of(certificate) if certificate else fingerprint
    banks = partial(_bank_of, [bank_path(bank_name)] if bank_name else _own_banks())
    found = verifying.verify(path.read_bytes(), banks)
    issuer = _issuer(read_settings(), found.proof.signature, named)
    if as_json:
        click.echo(json.dumps(_as_json(path, found, issuer), ensure_ascii=False, indent=2))
    else:
        for text in _said(found, issuer):
            click.echo(f"{text.zh}\n{text.en}")
    if not _is_good(found, issuer):
        raise click.exceptions.Exit(1)


class Issuer(StrEnum):
    """What is known of the certificate that signed."""

    OURS = "ours"
    NAMED = "named"
    ANOTHER = "another"
    """It is not the one that was named."""
    UNCHECKED = "unchecked"


def _is_good(found: Verified, issuer: Issuer) -> bool:
    return (
        found.proof.signature.state is State.INTACT
        and issuer in {Issuer.OURS, Issuer.NAMED}
        and found.rescored is Rescored.SAME
    )


def _own_banks() -> list[Path]:
    return sorted(demo.QUESTIONNAIRES.rglob("*.yaml"), reverse=True)


def _bank_of(paths: Sequence[Path], digest: str) -> Bank | None:
    """The bank of a digest among these files."""
    for path in paths:
        data, bank = yaml_bank.read(path.read_bytes(), file=str(path))
        if document.digest(data) == digest:
            return bank
    return None


def _issuer(given: Settings, signature: Signature, named: str | None) -> Issuer:
    """`named` is the fingerprint of the certificate that is expected, if one is."""
    if named is not None:
        return Issuer.NAMED if named == signature.fingerprint else Issuer.ANOTHER
    if not given.certificate.is_file():
        return Issuer.UNCHECKED
    signer = signing.load(given.certificate, given.certificate_password)
    return Issuer.OURS if signer.fingerprint == signature.fingerprint else Issuer.UNCHECKED


def _said(found: Verified, issuer: Issuer) -> Iterator[Text]:
    """What was found, one sentence after the other."""
    given = found.given
    bank = f"{given.bank.key}/{given.bank.version}"
    edition = f" {given.bank.edition}" if given.bank.edition else ""
    yield Text(zh=f"报告编号：{given.report_id}", en=f"Report: {given.report_id}")
    yield Text(
        zh=f"企业：{given.firm or '—'}；日期：{given.issued_on}",
        en=f"Firm: {given.firm or '—'}; date: {given.issued_on}",
    )
    yield Text(
        zh=f"题库：{bank}{edition}，指纹{given.bank.digest}；计分规则版本：{given.engine}",
        en=f"Bank: {bank}{edition}, digest {given.bank.digest}; scoring rules: {given.engine}",
    )
    yield Text(zh=f"文件SHA-256：{found.proof.sha256}", en=f"File SHA-256: {found.proof.sha256}")
    yield from _signature_said(found.proof.signature, issuer)
    yield _rescored_said(found)


def _signature_said(signature: Signature, issuer: Issuer) -> Iterator[Text]:
    if signature.state is State.ABSENT:
        yield Text(
            zh="✗ 没有签名：无法证明文件未被改动。",
            en="✗ Not signed: nothing shows that the file was not changed.",
        )
        return
    if signature.state is State.BROKEN:
        yield Text(
            zh="✗ 签名已失效：文件在签名之后被改动，请向出具方索取原件。",
            en="✗ The signature is broken: the file was changed after it was signed. "
            "Ask the issuer for the original.",
        )
        return
    at = f"{signature.at.astimezone(CHINA):%Y-%m-%d %H:%M}" if signature.at else "—"
    yield Text(
        zh=f"✓ 签名完好，覆盖整个文件。签名者：{signature.name}；时间：{at}",
        en=f"✓ The signature is intact and covers the whole file. "
        f"Signed by {signature.name} at {at}",
    )
    yield Text(
        zh=f"证书SHA-256：{signature.fingerprint}",
        en=f"Certificate SHA-256: {signature.fingerprint}",
    )
    yield _ISSUERS[issuer]


_ISSUERS = {
    Issuer.OURS: Text(
        zh="✓ 由本安装的证书签名。", en="✓ Signed with the certificate of this installation."
    ),
    Issuer.NAMED: Text(
        zh="✓ 由您指定的证书签名。", en="✓ Signed with the certificate that you named."
    ),
    Issuer.ANOTHER: Text(
        zh="✗ 不是由您指定的证书签名：请勿采信，并向出具方索取原件。",
        en="✗ Not signed with the certificate that you named: do not rely on it, and ask the "
        "issuer for the original.",
    ),
    Issuer.UNCHECKED: Text(
        zh="！签名者的身份未经核对，任何人都能制作同名证书：请与出具方核对上面的证书指纹，"
        "再用--fingerprint或--certificate指定。",
        en="! Who signed is not checked, and anybody can make a certificate of this name: compare "
        "the fingerprint above with the issuer's, then name it by --fingerprint or --certificate.",
    ),
}


def _rescored_said(found: Verified) -> Text:
    total = found.given.result.total
    shown = "—" if total is None else one_decimal(total)
    return {
        Rescored.SAME: Text(
            zh=f"✓ 用所附答案重新计分，结果一致：总分{shown}。",
            en=f"✓ The attached answers, scored again, give the attached result: total {shown}.",
        ),
        Rescored.DIFFERENT: Text(
            zh="✗ 用所附答案重新计分，结果与附件不一致。",
            en="✗ The attached answers, scored again, do not give the attached result.",
        ),
        Rescored.OTHER_RULES: Text(
            zh=f"✗ 无法重新计分：报告采用的计分规则版本是{found.given.engine}，"
            f"本程序是{scoring.ENGINE}。",
            en=f"✗ Not scored again: the report follows the scoring rules {found.given.engine}, "
            f"this program {scoring.ENGINE}.",
        ),
        Rescored.NO_BANK: Text(
            zh="✗ 无法重新计分：找不到该指纹的题库，请用--bank指定题库文件。",
            en="✗ Not scored again: there is no bank of this digest here. Name its file by --bank.",
        ),
    }[found.rescored]


def _as_json(path: Path, found: Verified, issuer: Issuer) -> dict[str, Any]:
    given, signature = found.given, found.proof.signature
    return {
        "file": str(path),
        "good": _is_good(found, issuer),
        "sha256": found.proof.sha256,
        "report_id": given.report_id,
        "firm": given.firm,
        "issued_on": plain(given.issued_on),
        "bank": plain(given.bank),
        "engine": given.engine,
        "total": plain(given.result.total),
        "rescored": found.rescored.value,
        "signature": {
            "state": signature.state.value,
            "name": signature.name,
            "at": signature.at.isoformat() if signature.at else None,
            "certificate_sha256": signature.fingerprint,
            "self_made": signature.self_made,
            "covers_whole_file": signature.covers_whole_file,
            "issuer": issuer.value,
        },
    }


# --------------------------------------------------------------------- samples


SAMPLES = (
    (Extent.FULL, Format.PDF),
    (Extent.SHORT, Format.PDF),
    (Extent.FULL, Format.DOCX),
)


@report.command()
@click.argument("folder", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option("--firm", "only", multiple=True, help="A file of seeds/answers; else every firm.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The reports' date.")
def samples(folder: Path, only: Sequence[str], day: datetime | None) -> None:
    """Print every demo firm's report in three languages: whole, short and for Word."""
    paths = [path for path in _demo_answers() if not only or path.stem in only]
    if not paths:
        raise Refused("没有这家示例企业。", "There is no such demo firm.")
    folder.mkdir(parents=True, exist_ok=True)
    printing = _printing(read_settings(), None, sign=None)
    issued_on = (day or datetime.now(CHINA)).date()
    for path in paths:
        given = read_given(answer_file.read(path.read_bytes(), file=str(path)).bank, path, None)
        for (extent, form), languages in product(SAMPLES, Languages):
            made = making.make(
                printing,
                _inputs(given, Copy(languages, extent, form), issued_on),
                lambda _percent: None,
            )
            output = folder / f"{path.stem}-{languages}-{extent}.{form}"
            _keep(output, made.content)
            click.echo(str(output))


def _demo_answers() -> list[Path]:
    return sorted((demo.SEEDS / "answers").glob("*.yaml"))
