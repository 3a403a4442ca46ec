"""What a report says, apart from how it is written: all that a reader of the screen edition needs.

It stands by itself, so that a web process does not load what prints.
"""

from survey.core import report as reports
from survey.core.parts import Report
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
