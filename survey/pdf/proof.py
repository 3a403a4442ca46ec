"""What a PDF says of itself: which report it is, what it carries, and whether it was changed.

Anybody may send a file, so it is read within limits, and by `strangers` in a process of its own.
docs/decisions/0010 says what a proof is worth: a signature shows that nothing changed since;
whose signature it is, its certificate says, and anybody can make one.
"""

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydantic import Base64Bytes

from survey.core.copies import LARGEST_RESULT, Copy
from survey.core.errors import SurveyError
from survey.core.parts import Report
from survey.pdf import signing
from survey.pdf.glyphs import BadPage
from survey.pdf.signing import Opened, Signature, State

__all__ = ["BadFile", "NotAReport", "Proof", "Signature", "State", "check_made", "inspect"]

RESULT = "result.json"
ANSWERS = "answers.xlsx"

LARGEST = 32 * 1024 * 1024
"""Bytes. A report of a hundred pages has two per cent of it."""

_NUMBER = re.compile(r"[0-9a-f]{32}\Z")
_HEAD = b"%PDF-1."


class NotAReport(SurveyError):
    """The file is not one of our reports, or too damaged to tell."""

    code = "not-a-report"


class BadFile(BadPage):
    """A finished file does not hold what it should; `part` says what is wrong with it."""

    code = "report-file-incomplete"


@dataclass(frozen=True, slots=True)
class Proof:
    """`result` is the attached file as it is: read it strictly before anything in it is shown."""

    sha256: str
    pages: int
    language: str
    report_id: str
    bank_key: str
    bank_version: int
    bank_digest: str
    engine: str
    result: Base64Bytes
    signature: Signature


def inspect(content: bytes) -> Proof:
    """Read a file that claims to be a report. Raises NotAReport."""
    return _proof(content, _opened(content))


def is_pdf(content: bytes) -> bool:
    """Whether it is worth a look: it begins like a PDF, and is not too large for a report."""
    return len(content) <= LARGEST and content.startswith(_HEAD)


def check_made(content: bytes, report: Report, copy: Copy) -> None:
    """Read a finished PDF back before anybody gets it. Raises BadFile."""
    try:
        opened = _opened(content)
        proof = _proof(content, opened)
        with zipfile.ZipFile(BytesIO(opened.attachments[ANSWERS])) as workbook:
            broken = workbook.testzip()
    except NotAReport as error:
        raise BadFile(part=RESULT) from error
    except (KeyError, zipfile.BadZipFile) as error:
        raise BadFile(part=ANSWERS) from error
    bank = (report.bank_key, report.bank_version, report.bank_digest)
    faults = {
        "pages": proof.pages < 1,
        ANSWERS: broken is not None,
        "language": proof.language != copy.languages.locales[0].html_lang,
        "report id": proof.report_id != report.report_id,
        "bank": (proof.bank_key, proof.bank_version, proof.bank_digest) != bank,
        "engine": proof.engine != report.engine,
        "signature": proof.signature.state is State.BROKEN,
    }
    for part, is_wrong in faults.items():
        if is_wrong:
            raise BadFile(part=part)


def _opened(content: bytes) -> Opened:
    if not is_pdf(content):
        raise NotAReport
    try:
        return signing.opened(content)
    except signing.Unreadable as error:
        raise NotAReport from error


def _proof(content: bytes, opened: Opened) -> Proof:
    try:
        result = opened.attachments[RESULT]
        said = _said(result)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotAReport from error
    return Proof(
        sha256=hashlib.sha256(content).hexdigest(),
        pages=opened.pages,
        language=opened.language,
        report_id=said["report_id"],
        bank_key=said["bank"]["key"],
        bank_version=said["bank"]["version"],
        bank_digest=said["bank"]["digest"],
        engine=said["engine"],
        result=result,
        signature=opened.signature,
    )


def _said(result: bytes) -> dict[str, Any]:
    """The identity in an attached result. Raises ValueError, TypeError or KeyError."""
    if len(result) > LARGEST_RESULT:
        raise ValueError("longer than a result can be")
    said: dict[str, Any] = json.loads(result)
    bank = said["bank"]
    texts = (said["report_id"], bank["key"], bank["digest"], said["engine"])
    if not all(isinstance(text, str) for text in texts) or type(bank["version"]) is not int:
        raise TypeError("identity of the wrong type")
    if not _NUMBER.match(said["report_id"]):
        raise ValueError("no report id")
    return said
