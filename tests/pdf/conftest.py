"""What the tests of printing need: fonts, and the demo firms' reports, printed once each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from survey.core import advice, answers, report, scoring
from survey.core.answers import Answer, Picked
from survey.core.bank import Bank
from survey.core.copies import Copy
from survey.core.document import digest
from survey.core.editions import edition
from survey.core.facts import Previous
from survey.core.parts import Report
from survey.exchange import answer_file, yaml_bank
from survey.pdf import fonts, render
from survey.pdf.look import Look
from survey.pdf.render import Rendered

ROOT = Path(__file__).resolve().parents[2]
BANK = ROOT / "questionnaires" / "manufacturing-transformation" / "4.yaml"
FIRMS = ROOT / "seeds" / "answers"

# Nearly empty, typical, nearly perfect.
EMPTY, TYPICAL, PERFECT = "weizhou-furniture", "lizhou-valve", "hengyao-motors"
NAMES = (EMPTY, TYPICAL, PERFECT)
LOOK = Look(verify_url="https://report.example.com/verify/0f3b9c5e7d6148a2b1c4d5e6f7a8b9c0")

Printed = Callable[[str, Copy], Rendered]


@cache
def a_firms_report(name: str) -> Report:
    """The report of a demo firm on the bank that the project comes with.

    The typical firm has a round before this one, in which it stood lower, and targets.
    """
    data, whole = yaml_bank.read(BANK.read_bytes())
    given = answer_file.read((FIRMS / f"{name}.yaml").read_bytes())
    bank = edition(whole, given.edition)
    found = answers.read_all(whole, given.answers)
    result = scoring.score(bank, found)
    targets = _one_level_more(bank) if name == TYPICAL else {}
    return report.build(
        bank=bank,
        answers=found,
        result=result,
        plan=advice.plan(bank, found, result, targets),
        firm_name=given.firm.zh,
        report_id="0f3b9c5e7d6148a2b1c4d5e6f7a8b9c0",
        issued_on=date(2026, 11, 23),
        bank_digest=digest(data),
        previous=_a_year_before(bank, found) if name == TYPICAL else None,
        targets=targets,
    )


def _a_year_before(bank: Bank, found: dict[str, Answer]) -> Previous:
    """A round in which every fourth ladder stood a rung lower."""
    picked = [key for key, answer in found.items() if isinstance(answer, Picked)]
    before = dict(found)
    for key in picked[::4]:
        answer = found[key]
        assert isinstance(answer, Picked)
        if answer.option in ("level-2", "level-3"):
            lower = f"level-{int(answer.option[-1]) - 1}"
            before[key] = replace(answer, option=lower, half=False)
    return Previous(bank, scoring.score(bank, before), date(2025, 11, 20))


def _one_level_more(bank: Bank) -> dict[str, int]:
    domains = [domain for section in bank.sections for domain in section.domains]
    return {domain.key: 2 + at % 3 for at, domain in enumerate(domains) if at % 3 == 0}


@pytest.fixture(scope="session")
def fonts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    return folder


@pytest.fixture(scope="session")
def printed(fonts_folder: Path) -> Printed:
    """Print a demo firm's report; each copy once per run."""

    @cache
    def make(name: str, copy: Copy) -> Rendered:
        return render.pdf_bytes(a_firms_report(name), copy, LOOK, fonts_folder=fonts_folder)

    return make


def pages_of(content: bytes) -> list[str]:
    """The text of every page, as a reader's programme finds it."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
