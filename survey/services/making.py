"""Make one copy of a report: decide what it says, then write it in the format asked for.

All copies come from one model. A PDF carries the answers, the result and the trace as JSON, and
the answers as a workbook, so that whoever has the file can check it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from survey.core.copies import Format
from survey.core.parts import Report, to_json
from survey.core.text import Text
from survey.exchange import answers_xlsx, result_file
from survey.pdf import page, proof, render, word
from survey.pdf.attachments import Attachment
from survey.pdf.look import Look
from survey.pdf.signing import Signer
from survey.services import saying
from survey.services.report_inputs import CHECKED_FROM, Inputs, Made

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Printing:
    """What an installation prints with. `signer` is None if its reports are not signed.

    Without `base_url`, the address of a site, no place to check a report at is printed.
    """

    fonts_folder: Path
    accent: str
    base_url: str
    signer: Signer | None = None
    issuer: str = ""


def make(printing: Printing, inputs: Inputs, progress: Progress) -> Made:
    """Make the copy that `inputs` ask for; `progress` hears rising per cents.

    Raises a SurveyError that says what is wrong with the content, or with the certificate.
    """
    built = saying.said(inputs)
    look = saying.look(
        inputs, accent=printing.accent, base_url=printing.base_url, issuer=printing.issuer
    )
    if inputs.copy.format is Format.PDF:
        return printed(printing, inputs, built, look, progress)
    content = _written(inputs, built, look)
    progress(CHECKED_FROM)
    return Made(content, None, to_json(built))


def printed(
    printing: Printing, inputs: Inputs, built: Report, look: Look, progress: Progress
) -> Made:
    """A PDF, which is read back before it is handed out."""
    rendered = render.pdf_bytes(
        built,
        inputs.copy,
        look,
        fonts_folder=printing.fonts_folder,
        attachments=_attachments(inputs, built),
        signer=printing.signer,
        progress=lambda percent: progress(min(percent, CHECKED_FROM - 1)),
    )
    progress(CHECKED_FROM)
    proof.check_made(rendered.content, built, inputs.copy)
    return Made(rendered.content, rendered.pages, to_json(built))


def _written(inputs: Inputs, built: Report, look: Look) -> bytes:
    match inputs.copy.format:
        case Format.DOCX:
            return word.docx_bytes(built, inputs.copy, look)
        case Format.HTML:
            return page.screen(built, inputs.copy, look).encode()
        case Format.XLSX:
            return answers_xlsx.workbook(built, inputs.copy.languages)
        case _:
            return _document(inputs)


def _attachments(inputs: Inputs, built: Report) -> tuple[Attachment, ...]:
    return (
        Attachment(
            name=proof.RESULT,
            media_type=Format.JSON.media_type,
            description=Text(zh="答案、结果与得分明细", en="Answers, result and trace"),
            content=_document(inputs),
        ),
        Attachment(
            name=proof.ANSWERS,
            media_type=Format.XLSX.media_type,
            description=Text(zh="全部答案", en="All answers"),
            content=answers_xlsx.workbook(built, inputs.copy.languages),
        ),
    )


def _document(inputs: Inputs) -> bytes:
    return result_file.document(
        report_id=inputs.report_id,
        issued_on=inputs.issued_on,
        firm_name=inputs.firm_name,
        bank=inputs.bank,
        bank_digest=inputs.bank_digest,
        edition=inputs.edition,
        answers=inputs.answers,
        result=inputs.result,
    )
