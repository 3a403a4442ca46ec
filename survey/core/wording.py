"""The sentences of the report: each is composed whole, once per language, from facts.

Nothing here decides what is said; `survey.core.report` does. No sentence is glued from halves,
because word order differs between the languages.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from survey.core.bank import Bank, Effort, EvidenceGrade, Level, Method
from survey.core.figures import (
    amount,
    apart,
    as_seen,
    beyond,
    lacking,
    listed,
    one_decimal,
    short_of,
)
from survey.core.result import Blocker, BlockerKind, Treatment
from survey.core.text import Text, same
from survey.core.unblock import Act

DONT_KNOW = Text(zh="不清楚，待查实", en="Not known yet")
NOT_ANSWERED = Text(zh="未回答", en="Not answered")
PARTLY_ANSWERED = Text(zh="未答全", en="Partly answered")
DOES_NOT_APPLY = Text(zh="不适用，理由是", en="Not applicable, because")
NO_TOTAL = Text(zh="未给出", en="Not given")
NO_LEVEL = Text(zh="暂不评级", en="No level yet")
SELF_DECLARED = Text(zh="自评，仅供参考", en="self-declared, indicative")

STAGED_PARTS = Text(
    zh="各部分的得分是单独计算的；总分按全部题目逐级累计，两者不必相等。",
    en="The scores of the parts stand by themselves; the total climbs level by level over all "
    "questions, so the two need not agree.",
)

STATES: Mapping[str, Text] = {
    "yes": Text(zh="是", en="Yes"),
    "no": Text(zh="否", en="No"),
    "unknown": Text(zh="不清楚", en="Don't know"),
    "not-applicable": Text(zh="不适用", en="Not applicable"),
}

EFFORTS: Mapping[Effort, Text] = {
    Effort.S: Text(zh="小", en="Small"),
    Effort.M: Text(zh="中", en="Medium"),
    Effort.L: Text(zh="大", en="Large"),
}

HORIZONS: Mapping[int, Text] = {
    30: Text(zh="30天内", en="Within 30 days"),
    90: Text(zh="90天内", en="Within 90 days"),
    365: Text(zh="一年内", en="Within a year"),
}

OPTIONAL_UNKNOWN = Text(zh="选答题，待查实", en="Optional, not known")
TREATMENTS: Mapping[Treatment, Text] = {
    Treatment.SCORED: Text(zh="计分", en="Scored"),
    Treatment.UNKNOWN: Text(zh="待查实", en="Not known"),
    Treatment.UNANSWERED: NOT_ANSWERED,
    Treatment.OPTIONAL: Text(zh="选答题，未作答", en="Optional, left open"),
    Treatment.NOT_APPLICABLE: Text(zh="不适用", en="Not applicable"),
    Treatment.HIDDEN: Text(zh="未涉及", en="Not asked"),
    Treatment.UNSCORED: Text(zh="不计分", en="Not scored"),
}


# ------------------------------------------------------------------- answers


def with_half_step(label: Text) -> Text:
    return Text(
        zh=f"{label.zh}；下一级已部分做到",
        en=f"{label.en}; the next step is partly in place",
    )


CALENDAR_YEAR = "year"
TEN_THOUSANDS = "10k "
_LARGE = (
    (Decimal(10**12), "trillion"),
    (Decimal(10**9), "billion"),
    (Decimal(10**6), "million"),
)


_ONE = {
    **{f"{name}s": name for name in ("year", "month", "week", "day", "hour", "minute", "time")},
    **{f"{name}s": name for name in ("machine", "unit", "piece", "item", "step", "right")},
    **{f"{name}s": name for name in ("tonne", "kilogram", "metre", "parameter", "patent", "line")},
    "people": "person",
}
"""Words of units that are counted in English, and what one of them is called."""


def with_unit(number: Decimal, unit: Text) -> Text:
    """A number and its unit: no space in Chinese, one in English except before %.

    Chinese counts money by the ten thousand; English says the whole sum. A calendar year, whose
    unit is the singular, needs no unit in English.
    """
    chinese = f"{amount(number)}{unit.zh}"
    if unit.en == CALENDAR_YEAR:
        return Text(zh=chinese, en=amount(number))
    if unit.en.startswith(TEN_THOUSANDS):
        whole = _in_english(number * 10_000)
        return Text(zh=chinese, en=f"{whole} {unit.en.removeprefix(TEN_THOUSANDS)}")
    gap = "" if unit.en.startswith("%") else " "
    english = _of_one(unit.en) if number == 1 else unit.en
    return Text(zh=chinese, en=f"{amount(number)}{gap}{english}")


def _of_one(unit: str) -> str:
    """The unit of a single one, where it is among those that are known; else as it is."""
    first, space, rest = unit.partition(" ")
    return unit if first not in _ONE or rest.startswith("or ") else f"{_ONE[first]}{space}{rest}"


def _in_english(value: Decimal) -> str:
    """A large sum as English says it: 7.78 million."""
    for size, name in _LARGE:
        if abs(value) >= size:
            return f"{amount(value / size)} {name}"
    return amount(value)


def quotient(numerator: Text, above: Text, denominator: Text, below: Text, *, value: Text) -> Text:
    """What two figures come to, and both figures, each with its unit."""
    return Text(
        zh=f"{value.zh}（{numerator.zh}：{above.zh}；{denominator.zh}：{below.zh}）",
        en=f"{value.en} ({numerator.en}: {above.en}; {denominator.en}: {below.en})",
    )


def per_cent(percent: Decimal) -> Text:
    return same(f"{one_decimal(percent)}%")


def per_hundred(percent: Decimal, unit: Text, other: Text) -> Text:
    """A quotient of two units, as so many of the one per hundred of the other; never as none."""
    seen, hundred = as_seen(percent), with_unit(Decimal(100), other)
    if percent > 0 and seen == 0:
        value = with_unit(Decimal("0.1"), unit)
        return Text(zh=f"每{hundred.zh}不到{value.zh}", en=f"less than {value.en} per {hundred.en}")
    value = with_unit(seen, unit)
    return Text(zh=f"每{hundred.zh}{value.zh}", en=f"{value.en} per {hundred.en}")


def moved_by(points_of_percent: Decimal) -> Text:
    """How a percentage moved over the year before: by percentage points, not by per cent."""
    size = amount(abs(points_of_percent))
    if points_of_percent == 0:
        return Text(zh="持平", en="unchanged")
    if points_of_percent > 0:
        return Text(zh=f"上升{size}个百分点", en=f"up {size} percentage points")
    return Text(zh=f"下降{size}个百分点", en=f"down {size} percentage points")


def changed(percent: Decimal) -> Text:
    """How one year stands to the year before, which is the 100 per cent."""
    size = one_decimal(abs(percent - 100))
    if percent == 100:
        return Text(zh="持平", en="unchanged")
    if size == "0.0" and percent > 100:
        return Text(zh="上升不到0.1%", en="up by less than 0.1%")
    if size == "0.0":
        return Text(zh="下降不到0.1%", en="down by less than 0.1%")
    if percent > 100:
        return Text(zh=f"上升{size}%", en=f"up {size}%")
    return Text(zh=f"下降{size}%", en=f"down {size}%")


MOVED: Mapping[bool, Text] = {
    True: Text(zh="向好", en="for the better"),
    False: Text(zh="变差", en="for the worse"),
}


def measured(value: Decimal, base: Decimal, lead: Decimal, unit: Text) -> Text:
    """A figure with the two values that it is measured by."""
    at, low, high = with_unit(value, unit), with_unit(base, unit), with_unit(lead, unit)
    return Text(
        zh=f"{at.zh}（基准值：{low.zh}；引领值：{high.zh}）",
        en=f"{at.en} (base value: {low.en}; leading value: {high.en})",
    )


# -------------------------------------------------------------------- levels


def level_name(step: Level) -> Text:
    """A level inside a sentence."""
    return Text(
        zh=f"第{step.number}级“{step.title.zh}”",
        en=f"level {step.number}, “{step.title.en}”",
    )


def level_reached(step: Level) -> Text:
    """A level standing alone."""
    return Text(zh=f"第{step.number}级 {step.title.zh}", en=f"Level {step.number}: {step.title.en}")


def section_level(level: int, *, unverified: bool, capped: bool) -> Text:
    """The level of a section; one cut by its evidence or by the bank's ceiling says so."""
    if unverified:
        return Text(zh=f"第{level}级（未核实）", en=f"Level {level}, unverified")
    if capped:
        return Text(zh=f"第{level}级（封顶）", en=f"Level {level}, capped")
    return Text(zh=f"第{level}级", en=f"Level {level}")


