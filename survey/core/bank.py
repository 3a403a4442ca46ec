"""A question bank: sections › domains › questions › options, with weights, levels and advice.

The models only describe shape. What must hold between the parts (keys that exist,
weights that add up) is checked by `survey.core.document.problems`.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

from survey.core.text import Text

MOST = 100
"""Parts of one list that something is chosen from or compared with: nobody answers more, and
the check of a bank stays quick whatever is sent."""

_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def _plain_number(value: object) -> object:
    """Admit whole numbers, and fractions as strings: no float, ``1e5``, ``1_000``, ``NaN``."""
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if _PLAIN_NUMBER.fullmatch(written) is None:
        raise ValueError(value)
    return Decimal(written) + 0  # which makes -0 a 0


def _whole_number(value: object) -> object:
    """Python takes true and 1.0 for 1; a document does not."""
    return value if type(value) is int else str(value)


Exact = Annotated[Decimal, BeforeValidator(_plain_number)]
Whole = Annotated[int, Field(strict=True)]
TrueFalse = Annotated[bool, Field(strict=True)]
LONGEST_KEY = 60
_KEY = r"[a-z0-9]+(-[a-z0-9]+)*"

Key = Annotated[str, StringConstraints(pattern=f"^{_KEY}$", max_length=LONGEST_KEY)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{0,2}$")]
Weight = Annotated[Exact, Field(ge=0, le=1000, decimal_places=4)]
Amount = Annotated[Exact, Field(decimal_places=6)]
Points = Annotated[Exact, Field(ge=0, le=100, decimal_places=4)]
Percent = Annotated[Exact, Field(ge=0, le=100, decimal_places=4)]
ItemLevel = Annotated[Whole, Field(ge=0, le=5)]
_Part = TypeVar("_Part")
Few = Annotated[tuple[_Part, ...], Field(max_length=MOST)]


def is_key(text: str) -> bool:
    """Whether a part can have this key."""
    return len(text) <= LONGEST_KEY and re.fullmatch(_KEY, text) is not None


class Kind(StrEnum):
    """How a question is asked, and therefore answered and scored."""

    CHOICE = "choice"
    LADDER = "ladder"
    MULTIPLE = "multiple"
    NUMBER = "number"
    RATIO = "ratio"
    MATRIX = "matrix"
    YES_NO = "yes-no"
    TEXT = "text"
    BENCHMARK = "benchmark"
    REQUIREMENTS = "requirements"


class Effort(StrEnum):
    """How much work an improvement takes, as a class: never an amount of money."""

    S = "S"
    M = "M"
    L = "L"


class Theme(StrEnum):
    """The policy directions that a roadmap should not leave out."""

    SMART = "smart"
    GREEN = "green"
    SERVICE = "service"
    DIGITAL = "digital"
    INNOVATION = "innovation"


class Frozen(BaseModel):
    """A part of a bank: nothing unknown in it, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


# ------------------------------------------------------------------ conditions


class Condition(Frozen):
    """When a question applies. Exactly one of the forms below, see `survey.core.conditions`.

    ``{question: production-type, in: [discrete, mixed]}`` one of these options was chosen
    ``{question: headcount, at_least: 20}`` a number or a ladder's points reach a value
    ``{all: [...]}``, ``{any: [...]}``, ``{not: {...}}`` combine conditions
    """

    question: Key | None = None
    in_: Annotated[tuple[Key, ...] | None, Field(alias="in", min_length=1, max_length=MOST)] = None
    at_least: Amount | None = None
    all_: Annotated[
        tuple["Condition", ...] | None, Field(alias="all", min_length=1, max_length=MOST)
    ] = None
    any_: Annotated[
        tuple["Condition", ...] | None, Field(alias="any", min_length=1, max_length=MOST)
    ] = None
    not_: Annotated["Condition | None", Field(alias="not")] = None


# ------------------------------------------------------------------- questions


def _one_or_each(value: object) -> str:
    return "each" if isinstance(value, Mapping) else "one"


Weights = Annotated[
    Annotated[Weight, Tag("one")]
    | Annotated[Mapping[Key, Weight], Field(min_length=1), Tag("each")],
    Discriminator(_one_or_each),
]
"""One weight for every firm, or one for each answer to the bank's `weigh_by` question."""


