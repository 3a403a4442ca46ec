"""Whether a PDF is a report, whole, and its attached answers give its attached scores."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from survey.core import scoring
from survey.core.bank import Bank
from survey.exchange import result_file
from survey.exchange.result_file import ResultFile
from survey.pdf import proof, strangers
from survey.pdf.proof import Proof


class Rescored(StrEnum):
    """What came of scoring the attached answers again."""

    SAME = "same"
    DIFFERENT = "different"
    OTHER_RULES = "other-rules"
    """The report was scored by another version of the rules; nothing can be said."""
    NO_BANK = "no-bank"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the file says of itself, and whether the scores in it follow from the answers."""

    proof: Proof
    given: ResultFile
    rescored: Rescored


def verify(content: bytes, bank_of: Callable[[str], Bank | None]) -> Verified:
    """Look at a file, in a process of its own. `bank_of` finds a whole bank by its digest.

    Raises NotAReport, and BadDocument if the attached result has not its form.
    """
    found = strangers.inspect(content)
    given = result_file.read(found.result, file=proof.RESULT)
    return Verified(found, given, rescored(given, bank_of(given.bank.digest)))


def rescored(given: ResultFile, bank: Bank | None) -> Rescored:
    """Score the answers again by the bank that they belong to, if there is one."""
    if bank is None:
        return Rescored.NO_BANK
    if given.engine != scoring.ENGINE:
        return Rescored.OTHER_RULES
    return Rescored.SAME if result_file.agrees(given, bank) else Rescored.DIFFERENT