def points(score: Decimal) -> Text:
    number = one_decimal(score)
    return Text(zh=f"{number}分", en=f"{number} points")


# ------------------------------------------------------------------ headlines


def nothing_known(questions: int) -> Text:
    return Text(
        zh=f"与得分和等级有关的{questions}道题目前都没有可用的答案，因此不给出总分和等级。这不等于零分，"
        "而是说明家底还不清楚：第一步是把基本情况查实，而不是上项目。",
        en=f"None of the {questions} questions for score and level has a usable answer yet, so "
        "there is neither a total nor a level. This is not a score of zero: it means that the "
        "basic facts are not yet known. Finding them out comes first, before any project.",
    )


def over_cap(actual: Decimal, cap: Decimal) -> Text:
    shown = one_decimal(beyond(actual, cap))
    return Text(
        zh=f"声明“不适用”的题目占权重的{shown}%，超过{one_decimal(cap)}%的上限，"
        "因此不给出总分和等级。请复核这些题目的理由。",
        en=f"Questions declared not applicable make up {shown}% of the weight, more "
        f"than the limit of {one_decimal(cap)}%, so there is neither a total nor a level. "
        "Please review the reasons given.",
    )


def provisional(total: Decimal, known: Decimal, needed: Decimal) -> Text:
    shown = one_decimal(short_of(known, needed))
    return Text(
        zh=f"已知答案只占适用权重的{shown}%，低于评级所需的{one_decimal(needed)}%。"
        f"{one_decimal(total)}分只反映已知的部分，是暂定分，不据此评级。",
        en=f"Known answers cover only {shown}% of the applicable weight; a level "
        f"needs {one_decimal(needed)}%. The {one_decimal(total)} points reflect the known part "
        "alone: they are provisional and give no level.",
    )