class Option(Frozen):
    """One answer to choose. `points` are on the question's own scale, 0 is the lowest."""

    key: Key
    label: Text
    points: Points | None = None


class Row(Frozen):
    """One line of a matrix."""

    key: Key
    label: Text


class Better(StrEnum):
    """Which way a figure should go."""

    HIGHER = "higher"
    LOWER = "lower"


class Scale(Frozen):
    """A published base value (score 0) and leading value (score 100), straight between them.

    `source` names the entry of `Bank.sources` that gives both.
    """

    base: Amount
    lead: Amount
    source: Key


class Band(Frozen):
    """A share of the full score for every value from `from` upwards (lower bound included).

    ``above: true`` excludes the bound itself, so that "0; more than 0; …" can be said.
    """

    from_: Annotated[Amount, Field(alias="from")]
    above: TrueFalse = False
    score: Percent


class Likely(Frozen):
    """Where the figures of most firms lie. Outside it a page asks once more; nothing is refused."""

    low: Amount
    high: Amount


class Action(Frozen):
    """Something to do: what first, who typically, how much work, by when, and its proof.

    `sizes`, `types` and `sectors` name the answers to the bank's `size_by`, `weigh_by` and
    `sector_by` questions that it fits; an empty one fits all.
    """

    what: Text
    proof: Text
    owner: Key
    effort: Effort
    horizon: Annotated[Literal[30, 90, 365], BeforeValidator(_whole_number)]
    sizes: Few[Key] = ()
    types: Few[Key] = ()
    sectors: Few[Key] = ()


class Advice(Action):
    """The next step for a question whose level is below `to`.

    Of the advice that fits the firm, the first with `to` above the present level is given.
    """

    to: Annotated[Whole, Field(ge=1, le=5)]


class Statement(Row):
    """One line of a yes/no block; `remedy` is what to do if it is not true."""

    remedy: Action | None = None


class NotApplicable(StrEnum):
    """Whether a firm may say that a question does not concern it."""

    NEVER = "never"
    WITH_REASON = "with-reason"


class QuestionBase(Frozen):
    """What every question has, whatever its kind.

    `short` is its name where there is no room for the whole `prompt`.
    Where `optional_when` holds, a question left open is as good as not asked. A level below
    `urgent_below` makes its advice urgent. `leans_on` names entries of `Bank.sources`, `policy`
    the directions of ``seeds/policy.yaml``.
    """

    key: Key
    code: Code | None = None
    short: Text | None = None
    prompt: Text
    help: Text | None = None
    example: Text | None = None
    evidence: Text | None = None
    weight: Weights = Decimal(1)
    required: TrueFalse = False
    not_applicable: NotApplicable = NotApplicable.NEVER
    when: Condition | None = None
    optional_when: Condition | None = None
    urgent_below: Annotated[Whole, Field(ge=1, le=5)] | None = None
    advice: Few[Advice] = ()
    source: str | None = None
    leans_on: Few[Key] = ()
    policy: Few[Key] = ()
    terms: Few[Key] = ()


class Choice(QuestionBase):
    """One of several facts about the firm; never scored."""

    kind: Literal[Kind.CHOICE]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=MOST)]


class Ladder(QuestionBase):
    """One step of a ladder, lowest first. ``half_steps`` allows "partly at the next step"."""

    kind: Literal[Kind.LADDER]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=MOST)]
    half_steps: TrueFalse = True


class Credit(StrEnum):
    """What ticked boxes earn."""

    CAPPED = "capped"
    EQUAL = "equal"
    POINTS = "points"


class Multiple(QuestionBase):
    """Several boxes. ``none`` names the box that excludes all others.

    ``credit`` says what they earn: an equal part each until ``full_at`` of them are ticked
    (capped), an equal part each (equal), or their own points (points). Without it, and without
    ``full_at``, nothing is scored.
    """

    kind: Literal[Kind.MULTIPLE]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=MOST)]
    none: Key | None = None
    full_at: Annotated[Whole, Field(ge=1)] | None = None
    credit: Credit | None = None

    @property
    def earns(self) -> Credit | None:
        """The rule of credit: ``full_at`` alone means capped."""
        return self.credit or (None if self.full_at is None else Credit.CAPPED)


