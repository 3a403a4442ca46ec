"""Fifty reports of random firms against the validators: `python -m benchmarks.conformance`.

Every bank and every language takes part, full and short, each file looked at before and after it
is signed. Too slow for every day; the test suite does the same with a handful.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import page as validator

from survey.config import Settings
from survey.core import advice, scoring
from survey.core.answers import read
from survey.core.bank import (
    Benchmark,
    Choice,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Open,
    Question,
    Ratio,
    Requirements,
)
from survey.core.copies import Copy, Extent
from survey.core.document import digest
from survey.core.errors import BadAnswer
from survey.core.text import Languages
from survey.exchange import yaml_bank
from survey.pdf import signing
from survey.services import making
from survey.services.demo import QUESTIONNAIRES
from survey.services.making import Printing
from survey.services.report_inputs import Inputs

REPORTS = 50
PROFILES = ("3a", "ua1")
WORDS = ("按月核对，留有记录", "Checked every month & kept", "䶮𬭸镕 <2026>", "2 台；3 人")


def main() -> int:
    fonts = Settings.from_environment(os.environ).fonts_folder
    rules: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = folder / "certificate.p12"
        signing.self_made(certificate)
        printing = Printing(
            fonts, "#0e4a57", "https://report.example.com", signing.load(certificate, "")
        )
        for inputs in firms(REPORTS):
            content = making.make(printing, inputs, lambda _: None).content
            found = [*faults(content, folder), *faults(unsigned(content), folder)]
            rules.update(found)
            print(inputs.bank.key, inputs.bank.version, inputs.copy.languages, len(content), found)
    print(f"{REPORTS} reports, before and after signing: {sum(rules.values())} failed rules")
    for rule, count in rules.most_common():
        print(f"{count:5} {rule}")
    return 1 if rules else 0


def firms(count: int) -> Iterator[Inputs]:
    """Random firms, from one that knows nothing to one that knows everything."""
    chance = random.Random(20261128)  # noqa: S311  # the same firms every time
    banks = [yaml_bank.read(path.read_bytes()) for path in sorted(QUESTIONNAIRES.glob("*/*.yaml"))]
    copies = [Copy(languages, extent) for extent in Extent for languages in Languages]
    for at in range(count):
        data, bank = banks[at % len(banks)]
        known = chance.random()
        answers = {
            key: answer
            for key, question in bank.questions.items()
            if chance.random() < known and (answer := one_answer(question, chance))
        }
        result = scoring.score(bank, answers)
        yield Inputs(
            report_id=f"{chance.getrandbits(128):032x}",
            copy=copies[at // len(banks) % len(copies)],
            firm_name=chance.choice(["宏远阀门", "Ace & Sons <Ltd>", "䶮" * 60, "企" * 17]),
            issued_on=date(2026, 1 + at % 12, 1 + at % 28),
            bank=bank,
            bank_digest=digest(data),
            edition="",
            answers=answers,
            result=result,
            plan=advice.plan(bank, answers, result),
        )


def one_answer(question: Question, chance: random.Random) -> Any:
    """An answer at random; None where chance gives one that the question cannot take."""
    if chance.random() < 0.1:
        return read(question, {"unknown": True})
    try:
        return read(question, plain(question, chance))
    except BadAnswer:
        return None


def plain(question: Question, chance: random.Random) -> dict[str, Any]:
    match question:
        case Choice() | Ladder():
            return {"option": chance.choice(question.options).key}
        case Multiple():
            boxes = [option.key for option in question.options if option.key != question.none]
            return {"options": chance.sample(boxes, chance.randint(1, len(boxes)))}
        case Number():
            return {"number": str(int(question.minimum) + chance.randint(0, 60))}
        case Benchmark():
            value = {"value": str(int(question.minimum) + chance.randint(0, 60))}
            given = {"base": "10", "lead": "20", "source": "2025"} if question.scale is None else {}
            return value | given
        case Ratio():
            return {"numerator": str(chance.randint(0, 100)), "denominator": "100"}
        case Matrix() | Requirements():
            return {"rows": {row.key: chance.choice(question.states).key for row in question.rows}}
        case Open():
            return {"text": chance.choice(WORDS)}
        case _:
            states = {row.key: chance.choice(["yes", "no"]) for row in question.statements}
            return {"statements": states}


def unsigned(content: bytes) -> bytes:
    """The part of a signed file that was there before."""
    return content[: content.index(b"%%EOF") + 6]


def faults(content: bytes, folder: Path) -> list[str]:
    path = folder / "checked.pdf"
    path.write_bytes(content)
    found = [
        failure.rule_id
        for profile in PROFILES
        for failure in validator.validate_pdf_bytes(content, profile=profile).failures
    ]
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False)
    return found if done.returncode == 0 else [*found, "qpdf"]


if __name__ == "__main__":
    sys.exit(main())