def find_out_first(count: int) -> Text:
    if count == 1:
        return Text(
            zh="先把“待查实的数据”一章列出的1道题查清，再重新填报。",
            en="First settle the one question listed under data to collect, then answer again.",
        )
    return Text(
        zh=f"先把“待查实的数据”一章列出的{count}道题查清，再重新填报；改进计划只针对已知的部分。",
        en=f"First settle the {count} questions listed under data to collect, then answer again; "
        "the plan covers the known part only.",
    )


def starting(total: Decimal, step: Level) -> Text:
    name = level_name(step)
    return Text(
        zh=f"自评总分{one_decimal(total)}分，处于{name.zh}（自评，仅供参考）。"
        "现阶段见效最快的不是大系统，而是记录、台账和明确的责任人。",
        en=f"The self-assessment gives {one_decimal(total)} points and {name.en} (self-declared, "
        "indicative). At this stage records, ledgers and named owners pay off sooner than large "
        "systems.",
    )


def building(total: Decimal, step: Level) -> Text:
    name = level_name(step)
    return Text(
        zh=f"自评总分{one_decimal(total)}分，处于{name.zh}（自评，仅供参考）。"
        "主要业务已有基础，下一步是把各部门的做法和数据连起来。",
        en=f"The self-assessment gives {one_decimal(total)} points and {name.en} (self-declared, "
        "indicative). The main work rests on firm ground; the next task is to connect practice "
        "and data across departments.",
    )


def connected(total: Decimal, step: Level) -> Text:
    name = level_name(step)
    return Text(
        zh=f"自评总分{one_decimal(total)}分，处于{name.zh}（自评，仅供参考）。"
        "主要数据已能跨部门使用，下一步是让数据改变决策，并留下改进前后的对比。",
        en=f"The self-assessment gives {one_decimal(total)} points and {name.en} (self-declared, "
        "indicative). The main data already serve several departments; the next task is to let "
        "them change decisions and to keep before-and-after figures.",
    )


def proving(total: Decimal, step: Level) -> Text:
    name = level_name(step)
    return Text(
        zh=f"自评总分{one_decimal(total)}分，处于{name.zh}（自评，仅供参考）。"
        "多数做法已经到位，今后的重点是保持，并用记录和数据证明。",
        en=f"The self-assessment gives {one_decimal(total)} points and {name.en} (self-declared, "
        "indicative). Most practice is in place; what matters now is to keep it up and to prove "
        "it with records and figures.",
    )


def without_level(total: Decimal) -> Text:
    return Text(
        zh=f"自评总分{one_decimal(total)}分，尚未满足最低一级的条件（自评，仅供参考）。",
        en=f"The self-assessment gives {one_decimal(total)} points; the conditions of the lowest "
        "level are not met yet (self-declared, indicative).",
    )


def reached(total: Decimal, step: Level) -> Text:
    """The result of a published rule: what its level means stands beside it."""
    name = level_name(step)
    return Text(
        zh=f"自评总分{one_decimal(total)}分，处于{name.zh}（自评，仅供参考）。",
        en=f"The self-assessment gives {one_decimal(total)} points and {name.en} (self-declared, "
        "indicative).",
    )


