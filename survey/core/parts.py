"""What a report consists of: values in both languages, before anybody prints them.

`survey.core.report` fills them in; `survey.pdf` prints them; `to_json` writes them down.
"""

import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from survey.core.result import BlockerKind, Treatment
from survey.core.text import Locale, Text

FORMAT = 3
"""Raised whenever the shape of a Report changes."""

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Typed(str):
    """Words that a firm typed: printed as they are, and marked with their own language."""

    __slots__ = ()

    @property
    def html_lang(self) -> str:
        return (Locale.ZH if _HAN.search(self) else Locale.EN).html_lang


class Standing(StrEnum):
    """Which story the report tells."""

    UNKNOWN = "unknown"
    OVER_CAP = "over-cap"
    INCOMPLETE = "incomplete"
    STARTING = "starting"
    BUILDING = "building"
    CONNECTED = "connected"
    PROVING = "proving"


# ------------------------------------------------------------------ the parts


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One line of an answer that has several."""

    label: Text
    state: Text


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words; `typed` are the firm's own, `rows` the lines of a matrix."""

    text: Text | None
    typed: Typed | None = None
    rows: tuple[SaidRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the profile."""

    key: str
    label: Text
    said: Said


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result in short. `level_number` is None if no level is given."""

    total: Decimal | None
    provisional: bool
    level_number: int | None
    level: Text
    meaning: Text | None
    completeness: Decimal
    not_applicable: Decimal
    headline: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class LevelStep:
    """One level of the scheme, for the scale that shows where the firm stands."""

    number: int
    title: Text
    meaning: Text
    threshold: Decimal


@dataclass(frozen=True, slots=True)
class DomainStep:
    """The next step of one weak domain; the plan or the list of later steps has it in full."""

    key: str
    code: str
    what: Text
    owner: Text
    horizon: Text


@dataclass(frozen=True, slots=True)
class DomainPart:
    """One row of the heat map.

    `column` is the level reached, 0 to 5, one for each full 20 points, also where the bank gives
    domains no level of their own; None if the domain is not rated.
    """

    key: str
    title: Text
    score: Decimal | None
    level: int | None
    evidence: Text | None
    column: int | None
    next_step: DomainStep | None


@dataclass(frozen=True, slots=True)
class SectionPart:
    """One axis of the radar; `score` is None if the section is not rated."""

    key: str
    code: str
    title: Text
    short: Text
    summary: Text
    weight: Decimal
    score: Decimal | None
    level: Text | None
    completeness: Decimal
    domains: tuple[DomainPart, ...]
    evidence: Text | None
    story: tuple[Text, ...]
    strengths: "tuple[Finding, ...]"
    gaps: "tuple[Finding, ...]"


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A question or domain that holds the level back."""

    key: str
    code: str
    label: Text
    note: Text


@dataclass(frozen=True, slots=True)
class Block:
    """One condition of the next level that does not hold, and the fewest changes that mend it."""

    kind: BlockerKind
    sentence: Text
    parts: tuple[BlockPart, ...]
    fewest: Text | None
    changes: tuple[BlockPart, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    opening: Text
    items: tuple[Block, ...]
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A strength or a gap, with the answer behind it."""

    key: str
    code: str
    title: Text
    prompt: Text
    said: Said
    score: Decimal
    comment: Text


@dataclass(frozen=True, slots=True)
class Findings:
    opening: Text
    items: tuple[Finding, ...]


class ConditionState(StrEnum):
    """What is known about one condition of a rule."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition; `note` says what the answer was, or why the questionnaire cannot tell."""

    key: str
    label: Text
    state: ConditionState
    said: Text
    note: Text | None


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The conditions of one rule, as far as the answers tell; never scored, never an approval.

    `edition` is the rule's, and `caution` says how far it may be relied on.
    """

    key: str
    code: str
    title: Text
    rule: Text | None
    edition: str
    counted: Text
    lines: tuple[ConditionLine, ...]
    caution: Text | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan."""

    key: str
    code: str
    section: Text
    title: Text
    climbs: Text
    what: Text
    because: Text
    prompt: Text
    said: Said
    owner: Text
    effort: Text
    horizon: Text
    proof: Text
    unblocks: bool
    urgent: bool
    gain: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that end within `days` of the beginning; the phase before gives the first day."""

    number: int
    title: Text
    empty: Text
    days: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    """Where the firm would stand once the steps up to here are done."""

    title: Text
    total: Decimal | None
    level_number: int | None
    level: Text


@dataclass(frozen=True, slots=True)
class Change:
    """A section or question before and after; None where it has no score."""

    key: str
    code: str
    title: Text
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the plan would do to score and level, if every step is done: computed, not promised.

    `stages` begin with today and have one for each phase.
    """

    opening: Text
    stages: tuple[Milestone, ...]
    sections: tuple[Change, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class Comparison:
    """This round beside the one before it.

    `risen` and `fallen` are questions that both rounds scored, the greatest effect first.
    """

    opening: Text
    before_on: date
    before: Milestone
    now: Milestone
    sections: tuple[Change, ...]
    moved: tuple[Text, ...]
    risen: tuple[Change, ...]
    fallen: tuple[Change, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One domain with the level that the firm wants to reach."""

    key: str
    code: str
    title: Text
    level: int | None
    target: int
    state: Text


@dataclass(frozen=True, slots=True)
class Targets:
    opening: Text
    lines: tuple[TargetLine, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of a published distribution, in per cent of the firms."""

    label: Text
    percent: Decimal
    here: bool


@dataclass(frozen=True, slots=True)
class Distribution:
    """How other firms rated themselves, as somebody published it."""

    key: str
    title: Text
    year: int
    base: Text
    shares: tuple[Share, ...]
    source: Text
    caution: Text


@dataclass(frozen=True, slots=True)
class Keep:
    """Proof of what already works, to be kept."""

    key: str
    code: str
    title: Text
    proof: Text


@dataclass(frozen=True, slots=True)
class Roadmap:
    opening: Text
    phases: tuple[Phase, ...]
    first: tuple[Step, ...]
    later_opening: Text
    later: tuple[Step, ...]
    keep_opening: Text
    keep: tuple[Keep, ...]
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question without a known answer, and where a firm usually finds it."""

    key: str
    code: str
    prompt: Text
    state: Text
    where: Text | None


@dataclass(frozen=True, slots=True)
class Unknowns:
    """`first` are those whose answers matter most: what a firm settles before anything else."""

    opening: Text
    items: tuple[Unknown, ...]
    first: tuple[Unknown, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with its answer, as in the questionnaire."""

    key: str
    code: str
    prompt: Text
    said: Said
    score: Decimal | None
    evidence: Said | None


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    key: str
    code: str
    title: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the firm's own figures, last year and the year before; never scored.

    `change` says by how much it moved, `moved` whether this is the way it should.
    """

    key: str
    label: Text
    said: Said
    latest: Text
    before: Text | None
    change: Text | None
    moved: Text | None


@dataclass(frozen=True, slots=True)
class TraceDomain:
    """One domain on the way: why it has its score, and what its next level needs."""

    key: str
    title: Text
    score: Decimal | None
    because: Text
    ahead: Text | None


@dataclass(frozen=True, slots=True)
class TraceExtra:
    """Points that a rule adds beside the questions."""

    label: Text
    because: Text
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One question on its way to the total; `share` is in per cent, both with two decimals."""

    key: str
    code: str
    label: Text
    domain: str
    weights: Text
    treatment: Treatment
    state: Text
    score: Decimal | None
    share: Decimal | None
    contribution: Decimal | None
    because: Text
    ahead: Text | None


@dataclass(frozen=True, slots=True)
class TraceSection:
    key: str
    code: str
    title: Text
    weight: Decimal
    score: Decimal | None
    share: Decimal | None
    contribution: Decimal | None
    domains: tuple[TraceDomain, ...]
    rows: tuple[TraceRow, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """How the total came about; every column adds up, see `survey.core.figures.apportioned`."""

    summary: Text
    rule: Text
    sections: tuple[TraceSection, ...]
    extras: tuple[TraceExtra, ...]
    share: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    key: str
    term: Text
    meaning: Text


@dataclass(frozen=True, slots=True)
class SourceLine:
    key: str
    title: Text
    edition: str
    note: Text | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the document says, in reading order."""

    format: int
    engine: str
    report_id: str
    bank_key: str
    bank_version: int
    bank_digest: str
    bank_title: Text
    issued_on: date
    round: Text | None
    reading: tuple[Text, ...]
    firm: Typed
    standing: Standing
    verdict: Verdict
    levels: tuple[LevelStep, ...]
    levels_title: Text
    banner: Text | None
    outcomes: tuple[KeyFigure, ...]
    profile: tuple[Fact, ...]
    sections: tuple[SectionPart, ...]
    picture: tuple[Text, ...]
    blocks: Blocks
    strengths: Findings
    gaps: Findings
    preconditions: tuple[Preconditions, ...]
    roadmap: Roadmap
    comparison: Comparison | None
    targets: Targets | None
    distributions: tuple[Distribution, ...]
    unknowns: Unknowns
    answers: tuple[AnswerGroup, ...]
    trace: Trace
    method: tuple[Text, ...]
    glossary: tuple[GlossaryTerm, ...]
    sources: tuple[SourceLine, ...]
    notice: Text


# ---------------------------------------------------------------------- JSON


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain data, for storing and comparing; numbers and dates become strings."""
    plain = _plain(report)
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Typed):
        return {"typed": str(value), "lang": value.html_lang}
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return value
