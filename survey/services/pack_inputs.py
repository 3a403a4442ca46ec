"""What a preparation pack is made from: plain values, known by no database."""

import hashlib
import json
from dataclasses import dataclass

from survey.core.bank import Bank
from survey.core.text import Languages

FORMAT = 2
"""Raised when packs are printed in another way, so that none of before is handed out."""


@dataclass(frozen=True, slots=True)
class PackInputs:
    """The questions to print. It holds nothing of any firm; the same inputs give the same bytes.

    The bank is the edition that is asked, and `question_keys` those of its questions that apply.
    """

    bank: Bank
    bank_digest: str
    edition: str
    languages: Languages
    question_keys: tuple[str, ...]


def identity(
    bank_digest: str, edition: str, languages: Languages, keys: tuple[str, ...], accent: str
) -> str:
    """The number of the pack that is made from this, for everybody who asks for the same."""
    facts = [FORMAT, bank_digest, edition, languages.value, list(keys), accent]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