_NEEDED_BESIDE_POINTS: Mapping[BlockerKind, Text] = {
    BlockerKind.BREADTH: Text(zh="广度", en="breadth"),
    BlockerKind.BREADTH_BELOW: Text(zh="广度", en="breadth"),
    BlockerKind.CORE: Text(zh="核心题", en="core questions"),
    BlockerKind.EVIDENCE: Text(zh="证据", en="evidence"),
    BlockerKind.SCENES: Text(zh="场景", en="scenes"),
    BlockerKind.MANDATORY_SCENES: Text(zh="约束性场景", en="constraint scenes"),
}


def held_back(enough: Level, given: int | None, blockers: Sequence[Blocker]) -> Text:
    """Points for a higher level than the one that its conditions allow; `given` is the latter."""
    name = level_name(enough)
    ceiling = next((each for each in blockers if each.kind is BlockerKind.CEILING), None)
    if ceiling is not None:
        return Text(
            zh=f"按得分已够{name.zh}，但本问卷最高评到第{ceiling.needed}级。",
            en=f"The points would be enough for {name.en}, but this questionnaire gives no level "
            f"above {ceiling.needed}.",
        )
    conditions = dict.fromkeys(_NEEDED_BESIDE_POINTS[each.kind] for each in blockers)
    chinese = "、".join(each.zh for each in conditions)
    english = ", ".join(each.en for each in conditions)
    held = blockers[0].level
    return Text(
        zh=f"按得分已够{name.zh}，因第{held}级的条件（{chinese}）尚未满足，暂列第{given}级。",
        en=f"The points would be enough for {name.en}, but conditions of level {held} that are "
        f"not met ({english}) keep the result at level {given}.",
    )


def uneven(best: Text, best_score: Decimal, worst: Text, worst_score: Decimal) -> Text:
    gap = one_decimal(apart(best_score, worst_score))
    return Text(
        zh=f"各板块发展不均：“{best.zh}”最高，为{one_decimal(best_score)}分；“{worst.zh}”最低，"
        f"为{one_decimal(worst_score)}分，相差{gap}分。先补低的板块。",
        en=f"The sections are uneven: {best.en} is highest at {one_decimal(best_score)}, "
        f"{worst.en} lowest at {one_decimal(worst_score)}, {gap} points apart. Raise the "
        "low ones first.",
    )


def even(best: Text, best_score: Decimal, worst: Text, worst_score: Decimal) -> Text:
    return Text(
        zh=f"各板块较为均衡：“{best.zh}”最高，为{one_decimal(best_score)}分；“{worst.zh}”最低，"
        f"为{one_decimal(worst_score)}分。",
        en=f"The sections are fairly even, from {worst.en} at {one_decimal(worst_score)} to "
        f"{best.en} at {one_decimal(best_score)}.",
    )


def all_alike(score: Decimal) -> Text:
    return Text(
        zh=f"已评分的板块得分相同，均为{one_decimal(score)}分。",
        en=f"All rated sections have the same score: {one_decimal(score)}.",
    )


def only_one(section: Text, score: Decimal) -> Text:
    return Text(
        zh=f"只有“{section.zh}”一个板块有评分，为{one_decimal(score)}分。",
        en=f"Only one section is rated: {section.en}, at {one_decimal(score)}.",
    )


def not_rated(sections: Sequence[Text]) -> Text:
    names = listed(sections)
    owner = "its" if len(sections) == 1 else "their"
    return Text(
        zh=f"{names.zh}没有评分，权重由其他板块分担。",
        en=f"Not rated, {owner} weight being shared by the others: {names.en}.",
    )


# ---------------------------------------------------------------- next level


def conditions_missing(step: Level, count: int) -> Text:
    name = level_name(step)
    if count == 1:
        return Text(
            zh=f"要达到{name.zh}，还差1个条件。",
            en=f"To reach {name.en}, one condition must still be met.",
        )
    return Text(
        zh=f"要达到{name.zh}，还差{count}个条件。",
        en=f"To reach {name.en}, {count} conditions must still be met.",
    )


def before_any_level(count: int) -> Text:
    if count == 1:
        return Text(
            zh="评定等级之前，须先满足1个前提。",
            en="One requirement must be met before any level can be given.",
        )
    return Text(
        zh=f"评定等级之前，须先满足{count}个前提。",
        en=f"Before any level can be given, {count} requirements must be met.",
    )


HIGHEST_LEVEL = Text(
    zh="已满足最高一级的全部条件（自评，仅供参考），没有卡点。",
    en="Every condition of the highest level is met (self-declared, indicative); nothing blocks.",
)