class Number(QuestionBase):
    """A number with its unit and range. Without ``bands`` or a ``scale`` it is not scored.

    A ``scale`` needs ``better``, which says which way the figure should go. ``likely`` is in the
    question's unit.
    """

    kind: Literal[Kind.NUMBER]
    unit: Text
    minimum: Amount
    maximum: Amount
    decimals: Annotated[Whole, Field(ge=0, le=6)] = 0
    better: Better | None = None
    bands: Few[Band] = ()
    scale: Scale | None = None
    likely: Likely | None = None


class Ratio(QuestionBase):
    """Numerator over denominator in per cent. Bands and scale are over per cents.

    ``may_exceed`` permits a numerator above its denominator, for "this year over last year";
    with ``better`` as well it is read as the change from one year to the next. A ``scale`` needs
    ``better``.
    ``denominator_unit`` is needed only where it differs from the numerator's ``unit``.
    ``likely`` is over per cents, or over the change; ``likely_each`` over each figure in ``unit``.
    """

    kind: Literal[Kind.RATIO]
    numerator: Text
    denominator: Text
    unit: Text
    denominator_unit: Text | None = None
    may_exceed: TrueFalse = False
    better: Better | None = None
    bands: Few[Band] = ()
    scale: Scale | None = None
    likely: Likely | None = None
    likely_each: Likely | None = None

    @property
    def compares_years(self) -> bool:
        return self.may_exceed and self.better is not None

    @property
    def other_unit(self) -> Text | None:
        """The denominator's unit, if it is another one: then both make a rate and no share."""
        return None if self.denominator_unit == self.unit else self.denominator_unit

    @property
    def counts_points(self) -> bool:
        """Whether a change is one of percentages, and said in percentage points."""
        return self.unit.en == "%"


class Matrix(QuestionBase):
    """Each row is in one of the states; the score is the mean of the rows' points.

    ``full_at`` says how many rows in the best state earn the full score, if not all must be.
    """

    kind: Literal[Kind.MATRIX]
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=MOST)]
    states: Annotated[tuple[Option, ...], Field(min_length=2, max_length=MOST)]
    full_at: Annotated[Whole, Field(ge=1)] | None = None


class YesNo(QuestionBase):
    """Statements answered yes, no, don't know or not applicable. Never scored: flags only."""

    kind: Literal[Kind.YES_NO]
    statements: Annotated[tuple[Statement, ...], Field(min_length=1, max_length=MOST)]


class Open(QuestionBase):
    """Free text; never scored."""

    kind: Literal[Kind.TEXT]
    maximum_length: Annotated[Whole, Field(ge=1, le=2000)] = 200
    pattern: str | None = None


class Benchmark(QuestionBase):
    """A figure between a base value (score 0) and a leading value (score 100).

    The firm enters all three and says where base and lead come from; what the bank itself can
    cite stands in ``scale``, and then only the figure is asked for. ``likely`` is about the figure.
    """

    kind: Literal[Kind.BENCHMARK]
    unit: Text
    better: Better
    minimum: Amount = Decimal(0)
    maximum: Amount
    scale: Scale | None = None
    likely: Likely | None = None


class RequirementRule(StrEnum):
    """What the requirements of one question earn.

    staged: one for each level in a row that is met, and what the first unmet level has earned.
    bands: the number of levels in a row that are met.
    """

    STAGED = "staged"
    BANDS = "bands"


class Requirement(Row):
    """One requirement of a level."""

    level: Annotated[Whole, Field(ge=1, le=5)]


class Requirements(QuestionBase):
    """Requirements in rising levels, each in one of the states.

    A level is met if the mean of its requirements' points reaches ``met_at`` per cent of the
    best state; what stands above the first unmet level never counts.
    """

    kind: Literal[Kind.REQUIREMENTS]
    rows: Annotated[tuple[Requirement, ...], Field(min_length=1, max_length=MOST)]
    states: Annotated[tuple[Option, ...], Field(min_length=2, max_length=MOST)]
    rule: RequirementRule
    met_at: Percent = Decimal(80)


Question = Annotated[
    Choice | Ladder | Multiple | Number | Ratio | Matrix | YesNo | Open | Benchmark | Requirements,
    Field(discriminator="kind"),
]


# -------------------------------------------------------------------- sections


