"""The report says the right things, and different things to different firms."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from survey.core import wording
from survey.core.bank import Bank
from survey.core.parts import Report, Said, Standing, Typed, to_json
from survey.core.result import Blocker, BlockerKind
from survey.core.text import Text
from tests import builders as b
from tests.builders import a_report, at, ladders

ROOT = Path(__file__).parents[2]
UNKNOWN = {"unknown": True}
NOT_APPLICABLE = {"not_applicable": "没有这类业务"}


# ------------------------------------------------------------------- standing


@pytest.mark.parametrize(
    ("plain", "standing", "words"),
    [
        ({}, Standing.UNKNOWN, "与得分和等级有关的5道题目前都没有可用的答案"),
        (at(3) | {"q1": UNKNOWN}, Standing.INCOMPLETE, "暂定分"),
        (at(3, 3) | {"q2": NOT_APPLICABLE, "q3": NOT_APPLICABLE}, Standing.OVER_CAP, "上限"),
        (at(1, 1, 1, 1, 1), Standing.STARTING, "台账和明确的责任人"),
        (at(2, 2, 2, 2, 3), Standing.BUILDING, "连起来"),
        (at(3, 3, 3, 3, 4), Standing.CONNECTED, "改变决策"),
        (at(5, 5, 5, 5, 4), Standing.PROVING, "保持"),
    ],
)
def test_firms_of_different_maturity_are_told_different_things(
    plain: dict[str, Any], standing: Standing, words: str
) -> None:
    made = a_report(ladders(), plain)

    assert made.standing is standing
    assert words in made.verdict.headline[0].zh


@pytest.mark.parametrize(
    ("gates", "standing", "zh", "en"),
    [
        (
            {"breadth": 70, "core": ["q4"]},
            Standing.STARTING,
            "按得分已够第3级“等级3”，因第2级的条件（广度、核心题）尚未满足，暂列第1级。",
            "(breadth, core questions) keep the result at level 1.",
        ),
        (
            {"ceiling": 2, "ceiling_reason": {"zh": "题目太少。", "en": "Too few questions."}},
            Standing.BUILDING,
            "按得分已够第3级“等级3”，但本问卷最高评到第2级。",
            "this questionnaire gives no level above 2.",
        ),
    ],
)
def test_the_headline_follows_the_level_where_points_would_be_enough_for_more(
    gates: dict[str, Any], standing: Standing, zh: str, en: str
) -> None:
    made = a_report(ladders(levels=b.levels(**gates)), at(5, 5, 5, 1, 0))

    assert made.standing is standing
    held = made.verdict.headline[1]
    assert held.zh == zh
    assert held.en.startswith("The points would be enough for level 3, “Level 3”, but ")
    assert held.en.endswith(en)


def test_every_condition_that_can_hold_a_level_back_has_a_name() -> None:
    others = {"threshold", "completeness", "not-applicable-cap", "ceiling"}
    blockers = [Blocker(kind, 1, None, None) for kind in BlockerKind if kind not in others]

    held = wording.held_back(ladders().levels.steps[2], 0, blockers)

    assert "(breadth, core questions, evidence, scenes, constraint scenes)" in held.en


def test_a_level_is_always_called_self_declared() -> None:
    made = a_report(ladders(), at(3, 3, 3, 3, 3))

    assert made.verdict.level == Text(zh="第3级 等级3", en="Level 3: Level 3")
    assert "自评，仅供参考" in made.verdict.headline[0].zh
    assert "self-declared, indicative" in made.verdict.headline[0].en


def test_without_the_lowest_level_the_total_is_still_told() -> None:
    scheme = b.levels()
    scheme["steps"] = scheme["steps"][1:]
    made = a_report(ladders(levels=scheme), at(0, 0, 0, 0, 1))

    assert made.verdict.level_number is None
    assert "尚未满足最低一级的条件" in made.verdict.headline[0].zh
    assert made.blocks.opening.en.startswith("To reach level 1")


def test_so_few_answers_that_one_question_is_open_are_counted_in_the_singular() -> None:
    made = a_report(ladders(3), at(3, 3) | {"q2": UNKNOWN})

    assert made.verdict.headline[1].en.startswith("First settle the one question")
    assert made.unknowns.opening.zh.startswith("有1道计分题")
    assert [item.key for item in made.unknowns.items] == ["q2"]


# -------------------------------------------------------------------- picture


@pytest.mark.parametrize(
    ("plain", "sentence"),
    [
        (at(1, 5, 1, 1, 1), "各板块发展不均：“板块B”最高，为100.0分；“板块A”最低"),
        (at(3, 2, 3, 3, 3), "各板块较为均衡：“板块A”最高，为60.0分；“板块B”最低"),
        (at(3, 3, 3, 3, 3), "得分相同，均为60.0分"),
        (at(3), "只有“板块A”一个板块有评分"),
    ],
)
def test_the_picture_names_best_and_worst(plain: dict[str, Any], sentence: str) -> None:
    made = a_report(ladders(), plain)

    assert sentence in made.picture[0].zh


def test_sections_without_a_score_are_named() -> None:
    made = a_report(ladders(3), at(3, 3) | {"q2": UNKNOWN})
    two = a_report(ladders(4), at(3, 3))

    assert made.picture[-1].zh == "“板块C”没有评分，权重由其他板块分担。"
    assert (
        two.picture[-1].en
        == "Not rated, their weight being shared by the others: Section C and Section D."
    )
    assert [section.score is None for section in made.sections] == [False, False, True]


def test_nothing_rated_shows_no_picture() -> None:
    assert a_report(ladders(), {}).picture == ()


# ----------------------------------------------------------------- next level


@pytest.mark.parametrize(
    ("gates", "steps", "kinds", "words"),
    [
        ({}, (2, 2, 2, 2, 2), ["threshold"], "现为40.0分，第3级需要60.0分，还差20.0分"),
        ({"breadth": 60}, (5, 5, 2, 2, 2), ["breadth"], "40.0%的适用领域达到第3级"),
        ({"breadth_below": 100}, (5, 5, 5, 2, 1), ["breadth-below"], "达到第2级的水平"),
        ({"core": ["q4"]}, (5, 5, 5, 2, 1), ["core"], "有1道核心题低于第2级"),
        ({"core": ["q3", "q4"]}, (5, 5, 5, 1, 1), ["core"], "有2道核心题低于第2级"),
    ],
)
def test_a_blocker_is_a_sentence_with_what_is_and_what_is_needed(
    gates: dict[str, Any], steps: tuple[int, ...], kinds: list[str], words: str
) -> None:
    made = a_report(ladders(levels=b.levels(**gates)), at(*steps))

    assert [block.kind.value for block in made.blocks.items] == kinds
    assert words in made.blocks.items[0].sentence.zh


def test_a_blocked_domain_or_question_is_named_with_its_place() -> None:
    scheme = b.levels(breadth=60, core=["q4"])
    made = a_report(ladders(levels=scheme), at(5, 5, 2, 2, 1))

    breadth, core = made.blocks.items
    assert [(part.code, part.label.en, part.note.zh) for part in breadth.parts] == [
        ("C", "Domain d2", "40.0分"),
        ("D", "Domain d3", "40.0分"),
        ("E", "Domain d4", "20.0分"),
    ]
    assert [(part.key, part.note.zh) for part in core.parts] == [("q4", "现为第1级水平")]


def test_a_core_question_without_an_answer_is_told_apart() -> None:
    scheme = b.levels(core=["q4"])
    made = a_report(ladders(levels=scheme), at(4, 4, 4, 4) | {"q4": UNKNOWN})

    assert made.blocks.items[0].parts[0].note.en == "no answer yet"


def test_a_ceiling_alone_is_not_the_firms_fault() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    scheme = b.levels(ceiling=3, ceiling_reason=reason)
    made = a_report(ladders(levels=scheme), at(4, 4, 4, 4, 4))

    assert "各项条件都已满足" in made.blocks.opening.zh
    assert made.blocks.items[0].sentence.en.endswith("above 3. Too few questions.")


def test_at_the_highest_level_nothing_blocks() -> None:
    made = a_report(ladders(), at(5, 5, 5, 5, 5))

    assert made.blocks.items == ()
    assert "没有卡点" in made.blocks.opening.zh


def test_too_little_known_and_too_much_excluded_come_before_any_level() -> None:
    excluded = {"q3": NOT_APPLICABLE, "q4": NOT_APPLICABLE}
    made = a_report(ladders(), at(3) | excluded)
    one = a_report(ladders(), at(3))

    assert made.blocks.opening.zh == "评定等级之前，须先满足2个前提。"
    assert [block.sentence.zh[:3] for block in made.blocks.items] == ["完整度", "不适用"]
    assert one.blocks.opening.en.startswith("One requirement")


def test_just_under_the_completeness_needed_does_not_read_as_if_it_were_reached() -> None:
    bank = two(known="79.98", other="20.02")
    made = a_report(bank, {"known": b.level(3)})

    said = [*made.verdict.headline, *(block.sentence for block in made.blocks.items)]

    assert made.verdict.completeness == Decimal("79.9")
    assert [text.zh.count("79.9%") for text in said] == [1, 0, 1]
    assert [text.en.count("80.0%") for text in said] == [1, 0, 1]


def test_just_above_the_cap_does_not_read_as_if_it_were_kept() -> None:
    bank = two(known="79.96", other="20.04")
    made = a_report(bank, {"known": b.level(3), "other": NOT_APPLICABLE})

    said = [*made.verdict.headline, *(block.sentence for block in made.blocks.items)]

    assert made.verdict.not_applicable == Decimal("20.1")
    assert [text.zh.count("20.1%") for text in said] == [1, 1]
    assert [text.en.count("20.0%") for text in said] == [1, 1]


def test_a_breadth_that_is_missed_by_little_does_not_read_as_if_it_were_reached() -> None:
    said = wording.blocked_by_breadth(3, Decimal("66.666667"), Decimal("66.7"))

    assert "66.6%" in said.zh
    assert "66.6%" in said.en


def two(*, known: str, other: str) -> Bank:
    """A bank of two questions with these weights."""
    excusable = b.ladder("other", weight=other, not_applicable="with-reason")
    domain = b.domain("d", b.ladder("known", weight=known), excusable)
    return b.a_bank(b.section("s", "A", domain))


def test_the_method_tells_what_dont_know_means_where_a_question_may_be_left_open() -> None:
    small = {"question": "size-class", "in": ["micro"]}
    optional = b.a_bank(b.section("s", "A", b.domain("d", b.ladder("q", optional_when=small))))

    assert a_report(optional, {}).method == (*optional.method, wording.OPTIONAL_RULE)
    assert a_report(ladders(), {}).method == ladders().method


# ---------------------------------------------------------- strengths and gaps


@pytest.mark.parametrize(
    ("steps", "strengths", "gaps"),
    [
        ((5, 4, 3, 1, 0), ["q0", "q1", "q2"], ["q4", "q3"]),
        ((2, 2, 1, 1, 0), ["q0", "q1"], ["q4", "q2", "q3"]),
        ((1, 1, 0, 0, 0), [], ["q2", "q3", "q4"]),
        ((5, 5, 5, 5, 4), ["q0", "q1", "q2"], ["q4"]),
        ((5, 5, 5, 5, 5), ["q0", "q1", "q2"], []),
    ],
)
def test_strengths_and_gaps_never_name_the_same_question(
    steps: tuple[int, ...], strengths: list[str], gaps: list[str]
) -> None:
    made = a_report(ladders(), at(*steps))

    assert [finding.key for finding in made.strengths.items] == strengths
    assert [finding.key for finding in made.gaps.items] == gaps


def test_a_finding_quotes_the_answer_and_what_it_is_worth() -> None:
    made = a_report(ladders(), at(5, 3, 3, 3, 1))

    best, worst = made.strengths.items[0], made.gaps.items[0]
    assert best.said.text == Text(zh="第5步", en="Step 5")
    assert best.comment.zh == "为总分贡献20.0分。"
    assert worst.comment.en == "At its best it would add 16.0 points to the total."


def test_without_answers_nothing_is_compared() -> None:
    made = a_report(ladders(), {})

    assert made.strengths.items == made.gaps.items == ()
    assert "无从比较" in made.strengths.opening.zh


# -------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("key", "plain", "zh", "en"),
    [
        ("planning", b.level(3), "第3步", "Step 3"),
        (
            "planning",
            b.level(3, half=True),
            "第3步；下一级已部分做到",
            "Step 3; the next step is partly in place",
        ),
        ("planning", UNKNOWN, "不清楚，待查实", "Not known yet"),
        ("security", {"options": ["a", "b"]}, "措施a；措施b", "Measure a; Measure b"),
        ("years", {"number": "5"}, "5年", "5 years"),
        (
            "share",
            {"numerator": "12345.50", "denominator": "20000"},
            "61.7%（联网设备数：12,345.5台；设备总数：20,000台）",
            "61.7% (Networked machines: 12,345.5 machines; All machines: 20,000 machines)",
        ),
    ],
)
def test_an_answer_is_told_in_the_questions_own_words(
    key: str, plain: dict[str, Any], zh: str, en: str
) -> None:
    made = a_report(b.a_bank(), {key: plain})

    assert said(made, key).text == Text(zh=zh, en=en)


def test_what_a_firm_typed_stays_as_typed() -> None:
    made = a_report(b.a_bank(), {"product": {"text": "<b>valves</b>"}, "planning": NOT_APPLICABLE})

    assert said(made, "product").typed == "<b>valves</b>"
    assert said(made, "planning").typed == "没有这类业务"
    assert said(made, "planning").text == Text(zh="不适用，理由是", en="Not applicable, because")


def test_every_row_is_told_and_so_is_a_missing_one() -> None:
    plain = {"systems": {"rows": {"erp": "linked"}}, "conditions": {"statements": {"permit": "no"}}}
    made = a_report(b.a_bank(), plain)

    rows = [(row.label.zh, row.state.zh) for row in said(made, "systems").rows]
    lines = [(row.label.en, row.state.en) for row in said(made, "conditions").rows]
    assert rows == [("ERP", "互通"), ("MES", "未回答")]
    assert lines == [
        ("The firm is registered", "Not answered"),
        ("There is a discharge permit", "No"),
    ]


def test_what_is_unanswered_is_told_and_a_half_answered_matrix_as_well() -> None:
    made = a_report(b.a_bank(), {"systems": {"rows": {"erp": "linked"}}})

    states = {item.key: item.state.en for item in made.unknowns.items}
    assert said(made, "planning").text == Text(zh="未回答", en="Not answered")
    assert states["systems"] == "Partly answered"
    assert states["planning"] == "Not answered"


def test_a_hidden_question_is_not_among_the_answers() -> None:
    hidden = b.ladder("only-process", when={"question": "production-type", "in": ["process"]})
    bank = b.a_bank(b.section("one", "A", b.domain("d", b.ladder("q0"), hidden)))
    made = a_report(bank, {"production-type": {"option": "discrete"}, "q0": b.level(2)})

    assert [entry.key for entry in made.answers[0].entries] == ["q0"]
    assert [row.state.en for row in made.trace.sections[0].rows] == ["Scored", "Not asked"]


def test_the_profile_lists_what_the_firm_told() -> None:
    made = a_report(b.a_bank(), {"size-class": {"option": "small"}})

    assert [(fact.key, fact.said.text) for fact in made.profile] == [
        ("size-class", Text(zh="选项small", en="small"))
    ]


@pytest.mark.parametrize(
    ("typed", "lang"),
    [("示例公司", "zh-CN"), ("Ace Valves Ltd", "en"), ("A股份", "zh-CN"), ("𠮷野", "zh-CN")],
)
def test_typed_words_know_their_language(typed: str, lang: str) -> None:
    assert Typed(typed).html_lang == lang


def said(made: Report, key: str) -> Said:
    entries = [entry for group in made.answers for entry in group.entries]
    return next(entry.said for entry in entries if entry.key == key)


# -------------------------------------------------------------- preconditions


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ({"registered": "yes", "permit": "no"}, "1项已满足，1项未满足。未满足的"),
        ({"registered": "yes", "permit": "unknown"}, "1项已满足，1项待查实。没有"),
        ({"registered": "not-applicable", "permit": "no"}, "1项未满足，1项不适用。未满足的"),
        ({"registered": "yes", "permit": "not-applicable"}, "适用的1项均已满足"),
        ({"registered": "yes"}, "1项已满足，1项待查实"),
    ],
)
def test_preconditions_are_counted_by_state(statements: dict[str, str], words: str) -> None:
    made = a_report(b.a_bank(), {"conditions": {"statements": statements}})

    assert made.preconditions[0].counted.zh.startswith(words)


def test_unanswered_preconditions_are_to_be_checked() -> None:
    made = a_report(b.a_bank(), {})

    assert [line.said.en for line in made.preconditions[0].lines] == ["To be checked"] * 2


# ------------------------------------------------------------------ road map


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({}, "没有已知的答案，就没有可靠的建议"),
        (at(3), "先查实未知的数据"),
        (at(1, 1, 1, 1, 1), "先做第一阶段"),
        (at(2, 2, 2, 2, 2), "先破除卡点"),
        (at(3, 3, 3, 3, 3), "先破除卡点"),
        (at(5, 5, 5, 5, 4), "还有1个步骤可以做"),
        (at(5, 5, 5, 5, 5), "已知的题目都已到最高一级"),
    ],
)
def test_the_plan_opens_by_what_the_firm_needs(plain: dict[str, Any], words: str) -> None:
    made = a_report(ladders(), plain)

    assert made.roadmap.opening.zh.startswith(words) or words in made.roadmap.opening.zh


def test_a_step_tells_what_why_who_when_and_how_one_sees_it_is_done() -> None:
    made = a_report(ladders(), at(2, 3, 3, 3, 3))

    step = next(step for step in made.roadmap.first if step.key == "q0")
    assert step.what.en == "Reach step 3 first."
    assert step.proof.zh == "有第3步的记录。"
    assert (step.owner.en, step.effort.en, step.horizon.en) == (
        "Manager",
        "Medium",
        "Within 90 days",
    )
    assert step.climbs.zh == "第2级 → 第3级"
    assert step.said.text == Text(zh="第2步", en="Step 2")


def test_three_phases_are_shown_even_if_one_is_empty() -> None:
    made = a_report(ladders(), at(2, 2, 2, 2, 2))

    assert [phase.number for phase in made.roadmap.phases] == [1, 2, 3]
    assert [len(phase.steps) for phase in made.roadmap.phases] == [0, 5, 0]
    assert made.roadmap.phases[0].empty.zh.startswith("本阶段没有步骤")


def test_without_steps_there_are_no_phases() -> None:
    assert a_report(ladders(), at(5, 5, 5, 5, 5)).roadmap.phases == ()


def test_a_firm_near_the_top_is_told_which_proof_to_keep() -> None:
    proof = {"zh": "看台账。", "en": "See the ledger."}
    bank = b.a_bank(
        b.section("one", "A", b.domain("d0", b.ladder("q0", evidence=proof), b.ladder("q1")))
    )

    near = a_report(bank, at(5, 5))
    far = a_report(bank, at(5, 1))

    assert [(item.key, item.proof.zh) for item in near.roadmap.keep] == [("q0", "看台账。")]
    assert far.roadmap.keep == ()


# --------------------------------------------------------------------- trace


def test_every_column_of_the_trace_adds_up_to_the_last_digit() -> None:
    sixths = ("16.6667", "33.3333", "50")
    sections = [
        b.section(
            f"s{i}",
            "ABC"[i],
            b.domain(f"d{i}", *(b.ladder(f"q{i}-{j}", weight=sixths[j]) for j in range(3))),
            weight=(33, 33, 34)[i],
        )
        for i in range(3)
    ]
    bank = b.a_bank(*sections)
    plain = {f"q{i}-{j}": b.level((i + j) % 6) for i in range(3) for j in range(3)}

    trace = a_report(bank, plain).trace

    assert trace.total is not None
    for column in ("share", "contribution"):
        for section in trace.sections:
            assert sum(getattr(row, column) for row in section.rows) == getattr(section, column)
    assert sum(section.contribution or 0 for section in trace.sections) == trace.total
    assert sum(section.share or 0 for section in trace.sections) == trace.share == Decimal(100)


def test_a_question_that_did_not_count_has_no_share() -> None:
    made = a_report(ladders(), at(3, 3, 3, 3) | {"q4": UNKNOWN})

    row = made.trace.sections[4].rows[0]
    assert (row.share, row.contribution, row.state.zh) == (None, None, "待查实")
    assert made.trace.sections[4].share is None


def test_without_a_total_there_are_no_contributions() -> None:
    trace = a_report(ladders(), {}).trace

    assert trace.total is None
    assert trace.summary.zh == "没有总分，因此不列占比和贡献。"
    assert all(section.contribution is None for section in trace.sections)


def test_a_question_alone_in_its_domain_is_named_by_it() -> None:
    bank = b.a_bank(
        b.section("one", "A", b.domain("alone", b.ladder("q0")), weight=50),
        b.section(
            "two", "B", b.domain("pair", b.ladder("q1", code="B1"), b.ladder("q2")), weight=50
        ),
    )

    rows = [row for section in a_report(bank, at(1, 2, 3)).trace.sections for row in section.rows]

    assert [(row.code, row.label.en) for row in rows] == [
        ("A", "Domain alone"),
        ("B1", "What about q1?"),
        ("B", "What about q2?"),
    ]


# ---------------------------------------------------------- published rules


@pytest.mark.parametrize("method", ["mean", "points"])
def test_a_bank_of_another_method_tells_the_result_without_a_story_of_ours(method: str) -> None:
    bank = b.a_bank(
        b.section("s", "A", b.domain("d", b.ladder("q0", weight="100"), weight="100")),
        scoring={"method": method},
    )

    made = a_report(bank, at(2))

    assert made.verdict.headline == (
        Text(
            zh="自评总分40.0分，处于第2级“等级2”（自评，仅供参考）。",
            en="The self-assessment gives 40.0 points and level 2, “Level 2” (self-declared, "
            "indicative).",
        ),
    )


# --------------------------------------------------------------- sections, evidence


def test_a_section_of_weight_0_is_left_out_of_the_picture() -> None:
    bank = b.a_bank(
        b.section("s0", "A", b.domain("d0", b.ladder("q0")), weight=100),
        b.section("s1", "B", b.domain("d1", b.ladder("q1")), weight=0),
    )

    made = a_report(bank, at(3, 5))

    assert [section.key for section in made.sections] == ["s0"]
    assert made.picture[0].en == "Only one section is rated: Section A, at 60.0."
    assert [group.key for group in made.answers] == ["s0", "s1"]


def test_a_domain_shows_the_lowest_evidence_behind_its_answers() -> None:
    bank = b.a_bank(
        b.section(
            "s",
            "A",
            b.domain("both", b.ladder("q0"), b.ladder("q1")),
            b.domain("proven", b.ladder("q2")),
            b.domain("open", b.ladder("q3")),
            b.domain("facts", b.yes_no()),
        )
    )
    paper = {"evidence": {"grade": "document", "note": "导出的工单"}}
    audit = {"evidence": {"grade": "third-party", "note": "认证证书"}}

    [section] = a_report(
        bank, {"q0": b.level(3) | paper, "q1": b.level(3), "q2": b.level(4) | audit}
    ).sections

    assert [(each.key, each.evidence and each.evidence.en) for each in section.domains] == [
        ("both", "Statement only"),
        ("proven", "Third-party proof"),
        ("open", None),
    ]


# ------------------------------------------------------------------- key figures


def figures(*questions: dict[str, Any]) -> dict[str, Any]:
    page = b.a_profile(*questions)
    return page | {"title": {"zh": "成效指标", "en": "Key figures"}}


@pytest.mark.parametrize(
    ("better", "last", "moved"),
    [
        ("higher", "54", "for the better"),
        ("higher", "42", "for the worse"),
        ("lower", "54", "for the worse"),
        ("lower", "42", "for the better"),
        ("higher", "48", None),
        (None, "54", None),
    ],
)
def test_a_key_figure_tells_whether_it_moved_the_right_way(
    better: str | None, last: str, moved: str | None
) -> None:
    bank = ladders(outcomes=figures(b.two_years(better=better)))

    [figure] = a_report(
        bank, at(3) | {"productivity": {"numerator": last, "denominator": "48"}}
    ).outcomes

    assert (None if figure.moved is None else figure.moved.en) == moved
    assert figure.said.text is not None
    assert f"Last year: {last}" in figure.said.text.en


def test_only_the_key_figures_that_were_given_and_apply_are_listed() -> None:
    when = {"question": "size-class", "in": ["large"]}
    asked = [
        b.two_years("first"),
        b.two_years("unknown"),
        b.two_years("open"),
        b.two_years("hidden", when=when),
        b.number("people", bands=[], weight="1", advice=[]),
    ]
    given = {key: {"numerator": "5", "denominator": "4"} for key in ("first", "hidden")}
    bank = ladders(outcomes=figures(*asked))

    made = a_report(
        bank,
        at(3) | given | {"unknown": UNKNOWN, "people": {"number": "20"},
                         "size-class": {"option": "small"}},
    )  # fmt: skip

    assert [(figure.key, figure.moved and figure.moved.zh) for figure in made.outcomes] == [
        ("first", "向好"),
        ("people", None),
    ]
    assert made.outcomes[1].said.text == Text(zh="20年", en="20 years")


def test_a_bank_without_key_figures_lists_none() -> None:
    assert a_report(ladders(), at(3)).outcomes == ()


# ------------------------------------------------------------- remedies in the plan


def test_the_remedy_of_a_statement_is_a_step_with_this_statement_behind_it() -> None:
    remedy = {key: value for key, value in b.advice(horizon=30)[0].items() if key != "to"}
    block = b.yes_no(code="A9")
    block["statements"][1]["remedy"] = remedy
    bank = b.a_bank(b.section("s", "A", b.domain("law", block), b.domain("d", b.ladder("q0"))))
    states = {"statements": {"registered": "no", "permit": "no"}}

    made = a_report(bank, at(3) | {"conditions": states})

    step, other = made.roadmap.first
    assert (step.key, step.code, step.title.en) == ("conditions.permit", "A9", "Domain law")
    assert step.climbs == Text(zh="未满足 → 满足", en="Not met → met")
    assert [(row.label.en, row.state.en) for row in step.said.rows] == [
        ("There is a discharge permit", "No")
    ]
    assert (step.urgent, step.unblocks, other.urgent) == (True, False, False)
    assert [each.key for each in made.roadmap.phases[0].steps] == ["conditions.permit"]
    assert other.said.text == Text(zh="第3步", en="Step 3")


# ------------------------------------------------------------- the fewest changes


def test_a_block_names_the_fewest_changes_that_would_remove_it() -> None:
    bank = ladders(levels=b.levels(breadth=60))

    threshold, breadth = a_report(bank, at(3, 2, 2, 2, 2)).blocks.items

    assert threshold.fewest == Text(
        zh="最少要改动2题：", en="At least 2 answers would have to change:"
    )
    assert [(part.key, part.label.en, part.note.en) for part in threshold.changes] == [
        ("q1", "Domain d1", "raise to 100.0 points (level 5)"),
        ("q2", "Domain d2", "raise to 60.0 points (level 3)"),
    ]
    assert breadth.fewest == Text(
        zh="最少要改动2题：", en="At least 2 answers would have to change:"
    )
    assert {part.note.zh for part in breadth.changes} == {"提高到60.0分（第3级水平）"}


@pytest.mark.parametrize(
    ("gates", "plain", "note"),
    [
        (
            {"breadth": 100},
            at(4, 4, 4, 4) | {"q4": UNKNOWN},
            Text(
                zh="查实后作答，须达到20.0分",
                en="find out and answer; 20.0 points are needed",
            ),
        ),
        (
            {"core": ["q4"]},  # any answer is enough for the first level
            at(4, 4, 4, 4) | {"q4": UNKNOWN},
            Text(zh="补上答案", en="give an answer"),
        ),
        (
            {},
            at(4, 4, 4) | {"q3": UNKNOWN, "q4": UNKNOWN},
            Text(zh="补上答案", en="give an answer"),
        ),
        (
            {"evidence": {"from_level": 4, "grade": 2}},
            at(4, 4, 4, 4, 4),
            Text(zh="写明支持答案的文件", en="name the document that supports it"),
        ),
    ],
)
def test_a_change_says_what_is_to_be_done(
    gates: dict[str, Any], plain: dict[str, Any], note: Text
) -> None:
    made = a_report(ladders(levels=b.levels(**gates)), plain)

    [block] = made.blocks.items
    assert {part.note for part in block.changes} == {note}
    assert block.fewest is not None


def test_a_stage_is_removed_by_meeting_its_requirements() -> None:
    bank = b.a_bank(
        b.section("s", "A", b.domain("d", b.requirements("q0"))),
        scoring={"method": "staged"},
        levels=b.staged_levels(),
    )
    unmet = {"rows": dict.fromkeys(("list", "plan", "model"), "unmet")}

    made = a_report(bank, {"q0": unmet})

    [block] = made.blocks.items
    assert block.fewest == Text(zh="最少只要改动1题：", en="One answer would be enough:")
    assert [part.note for part in block.changes] == [
        Text(zh="满足第1级的全部要求", en="meet every requirement of level 1")
    ]


def test_against_a_ceiling_no_change_is_named() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    made = a_report(ladders(levels=b.levels(ceiling=3, ceiling_reason=reason)), at(4, 4, 4, 4, 4))

    [block] = made.blocks.items
    assert (block.fewest, block.changes) == (None, ())


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (1, "有1道阶梯题的证据低于“有文件”", "one ladder answer has less than “document named”"),
        (2, "有2道阶梯题的证据低于“有文件”", "2 ladder answers have less than “document named”"),
    ],
)
def test_missing_evidence_is_a_sentence(count: int, zh: str, en: str) -> None:
    gates = b.levels(evidence={"from_level": 4, "grade": 2})
    proof = {"evidence": {"grade": "document", "note": "导出的工单"}}
    plain = {f"q{n}": b.level(4) | ({} if n < count else proof) for n in range(5)}

    [block] = a_report(ladders(levels=gates), plain).blocks.items

    assert zh in block.sentence.zh
    assert en in block.sentence.en


def test_missing_scenes_are_sentences() -> None:
    scenes = {
        "scenes": ["q0", "q1", "q2"],
        "mandatory": ["q0"],
        "steps": [{"level": 3, "scenes": 2, "mandatory": 1}],
    }

    questions = [b.ladder(f"q{n}", half_steps=False) for n in range(5)]
    bank = b.a_bank(b.section("s", "A", b.domain("d", *questions)), levels=b.levels(scenes=scenes))

    made = a_report(bank, at(2, 2, 3, 5, 5))

    assert [block.sentence for block in made.blocks.items] == [
        Text(
            zh="场景：达到第3级的场景有1个，需要2个。",
            en="Scenes: 1 are at level 3; 2 are needed.",
        ),
        Text(
            zh="约束性场景：达到第3级的有0个，需要1个。",
            en="Constraint scenes: 0 are at level 3; 1 are needed.",
        ),
    ]


# --------------------------------------------------------------------- whole


def test_the_same_facts_give_the_same_report() -> None:
    first, second = (a_report(b.a_bank(), b.FULL_ANSWERS) for _ in range(2))

    assert first == second
    assert json.dumps(to_json(first)) == json.dumps(to_json(second))


SAID = """
import json
from tests import builders as b
from survey.core.parts import to_json