WITHIN_REACH = Text(
    zh="在本问卷可以判断的范围内，各项条件都已满足；更高的等级超出本问卷的范围。",
    en="Every condition that this questionnaire can judge is met; a higher level is beyond it.",
)


def blocked_by_total(step: Level, total: Decimal) -> Text:
    missing = lacking(step.threshold - total)
    return Text(
        zh=f"总分：现为{one_decimal(total)}分，第{step.number}级需要"
        f"{one_decimal(step.threshold)}分，还差{missing.zh}分。",
        en=f"Total: it is {one_decimal(total)}; level {step.number} needs "
        f"{one_decimal(step.threshold)}, so {missing.en} points are missing.",
    )


def blocked_by_breadth(floor: int, actual: Decimal, needed: Decimal) -> Text:
    shown = one_decimal(short_of(actual, needed))
    return Text(
        zh=f"广度：{shown}%的适用领域达到第{floor}级的水平，需要{one_decimal(needed)}%。",
        en=f"Breadth: {shown}% of the domains that apply are at level {floor} or "
        f"above; {one_decimal(needed)}% are needed.",
    )


def blocked_by_core(floor: int, count: int) -> Text:
    """At the lowest floor only a question without an answer can be behind."""
    if floor <= 0:
        return Text(
            zh=f"核心题：有{count}道核心题还没有已知的答案，须先查实。",
            en=f"Core questions without a known answer: {count}. Find these out first.",
        )
    if count == 1:
        return Text(
            zh=f"核心题：有1道核心题低于第{floor}级的水平。",
            en=f"Core questions: one is below level {floor}.",
        )
    return Text(
        zh=f"核心题：有{count}道核心题低于第{floor}级的水平。",
        en=f"Core questions: {count} are below level {floor}.",
    )


def blocked_by_completeness(actual: Decimal, needed: Decimal) -> Text:
    shown = one_decimal(short_of(actual, needed))
    return Text(
        zh=f"完整度：已知答案占适用权重的{shown}%，评级需要{one_decimal(needed)}%。",
        en=f"Completeness: known answers cover {shown}% of the applicable weight; "
        f"a level needs {one_decimal(needed)}%.",
    )


def blocked_by_not_applicable(actual: Decimal, cap: Decimal) -> Text:
    shown = one_decimal(beyond(actual, cap))
    return Text(
        zh=f"不适用：声明“不适用”的权重为{shown}%，上限为{one_decimal(cap)}%。",
        en=f"Not applicable: {shown}% of the weight is declared not applicable; "
        f"the limit is {one_decimal(cap)}%.",
    )


GRADES: Mapping[EvidenceGrade, Text] = {
    EvidenceGrade.STATEMENT: Text(zh="只有自述", en="Statement only"),
    EvidenceGrade.FIGURE: Text(zh="有数据", en="Figure given"),
    EvidenceGrade.DOCUMENT: Text(zh="有文件", en="Document named"),
    EvidenceGrade.THIRD_PARTY: Text(zh="有第三方证明", en="Third-party proof"),
}


def blocked_by_evidence(count: int, grade: EvidenceGrade) -> Text:
    needed = GRADES[grade]
    if count == 1:
        return Text(
            zh=f"证据：有1道阶梯题的证据低于“{needed.zh}”，得分尚未核实。",
            en=f"Evidence: one ladder answer has less than “{needed.en.lower()}”, so the score is "
            "unverified.",
        )
    return Text(
        zh=f"证据：有{count}道阶梯题的证据低于“{needed.zh}”，得分尚未核实。",
        en=f"Evidence: {count} ladder answers have less than “{needed.en.lower()}”, so the score "
        "is unverified.",
    )


def blocked_by_scenes(level: int, actual: int, needed: int) -> Text:
    return Text(
        zh=f"场景：达到第{level}级的场景有{actual}个，需要{needed}个。",
        en=f"Scenes: {actual} are at level {level}; {needed} are needed.",
    )


def blocked_by_mandatory_scenes(level: int, actual: int, needed: int) -> Text:
    return Text(
        zh=f"约束性场景：达到第{level}级的有{actual}个，需要{needed}个。",
        en=f"Constraint scenes: {actual} are at level {level}; {needed} are needed.",
    )


def blocked_by_ceiling(ceiling: int, reason: Text) -> Text:
    return Text(
        zh=f"上限：本问卷最高评到第{ceiling}级。{reason.zh}",
        en=f"Ceiling: this questionnaire gives no level above {ceiling}. {reason.en}",
    )


