"""A report of the express edition in both languages, against an empty page of the same engine."""

from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.clock import Pair, in_turn
from survey.core import advice, document, editions, scoring
from survey.core.answers import read_all
from survey.core.text import Languages
from survey.exchange import answer_file, yaml_bank
from survey.pdf import render
from survey.services import making
from survey.services.demo import QUESTIONNAIRES, SEEDS
from survey.services.reports import Inputs


def report_and_empty_page(fonts_folder: Path) -> tuple[Pair, int]:
    """The pair, and the number of the report's pages."""
    inputs = _inputs()
    make = partial(making.make, fonts_folder, inputs, lambda _percent: None)
    empty = partial(render.warm_up, fonts_folder)
    return in_turn(make, empty, rounds=5, warm_up=1), make().pages


def _inputs() -> Inputs:
    bank_path = QUESTIONNAIRES / "manufacturing-transformation" / "2.yaml"
    data, whole = yaml_bank.read(bank_path.read_bytes(), file=bank_path.name)
    bank = editions.edition(whole, "express")
    answers_path = SEEDS / "answers" / "lizhou-valve.yaml"
    given = answer_file.read(answers_path.read_bytes(), file=answers_path.name)
    answers = read_all(whole, given.answers)
    result = scoring.score(bank, answers)
    return Inputs(
        report_id="0" * 32,
        languages=Languages.BOTH,
        firm_name=given.firm.zh,
        issued_on=date(2026, 1, 1),
        bank=bank,
        bank_digest=document.digest(data),
        answers=answers,
        result=result,
        plan=advice.plan(bank, answers, result),
    )
