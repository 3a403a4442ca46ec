"""The fewest answers that remove a blocker, held against trying every smaller set."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.core.answers import Answers
from survey.core.bank import Bank
from survey.core.result import OPEN, Blocker, BlockerKind, Result, Treatment
from survey.core.scoring import score
from survey.core.unblock import _WAYS, Act, Change, Way, ways
from tests.builders import (
    Data,
    a_bank,
    answers,
    domain,
    ladder,
    level,
    levels,
    multiple,
    requirements,
    section,
    staged_levels,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}


def ways_of(bank: Bank, plain: Mapping[str, Data]) -> dict[BlockerKind, Way]:
    given = answers(bank, plain)
    return {way.blocker.kind: way for way in ways(bank, given, score(bank, given))}


def changed(way: Way) -> list[tuple[str, Act, int | None]]:
    return [
        (change.question, change.act, None if change.score is None else int(change.score))
        for change in way.changes
    ]


# --------------------------------------------------------------------- by table


def test_a_missing_total_is_made_up_by_the_answers_that_bring_most_and_no_further() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("a", weight="70"), ladder("b", weight="30")))
    )

    found = ways_of(bank, {"a": level(1), "b": level(1)})

    assert changed(found[BlockerKind.THRESHOLD]) == [("a", Act.RAISE, 60)]


def test_what_is_unknown_stays_unknown_when_the_total_is_short() -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("a"), ladder("b"), ladder("c"))))
    low = {"a": level(1), "b": level(1), "c": UNKNOWN}

    assert BlockerKind.COMPLETENESS in ways_of(bank, low)
    assert changed(ways_of(bank, low)[BlockerKind.COMPLETENESS]) == [("c", Act.ANSWER, None)]


def test_a_core_question_must_reach_the_level_before() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("a"), ladder("b"))), levels=levels(core=["b"])
    )

    found = ways_of(bank, {"a": level(5), "b": level(1)})

    assert changed(found[BlockerKind.CORE]) == [("b", Act.RAISE, 40)]


def test_an_unknown_core_question_must_be_answered() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("a", weight="90"), ladder("b", weight="10"))),
        levels=levels(core=["b"]),
    )

    found = ways_of(bank, {"a": level(5), "b": UNKNOWN})

    assert changed(found[BlockerKind.CORE]) == [("b", Act.ANSWER, 0)]


def test_too_much_not_applicable_is_undone_by_answering_what_weighs_most() -> None:
    parts = [
        ladder("a", weight="60"),
        *(ladder(k, weight="20", not_applicable="with-reason") for k in "bc"),
    ]
    bank = a_bank(section("s", "A", domain("d", *parts)))

    found = ways_of(bank, {"a": level(3), "b": NA, "c": NA})

    assert changed(found[BlockerKind.NOT_APPLICABLE_CAP]) == [("b", Act.ANSWER, None)]


def test_missing_evidence_is_named_for_every_ladder_answer_that_lacks_it() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("a"), ladder("b"), multiple("c"))),
        levels=levels(evidence={"from_level": 4, "grade": 2}),
    )
    proof = {"evidence": {"grade": "document", "note": "导出的工单"}}

    found = ways_of(
        bank, {"a": level(5), "b": level(5) | proof, "c": {"options": ["a", "b", "c", "d"]}}
    )

    assert changed(found[BlockerKind.EVIDENCE]) == [("a", Act.PROVE, None)]


def test_nothing_helps_against_a_ceiling() -> None:
    reason = {"zh": "题目太少。", "en": "There are too few questions."}
    bank = a_bank(
        section("s", "A", domain("d", ladder("a"))),
        levels=levels(ceiling=3, ceiling_reason=reason),
    )

    assert ways_of(bank, {"a": level(5)})[BlockerKind.CEILING].changes == ()


def test_scenes_are_counted_up_by_the_nearest_mandatory_ones_first() -> None:
    scenes = {
        "scenes": ["a", "b", "c"],
        "mandatory": ["c"],
        "steps": [{"level": 3, "scenes": 1, "mandatory": 1}],
    }
    bank = a_bank(
        section(
            "s", "A", domain("d", *(ladder(key, half_steps=False) for key in "abc"), ladder("rest"))
        ),
        levels=levels(scenes=scenes),
    )

    found = ways_of(bank, {"a": level(2), "b": level(2), "c": level(1), "rest": level(5)})

    assert changed(found[BlockerKind.SCENES]) == [("c", Act.RAISE, 60)]
    assert changed(found[BlockerKind.MANDATORY_SCENES]) == [("c", Act.RAISE, 60)]


def test_a_stage_is_met_by_the_questions_that_weigh_most() -> None:
    bank = a_bank(
        section(
            "s", "A", domain("d", requirements("a", weight="30"), requirements("b", weight="70"))
        ),
        scoring={"method": "staged"},
        levels=staged_levels(),
    )
    half = {"rows": {"list": "partly", "plan": "partly", "model": "unmet"}}

    [way] = ways_of(bank, {"a": half, "b": half}).values()

    assert [(c.question, c.act, c.level) for c in way.changes] == [("b", Act.STAGE, 1)]


def test_a_stage_needs_all_questions_if_none_can_be_spared() -> None:
    bank, rows = staged("a", "b"), {"list": "unmet", "plan": "unmet", "model": "unmet"}

    [way] = ways_of(bank, {"a": {"rows": rows}, "b": {"rows": rows}}).values()

    assert [change.question for change in way.changes] == ["a", "b"]


def test_what_is_unknown_or_does_not_apply_cannot_meet_a_stage() -> None:
    """Half of the whole counts as zero: the level cannot be met, and no change is named."""
    policy = {"method": "staged", "not_applicable": "zero"}
    rows = {"list": "unmet", "plan": "unmet", "model": "unmet"}

    [unknown] = ways_of(staged("a", "b"), {"a": {"rows": rows}, "b": UNKNOWN}).values()
    [lost] = ways_of(staged("a", "b", scoring=policy), {"a": {"rows": rows}, "b": NA}).values()

    assert [change.question for change in unknown.changes] == ["a"]
    assert lost.changes == ()


def staged(*keys: str, scoring: Data | None = None) -> Bank:
    """Two levels of 80 per cent each, the questions weighing alike."""
    two = staged_levels(completeness=0) | {"not_applicable_cap": 100}
    questions = [requirements(key, not_applicable="with-reason") for key in keys]
    return a_bank(
        section("s", "A", domain("d", *questions)),
        scoring=scoring or {"method": "staged"},
        levels=two,
    )


def test_no_change_is_named_if_all_answers_together_are_not_enough() -> None:
    """What does not apply counts as zero and weighs 60 per cent: 40 points are the most."""
    parts = [ladder("a", weight="40"), ladder("b", weight="60", not_applicable="with-reason")]
    bank = a_bank(
        section("s", "A", domain("d", *parts)),
        scoring={"not_applicable": "zero"},
        levels=levels() | {"not_applicable_cap": 100},
    )

    found = ways_of(bank, {"a": level(5), "b": NA})

    assert found[BlockerKind.THRESHOLD].changes == ()


@pytest.mark.parametrize(
    ("breadth", "expected"),
    [
        (60, [("c", Act.RAISE, 60)]),  # not the first domain, which can never reach level 3
        (100, []),
    ],
)
def test_a_domain_that_can_never_reach_the_level_is_not_counted_on(
    breadth: int, expected: list[tuple[str, Act, int]]
) -> None:
    lost = [ladder("a", weight="50"), ladder("na", weight="50", not_applicable="with-reason")]
    bank = a_bank(
        section(
            "s",
            "A",
            domain("lost", *lost, weight="1"),
            domain("fair", ladder("c"), weight="1"),
            domain("good", ladder("g"), weight="98"),
        ),
        scoring={"not_applicable": "zero"},
        levels=levels(breadth=breadth) | {"not_applicable_cap": 100},
    )

    found = ways_of(bank, {"a": level(5), "na": NA, "c": level(2), "g": level(4)})

    assert changed(found[BlockerKind.BREADTH]) == expected


def test_as_many_domains_are_raised_as_the_share_lacks() -> None:
    """Seven domains, three of them at level 3; 60 per cent are five of seven."""
    bank = a_bank(
        section("s", "A", *(domain(f"d{n}", ladder(f"q{n}")) for n in range(7))),
        levels=levels(breadth=60),
    )

    found = ways_of(bank, {f"q{n}": level(5 if n < 3 else 2) for n in range(7)})

    assert changed(found[BlockerKind.BREADTH]) == [("q3", Act.RAISE, 60), ("q4", Act.RAISE, 60)]


def test_a_domain_of_which_nothing_is_known_needs_one_answer() -> None:
    bank = a_bank(
        section(
            "s",
            "A",
            domain("known", ladder("a"), weight="80"),
            domain("open", ladder("b"), weight="20"),
        ),
        levels=levels(breadth=100),
    )

    found = ways_of(bank, {"a": level(3)})

    assert changed(found[BlockerKind.BREADTH]) == [("b", Act.ANSWER, 20)]


# ------------------------------------------------------- held against every other

KEYS = ("a", "b", "c", "d", "e", "f")
_LEVEL = st.integers(0, 5)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Bank, dict[str, Data]]:
    """Six ladders in three domains of two sections, some of them unknown."""
    first = draw(st.sampled_from([20, 50, 65]))
    inner = draw(st.sampled_from([30, 50, 80]))
    bank = a_bank(
        section(
            "s1",
            "A",
            domain("d1", ladder("a", weight=str(inner)), ladder("b", weight=str(100 - inner))),
            domain("d2", ladder("c"), ladder("d")),
            weight=first,
        ),
        section("s2", "B", domain("d3", ladder("e"), ladder("f")), weight=100 - first),
        levels=levels(
            breadth=draw(st.sampled_from([0, 60, 100])),
            breadth_below=draw(st.sampled_from([0, 75])),
            completeness=draw(st.sampled_from([0, 50, 80])),
        ),
    )
    given = {key: level(draw(_LEVEL)) for key in KEYS}
    unknown = draw(st.sets(st.sampled_from(KEYS), max_size=3))
    return bank, given | dict.fromkeys(unknown, UNKNOWN)


@given(cases())
def test_the_changes_remove_their_blocker_and_no_smaller_set_does(
    case: tuple[Bank, dict[str, Data]],
) -> None:
    bank, plain = case
    before = answers(bank, plain)
    result = score(bank, before)

    for way in ways(bank, before, result):
        assert not _blocks(bank, _with(bank, before, way.changes), way.blocker)
        candidates = _candidates(result, way.blocker)
        assert {change.question for change in way.changes} <= set(candidates)
        for fewer in combinations(candidates, len(way.changes) - 1):
            best = [Change(key, Act.RAISE, Decimal(100)) for key in fewer]
            assert _blocks(bank, _with(bank, before, best), way.blocker)


def _candidates(result: Result, blocker: Blocker) -> list[str]:
    """What may be changed: known answers, and unknown ones where nothing else is known."""
    if blocker.kind is BlockerKind.COMPLETENESS:
        return [item.key for item in result.items.values() if item.treatment in OPEN]
    return [
        item.key
        for domain_score in result.domains.values()
        for item in domain_score.items
        if item.treatment is Treatment.SCORED
        or (domain_score.score is None and blocker.kind is not BlockerKind.THRESHOLD)
    ]


def _with(bank: Bank, before: Answers, changes: Iterable[Change]) -> Answers:
    """The answers after the changes: of each ladder the lowest step that earns enough."""
    after = dict(before)
    for change in changes:
        step = -(-(change.score or Decimal(0)) // 20)
        after |= answers(bank, {change.question: level(int(step))})
    return after


def _blocks(bank: Bank, given: Answers, blocker: Blocker) -> bool:
    result = score(bank, given)
    if any(each.kind is blocker.kind and each.level == blocker.level for each in result.blockers):
        return True
    hidden_behind = {BlockerKind.COMPLETENESS} - {blocker.kind}
    return result.level is None and result.blockers[0].kind in hidden_behind


def test_every_kind_of_blocker_has_its_way() -> None:
    assert set(_WAYS) == set(BlockerKind)
