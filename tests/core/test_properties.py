"""What must hold for every bank and every set of answers, whatever they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.core import document
from survey.core.advice import plan
from survey.core.answers import Answer, read_all
from survey.core.bank import Bank, Ladder, Matrix, Multiple, Number, Question
from survey.core.conditions import visible
from survey.core.scoring import DomainScore, ItemScore, Result, SectionScore, Treatment, score
from tests.builders import (
    Data,
    bank_data,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    number,
    ratio,
    section,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}
HALF_UNIT = Decimal("0.0000005") + Decimal("1e-20")
"""A total is rounded to 6 places, its parts are not."""

some = settings(
    max_examples=100,
    deadline=None,  # the machine may be busy
    derandomize=True,  # the same cases in every run
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Case:
    """A bank and a firm's plain answers to it."""

    bank: Bank
    plain: Mapping[str, Data]

    @property
    def answers(self) -> Mapping[str, Answer]:
        return read_all(self.bank, self.plain)

    def without(self, key: str) -> "Case":
        return Case(self.bank, {k: v for k, v in self.plain.items() if k != key})

    def instead(self, key: str, answer: Data) -> "Case":
        return Case(self.bank, {**self.plain, key: answer})

    @property
    def result(self) -> Result:
        return score(self.bank, self.answers)


# ---------------------------------------------------------------- banks and answers

weights = st.integers(0, 12).map(str) | st.sampled_from(["0.25", "1.875", "0.0001", "7.5"])
HIDING = {"question": "production-type", "in": ["process"]}


@st.composite
def questions(draw: st.DrawFn, key: str, *, hiding: bool) -> Data:
    parts: Data = {"weight": draw(weights), "not_applicable": "with-reason"}
    if hiding and draw(st.integers(0, 4)) == 0:
        parts["when"] = HIDING
    kind = draw(st.sampled_from(["ladder", "ladder", "multiple", "number", "ratio", "matrix"]))
    match kind:
        case "ladder":
            return ladder(key) | parts
        case "multiple":
            return multiple(key, full_at=draw(st.integers(1, 4))) | parts
        case "number":
            return number(key, decimals=2) | parts
        case "ratio":
            return ratio(key) | parts
        case _:
            return matrix(key, full_at=draw(st.sampled_from([None, 1, 2]))) | parts


@st.composite
def banks(draw: st.DrawFn, *, hiding: bool = True) -> Bank:
    """One to three sections of one or two domains of one to three questions each."""
    count = draw(st.integers(1, 3))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=count - 1, max_size=count - 1)))
    shares = [b - a for a, b in pairwise([0, *cuts, 100])]
    sections = []
    for n, share in enumerate(shares):
        domains = [
            domain(
                f"d{n}{m}",
                *(
                    draw(questions(f"q{n}{m}{k}", hiding=hiding))
                    for k in range(draw(st.integers(1, 3)))
                ),
                weight=draw(weights),
            )
            for m in range(draw(st.integers(1, 2)))
        ]
        sections.append(section(f"s{n}", "ABC"[n], *domains, weight=share))
    gates = levels(breadth=60, breadth_below=75, core=["q000"])
    return Bank.model_validate(bank_data(*sections, levels=gates))


def usable(question: Question) -> st.SearchStrategy[Data]:
    """An answer with a score."""
    numbers = st.integers(0, 10000).map(lambda n: f"{Decimal(n) / 100:f}")
    match question:
        case Ladder():
            halves = st.integers(0, 4).map(lambda n: level(n, half=True))
            return st.integers(0, 5).map(level) | halves
        case Multiple():
            boxes = st.sets(st.sampled_from("abcd"), min_size=1).map(sorted) | st.just(["none"])
            return boxes.map(lambda ticked: {"options": ticked})
        case Matrix():
            states = st.sampled_from(["none", "alone", "linked"])
            return st.fixed_dictionaries({"erp": states, "mes": states}).map(
                lambda rows: {"rows": rows}
            )
        case Number():
            return numbers.map(lambda typed: {"number": typed})
        case _:
            return numbers.map(lambda typed: {"numerator": typed, "denominator": "100"})


@st.composite
def cases(draw: st.DrawFn, *, hiding: bool = True) -> Case:
    bank = draw(banks(hiding=hiding))
    plain: dict[str, Data] = {}
    if (kind := draw(st.sampled_from(["process", "discrete", ""]))) != "":
        plain["production-type"] = {"option": kind}
    for part in bank.sections:
        for question in part.questions:
            match draw(st.sampled_from(["usable"] * 5 + ["open", "unknown", "excluded"])):
                case "usable":
                    plain[question.key] = draw(usable(question))
                case "unknown":
                    plain[question.key] = UNKNOWN
                case "excluded":
                    plain[question.key] = NA
                case _:
                    pass
    return Case(bank, plain)


def better(question: Question, plain: Data) -> Iterator[Data]:
    """Answers that nobody would call worse: a step up, one more box, a better row."""
    match question:
        case Ladder():
            at = int(plain["option"][-1])
            if at < 5:
                yield level(at + 1)
                if not plain.get("half"):
                    yield level(at, half=True)
        case Multiple():
            ticked = [box for box in plain["options"] if box != "none"]
            yield from ({"options": [*ticked, box]} for box in "abcd" if box not in ticked)
        case Matrix():
            up = {"none": "alone", "alone": "linked"}
            for row, state in plain["rows"].items():
                if state in up:
                    yield {"rows": {**plain["rows"], row: up[state]}}
        case _:
            name = "number" if isinstance(question, Number) else "numerator"
            raised = min(Decimal(plain[name]) + Decimal("7.31"), Decimal(100))
            yield {**plain, name: f"{raised:f}"}


