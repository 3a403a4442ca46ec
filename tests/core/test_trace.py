"""The way from every answer to the total: it adds up, and a person can read it."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from survey.core import trace
from survey.core.bank import Bank, Kind, Method
from survey.core.scoring import score
from survey.core.text import Text
from survey.core.trace import Node, NodeKind, Trace
from tests.builders import (
    FULL_ANSWERS,
    Data,
    a_bank,
    answers,
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
    two_years,
    words,
    yes_no,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}
WITH_REASON = "with-reason"


def explained(bank: Bank, plain: Mapping[str, Data]) -> Trace:
    given = answers(bank, plain)
    return trace.explain(bank, given, score(bank, given))


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def found(traced: Trace, key: str, kind: NodeKind = NodeKind.QUESTION) -> Node:
    return next(node for node in nodes(traced.total) if (node.kind, node.key) == (kind, key))


def added(traced: Trace) -> Decimal:
    return sum((leaf.contribution or Decimal(0) for leaf in traced.total.leaves), Decimal(0))


def one(question: Data, **changes: Any) -> Bank:
    """A bank with one question, ``q``."""
    return a_bank(section("s", "A", domain("d", question)), **changes)


def uneven(**changes: Any) -> Bank:
    """Three sections with thirds and sevenths in them, and every kind of nothing."""
    when = {"question": "production-type", "in": ["process"]}
    relieved = {"question": "size-class", "in": ["micro"]}
    return a_bank(
        section(
            "one",
            "A",
            domain("d1", ladder("a", weight="1"), multiple("b", full_at=3), number("c")),
            domain("d2", ladder("unknown"), ladder("na", not_applicable=WITH_REASON)),
            weight=changes.pop("first", 33),
        ),
        section(
            "two",
            "B",
            domain("d3", ratio("r"), matrix("m"), benchmark("e"), ladder("hidden", when=when)),
            domain("d4", ladder("optional", optional_when=relieved), yes_no(), words()),
            weight=changes.pop("second", 33),
        ),
        section("three", "C", domain("d5", ladder("open")), weight=changes.pop("third", 34)),
        levels=levels(completeness=0) | {"not_applicable_cap": 60, "rated_from": 0},
        **changes,
    )


EVERY_NOTHING: Mapping[str, Data] = {
    "production-type": {"option": "discrete"},
    "size-class": {"option": "micro"},
    "a": level(2, half=True),
    "b": {"options": ["a"]},
    "c": {"number": "5"},
    "unknown": UNKNOWN,
    "na": NA,
    "r": {"numerator": "1", "denominator": "3"},
    "m": {"rows": {"erp": "linked", "mes": "alone"}},
    "e": {"value": "101", "base": "107", "lead": "90", "source": "行业公报"},
    "hidden": level(5),
}


def staged() -> Bank:
    """Two questions with requirements on two levels, 30 and 70 per cent."""
    return a_bank(
        section(
            "s", "A", domain("d", requirements("a", weight="30"), requirements("b", weight="70"))
        ),
        scoring={"method": "staged"},
        levels=staged_levels(),
    )


def rows(first: str, second: str, third: str) -> Data:
    return {"rows": {"list": first, "plan": second, "model": third}}


# ------------------------------------------------------------------------ it adds up


def weights_as_points() -> Bank:
    """The weights are points of 100: what a part can earn at most."""
    return a_bank(
        section(
            "s",
            "A",
            domain("d", ladder("a", weight="50"), ladder("b", weight="20"), weight="70"),
            domain("e", ladder("c", weight="30", not_applicable=WITH_REASON), weight="30"),
        ),
        scoring={"method": "points"},
        levels=levels(completeness=0) | {"not_applicable_cap": 60},
    )


@pytest.mark.parametrize(
    ("bank", "plain"),
    [
        (uneven(), EVERY_NOTHING),
        (uneven(scoring={"method": "mean"}), EVERY_NOTHING),
        (uneven(scoring={"method": "mean", "not_applicable": "zero"}), EVERY_NOTHING),
        (uneven(scoring={"not_applicable": "zero"}), EVERY_NOTHING),
        (uneven(first=100, second=0, third=0), EVERY_NOTHING),
        (uneven(first=0, second=1, third=99), EVERY_NOTHING),
        (weights_as_points(), {"a": level(3), "b": UNKNOWN, "c": NA}),
        (weights_as_points(), {"a": level(3), "c": level(1)}),
        (staged(), {"a": rows("met", "partly", "partly"), "b": rows("met", "met", "unmet")}),
        (staged(), {"a": rows("unmet", "partly", "met"), "b": rows("met", "partly", "met")}),
        (staged(), {"a": rows("met", "met", "met"), "b": rows("met", "met", "partly")}),
        (staged(), {"a": rows("met", "met", "partly"), "b": UNKNOWN}),
        (a_bank(), FULL_ANSWERS),
    ],
)
def test_the_leaves_add_up_to_the_total_to_the_last_digit(
    bank: Bank, plain: Mapping[str, Data]
) -> None:
    total = score(bank, answers(bank, plain)).total

    traced = explained(bank, plain)

    assert total is not None
    assert added(traced) == total == traced.total.contribution == traced.total.score


def test_every_joint_adds_up_what_is_below_it() -> None:
    traced = explained(uneven(), EVERY_NOTHING)

    joints = [n for n in nodes(traced.total) if n.kind in (NodeKind.SECTION, NodeKind.DOMAIN)]
    assert len(joints) == 8
    for node in joints:
        below = sum((child.contribution or Decimal(0) for child in node.children), Decimal(0))
        assert (node.contribution or Decimal(0)) == below


def test_what_rounding_takes_is_a_leaf_of_its_own() -> None:
    bank = a_bank(section("s", "A", domain("d", *(multiple(k, full_at=3) for k in "abc"))))
    third = {"options": ["a"]}

    traced = explained(bank, dict.fromkeys("abc", third))

    rounding = found(traced, "rounding", NodeKind.ROUNDING)
    assert traced.total.score == Decimal("33.333333")
    assert rounding.contribution is not None
    assert Decimal("-0.0000004") < rounding.contribution < Decimal("-0.0000003")
    assert rounding.because.en == "The total is rounded half up to six decimals."


def test_a_met_level_that_is_not_full_is_made_up_in_a_leaf_of_its_own() -> None:
    """Level 1: .3 × .75 + .7 = .925, so 7.5 % of half of 100 points are added."""
    plain = {"a": rows("met", "partly", "partly"), "b": rows("met", "met", "unmet")}

    traced = explained(staged(), plain)

    stage = found(traced, "stage-1", NodeKind.STAGE)
    assert (stage.score, stage.contribution) == (Decimal("92.5"), Decimal("3.75"))
    assert stage.label == Text(zh="第1级已满足", en="Level 1 is met")
    assert found(traced, "a").contribution == Decimal("18.75")
    assert found(traced, "b").contribution == Decimal(35)
    assert traced.total.score == Decimal("57.5")
    assert [node.key for node in traced.total.children] == ["s", "stage-1", "rounding"]


def test_a_level_that_is_full_by_itself_adds_nothing() -> None:
    plain = {"a": rows("met", "met", "partly"), "b": rows("met", "met", "unmet")}

    kinds = [node.kind for node in explained(staged(), plain).total.children]

    assert kinds == [NodeKind.SECTION, NodeKind.ROUNDING]


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"a": level(3), "b": {"options": ["a"]}, "na": NA, "open": NA},  # above the cap
    ],
)
def test_without_a_total_nothing_has_a_share_of_it(plain: Mapping[str, Data]) -> None:
    sections = [
        section("s", "A", domain("d", ladder("a", weight="20"), multiple("b")), weight=20),
        section("t", "B", domain("e", *(ladder(k, not_applicable=WITH_REASON)
                                        for k in ("na", "open"))), weight=80),
    ]  # fmt: skip
    sections[0]["domains"][0]["questions"][1]["weight"] = "80"
    traced = explained(a_bank(*sections, levels=levels(completeness=0)), plain)

    assert traced.total.because.en.startswith("There is no total")
    for node in nodes(traced.total):
        assert (node.share, node.contribution) == (None, None)
        assert "share " not in node.because.en
        assert "占总分" not in node.because.zh
    assert traced.total.ahead is None
    assert all(node.kind is not NodeKind.ROUNDING for node in nodes(traced.total))


# ------------------------------------------------------------------ why, by kind


REQUIREMENTS = [
    (rows("unmet", "partly", "met"), "第1级的要求尚未满足，得12.5分",
     "Level 1 is not met yet: 12.5"),
    (rows("met", "met", "partly"), "连续满足到第1级，得75.0分", "Met up to level 1: 75.0"),
    (rows("met", "met", "met"), "连续满足到第2级，得100.0分", "Met up to level 2: 100.0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer", "zh", "en"),
    [
        (ladder("q"), level(3), "选第3级（共5级），得60.0分", "Step 3 of 5: 60.0"),
        (
            ladder("q"),
            level(2, half=True),
            "选第2级（共5级），并部分达到第3级，得50.0分",
            "Step 2 of 5, partly 3: 50.0",
        ),
        (
            multiple("q"),
            {"options": ["a"]},
            "选了1项（4项满分），得25.0分",
            "One box ticked (4 for the full score): 25.0",
        ),
        (
            multiple("q"),
            {"options": ["none"]},
            "选了0项（4项满分），得0.0分",
            "0 boxes ticked (4 for the full score): 0.0",
        ),
        (
            multiple("q", full_at=None, credit="equal"),
            {"options": ["a", "c"]},
            "选了2项，得50.0分",
            "2 boxes ticked: 50.0",
        ),
        (number("q"), {"number": "5"}, "数值为5年，得50.0分", "The figure is 5 years: 50.0"),
        (
            ratio("q"),
            {"numerator": "30", "denominator": "100"},
            "数值为30.0%，得60.0分",
            "The figure is 30.0%: 60.0",
        ),
        (
            ratio("q", denominator_unit={"zh": "人", "en": "people"}),
            {"numerator": "1", "denominator": "2500"},
            "数值为每100人不到0.1台，得20.0分",
            "The figure is less than 0.1 machines per 100 people: 20.0",
        ),
        (
            ratio("q", may_exceed=True, better="higher"),
            {"numerator": "3", "denominator": "4"},
            "数值为下降25.0%，得100.0分",
            "The figure is down 25.0%: 100.0",
        ),
        (
            matrix("q"),
            {"rows": {"erp": "linked", "mes": "alone"}},
            "各行合计，得75.0分",
            "All rows together: 75.0",
        ),
        (
            benchmark("q"),
            {"value": "96", "base": "100", "lead": "90", "source": "行业公报"},
            "96，基准值100为0分，引领值90为100分，按直线折算得40.0分",
            "96, on a straight line from 100 (0 points) to 90 (100): 40.0",
        ),
        *((requirements("q"), *told) for told in REQUIREMENTS),
    ],
)
def test_a_question_tells_how_it_came_to_its_points(
    question: Data, answer: Data, zh: str, en: str
) -> None:
    node = found(explained(one(question), {"q": answer}), "q")

    assert node.score is not None
    worth = f"{node.score:.2f}"
    assert node.because == Text(
        zh=f"{zh}；占总分的100.0%，贡献约{worth}分。",
        en=f"{en} points; share 100.0%, contribution about {worth} points.",
    )


def test_every_kind_that_can_be_scored_has_its_words() -> None:
    assert set(Kind) - set(trace._HOW) == {Kind.CHOICE, Kind.YES_NO, Kind.TEXT}


def test_small_contributions_are_rounded_half_up() -> None:
    """5 % × 0.5 % × 20 points = 0.005 points."""
    bank = a_bank(
        section("s", "A", domain("d", ladder("q", weight="0.5"), ladder("r", weight="99.5")),
                weight=5),
        section("t", "B", domain("e", ladder("x")), weight=95),
    )  # fmt: skip

    node = found(explained(bank, {"q": level(1), "r": level(0), "x": level(1)}), "q")

    assert "贡献约0.01分" in node.because.zh
    assert "about 0.01 points" in node.because.en


# ------------------------------------------------------------ why, by treatment


def test_to_know_nothing_of_an_optional_question_is_not_called_leaving_it_open() -> None:
    node = found(explained(uneven(), {**EVERY_NOTHING, "optional": UNKNOWN}), "optional")

    assert node.because == Text(
        zh="选答题，待查实：不影响得分和完整度。",
        en="Optional, not known: neither score nor completeness change.",
    )


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("unknown", "待查实：不计入平均，不按零分算", "left out of the mean, not counted as zero"),
        ("open", "未回答：不计入平均，不按零分算", "left out of the mean, not counted as zero"),
        ("m", "未答全：不计入平均", "Partly answered: left out of the mean"),
        ("na", "不适用：权重由旁边的题目分担", "Not applicable: its weight goes to the questions"),
        ("optional", "选答题，未作答：不影响得分", "Optional, left open: neither score nor"),
        ("hidden", "按企业的情况不问此题", "Not asked of this firm"),
        ("conditions", "不计分。", "Not scored."),
    ],
)
def test_a_question_without_points_tells_why(key: str, zh: str, en: str) -> None:
    half = {"m": {"rows": {"erp": "linked"}}}

    node = found(explained(uneven(), {**EVERY_NOTHING, **half}), key)

    assert (node.share, node.contribution, node.ahead) == (None, None, None)
    assert zh in node.because.zh
    assert en in node.because.en


@pytest.mark.parametrize(
    ("bank", "plain", "key", "said"),
    [
        (
            weights_as_points(),
            {"a": level(3), "b": UNKNOWN, "c": level(1)},
            "b",
            Text(
                zh="待查实：保留总分的20.0%，目前得0分。",
                en="Don't know: keeps its 20.0% of the total and earns nothing of it at present.",
            ),
        ),
        (
            a_bank(
                section(
                    "s", "A", domain("d", *(ladder(k, not_applicable=WITH_REASON) for k in "abcd"))
                ),
                scoring={"not_applicable": "zero"},
                levels=levels() | {"not_applicable_cap": 25},
            ),
            {"a": level(2), "b": level(3), "c": level(4), "d": NA},
            "d",
            Text(
                zh="不适用：保留总分的25.0%，目前得0分。",
                en="Not applicable: keeps its 25.0% of the total and earns nothing of it at "
                "present.",
            ),
        ),
    ],
)
def test_what_keeps_its_share_without_an_answer_says_so(
    bank: Bank, plain: Mapping[str, Data], key: str, said: Text
) -> None:
    node = found(explained(bank, plain), key)

    assert node.contribution == 0
    assert node.because.zh == said.zh
    assert node.because.en.endswith(said.en.partition(": ")[2])


def test_a_scored_answer_outside_the_total_says_so() -> None:
    """Half of the section does not apply, so it is not rated; its one answer has its score."""
    bank = a_bank(
        section("s", "A", domain("d", ladder("q", weight="40"),
                                 ladder("na", weight="60", not_applicable=WITH_REASON)),
                weight=10),
        section("t", "B", domain("e", ladder("x")), weight=90),
    )  # fmt: skip

    traced = explained(bank, {"q": level(3), "na": NA, "x": level(2)})

    assert found(traced, "q").because == Text(
        zh="选第3级（共5级），得60.0分；不计入总分。",
        en="Step 3 of 5: 60.0 points; not part of the total.",
    )
    assert found(traced, "d", NodeKind.DOMAIN).because.en == "Not part of the total."
    assert (
        found(traced, "s", NodeKind.SECTION).because.zh == "没有可计分的答案，权重由其他部分分担。"
    )
    assert traced.total.because.en == "Only one section is scored, with 40.0 points."


def test_sections_and_domains_tell_mean_weight_and_share() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("q")), weight=40),
        section("t", "B", domain("e", ladder("x")), weight=60),
    )
    plain = {"q": level(3), "x": level(2)}

    weighted = explained(bank, plain)
    plain_mean = explained(
        bank.model_copy(
            update={"scoring": bank.scoring.model_copy(update={"method": Method.MEAN})}
        ),
        plain,
    )

    assert found(weighted, "s", NodeKind.SECTION).because == Text(
        zh="加权平均60.0分；权重40，占总分的40.0%。",
        en="Weighted mean 60.0; weight 40, share 40.0%.",
    )
    assert found(plain_mean, "d", NodeKind.DOMAIN).because == Text(
        zh="平均60.0分；各部分权重相同，占总分的50.0%。",
        en="Mean 60.0; all parts weigh alike, share 50.0%.",
    )
    assert weighted.total.because == Text(
        zh="2个板块的贡献相加，得48.0分。",
        en="The contributions of 2 sections add up to 48.0 points.",
    )


# -------------------------------------------------------------------- what is ahead


@pytest.mark.parametrize(
    ("question", "answer", "en"),
    [
        (ladder("q"), level(0), "Next, step 1: Step 1."),
        (ladder("q"), level(4, half=True), "Next, step 5: Step 5."),
        (ladder("q"), level(5), None),
        (multiple("q"), {"options": ["a"]}, "The next level needs 40.0 points."),
        (number("q"), {"number": "0"}, "The next level needs 20.0 points."),
        (multiple("q"), {"options": ["a", "b", "c", "d"]}, None),
    ],
)
def test_a_question_tells_its_next_step(question: Data, answer: Data, en: str | None) -> None:
    ahead = found(explained(one(question), {"q": answer}), "q").ahead

    assert (None if ahead is None else ahead.en) == en


def test_the_next_step_of_a_ladder_is_said_in_its_own_words() -> None:
    ahead = found(explained(one(ladder("q")), {"q": level(2)}), "q").ahead

    assert ahead == Text(zh="下一级（第3级）：第3步。", en="Next, step 3: Step 3.")


@pytest.mark.parametrize(
    ("plain", "en"),
    [
        ({"a": level(2), "b": level(3)}, "Level 3 needs 60.0 points, 10.0 more."),
        ({"a": level(5), "b": level(5)}, None),
        ({}, None),
    ],
)
def test_a_domain_tells_what_its_next_level_needs(plain: dict[str, Data], en: str | None) -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("a"), ladder("b"))))

    ahead = found(explained(bank, plain), "d", NodeKind.DOMAIN).ahead

    assert (None if ahead is None else ahead.en) == en


def test_what_is_missing_is_never_nothing() -> None:
    """(60 + 59.9) / 2 rounds to 60.0, and level 3 needs 60."""
    nearly = number("b", bands=[{"from": 0, "score": "59.95"}, {"from": 9, "score": 100}])
    bank = a_bank(section("s", "A", domain("d", ladder("a"), nearly)))

    traced = explained(bank, {"a": level(3), "b": {"number": "1"}})

    assert found(traced, "d", NodeKind.DOMAIN).ahead == Text(
        zh="第3级需要60.0分，还差不到0.1分。", en="Level 3 needs 60.0 points, less than 0.1 more."
    )
    assert traced.total.ahead == Text(
        zh="第3级需要60.0分，还差不到0.1分。", en="Level 3 needs 60.0 points, less than 0.1 more."
    )
    assert [gate.zh for gate in traced.gates] == [
        "总分：现为60.0分，第3级需要60.0分，还差不到0.1分。"
    ]


@pytest.mark.parametrize(
    ("plain", "core", "en"),
    [
        ({"a": level(2), "b": level(2)}, [], "Level 3 needs 60.0 points, 20.0 more."),
        (
            {"a": level(5), "b": level(1)},
            ["b"],
            "Level 3 needs 60.0 points: the total is enough, other conditions are not met.",
        ),
        ({"a": level(5), "b": level(5)}, [], None),
    ],
)
def test_the_total_tells_what_the_next_level_needs(
    plain: dict[str, Data], core: list[str], en: str | None
) -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("a"), ladder("b"))),
                  levels=levels(core=core))  # fmt: skip

    traced = explained(bank, plain)

    assert (None if traced.total.ahead is None else traced.total.ahead.en) == en
    assert len(traced.gates) == len(score(bank, answers(bank, plain)).blockers)


def test_below_the_lowest_level_this_one_is_next() -> None:
    scheme = levels()
    scheme["steps"] = scheme["steps"][1:]
    bank = a_bank(section("s", "A", domain("d", ladder("q"))), levels=scheme)

    ahead = explained(bank, {"q": level(0, half=True)}).total.ahead

    assert ahead == Text(
        zh="第1级需要20.0分，还差10.0分。", en="Level 1 needs 20.0 points, 10.0 more."
    )


def test_before_any_level_the_total_tells_what_is_missing_for_one() -> None:
    bank = a_bank(section("s", "A", domain("d", ladder("q"), ladder("open"))))

    ahead = explained(bank, {"q": level(3)}).total.ahead

    assert ahead == Text(
        zh="完整度：已知答案占适用权重的50.0%，评级需要80.0%。",
        en="Completeness: known answers cover 50.0% of the applicable weight; a level needs 80.0%.",
    )


# --------------------------------------------------------------------- two languages

LATIN = re.compile("[A-Za-z]")
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
CASES = [
    (uneven(), EVERY_NOTHING),
    (uneven(scoring={"method": "mean", "not_applicable": "zero"}), EVERY_NOTHING),
    (weights_as_points(), {"a": level(3), "b": UNKNOWN, "c": NA}),
    (staged(), {"a": rows("met", "partly", "partly"), "b": rows("met", "met", "unmet")}),
    (uneven(), {}),
]


@pytest.mark.parametrize(("bank", "plain"), CASES)
def test_no_sentence_has_a_fragment_of_the_other_language(
    bank: Bank, plain: Mapping[str, Data]
) -> None:
    traced = explained(bank, plain)

    said = [text for node in nodes(traced.total) for text in (node.because, node.ahead) if text]
    said += traced.gates
    assert said
    for text in said:
        assert not LATIN.search(text.zh), text.zh
        assert not CHINESE.search(text.en), text.en


@pytest.mark.parametrize(("bank", "plain"), CASES)
def test_every_sentence_begins_and_ends_like_one(bank: Bank, plain: Mapping[str, Data]) -> None:
    for node in nodes(explained(bank, plain).total):
        for text in (node.because, node.ahead):
            if text is not None:
                assert text.zh.endswith("。")
                assert text.en.endswith(".")
                assert text.en[0].isupper() or text.en[0].isdigit()


def test_the_same_answers_give_the_same_trace() -> None:
    backwards = dict(reversed(list(EVERY_NOTHING.items())))

    assert explained(uneven(), EVERY_NOTHING) == explained(uneven(), backwards)


def test_the_key_figures_of_the_firm_are_no_part_of_it() -> None:
    figures = {
        "title": {"zh": "成效", "en": "Outcomes"},
        "summary": {"zh": "几个数据。", "en": "A few figures."},
        "questions": [two_years()],
    }
    bank = one(ladder("q"), outcomes=figures)
    given = {"q": level(2), "productivity": {"numerator": "5", "denominator": "4"}}

    assert [leaf.key for leaf in explained(bank, given).total.leaves] == ["q", "rounding"]