measures = [{"question": "security", "in": [name]} for name in ("a", "b", "c", "d")]
years = {"question": "years", "at_least": 3}
bank = b.a_bank(
    sources=[{"key": "norm", "title": {"zh": "标准", "en": "Norm"}, "edition": "2025"}],
    eligibility=[b.eligibility(b.rule_condition(holds={"any": [*measures, years]}))],
)
before = b.last_round(bank, b.FULL_ANSWERS | {"planning": {"option": "level-1"}})
made = b.a_report(bank, b.FULL_ANSWERS, previous=before, targets={"second": 3, "first": 4})
print(json.dumps(to_json(made)))
"""


def test_the_same_facts_give_the_same_report_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SAID],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
    assert len(said.pop()) > 10_000


def test_a_report_as_json_keeps_typed_words_dates_and_numbers() -> None:
    plain = to_json(a_report(b.a_bank(), b.FULL_ANSWERS, firm="Ace"))

    assert plain["firm"] == {"typed": "Ace", "lang": "en"}
    assert plain["issued_on"] == "2026-11-23"
    assert plain["verdict"]["total"].count(".") == 1


def test_glossary_and_sources_are_carried_over() -> None:
    words = {"zh": "词", "en": "word"}
    bank = b.a_bank(
        glossary=[{"key": "word", "term": words, "meaning": words}],
        sources=[{"key": "book", "title": words, "edition": "2024"}],
    )

    made = a_report(bank, {})

    assert [term.key for term in made.glossary] == ["word"]
    assert [(line.edition, line.note) for line in made.sources] == [("2024", None)]