def blocked(bank: Bank, blocker: Blocker) -> Text:
    """Why a blocker holds the next level back: what is there, and what is needed."""
    actual, needed = blocker.actual or Decimal(0), blocker.needed or Decimal(0)
    level, count = blocker.level, len(blocker.keys)
    match blocker.kind:
        case BlockerKind.THRESHOLD:
            step = next(step for step in bank.levels.steps if step.number == level)
            return blocked_by_total(step, actual)
        case BlockerKind.BREADTH:
            return blocked_by_breadth(level, actual, needed)
        case BlockerKind.BREADTH_BELOW:
            return blocked_by_breadth(level - 1, actual, needed)
        case BlockerKind.CORE:
            return blocked_by_core(int(needed), count)
        case BlockerKind.COMPLETENESS:
            return blocked_by_completeness(actual, needed)
        case BlockerKind.NOT_APPLICABLE_CAP:
            return blocked_by_not_applicable(actual, needed)
        case BlockerKind.EVIDENCE:
            return blocked_by_evidence(count, EvidenceGrade(int(needed)))
        case BlockerKind.SCENES:
            return blocked_by_scenes(level, int(actual), int(needed))
        case BlockerKind.MANDATORY_SCENES:
            return blocked_by_mandatory_scenes(level, int(actual), int(needed))
        case BlockerKind.CEILING:
            reason = bank.levels.gates.ceiling_reason
            assert reason is not None  # a bank with a ceiling gives its reason
            return blocked_by_ceiling(int(needed), reason)
        case _:
            assert_never(blocker.kind)


def change(act: Act, score: Decimal | None, level: int | None) -> Text:
    """What one answer needs for a blocker to go."""
    match act:
        case Act.RAISE if level is None:
            return Text(
                zh=f"提高到{one_decimal(score or Decimal(0))}分",
                en=f"raise to {one_decimal(score or Decimal(0))} points",
            )
        case Act.RAISE:
            return Text(
                zh=f"提高到{one_decimal(score or Decimal(0))}分（第{level}级水平）",
                en=f"raise to {one_decimal(score or Decimal(0))} points (level {level})",
            )
        case Act.ANSWER if not score:
            return Text(zh="补上答案", en="give an answer")
        case Act.ANSWER:
            return Text(
                zh=f"查实后作答，须达到{one_decimal(score or Decimal(0))}分",
                en=f"find out and answer; {one_decimal(score or Decimal(0))} points are needed",
            )
        case Act.PROVE:
            return Text(zh="写明支持答案的文件", en="name the document that supports it")
        case Act.STAGE:
            return Text(
                zh=f"满足第{level}级的全部要求", en=f"meet every requirement of level {level}"
            )
        case _:
            assert_never(act)


def fewest_changes(count: int) -> Text:
    if count == 1:
        return Text(zh="最少只要改动1题：", en="One answer would be enough:")
    return Text(zh=f"最少要改动{count}题：", en=f"At least {count} answers would have to change:")


FEWEST_NOTE = Text(
    zh="“最少”指改动的题数最少，不一定最容易；每个卡点单独计算。",
    en="The number is that of the fewest answers that would have to change; they are not always "
    "the easiest. Each condition is taken by itself.",
)


def item_level(level: int | None) -> Text:
    if level is None:
        return Text(zh="尚无答案", en="no answer yet")
    return Text(zh=f"现为第{level}级水平", en=f"now at level {level}")


# ------------------------------------------------------- strengths and gaps

STRENGTHS = Text(
    zh="以下题目得分最高；得分相同的，对总分贡献大的在前。答案引自企业的填报。",
    en="These questions score highest; of equal scores, what contributes most to the total comes "
    "first. Answers are quoted as given.",
)
BEST_SO_FAR = Text(
    zh="目前还没有达到60分的题目。以下是走得最远的方面，可作为起点。",
    en="No question reaches 60 points yet. These have come furthest and can serve as a start.",
)
NO_STRENGTHS = Text(
    zh="已知的题目都不到40分，暂不列优势。",
    en="Every known question is below 40 points, so no strength is listed.",
)
GAPS = Text(
    zh="以下题目未到60分，而且对总分影响最大。答案引自企业的填报。",
    en="These questions are below 60 points and cost the total most. Answers are quoted as given.",
)
LAST_GAPS = Text(
    zh="没有低于60分的题目。以下是尚未满分、仍有余地的方面。",
    en="No question is below 60 points. These are not at the full score yet.",
)
NO_GAPS = Text(
    zh="已知的题目全部满分，没有差距可列。请核对每个答案是否都有证据支持。",
    en="Every known question has the full score, so there is no gap to list. Please check that "
    "each answer rests on evidence.",
)
NOTHING_TO_COMPARE = Text(
    zh="还没有可计分的答案，无从比较。",
    en="There is no scored answer yet, so nothing can be compared.",
)


