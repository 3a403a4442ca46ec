"""Make the document of a report: decide what it says, then print it."""

from collections.abc import Callable
from pathlib import Path

from survey.core import report
from survey.core.parts import to_json
from survey.pdf import render
from survey.services.reports import Inputs, Made


def make(fonts_folder: Path, inputs: Inputs, progress: Callable[[int], None]) -> Made:
    """Raises a SurveyError that says what the renderer complained about."""
    built = report.build(
        bank=inputs.bank,
        answers=inputs.answers,
        result=inputs.result,
        plan=inputs.plan,
        firm_name=inputs.firm_name,
        report_id=inputs.report_id,
        issued_on=inputs.issued_on,
        bank_digest=inputs.bank_digest,
    )
    printed = render.pdf_bytes(
        built, inputs.languages, fonts_folder=fonts_folder, progress=progress
    )
    return Made(printed.content, printed.pages, to_json(built))
