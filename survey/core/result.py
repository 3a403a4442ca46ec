"""What scoring says: scores, levels, blockers, and every part's share of the total."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from survey.core.bank import EvidenceGrade


class Treatment(StrEnum):
    """What became of a question in the score."""

    SCORED = "scored"
    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"
    OPTIONAL = "optional"
    NOT_APPLICABLE = "not-applicable"
    HIDDEN = "hidden"
    UNSCORED = "unscored"


APPLICABLE = (Treatment.SCORED, Treatment.UNKNOWN, Treatment.UNANSWERED)
"""What the completeness is measured over."""

OPEN = (Treatment.UNKNOWN, Treatment.UNANSWERED)


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One question: its score of 0–100, its weight, and its part of the total.

    `share` is the question's effective part of the whole (0–1) after redistribution;
    ``contribution`` is what it adds to the total in points, ``share × score`` except where a
    staged bank counts by levels. Both are None if it did not count. `cover` is its part of the
    whole before redistribution (0–1), which completeness and the cap on not applicable weigh by.
    """

    key: str
    treatment: Treatment
    weight: Decimal
    score: Decimal | None
    level: int | None
    evidence: EvidenceGrade | None
    cover: Decimal
    share: Decimal | None
    contribution: Decimal | None


@dataclass(frozen=True, slots=True)
class DomainScore:
    """One domain; `score` is None if nothing in it is known and applicable.

    `evidence` is the lowest grade among its scored answers.
    """

    key: str
    weight: Decimal
    score: Decimal | None
    level: int | None
    evidence: EvidenceGrade | None
    share: Decimal | None
    items: tuple[ItemScore, ...]


@dataclass(frozen=True, slots=True)
class SectionScore:
    """One section.

    `rated` is False if too little of it applies for the bank's limit, or nothing of it is known.
    `completeness` is None if nothing of it applies. `unverified` tells that the level was cut
    because its ladder answers lack the evidence that the bank asks for.
    """

    key: str
    weight: Decimal
    score: Decimal | None
    level: int | None
    unverified: bool
    completeness: Decimal | None
    rated: bool
    share: Decimal | None
    domains: tuple[DomainScore, ...]

    @property
    def items(self) -> tuple[ItemScore, ...]:
        return tuple(item for domain in self.domains for item in domain.items)


class BlockerKind(StrEnum):
    """Which condition of a level does not hold."""

    THRESHOLD = "threshold"
    BREADTH = "breadth"
    BREADTH_BELOW = "breadth-below"
    CORE = "core"
    COMPLETENESS = "completeness"
    NOT_APPLICABLE_CAP = "not-applicable-cap"
    EVIDENCE = "evidence"
    SCENES = "scenes"
    MANDATORY_SCENES = "mandatory-scenes"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why `level` is not reached: what is there, what is needed, and which parts fall short.

    `keys` are domain keys for breadth, question keys for the others.
    """

    kind: BlockerKind
    level: int
    actual: Decimal | None
    needed: Decimal | None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One level of a staged bank: its own score of 0–1, and whether that is enough.

    ``counted`` is what it adds to the sum of levels: 1 if met, its score if it is the first
    unmet one, 0 above that.
    """

    level: int
    score: Decimal
    met: bool
    counted: Decimal


@dataclass(frozen=True)
class Result:
    """Everything that the answers say. All scores are 0–100, rounded to 6 places.

    `total` is None if nothing is known or the cap on not applicable is exceeded.
    `level` is None if no level can be given; `provisional` marks a total below the
    completeness that a level needs. `blockers` belong to the level after the present one.
    `stages` are the levels of a staged bank: what a met level lacks of 1 is added to the
    contributions of the questions.
    """

    engine: str
    bank_key: str
    bank_version: int
    total: Decimal | None
    provisional: bool
    completeness: Decimal
    not_applicable: Decimal
    level: int | None
    blockers: tuple[Blocker, ...]
    sections: tuple[SectionScore, ...]
    stages: tuple[Stage, ...] = ()

    @cached_property
    def items(self) -> Mapping[str, ItemScore]:
        return {item.key: item for section in self.sections for item in section.items}

    @cached_property
    def domains(self) -> Mapping[str, DomainScore]:
        return {domain.key: domain for section in self.sections for domain in section.domains}

    @property
    def unverified(self) -> bool:
        """Whether missing evidence alone or among others keeps the next level out of reach."""
        return any(blocker.kind is BlockerKind.EVIDENCE for blocker in self.blockers)
