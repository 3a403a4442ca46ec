"""Print a trial report. Apart from what the site loads: only workers print."""

from collections.abc import Callable
from dataclasses import replace

from survey.core import advice, scoring, trial
from survey.core.copies import Copy, Extent, Format
from survey.core.parts import Report, to_json
from survey.core.report import build
from survey.core.text import Languages, Text
from survey.pdf import render
from survey.pdf.look import Look
from survey.services.making import Printing
from survey.services.report_inputs import CHECKED_FROM, Made
from survey.services.trials import TrialInputs

NOT_A_FIRM = Text(zh="试打印·虚构企业", en="Trial print · made-up firm")
"""In the place of the firm: on the cover and at the head of every page."""

NOT_A_RESULT = Text(
    zh="试打印：题库草稿，企业和答案均为虚构，不代表任何企业的结果",
    en="Trial print of a draft: firm and answers are made up; nobody's result",
)
"""At the foot of every page."""


def make(printing: Printing, inputs: TrialInputs, progress: Callable[[int], None]) -> Made:
    """Print it, unsigned, without number, QR code or attachments; `progress` hears per cents.

    Raises what the renderer complains about.
    """
    built = said(inputs)
    rendered = render.pdf_bytes(
        built,
        Copy(inputs.languages, Extent.FULL, Format.PDF),
        Look(accent=printing.accent, issuer=printing.issuer),
        fonts_folder=printing.fonts_folder,
        progress=lambda percent: progress(min(percent, CHECKED_FROM - 1)),
    )
    return Made(rendered.content, rendered.pages, to_json(built))


def said(inputs: TrialInputs) -> Report:
    """What the report says, and on every page that it is a trial."""
    bank = inputs.bank
    answers = trial.mixed(bank)
    result = scoring.score(bank, answers)
    built = build(
        bank=bank,
        answers=answers,
        result=result,
        plan=advice.plan(bank, answers, result),
        firm_name=_spoken(NOT_A_FIRM, inputs.languages),
        report_id="",
        issued_on=inputs.day,
        bank_digest=inputs.bank_digest,
    )
    return replace(built, banner=NOT_A_RESULT)


def _spoken(text: Text, languages: Languages) -> str:
    return " ".join(text.in_(locale) for locale in languages.locales)
