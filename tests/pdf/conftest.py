"""What the tests of printing need: fonts, and the demo firms' reports, printed once each."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from survey.core import advice, answers, report, scoring
from survey.core.document import digest
from survey.core.editions import edition
from survey.core.parts import Report
from survey.core.text import Languages
from survey.exchange import answer_file, yaml_bank
from survey.pdf import fonts, render
from survey.pdf.render import Rendered

ROOT = Path(__file__).resolve().parents[2]
BANK = ROOT / "questionnaires" / "manufacturing-transformation" / "2.yaml"
FIRMS = ROOT / "seeds" / "answers"

# Nearly empty, typical, nearly perfect.
EMPTY, TYPICAL, PERFECT = "weizhou-furniture", "lizhou-valve", "hengyao-motors"
NAMES = (EMPTY, TYPICAL, PERFECT)

Printed = Callable[[str, Languages], Rendered]


@cache
def a_firms_report(name: str) -> Report:
    """The report of a demo firm on the bank that the project comes with."""
    data, whole = yaml_bank.read(BANK.read_bytes())
    given = answer_file.read((FIRMS / f"{name}.yaml").read_bytes())
    bank = edition(whole, given.edition)
    found = answers.read_all(whole, given.answers)
    result = scoring.score(bank, found)
    return report.build(
        bank=bank,
        answers=found,
        result=result,
        plan=advice.plan(bank, found, result),
        firm_name=given.firm.zh,
        report_id="0f3b9c5e7d6148a2b1c4d5e6f7a8b9c0",
        issued_on=date(2026, 11, 23),
        bank_digest=digest(data),
    )


@pytest.fixture(scope="session")
def fonts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    return folder


@pytest.fixture(scope="session")
def printed(fonts_folder: Path) -> Printed:
    """Print a demo firm's report; each one once per run."""

    @cache
    def make(name: str, languages: Languages) -> Rendered:
        return render.pdf_bytes(a_firms_report(name), languages, fonts_folder=fonts_folder)

    return make


def pages_of(content: bytes) -> list[str]:
    """The text of every page, as a reader's programme finds it."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
