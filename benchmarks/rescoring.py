"""Scoring the full bank: one firm, its advice, and ten thousand firms in one process.

The floor of each is reading the same answers from SQLite and turning them from JSON into Python.
"""

import json
import random
import resource
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.clock import Pair, in_turn
from survey.core import advice, scoring, trace, unblock
from survey.core.answers import read_all
from survey.core.bank import (
    Bank,
    Choice,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Question,
    YesNo,
)
from survey.exchange import yaml_bank
from survey.services.demo import QUESTIONNAIRES

FIRMS = 10_000


@dataclass(frozen=True, slots=True)
class Rescored:
    """Seconds to re-score everybody, seconds to read everybody, and the peak of memory in MB."""

    ours: float
    floor: float
    peak: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def one_firm(folder: Path) -> tuple[Pair, Pair]:
    """Result with trace, and blockers with ways and advice, each against reading the answers."""
    bank = _bank()
    plain = plain_answers(bank, random.Random(7))  # noqa: S311  # the same firm every time
    connection = _stored(folder / "one.db", [plain])
    given = read_all(bank, plain)
    result = scoring.score(bank, given)

    def score_and_trace() -> None:
        trace.explain(bank, given, scoring.score(bank, given))

    def ways_and_plan() -> None:
        unblock.ways(bank, given, result)
        advice.plan(bank, given, result)

    read = partial(_read_one, connection)
    scored = in_turn(score_and_trace, read, rounds=200, warm_up=20)
    advised = in_turn(ways_and_plan, read, rounds=200, warm_up=20)
    connection.close()
    return scored, advised


def many_firms(folder: Path) -> Rescored:
    """Read, check and score every firm, one after the other."""
    bank = _bank()
    chance = random.Random(11)  # noqa: S311  # the same firms every time
    kinds = [plain_answers(bank, chance) for _ in range(100)]
    connection = _stored(folder / "many.db", (kinds[at % 100] for at in range(FIRMS)))
    started = time.perf_counter()
    for _ in _plain(connection):
        pass
    floor = time.perf_counter() - started
    started = time.perf_counter()
    scored = sum(
        scoring.score(bank, read_all(bank, plain)).total is not None for plain in _plain(connection)
    )
    ours = time.perf_counter() - started
    connection.close()
    assert scored == FIRMS
    return Rescored(ours, floor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _bank() -> Bank:
    path = QUESTIONNAIRES / "manufacturing-transformation" / "4.yaml"
    return yaml_bank.read(path.read_bytes(), file=path.name)[1]


def _stored(
    path: Path, firms: Iterator[dict[str, Any]] | list[dict[str, Any]]
) -> sqlite3.Connection:
    """A row for each answer, as the product stores them."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE answer (firm INTEGER, question TEXT, plain TEXT)")
    connection.executemany(
        "INSERT INTO answer VALUES (?, ?, ?)",
        (
            (firm, key, json.dumps(answer))
            for firm, plain in enumerate(firms)
            for key, answer in plain.items()
        ),
    )
    connection.execute("CREATE INDEX by_firm ON answer (firm)")
    connection.commit()
    return connection


def _read_one(connection: sqlite3.Connection) -> None:
    for _ in _plain(connection):
        pass


def _plain(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Each firm's answers in their plain form."""
    at, plain = 0, dict[str, Any]()
    for firm, key, text in connection.execute(
        "SELECT firm, question, plain FROM answer ORDER BY firm"
    ):
        if firm != at:
            yield plain
            at, plain = firm, {}
        plain[key] = json.loads(text)
    yield plain


def plain_answers(bank: Bank, chance: random.Random) -> dict[str, Any]:
    """One firm that knows everything, at random."""
    return {
        key: _answer(question, chance)
        for key, question in bank.questions.items()
        if question.kind is not Kind.TEXT
    }


def _answer(question: Question, chance: random.Random) -> dict[str, Any]:
    match question:
        case Choice() | Ladder():
            return {"option": chance.choice(question.options).key}
        case Multiple():
            boxes = [option.key for option in question.options if option.key != question.none]
            return {"options": chance.sample(boxes, chance.randint(1, len(boxes)))}
        case Number():
            return {
                "number": str(chance.randint(int(question.minimum), int(question.minimum) + 60))
            }
        case Matrix():
            return {"rows": {row.key: chance.choice(question.states).key for row in question.rows}}
        case YesNo():
            return {
                "statements": {row.key: chance.choice(["yes", "no"]) for row in question.statements}
            }
        case _:
            return {"numerator": str(chance.randint(0, 100)), "denominator": "100"}
