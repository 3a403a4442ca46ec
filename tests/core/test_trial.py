"""Filling in what is open, the least or the most that each question can earn."""

from pathlib import Path
from typing import Any

import pytest

from survey.core import scoring
from survey.core.answers import Answers, read_all
from survey.core.bank import Bank, Kind
from survey.core.progress import progress
from survey.core.trial import _CANDIDATES, filled, mixed
from survey.exchange import yaml_bank
from tests.builders import (
    a_bank,
    benchmark,
    domain,
    ladder,
    level,
    multiple,
    number,
    ratio,
    requirements,
    section,
)

BANKS = sorted(Path("questionnaires").glob("*/*.yaml"))


def tried(bank: Bank, *, best: bool, answers: Answers | None = None) -> dict[str, Any]:
    return dict(filled(bank, answers or {}, best=best))


def one(question: dict[str, Any], **facts: Any) -> Bank:
    return a_bank(section("everything", "A", domain("first", question)), **facts)


SOURCES = [{"key": "norm", "title": {"zh": "标准", "en": "Norm"}, "edition": "2025"}]
FINE = [{"from": 0, "score": 0}, {"from": "2.5", "score": 40}, {"from": 10, "score": 100}]
SCALE = {"base": 10, "lead": 90, "source": "norm"}


@pytest.mark.parametrize("file", BANKS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_our_banks_can_be_tried_at_both_ends(file: Path) -> None:
    _, bank = yaml_bank.read(file.read_bytes())

    totals = []
    for best in (False, True):
        answers = read_all(bank, tried(bank, best=best))
        assert not set(progress(bank, answers).missing) - {
            key for key, question in bank.questions.items() if question.kind is Kind.TEXT
        }
        totals.append(scoring.score(bank, answers).total)

    assert totals[0] is not None
    assert totals[0] < 25
    assert totals[1] is not None
    assert totals[1] >= 95


@pytest.mark.parametrize("file", BANKS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_made_up_firm_is_good_at_some_things_and_bad_at_others(file: Path) -> None:
    _, bank = yaml_bank.read(file.read_bytes())

    answers = mixed(bank)

    ends = [scoring.score(bank, read_all(bank, tried(bank, best=best))) for best in (False, True)]
    worst, best = (result.total or 0 for result in ends)
    assert worst < (scoring.score(bank, answers).total or 0) < best
    assert {bank.questions[key].kind for key in progress(bank, answers).missing} <= {Kind.TEXT}


@pytest.mark.parametrize(
    ("question", "least", "most"),
    [
        (ladder(), {"option": "level-0"}, {"option": "level-5"}),
        (multiple(), {"options": ["none"]}, {"options": ["a", "b", "c", "d"]}),
        (multiple(none=None), {"options": ["a"]}, {"options": ["a", "b", "c", "d", "none"]}),
        (number(), {"number": "0"}, {"number": "10"}),
        (number(bands=FINE), {"number": "0"}, {"number": "10"}),
        (
            ratio(),
            {"numerator": "0", "denominator": "100"},
            {"numerator": "60", "denominator": "100"},
        ),
        (ratio(bands=[], better="higher", scale=SCALE), "0", "90"),
        (benchmark(), "1000", "0"),
        (benchmark(better="higher"), "0", "1000"),
        (benchmark(better="higher", scale=SCALE), "10", "90"),
    ],
)
def test_each_kind_has_its_least_and_its_most(question: Any, least: Any, most: Any) -> None:
    bank = one(question, sources=SOURCES)
    key = question["key"]

    found = [tried(bank, best=best)[key] for best in (False, True)]

    figures = [answer.get("value", answer.get("numerator")) for answer in found]
    assert (figures if isinstance(least, str) else found) == [least, most]


def test_requirements_are_met_in_full_or_not_at_all() -> None:
    bank = one(requirements())

    least, most = (tried(bank, best=best)["scheduling"]["rows"] for best in (False, True))

    assert len(set(least.values())) == len(set(most.values())) == 1
    assert least != most


def test_what_is_answered_stays() -> None:
    bank = one(ladder())
    answers = read_all(bank, {"planning": level(2)})

    assert "planning" not in tried(bank, best=True, answers=answers)


def test_what_is_to_be_left_is_left() -> None:
    found = filled(one(ladder()), {}, best=True, leave={"planning"})

    assert "planning" not in found


def test_a_question_that_the_answers_hide_is_not_filled_in() -> None:
    bank = a_bank(
        section(
            "everything",
            "A",
            domain(
                "first", ladder(), ladder("detail", when={"question": "planning", "at_least": 3})
            ),
        )
    )

    assert "detail" not in tried(bank, best=False)
    assert "detail" in tried(bank, best=True)


def test_every_kind_of_question_is_known() -> None:
    assert set(_CANDIDATES) == set(Kind)