def contributes(contribution: Decimal) -> Text:
    part = lacking(contribution)
    return Text(
        zh=f"为总分贡献{part.zh}分。",
        en=f"It contributes {part.en} points to the total.",
    )


def could_bring(lost: Decimal) -> Text:
    part = lacking(lost)
    return Text(
        zh=f"做到最好，总分还可提高{part.zh}分。",
        en=f"At its best it would add {part.en} points to the total.",
    )


# ----------------------------------------------------------------- road map


def plan_starting(count: int) -> Text:
    steps = "one step" if count == 1 else f"{count} steps"
    return Text(
        zh=f"以下{count}个步骤从企业目前的做法出发，每道题只走下一步。"
        "先做第一阶段：投入不大，但要有记录、有责任人。",
        en=f"The plan has {steps}, each starting from present practice and going one step up. "
        "Begin with phase 1: it takes little outlay, but records and named owners.",
    )


def plan_building(count: int) -> Text:
    steps = "one step" if count == 1 else f"{count} steps"
    return Text(
        zh=f"以下{count}个步骤先破除卡点，再按投入产出排列；每道题只走下一步。",
        en=f"The plan has {steps}: what blocks the next level first, then what brings most for "
        "its effort. Each goes one step up.",
    )


def plan_proving(count: int) -> Text:
    steps = "One step is" if count == 1 else f"{count} steps are"
    return Text(
        zh=f"还有{count}个步骤可以做，但更重要的是保持现有做法并留好证据，见“留证清单”。",
        en=f"{steps} left to take. Keeping up present practice and its proof matters more: see "
        "the list of proof to keep.",
    )


def plan_incomplete(count: int) -> Text:
    steps = "one step" if count == 1 else f"{count} steps"
    return Text(
        zh=f"先查实未知的数据。以下{count}个步骤只根据已知的答案给出，可以同时着手。",
        en=f"Find out first what is not known. The plan has {steps} that follow from the known "
        "answers and can be taken meanwhile.",
    )


PLAN_WITHOUT_ANSWERS = Text(
    zh="没有已知的答案，就没有可靠的建议。请先按“待查实的数据”一章逐项查实，再重新填报。",
    en="Without known answers there is no sound advice. Settle the items under data to collect "
    "one by one, then answer again.",
)
PLAN_EMPTY = Text(
    zh="已知的题目都已到最高一级，没有新的步骤。今后的工作是保持和证明，见“留证清单”。",
    en="Every known question is at its highest level, so there is no further step. What remains "
    "is to keep it up and prove it: see the list of proof to keep.",
)
PHASE_TITLES: Mapping[int, Text] = {
    1: Text(zh="第一阶段：30天内", en="Phase 1: within 30 days"),
    2: Text(zh="第二阶段：90天内", en="Phase 2: within 90 days"),
    3: Text(zh="第三阶段：一年内", en="Phase 3: within a year"),
}
PHASE_EMPTY: Mapping[int, Text] = {
    1: Text(
        zh="本阶段没有步骤：重点步骤都需要30天以上。",
        en="No step here: the steps chosen all take more than 30 days.",
    ),
    2: Text(
        zh="本阶段没有步骤：重点步骤都不在30天到90天之间。",
        en="No step here: none of the steps chosen falls between 30 and 90 days.",
    ),
    3: Text(
        zh="本阶段没有步骤：重点步骤都能在90天内完成。",
        en="No step here: the steps chosen can all be done within 90 days.",
    ),
}
LATER = Text(
    zh="以下步骤可以等前面的完成后再安排。",
    en="These steps can wait until the ones above are done.",
)
KEEP = Text(
    zh="以下题目得分高，外部检查时最先会被问到。建议把下列材料归档，每半年更新一次。",
    en="These questions score high and are the first that an outside visitor will ask about. File "
    "the proof named here and refresh it every half year.",
)


NOT_MET_TO_MET = Text(zh="未满足 → 满足", en="Not met → met")


def climbs_points(present: Decimal, to: Decimal) -> Text:
    """The same where a score has no level: in points of the question."""
    return Text(
        zh=f"{one_decimal(present)}分 → {one_decimal(to)}分",
        en=f"{one_decimal(present)} → {one_decimal(to)} points",
    )