class Domain(Frozen):
    """Questions that are judged together."""

    key: Key
    title: Text
    weight: Weights = Decimal(1)
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class Section(Frozen):
    """One page of the questionnaire. Its weight may differ by the answer to `weigh_by`."""

    key: Key
    code: Code
    title: Text
    short: Text
    summary: Text
    theme: Theme
    weight: Weights
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for domain in self.domains for question in domain.questions)


class Profile(Frozen):
    """A page of facts, never scored: the firm's profile, or its key figures."""

    title: Text
    summary: Text
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


# ---------------------------------------------------------------------- levels


class Level(Frozen):
    """A level of the whole, reached from `threshold` points on if every gate holds."""

    number: ItemLevel
    threshold: Percent
    title: Text
    meaning: Text


class EvidenceGrade(IntEnum):
    """How well an answer is supported (source: standard-bank 11.9)."""

    STATEMENT = 0
    FIGURE = 1
    DOCUMENT = 2
    THIRD_PARTY = 3


class EvidenceGate(Frozen):
    """From this level on, every ladder question needs evidence of at least this grade."""

    from_level: ItemLevel
    grade: Annotated[EvidenceGrade, BeforeValidator(_whole_number)]


class SceneStep(Frozen):
    """How many scenes a level needs, and how many of them mandatory ones."""

    level: ItemLevel
    scenes: Annotated[Whole, Field(ge=0)]
    mandatory: Annotated[Whole, Field(ge=0)]


class SceneGate(Frozen):
    """Scenes are ladder questions; a level counts those that have reached it themselves."""

    scenes: Annotated[tuple[Key, ...], Field(min_length=1, max_length=MOST)]
    mandatory: Few[Key] = ()
    steps: Annotated[tuple[SceneStep, ...], Field(min_length=1, max_length=MOST)]


class Gates(Frozen):
    """What a level demands besides points (source: standard-bank 11.10).

    For level N: the share ``breadth`` of the applicable ladder domains is at N or above and
    the share ``breadth_below`` at N-1 or above; every question of ``core`` is at N-1 or above;
    the completeness is at least ``completeness``; the ladder questions have the ``evidence``
    and enough ``scenes`` the level that it names; no level above ``ceiling``.
    """

    breadth: Percent
    breadth_below: Percent
    core: Few[Key] = ()
    completeness: Percent = Decimal(80)
    evidence: EvidenceGate | None = None
    scenes: SceneGate | None = None
    ceiling: ItemLevel | None = None
    ceiling_reason: Text | None = None


class LevelScheme(Frozen):
    """The levels, lowest first, their gates, and how much may be declared not applicable."""

    title: Text
    steps: Annotated[tuple[Level, ...], Field(min_length=1, max_length=MOST)]
    gates: Gates
    not_applicable_cap: Percent = Decimal(20)
    rated_from: Percent = Decimal(50)


class Method(StrEnum):
    """How parts become a whole, at every joint of the bank; see `survey.core.methods`."""

    WEIGHTED = "weighted"
    MEAN = "mean"
    POINTS = "points"
    STAGED = "staged"


class NaPolicy(StrEnum):
    """What a part that is declared not applicable does to the whole around it."""

    EXCLUDE = "exclude"
    ZERO = "zero"


class Scoring(Frozen):
    """The method of the bank. `met_at` is the share from which a staged level counts as met."""

    method: Method = Method.WEIGHTED
    not_applicable: NaPolicy = NaPolicy.EXCLUDE
    met_at: Percent = Decimal(80)


# ------------------------------------------------------------------------ bank


class Edition(Frozen):
    """A shorter form of the same bank: some of its questions, and how far they can judge."""

    key: Key
    title: Text
    summary: Text
    minutes: Annotated[Whole, Field(ge=1, le=600)]
    questions: Annotated[tuple[Key, ...], Field(min_length=1)]
    ceiling: ItemLevel | None = None
    ceiling_reason: Text | None = None


class Role(Frozen):
    """Who in a firm typically carries out a step."""

    key: Key
    label: Text


class Term(Frozen):
    """A word of the glossary."""

    key: Key
    term: Text
    meaning: Text


class Source(Frozen):
    """A public model or policy that the bank leans on, with its edition."""

    key: Key
    title: Text
    edition: str
    note: Text | None = None