def not_lower(before: Decimal | None, after: Decimal | None) -> bool:
    return before == after or (before is not None and after is not None and before <= after)


Scored = ItemScore | DomainScore | SectionScore


def parts(result: Result) -> dict[str, Scored]:
    """Every item, domain and section of a result by its key."""
    found: dict[str, Scored] = {}
    for each in result.sections:
        found[each.key] = each
        for domain_score in each.domains:
            found[domain_score.key] = domain_score
            found.update((item.key, item) for item in domain_score.items)
    return found


# ------------------------------------------------------------------------- the rules


@given(banks())
@some
def test_the_banks_that_are_tried_below_could_be_published(bank: Bank) -> None:
    assert document.problems(bank.model_dump(mode="json", by_alias=True)) == ()


@given(cases())
@some
def test_the_contributions_add_up_to_the_total(case: Case) -> None:
    result = case.result
    counted = [item for item in result.items.values() if item.contribution is not None]

    if result.total is not None:
        total = sum((item.contribution or Decimal(0) for item in counted), Decimal(0))
        shares = sum((item.share or Decimal(0) for item in counted), Decimal(0))
        assert abs(total - result.total) <= HALF_UNIT
        assert abs(shares - 1) <= HALF_UNIT


@given(cases())
@some
def test_the_shares_of_parts_add_up_to_the_share_of_the_whole(case: Case) -> None:
    for each in case.result.sections:
        if each.share is None:
            assert all(domain_score.share is None for domain_score in each.domains)
            continue
        below = [d.share for d in each.domains if d.share is not None]
        assert abs(sum(below, Decimal(0)) - each.share) <= HALF_UNIT


@given(cases())
@some
def test_every_score_is_between_0_and_100_and_every_level_between_0_and_5(case: Case) -> None:
    result = case.result

    for part in parts(result).values():
        assert part.score is None or 0 <= part.score <= 100
        assert part.level is None or 0 <= part.level <= 5
    assert result.total is None or 0 <= result.total <= 100
    assert 0 <= result.completeness <= 100
    assert 0 <= result.not_applicable <= 100


@given(cases(hiding=False), st.data())
@some
def test_a_better_answer_never_lowers_anything(case: Case, data: st.DataObject) -> None:
    usable_keys = [
        key for key in case.plain if key.startswith("q") and case.plain[key] not in (NA, UNKNOWN)
    ]
    if not usable_keys:
        return
    key = data.draw(st.sampled_from(usable_keys))
    before = case.result

    for answer in better(case.bank.questions[key], dict(case.plain[key])):
        after = case.instead(key, answer).result

        assert not_lower(before.total, after.total)
        assert (before.level is None) == (after.level is None)
        assert (before.level or 0) <= (after.level or 0)
        then = parts(after)
        assert all(not_lower(part.score, then[k].score) for k, part in parts(before).items())
        assert (after.completeness, after.not_applicable) == (
            before.completeness,
            before.not_applicable,
        )


@given(cases())
@some
def test_answers_to_hidden_questions_contribute_nothing(case: Case) -> None:
    shown = visible(case.bank, case.answers)
    kept = Case(case.bank, {key: plain for key, plain in case.plain.items() if key in shown})

    assert kept.result == case.result
    assert plan(case.bank, kept.answers, kept.result) == plan(case.bank, case.answers, case.result)
    for item in case.result.items.values():
        if item.key not in shown:
            assert item.treatment is Treatment.HIDDEN
            assert (item.score, item.share, item.contribution) == (None, None, None)


@given(cases(), st.data())
@some
def test_the_order_of_answers_never_matters(case: Case, data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(case.plain.items()))))

    assert Case(case.bank, shuffled).result == case.result


@given(cases())
@some
def test_scoring_twice_is_identical(case: Case) -> None:
    again = Case(document.read(case.bank.model_dump(mode="json", by_alias=True)), case.plain)

    assert case.result == case.result
    assert again.result == case.result
    assert repr(again.result) == repr(case.result)


@given(cases(), st.data())
@some
def test_saying_not_applicable_never_changes_another_questions_score(
    case: Case, data: st.DataObject
) -> None:
    keys = [key for key in case.bank.questions if key.startswith("q")]
    key = data.draw(st.sampled_from(keys))
    before = case.result.items
    after = case.instead(key, NA).result.items

    for other in keys:
        if other != key:
            assert after[other].score == before[other].score
            assert after[other].level == before[other].level
            assert after[other].treatment is before[other].treatment


@given(cases(hiding=False), st.data())
@some
def test_not_knowing_is_scored_like_not_answering(case: Case, data: st.DataObject) -> None:
    """Both are left out of the mean and lower the completeness; only the trace tells them apart."""
    key = data.draw(st.sampled_from([key for key in case.bank.questions if key.startswith("q")]))
    open_, unknown = case.without(key).result, case.instead(key, UNKNOWN).result

    assert (open_.total, open_.level, open_.completeness) == (
        unknown.total,
        unknown.level,
        unknown.completeness,
    )


@given(cases())
@some
def test_the_plan_is_ordered_and_never_too_long(case: Case) -> None:
    found = plan(case.bank, case.answers, case.result)
    steps: list[Any] = [*found.short, *found.rest]

    assert len(found.short) <= 12
    assert len({step.question for step in steps}) == len(steps)
    assert all(step.gain >= 0 for step in steps)
    for group in (found.short, found.rest):
        keys = [(not step.unblocks, -step.priority) for step in group]
        assert keys == sorted(keys)