def climbs(present: int, to: int) -> Text:
    return Text(zh=f"第{present}级 → 第{to}级", en=f"Level {present} → {to}")


# ----------------------------------------------------------------- unknowns


def to_collect_under_points(count: int) -> Text:
    """The same for banks that add up points."""
    return Text(
        zh=f"与得分和等级有关的题中，有{count}道没有已知的答案。查实之前不得分，也不算达到要求，"
        "完整度随之降低。",
        en=f"Questions for score and level without a known answer: {count}. Until they are known "
        "they earn no points, meet no requirement and lower the completeness.",
    )


def to_collect(count: int) -> Text:
    if count == 1:
        return Text(
            zh="有1道计分题没有已知的答案。它不按零分处理，但会降低完整度。",
            en="One scored question has no known answer. It is not counted as zero but lowers the "
            "completeness.",
        )
    return Text(
        zh=f"有{count}道计分题没有已知的答案。它们不按零分处理，但会降低完整度。",
        en=f"{count} scored questions have no known answer. They are not counted as zero but "
        "lower the completeness.",
    )


OPTIONAL_RULE = Text(
    zh="可以不答的题目回答“不知道”，与不答相同：不影响得分和完整度。",
    en="“Don't know” to a question that may be left open is the same as leaving it open: neither "
    "score nor completeness change.",
)
"""A rule of scoring that holds for every bank with such questions."""

NOTHING_TO_COLLECT = Text(
    zh="所有适用的计分题都有已知的答案，没有待查实的数据。",
    en="Every applicable scored question has a known answer; nothing is left to collect.",
)


# -------------------------------------------------------------------- trace


def trace_summary(total: Decimal, precise: Decimal) -> Text:
    return Text(
        zh=f"各题贡献相加，合计{precise:f}分；正文显示一位小数，即{one_decimal(total)}分。",
        en=f"The contributions add up to {precise:f}; with one decimal, as in the text, this is "
        f"{one_decimal(total)}.",
    )


TRACE_RULES: Mapping[Method, Text] = {
    Method.WEIGHTED: Text(
        zh="占比＝板块权重占比×领域权重占比×题目权重占比，没有得分的题目不参与分配；"
        "贡献＝占比×得分。“权重”一列依次为领域权重和题目权重。",
        en="Share = the section's part of all section weights, times the domain's part, times the "
        "question's part; questions without a score take no part. Contribution = share × score. "
        "The weights are those of domain and question.",
    ),
    Method.MEAN: Text(
        zh="占比按题目、领域、板块逐层平分，没有得分的题目不参与分配；贡献＝占比×得分。",
        en="Questions, domains and sections share alike at each joint; questions without a score "
        "take no part. Contribution = share × score.",
    ),
    Method.POINTS: Text(
        zh="每道题的权重就是最多可得的分数，不知道和未作答的题目暂得0分，但保留原有的分数；"
        "贡献＝占比×得分。“权重”一列依次为领域权重和题目权重。",
        en="The weight of a question is the most points that it can earn. What is unknown or open "
        "keeps its points and earns none yet. Contribution = share × score. The weights are those "
        "of domain and question.",
    ),
    Method.STAGED: Text(
        zh="各级按“占比×该级要求的满足程度”相加；满足的级别按满分计，补足的差额单独列出；"
        "第一个未满足的级别按实际得分计，更高的级别不计。“权重”一列依次为领域权重和题目权重。",
        en="For each level, share times how far its requirements are met is added up. A met level "
        "counts in full, the difference being listed apart; the first unmet level counts what it "
        "has; nothing above it counts. The weights are those of domain and question.",
    ),
}
TRACE_ROUNDING = Text(
    zh="计算使用未舍入的数值，表中保留两位小数，舍入时保证每一列相加与合计一致。",
    en="Calculations use unrounded values; the table has two decimals, rounded so that every "
    "column adds up.",
)


def trace_rule(method: Method) -> Text:
    """How the table of the trace is to be read."""
    rule = TRACE_RULES[method]
    return Text(
        zh=f"{rule.zh}{TRACE_ROUNDING.zh}",
        en=f"{rule.en} {TRACE_ROUNDING.en}",
    )


TRACE_WITHOUT_TOTAL = Text(
    zh="没有总分，因此不列占比和贡献。",
    en="There is no total, so shares and contributions are not listed.",
)


def weights_of(domain: Decimal, item: Decimal) -> Text:
    """The two weights that a question's share follows from."""
    return same(f"{domain.normalize():f} × {item.normalize():f}")