class RuleCondition(Frozen):
    """One condition of a rule, as far as answers can tell whether it holds.

    `when` tells for whom it matters. Without `holds` the questionnaire does not ask for it, and
    `where` says how the firm finds out. `other_way` says what else the rule accepts that the
    questionnaire does not ask for: then a condition that does not hold is still to be checked.
    """

    key: Key
    label: Text
    when: Condition | None = None
    holds: Condition | None = None
    where: Text | None = None
    other_way: Text | None = None


class Eligibility(Frozen):
    """The conditions of a programme: what a firm would have to look at, never an approval."""

    key: Key
    title: Text
    source: Key
    caution: Text | None = None
    conditions: Annotated[tuple[RuleCondition, ...], Field(min_length=1, max_length=MOST)]


class PublishedShare(Frozen):
    """One part of a published distribution; `levels` are those of its scheme."""

    label: Text
    percent: Percent
    levels: Few[ItemLevel] = ()


class PublishedDistribution(Frozen):
    """How other firms were rated, as published: for orientation, with its year and its limits."""

    key: Key
    title: Text
    year: Annotated[Whole, Field(ge=2000, le=2100)]
    base: Text
    shares: Annotated[tuple[PublishedShare, ...], Field(min_length=1, max_length=MOST)]
    source: Key
    caution: Text


class Hint(Frozen):
    """How firms that answered so best read their report; without `when` it is said to all."""

    key: Key
    when: Condition | None = None
    text: Text


class Bank(Frozen):
    """One version of a question bank, read whole and never changed."""

    format: Annotated[Literal[1], BeforeValidator(_whole_number)]
    key: Key
    version: Annotated[Whole, Field(ge=1, le=999_999)]
    title: Text
    summary: Text
    notice: Text
    banner: Text | None = None
    method: Few[Text]
    minutes: Annotated[Whole, Field(ge=1, le=600)]
    roles: Few[Role]
    profile: Profile
    weigh_by: Key | None = None
    weigh_default: Key | None = None
    size_by: Key | None = None
    sector_by: Key | None = None
    small_sizes: tuple[Key, ...] = ("small", "micro")
    scoring: Scoring = Scoring()
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    outcomes: Profile | None = None
    levels: LevelScheme
    editions: Few[Edition] = ()
    eligibility: Few[Eligibility] = ()
    distributions: Few[PublishedDistribution] = ()
    hints: Few[Hint] = ()
    glossary: tuple[Term, ...] = ()
    sources: tuple[Source, ...] = ()

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by its key, profile first, in reading order."""
        return {question.key: question for _, question in self._walk()}

    @cached_property
    def place_of(self) -> Mapping[str, str]:
        """The page key of every question: a section's key, ``profile`` or ``outcomes``."""
        return {question.key: page for page, question in self._walk()}

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """When the questions apply that do not always apply, in reading order."""
        return {
            key: question.when
            for key, question in self.questions.items()
            if question.when is not None
        }

    @cached_property
    def unconditional(self) -> frozenset[str]:
        """The keys of all other questions."""
        return frozenset(self.questions.keys() - self.conditions.keys())

    @cached_property
    def options_to_skip(self) -> Mapping[str, Condition]:
        """When a question may be left open without a trace, for those that some firms may."""
        return {
            key: question.optional_when
            for key, question in self.questions.items()
            if question.optional_when is not None
        }

    @property
    def parts_have_levels(self) -> bool:
        """Whether sections, domains and questions have levels of their own.

        One per full 20 points is the rule of weighted banks (source: standard-bank 11.10);
        published rules that count points or stages have levels of the whole alone.
        """
        return self.scoring.method in (Method.WEIGHTED, Method.MEAN)

    @cached_property
    def ladder_domains(self) -> frozenset[str]:
        """The domains with a ladder question: those that breadth is measured by."""
        return frozenset(
            domain.key
            for section in self.sections
            for domain in section.domains
            if any(isinstance(question, Ladder) for question in domain.questions)
        )

    def _walk(self) -> Iterator[tuple[str, Question]]:
        for question in self.profile.questions:
            yield PROFILE, question
        for section in self.sections:
            for question in section.questions:
                yield section.key, question
        for question in self.outcomes.questions if self.outcomes else ():
            yield OUTCOMES, question

    def section(self, key: str) -> Section:
        """Raises KeyError if there is no such section."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)


PROFILE = "profile"
OUTCOMES = "outcomes"
"""The page keys of the profile and of the key figures; no section may have them."""
