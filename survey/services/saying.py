"""What a report says and how it looks, apart from how it is written: what every format needs.

It stands by itself, so that a web process does not load what prints.
"""

from survey.core import report as reports
from survey.core.parts import Report
from survey.pdf.look import Look
from survey.services.report_inputs import Inputs


def said(inputs: Inputs) -> Report:
    """What the report of these inputs says, before it is written in any format."""
    return reports.build(
        bank=inputs.bank,
        answers=inputs.answers,
        result=inputs.result,
        plan=inputs.plan,
        firm_name=inputs.firm_name,
        report_id=inputs.report_id,
        issued_on=inputs.issued_on,
        bank_digest=inputs.bank_digest,
        previous=inputs.previous,
        targets=inputs.targets,
    )


def look(inputs: Inputs, *, accent: str, base_url: str, issuer: str) -> Look:
    """How it looks at this installation. A report without number or site names no address."""
    number = inputs.report_id
    return Look(
        accent=accent,
        logos=inputs.logos,
        verify_url=f"{base_url}/verify/{number}" if base_url and number else "",
        issuer=issuer,
    )
