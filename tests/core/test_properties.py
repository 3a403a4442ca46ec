"""What must hold for every bank and every set of answers, whatever they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from survey.core import document
from survey.core.advice import plan
from survey.core.answers import Answer, read_all
from survey.core.bank import (
    Bank,
    Benchmark,
    Ladder,
    Level,
    Matrix,
    Method,
    Multiple,
    NaPolicy,
    Number,
    Question,
    Requirements,
)
from survey.core.conditions import visible
from survey.core.result import (
    BlockerKind,
    DomainScore,
    ItemScore,
    Result,
    SectionScore,
    Treatment,
)
from survey.core.scoring import score
from survey.core.trace import explain
from survey.core.trace_table import table
from survey.core.unblock import ways
from survey.core.what_if import compare
from tests.builders import (
    Data,
    bank_data,
    benchmark,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    staged_levels,
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

HIDING = {"question": "production-type", "in": ["process"]}
RELIEVING = {"question": "production-type", "in": ["discrete"]}
KINDS = (
    "ladder",
    "ladder",
    "capped",
    "equal",
    "points",
    "number",
    "ratio",
    "matrix",
    "benchmark",
    "bands",
    "staged",
)


@st.composite
def questions(draw: st.DrawFn, key: str, weight: Decimal, *, hiding: bool) -> Data:
    parts: Data = {"weight": f"{weight:f}", "not_applicable": "with-reason"}
    if hiding and draw(st.integers(0, 4)) == 0:
        parts["when"] = HIDING
    if draw(st.integers(0, 4)) == 0:
        parts["optional_when"] = RELIEVING
    match draw(st.sampled_from(KINDS)):
        case "ladder":
            question = ladder(key)
        case "capped":
            question = multiple(key, full_at=draw(st.integers(1, 4)))
        case "equal":
            question = multiple(key, full_at=None, credit="equal")
        case "points":
            question = multiple(key, full_at=None, credit="points")
            for option, points in zip(question["options"], ("3", "1", "0.5", "2.5"), strict=False):
                option["points"] = points
        case "number":
            question = number(key, decimals=2)
        case "ratio":
            question = ratio(key)
        case "matrix":
            question = matrix(key, full_at=draw(st.sampled_from([None, 1, 2])))
        case "benchmark":
            question = benchmark(key)
        case rule:
            question = requirements(key, rule=rule)
    return question | parts


@st.composite
def divided(draw: st.DrawFn, whole: Decimal, count: int, method: Method) -> list[Decimal]:
    """Weights of so many parts that a bank with this method accepts."""
    if method is not Method.POINTS and draw(st.booleans()):
        return [Decimal(1)] * count
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=count - 1, max_size=count - 1)))
    return [(high - low) * whole / 100 for low, high in pairwise([0, *cuts, 100])]


@st.composite
def banks(draw: st.DrawFn, *, hiding: bool = True) -> Bank:
    """One to three sections of one or two domains of one to three questions each."""
    method = draw(st.sampled_from([Method.WEIGHTED, Method.MEAN, Method.POINTS]))
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=2)))
    sections = []
    for n, (low, high) in enumerate(pairwise([0, *cuts, 100])):
        whole = Decimal(high - low) if method is Method.POINTS else Decimal(100)
        domains = []
        for m, weight in enumerate(draw(divided(whole, draw(st.integers(1, 2)), method))):
            inner = weight if method is Method.POINTS else Decimal(100)
            parts = draw(divided(inner, draw(st.integers(1, 3)), method))
            asked = [
                draw(questions(f"q{n}{m}{k}", part, hiding=hiding)) for k, part in enumerate(parts)
            ]
            domains.append(domain(f"d{n}{m}", *asked, weight=f"{weight:f}"))
        sections.append(section(f"s{n}", "ABC"[n], *domains, weight=high - low))
    policy = draw(st.sampled_from([NaPolicy.EXCLUDE, NaPolicy.EXCLUDE, NaPolicy.ZERO]))
    gates = levels(breadth=60, breadth_below=75, core=["q000"])
    return Bank.model_validate(
        bank_data(*sections, levels=gates, scoring={"method": method, "not_applicable": policy})
    )


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
        case Requirements():
            met = st.sampled_from(["unmet", "partly", "met"])
            return st.fixed_dictionaries({row.key: met for row in question.rows}).map(
                lambda rows: {"rows": rows}
            )
        case Benchmark():
            return st.tuples(numbers, st.integers(0, 90), st.integers(1, 9)).map(
                lambda typed: {
                    "value": typed[0],
                    "base": str(typed[1] + typed[2]),
                    "lead": str(typed[1]),
                    "source": "行业公报",
                }
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
    """Answers that nobody would call worse: a step up, one more box, a better row or figure."""
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
        case Benchmark():
            lowered = max(Decimal(plain["value"]) - Decimal("7.31"), Decimal(0))
            yield {**plain, "value": f"{lowered:f}"}
        case Matrix() | Requirements():
            up = {"none": "alone", "alone": "linked", "unmet": "partly", "partly": "met"}
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
        assert shares <= 1 + HALF_UNIT
        if everything_known_shares_the_whole(case.bank):
            assert shares >= 1 - HALF_UNIT


def everything_known_shares_the_whole(bank: Bank) -> bool:
    """Not so where what is unknown or not applicable keeps its share and earns nothing."""
    points = bank.scoring.method is Method.POINTS
    return not points and bank.scoring.not_applicable is NaPolicy.EXCLUDE


@given(cases())
@some
def test_the_leaves_of_the_trace_add_up_to_the_total_exactly(case: Case) -> None:
    result = case.result
    traced = explain(case.bank, case.answers, result).total

    brought = [leaf.contribution for leaf in traced.leaves if leaf.contribution is not None]
    assert traced.contribution == result.total
    if result.total is None:
        assert brought == []
    else:
        assert sum(brought, Decimal(0)) == result.total
        rounding = traced.children[-1]
        assert rounding.key == "rounding"
        assert abs(rounding.contribution or Decimal(0)) <= HALF_UNIT


@st.composite
def staged_cases(draw: st.DrawFn) -> Case:
    """One to four questions with requirements on two levels, some of them without an answer."""
    weights = draw(divided(Decimal(100), draw(st.integers(1, 4)), Method.STAGED))
    asked = [
        requirements(f"q{n}", weight=f"{weight:f}", not_applicable="with-reason")
        for n, weight in enumerate(weights)
    ]
    met_at = draw(st.sampled_from([50, 80, 100]))
    scheme = staged_levels(met_at, completeness=0) | {"not_applicable_cap": 100}
    bank = Bank.model_validate(
        bank_data(
            section("s", "A", domain("d", *asked)),
            levels=scheme,
            scoring={
                "method": "staged",
                "met_at": met_at,
                "not_applicable": draw(st.sampled_from(["exclude", "zero"])),
            },
        )
    )
    plain = {}
    for question in bank.sections[0].questions:
        answer = st.just(UNKNOWN) | st.just(NA) | usable(question) | usable(question)
        plain[question.key] = draw(answer)
    return Case(bank, plain)


@given(staged_cases())
@some
def test_the_leaves_of_a_staged_trace_add_up_and_its_ways_and_plan_can_be_found(
    case: Case,
) -> None:
    result = case.result
    traced = explain(case.bank, case.answers, result).total

    brought = [leaf.contribution for leaf in traced.leaves if leaf.contribution is not None]
    if result.total is not None:
        assert sum(brought, Decimal(0)) == result.total
    steps = plan(case.bank, case.answers, result).short
    assert all(step.gain >= 0 for step in steps)
    for way in ways(case.bank, case.answers, result):
        assert {change.question for change in way.changes} <= set(result.items)


@given(cases())
@some
def test_the_table_of_the_trace_adds_up_to_the_last_digit(case: Case) -> None:
    found = table(case.bank, case.answers, case.result)
    nothing = Decimal(0)

    for part in found.sections:
        brought = sum((row.contribution or nothing for row in part.rows), nothing)
        assert brought == (part.contribution or nothing)
    if found.total is not None:
        whole = sum((part.contribution or nothing for part in found.sections), nothing)
        assert whole == found.total


@given(cases())
@some
def test_what_if_nothing_changed_moves_nothing(case: Case) -> None:
    found = compare(case.result, Case(case.bank, dict(reversed(list(case.plain.items())))).result)

    assert found.questions == ()
    assert (found.vanished, found.appeared) == ((), ())
    assert all(part.before == part.after and part.by == 0 for part in found.sections)


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
    steps = [*found.short, *found.rest]

    assert len(found.short) <= 12
    assert len({step.key for step in steps}) == len(steps)
    assert all(step.gain >= 0 for step in steps)
    for group in (found.short, found.rest):
        keys = [(step.rank, -step.priority) for step in group]
        assert keys == sorted(keys)


# ------------------------------------------------------------------------ limits

A_HAIR = Decimal("0.000001")


def with_levels(case: Case, *thresholds: Decimal, **gates: object) -> Case:
    """The same case with these thresholds, which no document could say so finely."""
    scheme = case.bank.levels
    kept: Sequence[Level] = scheme.steps
    steps = tuple(
        step.model_copy(update={"threshold": threshold})
        for step, threshold in zip(kept, thresholds, strict=False)
    )
    free = {"breadth": Decimal(0), "breadth_below": Decimal(0), "core": (), "completeness": 0}
    changed = scheme.model_copy(
        update={"steps": steps, "gates": scheme.gates.model_copy(update={**free, **gates})}
    )
    return Case(case.bank.model_copy(update={"levels": changed}), case.plain)


@given(cases())
@some
def test_a_threshold_holds_to_the_last_place(case: Case) -> None:
    total = case.result.total
    assume(total is not None)
    assert total is not None
    nothing = Decimal(-1)

    at, below, above = (
        with_levels(case, nothing, total + hair).result for hair in (Decimal(0), -A_HAIR, A_HAIR)
    )

    assert (at.level, below.level, above.level) == (1, 1, 0)
    assert [blocker.kind for blocker in above.blockers] == [BlockerKind.THRESHOLD]


@given(cases())
@some
def test_the_completeness_that_is_asked_for_holds_to_the_last_place(case: Case) -> None:
    assume(case.result.total is not None)
    known = case.result.completeness

    at, below, above = (
        with_levels(case, Decimal(0), completeness=known + hair).result
        for hair in (Decimal(0), -A_HAIR, A_HAIR)
    )

    assert (at.level, below.level, above.level) == (0, 0, None)
    assert (at.provisional, below.provisional, above.provisional) == (False, False, True)


@given(cases())
@some
def test_the_cap_on_not_applicable_holds_to_the_last_place(case: Case) -> None:

    def capped_at(cap: Decimal) -> Result:
        scheme = case.bank.levels.model_copy(update={"not_applicable_cap": cap})
        return Case(case.bank.model_copy(update={"levels": scheme}), case.plain).result

    uncapped = capped_at(Decimal(100))
    assume(uncapped.total is not None)
    excluded = uncapped.not_applicable

    assert capped_at(excluded).total == uncapped.total
    assert capped_at(excluded + A_HAIR).total == uncapped.total
    assert capped_at(excluded - A_HAIR).total is None
